//! The witness's addresses: `add-checkpoint`, the latest checkpoint of a log for whoever monitors, and whether it lives.

use super::desk::{Denied, Desk};
use crate::app::blocking;
use crate::deposit::small_up_to;
use crate::problem::{Problem, codes};
use crate::read::json_response;
use crate::routes::tell;
use ::watch::limits::REQUEST_BYTES;
use ::watch::witness::Refused;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

type Shared = Arc<Desk>;

/// Submission and monitoring prefix are both the service's own address.
pub(super) fn router(desk: Shared) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(checkpoint))
        .route("/livez", get(livez))
        .route("/", get(about))
        .fallback(async || crate::auth::not_found())
        .method_not_allowed_fallback(async || Problem::from(&codes::METHOD_NOT_ALLOWED))
        .layer(from_fn(tell))
        .with_state(desk)
}

async fn add_checkpoint(State(desk): State<Shared>, body: Body) -> Result<Response, Problem> {
    let body = small_up_to(body, REQUEST_BYTES as u64).await?;
    let body = String::from_utf8(body).map_err(|_| Problem::from(&codes::WITNESS_REQUEST_UNREADABLE))?;
    match blocking(move || desk.add(&body)).await? {
        Ok(lines) => {
            Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")], lines).into_response())
        }
        Err(Denied::Refused(Refused::Stale { known, .. })) => {
            Ok((StatusCode::CONFLICT, [(CONTENT_TYPE, "text/x.tlog.size")], format!("{}\n", known.0)).into_response())
        }
        Err(denied) => Err(denied.into()),
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Request(why) => Self::from(&codes::WITNESS_REQUEST_UNREADABLE).because(why),
            Denied::Broken => Self::from(&codes::WITNESS_STOPPED),
            Denied::Refused(why) => Self::from(match &why {
                Refused::UnknownLog { .. } => &codes::WITNESS_LOG_UNKNOWN,
                Refused::Signature(_) => &codes::WITNESS_HEAD_NOT_SIGNED,
                Refused::OldBeyond { .. } => &codes::WITNESS_OLD_SIZE_BEYOND,
                Refused::OtherRoot { .. } => &codes::WITNESS_OTHER_ROOT,
                Refused::Inconsistent(_) => &codes::WITNESS_NOT_A_CONTINUATION,
                _ => &codes::WITNESS_REQUEST_UNREADABLE,
            })
            .because(why),
        }
    }
}

async fn checkpoint(State(desk): State<Shared>, Path(origin): Path<String>) -> Result<Response, Problem> {
    let latest = blocking(move || desk.latest(&origin)).await?.ok_or_else(crate::auth::not_found)?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")], latest).into_response())
}

async fn livez(State(desk): State<Shared>) -> Response {
    let (status, said) =
        if desk.is_broken() { (StatusCode::SERVICE_UNAVAILABLE, "stopped") } else { (StatusCode::OK, "alive") };
    (status, json_response(&json!({"status": said}))).into_response()
}

/// Who this is and what it watches: all of it public.
async fn about(State(desk): State<Shared>) -> Response {
    let logs: Vec<Value> =
        desk.watched().into_iter().map(|log| json!({"origin": log.origin, "size": log.size.0})).collect();
    json_response(&json!({"witness": desk.name(), "vkey": desk.vkey(), "logs": logs}))
}
