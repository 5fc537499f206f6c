//! Evidence records written and renewed (RFC 4998 §4.2, §5.2), in DER: a first time-stamp over a group of any size, a time-stamp
//! renewal, a hash-tree renewal. What stands in the record is copied as it stands; only the headers around it are made anew.
//!
//! What a renewal's token must be over is asked here first ([`token_digests`], [`renewed_digest`]), then put into a tree
//! ([`crate::archive_root`]), stamped, and written; every record written is read again and found to hold before it is given out.

use std::sync::Arc;

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::evidence_record::parts::{ArchiveRecord, ArchiveStamp};
use crate::oid;
use crate::strict;
use crate::tlv::{self, Tlv};
use crate::token::Token;
use crate::write;

const WHAT: &str = "evidence record";

/// An archive time-stamp to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewStamp<'a> {
    /// The digest of the tree, and of the token's imprint.
    pub algorithm: DigestAlgorithm,
    /// The reduced tree, the group first, then the siblings, bottom first; empty when the token is over the one hash itself.
    pub lists: &'a [Vec<Vec<u8>>],
    /// The token, as received.
    pub token_der: &'a [u8],
}

/// The record of a first time-stamp over these hashes: they are its first list, or without a tree its token's imprint.
///
/// # Errors
/// `GroupMismatch`, `RootMismatch` for a stamp that is not over them; `NotDer`, `Malformed`, `TooLarge`.
pub fn write_archive_record(hashes: &[Vec<u8>], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
    let algorithms = write::algorithm(stamp.algorithm.oid());
    let chains = write::sequence(&[&time_stamp(hashes, stamp)?]);
    record(&algorithms, &[], &chains, stamp)
}

/// What a time-stamp renewal of this record is over: the digests of all tokens of its newest chain, as they stand, oldest first.
/// RFC 4998 §5.2 asks for the last of them; other readers look for every one (docs/decisions/0013).
///
/// # Errors
/// `Unsupported` for another digest than the newest chain's: that takes a hash-tree renewal. As [`ArchiveRecord::parse`].
pub fn token_digests(record: &[u8], algorithm: DigestAlgorithm) -> Result<Vec<Vec<u8>>, SealError> {
    let read = ArchiveRecord::parse(record)?;
    let chain = read.chains.last().ok_or(SealError::Malformed { what: WHAT })?;
    if chain.algorithm != Some(algorithm) {
        let found = format!("{} after {}", algorithm.name(), chain.algorithm_name);
        return Err(SealError::Unsupported { what: "time-stamp renewal under another digest", found });
    }
    Ok(chain.stamps.iter().map(|stamp| algorithm.digest(stamp.octets())).collect())
}

/// The record with one more time-stamp in its newest chain, over the tokens before it.
///
/// # Errors
/// `GroupMismatch` when the stamp's first list lacks one of the [`token_digests`], `RootMismatch`; `Unsupported` for another
/// digest; `NotDer`, `Malformed`, `TooLarge`.
pub fn renew_time_stamp(record: &[u8], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
    let digests = token_digests(record, stamp.algorithm)?;
    let added = time_stamp(&digests, stamp)?;
    let parts = Parts::read(record)?;
    let (newest, earlier) = parts.chains.split_last().ok_or(SealError::Malformed { what: WHAT })?;
    let renewed = write::sequence(&[newest.content, &added]);
    let chains: Vec<u8> = earlier.iter().flat_map(|chain| chain.raw).chain(&renewed).copied().collect();
    parts.write(&chains, stamp)
}

/// What a hash-tree renewal of this record covers for a document of this digest: the digest of that digest followed by that of
/// all chains so far, unsorted (RFC 4998 §5.2).
///
/// # Errors
/// `NotDer`, `Malformed`, `TooLarge`.
pub fn renewed_digest(record: &[u8], algorithm: DigestAlgorithm, document: &[u8]) -> Result<Vec<u8>, SealError> {
    let parts = Parts::read(record)?;
    Ok(algorithm.digest(&[document, &algorithm.digest(parts.sequence.raw)].concat()))
}

/// The record with one more chain, over these documents' digests, made with the new digest, and all chains so far.
///
/// # Errors
/// `GroupMismatch` when the stamp's first list lacks the [`renewed_digest`] of one of them, `RootMismatch`; `NotDer`,
/// `Malformed`, `TooLarge`.
pub fn renew_hash_tree(record: &[u8], documents: &[Vec<u8>], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
    let covered = |document: &Vec<u8>| renewed_digest(record, stamp.algorithm, document);
    let hashes = documents.iter().map(covered).collect::<Result<Vec<_>, _>>()?;
    let added = write::sequence(&[&time_stamp(&hashes, stamp)?]);
    let parts = Parts::read(record)?;
    parts.write(&[parts.sequence.content, &added].concat(), stamp)
}

/// A renewal as the record of a group of two bears it.
#[derive(Clone, Debug)]
pub enum GroupRenewal<'a> {
    /// One more time-stamp in the newest chain.
    Stamp(NewStamp<'a>),
    /// One more chain, everything hashed again.
    Hashes {
        /// The new digest.
        algorithm: DigestAlgorithm,
        /// The digests of both documents under it.
        documents: [Vec<u8>; 2],
        /// The siblings from the group up, one a list.
        siblings: &'a [Vec<Vec<u8>>],
        /// The token, as received.
        token_der: &'a [u8],
    },
}

/// What a hash-tree renewal of this record covers, of both documents of its group, in ascending order: the first list of the new chain.
///
/// # Errors
/// As [`renewed_digest`].
pub fn renewed_group(
    record: &[u8],
    algorithm: DigestAlgorithm,
    documents: &[Vec<u8>; 2],
) -> Result<Vec<Vec<u8>>, SealError> {
    let mut group = Vec::new();
    for document in documents {
        group.push(renewed_digest(record, algorithm, document)?);
    }
    group.sort();
    Ok(group)
}

/// The record with this renewal.
///
/// # Errors
/// As [`renew_time_stamp`] and [`renew_hash_tree`].
pub fn renew_record(record: &[u8], renewal: &GroupRenewal<'_>) -> Result<Vec<u8>, SealError> {
    match renewal {
        GroupRenewal::Stamp(stamp) => renew_time_stamp(record, stamp),
        GroupRenewal::Hashes { algorithm, documents, siblings, token_der } => {
            let lists = [&[renewed_group(record, *algorithm, documents)?], *siblings].concat();
            let stamp = NewStamp { algorithm: *algorithm, lists: &lists, token_der };
            renew_hash_tree(record, documents, &stamp)
        }
    }
}

/// An ArchiveTimeStamp whose first list holds these hashes and whose tree leads to its token's imprint.
fn time_stamp(hashes: &[Vec<u8>], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
    let token = Token::parse(stamp.token_der)?;
    token.strict()?;
    let imprint = token.imprint().digest.to_vec();
    let algorithm_name = oid::shown(stamp.algorithm.oid());
    let made = ArchiveStamp {
        algorithm: Some(stamp.algorithm),
        algorithm_name,
        lists: stamp.lists.to_vec(),
        token: Ok(Arc::new(token)),
        token_der: stamp.token_der.to_vec(),
        canonical: None,
    };
    let list = made.first_list();
    if hashes.is_empty() || !hashes.iter().all(|hash| list.contains(&hash.as_slice())) {
        let found = list.into_iter().map(<[u8]>::to_vec).collect();
        return Err(SealError::GroupMismatch { expected: hashes.to_vec(), found });
    }
    let computed = if stamp.lists.is_empty() { Some(imprint.clone()) } else { made.root(stamp.algorithm) };
    let computed = computed.ok_or(SealError::Malformed { what: "hash of a list" })?;
    let same_digest = made.token.as_ref().is_ok_and(|token| token.info.imprint_algorithm == made.algorithm);
    if computed != imprint || !same_digest {
        return Err(SealError::RootMismatch { computed, imprint });
    }
    let list = |list: &Vec<Vec<u8>>| {
        let mut sorted = list.clone();
        sorted.sort();
        write::sequence(
            &sorted.iter().map(|h| write::octets(h)).collect::<Vec<_>>().iter().map(Vec::as_slice).collect::<Vec<_>>(),
        )
    };
    let lists: Vec<u8> = stamp.lists.iter().flat_map(list).collect();
    let tree = if lists.is_empty() { lists } else { write::element(tlv::context(2), &lists) };
    let algorithm = write::element(tlv::context(0), &write::oid(stamp.algorithm.oid()));
    Ok(write::sequence(&[&algorithm, &tree, stamp.token_der]))
}

/// The parts of a record in DER, as they stand.
struct Parts<'a> {
    algorithms: Tlv<'a>,
    /// cryptoInfos and encryptionInfo, raw.
    between: Vec<u8>,
    sequence: Tlv<'a>,
    chains: Vec<Tlv<'a>>,
}

impl<'a> Parts<'a> {
    fn read(record: &'a [u8]) -> Result<Self, SealError> {
        strict::check(record)?;
        let mut fields = Tlv::sole(record, tlv::SEQUENCE, WHAT)?.children();
        fields.expect(tlv::INTEGER, WHAT)?;
        let algorithms = fields.expect(tlv::SEQUENCE, WHAT)?;
        let mut between = Vec::new();
        for number in 0..2 {
            between.extend(
                fields.optional(tlv::context(number), WHAT)?.map(|field| field.raw.to_vec()).unwrap_or_default(),
            );
        }
        let sequence = fields.expect(tlv::SEQUENCE, WHAT)?;
        let (mut rest, mut chains) = (sequence.children(), Vec::new());
        while !rest.is_empty() {
            chains.push(rest.expect(tlv::SEQUENCE, WHAT)?);
        }
        Ok(Self { algorithms, between, sequence, chains })
    }

    /// The record with these chains, the stamp's digest declared.
    fn write(&self, chains: &[u8], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
        let mut algorithms = self.algorithms.content.to_vec();
        let (mut rest, mut declared) = (self.algorithms.children(), false);
        while !rest.is_empty() {
            declared |= Algorithm::read(&mut rest, WHAT)?.oid == stamp.algorithm.oid();
        }
        if !declared {
            algorithms.extend(write::algorithm(stamp.algorithm.oid()));
        }
        record(&algorithms, &self.between, chains, stamp)
    }
}

/// The record of these parts; it is within limits, and can be read again to the token it was given.
fn record(algorithms: &[u8], between: &[u8], chains: &[u8], stamp: &NewStamp<'_>) -> Result<Vec<u8>, SealError> {
    let algorithms = write::element(tlv::SEQUENCE, algorithms);
    let sequence = write::element(tlv::SEQUENCE, chains);
    let bytes = write::sequence(&[&write::unsigned(&[1]), &algorithms, between, &sequence]);
    strict::check(&bytes)?;
    match ArchiveRecord::parse(&bytes)?.tokens_der().last() == Some(stamp.token_der) {
        true => Ok(bytes),
        false => Err(SealError::Malformed { what: WHAT }),
    }
}
