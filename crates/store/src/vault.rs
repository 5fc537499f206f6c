//! Encryption and look-up keys, outside the sequencer and shared between threads.

use crate::error::VaultError;
use crate::spool::{Body, SpoolWriter};
use proof::{Hash, TenantId};

/// One file of an entry, to be sealed.
#[derive(Debug)]
pub struct FilePart<'a> {
    /// Exact bytes of its `F`.
    pub f: &'a [u8],
    /// SHA-256 of the file, as `F` says it.
    pub sha256: Hash,
    /// The file.
    pub body: Body,
}

/// Encrypted parts of one entry; empty by default, as for a seal.
#[derive(Debug, Default)]
pub struct SealedParts {}

/// Seals entries and names look-ups.
#[derive(Clone, Debug)]
pub struct Vault {}

impl Vault {
    /// HMAC-SHA-256 of the value under the tenant's look-up key, apart for each domain.
    pub fn lookup(&self, _tenant: TenantId, _domain: &str, _value: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    /// The entry encrypted, decrypted again and compared: `E`, and each file with its `F`, numbered from 1 in this order.
    ///
    /// # Errors
    /// `SecondComputation` when the recovered plaintext is not the one said, `TooLarge`, `Randomness`.
    pub fn seal_entry(&self, _e: &[u8], _files: Vec<FilePart<'_>>) -> Result<SealedParts, VaultError> {
        Err(VaultError::Randomness)
    }

    /// A place to write one file's bytes.
    ///
    /// # Errors
    /// `Randomness`.
    pub fn spool(&self) -> Result<SpoolWriter, VaultError> {
        Err(VaultError::Randomness)
    }
}
