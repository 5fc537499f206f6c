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
use crate::digest::DigestAlgorithm::{Sha256, Sha384, Sha512};
use crate::error::SealError;
use crate::evidence_record::c14n::C14n;
use crate::evidence_record::xml::digest_of_uri;
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{Pss, SignatureAlgorithm, weakness};
use crate::trusted_list::fault::ListFault;
use crate::trusted_list::read::octets;
use crate::write;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// What XML Signature §4.4.3.2 makes octets of a document with, where nothing else is said.
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// Identifiers of signatures (RFC 9231 §2.3): those that are no weaker than a policy of today has them.
const METHODS: [(&str, SignatureAlgorithm); 10] = [
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", SignatureAlgorithm::RsaPkcs1(Sha256)),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", SignatureAlgorithm::RsaPkcs1(Sha384)),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", SignatureAlgorithm::RsaPkcs1(Sha512)),
    ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha256, 32))),
    ("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha384, 48))),
    ("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha512, 64))),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SignatureAlgorithm::Ecdsa(Sha256)),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", SignatureAlgorithm::Ecdsa(Sha384)),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", SignatureAlgorithm::Ecdsa(Sha512)),
    ("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", SignatureAlgorithm::Ed25519),
];

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
        let (_, made) = METHODS.iter().find(|(known, _)| *known == uri).ok_or_else(|| algorithm(uri))?;
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
            algorithm: *made,
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

/// Whether the signature is left out, and how octets are made of the rest.
fn transforms(reference: Node<'_, '_>) -> Result<(bool, C14n), ListFault> {
    let all = optional(reference, "Transforms")?;
    let all = all.into_iter().flat_map(|all| all.children().filter(Node::is_element));
    let uris = all.map(method).collect::<Result<Vec<&str>, _>>()?;
    let (enveloped, rest) = match uris.split_first() {
        Some((first, rest)) if *first == ENVELOPED => (true, rest),
        _ => (false, &uris[..]),
    };
    let uri = match rest {
        [] => INCLUSIVE,
        [one] => *one,
        [_, more, ..] => return Err(algorithm(more)),
    };
    // Comments are no part of what such references mean (XML Signature §4.4.3.3).
    let canonical = C14n::from_uri(uri).filter(|_| !uri.ends_with("WithComments"));
    Ok((enveloped, canonical.ok_or_else(|| algorithm(uri))?))
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

/// The algorithm this names; parameters of one are not read.
fn method<'a>(element: Node<'a, '_>) -> Result<&'a str, ListFault> {
    let named = element.attribute("Algorithm").ok_or_else(malformed)?;
    if element.children().any(|child| child.is_element()) {
        return Err(algorithm(&format!("{named}, with parameters")));
    }
    Ok(named)
}

/// `r` and `s`, each half of the value (RFC 9231 §2.3.6), as other readers take them.
fn ecdsa_der(value: &[u8]) -> Vec<u8> {
    let (r, s) = value.split_at(value.len() / 2);
    if r.len() == s.len() { write::sequence(&[&write::unsigned(r), &write::unsigned(s)]) } else { Vec::new() }
}

fn scope(why: &str) -> ListFault {
    ListFault::Scope { why: why.to_owned() }
}

fn algorithm(found: &str) -> ListFault {
    ListFault::Algorithm { found: found.chars().take(200).collect() }
}

fn malformed() -> ListFault {
    SealError::Malformed { what: "signature of a trusted list" }.into()
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((DSIG, name))
}

fn optional<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Option<Node<'a, 'i>>, ListFault> {
    let mut found = parent.children().filter(|child| is(*child, name));
    match (found.next(), found.next()) {
        (only, None) => Ok(only),
        _ => Err(malformed()),
    }
}

fn sole<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, ListFault> {
    optional(parent, name)?.ok_or_else(malformed)
}
