//! Where a store lives.

use crate::limits::SEGMENT_BYTES;
use crate::master::Master;
use std::path::PathBuf;

/// Where a store lives and how large its segments are.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Directory of the store: `segments/`, `ahead/`, `keys/`, `index/`, `aside/`, `lock`.
    pub data: PathBuf,
    /// The master key, or where it stands.
    pub master: Master,
    /// Bytes preallocated for a segment.
    pub segment_bytes: u64,
}

impl StoreOptions {
    /// Options with the usual sizes.
    pub fn new(data: impl Into<PathBuf>, master: impl Into<Master>) -> Self {
        Self { data: data.into(), master: master.into(), segment_bytes: SEGMENT_BYTES }
    }
}
