//! Single pieces: a time-stamp token over a file, an evidence record over files, by roots alone and without a log.

use proof::UnixMillis;
use seal::{EvidenceRecord, SealError, Token};

use crate::receipt::NamedDigest;
use crate::sealed;
use crate::verdict::Verdict;

const NEEDED: [&str; 3] = ["format", "files", "timestamp"];

/// The verdict on a raw token (RFC 3161 `ContentInfo`) over this file, by these roots.
pub fn verify_timestamp(token: &[u8], data: &NamedDigest, roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    let mut verdict = Verdict::new(None);
    match Token::parse(token) {
        Err(why) => verdict.say("unreadable", "", why),
        Ok(token) => {
            verdict.say("piece-read", "", "");
            let imprint = token.imprint();
            let code = match imprint.algorithm {
                "sha256" if imprint.digest == data.sha256.as_ref() => "same-as-stamped",
                "sha512" if imprint.digest == data.sha512.as_ref() => "same-as-stamped",
                "sha256" | "sha512" => "other-than-stamped",
                _ => "token-unsupported",
            };
            verdict.say(code, &data.name, imprint.algorithm);
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
    let mut verdict = Verdict::new(None);
    match EvidenceRecord::parse(record) {
        Ok(record) => judge(&mut verdict, &record, data, roots, at),
        Err(why @ SealError::Unsupported { .. }) => {
            verdict.say("record-unsupported", "", why);
        }
        Err(why) => verdict.say("unreadable", "", why),
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
    verdict.say("piece-read", "", "");
    let algorithm = record.algorithm().map_or("", |algorithm| algorithm.name());
    for name in data.iter().map(|given| &given.name).collect::<std::collections::BTreeSet<_>>() {
        let Some(given) = data.iter().find(|given| given.name == *name && given.algorithm == algorithm)
        else {
            verdict.say("record-unsupported", name, algorithm);
            continue;
        };
        match record.covers_one(&given.digest) {
            Ok(_) => {
                verdict.say("same-as-stamped", name, algorithm);
                verdict.say("group-covered", name, "");
            }
            Err(why @ SealError::Unsupported { .. }) => {
                verdict.say("record-unsupported", name, why);
            }
            Err(why @ SealError::GroupMismatch { .. }) => {
                verdict.say("other-than-stamped", name, algorithm);
                verdict.say("group-not-covered", name, why);
            }
            Err(why) => verdict.say("group-not-covered", name, why),
        }
    }
    // That the imprint is the root of the tree was said by each digest covered.
    sealed::check_token_bytes(verdict, record.token_der(), None, roots, at, "");
}
