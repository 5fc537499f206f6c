//! The one thread that orders, grows, appends, signs, publishes and answers.

mod commit;
mod order;
mod queue;
mod run;
mod seal;
mod start;
#[cfg(any(test, feature = "model"))]
mod stepwise;
mod take;

use crate::clock::Clock;
use crate::limits;
use crate::sealing::SealPlan;
use crate::signer::LogKeys;
use crate::storage::{Put, Storage, StorageError};
use crate::submission::{Answer, CheckedToken, Event, Refusal, Sealed, Submission};
use commit::Core;
pub(crate) use commit::checkpoint_text;
use queue::{Job, Pending, Queue, Shared};
use std::fmt;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock, atomic::AtomicU64};
use std::thread::JoinHandle;
#[cfg(any(test, feature = "model"))]
pub use stepwise::{Stepped, Stepwise};

/// Called once with what became of a request, from the sequencer's thread (or at once when nothing was queued).
/// Must not block.
pub type Reply<T> = Box<dyn FnOnce(Result<T, Refusal>) + Send>;

/// Called from the sequencer's thread. Must not block.
pub type Observer = Box<dyn FnMut(Event) + Send>;

/// What a sequencer may be told to do otherwise.
pub struct SequencerOptions {
    /// Submissions waiting at most.
    pub queue_submissions: usize,
    /// Weight waiting at most.
    pub queue_bytes: u64,
    /// Submissions in one commit at most.
    pub batch_submissions: usize,
    /// Weight after which a commit takes nothing more.
    pub batch_bytes: u64,
    /// Is told what happens.
    pub observer: Observer,
}

impl Default for SequencerOptions {
    fn default() -> Self {
        Self {
            queue_submissions: limits::QUEUE_SUBMISSIONS,
            queue_bytes: limits::QUEUE_BYTES,
            batch_submissions: limits::BATCH_SUBMISSIONS,
            batch_bytes: limits::BATCH_BYTES,
            observer: Box::new(|_| {}),
        }
    }
}

/// Why a sequencer did not start. Nothing was signed or published beyond what it says.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The storage failed.
    Storage(StorageError),
    /// The stored head is not what its tiles, its checkpoint or our key give, in words.
    Head(String),
    /// A commit left by a crash does not follow the head or does not give its own checkpoint, in words.
    Replay {
        /// Number of the commit.
        number: u64,
        /// Why.
        why: String,
    },
    /// The state of seals or tenants cannot be read, in words.
    State(String),
    /// The same text signed twice gave two signatures.
    SignatureNotDeterministic,
    /// The thread could not be started.
    Thread(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(why) => write!(f, "{why:?}"),
            Self::Head(why) => write!(f, "the stored head cannot be trusted: {why}"),
            Self::Replay { number, why } => write!(f, "commit {number} cannot be replayed: {why}"),
            Self::State(why) => f.write_str(why),
            Self::SignatureNotDeterministic => f.write_str("the same text signed twice gave two signatures"),
            Self::Thread(why) => write!(f, "the sequencer's thread could not be started: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StorageError> for StartError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Every durable commit of this storage is published, computed and signed again; nothing is appended. The storage comes back.
///
/// # Errors
/// [`StartError`]: the stored head or a commit does not give what it says.
pub fn publish_again<S: Storage>(storage: S, keys: impl Into<LogKeys>, origin: &str) -> Result<S, StartError>
where
    S::Parts: Default,
{
    let clock = Box::new(|| proof::UnixMillis(0));
    Ok(Core::catch_up(storage, keys.into(), origin, clock, Box::new(|_| {}))?.storage)
}

/// A handle on the sequencer. The thread ends, having committed what was queued, when the last handle is dropped or
/// after [`Sequencer::close`].
pub struct Sequencer<P> {
    queue: SyncSender<Job<P>>,
    shared: Arc<Shared>,
}

impl<P> Clone for Sequencer<P> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<P: Send + Default + 'static> Sequencer<P> {
    /// Checks the stored head, replays and publishes what a crash left, logs a seal whose token is durable, and starts
    /// the thread. The thread ends with `Err` of a sentence when it had to stop: exit then. `Parts::default()` is what
    /// a seal leaf brings along: nothing.
    ///
    /// # Errors
    /// [`StartError`]: start nothing, tell the operator.
    pub fn start<S: Storage<Parts = P> + Send + 'static>(
        storage: S,
        keys: impl Into<LogKeys>,
        origin: &str,
        clock: Box<dyn Clock>,
        options: SequencerOptions,
    ) -> Result<(Self, JoinHandle<Result<(), String>>), StartError> {
        let (core, handle, queue) = Self::prepare(storage, keys.into(), origin, clock, options)?;
        let thread = std::thread::Builder::new().name("sequencer".to_owned());
        let thread = thread.spawn(move || run::run(core, queue)).map_err(StartError::Thread)?;
        Ok((handle, thread))
    }

    /// What the thread owns, and the handle on it.
    fn prepare<S: Storage<Parts = P>>(
        storage: S,
        keys: LogKeys,
        origin: &str,
        clock: Box<dyn Clock>,
        options: SequencerOptions,
    ) -> Result<(Core<S>, Self, Queue<P>), StartError> {
        let core = Core::open(storage, keys, origin, clock, options.observer)?;
        let (sender, jobs) = sync_channel(options.queue_submissions);
        let shared =
            Arc::new(Shared { stopped: OnceLock::new(), weight: AtomicU64::new(0), weight_limit: options.queue_bytes });
        let queue = Queue {
            jobs,
            shared: Arc::clone(&shared),
            held: None,
            batch_submissions: options.batch_submissions.max(1),
            batch_bytes: options.batch_bytes,
        };
        Ok((core, Self { queue: sender, shared }, queue))
    }
}

impl<P> Sequencer<P> {
    /// Queues an entry; the reply comes once it is durable, signed and published, or refused.
    pub fn submit(&self, submission: Submission<P>, reply: Reply<Answer>) {
        self.offer(Job::Entry(Box::new(submission), Pending::new(reply, &self.shared)));
    }

    /// Queues changes of state that come with no entry; the reply comes once they are durable and published.
    pub fn state(&self, puts: Vec<Put>, reply: Reply<()>) {
        self.offer(Job::State(puts, Pending::new(reply, &self.shared)));
    }

    /// Makes token, batch head and register durable, then logs the seal leaf.
    pub fn seal(&self, plan: SealPlan, token: CheckedToken, reply: Reply<Sealed>) {
        self.offer(Job::Seal(Box::new(plan), token, Pending::new(reply, &self.shared)));
    }

    /// Commits what is queued and ends the thread; what comes after is refused as stopped. Waits for a place in the queue.
    pub fn close(&self) {
        // Disconnected means that the thread has ended already.
        let _ = self.queue.send(Job::Close);
    }

    /// Why the sequencer has stopped, `None` while it runs.
    pub fn stopped(&self) -> Option<String> {
        self.shared.stopped.get().cloned()
    }

    fn offer(&self, job: Job<P>) {
        let weight = job.weight();
        if !self.shared.admit(weight) {
            return job.refuse(if self.stopped().is_some() { self.shared.refusal() } else { Refusal::Busy });
        }
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => {
                self.shared.release(weight);
                job.refuse(Refusal::Busy);
            }
            Err(TrySendError::Disconnected(job)) => {
                self.shared.release(weight);
                job.refuse(self.shared.refusal());
            }
        }
    }
}

#[cfg(test)]
mod tests;
