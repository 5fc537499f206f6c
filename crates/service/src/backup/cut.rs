//! How far a store goes, as the server tells the command that copies it.

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::error::ServiceError;
use crate::limits;
use crate::parameters::NoParameters;
use crate::problem::{Problem, codes};
use crate::read::json_response;
use axum::extract::State;
use axum::response::Response;
use proof::hash::encode_hex;
use serde::{Deserialize, Serialize};
use store::StoreReads;

/// A store at one published commit: every byte named is durable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cut {
    /// Hexadecimal id of the store.
    pub store: String,
    /// Number of the commit.
    pub commit: u64,
    /// Signed checkpoint after it.
    pub checkpoint: String,
    /// Hexadecimal ids of the segment keys that the log says are destroyed.
    pub destroyed: Vec<String>,
    /// Segments, from 1 on.
    pub segments: Vec<CutSegment>,
}

/// How far a segment goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CutSegment {
    /// Its number.
    pub number: u64,
    /// Hexadecimal id of the key that its header names.
    pub key: String,
    /// Bytes up to the end of its last published record.
    pub bytes: u64,
}

impl Cut {
    /// The store now; `None` while an elimination replaces files.
    pub(super) fn of(reads: &StoreReads) -> Result<Option<Self>, ServiceError> {
        let Some(cut) = reads.cut()? else { return Ok(None) };
        let segment = |found: &store::CutSegment| CutSegment {
            number: found.number,
            key: encode_hex(&found.key),
            bytes: found.bytes,
        };
        Ok(Some(Self {
            store: encode_hex(&cut.store),
            commit: cut.head.number,
            checkpoint: cut.head.checkpoint,
            destroyed: cut.destroyed.iter().map(|key| encode_hex(key)).collect(),
            segments: cut.segments.iter().map(segment).collect(),
        }))
    }
}

/// `GET /v1/backup/cut`: how far a backup may read; 503 `busy` while an elimination replaces files.
pub(crate) async fn answer(
    State(app): State<App>,
    caller: Authenticated,
    _: NoParameters,
) -> Result<Response, Problem> {
    caller.administers_all()?;
    let cut = blocking(move || Cut::of(app.reads())).await?.map_err(Problem::internal)?;
    let busy = || Problem::from(&codes::BUSY).retry_after(limits::CUT_RETRY_SECONDS);
    Ok(json_response(&serde_json::to_value(cut.ok_or_else(busy)?).map_err(Problem::internal)?))
}
