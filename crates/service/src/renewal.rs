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
use crate::parameters::NoParameters;
use crate::problem::{Problem, codes};
use crate::read::json_response;
use crate::sealing::{self as seals, Work};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ledger::Receipt;
use ledger::sealing::{self, Renewal, RenewalToken, SealingError};
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
pub(crate) async fn renew(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.administers_all()?;
    let asked = small_json(body).await?;
    let wrong = |place: &str, french: &str, english: &str| {
        Err(Problem::from(&codes::PARAMETER_UNREADABLE).at(place).detail(french, english))
    };
    match (asked["of"].as_str(), asked["to"].as_str()) {
        (Some("timestamps"), None) if asked["to"].is_null() => {
            let renewed = app.seals.renew(Work::Timestamps).await?;
            let too_late = too_late(&app, &renewed).await;
            let renewed: Vec<Value> = renewed.iter().map(Renewed::to_json).collect();
            let body = json!({"status": "renewed", "renewals": renewed, "too_late": too_late});
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

/// Batches that these renewals came too late for, by the times that their own tokens state; null where that cannot be read: they are logged all
/// the same.
async fn too_late(app: &App, renewed: &[Renewed]) -> Value {
    let (shared, numbers) = (app.clone(), renewed.iter().map(|one| one.renewal.number).collect::<Vec<_>>());
    let read = blocking(move || shared.calendar.certificates.too_late(shared.reads(), &numbers)).await;
    match read.and_then(|read| read.map_err(Problem::internal)) {
        Ok(late) => late.into(),
        Err(problem) => {
            tracing::error!(code = problem.code(), "renewed; what it came too late for cannot be read");
            Value::Null
        }
    }
}

/// Every renewal, what is under way, and what came of the last one of hashes.
pub(crate) async fn shown(State(app): State<App>, caller: Authenticated, _: NoParameters) -> Result<Response, Problem> {
    caller.administers_all()?;
    let shared = app.clone();
    let all = blocking(move || sealing::renewals(shared.reads())).await?.map_err(Problem::internal)?;
    let mut body = app.renewals.under_way();
    body["renewals"] = all.iter().map(Renewal::to_json).collect();
    Ok(json_response(&body))
}

/// The time-stamps renewed, one token for each digest in use.
pub(crate) async fn timestamps(app: &App, stop: &mut watch::Receiver<bool>) -> Result<Vec<Renewed>, Problem> {
    let shared = app.clone();
    let digests = blocking(move || sealing::digests_in_use(shared.reads())).await?.map_err(Problem::internal)?;
    let mut all = Vec::new();
    for digest in digests {
        let shared = app.clone();
        let planned = blocking(move || sealing::plan_renewal(shared.reads(), digest)).await?;
        let Some(plan) = planned.map_err(unplanned)? else { continue };
        let token = seals::stamped(app, &plan, stop).await?;
        let shared = app.clone();
        let logged = blocking(move || {
            let (renewal, puts) = plan.stamped(shared.reads(), &token).map_err(Problem::internal)?;
            log(&shared, renewal, &token, None, puts)
        });
        all.push(logged.await??);
    }
    Ok(all)
}

/// Why there is no plan.
fn unplanned(error: SealingError) -> Problem {
    match error {
        SealingError::TooManyRenewals { .. } => Problem::from(&codes::RENEWALS_TOO_MANY).because(error),
        other => Problem::internal(other),
    }
}

/// The renewal stands in the log with its token, and the leaves of its tree where it has any. Blocks.
fn log(
    app: &App,
    renewal: Renewal,
    token: &RenewalToken,
    leaves: Option<NewFile>,
    puts: Vec<Put>,
) -> Result<Renewed, Problem> {
    let (what, id) = match renewal.of {
        sealing::Of::Hashes { entry, .. } => ("hashes-renewed", Some(entry)),
        sealing::Of::Timestamps => ("timestamps-renewed", None),
    };
    let facts = [("administration".to_owned(), json!(what)), ("renewal".to_owned(), renewal.to_json())];
    let files = [app.office.file(TOKEN.0, TOKEN.1, &token.der)?].into_iter().chain(leaves).collect();
    let receipt = app.office.log_with(Map::from_iter(facts), files, puts, id)?;
    let (number, of, index) = (renewal.number, renewal.of, receipt.index.0);
    tracing::info!(renewal = number, ?of, batches = renewal.batches, index, "renewed");
    Ok(Renewed { renewal, receipt })
}
