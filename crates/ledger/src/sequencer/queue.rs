//! What waits while a commit runs: bounded by count and by weight, answered whatever happens.

use super::Reply;
use crate::sealing::SealPlan;
use crate::storage::Put;
use crate::submission::{Answer, CheckedToken, Refusal, Sealed, Submission};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

/// What handles and thread share.
pub(super) struct Shared {
    /// Why the sequencer has stopped, once it has.
    pub(super) stopped: OnceLock<String>,
    /// Weight waiting.
    pub(super) weight: AtomicU64,
    /// Weight that may wait.
    pub(super) weight_limit: u64,
}

impl Shared {
    pub(super) fn refusal(&self) -> Refusal {
        Refusal::Stopped(self.stopped.get().cloned().unwrap_or_else(|| "it is closed".to_owned()))
    }

    /// Counts this weight as waiting, unless that would pass the limit.
    pub(super) fn admit(&self, weight: u64) -> bool {
        let added = |waiting: u64| waiting.checked_add(weight).filter(|sum| *sum <= self.weight_limit);
        self.weight.fetch_update(Ordering::AcqRel, Ordering::Acquire, added).is_ok()
    }

    pub(super) fn release(&self, weight: u64) {
        self.weight.fetch_sub(weight, Ordering::AcqRel);
    }
}

/// A reply still owed. Dropped unanswered (the thread stopped or panicked), it answers that the sequencer has stopped.
pub(super) struct Pending<T> {
    reply: Option<Reply<T>>,
    shared: Arc<Shared>,
}

impl<T> Pending<T> {
    pub(super) fn new(reply: Reply<T>, shared: &Arc<Shared>) -> Self {
        Self { reply: Some(reply), shared: Arc::clone(shared) }
    }

    pub(super) fn answer(mut self, result: Result<T, Refusal>) {
        if let Some(reply) = self.reply.take() {
            call(reply, result);
        }
    }
}

/// A reply that panics harms nobody but the one who gave it: the log goes on.
fn call<T>(reply: Reply<T>, result: Result<T, Refusal>) {
    let _ = catch_unwind(AssertUnwindSafe(|| reply(result)));
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        if let Some(reply) = self.reply.take() {
            call(reply, Err(self.shared.refusal()));
        }
    }
}

/// One thing asked of the thread.
pub(super) enum Job<P> {
    Entry(Box<Submission<P>>, Pending<Answer>),
    State(Vec<Put>, Pending<()>),
    Seal(Box<SealPlan>, CheckedToken, Pending<Sealed>),
    Close,
}

impl<P> Job<P> {
    /// What the job counts for, in the queue and in a batch.
    pub(super) fn weight(&self) -> u64 {
        let of_puts = |puts: &[Put]| -> u64 {
            let bytes = puts.iter().map(|put| put.key.len() + put.value.as_ref().map_or(0, Vec::len));
            bytes.map(|bytes| bytes as u64).sum()
        };
        match self {
            Self::Entry(submission, _) => {
                let own = submission.entry_bytes.len() as u64 + 32 * submission.file_groups.len() as u64;
                submission.weight.saturating_add(own).saturating_add(of_puts(&submission.puts))
            }
            Self::State(puts, _) => of_puts(puts),
            Self::Seal(..) | Self::Close => 0,
        }
    }

    /// Refused without having been queued.
    pub(super) fn refuse(self, refusal: Refusal) {
        match self {
            Self::Entry(_, reply) => reply.answer(Err(refusal)),
            Self::State(_, reply) => reply.answer(Err(refusal)),
            Self::Seal(_, _, reply) => reply.answer(Err(refusal)),
            Self::Close => {}
        }
    }
}

/// What the thread does next.
pub(super) enum Turn<P> {
    /// One commit of entries and state.
    Batch(Vec<Job<P>>),
    /// A seal, alone.
    Seal(Box<SealPlan>, CheckedToken, Pending<Sealed>),
    /// Nothing more will come.
    End,
}

/// The thread's end of the queue.
pub(super) struct Queue<P> {
    pub(super) jobs: Receiver<Job<P>>,
    pub(super) shared: Arc<Shared>,
    /// Received, and left for the next turn.
    pub(super) held: Option<Job<P>>,
    pub(super) batch_submissions: usize,
    pub(super) batch_bytes: u64,
}

impl<P> Queue<P> {
    /// Whether something is queued; then [`Queue::next`] does not wait.
    #[cfg(any(test, feature = "model"))]
    pub(super) fn waits(&mut self) -> bool {
        self.held = self.held.take().or_else(|| self.jobs.try_recv().ok());
        self.held.is_some()
    }

    /// Waits for one job, then takes what has queued meanwhile, up to the bounds of a batch. No timer.
    pub(super) fn next(&mut self) -> Turn<P> {
        let first = match self.held.take().map_or_else(|| self.jobs.recv().ok(), Some) {
            None | Some(Job::Close) => return Turn::End,
            Some(Job::Seal(plan, token, reply)) => return Turn::Seal(plan, token, reply),
            Some(job) => job,
        };
        let mut weight = first.weight();
        self.shared.release(weight);
        let mut batch = vec![first];
        while batch.len() < self.batch_submissions && weight < self.batch_bytes {
            match self.jobs.try_recv() {
                Ok(job @ (Job::Entry(..) | Job::State(..))) => {
                    weight = weight.saturating_add(job.weight());
                    self.shared.release(job.weight());
                    batch.push(job);
                }
                Ok(other) => {
                    self.held = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        Turn::Batch(batch)
    }
}
