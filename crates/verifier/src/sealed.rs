//! The seal's part: the token, the evidence records that lead to it, the head of the log it binds, the algorithms, the times.

use std::collections::BTreeSet;
use std::sync::Mutex;

use proof::merkle::verify_consistency;
use proof::time::format_rfc3339;
use proof::tlog_proof::parse_hashes;
use proof::{Hash, Sha256Tree, UnixMillis, sha256};
use seal::{
    CheckName, EvidenceRecord, ExpectedToken, RingVerifier, SealError, SignatureAlgorithm, SignatureVerifier,
    Token, TokenPolicy, check_token,
};

use crate::limits::{CLOCK_SKEW_MS, FALSE_TIME_MS};
use crate::log::Head;
use crate::policy::{Policy, plain};
use crate::verdict::{Anchor, Sealed, Status, Verdict};

/// The door of `seal`, which also remembers by which algorithms it was passed.
#[derive(Default)]
pub(crate) struct Witnessed(Mutex<BTreeSet<String>>);

impl Witnessed {
    pub fn algorithms(&self) -> BTreeSet<String> {
        self.0.lock().map(|seen| seen.clone()).unwrap_or_default()
    }
}

impl SignatureVerifier for Witnessed {
    fn verify(
        &self,
        by: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SealError> {
        RingVerifier.verify(by, spki, message, signature)?;
        let mut seen = self.0.lock().map_err(|_| SealError::Unsupported {
            what: "lock",
            found: String::new(),
        })?;
        seen.insert(by.to_string());
        Ok(())
    }
}

/// The moment, in the terms of `seal`.
pub(crate) fn seal_time(at: UnixMillis) -> seal::UnixMillis {
    seal::UnixMillis(i64::try_from(at.0).unwrap_or(i64::MAX))
}

fn proof_time(at: seal::UnixMillis) -> UnixMillis {
    UnixMillis(u64::try_from(at.0).unwrap_or(0))
}

/// The token is over `imprint`, and made by an authority under these roots: sets the time. What has expired by the judgement
/// is "cannot tell": a newer token would be needed.
pub(crate) fn check_timestamp(
    verdict: &mut Verdict,
    token: &Token,
    imprint: &Hash,
    roots: &[Vec<u8>],
    at: UnixMillis,
    place: &str,
) -> BTreeSet<String> {
    let seen = Witnessed::default();
    let expected = ExpectedToken {
        imprint_sha256: imprint.as_bytes(),
        nonce: None,
        policy: None,
    };
    let policy = TokenPolicy {
        roots,
        extra_certificates: &[],
        at: seal_time(at),
        verifier: &seen,
    };
    let report = check_token(token, &expected, &policy);
    let before = verdict.findings.len();
    for check in &report.checks {
        let Err(why) = &check.outcome else { continue };
        let (status, code) = match (check.name, why) {
            (CheckName::Path, _) if roots.is_empty() => (Status::Indeterminate, "no-trust-anchor"),
            (CheckName::Path, SealError::NoPath { .. }) => (Status::Indeterminate, "token-not-trusted"),
            (CheckName::Imprint, SealError::ImprintAlgorithmMismatch { .. }) => {
                (Status::Indeterminate, "token-unsupported")
            }
            (CheckName::GenTime, SealError::GenTimeAhead { .. }) => (Status::Indeterminate, "token-ahead"),
            (_, SealError::Unsupported { .. } | SealError::SignerNotFound { .. }) => {
                (Status::Indeterminate, "token-unsupported")
            }
            _ => (Status::Failed, "token-false"),
        };
        verdict.add(
            "timestamp",
            status,
            code,
            place,
            &format!("{}: {why}", check.name.name()),
        );
    }
    if let (true, true, Some(signer), Some(root)) = (
        report.passed(),
        verdict.findings.len() == before,
        &report.signer,
        report.root_sha256,
    ) {
        if signer.not_after < seal_time(at) {
            let ended = signer.not_after.to_string();
            verdict.add(
                "timestamp",
                Status::Indeterminate,
                "no-proof-of-existence",
                place,
                &ended,
            );
        } else {
            let stated = proof_time(report.gen_time)
                .0
                .saturating_add(token.accuracy_ms().unwrap_or(0));
            verdict.time = Some(Sealed {
                not_after: UnixMillis(stated),
                authority: crate::messages::shown(&signer.subject),
            });
            verdict.anchors.push(Anchor {
                kind: "tsa-root",
                sha256: Hash(root),
            });
            verdict.add("timestamp", Status::Passed, "stamped", place, &signer.subject);
        }
    } else if verdict.findings.len() == before {
        verdict.add("timestamp", Status::Indeterminate, "token-not-trusted", place, "");
    }
    seen.algorithms()
}

/// The evidence record covers exactly this group, and bears this token: returns the root it leads to.
pub(crate) fn check_group(
    verdict: &mut Verdict,
    name: &'static str,
    record: &[u8],
    [a, b]: [Hash; 2],
    token: &[u8],
    place: &str,
) -> Option<Hash> {
    let covered = EvidenceRecord::parse(record).and_then(|er| {
        er.covers(a.as_bytes(), b.as_bytes())
            .map(|root| (Hash(root), er.token_der() == token))
    });
    let (not_covered, is_covered) = match name {
        "binding" => ("checkpoint-not-covered", "checkpoint-bound"),
        _ => ("group-not-covered", "group-covered"),
    };
    match covered {
        Ok((root, true)) => {
            verdict.add(name, Status::Passed, is_covered, place, "");
            return Some(root);
        }
        Ok((_, false)) => verdict.add(name, Status::Failed, "other-token", place, ""),
        Err(why @ SealError::Unsupported { .. }) => {
            verdict.add(
                name,
                Status::Indeterminate,
                "record-unsupported",
                place,
                &why.to_string(),
            );
        }
        Err(why) => verdict.add(name, Status::Failed, not_covered, place, &why.to_string()),
    }
    None
}

/// The members that bind a head of the log to the token.
pub(crate) struct Binding<'a> {
    pub checkpoint: &'a [u8],
    pub record: &'a [u8],
    pub consistency: &'a [u8],
    pub token: &'a [u8],
}

/// The token covers the sealed head, and that head continues the receipt's: returns it, whoever signed it.
pub(crate) fn check_binding(
    verdict: &mut Verdict,
    binding: &Binding<'_>,
    receipt: Option<&Head>,
) -> Option<Head> {
    const NAME: &str = "binding";
    const WHERE: &str = "META-INF/tabellion/checkpoint";
    // Of the group, one hash is the checkpoint's; the other is of something not shown (the previous token, or the policy).
    let ours = sha256(binding.checkpoint);
    let group = EvidenceRecord::parse(binding.record)
        .map(|er| er.first_list().to_vec())
        .unwrap_or_default();
    let other = match group.as_slice() {
        [a, b] if *a == ours.as_ref() => Hash::from_slice(b),
        [a, b] if *b == ours.as_ref() => Hash::from_slice(a),
        _ => None,
    };
    let group = [ours, other.unwrap_or_default()];
    check_group(
        verdict,
        NAME,
        binding.record,
        group,
        binding.token,
        "META-INF/tabellion/checkpoint.ers",
    );
    let text = std::str::from_utf8(binding.checkpoint).map_err(|why| why.to_string());
    let head = match text.and_then(Head::parse) {
        Ok(head) => head,
        Err(why) => {
            verdict.add(NAME, Status::Failed, "checkpoint-malformed", WHERE, &why);
            return None;
        }
    };
    const PATH: &str = "META-INF/tabellion/consistency";
    let path = std::str::from_utf8(binding.consistency)
        .ok()
        .and_then(parse_hashes);
    let (Some(old), Some(path)) = (receipt.map(|head| &head.checkpoint), path) else {
        verdict.add(NAME, Status::Failed, "log-rewritten", PATH, "");
        return Some(head);
    };
    let new = &head.checkpoint;
    match verify_consistency::<Sha256Tree>(old.size, new.size, &old.root, &new.root, &path) {
        Ok(()) => verdict.add(NAME, Status::Passed, "log-continues", PATH, ""),
        Err(why) => verdict.add(NAME, Status::Failed, "log-rewritten", PATH, &why.to_string()),
    }
    Some(head)
}

/// Each algorithm is accepted by the policy at its date: digests and the token's at the judgement, the log's at the
/// moment its signature is proved to exist.
pub(crate) fn check_algorithms(
    verdict: &mut Verdict,
    policy: Option<&Policy>,
    used: &[(String, UnixMillis)],
) {
    const NAME: &str = "algorithms";
    let Some(policy) = policy else { return };
    let names = used
        .iter()
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if policy.algorithms.is_empty() {
        return verdict.add(NAME, Status::Recorded, "no-algorithm-dates", "", &names);
    }
    let before = verdict.findings.len();
    for (name, date) in used {
        match policy.algorithms.get(&plain(name)) {
            None => verdict.add(NAME, Status::Indeterminate, "algorithm-not-listed", "", name),
            Some(Some(until)) if date >= until => {
                let detail = format!("{name}, {}", format_rfc3339(*until));
                verdict.add(NAME, Status::Indeterminate, "algorithm-ended", "", &detail);
            }
            Some(_) => {}
        }
    }
    if verdict.findings.len() == before {
        verdict.add(NAME, Status::Passed, "algorithms-current", "", &names);
    }
}

/// The operator's word on reception does not contradict the proved time (or, without one, the judgement).
pub(crate) fn check_times(verdict: &mut Verdict, received: UnixMillis, at: UnixMillis) {
    const NAME: &str = "time-order";
    const WHERE: &str = "unit/R.json";
    let proved = verdict.time.as_ref().map(|time| time.not_after);
    let late = received.0.saturating_sub(proved.unwrap_or(at).0);
    let detail = format!(
        "{} > {}",
        format_rfc3339(received),
        format_rfc3339(proved.unwrap_or(at))
    );
    match proved {
        None if late > CLOCK_SKEW_MS => {
            verdict.add(
                NAME,
                Status::Indeterminate,
                "judged-before-receipt",
                WHERE,
                &detail,
            );
        }
        Some(_) if late > FALSE_TIME_MS => {
            verdict.add(NAME, Status::Failed, "received-time-false", WHERE, &detail)
        }
        Some(_) if late > CLOCK_SKEW_MS => {
            verdict.warn(NAME, Status::Passed, "received-after-seal", WHERE, &detail)
        }
        Some(_) => verdict.add(NAME, Status::Passed, "times-in-order", WHERE, ""),
        None => {}
    }
}
