//! The seal's part: the token, the evidence records that lead to it, the head of the log it binds, the algorithms, the times.

use std::sync::Arc;

use proof::merkle::verify_consistency;
use proof::time::format_rfc3339;
use proof::tlog_proof::parse_hashes;
use proof::{Hash, Hash512, Sha256Tree, UnixMillis, sha256, sha512};
use seal::{
    CertificateStanding, CheckName, DigestAlgorithm, EvidenceRecord, ExpectedToken, Later, Remembering, SHORT_RSA,
    SealError, Standing, Token, TokenPolicy, check_token, limits::GEN_TIME_AHEAD_MS,
};

use crate::case::Case;
use crate::limits::{ALGORITHM_NOTICE_MS, CLOCK_SKEW_MS, FALSE_TIME_MS};
use crate::log::Head;
use crate::verdict::{Anchor, Sealed};

/// Algorithms used, each with the date at which it must be accepted.
pub type Used = Vec<(String, UnixMillis)>;

/// What to say of a group: covered, or not.
pub(crate) const GROUP: [&str; 2] = ["group-covered", "group-not-covered"];
const BOUND: [&str; 2] = ["checkpoint-bound", "checkpoint-not-covered"];

/// An evidence record, or why these bytes are none.
type Read = Result<EvidenceRecord, SealError>;

/// A group shown: its codes when covered and when not, and the digests of its two objects.
pub(crate) struct Group<'a> {
    pub codes: [&'static str; 2],
    pub sha256: [Hash; 2],
    /// Of the objects at hand: a renewal of hashes is checked by these, and nothing else is.
    pub sha512: &'a dyn Fn() -> Vec<Hash512>,
}

/// A token that renews those before it, as every record of the pack bears it.
#[derive(Clone)]
pub(crate) struct Renewed {
    token: Arc<Token>,
    algorithm: DigestAlgorithm,
}

impl Case<'_> {
    /// The token is over `imprint` (where that is not known, a line has said so, and it is judged over its own), and made by an
    /// authority under these roots: sets the time. Each token that renews it is judged too; what has expired when the next one was
    /// made, or for the newest by the judgement, is "cannot tell": a newer token would be needed.
    pub fn timestamp(&mut self, token: &[u8], imprint: Option<Hash>, roots: &[Vec<u8>], place: &str) -> Used {
        let token = match self.token_of(token) {
            Ok(token) => token,
            Err(why) => {
                let unsupported = matches!(why, SealError::Unsupported { .. });
                self.say(if unsupported { "token-unsupported" } else { "token-malformed" }, place, why);
                return Used::new();
            }
        };
        let imprint = imprint.or_else(|| Hash::from_slice(token.imprint().digest)).unwrap_or_default();
        let mut later = self.later.clone().unwrap_or_default();
        let mut before = token.gen_time();
        for renewed in &later {
            let at = renewed.token.gen_time();
            if at < before {
                self.say("renewal-older", place, format_args!("{at} < {before}"));
            }
            before = at;
        }
        // What did not exist yet at the judgement says nothing there: it is judged by what came before, as if no more were borne.
        let now = i64::try_from(self.at.0).unwrap_or(i64::MAX).saturating_add(GEN_TIME_AHEAD_MS);
        if let Some(ahead) = later.iter().position(|renewed| renewed.token.gen_time().0 > now) {
            let first = later.split_off(ahead);
            let times = first.iter().map(|renewed| renewed.token.gen_time().to_string()).collect::<Vec<_>>();
            self.say("stamp-ahead", place, times.join(", "));
        }
        let covered_at = |place: usize| later.get(place).map(|next| next.token.gen_time());
        let expected = ExpectedToken::sha256(imprint.as_bytes());
        let mut used = self.token(&token, &expected, [roots, &[]], covered_at(0), place);
        for (renewed, next) in later.iter().zip(1..) {
            // Each record's tree led to this imprint.
            let expected = ExpectedToken::new(renewed.algorithm, renewed.token.imprint().digest);
            let (more, stamped) = self.one(&renewed.token, &expected, [roots, &[]], covered_at(next), place);
            used.extend(more);
            if let Some(Sealed { not_after, authority, .. }) = stamped {
                self.say("stamp-renewed", place, format_args!("{}, {authority}", format_rfc3339(not_after)));
            }
        }
        used
    }

    /// As [`Case::timestamp`], of a token that was read and is expected to be over this. Where a later token covers it, `covered_at` is
    /// that one's time: no certificate of the way to a root may have ended before (RFC 4998 §5.3). Roots come first, then certificates that a
    /// token need not carry.
    pub fn token(
        &mut self,
        token: &Token,
        expected: &ExpectedToken<'_>,
        given: [&[Vec<u8>]; 2],
        covered_at: Option<seal::UnixMillis>,
        place: &str,
    ) -> Used {
        let (used, stamped) = self.one(token, expected, given, covered_at, place);
        if let Some(stamped) = stamped {
            self.say("stamped", place, &stamped.authority);
            self.verdict.time = Some(stamped);
        }
        used
    }

    /// One token, and the time it proves.
    fn one(
        &mut self,
        token: &Token,
        expected: &ExpectedToken<'_>,
        [roots, extra_certificates]: [&[Vec<u8>]; 2],
        covered_at: Option<seal::UnixMillis>,
        place: &str,
    ) -> (Used, Option<Sealed>) {
        let seen = Remembering::default();
        let at = seal::UnixMillis(i64::try_from(self.at.0).unwrap_or(i64::MAX));
        let pieces = std::mem::take(&mut self.revocation);
        let beside = TokenPolicy { extra_certificates, revocation: &pieces, ..TokenPolicy::new(roots, at, &seen) };
        let policy = TokenPolicy { covered_at, ..beside };
        let report = check_token(token, expected, &policy);
        if !pieces.is_empty() {
            self.standings(&report.standings, place);
        }
        self.revocation = pieces;
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
        let (end, needed) = (report.valid_until.unwrap_or(report.gen_time), covered_at.unwrap_or(at));
        let mut stamped = None;
        match (report.passed(), &report.signer, report.root_sha256) {
            (true, _, _) if end < needed => self.say("no-proof-of-existence", place, end),
            (true, Some(by), Some(root)) => {
                let said = u64::try_from(report.gen_time.0).unwrap_or(0);
                let not_after = UnixMillis(said.saturating_add(token.accuracy_ms().unwrap_or(0)));
                // Of the first token alone: what renews it need not be qualified for its time to be.
                let qualified = self.verdict.time.is_none() && self.qualified(&report.way, report.gen_time);
                stamped = Some(Sealed { not_after, authority: crate::messages::shown(&by.subject), qualified });
                self.verdict.anchors.push(Anchor { kind: "tsa-root", sha256: Hash(root) });
            }
            _ if report.first_failure().is_none() => self.say("token-not-trusted", place, "no root"),
            // Each rule broken has its line.
            _ => {}
        }
        let needed = UnixMillis(u64::try_from(needed.0).unwrap_or(0));
        (seen.into_names().into_iter().map(|name| (name, needed)).collect(), stamped)
    }

    /// How each certificate of the way stands, by the lists and answers brought along.
    pub fn standings(&mut self, standings: &[CertificateStanding], place: &str) {
        for CertificateStanding { subject, standing, .. } in standings {
            let place = format!("{place} {subject}");
            match standing {
                Standing::Good { as_of } => self.say("not-revoked", place.trim(), as_of),
                Standing::RevokedLater { at, reason } => {
                    self.say("revoked-later", place.trim(), format_args!("{at}, {}", reason.unwrap_or("?")));
                }
                Standing::Unknown { why } => self.say("revocation-unknown", place.trim(), why),
                // The rule that refuses it has its line.
                Standing::Revoked { .. } => {}
            }
        }
    }

    /// The evidence record covers exactly this group, and bears this token and what renews it, the same in every record: returns
    /// the root it leads to.
    pub(crate) fn group(&mut self, group: &Group<'_>, record: &Read, token: &[u8], place: &str) -> Option<Hash> {
        let Group { codes: [covered, not_covered], sha256: [a, b], sha512 } = group;
        let digests = |algorithm: DigestAlgorithm| match algorithm {
            DigestAlgorithm::Sha512 => sha512().iter().map(|hash| hash.as_bytes().to_vec()).collect(),
            _ => Vec::new(),
        };
        let judge = |er| Ok((EvidenceRecord::covers(er, a.as_bytes(), b.as_bytes())?, er.later(&digests)?));
        let (root, later) = match record.as_ref().map_err(Clone::clone).and_then(judge) {
            Ok(both) => both,
            Err(why @ SealError::Unsupported { .. }) => return self.stop("record-unsupported", place, why),
            Err(why) => return self.stop(not_covered, place, why),
        };
        let same = |known: &Renewed, found: &Later<'_>| known.token.as_der() == found.token.as_der();
        let as_before = self.later.as_ref().is_none_or(|known| {
            known.len() == later.len() && known.iter().zip(&later).all(|(known, found)| same(known, found))
        });
        if !as_before || record.as_ref().is_ok_and(|er| er.token_der() != token) {
            return self.stop("other-token", place, "");
        }
        let keep = |found: &Later<'_>| Renewed { token: Arc::clone(found.token), algorithm: found.algorithm };
        if self.later.is_none() {
            self.known.extend(later.iter().map(|found| Arc::clone(found.token)));
            self.later = Some(later.iter().map(keep).collect());
        }
        self.say(covered, place, "");
        Some(Hash(root))
    }

    /// The token covers the sealed head, and that head continues the receipt's: returns it, whoever signed it.
    #[rustfmt::skip]
    pub fn binding(&mut self, members: [&[u8]; 4], names: [&str; 4], receipt: Option<&Head>) -> Option<Head> {
        let [checkpoint, record, token, consistency] = members;
        let [place, record_place, _, path_place] = names;
        // Of the group, one hash is the checkpoint's; the other is of something not shown (the previous token, or the policy).
        let ours = sha256(checkpoint);
        let record = EvidenceRecord::parse_with(record, &self.known);
        let group = record.as_ref().map_or(&[][..], EvidenceRecord::first_list);
        let other = group.iter().find(|hash| *hash != ours.as_ref()).and_then(|hash| Hash::from_slice(hash));
        let sha256 = [ours, other.unwrap_or_default()];
        let bound = Group { codes: BOUND, sha256, sha512: &|| vec![sha512(checkpoint)] };
        self.group(&bound, &record, token, record_place);
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

    /// Each algorithm is accepted by the policy at its date. What must still hold at the judgement and ends soon is a warning: the
    /// newest proof rests on it, and a newer one is needed before. Of short RSA keys only a policy that names them says something.
    pub fn algorithms(&mut self, used: &Used) {
        let Some(policy) = self.policy else { return };
        let names = used.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        if policy.algorithms.is_empty() {
            return self.say("no-algorithm-dates", "", names);
        }
        let mut current = true;
        for (name, date) in used {
            let soon = UnixMillis(date.0.saturating_add(ALGORITHM_NOTICE_MS));
            let (code, moment) = match policy.algorithm(name) {
                None if name == SHORT_RSA => continue,
                None => ("algorithm-not-listed", *date),
                Some(Some(until)) if *date >= until => ("algorithm-ended", *date),
                Some(Some(until)) if *date == self.at && until <= soon => ("algorithm-ending", until),
                Some(_) => continue,
            };
            self.say(code, "", format_args!("{name}, {}", format_rfc3339(moment)));
            current &= code == "algorithm-ending";
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
