//! The tree of a renewal of hashes: grown leaf by leaf, then read back from its leaves, of which only the upper nodes are held.

use super::tree::{levels_over, siblings, top};
use super::{Of, Renewal};
use crate::sealing::SealingError;
use crate::sealing::batch::BatchHead;
use seal::{DigestAlgorithm, archive_node};
use std::io::{self, Read};

/// Leaves below one kept node, at least; as in a batch's tree, a power of two.
const BLOCK: u64 = 256;
/// Nodes kept of a tree, about: one of more leaves has larger blocks.
const KEPT: u64 = 1 << 15;

/// The lists of a reduced tree.
type Lists = Vec<Vec<Vec<u8>>>;

/// A tree grown leaf by leaf: what is held is one node a level.
pub(super) struct Tower {
    digest: DigestAlgorithm,
    /// Whole subtrees not yet paired, the largest first, each with its height.
    open: Vec<(u32, Vec<u8>)>,
    leaves: u64,
}

impl Tower {
    pub(super) fn new(digest: DigestAlgorithm) -> Self {
        Self { digest, open: Vec::new(), leaves: 0 }
    }

    pub(super) fn add(&mut self, leaf: Vec<u8>) {
        self.leaves += 1;
        let (mut height, mut node) = (0, leaf);
        while let Some((_, left)) = self.open.pop_if(|(of, _)| *of == height) {
            node = archive_node(self.digest, &[left, node]);
            height += 1;
        }
        self.open.push((height, node));
    }

    /// How many leaves, and the root: an odd node is promoted until it meets its left neighbour.
    pub(super) fn end(mut self) -> Option<(u64, Vec<u8>)> {
        let (_, mut node) = self.open.pop()?;
        while let Some((_, left)) = self.open.pop() {
            node = archive_node(self.digest, &[left, node]);
        }
        Some((self.leaves, node))
    }
}

/// The upper nodes of a renewal of hashes.
#[derive(Clone, Debug)]
pub struct LeafTree {
    /// What is kept of the renewal.
    pub renewal: Renewal,
    /// Leaves, and leaves of a block.
    leaves: u64,
    block: u64,
    /// Number, among all groups ever logged, of the first group of the first batch.
    first_group: u64,
    /// Roots of the blocks, then the nodes above them, up to the root.
    levels: Vec<Vec<Vec<u8>>>,
}

/// Leaves read from here on, at most so many.
fn read_leaves(source: &mut dyn Read, size: usize, most: u64) -> io::Result<Vec<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(most.saturating_mul(size as u64)).read_to_end(&mut bytes)?;
    Ok(bytes.chunks(size).map(<[u8]>::to_vec).collect())
}

impl LeafTree {
    /// The tree over these leaves, which has the root that was stamped. `first` is the head of the first batch covered.
    ///
    /// # Errors
    /// [`SealingError`]: the leaves cannot be read, or give another root.
    pub fn open(renewal: Renewal, first: &BatchHead, source: &mut dyn Read) -> Result<Self, SealingError> {
        let other = || SealingError::Stored(format!("the leaves of renewal {} give another root", renewal.number));
        let Of::Hashes { leaves, .. } = renewal.of else { return Err(other()) };
        let (size, block) = (renewal.digest.size(), (leaves / KEPT).next_power_of_two().max(BLOCK));
        let mut blocks = Vec::new();
        let mut count = 0;
        loop {
            let read = read_leaves(source, size, block);
            let read = read.map_err(|why| SealingError::Stored(format!("leaves of a renewal: {why}")))?;
            count += read.len() as u64;
            let full = read.len() as u64 == block;
            blocks.extend(top(&levels_over(renewal.digest, read)).cloned());
            if !full {
                break;
            }
        }
        let levels = levels_over(renewal.digest, blocks);
        if count != leaves || top(&levels) != Some(&renewal.root) {
            return Err(other());
        }
        Ok(Self { leaves, block, first_group: first.first_group, levels, renewal })
    }

    /// The place, among all leaves, of the group at this position of this batch: each batch has one group more than its entries.
    pub fn place(&self, batch: &BatchHead, position: u64) -> Option<u64> {
        if !self.renewal.covers(batch.batch) || position > batch.group_count {
            return None;
        }
        let groups = batch.first_group.checked_sub(self.first_group)?;
        let place = groups.checked_add(batch.batch - self.renewal.first)?.checked_add(position)?;
        (place < self.leaves).then_some(place)
    }

    /// The byte at which the block of this leaf begins.
    pub fn offset(&self, place: u64) -> u64 {
        place / self.block * self.block * self.renewal.digest.size() as u64
    }

    /// The leaf at this place, and the siblings from it up to the root, one a list; `source` stands at the leaf's block.
    ///
    /// # Errors
    /// [`SealingError`]: the block cannot be read, or no longer has its root.
    pub fn path(&self, place: u64, source: &mut dyn Read) -> Result<(Vec<u8>, Lists), SealingError> {
        let other = || SealingError::Stored(format!("a leaf of renewal {} is another", self.renewal.number));
        let digest = self.renewal.digest;
        let read = read_leaves(source, digest.size(), self.block);
        let leaves = read.map_err(|why| SealingError::Stored(format!("leaves of a renewal: {why}")))?;
        let here = usize::try_from(place / self.block).map_err(|_| other())?;
        let within = usize::try_from(place % self.block).map_err(|_| other())?;
        let leaf = leaves.get(within).cloned().ok_or_else(other)?;
        let below = levels_over(digest, leaves);
        if top(&below).is_none() || top(&below) != self.levels.first().and_then(|blocks| blocks.get(here)) {
            return Err(other());
        }
        Ok((leaf, [siblings(&below, within), siblings(&self.levels, here)].concat()))
    }
}
