//! The signature a trusted list carries (XML Signature 1.1, enveloped, as XAdES has it; ETSI TS 119 612 annex B): that it covers the whole
//! list, that all it covers is as it was signed, and whose it is.
//!
//! What is used of a list is what its root holds beside the signature, and that is what must be covered: by the document itself or by the
//! root's identifier, the signature alone left out. Keys come from outside; the certificate a signature carries only tells what to call it.
//!
//! Deliberately not here: the properties of XAdES (covered, and not judged), transforms other than these two, prefix lists of the
//! exclusive form, references out of the document.

use roxmltree::{Document, Node};

use crate::certificate::sha256;
use crate::digest::DigestAlgorithm;
use crate::evidence_record::c14n::C14n;
use crate::evidence_record::xml::digest_of_uri;
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{SignatureAlgorithm, weakness};
use crate::trusted_list::fault::ListFault;
use crate::xml_signature::parts::{ecdsa_der, is, method, octets, signature_method, sole, transforms};

/// A signature over a whole document, all that it refers to being as it was signed; by whom is still to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XmlSignature {
    /// SignedInfo, in its canonical form.
    octets: Vec<u8>,
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
    /// The certificates it carries, DER.
    named: Vec<Vec<u8>>,
}

impl XmlSignature {
    /// The signature of this document: the one its root holds, over all of it.
    pub fn read(document: &Document<'_>) -> Result<Self, ListFault> {
        let root = document.root_element();
        let own: Vec<_> = root.children().filter(|child| is(*child, "Signature")).collect();
        let [signature] = own[..] else { return Err(ListFault::NotSigned { found: own.len() }) };
        let elsewhere =
            |node: &Node<'_, '_>| is(*node, "Signature") && !node.ancestors().any(|above| above == signature);
        if root.descendants().any(|node| elsewhere(&node)) {
            return Err(scope("a second signature"));
        }
        let signed_info = sole(signature, "SignedInfo")?;
        let canonical = method(sole(signed_info, "CanonicalizationMethod")?)?;
        let canonical = C14n::from_uri(canonical).ok_or_else(|| algorithm(canonical))?;
        let uri = method(sole(signed_info, "SignatureMethod")?)?;
        let made = signature_method(uri)?;
        // Weaker than a policy of today has them.
        if made.digest().is_some_and(DigestAlgorithm::is_weak) {
            return Err(algorithm(uri));
        }
        let references: Vec<_> = signed_info.children().filter(|child| is(*child, "Reference")).collect();
        if references.is_empty() || references.len() > limits::LIST_REFERENCES {
            return Err(scope("no reference, or too many"));
        }
        let mut whole = false;
        for reference in references {
            whole |= refers(document, signature, reference)?;
        }
        if !whole {
            return Err(scope("the list is not among what is signed"));
        }
        let carried = |node: &Node<'_, '_>| is(*node, "X509Certificate");
        let key_info = signature.children().find(|child| is(*child, "KeyInfo"));
        let named = key_info.into_iter().flat_map(|info| info.descendants().filter(carried));
        Ok(Self {
            octets: canonical.element(document, signed_info, &[])?,
            algorithm: made,
            value: octets(sole(signature, "SignatureValue")?)?,
            named: named.take(limits::CERTIFICATES).map(octets).collect::<Result<_, _>>()?,
        })
    }

    /// Which of these certificates signed.
    pub fn signer<'c>(&self, known: &'c [Vec<u8>], verifier: &dyn SignatureVerifier) -> Result<&'c [u8], ListFault> {
        if let Some(signer) = known.iter().find(|der| self.is_by(der, verifier)) {
            return Ok(signer);
        }
        if self.named.iter().any(|named| known.contains(named)) {
            return Err(ListFault::SignatureFalse);
        }
        Err(ListFault::SignerUnknown { named: self.named.first().map(|der| sha256(der)), known: known.len() })
    }

    /// Those of the certificates it carries that signed it: whose it is if it is believed on no other ground.
    pub fn by_own_word(&self, verifier: &dyn SignatureVerifier) -> Vec<Vec<u8>> {
        self.named.iter().filter(|der| self.is_by(der, verifier)).cloned().collect()
    }

    fn is_by(&self, der: &[u8], verifier: &dyn SignatureVerifier) -> bool {
        let Ok(certificate) = Signed::parse(der, "certificate") else { return false };
        let Ok(outline) = Outline::parse(&certificate) else { return false };
        let value = match self.algorithm {
            SignatureAlgorithm::Ecdsa(_) => ecdsa_der(&self.value),
            _ => self.value.clone(),
        };
        weakness(self.algorithm, outline.spki).is_none()
            && verifier.verify(self.algorithm, outline.spki, &self.octets, &value).is_ok()
    }
}

/// What this refers to is as it was signed; whether that is the whole document.
fn refers(document: &Document<'_>, signature: Node<'_, '_>, reference: Node<'_, '_>) -> Result<bool, ListFault> {
    let uri = reference.attribute("URI").ok_or_else(|| scope("a reference to nothing named"))?;
    let (enveloped, canonical) = transforms(reference)?;
    let name = method(sole(reference, "DigestMethod")?)?;
    let digest = digest_of_uri(name).filter(|digest| !digest.is_weak()).ok_or_else(|| algorithm(name))?;
    let without = [signature.id()];
    let without = if enveloped { &without[..] } else { &[] };
    let root = document.root_element();
    let (target, referred) = match uri.strip_prefix('#') {
        None if uri.is_empty() => (root, canonical.whole(document, without)?),
        Some(id) if !id.is_empty() && !id.starts_with("xpointer(") => {
            let target = identified(document, id)?;
            (target, canonical.element(document, target, without)?)
        }
        _ => return Err(scope("a reference out of the document")),
    };
    if digest.digest(&referred) != octets(sole(reference, "DigestValue")?)? {
        return Err(ListFault::Altered { reference: uri.chars().take(80).collect() });
    }
    Ok(enveloped && target == root)
}

/// The one element of this identifier: of two, readers choose differently.
fn identified<'a, 'i>(document: &'a Document<'i>, id: &str) -> Result<Node<'a, 'i>, ListFault> {
    let bears = |node: &Node<'_, '_>| node.attributes().any(|a| a.name().eq_ignore_ascii_case("id") && a.value() == id);
    let mut found = document.descendants().filter(bears);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(scope("a reference to an identifier that is not there")),
        _ => Err(scope("an identifier that two elements bear")),
    }
}

fn scope(why: &str) -> ListFault {
    ListFault::Scope { why: why.to_owned() }
}

fn algorithm(found: &str) -> ListFault {
    ListFault::Algorithm { found: found.chars().take(200).collect() }
}
