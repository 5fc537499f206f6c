//! Signatures of the documents of a deposit: those inside a PDF were judged when it was read; one in CMS lies beside its document, named like
//! it with `.p7s`, `.sig` or another such end added or instead, or holds what it signs.

use serde_json::Value;

use super::Deposit;
use crate::codes::{self, Fault};
use crate::container;
use crate::facts::{Facts, Story};
use crate::limits::MAX_LISTED;
use crate::look::{Reading, Seen};
use crate::model::Incoming;
use crate::names;
use crate::signed::{SignatureSaid, Why, reason};

/// What was said of the signatures of one file, or why nothing could be.
type Said = Result<Vec<SignatureSaid>, Why>;

/// What a signature of a document covers, when it holds.
const DOCUMENT: &str = "document";
const REVISION: &str = "document, sans ce qui fut ajouté ensuite";

impl Deposit<'_> {
    /// Step 4, last: what is said of the signatures of documents joins the facts.
    pub(super) fn signed_documents(&mut self, files: &mut [Incoming<'_>]) {
        let mut all: Vec<(String, Said)> = Vec::new();
        for place in 0..self.seen.len() {
            let Some(seen) = self.seen.get(place) else { continue };
            match &seen.reading {
                Reading::Pdf(said) => all.push((seen.name.clone(), said.clone())),
                Reading::Cms(_) => {
                    let name = seen.name.clone();
                    if let Some(said) = self.beside(place, files) {
                        all.push((name, said));
                    }
                }
                _ => {}
            }
        }
        if !all.is_empty() {
            self.join(&all);
        }
    }

    fn join(&mut self, all: &[(String, Said)]) {
        let story = self.story.get_or_insert_with(Story::empty);
        let known = story.facts.get("signatures").and_then(Value::as_array).cloned();
        let (mut listed, mut facts) = (known.unwrap_or_default(), Facts::new(self.limits));
        let (mut count, mut shown) = (0_u64, 0_u64);
        for (file, said) in all {
            let said = match said {
                Ok(said) => said,
                Err((word, about)) => {
                    let fault = Fault::new(&codes::SIGNATURES_NOT_JUDGED, file);
                    facts.faults.push(fault.with_words(reason(word, about)));
                    continue;
                }
            };
            for one in said {
                count += 1;
                facts.signature_said(one, file);
                if one.added > 0 {
                    facts.faults.push(Fault::new(&codes::SIGNATURE_ADDED, file).with(one.added));
                }
                if listed.len() < MAX_LISTED {
                    shown += 1;
                    let mut told = facts.signature_told(one, &[if one.added > 0 { REVISION } else { DOCUMENT }]);
                    let name = facts.listed("fichier", file);
                    if let Value::Object(told) = &mut told {
                        told.insert("fichier".to_owned(), name);
                    }
                    listed.push(told);
                }
            }
        }
        if count > shown {
            let fault = Fault::new(&codes::FACT_LIST_CUT, "signatures").with("signatures");
            facts.faults.push(fault.with(shown).with(count));
        }
        let before = story.facts.get("nombre_signatures").and_then(Value::as_u64).unwrap_or(0);
        if count > 0 {
            story.facts.insert("nombre_signatures".to_owned(), Value::from(before + count));
            story.facts.insert("signatures".to_owned(), Value::Array(listed));
        }
        self.faults.append(&facts.faults);
    }

    /// What is said of a signature in CMS: over the document beside it, or over what it holds. Nothing where it has neither, which is a
    /// finding.
    fn beside(&mut self, place: usize, files: &mut [Incoming<'_>]) -> Option<Said> {
        let signature = self.seen.get(place)?;
        let Reading::Cms(cms) = &signature.reading else { return None };
        let Some(document) = document_of(signature, &self.seen) else {
            let said = self.judge.judge_cms(cms, None);
            if said.as_ref().is_ok_and(|said| said.iter().any(holds_nothing)) {
                let fault = Fault::new(&codes::SIGNATURE_WITHOUT_DOCUMENT, &signature.name);
                self.faults.push(fault);
                return None;
            }
            return Some(said);
        };
        Some(self.over(document, files, cms))
    }

    /// What is said of a signature over this document, read anew: where it was deposited, or in its container.
    fn over(&self, document: usize, files: &mut [Incoming<'_>], cms: &[u8]) -> Said {
        let gone = || ("document-unreadable", String::new());
        let seen = self.seen.get(document).ok_or_else(gone)?;
        let index = seen.parent.or(self.incoming_of.get(document).copied().flatten()).ok_or_else(gone)?;
        let file = files.get_mut(index).ok_or_else(gone)?;
        if seen.parent.is_none() {
            let mut reader = (file.open)().map_err(|_| gone())?;
            return self.judge.judge_cms(cms, Some(&mut reader));
        }
        let form = self.containers.get(index).copied().flatten().ok_or_else(gone)?;
        let mut said = Err(gone());
        let walked = container::walk(file.open, (form, file.size), &seen.name, self.limits, &mut |member, reader| {
            if names::reading(member.name) == seen.name {
                said = self.judge.judge_cms(cms, Some(reader));
            }
            Ok(())
        });
        walked.map_err(|_| gone())?;
        said
    }
}

/// Nothing is signed by it alone: it is over a document that stands elsewhere.
fn holds_nothing(one: &SignatureSaid) -> bool {
    one.why.as_ref().is_some_and(|(code, _)| *code == "nothing-signed")
}

/// The document that this signature is named for, in the same container: `a.pdf` of `a.pdf.p7s`, else the only one of `a.p7s`.
fn document_of(signature: &Seen, all: &[Seen]) -> Option<usize> {
    let stem = signature.name.rsplit_once('.').map(|(stem, _)| stem)?;
    let with = |test: &dyn Fn(&str) -> bool| {
        let is = |one: &Seen| one.parent == signature.parent && one.name != signature.name && test(&one.name);
        let mut found = all.iter().enumerate().filter(|(_, one)| is(one) && !matches!(one.reading, Reading::Cms(_)));
        match (found.next(), found.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        }
    };
    let same_stem = |name: &str| name.rsplit_once('.').is_some_and(|(other, _)| other == stem);
    with(&|name| name == stem).or_else(|| with(&same_stem))
}
