//! The body of `add-checkpoint` (C2SP tlog-witness): from the size the witness knows to the head it is shown.

use crate::limits::{REQUEST_BYTES, REQUEST_HASHES};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use proof::checkpoint::{parse_decimal, parse_hash};
use proof::tlog_proof::write_hashes;
use proof::{Hash, TreeSize};

/// A head shown to a witness; nothing of it is checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    /// Size of the head the witness cosigned last, as the log believes; 0 for none.
    pub old: TreeSize,
    /// Consistency path from that size to the new one (RFC 9162 §2.1.4).
    pub path: Vec<Hash>,
    /// The new head, a signed note, verbatim.
    pub checkpoint: String,
}

/// Which part of the body is not what the request holds there. A witness answers 400 to all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RequestError {
    /// More bytes or hashes than the limit.
    TooLarge {
        /// Given.
        given: usize,
        /// Allowed.
        limit: usize,
    },
    /// The first line is not `old` and a decimal.
    Old,
    /// This line, counted from 1, is not the base64 of a hash.
    Hash {
        /// The line.
        line: usize,
    },
    /// No blank line, or nothing after it.
    Checkpoint,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { given, limit } => write!(f, "{given} bytes or hashes, the limit is {limit}"),
            Self::Old => f.write_str("line 1 is not `old` and a size"),
            Self::Hash { line } => write!(f, "line {line} is not a hash"),
            Self::Checkpoint => f.write_str("no checkpoint after the path"),
        }
    }
}
impl core::error::Error for RequestError {}

impl AddCheckpoint {
    /// The request this body holds.
    ///
    /// # Errors
    /// [`RequestError`]: the first part that is not what it should be.
    pub fn parse(body: &str) -> Result<Self, RequestError> {
        if body.len() > REQUEST_BYTES {
            return Err(RequestError::TooLarge { given: body.len(), limit: REQUEST_BYTES });
        }
        let (head, checkpoint) = body.split_once("\n\n").ok_or(RequestError::Checkpoint)?;
        if checkpoint.is_empty() {
            return Err(RequestError::Checkpoint);
        }
        let mut lines = head.split('\n').zip(1usize..);
        let old = lines.next().and_then(|(line, _)| parse_decimal(line.strip_prefix("old ")?));
        let old = TreeSize(old.ok_or(RequestError::Old)?);
        let path: Vec<Hash> = lines
            .map(|(line, number)| parse_hash(line).ok_or(RequestError::Hash { line: number }))
            .collect::<Result<_, _>>()?;
        if path.len() > REQUEST_HASHES {
            return Err(RequestError::TooLarge { given: path.len(), limit: REQUEST_HASHES });
        }
        Ok(Self { old, path, checkpoint: checkpoint.to_string() })
    }

    /// The body as it is sent.
    pub fn write(&self) -> String {
        format!("old {}\n{}\n{}", self.old.0, write_hashes(&self.path), self.checkpoint)
    }
}
