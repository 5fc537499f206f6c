//! Why a trusted list is not believed, or why what it says does not make a time-stamp a qualified one. Stable codes; sentences for people are
//! made by whoever speaks to them.

use std::fmt;

use crate::error::{SealError, hex};
use crate::time::UnixMillis;
use crate::xml_signature::SignatureFault;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant's sentence says what its fields are")]
pub enum ListFault {
    /// It cannot be read as a list.
    Unreadable(SealError),
    /// Its version is neither 5 nor 6 (TS 119 612 clause 5.3.1).
    Version { found: String },
    /// It is neither a list of lists nor a member state's (clause 5.3.3).
    Kind { found: String },
    /// It does not carry exactly one signature, of its own.
    NotSigned { found: usize },
    /// What its signature refers to is not the whole list, or cannot be told.
    Scope { why: String },
    /// Its signature is made in a way that is not accepted.
    Algorithm { found: String },
    /// What its signature refers to is not what was signed.
    Altered { reference: String },
    /// Its signature is false for the key of whom it names.
    SignatureFalse,
    /// It is signed by none of those who may.
    SignerUnknown { named: Option<[u8; 32]>, known: usize },
    /// The certificate of its signer did not hold when it was issued, or does not at the judgement.
    SignerOutsideValidity { not_before: UnixMillis, not_after: UnixMillis, issued: UnixMillis, at: UnixMillis },
    /// It says it was issued after the judgement.
    IssuedAhead { issued: UnixMillis, at: UnixMillis },
    /// No list of lists that is believed says who signs it.
    NotPointed { territory: String },
    /// Another one of the same territory, given too, has a higher number.
    Superseded { sequence: u64, by: u64 },
    /// A list of the same territory with a higher number was given by whoever judges, and is not believed: it may say otherwise.
    NewerUndecided { territory: String, number: u64 },
    /// No service of any list has the key of the time-stamp's signer, or of its issuer.
    NotListed,
    /// A qualified time-stamping service bears the name, and has another key.
    OtherKey { service: String },
    /// The service with this key is listed, and is none of qualified time-stamps at that time.
    OtherType { service: String, found: String },
    /// The service is listed since a later time only.
    NotYet { service: String, since: UnixMillis },
    /// The service was not granted its status at that time.
    NotGranted { service: String, status: String, since: UnixMillis },
    /// The history of the service does not go back in time.
    HistoryOrder { service: String },
    /// The service is listed with a condition that must be understood and is not known here.
    Condition { service: String, extension: String },
    /// The list announced its successor for a time before the time-stamp's: it says nothing of it.
    TooOld { until: UnixMillis },
}

impl ListFault {
    /// The stable name, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "list-unreadable",
            Self::Version { .. } => "list-version",
            Self::Kind { .. } => "list-kind",
            Self::NotSigned { .. } => "list-not-signed",
            Self::Scope { .. } => "list-signature-scope",
            Self::Algorithm { .. } => "list-signature-algorithm",
            Self::Altered { .. } => "list-altered",
            Self::SignatureFalse => "list-signature-false",
            Self::SignerUnknown { .. } => "list-signer-unknown",
            Self::SignerOutsideValidity { .. } => "list-signer-outside-validity",
            Self::IssuedAhead { .. } => "list-issued-ahead",
            Self::NotPointed { .. } => "list-not-pointed",
            Self::Superseded { .. } => "list-superseded",
            Self::NewerUndecided { .. } => "list-newer-undecided",
            Self::NotListed => "tsa-not-listed",
            Self::OtherKey { .. } => "tsa-listed-with-another-key",
            Self::OtherType { .. } => "tsa-listed-as-another-service",
            Self::NotYet { .. } => "tsa-not-yet-listed",
            Self::NotGranted { .. } => "tsa-not-granted",
            Self::HistoryOrder { .. } => "tsa-history-order",
            Self::Condition { .. } => "tsa-listed-under-a-condition",
            Self::TooOld { .. } => "list-older-than-token",
        }
    }

    /// Of several services that are not what is looked for, the one to tell of: the greater says more.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::NotListed => 0,
            Self::OtherKey { .. } => 1,
            Self::OtherType { .. } => 2,
            Self::NotYet { .. } => 3,
            Self::TooOld { .. } => 4,
            _ => 5,
        }
    }

    /// One such service is enough for none of the others to count.
    pub(crate) fn forbids(&self) -> bool {
        matches!(
            self,
            Self::NewerUndecided { .. } | Self::NotGranted { .. } | Self::HistoryOrder { .. } | Self::Condition { .. }
        )
    }
}

impl From<SealError> for ListFault {
    fn from(why: SealError) -> Self {
        Self::Unreadable(why)
    }
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => why.fmt(f),
            Self::Version { found } | Self::Kind { found } | Self::Algorithm { found } => f.write_str(found),
            Self::NotSigned { found } => write!(f, "{found}"),
            Self::Scope { why } => f.write_str(why),
            Self::Altered { reference } => write!(f, "{reference:?}"),
            Self::SignatureFalse | Self::NotListed => f.write_str(self.code()),
            Self::SignerUnknown { named: Some(named), known } => write!(f, "SHA-256 {} / {known}", hex(named)),
            Self::SignerUnknown { named: None, known } => write!(f, "? / {known}"),
            Self::SignerOutsideValidity { not_before, not_after, issued, at } => {
                write!(f, "{not_before} – {not_after} / {issued}, {at}")
            }
            Self::IssuedAhead { issued, at } => write!(f, "{issued} / {at}"),
            Self::NotPointed { territory } => f.write_str(territory),
            Self::NewerUndecided { territory, number } => write!(f, "{territory}, n° {number}"),
            Self::Superseded { sequence, by } => write!(f, "{sequence} / {by}"),
            Self::OtherKey { service } | Self::HistoryOrder { service } => f.write_str(service),
            Self::OtherType { service, found } => write!(f, "{service}: {found}"),
            Self::NotYet { service, since } => write!(f, "{service}: {since}"),
            Self::NotGranted { service, status, since } => write!(f, "{service}: {status}, {since}"),
            Self::Condition { service, extension } => write!(f, "{service}: {extension}"),
            Self::TooOld { until } => write!(f, "{until}"),
        }
    }
}

impl From<SignatureFault> for ListFault {
    fn from(fault: SignatureFault) -> Self {
        match fault {
            SignatureFault::Unsupported { found } => Self::Algorithm { found },
            SignatureFault::Malformed { .. } => SealError::Malformed { what: "signature of a trusted list" }.into(),
            other => Self::Scope { why: other.to_string() },
        }
    }
}
