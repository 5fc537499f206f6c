//! `F`, `E`, `R` and the leaf: the exact bytes of the records, and what is computed from them.

use proof::leaf::entry_leaf;
use proof::merkle::root;
use proof::record::LogRecord;
use proof::{Sha256Tree, Sha512Tree, TreeAlgorithm};
use serde_json::{Value, json};

use super::vector;
use crate::world;

pub const SPECIFICATIONS: [&str; 3] =
    ["docs/formats/records.md", "RFC 8785 (JSON Canonicalization Scheme)", "RFC 9162 section 2.1 (Merkle trees)"];

/// An entry as it travels: files, and the exact text of its records.
#[derive(Clone)]
pub struct Texts {
    pub files: Vec<(String, Vec<u8>)>,
    pub f: Vec<String>,
    pub e: String,
    pub r: String,
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// Files under their names, each content a line of text.
fn files(count: u64) -> Vec<(String, Vec<u8>)> {
    let names = ["d\u{e9}lib\u{e9}ration n\u{b0} 1.pdf", "annexe.pdf", "plan.dwg", "avis.xml", "notice.odt"];
    let named = names.iter().cycle().take(count as usize).zip(1..);
    named.map(|(name, n)| ((*name).to_owned(), format!("contents of file {n}\n").into_bytes())).collect()
}

fn records_of(files: &[(String, Vec<u8>)]) -> Vec<String> {
    let record = |((name, bytes), n): (&(String, Vec<u8>), u64)| world::file_record(n, name, bytes).to_bytes();
    files.iter().zip(1..).map(|file| text(record(file).unwrap_or_default())).collect()
}

/// `E` over these `F`s, then `R` over that `E`: each through its change.
fn tied(
    files: Vec<(String, Vec<u8>)>,
    f: Vec<String>,
    change_e: impl Fn(String) -> String,
    change_r: impl Fn(String) -> String,
) -> Texts {
    let bytes: Vec<Vec<u8>> = f.iter().map(|record| record.clone().into_bytes()).collect();
    let e = change_e(text(world::entry_record(&bytes).to_bytes().unwrap_or_default()));
    let r = text(world::log_record(4, world::tenant(1), e.as_bytes()).to_bytes().unwrap_or_default());
    Texts { files, f, r: change_r(r), e }
}

/// An honest entry of so many files.
pub fn honest(count: u64) -> Texts {
    let files = files(count);
    let f = records_of(&files);
    tied(files, f, |e| e, |r| r)
}

pub fn vectors() -> Vec<Value> {
    let mut all: Vec<Value> = [0, 1, 2, 3, 5].map(|count| valid(&format!("{count}-files"), &honest(count))).into();
    let later = |record: String| record.replacen('{', "{\"a_later_field\":[1,{\"b\":null}],", 1);
    let files_later = files(1);
    let f_later = records_of(&files_later).into_iter().map(later).collect();
    all.push(valid("fields-of-later-writers", &tied(files_later, f_later, later, later)));
    let mut last = honest(1);
    last.r = last.r.replace("\"previous\":null", &format!("\"previous\":\"{}\"", "ab".repeat(32)));
    all.push(valid("with-a-previous-entry", &last));
    all.extend(ties());
    all.extend(shapes());
    all
}

fn parts(texts: &Texts) -> Value {
    let named = |(name, bytes): &(String, Vec<u8>)| json!({"name": name, "text": String::from_utf8_lossy(bytes)});
    json!({"files": texts.files.iter().map(named).collect::<Vec<_>>(), "F": texts.f, "E": texts.e, "R": texts.r})
}

fn valid(name: &str, texts: &Texts) -> Value {
    let leaf = entry_leaf(texts.r.as_bytes());
    let short: Vec<_> = texts.f.iter().map(|f| Sha256Tree::leaf(f.as_bytes())).collect();
    let long: Vec<_> = texts.f.iter().map(|f| Sha512Tree::leaf(f.as_bytes())).collect();
    let expected = json!({
        "verdict": "valid",
        "code": null,
        "leaf_data": proof::hash::encode_hex(&leaf),
        "leaf_hash": Sha256Tree::leaf(&leaf).to_string(),
        "files_sha256": root::<Sha256Tree>(&short).to_string(),
        "files_sha512": root::<Sha512Tree>(&long).to_string(),
    });
    vector(name, None, expected, parts(texts))
}

fn refused(fault: &str, verdict: &str, code: &str, texts: &Texts) -> Value {
    vector(fault, Some(fault), json!({"verdict": verdict, "code": code}), parts(texts))
}

/// What ties file to `F` to `E` to `R`, undone in one place.
fn ties() -> Vec<Value> {
    let mut all = Vec::new();
    let mut push = |fault: &str, verdict: &str, code: &str, change: &dyn Fn(&mut Texts)| {
        let mut texts = honest(3);
        change(&mut texts);
        all.push(refused(fault, verdict, code, &texts));
    };
    push("file-byte-changed", "invalid", "file-not-in-entry", &|t| t.files[1].1[0] ^= 1);
    push("file-byte-appended", "invalid", "file-not-in-entry", &|t| t.files[1].1.push(b'\n'));
    push("e-of-another-entry", "invalid", "entry-altered", &|t| t.e = honest(2).e);
    push("e-salt-changed", "invalid", "entry-altered", &|t| t.e = t.e.replace("\"salt\":\"07", "\"salt\":\"17"));
    push("f-salt-changed", "invalid", "file-records-altered", &|t| {
        t.f[1] = t.f[1].replace("\"salt\":\"02", "\"salt\":\"12");
    });
    push("f-missing", "cannot-tell", "file-records-missing", &|t| drop(t.f.pop()));
    push("f-twice", "cannot-tell", "file-records-missing", &|t| t.f.insert(1, t.f[0].clone()));
    push("r-sha512-of-another-e", "invalid", "entry-altered", &|t| {
        let other = LogRecord::parse(honest(2).r.as_bytes()).map(|r| r.entry_sha512.to_string()).unwrap_or_default();
        let ours = LogRecord::parse(t.r.as_bytes()).map(|r| r.entry_sha512.to_string()).unwrap_or_default();
        t.r = t.r.replace(&ours, &other);
    });
    let made = |f: Vec<String>, e: &dyn Fn(String) -> String, r: &dyn Fn(String) -> String| tied(files(3), f, e, r);
    let (same, three) = (|text: String| text, records_of(&files(3)));
    let renumbered = three.iter().map(|f| f.replace("\"number\":3", "\"number\":4")).collect();
    all.push(refused("f-number-skipped", "invalid", "file-records-altered", &made(renumbered, &same, &same)));
    let counted = |e: String| e.replace("\"file_count\":3", "\"file_count\":4");
    all.push(refused(
        "e-counts-one-more",
        "cannot-tell",
        "file-records-missing",
        &made(three.clone(), &counted, &same),
    ));
    let journal = |e: String| e.replace("\"kind\":\"deposit\"", "\"kind\":\"journal\"");
    all.push(refused("kind-of-e-is-not-of-r", "invalid", "kind-differs", &made(three, &journal, &same)));
    all
}

/// Bytes that are no record, everything else being tied to them as they are.
fn shapes() -> Vec<Value> {
    type Change = fn(String) -> String;
    let changes: [(&str, &str, &str, Change); 15] = [
        ("space", "invalid", "record-malformed", |t| t.replacen(":", ": ", 1)),
        ("newline-at-the-end", "invalid", "record-malformed", |t| t + "\n"),
        ("byte-order-mark", "invalid", "record-malformed", |t| format!("\u{feff}{t}")),
        ("keys-out-of-order", "invalid", "record-malformed", |t| t.replacen('{', "{\"zz\":1,", 1)),
        ("key-twice", "invalid", "record-malformed", |t| t.replace(",\"version\":1", ",\"version\":1,\"version\":1")),
        ("escape-not-needed", "invalid", "record-malformed", |t| {
            t.replace("\"kind\":\"d", "\"kind\":\"\\u0064").replace("\"name\":\"d", "\"name\":\"\\u0064")
        }),
        ("number-with-a-fraction", "invalid", "record-malformed", |t| t.replace("\"version\":1", "\"version\":1.0")),
        ("number-with-an-exponent", "invalid", "record-malformed", |t| t.replacen('{', "{\"a\":1e2,", 1)),
        ("number-of-2-to-the-53", "invalid", "record-malformed", |t| t.replacen('{', "{\"a\":9007199254740992,", 1)),
        ("key-beyond-ascii", "invalid", "record-malformed", |t| {
            t.replace(",\"version\"", ",\"v\u{e9}\":1,\"version\"")
        }),
        ("salt-in-capitals", "invalid", "record-malformed", |t| t.replace("\"salt\":\"0", "\"salt\":\"A")),
        ("salt-too-short", "invalid", "record-malformed", |t| t.replace("\"salt\":\"0", "\"salt\":\"")),
        ("salt-missing", "invalid", "record-malformed", |t| t.replace("\"salt\"", "\"salz\"")),
        ("version-unknown", "cannot-tell", "unknown-version", |t| t.replace("\"version\":1", "\"version\":2")),
        ("version-missing", "invalid", "record-malformed", |t| t.replace(",\"version\":1", "")),
    ];
    let mut all = Vec::new();
    let same: Change = |text| text;
    for (fault, verdict, code, change) in changes {
        let one = files(1);
        let plain = records_of(&one);
        let changed = plain.iter().cloned().map(change).collect();
        all.push(refused(&format!("f-{fault}"), verdict, code, &tied(one.clone(), changed, same, same)));
        all.push(refused(&format!("e-{fault}"), verdict, code, &tied(one.clone(), plain.clone(), change, same)));
        all.push(refused(&format!("r-{fault}"), verdict, code, &tied(one, plain, same, change)));
    }
    let of_r: [(&str, Change); 6] = [
        ("time-without-milliseconds", |r| r.replace(".000Z", "Z")),
        ("time-of-another-zone", |r| r.replace(".000Z", ".000+00:00")),
        ("day-of-no-month", |r| r.replace("-11-23T", "-11-31T")),
        ("id-in-capitals", |r| r.replace("\"id\":\"a", "\"id\":\"A")),
        ("id-with-loose-bits", |r| r.replace("u\",\"kind\"", "v\",\"kind\"")),
        ("kind-unknown", |r| r.replace("\"kind\":\"deposit\"", "\"kind\":\"deposits\"")),
    ];
    for (fault, change) in of_r {
        let one = files(1);
        let plain = records_of(&one);
        all.push(refused(&format!("r-{fault}"), "invalid", "record-malformed", &tied(one, plain, same, change)));
    }
    all
}
