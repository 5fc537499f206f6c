//! The signed properties of XAdES (ETSI EN 319 132-1 §5.2, TS 101 903): signed indeed, and naming the certificate that signed.

use roxmltree::{Node, NodeId};

use crate::evidence_record::xml::digest_of_uri;
use crate::xml_signature::fault::SignatureFault;
use crate::xml_signature::parts::{is, method, octets, sole};

/// What the namespaces of all versions of XAdES begin with.
const XADES: &str = "http://uri.etsi.org/01903/";
const CERTIFICATES: [&str; 2] = ["SigningCertificate", "SigningCertificateV2"];

/// The time stated, if any; `referred` are the elements the signature covers. A signature without properties states nothing.
pub(super) fn of(
    signature: Node<'_, '_>,
    referred: &[NodeId],
    certificate: &[u8],
) -> Result<Option<String>, SignatureFault> {
    let objects = signature.children().filter(|child| is(*child, "Object"));
    let mut sets = objects.flat_map(|object| object.descendants().filter(|node| named(*node, "QualifyingProperties")));
    let Some(qualifying) = sets.next() else { return Ok(None) };
    let target = qualifying.attribute("Target").and_then(|target| target.strip_prefix('#'));
    let own = signature.attribute("Id");
    if sets.next().is_some() || target.is_none() || target != own {
        return Err(SignatureFault::PropertiesNotSigned);
    }
    let Some(signed) = one(qualifying, "SignedProperties")? else { return Ok(None) };
    if !referred.contains(&signed.id()) {
        return Err(SignatureFault::PropertiesNotSigned);
    }
    let Some(properties) = one(signed, "SignedSignatureProperties")? else { return Ok(None) };
    for name in CERTIFICATES {
        if let Some(list) = one(properties, name)? {
            names(list, certificate)?;
        }
    }
    let time = one(properties, "SigningTime")?.map(text).transpose()?;
    Ok(time.filter(|time| !time.is_empty()))
}

/// All that an element says: a comment, which most canonical forms leave out, does not cut it.
fn text(node: Node<'_, '_>) -> Result<String, SignatureFault> {
    if node.children().any(|child| child.is_element()) {
        return Err(SignatureFault::Malformed { what: "SigningTime" });
    }
    let texts = node.children().filter_map(|child| child.text().filter(|_| child.is_text()));
    Ok(texts.collect::<String>().trim().chars().take(40).collect())
}

/// The first certificate of the list is the one that signed (EN 319 132-1 §5.2.2).
fn names(list: Node<'_, '_>, certificate: &[u8]) -> Result<(), SignatureFault> {
    let malformed = SignatureFault::Malformed { what: "SigningCertificate" };
    let first = list.children().find(|node| named(*node, "Cert")).ok_or(malformed.clone())?;
    let stated = one(first, "CertDigest")?.ok_or(malformed)?;
    let name = method(of_either(stated, "DigestMethod")?)?;
    let digest = digest_of_uri(name).ok_or_else(|| SignatureFault::unsupported(name))?;
    if digest.digest(certificate) == octets(of_either(stated, "DigestValue")?)? {
        Ok(())
    } else {
        Err(SignatureFault::OtherCertificate)
    }
}

/// Before version 1.3.1 of XAdES, what states a digest was of its own namespace.
fn of_either<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>, SignatureFault> {
    match one(parent, name)? {
        Some(node) => Ok(node),
        None => sole(parent, name),
    }
}

fn named(node: Node<'_, '_>, name: &str) -> bool {
    let tag = node.tag_name();
    node.is_element() && tag.name() == name && tag.namespace().is_some_and(|namespace| namespace.starts_with(XADES))
}

fn one<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Result<Option<Node<'a, 'i>>, SignatureFault> {
    let mut found = parent.children().filter(|node| named(*node, name));
    match (found.next(), found.next()) {
        (only, None) => Ok(only),
        _ => Err(SignatureFault::Malformed { what: name }),
    }
}
