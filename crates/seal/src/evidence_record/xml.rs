//! EvidenceRecord in XML (RFC 6283), read: its chains, trees and tokens, and what renewals hash, canonicalised as each chain
//! says. No DTD, nothing fetched, all within limits.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, NodeId};

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::c14n::{C14n, with_document};
use crate::evidence_record::parts::{ArchiveChain, ArchiveRecord, ArchiveStamp, RecordForm};
use crate::limits;
use crate::tlv::too_large;
use crate::token::Token;

const NAMESPACE: &str = "urn:ietf:params:xml:ns:ers";
const WHAT: &str = "evidence record in XML";

/// Identifiers of digests (RFC 6931 §2.1, XML Encryption §5.7).
const DIGESTS: [(&str, &str); 6] = [
    ("http://www.w3.org/2000/09/xmldsig#sha1", "sha1"),
    ("http://www.w3.org/2001/04/xmldsig-more#sha224", "sha224"),
    ("http://www.w3.org/2001/04/xmlenc#sha256", "sha256"),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"),
    ("http://www.w3.org/2001/04/xmlenc#sha384", "sha384"),
    ("http://www.w3.org/2001/04/xmlenc#sha512", "sha512"),
];

/// The digest an XML identifier names, where it is one we know.
pub(crate) fn digest_of_uri(uri: &str) -> Option<DigestAlgorithm> {
    let name = DIGESTS.iter().find(|(known, _)| *known == uri)?.1;
    DigestAlgorithm::from_name(name)
}

/// The record these bytes are.
pub(crate) fn parse(bytes: &[u8]) -> Result<ArchiveRecord, SealError> {
    with_document(bytes, |document| {
        let root = document.root_element();
        if !is(root, "EvidenceRecord") {
            return Err(malformed());
        }
        if root.attribute("Version") != Some("1.0") {
            let found = root.attribute("Version").unwrap_or_default().to_owned();
            return Err(SealError::Unsupported { what: "version of EvidenceRecord", found });
        }
        let encrypted = root.children().any(|child| is(child, "EncryptionInformation"));
        let known = ["EncryptionInformation", "SupportingInformationList", "ArchiveTimeStampSequence"];
        only(root, &known)?;
        let sequence = sole(root, "ArchiveTimeStampSequence")?;
        only(sequence, &["ArchiveTimeStampChain"])?;
        let found = in_order(sequence, "ArchiveTimeStampChain", limits::CHAINS)?;
        let ids: Vec<NodeId> = found.iter().map(Node::id).collect();
        let chains = found.iter().enumerate().map(|(position, chain)| {
            // All earlier chains, in their sequence: this one and later ones left out.
            let later = ids.get(position..).unwrap_or_default();
            read_chain(document, *chain, (position > 0).then_some((sequence, later)))
        });
        let chains = chains.collect::<Result<Vec<_>, _>>()?;
        let informed = root.descendants().filter(|node| is(*node, "CryptographicInformation")).count();
        Ok(ArchiveRecord { form: RecordForm::Xml, declared: None, crypto_infos: informed, encrypted, chains })
    })
}

fn read_chain(
    document: &Document<'_>,
    chain: Node<'_, '_>,
    before: Option<(Node<'_, '_>, &[NodeId])>,
) -> Result<ArchiveChain, SealError> {
    only(chain, &["DigestMethod", "CanonicalizationMethod", "ArchiveTimeStamp"])?;
    let method = |name: &str| {
        let named = sole(chain, name)?;
        if named.children().any(|child| child.is_element()) {
            return Err(SealError::Unsupported { what: "parameters of an algorithm", found: name.to_owned() });
        }
        named.attribute("Algorithm").ok_or_else(malformed)
    };
    let algorithm_name = method("DigestMethod")?.to_owned();
    let canonical = method("CanonicalizationMethod")?;
    let canonical = C14n::from_uri(canonical)
        .ok_or(SealError::Unsupported { what: "canonicalisation", found: canonical.chars().take(200).collect() })?;
    let algorithm = digest_of_uri(&algorithm_name);
    let preceding = match (before, algorithm) {
        (Some((sequence, later)), Some(algorithm)) => {
            Some(algorithm.digest(&canonical.element(document, sequence, later)?))
        }
        _ => None,
    };
    let mut stamps = Vec::new();
    for stamp in in_order(chain, "ArchiveTimeStamp", limits::CHAIN_STAMPS)? {
        let element = canonical.element(document, sole(stamp, "TimeStamp")?, &[])?;
        let (token_der, token) = token(stamp)?;
        let (lists, algorithm_name) = (lists(stamp)?, algorithm_name.clone());
        let token = token.map(Arc::new);
        stamps.push(ArchiveStamp { algorithm, algorithm_name, lists, token, token_der, canonical: Some(element) });
    }
    Ok(ArchiveChain { algorithm, algorithm_name, canonical: Some(canonical), preceding, stamps })
}

fn lists(stamp: Node<'_, '_>) -> Result<Vec<Vec<Vec<u8>>>, SealError> {
    only(stamp, &["HashTree", "TimeStamp", "Attributes"])?;
    let Some(tree) = stamp.children().find(|child| is(*child, "HashTree")) else {
        return Ok(Vec::new());
    };
    only(tree, &["Sequence"])?;
    let sequences = in_order(tree, "Sequence", limits::TREE_LISTS)?;
    let list = |sequence: &Node<'_, '_>| {
        only(*sequence, &["DigestValue"])?;
        let values: Vec<_> = sequence.children().filter(|child| child.is_element()).collect();
        match values.len() {
            0 => Err(malformed()),
            n if n > limits::LIST_HASHES => Err(too_large("hashes in a list", limits::LIST_HASHES, n)),
            _ => values.into_iter().map(octets).collect(),
        }
    };
    sequences.iter().map(list).collect()
}

/// The token of a time-stamp; one of another kind than RFC 3161's is kept as unread.
fn token(stamp: Node<'_, '_>) -> Result<(Vec<u8>, Result<Token, SealError>), SealError> {
    let element = sole(sole(stamp, "TimeStamp")?, "TimeStampToken")?;
    match element.attribute("Type") {
        Some("RFC3161") => {
            let der = octets(element)?;
            let token = Token::parse(&der);
            Ok((der, token))
        }
        kind => {
            let found = kind.unwrap_or_default().chars().take(200).collect();
            Ok((Vec::new(), Err(SealError::Unsupported { what: "kind of time-stamp", found })))
        }
    }
}

/// The octets an element's text says in base64.
fn octets(element: Node<'_, '_>) -> Result<Vec<u8>, SealError> {
    if element.children().any(|child| child.is_element()) {
        return Err(malformed());
    }
    let text: String = element.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| SealError::Malformed { what: "base64 of an evidence record" })
}

fn malformed() -> SealError {
    SealError::Malformed { what: WHAT }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(NAMESPACE) && node.tag_name().name() == name
}

/// No other elements stand in this one.
fn only(parent: Node<'_, '_>, names: &[&str]) -> Result<(), SealError> {
    let mut elements = parent.children().filter(Node::is_element);
    if elements.all(|child| names.iter().any(|name| is(child, name))) { Ok(()) } else { Err(malformed()) }
}

fn sole<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, SealError> {
    let mut found = parent.children().filter(|child| is(*child, name));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(malformed()),
    }
}

/// The elements of this name, which say their order, from 1, and stand in it.
fn in_order<'a, 'i>(parent: Node<'a, 'i>, name: &'static str, most: usize) -> Result<Vec<Node<'a, 'i>>, SealError> {
    let found: Vec<_> = parent.children().filter(|child| is(*child, name)).collect();
    if found.len() > most {
        return Err(too_large("elements in order", most, found.len()));
    }
    let said =
        found.iter().zip(1u64..).all(|(node, n)| node.attribute("Order").is_some_and(|o| o.trim() == n.to_string()));
    if said && !found.is_empty() { Ok(found) } else { Err(malformed()) }
}
