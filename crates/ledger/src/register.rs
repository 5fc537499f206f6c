//! A tenant's register, written line by line under one published head (docs/formats/register.md) and checked as it is written by
//! the very check that a stranger runs: a register that would not pass ends with an error before its last line.
//!
//! What is held in memory is the head, the check's own few hashes and a bounded number of tiles, however long the chain is.

use crate::paths;
use crate::prover::{self, ProverError};
use crate::sealing::{self, BatchHead, SealingError};
use crate::storage::{LeafKind, Reader, StorageError};
use crate::tiles::Tiles;
use proof::{Checkpoint, Index, Sequence, Sha256Tree, SignedNote, TenantId, TreeSize};
use std::fmt;
use watch::register::{Checker, Fault, Listing, Register, SealProof};

/// Why a register could not be written, or goes no further.
#[derive(Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// The storage failed.
    Storage(StorageError),
    /// A path could not be made.
    Prover(ProverError),
    /// The seal, its row or its record could not be made.
    Sealing(SealingError),
    /// Nothing was logged yet: there is no head.
    NoHead,
    /// An entry that the chain lists is missing, or is none.
    NoEntry(Index),
    /// What was written does not pass the check: nothing more is handed out.
    Check(Fault),
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(why) => write!(f, "{why:?}"),
            Self::Prover(why) => why.fmt(f),
            Self::Sealing(why) => why.fmt(f),
            Self::NoHead => f.write_str("nothing was logged yet"),
            Self::NoEntry(index) => write!(f, "no entry stands at index {}", index.0),
            Self::Check(fault) => write!(f, "{}: {} ({})", fault.place(), fault.why, fault.code),
        }
    }
}

impl std::error::Error for RegisterError {}

impl From<StorageError> for RegisterError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<ProverError> for RegisterError {
    fn from(error: ProverError) -> Self {
        Self::Prover(error)
    }
}

impl From<SealingError> for RegisterError {
    fn from(error: SealingError) -> Self {
        Self::Sealing(error)
    }
}

/// Makes of the record of a batch's sealed head, as first written, the one that bears every renewal since.
pub type Renew<'a> = dyn FnMut(&BatchHead, Vec<u8>) -> Result<Vec<u8>, SealingError> + 'a;

/// A register being written.
pub struct RegisterWriter<R: Reader> {
    reader: R,
    tiles: Tiles<'static>,
    tenant: TenantId,
    size: TreeSize,
    next: Sequence,
    listing: Listing,
    checker: Checker,
    /// The lines before the first entry, until they are handed out.
    header: Option<String>,
    ended: bool,
}

impl<R: Reader + Clone + 'static> RegisterWriter<R> {
    /// The register of this tenant and the last seal logged, under the head that is shown (a signed note of ours, with the
    /// cosignatures it has) where that covers the seal, else under the one now published. `held` to it, for the sake of its
    /// cosignatures, the register goes up to the last seal that it covers.
    ///
    /// # Errors
    /// [`RegisterError`]: no head, the storage failed, what it holds of the seal does not agree with itself.
    pub fn open(
        reader: R,
        tenant: TenantId,
        shown: Option<String>,
        held: bool,
        renew: &mut Renew<'_>,
    ) -> Result<Self, RegisterError> {
        let shown = shown.and_then(stated);
        let most = shown.as_ref().filter(|_| held).map(|(_, head)| head.size);
        // The seal first: whatever head is read after it covers it.
        let last = last_seal(&reader, most)?;
        let end = last.map_or(0, |(_, end)| end.0);
        let last = last.map(|(batch, _)| batch);
        let shown = shown.filter(|(_, head)| head.size.0 >= end);
        let newest = || reader.head().map(|head| head.and_then(|head| stated(head.checkpoint)));
        let (head, stated) = shown.map_or_else(newest, |head| Ok(Some(head)))?.ok_or(RegisterError::NoHead)?;
        let size = stated.size;
        let seal = last.map(|batch| seal_proof(&reader, batch, (tenant, size), renew)).transpose()?.flatten();
        let register = Register { origin: stated.origin, tenant, head, seal };
        let listing = Listing::after(&register);
        let tiles = Tiles::owning(reader.clone());
        let (next, checker) = (Sequence(1), Checker::default());
        let header = Some(register.write());
        Ok(Self { reader, tiles, tenant, size, next, listing, checker, header, ended: false })
    }

    /// The next lines, checked: at first the head, then so many entries at a time, at last the end; `None` after it.
    ///
    /// # Errors
    /// [`RegisterError`]: the storage failed, or what was written does not pass the check.
    pub fn portion(&mut self, entries: usize) -> Result<Option<String>, RegisterError> {
        if self.ended {
            return Ok(None);
        }
        let lines = match self.header.take() {
            Some(header) => header,
            None => self.entries(entries)?,
        };
        for line in lines.lines() {
            self.checker.line(line.as_bytes()).map_err(RegisterError::Check)?;
        }
        if self.ended {
            std::mem::take(&mut self.checker).finish().map_err(RegisterError::Check)?;
        }
        Ok(Some(lines))
    }

    fn entries(&mut self, limit: usize) -> Result<String, RegisterError> {
        let rows = self.reader.by_sequence(self.tenant, self.next, limit)?;
        let below: Vec<_> = rows.iter().take_while(|(_, index)| index.0 < self.size.0).collect();
        let mut lines = String::new();
        for (sequence, index) in &below {
            let row = self.reader.entry(*index)?.filter(|row| row.leaf.kind == LeafKind::Entry);
            let row = row.ok_or(RegisterError::NoEntry(*index))?;
            let read = &mut |node| self.tiles.node(node);
            let path = paths::prove_inclusion::<Sha256Tree, _>(*index, self.size, read);
            lines.push_str(&self.listing.entry(*index, path.map_err(ProverError::from)?, &row.leaf.record));
            self.next = Sequence(sequence.0 + 1);
        }
        // A page that is not full, or goes past the head, is the last.
        if below.len() < limit {
            lines.push_str(&self.listing.end());
            self.ended = true;
        }
        Ok(lines)
    }
}

/// The last logged batch whose seal leaf stands below this size, and one past that leaf.
fn last_seal<R: Reader>(reader: &R, most: Option<TreeSize>) -> Result<Option<(u64, TreeSize)>, SealingError> {
    let mut last = sealing::last_logged(reader)?;
    while let Some(batch) = last {
        let leaf =
            sealing::batch_head(reader, batch)?.and_then(|head| head.leaf).ok_or(SealingError::NoBatch(batch))?;
        let end = TreeSize(leaf.0 + 1);
        if most.is_none_or(|most| end <= most) {
            return Ok(Some((batch, end)));
        }
        last = batch.checked_sub(1);
    }
    Ok(None)
}

/// A signed note and the head it states.
fn stated(note: String) -> Option<(String, Checkpoint)> {
    let head = Checkpoint::parse(&SignedNote::parse(&note).ok()?.text).ok()?;
    Some((note, head))
}

/// The seal of this batch under the head of this size with the tenant's row; `None` when it was logged before the tenant had a slot.
fn seal_proof<R: Reader>(
    reader: &R,
    batch: u64,
    (tenant, size): (TenantId, TreeSize),
    renew: &mut Renew<'_>,
) -> Result<Option<SealProof>, RegisterError> {
    let place = match sealing::register_path(reader, batch, tenant) {
        Err(SealingError::NoSlot(_)) => return Ok(None),
        place => place?,
    };
    let sealed = sealing::batch_head(reader, batch)?.ok_or(SealingError::NoBatch(batch))?;
    let index = sealed.leaf.ok_or(SealingError::NoBatch(batch))?;
    let token = sealing::token(reader, batch)?.ok_or(SealingError::NoBatch(batch))?;
    let path = sealing::evidence_path(reader, batch, sealed.binding_position())?;
    let path: Vec<[u8; 32]> = path.iter().map(|hash| hash.0).collect();
    let binding = seal::write_evidence_record(sealed.binding().map(|hash| hash.0), &path, &token);
    let binding = renew(&sealed, binding)?;
    Ok(Some(SealProof {
        leaf: sealed.seal_leaf(),
        index,
        path: prover::inclusion(reader, index, size)?,
        row: place.row,
        slot: Index(place.slot),
        slots: TreeSize(place.slots),
        row_path: place.path,
        consistency: prover::consistency(reader, sealed.end, size)?,
        checkpoint: sealed.checkpoint,
        binding,
        token,
    }))
}
