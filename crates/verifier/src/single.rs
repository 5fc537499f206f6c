//! Single pieces: a time-stamp token over a file, an evidence record over files, by roots alone and without a log.

use proof::{Hash, UnixMillis};
use seal::{EvidenceRecord, SealError, Token};

use crate::receipt::NamedDigest;
use crate::sealed;
use crate::verdict::{Status, Verdict};

const NEEDED: [&str; 3] = ["format", "files", "timestamp"];

/// The verdict on a raw token (RFC 3161 `ContentInfo`) over this file, by these roots.
pub fn verify_timestamp(token: &[u8], data: &NamedDigest, roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    let mut verdict = Verdict::new();
    match Token::parse(token) {
        Err(why) => verdict.add(
            "format",
            Status::Indeterminate,
            "unreadable",
            "",
            &why.to_string(),
        ),
        Ok(token) => {
            verdict.add("format", Status::Passed, "piece-read", "", "");
            let imprint = token.imprint();
            let (status, code) = match imprint.algorithm {
                "sha256" if imprint.digest == data.sha256.as_ref() => (Status::Passed, "same-as-stamped"),
                "sha512" if imprint.digest == data.sha512.as_ref() => (Status::Passed, "same-as-stamped"),
                "sha256" | "sha512" => (Status::Failed, "other-than-stamped"),
                _ => (Status::Indeterminate, "token-unsupported"),
            };
            verdict.add("files", status, code, &data.name, imprint.algorithm);
            sealed::check_timestamp(&mut verdict, &token, &data.sha256, roots, at, "");
        }
    }
    verdict.conclude(&NEEDED, &NEEDED)
}

/// A digest given to be found in an evidence record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedHash {
    /// What to call it; one file may come under several algorithms.
    pub name: String,
    /// `sha256`, `sha384` or `sha512`.
    pub algorithm: String,
    /// The digest.
    pub digest: Vec<u8>,
}

/// The verdict on an evidence record (RFC 4998) over these digests, by these roots. Renewed records: "cannot tell" for now.
pub fn verify_evidence_record(
    record: &[u8],
    data: &[NamedHash],
    roots: &[Vec<u8>],
    at: UnixMillis,
) -> Verdict {
    let mut verdict = Verdict::new();
    match EvidenceRecord::parse(record) {
        Ok(record) => judge(&mut verdict, &record, data, roots, at),
        Err(why @ SealError::Unsupported { .. }) => {
            verdict.add(
                "evidence-record",
                Status::Indeterminate,
                "record-unsupported",
                "",
                &why.to_string(),
            );
        }
        Err(why) => verdict.add(
            "format",
            Status::Indeterminate,
            "unreadable",
            "",
            &why.to_string(),
        ),
    }
    const NEEDED: [&str; 4] = ["format", "files", "evidence-record", "timestamp"];
    verdict.conclude(&NEEDED, &NEEDED)
}

fn judge(
    verdict: &mut Verdict,
    record: &EvidenceRecord,
    data: &[NamedHash],
    roots: &[Vec<u8>],
    at: UnixMillis,
) {
    const NAME: &str = "evidence-record";
    verdict.add("format", Status::Passed, "piece-read", "", "");
    let algorithm = record.algorithm().map_or("", |algorithm| algorithm.name());
    for name in data
        .iter()
        .map(|given| &given.name)
        .collect::<std::collections::BTreeSet<_>>()
    {
        let Some(given) = data
            .iter()
            .find(|given| given.name == *name && given.algorithm == algorithm)
        else {
            verdict.add(NAME, Status::Indeterminate, "record-unsupported", name, algorithm);
            continue;
        };
        match record.covers_one(&given.digest) {
            Ok(_) => {
                verdict.add("files", Status::Passed, "same-as-stamped", name, algorithm);
                verdict.add(NAME, Status::Passed, "group-covered", name, "");
            }
            Err(why @ SealError::Unsupported { .. }) => {
                verdict.add(
                    NAME,
                    Status::Indeterminate,
                    "record-unsupported",
                    name,
                    &why.to_string(),
                );
            }
            Err(why @ SealError::GroupMismatch { .. }) => {
                verdict.add("files", Status::Failed, "other-than-stamped", name, algorithm);
                verdict.add(NAME, Status::Failed, "group-not-covered", name, &why.to_string());
            }
            Err(why) => verdict.add(NAME, Status::Failed, "group-not-covered", name, &why.to_string()),
        }
    }
    match record.token() {
        // That the imprint is the root of the tree was said by each digest covered.
        Ok(token) => {
            let imprint = Hash::from_slice(token.imprint().digest).unwrap_or_default();
            sealed::check_timestamp(verdict, &token, &imprint, roots, at, "");
        }
        Err(why) => verdict.add(
            "timestamp",
            Status::Failed,
            "token-malformed",
            "",
            &why.to_string(),
        ),
    }
}
