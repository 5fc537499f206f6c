//! The seal job: plans a batch, asks the authority over HTTP, checks its token, has it logged. A failure is logged and tried
//! again; deposits go on meanwhile.

mod ask;
mod authorities;
mod door;
mod pending;
mod renewing;

use crate::app::{App, blocking};
use crate::clock;
use crate::head::Published;
use crate::journal;
use crate::limits;
use crate::random;
use crate::renewal;
use crate::{lists, validation};
use ask::{AskError, Imprint};
use door::{Asker, Wake};
use ledger::sealing::{self, BatchHead, PlanInputs, SealPlan, SealingError};
use ledger::storage::Reader;
use ledger::{CheckedToken, Sealed};
use proof::record::LogRecord;
use proof::{Hash, Index, TenantId, UnixMillis};
use seal::DigestAlgorithm;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::StoreReads;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

pub(crate) use authorities::{configured as authorities, stamp};
pub(crate) use door::{Asks, Queue, Work};
pub(crate) use pending::shown;
pub(crate) use renewing::stamped;

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
    /// No authority gave a token: what the last of them said.
    Ask(AskError),
    Commit(ledger::Refusal),
    /// The clock leapt forward and is not believed.
    Clock,
    /// The service stops: given up without a trace.
    Stopped,
}

impl Failure {
    fn code(&self) -> &'static str {
        match self {
            Self::Plan(_) => "seal-not-planned",
            Self::Ask(error) => error.code(),
            Self::Commit(_) => "seal-not-logged",
            Self::Clock => "clock-ahead",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(why) => f.write_str(why),
            Self::Ask(why) => why.fmt(f),
            Self::Commit(why) => why.fmt(f),
            Self::Clock => f.write_str("the clock leapt forward and is not believed"),
            Self::Stopped => f.write_str("the service stops"),
        }
    }
}

/// What the job needs beside the service.
pub(crate) struct Job {
    /// Exact bytes of the policy as first published.
    pub(crate) first_policy: Vec<u8>,
    pub(crate) every: Duration,
    /// When the interval under way at the start began.
    pub(crate) began: Option<UnixMillis>,
}

/// Runs until told to stop.
pub(crate) async fn run(app: App, job: Job, queue: Queue, stop: watch::Receiver<bool>) {
    attend(&app, &job, queue, stop).await;
    app.seals.ending.store(true, Ordering::Relaxed);
}

async fn attend(app: &App, job: &Job, mut queue: Queue, mut stop: watch::Receiver<bool>) {
    let mut failures = 0u32;
    let mut purge_due = Instant::now();
    let mut due = Instant::now() + first_wait(job.began, random::now(), job.every);
    loop {
        let left = due.saturating_duration_since(Instant::now()).as_secs();
        app.seals.due.store(random::now().0 / 1000 + left, Ordering::Relaxed);
        let woken = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep_until(due) => Wake::Due,
            Some(asked) = queue.seals.recv() => Wake::Seal(asked),
            Some((work, renewer)) = queue.renewals.recv() => Wake::Renew(work, renewer),
        };
        let (asked, renewer) = match woken {
            Wake::Due => (None, None),
            Wake::Seal(asker) => (Some(asker), None),
            Wake::Renew(Work::Timestamps, renewer) => (None, Some(renewer)),
            Wake::Renew(Work::Hashes(hashed), renewer) => {
                let _ = renewer.send(renewal::stamp(app, *hashed, &mut stop).await);
                continue;
            }
        };
        let on_demand = asked.is_some();
        let askers = waiting(asked, &mut queue);
        if on_demand && askers.is_empty() {
            continue;
        }
        let Some(outcome) = attempt(app, job, &mut stop).await else {
            return;
        };
        let failed = matches!(outcome, Outcome::Pending { .. });
        failures = if failed { failures.saturating_add(1) } else { 0 };
        app.seals.trouble.of(&outcome);
        if matches!(outcome, Outcome::Sealed { .. }) {
            archive_journals(app).await;
            archive_validation(app).await;
        }
        due = Instant::now() + if failed { retry_after(failures, job.every) } else { job.every };
        for asker in askers {
            let _ = asker.send(outcome.clone());
        }
        if let Some(renewer) = renewer {
            // What waited is sealed first: the newest token covers all that was archived until now.
            let _ = renewer.send(renewing::renewed(app, &outcome, &mut stop).await);
        }
        if purge_due <= Instant::now() {
            let app = app.clone();
            let _ = blocking(move || crate::deposit::purge(&app)).await;
            purge_due = Instant::now() + PURGE_EVERY;
        }
    }
}

/// When the interval under way at a start began: at the last seal, at the log's first entry when there never was one. However often
/// it is started again, a log waits one interval and no more.
pub(crate) fn interval_began(reads: &StoreReads) -> Result<Option<UnixMillis>, SealingError> {
    Ok(last_sealed(reads)?.or(first_received(reads)?))
}

/// Time from a start to its first attempt: what is left of the interval that began then, nothing where that is not known.
fn first_wait(began: Option<UnixMillis>, now: UnixMillis, every: Duration) -> Duration {
    let Some(began) = began else { return Duration::ZERO };
    every.saturating_sub(Duration::from_millis(now.0.saturating_sub(began.0)))
}

/// Everyone who waits at this moment and is still there: the next attempt answers them all. Whoever asks later may have
/// deposited later, and is answered by the attempt after it.
fn waiting(asked: Option<Asker>, queue: &mut Queue) -> Vec<Asker> {
    let more = std::iter::from_fn(|| queue.seals.try_recv().ok());
    asked.into_iter().chain(more).filter(|asker| !asker.is_closed()).collect()
}

/// Doubled at each failure, never longer than the interval.
fn retry_after(failures: u32, every: Duration) -> Duration {
    let doubled =
        Duration::from_secs(limits::SEAL_RETRY_SECONDS).saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(every)
}

/// An event of the platform's.
async fn note(app: &App, event: &'static str, facts: Map<String, Value>) {
    let shared = app.clone();
    let _ = blocking(move || shared.journal.note(TenantId::PLATFORM, event, facts)).await;
}

/// Plans, asks, commits; `None` when the service stops meanwhile.
async fn attempt(app: &App, job: &Job, stop: &mut watch::Receiver<bool>) -> Option<Outcome> {
    // A token of a time in doubt could never be followed by one of the right time.
    let planned = match clock::shown(app).is_null() {
        true => plan(app, job).await,
        false => Err(Failure::Clock),
    };
    let batch = planned.as_ref().ok().and_then(|plan| plan.as_ref().map(|plan| plan.batch));
    let sealed = match planned {
        Ok(None) => {
            return Some(Outcome::Nothing { last: sealing::last_logged(app.reads()).unwrap_or(None) });
        }
        Ok(Some(plan)) => seal(app, plan, stop).await,
        Err(failure) => Err(failure),
    };
    match sealed {
        Ok(outcome) => Some(outcome),
        Err(Failure::Stopped) => None,
        Err(failure) => {
            let code = failure.code();
            if overdue(app.reads(), random::now()) {
                tracing::error!(batch, code, cause = %failure, "no seal for 24 hours");
                note(app, "seal-overdue", journal::facts([("code", code.into()), ("batch", batch.into())])).await;
            } else {
                tracing::warn!(batch, code, cause = %failure, "seal failed, to be tried again");
            }
            Some(Outcome::Pending { batch, code })
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
        let force = overdue(app.reads(), random::now());
        let inputs = PlanInputs { policy: &policy, salt: &mut salt, force };
        // The head to be bound is shown to witnesses before any larger one: they would not cosign it after.
        let paused = app.head.pause();
        let plan = sealing::plan(app.reads(), inputs).map_err(|error| Failure::Plan(error.to_string()))?;
        if let Some(plan) = &plan {
            let head = Published { size: plan.end, note: plan.checkpoint.as_str().into() };
            app.cosigning.bind(&app, head);
        }
        drop(paused);
        if starved { Err(Failure::Plan("no randomness".into())) } else { Ok(plan) }
    })
    .await;
    planned.unwrap_or_else(|problem| Err(Failure::Plan(problem.code().into())))
}

/// No seal for a day, counted as intervals are: one is made even without need.
fn overdue(reads: &StoreReads, now: UnixMillis) -> bool {
    let day = limits::SEAL_MAX_SECONDS * 1000;
    interval_began(reads).ok().flatten().is_some_and(|since| since.0.saturating_add(day) <= now.0)
}

/// Time of the last logged seal, as its authority tells it.
fn last_sealed(reads: &StoreReads) -> Result<Option<UnixMillis>, SealingError> {
    Ok(last_head(reads)?.map(|head| head.gen_time))
}

/// Head of the last logged batch.
fn last_head(reads: &StoreReads) -> Result<Option<BatchHead>, SealingError> {
    let Some(batch) = sealing::last_logged(reads)? else { return Ok(None) };
    sealing::batch_head(reads, batch)
}

/// When the log's first entry was received.
fn first_received(reads: &StoreReads) -> Result<Option<UnixMillis>, SealingError> {
    let Some(row) = reads.entry(Index(0))? else { return Ok(None) };
    let record = LogRecord::parse(&row.leaf.record).map_err(|_| SealingError::Entry(Index(0)))?;
    Ok(Some(record.received_at))
}

/// Asks, checks, commits.
async fn seal(app: &App, plan: SealPlan, stop: &mut watch::Receiver<bool>) -> Result<Outcome, Failure> {
    let imprint = Imprint { algorithm: DigestAlgorithm::Sha256, root: plan.root.0.to_vec() };
    let token = authorities::ask(app, &imprint, ("batch", plan.batch), stop).await?;
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

/// Events are archived at each seal; the entries are of the next batch.
async fn archive_journals(app: &App) {
    let shared = app.clone();
    let archived = blocking(move || shared.journal.archive(&shared.office)).await;
    match archived.map_err(|problem| problem.code().to_owned()).and_then(|done| done.map_err(|why| why.to_string())) {
        Ok(0) => {}
        Ok(stretches) => tracing::info!(stretches, "journal archived"),
        Err(why) => tracing::error!(why, "journal not archived: it stays beside the log and is taken by the next seal"),
    }
}

/// What is needed to judge the token later is archived too, and trusted lists, where they have changed; the entries are of the next batch.
async fn archive_validation(app: &App) {
    let shared = app.clone();
    match blocking(move || validation::archive(&shared)).await {
        Ok(Ok(false)) => {}
        Ok(Ok(true)) => tracing::info!("validation material archived"),
        Ok(Err(error)) => tracing::error!(%error, "validation material not archived: tried again at the next seal"),
        Err(problem) => tracing::error!(code = problem.code(), "validation material not archived"),
    }
    let shared = app.clone();
    match blocking(move || lists::archive(&shared)).await {
        Ok(Ok(false)) => {}
        Ok(Ok(true)) => tracing::info!("trusted lists archived"),
        Ok(Err(error)) => tracing::error!(%error, "trusted lists not archived: tried again at the next seal"),
        Err(problem) => tracing::error!(code = problem.code(), "trusted lists not archived"),
    }
}

#[cfg(test)]
mod tests;
