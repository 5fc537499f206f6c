//! EvidenceRecord (RFC 4998 §3) as this house writes it, over a group of two in a batch: writer, reading, verification of its trees,
//! the first and those that renew it.
//!
//! Deliberately not here: encryption information, refused as unsupported; and the judgement of the tokens inside, which is
//! `check.rs`' and must follow every verification of a tree.

pub(crate) mod c14n;
pub(crate) mod data;
pub(crate) mod fault;
pub(crate) mod judge;
pub(crate) mod parts;
pub(crate) mod read;
pub(crate) mod renew;
pub(crate) mod renewed;
pub(crate) mod xml;

use std::sync::Arc;

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::parts::{ArchiveRecord, ArchiveStamp};
use crate::evidence_record::read::declared_name;
use crate::limits;
use crate::oid;
use crate::tlv::{self, Tlv, too_large};
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

/// An evidence record as received, read and not yet judged: a first archive time-stamp, and those that renew it.
#[derive(Clone, Debug)]
pub struct EvidenceRecord {
    whole: ArchiveRecord,
}

impl EvidenceRecord {
    /// The record these bytes are: version 1, nothing encrypted, every digest declared.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for another version, encrypted data.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        Self::parse_with(bytes, &[])
    }

    /// As [`EvidenceRecord::parse`], by whoever has read some tokens already: those are not read again.
    ///
    /// # Errors
    /// As [`EvidenceRecord::parse`].
    pub fn parse_with(bytes: &[u8], known: &[Arc<Token>]) -> Result<Self, SealError> {
        let whole = read::parse(bytes, known)?;
        if whole.encrypted {
            return Err(SealError::Unsupported { what: WHAT, found: "encryption information".to_owned() });
        }
        let stamps = || whole.chains.iter().flat_map(|chain| &chain.stamps);
        let name = |stamp: &ArchiveStamp| stamp.algorithm.map_or_else(|| stamp.algorithm_name.clone(), declared_name);
        let declared = whole.declared.as_deref().unwrap_or(&[]);
        if !stamps().all(|stamp| declared.contains(&name(stamp))) {
            return Err(SealError::Malformed { what: "digestAlgorithms" });
        }
        Ok(Self { whole })
    }

    /// The first time-stamp; a record that was read has one.
    fn first(&self) -> Option<&ArchiveStamp> {
        self.whole.chains.first()?.stamps.first()
    }

    /// The lists of the first tree; none when it has no tree.
    fn lists(&self) -> &[Vec<Vec<u8>>] {
        self.first().map_or(&[], |first| &first.lists)
    }

    fn algorithm_name(&self) -> String {
        self.first().map(|first| first.algorithm_name.clone()).unwrap_or_default()
    }

    /// The hashes of the first list, as they stand; empty when the record has no tree.
    pub fn first_list(&self) -> &[Vec<u8>] {
        self.lists().first().map_or(&[], Vec::as_slice)
    }

    /// The digest the first tree is made with, where it is one we judge.
    pub fn algorithm(&self) -> Option<DigestAlgorithm> {
        self.first()?.algorithm
    }

    /// The first token's raw ContentInfo.
    pub fn token_der(&self) -> &[u8] {
        self.first().map_or(&[], |first| &first.token_der)
    }

    /// The first token, read and not judged.
    ///
    /// # Errors
    /// As [`Token::parse`].
    pub fn token(&self) -> Result<&Token, SealError> {
        let first = self.first().ok_or(SealError::Malformed { what: WHAT })?;
        first.token.as_ref().map(AsRef::as_ref).map_err(Clone::clone)
    }

    /// The record covers exactly the group `{a, b}`, one sibling a list, and its tree leads to the imprint of
    /// its token; returns that root. The token itself is still to be judged against it.
    ///
    /// # Errors
    /// `GroupMismatch`, `SiblingCount`, `RootMismatch`; `Unsupported` when the tree is not of SHA-256.
    pub fn covers(&self, a: &[u8; 32], b: &[u8; 32]) -> Result<[u8; 32], SealError> {
        if self.algorithm() != Some(DigestAlgorithm::Sha256) {
            return Err(SealError::Unsupported { what: "digest of the group", found: self.algorithm_name() });
        }
        let is = |one: &Vec<u8>, other: &[u8; 32]| one.as_slice() == other.as_slice();
        let exactly = match self.first_list() {
            [one, other] => (is(one, a) && is(other, b)) || (is(one, b) && is(other, a)),
            _ => false,
        };
        if !exactly {
            let mut expected = vec![a.to_vec(), b.to_vec()];
            expected.sort();
            return Err(SealError::GroupMismatch { expected, found: self.first_list().to_vec() });
        }
        for (list, hashes) in self.lists().iter().enumerate().skip(1) {
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
        let unsupported = |what| SealError::Unsupported { what, found: self.algorithm_name() };
        let algorithm = self.algorithm().ok_or_else(|| unsupported("digest of the tree"))?;
        match self.lists().first() {
            Some(list) if list.len() < 2 => return Err(unsupported("first list of one hash")),
            Some(list) if !list.iter().any(|hash| hash == digest) => {
                return Err(SealError::GroupMismatch { expected: vec![digest.to_vec()], found: list.clone() });
            }
            _ => {}
        }
        // Without a tree, the digest is the one hash.
        let node = match self.first().filter(|first| !first.lists.is_empty()) {
            Some(first) => first.root(algorithm).ok_or(SealError::Malformed { what: "hash of a list" })?,
            None => digest.to_vec(),
        };
        let token = self.token()?;
        if token.info.imprint_algorithm != Some(algorithm) || token.info.imprint != node {
            return Err(SealError::RootMismatch { computed: node, imprint: token.info.imprint.clone() });
        }
        Ok(node)
    }
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
