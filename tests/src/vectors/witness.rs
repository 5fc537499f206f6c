//! Exchanges with a witness (C2SP tlog-witness, add-checkpoint): what it knew, what it was asked, what it answers, what it knows then.

use ledger::paths::{Node, prove_consistency};
use proof::merkle::root;
use proof::{Checkpoint, Hash, Sha256Tree, SignedNote, SigningKey, TreeAlgorithm, TreeSize};
use serde_json::{Value, json};
use watch::{AddCheckpoint, UnixSeconds};

use super::cosignature::{MOMENT, witness};
use super::tlog_proof::{ORIGIN, key};
use super::vector;

pub const SPECIFICATIONS: [&str; 4] = [
    "docs/formats/witness.md",
    "c2sp.org/tlog-witness",
    "c2sp.org/tlog-cosignature",
    "RFC 9162 section 2.1.4.2 (verifying a consistency proof)",
];

/// Leaves of a history; histories of another number part at leaf 5.
fn leaves(history: u64, size: u64) -> Vec<Hash> {
    let leaf =
        |n: u64| Sha256Tree::leaf(format!("entry {n} of history {}", if n < 5 { 0 } else { history }).as_bytes());
    (0..size).map(leaf).collect()
}

fn head(history: u64, size: u64) -> Checkpoint {
    let (root, extensions) = (root::<Sha256Tree>(&leaves(history, size)), Vec::new());
    Checkpoint { origin: ORIGIN.to_owned(), size: TreeSize(size), root, extensions }
}

fn path(history: u64, old: u64, new: u64) -> Vec<Hash> {
    let leaves = leaves(history, new);
    let mut read = |node: Node| -> Result<Hash, ()> {
        let (start, end) = (node.index << node.level, (node.index + 1) << node.level);
        leaves.get(start as usize..end as usize).map(root::<Sha256Tree>).ok_or(())
    };
    prove_consistency::<Sha256Tree, ()>(TreeSize(old), TreeSize(new), &mut read).unwrap_or_default()
}

/// The head a witness has of a history, as vectors write it.
fn known(history: u64, size: u64) -> Value {
    json!({"size": size, "root": head(history, size).root.to_string()})
}

/// An exchange, honest until it is changed.
struct Ask {
    before: Value,
    old: u64,
    path: Vec<Hash>,
    note: String,
}

/// From `old` leaves, which the witness knows, to `new`.
fn honest(old: u64, new: u64) -> Ask {
    let before = if old == 0 { Value::Null } else { known(1, old) };
    Ask { before, old, path: path(1, old, new), note: key(ORIGIN, 3).sign(&head(1, new).to_text()) }
}

impl Ask {
    fn body(&self) -> String {
        AddCheckpoint { old: TreeSize(self.old), path: self.path.clone(), checkpoint: self.note.clone() }.write()
    }
}

/// What every exchange has: the logs the witness knows, its own key, the moment, its state before, the body.
fn parts(before: &Value, body: &str) -> Value {
    let logs = [3, 4].map(|seed| key(ORIGIN, seed).verifier_key().to_string());
    json!({"logs": logs, "witness": witness(1).cosigner_key().to_string(), "now": MOMENT, "before": before, "body": body})
}

fn cosigned(name: &str, ask: &Ask, after: Value) -> Value {
    let text = SignedNote::parse(&ask.note).map(|note| note.text).unwrap_or_default();
    let line = witness(1).cosign(&text, UnixSeconds(MOMENT));
    // A note of that line alone, less the text above it: the line as it travels.
    let alone = SignedNote { text: "x\n".to_owned(), signatures: line.into_iter().collect() }.write();
    let answer = alone.trim_start_matches("x\n\n");
    let expected = json!({"verdict": "valid", "code": null, "status": 200, "answer": answer, "after": after});
    vector(name, None, expected, parts(&ask.before, &ask.body()))
}

pub fn vectors() -> Vec<Value> {
    let sizes = [(0, 1), (0, 9), (1, 2), (3, 7), (4, 7), (7, 7), (8, 9), (6, 64)];
    let mut all: Vec<Value> =
        sizes.map(|(old, new)| cosigned(&format!("from-{old}-to-{new}"), &honest(old, new), known(1, new))).into();
    let mut second = honest(4, 7);
    second.note = key(ORIGIN, 4).sign(&head(1, 7).to_text());
    all.push(cosigned("signed-by-the-log-s-second-key", &second, known(1, 7)));
    let mut among = honest(4, 7);
    among.note = with_line(&among.note, &key("autre.exemple.fr/log", 9), &head(1, 7).to_text());
    all.push(cosigned("line-of-an-unknown-key", &among, known(1, 7)));
    let mut extended = honest(4, 7);
    let more = Checkpoint { extensions: vec!["an extension line".to_owned()], ..head(1, 7) };
    extended.note = key(ORIGIN, 3).sign(&more.to_text());
    all.push(cosigned("head-with-an-extension-line", &extended, known(1, 7)));
    all.extend(unreadable());
    all.extend(refused());
    all
}

fn with_line(note: &str, by: &SigningKey, text: &str) -> String {
    let both = SignedNote::parse(note).and_then(|mut note| {
        note.signatures.extend(SignedNote::parse(&by.sign(text))?.signatures);
        Ok(note.write())
    });
    both.unwrap_or_default()
}

/// A refusal leaves the state as it was.
fn refusal(fault: &str, status: u16, code: &str, answer: Option<&str>, before: &Value, body: &str) -> Value {
    let expected = json!({"verdict": "invalid", "code": code, "status": status, "answer": answer, "after": before});
    vector(fault, Some(fault), expected, parts(before, body))
}

/// Bodies that are no request: 400.
fn unreadable() -> Vec<Value> {
    let ask = honest(4, 7);
    let body = ask.body();
    let hash = body.lines().nth(1).unwrap_or_default().to_owned();
    let changes: [(&str, &str, &str); 8] = [
        ("old-line-missing", "old 4\n", ""),
        ("old-with-a-leading-zero", "old 4\n", "old 04\n"),
        ("old-negative", "old 4\n", "old -4\n"),
        ("old-in-capitals", "old 4\n", "OLD 4\n"),
        ("lines-ended-by-crlf", "old 4\n", "old 4\r\n"),
        ("hash-without-padding", "=\n", "\n"),
        ("hash-of-31-bytes", &hash, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
        ("blank-line-missing", "\n\narchives", "\narchives"),
    ];
    let mut all = Vec::new();
    for (fault, from, to) in changes {
        let changed = body.replacen(from, to, 1);
        assert_ne!(changed, body, "{fault} changes nothing");
        all.push(refusal(fault, 400, "witness-request-unreadable", None, &ask.before, &changed));
    }
    let unreadable = |fault: &str, change: &dyn Fn(&mut Ask)| {
        let mut ask = honest(4, 7);
        change(&mut ask);
        refusal(fault, 400, "witness-request-unreadable", None, &ask.before, &ask.body())
    };
    all.push(unreadable("path-of-64-hashes", &|ask| ask.path = vec![Hash([7; 32]); 64]));
    all.push(unreadable("note-without-signature", &|ask| ask.note = format!("{}\n", head(1, 7).to_text())));
    all.push(unreadable("note-that-is-no-checkpoint", &|ask| {
        ask.note = key(ORIGIN, 3).sign("three\nlines\nof text\n")
    }));
    all
}

/// Heads that are not to be cosigned.
fn refused() -> Vec<Value> {
    let mut all = Vec::new();
    let mut push = |fault: &str, status: u16, code: &str, answer: Option<&str>, change: &dyn Fn(&mut Ask)| {
        let mut ask = honest(4, 7);
        change(&mut ask);
        all.push(refusal(fault, status, code, answer, &ask.before, &ask.body()));
    };
    let (log, seven) = (key(ORIGIN, 3), head(1, 7));
    let size = Some("4\n");
    push("origin-unknown", 404, "witness-log-unknown", None, &|ask| {
        let other = "autre.exemple.fr/log";
        ask.note = key(other, 3).sign(&Checkpoint { origin: other.to_owned(), ..head(1, 7) }.to_text());
    });
    push("signed-by-a-stranger", 403, "witness-head-not-signed", None, &|ask| {
        ask.note = key(ORIGIN, 9).sign(&seven.to_text());
    });
    push("signature-bit-changed", 403, "witness-head-not-signed", None, &|ask| {
        let mut note = SignedNote::parse(&ask.note).unwrap_or_else(|why| panic!("{why}"));
        note.signatures[0].signature[40] ^= 1;
        ask.note = note.write();
    });
    push("one-true-line-and-one-false", 403, "witness-head-not-signed", None, &|ask| {
        ask.note = with_line(&ask.note, &key(ORIGIN, 4), "another text\n");
    });
    push("old-beyond-the-head", 400, "witness-old-size-beyond", None, &|ask| {
        (ask.before, ask.old, ask.path) = (known(1, 8), 8, Vec::new());
    });
    push("old-smaller-than-known", 409, "witness-stale", size, &|ask| {
        (ask.old, ask.path) = (3, path(1, 3, 7));
    });
    push("old-larger-than-known", 409, "witness-stale", size, &|ask| {
        (ask.old, ask.path) = (5, path(1, 5, 7));
    });
    push("old-0-where-one-is-known", 409, "witness-stale", size, &|ask| (ask.old, ask.path) = (0, Vec::new()));
    push("old-where-none-is-known", 409, "witness-stale", Some("0\n"), &|ask| ask.before = Value::Null);
    push("rolled-back", 409, "witness-stale", Some("9\n"), &|ask| ask.before = known(1, 9));
    push("same-size-another-root", 409, "witness-other-root", None, &|ask| {
        (ask.before, ask.old, ask.path) = (known(2, 7), 7, Vec::new());
    });
    push("head-of-another-history", 422, "witness-not-a-continuation", None, &|ask| {
        ask.before = known(2, 6);
        (ask.old, ask.path) = (6, path(1, 6, 7));
    });
    push("path-hash-changed", 422, "witness-not-a-continuation", None, &|ask| ask.path[0].0[0] ^= 1);
    push("path-hash-missing", 422, "witness-not-a-continuation", None, &|ask| {
        let _ = ask.path.pop();
    });
    push("path-hash-too-many", 422, "witness-not-a-continuation", None, &|ask| ask.path.push(Hash([7; 32])));
    push("path-from-another-size", 422, "witness-not-a-continuation", None, &|ask| ask.path = path(1, 3, 7));
    push("path-although-old-is-0", 422, "witness-not-a-continuation", None, &|ask| {
        (ask.before, ask.old, ask.path) = (Value::Null, 0, vec![Hash([7; 32])]);
    });
    push("path-although-nothing-grew", 422, "witness-not-a-continuation", None, &|ask| {
        (ask.before, ask.old, ask.path) = (known(1, 7), 7, vec![Hash([7; 32])]);
    });
    push("empty-log-with-a-root", 422, "witness-not-a-continuation", None, &|ask| {
        let empty = Checkpoint { size: TreeSize(0), ..head(1, 7) };
        (ask.before, ask.old, ask.path, ask.note) = (Value::Null, 0, Vec::new(), log.sign(&empty.to_text()));
    });
    all
}
