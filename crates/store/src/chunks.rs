//! Plaintext of an encrypted part, chunk by chunk, from any place: one chunk in memory at a time.

use crate::cipher::{ChunkCipher, Domain, STORED_CHUNK, Secret, chunks_of, stored_len};
use crate::limits::CHUNK_BYTES;
use crate::sector;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Where the stored bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file ahead, from its beginning.
    Ahead(File),
    /// A stretch of a record.
    Segment { file: Arc<File>, segment: u64, sector: u64, from: u64 },
}

impl Source {
    pub(crate) fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Ahead(file) => file.read_exact_at(into, offset),
            Self::Segment { file, segment, sector, from } => {
                sector::read_stream(file, *segment, *sector, from.saturating_add(offset), into)
            }
        }
    }
}

/// Reads and seeks in the plaintext.
pub(crate) struct ChunkReader {
    source: Source,
    cipher: ChunkCipher,
    len: u64,
    position: u64,
    /// Number of the chunk in `buffer`.
    held: Option<u64>,
    buffer: Vec<u8>,
    plain_len: usize,
}

impl std::fmt::Debug for ChunkReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkReader").field("len", &self.len).field("position", &self.position).finish()
    }
}

impl ChunkReader {
    pub(crate) fn new(source: Source, secret: &Secret, domain: Domain, len: u64) -> io::Result<Self> {
        let cipher = ChunkCipher::new(secret, domain).ok_or_else(|| io::Error::other("key refused"))?;
        Ok(Self { source, cipher, len, position: 0, held: None, buffer: Vec::new(), plain_len: 0 })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    fn hold(&mut self, chunk: u64) -> io::Result<()> {
        if self.held == Some(chunk) {
            return Ok(());
        }
        self.held = None;
        let offset = chunk.saturating_mul(STORED_CHUNK as u64);
        let bytes = stored_len(self.len).saturating_sub(offset).min(STORED_CHUNK as u64);
        self.buffer.resize(usize::try_from(bytes).unwrap_or(STORED_CHUNK), 0);
        self.source.read_at(offset, &mut self.buffer)?;
        let last = chunk.saturating_add(1) == chunks_of(self.len);
        let plain = self
            .cipher
            .open(chunk, last, &mut self.buffer)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("chunk {chunk} does not decrypt")))?;
        self.plain_len = plain.len();
        self.held = Some(chunk);
        Ok(())
    }
}

impl Read for ChunkReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() || (self.position >= self.len && self.len > 0) {
            return Ok(0);
        }
        // An empty file still has a chunk, which must decrypt.
        self.hold(self.position / CHUNK_BYTES as u64)?;
        let within = usize::try_from(self.position % CHUNK_BYTES as u64).unwrap_or(CHUNK_BYTES);
        let available = self.buffer.get(within..self.plain_len).unwrap_or_default();
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for ChunkReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = seek(to, self.position, self.len)?;
        Ok(self.position)
    }
}

/// The position that a seek leads to, never before the beginning.
pub(crate) fn seek(to: SeekFrom, position: u64, len: u64) -> io::Result<u64> {
    let found = match to {
        SeekFrom::Start(offset) => Some(offset),
        SeekFrom::End(offset) => len.checked_add_signed(offset),
        SeekFrom::Current(offset) => position.checked_add_signed(offset),
    };
    found.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the beginning"))
}
