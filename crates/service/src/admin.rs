//! Administration over HTTP: tenants, tokens, a seal now; and the policy for everyone.

use crate::administration::one_number;
use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json;
use crate::offline::caller_of;
use crate::parameters::NoParameters;
use crate::problem::{Problem, codes};
use crate::read::json_response;
use crate::sealing::Outcome;
use archive::{Scope, Tenants};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use proof::time::format_rfc3339;
use serde_json::{Value, json};

/// Adds a tenant: `{name, siren}` or `{name, siret}`.
pub(crate) async fn add_tenant(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.may(Scope::Admin)?;
    if caller.0.tenants != Tenants::All {
        return Err((&codes::SCOPE_MISSING).into());
    }
    let asked = small_json(body).await?;
    let number = one_number(asked["siren"].as_str(), asked["siret"].as_str())?;
    let name = asked["name"].as_str().unwrap_or_default().to_owned();
    let _one_at_a_time = app.adding.lock().await;
    let office = app.office.clone();
    let added = blocking(move || office.add_tenant(&name, number)).await??;
    tracing::info!(tenant = %added.id, slot = added.slot, "tenant added");
    let body = json!({
        "id": added.id.to_string(),
        "slot": added.slot,
        "entry": added.receipt.id.to_string(),
        "index": added.receipt.index.0,
    });
    Ok((StatusCode::CREATED, json_response(&body)).into_response())
}

/// Adds a token: `{tenant, scopes}`, where tenant is an id or `all`, scopes a list or `deposit,read`.
pub(crate) async fn add_token(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.may(Scope::Admin)?;
    let asked = small_json(body).await?;
    let words: Vec<&str> = match &asked["scopes"] {
        Value::String(text) => text.split(',').collect(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let new = caller_of(asked["tenant"].as_str().unwrap_or_default(), words)?;
    let allowed = match &new.tenants {
        Tenants::All => caller.0.tenants == Tenants::All,
        Tenants::Some(tenants) => tenants.iter().all(|tenant| caller.0.covers(*tenant)),
    };
    if !allowed {
        return Err(crate::auth::not_found());
    }
    let office = app.office.clone();
    let secret = blocking(move || office.add_token(new)).await??;
    tracing::info!("token added");
    let headers = [(CACHE_CONTROL, "no-store")];
    let body = json!({"token": secret.as_str()});
    Ok((StatusCode::CREATED, headers, json_response(&body)).into_response())
}

/// Seals now: 200 when a seal covers everything, 202 when the authority must be asked again.
pub(crate) async fn seal_now(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
) -> Result<Response, Problem> {
    caller.may(Scope::Seal)?;
    let outcome = app.seals.now().await?;
    let (status, body) = match outcome {
        Outcome::Sealed { batch, first, end, gen_time, leaf } => (
            StatusCode::OK,
            json!({
                "status": "sealed", "batch": batch, "first": first, "end": end, "leaf": leaf,
                "time": format_rfc3339(gen_time),
            }),
        ),
        Outcome::Nothing { last } => (StatusCode::OK, json!({"status": "nothing-to-seal", "batch": last})),
        Outcome::Pending { batch, code } => {
            (StatusCode::ACCEPTED, json!({"status": "pending", "batch": batch, "code": code}))
        }
    };
    Ok((status, json_response(&body)).into_response())
}

/// The policy to pin, exact bytes. Public.
pub(crate) async fn policy(State(app): State<App>) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], app.policy.clone()).into_response()
}
