//! `/tsa`: the built-in TEST time-stamping authority over HTTP (RFC 3161 §3.4); asked by ourselves like any other.

use crate::app::App;
use crate::auth::not_found;
use crate::deposit::small;
use crate::problem::{Problem, codes};
use crate::random;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::atomic::Ordering;

/// Media type of requests.
pub(crate) const QUERY: &str = "application/timestamp-query";
/// Media type of answers.
pub(crate) const REPLY: &str = "application/timestamp-reply";

/// Answers a TimeStampReq; what is wrong with it stands in the TimeStampResp, as the RFC has it. Public.
pub(crate) async fn tsa(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let authority = app.authority.as_ref().ok_or_else(not_found)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(QUERY) {
        let problem = Problem::from(&codes::MEDIA_TYPE_UNSUPPORTED).at("Content-Type");
        return Err(problem.detail(format!("Type attendu : {QUERY}."), format!("Expected type: {QUERY}.")));
    }
    let request = small(body).await?;
    let serial = app.serial.fetch_add(1, Ordering::Relaxed);
    let answer = authority.answer(&request, random::seal_now(), serial, &ring::rand::SystemRandom::new());
    Ok(([(CONTENT_TYPE, REPLY), (CACHE_CONTROL, "no-store")], answer).into_response())
}
