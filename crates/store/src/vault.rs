//! Encryption and look-up keys, outside the sequencer and shared between threads.

use crate::ahead::AheadFile;
use crate::cipher::{ChunkCipher, Domain, Secret, random, stored_len};
use crate::digest;
use crate::error::VaultError;
use crate::limits::{INLINE_LIMIT, MAX_FILES, MAX_RECORD_PART_BYTES};
use crate::lock::Lock;
use crate::record::{PartFacts, UnitFacts};
use crate::spool::{Body, SpoolWriter};
use ledger::failpoint;
use proof::{Hash, TenantId};
use ring::hmac;
use ring::rand::SystemRandom;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

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
pub struct SealedParts {
    pub(crate) entry: Option<SealedUnit>,
    pub(crate) files: Vec<SealedUnit>,
}

/// What shares one key: `E`, or a file with its `F`.
pub(crate) struct SealedUnit {
    pub(crate) secret: Secret,
    pub(crate) record: SealedBytes,
    pub(crate) body: Option<SealedBody>,
}

/// A part in memory, encrypted.
pub(crate) struct SealedBytes {
    pub(crate) facts: PartFacts,
    pub(crate) bytes: Vec<u8>,
}

/// A file, encrypted.
pub(crate) enum SealedBody {
    Inline(SealedBytes),
    Ahead(AheadFile),
}

impl std::fmt::Debug for SealedUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedUnit").field("facts", &self.facts()).finish_non_exhaustive()
    }
}

impl SealedUnit {
    pub(crate) fn facts(&self) -> UnitFacts {
        let body = self.body.as_ref().map(|body| match body {
            SealedBody::Inline(bytes) => bytes.facts,
            SealedBody::Ahead(file) => file.facts(),
        });
        UnitFacts { record: self.record.facts, body }
    }
}

impl SealedParts {
    /// `E`, then the files.
    pub(crate) fn units(&self) -> impl Iterator<Item = &SealedUnit> {
        self.entry.iter().chain(&self.files)
    }

    /// Whether the files ahead outlive this value.
    pub(crate) fn keep_ahead(&mut self, keep: bool) {
        for file in &mut self.files {
            if let Some(SealedBody::Ahead(file)) = &mut file.body {
                file.keep(keep);
            }
        }
    }

    /// Encrypted bytes that travel inside the record.
    pub fn inline_bytes(&self) -> u64 {
        let inline = |unit: &SealedUnit| match &unit.body {
            Some(SealedBody::Inline(bytes)) => bytes.facts.stored,
            _ => 0,
        };
        self.units().map(|unit| unit.record.facts.stored.saturating_add(inline(unit))).sum()
    }
}

/// Seals entries and names look-ups. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    look_up: hmac::Key,
    rng: SystemRandom,
    ahead: PathBuf,
    /// No second process may spool into the same directory while a vault lives.
    _lock: Arc<Lock>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    pub(crate) fn new(store_secret: &Secret, ahead: PathBuf, lock: Arc<Lock>) -> Self {
        let look_up = hmac::Key::new(hmac::HMAC_SHA256, store_secret.as_slice());
        Self(Arc::new(Inner { look_up, rng: SystemRandom::new(), ahead, _lock: lock }))
    }
    pub(crate) fn rng(&self) -> &SystemRandom {
        &self.0.rng
    }
    pub(crate) fn ahead_directory(&self) -> &Path {
        &self.0.ahead
    }

    /// HMAC-SHA-256 of (domain, value) under the tenant's look-up key, itself derived from the store's secret.
    pub fn lookup(&self, tenant: TenantId, domain: &str, value: &[u8]) -> [u8; 32] {
        let mut derivation = hmac::Context::with_key(&self.0.look_up);
        derivation.update(b"tabellion look-up key 1");
        derivation.update(&tenant.0);
        let tenant_key = hmac::Key::new(hmac::HMAC_SHA256, derivation.sign().as_ref());
        let mut digest = hmac::Context::with_key(&tenant_key);
        digest.update(&(domain.len() as u64).to_be_bytes());
        digest.update(domain.as_bytes());
        digest.update(value);
        let mut found = [0; 32];
        found.copy_from_slice(digest.sign().as_ref());
        found
    }

    /// The entry encrypted, decrypted again and compared: `E`, and each file with its `F`, numbered from 1 in this order.
    ///
    /// # Errors
    /// `SecondComputation` when the recovered plaintext is not the one said, `TooLarge`, `Randomness`.
    pub fn seal_entry(&self, e: &[u8], files: Vec<FilePart<'_>>) -> Result<SealedParts, VaultError> {
        let (count, most) = (files.len() as u64, u64::from(MAX_FILES));
        if count > most {
            return Err(VaultError::TooLarge { part: "number of files", bytes: count, limit: most });
        }
        let secret = self.secret()?;
        let record = seal_record(&secret, Domain::Entry, "E", 0, e)?;
        let entry = Some(SealedUnit { secret, record, body: None });
        let files = files.into_iter().zip(1..).map(|(file, number)| self.seal_file(file, number));
        Ok(SealedParts { entry, files: files.collect::<Result<_, _>>()? })
    }

    fn seal_file(&self, file: FilePart<'_>, number: u64) -> Result<SealedUnit, VaultError> {
        let (secret, body) = match file.body {
            Body::Ahead(ahead) => {
                // Read back from the disk and compared when the spool was finished.
                if ahead.sha256() != file.sha256 {
                    let (said, recovered) = (file.sha256, ahead.sha256());
                    return Err(VaultError::SecondComputation { file: number, said, recovered });
                }
                (ahead.secret().clone(), SealedBody::Ahead(ahead))
            }
            Body::Inline(plain) => {
                too_large("file", plain.len() as u64, INLINE_LIMIT)?;
                let secret = self.secret()?;
                let sealed = seal(&secret, Domain::File, "file", number, &plain, file.sha256)?;
                (secret, SealedBody::Inline(sealed))
            }
        };
        let record = seal_record(&secret, Domain::FileRecord, "F", number, file.f)?;
        Ok(SealedUnit { secret, record, body: Some(body) })
    }

    fn secret(&self) -> Result<Secret, VaultError> {
        random(&self.0.rng).map(Zeroizing::new).ok_or(VaultError::Randomness)
    }

    /// A place to write one file's bytes.
    ///
    /// # Errors
    /// None today: the file ahead is made when the bytes outgrow memory.
    pub fn spool(&self) -> Result<SpoolWriter, VaultError> {
        Ok(SpoolWriter::new(self.clone()))
    }
}

fn too_large(part: &'static str, bytes: u64, limit: u64) -> Result<(), VaultError> {
    if bytes > limit { Err(VaultError::TooLarge { part, bytes, limit }) } else { Ok(()) }
}

fn seal_record(
    secret: &Secret,
    domain: Domain,
    part: &'static str,
    number: u64,
    plain: &[u8],
) -> Result<SealedBytes, VaultError> {
    too_large(part, plain.len() as u64, MAX_RECORD_PART_BYTES)?;
    seal(secret, domain, part, number, plain, proof::sha256(plain))
}

/// The part encrypted, once what its ciphertext gives back has the digest said.
fn seal(
    secret: &Secret,
    domain: Domain,
    part: &'static str,
    number: u64,
    plain: &[u8],
    said: Hash,
) -> Result<SealedBytes, VaultError> {
    let cipher = ChunkCipher::new(secret, domain).ok_or(VaultError::Randomness)?;
    let mut bytes = cipher.seal_all(plain).ok_or(VaultError::Cipher { part, chunk: 0 })?;
    if failpoint::error("vault.encrypted") {
        // A fault of memory for the second computation to find.
        bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    }
    // Negative control: with the failpoint nothing is computed a second time.
    if !failpoint::skip("vault.second-computation") {
        let mut recovered = Sha256::new();
        let opened = cipher.open_all(&bytes, &mut |plain| recovered.update(plain));
        opened.map_err(|chunk| VaultError::Cipher { part, chunk })?;
        let recovered = Hash(recovered.finalize().into());
        if recovered != said {
            return Err(VaultError::SecondComputation { file: number, said, recovered });
        }
    }
    let plain = plain.len() as u64;
    let facts = PartFacts { plain, stored: stored_len(plain), sha256: digest::sha256(&bytes) };
    Ok(SealedBytes { facts, bytes })
}
