//! What the writer and every reader of one open store have in common.

use crate::index::Index;
use crate::keys::KeyStore;
use crate::lock::Lock;
use crate::places::Places;
use crate::segment::SegmentFiles;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};

/// The open store, without its writer.
pub(crate) struct Shared {
    pub(crate) index: Index,
    pub(crate) segments: SegmentFiles,
    pub(crate) keys: KeyStore,
    pub(crate) ahead: PathBuf,
    pub(crate) aside: PathBuf,
    /// Held for reading while a row and the file it names are put together; for writing while elimination replaces the file
    /// and the rows.
    pub(crate) layout: RwLock<()>,
    /// The next commit opens a new segment.
    pub(crate) roll: AtomicBool,
    /// Number of the segment that is appended to; all before it are closed. 0 before the first.
    pub(crate) active: AtomicU64,
    /// One elimination at a time.
    pub(crate) erasing: Mutex<()>,
    /// Publications that changed state, since the opening.
    pub(crate) state_changes: AtomicU64,
    /// The start found an index made anew, or a segment file that is not the one it knew.
    pub(crate) changed: AtomicBool,
    pub(crate) _lock: Arc<Lock>,
}

impl Shared {
    /// Over an index beside which nothing is erased or appended: for those who only read the segments.
    pub(crate) fn of(index: Index, keys: KeyStore, places: &Places, lock: Arc<Lock>) -> Self {
        Self {
            index,
            segments: SegmentFiles::new(places.segments.clone()),
            keys,
            ahead: places.ahead.clone(),
            aside: places.aside.clone(),
            layout: RwLock::default(),
            roll: AtomicBool::new(false),
            active: AtomicU64::new(0),
            erasing: Mutex::default(),
            state_changes: AtomicU64::new(0),
            changed: AtomicBool::new(false),
            _lock: lock,
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("index", &self.index).finish_non_exhaustive()
    }
}
