//! Signatures that a message or an envelope of ACTES gives of the files that it names: each is judged over the file of that name, and says so; in
//! XML, over whatever it refers to, and says where that is not the file it is given for.

use std::collections::HashMap;

use super::Deposit;
use super::again::{ENDED, GONE, Said};
use super::documents::{Judged, of_somebody, sole_of};
use super::sealed::Sealed;
use crate::actes::signatures::{Given, Held, Names, Signatures};
use crate::codes::{self, Fault};
use crate::look::Reading;
use crate::model::Incoming;
use crate::signed::{SignatureOutcome, SignatureSaid, Why};
use crate::xml::within;

impl Deposit<'_> {
    /// What is said of all signatures of this document of ACTES.
    pub(super) fn given(&mut self, place: usize, files: &mut [Incoming<'_>], sealed: &Sealed) -> Vec<Judged> {
        let Some(message) = self.seen.get(place) else { return Vec::new() };
        let Reading::Actes(document, _) = &message.reading else { return Vec::new() };
        let (signatures, mut all, mut faults) = (document.signatures(), Vec::new(), Vec::new());
        if signatures.in_xml {
            let said = self.over_beside(place, files, sealed);
            faults = self.not_of_their_files(place, signatures, &said);
            let document = said.as_ref().ok().and_then(|said| sole_of(said));
            all.push(Judged { file: message.name.clone(), document, said, of_parts: true });
        }
        all.extend(self.given_in_cms(place, signatures, files));
        if signatures.beyond {
            let why = Err(("too-much", String::new()));
            all.push(Judged { file: message.name.clone(), document: None, said: why, of_parts: true });
        }
        self.faults.extend(faults);
        all
    }

    /// Those of CMS, each over its file: the files of one container are read together, each as often as signatures are given of it.
    fn given_in_cms(&self, message: usize, signatures: &Signatures, files: &mut [Incoming<'_>]) -> Vec<Judged> {
        let (mut all, mut pending) = (Vec::new(), Vec::new());
        for (rank, given) in signatures.given.iter().enumerate() {
            match (&given.held, self.file_of(message, given)) {
                (Held::Xml, _) => {}
                (Held::Unread, _) => {
                    all.push((rank, self.judged(message, given, None, Err(("unsupported", String::new())))));
                }
                (Held::Cms(cms), Ok(document)) => pending.push((document, rank, given, cms)),
                (Held::Cms(_), Err(why)) => all.push((rank, self.judged(message, given, None, Err(why)))),
            }
        }
        while let Some(container) = pending.first().and_then(|(document, ..)| Some(self.seen.get(*document)?.parent)) {
            let mut documents = Vec::new();
            let (now, later): (Vec<_>, Vec<_>) = pending.into_iter().partition(|(document, ..)| {
                let once = self.seen.get(*document).is_some_and(|one| one.parent == container)
                    && !documents.contains(document);
                documents.extend(once.then_some(*document));
                once
            });
            let mut said: HashMap<usize, Said> = HashMap::new();
            let ended = self.again(&documents, files, &mut |document, reader| {
                let cms = now.iter().find(|(of, ..)| *of == document).map(|(.., cms)| cms.as_slice());
                said.insert(document, self.judge.judge_cms(cms.unwrap_or_default(), Some(reader)));
            });
            for (document, rank, given, _) in now {
                let none = if ended { ENDED } else { GONE };
                let said = said.remove(&document).unwrap_or(Err(none)).and_then(of_somebody);
                all.push((rank, self.judged(message, given, Some(document), said)));
            }
            pending = later;
        }
        all.sort_by_key(|(rank, _)| *rank);
        all.into_iter().map(|(_, one)| one).collect()
    }

    /// The same, told where the message gives it; what could not be looked at is a signature that could not be checked.
    fn judged(&self, message: usize, given: &Given, document: Option<usize>, said: Said) -> Judged {
        let document = document.and_then(|document| self.seen.get(document)).map(|seen| seen.name.clone());
        let mut said = said.unwrap_or_else(|why| vec![unchecked(why)]);
        for one in &mut said {
            one.place.clone_from(&given.place);
            one.covers.clear();
            let holds = one.outcome == SignatureOutcome::Holds;
            one.beside = document.iter().filter(|_| holds).cloned().collect();
        }
        let file = self.seen.get(message).map(|seen| seen.name.clone()).unwrap_or_default();
        Judged { file, document, said: Ok(said), of_parts: true }
    }

    /// The one file that this signature is given for.
    fn file_of(&self, message: usize, given: &Given) -> Result<usize, Why> {
        let about = |word: &'static str| (word, given.file.chars().take(200).collect::<String>());
        let names = self.announced.get_or_init(|| Names::of(&self.seen));
        match names.announced(message, &given.file, &self.seen)[..] {
            [document] => Ok(document),
            [] => Err(about("document-not-beside")),
            _ => Err(about("document-unnamed")),
        }
    }

    /// The file of a message that a reference without a name is over: where one signature in XML is given alone, the file it is given for.
    pub(super) fn given_alone(&self, message: usize, signatures: &Signatures) -> Result<usize, Why> {
        let mut in_xml = signatures.given.iter().filter(|given| given.held == Held::Xml);
        match (in_xml.next(), in_xml.next()) {
            (Some(given), None) => self.file_of(message, given),
            _ => Err(("document-unnamed", String::new())),
        }
    }

    /// Those in XML that hold, and are over something else than the file for which the message gives them.
    fn not_of_their_files(&self, message: usize, signatures: &Signatures, said: &Said) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (Some(seen), Ok(said)) = (self.seen.get(message), said) else { return faults };
        for given in signatures.given.iter().filter(|given| given.held == Held::Xml) {
            let document = self.file_of(message, given).ok().and_then(|document| self.seen.get(document));
            let name = document.map_or(given.file.as_str(), |seen| seen.name.as_str());
            let inside = |one: &&SignatureSaid| {
                one.place.strip_prefix(&given.place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let other = |one: &&SignatureSaid| {
                one.outcome == SignatureOutcome::Holds && !one.beside.iter().any(|covered| covered == name)
            };
            for one in said.iter().filter(inside).filter(other) {
                let here = within(&seen.name, &one.place);
                faults.push(Fault::new(&codes::SIGNATURE_NOT_OF_ITS_FILE, here).with(name));
            }
        }
        faults
    }
}

fn unchecked(why: Why) -> SignatureSaid {
    SignatureSaid {
        place: String::new(),
        covers: Vec::new(),
        beside: Vec::new(),
        outcome: SignatureOutcome::Undecided,
        why: Some(why),
        signer: None,
        signing_time: None,
        weak: Vec::new(),
        added: 0,
    }
}
