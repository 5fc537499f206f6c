//! What the signatures of a PES come to: each with what it covers by name, and how many bordereaux are covered by one that holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::Pes;
use crate::codes::{self, Fault};
use crate::facts::Facts;
use crate::limits::MAX_LISTED;
use crate::signed::SignatureOutcome;
use crate::xml::within;

impl Facts<'_> {
    /// The signatures of this flow, as they were judged; `file` is its name.
    pub(crate) fn signatures(&mut self, pes: &Pes, file: &str) {
        if !pes.carries_signatures() {
            return;
        }
        let all = match &pes.signatures {
            Ok(all) => all,
            Err(why) => return self.faults.push(Fault::new(&codes::SIGNATURES_NOT_JUDGED, file).with(why)),
        };
        let whole = format!("/{}", pes.kind.root());
        let places = pes.domains.iter().flat_map(|domain| &domain.places);
        let called: BTreeMap<String, &str> = places.map(|(place, name)| (place.to_string(), name.as_str())).collect();
        let mut signed: BTreeSet<&str> = BTreeSet::new();
        let mut listed = Vec::new();
        for one in all {
            self.signature_said(one, file);
            let mut covers = Vec::new();
            for place in &one.covers {
                let known = called.get(place).copied();
                let name = if *place == whole { "fichier entier" } else { known.unwrap_or(place) };
                covers.push(name);
                if known.is_none() && *place != whole {
                    let fault = Fault::new(&codes::SIGNATURE_COVERS_OTHER, within(file, &one.place));
                    self.faults.push(fault.with(place));
                }
                match called.get_key_value(place) {
                    _ if one.outcome != SignatureOutcome::Holds => {}
                    Some((part, _)) => {
                        signed.insert(part);
                    }
                    None if *place == whole => signed.extend(called.keys().map(String::as_str)),
                    None => {}
                }
            }
            if listed.len() < MAX_LISTED {
                listed.push(self.signature_told(one, &covers));
            }
        }
        self.map.insert("signatures".to_owned(), Value::Array(listed));
        self.map.insert("nombre_signatures".to_owned(), Value::from(all.len()));
        self.map.insert("bordereaux_signes".to_owned(), Value::from(signed.len()));
        let bordereaux: usize = pes.domains.iter().map(|domain| domain.bordereaux).sum();
        if signed.len() < bordereaux {
            self.faults.push(Fault::new(&codes::PES_NOT_ALL_SIGNED, file).with(signed.len()).with(bordereaux));
        }
    }
}
