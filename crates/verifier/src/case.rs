//! One judgement under way: what is believed, the moment, and what was found so far.

use std::fmt::Display;

use proof::UnixMillis;

use crate::messages;
use crate::policy::Policy;
use crate::sealed::Renewed;
use crate::verdict::{FindingLine, Status, Verdict};

/// A judgement under way; the verdict is had by [`Verdict::conclude`].
pub struct Case<'p> {
    pub(crate) policy: Option<&'p Policy>,
    pub(crate) at: UnixMillis,
    /// The tokens that renew the first, as the records looked at so far bear them; `None` before the first record.
    pub(crate) later: Option<Vec<Renewed>>,
    /// Lists of revoked certificates and OCSP responses brought along, DER; each is believed by its own signature alone.
    pub(crate) revocation: Vec<Vec<u8>>,
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
            revocation: Vec::new(),
            verdict: Verdict { origin: policy.map(|p| p.origin.clone()), ..Verdict::default() },
        }
    }

    /// Adds the line of this code, of which `messages.txt` says finding, status and sentences.
    pub fn say(&mut self, code: &'static str, place: &str, detail: impl Display) {
        let [name, status, french, english] = messages::row(code);
        let detail = messages::shown(&detail.to_string());
        let [message_fr, message_en] = [french, english].map(|text| text.replace("{}", &detail));
        let known = [Status::Passed, Status::Indeterminate, Status::Absent, Status::Recorded];
        let (plain, warning) = (status.trim_end_matches('!'), status.ends_with('!'));
        let status = known.into_iter().find(|known| known.as_str() == plain).unwrap_or(Status::Failed);
        let where_ = messages::shown(place);
        let line = FindingLine { name, status, code, message_fr, message_en, where_, warning };
        self.verdict.findings.push(line);
    }

    /// As [`Case::say`], for the caller that ends there.
    pub(crate) fn stop<T>(&mut self, code: &'static str, place: &str, detail: impl Display) -> Option<T> {
        self.say(code, place, detail);
        None
    }
}
