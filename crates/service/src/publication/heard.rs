//! What else the archive holds about an act: found under its identifier, its number and its envelope, since an anomaly may name it by any
//! of them.

use super::Why;
use crate::app::App;
use crate::deposit::facts_json;
use crate::elimination::taken_by;
use crate::executory::Said;
use crate::limits;
use crate::problem::Problem;
use ledger::storage::Reader;
use proof::record::EntryRecord;
use proof::{EntryId, Index, TenantId};
use serde_json::Value;
use std::collections::BTreeSet;

/// An entry that may be about the act.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) index: Index,
    pub(super) id: EntryId,
    pub(super) facts: Value,
}

/// Every entry of the tenant that stands and bears a name of the act of these facts, in log order; or why that cannot be told.
pub(super) fn of(app: &App, tenant: TenantId, act: &Value) -> Result<Result<Vec<Heard>, Why>, Problem> {
    let mut found = BTreeSet::new();
    for (scheme, name) in names(act) {
        let digest = app.vault().lookup(tenant, scheme, name.as_bytes());
        let entries = app.reads().lookup(tenant, &digest, limits::HEARD + 1)?;
        // What lies beyond could be the cancellation.
        if entries.len() > limits::HEARD {
            return Ok(Err(Why::TooMuch));
        }
        found.extend(entries);
    }
    let mut heard = Vec::with_capacity(found.len());
    for index in found {
        let Some(row) = app.reads().entry(index)? else { continue };
        if taken_by(app, index)?.is_some() {
            continue;
        }
        let read = app.reads().read_entry_record(index);
        let Some(entry) = read.ok().flatten().and_then(|e| EntryRecord::parse(&e).ok()) else {
            return Ok(Err(Why::Unreadable));
        };
        heard.push(Heard { index, id: row.leaf.id, facts: facts_json(&entry)? });
    }
    Ok(Ok(heard))
}

/// The identifiers that the reading of an act gave it, as far as its facts repeat them.
fn names(act: &Value) -> Vec<(&'static str, String)> {
    let word = |value: &Value| value.as_str().filter(|word| !word.is_empty()).map(str::to_owned);
    let number = word(&act["siren"]).zip(word(&act["numero"])).map(|(siren, number)| format!("{siren}/{number}"));
    let stem = word(&act["enveloppe"]["nom"]).map(|name| {
        let name = name.strip_suffix(".xml").or_else(|| name.strip_suffix(".XML")).unwrap_or(&name);
        name.strip_prefix("ANO_").unwrap_or(name).to_owned()
    });
    let all = [("acte-id", word(&act["id_acte"])), ("acte-numero", number), ("enveloppe", stem)];
    all.into_iter().filter_map(|(scheme, name)| Some((scheme, name?))).collect()
}

/// Every message of an entry stands in its list.
pub(super) fn all_listed(facts: &Value, messages: &[Value]) -> bool {
    facts["nombre_messages"].as_u64().is_none_or(|count| count == messages.len() as u64)
}

/// Whether both say the same under this name; `None` when either says nothing.
fn same(one: &Value, other: &Value, name: &str) -> Option<bool> {
    Some(one.get(name)?.as_str()? == other.get(name)?.as_str()?)
}

impl Heard {
    /// The act itself, deposited.
    pub(super) fn is_the_act(&self, act: &Value) -> bool {
        self.message() == "1-1" && same(&self.facts, act, "id_acte") == Some(true)
    }

    /// Its cancellation, asked for or acknowledged.
    pub(super) fn cancels(&self, act: &Value) -> bool {
        let says = matches!(self.message(), "6-1" | "6-2") || self.facts.get("date_annulation").is_some();
        self.among(&["6-1", "6-2"]) || (says && self.is_about(act, true))
    }

    /// An anomaly about it, or about the whole envelope in which it came.
    pub(super) fn refuses(&self, act: &Value) -> bool {
        let says = self.message() == "1-3" || self.facts.get("anomalie").is_some();
        self.among(&["1-3"]) || (says && (self.is_about(act, true) || self.facts["enveloppe"]["sens"] == "anomalie"))
    }

    /// The day on which the préfecture acknowledged it.
    pub(super) fn received(&self, act: &Value) -> Option<String> {
        self.is_about(act, false).then(|| Said::of(&self.facts).received)?
    }

    /// Several messages were deposited together, one of which bears a name of the act: one of them is such, or is not listed. Of which act it
    /// is, is not told apart: in doubt it is of this one.
    fn among(&self, such: &[&str]) -> bool {
        let Some(messages) = self.facts.get("messages").and_then(Value::as_array) else { return false };
        let one = |message: &Value| such.iter().any(|code| message["message"] == *code);
        messages.iter().any(one) || !all_listed(&self.facts, messages)
    }

    fn message(&self) -> &str {
        self.facts.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// The identifier is the same; or number, date, nature and SIREN are, `loosely` where parts may be missing.
    fn is_about(&self, act: &Value, loosely: bool) -> bool {
        let part = |name: &str| same(&self.facts, act, name).unwrap_or(loosely);
        same(&self.facts, act, "id_acte") == Some(true) || ["siren", "numero", "date", "nature"].into_iter().all(part)
    }
}
