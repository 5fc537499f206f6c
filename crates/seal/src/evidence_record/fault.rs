//! What can be said of a part of an evidence record: that it holds, or why not. Stable codes; sentences for people are made by
//! whoever speaks to them.

use std::fmt;

use crate::check::CheckName;
use crate::error::{SealError, hex};
use crate::time::UnixMillis;

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordFact {
    /// The data object's digest stands in the first list.
    DataCovered {
        /// The digest's name.
        algorithm: &'static str,
        /// The digest is that of the canonical form of an XML document (RFC 6283 §3.1.1), not of its bytes.
        canonical: bool,
    },
    /// Every hash of the first list is one of the data objects given: the group is whole (RFC 4998 §4.3).
    GroupWhole {
        /// Hashes in the list.
        of: usize,
    },
    /// The first list holds hashes of objects that were not given: what was given is part of a group.
    GroupPart {
        /// Hashes that are of objects given.
        given: usize,
        /// Hashes in the list.
        of: usize,
    },
    /// The tree leads to the token's imprint.
    TreeLeads,
    /// The previous token is covered (time-stamp renewal, RFC 4998 §5.2).
    PreviousTokenCovered,
    /// The data object and all earlier chains are covered, the object's digest first, unsorted (hash-tree renewal, RFC 4998 §5.2;
    /// in XML each stands in the first list).
    PreviousChainsCovered {
        /// The digest's name.
        algorithm: &'static str,
    },
    /// The token holds, by a root given.
    TokenHolds {
        /// Who signed, as the certificate says.
        authority: String,
        /// The time stated.
        gen_time: UnixMillis,
    },
    /// No time-stamp is older than the one it covers.
    TimesInOrder,
    /// Each chain's digest was in use until this moment, and is known and not weak.
    AlgorithmUsed {
        /// The digest's name.
        algorithm: &'static str,
        /// The moment at which it had to hold: the first time-stamp of the next chain, or the judgement.
        until: UnixMillis,
    },
}

/// Why a part does not hold, or why that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordFault {
    /// No data object was given.
    NoData,
    /// More data objects than are judged at once.
    TooManyData {
        /// How many.
        found: usize,
    },
    /// The data object's digest does not stand in the first list.
    DataNotCovered {
        /// The digest computed.
        digest: Vec<u8>,
    },
    /// The data object is known by digests of other algorithms only.
    DigestNotGiven {
        /// The one needed.
        algorithm: &'static str,
    },
    /// An XML document could not be canonicalised, and its bytes are not covered as they are.
    NotCanonicalised(SealError),
    /// The first list of a renewal lacks the previous token's digest.
    PreviousTokenNotCovered {
        /// The digest computed.
        digest: Vec<u8>,
    },
    /// The first list of a new chain does not cover this data object together with all earlier chains.
    PreviousChainsNotCovered {
        /// The digest computed.
        digest: Vec<u8>,
    },
    /// They are covered, joined in another order than the standard's: object first, unsorted.
    RenewalOrder {
        /// The order found.
        found: &'static str,
    },
    /// A hash of the tree is not of its digest's length.
    HashLength,
    /// The tree leads to another value than the token's imprint.
    RootMismatch {
        /// The value it leads to.
        computed: Vec<u8>,
        /// What the token is over.
        imprint: Vec<u8>,
    },
    /// The token's imprint is made with another digest than the tree.
    ImprintAlgorithm {
        /// The tree's.
        tree: String,
        /// The imprint's.
        imprint: String,
    },
    /// `digestAlgorithms` lacks a digest that is used.
    AlgorithmUndeclared {
        /// Its name.
        name: String,
    },
    /// A chain changes its digest (RFC 4998 §5.3).
    AlgorithmChanged {
        /// The chain's.
        chain: String,
        /// The one found.
        found: String,
    },
    /// A digest that is not known here.
    AlgorithmUnknown {
        /// Its name.
        name: String,
    },
    /// A digest that no longer proves anything by itself.
    AlgorithmWeak {
        /// Its name.
        name: &'static str,
        /// The moment at which it would have to hold.
        until: UnixMillis,
    },
    /// A time-stamp is older than the one it covers.
    TimeOrder {
        /// The time of the one before.
        previous: UnixMillis,
        /// Its own.
        found: UnixMillis,
    },
    /// The same token stands twice.
    TokenRepeated,
    /// The token could not be read.
    TokenUnreadable(SealError),
    /// A rule of tokens is broken.
    Token(CheckName, SealError),
    /// No path leads from the token to a root given.
    NotTrusted(SealError),
    /// No root was given.
    NoTrustAnchor,
    /// A certificate had ended before the next time-stamp, or the judgement: nothing proves that the token existed before.
    NoProofOfExistence {
        /// The end.
        ended: UnixMillis,
        /// When it had to hold.
        needed: UnixMillis,
    },
}

impl RecordFact {
    /// The stable name, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DataCovered { canonical: false, .. } => "data-covered",
            Self::DataCovered { canonical: true, .. } => "data-covered-canonical",
            Self::GroupWhole { .. } => "group-whole",
            Self::GroupPart { .. } => "group-part",
            Self::TreeLeads => "tree-leads",
            Self::PreviousTokenCovered => "previous-token-covered",
            Self::PreviousChainsCovered { .. } => "previous-chains-covered",
            Self::TokenHolds { .. } => "token-holds",
            Self::TimesInOrder => "stamps-in-order",
            Self::AlgorithmUsed { .. } => "algorithm-used",
        }
    }
}

impl fmt::Display for RecordFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataCovered { algorithm, canonical: false } => f.write_str(algorithm),
            Self::DataCovered { algorithm, canonical: true } => write!(f, "{algorithm}, canonical XML"),
            Self::GroupWhole { of } => write!(f, "{of}"),
            Self::GroupPart { given, of } => write!(f, "{given}/{of}"),
            Self::PreviousChainsCovered { algorithm } => f.write_str(algorithm),
            Self::TokenHolds { authority, gen_time } => write!(f, "{gen_time}, {authority}"),
            Self::AlgorithmUsed { algorithm, until } => write!(f, "{algorithm}, {until}"),
            Self::TreeLeads | Self::PreviousTokenCovered | Self::TimesInOrder => Ok(()),
        }
    }
}

impl RecordFault {
    /// The stable name, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoData => "no-data",
            Self::TooManyData { .. } => "too-many-data",
            Self::DataNotCovered { .. } => "data-not-covered",
            Self::DigestNotGiven { .. } => "digest-not-given",
            Self::NotCanonicalised(_) => "not-canonicalised",
            Self::PreviousTokenNotCovered { .. } => "previous-token-not-covered",
            Self::PreviousChainsNotCovered { .. } => "previous-chains-not-covered",
            Self::RenewalOrder { .. } => "renewal-order",
            Self::HashLength => "hash-length",
            Self::RootMismatch { .. } => "tree-leads-elsewhere",
            Self::ImprintAlgorithm { .. } => "imprint-algorithm",
            Self::AlgorithmUndeclared { .. } => "algorithm-undeclared",
            Self::AlgorithmChanged { .. } => "algorithm-changed",
            Self::AlgorithmUnknown { .. } => "algorithm-unknown",
            Self::AlgorithmWeak { .. } => "algorithm-weak",
            Self::TimeOrder { .. } => "stamp-older",
            Self::TokenRepeated => "token-repeated",
            Self::TokenUnreadable(SealError::Unsupported { .. }) => "token-unsupported",
            Self::TokenUnreadable(_) => "token-malformed",
            Self::Token(CheckName::GenTime, _) => "token-ahead",
            Self::Token(_, SealError::WeakAlgorithm { .. }) => "algorithm-weak",
            Self::Token(_, SealError::Revoked { .. }) => "certificate-revoked",
            Self::Token(_, SealError::EkuNotCritical) => "eku-not-critical",
            Self::Token(_, why) if why.is_undecided() => "token-unsupported",
            Self::Token(..) => "token-false",
            Self::NotTrusted(_) => "token-not-trusted",
            Self::NoTrustAnchor => "no-trust-anchor",
            Self::NoProofOfExistence { .. } => "no-proof-of-existence",
        }
    }

    /// It cannot be told whether the part holds; the others are false.
    pub fn is_untold(&self) -> bool {
        if let Self::Token(_, why) | Self::TokenUnreadable(why) = self
            && (why.is_undecided() || matches!(why, SealError::Revoked { .. } | SealError::EkuNotCritical))
        {
            return true;
        }
        matches!(
            self,
            Self::NoData
                | Self::TooManyData { .. }
                | Self::DigestNotGiven { .. }
                | Self::NotCanonicalised(_)
                | Self::AlgorithmUnknown { .. }
                | Self::AlgorithmWeak { .. }
                | Self::Token(CheckName::GenTime, _)
                | Self::NotTrusted(_)
                | Self::NoTrustAnchor
                | Self::NoProofOfExistence { .. }
        )
    }
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyData { found } => write!(f, "{found}"),
            Self::DataNotCovered { digest }
            | Self::PreviousTokenNotCovered { digest }
            | Self::PreviousChainsNotCovered { digest } => f.write_str(&hex(digest)),
            Self::DigestNotGiven { algorithm } => f.write_str(algorithm),
            Self::RenewalOrder { found } => f.write_str(found),
            Self::RootMismatch { computed, imprint } => {
                write!(f, "the tree leads to {}, the token is over {}", hex(computed), hex(imprint))
            }
            Self::ImprintAlgorithm { tree, imprint } => write!(f, "tree {tree}, imprint {imprint}"),
            Self::AlgorithmUndeclared { name } | Self::AlgorithmUnknown { name } => f.write_str(name),
            Self::AlgorithmChanged { chain, found } => write!(f, "{chain}, {found}"),
            Self::AlgorithmWeak { name, until } => write!(f, "{name}, {until}"),
            Self::TimeOrder { previous, found } => write!(f, "{found} < {previous}"),
            Self::TokenUnreadable(why) | Self::NotTrusted(why) | Self::NotCanonicalised(why) => write!(f, "{why}"),
            Self::Token(check, why) => write!(f, "{}: {why}", check.name()),
            Self::NoProofOfExistence { ended, needed } => write!(f, "{ended} < {needed}"),
            Self::NoData | Self::HashLength | Self::TokenRepeated | Self::NoTrustAnchor => Ok(()),
        }
    }
}
