//! Everything that can be wrong with what this crate reads, as one list of sentences.

use std::fmt;

use crate::time::UnixMillis;

/// What was wrong; a mismatch carries both sides. [`SealError::code`] is stable, the sentence is not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant's sentence says what its fields are")]
pub enum SealError {
    /// The bytes do not have the structure of `what`.
    Malformed { what: &'static str },
    /// `what` is beyond a limit of `limits.rs`.
    TooLarge { what: &'static str, limit: u64, found: u64 },
    /// Readable, yet not the one DER encoding (X.690 §10, §11).
    NotDer { what: &'static str },
    /// Well-formed, yet something this crate does not judge: never counted as passed.
    Unsupported { what: &'static str, found: String },
    /// The authority refused the request (RFC 3161 §2.4.2).
    Refused { status: u64, fail_info: Vec<&'static str>, text: String },
    /// The token speaks of another document.
    ImprintMismatch { expected: Vec<u8>, found: Vec<u8> },
    /// The imprint was made with another digest.
    ImprintAlgorithmMismatch { expected: &'static str, found: String },
    /// The token does not answer this request.
    NonceMismatch { expected: Vec<u8>, found: Option<Vec<u8>> },
    /// The token was issued under another policy.
    PolicyMismatch { expected: String, found: String },
    /// The contentType attribute does not name TSTInfo (RFC 5652 §11.1).
    ContentTypeMismatch { expected: String, found: String },
    /// The signed attributes speak of another content (RFC 5652 §11.2).
    MessageDigestMismatch { computed: Vec<u8>, found: Vec<u8> },
    /// A signed attribute which must stand exactly once stands `count` times.
    AttributeCount { attribute: &'static str, count: usize },
    /// The signing certificate attribute names another certificate (RFC 5816 §2.2.1).
    EssCertIdMismatch { certificate: Vec<u8>, found: Vec<u8> },
    /// The signing certificate attribute names another issuer or serial number.
    EssIssuerSerialMismatch { certificate: String, found: String },
    /// No certificate at hand is the one the signer named.
    SignerNotFound { certificates: usize },
    /// The token carries another certificate of the signer's name, over another key.
    SignerAmbiguous { subject: String },
    /// Extended key usage is absent (RFC 3161 §2.3).
    EkuMissing,
    /// Extended key usage is there, not critical (RFC 3161 §2.3).
    EkuNotCritical,
    /// Extended key usage is not the sole id-kp-timeStamping (RFC 3161 §2.3).
    EkuNotSole { found: Vec<String> },
    /// Key usage does not allow signing.
    KeyUsage { found: String },
    /// The signer's certificate was not valid at the time of the token.
    SignerOutsideValidity { not_before: UnixMillis, not_after: UnixMillis, at: UnixMillis },
    /// The token says a time later than the moment of judgement.
    GenTimeAhead { gen_time: UnixMillis, judged_at: UnixMillis },
    /// The signature is false for this key and these bytes.
    SignatureFalse { algorithm: String },
    /// No path leads from the signer to a given root.
    NoPath { reason: String, roots: usize },
    /// A certificate of the path stands revoked, and the token with it.
    Revoked { certificate: String, at: UnixMillis, reason: &'static str },
    /// A digest, a signature or a key too weak to be a proof by itself today.
    WeakAlgorithm { found: Vec<String> },
    /// The first list of an evidence record is not the group of two it is asked to cover (RFC 4998 §4.3).
    GroupMismatch { expected: Vec<Vec<u8>>, found: Vec<Vec<u8>> },
    /// A later list of an evidence record is not a single sibling.
    SiblingCount { list: usize, found: usize },
    /// The tree of the evidence record leads to another value than its token's imprint.
    RootMismatch { computed: Vec<u8>, imprint: Vec<u8> },
    /// A name in a container could be misread as a path, or is not text.
    EntryName { name: String },
    /// Two entries of a container have one name.
    EntryRepeated { name: String },
    /// No such entry.
    EntryMissing { name: String },
    /// An entry's bytes do not have the checksum written beside them.
    EntryChecksum { name: String, expected: u32, found: u32 },
    /// The container does not begin with the stored media type of ASiC-E (ETSI EN 319 162-1 §A.1).
    MediaType { found: String },
    /// Text that is not PEM of the expected kind (RFC 7468).
    Pem { expected: &'static str },
    /// A key could not be made or used.
    Key { what: &'static str, reason: String },
    /// The output could not be written.
    Write { reason: String },
    /// The input could not be read: nothing is said of what it is.
    Read { reason: String },
}

impl SealError {
    /// The stable name of this error, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too-large",
            Self::NotDer { .. } => "not-der",
            Self::Unsupported { .. } => "unsupported",
            Self::Refused { .. } => "refused-by-authority",
            Self::ImprintMismatch { .. } => "imprint-mismatch",
            Self::ImprintAlgorithmMismatch { .. } => "imprint-algorithm-mismatch",
            Self::NonceMismatch { .. } => "nonce-mismatch",
            Self::PolicyMismatch { .. } => "policy-mismatch",
            Self::ContentTypeMismatch { .. } => "content-type-mismatch",
            Self::MessageDigestMismatch { .. } => "message-digest-mismatch",
            Self::AttributeCount { .. } => "attribute-count",
            Self::EssCertIdMismatch { .. } => "ess-cert-id-mismatch",
            Self::EssIssuerSerialMismatch { .. } => "ess-issuer-serial-mismatch",
            Self::SignerNotFound { .. } => "signer-not-found",
            Self::SignerAmbiguous { .. } => "signer-ambiguous",
            Self::EkuMissing => "eku-missing",
            Self::EkuNotCritical => "eku-not-critical",
            Self::EkuNotSole { .. } => "eku-not-sole",
            Self::KeyUsage { .. } => "key-usage",
            Self::SignerOutsideValidity { .. } => "signer-outside-validity",
            Self::GenTimeAhead { .. } => "gen-time-ahead",
            Self::SignatureFalse { .. } => "signature-false",
            Self::NoPath { .. } => "no-path",
            Self::Revoked { .. } => "revoked",
            Self::WeakAlgorithm { .. } => "weak-algorithm",
            Self::GroupMismatch { .. } => "group-mismatch",
            Self::SiblingCount { .. } => "sibling-count",
            Self::RootMismatch { .. } => "root-mismatch",
            Self::EntryName { .. } => "entry-name",
            Self::EntryRepeated { .. } => "entry-repeated",
            Self::EntryMissing { .. } => "entry-missing",
            Self::EntryChecksum { .. } => "entry-checksum",
            Self::MediaType { .. } => "media-type",
            Self::Pem { .. } => "pem",
            Self::Key { .. } => "key",
            Self::Write { .. } => "write",
            Self::Read { .. } => "read",
        }
    }
}

impl SealError {
    /// Nothing false was found, and nothing can be concluded: what is not known here, whose certificate is not at hand, or what is
    /// too weak by itself.
    pub fn is_undecided(&self) -> bool {
        let undecided = matches!(self, Self::Unsupported { .. } | Self::SignerNotFound { .. });
        undecided || matches!(self, Self::WeakAlgorithm { .. } | Self::Read { .. })
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn hex_list(list: &[Vec<u8>]) -> String {
    list.iter().map(|b| hex(b)).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { what } => write!(f, "{what} is malformed"),
            Self::TooLarge { what, limit, found } => write!(f, "{what} is {found}, the limit is {limit}"),
            Self::NotDer { what } => write!(f, "not DER: {what}"),
            Self::Unsupported { what, found } => write!(f, "{what} is not supported: {found}"),
            Self::Refused { status, fail_info, text } => {
                write!(f, "the authority refused: status {status} [{}] {text}", fail_info.join(", "))
            }
            Self::Pem { expected } => write!(f, "no PEM text holding: {expected}"),
            Self::Key { what, reason } => write!(f, "{what}: {reason}"),
            Self::Write { reason } => write!(f, "the output could not be written: {reason}"),
            Self::Read { reason } => write!(f, "the input could not be read: {reason}"),
            Self::GroupMismatch { .. } | Self::SiblingCount { .. } | Self::RootMismatch { .. } => self.write_record(f),
            Self::EntryName { .. }
            | Self::EntryRepeated { .. }
            | Self::EntryMissing { .. }
            | Self::EntryChecksum { .. }
            | Self::MediaType { .. } => self.write_container(f),
            _ => self.write_token(f),
        }
    }
}

impl SealError {
    fn write_token(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImprintMismatch { expected, found } => {
                write!(f, "the token is over {}, expected {}", hex(found), hex(expected))
            }
            Self::ImprintAlgorithmMismatch { expected, found } => {
                write!(f, "the token's imprint is made with {found}, expected {expected}")
            }
            Self::NonceMismatch { expected, found } => {
                let found = found.as_deref().map_or_else(|| "none".to_owned(), hex);
                write!(f, "the token's nonce is {found}, expected {}", hex(expected))
            }
            Self::PolicyMismatch { expected, found } => {
                write!(f, "the token's policy is {found}, expected {expected}")
            }
            Self::ContentTypeMismatch { expected, found } => {
                write!(f, "the content is of type {found}, expected {expected}")
            }
            Self::MessageDigestMismatch { computed, found } => {
                write!(f, "the content's digest is {}, the signer signed {}", hex(computed), hex(found))
            }
            Self::AttributeCount { attribute, count } => {
                write!(f, "the signed attribute {attribute} stands {count} times, not once")
            }
            Self::EssCertIdMismatch { certificate, found } => write!(
                f,
                "the signer named a certificate of digest {}, the certificate found has {}",
                hex(found),
                hex(certificate)
            ),
            Self::EssIssuerSerialMismatch { certificate, found } => {
                write!(f, "the signer named issuer and serial {found}, the certificate found has {certificate}")
            }
            other => other.write_signer(f),
        }
    }

    fn write_signer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignerNotFound { certificates } => {
                write!(f, "none of {certificates} certificates at hand is the signer's")
            }
            Self::SignerAmbiguous { subject } => {
                write!(f, "the token carries certificates of different keys for {subject}")
            }
            Self::EkuMissing => write!(f, "the signer's certificate has no extended key usage"),
            Self::EkuNotCritical => write!(f, "the signer's extended key usage is not critical"),
            Self::EkuNotSole { found } => {
                write!(f, "extended key usage must be id-kp-timeStamping alone, found: {}", found.join(", "))
            }
            Self::KeyUsage { found } => write!(f, "key usage does not allow signing: {found}"),
            Self::SignerOutsideValidity { not_before, not_after, at } => {
                write!(f, "the certificate holds from {not_before} to {not_after}, the token says {at}")
            }
            Self::GenTimeAhead { gen_time, judged_at } => {
                write!(f, "the token says {gen_time}, later than the judgement at {judged_at}")
            }
            Self::SignatureFalse { algorithm } => write!(f, "the {algorithm} signature is false"),
            Self::NoPath { reason, roots } => write!(f, "no path to any of {roots} given roots: {reason}"),
            Self::Revoked { certificate, at, reason } => {
                write!(f, "the certificate of {certificate} is revoked since {at}: {reason}")
            }
            Self::WeakAlgorithm { found } => write!(f, "too weak to be a proof by itself today: {}", found.join(", ")),
            other => f.write_str(other.code()),
        }
    }

    fn write_record(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GroupMismatch { expected, found } => {
                write!(f, "the evidence record covers [{}], expected exactly [{}]", hex_list(found), hex_list(expected))
            }
            Self::SiblingCount { list, found } => {
                write!(f, "list {list} of the evidence record holds {found} hashes, not one")
            }
            Self::RootMismatch { computed, imprint } => {
                write!(f, "the tree leads to {}, the token is over {}", hex(computed), hex(imprint))
            }
            other => f.write_str(other.code()),
        }
    }

    fn write_container(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryName { name } => write!(f, "the entry name {name:?} is refused"),
            Self::EntryRepeated { name } => write!(f, "the entry {name:?} stands more than once"),
            Self::EntryMissing { name } => write!(f, "there is no entry {name:?}"),
            Self::EntryChecksum { name, expected, found } => {
                write!(f, "the entry {name:?} has checksum {found:08x}, written {expected:08x}")
            }
            Self::MediaType { found } => {
                write!(f, "the container does not begin with the stored media type of ASiC-E: {found}")
            }
            other => f.write_str(other.code()),
        }
    }
}

impl std::error::Error for SealError {}
