//! The tree of a renewal of time-stamps: a leaf for each chain that has this digest, over all its tokens.
//!
//! Under SHA-256 that is a leaf a batch since the last renewal of hashes, in order; under a later digest, a leaf for each renewal of hashes.

use super::Renewal;
use crate::sealing::SealingError;
use crate::sealing::batch::batch_head;
use crate::storage::Reader;
use proof::{Hash, Hash512};
use seal::DigestAlgorithm;

/// The first token of a chain, and the batches whose records bear it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub first: u64,
    pub end: u64,
    pub token_sha256: Hash,
    pub token_sha512: Hash512,
    /// The renewal of hashes that began it.
    pub since: Option<u64>,
}

/// The tree, read whole once; then each batch's lists cost as many steps as the tree has levels.
#[derive(Clone, Debug)]
pub struct RenewalTree {
    /// What is kept of the renewal.
    pub renewal: Renewal,
    before: Vec<Renewal>,
    lines: Vec<Line>,
    /// Leaves, then the nodes above them up to the root.
    levels: Vec<Vec<Vec<u8>>>,
}

/// The digests of a chain's tokens, oldest first, as the renewal after these covers them.
fn group(line: &Line, digest: DigestAlgorithm, before: &[Renewal]) -> Vec<Vec<u8>> {
    let of = |short: &Hash, long: &Hash512| match digest {
        DigestAlgorithm::Sha512 => long.as_bytes().to_vec(),
        _ => short.as_bytes().to_vec(),
    };
    let follows = |renewal: &&Renewal| {
        let same = !renewal.of_hashes() && renewal.digest == digest && renewal.covers(line.first);
        same && line.since.is_none_or(|since| renewal.number > since)
    };
    let renewed = before.iter().filter(follows).map(|renewal| of(&renewal.token_sha256, &renewal.token_sha512));
    [of(&line.token_sha256, &line.token_sha512)].into_iter().chain(renewed).collect()
}

/// The chains of this digest, of batches `first` on and before `end`.
pub(super) fn lines<R: Reader + ?Sized>(
    reader: &R,
    digest: DigestAlgorithm,
    [first, end]: [u64; 2],
    before: &[Renewal],
) -> Result<Vec<Line>, SealingError> {
    if digest != DigestAlgorithm::Sha256 {
        let begun = before.iter().filter(|renewal| renewal.of_hashes() && renewal.digest == digest);
        return Ok(begun.map(Line::of).collect());
    }
    let line = |batch| {
        let head = batch_head(reader, batch)?.ok_or(SealingError::NoBatch(batch))?;
        let (token_sha256, token_sha512) = (head.token_sha256, head.token_sha512);
        Ok(Line { first: batch, end: batch + 1, token_sha256, token_sha512, since: None })
    };
    (first..end).map(line).collect()
}

impl Line {
    fn of(renewal: &Renewal) -> Self {
        Self {
            first: renewal.first,
            end: renewal.batches,
            token_sha256: renewal.token_sha256,
            token_sha512: renewal.token_sha512,
            since: Some(renewal.number),
        }
    }
}

/// These nodes and those above them, up to the root: pairs sorted and hashed, an odd node promoted.
pub(super) fn levels_over(digest: DigestAlgorithm, nodes: Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
    let mut levels = vec![nodes];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        levels.push(below.chunks(2).map(|pair| seal::archive_node(digest, pair)).collect());
    }
    levels
}

/// The top of these levels.
pub(super) fn top(levels: &[Vec<Vec<u8>>]) -> Option<&Vec<u8>> {
    levels.last().and_then(|level| level.first())
}

/// The levels of the tree over these chains.
pub(super) fn levels(lines: &[Line], digest: DigestAlgorithm, before: &[Renewal]) -> Vec<Vec<Vec<u8>>> {
    let node = |line| seal::archive_node(digest, &group(line, digest, before));
    levels_over(digest, lines.iter().map(node).collect())
}

/// The siblings from this place up, one a list.
pub(super) fn siblings(levels: &[Vec<Vec<u8>>], mut here: usize) -> Vec<Vec<Vec<u8>>> {
    let mut lists = Vec::new();
    for level in levels {
        lists.extend(level.get(here ^ 1).map(|sibling| vec![sibling.clone()]));
        here /= 2;
    }
    lists
}

impl RenewalTree {
    /// The tree of the renewal of this number among all; it has the root that was stamped.
    ///
    /// # Errors
    /// [`SealingError`]: no such renewal of time-stamps, a head missing, another root.
    pub fn open<R: Reader + ?Sized>(reader: &R, mut all: Vec<Renewal>, number: u64) -> Result<Self, SealingError> {
        let none = || SealingError::Stored(format!("there is no renewal {number} of time-stamps"));
        all.truncate(usize::try_from(number).unwrap_or(usize::MAX).saturating_add(1));
        let renewal = all.pop().filter(|renewal| renewal.number == number && !renewal.of_hashes());
        Self::of(reader, renewal.ok_or_else(none)?, all)
    }

    /// The tree of this renewal, these being all before it.
    pub(super) fn of<R: Reader + ?Sized>(
        reader: &R,
        renewal: Renewal,
        before: Vec<Renewal>,
    ) -> Result<Self, SealingError> {
        let lines = lines(reader, renewal.digest, [renewal.first, renewal.batches], &before)?;
        let levels = levels(&lines, renewal.digest, &before);
        if top(&levels) != Some(&renewal.root) {
            let why = format!("what is stored gives renewal {} another root", renewal.number);
            return Err(SealingError::Stored(why));
        }
        Ok(Self { renewal, before, lines, levels })
    }

    /// The lists of this batch's time-stamp: its group, then one sibling a list, up to the root. `None` for a batch it does not cover.
    pub fn lists(&self, batch: u64) -> Option<Vec<Vec<Vec<u8>>>> {
        let here = self.lines.partition_point(|line| line.end <= batch);
        let line = self.lines.get(here).filter(|line| line.first <= batch)?;
        let mut first = group(line, self.renewal.digest, &self.before);
        first.sort();
        Some([vec![first], siblings(&self.levels, here)].concat())
    }
}
