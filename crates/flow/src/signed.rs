//! What is said of signatures inside documents: the judgement is asked of whoever has the cryptography, what it comes to for people is told
//! here.

/// Judges the signatures that an XML document carries.
pub trait SignatureJudge {
    /// Each of them, in order.
    ///
    /// # Errors
    /// Why the document as a whole could not be looked at.
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, String>;
}

/// Says that nothing can be told of any.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJudge;

impl SignatureJudge for NoJudge {
    fn judge(&self, _xml: &str) -> Result<Vec<SignatureSaid>, String> {
        Err("no judge of signatures".to_owned())
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
    /// The path of its element.
    pub place: String,
    /// The paths of the elements it covers.
    pub covers: Vec<String>,
    /// Its integrity.
    pub outcome: SignatureOutcome,
    /// Where it does not hold: a stable word, and a sentence in English.
    pub why: Option<(&'static str, String)>,
    /// The certificate that signed, where one did.
    pub signer: Option<SignerSaid>,
    /// The moment its signed properties state.
    pub signing_time: Option<String>,
    /// What is too weak to be a proof by itself today.
    pub weak: Vec<String>,
}

/// What a certificate says of itself, and whether it was in force; whether its authority is to be trusted is not said.
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
}
