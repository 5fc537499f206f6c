//! Deposits told by a small manifest of ours, the JSON description: a citizen's online request (`teleservice`), a file of the electronic
//! administration (`dossier`), among which the proof that an act was published or notified, a step of a public procurement procedure (`marches`).
//! Of the files only signatures are read, elsewhere; encrypted or sealed bids are kept as they came (essential data in a procedure are read by `decp`).
//! Published in docs/formats/manifests.md. Not here: who asks; the manifest has no field for it, and what it says beside its fields is kept and
//! not searched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::actes::name::split_act_id;
use crate::codes::{self, Fault, Faults};
use crate::day::is_day;
use crate::decp;
use crate::facts::{Facts, Story};
use crate::limits::{Limits, MAX_FILES};
use crate::model::{FlowKind, Identifier};
use crate::names::{is_called, last_component};
use crate::publication;

/// The version of both manifests.
const VERSION: u64 = 1;

/// One kind of manifest.
struct Profile {
    /// The field that says which step or document it is, and its words.
    step: (&'static str, &'static [&'static str]),
    /// Required texts.
    required: &'static [&'static str],
    /// Texts that may be left out.
    optional: &'static [&'static str],
    /// The list of files, and what a file is called in it.
    list: (&'static str, &'static str),
    /// The field by which the pieces of one story meet, the fact it becomes, and the scheme of such identifiers.
    key: (&'static str, &'static str, &'static str),
    /// The field that such identifiers are unique within, and the fact that joins both: `SIRET/référence`.
    within: Option<(&'static str, &'static str)>,
}

const TELESERVICE: Profile = Profile {
    step: ("etape", &["demande", "accuse-enregistrement", "complement", "decision"]),
    required: &["numero", "demarche", "date"],
    optional: &["service"],
    list: ("pieces", "nature"),
    key: ("numero", "numero_demande", "teleservice-numero"),
    within: None,
};

const DOSSIER: Profile = Profile {
    step: (
        "type",
        &["document-signe", "parapheur", "convocation", "proces-verbal", "publication", "notification", "autre"],
    ),
    required: &["reference", "date"],
    optional: &["acte", "objet", "lieu"],
    list: ("fichiers", "role"),
    key: ("reference", "reference", "dossier-reference"),
    within: None,
};

const MARCHES: Profile = Profile {
    step: (
        "etape",
        &[
            "dce",
            "registre-retraits",
            "registre-depots",
            "questions-reponses",
            "plis",
            "ouverture",
            "rapport",
            "attribution",
            "notification-marche",
            "execution",
            "autre",
        ],
    ),
    required: &["acheteur", "consultation", "date"],
    optional: &["objet", "lot", "marche"],
    list: ("fichiers", "role"),
    key: ("consultation", "consultation", "marche-procedure"),
    within: Some(("acheteur", "procedure")),
};

impl Profile {
    fn of(kind: FlowKind) -> Option<&'static Profile> {
        match kind {
            FlowKind::Teleservice => Some(&TELESERVICE),
            FlowKind::Dossier => Some(&DOSSIER),
            FlowKind::Marches => Some(&MARCHES),
            _ => None,
        }
    }
}

/// A step of a public procurement procedure is called so.
pub(crate) fn is_step_of_procedure(word: &str) -> bool {
    MARCHES.step.1.contains(&word)
}

/// The kind of which this description has the form of a manifest: its version, its step, its list and the field that pieces meet by.
pub(crate) fn kind_of(description: &Map<String, Value>) -> Option<FlowKind> {
    let has = |field: &str| description.contains_key(field);
    [FlowKind::Teleservice, FlowKind::Dossier, FlowKind::Marches].into_iter().find(|kind| {
        let fields = |profile: &Profile| [profile.step.0, profile.list.0, profile.key.0];
        has("version") && Profile::of(*kind).is_some_and(|profile| fields(profile).into_iter().all(has))
    })
}

/// The story a manifest tells of files with these names; each incoming file has a role.
pub(crate) fn tell(
    kind: FlowKind,
    manifest: Option<&Map<String, Value>>,
    (names, sizes): (&[String], &[u64]),
    limits: &Limits,
) -> Story {
    let mut story = Story {
        facts: Map::new(),
        faults: Faults::default(),
        identifiers: Vec::new(),
        message: None,
        roles: vec!["fichier"; names.len()],
    };
    let (Some(profile), Some(manifest)) = (Profile::of(kind), manifest) else {
        story.faults.push(Fault::new(&codes::MANIFEST_ABSENT, "description").with(kind.as_str()));
        return story;
    };
    let (key, fact, scheme) = profile.key;
    let mut reading = Reading { manifest, renamed: (key, fact), faults: Faults::default(), facts: Facts::new(limits) };
    reading.version();
    let step = reading.step(profile.step);
    for field in profile.required {
        if reading.text(field).is_none() {
            reading.missing(field);
        }
    }
    for field in profile.optional {
        reading.text(field);
    }
    reading.dates();
    reading.listed(profile.list, names);
    reading.unknown(profile);
    if step.is_some_and(publication::is_one) {
        let proof = publication::proof(manifest, (names, sizes));
        reading.facts.put("preuve", proof);
    }
    let mut found = BTreeSet::new();
    let named = reading.said(key).map(str::to_owned);
    let named = match profile.within {
        None => named,
        Some((field, fact)) => {
            let joined = named.zip(reading.siret(field)).map(|(name, siret)| format!("{siret}/{name}"));
            reading.facts.put(fact, joined.as_deref());
            joined
        }
    };
    found.extend(named.map(|value| (scheme, value)));
    // Once there is a contract, its essential data meet the procedure that led to it.
    if let (FlowKind::Marches, Some(contract)) = (kind, reading.said("marche"))
        && let Some(siret) = reading.said("acheteur").filter(|siret| decp::is_siret(siret))
    {
        found.insert((decp::story::SCHEME, format!("{siret}/{contract}")));
    }
    if let Some(act) = reading.act(step) {
        found.insert(("acte-id", act.clone()));
        reading.facts.put("id_acte", Some(&act));
    }
    let short = found.into_iter().filter(|(_, value)| value.len() <= limits.name_bytes);
    story.identifiers = short.map(|(scheme, value)| Identifier { scheme, value }).collect();
    story.message = step.map(str::to_owned);
    story.faults = reading.faults;
    story.faults.append(&reading.facts.faults);
    story.facts = reading.facts.map;
    if step.is_some_and(publication::is_one) {
        // A day that is none was said above, and refused.
        let lacks = publication::faults(&story.facts, None).into_iter();
        story.faults.extend(lacks.filter(|fault| fault.code.name != codes::MANIFEST_DATE.name));
    }
    story
}

struct Reading<'m, 'l> {
    manifest: &'m Map<String, Value>,
    /// A field, and the fact it becomes; the others keep their names.
    renamed: (&'static str, &'static str),
    faults: Faults,
    facts: Facts<'l>,
}

impl<'m> Reading<'m, '_> {
    fn fault(&mut self, code: &'static codes::Code, field: &str) {
        self.faults.push(Fault::new(code, format!("description: /{field}")).with(field));
    }

    fn missing(&mut self, field: &str) {
        self.fault(&codes::MANIFEST_MISSING, field);
    }

    fn version(&mut self) {
        match self.manifest.get("version") {
            None => self.missing("version"),
            Some(version) if version.as_u64() == Some(VERSION) => {}
            Some(_) => self.fault(&codes::MANIFEST_VERSION, "version"),
        }
    }

    /// The text of a field; what is no text, or an empty one, is said.
    fn said(&self, field: &str) -> Option<&'m str> {
        self.manifest.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    fn text(&mut self, field: &str) -> Option<&'m str> {
        let text = self.said(field);
        if text.is_none() && self.manifest.contains_key(field) {
            self.fault(&codes::MANIFEST_FIELD, field);
        }
        let (from, to) = self.renamed;
        self.facts.put(if field == from { to } else { field }, text);
        text
    }

    fn step(&mut self, (field, words): (&'static str, &'static [&'static str])) -> Option<&'static str> {
        let Some(said) = self.text(field) else {
            self.missing(field);
            return None;
        };
        let known = words.iter().find(|word| **word == said).copied();
        if known.is_none() {
            let fault = Fault::new(&codes::MANIFEST_WORD, format!("description: /{field}")).with(field).with(said);
            self.faults.push(fault.with(words.join(", ")));
        }
        known
    }

    fn dates(&mut self) {
        if let Some(date) = self.said("date").filter(|date| !is_day(date)) {
            let fault = Fault::new(&codes::MANIFEST_DATE, "description: /date").with(date);
            self.faults.push(fault);
        }
    }

    /// Every file named is there, and every file there is named.
    fn listed(&mut self, (list, called): (&'static str, &'static str), names: &[String]) {
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        let items = match self.manifest.get(list) {
            None => return self.missing(list),
            Some(Value::Array(items)) if items.len() <= MAX_FILES => items,
            Some(_) => return self.fault(&codes::MANIFEST_FIELD, list),
        };
        let mut told = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let here = format!("{list}/{place}");
            let file = item.get("fichier").and_then(Value::as_str).filter(|file| !file.is_empty());
            let Some(file) = file else {
                self.missing(&format!("{here}/fichier"));
                continue;
            };
            let times = named.entry(file).or_default();
            *times += 1;
            // Two files of one name are named twice.
            let there = names.iter().filter(|name| is_called(name, file)).take(*times).count();
            if there < *times {
                let code = if there == 0 { &codes::MANIFEST_FILE_ABSENT } else { &codes::MANIFEST_FILE_TWICE };
                self.faults.push(Fault::new(code, format!("description: /{here}")).with(file));
            }
            let nature = item.get(called).and_then(Value::as_str);
            if told.len() < crate::limits::MAX_LISTED {
                let object = self.facts.object(&[("fichier", Some(file)), (called, nature)]);
                told.push(Value::Object(object));
            }
        }
        for name in
            names.iter().filter(|name| !named.contains_key(name.as_str()) && !named.contains_key(last_component(name)))
        {
            self.faults.push(Fault::new(&codes::MANIFEST_FILE_NOT_LISTED, name.clone()).with(name));
        }
        self.facts.map.insert(list.to_owned(), Value::Array(told));
    }

    /// Fields that the manifest does not have: kept with the description, and remarked.
    fn unknown(&mut self, profile: &Profile) {
        let own = ["version", profile.step.0, profile.list.0];
        let is_own =
            |name: &str| own.contains(&name) || profile.required.contains(&name) || profile.optional.contains(&name);
        let strange: Vec<&String> = self.manifest.keys().filter(|name| !is_own(name)).collect();
        for name in strange {
            self.faults.push(Fault::new(&codes::MANIFEST_UNKNOWN, "description").with(name));
        }
    }

    /// The SIRET a field says.
    fn siret(&mut self, field: &str) -> Option<&'m str> {
        let said = self.said(field)?;
        let shaped = decp::is_siret(said);
        if !shaped {
            self.fault(&codes::MANIFEST_FIELD, field);
        }
        Some(said).filter(|_| shaped)
    }

    /// The act this is about; a publication or a notification is about one.
    fn act(&mut self, step: Option<&str>) -> Option<String> {
        let act = self.said("acte");
        match act {
            Some(act) if split_act_id(act).is_none() => {
                self.faults.push(Fault::new(&codes::ACTES_ID_MALFORMED, "description: /acte").with(act));
                None
            }
            None if step.is_some_and(publication::is_one) => {
                self.missing("acte");
                None
            }
            act => act.map(str::to_owned),
        }
    }
}
