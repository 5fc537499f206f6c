//! What a witness decides when it is shown a head (C2SP tlog-witness, "add-checkpoint", the text in which a line that names a
//! known key and is false is refused too). The state it decides by, and making it durable, is the caller's.

use crate::request::AddCheckpoint;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use proof::checkpoint::CheckpointError;
use proof::merkle::{MerkleError, root, verify_consistency};
use proof::note::{NoteError, NoteSignature};
use proof::{Checkpoint, Hash, Sha256Tree, SignedNote, TreeSize, VerifierKey};

/// The head a witness cosigned last for an origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its size.
    pub size: TreeSize,
    /// Its root.
    pub root: Hash,
}

impl Known {
    /// Of an origin no head of which was ever cosigned: the tree of nothing.
    pub fn nothing() -> Self {
        Self { size: TreeSize(0), root: root::<Sha256Tree>(&[]) }
    }
}

/// A head that may be cosigned, once it is durable as the origin's latest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosignable {
    /// What the head states.
    pub checkpoint: Checkpoint,
    /// The same as it was shown, with the signature lines of the log's known keys only.
    pub note: SignedNote,
}

/// Why a head is not cosigned.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refused {
    /// What was shown is no signed note (400).
    Note(NoteError),
    /// Its text is no checkpoint (400).
    Checkpoint(CheckpointError),
    /// No known log has this origin (404).
    UnknownLog {
        /// The origin shown.
        origin: String,
    },
    /// No known key of the log signed it, or one did and the signature is false (403).
    Signature(NoteError),
    /// The old size is beyond the head's (400).
    OldBeyond {
        /// The old size.
        old: TreeSize,
        /// The head's.
        size: TreeSize,
    },
    /// The old size is not that of the head cosigned last (409, with that size).
    Stale {
        /// That of the head cosigned last.
        known: TreeSize,
        /// The old size.
        old: TreeSize,
    },
    /// Another root of the size cosigned last (409): the log has signed two histories.
    OtherRoot {
        /// The size.
        size: TreeSize,
    },
    /// The head does not continue the one cosigned last by this path (422).
    Inconsistent(MerkleError),
}

impl Refused {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Note(_) | Self::Checkpoint(_) | Self::OldBeyond { .. } => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog { .. } => 404,
            Self::Stale { .. } | Self::OtherRoot { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }

    /// The log signed this, and it may be proof of its misbehaviour.
    pub fn is_evidence(&self) -> bool {
        matches!(self, Self::OtherRoot { .. } | Self::Inconsistent(_))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(why) => why.fmt(f),
            Self::Checkpoint(why) => why.fmt(f),
            Self::UnknownLog { origin } => write!(f, "no log known here has the origin {origin}"),
            Self::Signature(why) => write!(f, "no known key of this log signed the head: {why}"),
            Self::OldBeyond { old, size } => write!(f, "the old size {} is beyond the head's, {}", old.0, size.0),
            Self::Stale { known, old } => {
                write!(f, "the old size is {}, the head cosigned last has size {}", old.0, known.0)
            }
            Self::OtherRoot { size } => write!(f, "another root of size {} was cosigned before", size.0),
            Self::Inconsistent(why) => write!(f, "the head does not continue the one cosigned last: {why}"),
        }
    }
}
impl core::error::Error for Refused {}

/// The head may be cosigned: signed by a log known here, and continuing the head cosigned last, which `known` tells for each
/// origin.
///
/// # Errors
/// [`Refused`]: the first rule, in the order of the specification, that does not hold.
pub fn judge(
    request: &AddCheckpoint,
    logs: &[VerifierKey],
    known: &dyn Fn(&str) -> Known,
) -> Result<Cosignable, Refused> {
    let note = SignedNote::parse(&request.checkpoint).map_err(Refused::Note)?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(Refused::Checkpoint)?;
    let note = signed_by(note, &checkpoint.origin, logs)?;
    let (old, size) = (request.old, checkpoint.size);
    if old > size {
        return Err(Refused::OldBeyond { old, size });
    }
    let last = known(&checkpoint.origin);
    if old != last.size {
        return Err(Refused::Stale { known: last.size, old });
    }
    if old == size && checkpoint.root != last.root && size.0 > 0 {
        return Err(Refused::OtherRoot { size });
    }
    verify_consistency::<Sha256Tree>(old, size, &last.root, &checkpoint.root, &request.path)
        .map_err(Refused::Inconsistent)?;
    Ok(Cosignable { checkpoint, note })
}

/// The note with the lines of the log's known keys only, at least one of them true and none false.
fn signed_by(note: SignedNote, origin: &str, logs: &[VerifierKey]) -> Result<SignedNote, Refused> {
    let keys: Vec<&VerifierKey> = logs.iter().filter(|key| key.name() == origin).collect();
    if keys.is_empty() {
        return Err(Refused::UnknownLog { origin: origin.to_string() });
    }
    let mut signed = Err(NoteError::NotSigned { name: origin.to_string() });
    for key in &keys {
        match key.verify(&note) {
            Err(NoteError::NotSigned { .. }) => {}
            Err(why) => return Err(Refused::Signature(why)),
            Ok(()) => signed = Ok(()),
        }
    }
    signed.map_err(Refused::Signature)?;
    Ok(lines_of(note, &keys))
}

/// The note with the first line of each of these keys and no other: anyone can add lines to a note, and what is kept must not
/// grow by them.
pub fn lines_of(note: SignedNote, keys: &[&VerifierKey]) -> SignedNote {
    let mut signatures: Vec<NoteSignature> = Vec::new();
    for line in note.signatures {
        let known = keys.iter().any(|key| key.name() == line.name && key.key_hash() == line.key_hash);
        let kept = signatures.iter().any(|kept| (&kept.name, &kept.key_hash) == (&line.name, &line.key_hash));
        if known && !kept {
            signatures.push(line);
        }
    }
    SignedNote { text: note.text, signatures }
}
