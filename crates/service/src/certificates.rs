//! Until when the tokens that no renewal covers can be judged: certificates of those who signed them end, and only a renewal made before
//! keeps their packs passing. Told months ahead by the event log and by `/readyz`; and, at a renewal, what it comes too late for.
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
use store::StoreReads;
use verifier::Policy;

/// What is known of the tokens that nothing covers yet.
pub(crate) struct Certificates {
    policy: Policy,
    notice_ms: u64,
    walk: Mutex<Walk>,
    known: Mutex<Vec<Signed>>,
}

/// How far the tokens were read, since the newest renewal.
#[derive(Default)]
struct Walk {
    renewals: Option<usize>,
    next: u64,
    signed: BTreeMap<Signer, Signed>,
}

/// The certificate that signed, and whether the way from it to a root that the policy still has was found.
type Signer = (Option<[u8; 32]>, bool);

/// The tokens of one signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// As its certificate names it.
    authority: String,
    /// The first end on the way to a root, the root's own included; `None` where no root leads to it today.
    until: Option<UnixMillis>,
    /// First and last batch whose time they tell, and how many; a renewal's own token tells that of all it covers.
    first: Option<u64>,
    last: Option<u64>,
    batches: u64,
}

impl Signed {
    fn state(&self, now: UnixMillis, notice_ms: u64) -> &'static str {
        match self.until {
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
        Self { policy, notice_ms, walk: Mutex::default(), known: Mutex::default() }
    }

    /// Reads the tokens logged since the last look. Blocks: at a start, a token for each batch since the newest renewal.
    pub(crate) fn look(&self, reads: &StoreReads) -> Result<(), SealingError> {
        self.read(&mut locked(&self.walk), reads, u64::MAX)
    }

    fn read(&self, walk: &mut Walk, reads: &StoreReads, most: u64) -> Result<(), SealingError> {
        self.advance(walk, reads, most)?;
        let mut known: Vec<Signed> = walk.signed.values().cloned().collect();
        known.sort_by_key(|signed| (signed.until.is_none(), signed.until));
        *locked(&self.known) = known;
        Ok(())
    }

    fn advance(&self, walk: &mut Walk, reads: &StoreReads, most: u64) -> Result<(), SealingError> {
        let renewals = sealing::renewals(reads)?;
        if walk.renewals != Some(renewals.len()) {
            *walk = Walk { renewals: Some(renewals.len()), ..Walk::default() };
            for renewal in uncovered(&renewals) {
                self.add(walk, &sealing::renewal_token(reads, renewal.number)?, renewal.first..renewal.batches);
            }
        }
        let Some(last) = sealing::last_logged(reads)? else { return Ok(()) };
        let mut left = most;
        while walk.next <= last && left > 0 {
            let batch = walk.next;
            walk.next += 1;
            if renewals.iter().any(|renewal| renewal.covers(batch)) {
                continue;
            }
            left -= 1;
            if let Some(token) = sealing::token(reads, batch)? {
                self.add(walk, &token, batch..batch.saturating_add(1));
            }
        }
        Ok(())
    }

    fn add(&self, walk: &mut Walk, token: &[u8], told: Range<u64>) {
        // Every token was read when it was sealed: one that no longer is, is the scrub's to tell.
        let Ok(token) = Token::parse(token) else { return };
        let report = again(&token, &self.policy, &RingVerifier);
        let until = report.valid_until.map(|until| UnixMillis(u64::try_from(until.0).unwrap_or(0)));
        let signer = (report.signer.as_ref().map(|signer| signer.sha256), until.is_some());
        let authority = report.signer.map_or_else(String::new, |signer| signer.subject);
        let (first, last) = (Some(told.start), told.end.checked_sub(1));
        let signed = walk.signed.entry(signer).or_insert(Signed { authority, until, first, last, batches: 0 });
        signed.until = signed.until.min(until);
        signed.first = signed.first.min(first);
        signed.last = signed.last.max(last);
        signed.batches += told.end.saturating_sub(told.start);
    }

    /// For `/readyz`: the earliest end first.
    pub(crate) fn shown(&self, reads: &StoreReads, now: UnixMillis) -> Value {
        // The long look after a start is the watch's: until it is over, what it has not read is not said.
        if let Ok(mut walk) = self.walk.try_lock()
            && walk.renewals.is_some()
        {
            // What cannot be read now is told by whoever needs it.
            let _ = self.read(&mut walk, reads, limits::CERTIFICATES_AT_ONCE);
        }
        let one = |(signed, state)| {
            let mut said = Signed::to_json(signed);
            said["state"] = json!(state);
            said
        };
        let known = locked(&self.known).clone();
        self.states(&known, now).take(limits::CERTIFICATES_SHOWN).map(one).collect()
    }

    fn states<'a>(&self, known: &'a [Signed], now: UnixMillis) -> impl Iterator<Item = (&'a Signed, &'static str)> {
        let notice_ms = self.notice_ms;
        known.iter().map(move |signed| (signed, signed.state(now, notice_ms)))
    }

    /// What a renewal is about to cover. Blocks.
    pub(crate) fn before(&self, reads: &StoreReads) -> Result<Vec<Signed>, SealingError> {
        self.look(reads)?;
        Ok(locked(&self.known).clone())
    }

    /// Of what stood before a renewal, what that no longer saved at the time its token states: the certificates had ended, or no root that the
    /// policy has leads to them.
    pub(crate) fn too_late(&self, before: &[Signed], at: UnixMillis) -> Vec<Value> {
        let lost = |(signed, state): &(&Signed, &str)| matches!(*state, "ended" | "not-trusted") && signed.batches > 0;
        self.states(before, at).filter(lost).map(|(signed, _)| signed.to_json()).collect()
    }

    /// Tells the event log what ends.
    pub(crate) fn tell(&self, now: UnixMillis) {
        for (Signed { authority, until, first, last, batches }, state) in self.states(&locked(&self.known).clone(), now)
        {
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
                _ => {}
            }
        }
    }
}

/// A token that was judged when it was sealed, by the roots of today, over what it states itself: for what its certificates and signatures say.
pub(crate) fn again(token: &Token, policy: &Policy, door: &dyn SignatureVerifier) -> TokenReport {
    let imprint = token.imprint();
    let digest = DigestAlgorithm::from_name(imprint.algorithm).unwrap_or(DigestAlgorithm::Sha256);
    let by = TokenPolicy::new(&policy.tsa_roots, token.gen_time(), door);
    check_token(token, &ExpectedToken::new(digest, imprint.digest), &by)
}

/// Renewals whose own tokens no later one covers: the newest of each digest, since the hashes were last renewed.
fn uncovered(all: &[Renewal]) -> Vec<&Renewal> {
    let since = all.iter().rposition(Renewal::of_hashes).unwrap_or(0);
    let mut newest: Vec<&Renewal> = Vec::new();
    for renewal in all.iter().skip(since).rev() {
        if newest.iter().all(|known| known.digest != renewal.digest) {
            newest.push(renewal);
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(until: Option<u64>) -> Signed {
        Signed { authority: "A".into(), until: until.map(UnixMillis), first: Some(0), last: Some(4), batches: 5 }
    }

    #[test]
    fn an_end_is_told_from_the_notice_on_and_not_before() {
        let state = |until, now| signed(until).state(UnixMillis(now), 100);
        assert_eq!(state(Some(1000), 899), "holds");
        assert_eq!(state(Some(1000), 900), "ending");
        assert_eq!(state(Some(1000), 999), "ending");
        assert_eq!(state(Some(1000), 1000), "ended");
        assert_eq!(state(None, 1000), "not-trusted");
    }

    #[test]
    fn a_renewal_is_too_late_for_what_had_ended_at_its_own_time_or_is_trusted_no_more() {
        let policy = Policy::parse(include_bytes!("../../verifier/tests/golden/policy.json")).unwrap();
        let all = Certificates::of(policy, 100);
        let late = |until, batches, at| all.too_late(&[Signed { batches, ..signed(until) }], UnixMillis(at)).len();
        assert_eq!([late(Some(1000), 5, 999), late(Some(1000), 5, 1000), late(None, 5, 1)], [0, 1, 1]);
        assert_eq!(late(Some(1000), 0, 2000), 0);
    }
}
