//! The one thread that orders, grows, appends, signs, publishes and answers.

use crate::clock::Clock;
use crate::limits;
use crate::sealing::SealPlan;
use crate::storage::{Put, Storage, StorageError};
use crate::submission::{Answer, CheckedToken, Event, Refusal, Sealed, Submission};
use proof::SigningKey;
use std::fmt;
use std::thread::JoinHandle;

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

/// A handle on the sequencer. The thread ends, having committed what was queued, when the last handle is dropped or
/// after [`Sequencer::close`].
pub struct Sequencer<P> {
    queue: std::sync::mpsc::SyncSender<P>,
}

impl<P> Clone for Sequencer<P> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

impl<P: Send + 'static> Sequencer<P> {
    /// Checks the stored head, replays and publishes what a crash left, logs a seal whose token is durable, and starts
    /// the thread. The thread ends with `Err` of a sentence when it had to stop: exit then.
    ///
    /// # Errors
    /// [`StartError`]: start nothing, tell the operator.
    pub fn start<S: Storage<Parts = P> + Send + 'static>(
        _storage: S,
        _key: SigningKey,
        _origin: &str,
        _clock: Box<dyn Clock>,
        _options: SequencerOptions,
    ) -> Result<(Self, JoinHandle<Result<(), String>>), StartError> {
        Err(StartError::SignatureNotDeterministic)
    }

    /// Queues an entry; the reply comes once it is durable, signed and published, or refused.
    pub fn submit(&self, _submission: Submission<P>, reply: Reply<Answer>) {
        reply(Err(Refusal::Busy));
    }

    /// Queues changes of state that come with no entry; the reply comes once they are durable and published.
    pub fn state(&self, _puts: Vec<Put>, reply: Reply<()>) {
        reply(Err(Refusal::Busy));
    }

    /// Makes token, batch head and register durable, then logs the seal leaf.
    pub fn seal(&self, _plan: SealPlan, _token: CheckedToken, reply: Reply<Sealed>) {
        reply(Err(Refusal::Busy));
    }

    /// Commits what is queued and ends the thread; what comes after is refused as stopped.
    pub fn close(&self) {}
}
