//! What is kept of a batch, and the RFC 4998 paths it gives.

use super::SealingError;
use crate::json::to_canonical;
use crate::limits::BATCH_HEAD_BYTES;
use crate::spaces;
use crate::storage::{LeafKind, NewLeaf, Put, Reader};
use proof::json::Canonical;
use proof::leaf::SealLeaf;
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{FileNumber, Hash, Hash512, Index, TreeSize, UnixMillis};
use serde_json::{Value, json};

/// The version a stored head bears.
const VERSION: u64 = 1;

/// What is kept of a batch beside its token and its register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchHead {
    /// Number of the batch, from 0.
    pub batch: u64,
    /// First leaf covered.
    pub first: Index,
    /// One past the last leaf covered: the size of the bound checkpoint.
    pub end: TreeSize,
    /// Number, among all groups ever logged, of the batch's first group.
    pub first_group: u64,
    /// Groups of entries. The binding group follows them: the tree has one more.
    pub group_count: u64,
    /// The bound checkpoint: the whole signed note, with the log's signature line only.
    pub checkpoint: String,
    /// SHA-256 of the previous token, or for the first batch of the published policy.
    pub previous_sha256: Hash,
    /// Root of the RFC 4998 tree: the token's imprint.
    pub root: Hash,
    /// Root of the register.
    pub register_root: Hash,
    /// SHA-256 of the raw token.
    pub token_sha256: Hash,
    /// SHA-512 of the raw token.
    pub token_sha512: Hash512,
    /// What the token says.
    pub gen_time: UnixMillis,
    /// Where the seal leaf stands; `None` while only token and tree are durable.
    pub leaf: Option<Index>,
}

impl BatchHead {
    /// Position of the binding group in the batch tree.
    pub fn binding_position(&self) -> u64 {
        self.group_count
    }

    /// Position in the batch tree of the group with this number among all groups ever logged.
    pub fn position_of(&self, group: u64) -> Option<u64> {
        group.checked_sub(self.first_group).filter(|position| *position < self.group_count)
    }

    /// The two hashes of the binding group: SHA-256 of the signed checkpoint, SHA-256 of what came before.
    pub fn binding(&self) -> [Hash; 2] {
        [proof::sha256(self.checkpoint.as_bytes()), self.previous_sha256]
    }

    /// What the seal leaf commits to.
    pub fn seal_leaf(&self) -> SealLeaf {
        SealLeaf {
            batch: self.batch,
            first: self.first,
            end: self.end,
            ers_root: self.root,
            register_root: self.register_root,
            token_sha256: self.token_sha256,
            token_sha512: self.token_sha512,
        }
    }

    /// Canonical JSON, as stored in space 3.
    ///
    /// # Errors
    /// A number beyond 2^53 − 1, or a checkpoint too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealingError> {
        let value = json!({
            "version": VERSION,
            "batch": self.batch,
            "first": self.first.0,
            "end": self.end.0,
            "first_group": self.first_group,
            "group_count": self.group_count,
            "checkpoint": self.checkpoint,
            "previous_sha256": self.previous_sha256.to_string(),
            "root": self.root.to_string(),
            "register_root": self.register_root.to_string(),
            "token_sha256": self.token_sha256.to_string(),
            "token_sha512": self.token_sha512.to_string(),
            "gen_time": format_rfc3339(self.gen_time),
            "leaf": self.leaf.map(|leaf| leaf.0),
        });
        let head = to_canonical(&value, BATCH_HEAD_BYTES)
            .map_err(|why| SealingError::Stored(format!("the head of a batch: {why}")))?;
        Ok(head.text().as_bytes().to_vec())
    }

    /// The head these bytes hold.
    ///
    /// # Errors
    /// Bytes that are not canonical JSON, another version, a field missing or of another shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealingError> {
        let head = Canonical::parse(bytes, BATCH_HEAD_BYTES)
            .map_err(|why| SealingError::Stored(format!("the head of a batch: {why}")))?;
        let value = serde_json::from_str(head.text()).ok();
        let read = value.and_then(|value| Self::read(&value));
        read.ok_or_else(|| SealingError::Stored("the head of a batch cannot be read".to_owned()))
    }

    fn read(value: &Value) -> Option<Self> {
        let integer = |name: &str| value.get(name)?.as_u64();
        let text = |name: &str| value.get(name)?.as_str();
        let hash = |name: &str| Hash::from_hex(text(name)?);
        integer("version").filter(|version| *version == VERSION)?;
        let leaf = match value.get("leaf")? {
            Value::Null => None,
            leaf => Some(Index(leaf.as_u64()?)),
        };
        Some(Self {
            batch: integer("batch")?,
            first: Index(integer("first")?),
            end: TreeSize(integer("end")?),
            first_group: integer("first_group")?,
            group_count: integer("group_count")?,
            checkpoint: text("checkpoint")?.to_owned(),
            previous_sha256: hash("previous_sha256")?,
            root: hash("root")?,
            register_root: hash("register_root")?,
            token_sha256: hash("token_sha256")?,
            token_sha512: Hash512::from_hex(text("token_sha512")?)?,
            gen_time: parse_rfc3339(text("gen_time")?)?,
            leaf,
        })
    }

    /// The head as a change of state.
    pub(crate) fn put(&self) -> Result<Put, SealingError> {
        let key = self.batch.to_be_bytes().to_vec();
        Ok(Put { space: spaces::BATCHES, key, value: Some(self.to_bytes()?) })
    }
}

/// Number of the last batch whose seal leaf is logged.
///
/// # Errors
/// The storage failed, or what it holds is no number.
pub fn last_logged<R: Reader + ?Sized>(reader: &R) -> Result<Option<u64>, SealingError> {
    let Some(value) = reader.value(spaces::LEDGER, spaces::LAST_SEAL)? else {
        return Ok(None);
    };
    let number = value.try_into().map(u64::from_be_bytes);
    number.map(Some).map_err(|_| SealingError::Stored("the number of the last seal cannot be read".to_owned()))
}

/// The head of this batch, logged or not.
///
/// # Errors
/// The storage failed, or what it holds is no head.
pub fn batch_head<R: Reader + ?Sized>(reader: &R, batch: u64) -> Result<Option<BatchHead>, SealingError> {
    let bytes = reader.value(spaces::BATCHES, &batch.to_be_bytes())?;
    bytes.map(|bytes| BatchHead::parse(&bytes)).transpose()
}

/// The raw token of this batch.
///
/// # Errors
/// The storage failed.
pub fn token<R: Reader + ?Sized>(reader: &R, batch: u64) -> Result<Option<Vec<u8>>, SealingError> {
    Ok(reader.value(spaces::BATCH_TOKENS, &batch.to_be_bytes())?)
}

/// The logged batch that covers the leaf at this index, `None` while none does.
///
/// # Errors
/// The storage failed, or a head is missing.
pub fn batch_of<R: Reader + ?Sized>(reader: &R, index: Index) -> Result<Option<BatchHead>, SealingError> {
    let Some(last) = last_logged(reader)? else {
        return Ok(None);
    };
    // Batches follow each other without gap: search by halves. Empty batches end where they begin.
    let (mut low, mut high) = (0, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let head = batch_head(reader, middle)?.ok_or(SealingError::NoBatch(middle))?;
        if index.0 < head.first.0 {
            high = middle;
        } else if index.0 >= head.end.0 {
            low = middle + 1;
        } else {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// The number, among all groups ever logged, of an entry's own group or of one of its files; `None` when it has no such
/// file. [`BatchHead::position_of`] turns it into a position.
pub fn group_number(leaf: &NewLeaf, file: Option<FileNumber>) -> Option<u64> {
    let place = file.map_or(0, |number| number.0);
    let own = file.is_none_or(|number| number.0 > 0) && place < leaf.groups.len() as u64;
    own.then(|| leaf.first_group + place)
}

/// The node over the two hashes of the binding group.
pub(crate) fn binding_group(hashes: &[Hash; 2]) -> Hash {
    Hash(seal::group_hash(&hashes[0].0, &hashes[1].0))
}

/// Root of the batch tree over these groups.
pub(crate) fn root_of(groups: &[Hash]) -> Option<Hash> {
    let groups: Vec<[u8; 32]> = groups.iter().map(|hash| hash.0).collect();
    seal::batch_root(&groups).map(Hash)
}

/// Groups of the entries in `first..end`, in log order; `seen` is shown every entry.
pub(crate) fn entry_groups<R: Reader + ?Sized>(
    reader: &R,
    first: Index,
    end: TreeSize,
    seen: &mut dyn FnMut(Index, &NewLeaf) -> Result<(), SealingError>,
) -> Result<Vec<Hash>, SealingError> {
    let mut groups = Vec::new();
    for index in (first.0..end.0).map(Index) {
        if let Some(leaf) = entry_at(reader, index)? {
            seen(index, &leaf)?;
            groups.extend(leaf.groups);
        }
    }
    Ok(groups)
}

/// The entry at this index; `None` for a seal leaf, which has no group.
pub(super) fn entry_at<R: Reader + ?Sized>(reader: &R, index: Index) -> Result<Option<NewLeaf>, SealingError> {
    let row = reader.entry(index)?.ok_or(SealingError::Entry(index))?;
    Ok((row.leaf.kind == LeafKind::Entry).then_some(row.leaf))
}
