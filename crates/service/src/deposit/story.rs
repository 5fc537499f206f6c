//! The story an entry belongs to: what the tenant deposited of the same act, flow, request or procedure, each with the rule that ties it.
//! Nothing of it is stored: identifiers are looked up anew each time, so that it is the same whatever came first.

use super::accounted::{self, Accounted};
use super::answer::{facts_json, json_of};
use crate::app::App;
use crate::elimination::taken_by;
use crate::executory::Said;
use crate::limits;
use crate::problem::Problem;
use flow::{About, ActText, Known, Spoken};
use ledger::storage::Reader;
use proof::record::{EntryRecord, LogRecord};
use proof::{EntryId, Index, TenantId, UnixMillis};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Facts by which the entries of one story meet, and the scheme of such identifiers: an act, an accounting flow, a request, a dossier, a procedure,
/// a contract by its essential data, a transfer.
const STORIES: [(&str, &str); 7] = [
    ("id_acte", "acte-id"),
    ("nom_fic", "pes-nomfic"),
    ("numero_demande", "teleservice-numero"),
    ("reference", "dossier-reference"),
    ("procedure", "marche-procedure"),
    ("contrat", CONTRACT),
    ("transfert", "seda-message"),
];
/// The scheme of the keys of contracts.
const CONTRACT: &str = "decp-marche";
/// Where an entry of ACTES says by what it is found besides.
const ACTES: [&str; 2] = ["numero", "enveloppe"];

/// What is known of an act or of an accounting flow.
pub(crate) struct Story {
    /// The fact that names it.
    pub(crate) field: &'static str,
    pub(crate) name: String,
    pub(crate) told: Vec<Told>,
    /// What is said of the act by messages that are tied to none, and may be of it.
    pub(crate) perhaps: Vec<Said>,
    /// Of accounting flows: what becomes of each by all that was deposited of it.
    pub(crate) flows: Vec<Accounted>,
    /// More entries bear one of its names than were looked at.
    pub(crate) cut: bool,
    /// What the entry asked says of the act, where it is the act.
    pub(crate) text: Option<ActText>,
}

impl Story {
    /// All that is said of the act.
    pub(crate) fn said(&self) -> Vec<&Said> {
        self.told.iter().flat_map(|told| &told.said).chain(&self.perhaps).collect()
    }
}

/// One entry of a story.
pub(crate) struct Told {
    pub(crate) index: Index,
    pub(crate) id: EntryId,
    /// What the entry is in this story, such as `1-2`: its message, or the first of its messages that belongs here; null when its `E` does not say.
    pub(crate) message: Value,
    /// The rule by which that belongs here: of an act, one of [`flow::By`]; elsewhere the fact that both state.
    pub(crate) by: String,
    /// Of an entry of several messages, those that belong here.
    pub(crate) tied: Option<Vec<Tied>>,
    /// What its messages say of the act.
    pub(crate) said: Vec<Said>,
}

/// One message of such an entry.
#[derive(Serialize)]
pub(crate) struct Tied {
    pub(crate) message: String,
    by: &'static str,
    date: Option<String>,
}

/// An identifier under which entries of the story may be found.
struct Way {
    field: &'static str,
    scheme: &'static str,
    value: String,
}

/// What was found of an act under its names, each entry read once.
#[derive(Default)]
struct Found {
    entries: BTreeMap<Index, (EntryId, Value, UnixMillis)>,
    looked: BTreeSet<(&'static str, String)>,
    cut: bool,
}

/// Whether such an entry may have a story.
pub(super) fn has_one(entry: &EntryRecord) -> bool {
    STORIES.iter().map(|(field, _)| *field).chain(ACTES).any(|field| entry.facts.contains_key(field))
}

/// The story of the act or flow these facts name: every entry of the tenant that belongs to it and still stands, in log order.
pub(crate) fn story(app: &App, tenant: TenantId, entry: &EntryRecord) -> Result<Option<Story>, Problem> {
    let asked = facts_json(entry)?;
    let ways = ways(&asked);
    let Some(first) = ways.first() else { return Ok(None) };
    let is_act = asked["flow"] == "actes" && asked["message"] == "1-1";
    let text = is_act.then(|| ActText::of(&asked));
    let (field, name) = (first.field, first.value.clone());
    let mut story = Story { field, name, told: Vec::new(), perhaps: Vec::new(), flows: Vec::new(), cut: false, text };
    let (mut met, mut flows) = (BTreeSet::new(), Vec::new());
    for way in ways.iter().filter(|way| !way.is_of_an_act()) {
        let digest = app.vault().lookup(tenant, way.scheme, way.value.as_bytes());
        let found = app.reads().lookup(tenant, &digest, limits::STORY + 1)?;
        story.cut |= found.len() > limits::STORY;
        for index in found.into_iter().take(limits::STORY).filter(|index| met.insert(*index)) {
            let Some((told, facts)) = told(app, way, index)? else { continue };
            if way.is_of_a_flow() {
                flows.push((told.id, flow::pes_told(&facts)));
            }
            story.told.push(told);
        }
    }
    let names = ways.iter().filter(|way| way.is_of_a_flow()).map(|way| way.value.as_str());
    story.flows = accounted::all(names, &flows, story.cut);
    if ways.iter().any(|way| way.is_of_an_act()) {
        of_the_act(app, tenant, &asked, &mut story)?;
    }
    story.told.sort_by_key(|one| one.index);
    story.cut |= story.told.len() > limits::STORY;
    story.told.truncate(limits::STORY);
    Ok(Some(story))
}

/// The entry found this way, if it stands, and its facts.
fn told(app: &App, way: &Way, index: Index) -> Result<Option<(Told, Value)>, Problem> {
    let Some((id, facts, _)) = read(app, index)? else { return Ok(None) };
    let message = facts.get("message").cloned().unwrap_or_default();
    Ok(Some((Told { index, id, message, by: way.field.to_owned(), tied: None, said: Vec::new() }, facts)))
}

/// Id, facts and moment of an entry, if it stands.
fn read(app: &App, index: Index) -> Result<Option<(EntryId, Value, UnixMillis)>, Problem> {
    let Some(row) = app.reads().entry(index)? else { return Ok(None) };
    if taken_by(app, index)?.is_some() {
        return Ok(None);
    }
    let e = app.reads().read_entry_record(index)?.and_then(|e| EntryRecord::parse(&e).ok());
    let facts = e.as_ref().map_or(Ok(Value::Null), facts_json)?;
    let deposited = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?.received_at;
    Ok(Some((row.leaf.id, facts, deposited)))
}

/// What is told of an act, judged by all that was deposited of it, whichever of its entries is asked.
fn of_the_act(app: &App, tenant: TenantId, asked: &Value, story: &mut Story) -> Result<(), Problem> {
    let mut found = Found::default();
    let seed = About::of(asked);
    found.under(app, tenant, &seed.names())?;
    let mut act = found.act(asked, &seed);
    loop {
        found.under(app, tenant, &act.names())?;
        let more = found.acts().filter(|one| act.join(one)).count();
        found.cut |= act.ways() > limits::WAYS;
        if more == 0 || found.cut {
            break;
        }
    }
    act.in_order_of(found.acts());
    if let Some(id) = act.id() {
        (story.field, story.name) = ("id_acte", id.to_owned());
    }
    story.perhaps.extend(found.in_doubt(app, tenant, &act)?);
    for (index, (id, facts, deposited)) in &found.entries {
        let all = flow::spoken(facts);
        let (tied, said) = tied(&act, &all, facts, *deposited);
        let perhaps = all.iter().filter(|one| act.tied(&one.about).is_none());
        story.perhaps.extend(perhaps.filter_map(|one| Said::perhaps(one, &act)));
        let message = facts.get("message").cloned().unwrap_or_default();
        let Some(main) = tied.iter().find(|one| message == one.message).or(tied.first()) else { continue };
        let message = if main.message.is_empty() { Value::Null } else { main.message.clone().into() };
        let (index, id, by) = (*index, *id, main.by.to_owned());
        let tied = facts["messages"].is_array().then_some(tied);
        story.told.push(Told { index, id, message, by, tied, said });
    }
    story.cut |= found.cut;
    Ok(())
}

impl Found {
    /// The entries under these names, as far as they were not looked for.
    fn under(&mut self, app: &App, tenant: TenantId, names: &[(&'static str, String)]) -> Result<(), Problem> {
        for (scheme, value) in names {
            if !self.looked.insert((scheme, value.clone())) {
                continue;
            }
            let digest = app.vault().lookup(tenant, scheme, value.as_bytes());
            let found = app.reads().lookup(tenant, &digest, limits::STORY + 1)?;
            self.cut |= found.len() > limits::STORY;
            for index in found.into_iter().take(limits::STORY) {
                if self.entries.contains_key(&index) {
                    continue;
                }
                if let Some(read) = read(app, index)? {
                    self.entries.insert(index, read);
                }
            }
        }
        Ok(())
    }

    /// What cancellations say whose act cannot be read for certain, where it may be this one: those that were not found under a name of it.
    fn in_doubt(&mut self, app: &App, tenant: TenantId, act: &Known) -> Result<Vec<Said>, Problem> {
        let (scheme, value) = flow::IN_DOUBT;
        let digest = app.vault().lookup(tenant, scheme, value.as_bytes());
        let found = app.reads().lookup(tenant, &digest, limits::HEARD + 1)?;
        self.cut |= found.len() > limits::HEARD;
        let mut said = Vec::new();
        for index in found.into_iter().take(limits::HEARD).filter(|index| !self.entries.contains_key(index)) {
            let Some((_, facts, _)) = read(app, index)? else { continue };
            said.extend(flow::spoken(&facts).iter().filter_map(|one| Said::meant(one, act)));
        }
        Ok(said)
    }

    /// What every act that was found says of itself.
    fn acts(&self) -> impl Iterator<Item = About> + '_ {
        let all = self.entries.values().flat_map(|(_, facts, _)| flow::spoken(facts));
        all.filter(|one| one.message == "1-1").map(|one| one.about)
    }

    /// The act that the entry asked is about: itself; the one whose identifier it shows; the only one it is tied to. Where there is none, or it
    /// cannot be told which, what it says of it.
    fn act(&self, asked: &Value, seed: &About) -> Known {
        if asked["flow"] == "actes" && asked["message"] == "1-1" {
            return Known::of(seed.clone());
        }
        let shown = seed.ids.first().map(|(id, _)| id);
        if let Some(named) = self.acts().find(|act| act.ids.iter().any(|(id, _)| Some(id) == shown)) {
            return Known::of(named);
        }
        let mut tied = self.acts().filter(|act| seed.ties(act).is_some() || act.ties(seed).is_some());
        let Some(first) = tied.next() else { return Known::unseen(seed.clone()) };
        let mut known = Known::of(first.clone());
        match tied.all(|other| other == first || known.join(&other)) {
            true => Known::of(first),
            false => Known::unseen(seed.clone()),
        }
    }
}

/// The messages of an entry that are about this act, each judged apart, and what they say of it.
fn tied(act: &Known, all: &[Spoken], facts: &Value, deposited: UnixMillis) -> (Vec<Tied>, Vec<Said>) {
    let about = all.iter().filter_map(|one| act.tied(&one.about).map(|by| (one, by.as_str())));
    about
        .map(|(one, by)| {
            let said = Said::of(one, act, facts, deposited);
            (Tied { message: one.message.clone(), by, date: one.day.clone() }, said)
        })
        .unzip()
}

/// By what the entries of this one's story are found, what names the story first.
fn ways(facts: &Value) -> Vec<Way> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let named =
        |(field, scheme): &(&'static str, &'static str)| Some(Way { field, scheme, value: text(facts.get(*field)?)? });
    let mut ways: Vec<Way> = STORIES.iter().find_map(named).into_iter().collect();
    if ways.iter().any(|way| way.scheme == CONTRACT) {
        let keys = flow::contract_keys(facts).into_iter();
        ways = keys.map(|value| Way { field: "contrat", scheme: CONTRACT, value }).collect();
    }
    if facts["flow"] == "pes" {
        // Of several flows each has its own name, and its own acknowledgement to come.
        let told = || facts["messages"].as_array().into_iter().flatten();
        // One acknowledgement of returns may name many of them.
        let returned =
            std::iter::once(facts).chain(told()).flat_map(|one| one["retours"].as_array().into_iter().flatten());
        for value in told().chain(returned).filter_map(|one| text(&one["nom_fic"])) {
            if ways.iter().all(|way| way.value != value) {
                ways.push(Way { field: "nom_fic", scheme: "pes-nomfic", value });
            }
        }
    }
    if facts["flow"] != "actes" {
        return ways;
    }
    for (scheme, value) in About::of(facts).names() {
        let field = match scheme {
            "acte-id" => "id_acte",
            "acte-numero" => "acte_numero",
            _ => "enveloppe",
        };
        if ways.iter().all(|way| way.value != value) {
            ways.push(Way { field, scheme, value });
        }
    }
    ways
}

impl Way {
    /// An act is found this way, and what is found is judged by its messages.
    fn is_of_an_act(&self) -> bool {
        matches!(self.scheme, "acte-id" | "acte-numero" | "enveloppe")
    }

    fn is_of_a_flow(&self) -> bool {
        self.scheme == "pes-nomfic"
    }
}

/// Date of the classification of matters that this entry gave out.
pub(super) fn classification_of(entry: &EntryRecord) -> Option<String> {
    let given = json_of(entry.facts.get("classification_fournie")?).ok()?;
    given["date"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Way, tied, ways};
    use flow::{About, Known};
    use proof::UnixMillis;
    use serde_json::json;

    #[test]
    fn an_act_is_looked_for_under_each_of_its_names() {
        let facts = json!({
            "flow": "actes", "id_acte": "a", "id_acte_by": "nom-fichier", "siren": "243499019", "numero": "7",
            "id_acte_autres": [{"id_acte": "b", "by": "acte-recu"}], "enveloppe": {"reference": "EACT--1"},
        });
        let all = ways(&facts);
        let told: Vec<(&str, &str)> = all.iter().map(|way| (way.scheme, way.value.as_str())).collect();
        let number = ("acte-numero", "243499019/7");
        assert_eq!(told, [("acte-id", "a"), ("acte-id", "b"), number, ("enveloppe", "EACT--1")]);
        assert!(all.iter().all(Way::is_of_an_act));
    }

    #[test]
    fn each_flow_of_a_deposit_is_looked_for_under_its_own_name() {
        let several =
            json!([{"nom_fic": "x"}, {"nom_fic": "y"}, {"message": "PES_PJ"}, {"nom_fic": "z"}, {"nom_fic": "z"}]);
        let all = ways(&json!({"flow": "pes", "nom_fic": "x", "messages": several}));
        let told: Vec<&str> = all.iter().map(|way| way.value.as_str()).collect();
        assert_eq!(told, ["x", "y", "z"]);
        assert!(all.iter().all(|way| way.scheme == "pes-nomfic" && !way.is_of_an_act()));
        assert_eq!(ways(&json!({"flow": "pes", "nom_fic": "x"})).len(), 1);
        let returned = json!({"flow": "pes", "nom_fic": "r1", "retours": [{"nom_fic": "r1"}, {"nom_fic": "r2"}]});
        let all = ways(&json!({"flow": "pes", "nom_fic": "x", "messages": [{"nom_fic": "x"}, returned.clone()]}));
        assert_eq!(all.iter().map(|way| way.value.as_str()).collect::<Vec<_>>(), ["x", "r1", "r2"]);
        assert_eq!(ways(&returned).len(), 2);
    }

    #[test]
    fn a_modified_contract_of_the_first_edition_is_looked_for_as_it_was_before() {
        let all = ways(&json!({"flow": "marches", "edition": "1.x", "contrat": "2/201900701"}));
        let told: Vec<(&str, &str)> = all.iter().map(|way| (way.scheme, way.value.as_str())).collect();
        assert_eq!(told, [("decp-marche", "2/201900700"), ("decp-marche", "2/201900701")]);
        // What a manifest tells is of its procedure.
        let told = ways(&json!({"procedure": "2/V", "edition": "1.x", "contrat": "2/201900701"}));
        assert_eq!((told.len(), told[0].scheme), (1, "marche-procedure"));
    }

    #[test]
    fn each_message_of_a_deposit_belongs_to_the_story_of_its_own_act() {
        let message = |code: &str, id: &str| json!({"message": code, "id_acte": id, "id_acte_by": "id-acte", "date": "2026-02-01"});
        let (one, two) = ("034-213499023-20260110-12-DE", "034-213499023-20260110-13-DE");
        let facts = json!({
            "flow": "actes", "message": "1-2", "id_acte": one, "id_acte_by": "id-acte",
            "messages": [message("1-2", one), message("1-2", two), message("6-2", two)],
        });
        let of = |id: &str| {
            let act =
                About::of(&json!({"flow": "actes", "message": "1-1", "id_acte": id, "id_acte_by": "nom-fichier"}));
            let (tied, said) = tied(&Known::of(act), &flow::spoken(&facts), &facts, UnixMillis(0));
            assert_eq!(tied.len(), said.len());
            tied.into_iter().map(|one| (one.message, one.by)).collect::<Vec<_>>()
        };
        assert_eq!(of(one), [("1-2".to_owned(), "id-acte")]);
        assert_eq!(of(two), [("1-2".to_owned(), "id-acte"), ("6-2".to_owned(), "id-acte")]);
        assert!(of("034-213499023-20250110-12-DE").is_empty());
    }
}
