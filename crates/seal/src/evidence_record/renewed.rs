//! What renews a record of this house: that each later time-stamp covers what came before it, as received (RFC 4998 §5.3).
//!
//! The whole of RFC 4998 is judged in `evidence_record/judge.rs`; here is what this house writes, and no more: groups of exactly
//! two, digests that count today, trees whose later lists are one sibling.

use std::sync::Arc;

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::EvidenceRecord;
use crate::evidence_record::parts::{ArchiveChain, ArchiveStamp};
use crate::token::Token;

/// A later time-stamp of a record: what it covers holds, its token is still to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Later<'r> {
    /// The token.
    pub token: &'r Arc<Token>,
    /// The digest of its tree and of its imprint.
    pub algorithm: DigestAlgorithm,
    /// Whether it begins a chain: then everything was hashed again, under that digest.
    pub hashes_renewed: bool,
}

impl EvidenceRecord {
    /// The time-stamps that renew the first, oldest first. `digests` gives those of the group's two data objects under a digest, of
    /// each object that is at hand; the other ones are not looked for.
    ///
    /// # Errors
    /// `GroupMismatch` for a time-stamp that does not cover what came before, `SiblingCount`, `RootMismatch`; `Unsupported` for a
    /// digest that we do not judge or that is too weak, or a group with none of its digests at hand.
    pub fn later(&self, digests: &dyn Fn(DigestAlgorithm) -> Vec<Vec<u8>>) -> Result<Vec<Later<'_>>, SealError> {
        let mut all = Vec::new();
        for (chain, place) in self.whole.chains.iter().zip(0..) {
            let mut before: Vec<&ArchiveStamp> = Vec::new();
            for stamp in &chain.stamps {
                let renews = place > 0 || !before.is_empty();
                if renews {
                    let algorithm = sound(chain, stamp)?;
                    match before.last() {
                        Some(last) => covers_token(stamp, algorithm, last)?,
                        None => covers_group(chain, stamp, algorithm, digests(algorithm))?,
                    }
                    let token = leads(stamp, algorithm)?;
                    all.push(Later { token, algorithm, hashes_renewed: before.is_empty() });
                }
                before.push(stamp);
            }
        }
        Ok(all)
    }
}

/// The digest of the time-stamp, which is its chain's, and strong.
fn sound(chain: &ArchiveChain, stamp: &ArchiveStamp) -> Result<DigestAlgorithm, SealError> {
    let unsupported = |found: &str| SealError::Unsupported { what: "digest of a renewal", found: found.to_owned() };
    let algorithm = stamp.algorithm.ok_or_else(|| unsupported(&stamp.algorithm_name))?;
    if algorithm.is_weak() || chain.algorithm != Some(algorithm) {
        return Err(unsupported(algorithm.name()));
    }
    Ok(algorithm)
}

/// The first list holds the digest of the token before, as received.
fn covers_token(stamp: &ArchiveStamp, algorithm: DigestAlgorithm, before: &ArchiveStamp) -> Result<(), SealError> {
    let digest = algorithm.digest(before.octets());
    let found = stamp.first_list();
    match found.contains(&digest.as_slice()) {
        true => Ok(()),
        false => Err(mismatch(vec![digest], &found)),
    }
}

/// The first list is a group of two, and each object at hand, joined with all earlier chains, is of it (RFC 4998 §5.2).
fn covers_group(
    chain: &ArchiveChain,
    stamp: &ArchiveStamp,
    algorithm: DigestAlgorithm,
    objects: Vec<Vec<u8>>,
) -> Result<(), SealError> {
    let preceding = chain.preceding.as_deref().ok_or(SealError::Malformed { what: "chains of an evidence record" })?;
    if objects.is_empty() {
        let found = algorithm.name().to_owned();
        return Err(SealError::Unsupported { what: "digest of a renewal of hashes", found });
    }
    let expected: Vec<_> = objects.iter().map(|object| algorithm.digest(&[object, preceding].concat())).collect();
    let found = stamp.first_list();
    let two = stamp.lists.first().is_some_and(|list| list.len() == 2) && expected.len() <= 2;
    match two && expected.iter().all(|digest| found.contains(&digest.as_slice())) {
        true => Ok(()),
        false => Err(mismatch(expected, &found)),
    }
}

/// The tree leads to the imprint of its token: that token.
fn leads(stamp: &ArchiveStamp, algorithm: DigestAlgorithm) -> Result<&Arc<Token>, SealError> {
    let token = stamp.token.as_ref().map_err(Clone::clone)?;
    if let Some((list, hashes)) = stamp.lists.iter().enumerate().skip(1).find(|(_, hashes)| hashes.len() != 1) {
        return Err(SealError::SiblingCount { list, found: hashes.len() });
    }
    let imprint = token.imprint().digest.to_vec();
    // Without a tree the imprint is the one hash, and was compared as the first list.
    let computed = match stamp.lists.is_empty() {
        true => imprint.clone(),
        false => stamp.root(algorithm).ok_or(SealError::Malformed { what: "hash of a list" })?,
    };
    match token.info.imprint_algorithm == Some(algorithm) && computed == imprint {
        true => Ok(token),
        false => Err(SealError::RootMismatch { computed, imprint }),
    }
}

fn mismatch(expected: Vec<Vec<u8>>, found: &[&[u8]]) -> SealError {
    SealError::GroupMismatch { expected, found: found.iter().map(|hash| hash.to_vec()).collect() }
}
