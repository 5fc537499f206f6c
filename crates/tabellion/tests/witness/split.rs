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

    // Both before either goes on: a copy that is behind what the witness knows does not start at all.
    one.start(&[&witness], "quorum a\n");
    other.start(&[&witness], "quorum a\n");
    let here = one.deposit("d'un c\u{f4}t\u{e9}");
    one.seal();
    until("the first is cosigned", || one.judge(&here).reason.is_none().then_some(()));
    assert_eq!(one.judge(&here).verdict, Overall::PassedTimestamped);

    // The same number of entries, others. Then more of them.
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

    // Both come to one size: the witness is shown the second root of it, although the other head was shown before.
    while size(&one) != size(&other) {
        let behind = if size(&one) < size(&other) { &one } else { &other };
        behind.deposit(&format!("au m\u{ea}me point {}", size(behind)));
        std::thread::sleep(std::time::Duration::from_millis(1300));
    }
    until("two roots of one size", || two_roots(&witness, &one.vkey).then_some(()));
    // What it keeps is written first, and said a moment later.
    until("the witness says so", || {
        let told = std::fs::read_to_string(witness.said()).unwrap();
        let mut errors = told.lines().filter(|line| line.contains("\"level\":\"ERROR\""));
        errors.any(|line| line.contains("a log has signed two histories")).then_some(())
    });
    // And the first goes on.
    let after = one.deposit("et ensuite");
    one.seal();
    until("the first still is", || one.judge(&after).reason.is_none().then_some(()));
}

/// The witness kept two heads of one size and two roots, both signed by the log.
fn two_roots(witness: &Witness, vkey: &str) -> bool {
    let key = proof::VerifierKey::parse(vkey).unwrap();
    let head = |note: &str| {
        let note = proof::SignedNote::parse(note).unwrap();
        assert_eq!(key.verify(&note), Ok(()));
        proof::Checkpoint::parse(&note.text).unwrap()
    };
    let evidence = std::fs::read_to_string(witness.dir.join("evidence.jsonl")).unwrap_or_default();
    evidence.lines().any(|line| {
        let piece: serde_json::Value = serde_json::from_str(line).unwrap();
        let shown = watch::AddCheckpoint::parse(piece["shown"].as_str().unwrap()).unwrap();
        let (held, shown) = (head(piece["held"].as_str().unwrap()), head(&shown.checkpoint));
        piece["code"] == "two-roots-of-one-size" && held.size == shown.size && held.root != shown.root
    })
}
