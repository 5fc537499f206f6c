//! Why the service did not start, or stopped.

use std::fmt;
use std::path::PathBuf;

/// Why the service did not start, did not do what was asked of its directory, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// Not written yet.
    Unbuilt,
    /// The operating system refused.
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Its answer.
        source: std::io::Error,
    },
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbuilt => f.write_str("not built"),
            Self::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for ServiceError {}
