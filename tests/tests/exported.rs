//! The exported log, read by a reader that shares nothing with us: crates `tlog_tiles` and `signed_note`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "exported/files.rs"]
mod files;
#[path = "exported/journeys.rs"]
mod journeys;
#[path = "exported/reader.rs"]
mod reader;
