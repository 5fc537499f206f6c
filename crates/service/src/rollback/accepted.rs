//! Rollbacks that an operator accepted, with a reason: the heads given up are not held against the store any more, and the log says so.
//!
//! `rollback.json` in the data directory. It stays: a witness goes on knowing the head that was given up.

use super::Known;
use crate::administration::Office;
use crate::error::ServiceError;
use crate::home::Home;
use crate::{files, limits};
use proof::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

/// Domain of the key under which the entry is made once.
const LOOKUP: &str = "rollback";

/// What the file holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) accepted: Vec<One>,
}

/// One rollback.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    pub(crate) at: String,
    /// Name of the backup restored.
    pub(crate) backup: String,
    pub(crate) heads: Vec<Given>,
    /// The log holds its entry.
    pub(crate) logged: bool,
    pub(crate) reason: String,
}

/// A head given up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    pub(crate) commit: Option<u64>,
    pub(crate) from: String,
    pub(crate) root: String,
    pub(crate) size: u64,
}

impl Given {
    pub(crate) fn of(known: &Known) -> Self {
        Self { commit: known.commit, from: known.from.clone(), root: known.root.to_string(), size: known.size.0 }
    }
}

impl Accepted {
    /// What was accepted so far.
    pub(crate) fn load(home: &Home) -> Result<Self, ServiceError> {
        let path = home.rollback();
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
        serde_json::from_str(&text).map_err(|why| ServiceError::Configuration { path, why: why.to_string() })
    }

    /// The file says so, durably.
    pub(crate) fn keep(&self, home: &Home) -> Result<(), ServiceError> {
        let text = serde_json::to_string_pretty(self).map_err(|why| ServiceError::Entry(why.to_string()))?;
        files::replace(&home.rollback(), format!("{text}\n").as_bytes())
    }

    /// What is known, without the heads given up.
    pub(crate) fn but(&self, known: Vec<Known>) -> Vec<Known> {
        let given = |head: &Known| {
            let heads = self.accepted.iter().flat_map(|one| &one.heads);
            heads.into_iter().any(|given| (given.size, &given.root) == (head.size.0, &head.root.to_string()))
        };
        known.into_iter().filter(|head| !given(head)).collect()
    }

    /// Each rollback has its entry in the platform's chain.
    pub(crate) fn log(mut self, home: &Home, office: &Office) -> Result<(), ServiceError> {
        if self.accepted.iter().all(|one| one.logged) {
            return Ok(());
        }
        for one in self.accepted.iter_mut().filter(|one| !one.logged) {
            let mut facts = Map::new();
            facts.insert("administration".into(), json!("rollback-accepted"));
            facts.insert("at".into(), json!(one.at));
            facts.insert("backup".into(), json!(one.backup));
            facts.insert("heads".into(), json!(one.heads));
            facts.insert("reason".into(), json!(one.reason));
            let said = serde_json::to_vec(&*one).map_err(|why| ServiceError::Entry(why.to_string()))?;
            let key = office.vault.lookup(TenantId::PLATFORM, LOOKUP, &proof::sha256(&said).0);
            office.log_fact(facts, key)?;
            tracing::warn!(reason = one.reason, "a rollback was accepted, and the log says so");
            one.logged = true;
        }
        // A crash before this asks for the same entry again, and gets the one that is there.
        self.keep(home)
    }
}
