//! The policy: read whole or refused; and the table of codes, which lacks none.

use serde_json::{Value, json};
use verifier::limits::{POLICY_ANCHORS, POLICY_BYTES};
use verifier::{Policy, PolicyError};

use crate::world::world;

fn parse(json: &Value) -> Result<Policy, PolicyError> {
    Policy::parse(json.to_string().as_bytes())
}

#[test]
fn a_policy_is_read_whole_or_refused() {
    let honest = world().policy_json();
    parse(&honest).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut json = honest.clone();
        *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        parse(&json)
    };
    assert_eq!(changed("/version", json!(2)).unwrap_err().field, "version");
    for (pointer, value) in [
        ("/log", json!(null)),
        ("/log/origin", json!("")),
        ("/log/origin", json!(3)),
        ("/log/keys", json!({})),
        ("/log/keys/0/vkey", json!("x")),
        ("/log/keys/0/from", json!("hier")),
        ("/log/keys/0/until", json!("2026-02-30T00:00:00Z")),
        ("/log/keys/0/compromised", json!(1)),
        ("/tsa_roots", json!("x")),
        ("/tsa_roots/0", json!("x")),
        ("/algorithms", json!([])),
        ("/algorithms/sha256", json!("never")),
        ("/witnesses", json!([])),
    ] {
        assert!(changed(pointer, value.clone()).is_err(), "{pointer} = {value}");
    }
    let mut tenant = honest.clone();
    tenant["tenant"] = json!("personne");
    assert_eq!(parse(&tenant).unwrap_err().field, "tenant");
    tenant["tenant"] = json!(null);
    tenant["later"] = json!(1);
    parse(&tenant).unwrap();
    assert!(Policy::parse(b"{").is_err_and(|error| error.field == "policy"));
}

#[test]
fn a_key_listed_twice_is_refused() {
    let mut json = world().policy_json();
    let mut again = json["log"]["keys"][0].clone();
    again["compromised"] = json!("2020-01-01T00:00:00Z");
    json["log"]["keys"].as_array_mut().unwrap().push(again);
    assert_eq!(parse(&json).unwrap_err().field, "log.keys");
}

#[test]
fn witnesses_that_cannot_be_read_are_refused() {
    let asks = |text: &str| {
        let mut json = world().policy_json();
        json["witnesses"] = json!(text);
        parse(&json).map(|policy| policy.witnesses.is_some())
    };
    let key = watch::CosigningKey::from_seed("w.example", &[1; 32]).unwrap().cosigner_key().to_string();
    for (text, asked) in [("", false), ("quorum none\n", false), ("\t quorum  none\n", false)] {
        assert_eq!(asks(text), Ok(asked), "{text:?}");
    }
    assert_eq!(asks(&format!("witness w {key}\n  quorum w\n")), Ok(true));
    assert_eq!(asks(&format!("witness w {key}\nquorum none\n")), Ok(false));
    let unsaid = format!("witness w {key}\n");
    let unended = format!("witness w {key}\nquorum w");
    for text in [" ", "hello", "# nobody\n", &unsaid, &unended, "quorum w\n", "witness w w+00000000+AA==\nquorum w\n"] {
        assert_eq!(asks(text).unwrap_err().field, "witnesses", "{text:?}");
    }
}

#[test]
fn limits_hold_at_the_limit_and_one_past_it() {
    let honest = world().policy_json();
    let key = |seed: usize| {
        let key = proof::SigningKey::from_seed(crate::world::ORIGIN, &[seed as u8; 32]).unwrap();
        json!({"vkey": key.verifier_key().to_string()})
    };
    let with = |count: usize| {
        let mut json = honest.clone();
        json["log"]["keys"] = (0..count).map(key).collect();
        parse(&json)
    };
    assert!(with(POLICY_ANCHORS).is_ok());
    assert!(with(POLICY_ANCHORS + 1).is_err_and(|error| error.why == "65, the limit is 64"));
    let mut text = honest.to_string().into_bytes();
    text.resize(POLICY_BYTES, b' ');
    assert!(Policy::parse(&text).is_ok());
    text.push(b' ');
    assert!(Policy::parse(&text).is_err_and(|error| error.field == "policy"));
}

/// Every code the sources say stands in the table, with a finding, a status and both languages; and the table has no other.
#[test]
fn every_code_has_its_line() {
    let sources = [
        include_str!("../../src/case.rs"),
        include_str!("../../src/log.rs"),
        include_str!("../../src/messages.rs"),
        include_str!("../../src/pack.rs"),
        include_str!("../../src/receipt.rs"),
        include_str!("../../src/sealed.rs"),
        include_str!("../../../seal/src/evidence_record/fault.rs"),
        include_str!("../../../seal/src/trusted_list.rs"),
        include_str!("../../../seal/src/trusted_list/fault.rs"),
        include_str!("../../../tabellion-verify/src/container.rs"),
        include_str!("../../../tabellion-verify/src/evidence.rs"),
        include_str!("../../../tabellion-verify/src/lib.rs"),
        include_str!("../../../tabellion-verify/src/register.rs"),
        include_str!("../../../tabellion-verify/src/timestamp.rs"),
        include_str!("../../../tabellion-verify/src/vitam.rs"),
        include_str!("../../../watch/src/register.rs"),
        include_str!("../../../watch/src/register/check.rs"),
        include_str!("../../src/unit.rs"),
        include_str!("../../src/verdict.rs"),
    ]
    .concat();
    let table = include_str!("../../src/messages.txt");
    let mut codes = Vec::new();
    for line in table.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let [code, name, status, french, english] = fields[..] else { panic!("{line}") };
        assert!(sources.contains(&format!("\"{code}\"")), "{code} is never said");
        assert!(!codes.contains(&code), "{code} twice");
        codes.push(code);
        assert!(code.starts_with("says-") || verifier::NAMES.split(" ").any(|known| known == name), "{line}");
        let known = ["passed", "passed!", "failed", "indeterminate", "absent", "absent!", "recorded", "recorded!", "-"];
        assert!(known.contains(&status), "{line}");
        assert_eq!(french.contains('{'), english.contains("{}"), "{line}");
        assert!(french != english && french.ends_with('.') && english.ends_with('.'), "{line}");
        let words = format!("{french} {english}").to_lowercase();
        assert!(!words.contains("valid") && !words.contains("certifi\u{e9} nf"), "{line}");
    }
    for said in sources.split(".say(").skip(1) {
        let Some(code) = said.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
            continue;
        };
        assert!(codes.contains(&code), "{code} is not in the table");
    }
}
