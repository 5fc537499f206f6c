//! Deposits told by a manifest: what is read of it, what it must say, and that nothing of its files is opened.

use flow::{Declared, Flow, Limits, Outcome};
use serde_json::{Value, json};

use crate::bench::{Kept, codes, heavy, read_into};

const ACT: &str = "034-243499019-20261120-2026_42-DE";

fn told(declared: Declared, manifest: &str, names: &[&str]) -> Flow {
    // A DOCTYPE: opened, it would be refused.
    let files: Vec<(&[u8], &[u8])> =
        names.iter().map(|name| (name.as_bytes(), b"<!DOCTYPE a><a/>".as_slice())).collect();
    read_into(&files, declared, Some(manifest.as_bytes()), &Limits::default(), &mut Kept::default())
}

fn request() -> Value {
    json!({
        "version": 1, "numero": "2026-000123", "demarche": "Cantine", "etape": "demande", "date": "2026-11-30",
        "pieces": [{"fichier": "demande.xml", "nature": "formulaire"}],
    })
}

fn publication() -> Value {
    json!({
        "version": 1, "reference": "PUB-42", "type": "publication", "date": "2026-11-30", "acte": ACT, "lieu": "site de la commune",
        "fichiers": [{"fichier": "preuve.xml", "role": "preuve"}],
    })
}

/// The same with this field so, or without it.
fn with(mut manifest: Value, field: &str, value: Value) -> String {
    match value {
        Value::Null => drop(manifest.as_object_mut().unwrap().remove(field)),
        value => manifest[field] = value,
    }
    manifest.to_string()
}

#[test]
fn a_request_is_told_by_its_manifest_and_opened_by_nobody() {
    let flow = told(Declared::Teleservice, &request().to_string(), &["demande.xml"]);
    assert_eq!((flow.outcome(), flow.kind.as_str(), codes(&flow)), (Outcome::Accepted, "teleservice", vec![]));
    assert_eq!((&flow.facts["numero_demande"], &flow.facts["demarche"]), (&json!("2026-000123"), &json!("Cantine")));
    assert_eq!(flow.facts["pieces"], json!([{"fichier": "demande.xml", "nature": "formulaire"}]));
    assert_eq!(flow.message.as_deref(), Some("demande"));
    let met: Vec<_> = flow.identifiers.iter().map(|i| (i.scheme, i.value.as_str())).collect();
    assert_eq!(met, [("teleservice-numero", "2026-000123")]);
    // What is personal and has no field is kept with the description, and is no identifier.
    let named = told(Declared::Teleservice, &with(request(), "demandeur", json!("Dupond")), &["demande.xml"]);
    assert_eq!((codes(&named), named.identifiers.len()), (vec!["manifest-unknown"], 1));
    assert_eq!(named.facts["description"]["demandeur"], "Dupond");
    assert!(named.facts.get("demandeur").is_none());
}

#[test]
fn a_manifest_of_a_kind_that_is_not_declared_is_said_not_to_be_read() {
    let procedure = json!({"version": 1, "acheteur": "21990001500017", "consultation": "c", "etape": "rapport", "date": "2026-11-30",
        "fichiers": [{"fichier": "rapport.txt", "role": "rapport"}]});
    for (manifest, word) in [(request(), "teleservice"), (publication(), "dossier"), (procedure, "marches")] {
        let files: [(&[u8], &[u8]); 1] = [(b"rapport.txt", b"texte")];
        let description = manifest.to_string();
        let read = |declared| {
            read_into(&files, declared, Some(description.as_bytes()), &Limits::default(), &mut Kept::default())
        };
        let flow = read(Declared::Auto);
        assert_eq!(
            (flow.outcome(), codes(&flow)),
            (Outcome::AcceptedWithWarnings, vec!["manifest-not-read"]),
            "{word}"
        );
        assert!(flow.findings[0].remedy_fr.contains(&format!("--kind {word} ")), "{:?}", flow.findings);
        // Declared as mere files it is what the submitter chose.
        assert_eq!(codes(&read(Declared::File)), Vec::<&str>::new(), "{word}");
    }
    // A description of another form is a description.
    let plain = json!({"version": 1, "reference": "x", "titre": "y"}).to_string();
    assert_eq!(codes(&told(Declared::File, &plain, &["a.txt"])), Vec::<&str>::new());
    let files: [(&[u8], &[u8]); 1] = [(b"a.txt", b"texte")];
    let flow = read_into(&files, Declared::Auto, Some(plain.as_bytes()), &Limits::default(), &mut Kept::default());
    assert_eq!(codes(&flow), Vec::<&str>::new());
}

#[test]
fn a_publication_joins_the_story_of_its_act() {
    let flow = told(Declared::Dossier, &publication().to_string(), &["preuve.xml"]);
    assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Accepted, vec![]));
    assert_eq!((&flow.facts["id_acte"], &flow.facts["lieu"]), (&json!(ACT), &json!("site de la commune")));
    let met: Vec<_> = flow.identifiers.iter().map(|i| (i.scheme, i.value.as_str())).collect();
    assert_eq!(met, [("acte-id", ACT), ("dossier-reference", "PUB-42")]);
    let minutes = with(publication(), "type", json!("proces-verbal"));
    assert_eq!(told(Declared::Dossier, &minutes, &["preuve.xml"]).identifiers.len(), 2);
    for (field, value, code) in [("acte", Value::Null, "manifest-missing"), ("acte", json!("x"), "actes-id-malformed")]
    {
        let flow = told(Declared::Dossier, &with(publication(), field, value), &["preuve.xml"]);
        assert_eq!((heavy(&flow), flow.facts.get("id_acte")), (vec![code], None));
    }
}

#[test]
fn a_publication_without_place_proof_or_possible_day_is_kept_and_said() {
    let of = |manifest: &str, names: &[&str]| {
        let flow = told(Declared::Dossier, manifest, names);
        assert_ne!(flow.outcome(), Outcome::Refused, "{:?}", codes(&flow));
        let codes: Vec<_> = codes(&flow).into_iter().filter(|code| code.starts_with("publication-")).collect();
        (codes, flow.facts.get("preuve").cloned())
    };
    let (none, proof) = (Vec::<&str>::new(), Some(json!("preuve.xml")));
    assert_eq!(of(&publication().to_string(), &["preuve.xml"]), (none.clone(), proof.clone()));
    assert_eq!(of(&with(publication(), "lieu", Value::Null), &["preuve.xml"]).0, ["publication-no-place"]);
    for (files, names) in [
        (json!([]), ["preuve.xml"]),
        (json!([{"fichier": "preuve.xml", "role": "acte"}]), ["preuve.xml"]),
        (json!([{"fichier": "preuve.xml", "role": "preuve"}]), ["autre.xml"]),
    ] {
        assert_eq!(of(&with(publication(), "fichiers", files), &names), (vec!["publication-no-proof"], None));
    }
    let refused = told(Declared::Dossier, &with(publication(), "date", json!("2026-02-30")), &["preuve.xml"]);
    assert_eq!(heavy(&refused), ["manifest-date"]);
    let on = |day: &str| of(&with(publication(), "date", json!(day)), &["preuve.xml"]).0;
    assert_eq!((on("2026-11-19"), on("2026-11-20")), (vec!["publication-before-act"], none.clone()));
    // An empty file proves nothing.
    let files: [(&[u8], &[u8]); 1] = [(b"preuve.xml", b"")];
    let manifest = publication().to_string();
    let empty =
        read_into(&files, Declared::Dossier, Some(manifest.as_bytes()), &Limits::default(), &mut Kept::default());
    assert_eq!(codes(&empty), ["file-empty", "publication-no-proof"]);
    // Of minutes nothing is asked.
    let minutes = json!({"version": 1, "reference": "r", "type": "proces-verbal", "date": "1900-01-01", "acte": ACT, "fichiers": []});
    assert_eq!(of(&minutes.to_string(), &["preuve.xml"]), (none, None));
}

#[test]
fn a_publication_is_not_later_than_its_deposit_anywhere() {
    let on = |day: &str, deposited: &str| {
        let mut flow = told(Declared::Dossier, &with(publication(), "date", json!(day)), &["preuve.xml"]);
        flow.deposited_on(deposited);
        assert_eq!(flow::publication_lacks(&json!(flow.facts), deposited).len(), flow.findings.len());
        codes(&flow)
    };
    for (day, deposited) in [("2026-11-30", "2026-11-30"), ("2026-12-01", "2026-11-30"), ("2026-11-30", "2027-01-01")] {
        assert_eq!(on(day, deposited), Vec::<&str>::new(), "{day} {deposited}");
    }
    assert_eq!(on("2026-12-02", "2026-11-30"), ["publication-after-deposit"]);
    let mut request = told(Declared::Teleservice, &request().to_string(), &["demande.xml"]);
    request.deposited_on("2020-01-01");
    assert!(request.findings.is_empty());
}

#[test]
fn what_a_manifest_must_say_and_does_not_is_refused() {
    for (field, value, code) in [
        ("version", Value::Null, "manifest-missing"),
        ("version", json!(2), "manifest-version"),
        ("numero", Value::Null, "manifest-missing"),
        ("numero", json!(" "), "manifest-field"),
        ("numero", json!(7), "manifest-field"),
        ("demarche", Value::Null, "manifest-missing"),
        ("etape", Value::Null, "manifest-missing"),
        ("etape", json!("refus"), "manifest-word"),
        ("date", Value::Null, "manifest-missing"),
        ("date", json!("30/11/2026"), "manifest-date"),
        ("date", json!("2026-13-01"), "manifest-date"),
        ("date", json!("2026-01-32"), "manifest-date"),
        ("date", json!("2026-02-30"), "manifest-date"),
        ("pieces", Value::Null, "manifest-missing"),
        ("pieces", json!("demande.xml"), "manifest-field"),
        ("pieces", json!([{"nature": "formulaire"}]), "manifest-missing"),
    ] {
        let flow = told(Declared::Teleservice, &with(request(), field, value.clone()), &["demande.xml"]);
        assert!(
            flow.outcome() == Outcome::Refused && codes(&flow).contains(&code),
            "{field} {value}: {:?}",
            codes(&flow)
        );
    }
    let files: [(&[u8], &[u8]); 1] = [(b"demande.xml", b"x")];
    let none = read_into(&files, Declared::Dossier, None, &Limits::default(), &mut Kept::default());
    assert_eq!(codes(&none), ["manifest-absent"]);
    let broken = told(Declared::Dossier, "{", &["preuve.xml"]);
    assert_eq!(codes(&broken), ["description-malformed"]);
}

#[test]
fn files_and_manifest_are_held_against_each_other() {
    let flow = told(Declared::Teleservice, &request().to_string(), &["demande.xml", "autre.txt"]);
    assert_eq!(codes(&flow), ["manifest-file-not-listed"]);
    let flow = told(Declared::Teleservice, &request().to_string(), &["autre.txt"]);
    assert_eq!(codes(&flow), ["manifest-file-absent", "manifest-file-not-listed"]);
    assert_eq!(flow.outcome(), Outcome::AcceptedWithWarnings);
}

#[test]
fn the_steps_of_a_procedure_meet_by_buyer_and_consultation() {
    let manifest = json!({
        "version": 1, "acheteur": "21990001500017", "consultation": "2026-VOIRIE-3", "etape": "plis", "date": "2026-11-30", "lot": "2",
        "fichiers": [{"fichier": "pli.bin", "role": "pli"}],
    });
    let flow = told(Declared::Marches, &manifest.to_string(), &["pli.bin"]);
    assert_eq!((flow.outcome(), flow.kind.as_str(), codes(&flow)), (Outcome::Accepted, "marches", vec![]));
    assert_eq!((&flow.facts["procedure"], &flow.facts["lot"]), (&json!("21990001500017/2026-VOIRIE-3"), &json!("2")));
    let met: Vec<_> = flow.identifiers.iter().map(|i| (i.scheme, i.value.as_str())).collect();
    assert_eq!(met, [("marche-procedure", "21990001500017/2026-VOIRIE-3")]);
    for buyer in ["2199000150001", "2199000150001X"] {
        let flow = told(Declared::Marches, &with(manifest.clone(), "acheteur", json!(buyer)), &["pli.bin"]);
        assert_eq!((codes(&flow), flow.identifiers.len()), (vec!["manifest-field"], 0));
    }
}

#[test]
fn a_file_that_is_named_more_often_than_it_is_there_is_said() {
    let pieces = |names: &[&str]| {
        let one = |name: &&str| json!({"fichier": name, "nature": "justificatif"});
        with(request(), "pieces", names.iter().map(one).collect())
    };
    let said = |named: &[&str], there: &[&str]| {
        let flow = told(Declared::Teleservice, &pieces(named), there);
        let twice = flow.findings.iter().filter(|finding| finding.code == "manifest-file-twice");
        twice.map(|finding| finding.place.clone()).collect::<Vec<_>>()
    };
    assert_eq!(said(&["a.pdf", "b.pdf", "a.pdf"], &["a.pdf", "b.pdf"]), ["description: /pieces/2"]);
    // Two files of one name, each named.
    assert_eq!(said(&["a.pdf", "a.pdf"], &["a.pdf", "a.pdf"]), Vec::<String>::new());
    assert_eq!(said(&["a.pdf", "a.pdf"], &["un/a.pdf", "deux/a.pdf"]), Vec::<String>::new());
    // One that is not there at all is said to be that.
    let absent = told(Declared::Teleservice, &pieces(&["a.pdf", "c.pdf", "c.pdf"]), &["a.pdf"]);
    let said: Vec<_> = codes(&absent).into_iter().filter(|code| code.starts_with("manifest-")).collect();
    assert_eq!(said, ["manifest-file-absent", "manifest-file-absent"]);
}
