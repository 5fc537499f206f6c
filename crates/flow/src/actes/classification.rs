//! The classification of matters that a préfecture gives out (message 7-2), and what the one in force at an act's date says of its matter.

use std::collections::BTreeMap;

use roxmltree::Node;
use serde_json::{Map, Value};

use super::document::{self, Document};
use crate::codes::{self, Fault};
use crate::day::is_day;
use crate::facts::Facts;
use crate::limits::{Limits, MAX_MATTERS};
use crate::model::{Flow, FlowKind};
use crate::{encoding, xml};

/// A classification of matters, as its préfecture gave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    date: String,
    /// Labels by code, `1.1`.
    labels: BTreeMap<String, String>,
    natures: usize,
    /// Matters beyond the limit were left out: what is absent cannot be told.
    cut: bool,
}

impl Classification {
    /// The classification of this message 7-2. `None` for any other document, for one that is not safe to read, and for a classification without
    /// a date, which nothing can be held against.
    pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Option<Classification> {
        let decoded = encoding::decode(bytes, name).ok()?;
        match xml::parse(&decoded.text, name, limits, |xml| document::read(xml, name, true)).ok()?? {
            Document::Message(message) => message.classification,
            Document::Envelope(_) => None,
        }
    }

    /// The classification of a RetourClassification of that date.
    pub(super) fn of(root: Node<'_, '_>, date: Option<&str>) -> Option<Classification> {
        let date = date.filter(|date| is_day(date))?.to_owned();
        let natures = xml::child(root, "NaturesActes").map_or(0, |n| n.children().filter(Node::is_element).count());
        let mut read = Classification { date, labels: BTreeMap::new(), natures, cut: false };
        if let Some(matters) = xml::child(root, "Matieres") {
            read.matters(matters, "", 1);
        }
        Some(read)
    }

    /// Matters of one level and those under them: five levels, as the schema has.
    fn matters(&mut self, parent: Node<'_, '_>, above: &str, level: u8) {
        let named = |node: &Node<'_, '_>| node.is_element() && node.tag_name().name() == format!("Matiere{level}");
        for matter in parent.children().filter(named) {
            let said = |name: &str| matter.attributes().find(|a| a.name() == name).map(|a| a.value().trim());
            let Some(code) = said("CodeMatiere") else { continue };
            if self.labels.len() >= MAX_MATTERS {
                self.cut = true;
                return;
            }
            let code = if above.is_empty() { code.to_owned() } else { format!("{above}.{code}") };
            self.labels.insert(code.clone(), said("Libelle").unwrap_or_default().to_owned());
            if level < 5 {
                self.matters(matter, &code, level + 1);
            }
        }
    }

    /// Since when it is in force, YYYY-MM-DD.
    pub fn date(&self) -> &str {
        &self.date
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The label of each level of this matter, from the widest on; `None` when it is not there.
    fn of_matter(&self, codes: &[&str]) -> Option<Vec<&str>> {
        let level = |deep: usize| self.labels.get(&codes.get(..deep)?.join(".")).map(String::as_str);
        (1..=codes.len()).map(level).collect()
    }
}

/// The one of these that was in force on that day: the last that is not after it.
pub(crate) fn in_force<'c>(known: impl Iterator<Item = &'c Classification>, date: &str) -> Option<&'c Classification> {
    known.filter(|one| is_day(date) && one.date.as_str() <= date).max_by(|a, b| a.date.cmp(&b.date))
}

impl Facts<'_> {
    /// What a 7-2 brings.
    pub(crate) fn given(&mut self, given: &Classification) {
        let mut object = Map::new();
        object.insert("date".to_owned(), Value::from(given.date.as_str()));
        object.insert("nombre_matieres".to_owned(), Value::from(given.labels.len()));
        object.insert("nombre_natures".to_owned(), Value::from(given.natures));
        self.map.insert("classification_fournie".to_owned(), Value::Object(object));
    }

    /// The matter of the act, by the classification in force at its date; `entry` is the entry that brought it, when it is another.
    pub(crate) fn classified(&mut self, by: &Classification, entry: Option<&str>) {
        let matters = self.map.get("matieres").and_then(Value::as_array).cloned().unwrap_or_default();
        let codes: Vec<&str> = matters.iter().filter_map(Value::as_str).collect();
        if codes.is_empty() {
            return;
        }
        let mut reference = Map::new();
        reference.insert("date".to_owned(), Value::from(by.date.as_str()));
        if let Some(entry) = entry {
            reference.insert("entree".to_owned(), Value::from(entry));
        }
        self.map.insert("classification_reference".to_owned(), Value::Object(reference));
        let said = self.map.get("classification_date").and_then(Value::as_str);
        if let Some(said) = said.filter(|said| is_day(said) && *said != by.date) {
            let fault = Fault::new(&codes::ACTES_CLASSIFICATION_OTHER, PLACE).with(said).with(&by.date);
            self.faults.push(fault);
        }
        match by.of_matter(&codes) {
            Some(labels) => {
                let labels = labels.into_iter().map(|label| self.listed("matieres_libelles", label)).collect();
                self.map.insert("matieres_libelles".to_owned(), Value::Array(labels));
            }
            // What was left out may be it.
            None if by.cut => {}
            None => {
                let fault = Fault::new(&codes::ACTES_MATTER_UNKNOWN, PLACE).with(codes.join(".")).with(&by.date);
                self.faults.push(fault);
            }
        }
    }
}

/// Findings about the matter of an act are about that fact.
const PLACE: &str = "matieres";

impl Flow {
    /// Department and date of the act this flow describes, when its matter is still to be held against a classification.
    pub fn to_classify(&self) -> Option<(&str, &str)> {
        let said = |name: &str| self.facts.get(name).and_then(Value::as_str);
        let open = self.kind == FlowKind::Actes && !self.facts.contains_key("classification_reference");
        let is_act = self.message.as_deref() == Some("1-1") && self.facts.contains_key("matieres");
        let date = said("date").filter(|date| is_day(date))?;
        (open && is_act).then_some((said("departement")?, date))
    }

    /// The same flow, the matter of its act held against this classification, which that entry brought: its labels join the facts, or a finding
    /// says that it is not there.
    pub fn classify(&mut self, by: &Classification, entry: &str, limits: &Limits) {
        let mut facts = Facts::new(limits);
        facts.map = std::mem::take(&mut self.facts);
        facts.classified(by, Some(entry));
        self.facts = facts.map;
        self.findings.extend(facts.faults.into_findings());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_LISTED_BYTES;

    fn given(date: &str, matters: usize) -> String {
        let matters: String =
            (0..matters).map(|n| format!("<Matiere2 CodeMatiere=\"{n}\" Libelle=\"m{n}\"/>")).collect();
        format!(
            "<RetourClassification xmlns=\"{}\"><DateClassification>{date}</DateClassification><NaturesActes/><Matieres>\
<Matiere1 CodeMatiere=\"1\" Libelle=\"Commande publique\">{matters}</Matiere1></Matieres></RetourClassification>",
            super::super::NAMESPACE
        )
    }

    fn read(date: &str, matters: usize) -> Option<Classification> {
        Classification::read("x.xml", given(date, matters).as_bytes(), &Limits::default())
    }

    #[test]
    fn a_matter_is_found_with_the_label_of_each_level() {
        let known = read("2019-01-01", 3).unwrap();
        assert_eq!(known.of_matter(&["1", "2"]), Some(vec!["Commande publique", "m2"]));
        assert_eq!(known.of_matter(&["1"]), Some(vec!["Commande publique"]));
        for absent in [&["1", "3"][..], &["2", "1"], &["1", "2", "1"]] {
            assert_eq!(known.of_matter(absent), None);
        }
        assert_eq!((read("01/01/2019", 3), read("", 3)), (None, None));
        assert_eq!(Classification::read("x.xml", b"<!DOCTYPE a><a/>", &Limits::default()), None);
    }

    #[test]
    fn the_one_in_force_is_the_last_that_is_not_after_the_act() {
        let known = ["2019-01-01", "2021-06-01", "2020-01-01"].map(|date| read(date, 1).unwrap());
        let of = |date: &str| in_force(known.iter(), date).map(Classification::date);
        assert_eq!(of("2018-12-31"), None);
        assert_eq!(of("2019-01-01"), Some("2019-01-01"));
        assert_eq!(of("2020-12-31"), Some("2020-01-01"));
        assert_eq!(of("2026-01-01"), Some("2021-06-01"));
        assert_eq!(of("en 2026"), None);
    }

    #[test]
    fn matters_at_the_limit_are_read_and_one_more_is_said() {
        let (whole, cut) = (read("2019-01-01", MAX_MATTERS - 1).unwrap(), read("2019-01-01", MAX_MATTERS).unwrap());
        assert_eq!((whole.labels.len(), whole.is_cut()), (MAX_MATTERS, false));
        assert_eq!((cut.labels.len(), cut.is_cut()), (MAX_MATTERS, true));
        // Of what was left out nothing is said.
        let limits = Limits::default();
        for (by, expected) in [(&whole, vec!["actes-matter-unknown"]), (&cut, vec![])] {
            let mut facts = Facts::new(&limits);
            facts.map.insert("matieres".to_owned(), Value::from(vec!["7"]));
            facts.classified(by, None);
            let codes: Vec<&str> = facts.faults.into_findings().iter().map(|finding| finding.code).collect();
            assert_eq!(codes, expected);
        }
    }

    #[test]
    fn a_long_label_is_cut_and_that_is_said() {
        let long = given("2019-01-01", 1).replace("m0", &"é".repeat(MAX_LISTED_BYTES));
        let by = Classification::read("x.xml", long.as_bytes(), &Limits::default()).unwrap();
        let limits = Limits::default();
        let mut facts = Facts::new(&limits);
        facts.map.insert("matieres".to_owned(), Value::from(vec!["1", "0"]));
        facts.classified(&by, None);
        assert_eq!(facts.map["matieres_libelles"][1].as_str().unwrap().len(), MAX_LISTED_BYTES);
        assert!(facts.faults.any(|code| code.name == "fact-truncated"));
    }
}
