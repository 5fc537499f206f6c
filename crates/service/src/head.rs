//! `/log/checkpoint`: the published head, a new one at most once a second.

use crate::app::App;
use crate::auth::not_found;
use crate::limits::HEAD_MILLIS;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::storage::Reader;
use proof::TreeSize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::StoreReads;

/// The head as last shown to the world.
#[derive(Debug, Default)]
pub(crate) struct Head(Mutex<Option<Shown>>);

#[derive(Clone, Debug)]
struct Shown {
    at: Instant,
    size: TreeSize,
    text: String,
}

impl Head {
    /// The head to show: the last one shown, until a second has passed.
    fn show(&self, reads: &StoreReads) -> Result<Option<Shown>, Problem> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = shown.as_ref().filter(|shown| shown.at.elapsed() < Duration::from_millis(HEAD_MILLIS)) {
            return Ok(Some(shown.clone()));
        }
        let head = reads.head()?.filter(|head| !head.checkpoint.is_empty());
        *shown = head.map(|head| Shown { at: Instant::now(), size: head.size, text: head.checkpoint });
        Ok(shown.clone())
    }

    /// Size of the head shown to the world: nothing beyond it leaves the house.
    pub(crate) fn size(&self, reads: &StoreReads) -> Result<TreeSize, Problem> {
        Ok(self.show(reads)?.map_or(TreeSize(0), |shown| shown.size))
    }
}

/// The signed checkpoint (C2SP tlog-tiles); public.
pub(crate) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let text = app.head.show(app.reads())?.ok_or_else(not_found)?.text;
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, text).into_response())
}
