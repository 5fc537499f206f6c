//! What else the archive holds about an act: found under each of its identifiers, its number and its envelope, since an anomaly may name it by any
//! of them. Which act a message is about is told by the rules of stories ([`flow::About`]); in doubt what takes an act back counts, and what
//! acknowledges it does not.

use super::Why;
use crate::app::App;
use crate::deposit::facts_json;
use crate::elimination::taken_by;
use crate::limits;
use crate::problem::Problem;
use flow::day::is_day;
use flow::{About, ActText, Known, Spoken};
use ledger::storage::Reader;
use proof::record::EntryRecord;
use proof::{EntryId, Index, TenantId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An entry that may be about the act.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) index: Index,
    pub(super) id: EntryId,
    facts: Value,
    /// Each of its messages.
    said: Vec<Spoken>,
}

/// Every entry of the tenant that stands and bears a name of this act, or of what was deposited of it under other names too, in log order; or why
/// that cannot be told.
pub(super) fn of(app: &App, tenant: TenantId, act: &About) -> Result<Result<Vec<Heard>, Why>, Problem> {
    let (mut heard, mut looked) = (BTreeMap::new(), BTreeSet::new());
    let mut known = Known::of(act.clone());
    loop {
        let names: Vec<_> = known.names().into_iter().filter(|name| looked.insert(name.clone())).collect();
        if names.is_empty() {
            let doubts = in_doubt(app, tenant, &known, &mut heard)?;
            return Ok(doubts.map(|()| heard.into_values().collect()));
        }
        if let Err(why) = under(app, tenant, &names, &mut heard)? {
            return Ok(Err(why));
        }
        for one in heard.values() {
            one.join(&mut known);
        }
        if known.ways() > limits::WAYS {
            return Ok(Err(Why::TooMuch));
        }
    }
}

/// Cancellations whose act cannot be read for certain join them where it may be this one, under whatever name they were found.
fn in_doubt(
    app: &App,
    tenant: TenantId,
    act: &Known,
    heard: &mut BTreeMap<Index, Heard>,
) -> Result<Result<(), Why>, Problem> {
    let (mut all, (scheme, value)) = (BTreeMap::new(), flow::IN_DOUBT);
    if let Err(why) = under(app, tenant, &[(scheme, value.to_owned())], &mut all)? {
        return Ok(Err(why));
    }
    all.retain(|index, one| !heard.contains_key(index) && one.may_mean(act));
    heard.append(&mut all);
    Ok(Ok(()))
}

/// The entries under these names join those that were heard.
fn under(
    app: &App,
    tenant: TenantId,
    names: &[(&'static str, String)],
    heard: &mut BTreeMap<Index, Heard>,
) -> Result<Result<(), Why>, Problem> {
    for (scheme, name) in names {
        let digest = app.vault().lookup(tenant, scheme, name.as_bytes());
        let entries = app.reads().lookup(tenant, &digest, limits::HEARD + 1)?;
        // What lies beyond could be the cancellation.
        if entries.len() > limits::HEARD {
            return Ok(Err(Why::TooMuch));
        }
        for index in entries {
            let Some(row) = app.reads().entry(index)?.filter(|_| !heard.contains_key(&index)) else { continue };
            if taken_by(app, index)?.is_some() {
                continue;
            }
            let read = app.reads().read_entry_record(index);
            let Some(entry) = read.ok().flatten().and_then(|e| EntryRecord::parse(&e).ok()) else {
                return Ok(Err(Why::Unreadable));
            };
            heard.insert(index, Heard::new(index, row.leaf.id, facts_json(&entry)?));
        }
    }
    Ok(Ok(()))
}

/// Every message of an entry stands in its list.
pub(super) fn all_listed(facts: &Value, messages: &[Value]) -> bool {
    facts["nombre_messages"].as_u64().is_none_or(|count| count == messages.len() as u64)
}

impl Heard {
    pub(super) fn new(index: Index, id: EntryId, facts: Value) -> Self {
        let said = flow::spoken(&facts);
        Self { index, id, facts, said }
    }

    /// The act itself, deposited.
    pub(super) fn is_the_act(&self, act: &Value) -> bool {
        self.facts["message"] == "1-1" && self.facts["id_acte"].is_string() && self.facts["id_acte"] == act["id_acte"]
    }

    /// The act itself, deposited among others, of which one is described.
    pub(super) fn holds(&self, act: &About) -> bool {
        self.said.iter().any(|one| one.message == "1-1" && one.about.ties(act).is_some())
    }

    /// One of its cancellations may mean the act, by what can be read of it.
    pub(super) fn may_mean(&self, act: &Known) -> bool {
        let cancels = |one: &&Spoken| matches!(one.message.as_str(), "6-1" | "6-2");
        self.said.iter().filter(cancels).any(|one| act.may_be_meant_by(&one.about))
    }

    /// What it tells of the act joins what is known of it; true where that was not known.
    pub(super) fn join(&self, act: &mut Known) -> bool {
        self.said.iter().filter(|one| one.message == "1-1").filter(|one| act.join(&one.about)).count() > 0
    }

    /// Its cancellation, asked for or acknowledged, or one that may be.
    pub(super) fn cancels(&self, act: &About, known: &Known) -> bool {
        let says = self.facts.get("date_annulation").is_some();
        let cancellations = self.said.iter().filter(|one| matches!(one.message.as_str(), "6-1" | "6-2"));
        let taken = || cancellations.clone().any(|one| known.taken_back(&one.about).is_some());
        self.says(&["6-1", "6-2"], act) || taken() || (says && About::of(&self.facts).perhaps(act))
    }

    /// An anomaly about it, or about the envelope in which it came.
    pub(super) fn refuses(&self, act: &About, known: &Known) -> bool {
        let same = |one: &About| one.envelope.is_none() || act.envelope.is_none() || one.envelope == act.envelope;
        let envelope = self.said.iter().any(|one| one.on_envelope && same(&one.about));
        let says = self.facts.get("anomalie").is_some() && self.facts["enveloppe"]["sens"] != "anomalie";
        let tied = self.said.iter().any(|one| one.message == "1-3" && known.tied(&one.about).is_some());
        self.says(&["1-3"], act) || tied || envelope || (says && About::of(&self.facts).perhaps(act))
    }

    /// What it says of the act as it was deposited, and what its acknowledgements that surely are of it repeat.
    pub(super) fn texts(&self, known: &Known) -> (Vec<ActText>, Vec<ActText>) {
        let acts = self.said.iter().filter(|one| one.message == "1-1" && known.tied(&one.about).is_some());
        let sure =
            self.said.iter().filter(|one| one.message == "1-2" && !one.differs && known.acknowledged(&one.about));
        (acts.map(|one| one.text.clone()).collect(), sure.map(|one| one.text.clone()).collect())
    }

    /// It acknowledges the act, or something that may be it, whether that counts or not.
    pub(super) fn replies(&self, known: &Known) -> bool {
        self.said.iter().any(|one| one.message == "1-2" && known.tied(&one.about).is_some())
    }

    /// The days on which it was surely acknowledged: by the préfecture, and by the platform for tests, or by one that may be it.
    pub(super) fn received(&self, known: &Known) -> (Option<String>, Option<String>) {
        // The act is one of those known: what is surely about all of them is about it.
        let sure = |one: &&Spoken| one.message == "1-2" && !one.differs && known.acknowledged(&one.about);
        let on_trial = |one: &&Spoken| known.on_trial(&one.about);
        let day = |one: &Spoken| one.day.clone().filter(|day| is_day(day));
        let (trial, real): (Vec<&Spoken>, Vec<&Spoken>) = self.said.iter().filter(sure).partition(on_trial);
        (real.into_iter().filter_map(day).min(), trial.into_iter().filter_map(day).min())
    }

    /// One of its messages is such and may be about the act, or is not listed: which that is cannot be told.
    fn says(&self, such: &[&str], act: &About) -> bool {
        let unlisted = self.facts["messages"].as_array().is_some_and(|messages| !all_listed(&self.facts, messages));
        unlisted || self.said.iter().any(|one| such.contains(&one.message.as_str()) && one.about.perhaps(act))
    }
}
