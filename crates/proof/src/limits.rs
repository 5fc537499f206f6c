//! Every limit of the crate, in one place. Each is tested at the limit and one past it.

/// Bytes of one canonical JSON record (`F`, `E` or `R`).
pub const RECORD_BYTES: usize = 1 << 20;
/// Largest integer a record may hold: 2^53 − 1 (RFC 8785 §3.2.2.3, I-JSON).
pub const JSON_INTEGER: u64 = (1 << 53) - 1;
/// Arrays and objects within each other.
pub const JSON_DEPTH: usize = 127;
/// Bytes of one signed note, signatures included.
pub const NOTE_BYTES: usize = 1 << 16;
/// Signature lines of one note.
pub const NOTE_SIGNATURES: usize = 100;
/// Bytes of a key name (origin, witness) in a note.
pub const KEY_NAME_BYTES: usize = 255;
/// Extension lines of a checkpoint.
pub const CHECKPOINT_EXTENSIONS: usize = 16;
/// Hashes of one inclusion or consistency path: no tree of less than 2^64 leaves needs more.
pub const PATH_HASHES: usize = 128;
/// Bytes of one proof text.
pub const PROOF_BYTES: usize = 1 << 17;
