//! The seal job: plans a batch, asks the authority over HTTP, checks its token, has it logged. A failure is logged and tried
//! again; deposits go on meanwhile.

mod ask;

use crate::app::{App, blocking};
use crate::limits;
use crate::problem::{Problem, codes};
use crate::random;
use ask::AskError;
use ledger::sealing::{self, PlanInputs, SealPlan};
use ledger::{CheckedToken, Sealed};
use proof::{Hash, Index, UnixMillis};
use seal::Token;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::StoreReads;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// Seals asked for and not yet begun.
const ASKS: usize = 64;
/// Time between two looks at refused bytes that are too old.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// What became of one attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// A batch was sealed.
    Sealed { batch: u64, first: u64, end: u64, gen_time: UnixMillis, leaf: u64 },
    /// Everything logged is sealed already.
    Nothing { last: Option<u64> },
    /// Not this time; it will be tried again.
    Pending { batch: Option<u64>, code: &'static str },
}

/// Why an attempt failed.
#[derive(Debug)]
enum Failure {
    Plan(String),
    Ask(AskError),
    Commit(ledger::Refusal),
}

impl Failure {
    fn code(&self) -> &'static str {
        match self {
            Self::Plan(_) => "seal-not-planned",
            Self::Ask(error) => error.code(),
            Self::Commit(_) => "seal-not-logged",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(why) => f.write_str(why),
            Self::Ask(why) => why.fmt(f),
            Self::Commit(why) => why.fmt(f),
        }
    }
}

/// The door to the job.
pub(crate) struct Asks {
    send: mpsc::Sender<oneshot::Sender<Outcome>>,
    /// When the next attempt is due, in seconds of Unix time.
    due: AtomicU64,
}

/// The other side of the door.
pub(crate) type Queue = mpsc::Receiver<oneshot::Sender<Outcome>>;

impl Asks {
    pub(crate) fn new() -> (Self, Queue) {
        let (send, queue) = mpsc::channel(ASKS);
        (Self { send, due: AtomicU64::new(0) }, queue)
    }

    /// Seals now and waits for it, for so long.
    pub(crate) async fn now(&self) -> Result<Outcome, Problem> {
        let (tell, hear) = oneshot::channel();
        self.send.try_send(tell).map_err(|_| Problem::from(&codes::BUSY).retry_after(5))?;
        match tokio::time::timeout(Duration::from_secs(limits::SEAL_WAIT_SECONDS), hear).await {
            Ok(heard) => heard.map_err(|_| Problem::from(&codes::STOPPED).retry_after(10)),
            Err(_) => Ok(Outcome::Pending { batch: None, code: "seal-under-way" }),
        }
    }

    /// Seconds to the next attempt, at least one.
    pub(crate) fn seconds_left(&self) -> u64 {
        self.due.load(Ordering::Relaxed).saturating_sub(random::now().0 / 1000).max(1)
    }
}

/// What the job needs beside the service.
pub(crate) struct Job {
    pub(crate) url: String,
    /// Roots by which tokens are judged, DER.
    pub(crate) roots: Vec<Vec<u8>>,
    /// Exact bytes of the policy as first published.
    pub(crate) first_policy: Vec<u8>,
    pub(crate) every: Duration,
}

/// Runs until told to stop.
pub(crate) async fn run(app: App, job: Job, mut queue: Queue, mut stop: watch::Receiver<bool>) {
    let mut failures = 0u32;
    let mut purge_due = Instant::now();
    let mut due = Instant::now() + job.every;
    loop {
        app.seals.due.store(random::now().0 / 1000 + (due - Instant::now()).as_secs(), Ordering::Relaxed);
        let asked = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            asked = queue.recv() => asked,
            () = sleep_until(due) => None,
        };
        let outcome = attempt(&app, &job).await;
        let failed = matches!(outcome, Outcome::Pending { .. });
        failures = if failed { failures.saturating_add(1) } else { 0 };
        due = Instant::now() + if failed { retry_after(failures, job.every) } else { job.every };
        if let Some(asked) = asked {
            let _ = asked.send(outcome);
        }
        if purge_due <= Instant::now() {
            let app = app.clone();
            let _ = blocking(move || crate::deposit::purge(&app)).await;
            purge_due = Instant::now() + PURGE_EVERY;
        }
    }
}

/// Doubled at each failure, never longer than the interval.
fn retry_after(failures: u32, every: Duration) -> Duration {
    let doubled =
        Duration::from_secs(limits::SEAL_RETRY_SECONDS).saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(every)
}

async fn attempt(app: &App, job: &Job) -> Outcome {
    let planned = plan(app, job).await;
    let batch = planned.as_ref().ok().and_then(|plan| plan.as_ref().map(|plan| plan.batch));
    let sealed = match planned {
        Ok(None) => {
            return Outcome::Nothing { last: sealing::last_logged(app.reads()).unwrap_or(None) };
        }
        Ok(Some(plan)) => seal(app, job, plan).await,
        Err(failure) => Err(failure),
    };
    match sealed {
        Ok(outcome) => outcome,
        Err(failure) => {
            let code = failure.code();
            if overdue(app.reads()) {
                tracing::error!(batch, code, cause = %failure, "no seal for 24 hours");
            } else {
                tracing::warn!(batch, code, cause = %failure, "seal failed, to be tried again");
            }
            Outcome::Pending { batch, code }
        }
    }
}

async fn plan(app: &App, job: &Job) -> Result<Option<SealPlan>, Failure> {
    let (app, policy) = (app.clone(), job.first_policy.clone());
    let planned = blocking(move || {
        // Without randomness no salt, without salt no register: the plan is given up.
        let mut starved = false;
        let mut salt = || {
            random::bytes().unwrap_or_else(|_| {
                starved = true;
                [0; 32]
            })
        };
        let force = overdue(app.reads());
        let inputs = PlanInputs { policy: &policy, salt: &mut salt, force };
        let plan = sealing::plan(app.reads(), inputs).map_err(|error| Failure::Plan(error.to_string()))?;
        if starved { Err(Failure::Plan("no randomness".into())) } else { Ok(plan) }
    })
    .await;
    planned.unwrap_or_else(|problem| Err(Failure::Plan(problem.code().into())))
}

/// No seal for a day, though something was logged: one is made even without need.
fn overdue(reads: &StoreReads) -> bool {
    let day = limits::SEAL_MAX_SECONDS * 1000;
    let last = sealing::last_logged(reads).ok().flatten();
    let head = last.and_then(|batch| sealing::batch_head(reads, batch).ok().flatten());
    head.is_some_and(|head| head.gen_time.0.saturating_add(day) <= random::now().0)
}

/// Asks, checks, commits.
async fn seal(app: &App, job: &Job, plan: SealPlan) -> Result<Outcome, Failure> {
    let token = ask(app, job, plan.root).await.map_err(Failure::Ask)?;
    let gen_time = UnixMillis(u64::try_from(token.gen_time().0).unwrap_or(0));
    // The token's own imprint, so that the ledger compares it with the plan once more.
    let imprint = Hash::from_slice(token.imprint().digest).unwrap_or_default();
    let checked = CheckedToken { der: token.as_der().to_vec(), imprint, gen_time };
    let (batch, first, end) = (plan.batch, plan.first.0, plan.end.0);
    let (tell, hear) = oneshot::channel();
    let reply = Box::new(move |sealed| {
        let _ = tell.send(sealed);
    });
    app.office.sequencer.seal(plan, checked, reply);
    let stopped = |_| ledger::Refusal::Stopped("the sequencer ended without an answer".into());
    let Sealed { leaf: Index(leaf), .. } =
        hear.await.map_err(stopped).and_then(|sealed| sealed).map_err(Failure::Commit)?;
    tracing::info!(batch, first, end, leaf, "sealed");
    Ok(Outcome::Sealed { batch, first, end, gen_time, leaf })
}

async fn ask(app: &App, job: &Job, root: Hash) -> Result<Token, AskError> {
    let authority = ask::Authority {
        url: job.url.clone(),
        roots: job.roots.clone(),
        policy: Some(app.config.tsa.policy.clone()).filter(|policy| !policy.is_empty()),
        time: Duration::from_secs(app.config.tsa.seconds.unwrap_or(limits::TSA_SECONDS)),
    };
    let asked = blocking(move || ask::token(&authority, &root.0)).await;
    asked.unwrap_or_else(|problem| Err(AskError::Carried(problem.code().into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_slow_down_but_never_past_the_interval() {
        let hour = Duration::from_secs(3600);
        assert_eq!(retry_after(1, hour), Duration::from_secs(30));
        assert_eq!(retry_after(2, hour), Duration::from_secs(60));
        assert_eq!(retry_after(50, hour), hour);
        assert_eq!(retry_after(1, Duration::from_secs(5)), Duration::from_secs(5));
    }
}
