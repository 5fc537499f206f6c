//! AES-256-GCM in chunks of 64 KiB (the STREAM construction), one random key per file or `E`.
//!
//! Nonce: domain ‖ six zero bytes ‖ chunk number (u32, big-endian) ‖ 1 for the last chunk, 0 before. An empty plaintext is one
//! empty last chunk. A key encrypts at most one plaintext per domain, so no nonce is used twice.

use crate::limits::CHUNK_BYTES;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// Bytes that a chunk grows by.
pub(crate) const TAG: usize = 16;
/// Bytes of a full chunk as stored.
pub(crate) const STORED_CHUNK: usize = CHUNK_BYTES + TAG;

/// A key, wiped when it is dropped.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// What is encrypted: one nonce space each under the same key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Domain {
    Entry = 1,
    FileRecord = 2,
    File = 3,
}

/// Fills with random bytes, or `None`.
pub(crate) fn random<const N: usize>(rng: &SystemRandom) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    rng.fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A key ready to encrypt and decrypt one domain.
pub(crate) struct ChunkCipher {
    key: LessSafeKey,
    domain: Domain,
}

impl ChunkCipher {
    pub(crate) fn new(secret: &Secret, domain: Domain) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, secret.as_slice()).ok()?;
        Some(Self { key: LessSafeKey::new(key), domain })
    }

    fn nonce(&self, chunk: u32, last: bool) -> Nonce {
        let mut bytes = [0_u8; NONCE_LEN];
        bytes[0] = self.domain as u8;
        bytes[7..11].copy_from_slice(&chunk.to_be_bytes());
        bytes[11] = u8::from(last);
        Nonce::assume_unique_for_key(bytes)
    }

    /// The chunk encrypted and appended to `out`; `None` past the counter.
    pub(crate) fn seal(&self, chunk: u64, last: bool, plain: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let chunk = u32::try_from(chunk).ok()?;
        let start = out.len();
        out.extend_from_slice(plain);
        let tag = self.key.seal_in_place_separate_tag(self.nonce(chunk, last), Aad::empty(), &mut out[start..]).ok()?;
        out.extend_from_slice(tag.as_ref());
        Some(())
    }

    /// The plaintext of a chunk, in place; `None` if it is not what was sealed at this place.
    pub(crate) fn open<'a>(&self, chunk: u64, last: bool, stored: &'a mut [u8]) -> Option<&'a [u8]> {
        let chunk = u32::try_from(chunk).ok()?;
        let plain = self.key.open_in_place(self.nonce(chunk, last), Aad::empty(), stored).ok()?;
        Some(plain)
    }

    /// A plaintext held in memory, as stored.
    pub(crate) fn seal_all(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let chunks = chunks_of(plain.len() as u64);
        let mut out = Vec::with_capacity(usize::try_from(stored_len(plain.len() as u64)).ok()?);
        for number in 0..chunks {
            let from = usize::try_from(number).ok()? * CHUNK_BYTES;
            let to = plain.len().min(from + CHUNK_BYTES);
            self.seal(number, number + 1 == chunks, plain.get(from..to)?, &mut out)?;
        }
        Some(out)
    }

    /// Gives the plaintext of bytes as stored, chunk by chunk; the error is the number of the chunk that does not decrypt.
    pub(crate) fn open_all(&self, stored: &[u8], plain: &mut dyn FnMut(&[u8])) -> Result<(), u64> {
        let chunks = (stored.len().div_ceil(STORED_CHUNK) as u64).max(1);
        let mut buffer = Vec::with_capacity(stored.len().min(STORED_CHUNK));
        for number in 0..chunks {
            let from = usize::try_from(number).map_err(|_| number)?.saturating_mul(STORED_CHUNK);
            let to = stored.len().min(from.saturating_add(STORED_CHUNK));
            buffer.clear();
            buffer.extend_from_slice(stored.get(from..to).ok_or(number)?);
            plain(self.open(number, number + 1 == chunks, &mut buffer).ok_or(number)?);
        }
        Ok(())
    }
}

/// Chunks of a plaintext: at least one.
pub(crate) fn chunks_of(plain: u64) -> u64 {
    plain.div_ceil(CHUNK_BYTES as u64).max(1)
}

/// Bytes of a plaintext once stored.
pub(crate) fn stored_len(plain: u64) -> u64 {
    plain.saturating_add(chunks_of(plain).saturating_mul(TAG as u64))
}
