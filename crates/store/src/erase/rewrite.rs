//! A segment written anew beside the old one: survivors under a fresh key, nothing of what is eliminated.
//!
//! Headers stay as they are, so every record keeps its number, its digest and its proofs. Each part that stays is read whole and
//! compared with the digest in its header; each key is unwrapped again before the old one is given up.

use super::records::{Closed, Stored};
use super::{EraseError, stopped};
use crate::cipher::random;
use crate::disk;
use crate::error::OpenError;
use crate::keys::{KeyId, WrappingKey};
use crate::record::{KeyringWriter, Location, PartFacts, Prefix, UnitKeys, WrappedKey, wrap_context};
use crate::scan::damaged;
use crate::sector::{SectorType, SectorWriter};
use crate::segment::SegmentHeader;
use crate::shared::Shared;
use ring::rand::SystemRandom;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a body copied at once.
const BLOCK: usize = 1024 * 1024;

/// Writes one segment anew.
pub(crate) struct Rewriter<'a> {
    shared: &'a Shared,
    old: Closed,
    eliminated: &'a HashSet<u64>,
    /// Keys that the log said, before, are destroyed: what they alone open is lost already.
    gone: &'a HashSet<KeyId>,
    rng: SystemRandom,
    key_id: KeyId,
    key: Arc<WrappingKey>,
    /// First sector not written.
    next: u64,
    /// Parts of survivors that nothing opens any more.
    pub(crate) unreadable: u64,
}

/// A part to be copied: where it stands in the old body, and what it must be.
struct Piece {
    from: u64,
    facts: PartFacts,
}

impl<'a> Rewriter<'a> {
    /// The fresh key is in the key store, durably.
    pub(crate) fn new(
        shared: &'a Shared,
        old: Closed,
        eliminated: &'a HashSet<u64>,
        gone: &'a HashSet<KeyId>,
    ) -> Result<Self, EraseError> {
        let (key_id, key) = shared.keys.create_segment_key(old.header.created)?;
        // A crash here leaves a key that no segment names: harmless.
        ledger::failpoint!("eliminate.fresh-key", stopped("eliminate.fresh-key"));
        let rng = SystemRandom::new();
        Ok(Self { shared, old, eliminated, gone, rng, key_id, key, next: 1, unreadable: 0 })
    }

    /// The new file stands beside the old one, synced; its path, and the key that it names.
    pub(crate) fn write(&mut self) -> Result<(PathBuf, KeyId), EraseError> {
        let beside = self.old.path.with_extension("new");
        let failed = || OpenError::io("write segment", &beside);
        disk::remove_if_there(&beside).map_err(failed())?;
        let mut out = disk::new_file(&beside).map_err(failed())?;
        let header = SegmentHeader { key: self.key_id, ..self.old.header.clone() };
        out.write_all(&header.write()).map_err(failed())?;
        let mut records = Vec::new();
        // Positions alone are kept: bodies are read when their turn comes.
        self.old.each(&mut |stored| {
            records.push(stored);
            Ok(())
        })?;
        for stored in records {
            self.record(&stored, &mut out, &beside)?;
        }
        out.sync_all().map_err(failed())?;
        Ok((beside, self.key_id))
    }

    fn record(&mut self, stored: &Stored, out: &mut File, beside: &Path) -> Result<(), EraseError> {
        let (keyring, pieces) = self.keyring(stored)?;
        let prefix = Prefix {
            keyring_len: u32::try_from(keyring.len()).unwrap_or(u32::MAX),
            body_len: pieces.iter().map(|piece| piece.facts.stored).sum(),
            keyring_sha256: proof::sha256(&keyring),
            ..stored.prefix.clone()
        };
        let number = stored.place.segment;
        let mut sectors = SectorWriter::new(number, self.next, SectorType::Start, BLOCK as u64);
        sectors.push(&prefix.write());
        sectors.push(&stored.header);
        sectors.push(&keyring);
        for piece in &pieces {
            self.copy(stored, piece, &mut sectors, out, beside)?;
        }
        out.write_all(&sectors.finish()).map_err(OpenError::io("write segment", beside))?;
        self.next += crate::sector::sectors_for(prefix.record_len());
        Ok(())
    }

    /// One part, block by block; what is copied is what the header says, or nothing is replaced.
    fn copy(
        &self,
        stored: &Stored,
        piece: &Piece,
        sectors: &mut SectorWriter,
        out: &mut File,
        beside: &Path,
    ) -> Result<(), EraseError> {
        let (mut digest, mut done) = (Sha256::new(), 0);
        let mut block = vec![0; BLOCK];
        while done < piece.facts.stored {
            let len = usize::try_from((piece.facts.stored - done).min(BLOCK as u64)).unwrap_or(BLOCK);
            let held = &mut block[..len];
            let from = stored.prefix.body_at().saturating_add(piece.from).saturating_add(done);
            self.old.read(stored.place.sector, from, held)?;
            digest.update(&*held);
            sectors.push(held);
            out.write_all(&sectors.drain()).map_err(OpenError::io("write segment", beside))?;
            done += len as u64;
        }
        if digest.finalize()[..] != piece.facts.sha256.0 {
            let what = format!("a part of record {} has another digest than its header says", stored.prefix.number);
            return Err(damaged(&self.old.path, stored.place.sector, what).into());
        }
        Ok(())
    }

    /// The new key table, and what of the body it names, in order.
    fn keyring(&mut self, stored: &Stored) -> Result<(Vec<u8>, Vec<Piece>), EraseError> {
        let mut out = KeyringWriter::default();
        let (mut pieces, mut offset) = (Vec::new(), 0_u64);
        for leaf in stored.leaves(&self.old.path)? {
            let eliminated = self.eliminated.contains(&leaf.index);
            let lookups: &[[u8; 32]] = if eliminated { &[] } else { &leaf.lookups };
            out.lookups(lookups).map_err(|error| self.wrong(stored, &error))?;
            for ((facts, keys), number) in leaf.units.into_iter().zip(0..) {
                if eliminated {
                    out.unit(&keys.destroyed());
                    continue;
                }
                let mut place = |location, facts: PartFacts| match location {
                    Location::Inline(from) => {
                        pieces.push(Piece { from, facts });
                        let at = offset;
                        offset = offset.saturating_add(facts.stored);
                        Location::Inline(at)
                    }
                    other => other,
                };
                let record = place(keys.record, facts.record);
                let body = keys.body.zip(facts.body).map(|(location, facts)| place(location, facts));
                let key = self.rewrap(stored, keys.key, leaf.index, number)?;
                out.unit(&UnitKeys { key, record, body });
            }
        }
        Ok((out.finish(), pieces))
    }

    /// The same secret under the fresh key, unwrapped again and compared.
    fn rewrap(
        &mut self,
        stored: &Stored,
        key: Option<WrappedKey>,
        index: u64,
        unit: u64,
    ) -> Result<Option<WrappedKey>, EraseError> {
        let Some(key) = key else { return Ok(None) };
        if self.gone.contains(&key.by) && !self.shared.keys.holds(key.by) {
            // An older segment file was put back after an elimination: what it holds beside is in the file of after it.
            self.unreadable += 1;
            return Ok(Some(key));
        }
        let record = stored.prefix.number;
        let old = self.shared.keys.segment_key(key.by)?;
        let secret = old.unwrap(&key.nonce, &wrap_context(key.by, record, index, unit), &key.bytes);
        let secret = secret.ok_or_else(|| self.wrong(stored, &format!("a key of entry {index} does not unwrap")))?;
        let context = wrap_context(self.key_id, record, index, unit);
        let wrapped = random(&self.rng).and_then(|nonce| {
            let bytes = self.key.wrap(&nonce, &context, &secret)?;
            let again = self.key.unwrap(&nonce, &context, &bytes)?;
            (*again == *secret).then_some(WrappedKey { by: self.key_id, nonce, bytes })
        });
        wrapped.map(Some).ok_or_else(|| self.wrong(stored, &format!("a key of entry {index} is not wrapped again")))
    }

    fn wrong(&self, stored: &Stored, what: &dyn std::fmt::Display) -> EraseError {
        damaged(&self.old.path, stored.place.sector, format!("record {}: {what}", stored.prefix.number)).into()
    }
}
