//! What the signatures of a PES come to: each with what it covers by name, and how many bordereaux are covered by one that holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::Pes;
use crate::codes::{self, Fault};
use crate::facts::Facts;
use crate::limits::MAX_LISTED;
use crate::signed::{SignatureOutcome, SignatureSaid};
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
            self.said(one, file);
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
                listed.push(self.signature(one, &covers));
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

    /// Integrity and certificate, two findings.
    fn said(&mut self, one: &SignatureSaid, file: &str) {
        let here = || within(file, &one.place);
        let why = one.why.as_ref().map(|(code, _)| *code).unwrap_or_default();
        let integrity = match one.outcome {
            SignatureOutcome::Holds => Fault::new(&codes::SIGNATURE_HOLDS, here()),
            SignatureOutcome::Broken => Fault::new(&codes::SIGNATURE_BROKEN, here()).with(why),
            SignatureOutcome::Undecided => Fault::new(&codes::SIGNATURE_UNDECIDED, here()).with(why),
        };
        self.faults.push(integrity);
        if let Some(signer) = &one.signer {
            let fault = match signer.in_force {
                true => Fault::new(&codes::SIGNATURE_CERTIFICATE, here()).with(&signer.subject),
                false => Fault::new(&codes::SIGNATURE_CERTIFICATE_ENDED, here()).with(&signer.subject),
            };
            self.faults.push(fault.with(&signer.not_before).with(&signer.not_after));
        }
        if !one.weak.is_empty() {
            self.faults.push(Fault::new(&codes::SIGNATURE_WEAK, here()).with(one.weak.join(", ")));
        }
    }

    fn signature(&mut self, one: &SignatureSaid, covers: &[&str]) -> Value {
        let mut object = self.object(&[
            ("integrite", Some(one.outcome.as_str())),
            ("motif", one.why.as_ref().map(|(code, _)| *code)),
            ("date_annoncee", one.signing_time.as_deref()),
        ]);
        let covered: Vec<Value> = covers.iter().take(MAX_LISTED).map(|name| self.listed("couvre", name)).collect();
        object.insert("couvre".to_owned(), Value::Array(covered));
        if let Some(signer) = &one.signer {
            let mut told = self.object(&[
                ("sujet", Some(signer.subject.as_str())),
                ("emetteur", Some(signer.issuer.as_str())),
                ("serie", Some(signer.serial.as_str())),
                ("sha256", Some(signer.sha256.as_str())),
                ("debut", Some(signer.not_before.as_str())),
                ("fin", Some(signer.not_after.as_str())),
            ]);
            told.insert("en_vigueur_au_depot".to_owned(), Value::from(signer.in_force));
            object.insert("certificat".to_owned(), Value::Object(told));
        }
        if !one.weak.is_empty() {
            let weak = one.weak.join(", ");
            let weak = self.listed("faible", &weak);
            object.insert("faible".to_owned(), weak);
        }
        Value::Object(object)
    }
}
