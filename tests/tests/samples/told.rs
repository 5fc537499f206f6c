//! What is read of a deposit, told to people: every fact under a caption in both languages, no raw name, no JSON.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::io::{self, Read};

use flow::{Declared, Flow, Incoming, Language, Limits, NoMembers, explain};
use tests::samples::{
    Accounting, BUYER, Envelope, Exchange, MESSAGES, NamedFile, Procurement, SampleFault, Transfer, document,
};

use crate::read;

fn declared(files: &[NamedFile], declared: Declared, manifest: &str) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| move || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) })
        .collect();
    let incoming = files.iter().zip(&mut opens);
    let mut incoming: Vec<Incoming<'_>> = incoming
        .map(|((name, bytes), open)| Incoming {
            name: name.as_bytes(),
            media_type: None,
            size: bytes.len() as u64,
            open,
        })
        .collect();
    let judge = (&Limits::default(), &flow::NoJudge as &dyn flow::SignatureJudge);
    flow::read(&mut incoming, declared, Some(manifest.as_bytes()), &mut NoMembers, judge)
}

fn transfer() -> Flow {
    let transfer = Transfer::new("2.1", 3, 2, 16);
    let bordereau = transfer.bordereau();
    let mut archive = Vec::new();
    transfer.archive(&bordereau).read_to_end(&mut archive).unwrap();
    read(&[("versement.tar".to_owned(), archive)])
}

/// A deposit of each kind, faults among them.
fn flows() -> Vec<Flow> {
    let sample = Envelope::new(1);
    let mut act = sample.loose_files();
    act.push((sample.acknowledgement_name(), sample.acknowledgement()));
    let mut flows = vec![read(&[(sample.archive_name(), sample.archive())]), read(&act), transfer()];
    flows.extend(MESSAGES.map(|(code, ..)| read(&[Exchange::new(3, code).tar_gz()])));
    let several: Vec<NamedFile> = MESSAGES.iter().map(|(code, ..)| Exchange::new(3, code).zip()).collect();
    flows.push(read(&several));
    flows.extend(SampleFault::OF_ARCHIVE.map(|fault| {
        let sample = Envelope::new(2).with_fault(fault);
        read(&[(sample.archive_name(), sample.archive())])
    }));
    let sent = |seed| (Accounting::new(seed).name(), Accounting::new(seed).sent());
    for whole in [true, false] {
        let acknowledged = ("ACQUIT.xml".to_owned(), Accounting::new(1).acknowledged(whole));
        flows.push(read(&[sent(1), acknowledged.clone()]));
        flows.push(read(&[sent(1), sent(2), acknowledged.clone()]));
        flows.push(read(&[acknowledged]));
    }
    let one = Procurement::new(1);
    let all = document(&[one.contract(), one.modified(&[(1, 12_000.5)])], &[one.concession()]);
    let decp = ("decp.json".to_owned(), all.to_string().into_bytes());
    flows.push(read(std::slice::from_ref(&decp)));
    let step = format!(
        r#"{{"version": 1, "acheteur": "{BUYER}", "consultation": "c", "etape": "attribution", "date": "2026-11-30", "lot": "2",
        "marche": "{}", "objet": "Voirie", "fichiers": [{{"fichier": "decp.json", "role": "avis"}}]}}"#,
        one.id()
    );
    flows.push(declared(&[decp], Declared::Marches, &step));
    let page = include_str!("../../../docs/formats/manifests.md");
    let manifests = page.split("```json\n").skip(1).map(|part| part.split("```").next().unwrap());
    for (manifest, kind) in manifests.zip([Declared::Teleservice, Declared::Dossier, Declared::Marches]) {
        flows.push(declared(&[("demande.pdf".to_owned(), b"%PDF-1.4".to_vec())], kind, manifest));
    }
    flows
}

/// The lines of facts, those of the submitter's own words apart.
fn of_facts(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let mut own = false;
    for line in text.lines().skip(1).take_while(|line| line.starts_with(' ')) {
        own =
            if line.starts_with("   ") { own } else { line.trim() == "Description :" || line.trim() == "Description:" };
        if !own {
            lines.push(line);
        }
    }
    lines
}

#[test]
fn every_fact_of_every_kind_is_told_under_a_caption() {
    let mut kinds = std::collections::BTreeSet::new();
    for flow in flows() {
        kinds.insert(flow.kind.as_str());
        for (language, colon) in [(Language::Fr, " : "), (Language::En, ": ")] {
            let text = explain::to_text(&flow, language);
            let lines = of_facts(&text);
            assert!(lines.len() > 1, "{text}");
            for line in lines {
                let said = line.trim_start().trim_start_matches("- ");
                let captions = said.split(" · ").filter_map(|part| part.split_once(colon).map(|(caption, _)| caption));
                for caption in captions.chain(said.strip_suffix(colon.trim_end())) {
                    let first = caption.chars().next();
                    assert!(first.is_some_and(char::is_uppercase), "{caption:?} in {line:?} of\n{text}");
                }
                assert!(!line.contains(['{', '[', '"']), "{line}");
            }
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["actes", "dossier", "marches", "pes", "seda", "teleservice"]);
}

#[test]
fn what_an_archivist_looks_for_is_told_in_french() {
    let sample = Envelope::new(1);
    let mut act = sample.loose_files();
    act.push((sample.acknowledgement_name(), sample.acknowledgement()));
    let text = explain::to_text(&read(&act), Language::Fr);
    for part in [
        "Ce que c'est : échange avec la préfecture (ACTES) : transmission",
        "Objet : ",
        "Reçu par la préfecture le : 28/",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let refused = ("ACQUIT.xml".to_owned(), Accounting::new(1).acknowledged(false));
    let text =
        explain::to_text(&read(&[(Accounting::new(1).name(), Accounting::new(1).sent()), refused]), Language::Fr);
    for part in
        ["Montant hors taxes annoncé : 123,45 €", "Budget : COMMUNE D'ESSAI", "  Bordereaux :\n    - ", "que faire : "]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
