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
use crate::verdict::{Anchor, Sealed, Verdict};

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
        let mut seen =
            self.0.lock().map_err(|_| SealError::Unsupported { what: "lock", found: String::new() })?;
        seen.insert(by.to_string());
        Ok(())
    }
}

/// The moment, in the terms of `seal`.
pub(crate) fn seal_time(at: UnixMillis) -> seal::UnixMillis {
    seal::UnixMillis(i64::try_from(at.0).unwrap_or(i64::MAX))
}

/// As [`check_timestamp`] on bytes still to be read. Where the entry's own record led nowhere, its line has said so, and the
/// token is judged on its own imprint.
pub(crate) fn check_token_bytes(
    verdict: &mut Verdict,
    token: &[u8],
    root: Option<Hash>,
    roots: &[Vec<u8>],
    at: UnixMillis,
    place: &str,
) -> BTreeSet<String> {
    match Token::parse(token) {
        Ok(token) => {
            let root = root.or_else(|| Hash::from_slice(token.imprint().digest)).unwrap_or_default();
            return check_timestamp(verdict, &token, &root, roots, at, place);
        }
        Err(why @ SealError::Unsupported { .. }) => verdict.say("token-unsupported", place, why),
        Err(why) => verdict.say("token-malformed", place, why),
    }
    BTreeSet::new()
}

/// The token is over `imprint`, and made by an authority under these roots: sets the time. What has expired by the judgement
/// is "cannot tell": a newer token would be needed. Returns the algorithms of its signatures.
pub(crate) fn check_timestamp(
    verdict: &mut Verdict,
    token: &Token,
    imprint: &Hash,
    roots: &[Vec<u8>],
    at: UnixMillis,
    place: &str,
) -> BTreeSet<String> {
    let seen = Witnessed::default();
    let expected = ExpectedToken { imprint_sha256: imprint.as_bytes(), nonce: None, policy: None };
    let policy = TokenPolicy { roots, extra_certificates: &[], at: seal_time(at), verifier: &seen };
    let report = check_token(token, &expected, &policy);
    for check in &report.checks {
        let Err(why) = &check.outcome else { continue };
        let code = match (check.name, why) {
            (CheckName::Path, _) if roots.is_empty() => "no-tsa-root",
            (CheckName::Path, SealError::NoPath { .. }) => "token-not-trusted",
            (CheckName::GenTime, SealError::GenTimeAhead { .. }) => "token-ahead",
            (CheckName::Imprint, SealError::ImprintAlgorithmMismatch { .. })
            | (_, SealError::Unsupported { .. } | SealError::SignerNotFound { .. }) => "token-unsupported",
            _ => "token-false",
        };
        verdict.say(code, place, format_args!("{}: {why}", check.name.name()));
    }
    let (true, Some(signer), Some(root)) = (report.passed(), &report.signer, report.root_sha256) else {
        verdict.say("token-not-trusted", place, "");
        return seen.algorithms();
    };
    if signer.not_after < seal_time(at) {
        verdict.say("no-proof-of-existence", place, signer.not_after);
        return seen.algorithms();
    }
    let accuracy = token.accuracy_ms().unwrap_or(0);
    let not_after = UnixMillis(u64::try_from(report.gen_time.0).unwrap_or(0).saturating_add(accuracy));
    verdict.time = Some(Sealed { not_after, authority: crate::messages::shown(&signer.subject) });
    verdict.anchors.push(Anchor { kind: "tsa-root", sha256: Hash(root) });
    verdict.say("stamped", place, &signer.subject);
    seen.algorithms()
}

/// What to say of a group: covered, or not.
pub(crate) const GROUP: [&str; 2] = ["group-covered", "group-not-covered"];
const BOUND: [&str; 2] = ["checkpoint-bound", "checkpoint-not-covered"];

/// The evidence record covers exactly this group, and bears this token: returns the root it leads to.
pub(crate) fn check_group(
    verdict: &mut Verdict,
    [covered, not_covered]: [&'static str; 2],
    record: &[u8],
    [a, b]: [Hash; 2],
    token: &[u8],
    place: &str,
) -> Option<Hash> {
    let read = EvidenceRecord::parse(record);
    match read.and_then(|er| Ok((er.covers(a.as_bytes(), b.as_bytes())?, er.token_der() == token))) {
        Ok((root, true)) => {
            verdict.say(covered, place, "");
            return Some(Hash(root));
        }
        Ok((_, false)) => verdict.say("other-token", place, ""),
        Err(why @ SealError::Unsupported { .. }) => verdict.say("record-unsupported", place, why),
        Err(why) => verdict.say(not_covered, place, why),
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
    const WHERE: &str = "META-INF/tabellion/checkpoint";
    // Of the group, one hash is the checkpoint's; the other is of something not shown (the previous token, or the policy).
    let ours = sha256(binding.checkpoint);
    let group = EvidenceRecord::parse(binding.record).map(|er| er.first_list().to_vec()).unwrap_or_default();
    let other = match group.as_slice() {
        [a, b] if *a == ours.as_ref() => Hash::from_slice(b),
        [a, b] if *b == ours.as_ref() => Hash::from_slice(a),
        _ => None,
    };
    let group = [ours, other.unwrap_or_default()];
    check_group(verdict, BOUND, binding.record, group, binding.token, "META-INF/tabellion/checkpoint.ers");
    let text = std::str::from_utf8(binding.checkpoint).map_err(|why| why.to_string());
    let head = match text.and_then(Head::parse) {
        Ok(head) => head,
        Err(why) => {
            verdict.say("checkpoint-malformed", WHERE, why);
            return None;
        }
    };
    const PATH: &str = "META-INF/tabellion/consistency";
    let path = std::str::from_utf8(binding.consistency).ok().and_then(parse_hashes);
    let (Some(old), Some(path)) = (receipt.map(|head| &head.checkpoint), path) else {
        verdict.say("log-rewritten", PATH, "");
        return Some(head);
    };
    let new = &head.checkpoint;
    match verify_consistency::<Sha256Tree>(old.size, new.size, &old.root, &new.root, &path) {
        Ok(()) => verdict.say("log-continues", PATH, ""),
        Err(why) => verdict.say("log-rewritten", PATH, why),
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
    let Some(policy) = policy else { return };
    let names = used.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if policy.algorithms.is_empty() {
        return verdict.say("no-algorithm-dates", "", names);
    }
    let before = verdict.findings.len();
    for (name, date) in used {
        match policy.algorithms.get(&plain(name)) {
            None => verdict.say("algorithm-not-listed", "", name),
            Some(Some(until)) if date >= until => {
                let detail = format!("{name}, {}", format_rfc3339(*until));
                verdict.say("algorithm-ended", "", detail);
            }
            Some(_) => {}
        }
    }
    if verdict.findings.len() == before {
        verdict.say("algorithms-current", "", names);
    }
}

/// The operator's word on reception does not contradict the proved time (or, without one, the judgement).
pub(crate) fn check_times(verdict: &mut Verdict, received: UnixMillis, at: UnixMillis) {
    const WHERE: &str = "unit/R.json";
    let proved = verdict.time.as_ref().map(|time| time.not_after);
    let late = received.0.saturating_sub(proved.unwrap_or(at).0);
    let detail = format!("{} > {}", format_rfc3339(received), format_rfc3339(proved.unwrap_or(at)));
    match proved {
        None if late > CLOCK_SKEW_MS => {
            verdict.say("judged-before-receipt", WHERE, detail);
        }
        Some(_) if late > FALSE_TIME_MS => verdict.say("received-time-false", WHERE, detail),
        Some(_) if late > CLOCK_SKEW_MS => verdict.say("received-after-seal", WHERE, detail),
        Some(_) => verdict.say("times-in-order", WHERE, ""),
        None => {}
    }
}
