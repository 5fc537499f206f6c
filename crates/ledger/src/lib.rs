//! Batch, order, grow, sign, prove, seal a batch.
//!
//! A document enters as a [`Submission`] and leaves as a [`Receipt`]: [`Sequencer`] holds the one thread that orders,
//! grows the tree, appends, signs, publishes and answers; [`prover`] proves what is published, by the [`paths`] of the
//! tree; [`sealing`] plans a batch for a time-stamping authority and proves what it covers; [`register`] lists a tenant's
//! whole chain.
//!
//! Deliberately not here: files and databases (`store`, behind [`storage::Storage`]), encryption, HTTP and the asking
//! of authorities (`service`), the judging of tokens (`seal`), async, a clock or randomness of its own (both enter by
//! argument, so that the ledger can be replayed and simulated).

pub mod audit;
pub mod brief;
pub mod clock;
pub mod failpoint;
pub mod json;
pub mod limits;
#[cfg(any(test, feature = "model"))]
pub mod model;
pub mod paths;
pub mod prover;
pub mod register;
pub mod sealing;
pub mod sequencer;
mod signer;
pub mod spaces;
pub mod storage;
pub mod submission;
mod tiles;

pub use clock::Clock;
pub use sequencer::{Observer, Reply, Sequencer, SequencerOptions, StartError, publish_again};
pub use signer::{KnownKeys, LogKeys, Signer};
pub use submission::{Answer, CheckedToken, Event, Receipt, Refusal, Sealed, Submission};

#[cfg(test)]
mod tests;
