//! Elements of XML Signature, each where it must stand and once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::digest::DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
use crate::evidence_record::c14n::C14n;
use crate::signature::algorithm::{Pss, SignatureAlgorithm};
use crate::write;
use crate::xml_signature::fault::SignatureFault;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// What XML Signature §4.4.3.2 makes octets of a document with, where nothing else is said.
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// Identifiers of signatures (RFC 9231 §2.3). SHA-1 is read for flows of before 2018, and remarked as weak.
const METHODS: [(&str, SignatureAlgorithm); 12] = [
    ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", SignatureAlgorithm::RsaPkcs1(Sha1)),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", SignatureAlgorithm::RsaPkcs1(Sha256)),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", SignatureAlgorithm::RsaPkcs1(Sha384)),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", SignatureAlgorithm::RsaPkcs1(Sha512)),
    ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha256, 32))),
    ("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha384, 48))),
    ("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", SignatureAlgorithm::RsaPss(Pss::usual(Sha512, 64))),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", SignatureAlgorithm::Ecdsa(Sha1)),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SignatureAlgorithm::Ecdsa(Sha256)),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", SignatureAlgorithm::Ecdsa(Sha384)),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", SignatureAlgorithm::Ecdsa(Sha512)),
    ("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", SignatureAlgorithm::Ed25519),
];

pub(crate) fn signature_method(uri: &str) -> Result<SignatureAlgorithm, SignatureFault> {
    let known = METHODS.iter().find(|(known, _)| *known == uri);
    known.map(|(_, algorithm)| *algorithm).ok_or_else(|| SignatureFault::unsupported(uri))
}

/// The algorithm this names; parameters of one are not read.
pub(crate) fn method<'a>(element: Node<'a, '_>) -> Result<&'a str, SignatureFault> {
    let named = element.attribute("Algorithm").ok_or(SignatureFault::Malformed { what: "Algorithm" })?;
    if element.children().any(|child| child.is_element()) {
        return Err(SignatureFault::unsupported(&format!("{named}, with parameters")));
    }
    Ok(named)
}

/// `r` and `s`, each half of the value (RFC 9231 §2.3.6), as other readers take them.
pub(crate) fn ecdsa_der(value: &[u8]) -> Vec<u8> {
    let (r, s) = value.split_at(value.len() / 2);
    if r.len() == s.len() { write::sequence(&[&write::unsigned(r), &write::unsigned(s)]) } else { Vec::new() }
}

pub(crate) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((DSIG, name))
}

pub(crate) fn optional<'a, 'i>(
    parent: Node<'a, 'i>,
    name: &'static str,
) -> Result<Option<Node<'a, 'i>>, SignatureFault> {
    let mut found = parent.children().filter(|child| is(*child, name));
    match (found.next(), found.next()) {
        (only, None) => Ok(only),
        _ => Err(SignatureFault::Malformed { what: name }),
    }
}

pub(crate) fn sole<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>, SignatureFault> {
    optional(parent, name)?.ok_or(SignatureFault::Malformed { what: name })
}

/// The octets an element's text says in base64, white space apart; an element that holds another says none.
pub(crate) fn octets(element: Node<'_, '_>) -> Result<Vec<u8>, SignatureFault> {
    const BROKEN: SignatureFault = SignatureFault::Malformed { what: "base64" };
    if element.children().any(|child| child.is_element()) {
        return Err(BROKEN);
    }
    let texts = element.children().filter_map(|child| child.text().filter(|_| child.is_text()));
    let text: String = texts.flat_map(str::chars).filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| BROKEN)
}

/// Whether the signature is left out of what is hashed, and how octets are made of the rest.
pub(crate) fn transforms(reference: Node<'_, '_>) -> Result<(bool, C14n), SignatureFault> {
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
        [_, more, ..] => return Err(SignatureFault::unsupported(more)),
    };
    // Comments are no part of what such references mean (XML Signature §4.4.3.3).
    let canonical = C14n::from_uri(uri).filter(|_| !uri.ends_with("WithComments"));
    Ok((enveloped, canonical.ok_or_else(|| SignatureFault::unsupported(uri))?))
}
