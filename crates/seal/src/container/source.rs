//! Where the bytes of a container are: in memory, or elsewhere and read piece by piece, by whoever knows how. What a document comes to,
//! however large it is, is had by one reading of it from first to last, in bounded memory.

use std::fmt;
use std::ops::Deref;

use sha2::{Digest, Sha256, Sha512};

use crate::error::SealError;

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// The checksum of a zip's entry (CRC-32), under way.
#[derive(Debug, Default)]
pub struct Checksum(flate2::Crc);

impl Checksum {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Takes the bytes of which this is the checksum, as if they had come next.
    pub fn join(&mut self, next: &Self) {
        self.0.combine(&next.0);
    }

    /// The checksum of all that was taken.
    pub fn value(&self) -> u32 {
        self.0.sum()
    }
}

impl Clone for Checksum {
    fn clone(&self) -> Self {
        let mut same = Self::default();
        same.join(self);
        same
    }
}

impl PartialEq for Checksum {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

/// What some bytes come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// How many.
    pub size: u64,
    /// Their checksum.
    pub checksum: Checksum,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// Their SHA-512.
    pub sha512: [u8; 64],
}

/// A measure under way: the bytes come once, in order.
#[derive(Clone, Default)]
pub struct Measuring {
    size: u64,
    checksum: Checksum,
    sha256: Sha256,
    sha512: Sha512,
}

impl fmt::Debug for Measuring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measuring").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Measuring {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.checksum.update(piece);
        self.sha256.update(piece);
        self.sha512.update(piece);
    }

    /// What was taken comes to.
    pub fn finish(self) -> Measured {
        let Self { size, checksum, sha256, sha512 } = self;
        Measured { size, checksum, sha256: sha256.finalize().into(), sha512: sha512.finalize().into() }
    }
}

/// The bytes of a container, wherever they are. Whoever gives them answers for this: what is read, measured and summed is the same bytes.
pub trait Source: fmt::Debug {
    /// How many.
    fn size(&self) -> u64;

    /// Those from `offset` on, as many as there is room for.
    ///
    /// # Errors
    /// `Malformed` where there are fewer, `Read` where they cannot be read.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError>;

    /// What so many bytes from `offset` on come to.
    ///
    /// # Errors
    /// As [`Source::read_at`].
    fn measure(&self, offset: u64, size: u64) -> Result<Measured, SealError> {
        let mut measuring = Measuring::default();
        each_piece(self, offset, size, &mut |piece| measuring.update(piece))?;
        Ok(measuring.finish())
    }

    /// Their checksum alone.
    ///
    /// # Errors
    /// As [`Source::read_at`].
    fn checksum(&self, offset: u64, size: u64) -> Result<Checksum, SealError> {
        let mut checksum = Checksum::default();
        each_piece(self, offset, size, &mut |piece| checksum.update(piece))?;
        Ok(checksum)
    }
}

fn each_piece<S: Source + ?Sized>(
    source: &S,
    mut offset: u64,
    size: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), SealError> {
    let end = offset.checked_add(size).filter(|end| *end <= source.size()).ok_or_else(outside)?;
    let mut piece = vec![0; usize::try_from(size).unwrap_or(PIECE).min(PIECE)];
    while offset < end {
        let length = usize::try_from(end - offset).unwrap_or(PIECE).min(PIECE);
        source.read_at(offset, &mut piece[..length])?;
        take(&piece[..length]);
        offset += length as u64;
    }
    Ok(())
}

/// Bytes asked for that the container has not.
pub(crate) fn outside() -> SealError {
    SealError::Malformed { what: "container: bytes beyond its end" }
}

/// What leads to a source is one.
impl<P: Deref<Target: Source> + fmt::Debug> Source for P {
    fn size(&self) -> u64 {
        (**self).size()
    }
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        (**self).read_at(offset, into)
    }
    fn measure(&self, offset: u64, size: u64) -> Result<Measured, SealError> {
        (**self).measure(offset, size)
    }
    fn checksum(&self, offset: u64, size: u64) -> Result<Checksum, SealError> {
        (**self).checksum(offset, size)
    }
}

/// Bytes in memory.
#[derive(Clone, Copy)]
pub struct Held<'a>(pub &'a [u8]);

impl fmt::Debug for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({} bytes)", self.0.len())
    }
}

impl<'a> Held<'a> {
    fn part(&self, offset: u64, size: u64) -> Result<&'a [u8], SealError> {
        let (first, size) = (usize::try_from(offset).ok(), usize::try_from(size).ok());
        let part = first.zip(size).and_then(|(first, size)| self.0.get(first..)?.get(..size));
        part.ok_or_else(outside)
    }
}

impl Source for Held<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        into.copy_from_slice(self.part(offset, into.len() as u64)?);
        Ok(())
    }
    fn measure(&self, offset: u64, size: u64) -> Result<Measured, SealError> {
        let mut measuring = Measuring::default();
        measuring.update(self.part(offset, size)?);
        Ok(measuring.finish())
    }
    fn checksum(&self, offset: u64, size: u64) -> Result<Checksum, SealError> {
        let mut checksum = Checksum::default();
        checksum.update(self.part(offset, size)?);
        Ok(checksum)
    }
}

/// A stretch of a source: a container within another.
#[derive(Clone, Debug)]
pub struct Part<S> {
    pub(crate) source: S,
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

impl<S: Source> Part<S> {
    /// Where this stands in the source.
    fn at(&self, offset: u64, size: u64) -> Result<u64, SealError> {
        let end = offset.checked_add(size).filter(|end| *end <= self.size);
        end.and_then(|_| self.offset.checked_add(offset)).ok_or_else(outside)
    }
}

impl<S: Source> Source for Part<S> {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        self.source.read_at(self.at(offset, into.len() as u64)?, into)
    }
    fn measure(&self, offset: u64, size: u64) -> Result<Measured, SealError> {
        self.source.measure(self.at(offset, size)?, size)
    }
    fn checksum(&self, offset: u64, size: u64) -> Result<Checksum, SealError> {
        self.source.checksum(self.at(offset, size)?, size)
    }
}
