//! Renewals (RFC 4998 §5.2), asked for by an operator before what the evidence rests on ends: of time-stamps, one newer token over
//! those of all batches, no document read; of hashes, one token over everything, hashed again under SHA-512, once every document
//! has been read and found whole.
//!
//! The seal job has them stamped and logged, so that nothing is sealed meanwhile: the entry is the platform's, and carries the token. A
//! crash before that entry is durable leaves no trace; the token is lost and another is asked for.

mod hashes;
mod shown;

pub(crate) use hashes::{Hashed, stamp};
pub(crate) use shown::Renewals;

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json;
use crate::entry::NewFile;
use crate::problem::{Problem, codes};
use crate::read::json_response;
use crate::sealing::{self as seals, Work};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ledger::Receipt;
use ledger::sealing::{self, Renewal, SealingError};
use ledger::storage::Put;
use proof::time::format_rfc3339;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

/// Name and media type of the token in its entry.
const TOKEN: (&str, &str) = ("renewal.tst", "application/vnd.etsi.timestamp-token");

/// A renewal as it was logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Renewed {
    renewal: Renewal,
    receipt: Receipt,
}

impl Renewed {
    fn to_json(&self) -> Value {
        let mut said = self.renewal.to_json();
        said["time"] = json!(format_rfc3339(self.renewal.gen_time));
        (said["entry"], said["index"]) = (json!(self.receipt.id.to_string()), json!(self.receipt.index.0));
        said
    }
}

/// Renews now: `{of: timestamps}`, answered once logged; `{of: hashes, to: sha512}`, begun and answered at once.
pub(crate) async fn renew(State(app): State<App>, caller: Authenticated, body: Body) -> Result<Response, Problem> {
    caller.administers_all()?;
    let asked = small_json(body).await?;
    let wrong = |place: &str, french: &str, english: &str| {
        Err(Problem::from(&codes::PARAMETER_UNREADABLE).at(place).detail(french, english))
    };
    match (asked["of"].as_str(), asked["to"].as_str()) {
        (Some("timestamps"), None) if asked["to"].is_null() => {
            let renewed = app.seals.renew(Work::Timestamps).await?;
            let renewed: Vec<Value> = renewed.iter().map(Renewed::to_json).collect();
            let body = json!({"status": "renewed", "renewals": renewed});
            Ok((StatusCode::OK, json_response(&body)).into_response())
        }
        (Some("hashes"), Some("sha512")) => {
            hashes::begin(&app)?;
            Ok((StatusCode::ACCEPTED, json_response(&json!({"status": "under-way"}))).into_response())
        }
        (Some("hashes"), _) => {
            wrong("to", "le seul condensé plus fort est « sha512 »", "the one stronger digest is “sha512”")
        }
        _ => wrong("of", "« timestamps » ou « hashes »", "“timestamps” or “hashes”"),
    }
}

/// Every renewal, what is under way, and what came of the last one of hashes.
pub(crate) async fn shown(State(app): State<App>, caller: Authenticated) -> Result<Response, Problem> {
    caller.administers_all()?;
    let shared = app.clone();
    let all = blocking(move || sealing::renewals(shared.reads())).await?.map_err(Problem::internal)?;
    let mut body = app.renewals.under_way();
    body["renewals"] = all.iter().map(Renewal::to_json).collect();
    Ok(json_response(&body))
}

/// The time-stamps renewed, one token for each digest in use; `None` when the service stops meanwhile.
pub(crate) async fn timestamps(app: &App, stop: &mut watch::Receiver<bool>) -> Option<Result<Vec<Renewed>, Problem>> {
    let shared = app.clone();
    let digests = blocking(move || sealing::digests_in_use(shared.reads()).map_err(Problem::internal)).await;
    let digests = match digests.and_then(|digests| digests) {
        Ok(digests) => digests,
        Err(problem) => return Some(Err(problem)),
    };
    let mut all = Vec::new();
    for digest in digests {
        let shared = app.clone();
        let planned = blocking(move || sealing::plan_renewal(shared.reads(), digest).map_err(unplanned)).await;
        let plan = match planned.and_then(|plan| plan) {
            Ok(Some(plan)) => plan,
            Ok(None) => continue,
            Err(problem) => return Some(Err(problem)),
        };
        let token = match seals::stamped(app, plan.number, (plan.digest, &plan.root), stop).await? {
            Ok(token) => token,
            Err(problem) => return Some(Err(problem)),
        };
        let shared = app.clone();
        let logged = blocking(move || {
            let (renewal, puts) = plan.stamped(shared.reads(), &token).map_err(Problem::internal)?;
            let facts = facts("timestamps-renewed", renewal.to_json());
            let files = vec![shared.office.file(TOKEN.0, TOKEN.1, &token.der)?];
            log(&shared, renewal, facts, files, puts)
        });
        match logged.await.and_then(|logged| logged) {
            Ok(renewed) => all.push(renewed),
            Err(problem) => return Some(Err(problem)),
        }
    }
    Some(Ok(all))
}

/// Why there is no plan.
fn unplanned(error: SealingError) -> Problem {
    match error {
        SealingError::TooManyRenewals { .. } => Problem::from(&codes::RENEWALS_TOO_MANY).because(error),
        other => Problem::internal(other),
    }
}

fn facts(what: &str, renewal: Value) -> Map<String, Value> {
    Map::from_iter([("administration".to_owned(), json!(what)), ("renewal".to_owned(), renewal)])
}

/// The renewal stands in the log with these files. Blocks.
fn log(
    app: &App,
    renewal: Renewal,
    facts: Map<String, Value>,
    files: Vec<NewFile>,
    puts: Vec<Put>,
) -> Result<Renewed, Problem> {
    let id = match renewal.of {
        sealing::Of::Hashes { entry, .. } => Some(entry),
        sealing::Of::Timestamps => None,
    };
    let receipt = app.office.log_with(facts, files, puts, id)?;
    let (number, of, index) = (renewal.number, renewal.of, receipt.index.0);
    tracing::info!(renewal = number, ?of, batches = renewal.batches, index, "renewed");
    Ok(Renewed { renewal, receipt })
}
