//! The conformance vectors: made again they are the same bytes, and the product says of each what it must.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::vectors::{self, judge::judge};

const FAMILIES: [&str; 6] = ["entry", "tlog-proof", "cosignature", "witness", "register", "pack"];

fn found(folder: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(found(&path)) } else { all.extend([path]) }
    }
    all
}

#[test]
fn written_again_they_are_the_same_bytes() {
    let folder = vectors::folder();
    let made = vectors::all(&folder).unwrap();
    for (name, bytes) in &made {
        let kept = std::fs::read(folder.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(kept == *bytes, "{name} is made otherwise now: a format has changed, or `vectors` was not run");
    }
    // Nothing stands there that nobody makes: the page, and what an authority made.
    let tokens = ["pack/authority.pem", "pack/token.tst", "pack/token-of-another-batch.tst", "register/policy.json"];
    let registers = ["good", "other-tenant", "older"].map(|name| format!("register/{name}.register"));
    let kept = tokens.into_iter().chain(registers.iter().map(String::as_str)).chain(["README.md"]);
    let known: BTreeSet<PathBuf> = made.keys().map(String::as_str).chain(kept).map(|name| folder.join(name)).collect();
    assert_eq!(found(&folder), known);
}

#[test]
fn the_product_says_of_each_what_it_must() {
    let folder = vectors::folder();
    let mut wrong = Vec::new();
    for family in FAMILIES {
        let all = vectors::read(&folder, family).unwrap();
        let (mut valid, mut refused) = (0, 0);
        for vector in &all {
            let said =
                judge(&folder, family, vector).unwrap_or_else(|why| panic!("{family} {}: {why}", vector["name"]));
            if said != vector["expected"] {
                wrong.push(format!("{family} {}: expected {}, said {said}", vector["name"], vector["expected"]));
            }
            *(if vector["fault"].is_null() { &mut valid } else { &mut refused }) += 1;
        }
        println!("vectors: {family}: {valid} to be accepted, {refused} refused for one fault each");
        assert!(valid >= 3 && refused >= 5, "{family}: {valid} and {refused}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_has_a_name_and_each_refusal_its_fault_and_code() {
    for family in FAMILIES {
        let mut names = BTreeSet::new();
        for vector in vectors::read(&vectors::folder(), family).unwrap() {
            let name = vector["name"].as_str().unwrap().to_owned();
            let expected = &vector["expected"];
            assert_eq!(vector["fault"].is_null(), expected["code"].is_null(), "{family} {name}");
            assert_eq!(vector["fault"].is_null(), expected["verdict"] == "valid", "{family} {name}");
            assert!(names.insert(name.clone()), "{family}: {name} twice");
        }
    }
}

/// A judge that is never wrong because it never looks would be found here.
#[test]
fn a_vector_that_expects_something_else_is_found() {
    let folder = vectors::folder();
    for family in FAMILIES {
        let all = vectors::read(&folder, family).unwrap();
        let refused: &Value = all.iter().find(|vector| !vector["fault"].is_null()).unwrap();
        let accepted: &Value = all.iter().find(|vector| vector["fault"].is_null()).unwrap();
        assert_ne!(judge(&folder, family, refused).unwrap(), accepted["expected"], "{family}");
        assert_ne!(judge(&folder, family, accepted).unwrap(), refused["expected"], "{family}");
    }
}
