//! A small bench: how many deposits a second are acknowledged over HTTP, beside what the same disk does with the same bytes bare.
//!
//! And what the check of one inclusion proof costs, which must be met; and the other aims, row by row, met or missed.
//!
//! It states numbers and where the time went; docs/RELIABILITY.md says how to read them.

pub mod aims;
pub mod bare;
mod counted;
pub mod inclusion;
pub mod load;
mod paced;
pub mod postgres;
pub mod profile;
mod scrub;
pub mod summary;
pub mod witnesses;
