//! Where a store lives.

use crate::limits::SEGMENT_BYTES;
use std::path::PathBuf;

/// Where a store lives and how large its segments are.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Directory of the store: `segments/`, `ahead/`, `keys/`, `index/`, `aside/`, `lock`.
    pub data: PathBuf,
    /// File of the master key: 64 hexadecimal digits, readable by its owner only.
    pub master_key: PathBuf,
    /// Bytes preallocated for a segment.
    pub segment_bytes: u64,
}

impl StoreOptions {
    /// Options with the usual sizes.
    pub fn new(data: impl Into<PathBuf>, master_key: impl Into<PathBuf>) -> Self {
        Self { data: data.into(), master_key: master_key.into(), segment_bytes: SEGMENT_BYTES }
    }
}
