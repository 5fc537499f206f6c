//! Journeys of the real programs, and the samples they carry.

pub mod samples;
