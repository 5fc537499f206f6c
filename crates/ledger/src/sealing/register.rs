//! The register: one row per tenant slot, and the RFC 9162 root over them that a seal leaf carries.
//!
//! A row ([`RegisterRow`]) commits to how many entries a tenant has and to the last of them; its SHA-256 is the leaf data of an
//! RFC 9162 tree under SHA-256, one leaf per slot, in order of slots. The salt is fresh for every seal, so a root tells nobody
//! which tenant was active. Slot 0 is the platform; a tenant's slot stands in its row and never changes.

use super::SealingError;
use super::batch::batch_head;
use crate::paths;
use crate::spaces;
use crate::storage::{Reader, StorageError};
use proof::{Hash, Sequence, Sha256Tree, TenantId, TreeAlgorithm, TreeSize, merkle};
use std::collections::BTreeMap;
use watch::register::RegisterRow;

/// First byte of a stored snapshot.
const VERSION: u8 = 1;
/// Bytes of a row: tenant id, salt, count, last leaf hash.
const ROW_BYTES: usize = 16 + 32 + 8 + 32;

/// The register at one size of the log: a row per slot.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// In order of slots.
    pub rows: Vec<RegisterRow>,
}

impl Snapshot {
    /// RFC 9162 root over the rows.
    pub fn root(&self) -> Hash {
        merkle::root::<Sha256Tree>(&self.leaf_hashes())
    }

    fn leaf_hashes(&self) -> Vec<Hash> {
        self.rows.iter().map(RegisterRow::leaf_hash).collect()
    }

    /// As stored in space 5: version 1, then the rows.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        self.rows.iter().for_each(|row| bytes.extend(row.to_bytes()));
        bytes
    }

    /// The snapshot these bytes hold.
    ///
    /// # Errors
    /// Another version, or a length that is not a number of rows.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealingError> {
        let unreadable = || SealingError::Stored("a register snapshot cannot be read".to_owned());
        let (version, rows) = bytes.split_first().ok_or_else(unreadable)?;
        let (rows, rest) = rows.as_chunks::<ROW_BYTES>();
        if *version != VERSION || !rest.is_empty() {
            return Err(unreadable());
        }
        let rows = rows.iter().map(|row| RegisterRow::parse(row)).collect::<Option<_>>().ok_or_else(unreadable)?;
        Ok(Self { rows })
    }

    /// The row of this tenant and the path from it to the root.
    pub fn path(&self, tenant: TenantId) -> Option<RegisterPath> {
        let slot = self.rows.iter().position(|row| row.tenant == tenant)?;
        let path = paths::path_in::<Sha256Tree>(&self.leaf_hashes(), slot)?;
        Some(RegisterPath { slot: slot as u64, slots: self.rows.len() as u64, row: *self.rows.get(slot)?, path })
    }
}

/// Proof of one tenant's row in a register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisterPath {
    /// The tenant's slot: the index of its leaf.
    pub slot: u64,
    /// Slots of the register: the size of its tree.
    pub slots: u64,
    /// The row.
    pub row: RegisterRow,
    /// RFC 9162 inclusion path.
    pub path: Vec<Hash>,
}

/// The proof of a tenant's row in the register of a logged batch.
///
/// # Errors
/// [`SealingError`]: no such batch, no slot at that time, unreadable rows.
pub fn register_path<R: Reader + ?Sized>(
    reader: &R,
    batch: u64,
    tenant: TenantId,
) -> Result<RegisterPath, SealingError> {
    let head = batch_head(reader, batch)?.filter(|head| head.leaf.is_some()).ok_or(SealingError::NoBatch(batch))?;
    let bytes = reader.value(spaces::REGISTERS, &batch.to_be_bytes())?.ok_or(SealingError::NoBatch(batch))?;
    let snapshot = Snapshot::parse(&bytes)?;
    if snapshot.root() != head.register_root {
        return Err(SealingError::RootMismatch { batch });
    }
    snapshot.path(tenant).ok_or(SealingError::NoSlot(tenant))
}

/// The register as it was when the log had this size, with fresh salts.
///
/// # Errors
/// [`SealingError`]: a tenant's row without slot, two tenants in one slot, an empty slot.
pub fn snapshot<R: Reader + ?Sized>(
    reader: &R,
    end: TreeSize,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<Snapshot, SealingError> {
    let rows = slots(reader)?.into_values().map(|tenant| {
        let (count, last) = chain_at(reader, tenant, end)?;
        Ok(RegisterRow { tenant, salt: salt(), count, last })
    });
    Ok(Snapshot { rows: rows.collect::<Result<_, SealingError>>()? })
}

/// Every slot with its tenant: the platform in slot 0, no gap.
///
/// # Errors
/// [`SealingError::Stored`]: a row without slot, two tenants in one slot, an empty slot.
pub fn slots<R: Reader + ?Sized>(reader: &R) -> Result<BTreeMap<u64, TenantId>, SealingError> {
    let mut slots = BTreeMap::from([(0, TenantId::PLATFORM)]);
    for (key, value) in reader.values(spaces::TENANTS, &[])? {
        let tenant = key.try_into().map(TenantId).map_err(|_| stored("a tenant's key is not 16 bytes"))?;
        let slot = slot_of(&value).ok_or_else(|| stored("a tenant's row carries no slot"))?;
        if slots.insert(slot, tenant).is_some_and(|before| before != tenant) {
            return Err(stored("two tenants bear one slot"));
        }
    }
    if slots.keys().next_back().is_some_and(|last| *last >= slots.len() as u64) {
        return Err(stored("a slot of the register has no tenant"));
    }
    Ok(slots)
}

/// The slot that a tenant's row carries.
pub fn slot_of(row: &[u8]) -> Option<u64> {
    if row.len() > crate::limits::TENANT_ROW_BYTES {
        return None;
    }
    serde_json::from_slice::<serde_json::Value>(row).ok()?.get("slot")?.as_u64()
}

/// The slot that the next tenant must bear. The sequencer refuses any other, so two that join at once do not collide.
///
/// # Errors
/// As [`slots`].
pub fn next_slot<R: Reader + ?Sized>(reader: &R) -> Result<u64, SealingError> {
    Ok(slots(reader)?.len() as u64)
}

fn stored(why: &str) -> SealingError {
    SealingError::Stored(format!("{why}: the register cannot be drawn up"))
}

/// Count and last leaf hash of a chain when the log had this size.
fn chain_at<R: Reader + ?Sized>(reader: &R, tenant: TenantId, end: TreeSize) -> Result<(u64, Hash), StorageError> {
    let Some((mut sequence, mut index, mut last)) = reader.chain(tenant)? else {
        return Ok((0, Hash([0; 32])));
    };
    // The chain may have grown since the checkpoint: walk back to what it covers.
    while index.0 >= end.0 {
        if sequence.0 <= 1 {
            return Ok((0, Hash([0; 32])));
        }
        sequence = Sequence(sequence.0 - 1);
        let found = reader.by_sequence(tenant, sequence, 1)?;
        let before = found.first().filter(|(found, _)| *found == sequence).map(|(_, index)| *index);
        index = before.ok_or_else(|| missing(tenant, sequence))?;
        let row = reader.entry(index)?.ok_or_else(|| missing(tenant, sequence))?;
        last = Sha256Tree::leaf(&row.leaf.leaf_data);
    }
    Ok((sequence.0, last))
}

fn missing(tenant: TenantId, sequence: Sequence) -> StorageError {
    StorageError::Fatal(format!("entry {} of tenant {tenant} is missing", sequence.0))
}
