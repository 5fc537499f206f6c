//! Two servers on copies of one store: only one of them is cosigned, and the other says so loudly.

use crate::programs::{Log, Witness, until};
use verifier::Overall;

#[test]
fn two_histories_of_one_log_are_never_both_cosigned() {
    let mut one = Log::new();
    let mut witness = Witness::new(one.place.path(), "a");
    witness.start(&one.vkey);
    one.start(&[&witness], "quorum a\n");
    one.deposit("ensemble");
    until("cosigned", || (one.standing("a") == "cosigns").then_some(()));
    one.running.take().unwrap().stop();
    let mut other = one.copy();

    one.start(&[&witness], "quorum a\n");
    let here = one.deposit("d'un c\u{f4}t\u{e9}");
    one.seal();
    until("the first is cosigned", || one.judge(&here).reason.is_none().then_some(()));
    assert_eq!(one.judge(&here).verdict, Overall::PassedTimestamped);

    // The same number of entries, others. Then more of them.
    other.start(&[&witness], "quorum a\n");
    let mut there = other.deposit("de l'autre");
    let size = |log: &Log| log.checkpoint().text.lines().nth(1).unwrap().parse::<u64>().unwrap();
    until("the other says so", || ["two-histories", "ahead"].contains(&other.standing("a").as_str()).then_some(()));
    other.seal();
    while size(&other) <= size(&one) {
        there = other.deposit(&format!("encore {}", size(&other)));
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    other.seal();
    until("the other says so again", || (other.standing("a") == "two-histories").then_some(()));
    let told = std::fs::read_to_string(other.said()).unwrap();
    assert!(
        told.contains("\"level\":\"ERROR\"") && told.contains("the witness holds another history of this log"),
        "{told}"
    );
    let verdict = other.judge(&there);
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("witness-quorum-not-met")));
    assert_eq!(other.checkpoint().signatures.len(), 1, "no cosignature under the other head");

    // The witness kept the proof: two heads that the log signed.
    let evidence = std::fs::read_to_string(witness.dir.join("evidence.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(evidence.lines().next().unwrap()).unwrap();
    let key = proof::VerifierKey::parse(&one.vkey).unwrap();
    let shown = watch::AddCheckpoint::parse(first["shown"].as_str().unwrap()).unwrap();
    for note in [first["held"].as_str().unwrap(), &shown.checkpoint] {
        assert_eq!(key.verify(&proof::SignedNote::parse(note).unwrap()), Ok(()));
    }
    // And the first goes on.
    let after = one.deposit("et ensuite");
    one.seal();
    until("the first still is", || one.judge(&after).reason.is_none().then_some(()));
}
