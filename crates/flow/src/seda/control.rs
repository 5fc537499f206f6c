//! What a transfer says holds together: identifiers once, references to what is there and of the right kind, no unit inside itself,
//! titles, usages, rules.

use std::collections::{HashMap, HashSet};

use crate::codes::{self, Fault, Faults};
use crate::seda::transfer::{Group, Object, Reference, Rule, Transfer, Unit};
use crate::xml::within;

/// What an identifier names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Unit(usize),
    Object(usize),
    Group,
}

/// Everything that does not hold together.
pub(crate) fn control(transfer: &Transfer, place: &str) -> Faults {
    let mut checked = Control { transfer, place, named: HashMap::new(), faults: Faults::default() };
    checked.head();
    checked.names();
    checked.objects();
    checked.units();
    checked.cycles();
    checked.described();
    checked.rules();
    checked.faults
}

struct Control<'t> {
    transfer: &'t Transfer,
    place: &'t str,
    named: HashMap<&'t str, Named>,
    faults: Faults,
}

impl<'t> Control<'t> {
    fn at(&self, what: &str, id: &str) -> String {
        within(self.place, &format!("{what} {id}"))
    }

    fn of_unit(&self, unit: &Unit) -> String {
        self.at("ArchiveUnit", &unit.id)
    }

    /// Who, and under what agreement.
    fn head(&mut self) {
        let head = &self.transfer.head;
        if head.agreement.as_deref() == Some("") {
            self.faults.push(Fault::new(&codes::SEDA_AGREEMENT_EMPTY, self.place));
        }
        let two = self.transfer.version.has_objects_apart();
        let said = |value: &Option<String>| value.as_deref().is_some_and(|text| !text.is_empty());
        for (name, missing) in [
            ("ArchivalAgreement", head.agreement.is_none()),
            ("OriginatingAgencyIdentifier", two && !said(&head.originating_agency)),
            (if two { "MessageIdentifier" } else { "TransferIdentifier" }, !said(&head.identifier)),
            ("ArchivalAgency", !said(&head.archival_agency)),
            ("TransferringAgency", !said(&head.transferring_agency)),
        ] {
            if missing {
                self.faults.push(Fault::new(&codes::SEDA_MISSING, self.place).with(name));
            }
        }
    }

    /// Each identifier names one thing.
    fn names(&mut self) {
        let transfer = self.transfer;
        let units = transfer.units.iter().enumerate().map(|(index, unit)| (&*unit.id, Named::Unit(index)));
        let objects = transfer.objects.iter().enumerate().map(|(index, one)| (&*one.id, Named::Object(index)));
        for (id, what) in units.chain(objects) {
            if id.is_empty() {
                self.faults.push(Fault::new(&codes::SEDA_MISSING, self.place).with("id"));
            } else if self.named.insert(id, what).is_some() {
                self.faults.push(Fault::new(&codes::SEDA_ID_TWICE, self.place).with(id));
            }
        }
        for id in &transfer.groups {
            match self.named.insert(id, Named::Group) {
                _ if id.is_empty() => {
                    self.faults.push(Fault::new(&codes::SEDA_REFERENCE_EMPTY, self.place).with("DataObjectGroupId"));
                }
                None => {}
                Some(Named::Group) => self.faults.push(Fault::new(&codes::SEDA_GROUP_TWICE, self.place).with(id)),
                Some(_) => self.faults.push(Fault::new(&codes::SEDA_ID_TWICE, self.place).with(id)),
            }
        }
    }

    /// What a reference names, when it is of the kind wanted; else the fault is told.
    fn named(&mut self, element: &str, id: &str, at: String, wanted: fn(Named) -> bool) -> Option<Named> {
        let code = match self.named.get(id) {
            _ if id.is_empty() => &codes::SEDA_REFERENCE_EMPTY,
            None => &codes::SEDA_REFERENCE_UNKNOWN,
            Some(named) if !wanted(*named) => &codes::SEDA_REFERENCE_KIND,
            Some(named) => return Some(*named),
        };
        self.faults.push(Fault::new(code, at).with(element).with(id));
        None
    }

    fn objects(&mut self) {
        let transfer = self.transfer;
        for object in &transfer.objects {
            let kind = if object.physical { "PhysicalDataObject" } else { "BinaryDataObject" };
            let at = self.at(kind, &object.id);
            if let Group::Named(id) = &object.group {
                self.named("DataObjectGroupReferenceId", id, at.clone(), |named| named == Named::Group);
            }
            if let Some(usage) = object.usage.as_deref().filter(|usage| !is_usage(usage, object.physical)) {
                self.faults.push(Fault::new(&codes::SEDA_USAGE, at.clone()).with(usage));
            }
            if object.physical_id.as_deref() == Some("") && object.physical {
                self.faults.push(Fault::new(&codes::SEDA_PHYSICAL_ID, at));
            }
        }
    }

    fn units(&mut self) {
        let transfer = self.transfer;
        for unit in &transfer.units {
            let at = self.of_unit(unit);
            if let Some(id) = &unit.stands_for {
                self.named("ArchiveUnitRefId", id, at, |named| matches!(named, Named::Unit(_)));
                continue;
            }
            if unit.title.as_deref().is_none_or(str::is_empty) && !unit.joins {
                self.faults.push(Fault::new(&codes::SEDA_TITLE_MISSING, at.clone()));
            }
            if unit.joins {
                self.faults.push(Fault::new(&codes::SEDA_ELSEWHERE, at.clone()));
            }
            for reference in &unit.objects {
                self.reference(reference, &at);
            }
        }
    }

    /// A unit names a group, or an object that is in none.
    fn reference(&mut self, reference: &Reference, at: &str) {
        let transfer = self.transfer;
        let (element, id) = match reference {
            Reference::Group(id) => {
                self.named("DataObjectGroupReferenceId", id, at.to_owned(), |named| named == Named::Group);
                return;
            }
            Reference::Object(id) => ("DataObjectReferenceId", id),
        };
        let found = self.named(element, id, at.to_owned(), |named| matches!(named, Named::Object(_)));
        let object = match found {
            Some(Named::Object(index)) => transfer.objects.get(index),
            _ => None,
        };
        if object.is_some_and(|object| !matches!(object.group, Group::None)) {
            self.faults.push(Fault::new(&codes::SEDA_REFERENCE_KIND, at).with(element).with(id));
        }
    }

    /// No unit is inside itself, by whatever way.
    fn cycles(&mut self) {
        let transfer = self.transfer;
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); transfer.units.len()];
        for (index, unit) in transfer.units.iter().enumerate() {
            if let Some(parent) = unit.parent {
                inside[parent].push(index);
            }
            // What stands for a unit leads to it, wherever either is: inside another, at the root, or standing for a third.
            if let Some(Named::Unit(target)) = unit.stands_for.as_deref().and_then(|id| self.named.get(id)) {
                inside[index].push(*target);
            }
        }
        if let Some(index) = first_cycle(&inside) {
            let at = self.of_unit(&transfer.units[index]);
            self.faults.push(Fault::new(&codes::SEDA_CYCLE, at));
        }
    }

    /// Each object is described by a unit, itself or by its group.
    fn described(&mut self) {
        let transfer = self.transfer;
        let references = transfer.units.iter().flat_map(|unit| &unit.objects);
        let named: HashSet<&str> = references
            .map(|reference| match reference {
                Reference::Object(id) | Reference::Group(id) => &**id,
            })
            .collect();
        let lone = |object: &&Object| matches!(object.group, Group::None) && !named.contains(&*object.id);
        for object in transfer.objects.iter().filter(lone) {
            self.faults.push(Fault::new(&codes::SEDA_NOT_DESCRIBED, self.place).with(&object.id));
        }
        for group in transfer.groups.iter().filter(|group| !named.contains(&***group)) {
            self.faults.push(Fault::new(&codes::SEDA_NOT_DESCRIBED, self.place).with(group));
        }
    }

    /// A rule that a unit refuses to inherit is of the category it refuses it for, as far as this transfer says.
    fn rules(&mut self) {
        let transfer = self.transfer;
        let of_units = transfer.units.iter().flat_map(|unit| unit.rules.iter().map(move |rule| (Some(unit), rule)));
        let of_head = transfer.head.rules.iter().map(|rule| (None, rule));
        let all: Vec<(Option<&Unit>, &Rule)> = of_head.chain(of_units).collect();
        let mut categories: HashMap<&str, HashSet<&str>> = HashMap::new();
        for (_, rule) in all.iter().copied() {
            if let Rule::Applies { category, id } = rule {
                categories.entry(id).or_default().insert(category);
            }
        }
        for (unit, rule) in all {
            let at = || unit.map_or_else(|| within(self.place, "ManagementMetadata"), |unit| self.of_unit(unit));
            let fault = match rule {
                Rule::Excludes { category, id } => {
                    let other = categories.get(&**id).is_some_and(|known| !known.contains(category));
                    other.then(|| Fault::new(&codes::SEDA_RULE_CATEGORY, at()).with(id).with(category))
                }
                Rule::Applies { .. } => None,
            };
            self.faults.extend(fault);
        }
    }
}

/// A thing that is inside itself, if there is one. Without recursion: trees are as deep as their makers want.
fn first_cycle(inside: &[Vec<usize>]) -> Option<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        UnderWay,
        Done,
    }
    let mut states = vec![State::New; inside.len()];
    for start in 0..inside.len() {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::UnderWay;
        let mut way = vec![(start, 0)];
        while let Some((at, next)) = way.last_mut() {
            let Some(&target) = inside[*at].get(*next) else {
                states[*at] = State::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match states[target] {
                State::UnderWay => return Some(target),
                State::New => {
                    states[target] = State::UnderWay;
                    way.push((target, 0));
                }
                State::Done => {}
            }
        }
    }
    None
}

/// A usage, alone or with a version after an underscore.
fn is_usage(usage: &str, physical: bool) -> bool {
    const BINARY: [&str; 4] = ["BinaryMaster", "Dissemination", "Thumbnail", "TextContent"];
    let (name, version) = usage.split_once('_').map_or((usage, None), |(name, version)| (name, Some(version)));
    let numbered = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    let known = if physical { name == "PhysicalMaster" } else { BINARY.contains(&name) };
    known && version.is_none_or(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages() {
        for usage in ["BinaryMaster", "BinaryMaster_1", "TextContent_12"] {
            assert!(is_usage(usage, false), "{usage}");
        }
        for usage in ["BinaryMaster1", "BinaryMaster-1", "BinaryMaster_", "original numerique", "PhysicalMaster", ""] {
            assert!(!is_usage(usage, false), "{usage}");
        }
        assert!(
            is_usage("PhysicalMaster", true) && !is_usage("BinaryMaster", true) && !is_usage("VirtualMaster", true)
        );
    }

    #[test]
    fn a_cycle_is_found_wherever_it_is() {
        assert_eq!(first_cycle(&[vec![1, 2], vec![2], vec![]]), None);
        assert_eq!(first_cycle(&[vec![0]]), Some(0));
        assert_eq!(first_cycle(&[vec![1], vec![2], vec![1]]), Some(1));
        let chain: Vec<Vec<usize>> = (1..=100_000).map(|next| vec![next % 100_000]).collect();
        assert_eq!(first_cycle(&chain), Some(0));
    }
}
