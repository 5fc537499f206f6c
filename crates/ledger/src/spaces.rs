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
/// Eliminations: what the log says is destroyed (docs/formats/elimination.md). Written by the service, obeyed by the store.
pub const ELIMINATIONS: u8 = 8;
/// What the ledger remembers of itself: `"last-seal"` → number of the last batch whose leaf is logged (u64 big-endian).
pub const LEDGER: u8 = 7;

/// Renewals: number (u64 big-endian) → canonical JSON. Comes with an administration entry and with nothing else.
pub const RENEWALS: u8 = 9;
/// Tokens of renewals: number (u64 big-endian) → raw ContentInfo. As [`RENEWALS`].
pub const RENEWAL_TOKENS: u8 = 10;

/// Validation material archived: number (u64 big-endian) → JSON. Owned by the service (docs/formats/validation.md).
pub const VALIDATION: u8 = 11;

/// Trusted lists archived: number (u64 big-endian) → JSON. Owned by the service (docs/formats/trusted-list.md).
pub const TRUSTED_LISTS: u8 = 12;

/// Key, in [`LEDGER`], of the last logged seal.
pub const LAST_SEAL: &[u8] = b"last-seal";

/// Begins the keys, in [`ELIMINATIONS`], of entries: index (u64 big-endian) → id of the elimination. Comes with an
/// entry of kind `elimination` and with nothing else.
pub const ELIMINATED: u8 = b'e';
/// Begins the keys, in [`ELIMINATIONS`], of the eliminations themselves: id → canonical JSON, how far the destruction is.
pub const ELIMINATION: u8 = b'j';
/// Begins the keys, in [`ELIMINATIONS`], of destroyed segment keys: id of the key → nothing.
pub const CONDEMNED: u8 = b'k';

/// The key under which an entry is marked as eliminated.
pub fn eliminated(index: proof::Index) -> Vec<u8> {
    [&[ELIMINATED][..], &index.0.to_be_bytes()].concat()
}

/// The key under which an elimination says how far it is.
pub fn elimination(id: proof::EntryId) -> Vec<u8> {
    [&[ELIMINATION][..], &id.0].concat()
}

/// The key under which a segment key is condemned.
pub fn condemned(key: &[u8; 16]) -> Vec<u8> {
    [&[CONDEMNED][..], key].concat()
}
