//! Why a store does not open, and why a part cannot be sealed or read.

use ledger::storage::StorageError;
use proof::Hash;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a store was not created or opened. Nothing was changed, except where a variant says so.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The directory holds no store.
    Absent(PathBuf),
    /// The directory already holds a store.
    AlreadyThere(PathBuf),
    /// Another process holds the store.
    Locked(PathBuf),
    /// The operating system refused.
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// The master key file can be read or written by others than its owner.
    MasterKeyMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The master key file is not 64 hexadecimal digits.
    MasterKeyForm(PathBuf),
    /// The keys of this store were wrapped by another master key.
    WrongMasterKey {
        /// The key file that said so.
        path: PathBuf,
        /// The name of the master key that wrapped it.
        wrapped_by: String,
        /// The name of the master key that was given.
        given: String,
    },
    /// A file of the key store is damaged or missing.
    KeyStore {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Bytes of a segment that were once durable are wrong.
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// What was expected and what was found.
        what: String,
        /// What the operator can do.
        remedy: &'static str,
    },
    /// The mirror is not one, or cannot be read.
    Mirror {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The index has seen commits that the segments do not hold.
    IndexAhead {
        /// Last commit of the index.
        index: u64,
        /// Last commit of the segments.
        segments: u64,
    },
    /// The index and the segments tell two histories.
    IndexDisagrees {
        /// The commit on which they differ.
        number: u64,
        /// Digest of the record in the index.
        index: Hash,
        /// Digest of the record in the segments.
        segments: Hash,
    },
    /// The index was made by a newer program.
    UnknownVersion {
        /// Of what.
        what: &'static str,
        /// The version found.
        found: u64,
        /// The newest this program reads.
        known: u64,
    },
    /// The index cannot be opened, for a reason that a rebuild would not repair.
    Index(String),
}

impl OpenError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(path) => {
                write!(f, "{} holds no store; `tabellion init` makes one", path.display())
            }
            Self::AlreadyThere(path) => write!(f, "{} already holds a store", path.display()),
            Self::Locked(path) => {
                write!(f, "another process holds {}; stop it first", path.display())
            }
            Self::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
            Self::MasterKeyMode { path, mode } => {
                write!(f, "master key {} has mode {mode:04o}, others can reach it; `chmod 600` it", path.display())
            }
            Self::MasterKeyForm(path) => {
                write!(f, "master key {} is not 64 hexadecimal digits", path.display())
            }
            Self::WrongMasterKey { path, wrapped_by, given } => write!(
                f,
                "{} was wrapped by master key {wrapped_by}, the one given is {given}; give the right key file",
                path.display()
            ),
            Self::KeyStore { path, what } => {
                write!(f, "key store file {}: {what}; restore it from the backup of the key store", path.display())
            }
            Self::Damaged { path, offset, what, remedy } => {
                write!(f, "{} at byte {offset}: {what}; {remedy}", path.display())
            }
            Self::Mirror { path, what } => write!(
                f,
                "the mirror {} {what}; without it a store put back from an older copy cannot be told: find out why, and only then move \
                 it away, so that it begins anew",
                path.display()
            ),
            Self::IndexAhead { index, segments } => write!(
                f,
                "the index knows commit {index}, the segments end at commit {segments}: \
                 acknowledged data is missing; restore the segments"
            ),
            Self::IndexDisagrees { number, index, segments } => write!(
                f,
                "commit {number} has digest {index} in the index and {segments} in the segments; \
                 if the segments are the right ones, move the index directory away and start again"
            ),
            Self::UnknownVersion { what, found, known } => {
                write!(f, "{what} has version {found}, this program reads up to {known}; use a newer program")
            }
            Self::Index(text) => write!(f, "the index does not open: {text}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a body could not be spooled or an entry not be sealed. Nothing of it is in the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum VaultError {
    /// The operating system refused (no space left, too many open files).
    Io {
        /// What was attempted.
        action: &'static str,
        /// Its answer.
        source: io::Error,
    },
    /// What the ciphertext gives back is not what was said: memory or disk is failing.
    SecondComputation {
        /// Number of the file; 0 for `E` and for a file not yet numbered.
        file: u64,
        /// The digest said.
        said: Hash,
        /// The digest of what was recovered.
        recovered: Hash,
    },
    /// A part is larger than the store accepts.
    TooLarge {
        /// Which part.
        part: &'static str,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A part does not decrypt: it was altered, or belongs to another key.
    Cipher {
        /// Which part.
        part: &'static str,
        /// Number of the chunk of 64 KiB.
        chunk: u64,
    },
    /// No randomness could be had from the operating system.
    Randomness,
}

impl VaultError {
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, source } => write!(f, "cannot {action}: {source}"),
            Self::SecondComputation { file, said, recovered } => {
                write!(f, "file {file}: said to be {said}, the ciphertext gives back {recovered}")
            }
            Self::TooLarge { part, bytes, limit } => {
                write!(f, "{part} of {bytes} bytes, the limit is {limit}")
            }
            Self::Cipher { part, chunk } => write!(f, "{part} does not decrypt at chunk {chunk}"),
            Self::Randomness => f.write_str("the operating system gives no randomness"),
        }
    }
}

impl std::error::Error for VaultError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<VaultError> for StorageError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Io { .. } | VaultError::Randomness => Self::Retry(error.to_string()),
            _ => Self::Fatal(error.to_string()),
        }
    }
}
