//! `/log/checkpoint`: the published head, a new one at most once a second.

use crate::app::App;
use crate::auth::not_found;
use crate::limits::HEAD_MILLIS;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::storage::Reader;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::StoreReads;

/// The head as last shown to the world.
#[derive(Debug, Default)]
pub(crate) struct Head(Mutex<Option<(Instant, String)>>);

impl Head {
    /// The head to show: the last one shown, until a second has passed.
    fn show(&self, reads: &StoreReads) -> Result<Option<String>, Problem> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, text)) = shown.as_ref().filter(|(at, _)| at.elapsed() < Duration::from_millis(HEAD_MILLIS)) {
            let _ = at;
            return Ok(Some(text.clone()));
        }
        let text = reads.head()?.map(|head| head.checkpoint).filter(|text| !text.is_empty());
        *shown = text.clone().map(|text| (Instant::now(), text));
        Ok(text)
    }
}

/// The signed checkpoint (C2SP tlog-tiles); public.
pub(crate) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let text = app.head.show(app.reads())?.ok_or_else(not_found)?;
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, text).into_response())
}
