//! What is said of signatures inside documents: the judgement is asked of whoever has the cryptography, what it comes to for people is told
//! here.

mod reasons;
mod told;

use std::io::Read;

pub use self::reasons::has_reason;
pub(crate) use self::reasons::{WORDS, reason, weak};

/// Why something is not established: a stable word, for which [`has_reason`], and what it is about, where that can be named in any language.
pub type Why = (&'static str, String);

/// Gives all octets of the file that a reference of a signature names, in order, and says what that file is called; nothing for a reference that
/// names none.
pub type Beside<'b> = dyn FnMut(Option<&str>, &mut dyn FnMut(&[u8])) -> Result<String, Why> + 'b;

/// The word of a judge for a signature over what stands outside its document, where that was not given.
pub const BESIDE: &str = "document-beside";

/// Judges the signatures that documents carry, and those that lie beside them.
pub trait SignatureJudge {
    /// Each signature of this XML document, in order.
    ///
    /// # Errors
    /// Why the document as a whole could not be looked at.
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, Why>;

    /// The same, where some are over files beside the document, which `beside` gives.
    ///
    /// # Errors
    /// As for [`Self::judge`].
    fn judge_beside(&self, xml: &str, _beside: &mut Beside<'_>) -> Result<Vec<SignatureSaid>, Why> {
        self.judge(xml)
    }

    /// Each signature of this PDF, in order.
    ///
    /// # Errors
    /// Why the document as a whole could not be looked at.
    fn judge_pdf(&self, pdf: &[u8]) -> Result<Vec<SignatureSaid>, Why>;

    /// Each signer of this CMS signature: over the document that is read, or over what stands inside where there is none.
    ///
    /// # Errors
    /// Why the signature as a whole could not be looked at, or the document not read.
    fn judge_cms(&self, cms: &[u8], document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why>;
}

/// Says that nothing can be told of any.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJudge;

impl SignatureJudge for NoJudge {
    fn judge(&self, _xml: &str) -> Result<Vec<SignatureSaid>, Why> {
        Err(NOBODY)
    }
    fn judge_pdf(&self, _pdf: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        Err(NOBODY)
    }
    fn judge_cms(&self, _cms: &[u8], _document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why> {
        Err(NOBODY)
    }
}

const NOBODY: Why = ("no-judge", String::new());

/// Whether a way leads from a signer's certificate to an authority that the operator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthoritySaid {
    /// The operator names none.
    NotExamined,
    /// One does.
    Known,
    /// None does.
    Unknown,
}

impl AuthoritySaid {
    /// The word for it in the facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotExamined => "non_examinee",
            Self::Known => "connue",
            Self::Unknown => "inconnue",
        }
    }
}

/// Whether what a signature covers is as it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureOutcome {
    /// It is.
    Holds,
    /// It is not.
    Broken,
    /// It cannot be told.
    Undecided,
}

impl SignatureOutcome {
    /// The word for it in the facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "tient",
            Self::Broken => "rompue",
            Self::Undecided => "indeterminee",
        }
    }
}

/// What was said of one signature.
#[derive(Clone, Debug)]
pub struct SignatureSaid {
    /// The path of its element; of a PDF or a file beside, where it stands there.
    pub place: String,
    /// The paths of the elements it covers; of a document, what of it.
    pub covers: Vec<String>,
    /// The files it covers that stand beside its document.
    pub beside: Vec<String>,
    /// Its integrity.
    pub outcome: SignatureOutcome,
    /// Where it does not hold.
    pub why: Option<Why>,
    /// The certificate that signed, where one did.
    pub signer: Option<SignerSaid>,
    /// The moment its signed properties state.
    pub signing_time: Option<String>,
    /// What is too weak to be a proof by itself today.
    pub weak: Vec<String>,
    /// Bytes of a PDF that were added after what it covers.
    pub added: u64,
}

/// What a certificate says of itself, whether it was in force, and whether its authority is one the operator knows.
#[derive(Clone, Debug)]
pub struct SignerSaid {
    /// Subject.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// First moment of validity, RFC 3339.
    pub not_before: String,
    /// Last moment of validity, RFC 3339.
    pub not_after: String,
    /// In force when the deposit was read.
    pub in_force: bool,
    /// What it is made for, by its own word, where that is not to sign documents.
    pub unsuited: Option<String>,
    /// Whether its authority is known.
    pub authority: AuthoritySaid,
    /// Of one that is known by a trusted list: country, provider and service, as the list has them.
    pub listed: Option<String>,
}
