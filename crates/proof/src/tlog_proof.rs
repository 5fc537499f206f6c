//! C2SP tlog-proof: one text that proves a leaf logged, with the checkpoint it is proved in.

use crate::checkpoint::{parse_decimal, parse_hash};
use crate::hash::Hash;
use crate::ids::Index;
use crate::limits::{PATH_HASHES, PROOF_BYTES};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use core::fmt;

const MAGIC: &str = "c2sp.org/tlog-proof@v1";

/// A proof as it travels; nothing of it is checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlogProof {
    /// Opaque data of the application, not authenticated. Receipts carry none.
    pub extra: Option<Vec<u8>>,
    /// The leaf's place.
    pub index: Index,
    /// Inclusion path, from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

/// Which part of the text is not what a proof holds there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProofError {
    /// More bytes or hashes than the limit.
    TooLarge {
        /// Given.
        given: usize,
        /// Allowed.
        limit: usize,
    },
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    Magic,
    /// The `extra` line is not base64.
    Extra,
    /// The `index` line is missing or no decimal.
    Index,
    /// This line, counted from 1, is not the base64 of a hash.
    Hash {
        /// The line.
        line: usize,
    },
    /// No blank line, or nothing after it.
    Checkpoint,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { given, limit } => write!(f, "{given} bytes or hashes, the limit is {limit}"),
            Self::Magic => write!(f, "line 1 is not {MAGIC}"),
            Self::Extra => f.write_str("the extra line is not base64"),
            Self::Index => f.write_str("no index line"),
            Self::Hash { line } => write!(f, "line {line} is not a hash"),
            Self::Checkpoint => f.write_str("no checkpoint after the path"),
        }
    }
}
impl core::error::Error for ProofError {}

impl TlogProof {
    /// The proof this text holds.
    ///
    /// # Errors
    /// [`ProofError`]: the first part that is not what it should be.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        if text.len() > PROOF_BYTES {
            return Err(ProofError::TooLarge { given: text.len(), limit: PROOF_BYTES });
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Checkpoint)?;
        if checkpoint.is_empty() {
            return Err(ProofError::Checkpoint);
        }
        let mut lines = head.split('\n').zip(1usize..).peekable();
        lines.next_if(|(line, _)| *line == MAGIC).ok_or(ProofError::Magic)?;
        let extra = lines.next_if(|(line, _)| line.starts_with("extra "));
        let extra = extra.map(|(line, _)| parse_extra(line).ok_or(ProofError::Extra)).transpose()?;
        let index = lines.next().and_then(|(line, _)| parse_decimal(line.strip_prefix("index ")?));
        let index = Index(index.ok_or(ProofError::Index)?);
        let path: Vec<Hash> = lines
            .map(|(line, number)| parse_hash(line).ok_or(ProofError::Hash { line: number }))
            .collect::<Result<_, _>>()?;
        if path.len() > PATH_HASHES {
            return Err(ProofError::TooLarge { given: path.len(), limit: PATH_HASHES });
        }
        Ok(Self { extra, index, path, checkpoint: checkpoint.to_string() })
    }

    /// The proof as text.
    pub fn write(&self) -> String {
        let extra = self.extra.as_ref().map(|data| format!("extra {}\n", BASE64_STANDARD.encode(data)));
        let path = write_hashes(&self.path);
        let index = self.index.0;
        format!("{MAGIC}\n{}index {index}\n{path}\n{}", extra.unwrap_or_default(), self.checkpoint)
    }
}

/// Hashes one a line in base64: the form of every path that travels alone.
pub fn write_hashes(hashes: &[Hash]) -> String {
    let mut text = String::new();
    for hash in hashes {
        BASE64_STANDARD.encode_string(hash.as_bytes(), &mut text);
        text.push('\n');
    }
    text
}

/// The hashes written one a line, or `None` when a line is no hash or there are more than any tree needs.
pub fn parse_hashes(text: &str) -> Option<Vec<Hash>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let hashes: Vec<Hash> = text.strip_suffix('\n')?.split('\n').map(parse_hash).collect::<Option<_>>()?;
    (hashes.len() <= PATH_HASHES).then_some(hashes)
}

fn parse_extra(line: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(line.strip_prefix("extra ")?).ok()
}
