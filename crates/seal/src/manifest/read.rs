//! ASiCEvidenceRecordManifest (ETSI EN 319 162-1 §A.4, §A.7) as others write it: which record covers which objects, and their
//! digests. Names come out as names of the container's entries: relative, decoded, plain.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::container::check_name;
use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::c14n::with_document;
use crate::evidence_record::xml::digest_of_uri;
use crate::limits;
use crate::tlv::too_large;

const WHAT: &str = "ASiC manifest";
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The evidence record's entry.
    pub record: String,
    /// What it covers, in order.
    pub objects: Vec<ManifestObject>,
}

/// An object that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestObject {
    /// Its entry.
    pub name: String,
    /// The digest it is given, where it is one known here.
    pub algorithm: Option<DigestAlgorithm>,
    /// The digest's identifier, as written.
    pub algorithm_uri: String,
    /// The digest.
    pub digest: Vec<u8>,
}

/// The manifest these bytes are.
///
/// # Errors
/// `Malformed`, `TooLarge`, `EntryName`; `EntryRepeated` for an object named twice; `Unsupported` for a DTD.
pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, SealError> {
    with_document(bytes, |document| {
        let root = document.root_element();
        // The namespace has changed with each edition of the standard.
        let own = root.tag_name().namespace().unwrap_or_default().to_owned();
        let known = own.starts_with("http://uri.etsi.org/02918/");
        if !known || root.tag_name().name() != "ASiCManifest" {
            return Err(malformed());
        }
        let record = entry_name(sole(root, &own, "SigReference")?)?;
        let mut objects: Vec<ManifestObject> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for reference in root.children().filter(|child| is(*child, &own, "DataObjectReference")) {
            let object = object(reference)?;
            if !seen.insert(object.name.clone()) {
                return Err(SealError::EntryRepeated { name: object.name });
            }
            objects.push(object);
            if objects.len() > limits::DATA_OBJECTS {
                return Err(too_large("objects of a manifest", limits::DATA_OBJECTS, objects.len()));
            }
        }
        if objects.is_empty() { Err(malformed()) } else { Ok(Manifest { record, objects }) }
    })
}

fn object(reference: Node<'_, '_>) -> Result<ManifestObject, SealError> {
    let name = entry_name(reference)?;
    let method = sole(reference, SIGNATURES, "DigestMethod")?.attribute("Algorithm").ok_or_else(malformed)?;
    let value = sole(reference, SIGNATURES, "DigestValue")?;
    let text: String = value.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let digest = STANDARD.decode(text).map_err(|_| malformed())?;
    let algorithm = digest_of_uri(method);
    Ok(ManifestObject { name, algorithm, algorithm_uri: method.chars().take(200).collect(), digest })
}

/// The entry a URI names, relative to the container's root.
fn entry_name(element: Node<'_, '_>) -> Result<String, SealError> {
    let uri = element.attribute("URI").ok_or_else(malformed)?;
    let mut bytes = Vec::new();
    let mut rest = uri.strip_prefix("./").unwrap_or(uri).bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => bytes.extend(u8::try_from(high * 16 + low)),
                _ => return Err(malformed()),
            },
            b'?' | b'#' => return Err(malformed()),
            byte => bytes.push(byte),
        }
    }
    let name = String::from_utf8(bytes).map_err(|_| malformed())?;
    check_name(&name).map(|()| name)
}

fn malformed() -> SealError {
    SealError::Malformed { what: WHAT }
}

fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
}

fn sole<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &str) -> Result<Node<'a, 'i>, SealError> {
    let mut found = parent.children().filter(|child| is(*child, namespace, name));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::write_manifest;

    #[test]
    fn what_is_written_is_read_back() {
        let name = "files/001-d\u{e9}lib <1> & %.pdf";
        let xml = write_manifest("META-INF/evidencerecord001.ers", &[(name.into(), "a/b".into(), [7; 32])]);
        let read = read_manifest(&xml).unwrap();
        assert_eq!(read.record, "META-INF/evidencerecord001.ers");
        let [object] = &read.objects[..] else { panic!("{read:?}") };
        assert_eq!((object.name.as_str(), object.algorithm), (name, Some(DigestAlgorithm::Sha256)));
        assert_eq!(object.digest, [7; 32]);
    }

    #[test]
    fn names_that_lead_elsewhere_and_objects_named_twice_are_refused() {
        let with = |uri: &str, times: usize| {
            let object = format!(
                "<DataObjectReference URI='{uri}'><d:DigestMethod Algorithm='x'/><d:DigestValue>AA==</d:DigestValue></DataObjectReference>"
            );
            let xml = format!(
                "<ASiCManifest xmlns='http://uri.etsi.org/02918/v1.2.1#' xmlns:d='{SIGNATURES}'><SigReference URI='r'/>{}</ASiCManifest>",
                object.repeat(times)
            );
            read_manifest(xml.as_bytes()).map_err(|e| e.code())
        };
        assert!(with("a%20b", 1).is_ok() && with("./a", 1).is_ok());
        for uri in ["../a", "/a", "a/../b", "a%2f..%2fb", "a%00", "http://x/a", "a%", "a%zz", "a?b", "a#b", "%ff", ""] {
            assert!(with(uri, 1).is_err(), "{uri}");
        }
        assert_eq!(with("a", 2), Err("entry-repeated"));
        assert_eq!(with("a", 0), Err("malformed"));
        assert_eq!(read_manifest(b"<!DOCTYPE a><a/>").map_err(|e| e.code()), Err("unsupported"));
        assert_eq!(read_manifest(b"<ASiCManifest/>").map_err(|e| e.code()), Err("malformed"));
    }
}
