//! The twenty-one messages of ACTES: each is read as what it is, whichever way it travels, and each single fault gives its own code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use flow::{Flow, Outcome};
use tests::samples::{Exchange, ExchangeFault, MESSAGES, NamedFile};

use crate::{heavy, read};

/// In an archive of either form, or loose.
fn forms(exchange: &Exchange) -> [Vec<NamedFile>; 3] {
    [vec![exchange.tar_gz()], vec![exchange.zip()], exchange.files()]
}

fn codes(flow: &Flow) -> BTreeSet<&'static str> {
    flow.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_message_is_read_as_what_it_is_in_both_encodings_and_every_form() {
    for (code, _, from_prefecture) in MESSAGES {
        for exchange in [Exchange::new(3, code), Exchange::new(3, code).in_utf8()] {
            for files in forms(&exchange) {
                let flow = read(&files);
                let told = format!("{code} {}: {:?}", files[0].0, flow.findings);
                assert_eq!((flow.kind.as_str(), flow.outcome()), ("actes", Outcome::Accepted), "{told}");
                assert_eq!((flow.message.as_deref(), &flow.facts["message"]), (Some(code), &code.into()), "{told}");
                assert!(flow.facts["transmission"].as_str().is_some_and(|label| !label.is_empty()), "{told}");
                let about_an_act = !code.starts_with('7');
                assert_eq!(flow.facts.get("id_acte").is_some(), about_an_act, "{told}");
                if about_an_act {
                    assert_eq!(flow.facts["id_acte"], exchange.act_id(), "{told}");
                    let by = if from_prefecture && code != "1-3" { "id-acte" } else { "nom-fichier" };
                    assert_eq!(flow.facts["id_acte_by"], by, "{told}");
                }
                if code == "1-1" {
                    assert_eq!(flow.facts["objet"], tests::samples::Envelope::new(3).subject, "{told}");
                }
                let way = if from_prefecture { "vers-collectivite" } else { "vers-prefecture" };
                if files[0].0.starts_with("TST-") {
                    assert_eq!(flow.facts["enveloppe"]["sens"], way, "{told}");
                    assert_eq!((flow.files[0].role, flow.files[1].role), ("archive", "enveloppe"), "{told}");
                }
                let expected = if code == "1-1" || !about_an_act { &[][..] } else { &["actes-act-elsewhere"] };
                let mut expected: BTreeSet<&str> = expected.iter().copied().collect();
                expected.extend((code == "1-3").then_some("actes-anomaly"));
                assert_eq!(codes(&flow), expected, "{told}");
            }
        }
    }
}

#[test]
fn each_single_fault_of_a_message_gives_its_own_code_and_no_other() {
    let mut faulty = BTreeSet::new();
    for (code, _, _) in MESSAGES {
        for fault in ExchangeFault::ALL.into_iter().filter(|fault| fault.is_of(code)) {
            faulty.insert(code);
            for exchange in [Exchange::new(4, code), Exchange::new(4, code).in_utf8()] {
                let exchange = exchange.with_fault(fault);
                for files in [vec![exchange.tar_gz()], vec![exchange.zip()]] {
                    let flow = read(&files);
                    let mut found = heavy(&flow);
                    let told = format!("{code} {fault:?} {}: {:?}", files[0].0, flow.findings);
                    found.dedup();
                    assert_eq!(found, [fault.code()], "{told}");
                    let refused = fault == ExchangeFault::Doctype;
                    assert_eq!(flow.outcome() == Outcome::Refused, refused, "{told}");
                }
            }
        }
    }
    assert_eq!(faulty.len(), 21);
}

/// The published schema, where the folder of real files has it.
fn schema() -> Option<PathBuf> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/actes/xsd/actesv1_1.xsd");
    if !schema.is_file() {
        println!("skipped: no schema at {}", schema.display());
        return None;
    }
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed: nobody says that the samples follow the schema");
        return None;
    }
    Some(schema)
}

#[test]
fn every_message_and_envelope_follows_the_published_schema() {
    let Some(schema) = schema() else { return };
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (mut whole, mut faulty) = (Vec::new(), Vec::new());
    for (code, _, _) in MESSAGES {
        for exchange in [Exchange::new(3, code), Exchange::new(3, code).in_utf8()] {
            whole.push(write(&format!("{}-{code}.xml", whole.len()), &exchange.message()));
            whole.push(write(&format!("{}-{code}-e.xml", whole.len()), &exchange.envelope()));
        }
        if ExchangeFault::DateMalformed.is_of(code) {
            let fault = Exchange::new(3, code).with_fault(ExchangeFault::DateMalformed);
            faulty.push(write(&format!("{code}-faulty.xml"), &fault.message()));
        }
    }
    let judged = |paths: &[PathBuf]| {
        let output = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(&schema).args(paths).output();
        String::from_utf8_lossy(&output.unwrap().stderr).into_owned()
    };
    let said = judged(&whole);
    assert_eq!(said.lines().filter(|line| line.ends_with(" validates")).count(), whole.len(), "{said}");
    let said = judged(&faulty);
    assert_eq!(said.lines().filter(|line| line.ends_with(" fails to validate")).count(), faulty.len(), "{said}");
}

#[test]
fn an_act_is_held_against_the_classification_that_comes_along_when_it_was_in_force() {
    let act = Exchange::new(0, "1-1");
    let with = |given: &[Exchange]| {
        let mut files = act.files();
        files.extend(
            given.iter().map(|one| (one.name().replace("_0", &format!("_{}", one.message().len())), one.message())),
        );
        read(&files)
    };
    let since = |date, matter| Exchange::new(0, "7-2").classifying(date, matter);
    let flow = with(&[since("2019-01-01", "1")]);
    assert_eq!(heavy(&flow), Vec::<&str>::new(), "{:?}", flow.findings);
    assert_eq!(flow.facts["matieres_libelles"], serde_json::json!(["Commande publique", "Marchés publics"]));
    assert_eq!(flow.facts["classification_reference"], serde_json::json!({"date": "2019-01-01"}));
    assert_eq!(flow.facts["classification_fournie"]["nombre_matieres"], 3);
    let flow = with(&[since("2019-01-01", "11")]);
    assert_eq!(heavy(&flow), ["actes-matter-unknown"]);
    assert!(!flow.facts.contains_key("matieres_libelles"));
    // Neither one that came after the act, nor the one before the last.
    let flow = with(&[since("2019-06-01", "111")]);
    assert!(heavy(&flow).is_empty() && !flow.facts.contains_key("classification_reference"), "{:?}", flow.findings);
    let flow = with(&[since("2019-06-01", "111"), since("2018-01-01", "11"), since("2019-05-23", "1")]);
    assert_eq!(heavy(&flow), Vec::<&str>::new());
    assert_eq!(flow.facts["classification_reference"]["date"], "2019-05-23");
    assert!(codes(&flow).contains("actes-classification-other"), "the act says it follows that of 1 January");
}
