//! Every limit of the crate, in one place. Each is tested at the limit and one past it.

/// Bytes of one policy text.
pub const POLICY_BYTES: usize = 1 << 16;
/// Logs, and witnesses, and groups, of one policy (the specification asks for 32 at least).
pub const POLICY_NAMES: usize = 64;
/// Hashes of the consistency path in a request to a witness (C2SP tlog-witness, "add-checkpoint").
pub const REQUEST_HASHES: usize = 63;
/// Bytes of one request to a witness: the path and a note.
pub const REQUEST_BYTES: usize = proof::limits::NOTE_BYTES + 64 * 45;
/// Bytes of signature lines that travel without their note: the answer of a witness, the cosignatures of a pack.
pub const COSIGNATURES_BYTES: usize = proof::limits::NOTE_BYTES;
/// Bytes of an ML-DSA-44 public key (FIPS 204).
pub const ML_DSA_44_BYTES: usize = 1312;
/// Largest moment of a cosignature, in seconds (C2SP tlog-cosignature, "Format").
pub const LAST_SECOND: u64 = (1 << 63) - 1;
/// Highest level of a tile (C2SP tlog-tiles, "Merkle Tree").
pub const TILE_LEVEL: u8 = 63;
/// Hashes, or entries, of a whole tile.
pub const TILE_WIDTH: u16 = 256;
/// Bytes of a tile's path.
pub const PATH_BYTES: usize = 64;
/// Bytes of one hash in a tile.
pub const HASH_BYTES: usize = 32;
/// Bytes of a whole tile of hashes.
pub const TILE_BYTES: usize = 256 * HASH_BYTES;
/// Bytes of one bundle: 256 entries of the largest length that two bytes tell.
pub const BUNDLE_BYTES: usize = 256 * (2 + 65_535);
/// Bytes of one line of a register: a record of a mebibyte in base64, its path beside it.
pub const REGISTER_LINE_BYTES: usize = 1 << 21;
/// Lines between the first line of a register and the blank one.
pub const REGISTER_HEADER_LINES: usize = 14;
