//! Until when the tokens that no renewal covers can be judged: certificates of those who signed them end, and only a renewal made before
//! keeps their packs passing. Told months ahead by the event log and by `/readyz`; and, from a renewal on, what it came too late for.
//!
//! A crash loses nothing: it is read again from the tokens.

use crate::app::locked;
use crate::limits;
use ledger::sealing::{self, Renewal, SealingError};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use seal::{
    DigestAlgorithm, ExpectedToken, RingVerifier, SignatureVerifier, Token, TokenPolicy, TokenReport, check_token,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use store::StoreReads;
use verifier::Policy;

/// What is known of the tokens that nothing covers yet.
pub(crate) struct Certificates {
    policy: Policy,
    notice_ms: u64,
    walk: Mutex<Walk>,
    known: Mutex<Vec<Signed>>,
    /// The first look after the start is over.
    looked: AtomicBool,
}

/// How far the tokens were read: what one says never changes, so each is read once.
#[derive(Default)]
struct Walk {
    next: u64,
    names: BTreeMap<Signer, String>,
    /// Who told the time of which batches, in order.
    runs: Vec<(Signer, Range<u64>)>,
    renewals: Vec<Renewal>,
    /// Who told the time of each renewal; nobody where its token cannot be read.
    renewed_by: Vec<Option<Signer>>,
    /// Something was read since it was last told.
    fresh: bool,
}

/// The certificate that signed, and the first end on the way to a root, the root's own included; `None` where no root of the policy leads to it.
type Signer = (Option<[u8; 32]>, Option<UnixMillis>);

/// The tokens of one signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// As its certificate names it.
    authority: String,
    until: Option<UnixMillis>,
    /// The renewal that came too late for them, and the time it states; `None` where none covers them yet.
    late: Option<(u64, UnixMillis)>,
    /// First and last batch whose time they tell, and how many; a renewal's own token tells that of all it covers.
    first: u64,
    last: u64,
    batches: u64,
}

impl Signed {
    fn state(&self, now: UnixMillis, notice_ms: u64) -> &'static str {
        match self.until {
            _ if self.late.is_some() => "lost",
            None => "not-trusted",
            Some(until) if until <= now => "ended",
            Some(until) if until.0 <= now.0.saturating_add(notice_ms) => "ending",
            Some(_) => "holds",
        }
    }

    fn to_json(&self) -> Value {
        json!({"authority": self.authority, "until": self.until.map(format_rfc3339), "first": self.first, "last": self.last,
            "batches": self.batches})
    }
}

impl Certificates {
    /// By the roots of this policy, told so long before an end.
    pub(crate) fn of(policy: Policy, notice_ms: u64) -> Self {
        Self { policy, notice_ms, walk: Mutex::default(), known: Mutex::default(), looked: AtomicBool::new(false) }
    }

    /// Reads the tokens logged since the last look. Blocks: at a start, a token for each batch there is.
    pub(crate) fn look(&self, reads: &StoreReads) -> Result<(), SealingError> {
        self.read(&mut locked(&self.walk), reads, u64::MAX)?;
        self.looked.store(true, Ordering::Release);
        Ok(())
    }

    fn read(&self, walk: &mut Walk, reads: &StoreReads, most: u64) -> Result<(), SealingError> {
        self.advance(walk, reads, most)?;
        if std::mem::take(&mut walk.fresh) {
            *locked(&self.known) = walk.told();
        }
        Ok(())
    }

    fn advance(&self, walk: &mut Walk, reads: &StoreReads, most: u64) -> Result<(), SealingError> {
        let renewals = sealing::renewals(reads)?;
        for renewal in renewals.iter().skip(walk.renewed_by.len()) {
            let signer = self.signer(walk, &sealing::renewal_token(reads, renewal.number)?);
            walk.renewed_by.push(signer);
            walk.fresh = true;
        }
        walk.renewals = renewals;
        let Some(last) = sealing::last_logged(reads)? else { return Ok(()) };
        let end = last.saturating_add(1).min(walk.next.saturating_add(most));
        while walk.next < end {
            let batch = walk.next;
            if let Some(signer) = sealing::token(reads, batch)?.and_then(|token| self.signer(walk, &token)) {
                match walk.runs.last_mut() {
                    Some((known, run)) if *known == signer && run.end == batch => run.end += 1,
                    _ => walk.runs.push((signer, batch..batch + 1)),
                }
            }
            (walk.next, walk.fresh) = (batch + 1, true);
        }
        Ok(())
    }

    fn signer(&self, walk: &mut Walk, token: &[u8]) -> Option<Signer> {
        // Every token was read when it was sealed: one that no longer is, is the scrub's to tell.
        let token = Token::parse(token).ok()?;
        let report = again(&token, &self.policy, &RingVerifier);
        let until = report.valid_until.map(|until| UnixMillis(u64::try_from(until.0).unwrap_or(0)));
        let signer = (report.signer.as_ref().map(|signer| signer.sha256), until);
        walk.names.entry(signer).or_insert_with(|| report.signer.map_or_else(String::new, |signer| signer.subject));
        Some(signer)
    }

    /// For `/readyz`: the earliest end first, what is lost last.
    pub(crate) fn shown(&self, reads: &StoreReads, now: UnixMillis) -> Value {
        // The long look after a start is the watch's: until it is over, what it has not read is not said.
        if self.looked.load(Ordering::Acquire)
            && let Ok(mut walk) = self.walk.try_lock()
        {
            // What cannot be read now is told by whoever needs it.
            let _ = self.read(&mut walk, reads, limits::CERTIFICATES_AT_ONCE);
        }
        let one = |(signed, state): (&Signed, &str)| {
            let mut said = signed.to_json();
            said["state"] = json!(state);
            if let Some((renewal, at)) = signed.late {
                (said["renewal"], said["renewed"]) = (json!(renewal), json!(format_rfc3339(at)));
            }
            said
        };
        let known = locked(&self.known).clone();
        self.states(&known, now).take(limits::CERTIFICATES_SHOWN).map(one).collect()
    }

    fn states<'a>(&self, known: &'a [Signed], now: UnixMillis) -> impl Iterator<Item = (&'a Signed, &'static str)> {
        let notice_ms = self.notice_ms;
        known.iter().map(move |signed| (signed, signed.state(now, notice_ms)))
    }

    /// What these renewals no longer saved, at the times that their own tokens state: the certificates had ended, or no root that the policy has
    /// leads to them. Blocks.
    pub(crate) fn too_late(&self, reads: &StoreReads, renewals: &[u64]) -> Result<Vec<Value>, SealingError> {
        self.look(reads)?;
        let known = locked(&self.known);
        let of_them = |signed: &&Signed| signed.late.is_some_and(|(renewal, _)| renewals.contains(&renewal));
        Ok(known.iter().filter(of_them).map(Signed::to_json).collect())
    }

    /// Tells the event log what ends.
    pub(crate) fn tell(&self, now: UnixMillis) {
        let known = locked(&self.known).clone();
        for (Signed { authority, until, late, first, last, batches }, state) in self.states(&known, now) {
            let until = until.map(format_rfc3339);
            match state {
                "ending" => tracing::warn!(
                    authority,
                    until,
                    first,
                    last,
                    batches,
                    "certificates of tokens end: renew the time-stamps before, by an authority whose certificates hold longer"
                ),
                "ended" | "not-trusted" => tracing::error!(
                    authority,
                    until,
                    state,
                    first,
                    last,
                    batches,
                    "the time told by tokens that nothing renewed can no longer be established by their certificates"
                ),
                "lost" => tracing::warn!(
                    authority,
                    until,
                    renewed = late.map(|(_, at)| format_rfc3339(at)),
                    first,
                    last,
                    batches,
                    "a renewal came too late for these batches: their packs do not establish their time"
                ),
                _ => {}
            }
        }
    }
}

impl Walk {
    /// What stands uncovered, the earliest end first; then what was covered too late, by the renewals in order.
    fn told(&self) -> Vec<Signed> {
        let mut all = BTreeMap::new();
        for (signer, run) in &self.runs {
            let mut next = run.start;
            while next < run.end {
                // As far as one and the same renewal is the first to cover it.
                let edges = self.renewals.iter().flat_map(|renewal| [renewal.first, renewal.batches]);
                let end = edges.filter(|edge| *edge > next).fold(run.end, u64::min);
                let covering = self.renewals.iter().find(|renewal| renewal.covers(next));
                self.add(&mut all, *signer, next..end, covering);
                next = end;
            }
        }
        for (place, (renewal, signer)) in self.renewals.iter().zip(&self.renewed_by).enumerate() {
            let covers = |later: &&Renewal| later.of_hashes() || later.digest == renewal.digest;
            let covering = self.renewals.iter().skip(place + 1).find(covers);
            if let Some(signer) = signer {
                self.add(&mut all, *signer, renewal.first..renewal.batches, covering);
            }
        }
        let mut all: Vec<Signed> = all.into_values().collect();
        all.sort_by_key(|signed| (signed.late, signed.until.is_none(), signed.until));
        all
    }

    /// What this signer told of these batches, unless a renewal covered it in time.
    fn add(
        &self,
        all: &mut BTreeMap<(Signer, Option<u64>), Signed>,
        signer: Signer,
        told: Range<u64>,
        covering: Option<&Renewal>,
    ) {
        let until = signer.1;
        let late = covering.map(|renewal| (renewal.number, renewal.gen_time));
        if told.is_empty() || late.is_some_and(|(_, at)| until.is_some_and(|until| until > at)) {
            return;
        }
        let (first, last) = (told.start, told.end - 1);
        let authority = || self.names.get(&signer).cloned().unwrap_or_default();
        let key = (signer, late.map(|(renewal, _)| renewal));
        let new = || Signed { authority: authority(), until, late, first, last, batches: 0 };
        let signed = all.entry(key).or_insert_with(new);
        signed.first = signed.first.min(first);
        signed.last = signed.last.max(last);
        signed.batches += told.end - told.start;
    }
}

/// A token that was judged when it was sealed, by the roots of today, over what it states itself: for what its certificates and signatures say.
pub(crate) fn again(token: &Token, policy: &Policy, door: &dyn SignatureVerifier) -> TokenReport {
    let imprint = token.imprint();
    let digest = DigestAlgorithm::from_name(imprint.algorithm).unwrap_or(DigestAlgorithm::Sha256);
    let by = TokenPolicy::new(&policy.tsa_roots, token.gen_time(), door);
    check_token(token, &ExpectedToken::new(digest, imprint.digest), &by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::sealing::Of;
    use proof::{EntryId, Hash, Hash512};

    fn signed(until: Option<u64>) -> Signed {
        let until = until.map(UnixMillis);
        Signed { authority: "A".into(), until, late: None, first: 0, last: 4, batches: 5 }
    }

    #[test]
    fn an_end_is_told_from_the_notice_on_and_not_before() {
        let state = |until, now| signed(until).state(UnixMillis(now), 100);
        assert_eq!(state(Some(1000), 899), "holds");
        assert_eq!(state(Some(1000), 900), "ending");
        assert_eq!(state(Some(1000), 999), "ending");
        assert_eq!(state(Some(1000), 1000), "ended");
        assert_eq!(state(None, 1000), "not-trusted");
        let late = Signed { late: Some((0, UnixMillis(1000))), ..signed(Some(900)) };
        assert_eq!(late.state(UnixMillis(1), 100), "lost");
    }

    fn renewal(number: u64, of: Of, digest: DigestAlgorithm, covers: Range<u64>, gen_time: u64) -> Renewal {
        let (first, batches, gen_time) = (covers.start, covers.end, UnixMillis(gen_time));
        let (root, token_sha256, token_sha512) = (vec![0; 32], Hash([0; 32]), Hash512([0; 64]));
        Renewal { number, of, digest, first, batches, root, token_sha256, token_sha512, gen_time }
    }

    #[test]
    fn what_a_renewal_came_too_late_for_stays_named_and_what_it_saved_does_not() {
        let (sha256, sha512) = (DigestAlgorithm::Sha256, DigestAlgorithm::Sha512);
        let by = |name: u8, until: u64| (Some([name; 32]), Some(UnixMillis(until)));
        let untrusted = (Some([9; 32]), None);
        let hashes = Of::Hashes { entry: EntryId([0; 16]), leaves: 1 };
        let walk = Walk {
            runs: vec![
                (by(1, 100), 0..4),
                (untrusted, 4..5),
                (by(2, 900), 5..8),
                (by(3, 150), 8..10),
                (by(4, 90), 10..11),
            ],
            renewals: vec![
                // At the very end: too late for the first, and for what no root leads to.
                renewal(0, Of::Timestamps, sha256, 0..7, 100),
                renewal(1, hashes, sha512, 0..10, 140),
                renewal(2, Of::Timestamps, sha512, 0..10, 200),
            ],
            renewed_by: vec![Some(by(5, 140)), Some(by(6, 201)), Some(by(7, 900))],
            ..Walk::default()
        };
        let told: Vec<_> = walk
            .told()
            .iter()
            .map(|s| (s.until.map(|u| u.0), s.late.map(|l| l.0), s.first, s.last, s.batches))
            .collect();
        let expected = [
            (Some(90), None, 10, 10, 1),
            (Some(900), None, 0, 9, 10),
            (Some(100), Some(0), 0, 3, 4),
            (None, Some(0), 4, 4, 1),
            // The token of the first renewal ended as the second came.
            (Some(140), Some(1), 0, 6, 7),
        ];
        assert_eq!(told, expected);
    }
}
