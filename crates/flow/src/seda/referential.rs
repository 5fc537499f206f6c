//! What a tenant knows of those who may transfer, under what agreement, by what profile and with what rules: a transfer is held against
//! it where it is given. Not here: what a profile asks for.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::codes::{self, Fault, Faults};
use crate::day;
use crate::model::{Flow, FlowKind};
use crate::seda::Version;

/// Lists of what is known; one that is absent is not controlled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referential {
    /// Of services, by which the archives, those who transfer, produce and submit are known.
    pub agencies: Option<Vec<Known>>,
    /// Of agreements to transfer.
    pub agreements: Option<Vec<Known>>,
    /// Of profiles.
    pub profiles: Option<Vec<Known>>,
    /// Of levels of service.
    pub service_levels: Option<Vec<Known>>,
    /// Of management rules.
    pub rules: Option<Vec<KnownRule>>,
}

/// An identifier, and the days between which it holds, both included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// As the bordereau says it.
    pub id: String,
    /// `AAAA-MM-JJ`; none for since ever.
    pub from: Option<String>,
    /// `AAAA-MM-JJ`; none for ever.
    pub until: Option<String>,
}

/// A management rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownRule {
    /// Its identifier, and when it holds.
    pub known: Known,
    /// Its category, one of [`super::CATEGORIES`]; none for any.
    pub category: Option<String>,
    /// How long it lasts; none where it is not told.
    pub lasts: Option<Lasts>,
}

/// How long a rule lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// So many years.
    Years(u16),
    /// So many months.
    Months(u16),
    /// So many days.
    Days(u16),
    /// For ever.
    Ever,
}

impl Lasts {
    /// From `P10Y`, `P6M`, `P30D` (ISO 8601, one unit) or `unlimited`.
    pub fn parse(text: &str) -> Option<Lasts> {
        if text == "unlimited" {
            return Some(Lasts::Ever);
        }
        let (number, unit) = text.strip_prefix('P')?.split_at_checked(text.len().checked_sub(2)?)?;
        let number = Some(number).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        match unit {
            "Y" => Some(Lasts::Years(number)),
            "M" => Some(Lasts::Months(number)),
            "D" => Some(Lasts::Days(number)),
            _ => None,
        }
    }

    /// The day it ends, of what begins on that day; none of what never does, nor beyond the year 9999.
    fn after(self, start: &str) -> Option<String> {
        match self {
            Lasts::Years(count) => day::months_after(start, u32::from(count) * 12),
            Lasts::Months(count) => day::months_after(start, u32::from(count)),
            Lasts::Days(count) => day::days_after(start, u32::from(count)),
            Lasts::Ever => None,
        }
    }
}

/// A rule that a transfer names, and where it does first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSaid {
    /// Its category.
    pub category: &'static str,
    /// Its identifier.
    pub id: String,
    /// The unit.
    pub place: String,
}

impl Known {
    /// It is this one, and holds on that day.
    pub fn holds(&self, id: &str, day: &str) -> bool {
        self.id == id && self.is_in_force(day)
    }

    fn is_in_force(&self, day: &str) -> bool {
        let since = self.from.as_deref().is_none_or(|from| from <= day);
        since && self.until.as_deref().is_none_or(|until| day <= until)
    }
}

impl KnownRule {
    fn is(&self, category: &str, id: &str) -> bool {
        self.known.id == id && self.category.as_deref().is_none_or(|own| own == category)
    }
}

/// The day that a rule ends which began on that day, as far as these rules tell.
pub(crate) fn end(known: &[KnownRule], category: &str, id: &str, start: &str) -> Option<String> {
    let lasts = known.iter().filter(|rule| rule.is(category, id)).find_map(|rule| rule.lasts)?;
    lasts.after(start)
}

const AGENCIES: [(&str, &str); 4] = [
    ("service_archives", "ArchivalAgency"),
    ("service_transfert", "TransferringAgency"),
    ("service_producteur", "OriginatingAgencyIdentifier"),
    ("service_versant", "SubmissionAgencyIdentifier"),
];

impl Flow {
    /// A transfer is held against these lists on that day (`AAAA-MM-JJ`): who and what is unknown refuses it, a list that is absent is said.
    /// Where a rule is known to last, its last day joins the facts. Any other flow stays as it is, and so does a transfer of which nothing
    /// could be read.
    pub fn control(&mut self, by: &Referential, day: &str) {
        let version = self.facts.get("seda_version").and_then(Value::as_str).and_then(Version::by_number);
        let Some(version) = version.filter(|_| self.kind == FlowKind::Seda) else {
            return;
        };
        let one = |key, element| [(key, element)];
        let (agreement, profile, level) = (
            one("accord_versement", "ArchivalAgreement"),
            one("profil", "ArchivalProfile"),
            one("niveau_service", "ServiceLevel"),
        );
        let mut faults = Faults::default();
        let mut absent = Vec::new();
        for (list, name, code, facts) in [
            (&by.agencies, "agencies", &codes::SEDA_AGENCY_UNKNOWN, &AGENCIES[..]),
            (&by.agreements, "agreements", &codes::SEDA_AGREEMENT_UNKNOWN, &agreement[..]),
            (&by.profiles, "profiles", &codes::SEDA_PROFILE_UNKNOWN, &profile[..]),
            (&by.service_levels, "service_levels", &codes::SEDA_SERVICE_LEVEL_UNKNOWN, &level[..]),
        ] {
            let Some(list) = list else {
                absent.push(name);
                continue;
            };
            for (key, element) in facts {
                let said = self.facts.get(*key).and_then(Value::as_str);
                if let Some(id) = said.filter(|id| !list.iter().any(|known| known.holds(id, day))) {
                    faults.push(Fault::new(code, *element).with(element).with(id));
                }
            }
        }
        match &by.rules {
            // The versions before take theirs from a list that is published with them.
            _ if !version.has_objects_apart() => {}
            Some(rules) => {
                faults.append(&self.rules_unknown(rules, day));
                self.rules_end(rules);
            }
            None => absent.push("rules"),
        }
        if !absent.is_empty() {
            faults.push(Fault::new(&codes::SEDA_NOT_CONTROLLED, "").with(absent.join(", ")));
        }
        self.findings.extend(faults.into_findings());
    }

    /// The rules that the transfer names and these are not.
    fn rules_unknown(&self, rules: &[KnownRule], day: &str) -> Faults {
        let mut by_id: HashMap<&str, Vec<&KnownRule>> = HashMap::new();
        for rule in rules.iter().filter(|rule| rule.known.is_in_force(day)) {
            by_id.entry(&rule.known.id).or_default().push(rule);
        }
        let mut faults = Faults::default();
        for said in &self.rules {
            let same = by_id.get(said.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            if !same.iter().any(|rule| rule.is(said.category, &said.id)) {
                faults.push(Fault::new(&codes::SEDA_RULE_UNKNOWN, &said.place).with(said.category).with(&said.id));
            }
        }
        faults
    }

    /// The last day of each rule of the units that the facts show.
    fn rules_end(&mut self, rules: &[KnownRule]) {
        let units = self.facts.get_mut("unites").and_then(Value::as_array_mut);
        for unit in units.into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some(told) = unit.get("regles").and_then(Value::as_array).cloned() else {
                continue;
            };
            let terms = unit.get_mut("echeances").and_then(Value::as_array_mut);
            for term in terms.into_iter().flatten().filter_map(Value::as_object_mut) {
                let end = ends(rules, &told, term);
                term.extend(end.map(|end| ("fin".to_owned(), Value::from(end))));
            }
        }
    }
}

/// The last day of the rule that this term is of.
fn ends(rules: &[KnownRule], told: &[Value], term: &Map<String, Value>) -> Option<String> {
    let rank = usize::try_from(term.get("rang")?.as_u64()?).ok()?;
    let (category, id) = told.get(rank.checked_sub(1)?)?.as_str()?.split_once(' ')?;
    end(rules, category, id, term.get("debut")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_one_number_of_one_unit() {
        for (text, lasts) in [
            ("P80Y", Lasts::Years(80)),
            ("P6M", Lasts::Months(6)),
            ("P30D", Lasts::Days(30)),
            ("P0Y", Lasts::Years(0)),
            ("unlimited", Lasts::Ever),
        ] {
            assert_eq!(Lasts::parse(text), Some(lasts), "{text}");
        }
        for text in ["", "P", "PY", "80", "P80", "P-1Y", "P+1Y", "P1Y6M", "P65536Y", "PT1H", "Pé", "p1Y", "P1.5Y"] {
            assert_eq!(Lasts::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_rule_ends_on_the_day_of_the_calendar() {
        for (lasts, start, end) in [
            (Lasts::Years(25), "2026-01-01", Some("2051-01-01")),
            (Lasts::Years(1), "2028-02-29", Some("2029-02-28")),
            (Lasts::Months(1), "2026-01-31", Some("2026-02-28")),
            (Lasts::Months(11), "2026-02-01", Some("2027-01-01")),
            (Lasts::Days(30), "2026-12-15", Some("2027-01-14")),
            (Lasts::Days(0), "2026-12-15", Some("2026-12-15")),
            (Lasts::Years(8000), "2026-01-01", None),
            (Lasts::Ever, "2026-01-01", None),
            (Lasts::Years(1), "2026-02-30", None),
        ] {
            assert_eq!(lasts.after(start).as_deref(), end, "{lasts:?} {start}");
        }
    }
}
