//! Bodies on their way in: in memory while small, encrypted in `ahead/` once large.

use crate::ahead::{AheadFile, AheadWriter};
use crate::chunks::{ChunkReader, seek};
use crate::digest::{Running256, Running512};
use crate::error::VaultError;
use crate::limits::{INLINE_LIMIT, MAX_FILE_BYTES};
use crate::vault::Vault;
use proof::{Hash, Hash512};
use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The bytes of a spooled file.
#[derive(Debug)]
pub enum Body {
    /// Small: plaintext in memory, up to `limits::INLINE_LIMIT`.
    Inline(Vec<u8>),
    /// Large: ciphertext in `ahead/`.
    Ahead(AheadFile),
}

/// Receives one file's bytes, hashing them as they pass. Dropped unfinished, it leaves nothing.
pub struct SpoolWriter {
    vault: Vault,
    size: u64,
    sha256: Running256,
    sha512: Running512,
    held: Held,
}

enum Held {
    Memory(Vec<u8>),
    Ahead(Box<AheadWriter>),
}

impl std::fmt::Debug for SpoolWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpoolWriter").field("size", &self.size).finish_non_exhaustive()
    }
}

fn of_vault(error: VaultError) -> io::Error {
    match error {
        VaultError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes.into()).map_err(of_vault)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpoolWriter {
    pub(crate) fn new(vault: Vault) -> Self {
        let held = Held::Memory(Vec::new());
        Self { vault, size: 0, sha256: Running256::default(), sha512: Running512::default(), held }
    }

    /// Bytes received so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The same as writing these bytes; the first that stay in memory are kept as they are, without a copy.
    ///
    /// # Errors
    /// As for writing.
    pub fn take_whole(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.take(bytes.into()).map_err(of_vault)
    }

    fn take(&mut self, bytes: Cow<'_, [u8]>) -> Result<(), VaultError> {
        let size = self.size.saturating_add(bytes.len() as u64);
        if size > MAX_FILE_BYTES {
            return Err(VaultError::TooLarge { part: "file", bytes: size, limit: MAX_FILE_BYTES });
        }
        if let Held::Memory(held) = &mut self.held
            && size > INLINE_LIMIT
        {
            let mut writer = Box::new(AheadWriter::create(&self.vault)?);
            writer.take(held)?;
            self.held = Held::Ahead(writer);
        }
        self.sha256.update(&bytes);
        self.sha512.update(&bytes);
        self.size = size;
        match &mut self.held {
            Held::Memory(held) if held.is_empty() => *held = bytes.into_owned(),
            Held::Memory(held) => held.extend_from_slice(&bytes),
            Held::Ahead(writer) => writer.take(&bytes)?,
        }
        Ok(())
    }

    /// The file whole: its size, digests and body. A large one is on disk, synced, and what is read back from there,
    /// decrypted, has the same digest.
    ///
    /// # Errors
    /// `Io` when it cannot be written, `SecondComputation` when what is read back differs.
    pub fn finish(self) -> Result<Spooled, VaultError> {
        let sha256 = self.sha256.finish();
        let sha512 = self.sha512.finish();
        let body = match self.held {
            Held::Memory(held) => Body::Inline(held),
            Held::Ahead(writer) => Body::Ahead(writer.finish(sha256)?),
        };
        Ok(Spooled { size: self.size, sha256, sha512, body })
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
        let inner = match &self.body {
            Body::Inline(bytes) => Inner::Memory { bytes, position: 0 },
            Body::Ahead(file) => Inner::Ahead(Box::new(file.open()?)),
        };
        Ok(SpooledReader { inner })
    }
}

/// Plaintext of a spooled file.
#[derive(Debug)]
pub struct SpooledReader<'a> {
    inner: Inner<'a>,
}

#[derive(Debug)]
enum Inner<'a> {
    Memory { bytes: &'a [u8], position: u64 },
    Ahead(Box<ChunkReader>),
}

impl Read for SpooledReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Memory { bytes, position } => {
                let from = usize::try_from(*position).unwrap_or(usize::MAX);
                let available = bytes.get(from..).unwrap_or_default();
                let count = available.len().min(into.len());
                into[..count].copy_from_slice(&available[..count]);
                *position = position.saturating_add(count as u64);
                Ok(count)
            }
            Inner::Ahead(reader) => reader.read(into),
        }
    }
}

impl Seek for SpooledReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.inner {
            Inner::Memory { bytes, position } => {
                *position = seek(to, *position, bytes.len() as u64)?;
                Ok(*position)
            }
            Inner::Ahead(reader) => reader.seek(to),
        }
    }
}
