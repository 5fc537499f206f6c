//! The bench: deposits a second beside what the same disk does with the same bytes bare, one client, packs and their verification, memory,
//! starts, and what all of it costs as the log grows. Every number stands beside a limit or a peer of the same run.
//!
//! It states numbers and where the time went; docs/RELIABILITY.md says how to read them. The check of one inclusion proof must meet
//! its aim; the other aims are met or missed, row by row.

pub mod aims;
pub mod asked;
pub mod authorities;
pub mod bare;
mod counted;
pub mod deposits;
pub mod front;
pub mod growth;
pub mod inclusion;
pub mod kept;
pub mod limit;
pub mod load;
mod paced;
pub mod packs;
pub mod pair;
pub mod plot;
pub mod postgres;
pub mod primitives;
pub mod profile;
pub mod reading;
pub mod row;
mod scrub;
pub mod summary;
pub mod verify;
pub mod waits;
pub mod witnesses;
