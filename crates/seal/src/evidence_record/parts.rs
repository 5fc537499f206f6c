//! An evidence record of anybody's, as read: RFC 4998 or RFC 6283, any number of chains and time-stamps, trees of any shape.
//!
//! Both forms come to this one: what must be found where is the same, and is judged by `evidence_record/judge.rs`.

use std::sync::Arc;

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::c14n::C14n;
use crate::evidence_record::{read, xml};
use crate::token::Token;

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordForm {
    /// ASN.1 (RFC 4998).
    Asn1,
    /// XML (RFC 6283).
    Xml,
}

/// An evidence record as received, read and not yet judged.
#[derive(Clone, Debug)]
pub struct ArchiveRecord {
    pub(crate) form: RecordForm,
    /// `digestAlgorithms`, by name; the XML form has no such list.
    pub(crate) declared: Option<Vec<String>>,
    pub(crate) crypto_infos: usize,
    pub(crate) encrypted: bool,
    pub(crate) chains: Vec<ArchiveChain>,
}

/// Archive time-stamps that follow each other under one digest.
#[derive(Clone, Debug)]
pub(crate) struct ArchiveChain {
    pub algorithm: Option<DigestAlgorithm>,
    pub algorithm_name: String,
    /// How an XML document is to be canonicalised before it is hashed, in the XML form.
    pub canonical: Option<C14n>,
    /// The digest of all earlier chains as they stand, under this chain's algorithm; none for the first.
    pub preceding: Option<Vec<u8>>,
    pub stamps: Vec<ArchiveStamp>,
}

/// One archive time-stamp: a reduced tree, and the token over its root.
#[derive(Clone, Debug)]
pub(crate) struct ArchiveStamp {
    pub algorithm: Option<DigestAlgorithm>,
    pub algorithm_name: String,
    /// Empty where there is no tree: then the token's imprint is the one hash.
    pub lists: Vec<Vec<Vec<u8>>>,
    /// One and the same for every record that bears it, where whoever read them knew it.
    pub token: Result<Arc<Token>, SealError>,
    pub token_der: Vec<u8>,
    /// The canonical `TimeStamp` element, in the XML form.
    pub canonical: Option<Vec<u8>>,
}

impl ArchiveRecord {
    /// The record these bytes are, its form told by its first byte.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for another version or an unknown canonicalisation.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'<') => xml::parse(bytes),
            _ => read::parse(bytes, &[]),
        }
    }

    /// How it is written.
    pub fn form(&self) -> RecordForm {
        self.form
    }

    /// How many time-stamps each chain holds.
    pub fn shape(&self) -> Vec<usize> {
        self.chains.iter().map(|chain| chain.stamps.len()).collect()
    }

    /// The raw tokens, oldest first.
    pub fn tokens_der(&self) -> impl Iterator<Item = &[u8]> {
        self.chains.iter().flat_map(|chain| &chain.stamps).map(|stamp| stamp.token_der.as_slice())
    }

    /// How many attributes of cryptographic information it carries; nothing is drawn from them.
    pub fn crypto_infos(&self) -> usize {
        self.crypto_infos
    }

    /// Whether it says that what it covers was enciphered: then the data given must be the enciphered form.
    pub fn encrypted(&self) -> bool {
        self.encrypted
    }
}

impl ArchiveStamp {
    /// What the next time-stamp of the chain is over: the raw token, or the canonical element.
    pub fn octets(&self) -> &[u8] {
        self.canonical.as_deref().unwrap_or(&self.token_der)
    }

    /// The hashes of the first list; without a tree, the token's imprint.
    pub fn first_list(&self) -> Vec<&[u8]> {
        match (self.lists.first(), &self.token) {
            (Some(list), _) => list.iter().map(Vec::as_slice).collect(),
            (None, Ok(token)) => vec![token.imprint().digest],
            (None, Err(_)) => Vec::new(),
        }
    }

    /// The value the tree leads to (RFC 4998 §4.3): each list, with what the one before led to, sorted, joined and hashed. A list
    /// that is one hash in all is that hash: a first list of one stands for its only document. `None` without a tree, or for a
    /// list whose hashes are not all of the digest's length.
    pub fn root(&self, algorithm: DigestAlgorithm) -> Option<Vec<u8>> {
        let mut node: Option<Vec<u8>> = None;
        let mut joined = Vec::new();
        for list in &self.lists {
            // What nearly every list is: one sibling of what the lists before led to.
            if let ([sibling], Some(led)) = (list.as_slice(), &node) {
                if sibling.len() != algorithm.size() || led.len() != algorithm.size() {
                    return None;
                }
                let (first, second) = if sibling <= led { (sibling, led) } else { (led, sibling) };
                joined.clear();
                joined.extend_from_slice(first);
                joined.extend_from_slice(second);
                node = Some(algorithm.digest(&joined));
                continue;
            }
            let mut hashes: Vec<&[u8]> = list.iter().map(Vec::as_slice).chain(node.as_deref()).collect();
            if hashes.iter().any(|hash| hash.len() != algorithm.size()) {
                return None;
            }
            hashes.sort_unstable();
            node = match hashes.as_slice() {
                [alone] => Some(alone.to_vec()),
                all => {
                    joined.clear();
                    all.iter().for_each(|hash| joined.extend_from_slice(hash));
                    Some(algorithm.digest(&joined))
                }
            };
        }
        node
    }
}
