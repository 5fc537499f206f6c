//! The background scrub: the head once a day, the whole store within a month, segment by segment; and one now, when asked.

use super::state::State;
use super::{Judge, Pace, Reach, Report, pass};
use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::error::ServiceError;
use crate::language::Language;
use crate::parameters::{NoParameters, Parameters};
use crate::problem::Problem;
use crate::read::json_response;
use crate::{limits, random};
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Depth, Effort, Progress, Scrubber};
use tokio::sync::{Notify, watch};

/// What the job tells, and how it is asked.
#[derive(Default)]
pub(crate) struct Door {
    told: Mutex<Told>,
    wake: Notify,
}

/// One scrub now.
#[derive(Clone, Copy)]
struct Asked {
    reach: Reach,
    depth: Depth,
    /// Bytes a second; 0 for as fast as the disk.
    rate: u64,
}

#[derive(Default)]
struct Told {
    state: State,
    /// Scrubs asked for and not yet begun; and how many were ever asked for, and done.
    asked: Vec<Asked>,
    given: u64,
    done: u64,
    running: bool,
    /// The last one asked for.
    last: Option<Report>,
    /// The whole pass under way, or the last one of this process.
    whole: Report,
}

impl Door {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For `/readyz`.
    pub(crate) fn shown(&self) -> Value {
        let told = self.told();
        let moment = |at: Option<UnixMillis>| at.map(format_rfc3339);
        let asked = told.last.as_ref().map_or(0, |report| report.damage);
        json!({
            "damage": told.state.damage.max(told.whole.damage).max(asked),
            "whole": moment(told.state.ended), "head": moment(told.state.head),
        })
    }
}

/// A whole pass under way, between two segments.
struct Whole {
    scrubber: Scrubber,
    judge: Judge,
    progress: Progress,
}

/// Runs until told to stop.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    app.scrub.told().state = State::load(&app.home);
    let mut whole: Option<Whole> = None;
    let mut quiet = tokio::time::Instant::now() + Duration::from_secs(app.config.scrub.first_seconds);
    while !*stop.borrow() {
        let asked = app.scrub.told().asked.pop();
        let due = tokio::time::Instant::now() >= quiet && app.config.scrub.bytes_per_second > 0;
        let next = if asked.is_none() && due { due_now(&app) } else { None };
        if asked.is_none() && next.is_none() {
            let look = Duration::from_secs(limits::SCRUB_LOOK_SECONDS);
            // The first look comes with the end of the quiet after a start.
            let look = if due { look } else { look.min(quiet.saturating_duration_since(tokio::time::Instant::now())) };
            let look = look.max(Duration::from_millis(100));
            tokio::select! {
                () = app.scrub.wake.notified() => {}
                () = tokio::time::sleep(look) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
            continue;
        }
        let (job, hear) = (app.clone(), stop.clone());
        let held = whole.take();
        let worked = blocking(move || work(&job, asked, next, held, &|| *hear.borrow())).await;
        match worked {
            Ok(Ok(left)) => whole = left,
            Ok(Err(error)) => {
                tracing::error!(%error, "scrub not done");
                quiet = tokio::time::Instant::now() + Duration::from_secs(limits::SCRUB_RETRY_SECONDS);
            }
            Err(_) => return,
        }
    }
}

/// What is due: the head once a day, else the whole store.
fn due_now(app: &App) -> Option<Reach> {
    let (state, config, now) = (app.scrub.told().state, &app.config.scrub, random::now());
    let old = |at: Option<UnixMillis>, millis: u64| at.is_none_or(|at| now.0 >= at.0.saturating_add(millis));
    if old(state.head, config.head_hours.saturating_mul(3_600_000)) {
        return Some(Reach::Head);
    }
    let whole = state.next > 0 || old(state.began, config.whole_days.saturating_mul(86_400_000));
    whole.then_some(Reach::All)
}

/// One scrub that was asked for, one of the head, or one segment of the whole.
fn work(
    app: &App,
    asked: Option<Asked>,
    due: Option<Reach>,
    whole: Option<Whole>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Whole>, ServiceError> {
    let rate = app.config.scrub.bytes_per_second;
    if let Some(asked) = asked {
        app.scrub.told().running = true;
        let report = at_once(app, asked, stop);
        let mut told = app.scrub.told();
        (told.running, told.done) = (false, told.done.saturating_add(1));
        told.last = Some(report?);
        return Ok(whole);
    }
    match due {
        Some(Reach::Head) => {
            // What is due reads documents too: at its rate that costs nothing that anybody waits for.
            let due = Asked { reach: Reach::Head, depth: Depth::Documents, rate };
            let report = at_once(app, due, stop)?;
            let mut told = app.scrub.told();
            told.state.head = Some(random::now());
            told.state.damage = told.state.damage.max(report.damage);
            told.state.keep(&app.home)?;
            Ok(whole)
        }
        _ => one_segment(app, whole, rate, stop),
    }
}

/// A pass from its beginning to its end.
fn at_once(app: &App, asked: Asked, stop: &dyn Fn() -> bool) -> Result<Report, ServiceError> {
    // One thread, whatever is asked: the others serve.
    let scrubber = scrubber(app)?.with(Effort { depth: asked.depth, threads: 1 });
    let mut pace = Pace::new(app.home.path(), asked.rate, stop);
    pass(&scrubber, &app.log_keys, &app.config.origin, asked.reach, &mut pace)?;
    alarm(&pace.report, 0);
    Ok(pace.report)
}

/// Every document, record and index read again, at the speed of the disk: what was found, and whether all was read. Blocks.
pub(crate) fn documents(app: &App) -> Result<(Report, bool), ServiceError> {
    let scrubber = scrubber(app)?.with(Effort { depth: Depth::Documents, threads: 1 });
    let stop = || app.seals.ending();
    let mut pace = Pace::new(app.home.path(), 0, &stop);
    let whole = pass(&scrubber, &app.log_keys, &app.config.origin, Reach::All, &mut pace)?;
    alarm(&pace.report, 0);
    // Until the next one that is asked for: what refused a renewal stays to be seen.
    app.scrub.told().last = Some(pace.report.clone());
    Ok((pace.report, whole))
}

fn scrubber(app: &App) -> Result<Scrubber, ServiceError> {
    Ok(Scrubber::beside(app.reads(), &app.home.store_place())?)
}

/// The next segment of the whole pass; after the newest one, what only shows at the end.
fn one_segment(
    app: &App,
    whole: Option<Whole>,
    rate: u64,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Whole>, ServiceError> {
    let mut state = app.scrub.told().state;
    if state.next == 0 {
        state = State { began: Some(random::now()), next: 1, damage: 0, ..state };
        app.scrub.told().whole = Report::default();
    }
    let mut whole = match whole {
        Some(whole) => whole,
        None => {
            let scrubber = scrubber(app)?;
            let judge = Judge::of(&scrubber, &app.log_keys, &app.config.origin);
            Whole { scrubber, judge, progress: Progress::default() }
        }
    };
    let mut pace = Pace::new(app.home.path(), rate, stop);
    pace.report = app.scrub.told().whole.clone();
    let before = pace.report.damage;
    pace.begin();
    let newest = whole.scrubber.segments()?.last().copied().unwrap_or(0);
    let last = state.next >= newest;
    let read = whole.scrubber.segment(state.next, &mut whole.progress, whole.judge.auditor(), &mut pace);
    let ended = read.is_ok() && (!last || whole.scrubber.whole(&whole.progress, &mut pace).is_ok());
    if !ended {
        // Stopped: this segment is read again after the restart.
        return Ok(None);
    }
    pace.report.segments = pace.report.segments.saturating_add(1);
    alarm(&pace.report, before);
    state.next = if last { 0 } else { state.next.saturating_add(1) };
    state.ended = if last { Some(random::now()) } else { state.ended };
    state.damage = state.damage.saturating_add(pace.report.damage.saturating_sub(before));
    if last {
        let (bytes, damage, harmless) = (pace.report.bytes, pace.report.damage, pace.report.harmless);
        tracing::info!(bytes, damage, harmless, "whole store scrubbed");
    }
    let mut told = app.scrub.told();
    (told.whole, told.state) = (pace.report, state);
    state.keep(&app.home)?;
    Ok((!last).then_some(whole))
}

/// Damage is told in the log of events once, ids only; deposits go on.
fn alarm(report: &Report, before: u64) {
    if report.damage <= before {
        return;
    }
    tracing::error!(damage = report.damage - before, "scrub found damage");
    for finding in report.findings(false) {
        if finding["harmless"] == json!(false) {
            let word = |name: &str| finding[name].as_str().map(str::to_owned);
            let (index, file) = (finding["index"].as_u64(), finding["file"].as_u64());
            tracing::error!(code = word("code"), path = word("path"), id = word("id"), index, file, "damage");
        }
    }
}

/// `GET /v1/scrub`: how it stands.
pub(crate) async fn shown(
    Shared(app): Shared<App>,
    caller: Authenticated,
    _: NoParameters,
    language: Language,
) -> Result<Response, Problem> {
    caller.administers_all()?;
    let french = language.pick(true, false);
    let mut body = app.scrub.shown();
    let told = app.scrub.told();
    body["given"] = json!(told.given);
    body["done"] = json!(told.done);
    body["running"] = json!(told.running);
    body["next_segment"] = json!(told.state.next);
    body["last"] = told.last.as_ref().map_or(Value::Null, |report| report.to_json(french));
    body["background"] = told.whole.to_json(french);
    Ok(json_response(&body))
}

/// `POST /v1/scrub?reach=head|all&depth=stored|documents&rate=`: one now; its number is the answer.
pub(crate) async fn ask(
    Shared(app): Shared<App>,
    caller: Authenticated,
    asked: Parameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.administers_all()?;
    asked.only(&["reach", "depth", "rate"])?;
    // Nothing in a body matters; one left unread would end the connection under whoever asks next on it.
    let _ = axum::body::to_bytes(body, limits::SMALL_BODY_BYTES).await;
    let reach = match asked.text("reach") {
        None | Some("all") => Reach::All,
        Some("head") => Reach::Head,
        Some(_) => return Err(asked.unreadable("reach")),
    };
    let depth = match asked.text("depth") {
        None | Some("stored") => Depth::Stored,
        Some("documents") => Depth::Documents,
        Some(_) => return Err(asked.unreadable("depth")),
    };
    let rate = asked.number("rate", 0)?;
    let given = {
        let mut told = app.scrub.told();
        if told.asked.len() >= limits::SCRUBS_WAITING {
            return Err(Problem::from(&crate::problem::codes::BUSY).retry_after(30));
        }
        told.asked.insert(0, Asked { reach, depth, rate });
        told.given = told.given.saturating_add(1);
        told.given
    };
    app.scrub.wake.notify_one();
    Ok((StatusCode::ACCEPTED, json_response(&json!({"scrub": given}))).into_response())
}
