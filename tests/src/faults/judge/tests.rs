use super::{Crash, Head, Memory, Promise, Rule, judge_crash};

fn root(letter: char) -> String {
    let mut root: String = std::iter::repeat_n(letter, 43).collect();
    root.push('=');
    root
}

fn promise(number: u64, index: u64, size: u64, letter: char) -> Promise {
    let receipt = format!(
        "c2sp.org/tlog-proof@v1\nindex {index}\n{}\n\nlog.example\n{size}\n{}\n\n— log.example abcd\n",
        root('p'),
        root(letter)
    );
    let (id, tenant) = (format!("id-{number}"), "t".to_owned());
    Promise { number, id, index, sequence: index + 1, tenant, record: String::new(), receipt }
}

fn broken(memory: &Memory) -> Vec<Rule> {
    memory.breaches().iter().map(|breach| breach.rule).collect()
}

#[test]
fn a_faithful_server_breaks_nothing() {
    let mut memory = Memory::default();
    memory.promised(promise(1, 0, 2, 'a'));
    memory.promised(promise(2, 1, 2, 'a'));
    memory.promised(promise(1, 0, 2, 'a'));
    memory.stated(Head::parse(&format!("log.example\n2\n{}\n", root('a'))), "restart 1");
    let receipt = promise(1, 0, 2, 'a').receipt;
    memory.receipt_again(1, Some((200, receipt.as_bytes())));
    memory.document_again(1, b"acte", Some((200, b"acte")));
    memory.verified(1, Some(4), br#"{"verdict":"PASSED-LOG-ONLY","subject":{"id":"id-1","index":0}}"#);
    assert_eq!(broken(&memory), []);
    assert_eq!((memory.largest(), memory.heads(), memory.promises().len()), (2, 1, 2));
}

#[test]
fn an_acknowledged_deposit_that_cannot_be_found_again_is_a_breach() {
    for answer in [None, Some((404, b"".as_slice())), Some((200, b"other".as_slice())), Some((500, b"".as_slice()))] {
        let mut memory = Memory::default();
        memory.promised(promise(1, 0, 1, 'a'));
        memory.receipt_again(1, answer);
        memory.document_again(1, b"acte", answer);
        assert_eq!(broken(&memory), [Rule::Kept, Rule::Kept], "{answer:?}");
    }
}

#[test]
fn a_smaller_tree_or_none_is_a_breach() {
    let mut memory = Memory::default();
    memory.promised(promise(1, 4, 5, 'a'));
    memory.stated(Some(Head { size: 5, root: root('a') }), "same");
    assert_eq!(broken(&memory), []);
    memory.stated(Some(Head { size: 4, root: root('b') }), "restart");
    memory.stated(None, "restart");
    assert_eq!(broken(&memory), [Rule::NeverShrinks, Rule::NeverShrinks]);
}

#[test]
fn two_roots_for_one_size_are_a_breach_wherever_they_come_from() {
    let mut memory = Memory::default();
    memory.promised(promise(1, 0, 2, 'a'));
    memory.promised(promise(2, 1, 2, 'b'));
    assert_eq!(broken(&memory), [Rule::OneRoot]);
    memory.stated(Some(Head { size: 2, root: root('c') }), "restart");
    assert_eq!(broken(&memory), [Rule::OneRoot, Rule::OneRoot]);
}

#[test]
fn one_index_one_place_in_a_chain_and_one_answer_per_key() {
    let mut memory = Memory::default();
    memory.promised(promise(1, 0, 1, 'a'));
    memory.promised(promise(2, 0, 1, 'a'));
    assert_eq!(broken(&memory), [Rule::OneEntry, Rule::OneEntry]);
    let mut memory = Memory::default();
    memory.promised(promise(1, 0, 1, 'a'));
    memory.promised(promise(1, 1, 2, 'b'));
    assert_eq!(broken(&memory), [Rule::OneEntry]);
}

#[test]
fn a_receipt_that_does_not_verify_or_speaks_of_another_entry_is_a_breach() {
    let good = br#"{"verdict":"PASSED-LOG-ONLY","subject":{"id":"id-1","index":0}}"#.as_slice();
    let other = br#"{"verdict":"PASSED-LOG-ONLY","subject":{"id":"id-9","index":0}}"#.as_slice();
    let moved = br#"{"verdict":"PASSED-LOG-ONLY","subject":{"id":"id-1","index":3}}"#.as_slice();
    let unclear = br#"{"verdict":"INDETERMINATE","reason":"no-trust-anchor"}"#.as_slice();
    let cases: [(Option<i32>, &[u8]); 8] = [
        (Some(1), good),
        (Some(3), unclear),
        (Some(4), unclear),
        (None, good),
        (Some(0), b""),
        (Some(4), other),
        (Some(4), moved),
        (Some(6), good),
    ];
    for (exit, verdict) in cases {
        let mut memory = Memory::default();
        memory.promised(promise(1, 0, 1, 'a'));
        memory.verified(1, exit, verdict);
        assert_eq!(broken(&memory), [Rule::Verifies], "{exit:?} {}", String::from_utf8_lossy(verdict));
    }
}

#[test]
fn a_receipt_without_a_head_that_covers_it_is_a_breach() {
    let mut memory = Memory::default();
    memory.promised(promise(1, 5, 5, 'a'));
    let mut bare = promise(2, 0, 1, 'a');
    bare.receipt = "c2sp.org/tlog-proof@v1\nindex 0\n".to_owned();
    memory.promised(bare);
    assert_eq!(broken(&memory), [Rule::Verifies, Rule::Verifies]);
}

#[test]
fn a_synced_entry_is_logged_after_the_crash_and_an_unsynced_one_is_not() {
    let after = Crash { synced: true, sizes: (7, 8), listed: (3, 4), retried_index: 7 };
    assert!(judge_crash("after", &after).is_none());
    let before = Crash { synced: false, sizes: (7, 7), listed: (3, 3), retried_index: 7 };
    assert!(judge_crash("before", &before).is_none());
    let rule = |crash: Crash| judge_crash("", &crash).map(|breach| breach.rule);
    assert_eq!(rule(Crash { sizes: (7, 7), ..after.clone() }), Some(Rule::Replayed));
    assert_eq!(rule(Crash { listed: (3, 3), ..after.clone() }), Some(Rule::Replayed));
    assert_eq!(rule(Crash { sizes: (7, 9), ..after.clone() }), Some(Rule::Replayed));
    assert_eq!(rule(Crash { retried_index: 8, ..after }), Some(Rule::OneEntry));
    assert_eq!(rule(Crash { sizes: (7, 8), ..before }), Some(Rule::Replayed));
}

#[test]
fn answers_that_promise_nothing_are_not_taken_for_promises() {
    let body = br#"{"id":"a","tenant":"t","sequence":1,"index":0,"records":{"R":"e30="},"receipt":"x"}"#;
    assert_eq!(Promise::parse(3, body).map(|promise| (promise.number, promise.index)), Some((3, 0)));
    for body in [b"".as_slice(), b"{}", br#"{"id":"a","tenant":"t","sequence":1,"index":0,"receipt":"x"}"#] {
        assert!(Promise::parse(3, body).is_none());
    }
}

#[test]
fn a_refusal_is_a_breach_unless_the_server_is_only_busy() {
    let mut memory = Memory::default();
    for busy in [429, 500, 503] {
        memory.refused(1, busy, "");
    }
    assert_eq!(broken(&memory), []);
    memory.refused(1, 422, "idempotency-mismatch");
    assert_eq!(broken(&memory), [Rule::Taken]);
}
