//! Every bound of the store, in one place.

/// A body up to this size travels inside its record; a larger one is written ahead.
pub const INLINE_LIMIT: u64 = 256 * 1024;
/// Plaintext bytes of one encrypted chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Size of a segment unless told otherwise.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Smallest size of a segment.
pub const MIN_SEGMENT_BYTES: u64 = 64 * 1024;
/// Largest `E` or `F`.
pub const MAX_RECORD_PART_BYTES: u64 = 16 * 1024 * 1024;
/// Largest file: the chunk counter has 32 bits; half of it is kept back.
pub const MAX_FILE_BYTES: u64 = (1 << 31) * CHUNK_BYTES as u64;
/// Largest header of a record (leaves, state changes).
pub const MAX_HEADER_BYTES: u32 = 256 * 1024 * 1024;
/// Largest key table of a record.
pub const MAX_KEYRING_BYTES: u32 = 256 * 1024 * 1024;
/// Largest body of a record.
pub const MAX_BODY_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Most leaves of a commit.
pub const MAX_LEAVES: u32 = 65_536;
/// Most files of an entry.
pub const MAX_FILES: u32 = 1_000_000;
/// Most look-up digests of an entry.
pub const MAX_LOOKUPS: u32 = 65_535;
/// Most state changes of a commit.
pub const MAX_PUTS: u32 = 1_000_000;
/// Longest leaf data.
pub const MAX_LEAF_DATA_BYTES: u32 = 4096;
/// Longest `R`.
pub const MAX_R_BYTES: u32 = 1024 * 1024;
/// Longest key of a state change.
pub const MAX_PUT_KEY_BYTES: u32 = 1024;
/// Longest value of a state change.
pub const MAX_PUT_VALUE_BYTES: u32 = 128 * 1024 * 1024;
/// Longest checkpoint text.
pub const MAX_CHECKPOINT_BYTES: u32 = 64 * 1024;
/// Headers handed out by one call of `unpublished` (at least one commit).
pub const REPLAY_BYTES: u64 = 256 * 1024 * 1024;
/// Keys of the index that a clean end leaves in its write-ahead log at most.
pub const KEYS_LOGGED: u64 = 1000;
/// Memory kept from one commit for the next.
pub const SPARE_BYTES: usize = 4 * 1024 * 1024;
