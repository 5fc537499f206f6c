//! Every address, once. Under /v1 each handler begins with `auth::Authenticated`; the table is what the tests walk.

use crate::antivirus::Antivirus;
use crate::app::{App, blocking};
use crate::deposit::Acknowledged;
use crate::problem::{Problem, codes, word};
use crate::{
    admin, algorithms, attestation, auth, backup, clock, custody, deposit, elimination, evidence, exports, head, page,
    public, read, register, renewal, restitution, scrub, sealing, selection, tiles, tsa, validation,
};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use std::time::Instant;

/// The service's addresses.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/v1/deposits", post(deposit::deposit).get(read::list))
        .route("/v1/deposits/{id}", get(read::one))
        .route("/v1/deposits/{id}/receipt", get(read::receipt))
        .route("/v1/deposits/{id}/files/{n}", get(read::file))
        .route("/v1/deposits/{id}/units", get(exports::units))
        .route("/v1/deposits/{id}/evidence", get(evidence::evidence))
        .route("/v1/deposits/{id}/attestation", get(attestation::attestation))
        .route("/v1/packs", post(selection::packs))
        .route("/v1/register", get(register::register))
        .route("/v1/exports/scdl.csv", get(exports::scdl))
        .route("/v1/exports/decp.json", get(exports::decp))
        .route("/v1/refusals/{id}", get(read::refusal))
        .route("/v1/refusals/{id}/files/{n}", get(read::refused_file))
        .route("/v1/tenants", post(admin::add_tenant))
        .route("/v1/tokens", post(admin::add_token))
        .route("/v1/eliminations", post(elimination::eliminate))
        .route("/v1/eliminations/proposals", post(elimination::proposal))
        .route("/v1/eliminations/{id}", get(elimination::status))
        .route("/v1/eliminations/{id}/attestation", get(attestation::elimination))
        .route("/v1/restitutions", post(restitution::restitute))
        .route("/v1/restitutions/{id}/attestation", get(attestation::restitution))
        .route("/v1/seals", post(admin::seal_now))
        .route("/v1/renewals", post(renewal::renew).get(renewal::shown))
        .route("/v1/clock", post(clock::accept))
        .route("/v1/custody", post(custody::tell))
        .route("/v1/scrub", post(scrub::ask).get(scrub::shown))
        .route("/v1/backup/cut", get(backup::answer))
        // Public from here on.
        .route("/v1/policy", get(admin::policy))
        .route("/log/checkpoint", get(head::checkpoint))
        .route("/log/tile/{*path}", get(tiles::tile))
        .route("/tsa", post(tsa::tsa))
        .route("/verifier", get(page::page))
        .route("/public/acts/{id}", get(public::page))
        .route("/public/acts/{id}/R.json", get(public::record))
        .route("/public/acts/{id}/receipt", get(public::receipt))
        .route("/public/acts/{id}/evidence", get(public::evidence))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .fallback(async || auth::not_found())
        .method_not_allowed_fallback(async || Problem::from(&codes::METHOD_NOT_ALLOWED))
        .layer(from_fn(tell))
        .with_state(app)
}

/// The process answers.
async fn livez() -> Response {
    read::json_response(&json!({"status": "alive"}))
}

/// The log takes entries.
async fn readyz(State(app): State<App>) -> Response {
    let stopped = app.stopped.borrow().is_some();
    let clock = clock::shown(&app);
    // Reading goes on under these two: who balances on the status keeps the house.
    let (status, word) = match (stopped, app.space.is_short(), clock.is_null()) {
        (true, _, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
        (false, true, _) => (StatusCode::OK, "read-only"),
        (false, false, false) => (StatusCode::OK, "clock-ahead"),
        (false, false, true) => (StatusCode::OK, "ready"),
    };
    let head = app.head.follow().borrow().clone();
    let (witnesses, scrub) = (app.cosigning.shown(app.reads(), head), app.scrub.shown());
    // Where nobody else keeps a head, an older copy of the whole store looks like the store.
    let mirror = !app.config.mirror.path.as_os_str().is_empty();
    let rollback = json!({"detectable": mirror || !witnesses.is_null(), "mirror": mirror});
    let lists = app.config.tsa.lists_mirror.as_ref().map(|_| app.lists.shown());
    let mut said = json!({"status": word, "witnesses": witnesses, "scrub": scrub, "rollback": rollback});
    (said["space"], said["clock"], said["seal"]) = (app.space.shown(), clock, sealing::shown(&app));
    (said["algorithms"], said["certificates"]) = (algorithms::shown(&app), algorithms::certificates(&app));
    (said["validation"], said["lists"]) = (validation::shown(&app), lists.into());
    said["attestations"] = algorithms::cachet(&app);
    said["antivirus"] = antivirus(&app).await;
    (status, read::json_response(&said)).into_response()
}

/// What the antivirus says of itself; null without one.
async fn antivirus(app: &App) -> serde_json::Value {
    if app.antivirus.is_none() {
        return serde_json::Value::Null;
    }
    let app = app.clone();
    let shown = blocking(move || app.antivirus.as_ref().map(Antivirus::shown)).await;
    json!(shown.ok().flatten())
}

/// Problems get their words, and each request its line: method, the address's pattern (never its values), status, time.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = word(request, next).await;
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    match response.extensions().get::<Acknowledged>() {
        None => tracing::info!(%method, path, status, millis, "request"),
        Some(Acknowledged { tenant, id, index, sequence, files }) => tracing::info!(
            %method, path, status, millis, %tenant, %id, index = index.0, sequence = sequence.0, files, "deposit acknowledged"
        ),
    }
    response
}
