//! A finding is a sentence with a code, a place and a remedy, in French and in English.

use crate::codes::{Fault, shown};
use crate::explain::Language;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Info,
    /// An oddity that is kept: the deposit is accepted with warnings.
    Warning,
    /// The deposit is refused.
    Refusal,
}

impl Severity {
    /// The stable name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Refusal => "refusal",
        }
    }
}

/// One thing worth telling about a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable, kebab-case; the table is in docs/formats/flow.md.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The French sentence.
    pub message_fr: String,
    /// The English sentence.
    pub message_en: String,
    /// Member name, XPath or offset; `where` in JSON.
    pub place: String,
    /// What to do, in French.
    pub remedy_fr: String,
    /// What to do, in English.
    pub remedy_en: String,
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Finding {
        let code = fault.code;
        Finding {
            code: code.name,
            severity: code.weight.severity(),
            message_fr: fault.fill(code.fr, Language::Fr),
            message_en: fault.fill(code.en, Language::En),
            remedy_fr: fault.fill(code.remedy_fr, Language::Fr),
            remedy_en: fault.fill(code.remedy_en, Language::En),
            place: shown(&fault.place),
        }
    }
}

/// The verdict on a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Read without a remark that matters.
    Accepted,
    /// Read; oddities are kept as warnings.
    AcceptedWithWarnings,
    /// Not safe to read, or not what was declared.
    Refused,
    /// The bytes could not be read at all.
    Unreadable,
}

impl Outcome {
    /// The stable name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::AcceptedWithWarnings => "accepted-with-warnings",
            Outcome::Refused => "refused",
            Outcome::Unreadable => "unreadable",
        }
    }

    /// The exit code of `tabellion check`.
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Accepted => 0,
            Outcome::AcceptedWithWarnings => 4,
            Outcome::Refused => 1,
            Outcome::Unreadable => 5,
        }
    }

    /// True when the deposit may be archived.
    pub fn is_accepted(self) -> bool {
        matches!(self, Outcome::Accepted | Outcome::AcceptedWithWarnings)
    }
}
