//! Why a signature of an XML document does not hold, or why that cannot be told.

use std::fmt;

use crate::error::SealError;

/// Why the integrity of a signature is not established.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureFault {
    /// What this refers to is not as it was signed.
    Altered {
        /// The reference's `URI`.
        reference: String,
    },
    /// No certificate carried made this signature.
    False,
    /// Two elements bear the identifier it refers to: readers choose differently.
    Ambiguous {
        /// The identifier.
        id: String,
    },
    /// It refers to an identifier that is not in the document.
    NotThere {
        /// The identifier.
        id: String,
    },
    /// It refers to nothing.
    NothingSigned,
    /// Its properties are not among what it signs, or there are several sets of them.
    PropertiesNotSigned,
    /// Its signed properties name another certificate than the one that signed (XAdES `SigningCertificate`).
    OtherCertificate,
    /// A part is missing, repeated or not what it should be.
    Malformed {
        /// Which.
        what: &'static str,
    },
    /// It carries no certificate: who signed is not told.
    NoCertificate,
    /// An algorithm, a transform or a reference that is not read here.
    Unsupported {
        /// Which.
        found: String,
    },
    /// What it refers to stands outside the document, and is not at hand.
    Beside {
        /// Why, by a stable word of whoever was asked for it.
        why: &'static str,
        /// What it is called.
        name: String,
    },
    /// It is that of another document, which stands inside this one.
    Inside,
    /// Several certificates of the key that signed, and nothing that is signed says which of them it is.
    Certificates,
    /// More references or more octets than are looked at.
    TooMuch,
}

impl SignatureFault {
    /// One that is not read here.
    pub(crate) fn unsupported(found: &str) -> Self {
        Self::Unsupported { found: found.chars().take(200).collect() }
    }

    /// What stands outside was not asked for.
    pub(crate) fn beside(name: &str) -> Self {
        Self::Beside { why: Self::BESIDE, name: name.chars().take(200).collect() }
    }

    /// The word where what stands outside was not asked for.
    pub const BESIDE: &'static str = "document-beside";

    /// All that [`Self::code`] may say; of what stands outside, what [`Self::Beside`] says.
    pub const CODES: [&'static str; 14] = [
        "altered",
        "signature-false",
        "identifier-twice",
        "reference-not-there",
        "nothing-signed",
        "properties-not-signed",
        "other-certificate",
        "malformed",
        "no-certificate",
        "unsupported",
        Self::BESIDE,
        "document-inside",
        "certificates-several",
        "too-much",
    ];

    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Altered { .. } => "altered",
            Self::False => "signature-false",
            Self::Ambiguous { .. } => "identifier-twice",
            Self::NotThere { .. } => "reference-not-there",
            Self::NothingSigned => "nothing-signed",
            Self::PropertiesNotSigned => "properties-not-signed",
            Self::OtherCertificate => "other-certificate",
            Self::Malformed { .. } => "malformed",
            Self::NoCertificate => "no-certificate",
            Self::Unsupported { .. } => "unsupported",
            Self::Beside { why, .. } => why,
            Self::Inside => "document-inside",
            Self::Certificates => "certificates-several",
            Self::TooMuch => "too-much",
        }
    }

    /// It cannot be told: another reader might find it to hold.
    pub fn is_undecided(&self) -> bool {
        matches!(
            self,
            Self::NoCertificate
                | Self::Unsupported { .. }
                | Self::Beside { .. }
                | Self::Inside
                | Self::Certificates
                | Self::TooMuch
        )
    }
}

impl fmt::Display for SignatureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { reference } => write!(f, "{reference:?} is not as it was signed"),
            Self::False => f.write_str("no certificate carried made this signature"),
            Self::Ambiguous { id } => write!(f, "two elements bear the identifier {id:?}"),
            Self::NotThere { id } => write!(f, "no element bears the identifier {id:?}"),
            Self::NothingSigned => f.write_str("it refers to nothing"),
            Self::PropertiesNotSigned => f.write_str("its properties are not among what it signs"),
            Self::OtherCertificate => f.write_str("its properties name another certificate"),
            Self::Malformed { what } => write!(f, "{what} is missing, repeated or malformed"),
            Self::NoCertificate => f.write_str("it carries no certificate"),
            Self::Unsupported { found } => write!(f, "{found:?} is not read"),
            Self::Beside { name, .. } => write!(f, "{name:?} is not at hand"),
            Self::Inside => f.write_str("it is that of another document, inside this one"),
            Self::Certificates => f.write_str("several certificates of the key that signed"),
            Self::TooMuch => f.write_str("more than is looked at"),
        }
    }
}
impl std::error::Error for SignatureFault {}

impl From<SealError> for SignatureFault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Unsupported { found, .. } => Self::unsupported(&found),
            SealError::TooLarge { .. } => Self::TooMuch,
            SealError::Malformed { what } => Self::Malformed { what },
            _ => Self::Malformed { what: "signature" },
        }
    }
}
