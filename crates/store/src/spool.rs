//! Bodies on their way in: in memory while small, encrypted in `ahead/` once large.

use crate::error::VaultError;
use proof::{Hash, Hash512};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A file written ahead, encrypted, synced; removed when dropped unless a commit took it.
#[derive(Debug)]
pub struct AheadFile {}

/// The bytes of a spooled file.
#[derive(Debug)]
pub enum Body {
    /// Small: plaintext in memory, up to `limits::INLINE_LIMIT`.
    Inline(Vec<u8>),
    /// Large: ciphertext in `ahead/`.
    Ahead(AheadFile),
}

/// Receives one file's bytes, hashing them as they pass.
#[derive(Debug)]
pub struct SpoolWriter {}

impl Write for SpoolWriter {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("not built"))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpoolWriter {
    /// Bytes received so far.
    pub fn size(&self) -> u64 {
        0
    }
    /// The file whole: its size, digests and body; a large one is synced, read back, decrypted and hashed again first.
    ///
    /// # Errors
    /// `Io` when it cannot be written, `SecondComputation` when what is read back differs.
    pub fn finish(self) -> Result<Spooled, VaultError> {
        Err(VaultError::Randomness)
    }
}

/// A whole file, not yet in the log.
#[derive(Debug)]
pub struct Spooled {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the plaintext.
    pub sha256: Hash,
    /// SHA-512 of the plaintext.
    pub sha512: Hash512,
    /// The bytes.
    pub body: Body,
}

impl Spooled {
    /// A reader of the plaintext from its beginning; may be called many times.
    ///
    /// # Errors
    /// `Io` when the file ahead cannot be opened.
    pub fn open(&self) -> Result<SpooledReader<'_>, VaultError> {
        Err(VaultError::Randomness)
    }
}

/// Plaintext of a spooled file.
#[derive(Debug)]
pub struct SpooledReader<'a> {
    _body: std::marker::PhantomData<&'a ()>,
}

impl Read for SpooledReader<'_> {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("not built"))
    }
}
impl Seek for SpooledReader<'_> {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::Error::other("not built"))
    }
}
