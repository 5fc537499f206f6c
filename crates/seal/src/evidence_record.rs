//! EvidenceRecord (RFC 4998 §3) holding one initial archive time-stamp: writer, parser, verification of its tree.
//!
//! Deliberately not here: renewals and encryption information, refused as unsupported; and the judgement of the
//! token inside, which is `check.rs`' and must follow every verification of a tree.

pub(crate) mod c14n;
pub(crate) mod data;
pub(crate) mod fault;
pub(crate) mod judge;
pub(crate) mod parts;
pub(crate) mod read;
pub(crate) mod renew;
pub(crate) mod xml;

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::tlv::{self, Reader, Tlv, too_large};
use crate::token::Token;
use crate::write;

const WHAT: &str = "evidence record";

/// The record, in DER, of a group of two in a batch: the group's hashes in the first list, then one sibling a
/// list (RFC 4998 §4.2, §4.3), then the token as received.
pub fn write_evidence_record(group: [[u8; 32]; 2], path: &[[u8; 32]], token_der: &[u8]) -> Vec<u8> {
    let mut group = group;
    group.sort_unstable();
    let first = write::sequence(&group.each_ref().map(|h| write::octets(h)).each_ref().map(Vec::as_slice));
    let later: Vec<u8> = path.iter().flat_map(|sibling| write::sequence(&[&write::octets(sibling)])).collect();
    let tree = write::element(tlv::context(2), &[first, later].concat());
    let digest_algorithm = write::element(tlv::context(0), &write::oid(oid::SHA256));
    let time_stamp = write::sequence(&[&digest_algorithm, &tree, token_der]);
    let sequence = write::sequence(&[&write::sequence(&[&time_stamp])]);
    write::sequence(&[&write::unsigned(&[1]), &write::sequence(&[&write::algorithm(oid::SHA256)]), &sequence])
}

/// An evidence record as received, read and not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRecord {
    algorithm: Option<DigestAlgorithm>,
    algorithm_name: String,
    lists: Vec<Vec<Vec<u8>>>,
    token_der: Vec<u8>,
}

impl EvidenceRecord {
    /// The record these bytes are: version 1, one chain, one archive time-stamp.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for another version, a renewed record, encrypted data.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        tlv::bounded(bytes, WHAT)?;
        let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
        let version = fields.expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
        if version != 1 {
            return Err(SealError::Unsupported { what: "version of EvidenceRecord", found: version.to_string() });
        }
        let algorithms = fields.expect(tlv::SEQUENCE, WHAT)?;
        fields.optional(tlv::context(0), WHAT)?;
        if fields.optional(tlv::context(1), WHAT)?.is_some() {
            return Err(SealError::Unsupported { what: WHAT, found: "encryption information".to_owned() });
        }
        let chains = fields.expect(tlv::SEQUENCE, WHAT)?;
        fields.end(WHAT)?;
        let chain = sole(&chains, "hash-tree renewal")?;
        let record = Self::parse_time_stamp(&sole(&chain, "time-stamp renewal")?)?;
        if !named(&mut algorithms.children(), &record.algorithm_name)? {
            return Err(SealError::Malformed { what: "digestAlgorithms" });
        }
        Ok(record)
    }

    fn parse_time_stamp(time_stamp: &Tlv<'_>) -> Result<Self, SealError> {
        const WHAT: &str = "ArchiveTimeStamp";
        let mut fields = time_stamp.children();
        let algorithm = fields.optional(tlv::context(0), WHAT)?;
        fields.optional(tlv::context(1), WHAT)?;
        let lists = fields.optional(tlv::context(2), WHAT)?.map_or(Ok(Vec::new()), |t| lists(&t))?;
        let token_der = fields.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec();
        fields.end(WHAT)?;
        let (known, name) = match algorithm {
            Some(tlv) => {
                let algorithm = Algorithm::parse(&tlv, WHAT)?;
                (algorithm.digest(WHAT).ok(), oid::shown(algorithm.oid))
            }
            None => {
                let token = Token::parse(&token_der)?;
                (token.info.imprint_algorithm, token.info.imprint_oid)
            }
        };
        Ok(Self { algorithm: known, algorithm_name: name, lists, token_der })
    }

    /// The hashes of the first list, as they stand; empty when the record has no tree.
    pub fn first_list(&self) -> &[Vec<u8>] {
        self.lists.first().map_or(&[], Vec::as_slice)
    }

    /// The digest the tree is made with, where it is one we judge.
    pub fn algorithm(&self) -> Option<DigestAlgorithm> {
        self.algorithm
    }

    /// The token's raw ContentInfo.
    pub fn token_der(&self) -> &[u8] {
        &self.token_der
    }

    /// The token, read and not judged.
    ///
    /// # Errors
    /// As [`Token::parse`].
    pub fn token(&self) -> Result<Token, SealError> {
        Token::parse(&self.token_der)
    }

    /// The record covers exactly the group `{a, b}`, one sibling a list, and its tree leads to the imprint of
    /// its token; returns that root. The token itself is still to be judged against it.
    ///
    /// # Errors
    /// `GroupMismatch`, `SiblingCount`, `RootMismatch`; `Unsupported` when the tree is not of SHA-256.
    pub fn covers(&self, a: &[u8; 32], b: &[u8; 32]) -> Result<[u8; 32], SealError> {
        if self.algorithm != Some(DigestAlgorithm::Sha256) {
            return Err(SealError::Unsupported { what: "digest of the group", found: self.algorithm_name.clone() });
        }
        let mut expected = vec![a.to_vec(), b.to_vec()];
        expected.sort();
        let mut found = self.first_list().to_vec();
        found.sort();
        if expected != found {
            return Err(SealError::GroupMismatch { expected, found: self.first_list().to_vec() });
        }
        for (list, hashes) in self.lists.iter().enumerate().skip(1) {
            if hashes.len() != 1 {
                return Err(SealError::SiblingCount { list, found: hashes.len() });
            }
        }
        let root = self.covers_one(a)?;
        <[u8; 32]>::try_from(root).map_err(|_| SealError::Malformed { what: WHAT })
    }

    /// The record covers this digest, alone or with others in the first list, and its tree leads to the
    /// imprint of its token; returns that root (RFC 4998 §4.3). The token itself is still to be judged.
    ///
    /// # Errors
    /// `GroupMismatch`, `RootMismatch`; `Unsupported` for a digest we do not judge, or a first list of one.
    pub fn covers_one(&self, digest: &[u8]) -> Result<Vec<u8>, SealError> {
        let unsupported = |what| SealError::Unsupported { what, found: self.algorithm_name.clone() };
        let algorithm = self.algorithm.ok_or_else(|| unsupported("digest of the tree"))?;
        let mut node = digest.to_vec();
        for (position, list) in self.lists.iter().enumerate() {
            let mut hashes = list.clone();
            if position > 0 {
                hashes.push(node);
            } else if list.len() < 2 {
                return Err(unsupported("first list of one hash"));
            } else if !list.iter().any(|h| h == digest) {
                return Err(SealError::GroupMismatch { expected: vec![digest.to_vec()], found: list.clone() });
            }
            if hashes.iter().any(|h| h.len() != algorithm.size()) {
                return Err(SealError::Malformed { what: "hash of a list" });
            }
            hashes.sort();
            node = algorithm.digest(&hashes.concat());
        }
        let token = self.token()?;
        if token.info.imprint_algorithm != Some(algorithm) || token.info.imprint != node {
            return Err(SealError::RootMismatch { computed: node, imprint: token.info.imprint });
        }
        Ok(node)
    }
}

/// The only member of a sequence; more of them is a renewal.
fn sole<'a>(sequence: &Tlv<'a>, renewal: &str) -> Result<Tlv<'a>, SealError> {
    let mut members = sequence.children();
    let member = members.expect(tlv::SEQUENCE, WHAT)?;
    if !members.is_empty() {
        return Err(SealError::Unsupported { what: "renewed evidence record", found: renewal.to_owned() });
    }
    Ok(member)
}

fn named(algorithms: &mut Reader<'_>, name: &str) -> Result<bool, SealError> {
    let mut found = false;
    while !algorithms.is_empty() {
        found |= oid::shown(Algorithm::read(algorithms, WHAT)?.oid) == name;
    }
    Ok(found)
}

/// The lists of a reducedHashtree.
pub(crate) fn lists(tree: &Tlv<'_>) -> Result<Vec<Vec<Vec<u8>>>, SealError> {
    const WHAT: &str = "reducedHashtree";
    let mut all = Vec::new();
    let mut members = tree.children();
    while !members.is_empty() {
        let mut hashes = members.expect(tlv::SEQUENCE, WHAT)?.children();
        let mut list = Vec::new();
        while !hashes.is_empty() {
            list.push(hashes.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned());
            if list.len() > limits::LIST_HASHES {
                return Err(too_large("hashes in a list", limits::LIST_HASHES, list.len()));
            }
        }
        all.push(list);
        if all.len() > limits::TREE_LISTS {
            return Err(too_large("lists of a reduced hash tree", limits::TREE_LISTS, all.len()));
        }
    }
    if all.is_empty() { Err(SealError::Malformed { what: WHAT }) } else { Ok(all) }
}
