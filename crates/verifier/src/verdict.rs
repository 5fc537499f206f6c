//! The verdict: separate findings, and what they amount to. Never one blurred yes.

use proof::record::LogRecord;
use proof::{Hash, Index, UnixMillis};

use crate::messages::{self, Lang};

/// The findings, in the order they are shown, a space between.
pub const NAMES: &str = "format files entry inclusion register log-signature witnesses evidence-record binding timestamp \
    flow-identifiers document-signatures algorithms time-order";

/// Lines that settle a finding although nothing was there to check.
const NOTHING_TO_CHECK: [&str; 3] = ["no-file-in-entry", "no-witness-asked", "no-algorithm-dates"];

/// What all findings amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overall {
    /// As below, and the authority was a qualified one at that time by trusted lists under an anchor given from outside.
    PassedQualified,
    /// Same bytes, logged, sealed by a time-stamping authority of the policy.
    PassedTimestamped,
    /// Same bytes, logged; no independent time.
    PassedLogOnly,
    /// Cannot tell.
    #[default]
    Indeterminate,
    /// Altered or false, or of another log or tenant than the pinned one.
    Failed,
}

impl Overall {
    /// The name in JSON and on the first line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PassedQualified => "PASSED-QUALIFIED",
            Self::PassedTimestamped => "PASSED-TIMESTAMPED",
            Self::PassedLogOnly => "PASSED-LOG-ONLY",
            Self::Indeterminate => "INDETERMINATE",
            Self::Failed => "FAILED",
        }
    }
}

/// What one line of the findings says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Checked, and it holds.
    Passed,
    /// Checked, and it does not hold.
    Failed,
    /// Cannot be told.
    Indeterminate,
    /// Nothing there to check.
    Absent,
    /// Repeated as recorded at deposit, or not checked at all.
    Recorded,
}

impl Status {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::Absent => "absent",
            Self::Recorded => "recorded",
        }
    }
}

/// One line of the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// Which finding, one of [`NAMES`].
    pub name: &'static str,
    /// What came of it.
    pub status: Status,
    /// Stable code, in kebab case.
    pub code: &'static str,
    /// What the sentence speaks of; harmless to repeat.
    pub detail: String,
    /// Which member or file.
    pub where_: String,
    /// Not wrong, yet to be known: `--strict` does not let it pass.
    pub warning: bool,
}

/// The independent time, present only when the token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The documents existed at this moment: the token's time and its stated accuracy.
    pub not_after: UnixMillis,
    /// Who signed the token, as its certificate says.
    pub authority: String,
    /// The service was granted as a qualified one at that time, by trusted lists under an anchor given from outside.
    pub qualified: bool,
}

/// A trust anchor of the policy that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// `log-key` (SHA-256 of the vkey text), `tsa-root` or `lotl-signer` (SHA-256 of the certificate).
    pub kind: &'static str,
    /// Its digest.
    pub sha256: Hash,
}

/// What can be said, in parts and as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The whole.
    pub verdict: Overall,
    /// Code of the line that decided, when the verdict has not passed.
    pub reason: Option<&'static str>,
    /// The parts.
    pub findings: Vec<FindingLine>,
    /// `R`: whose document.
    pub record: Option<LogRecord>,
    /// Identifier of the act, as recorded at deposit.
    pub act: Option<String>,
    /// Its place in the log.
    pub index: Option<Index>,
    /// Since when at the latest.
    pub time: Option<Sealed>,
    /// On whose word.
    pub anchors: Vec<Anchor>,
    /// Name of the log in the policy.
    pub origin: Option<String>,
}

impl Verdict {
    /// Sorts the findings and draws the whole from them: the worst line decides, and what passes must have been
    /// checked, each finding of `logged` (and of `sealed` for a time) by its own line.
    pub fn conclude(mut self, logged: &str, sealed: &str) -> Self {
        self.findings.sort_by_cached_key(|line| messages::row(line.code).rank);
        let first = |of: &dyn Fn(&FindingLine) -> bool| self.findings.iter().find(|l| of(l)).map(|l| l.code);
        let failed = |l: &FindingLine| l.status == Status::Failed;
        let open = |l: &FindingLine| l.status == Status::Indeterminate;
        let other = |l: &FindingLine| matches!(l.code, "other-log" | "other-tenant");
        let counts = |l: &FindingLine| l.status == Status::Passed || NOTHING_TO_CHECK.contains(&l.code);
        let settled = |names: &str| {
            names.split_whitespace().all(|name| self.findings.iter().any(|l| l.name == name && counts(l)))
        };
        let false_ = first(&|l| failed(l) && !other(l)).or(first(&failed));
        let untold = first(&|l| open(l) && l.code == "no-trust-anchor").or(first(&open));
        (self.verdict, self.reason) = match (false_, untold) {
            (Some(code), _) => (Overall::Failed, Some(code)),
            (None, Some(code)) => (Overall::Indeterminate, Some(code)),
            _ if !settled(logged) => (Overall::Indeterminate, Some("not-all-checked")),
            _ if self.time.is_none() => (Overall::PassedLogOnly, None),
            _ if !settled(sealed) => (Overall::Indeterminate, Some("not-all-checked")),
            _ if self.time.as_ref().is_some_and(|time| time.qualified) => (Overall::PassedQualified, None),
            _ => (Overall::PassedTimestamped, None),
        };
        // What does not pass bears no time and nobody's word.
        if self.reason.is_some() {
            self.time = None;
            self.anchors.clear();
        }
        self
    }

    /// The frozen exit code of `tabellion-verify`.
    pub fn exit_code(&self) -> u8 {
        match (self.verdict, self.reason) {
            (Overall::PassedQualified | Overall::PassedTimestamped, _) => 0,
            (Overall::PassedLogOnly, _) => 4,
            (_, Some("unreadable")) => 5,
            (Overall::Indeterminate, _) => 3,
            (Overall::Failed, Some("other-log" | "other-tenant")) => 6,
            (Overall::Failed, _) => 1,
        }
    }

    /// As [`Verdict::exit_code`], where a warning makes 4 of 0.
    pub fn strict_exit_code(&self) -> u8 {
        let warned = self.findings.iter().any(|line| line.warning);
        if warned && self.exit_code() == 0 { 4 } else { self.exit_code() }
    }
}

impl FindingLine {
    /// The sentence in this language.
    pub fn message(&self, lang: Lang) -> String {
        messages::row(self.code).sentence(lang, &self.detail)
    }
}
