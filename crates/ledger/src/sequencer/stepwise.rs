//! The sequencer without its thread: one turn at a time, when the caller says so. For simulations, in which nothing may depend
//! on how two threads meet; every turn is the very one that the thread takes.

use super::commit::Core;
use super::queue::Queue;
use super::{Sequencer, SequencerOptions, StartError, run};
use crate::clock::Clock;
use crate::signer::LogKeys;
use crate::storage::Storage;
use std::ops::ControlFlow;

/// What one turn came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stepped {
    /// Nothing was queued; nothing was done.
    Idle,
    /// One batch or one seal: whoever waited for it was answered.
    Went,
    /// There is no other turn; `Err` says why it had to stop. Whoever still waits is refused when this driver is dropped.
    Ended(Result<(), String>),
}

/// What the thread of a [`Sequencer`] owns, in the caller's hand.
pub struct Stepwise<S: Storage> {
    core: Core<S>,
    queue: Queue<S::Parts>,
}

impl<S: Storage> Stepwise<S>
where
    S::Parts: Default,
{
    /// As [`Sequencer::start`], without the thread.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(
        storage: S,
        keys: impl Into<LogKeys>,
        origin: &str,
        clock: Box<dyn Clock>,
        options: SequencerOptions,
    ) -> Result<(Sequencer<S::Parts>, Self), StartError> {
        let (core, handle, queue) = Sequencer::prepare(storage, keys.into(), origin, clock, options)?;
        Ok((handle, Self { core, queue }))
    }

    /// One turn over what is queued.
    pub fn turn(&mut self) -> Stepped {
        if !self.queue.waits() {
            return Stepped::Idle;
        }
        match run::step(&mut self.core, &mut self.queue) {
            ControlFlow::Continue(()) => Stepped::Went,
            ControlFlow::Break(ended) => Stepped::Ended(ended),
        }
    }
}
