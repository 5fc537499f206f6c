//! What the signatures of a PES come to: each with what it covers by name, and how many bordereaux are covered by one that holds.

use serde_json::Value;

use super::document::Pes;
use super::stands::Covered;
use crate::codes::{self, Fault};
use crate::facts::Facts;
use crate::signed::{SignatureOutcome, reason};
use crate::xml::within;

impl Facts<'_> {
    /// The signatures of this flow, as they were judged; `file` is its name.
    pub(crate) fn signatures(&mut self, pes: &Pes, file: &str) {
        if !pes.carries_signatures() {
            return;
        }
        let all = match &pes.signatures {
            Ok(all) => all,
            Err((word, about)) => {
                let fault = Fault::new(&codes::SIGNATURES_NOT_JUDGED, file);
                let mut map = std::mem::take(&mut self.map);
                self.not_judged(&mut map, file, word);
                self.map = map;
                return self.faults.push(fault.with_words(reason(word, about)));
            }
        };
        let whole = format!("/{}", pes.kind.root());
        let stands = &pes.domains.stands;
        let mut signed = Covered::default();
        self.lists.there_are("signatures", all.len());
        let mut listed = Vec::new();
        for one in all {
            self.signature_said(one, one.covers.len(), file);
            let holds = one.outcome == SignatureOutcome::Holds;
            let (mut covers, mut ranks, mut all_of_it) = (Vec::new(), Vec::new(), false);
            for place in &one.covers {
                let part = stands.at(place);
                match part {
                    _ if *place == whole => {
                        all_of_it = true;
                        covers.push("fichier entier".to_owned());
                    }
                    Some(rank) => covers.push(stands.called(rank, place).unwrap_or_else(|| place.clone())),
                    None => {
                        covers.push(place.clone());
                        let fault = Fault::new(&codes::SIGNATURE_COVERS_OTHER, within(file, &one.place));
                        self.faults.push(fault.with(place));
                    }
                }
                ranks.extend(part);
            }
            if holds && all_of_it {
                signed.whole();
            }
            ranks.iter().filter(|_| holds).for_each(|rank| signed.one(*rank));
            let own = stands.around(&one.place).filter(|own| !all_of_it && !ranks.contains(own));
            if own.is_some() && !covers.is_empty() {
                let fault = Fault::new(&codes::SIGNATURE_COVERS_ELSEWHERE, within(file, &one.place));
                // All of them stand in the facts.
                let more = if covers.len() > 3 { " ; …" } else { "" };
                let first: Vec<&str> = covers.iter().take(3).map(String::as_str).collect();
                self.faults.push(fault.with(format_args!("{}{more}", first.join(" ; "))));
            }
            if self.lists.room("signatures", 1) == 1 {
                let covers: Vec<&str> = covers.iter().map(String::as_str).collect();
                listed.push(self.signature_told(one, &covers));
            }
        }
        let bordereaux = pes.domains.bordereaux;
        let signed = signed.of(bordereaux);
        self.map.insert("signatures".to_owned(), Value::Array(listed));
        for (key, count) in [("nombre_signatures", all.len()), ("bordereaux_signes", signed)] {
            self.map.insert(key.to_owned(), Value::from(count));
        }
        if signed < bordereaux {
            self.faults.push(Fault::new(&codes::PES_NOT_ALL_SIGNED, file).with(signed).with(bordereaux));
        }
    }
}
