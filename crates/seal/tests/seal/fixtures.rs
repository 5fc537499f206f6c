//! Tokens and evidence records of other houses, where the optional fixtures folder is at hand.

use std::path::{Path, PathBuf};

use seal::{
    AnyVerifier, DigestAlgorithm, EvidenceRecord, ExpectedToken, SealError, Token, TokenPolicy, UnixMillis,
    check_token, parse_response, pem_to_der,
};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/evidence");
    if !root.join("MANIFEST.json").exists() {
        println!("SKIPPED: no fixtures at {}", root.display());
        return None;
    }
    Some(root)
}

fn manifest(root: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(root.join("MANIFEST.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text<'v>(entry: &'v Value, field: &str) -> &'v str {
    entry[field].as_str().unwrap_or_default()
}

/// A token judged for everything but its imprint, with the roots of its folder, or else with the certificates
/// it carries.
fn judge(root: &Path, file: &str, token: &Token) -> Result<UnixMillis, String> {
    let chain = Path::new(file).parent().map(|dir| root.join(dir).join("ts_chain.pem"));
    let trusted = match chain.and_then(|path| std::fs::read_to_string(path).ok()) {
        Some(pem) => pem_to_der(&pem).unwrap(),
        None => token.certificates().to_vec(),
    };
    let imprint = token.imprint();
    let expected = ExpectedToken::new(DigestAlgorithm::from_name(imprint.algorithm).unwrap(), imprint.digest);
    let policy = TokenPolicy { extra_certificates: &trusted, ..TokenPolicy::new(&trusted, NOW, &AnyVerifier) };
    let report = check_token(token, &expected, &policy);
    let failed: Vec<String> = report
        .checks
        .iter()
        .filter_map(|c| c.outcome.as_ref().err().map(|e| format!("{}: {e}", c.name.name())))
        .collect();
    report.valid_until.filter(|_| failed.is_empty()).ok_or(failed.join(", "))
}

/// 2026-11-01, when these verdicts were last looked at.
const NOW: UnixMillis = UnixMillis(1_793_491_200_000);
/// Good tokens whose issuer is neither carried nor in the folder, the second one under a namesake of it.
const NO_ROOT_AT_HAND: [&str; 2] = ["tokens/disig.tst", "rfc3161-client/test_tsa/other_response.tsr"];

#[test]
fn tokens_of_others_are_judged_as_their_houses_say() {
    let Some(root) = folder() else { return };
    for entry in manifest(&root).iter().filter(|e| text(e, "role") == "token") {
        let (file, expected) = (text(entry, "file"), text(entry, "expected"));
        let bytes = std::fs::read(root.join(file)).unwrap();
        let token = match text(entry, "format") {
            "rfc3161-tsr" => parse_response(&bytes),
            _ => Token::parse(&bytes),
        };
        let outcome = token.map_err(|e| e.to_string()).and_then(|token| judge(&root, file, &token));
        println!("{file}: expected {expected}, found {outcome:?}");
        match expected {
            "VALID" if NO_ROOT_AT_HAND.contains(&file) => {
                assert!(outcome.is_err_and(|e| e.starts_with("path: ")))
            }
            "VALID" => assert!(outcome.is_ok(), "{file}: {outcome:?}"),
            // The expired one was good at its own time, and no longer counts by itself: `valid_until` says so.
            _ => assert!(outcome.is_err() || outcome.is_ok_and(|until| until < NOW), "{file} was accepted"),
        }
    }
}

/// The digests of the documents an entry names, made with the digest of the record.
fn digests(root: &Path, entry: &Value, algorithm: DigestAlgorithm) -> Vec<Vec<u8>> {
    use base64::Engine;
    if let Some(documents) = entry["docs"].as_array() {
        let read = |name: &Value| std::fs::read(root.join(name.as_str().unwrap())).unwrap();
        return documents.iter().map(|name| algorithm.digest(&read(name))).collect();
    }
    let known = entry["doc_digests_b64"].as_array().cloned().unwrap_or_default();
    known
        .iter()
        .filter_map(|d| d[algorithm.name()].as_str())
        .map(|d| base64::engine::general_purpose::STANDARD.decode(d).unwrap())
        .collect()
}

/// How many documents of an entry its record covers.
fn covered(root: &Path, entry: &Value) -> Result<usize, SealError> {
    let bytes = std::fs::read(root.join(text(entry, "file"))).unwrap();
    let record = EvidenceRecord::parse(&bytes)?;
    let unsupported = SealError::Unsupported { what: "digest", found: "of the tree".to_owned() };
    let digests = digests(root, entry, record.algorithm().ok_or(unsupported)?);
    for digest in &digests {
        record.covers_one(digest)?;
    }
    Ok(digests.len())
}

#[test]
fn records_of_others_are_covered_as_their_houses_say() {
    let Some(root) = folder() else { return };
    let mut accepted = Vec::new();
    for entry in manifest(&root).iter().filter(|e| text(e, "format") == "asn1-er") {
        let (file, expected) = (text(entry, "file"), text(entry, "expected"));
        let outcome = covered(&root, entry).map_err(|e| e.code());
        println!("{file} ({}): expected {expected}, found {outcome:?}", text(entry, "kind"));
        match outcome {
            Ok(0) => assert_eq!(text(entry, "reason"), "NO_DATA"),
            Ok(_) => {
                assert_eq!(expected, "VALID", "{file} was accepted");
                accepted.push(file.to_owned());
            }
            Err("unsupported") => {}
            Err(_) => assert_ne!(expected, "VALID", "{file} was refused"),
        }
    }
    accepted.sort();
    accepted.dedup();
    let simple = ["1_0_Initial.er", "BIN-1_ER.ers", "er-asn1-on-tst.ers", "er-asn1-simple.ers", "evidencerecord.ers"];
    assert_eq!(accepted, simple.map(|name| format!("evidence-records/{name}")));
}
