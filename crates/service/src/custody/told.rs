//! What was done about the master key stands in the log: that an escrow was made, that a drill proved it, with which shares. Never the
//! secret, nor anything of it.

use crate::app::{App, blocking};
use crate::auth::{Authenticated, not_found};
use crate::deposit::small_json;
use crate::error::ServiceError;
use crate::home::Home;
use crate::offline;
use crate::parameters::NoParameters;
use crate::problem::{Problem, codes};
use crate::random;
use crate::read::json_response;
use archive::{Scope, Tenants};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use proof::hash::encode_hex;
use proof::time::format_rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::Path;

/// What is logged of an act of custody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// `escrow-made` or `escrow-drilled`.
    pub act: String,
    /// Id of the escrow, 16 hexadecimal digits.
    pub escrow: String,
    /// Key files that the secret opened.
    pub keys: u64,
    /// Name of the master key, 16 hexadecimal digits.
    pub master_key: String,
    /// Shares that were made.
    pub of: u8,
    /// Numbers of the shares made, or used.
    pub shares: Vec<u8>,
    /// So many give the key back.
    pub threshold: u8,
    /// Key files that it did not open.
    pub unopened: u64,
}

impl From<&super::Escrowed> for Fact {
    fn from(made: &super::Escrowed) -> Self {
        Self {
            act: "escrow-made".into(),
            escrow: made.escrow.clone(),
            keys: made.keys,
            master_key: made.master.clone(),
            of: made.shares,
            shares: (1..=made.shares).collect(),
            threshold: made.threshold,
            unopened: 0,
        }
    }
}

impl From<&super::Drilled> for Fact {
    fn from(done: &super::Drilled) -> Self {
        Self {
            act: "escrow-drilled".into(),
            escrow: done.escrow.clone(),
            keys: done.keys,
            master_key: done.master.clone(),
            of: done.of,
            shares: done.used.clone(),
            threshold: done.threshold,
            unopened: done.unopened.len() as u64,
        }
    }
}

impl Fact {
    /// The field that makes no sense, if one does not.
    fn wrong(&self) -> Option<&'static str> {
        let hex = |text: &str| text.len() == 16 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        let rising = self.shares.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let within = self.shares.first().is_some_and(|first| *first > 0)
            && self.shares.last().is_some_and(|last| *last <= self.of)
            && self.shares.len() >= usize::from(self.threshold);
        let checks = [
            (["escrow-made", "escrow-drilled"].contains(&self.act.as_str()), "act"),
            (hex(&self.escrow), "escrow"),
            (hex(&self.master_key), "master_key"),
            (self.threshold >= 2, "threshold"),
            (rising && within, "shares"),
            (self.keys > 0, "keys"),
        ];
        checks.iter().find(|(holds, _)| !holds).map(|(_, field)| *field)
    }

    fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("administration".into(), json!(self.act));
        facts.insert("at".into(), json!(format_rfc3339(random::now())));
        facts.insert("escrow".into(), json!(self.escrow));
        facts.insert("keys".into(), json!(self.keys));
        facts.insert("master_key".into(), json!(self.master_key));
        facts.insert("of".into(), json!(self.of));
        facts.insert("shares".into(), json!(self.shares));
        facts.insert("threshold".into(), json!(self.threshold));
        facts.insert("unopened".into(), json!(self.unopened));
        facts
    }
}

/// `POST /v1/custody` with a [`Fact`]: an administration entry keeps it. Of this store's own master key, and of no other.
pub(crate) async fn tell(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.may(Scope::Admin)?;
    if caller.0.tenants != Tenants::All {
        return Err(not_found());
    }
    let unreadable = |field: &str| Problem::from(&codes::PARAMETER_UNREADABLE).at(field);
    let fact: Fact =
        serde_json::from_value(small_json(body).await?).map_err(|error| unreadable("act").because(error))?;
    if let Some(field) = fact.wrong() {
        return Err(unreadable(field));
    }
    let (_, master) = store::wrapped_by(&app.home.keys()).map_err(Problem::internal)?;
    if encode_hex(&master) != fact.master_key {
        return Err(unreadable("master_key"));
    }
    let (office, facts) = (app.office.clone(), fact.facts());
    let receipt = blocking(move || office.log(facts)).await??;
    tracing::info!(act = fact.act, escrow = fact.escrow, index = receipt.index.0, "custody of the master key");
    Ok(json_response(&json!({"entry": receipt.id.to_string(), "index": receipt.index.0})).into_response())
}

/// The same, in the log of a directory that nobody serves; the index of the entry.
///
/// # Errors
/// [`ServiceError`]: the directory does not open.
pub fn log(data: &Path, fact: &Fact) -> Result<u64, ServiceError> {
    let (_, master) = store::wrapped_by(&Home::at(data).keys())?;
    if let Some(field) = fact.wrong().or_else(|| (encode_hex(&master) != fact.master_key).then_some("master_key")) {
        return Err(ServiceError::Entry(format!("{field} makes no sense")));
    }
    offline::with_office(data, |office| office.log(fact.facts()).map(|receipt| receipt.index.0))
}
