//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of the log, as the text of a signed note.

use crate::hash::Hash;
use crate::ids::TreeSize;
use crate::limits::CHECKPOINT_EXTENSIONS;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use core::fmt;

/// The head of a log at one size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Unique name of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: TreeSize,
    /// RFC 9162 root at that size.
    pub root: Hash,
    /// Lines we do not read, kept.
    pub extensions: Vec<String>,
}

/// Which line of the text is not what a checkpoint holds there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CheckpointError {
    /// First line: the origin is missing or empty.
    Origin,
    /// Second line: not a decimal without leading zero.
    Size,
    /// Third line: not the base64 of 32 bytes.
    Root,
    /// An empty extension line, too many of them, or no newline at the end.
    Extension,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Origin => "line 1 of the checkpoint is no origin",
            Self::Size => "line 2 of the checkpoint is no size",
            Self::Root => "line 3 of the checkpoint is no root",
            Self::Extension => "the lines after the root are no extensions",
        })
    }
}
impl core::error::Error for CheckpointError {}

impl Checkpoint {
    /// The head this text states; signatures are the note's affair.
    ///
    /// # Errors
    /// [`CheckpointError`]: the first line that is not what it should be.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Extension)?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Origin)?;
        let size = lines.next().and_then(parse_decimal).ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(parse_hash).ok_or(CheckpointError::Root)?;
        let extensions: Vec<String> = lines.map(ToString::to_string).collect();
        if extensions.len() > CHECKPOINT_EXTENSIONS || extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Extension);
        }
        Ok(Self { origin: origin.to_string(), size: TreeSize(size), root, extensions })
    }

    /// The text to sign, newline included.
    pub fn to_text(&self) -> String {
        let extensions: String = self.extensions.iter().map(|line| format!("{line}\n")).collect();
        let root = BASE64_STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n{extensions}", self.origin, self.size.0)
    }
}

/// A decimal without sign or leading zero, or `None`.
pub fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    (plain && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The standard base64 of exactly 32 bytes, or `None`.
pub fn parse_hash(text: &str) -> Option<Hash> {
    Hash::from_slice(&BASE64_STANDARD.decode(text).ok()?)
}
