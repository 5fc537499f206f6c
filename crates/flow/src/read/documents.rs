//! Signatures of the documents of a deposit: those inside a PDF or an XML document were judged when it was read; one in CMS lies beside its
//! document, named like it with `.p7s`, `.sig` or another such end added or instead, or holds what it signs; one in XML names the files beside it
//! that it is over; a message of ACTES gives those of the files that it names.

use std::io;

use serde_json::Value;

use super::again::{ENDED, Said};
use super::sealed::{Manifest, Sealed};
use super::{Deposit, is_refusal};
use crate::codes::{self, Fault};
use crate::facts::{Facts, Story};
use crate::limits::MAX_LISTED;
use crate::look::{self, Reading, Seen};
use crate::model::{FlowKind, Incoming};
use crate::signed::{BESIDE, SignatureOutcome, SignatureSaid, Why, reason};

/// The same, and the document beside it that they are over.
pub(super) struct Judged {
    pub(super) file: String,
    pub(super) document: Option<String>,
    pub(super) said: Said,
    /// It stands in an XML document, of which it may cover a part.
    pub(super) of_parts: bool,
}

/// What a signature of a document covers, when it holds.
const DOCUMENT: &str = "document";
const REVISION: &str = "document, sans ce qui fut ajouté ensuite";

impl Deposit<'_> {
    /// Step 4, last, of a deposit told by its manifest: nothing is made of its files but what their signatures say. A bid stays closed, and so does all
    /// where no manifest says which files are bids.
    pub(super) fn signed_files(&mut self, kind: FlowKind, files: &mut [Incoming<'_>], description: Option<&Manifest>) {
        if self.faults.any(is_refusal) || description.is_none() {
            return;
        }
        // Words of another manifest than that of a procedure have another meaning.
        let sealed = match kind {
            FlowKind::Marches => Sealed::of(description, &self.names),
            _ => Sealed::perhaps(description, &self.names),
        };
        for (index, file) in files.iter_mut().enumerate() {
            if sealed.holds(&self.names[index]) {
                continue;
            }
            if let Err(error) = self.look_for_signatures(index, file) {
                self.unreadable(index, &error);
            }
        }
        self.signatures(files, &sealed);
    }

    fn look_for_signatures(&mut self, index: usize, file: &mut Incoming<'_>) -> io::Result<()> {
        let mut reader = (file.open)()?;
        let head = look::head(&mut reader)?;
        let name = self.names[index].clone();
        let reading = look::for_signatures(&name, &head, &mut reader, file.size, self.judge)?;
        // Essential data were read already, and tell their own story; what they bear is told too.
        if let Some(known) = self.incoming_of.iter().position(|of| *of == Some(index)) {
            if matches!(reading, Reading::SignedXml(_) | Reading::Unsought(_)) {
                self.seen[known].reading = reading;
            }
            return Ok(());
        }
        let (media_type, format) = (self.files[index].media_type.clone(), self.files[index].format);
        self.seen.push(Seen { parent: None, name, media_type, format, reading, begun: None });
        self.incoming_of.push(Some(index));
        Ok(())
    }

    /// Step 4, last: what is said of the signatures of documents joins the facts.
    pub(super) fn signed_documents(&mut self, files: &mut [Incoming<'_>]) {
        self.signatures(files, &Sealed::of(None, &self.names));
    }

    fn signatures(&mut self, files: &mut [Incoming<'_>], sealed: &Sealed) {
        let (mut all, mut unjudged): (Vec<Judged>, Vec<(String, &'static str)>) = Default::default();
        for place in 0..self.seen.len() {
            let Some(seen) = self.seen.get(place) else { continue };
            match &seen.reading {
                Reading::Pdf(said) => {
                    all.push(Judged { file: seen.name.clone(), document: None, said: said.clone(), of_parts: false });
                }
                Reading::SignedXml(said) => {
                    let file = seen.name.clone();
                    let said = match is_beside(said) {
                        true => self.over_beside(place, files, sealed).or_else(|why| without(said, &why)),
                        false => said.clone(),
                    };
                    let document = said.as_ref().ok().and_then(|said| sole_of(said));
                    all.push(Judged { file, document, said, of_parts: true });
                }
                Reading::Cms(_) => all.extend(self.beside(place, files, sealed)),
                Reading::Actes(..) => all.extend(self.given(place, files, sealed)),
                Reading::Unsought((word, about)) => {
                    let fault = Fault::new(&codes::SIGNATURES_NOT_SOUGHT, &seen.name);
                    self.faults.push(fault.with_words(reason(word, about)));
                    unjudged.push((seen.name.clone(), *word));
                }
                Reading::Encrypted => self.faults.push(Fault::new(&codes::SIGNATURES_ENCRYPTED, &seen.name)),
                _ => {}
            }
        }
        if !all.is_empty() {
            self.join(&all);
        }
        let broken = all.iter().filter_map(|one| Some((one.file.clone(), one.said.as_ref().err()?.0)));
        unjudged.extend(broken);
        if !unjudged.is_empty() {
            let mut facts = Facts::new(self.limits);
            let story = self.story.get_or_insert_with(Story::empty);
            unjudged.iter().for_each(|(file, word)| facts.not_judged(&mut story.facts, file, word));
            self.faults.append(&facts.faults);
        }
    }

    fn join(&mut self, all: &[Judged]) {
        let story = self.story.get_or_insert_with(Story::empty);
        let known = story.facts.get("signatures").and_then(Value::as_array).cloned();
        let (mut listed, mut facts) = (known.unwrap_or_default(), Facts::new(self.limits));
        let (mut count, mut shown) = (0_u64, 0_u64);
        for Judged { file, document, said, of_parts } in all {
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
                let mut covers = match one {
                    _ if *of_parts => parts(one),
                    _ if is_inside(one) => Vec::new(),
                    _ if one.added > 0 => vec![REVISION],
                    _ => vec![DOCUMENT],
                };
                facts.signature_said(one, covers.len() + one.beside.len(), file);
                if one.added > 0 {
                    facts.faults.push(Fault::new(&codes::SIGNATURE_ADDED, file).with(one.added));
                }
                for part in covers.iter().filter(|part| **part != DOCUMENT && **part != REVISION) {
                    facts.faults.push(Fault::new(&codes::SIGNATURE_COVERS_OTHER, file).with(part));
                }
                covers.extend(one.beside.iter().map(String::as_str));
                if listed.len() < MAX_LISTED {
                    shown += 1;
                    let mut told = facts.signature_told(one, &covers);
                    let name = facts.listed("fichier", file);
                    if let Value::Object(told) = &mut told {
                        told.insert("fichier".to_owned(), name);
                        let document = document.as_ref().map(|document| facts.listed("document", document));
                        told.extend(document.map(|document| ("document".to_owned(), document)));
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

    /// What is said of a signature in CMS: over the document beside it, or over what it holds. Nothing where it has neither, or where it is not
    /// certain which document it is over, which are findings.
    fn beside(&mut self, place: usize, files: &mut [Incoming<'_>], sealed: &Sealed) -> Option<Judged> {
        let signature = self.seen.get(place)?;
        let Reading::Cms(cms) = &signature.reading else { return None };
        let (file, documents) = (signature.name.clone(), documents_of(signature, &self.seen));
        let over = |document: usize| self.seen.get(document).map(|seen| seen.name.clone());
        let closed = self.names.iter().any(|name| sealed.holds(name) && is_named_for(&file, name));
        let judge = self.judge;
        match documents[..] {
            [] => {
                let said = judge.judge_cms(cms, None).and_then(of_somebody);
                if !said.as_ref().is_ok_and(|said| said.iter().any(holds_nothing)) {
                    return Some(Judged { file, document: None, said, of_parts: false });
                }
                if closed { Some(sealed_one(file)) } else { self.by_digest(place, files) }
            }
            // Over the one that is closed, as well as over this one: which is not told.
            _ if closed => Some(sealed_one(file)),
            [document] => {
                let (said, ended) =
                    self.each_again(&[document], files, &mut |reader| judge.judge_cms(cms, Some(reader)));
                let none = if ended { ENDED } else { ("document-unreadable", String::new()) };
                let said = said.into_iter().next().map_or(Err(none), |(_, said)| said).and_then(of_somebody);
                Some(Judged { file, document: over(document), said, of_parts: false })
            }
            _ => {
                let (tried, ended) =
                    self.each_again(&documents, files, &mut |reader| judge.judge_cms(cms, Some(reader)));
                let names = |all: &[usize]| all.iter().filter_map(|one| over(*one)).collect::<Vec<_>>().join(", ");
                let fits: Vec<usize> = tried.iter().filter(|(_, said)| fits(said)).map(|(one, _)| *one).collect();
                let (all, fitting) = (names(&documents), names(&fits));
                let document = fits.first().and_then(|first| over(*first));
                if ended {
                    let fault =
                        Fault::new(&codes::SIGNATURE_SEARCH_ENDED, &file).with(tried.len()).with(documents.len());
                    self.faults.push(fault.with(self.limits.beside_bytes));
                }
                let Some(first) = fits.first().copied() else {
                    if !ended {
                        self.faults.push(Fault::new(&codes::SIGNATURE_DOCUMENT_UNSURE, file).with(all));
                    }
                    return None;
                };
                self.faults.push(Fault::new(&codes::SIGNATURE_DOCUMENT_FOUND, &file).with(all).with(fitting));
                let said = tried.into_iter().find(|(one, _)| *one == first)?.1;
                Some(Judged { file, document, said, of_parts: false })
            }
        }
    }
}

/// It may be over a bid, which nobody opens.
fn sealed_one(file: String) -> Judged {
    Judged { file, document: None, said: Err(("sealed", String::new())), of_parts: false }
}

/// What is called a signature and has no signer signs nothing.
pub(super) fn of_somebody(said: Vec<SignatureSaid>) -> Said {
    if said.is_empty() { Err(("nothing-signed", String::new())) } else { Ok(said) }
}

/// A signature of this XML document is over what stands outside it.
fn is_beside(said: &Said) -> bool {
    said.as_ref().is_ok_and(|said| said.iter().any(is_away))
}

fn is_away(one: &SignatureSaid) -> bool {
    one.why.as_ref().is_some_and(|(word, _)| *word == BESIDE)
}

/// What was said before the files beside were asked for, and why they could not be.
fn without(said: &Said, why: &Why) -> Said {
    let mut said = said.clone()?;
    said.iter_mut().filter(|one| is_away(one)).for_each(|one| one.why = Some(why.clone()));
    Ok(said)
}

/// The one document beside it that all signatures of a file are over, where they hold.
pub(super) fn sole_of(said: &[SignatureSaid]) -> Option<String> {
    let mut all = said.iter().flat_map(|one| &one.beside);
    let first = all.next()?;
    let holds = said.iter().all(|one| one.outcome == SignatureOutcome::Holds);
    (holds && all.all(|other| other == first)).then(|| first.clone())
}

/// What a signature in an XML document covers: all of it, or elements by their place.
fn parts(one: &SignatureSaid) -> Vec<&str> {
    let whole = |place: &str| place.rfind('/') == Some(0);
    one.covers.iter().map(|place| if whole(place) { DOCUMENT } else { place.as_str() }).collect()
}

/// Nothing is signed by it alone: it is over a document that stands elsewhere.
fn holds_nothing(one: &SignatureSaid) -> bool {
    one.why.as_ref().is_some_and(|(code, _)| *code == "nothing-signed")
}

/// It is that of a document inside this one, and covers nothing of this one.
fn is_inside(one: &SignatureSaid) -> bool {
    one.why.as_ref().is_some_and(|(code, _)| *code == "document-inside")
}

/// The digest that is signed is that of this document.
pub(super) fn fits(said: &Said) -> bool {
    let differs = |one: &SignatureSaid| {
        one.outcome == SignatureOutcome::Undecided || one.why.as_ref().is_some_and(|(code, _)| *code == "altered")
    };
    said.as_ref().is_ok_and(|said| !said.is_empty() && !said.iter().any(differs))
}

/// A signature of this name is named for a document of that one: `a.pdf` or `a.doc` of `a.p7s`, `a.pdf` of `a.pdf.p7s`.
pub(super) fn is_named_for(signature: &str, document: &str) -> bool {
    let Some((stem, _)) = signature.rsplit_once('.') else { return false };
    document == stem || document.rsplit_once('.').is_some_and(|(other, _)| other == stem)
}

/// The documents that this signature may be over, in the same container: `a.pdf` alone of `a.pdf.p7s`, else each of `a.p7s`.
pub(super) fn documents_of(signature: &Seen, all: &[Seen]) -> Vec<usize> {
    let Some((stem, _)) = signature.name.rsplit_once('.') else { return Vec::new() };
    let beside = || {
        let is = |one: &Seen| one.parent == signature.parent && one.name != signature.name;
        all.iter().enumerate().filter(move |(_, one)| is(one) && !matches!(one.reading, Reading::Cms(_)))
    };
    let exact: Vec<usize> = beside().filter(|(_, one)| one.name == stem).map(|(place, _)| place).collect();
    if let [one] = exact[..] {
        return vec![one];
    }
    beside().filter(|(_, one)| is_named_for(&signature.name, &one.name)).map(|(place, _)| place).collect()
}
