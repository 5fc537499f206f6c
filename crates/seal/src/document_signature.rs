//! What is told of a signature of a document, whatever the syntax it is made in.

use crate::certificate::SignerFacts;
use crate::xml_signature::SignatureFault;

/// What was found of a signature of a document: of XML, CMS or a PDF alike.
#[derive(Clone, Debug)]
pub struct DocumentSignature {
    /// What it covers is as it was signed, by the key of a certificate carried, which is the one that what is signed names.
    pub integrity: Result<(), SignatureFault>,
    /// The certificate that signed, DER; untrusted.
    pub certificate: Option<Vec<u8>>,
    /// All certificates that came with it, DER: a way to a root may lead by them.
    pub carried: Vec<Vec<u8>>,
    /// What the certificate that signed says; untrusted.
    pub signer: Option<SignerFacts>,
    /// What the certificate that signed is made for, by its own word, where that is not to sign documents.
    pub unsuited: Option<String>,
    /// The moment that what is signed states, RFC 3339: the signer's word.
    pub signing_time: Option<String>,
    /// What is too weak to be a proof by itself today.
    pub weak: Vec<String>,
}

impl DocumentSignature {
    /// One of which nothing more is known than why it does not count.
    pub(crate) fn not_judged(why: SignatureFault) -> Self {
        Self {
            integrity: Err(why),
            certificate: None,
            carried: Vec::new(),
            signer: None,
            unsuited: None,
            signing_time: None,
            weak: Vec::new(),
        }
    }
}
