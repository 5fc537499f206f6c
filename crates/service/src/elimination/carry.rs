//! Carrying eliminations out: the store destroys what the log marks; the log says which keys, and when it is done.

use crate::administration::Office;
use crate::error::ServiceError;
use ledger::limits::REQUEST_PUTS;
use ledger::spaces;
use ledger::storage::{Put, Reader};
use proof::Index;
use serde_json::{Value, json};
use std::collections::HashSet;
use store::{Erased, Orders};

/// At start-up, before anything is served: what a crash left is finished, and what a backup brought back is destroyed again.
pub(crate) fn resume(office: &Office) -> Result<(), ServiceError> {
    let needed = office.reads.eraser().is_needed().map_err(|error| ServiceError::Read(format!("{error:?}")))?;
    if !needed && Clerk::of(office)?.ordered.is_empty() {
        return Ok(());
    }
    tracing::warn!("an elimination is carried out before anything is served");
    run(office)
}

/// Everything ordered is destroyed; what fails is said to the operator, stays ordered, and is tried at the next elimination or
/// start.
pub(crate) fn carry_out(office: &Office) {
    if let Err(error) = run(office) {
        tracing::error!(error = %error, "an elimination is not carried out yet");
    }
}

fn run(office: &Office) -> Result<(), ServiceError> {
    let mut clerk = Clerk::of(office)?;
    let done = office.reads.eraser().run(&mut clerk).map_err(|error| ServiceError::Elimination(error.to_string()))?;
    if done.unreadable > 0 {
        tracing::warn!(
            parts = done.unreadable,
            "segments of before an elimination were put back: put back those of after it, what survives is there"
        );
    }
    // A crash here: everything is destroyed, and done once more at the next start, for nothing.
    ledger::failpoint!("eliminate.before-done", ServiceError::Elimination("failpoint eliminate.before-done".into()));
    clerk.finish(&done)?;
    tracing::info!(segments = done.segments, keys = done.keys, files = done.files, "eliminations carried out");
    Ok(())
}

/// Speaks for the store to the log.
struct Clerk<'a> {
    office: &'a Office,
    /// Keys and rows of eliminations not yet carried out.
    ordered: Vec<(Vec<u8>, Value)>,
    pending: Vec<Index>,
}

impl<'a> Clerk<'a> {
    fn of(office: &'a Office) -> Result<Self, ServiceError> {
        let read = |prefix| office.reads.values(spaces::ELIMINATIONS, &[prefix]);
        let failed = |error| ServiceError::Read(format!("{error:?}"));
        let mut ordered = Vec::new();
        for (key, bytes) in read(spaces::ELIMINATION).map_err(failed)? {
            let row: Value = serde_json::from_slice(&bytes).map_err(|error| ServiceError::Read(error.to_string()))?;
            if row["state"] != "done" {
                ordered.push((key, row));
            }
        }
        let ids: HashSet<&[u8]> = ordered.iter().filter_map(|(key, _)| key.get(1..)).collect();
        let marks = if ids.is_empty() { Vec::new() } else { read(spaces::ELIMINATED).map_err(failed)? };
        let index = |key: &[u8]| key.get(1..)?.try_into().ok().map(u64::from_be_bytes).map(Index);
        let pending =
            marks.iter().filter(|(_, id)| ids.contains(id.as_slice())).filter_map(|(key, _)| index(key)).collect();
        Ok(Self { office, ordered, pending })
    }

    fn finish(self, done: &Erased) -> Result<(), ServiceError> {
        let puts = self.ordered.into_iter().map(|(key, mut row)| {
            row["state"] = json!("done");
            row["segments"] = json!(done.segments);
            row["keys"] = json!(done.keys);
            row["files"] = json!(done.files);
            Put { space: spaces::ELIMINATIONS, key, value: Some(row.to_string().into_bytes()) }
        });
        let puts: Vec<Put> = puts.collect();
        puts.chunks(REQUEST_PUTS).try_for_each(|puts| self.office.state(puts.to_vec()))
    }
}

impl Orders for Clerk<'_> {
    fn commit(&mut self) -> Result<(), String> {
        self.office.state(Vec::new()).map_err(|error| error.to_string())
    }

    fn condemn(&mut self, keys: &[[u8; 16]]) -> Result<(), String> {
        let put = |key| Put { space: spaces::ELIMINATIONS, key: spaces::condemned(key), value: Some(Vec::new()) };
        for keys in keys.chunks(REQUEST_PUTS) {
            self.office.state(keys.iter().map(put).collect()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn pending(&self) -> Vec<Index> {
        self.pending.clone()
    }
}
