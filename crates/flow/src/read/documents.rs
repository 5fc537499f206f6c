//! Signatures of the documents of a deposit: those inside a PDF or an XML document were judged when it was read; one in CMS lies beside its
//! document, named like it with `.p7s`, `.sig` or another such end added or instead, or holds what it signs. Not here: a signature in XML over a
//! document beside it, of which it is told that it cannot be judged.

use std::io;

use serde_json::Value;

use super::sealed::{Manifest, Sealed};
use super::{Deposit, is_refusal};
use crate::codes::{self, Fault};
use crate::container;
use crate::facts::{Facts, Story};
use crate::limits::MAX_LISTED;
use crate::look::{self, Reading, Seen};
use crate::model::{FlowKind, Incoming};
use crate::names;
use crate::signed::{SignatureOutcome, SignatureSaid, Why, reason};

/// What was said of the signatures of one file, or why nothing could be.
type Said = Result<Vec<SignatureSaid>, Why>;

/// The same, and the document beside it that they are over.
struct Judged {
    file: String,
    document: Option<String>,
    said: Said,
    /// It stands in an XML document, of which it may cover a part.
    of_parts: bool,
}

/// Documents of which one may be the one that a signature is over.
const CANDIDATES: usize = 8;
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
            if sealed.holds(&self.names[index]) || self.incoming_of.contains(&Some(index)) {
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
        let mut all: Vec<Judged> = Vec::new();
        for place in 0..self.seen.len() {
            let Some(seen) = self.seen.get(place) else { continue };
            match &seen.reading {
                Reading::Pdf(said) | Reading::SignedXml(said) => {
                    let of_parts = matches!(seen.reading, Reading::SignedXml(_));
                    all.push(Judged { file: seen.name.clone(), document: None, said: said.clone(), of_parts });
                }
                Reading::Cms(_) => all.extend(self.beside(place, files, sealed)),
                _ => {}
            }
        }
        if !all.is_empty() {
            self.join(&all);
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
                facts.signature_said(one, file);
                if one.added > 0 {
                    facts.faults.push(Fault::new(&codes::SIGNATURE_ADDED, file).with(one.added));
                }
                let covers = if *of_parts { parts(one) } else { vec![if one.added > 0 { REVISION } else { DOCUMENT }] };
                for part in covers.iter().filter(|part| **part != DOCUMENT && **part != REVISION) {
                    facts.faults.push(Fault::new(&codes::SIGNATURE_COVERS_OTHER, file).with(part));
                }
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
        match documents[..] {
            [] => {
                let said = self.judge.judge_cms(cms, None);
                if !said.as_ref().is_ok_and(|said| said.iter().any(holds_nothing)) {
                    return Some(Judged { file, document: None, said, of_parts: false });
                }
                if closed {
                    return Some(sealed_one(file));
                }
                self.faults.push(Fault::new(&codes::SIGNATURE_WITHOUT_DOCUMENT, file));
                None
            }
            // Over the one that is closed, as well as over this one: which is not told.
            _ if closed => Some(sealed_one(file)),
            [document] => {
                let (document, said) = (over(document), self.over(document, files, cms));
                Some(Judged { file, document, said, of_parts: false })
            }
            _ => {
                let tried: Vec<(usize, Said)> =
                    documents.iter().take(CANDIDATES).map(|one| (*one, self.over(*one, files, cms))).collect();
                let names = |all: &[usize]| all.iter().filter_map(|one| over(*one)).collect::<Vec<_>>().join(", ");
                let fits: Vec<usize> = tried.iter().filter(|(_, said)| fits(said)).map(|(one, _)| *one).collect();
                let (all, fitting) = (names(&documents), names(&fits));
                let Some(first) = fits.first().copied() else {
                    self.faults.push(Fault::new(&codes::SIGNATURE_DOCUMENT_UNSURE, file).with(all));
                    return None;
                };
                let document = over(first);
                self.faults.push(Fault::new(&codes::SIGNATURE_DOCUMENT_FOUND, &file).with(all).with(fitting));
                let said = tried.into_iter().find(|(one, _)| *one == first)?.1;
                Some(Judged { file, document, said, of_parts: false })
            }
        }
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

/// It may be over a bid, which nobody opens.
fn sealed_one(file: String) -> Judged {
    Judged { file, document: None, said: Err(("sealed", String::new())), of_parts: false }
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

/// The digest that is signed is that of this document.
fn fits(said: &Said) -> bool {
    let differs = |one: &SignatureSaid| {
        one.outcome == SignatureOutcome::Undecided || one.why.as_ref().is_some_and(|(code, _)| *code == "altered")
    };
    said.as_ref().is_ok_and(|said| !said.is_empty() && !said.iter().any(differs))
}

/// A signature of this name is named for a document of that one: `a.pdf` or `a.doc` of `a.p7s`, `a.pdf` of `a.pdf.p7s`.
fn is_named_for(signature: &str, document: &str) -> bool {
    let Some((stem, _)) = signature.rsplit_once('.') else { return false };
    document == stem || document.rsplit_once('.').is_some_and(|(other, _)| other == stem)
}

/// The documents that this signature may be over, in the same container: `a.pdf` alone of `a.pdf.p7s`, else each of `a.p7s`.
fn documents_of(signature: &Seen, all: &[Seen]) -> Vec<usize> {
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
