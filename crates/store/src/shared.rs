//! What the writer and every reader of one open store have in common.

use crate::index::Index;
use crate::keys::KeyStore;
use crate::lock::Lock;
use crate::segment::SegmentFiles;
use std::path::PathBuf;
use std::sync::Arc;

/// The open store, without its writer.
pub(crate) struct Shared {
    pub(crate) index: Index,
    pub(crate) segments: SegmentFiles,
    pub(crate) keys: KeyStore,
    pub(crate) ahead: PathBuf,
    pub(crate) _lock: Arc<Lock>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("index", &self.index).finish_non_exhaustive()
    }
}
