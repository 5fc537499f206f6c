//! Witnesses with the real programs over real sockets: alive, dead, hung, lying, killed; and logs of one store that part.
//!
//! With failpoints, a witness alone and nothing else: the rest is run without.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "witness/alone.rs"]
mod alone;
#[cfg(feature = "failpoints")]
#[path = "witness/failing.rs"]
mod failing;
#[cfg(not(feature = "failpoints"))]
#[path = "witness/kept.rs"]
mod kept;
#[cfg(not(feature = "failpoints"))]
#[path = "witness/liars.rs"]
mod liars;
#[cfg_attr(feature = "failpoints", allow(dead_code, reason = "what is not run uses it"))]
#[path = "witness/programs.rs"]
mod programs;
#[cfg(not(feature = "failpoints"))]
#[path = "witness/quorums.rs"]
mod quorums;
#[cfg(not(feature = "failpoints"))]
#[path = "witness/split.rs"]
mod split;
