//! Entry bundles (C2SP tlog-tiles, "Log entries"): leaf data one after another, each behind its length in two bytes, big-endian.

use crate::limits::TILE_WIDTH;
use alloc::vec::Vec;
use core::fmt;

/// Why bytes are no bundle, or entries make none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BundleError {
    /// The entry at this position, from 0, ends after the bytes do.
    CutShort {
        /// Its position.
        entry: usize,
    },
    /// The entry at this position, from 0, is longer than two bytes can tell.
    TooLong {
        /// Its position.
        entry: usize,
    },
    /// More entries than a tile is wide.
    TooMany,
    /// No entry at all: empty bundles are never served.
    Empty,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort { entry } => write!(f, "entry {entry} of the bundle is cut short"),
            Self::TooLong { entry } => write!(f, "entry {entry} is too long for a bundle"),
            Self::TooMany => write!(f, "a bundle holds more than {TILE_WIDTH} entries"),
            Self::Empty => f.write_str("a bundle without an entry"),
        }
    }
}
impl core::error::Error for BundleError {}

/// The leaf data in this bundle, in the order of the log: 1 to 256 entries, every byte accounted for.
///
/// # Errors
/// [`BundleError`]: the first thing that is not what it should be.
pub fn parse(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let cut = BundleError::CutShort { entry: entries.len() };
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut)?;
        if entries.len() >= TILE_WIDTH.into() {
            return Err(BundleError::TooMany);
        }
        entries.push(entry);
        rest = after;
    }
    if entries.is_empty() { Err(BundleError::Empty) } else { Ok(entries) }
}

/// The bundle that [`parse`] reads back as these entries.
///
/// # Errors
/// [`BundleError`]: too many entries, none, or one too long.
pub fn write<T: AsRef<[u8]>>(entries: &[T]) -> Result<Vec<u8>, BundleError> {
    if entries.is_empty() {
        return Err(BundleError::Empty);
    }
    if entries.len() > TILE_WIDTH.into() {
        return Err(BundleError::TooMany);
    }
    let mut bytes = Vec::new();
    for (position, entry) in entries.iter().map(AsRef::as_ref).enumerate() {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLong { entry: position })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}
