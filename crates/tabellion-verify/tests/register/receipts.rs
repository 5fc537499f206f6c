//! Receipts held against a register: one that is absent convicts the operator, and nobody else is ever accused.

use super::Desk;
use super::log::{Log, tenant};

/// Two histories of one operator: the first has a deposit that the second, from which the register comes, has not.
fn forked() -> (Log, Log) {
    let mut first = Log::new();
    first.deposit(5);
    let mut second = first.fork();
    second.authority = Log::new().authority;
    first.deposit(3);
    second.deposit(4);
    second.seal();
    second.deposit(1);
    (first, second)
}

#[test]
fn a_receipt_that_is_there_is_found() {
    let (_, log) = forked();
    let chain = log.chain(tenant(1));
    let receipts: Vec<_> = [0, 9, 19].map(|n| (log.receipt(&chain[n]), chain[n].clone())).to_vec();
    let said = Desk::of(&log).held(&log.register(tenant(1)), &receipts);
    assert_eq!((said.code, said.verdict()), (0, ("PASSED-TIMESTAMPED", "")), "{:#}", said.json);
    assert_eq!(said.place("receipt-in-register"), Some(("0.receipt", "passed")));
}

#[test]
fn a_receipt_that_is_absent_convicts_the_operator_in_both_languages() {
    let (first, second) = forked();
    let lost = first.chain(tenant(1))[12].clone();
    let desk = Desk::of(&second);
    let said = desk.held(&second.register(tenant(1)), &[(first.receipt(&lost), lost)]);
    assert_eq!((said.code, said.verdict()), (1, ("FAILED", "receipt-absent")), "{:#}", said.json);
    assert_eq!(said.place("receipt-absent"), Some(("0.receipt", "failed")));
    assert!(said.json["sentences"][0].as_str().unwrap().contains("a signé deux histoires"));
    let more = ["--receipt", "0.receipt", "--record", "0.json", "--lang", "en", "--format", "text"];
    let fixed = ["register", "r.register", "--at", super::AT, "--policy", "policy.json"];
    let (code, text) = desk.run(&[&fixed[..], &more].concat());
    assert_eq!(code, 1);
    assert!(text.contains("The operator signed two histories") && text.contains("[0.receipt]"), "{text}");
}

#[test]
fn a_receipt_below_the_end_of_the_seal_that_it_does_not_count_convicts() {
    // The operator seals a shorter chain: the register ends before the receipt's sequence.
    let (mut first, mut second) = (Log::new(), Log::new());
    first.deposit(6);
    let mut record = second.record(tenant(1));
    second.log(&record);
    while second.leaves.len() < 40 {
        record = second.record(tenant(2));
        second.log(&record);
    }
    second.seal();
    let lost = first.chain(tenant(1))[11].clone();
    let said = Desk::of(&second).held(&second.register(tenant(1)), &[(first.receipt(&lost), lost)]);
    assert_eq!(said.verdict(), ("FAILED", "receipt-absent"), "{:#}", said.json);
}

#[test]
fn a_newer_receipt_is_no_accusation() {
    let (_, mut log) = forked();
    let register = log.register(tenant(1));
    log.deposit(1);
    let newer = log.chain(tenant(1)).pop().unwrap();
    let said = Desk::of(&log).held(&register, &[(log.receipt(&newer), newer)]);
    assert_eq!((said.code, said.verdict()), (3, ("INDETERMINATE", "receipt-newer")), "{:#}", said.json);
}

#[test]
fn another_tenants_receipt_says_nothing() {
    let (first, second) = forked();
    let entry = first.chain(tenant(2))[7].clone();
    let said = Desk::of(&second).held(&second.register(tenant(1)), &[(first.receipt(&entry), entry)]);
    assert_eq!((said.code, said.verdict()), (3, ("INDETERMINATE", "receipt-of-another-tenant")));
}

#[test]
fn a_receipt_by_another_key_or_altered_accuses_nobody() {
    let (mut first, second) = forked();
    let register = second.register(tenant(1));
    let lost = first.chain(tenant(1))[12].clone();
    let altered = first.receipt(&lost).replacen("index ", "index 1", 1);
    let desk = Desk::of(&second);
    let said = desk.held(&register, &[(altered, lost.clone())]);
    assert_eq!((said.code, said.verdict()), (3, ("INDETERMINATE", "receipt-not-verified")), "{:#}", said.json);
    first.key = proof::SigningKey::from_seed(super::log::ORIGIN, &[9; 32]).unwrap();
    let said = desk.held(&register, &[(first.receipt(&lost), lost)]);
    assert_eq!(said.verdict(), ("INDETERMINATE", "receipt-not-verified"));
}

#[test]
fn a_register_that_anyone_may_have_written_accuses_nobody() {
    let (first, mut second) = forked();
    let lost = first.chain(tenant(1))[12].clone();
    second.key = proof::SigningKey::from_seed(super::log::ORIGIN, &[9; 32]).unwrap();
    // The policy is the true operator's: the register is signed by somebody else.
    let desk = Desk::of(&first);
    let said = desk.held(&second.register(tenant(1)), &[(first.receipt(&lost), lost.clone())]);
    assert_eq!(said.place("receipt-not-compared"), Some(("0.receipt", "indeterminate")), "{:#}", said.json);
    assert_eq!(said.place("receipt-absent"), None);
    assert_ne!(said.code, 1);
    // Nor does one that is cut off, whoever cut it.
    let cut: String = first.register(tenant(1)).lines().take(14).map(|line| format!("{line}\n")).collect();
    let said = desk.held(&cut, &[(first.receipt(&lost), lost)]);
    assert_eq!(said.verdict(), ("FAILED", "register-cut-short"));
    assert_eq!(said.place("receipt-absent"), None);
}
