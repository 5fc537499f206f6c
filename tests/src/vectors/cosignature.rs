//! Cosignatures of witnesses under a head, alone and as a policy counts them.

use proof::{Checkpoint, Hash, SignedNote, TreeSize};
use serde_json::{Value, json};
use watch::{CosigningKey, UnixSeconds};

use super::tlog_proof::{ORIGIN, key};
use super::vector;

pub const SPECIFICATIONS: [&str; 3] = ["c2sp.org/tlog-cosignature", "c2sp.org/signed-note", "c2sp.org/tlog-policy"];

/// The moment witnesses state unless a vector says otherwise.
pub const MOMENT: u64 = 1_795_435_200;

/// Witness `number`, whose seed repeats one byte.
pub fn witness(number: u8) -> CosigningKey {
    let name = format!("temoin.exemple.fr/t{number}");
    CosigningKey::from_seed(&name, &[0x20 + number; 32]).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn head(size: u64) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: TreeSize(size), root: Hash([0x5a; 32]), extensions: Vec::new() }
}

/// The head signed by the log, then cosigned by these witnesses at these moments.
fn cosigned(head: &Checkpoint, by: &[(u8, u64)]) -> SignedNote {
    let text = head.to_text();
    let mut note = SignedNote::parse(&key(ORIGIN, 3).sign(&text)).unwrap_or_else(|why| panic!("{why}"));
    note.signatures.extend(by.iter().filter_map(|(number, at)| witness(*number).cosign(&text, UnixSeconds(*at))));
    note
}

fn parts(vkey: &str, note: &SignedNote) -> Value {
    json!({"kind": "cosignature", "vkey": vkey, "note": note.write()})
}

fn valid(name: &str, time: u64, note: &SignedNote) -> Value {
    let expected = json!({"verdict": "valid", "code": null, "time": time});
    vector(name, None, expected, parts(&witness(1).cosigner_key().to_string(), note))
}

pub fn vectors() -> Vec<Value> {
    let mut extended = head(7);
    extended.extensions = vec!["an extension line".to_owned()];
    let mut reordered = cosigned(&head(7), &[(1, MOMENT), (2, MOMENT)]);
    reordered.signatures.reverse();
    let mut all = vec![
        valid("one-witness", MOMENT, &cosigned(&head(7), &[(1, MOMENT)])),
        valid("among-others", MOMENT, &cosigned(&head(7), &[(3, 5), (2, MOMENT), (1, MOMENT)])),
        valid("before-the-log-s-own-line", MOMENT, &reordered),
        valid("head-with-extension-lines", MOMENT, &cosigned(&extended, &[(1, MOMENT)])),
        valid("empty-log", MOMENT, &cosigned(&head(0), &[(1, MOMENT)])),
        valid("first-moment", 1, &cosigned(&head(7), &[(1, 1)])),
        valid("last-moment", (1 << 63) - 1, &cosigned(&head(7), &[(1, (1 << 63) - 1)])),
        valid("twice-the-earlier-counts", MOMENT, &cosigned(&head(7), &[(1, MOMENT + 60), (1, MOMENT)])),
    ];
    all.extend(refusals());
    all.extend(keys());
    all.extend(quorums());
    all
}

fn refusals() -> Vec<Value> {
    let mut all = Vec::new();
    let vkey = witness(1).cosigner_key().to_string();
    let mut push = |fault: &str, code: &str, note: &SignedNote| {
        let expected = json!({"verdict": "invalid", "code": code});
        all.push(vector(fault, Some(fault), expected, parts(&vkey, note)));
    };
    let with = |change: &dyn Fn(&mut SignedNote)| {
        let mut note = cosigned(&head(7), &[(1, MOMENT)]);
        change(&mut note);
        note
    };
    push("not-cosigned", "not-signed", &with(&|n| drop(n.signatures.pop())));
    push("by-another-witness", "not-signed", &cosigned(&head(7), &[(2, MOMENT)]));
    push("same-key-under-another-name", "not-signed", &with(&|n| n.signatures[1].name = "temoin.exemple.fr/t9".into()));
    push("key-id-changed", "not-signed", &with(&|n| n.signatures[1].key_hash[3] ^= 1));
    push("signature-bit-changed", "signature-false", &with(&|n| n.signatures[1].signature[30] ^= 1));
    push("moment-changed", "signature-false", &with(&|n| n.signatures[1].signature[7] ^= 1));
    push("moment-beyond-63-bits", "signature-false", &with(&|n| n.signatures[1].signature[0] ^= 0x80));
    push("one-byte-more", "signature-false", &with(&|n| n.signatures[1].signature.push(0)));
    push("signature-without-moment", "signature-false", &with(&|n| drop(n.signatures[1].signature.drain(..8))));
    push("of-another-size", "signature-false", &with(&|n| n.text = n.text.replace("\n7\n", "\n8\n")));
    push("extension-added-after", "signature-false", &with(&|n| n.text.push_str("an extension\n")));
    push(
        "signed-as-a-note",
        "signature-false",
        &with(&|n| {
            // The bare text, without the header and the moment: the log's way of signing, not a witness's.
            let plain = key("temoin.exemple.fr/t1", 0x21).sign_bytes(n.text.as_bytes());
            n.signatures[1].signature.splice(8.., plain);
        }),
    );
    push(
        "one-true-line-and-one-false",
        "signature-false",
        &with(&|n| {
            let mut second = n.signatures[1].clone();
            second.signature[50] ^= 1;
            n.signatures.push(second);
        }),
    );
    all
}

/// Keys as text.
fn keys() -> Vec<Value> {
    let good = witness(1).cosigner_key().to_string();
    let log = key("temoin.exemple.fr/t1", 0x21).verifier_key().to_string();
    let mut all =
        vec![vector("vkey", None, json!({"verdict": "valid", "code": null}), json!({"kind": "vkey", "vkey": good}))];
    let hash = good.split('+').nth(1).unwrap_or_default();
    for (fault, vkey) in [
        ("vkey-of-a-log", log),
        ("vkey-with-another-key-id", good.replace(hash, "00000000")),
        ("vkey-of-31-bytes", good[..good.len() - 3].to_owned() + "="),
        ("vkey-with-a-space-in-its-name", good.replacen('/', " ", 1)),
        ("vkey-of-two-fields", good.replacen('+', "-", 1)),
    ] {
        let expected = json!({"verdict": "invalid", "code": "vkey-malformed"});
        all.push(vector(fault, Some(fault), expected, json!({"kind": "vkey", "vkey": vkey})));
    }
    all
}

/// Three witnesses of a policy, and how many have cosigned.
fn quorums() -> Vec<Value> {
    let lines: String = [1, 2, 3].map(|n| format!("witness W{n} {}\n", witness(n).cosigner_key())).concat();
    let two = format!("{lines}group G 2 W1 W2 W3\nquorum G\n");
    let nested = format!("{lines}group A any W1 W2\ngroup B all A W3\nquorum B\n");
    let nobody = format!("{lines}quorum none\n");
    let (all_three, first, last) = ([(1, MOMENT), (2, MOMENT + 1), (3, MOMENT + 2)], [(1, MOMENT)], [(3, MOMENT)]);
    let mut all = Vec::new();
    let mut push = |name: &str, policy: &str, note: &SignedNote, said: [Value; 3], met: bool| {
        let [w1, w2, w3] = said;
        let (verdict, code) = if met { ("valid", Value::Null) } else { ("invalid", json!("quorum-not-met")) };
        let expected = json!({"verdict": verdict, "code": code, "witnesses": {"W1": w1, "W2": w2, "W3": w3}});
        let fault = (!met).then_some(name);
        all.push(vector(name, fault, expected, json!({"kind": "quorum", "policy": policy, "note": note.write()})));
    };
    let missing = || json!("missing");
    let at = |after: u64| json!(MOMENT + after);
    push("quorum-of-two-three-cosigned", &two, &cosigned(&head(7), &all_three), [at(0), at(1), at(2)], true);
    push("quorum-of-two-two-cosigned", &two, &cosigned(&head(7), &all_three[1..]), [missing(), at(1), at(2)], true);
    push("quorum-of-two-one-cosigned", &two, &cosigned(&head(7), &first), [at(0), missing(), missing()], false);
    push("quorum-none-nobody-cosigned", &nobody, &cosigned(&head(7), &[]), [missing(), missing(), missing()], true);
    push("quorum-of-groups", &nested, &cosigned(&head(7), &all_three[1..]), [missing(), at(1), at(2)], true);
    push("quorum-of-groups-one-group-only", &nested, &cosigned(&head(7), &last), [missing(), missing(), at(0)], false);
    let mut forged = cosigned(&head(7), &all_three[..2]);
    forged.signatures[2].signature[20] ^= 1;
    push("quorum-of-two-one-of-them-forged", &two, &forged, [at(0), json!("false"), missing()], false);
    let mut twice = cosigned(&head(7), &[(1, MOMENT), (1, MOMENT)]);
    twice.signatures.swap(0, 1);
    push("quorum-of-two-one-cosigned-twice", &two, &twice, [at(0), missing(), missing()], false);
    all
}
