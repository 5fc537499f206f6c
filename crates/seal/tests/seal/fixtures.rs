//! Tokens and evidence records of other houses, where the optional fixtures folder is at hand.

use std::path::{Path, PathBuf};

use seal::{
    AnyVerifier, ArchiveRecord, DigestAlgorithm, EvidenceRecord, ExpectedToken, SealError, Token, TokenPolicy,
    TokenReport, UnixMillis, check_token, pem_to_der, read_token,
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
fn judge(root: &Path, file: &str, token: &Token) -> TokenReport {
    let imprint = token.imprint();
    let chain = Path::new(file).parent().map(|dir| root.join(dir).join("ts_chain.pem"));
    let trusted = match chain.and_then(|path| std::fs::read_to_string(path).ok()) {
        Some(pem) => pem_to_der(&pem).unwrap(),
        None => token.certificates().to_vec(),
    };
    let expected = ExpectedToken::new(DigestAlgorithm::from_name(imprint.algorithm).unwrap(), imprint.digest);
    let policy = TokenPolicy { extra_certificates: &trusted, ..TokenPolicy::new(&trusted, NOW, &AnyVerifier) };
    check_token(token, &expected, &policy)
}

/// 2026-11-01, when these verdicts were last looked at.
const NOW: UnixMillis = UnixMillis(1_793_491_200_000);

/// What is expected of each token: `passes`, `ended` (good at its own time, and a certificate on its way has ended since: no
/// proof by itself any more), or the rule that refuses it and why.
const TOKENS: [(&str, &str); 16] = [
    ("tokens/d-trust.tsr", "ended"),
    // Its issuer is neither carried nor in the folder.
    ("tokens/disig.tst", "path: no-path"),
    ("tokens/archive_timestamp.tst", "ended"),
    ("tokens/tst_with_broken_ocsp.tst", "ended"),
    ("tokens/timestamp.tst", "ended"),
    // Two certificates named, the signer's second: RFC 5035 §4 wants it first.
    ("tokens/tst-two-refs.tst", "ess-cert-id: ess-cert-id-mismatch"),
    ("rfc3161-client/identrust/issue-104.tsr", "ended"),
    ("rfc3161-client/sigstage/response-invalid-signature.tsr", "signature: signature-false"),
    ("rfc3161-client/sigstage/response-no-embedded-cert.tsr", "passes"),
    ("rfc3161-client/sigstage/response-sha256.tsr", "passes"),
    ("rfc3161-client/sigstage/response-sha384.tsr", "passes"),
    ("rfc3161-client/sigstage/response-sha512.tsr", "passes"),
    // Its issuer is a namesake of the one in the folder.
    ("rfc3161-client/test_tsa/other_response.tsr", "path: no-path"),
    ("rfc3161-client/test_tsa/response-injected-certs.tsr", "certificates: signer-ambiguous"),
    ("rfc3161-client/test_tsa/response.tsr", "passes"),
    ("rfc3161-client/sigstore.mock/response-expired.tsr", "ended"),
];

#[test]
fn tokens_of_others_have_the_verdict_and_the_reason_expected() {
    let Some(root) = folder() else { return };
    let mut seen = 0;
    for entry in manifest(&root).iter().filter(|e| text(e, "role") == "token") {
        let (file, expected) = (text(entry, "file"), text(entry, "expected"));
        let token = read_token(&std::fs::read(root.join(file)).unwrap()).unwrap();
        let report = judge(&root, file, &token);
        let found = match report.first_failure() {
            Some((rule, why)) => format!("{}: {}", rule.name(), why.code()),
            None if report.valid_until.unwrap() < NOW => "ended".to_owned(),
            None => "passes".to_owned(),
        };
        println!(
            "{file}: their house says {expected}, found {found}; {} pieces on revocation carried, {:?}",
            token.revocation().len(),
            report.standings
        );
        let known = TOKENS.iter().find(|(name, _)| *name == file).map(|(_, found)| *found);
        assert_eq!(Some(found.as_str()), known, "{file}");
        seen += 1;
    }
    assert_eq!(seen, TOKENS.len());
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
    // Renewed ones are judged whole, by the rules for anybody's records.
    if ArchiveRecord::parse(&bytes)?.shape() != [1] {
        return Err(unsupported);
    }
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
