//! What of the archive anyone may see: an act whose nature and configuration allow it, that the préfecture acknowledged, and that nothing
//! takes back (docs/formats/open-data.md). In doubt an act is withheld, and why is told to those who may read it.

mod heard;
mod withheld;

use crate::app::App;
use crate::config::Publisher;
use crate::deposit::facts_json;
use crate::elimination::taken_by;
use crate::problem::{Problem, codes};
use crate::random::latest_day;
use flow::day::is_day;
use flow::{About, Acknowledged, ActText, Known};
use heard::Heard;
use ledger::storage::Reader;
use proof::record::{EntryRecord, Kind, LogRecord};
use proof::{EntryId, Index, TenantId};
use serde_json::Value;
pub(crate) use withheld::Why;

/// An act that anyone may see, as it says of itself.
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) number: String,
    /// `AAAA-MM-JJ`, as all its days.
    pub(crate) date: String,
    /// Such as `DE`.
    pub(crate) nature: String,
    /// Code of the second level, and its name.
    pub(crate) matter: (String, String),
    pub(crate) objet: String,
    /// The préfecture's acknowledgement.
    pub(crate) received: String,
}

/// How an entry stands towards the public.
#[derive(Debug)]
pub(crate) enum Look {
    /// An act for anyone.
    Public(Box<Act>),
    /// An act for nobody, what it is called, its day.
    Withheld(Why, String, String),
    /// The same act was deposited again, under this id: what is said of it is said there.
    Again(EntryId),
    /// No act, or nothing of it is left.
    NoAct,
}

/// What this tenant publishes.
///
/// # Errors
/// `publication-off` when that is nothing.
pub(crate) fn publisher(app: &App, tenant: TenantId) -> Result<&Publisher, Problem> {
    app.config.publication.of(tenant).ok_or_else(|| Problem::from(&codes::PUBLICATION_OFF).at(tenant.to_string()))
}

/// Where anyone finds the proof of this act.
pub(crate) fn address(app: &App, id: EntryId) -> String {
    format!("{}/public/acts/{id}", app.config.publication.url)
}

/// How this entry of the tenant stands towards the public. Blocks.
pub(crate) fn look(app: &App, (tenant, index): (TenantId, Index), publisher: &Publisher) -> Result<Look, Problem> {
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("an entry of a chain is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    if record.kind != Kind::Deposit || taken_by(app, index)?.is_some() {
        return Ok(Look::NoAct);
    }
    let facts = match app.reads().read_entry_record(index) {
        Ok(Some(e)) => facts_json(&EntryRecord::parse(&e).map_err(Problem::internal)?)?,
        Ok(None) => return Ok(Look::NoAct),
        // One entry that cannot be read does not hide the others.
        Err(error) => {
            tracing::error!(index = index.0, ?error, "an entry cannot be read");
            return Ok(Look::Withheld(Why::Unreadable, String::new(), String::new()));
        }
    };
    if facts["flow"] != "actes" || facts["message"] != "1-1" {
        return Ok(Look::NoAct);
    }
    let (name, day) = (text(&facts, "id_acte"), text(&facts, "date"));
    let heard = match heard::of(app, tenant, &About::of(&facts))? {
        Ok(heard) => heard,
        Err(why) => return Ok(Look::Withheld(why, name, day)),
    };
    // The last deposit of an act speaks for it.
    let last = heard.iter().filter(|one| one.is_the_act(&facts)).max_by_key(|one| one.index);
    if let Some(last) = last.filter(|last| last.index > index) {
        return Ok(Look::Again(last.id));
    }
    Ok(match judge(publisher, index, &facts, &heard) {
        Ok(act) => Look::Public(Box::new(act)),
        Err(why) => Look::Withheld(why, name, day),
    })
}

/// The act, or the first reason for which it is withheld.
fn judge(publisher: &Publisher, index: Index, facts: &Value, heard: &[Heard]) -> Result<Act, Why> {
    let about = About::of(facts);
    let mut known = Known::of(about.clone());
    // Each may lead to another.
    while heard.iter().filter(|one| one.join(&mut known)).count() > 0 {}
    // Its name and its message may give it two identifiers: either may be the one written.
    if about.ids.iter().any(|(id, _)| publisher.withheld.name(id)) {
        return Err(Why::Named);
    }
    // Deposited since among others, which of them is described is chance.
    if !alone(facts) || heard.iter().any(|one| one.index > index && !one.is_the_act(facts) && one.holds(&about)) {
        return Err(Why::Several);
    }
    let act = readable(facts);
    let nature = text(facts, "nature");
    // Its name and its message may say two natures: both must be allowed. A message that says none that is known allows nothing.
    let natures = [Some(nature.as_str()), flow::act_nature(&text(facts, "code_nature"))];
    let allowed =
        |nature: &Option<&str>| nature.is_some_and(|said| publisher.natures.iter().any(|known| known == said));
    if !natures.iter().all(allowed) {
        return Err(Why::Nature);
    }
    if withheld_matter(publisher, facts) {
        return Err(Why::Matter);
    }
    if text(facts, "siren") != publisher.siret.siren() {
        return Err(Why::Siren);
    }
    if about.is_test() {
        return Err(Why::TestPlatform);
    }
    let mut act = act.ok_or(Why::Incomplete)?;
    if heard.iter().any(|one| one.cancels(&about, &known)) {
        return Err(Why::Cancelled);
    }
    // One that was refused may be corrected and sent again: what counts is whether anything was refused after it came here.
    if heard.iter().any(|one| one.index >= index && one.refuses(&about, &known)) {
        return Err(Why::Anomaly);
    }
    let (real, trial): (Vec<_>, Vec<_>) = heard.iter().map(|one| one.received(&known)).unzip();
    let none = match trial.iter().any(Option::is_some) {
        true => Why::TestPlatform,
        false if heard.iter().any(|one| one.replies(&known)) => Why::Unsure,
        false => Why::NotAcknowledged,
    };
    act.received = real.into_iter().flatten().min().ok_or(none)?;
    let (mut acts, repeated): (Vec<_>, Vec<_>) = heard.iter().map(|one| one.texts(&known)).unzip();
    acts.push(vec![ActText::of(facts)]);
    if Acknowledged::among(&acts.concat(), &repeated.concat()).leaves_out(Some(&ActText::of(facts))) {
        return Err(Why::OtherText);
    }
    // Such days compare as texts.
    if act.received < act.date || act.received > latest_day() {
        return Err(Why::Days);
    }
    Ok(act)
}

/// The deposit tells of this act and what acknowledges it, and of nothing else: of several acts, whose is a file, or a cancellation?
fn alone(facts: &Value) -> bool {
    let Some(messages) = facts.get("messages").and_then(Value::as_array) else { return true };
    let acts = messages.iter().filter(|one| one["message"] == "1-1").count();
    let of_it =
        |one: &Value| (one["message"] == "1-1" || one["message"] == "1-2") && one["id_acte"] == facts["id_acte"];
    acts == 1 && messages.iter().all(of_it) && heard::all_listed(facts, messages)
}

/// Everything that is told of a published act, when it says all of it.
fn readable(facts: &Value) -> Option<Act> {
    let word = |name: &str| Some(text(facts, name)).filter(|word| !word.is_empty());
    let code = matter(facts)?;
    let name = flow::matter_name(&code)?;
    Some(Act {
        number: word("numero")?,
        date: word("date").filter(|day| is_day(day))?,
        nature: word("nature")?,
        matter: (code, name),
        objet: word("objet")?.split_whitespace().collect::<Vec<_>>().join(" "),
        received: String::new(),
    })
    .filter(|act| !act.objet.is_empty() && !act.number.trim().is_empty())
}

/// The first two levels of its matter.
fn matter(facts: &Value) -> Option<String> {
    let level = |at: usize| facts["matieres"].get(at).and_then(Value::as_str);
    Some(format!("{}.{}", level(0)?, level(1)?))
}

fn withheld_matter(publisher: &Publisher, facts: &Value) -> bool {
    let first = facts["matieres"].get(0).and_then(Value::as_str).unwrap_or_default();
    let whole = matter(facts).unwrap_or_default();
    publisher.withheld_matters.iter().any(|withheld| *withheld == first || *withheld == whole)
}

fn text(facts: &Value, name: &str) -> String {
    facts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
