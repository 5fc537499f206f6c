//! What a tenant knows of those who may transfer, under what agreement and by what profile: a transfer is held against it where it is given.
//! Not here: rules, of which the facts list those of the first units alone; what a profile asks for.

use serde_json::Value;

use crate::codes::{self, Fault, Faults};
use crate::model::{Flow, FlowKind};

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

impl Known {
    fn holds(&self, id: &str, day: &str) -> bool {
        let since = self.from.as_deref().is_none_or(|from| from <= day);
        self.id == id && since && self.until.as_deref().is_none_or(|until| day <= until)
    }
}

const AGENCIES: [(&str, &str); 4] = [
    ("service_archives", "ArchivalAgency"),
    ("service_transfert", "TransferringAgency"),
    ("service_producteur", "OriginatingAgencyIdentifier"),
    ("service_versant", "SubmissionAgencyIdentifier"),
];

impl Flow {
    /// A transfer is held against these lists on that day (`AAAA-MM-JJ`): who and what is unknown refuses it, a list that is absent is said.
    /// Any other flow stays as it is, and so does a transfer of which nothing could be read.
    pub fn control(&mut self, by: &Referential, day: &str) {
        if self.kind != FlowKind::Seda || !self.facts.contains_key("seda_version") {
            return;
        }
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
        if !absent.is_empty() {
            faults.push(Fault::new(&codes::SEDA_NOT_CONTROLLED, "").with(absent.join(", ")));
        }
        self.findings.extend(faults.into_findings());
    }
}
