//! C2SP tlog-proof over an entry: the receipt, with the `R` it proves and the `E` that `R` names.

use ledger::paths::path_in;
use proof::leaf::entry_leaf;
use proof::merkle::root;
use proof::{Checkpoint, Hash, Index, Sha256Tree, SignedNote, SigningKey, TlogProof, TreeAlgorithm, TreeSize};
use serde_json::{Value, json};

use super::entry::{Texts, honest};
use super::vector;

pub const SPECIFICATIONS: [&str; 5] = [
    "docs/formats/receipt.md",
    "c2sp.org/tlog-proof",
    "c2sp.org/tlog-checkpoint",
    "c2sp.org/signed-note",
    "RFC 9162 section 2.1.3.2 (verifying an inclusion proof)",
];

pub const ORIGIN: &str = "archives.exemple.fr/log";

/// The key of this name grown from a seed of one repeated byte.
pub fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, &[seed; 32]).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// The leaves of a log in which `texts` stands at `index`; the others are entries nobody shows.
fn leaves(texts: &Texts, index: usize, size: usize) -> Vec<Hash> {
    let leaf = |at: usize| {
        if at == index { entry_leaf(texts.r.as_bytes()) } else { entry_leaf(format!("entry {at}").as_bytes()) }
    };
    (0..size).map(|at| Sha256Tree::leaf(&leaf(at))).collect()
}

struct Made {
    texts: Texts,
    proof: TlogProof,
    head: Checkpoint,
}

fn made(index: usize, size: usize) -> Made {
    let texts = honest(2);
    let leaves = leaves(&texts, index, size);
    let head = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: TreeSize(size as u64),
        root: root::<Sha256Tree>(&leaves),
        extensions: Vec::new(),
    };
    let path = path_in::<Sha256Tree>(&leaves, index).unwrap_or_default();
    let checkpoint = key(ORIGIN, 3).sign(&head.to_text());
    Made { texts, proof: TlogProof { extra: None, index: Index(index as u64), path, checkpoint }, head }
}

fn parts(texts: &Texts, proof: &str) -> Value {
    let vkey = key(ORIGIN, 3).verifier_key().to_string();
    let leaf = Sha256Tree::leaf(&entry_leaf(texts.r.as_bytes()));
    json!({"origin": ORIGIN, "vkey": vkey, "proof": proof, "R": texts.r, "E": texts.e, "leaf_hash": leaf.to_string()})
}

fn valid(name: &str, made: &Made) -> Value {
    let expected = json!({"verdict": "valid", "code": null, "index": made.proof.index.0, "size": made.head.size.0});
    vector(name, None, expected, parts(&made.texts, &made.proof.write()))
}

pub fn vectors() -> Vec<Value> {
    let places = [(0, 1), (0, 2), (1, 2), (2, 3), (4, 7), (6, 7), (5, 8), (11, 100), (99, 100), (255, 256), (256, 257)];
    let mut all: Vec<Value> =
        places.map(|(index, size)| valid(&format!("leaf-{index}-of-{size}"), &made(index, size))).into();
    let mut extended = made(4, 7);
    extended.head.extensions = vec!["an extension line".to_owned(), "another".to_owned()];
    extended.proof.checkpoint = key(ORIGIN, 3).sign(&extended.head.to_text());
    all.push(valid("checkpoint-with-extension-lines", &extended));
    let mut others = made(4, 7);
    let stranger = SignedNote::parse(&key("autre.exemple.fr/log", 9).sign(&others.head.to_text()));
    let both = SignedNote::parse(&others.proof.checkpoint).and_then(|mut note| {
        note.signatures.splice(0..0, stranger?.signatures);
        Ok(note.write())
    });
    others.proof.checkpoint = both.unwrap_or_default();
    all.push(valid("line-of-an-unknown-key-first", &others));
    all.extend(of_the_text());
    all.extend(of_the_tree());
    all.extend(of_the_note());
    all
}

fn refused(fault: &str, verdict: &str, code: &str, texts: &Texts, proof: &str) -> Value {
    vector(fault, Some(fault), json!({"verdict": verdict, "code": code}), parts(texts, proof))
}

/// Texts that are no proof of ours.
fn of_the_text() -> Vec<Value> {
    let made = made(4, 7);
    let text = made.proof.write();
    let first = text.lines().nth(2).unwrap_or_default();
    let swapped: [(&str, &str, String); 12] = [
        ("magic-of-another-version", "@v1\n", "@v2\n".to_owned()),
        ("magic-missing", "c2sp.org/tlog-proof@v1\n", String::new()),
        ("extra-line-in-a-receipt", "\nindex", "\nextra YQ==\nindex".to_owned()),
        ("index-missing", "index 4\n", String::new()),
        ("index-with-a-leading-zero", "index 4", "index 04".to_owned()),
        ("index-with-a-sign", "index 4", "index +4".to_owned()),
        ("index-beyond-64-bits", "index 4", "index 18446744073709551616".to_owned()),
        ("hash-of-31-bytes", first, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==".to_owned()),
        ("hash-with-loose-bits", "=\n", "B=\n".to_owned()),
        ("hash-without-padding", "=\n", "\n".to_owned()),
        ("lines-ended-by-crlf", "index 4\n", "index 4\r\n".to_owned()),
        ("blank-line-missing", &format!("\n\n{ORIGIN}"), format!("\n{ORIGIN}")),
    ];
    let mut all = Vec::new();
    for (fault, from, to) in swapped {
        // The bit below the last six: the same 32 bytes, for a reader who does not look.
        let changed = if fault == "hash-with-loose-bits" { loose(&text, first) } else { text.replacen(from, &to, 1) };
        assert_ne!(changed, text, "{fault} changes nothing");
        all.push(refused(fault, "invalid", "receipt-malformed", &made.texts, &changed));
    }
    let longer = TlogProof { path: vec![Hash([7; 32]); 129], ..made.proof };
    all.push(refused("path-of-129-hashes", "invalid", "receipt-malformed", &made.texts, &longer.write()));
    all
}

/// The text with the last letter of this line of base64 put one higher.
fn loose(text: &str, line: &str) -> String {
    let (head, last) = line.trim_end_matches('=').split_at(line.len() - 2);
    let next = last.bytes().next().map_or('A', |letter| char::from(letter + 1));
    text.replace(line, &format!("{head}{next}="))
}

/// Proofs that lead elsewhere.
fn of_the_tree() -> Vec<Value> {
    let mut all = Vec::new();
    let mut push = |fault: &str, index: usize, size: usize, change: &dyn Fn(&mut Made)| {
        let mut made = made(index, size);
        change(&mut made);
        all.push(refused(fault, "invalid", "not-in-the-log", &made.texts, &made.proof.write()));
    };
    push("index-of-the-sibling", 4, 7, &|m| m.proof.index.0 = 5);
    push("index-equal-to-the-size", 4, 7, &|m| m.proof.index.0 = 7);
    push("hash-changed", 4, 7, &|m| m.proof.path[1].0[31] ^= 1);
    push("hashes-swapped", 5, 8, &|m| m.proof.path.swap(0, 1));
    push("hash-missing", 5, 8, &|m| m.proof.path.truncate(2));
    push("hash-too-many", 6, 7, &|m| m.proof.path.push(Hash([7; 32])));
    push("path-where-there-is-none", 0, 1, &|m| m.proof.path.push(Hash([7; 32])));
    push("size-of-another-tree", 5, 8, &|m| {
        m.head.size = TreeSize(9);
        m.proof.checkpoint = key(ORIGIN, 3).sign(&m.head.to_text());
    });
    push("root-of-another-tree", 5, 8, &|m| {
        m.head.root = made(5, 9).head.root;
        m.proof.checkpoint = key(ORIGIN, 3).sign(&m.head.to_text());
    });
    push("r-of-another-entry", 4, 7, &|m| m.texts = honest(3));
    all
}

/// Heads that are no checkpoint, or that the log's key has not signed.
fn of_the_note() -> Vec<Value> {
    let good = made(4, 7);
    let signed = |by: &SigningKey, head: &str| TlogProof { checkpoint: by.sign(head), ..good.proof.clone() }.write();
    let (log, head) = (key(ORIGIN, 3), good.head.to_text());
    let mut all = Vec::new();
    let mut push = |fault: &str, verdict: &str, code: &str, proof: String| {
        all.push(refused(fault, verdict, code, &good.texts, &proof));
    };
    let line = SignedNote::parse(&good.proof.checkpoint).map(|note| note.signatures).unwrap_or_default();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut note = SignedNote { text: head.clone(), signatures: line.clone() };
        note.signatures.iter_mut().for_each(|line| change(&mut line.signature));
        TlogProof { checkpoint: note.write(), ..good.proof.clone() }.write()
    };
    push("signature-bit-changed", "invalid", "signature-false", with(&|s| s[40] ^= 1));
    push("signature-with-s-plus-l", "invalid", "signature-false", with(&|s| add_order(s)));
    push("signature-of-63-bytes", "invalid", "signature-false", with(&|s| s.truncate(63)));
    push("text-changed-after-signing", "invalid", "signature-false", {
        let text = format!("{head}an extension nobody signed\n");
        let note = SignedNote { text, signatures: line.clone() };
        TlogProof { checkpoint: note.write(), ..good.proof.clone() }.write()
    });
    push("signed-by-another-key-of-that-name", "cannot-tell", "key-not-in-policy", signed(&key(ORIGIN, 4), &head));
    push("signed-under-another-name", "cannot-tell", "key-not-in-policy", signed(&key("autre.exemple.fr", 3), &head));
    let other = head.replacen(ORIGIN, "autre.exemple.fr/log", 1);
    push("origin-of-another-log", "invalid", "other-log", signed(&log, &other));
    let malformed = |fault: &str, from: &str, to: &str| {
        let changed = head.replacen(from, to, 1);
        assert_ne!(changed, head, "{fault} changes nothing");
        signed(&log, &changed)
    };
    for (fault, from, to) in [
        ("size-with-a-leading-zero", "\n7\n", "\n07\n"),
        ("size-negative", "\n7\n", "\n-7\n"),
        ("root-of-another-length", "=\n", "\n"),
        ("origin-empty", ORIGIN, ""),
    ] {
        push(fault, "invalid", "receipt-malformed", malformed(fault, from, to));
    }
    push("no-signature-line", "invalid", "receipt-malformed", {
        TlogProof { checkpoint: format!("{head}\n"), ..good.proof.clone() }.write()
    });
    push("carriage-return-in-the-note", "invalid", "receipt-malformed", signed(&log, &format!("{head}x\r\n")));
    all
}

/// Adds the order of the group to `s` (RFC 8032 §5.1.7 refuses it): the same equation, another signature.
fn add_order(signature: &mut [u8]) {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0u16;
    for (byte, more) in signature[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(more);
        *byte = (carry & 0xff) as u8;
        carry >>= 8;
    }
}
