//! The house's clock: the machine's, held against the time that has run and against the log, so that no leap forward is written
//! into a log whose time never goes back (docs/decisions/0011-a-clock-that-leaps.md).

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json;
use crate::limits::{CLOCK_LEAP_SECONDS, CLOCK_REST_SECONDS};
use crate::parameters::NoParameters;
use crate::problem::{Problem, codes};
use crate::random;
use crate::read::json_response;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ledger::Clock;
use ledger::storage::Reader;
use proof::UnixMillis;
use proof::time::format_rfc3339;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The machine's clock and how far it is believed. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct HouseClock(Arc<Mutex<Option<Anchor>>>);

/// A moment at which the clock was believed.
#[derive(Clone, Copy)]
struct Anchor {
    wall: UnixMillis,
    ran: Instant,
}

impl HouseClock {
    fn anchor(&self) -> MutexGuard<'_, Option<Anchor>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the clock says, when that is more than can have passed since the last commit and since it was believed last.
    pub(crate) fn leapt(&self, last: UnixMillis) -> Option<UnixMillis> {
        let now = random::now();
        (!self.believed_at(now, last, Instant::now())).then_some(now)
    }

    /// The operator has looked: this is the time, whatever the log says. Gives what was believed before.
    fn accept(&self, now: UnixMillis) -> Option<Anchor> {
        self.anchor().replace(Anchor { wall: now, ran: Instant::now() })
    }

    fn believed_at(&self, now: UnixMillis, last: UnixMillis, ran: Instant) -> bool {
        let mut anchor = self.anchor();
        let (due, leeway) = match *anchor {
            // While it runs, the time that ran is known from a clock that nobody sets.
            Some(Anchor { wall, ran: then }) => {
                (wall.0.saturating_add(millis(ran - then)).max(last.0), CLOCK_LEAP_SECONDS)
            }
            // A store that never committed has nothing to hold it against.
            None if last.0 == 0 => (now.0, CLOCK_REST_SECONDS),
            // It may have been stopped meanwhile: how long is not known.
            None => (last.0, CLOCK_REST_SECONDS),
        };
        // Negative control: with the failpoint every clock is believed.
        let believed = now.0 <= due.saturating_add(leeway * 1000) || ledger::failpoint::skip("clock.believed");
        if believed {
            *anchor = Some(Anchor { wall: now, ran });
        }
        believed
    }
}

impl Clock for HouseClock {
    fn now(&self) -> UnixMillis {
        random::now()
    }

    fn believed(&self, now: UnixMillis, last: UnixMillis) -> bool {
        self.believed_at(now, last, Instant::now())
    }
}

/// Time of the last commit.
fn last_commit(app: &App) -> Result<UnixMillis, Problem> {
    Ok(app.reads().head()?.map_or(UnixMillis(0), |head| head.at))
}

/// For `/readyz`: null while the clock is believed.
pub(crate) fn shown(app: &App) -> Value {
    let Ok(last) = last_commit(app) else { return Value::Null };
    let told = |now| json!({"now": format_rfc3339(now), "last_commit": format_rfc3339(last)});
    app.clock.leapt(last).map_or(Value::Null, told)
}

/// `POST /v1/clock` `{day}`: the operator says that the clock is right, naming the day from a calendar. An administration entry
/// keeps it; from then on the log's time is the clock's.
pub(crate) async fn accept(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.administers_all()?;
    let asked = small_json(body).await?;
    let last = last_commit(&app)?;
    let Some(now) = app.clock.leapt(last) else {
        return Ok(json_response(&json!({"status": "nothing-to-accept"})).into_response());
    };
    let (clock, commit) = (format_rfc3339(now), format_rfc3339(last));
    if asked["day"].as_str().is_none_or(|day| clock.split('T').next() != Some(day)) {
        return Err(Problem::from(&codes::CLOCK_NOT_THAT_DAY).at("day"));
    }
    let before = app.clock.accept(now);
    let (office, words) = (app.office.clone(), (clock.clone(), commit.clone()));
    let logged =
        blocking(move || office.clock_accepted(&words.0, &words.1)).await.map(|done| done.map_err(Problem::from));
    let receipt = match logged {
        Ok(Ok(receipt)) => receipt,
        // Not in the log: not accepted.
        Ok(Err(problem)) | Err(problem) => {
            *app.clock.anchor() = before;
            return Err(problem);
        }
    };
    tracing::warn!(clock, last = commit, index = receipt.index.0, "clock accepted by an operator");
    let (entry, index) = (receipt.id.to_string(), receipt.index.0);
    let told = json!({"status": "accepted", "clock": clock, "last_commit": commit, "entry": entry, "index": index});
    Ok(json_response(&told).into_response())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn at(hours: u64) -> UnixMillis {
        UnixMillis(1_800_000_000_000 + hours * HOUR)
    }

    #[test]
    fn a_leap_of_more_than_a_day_is_not_believed_until_it_is_undone_or_accepted() {
        let (clock, ran) = (HouseClock::default(), Instant::now());
        let after = |hours: u64| ran + Duration::from_millis(hours * HOUR);
        assert!(clock.believed_at(at(0), at(0), ran));
        // Days without a commit are no leap: they have run.
        assert!(clock.believed_at(at(200), at(0), after(200)));
        assert!(clock.believed_at(at(224), at(0), after(200)), "a day is let pass");
        assert!(!clock.believed_at(at(250), at(0), after(200)));
        assert!(!clock.believed_at(at(87_600), at(0), after(201)), "ten years");
        assert!(clock.believed_at(at(225), at(0), after(201)), "set right again");
        clock.accept(at(87_600));
        assert!(clock.believed_at(at(87_600), at(0), Instant::now()));
    }

    #[test]
    fn a_start_is_held_against_the_last_commit_and_a_new_store_against_nothing() {
        assert!(HouseClock::default().believed_at(at(87_600), UnixMillis(0), Instant::now()));
        assert!(HouseClock::default().believed_at(at(48), at(0), Instant::now()));
        assert!(!HouseClock::default().believed_at(at(49), at(0), Instant::now()));
        // A clock that is behind is the ledger's to judge.
        assert!(HouseClock::default().believed_at(at(0), at(300), Instant::now()));
        // A machine that finds its time only after the start.
        let late = HouseClock::default();
        assert!(late.believed_at(UnixMillis(5), at(300), Instant::now()));
        assert!(late.believed_at(at(320), at(300), Instant::now()));
    }
}
