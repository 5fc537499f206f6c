//! The story an entry belongs to: what the tenant deposited of the same act, flow, request or procedure, each with the rule that ties it.
//! Nothing of it is stored: identifiers are looked up anew each time, so that it is the same whatever came first.

use super::answer::{facts_json, json_of};
use crate::app::App;
use crate::elimination::taken_by;
use crate::executory::Said;
use crate::limits;
use crate::problem::Problem;
use flow::By;
use ledger::storage::Reader;
use proof::record::EntryRecord;
use proof::{EntryId, Index, TenantId};
use serde_json::Value;

/// Facts by which the entries of one story meet, and the scheme of such identifiers: an act, an accounting flow, a request, a dossier, a procedure,
/// a contract by its essential data, a transfer.
const STORIES: [(&str, &str); 7] = [
    ("id_acte", "acte-id"),
    ("nom_fic", "pes-nomfic"),
    ("numero_demande", "teleservice-numero"),
    ("reference", "dossier-reference"),
    ("procedure", "marche-procedure"),
    ("contrat", "decp-marche"),
    ("transfert", "seda-message"),
];
/// Where an entry of ACTES says by what it is found besides.
const ACTES: [&str; 2] = ["numero", "enveloppe"];

/// What is known of an act or of an accounting flow.
pub(crate) struct Story {
    /// The fact that names it.
    pub(crate) field: &'static str,
    pub(crate) name: String,
    pub(crate) told: Vec<Told>,
}

/// One entry of an act's story.
pub(crate) struct Told {
    pub(crate) index: Index,
    pub(crate) id: EntryId,
    /// The message, such as `1-2`; null when its `E` does not say.
    pub(crate) message: Value,
    /// The rule by which it belongs here: of an act, one of [`By`]; elsewhere the fact that both state.
    pub(crate) by: String,
    pub(crate) said: Said,
}

/// An identifier under which entries of the story may be found.
struct Way {
    field: &'static str,
    scheme: &'static str,
    value: String,
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
    let (field, name) = (first.field, first.value.clone());
    let mut told: Vec<Told> = Vec::new();
    for way in &ways {
        let digest = app.vault().lookup(tenant, way.scheme, way.value.as_bytes());
        for index in app.reads().lookup(tenant, &digest, limits::STORY)? {
            if told.len() >= limits::STORY || told.iter().any(|one| one.index == index) {
                continue;
            }
            let Some(row) = app.reads().entry(index)? else {
                continue;
            };
            if taken_by(app, index)?.is_some() {
                continue;
            }
            let e = app.reads().read_entry_record(index)?.and_then(|e| EntryRecord::parse(&e).ok());
            let facts = e.as_ref().map_or(Ok(Value::Null), facts_json)?;
            let Some(by) = way.ties(&asked, &facts) else {
                continue;
            };
            let message = facts.get("message").cloned().unwrap_or_default();
            told.push(Told { index, id: row.leaf.id, message, by, said: Said::of(&facts) });
        }
    }
    told.sort_by_key(|one| one.index);
    Ok(Some(Story { field, name, told }))
}

/// By what the entries of this one's story are found, what names the story first.
fn ways(facts: &Value) -> Vec<Way> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let named =
        |(field, scheme): &(&'static str, &'static str)| Some(Way { field, scheme, value: text(facts.get(*field)?)? });
    let mut ways: Vec<Way> = STORIES.iter().find_map(named).into_iter().collect();
    if facts["flow"] != "actes" {
        return ways;
    }
    for other in facts["id_acte_autres"].as_array().into_iter().flatten() {
        ways.extend(text(&other["id_acte"]).map(|value| Way { field: "id_acte", scheme: "acte-id", value }));
    }
    if let (Some(siren), Some(number)) = (facts["siren"].as_str(), facts["numero"].as_str()) {
        ways.push(Way { field: "acte_numero", scheme: "acte-numero", value: format!("{siren}/{number}") });
    }
    let envelope = text(&facts["enveloppe"]["reference"]);
    ways.extend(envelope.map(|value| Way { field: "enveloppe", scheme: "enveloppe", value }));
    ways
}

impl Way {
    /// The rule by which an entry found this way belongs to the story of the one asked about; none when it does not.
    fn ties(&self, asked: &Value, found: &Value) -> Option<String> {
        match self.scheme {
            "acte-id" => Some(self.known_by(found).to_owned()),
            "acte-numero" => is_same_act(asked, found).then(|| By::Number.as_str().to_owned()),
            "enveloppe" => Some(By::EnvelopeName.as_str().to_owned()),
            _ => Some(self.field.to_owned()),
        }
    }

    /// The rule by which the entry found knows this identifier; entries before that was kept say it themselves, as manifests do.
    fn known_by<'f>(&self, found: &'f Value) -> &'f str {
        let mut others = found["id_acte_autres"].as_array().into_iter().flatten();
        let by = if found["id_acte"] == *self.value {
            &found["id_acte_by"]
        } else {
            others.find(|other| other["id_acte"] == *self.value).map_or(&Value::Null, |other| &other["by"])
        };
        by.as_str().unwrap_or(By::IdActe.as_str())
    }
}

/// Numbers come back every year, and from one nature to the next: one of the two must name no act, and what both state must be the same.
fn is_same_act(asked: &Value, found: &Value) -> bool {
    let agree = |name: &str| asked[name].is_null() || found[name].is_null() || asked[name] == found[name];
    let nameless = asked["id_acte"].is_null() || found["id_acte"].is_null();
    nameless && found["flow"] == "actes" && agree("date") && agree("nature")
}

/// Date of the classification of matters that this entry gave out.
pub(super) fn classification_of(entry: &EntryRecord) -> Option<String> {
    let given = json_of(entry.facts.get("classification_fournie")?).ok()?;
    given["date"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Way, is_same_act, ways};
    use serde_json::json;

    #[test]
    fn a_number_ties_only_where_one_names_no_act_and_nothing_differs() {
        let act = json!({"flow": "actes", "id_acte": "i", "date": "2019-05-23", "nature": "CC"});
        let anomaly = json!({"flow": "actes", "date": "2019-05-23", "nature": "CC"});
        assert!(is_same_act(&act, &anomaly) && is_same_act(&anomaly, &act));
        assert!(is_same_act(&act, &json!({"flow": "actes"})));
        assert!(!is_same_act(&act, &act), "both name an act: it is another");
        for (name, other) in [("date", "2020-05-23"), ("nature", "DE"), ("flow", "pes")] {
            let mut differs = anomaly.clone();
            differs[name] = json!(other);
            assert!(!is_same_act(&act, &differs), "{name}");
        }
    }

    #[test]
    fn an_act_is_found_by_each_of_its_identifiers_and_each_says_its_rule() {
        let facts = json!({
            "flow": "actes", "id_acte": "a", "id_acte_by": "nom-fichier", "siren": "243499019", "numero": "7",
            "id_acte_autres": [{"id_acte": "b", "by": "acte-recu"}], "enveloppe": {"reference": "EACT--1"},
        });
        let all = ways(&facts);
        let told: Vec<(&str, &str)> = all.iter().map(|way| (way.scheme, way.value.as_str())).collect();
        let number = ("acte-numero", "243499019/7");
        assert_eq!(told, [("acte-id", "a"), ("acte-id", "b"), number, ("enveloppe", "EACT--1")]);
        let rules: Vec<_> = all.iter().map(|way| way.ties(&json!({}), &facts).unwrap()).collect();
        assert_eq!(rules, ["nom-fichier", "acte-recu", "siren-numero", "nom-enveloppe"]);
        // A proof of publication names the act itself; elsewhere the fact is the rule.
        assert_eq!(all[0].ties(&facts, &json!({"id_acte": "a"})).unwrap(), "id-acte");
        let flow = Way { field: "nom_fic", scheme: "pes-nomfic", value: "x".into() };
        assert_eq!(flow.ties(&facts, &facts).unwrap(), "nom_fic");
    }
}
