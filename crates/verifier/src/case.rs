//! One judgement under way: what is believed, the moment, and what was found so far.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use proof::{Hash, UnixMillis};
use seal::{AnyVerifier, SealError, Token, TrustedLists};

use crate::messages::{self, Row};
use crate::policy::Policy;
use crate::sealed::Renewed;
use crate::verdict::{Anchor, FindingLine, Verdict};

/// A judgement under way; the verdict is had by [`Verdict::conclude`].
pub struct Case<'p> {
    pub(crate) policy: Option<&'p Policy>,
    pub(crate) at: UnixMillis,
    /// The tokens that renew the first, as the records looked at so far bear them; `None` before the first record.
    pub(crate) later: Option<Vec<Renewed>>,
    /// Tokens read so far: every record bears the same.
    pub(crate) known: Vec<Arc<Token>>,
    /// Lists of revoked certificates and OCSP responses brought along, DER; each is believed by its own signature alone.
    pub(crate) revocation: Vec<Vec<u8>>,
    /// Trusted lists that say which authorities are qualified, under anchors from outside: those given beside the policy, where there is one,
    /// and those brought along.
    pub lists: Option<Cow<'p, TrustedLists>>,
    /// What was found so far.
    pub verdict: Verdict,
}

impl<'p> Case<'p> {
    /// A judgement by this policy at this moment, nothing found yet.
    pub fn new(policy: Option<&'p Policy>, at: UnixMillis) -> Self {
        Self {
            policy,
            at,
            later: None,
            known: Vec::new(),
            revocation: Vec::new(),
            lists: policy.map(|policy| Cow::Borrowed(&policy.lists)),
            verdict: Verdict { origin: policy.map(|p| p.origin.clone()), ..Verdict::default() },
        }
    }

    /// The token these bytes are, read once for all that bears it.
    pub(crate) fn token_of(&mut self, bytes: &[u8]) -> Result<Arc<Token>, SealError> {
        if let Some(known) = self.known.iter().find(|token| token.as_der() == bytes) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(Token::parse(bytes)?);
        self.known.push(Arc::clone(&read));
        Ok(read)
    }

    /// Adds the line of this code, of which `messages.txt` says finding, status and sentences.
    pub fn say(&mut self, code: &'static str, place: &str, detail: impl Display) {
        let Row { finding: name, status, warning, .. } = messages::row(code);
        let (detail, where_) = (messages::shown(&detail.to_string()), messages::shown(place));
        self.verdict.findings.push(FindingLine { name, status, code, detail, where_, warning });
    }

    /// Whether the token that the first of these certificates signed, the second being its issuer's, is a qualified one at the time it
    /// states: by the lists at hand, which say what they are and why not. Not being shown to be one makes nothing false.
    pub fn qualified(&mut self, way: &[Vec<u8>], gen_time: seal::UnixMillis) -> bool {
        let Some(lists) = self.lists.as_deref() else { return false };
        if lists.is_empty() {
            // Who gives an anchor asks: that there is nothing to read under it is an answer.
            if lists.is_anchored() {
                self.say("list-none", "", "");
            }
            return false;
        }
        let said = lists.say(way, gen_time);
        said.lines.into_iter().for_each(|(code, place, detail)| self.say(code, &place, detail));
        self.verdict.anchors.extend(said.anchor.map(|sha256| Anchor { kind: "lotl-signer", sha256: Hash(sha256) }));
        said.qualified
    }

    /// Trusted lists that came with what is judged: believed as those given are, by the same anchors, or not at all.
    pub(crate) fn brought_lists(&mut self, brought: &[(String, Vec<u8>)]) {
        self.lists = self.lists.take().map(|lists| Cow::Owned(lists.with(brought, &AnyVerifier)));
    }

    /// As [`Case::say`], for the caller that ends there.
    pub(crate) fn stop<T>(&mut self, code: &'static str, place: &str, detail: impl Display) -> Option<T> {
        self.say(code, place, detail);
        None
    }
}
