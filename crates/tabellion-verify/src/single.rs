//! Single pieces: a time-stamp token over a file, an evidence record over files, by roots alone and without a log. Put together from the
//! verifier's parts: what a token is worth is said there.

use proof::UnixMillis;
use seal::{EvidenceRecord, SealError, Token};

use verifier::{Case, NamedDigest, Verdict};

/// The verdict on a raw token (RFC 3161 `ContentInfo`) over this file, by these roots.
pub fn verify_timestamp(token: &[u8], data: &NamedDigest, roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    const NEEDED: &str = "format files timestamp";
    let mut case = Case::new(None, at);
    match Token::parse(token) {
        Err(why) => case.say("unreadable", "", why),
        Ok(read) => {
            case.say("piece-read", "", "");
            let imprint = read.imprint();
            let code = match imprint.algorithm {
                "sha256" if imprint.digest == data.sha256.as_ref() => "same-as-stamped",
                "sha512" if imprint.digest == data.sha512.as_ref() => "same-as-stamped",
                "sha256" | "sha512" => "other-than-stamped",
                _ => "token-unsupported",
            };
            case.say(code, &data.name, imprint.algorithm);
            match imprint.algorithm {
                "sha256" => drop(case.timestamp(token, Some(data.sha256), roots, "")),
                other if code != "token-unsupported" => {
                    case.say("token-unsupported", "", format_args!("imprint {other}"))
                }
                _ => {}
            }
        }
    }
    case.verdict.conclude(NEEDED, NEEDED)
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
pub fn verify_evidence_record(record: &[u8], data: &[NamedHash], roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    const NEEDED: &str = "format files evidence-record timestamp";
    let mut case = Case::new(None, at);
    match EvidenceRecord::parse(record) {
        Ok(record) => {
            case.say("piece-read", "", "");
            covered(&mut case, &record, data);
            // That the imprint is the root of the tree was said by each digest covered.
            case.timestamp(record.token_der(), None, roots, "");
        }
        Err(why @ SealError::Unsupported { .. }) => case.say("record-unsupported", "", why),
        Err(why) => case.say("unreadable", "", why),
    }
    case.verdict.conclude(NEEDED, NEEDED)
}

/// Each name given is covered, by its digest under the algorithm of the record.
fn covered(case: &mut Case<'_>, record: &EvidenceRecord, data: &[NamedHash]) {
    let algorithm = record.algorithm().map_or("", |algorithm| algorithm.name());
    for name in data.iter().map(|given| &given.name).collect::<std::collections::BTreeSet<_>>() {
        let given = data.iter().find(|given| given.name == *name && given.algorithm == algorithm);
        match given.map(|given| record.covers_one(&given.digest)) {
            None => case.say("record-unsupported", name, algorithm),
            Some(Ok(_)) => {
                case.say("same-as-stamped", name, algorithm);
                case.say("group-covered", name, "");
            }
            Some(Err(why @ SealError::Unsupported { .. })) => case.say("record-unsupported", name, why),
            Some(Err(why @ SealError::GroupMismatch { .. })) => case.say("other-than-stamped", name, why),
            Some(Err(why)) => case.say("group-not-covered", name, why),
        }
    }
}
