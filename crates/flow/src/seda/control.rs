//! What a transfer says holds together: identifiers once, references to what is there and of the right kind, no unit inside itself,
//! titles, usages, rules.

use crate::codes::{self, Fault, Faults};
use crate::interned::Name;
use crate::limits::Limits;
use crate::seda::referential::RuleSaid;
use crate::seda::transfer::{Group, Object, PACKAGE, Reference, Rule, Transfer, Unit, number};
use crate::xml::within;

/// What an identifier names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Nothing,
    Unit(u32),
    Object(u32),
    Group,
}

/// Everything that does not hold together, and the rules that the transfer names.
pub(crate) fn control(transfer: &Transfer, place: &str, limits: &Limits) -> (Faults, Vec<RuleSaid>) {
    let named = vec![Named::Nothing; transfer.names.len()];
    let mut checked = Control { transfer, place, named, faults: Faults::default() };
    checked.head();
    checked.names();
    checked.objects();
    checked.units();
    checked.cycles();
    checked.described();
    checked.rules();
    let rules = checked.rules_said(limits);
    (checked.faults, rules)
}

struct Control<'t> {
    transfer: &'t Transfer,
    place: &'t str,
    /// By the place of the name.
    named: Vec<Named>,
    faults: Faults,
}

impl<'t> Control<'t> {
    fn text(&self, name: Name) -> &'t str {
        self.transfer.names.get(name)
    }

    fn at(&self, what: &str, id: Name) -> String {
        within(self.place, &format!("{what} {}", self.text(id)))
    }

    fn of_unit(&self, unit: &Unit) -> String {
        self.at("ArchiveUnit", unit.id)
    }

    fn is_empty(&self, name: Name) -> bool {
        self.text(name).is_empty()
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

    /// The name is that of this; what it named before.
    fn names_now(&mut self, id: Name, what: Named) -> Named {
        self.named.get_mut(id.place()).map_or(Named::Nothing, |named| std::mem::replace(named, what))
    }

    /// Each identifier names one thing.
    fn names(&mut self) {
        let transfer = self.transfer;
        let units = transfer.units.iter().enumerate().map(|(place, unit)| (unit.id, Named::Unit(number(place))));
        let objects = transfer.objects.iter().enumerate().map(|(place, one)| (one.id, Named::Object(number(place))));
        for (id, what) in units.chain(objects) {
            if self.is_empty(id) {
                self.faults.push(Fault::new(&codes::SEDA_MISSING, self.place).with("id"));
            } else if self.names_now(id, what) != Named::Nothing {
                self.faults.push(Fault::new(&codes::SEDA_ID_TWICE, self.place).with(self.text(id)));
            }
        }
        for id in transfer.groups.iter().copied() {
            let code = match self.names_now(id, Named::Group) {
                _ if self.is_empty(id) => &codes::SEDA_REFERENCE_EMPTY,
                Named::Nothing => continue,
                Named::Group => &codes::SEDA_GROUP_TWICE,
                Named::Unit(_) | Named::Object(_) => &codes::SEDA_ID_TWICE,
            };
            let about = if self.is_empty(id) { "DataObjectGroupId" } else { self.text(id) };
            self.faults.push(Fault::new(code, self.place).with(about));
        }
    }

    /// What a reference names, when it is of the kind wanted; else the fault is told.
    fn named(
        &mut self,
        (element, id): (&str, Name),
        at: impl Fn(&Self) -> String,
        wanted: fn(Named) -> bool,
    ) -> Option<Named> {
        let code = match self.named.get(id.place()).copied() {
            _ if self.is_empty(id) => &codes::SEDA_REFERENCE_EMPTY,
            None | Some(Named::Nothing) => &codes::SEDA_REFERENCE_UNKNOWN,
            Some(named) if !wanted(named) => &codes::SEDA_REFERENCE_KIND,
            Some(named) => return Some(named),
        };
        let fault = Fault::new(code, at(self)).with(element).with(self.text(id));
        self.faults.push(fault);
        None
    }

    fn objects(&mut self) {
        let transfer = self.transfer;
        for object in &transfer.objects {
            let kind = if object.physical { "PhysicalDataObject" } else { "BinaryDataObject" };
            if let Group::Named(id) = object.group {
                let at = |all: &Self| all.at(kind, object.id);
                self.named(("DataObjectGroupReferenceId", id), at, |named| named == Named::Group);
            }
            let usage = transfer.text(object.usage);
            if let Some(usage) = usage.filter(|usage| !is_usage(usage, object.physical)) {
                self.faults.push(Fault::new(&codes::SEDA_USAGE, self.at(kind, object.id)).with(usage));
            }
            if transfer.text(object.physical_id) == Some("") && object.physical {
                self.faults.push(Fault::new(&codes::SEDA_PHYSICAL_ID, self.at(kind, object.id)));
            }
        }
    }

    fn units(&mut self) {
        let transfer = self.transfer;
        for (place, unit) in transfer.units.iter().enumerate() {
            if let Some(id) = unit.stands_for {
                self.named(("ArchiveUnitRefId", id), |all| all.of_unit(unit), |named| matches!(named, Named::Unit(_)));
                continue;
            }
            if !unit.titled && !unit.joins {
                self.faults.push(Fault::new(&codes::SEDA_TITLE_MISSING, self.of_unit(unit)));
            }
            if unit.joins {
                self.faults.push(Fault::new(&codes::SEDA_ELSEWHERE, self.of_unit(unit)));
            }
            for reference in transfer.references_of(place) {
                self.reference(reference, unit);
            }
        }
    }

    /// A unit names a group, or an object that is in none.
    fn reference(&mut self, reference: &Reference, unit: &Unit) {
        let transfer = self.transfer;
        let id = reference.id;
        let at = |all: &Self| all.of_unit(unit);
        if reference.group {
            self.named(("DataObjectGroupReferenceId", id), at, |named| named == Named::Group);
            return;
        }
        let element = "DataObjectReferenceId";
        let found = self.named((element, id), at, |named| matches!(named, Named::Object(_)));
        let object = match found {
            Some(Named::Object(place)) => transfer.objects.get(place as usize),
            _ => None,
        };
        if object.is_some_and(|object| !matches!(object.group, Group::None)) {
            let fault = Fault::new(&codes::SEDA_REFERENCE_KIND, self.of_unit(unit));
            self.faults.push(fault.with(element).with(self.text(id)));
        }
    }

    /// No unit is inside itself, by whatever way.
    fn cycles(&mut self) {
        let transfer = self.transfer;
        let mut leads: Vec<(u32, u32)> = Vec::with_capacity(transfer.units.len());
        for (place, unit) in transfer.units.iter().enumerate() {
            leads.extend(unit.parent().map(|parent| (number(parent), number(place))));
            // What stands for a unit leads to it, wherever either is: inside another, at the root, or standing for a third.
            let target = unit.stands_for.and_then(|id| self.named.get(id.place()));
            if let Some(Named::Unit(target)) = target {
                leads.push((number(place), *target));
            }
        }
        if let Some(unit) = first_cycle(leads, transfer.units.len()).and_then(|place| transfer.units.get(place)) {
            self.faults.push(Fault::new(&codes::SEDA_CYCLE, self.of_unit(unit)));
        }
    }

    /// Each object is described by a unit, itself or by its group.
    fn described(&mut self) {
        let transfer = self.transfer;
        let mut named = vec![false; transfer.names.len()];
        for reference in &transfer.references {
            if let Some(one) = named.get_mut(reference.id.place()) {
                *one = true;
            }
        }
        let is_named = |id: Name| named.get(id.place()) == Some(&true);
        let lone = |object: &&Object| matches!(object.group, Group::None) && !is_named(object.id);
        let objects = transfer.objects.iter().filter(lone).map(|object| object.id);
        let groups = transfer.groups.iter().copied().filter(|group| !is_named(*group));
        for id in objects.chain(groups) {
            self.faults.push(Fault::new(&codes::SEDA_NOT_DESCRIBED, self.place).with(self.text(id)));
        }
    }

    /// Where a rule stands.
    fn of_rule(&self, rule: &Rule) -> String {
        let unit = self.transfer.units.get(rule.unit as usize).filter(|_| rule.unit != PACKAGE);
        unit.map_or_else(|| within(self.place, "ManagementMetadata"), |unit| self.of_unit(unit))
    }

    /// A rule that a unit refuses to inherit is of the category it refuses it for, as far as this transfer says.
    fn rules(&mut self) {
        let transfer = self.transfer;
        // By the place of the name, a bit for each category it applies under.
        let mut categories = vec![0_u8; transfer.names.len()];
        for rule in transfer.rules.iter().filter(|rule| !rule.excludes) {
            if let Some(known) = categories.get_mut(rule.id.place()) {
                *known |= 1 << rule.category;
            }
        }
        for rule in transfer.rules.iter().filter(|rule| rule.excludes) {
            let known = categories.get(rule.id.place()).copied().unwrap_or_default();
            if known != 0 && known & (1 << rule.category) == 0 {
                let fault = Fault::new(&codes::SEDA_RULE_CATEGORY, self.of_rule(rule));
                self.faults.push(fault.with(self.text(rule.id)).with(rule.category()));
            }
        }
    }

    /// Each rule that is named, once for each category, with where it is named first.
    fn rules_said(&mut self, limits: &Limits) -> Vec<RuleSaid> {
        let mut met = vec![0_u8; self.transfer.names.len()];
        let mut said = Vec::new();
        for rule in &self.transfer.rules {
            let Some(known) = met.get_mut(rule.id.place()).filter(|known| **known & (1 << rule.category) == 0) else {
                continue;
            };
            *known |= 1 << rule.category;
            if said.len() >= limits.seda_rules {
                self.faults.push(Fault::new(&codes::SEDA_RULES_TOO_MANY, self.place).with(limits.seda_rules));
                return Vec::new();
            }
            let (category, id) = (rule.category(), self.text(rule.id).to_owned());
            said.push(RuleSaid { category, id, place: self.of_rule(rule) });
        }
        said
    }
}

/// A thing that is inside itself, if there is one, among so many of which each leads to others. Without recursion: trees are as deep as
/// their makers want.
fn first_cycle(mut leads: Vec<(u32, u32)>, count: usize) -> Option<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        UnderWay,
        Done,
    }
    leads.sort_unstable();
    let first = |at: usize| leads.partition_point(|(from, _)| (*from as usize) < at);
    let mut states = vec![State::New; count];
    for start in 0..count {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::UnderWay;
        let mut way = vec![(start, first(start))];
        while let Some((at, next)) = way.last_mut() {
            let target = leads.get(*next).filter(|(from, _)| *from as usize == *at).map(|(_, to)| *to as usize);
            let Some(target) = target else {
                states[*at] = State::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match states[target] {
                State::UnderWay => return Some(target),
                State::New => {
                    states[target] = State::UnderWay;
                    way.push((target, first(target)));
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
        assert_eq!(first_cycle(vec![(0, 1), (0, 2), (1, 2)], 3), None);
        assert_eq!(first_cycle(vec![(0, 0)], 1), Some(0));
        assert_eq!(first_cycle(vec![(2, 1), (1, 2), (0, 1)], 3), Some(1));
        let chain: Vec<(u32, u32)> = (0..100_000).map(|at| (at, (at + 1) % 100_000)).collect();
        assert_eq!(first_cycle(chain, 100_000), Some(0));
    }
}
