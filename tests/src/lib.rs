//! Journeys of the real programs, and the samples they carry.

pub mod bench;
pub mod faults;
pub mod samples;
pub mod wire;
