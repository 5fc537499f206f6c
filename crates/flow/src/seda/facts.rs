//! The facts of a transfer: who, under what agreement, how many of what, and the first units as they describe themselves.

use serde_json::{Map, Value};

use crate::codes::{self, Fault};
use crate::day::is_day;
use crate::facts::Facts;
use crate::limits::{Limits, MAX_LISTED};
use crate::model::Identifier;
use crate::seda::referential::{self, KnownRule};
use crate::seda::transfer::{Rule, Transfer, Unit};

impl Facts<'_> {
    /// What the transfer says, and how many bytes its objects have.
    pub(crate) fn transfer(&mut self, transfer: &Transfer, bytes: u64) {
        let head = &transfer.head;
        self.put("message", Some("ArchiveTransfer"));
        self.put("seda_version", Some(transfer.version.number()));
        for (key, text) in [
            ("identifiant_message", &head.identifier),
            ("date", &head.date),
            ("commentaire", &head.comment),
            ("accord_versement", &head.agreement),
            ("profil", &head.profile),
            ("niveau_service", &head.service_level),
            ("service_archives", &head.archival_agency),
            ("service_transfert", &head.transferring_agency),
            ("service_producteur", &head.originating_agency),
            ("service_versant", &head.submission_agency),
        ] {
            self.put(key, text.as_deref().filter(|text| !text.is_empty()));
        }
        let value = identifier(transfer);
        self.put("transfert", value.as_deref());
        let units = || transfer.units.iter().filter(|unit| unit.stands_for.is_none());
        let physical = transfer.objects.iter().filter(|object| object.physical).count();
        for (key, count) in [
            ("nombre_unites", units().count()),
            ("profondeur", depth(transfer)),
            ("nombre_objets", transfer.objects.len()),
            ("nombre_objets_physiques", physical),
            ("nombre_groupes", transfer.groups.len()),
        ] {
            self.map.insert(key.to_owned(), Value::from(count));
        }
        self.map.insert("octets".to_owned(), Value::from(bytes));
        let mut listed = Vec::new();
        let numbered = transfer.units.iter().enumerate();
        for (place, unit) in numbered.filter(|(_, unit)| unit.stands_for.is_none()).take(MAX_LISTED) {
            listed.push(self.unit(transfer, place, unit));
        }
        if !listed.is_empty() {
            self.map.insert("unites".to_owned(), Value::Array(listed));
        }
        let mut objects = Vec::new();
        for object in transfer.objects.iter().take(MAX_LISTED) {
            let digest = transfer.announced(object);
            let mut one = self.object(&[
                ("identifiant", transfer.text(Some(object.id))),
                ("uri", transfer.text(object.uri)),
                ("usage", transfer.text(object.usage)),
                ("format", transfer.text(object.format)),
                ("empreinte", digest.map(|digest| digest.value)),
                ("algorithme", digest.map(|digest| digest.algorithm)),
            ]);
            if let Some(size) = object.size.filter(|size| *size <= crate::limits::MAX_JSON_INTEGER) {
                one.insert("taille".to_owned(), Value::from(size));
            }
            objects.push(Value::Object(one));
        }
        if !objects.is_empty() {
            self.map.insert("objets".to_owned(), Value::Array(objects));
        }
        if units().count() > MAX_LISTED || transfer.objects.len() > MAX_LISTED {
            let fault = Fault::new(&codes::SEDA_LISTED, "unites").with(units().count()).with(transfer.objects.len());
            self.faults.push(fault.with(MAX_LISTED));
        }
    }

    fn unit(&mut self, transfer: &Transfer, place: usize, unit: &Unit) -> Value {
        let mut object: Map<String, Value> = self.object(&transfer.said(unit));
        object.insert("nombre_references".to_owned(), Value::from(transfer.references_of(place).len()));
        let rules: Vec<&Rule> = transfer.applied(place).take(MAX_LISTED).collect();
        object.extend(said_of_rules(transfer, &rules, None));
        Value::Object(object)
    }
}

/// The rules of a unit, and the days that each runs between: those that are said, and the last one where these lists tell how long it lasts.
pub(crate) fn said_of_rules(transfer: &Transfer, rules: &[&Rule], known: Option<&[KnownRule]>) -> Vec<(String, Value)> {
    let told: Vec<Value> = rules.iter().map(|rule| Value::from(transfer.told(rule))).collect();
    let mut terms = Vec::new();
    for (rank, rule) in (1_u64..).zip(rules) {
        // Of what is no day, nothing can be counted.
        let Some(start) = transfer.text(rule.start).filter(|start| is_day(start)) else {
            continue;
        };
        let mut term = Map::from_iter([("rang".to_owned(), rank.into()), ("debut".to_owned(), start.into())]);
        let end = known.and_then(|known| referential::end(known, rule.category(), transfer.names.get(rule.id), start));
        term.extend(end.map(|end| ("fin".to_owned(), Value::from(end))));
        terms.push(Value::Object(term));
    }
    let lists = [("regles", told), ("echeances", terms)];
    lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key.to_owned(), list.into())).collect()
}

/// How many units stand one inside the other, as they are written.
fn depth(transfer: &Transfer) -> usize {
    let mut depths: Vec<u32> = Vec::with_capacity(transfer.units.len());
    for unit in &transfer.units {
        // A parent comes before what it holds.
        let above = unit.parent().and_then(|index| depths.get(index)).copied().unwrap_or(0);
        depths.push(above + u32::from(unit.stands_for.is_none()));
    }
    depths.into_iter().max().unwrap_or(0) as usize
}

/// Who sends it, and the identifier of the message.
fn identifier(transfer: &Transfer) -> Option<String> {
    let head = &transfer.head;
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let both = said(&head.transferring_agency).zip(said(&head.identifier));
    both.map(|(agency, identifier)| format!("{agency}/{identifier}"))
}

/// A transfer is found by who sends it and the identifier of the message.
pub(crate) fn identifiers(transfer: &Transfer, limits: &Limits) -> Vec<Identifier> {
    let short = identifier(transfer).filter(|value| value.len() <= limits.name_bytes);
    short.map(|value| Identifier { scheme: "seda-message", value }).into_iter().collect()
}
