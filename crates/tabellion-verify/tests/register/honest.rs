//! Honest registers, and each single fault of one.

use super::faults::{Good, faults};
use super::log::{AT, Log, NOON, tenant};
use super::{Desk, Said};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// A log with two seals and entries after them, and registers from it.
fn good() -> (Log, Good) {
    let mut log = Log::new();
    log.deposit(12);
    log.seal();
    log.deposit(1);
    let older = log.register(tenant(1));
    log.deposit(30);
    log.seal();
    log.deposit(2);
    let good = Good { register: log.register(tenant(1)), other: log.register(tenant(2)), older };
    (log, good)
}

#[test]
fn a_register_is_complete_up_to_its_seal_and_says_which() {
    let (log, good) = good();
    let desk = Desk::of(&log);
    let said = desk.judged(&good.register, &[]);
    assert_eq!((said.code, said.verdict()), (0, ("PASSED-TIMESTAMPED", "")), "{:#}", said.json);
    assert_eq!(said.place("register-complete"), Some(("", "passed")));
    assert_eq!(said.place("entries-later"), Some(("later", "recorded")));
    let message = |said: &Said, code: &str| {
        let findings = said.json["findings"].as_array().unwrap().clone();
        findings.iter().find(|line| line["code"] == code).unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert!(message(&said, "register-as-of").contains("1 / 173 / 182 / 1"), "{}", message(&said, "register-as-of"));
    assert!(said.json["sentences"][0].as_str().unwrap().contains("Rien ne manque"), "{}", said.json["sentences"]);
    assert_eq!(said.json["time"]["not_after"], "2026-11-23T12:02:01.000Z");
    // An older register is not the latest, and does not say it is.
    let older = desk.judged(&good.older, &[]);
    assert_eq!(older.verdict(), ("PASSED-TIMESTAMPED", ""));
    assert!(message(&older, "register-as-of").contains("0 / 48 / 53 / 1"), "{}", message(&older, "register-as-of"));
    // What is listed after the seal is a reservation under --strict.
    assert_eq!(desk.judged(&good.register, &["--strict"]).code, 4);
    assert_eq!(desk.judged(&good.other, &[]).verdict().0, "PASSED-TIMESTAMPED");
}

#[test]
fn policy_and_moment_matter_as_for_packs() {
    let (log, good) = good();
    let desk = Desk::of(&log);
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut policy = log.policy();
        change(&mut policy);
        desk.put("other.json", policy.to_string().as_bytes());
        desk.put("r.register", good.register.as_bytes());
        let fixed = ["register", "r.register", "--policy", "other.json", "--format", "json", "--at", AT];
        let (code, out) = desk.run(&fixed);
        Said { code, json: serde_json::from_str(&out).unwrap() }
    };
    assert_eq!(with(&|p| p["tsa_roots"] = json!([])).verdict(), ("INDETERMINATE", "no-tsa-root"));
    assert_eq!(with(&|p| p["log"]["origin"] = json!("autre")).code, 6);
    assert_eq!(with(&|p| p["tenant"] = json!(tenant(2).to_string())).code, 6);
    assert_eq!(with(&|p| p["log"]["keys"] = json!([])).verdict(), ("INDETERMINATE", "no-trust-anchor"));
    // No token is over the head: a key that was ever stolen may have signed it yesterday.
    let stolen = |p: &mut serde_json::Value| p["log"]["keys"][0]["compromised"] = json!("2026-12-31T00:00:00Z");
    assert_eq!(with(&stolen).verdict(), ("INDETERMINATE", "log-key-compromised"));
    let retired = |p: &mut serde_json::Value| p["log"]["keys"][0]["until"] = json!("2026-11-24T00:00:00Z");
    assert_eq!(with(&retired).verdict(), ("INDETERMINATE", "log-key-ended"));
    let (code, _) = desk.run(&["register", "r.register"]);
    assert_eq!(code, 3, "without a policy nothing is told");
}

#[test]
fn a_renewed_register_is_judged_after_its_first_authority_ended() {
    const YEAR: u64 = 31_557_600_000;
    let mut log = Log::new();
    log.deposit(5);
    log.seal();
    let before = log.register(tenant(1));
    let newer = log.renew(NOON + 9 * YEAR);
    let after = log.register(tenant(1));
    let desk = Desk::of(&log);
    let mut policy = log.policy();
    policy["tsa_roots"] = json!([log.authority.ca_pem(), newer.ca_pem()]);
    desk.put("policy.json", policy.to_string().as_bytes());
    let judged = |register: &str, at: &str| {
        desk.put("r.register", register.as_bytes());
        let fixed = ["register", "r.register", "--format", "json", "--policy", "policy.json", "--at", at];
        let (code, out) = desk.run(&fixed);
        Said { code, json: serde_json::from_str(&out).unwrap() }
    };
    // The first authority's certificate holds ten years.
    let late = "2038-11-24T12:00:00Z";
    assert_eq!(judged(&before, late).verdict(), ("INDETERMINATE", "no-proof-of-existence"));
    let said = judged(&after, late);
    assert_eq!((said.code, said.verdict()), (0, ("PASSED-TIMESTAMPED", "")), "{:#}", said.json);
    assert_eq!(said.place("stamp-renewed"), Some(("token", "passed")));
    assert_eq!(said.json["time"]["not_after"], judged(&before, AT).json["time"]["not_after"]);
    // Before it was renewed, by the tokens of then.
    assert_eq!(judged(&after, AT).verdict(), ("PASSED-TIMESTAMPED", ""));
    // Another token in the record than the one that renews it: one byte of it changed.
    let line = after.lines().find(|line| line.starts_with("binding ")).unwrap();
    let mut record = base64_of(line);
    *record.last_mut().unwrap() ^= 1;
    let spoiled = after.replace(line, &format!("binding {}", to_base64(&record)));
    assert_ne!(judged(&spoiled, late).code, 0);
}

fn base64_of(line: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(line.split_once(' ').unwrap().1).unwrap()
}

fn to_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[test]
fn without_a_seal_completeness_cannot_be_told() {
    let mut log = Log::new();
    log.deposit(5);
    let said = Desk::of(&log).judged(&log.register(tenant(1)), &[]);
    assert_eq!((said.code, said.verdict()), (4, ("PASSED-LOG-ONLY", "")), "{:#}", said.json);
    assert_eq!(said.place("register-not-sealed"), Some(("seal", "absent")));
    assert_eq!(said.place("register-complete"), None);
    assert!(said.json["sentences"][0].as_str().unwrap().contains("impossible de dire"));
}

#[test]
fn a_tenant_without_entries_has_a_register_too() {
    let mut log = Log::new();
    let record = log.record(tenant(2));
    log.log(&record);
    log.seal();
    log.seal();
    let said = Desk::of(&log).judged(&log.register(tenant(3)), &[]);
    assert_eq!((said.code, said.verdict()), (0, ("PASSED-TIMESTAMPED", "")), "{:#}", said.json);
}

#[test]
fn each_single_fault_is_found_and_placed() {
    let (log, good) = good();
    let desk = Desk::of(&log);
    let all = faults(&good);
    assert!(all.len() >= 40, "only {} faults", all.len());
    let mut missed = Vec::new();
    for fault in &all {
        let said = desk.judged(&fault.text, &[]);
        let found = said.place(fault.code).map_or(("nowhere", "-"), |found| found);
        let expected = (1, ("FAILED", fault.code), (fault.place.as_str(), "failed"));
        if (said.code, said.verdict(), found) != expected {
            missed.push(format!("{}: expected {expected:?}, {:?} {found:?}", fault.name, said.verdict()));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), all.len(), missed.join("\n"));
    println!("{} single faults, each found and placed", all.len());
}

#[test]
fn what_is_no_register_or_of_another_version_is_not_judged() {
    let (log, good) = good();
    let desk = Desk::of(&log);
    let other = desk.judged(&good.register.replacen("@v1", "@v2", 1), &[]);
    assert_eq!((other.code, other.verdict()), (3, ("INDETERMINATE", "register-version")));
    for text in ["", "\n", "PK\u{3}\u{4}\n", "tabellion\n"] {
        let said = desk.judged(text, &[]);
        assert!(matches!(said.code, 1 | 5), "{text:?}: {:?}", said.verdict());
    }
    assert_eq!(desk.judged("x", &[]).verdict(), ("INDETERMINATE", "unreadable"));
    // A record of a later version: what it says cannot be told.
    let mut log = Log::new();
    let record = log.record(tenant(1));
    let mut entry = log.log(&record);
    entry.record = String::from_utf8(entry.record).unwrap().replace("\"version\":1", "\"version\":2").into_bytes();
    let register = log.written(&log.head_of(tenant(1)), &[entry]);
    assert_eq!(Desk::of(&log).judged(&register, &[]).verdict(), ("INDETERMINATE", "unknown-version"));
}
