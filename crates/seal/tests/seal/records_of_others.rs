//! Evidence records of other houses, ASN.1 and XML, where the optional fixtures folder is at hand: each has the verdict and the
//! reason its house gives it, or stands in a list here with the cause of the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine;
use seal::{
    AnyVerifier, ArchiveRecord, DataContent, DataObject, DigestAlgorithm, RecordReport, RecordTrust, Token, UnixMillis,
    judge_record,
};
use serde_json::Value;
use x509_parser::parse_x509_certificate;

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/evidence");
    if !root.join("MANIFEST.json").exists() {
        println!("SKIPPED: no fixtures at {}", root.display());
        return None;
    }
    Some(root)
}

fn text<'v>(entry: &'v Value, field: &str) -> &'v str {
    entry[field].as_str().unwrap_or_default()
}

/// What an entry says of its documents: bytes, or digests alone.
enum Given {
    Bytes(Vec<u8>),
    Digests(Vec<(DigestAlgorithm, Vec<u8>)>),
}

fn given(root: &Path, entry: &Value) -> Vec<Given> {
    let documents = entry["docs"].as_array().cloned().unwrap_or_default();
    let read = |name: &Value| Given::Bytes(std::fs::read(root.join(name.as_str().unwrap())).unwrap());
    let mut all: Vec<Given> = documents.iter().map(read).collect();
    for digests in entry["doc_digests_b64"].as_array().into_iter().flatten() {
        let decoded = digests.as_object().unwrap().iter().map(|(name, value)| {
            let digest = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
            (DigestAlgorithm::from_name(name).unwrap(), digest)
        });
        all.push(Given::Digests(decoded.collect()));
    }
    all
}

/// The certificates of the tokens that no other one of theirs has issued: the top of what each token carries.
fn tops(record: &ArchiveRecord) -> Vec<Vec<u8>> {
    let tokens: Vec<Token> = record.tokens_der().filter_map(|der| Token::parse(der).ok()).collect();
    let all: BTreeSet<Vec<u8>> = tokens.iter().flat_map(|token| token.certificates().to_vec()).collect();
    let names = |der: &[u8]| {
        let (_, parsed) = parse_x509_certificate(der).ok()?;
        Some((parsed.issuer().as_raw().to_vec(), parsed.subject().as_raw().to_vec()))
    };
    let subjects: BTreeSet<Vec<u8>> = all.iter().filter_map(|der| Some(names(der)?.1)).collect();
    let top =
        |der: &&Vec<u8>| names(der).is_some_and(|(issuer, subject)| issuer == subject || !subjects.contains(&issuer));
    all.iter().filter(top).cloned().collect()
}

/// The moment at which the newest token states to have been made.
fn newest(record: &ArchiveRecord) -> Option<UnixMillis> {
    let tokens: Vec<&[u8]> = record.tokens_der().collect();
    tokens.last().and_then(|der| Token::parse(der).ok()).map(|token| token.gen_time())
}

fn judged(
    record: &ArchiveRecord,
    documents: &[Given],
    roots: &[Vec<u8>],
    at: UnixMillis,
    accept_weak: bool,
) -> RecordReport {
    let names: Vec<String> = (1..=documents.len()).map(|n| format!("document {n}")).collect();
    let data: Vec<DataObject<'_>> = documents
        .iter()
        .zip(&names)
        .map(|(document, name)| DataObject {
            name,
            content: match document {
                Given::Bytes(bytes) => DataContent::Bytes(bytes),
                Given::Digests(digests) => DataContent::Digests(digests),
            },
        })
        .collect();
    let trust = RecordTrust { roots, extra_certificates: &[], at, accept_weak, verifier: &AnyVerifier };
    judge_record(record, &data, &trust)
}

/// What each reason of the manifest is called here: all of these codes are said.
const REASONS: [(&str, &[&str]); 17] = [
    ("DATA_NOT_COVERED", &["data-not-covered"]),
    ("one of two documents not covered", &["data-not-covered"]),
    ("imprint mismatch", &["data-not-covered"]),
    ("renewed chain lacks the document hash", &["data-not-covered"]),
    ("renewed chain without hashtree cannot cover doc", &["data-not-covered", "previous-chains-not-covered"]),
    ("ROOT_MISMATCH (tampered leaf)", &["tree-leads-elsewhere"]),
    ("PREV_TST_NOT_COVERED", &["previous-token-not-covered"]),
    ("renewal imprint mismatch", &["previous-token-not-covered"]),
    ("PREV_TST_NOT_COVERED+ROOT_MISMATCH", &["previous-token-not-covered", "tree-leads-elsewhere"]),
    ("sequence/document hash not covered by renewed chain", &["previous-chains-not-covered"]),
    ("renewed chain does not cover H(doc||seq)", &["previous-chains-not-covered"]),
    ("sequence digest wrong in 2nd chain", &["previous-chains-not-covered"]),
    ("second chain reuses a copied TST / wrong digest algo", &["token-repeated", "imprint-algorithm"]),
    ("copied TST", &["token-repeated"]),
    ("renewal is a copy of the first TST", &["token-repeated", "tree-leads-elsewhere"]),
    ("MALFORMED", &["malformed"]),
    ("NO_DATA", &["no-data"]),
];

/// Records their house calls valid and of which it cannot be told here, by the beginning of their names, and why. Never the reverse.
const UNTOLD: [(&str, &str); 2] = [
    ("1_", "the token's certificate is a CA's own, and its signature RSA-PSS with SHA-224"),
    (
        "er-asn1-full-renewal-t",
        "the second chain's certificate ended on 2023-02-02, the renewal is of 2024 (RFC 4998 §5.3); their house looked at hashes",
    ),
];
const UNTOLD_TOO: &str = "er-asn1-full-renewal-five-ats-chain.ers";

fn cause(file: &str) -> Option<&'static str> {
    let name = file.rsplit('/').next().unwrap_or_default();
    let listed = UNTOLD.iter().find(|(beginning, _)| name.starts_with(beginning));
    let listed = listed.or(UNTOLD.last().filter(|_| name == UNTOLD_TOO));
    listed.map(|(_, cause)| *cause)
}

/// The codes of all that does not hold, false or untold; empty when the record passes.
fn codes(root: &Path, entry: &Value) -> (bool, Vec<&'static str>, bool) {
    let bytes = std::fs::read(root.join(text(entry, "file"))).unwrap();
    let record = match ArchiveRecord::parse(&bytes) {
        Ok(record) => record,
        Err(why) => return (false, vec![why.code()], true),
    };
    let at = newest(&record).unwrap_or(UnixMillis(0));
    let report = judged(&record, &given(root, entry), &tops(&record), at, false);
    assert!(!judged(&record, &given(root, entry), &[], at, true).passed(), "without a root nothing passes");
    let other = [Given::Bytes(b"another document".to_vec())];
    assert!(!judged(&record, &other, &tops(&record), at, true).passed(), "no record covers another document");
    (report.passed(), report.faults().map(seal::RecordFault::code).collect(), report.first_false().is_some())
}

#[test]
fn records_of_others_have_the_verdict_and_the_reason_their_houses_give() {
    let Some(root) = folder() else { return };
    println!(
        "roots: the top certificates of each record's own tokens, given by this test; judged when the newest token was made"
    );
    let manifest = std::fs::read_to_string(root.join("MANIFEST.json")).unwrap();
    let manifest: Vec<Value> = serde_json::from_str(&manifest).unwrap();
    let (mut agreed, mut untold, mut unscored) = (0, 0, 0);
    for entry in manifest.iter().filter(|e| text(e, "role") == "er") {
        let (file, expected) = (text(entry, "file"), text(entry, "expected"));
        let (passed, said, refused) = codes(&root, entry);
        let what = format!("{file} ({}{}): {expected}, found {said:?}", text(entry, "kind"), text(entry, "reason"));
        match (expected, passed) {
            ("VALID", true) => agreed += 1,
            ("VALID", false) => {
                assert!(!refused, "{what}");
                println!("DIFFERS: {what}: {}", cause(file).unwrap_or_else(|| panic!("{what}")));
                untold += 1;
            }
            ("INVALID", passed) => {
                assert!(!passed, "A WRONG VALID: {what}");
                let reason = REASONS.iter().find(|(reason, _)| *reason == text(entry, "reason"));
                let wanted = reason.unwrap_or_else(|| panic!("no class for {what}")).1;
                assert!(wanted.iter().all(|code| said.contains(code)), "{what}, wanted {wanted:?}");
                agreed += 1;
            }
            _ => {
                println!("NOT SCORED: {what}, passed: {passed}");
                unscored += 1;
            }
        }
    }
    println!("{agreed} as their houses say, {untold} valid there and untold here, {unscored} not scored");
    assert!(agreed + untold + unscored >= 73, "entries are missing");
}
