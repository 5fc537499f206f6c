//! A small bench: how many deposits a second are acknowledged over HTTP, beside what the same disk does with the same bytes bare.
//!
//! And what the check of one inclusion proof costs, which has an aim.
//!
//! Deliberately not here: a goal for deposits. It states numbers and where the time went; docs/RELIABILITY.md says how to read them.

pub mod bare;
pub mod inclusion;
pub mod load;
pub mod profile;
pub mod summary;
pub mod witnesses;
