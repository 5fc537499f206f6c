//! The door to the seal job: a seal or a renewal asked for, and waited for.

use super::Outcome;
use super::ask::Authority;
use super::pending::Trouble;
use crate::limits;
use crate::problem::{Problem, codes};
use crate::random;
use crate::renewal::{Hashed, Renewed};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Seals asked for and not yet begun.
const ASKS: usize = 64;

/// Someone who waits for an outcome; closed once gone.
pub(super) type Asker = oneshot::Sender<Outcome>;

/// A renewal asked for.
pub(crate) enum Work {
    /// Of time-stamps.
    Timestamps,
    /// Of hashes, planned.
    Hashes(Box<Hashed>),
}

/// Someone who waits for a renewal.
pub(super) type Renewer = oneshot::Sender<Result<Vec<Renewed>, Problem>>;

/// The door to the job.
pub(crate) struct Asks {
    pub(super) send: mpsc::Sender<Asker>,
    renew: mpsc::Sender<(Work, Renewer)>,
    /// When the next attempt is due, in seconds of Unix time.
    pub(super) due: AtomicU64,
    pub(super) trouble: Trouble,
    /// In the order in which they are asked.
    pub(super) authorities: Vec<Authority>,
    pub(super) ending: AtomicBool,
}

/// The other side of the door.
pub(crate) struct Queue {
    pub(super) seals: mpsc::Receiver<Asker>,
    pub(super) renewals: mpsc::Receiver<(Work, Renewer)>,
}

/// What wakes the job.
pub(super) enum Wake {
    Due,
    Seal(Asker),
    Renew(Work, Renewer),
}

impl Asks {
    pub(crate) fn of(authorities: Vec<Authority>) -> (Self, Queue) {
        let ((send, seals), (renew, renewals)) = (mpsc::channel(ASKS), mpsc::channel(1));
        let due = AtomicU64::new(0);
        let (trouble, ending) = (Trouble::default(), AtomicBool::new(false));
        (Self { send, renew, due, trouble, authorities, ending }, Queue { seals, renewals })
    }

    /// Seals now and waits for it, for so long.
    pub(crate) async fn now(&self) -> Result<Outcome, Problem> {
        let (tell, hear) = oneshot::channel();
        self.send.try_send(tell).map_err(|error| match error {
            TrySendError::Full(_) => Problem::from(&codes::BUSY).retry_after(5),
            TrySendError::Closed(_) => Problem::from(&codes::STOPPED).retry_after(10),
        })?;
        match tokio::time::timeout(Duration::from_secs(limits::SEAL_WAIT_SECONDS), hear).await {
            Ok(heard) => heard.map_err(|_| Problem::from(&codes::STOPPED).retry_after(10)),
            Err(_) => Ok(Outcome::Pending { batch: None, code: "seal-under-way" }),
        }
    }

    /// Renews, and waits for it however long it takes: every token is read.
    pub(crate) async fn renew(&self, work: Work) -> Result<Vec<Renewed>, Problem> {
        let (tell, hear) = oneshot::channel();
        self.renew.try_send((work, tell)).map_err(|error| match error {
            TrySendError::Full(_) => Problem::from(&codes::BUSY).retry_after(60),
            TrySendError::Closed(_) => Problem::from(&codes::STOPPED).retry_after(10),
        })?;
        hear.await.unwrap_or_else(|_| Err(Problem::from(&codes::STOPPED).retry_after(10)))
    }

    /// The job has ended, or is about to: whatever reads for long stops too.
    pub(crate) fn ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Seconds to the next attempt, at least one.
    pub(crate) fn seconds_left(&self) -> u64 {
        self.due.load(Ordering::Relaxed).saturating_sub(random::now().0 / 1000).max(1)
    }
}
