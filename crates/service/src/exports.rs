//! Open data out of the archive (docs/formats/open-data.md), streamed: SCDL « délibérations » as CSV, essential data of procurement as
//! JSON; and the tree of an archived transfer.

mod contracts;
mod scdl;
mod units;

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::disposition::attachment;
use crate::http::streamed;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use crate::publication::publisher;
use archive::Scope;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use contracts::{Contracts, LeftOut};
use flow::day::is_day;
use scdl::{Acts, Shown};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
pub(crate) use units::units;

const CSV: &str = "text/csv; charset=utf-8";
/// Pieces waiting to be sent.
const PIECES_AHEAD: usize = 2;

/// Days between which something is exported, both included; none is no bound.
#[derive(Clone, Debug, Default)]
struct Days {
    from: Option<String>,
    to: Option<String>,
}

impl Days {
    fn of(parameters: &Parameters) -> Result<Self, Problem> {
        let day = |name: &str| match parameters.text(name) {
            None => Ok(None),
            Some(text) if is_day(text) => Ok(Some(text.to_owned())),
            Some(_) => Err(parameters.unreadable(name)),
        };
        let days = Self { from: day("from")?, to: day("to")? };
        if days.are_reversed() {
            return Err(Problem::from(&codes::DAYS_REVERSED).at("from"));
        }
        Ok(days)
    }

    /// The first is after the last: nothing can be within them, which would pass for nothing to tell.
    fn are_reversed(&self) -> bool {
        self.from.as_ref().zip(self.to.as_ref()).is_some_and(|(from, to)| from > to)
    }

    /// Such texts compare as the days they name; what is no day is within no bound.
    fn hold(&self, day: &str) -> bool {
        let bounded = self.from.is_some() || self.to.is_some();
        let after = self.from.as_deref().is_none_or(|from| from <= day);
        let before = self.to.as_deref().is_none_or(|to| day <= to);
        !bounded || (is_day(day) && after && before)
    }
}

/// An export, one piece after the other.
trait Pieces: Send + 'static {
    /// The next piece, which may be empty; `None` at the end. Blocks.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem>;
}

/// The acts that anyone may see, as SCDL; with `show=withheld` those that may not be, and why.
pub(crate) async fn scdl(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let tenant = caller.tenant(&app, &parameters, Scope::Read)?;
    parameters.only(&["tenant", "from", "to", "show"])?;
    let days = Days::of(&parameters)?;
    let (shown, name) = match withheld(&parameters)? {
        false => (Shown::Public, "deliberations.csv"),
        true => (Shown::Withheld, "actes-non-publies.csv"),
    };
    publisher(&app, tenant)?;
    let turn = turn(&app)?;
    let acts = Acts::new(app, tenant, days, shown);
    give(acts, (CSV, name), turn).await
}

/// The contracts of all essential data, each once; with `show=withheld` those that are left out, and why.
pub(crate) async fn decp(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let tenant = caller.tenant(&app, &parameters, Scope::Read)?;
    parameters.only(&["tenant", "from", "to", "show"])?;
    let days = Days::of(&parameters)?;
    let withheld = withheld(&parameters)?;
    publisher(&app, tenant)?;
    let turn = turn(&app)?;
    if withheld {
        return give(LeftOut::new(app, tenant, days), (CSV, "contrats-non-publies.csv"), turn).await;
    }
    give(Contracts::new(app, tenant, days), ("application/json", "decp.json"), turn).await
}

/// What is left out is asked for.
fn withheld(parameters: &Parameters) -> Result<bool, Problem> {
    match parameters.text("show") {
        None => Ok(false),
        Some("withheld") => Ok(true),
        Some(_) => Err(parameters.unreadable("show")),
    }
}

fn turn(app: &App) -> Result<OwnedSemaphorePermit, Problem> {
    let turn = app.exports.clone().try_acquire_owned();
    turn.map_err(|_| Problem::from(&codes::BUSY).retry_after(5).because("exports under way"))
}

/// The pieces, a few ahead of the client, once the first is there: what refuses the whole refuses it before anything is promised. One that
/// cannot be made later cuts the answer.
async fn give(
    pieces: impl Pieces,
    (media_type, name): (&'static str, &str),
    turn: OwnedSemaphorePermit,
) -> Result<Response, Problem> {
    let mut pieces = pieces;
    let begun = blocking(move || {
        let first = pieces.next();
        (pieces, first)
    });
    let (pieces, first) = begun.await?;
    let first = first?;
    let (send, receive) = mpsc::channel::<std::io::Result<Bytes>>(PIECES_AHEAD);
    tokio::spawn(async move {
        let (mut pieces, mut piece) = (pieces, Ok::<_, Problem>(first));
        loop {
            match piece {
                Ok(Some(bytes)) => {
                    // A client that is gone is no fault; one that waits holds no thread, only this task waits.
                    if !bytes.is_empty() && send.send(Ok(bytes.into())).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(problem) => {
                    tracing::error!(code = problem.code(), cause = problem.cause(), "an export is cut");
                    let _ = send.send(Err(std::io::Error::other("the export cannot be given"))).await;
                    return;
                }
            }
            let next = tokio::task::spawn_blocking(move || {
                let piece = pieces.next();
                (pieces, piece)
            });
            let Ok((back, next)) = next.await else { return };
            (pieces, piece) = (back, next);
        }
        drop(turn);
    });
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, attachment(name)),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, streamed(receive)).into_response())
}

#[cfg(test)]
mod tests {
    use super::Days;

    #[test]
    fn a_first_day_after_the_last_is_seen_and_one_day_is_both() {
        let days = |from: &str, to: &str| Days { from: Some(from.to_owned()), to: Some(to.to_owned()) };
        assert!(days("2026-02-01", "2026-01-31").are_reversed());
        assert!(!days("2026-02-01", "2026-02-01").are_reversed() && !Days::default().are_reversed());
    }

    #[test]
    fn days_bound_on_both_sides_and_what_is_no_day_is_in_none() {
        let days =
            |from: Option<&str>, to: Option<&str>| Days { from: from.map(str::to_owned), to: to.map(str::to_owned) };
        assert!(days(None, None).hold("") && days(None, None).hold("2026-01-01"));
        let january = days(Some("2026-01-01"), Some("2026-01-31"));
        assert!(january.hold("2026-01-01") && january.hold("2026-01-31"));
        for out in ["2025-12-31", "2026-02-01", "", "2026-01-32"] {
            assert!(!january.hold(out), "{out}");
        }
        assert!(
            days(Some("2026-01-01"), None).hold("2031-05-05") && !days(None, Some("2026-01-01")).hold("2031-05-05")
        );
    }
}
