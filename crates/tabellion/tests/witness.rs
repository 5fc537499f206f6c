//! Witnesses with the real programs over real sockets: alive, dead, hung, lying, killed; and logs of one store that part.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "witness/alone.rs"]
mod alone;
#[cfg(feature = "failpoints")]
#[path = "witness/failing.rs"]
mod failing;
#[path = "witness/kept.rs"]
mod kept;
#[path = "witness/liars.rs"]
mod liars;
#[path = "witness/programs.rs"]
mod programs;
#[path = "witness/quorums.rs"]
mod quorums;
#[path = "witness/split.rs"]
mod split;
