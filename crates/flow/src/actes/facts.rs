//! The facts of an act and of what came back about it.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::about::{About, said_levels, subject_mark};
use super::document::Envelope;
use super::pieces::Pieces;
use super::story::Tie;
use super::told::Told;
use super::{kinds, name};
use crate::facts::Facts;
use crate::look::Seen;
use crate::model::By;

impl Facts<'_> {
    /// The parts of the act, from its message or from what the préfecture repeats of it.
    pub(crate) fn act(&mut self, told: &Told<'_>) {
        let name = told.name.as_ref();
        let named = |part: fn(&super::name::MessageName) -> &str| name.map(part).filter(|p| !p.is_empty());
        let act = told.message.act.as_ref();
        self.put("message", Some(&told.code).filter(|c| !c.is_empty()).map(String::as_str));
        self.put("transmission", kinds::by_code(&told.code).map(|k| k.label));
        self.identified(told);
        self.put("departement", named(|n| &n.department));
        self.put("siren", told.siren());
        let from_name = name.and_then(|n| n.iso_date());
        self.put("date", act.and_then(|a| a.date.as_deref()).or(from_name.as_deref()));
        self.put("numero", told.number());
        let code = act.and_then(|a| a.nature_code.as_deref());
        self.put("nature", named(|n| &n.nature).or_else(|| code.and_then(kinds::nature)));
        self.put("code_nature", code);
        if let Some(act) = act {
            let matters: Vec<Value> = act.matters.iter().map(|m| self.bounded("matieres", m)).collect();
            self.map.insert("matieres".to_owned(), Value::Array(matters));
            self.put("objet", act.subject.as_deref());
            self.put("classification_date", act.classification.as_deref());
            self.put("precedent_id_acte", act.previous.as_deref());
        }
        if told.about.is_trial {
            self.map.insert("plateforme_test".to_owned(), Value::from(true));
        }
        self.reply(told);
    }

    /// The identifier of the act and the rule that gives it; the others, by which it is found too.
    fn identified(&mut self, told: &Told<'_>) {
        let ids = self.ids(told);
        self.map.extend(ids);
        // One act is described, and has the room that many would not have.
        self.put("id_acte", told.act_id());
    }

    fn ids(&mut self, told: &Told<'_>) -> Map<String, Value> {
        let Some(((id, by), others)) = told.about.ids.split_first() else {
            return Map::new();
        };
        let mut ids = self.object(&[("id_acte", Some(id)), ("id_acte_by", Some(by.as_str()))]);
        let mut list = Vec::new();
        for (id, by) in others {
            list.push(Value::Object(self.object(&[("id_acte", Some(id)), ("by", Some(by.as_str()))])));
        }
        if !list.is_empty() {
            ids.insert("id_acte_autres".to_owned(), Value::Array(list));
        }
        ids
    }

    /// What a message says of itself.
    pub(crate) fn reply(&mut self, told: &Told<'_>) {
        let key = if told.code == "6-2" { "date_annulation" } else { "date_reception" };
        self.put(key, told.message.received.as_deref());
        self.put("date_courrier", told.message.letter_date.as_deref());
        if let Some(anomaly) = &told.message.anomaly {
            self.anomaly(anomaly);
        }
        if told.message.kind.is_some_and(kinds::MessageKind::is_classification) {
            self.put("classification_date", told.message.classified.as_deref());
        }
    }

    /// What a message adds to the story of its act: the day it was received is that of its acknowledgement, never of a letter's.
    pub(crate) fn joined(&mut self, told: &Told<'_>) {
        match told.code.as_str() {
            "1-2" => self.put("date_reception", told.message.received.as_deref()),
            "6-2" => self.put("date_annulation", told.message.received.as_deref()),
            _ => self.put("date_courrier", told.message.letter_date.as_deref()),
        }
        if let Some(anomaly) = &told.message.anomaly {
            self.anomaly(anomaly);
        }
    }

    fn anomaly(&mut self, anomaly: &super::document::Anomaly) {
        let mut object = Map::new();
        for (key, text) in [("nature", &anomaly.nature), ("date", &anomaly.date), ("detail", &anomaly.detail)] {
            if let Some(text) = text {
                let value = self.bounded(key, text);
                object.insert(key.to_owned(), value);
            }
        }
        self.map.insert("anomalie".to_owned(), Value::Object(object));
    }

    pub(crate) fn envelope(&mut self, seen: &Seen, envelope: &Envelope) {
        let mut object = Map::new();
        object.insert("nom".to_owned(), self.bounded("nom", seen.base()));
        object.insert("sens".to_owned(), Value::from(envelope.direction.word()));
        let reference = name::envelope(&seen.name).map(|name| name.stem);
        let fields = [("reference", &reference), ("siren", &envelope.siren), ("departement", &envelope.department)];
        for (key, text) in fields {
            if let Some(text) = text {
                let value = self.bounded(key, text);
                object.insert(key.to_owned(), value);
            }
        }
        self.map.insert("enveloppe".to_owned(), Value::Object(object));
        if let Some(anomaly) = &envelope.anomaly {
            self.anomaly(anomaly);
        }
        if !self.map.contains_key("siren") {
            self.put("siren", envelope.siren.as_deref());
        }
    }

    /// Several envelopes, each told for itself.
    pub(crate) fn envelopes(&mut self, all: &[(&Seen, &Envelope)]) {
        let mut list = Vec::new();
        for (seen, envelope) in all {
            let reference = name::envelope(&seen.name).map(|name| name.stem);
            let day = envelope.anomaly.as_ref().and_then(|anomaly| anomaly.date.as_deref());
            let fields =
                [("reference", reference.as_deref()), ("sens", Some(envelope.direction.word())), ("date", day)];
            list.push(Value::Object(self.object(&fields)));
        }
        self.map.insert("enveloppes".to_owned(), Value::Array(list));
    }

    /// The messages, in the order of their codes: which act each is about and what it says of itself; those of the act described with the rule
    /// that ties them to it. What the identifier says already is not said again.
    pub(crate) fn messages(&mut self, tolds: &[Told<'_>], ties: &[Tie], pieces: &Pieces<'_>, envelopes: usize) {
        let mut order: Vec<usize> = (0..tolds.len()).collect();
        order.sort_by_key(|index| tolds[*index].rank());
        let main = ties.iter().filter(|tie| tie.is_of_main);
        let by: HashMap<usize, By> = main.map(|tie| (tie.message, tie.by)).collect();
        let differing: HashSet<usize> = ties.iter().filter(|tie| tie.differs).map(|tie| tie.message).collect();
        let mut list = Vec::with_capacity(tolds.len());
        for index in order {
            let told = &tolds[index];
            let about = &told.about;
            let implied = About::implied(told.act_id());
            let parts = [
                ("siren", &about.siren),
                ("numero", &about.number),
                ("date_acte", &about.date),
                ("nature", &about.nature),
            ];
            let own = parts.into_iter().zip(&implied).filter(|((_, said), implied)| said != implied);
            let mut fields: Vec<(&str, Option<&str>)> = own.map(|((name, said), _)| (name, said.as_deref())).collect();
            fields.extend([
                ("message", Some(told.code.as_str())),
                ("by", by.get(&index).map(|by| by.as_str())),
                ("date", told.day()),
                ("enveloppe", about.envelope.as_deref().filter(|_| envelopes > 1)),
            ]);
            let mut object = self.object(&fields);
            object.extend(about.is_trial.then(|| ("plateforme_test".to_owned(), Value::from(true))));
            if envelopes == 1 && about.envelope.is_none() {
                object.insert("sans_enveloppe".to_owned(), Value::from(true));
            }
            let document = pieces.document_of(told).map(|name| self.listed("fichier_acte", name));
            object.extend(document.map(|name| ("fichier_acte".to_owned(), name)));
            object.extend(self.ids(told));
            if let Some(act) = told.message.act.as_ref().filter(|_| matches!(told.code.as_str(), "1-1" | "1-2")) {
                object
                    .extend(act.subject.as_deref().map(|said| ("objet_marque".to_owned(), subject_mark(said).into())));
                let levels = said_levels(act.matters.iter().map(String::as_str));
                let short = levels.iter().all(|level| level.len() <= 8) && levels.len() <= 5;
                object.extend(short.then(|| ("matieres".to_owned(), levels.into())));
            }
            if differing.contains(&index) {
                object.insert("contenu_differe".to_owned(), Value::from(true));
            }
            list.push(Value::Object(object));
        }
        self.map.insert("messages".to_owned(), Value::Array(list));
        self.map.insert("nombre_messages".to_owned(), Value::from(tolds.len()));
    }
}
