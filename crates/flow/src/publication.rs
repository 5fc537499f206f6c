//! The publication or notification of an act, as a manifest tells it: an event with a day, a place and a file that proves it, and a day that is
//! possible. What lacks one of them is kept, remarked, and counts for nothing. Not here: whether the proof proves anything; any clock.

use serde_json::{Map, Value};

use crate::actes::about::About;
use crate::codes::{self, Fault, Faults};
use crate::day::{day_after, is_day};
use crate::finding::Finding;
use crate::model::Flow;
use crate::names::is_called;

/// What a file is called that proves it.
const PROOF: &str = "preuve";

/// True for the steps by which an act becomes executory once it was transmitted.
pub(crate) fn is_one(step: &str) -> bool {
    ["publication", "notification"].contains(&step)
}

/// The first file that the manifest names as the proof, that the deposit holds and that is not empty.
pub(crate) fn proof<'m>(manifest: &'m Map<String, Value>, (names, sizes): (&[String], &[u64])) -> Option<&'m str> {
    let there = |file: &str| {
        let mut files = names.iter().zip(sizes);
        files.any(|(name, size)| *size > 0 && is_called(name, file))
    };
    let listed = manifest.get("fichiers").and_then(Value::as_array).into_iter().flatten();
    let proofs = listed.filter(|one| one["role"].as_str().is_some_and(|role| role.trim().eq_ignore_ascii_case(PROOF)));
    proofs.filter_map(|one| one["fichier"].as_str()).find(|file| !file.is_empty() && there(file))
}

/// What these facts of a publication or notification lack in order to count; `deposited` is the day of its deposit (UTC), where it is known. That it
/// is before the day on which the préfecture received the act is no fault: either may come first.
pub(crate) fn faults(facts: &Map<String, Value>, deposited: Option<&str>) -> Vec<Fault> {
    let said = |name: &str| facts.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut faults = Vec::new();
    if said("lieu").is_none() {
        faults.push(Fault::new(&codes::PUBLICATION_NO_PLACE, "description: /lieu"));
    }
    if said(PROOF).is_none() {
        faults.push(Fault::new(&codes::PUBLICATION_NO_PROOF, "description: /fichiers"));
    }
    let place = "description: /date";
    let Some(day) = said("date").filter(|day| is_day(day)) else {
        faults.push(Fault::new(&codes::MANIFEST_DATE, place).with(said("date").unwrap_or("?")));
        return faults;
    };
    let [_, _, act, _] = About::implied(said("id_acte"));
    if let Some(act) = act.filter(|act| is_day(act) && day < act.as_str()) {
        faults.push(Fault::new(&codes::PUBLICATION_BEFORE_ACT, place).with(day).with(act));
    }
    // Somewhere it is tomorrow already.
    let latest = deposited.and_then(day_after);
    if let (Some(deposited), true) = (deposited, latest.is_some_and(|latest| day > latest.as_str())) {
        faults.push(Fault::new(&codes::PUBLICATION_AFTER_DEPOSIT, place).with(day).with(deposited));
    }
    faults
}

/// What the publication or notification that an entry's facts tell lacks in order to count, each as a finding; nothing when it counts.
/// `deposited` is the day of its deposit, in UTC.
pub fn lacking(facts: &Value, deposited: &str) -> Vec<Finding> {
    let none = Map::new();
    faults(facts.as_object().unwrap_or(&none), Some(deposited)).into_iter().map(Finding::from).collect()
}

impl Flow {
    /// The same flow, deposited on that day (UTC): a publication that is dated later is remarked.
    pub fn deposited_on(&mut self, day: &str) {
        if !self.message.as_deref().is_some_and(is_one) {
            return;
        }
        let mut later = Faults::default();
        later.extend(faults(&self.facts, Some(day)));
        let later = later.only(|code| code.name == codes::PUBLICATION_AFTER_DEPOSIT.name);
        self.findings.extend(later.into_findings());
    }
}
