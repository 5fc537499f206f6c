//! Segment files and RocksDB.
