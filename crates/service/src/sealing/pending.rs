//! What waits for a seal, since when, and what keeps it from one: shown by `/readyz`.

use super::{Outcome, SealingError, last_head};
use crate::app::App;
use crate::limits::PENDING_LOOK;
use crate::random;
use ledger::storage::Reader;
use proof::record::{Kind, LogRecord};
use proof::time::format_rfc3339;
use proof::{Index, UnixMillis};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use store::StoreReads;

/// Attempts that failed since the last that did not.
#[derive(Default)]
pub(super) struct Trouble(Mutex<Option<Failing>>);

#[derive(Clone, Copy)]
struct Failing {
    code: &'static str,
    since: UnixMillis,
    attempts: u64,
}

impl Trouble {
    /// After this attempt.
    pub(super) fn of(&self, outcome: &Outcome) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Outcome::Pending { code, .. } = outcome else {
            *failing = None;
            return;
        };
        let first = Failing { code, since: random::now(), attempts: 0 };
        let before = failing.unwrap_or(first);
        *failing = Some(Failing { code, attempts: before.attempts.saturating_add(1), ..before });
    }

    fn shown(&self) -> Value {
        let failing = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failing.map_or(Value::Null, |failing| {
            json!({"code": failing.code, "since": format_rfc3339(failing.since), "attempts": failing.attempts})
        })
    }
}

/// For `/readyz`.
pub(crate) fn shown(app: &App) -> Value {
    let now = random::now();
    let Ok(last) = last_head(app.reads()) else { return Value::Null };
    let since = oldest(app.reads(), last.as_ref().map_or(0, |head| head.end.0)).ok().flatten();
    let pending =
        since.map(|since| json!({"since": format_rfc3339(since), "age_seconds": now.0.saturating_sub(since.0) / 1000}));
    let last = last.map(|head| json!({"batch": head.batch, "time": format_rfc3339(head.gen_time)}));
    json!({"last": last, "pending": pending, "failing": app.seals.trouble.shown()})
}

/// When the oldest entry was received that waits for a seal: journals and seals wait for none. Looked for among the first leaves that
/// are not sealed.
fn oldest(reads: &StoreReads, sealed: u64) -> Result<Option<UnixMillis>, SealingError> {
    let size = reads.head()?.map_or(0, |head| head.size.0);
    for index in (sealed..size).take(usize::try_from(PENDING_LOOK).unwrap_or(usize::MAX)).map(Index) {
        let Some(row) = reads.entry(index)?.filter(|row| !row.leaf.record.is_empty()) else { continue };
        let record = LogRecord::parse(&row.leaf.record).map_err(|_| SealingError::Entry(index))?;
        if record.kind != Kind::Journal {
            return Ok(Some(record.received_at));
        }
    }
    Ok(None)
}
