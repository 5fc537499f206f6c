//! What the ledger asks of a storage: bytes in, bytes out, one durable append per commit.
//!
//! The trait is narrow so that a second implementation (a database for head and indexes, objects for segments)
//! can stand here. A storage knows nothing of trees: it is handed tiles and rows.

use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};

/// Why a storage could not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum StorageError {
    /// Nothing was written; the same call may succeed later (no space left, too many open files).
    Retry(String),
    /// What is durable is no longer known, or does not agree with itself: acknowledge nothing more, exit, let start-up decide.
    Fatal(String),
}

/// Whether a leaf stands for an entry of a tenant or for a seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafKind {
    /// `0x01 0x01`: an entry.
    Entry,
    /// `0x01 0x02`: a seal.
    Seal,
}

/// One key and its value in a named space of small state (tenants, tokens of authorities, batch heads, API tokens...).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Put {
    /// Space, one byte: who owns the key. The registry is in docs/formats/segment.md.
    pub space: u8,
    /// Key within the space.
    pub key: Vec<u8>,
    /// The value, or `None` to remove the key.
    pub value: Option<Vec<u8>>,
}

/// The keyed digests under which a request is recognised when it comes again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestKey {
    /// HMAC of the client's idempotency key under the tenant's look-up key.
    pub key: [u8; 32],
    /// HMAC of what was asked (files, names, description) under the tenant's look-up key.
    pub digest: [u8; 32],
}

/// One leaf on its way into a commit. Encrypted parts travel beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLeaf {
    /// Entry or seal.
    pub kind: LeafKind,
    /// Position in the log.
    pub index: Index,
    /// The bytes that are hashed (98 for an entry, 186 for a seal).
    pub leaf_data: Vec<u8>,
    /// Owner, the platform for seals.
    pub tenant: TenantId,
    /// Position in the owner's chain; 0 for seals, which belong to no chain.
    pub sequence: Sequence,
    /// The entry's public name; zero for seals.
    pub id: EntryId,
    /// Exact bytes of `R`; empty for seals. Kept in clear: survives elimination.
    pub record: Vec<u8>,
    /// RFC 4998 groups of the entry in order: the entry's, then one per file. Empty for seals.
    pub groups: Vec<Hash>,
    /// Position of `groups[0]` among all groups ever logged.
    pub first_group: u64,
    /// Recognises a repeated request.
    pub request: Option<RequestKey>,
    /// HMACs under which the entry can be found again (content, identifiers), in order; the first is the content's when there is one.
    pub lookups: Vec<[u8; 32]>,
}

/// Everything one commit makes durable, in order. May hold no leaf (state only) or no put.
#[derive(Debug)]
pub struct Commit<P> {
    /// Number of the record: previous plus one, from 1.
    pub number: u64,
    /// The operator's time of the commit.
    pub at: UnixMillis,
    /// Size of the log after it.
    pub size: TreeSize,
    /// Unsigned checkpoint text after it (origin, size, root); empty while the log is empty.
    pub checkpoint_text: String,
    /// Leaves with their encrypted parts.
    pub leaves: Vec<(NewLeaf, P)>,
    /// State changes, applied in order after the leaves.
    pub puts: Vec<Put>,
}

/// A commit read back from a segment at start-up, to be computed again, signed and published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// See [`Commit::number`].
    pub number: u64,
    /// See [`Commit::at`].
    pub at: UnixMillis,
    /// See [`Commit::size`].
    pub size: TreeSize,
    /// See [`Commit::checkpoint_text`].
    pub checkpoint_text: String,
    /// Leaves, without their parts.
    pub leaves: Vec<NewLeaf>,
    /// See [`Commit::puts`].
    pub puts: Vec<Put>,
}

/// A tile of 256 hashes at a level, whole or partial (C2SP tlog-tiles).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TileId {
    /// 0 for leaves, 1 for the roots of level-0 tiles, ...
    pub level: u8,
    /// Position within the level.
    pub index: u64,
}

/// What becomes visible once a commit is durable and signed: one atomic write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publication {
    /// The commit's number.
    pub number: u64,
    /// Size of the log after it.
    pub size: TreeSize,
    /// Root after it.
    pub root: Hash,
    /// Its time.
    pub at: UnixMillis,
    /// Groups ever logged after it.
    pub groups: u64,
    /// Signed checkpoint after it (kept under its size); empty when the commit added no leaf.
    pub checkpoint: String,
    /// Tiles that changed, complete bytes of each.
    pub tiles: Vec<(TileId, Vec<u8>)>,
}

/// The last published commit, as the storage remembers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredHead {
    /// See [`Publication::number`].
    pub number: u64,
    /// See [`Publication::size`].
    pub size: TreeSize,
    /// See [`Publication::root`].
    pub root: Hash,
    /// See [`Publication::at`].
    pub at: UnixMillis,
    /// See [`Publication::groups`].
    pub groups: u64,
    /// Signed checkpoint of that size; empty while the log is empty.
    pub checkpoint: String,
}

/// What is remembered of a published leaf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryRow {
    /// Everything of the leaf but its parts.
    pub leaf: NewLeaf,
    /// Size of the log after the leaf's own commit: names the checkpoint of its receipt.
    pub commit_size: TreeSize,
}

/// Keys with their values, in key order.
pub type KeyValues = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads of published data. Shared between threads; every answer is of one published head or newer.
pub trait Reader: Send + Sync {
    /// The last published head, `None` for a store that never committed.
    fn head(&self) -> Result<Option<StoredHead>, StorageError>;
    /// Complete bytes of a tile, whole or partial.
    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, StorageError>;
    /// The leaf at this index.
    fn entry(&self, index: Index) -> Result<Option<EntryRow>, StorageError>;
    /// Leaf data of the leaves that stand from this index on, in order, at most `limit`: one scan.
    fn leaf_data(&self, from: Index, limit: usize) -> Result<Vec<Vec<u8>>, StorageError>;
    /// The signed checkpoint published at exactly this size.
    fn checkpoint(&self, size: TreeSize) -> Result<Option<String>, StorageError>;
    /// Index of the entry of this name, only if this tenant owns it.
    fn by_id(&self, tenant: TenantId, id: EntryId) -> Result<Option<Index>, StorageError>;
    /// Last sequence, index and leaf hash of a tenant's chain.
    fn chain(&self, tenant: TenantId) -> Result<Option<(Sequence, Index, Hash)>, StorageError>;
    /// Indexes of a tenant's entries with sequence ≥ `from`, at most `limit`, in order.
    fn by_sequence(
        &self,
        tenant: TenantId,
        from: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Index)>, StorageError>;
    /// What a request key led to: digest of the request, index.
    fn request(&self, tenant: TenantId, key: &[u8; 32]) -> Result<Option<([u8; 32], Index)>, StorageError>;
    /// Indexes found under a look-up digest, in log order, at most `limit`.
    fn lookup(&self, tenant: TenantId, digest: &[u8; 32], limit: usize) -> Result<Vec<Index>, StorageError>;
    /// A value of small state.
    fn value(&self, space: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError>;
    /// All keys and values of a space that begin with `prefix`, in key order.
    fn values(&self, space: u8, prefix: &[u8]) -> Result<KeyValues, StorageError>;
}

/// The one writer.
pub trait Storage {
    /// Encrypted parts of one entry, made outside the sequencer.
    type Parts: Send + 'static;
    /// Shared reads over the same data.
    type Reads: Reader + Clone + 'static;
    /// The reads.
    fn reads(&self) -> Self::Reads;
    /// Commits that are durable in segments but not yet published, oldest first; empty after a clean stop.
    /// May be handed out by portions: publish what was given and ask again until it is empty.
    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError>;
    /// Durable on `Ok`: the record is on disk whole and synced. One sync. Returns the publication's base back to `publish`.
    fn append(&mut self, commit: Commit<Self::Parts>) -> Result<(), StorageError>;
    /// Visible on `Ok`: rows of the commit last appended (or replayed, same number) and these tiles, in one atomic write.
    fn publish(&mut self, publication: Publication) -> Result<(), StorageError>;
    /// What is known elsewhere, where an index is made again, of the checkpoint that was signed at this size; it is judged, never believed.
    fn signed_before(&self, _size: TreeSize) -> Option<String> {
        None
    }
}
