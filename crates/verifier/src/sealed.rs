//! The seal's part: the token, the evidence records that lead to it, the head of the log it binds, the algorithms, the times.

use std::collections::BTreeSet;
use std::sync::Mutex;

use proof::merkle::verify_consistency;
use proof::time::format_rfc3339;
use proof::tlog_proof::parse_hashes;
use proof::{Hash, Sha256Tree, UnixMillis, sha256};
use seal::{AnyVerifier, CheckName, EvidenceRecord, ExpectedToken, SealError};
use seal::{SignatureAlgorithm, SignatureVerifier, Token, TokenPolicy, check_token};

use crate::case::Case;
use crate::limits::{CLOCK_SKEW_MS, FALSE_TIME_MS};
use crate::log::Head;
use crate::policy::plain;
use crate::verdict::{Anchor, Sealed};

/// The door of `seal`, which also remembers by which algorithms it was passed.
#[derive(Default)]
struct Remembering(Mutex<BTreeSet<String>>);

impl SignatureVerifier for Remembering {
    #[rustfmt::skip]
    fn verify(&self, by: SignatureAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SealError> {
        AnyVerifier.verify(by, key, message, signature)?;
        // A poisoned lock would hide an algorithm: then the signature does not count.
        let unusable = |_| SealError::Unsupported { what: "lock", found: String::new() };
        self.0.lock().map_err(unusable)?.insert(by.to_string());
        Ok(())
    }
}

/// Algorithms used, each with the date at which it must be accepted.
pub type Used = Vec<(String, UnixMillis)>;

/// What to say of a group: covered, or not.
pub(crate) const GROUP: [&str; 2] = ["group-covered", "group-not-covered"];
const BOUND: [&str; 2] = ["checkpoint-bound", "checkpoint-not-covered"];

impl Case<'_> {
    /// The token is over `imprint` (where that is not known, a line has said so, and it is judged over its own), and made by an
    /// authority under these roots: sets the time. What has expired by the judgement is "cannot tell": a newer token would be
    /// needed.
    pub fn timestamp(&mut self, token: &[u8], imprint: Option<Hash>, roots: &[Vec<u8>], place: &str) -> Used {
        let token = match Token::parse(token) {
            Ok(token) => token,
            Err(why) => {
                let unsupported = matches!(why, SealError::Unsupported { .. });
                self.say(if unsupported { "token-unsupported" } else { "token-malformed" }, place, why);
                return Used::new();
            }
        };
        let imprint = imprint.or_else(|| Hash::from_slice(token.imprint().digest)).unwrap_or_default();
        self.token(&token, &ExpectedToken::sha256(imprint.as_bytes()), [roots, &[]], None, place)
    }

    /// As [`Case::timestamp`], of a token that was read and is expected to be over this. Where a later token covers it, `covered_at`
    /// is that one's time: until then the way to a root must hold, and no longer (RFC 4998 §5.3). Roots come first, then certificates
    /// that a token need not carry.
    #[rustfmt::skip]
    pub fn token(&mut self, token: &Token, expected: &ExpectedToken<'_>, [roots, more]: [&[Vec<u8>]; 2], covered_at: Option<seal::UnixMillis>, place: &str) -> Used {
        let seen = Remembering::default();
        let at = seal::UnixMillis(i64::try_from(self.at.0).unwrap_or(i64::MAX));
        let policy = TokenPolicy { extra_certificates: more, path_at: covered_at, ..TokenPolicy::new(roots, at, &seen) };
        let report = check_token(token, expected, &policy);
        for check in &report.checks {
            let Err(why) = &check.outcome else { continue };
            let code = match (check.name, why) {
                (CheckName::Path, _) if roots.is_empty() => "no-tsa-root",
                (_, SealError::NoPath { .. } | SealError::Revoked { .. }) => "token-not-trusted",
                (CheckName::GenTime, SealError::GenTimeAhead { .. }) => "token-ahead",
                (CheckName::Imprint, SealError::ImprintAlgorithmMismatch { .. }) => "token-unsupported",
                (_, why) if why.is_undecided() => "token-unsupported",
                _ => "token-false",
            };
            self.say(code, place, format_args!("{}: {why}", check.name.name()));
        }
        // The earliest end on the way to the root, the root's own included.
        let end = report.valid_until.unwrap_or(report.gen_time);
        match (report.passed(), &report.signer, report.root_sha256) {
            (true, _, _) if end < covered_at.unwrap_or(at) => self.say("no-proof-of-existence", place, end),
            (true, Some(by), Some(root)) => {
                let said = u64::try_from(report.gen_time.0).unwrap_or(0);
                let not_after = UnixMillis(said.saturating_add(token.accuracy_ms().unwrap_or(0)));
                let authority = crate::messages::shown(&by.subject);
                self.say("stamped", place, &authority);
                self.verdict.time = Some(Sealed { not_after, authority });
                self.verdict.anchors.push(Anchor { kind: "tsa-root", sha256: Hash(root) });
            }
            _ if report.first_failure().is_none() => self.say("token-not-trusted", place, "no root"),
            // Each rule broken has its line.
            _ => {}
        }
        seen.0.into_inner().unwrap_or_default().into_iter().map(|name| (name, self.at)).collect()
    }

    /// The evidence record covers exactly this group, and bears this token: returns the root it leads to.
    #[rustfmt::skip]
    pub(crate) fn group(&mut self, codes: [&'static str; 2], record: &[u8], [a, b]: [Hash; 2], token: &[u8], place: &str) -> Option<Hash> {
        let [covered, not_covered] = codes;
        let read = EvidenceRecord::parse(record);
        match read.and_then(|er| Ok((er.covers(a.as_bytes(), b.as_bytes())?, er.token_der() == token))) {
            Ok((root, true)) => {
                self.say(covered, place, "");
                Some(Hash(root))
            }
            Ok((_, false)) => self.stop("other-token", place, ""),
            Err(why @ SealError::Unsupported { .. }) => self.stop("record-unsupported", place, why),
            Err(why) => self.stop(not_covered, place, why),
        }
    }

    /// The token covers the sealed head, and that head continues the receipt's: returns it, whoever signed it.
    #[rustfmt::skip]
    pub fn binding(&mut self, members: [&[u8]; 4], names: [&str; 4], receipt: Option<&Head>) -> Option<Head> {
        let [checkpoint, record, token, consistency] = members;
        let [place, record_place, _, path_place] = names;
        // Of the group, one hash is the checkpoint's; the other is of something not shown (the previous token, or the policy).
        let ours = sha256(checkpoint);
        let group = EvidenceRecord::parse(record).map(|er| er.first_list().to_vec()).unwrap_or_default();
        let other = group.iter().find(|hash| *hash != ours.as_ref()).and_then(|hash| Hash::from_slice(hash));
        self.group(BOUND, record, [ours, other.unwrap_or_default()], token, record_place);
        let head = match Head::parse(&String::from_utf8_lossy(checkpoint)) {
            Ok(head) => head,
            Err(why) => return self.stop("checkpoint-malformed", place, why),
        };
        // Where there is no receipt, a line has said so, and this head continues nothing.
        let Some(old) = receipt.map(|head| &head.checkpoint) else { return Some(head) };
        let (path, new) = (parse_hashes(&String::from_utf8_lossy(consistency)), &head.checkpoint);
        match path.map(|path| verify_consistency::<Sha256Tree>(old.size, new.size, &old.root, &new.root, &path)) {
            Some(Ok(())) => self.say("log-continues", path_place, ""),
            Some(Err(why)) => self.say("log-rewritten", path_place, why),
            None => return self.stop("log-rewritten", path_place, "not hashes in base64"),
        }
        Some(head)
    }

    /// Each algorithm is accepted by the policy at its date.
    pub fn algorithms(&mut self, used: &Used) {
        let Some(policy) = self.policy else { return };
        let names = used.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        if policy.algorithms.is_empty() {
            return self.say("no-algorithm-dates", "", names);
        }
        let mut current = true;
        for (name, date) in used {
            let code = match policy.algorithms.get(&plain(name)) {
                None => "algorithm-not-listed",
                Some(Some(until)) if date >= until => "algorithm-ended",
                Some(_) => continue,
            };
            self.say(code, "", format_args!("{name}, {}", format_rfc3339(*date)));
            current = false;
        }
        if current {
            self.say("algorithms-current", "", names);
        }
    }

    /// The operator's word on reception does not contradict the proved time (or, without one, the judgement).
    pub fn times(&mut self, received: UnixMillis, place: &str) {
        let proved = self.verdict.time.as_ref().map(|time| time.not_after);
        let reference = proved.unwrap_or(self.at);
        let code = match (proved, received.0.saturating_sub(reference.0)) {
            (None, late) if late > CLOCK_SKEW_MS => "judged-before-receipt",
            (None, _) => return,
            (_, late) if late > FALSE_TIME_MS => "received-time-false",
            (_, late) if late > CLOCK_SKEW_MS => "received-after-seal",
            _ => "times-in-order",
        };
        self.say(code, place, format_args!("{} / {}", format_rfc3339(received), format_rfc3339(reference)));
    }
}
