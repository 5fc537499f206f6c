//! What was said of a signature, told: its findings, and its object in the facts.

use serde_json::{Map, Value};

use super::{AuthoritySaid, SignatureOutcome, SignatureSaid, reason, weak};
use crate::codes::{self, Fault};
use crate::facts::Facts;
use crate::limits::MAX_LISTED;
use crate::xml::within;

/// The word, in the facts, of a signature that holds and covers nothing of the document that bears it.
const COVERS_NOTHING: &str = "covers-nothing";

impl Facts<'_> {
    /// Integrity, certificate and authority, each its own finding; it covers so many documents or parts of one. Of one that holds and covers none it
    /// is never said alone that it holds.
    pub(crate) fn signature_said(&mut self, one: &SignatureSaid, covers: usize, file: &str) {
        let here = || within(file, &one.place);
        let why = one.why.as_ref().map_or_else(|| reason("", ""), |(word, about)| reason(word, about));
        let integrity = match one.outcome {
            SignatureOutcome::Holds if covers == 0 => Fault::new(&codes::SIGNATURE_COVERS_NOTHING, here()),
            SignatureOutcome::Holds => Fault::new(&codes::SIGNATURE_HOLDS, here()),
            SignatureOutcome::Broken => Fault::new(&codes::SIGNATURE_BROKEN, here()).with_words(why),
            SignatureOutcome::Undecided => Fault::new(&codes::SIGNATURE_UNDECIDED, here()).with_words(why),
        };
        self.faults.push(integrity);
        if let Some(signer) = &one.signer {
            let fault = match signer.in_force {
                true => Fault::new(&codes::SIGNATURE_CERTIFICATE, here()).with(&signer.subject),
                false => Fault::new(&codes::SIGNATURE_CERTIFICATE_ENDED, here()).with(&signer.subject),
            };
            self.faults.push(fault.with(&signer.not_before).with(&signer.not_after));
            if let Some(purposes) = &signer.unsuited {
                let fault = Fault::new(&codes::SIGNATURE_USAGE, here()).with(&signer.subject);
                self.faults.push(fault.with(purposes));
            }
            let authority = match signer.authority {
                AuthoritySaid::NotExamined => &codes::SIGNATURE_AUTHORITY_NOT_EXAMINED,
                AuthoritySaid::Known => &codes::SIGNATURE_AUTHORITY_KNOWN,
                AuthoritySaid::Unknown => &codes::SIGNATURE_AUTHORITY_UNKNOWN,
            };
            self.faults.push(match &signer.listed {
                Some(service) => {
                    Fault::new(&codes::SIGNATURE_AUTHORITY_LISTED, here()).with(&signer.subject).with(service)
                }
                None => Fault::new(authority, here()).with(&signer.subject),
            });
        }
        if !one.weak.is_empty() {
            self.faults.push(Fault::new(&codes::SIGNATURE_WEAK, here()).with_words(weak(&one.weak)));
        }
    }

    /// In these facts, that the signatures of this file were not judged, and the word for why.
    pub(crate) fn not_judged(&mut self, facts: &mut Map<String, Value>, file: &str, word: &str) {
        let told = self.object(&[("fichier", Some(file)), ("motif", Some(word))]);
        let list = facts.entry("signatures_non_verifiees").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list
            && list.len() < MAX_LISTED
        {
            list.push(Value::Object(told));
        }
    }

    pub(crate) fn signature_told(&mut self, one: &SignatureSaid, covers: &[&str]) -> Value {
        let nothing = (one.outcome == SignatureOutcome::Holds && covers.is_empty()).then_some(COVERS_NOTHING);
        let mut object = self.object(&[
            ("integrite", Some(one.outcome.as_str())),
            ("motif", one.why.as_ref().map(|(code, _)| *code).or(nothing)),
            ("date_annoncee", one.signing_time.as_deref()),
        ]);
        let covered: Vec<Value> = covers.iter().take(MAX_LISTED).map(|name| self.listed("couvre", name)).collect();
        if covers.len() > covered.len() {
            object.insert("nombre_couverts".to_owned(), Value::from(covers.len()));
            let fault = Fault::new(&codes::FACT_LIST_CUT, self.place_of("couvre")).with("couvre");
            self.faults.push(fault.with(covered.len()).with(covers.len()));
        }
        object.insert("couvre".to_owned(), Value::Array(covered));
        if let Some(signer) = &one.signer {
            let mut told = self.object(&[
                ("sujet", Some(signer.subject.as_str())),
                ("emetteur", Some(signer.issuer.as_str())),
                ("serie", Some(signer.serial.as_str())),
                ("sha256", Some(signer.sha256.as_str())),
                ("debut", Some(signer.not_before.as_str())),
                ("fin", Some(signer.not_after.as_str())),
                ("usage_hors_signature", signer.unsuited.as_deref()),
                ("autorite", Some(signer.authority.as_str())),
                ("autorite_liste", signer.listed.as_deref()),
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
