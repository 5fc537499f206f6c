//! What those who watch read and say: the specifications' own examples, every refusal, every limit at and one past it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "it/cosignatures.rs"]
mod cosignatures;
#[path = "it/policies.rs"]
mod policies;
#[path = "it/requests.rs"]
mod requests;
#[path = "it/witnesses.rs"]
mod witnesses;
