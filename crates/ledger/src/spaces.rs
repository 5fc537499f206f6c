//! Names of the spaces of small state (the first byte of every [`crate::storage::Put`]).

/// Tenants: tenant id (16 bytes) → canonical JSON that carries `"slot"`.
pub const TENANTS: u8 = 1;
/// API tokens: SHA-256 of the secret → JSON. Owned by the service.
pub const API_TOKENS: u8 = 2;
/// Heads of batches: batch number (u64 big-endian) → canonical JSON.
pub const BATCHES: u8 = 3;
/// Tokens of batches: batch number (u64 big-endian) → raw ContentInfo.
pub const BATCH_TOKENS: u8 = 4;
/// Register snapshots: batch number (u64 big-endian) → binary, see [`crate::sealing::register`].
pub const REGISTERS: u8 = 5;
/// Cosignatures of witnesses: owned by the service (docs/formats/witness.md).
pub const COSIGNATURES: u8 = 6;
/// What the ledger remembers of itself: `"last-seal"` → number of the last batch whose leaf is logged (u64 big-endian).
pub const LEDGER: u8 = 7;

/// Key, in [`LEDGER`], of the last logged seal.
pub const LAST_SEAL: &[u8] = b"last-seal";
