//! What happened in a house, tenant by tenant: events gathered beside the store, and at each seal archived as an entry of their own
//! (docs/formats/journal.md).
//!
//! `journal/<tenant>.open` grows by a line an event, each on disk before what it tells is answered. A seal closes it: renamed to
//! `journal/<tenant>.<stretch>`, logged as an entry of kind `journal`, removed.

mod stretch;

use crate::administration::Office;
use crate::error::ServiceError;
use crate::home::Home;
use crate::limits::JOURNAL_BYTES;
use crate::{files, random};
use proof::TenantId;
use proof::time::format_rfc3339;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// End of the name of a stretch that still grows.
const OPEN: &str = "open";

/// Events of every tenant that are not archived yet.
#[derive(Debug)]
pub(crate) struct Journal {
    place: PathBuf,
    /// Events past the bound of a stretch, by tenant: counted, not kept. Held while a stretch grows or is closed.
    left_out: Mutex<BTreeMap<TenantId, u64>>,
}

impl Journal {
    pub(crate) fn of(home: &Home) -> Self {
        Self { place: home.journal(), left_out: Mutex::default() }
    }

    fn alone(&self) -> MutexGuard<'_, BTreeMap<TenantId, u64>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, tenant: TenantId, end: &str) -> PathBuf {
        self.place.join(format!("{tenant}.{end}"))
    }

    /// The event is on disk, or the log of events says why not: whatever it tells of goes on. Blocks.
    pub(crate) fn note(&self, tenant: TenantId, event: &str, facts: Map<String, Value>) {
        let mut left_out = self.alone();
        match self.append(tenant, event, facts, JOURNAL_BYTES) {
            Ok(true) => {}
            Ok(false) => *left_out.entry(tenant).or_default() += 1,
            Err(error) => tracing::error!(%tenant, event, %error, "an event is not in the journal"),
        }
    }

    /// Whether there was room for it within this bound.
    fn append(&self, tenant: TenantId, event: &str, facts: Map<String, Value>, bound: u64) -> io::Result<bool> {
        let mut line = Map::from_iter([
            ("at".to_owned(), json!(format_rfc3339(random::now()))),
            ("event".to_owned(), json!(event)),
        ]);
        line.extend(facts);
        let path = self.path(tenant, OPEN);
        let begun = !path.exists();
        if begun {
            files::make_private_directory(&self.place).map_err(io::Error::other)?;
        }
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        let held = file.metadata()?.len();
        let text = format!("{}\n", Value::Object(line));
        if held.saturating_add(text.len() as u64) > bound {
            return Ok(false);
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        if begun {
            // A crash before leaves a name that is not durable, and nothing was answered.
            files::sync_parent(&path).map_err(io::Error::other)?;
        }
        Ok(true)
    }

    /// Everything noted until now is archived, one entry for each tenant that had events: how many. What a failure leaves is taken
    /// by the next call. Blocks.
    pub(crate) fn archive(&self, office: &Office) -> Result<usize, ServiceError> {
        self.close()?;
        let closed = stretch::closed(&self.place).map_err(ServiceError::io("read", &self.place))?;
        // One that cannot be logged keeps no other from it.
        let logged = closed.iter().map(|stretch| {
            stretch.log(office)?;
            // A crash here: the next call asks for the same entry again, which stands in the log, and removes the file then.
            ledger::failpoint!("journal.logged");
            files::remove(&stretch.path)
        });
        let logged: Vec<_> = logged.collect();
        logged.into_iter().collect::<Result<Vec<()>, _>>().map(|logged| logged.len())
    }

    /// What is open grows no more, under a name of its own.
    fn close(&self) -> Result<(), ServiceError> {
        let mut left_out = self.alone();
        for tenant in stretch::open(&self.place).map_err(ServiceError::io("read", &self.place))? {
            if let Some(count) = left_out.remove(&tenant) {
                self.tell_left_out(tenant, count);
            }
            let (from, to) = (self.path(tenant, OPEN), self.path(tenant, &stretch::Name::draw()?.to_string()));
            fs::rename(&from, &to).map_err(ServiceError::io("close", &from))?;
            files::sync_parent(&to)?;
        }
        Ok(())
    }

    /// The last line of a stretch that was full: beyond its bound by one line, so that nothing is missing unsaid.
    fn tell_left_out(&self, tenant: TenantId, count: u64) {
        let told = self.append(tenant, "events-left-out", facts([("count", json!(count))]), u64::MAX);
        if let Err(error) = told {
            tracing::error!(%tenant, count, %error, "the journal does not say that events are left out");
        }
    }
}

/// Facts of an event.
pub(crate) fn facts<const N: usize>(facts: [(&str, Value); N]) -> Map<String, Value> {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
