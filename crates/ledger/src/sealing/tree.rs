//! The tree of a batch, read back: its upper nodes are kept, what is below is read again for each path.

use super::SealingError;
use super::batch::{BatchHead, batch_head, binding_group, entry_at};
use crate::storage::Reader;
use proof::{Hash, Index};

/// Groups below one kept node, at least. Nodes pair within any aligned stretch whose length is a power of two, so its root is a node of
/// the tree; of the last stretch, whatever its length, too.
const BLOCK: u64 = 16;
/// Bytes kept of a tree, about: a batch of more groups has larger blocks.
const KEPT_BYTES: u64 = 4 << 20;
/// Bytes kept of a block: a node, as much again above it, and where it begins.
const BLOCK_BYTES: u64 = 72;

/// Groups below a kept node of a tree of so many.
fn block_of(groups: u64) -> u64 {
    (groups / (KEPT_BYTES / BLOCK_BYTES)).next_power_of_two().max(BLOCK)
}

/// The tree of a logged batch: read whole once, then each path costs one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchTree {
    /// What is kept of the batch.
    pub head: BatchHead,
    /// Groups of a block.
    block: u64,
    /// Roots of the blocks, then the nodes above them, level by level up to the root.
    levels: Vec<Vec<[u8; 32]>>,
    /// The entry in which each block begins.
    starts: Vec<Index>,
}

/// A block under way.
struct Growing {
    block: u64,
    blocks: Vec<[u8; 32]>,
    starts: Vec<Index>,
    groups: Vec<[u8; 32]>,
    count: u64,
}

impl Growing {
    fn take(&mut self, group: &Hash, at: Index) {
        if self.groups.is_empty() {
            self.starts.push(at);
        }
        self.groups.push(group.0);
        self.count += 1;
        if self.groups.len() as u64 == self.block {
            self.close();
        }
    }

    fn close(&mut self) {
        self.blocks.extend(seal::batch_root(&self.groups));
        self.groups.clear();
    }
}

/// These nodes and those above them, up to the root: pairs sorted and hashed, an odd node promoted.
fn levels_over(nodes: Vec<[u8; 32]>) -> Vec<Vec<[u8; 32]>> {
    let mut levels = vec![nodes];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        levels.push(below.chunks(2).filter_map(seal::batch_root).collect());
    }
    levels
}

impl BatchTree {
    /// The tree of a logged batch; it has the root that was sealed. Reads every entry of the batch.
    ///
    /// # Errors
    /// [`SealingError`]: no such batch, a missing leaf, another root.
    pub fn open<R: Reader + ?Sized>(reader: &R, batch: u64) -> Result<Self, SealingError> {
        let head = batch_head(reader, batch)?.filter(|head| head.leaf.is_some());
        Self::of(reader, head.ok_or(SealingError::NoBatch(batch))?)
    }

    /// The tree under this head.
    ///
    /// # Errors
    /// As [`BatchTree::open`].
    pub(crate) fn of<R: Reader + ?Sized>(reader: &R, head: BatchHead) -> Result<Self, SealingError> {
        let block = block_of(head.group_count + 1);
        let mut growing = Growing { block, blocks: Vec::new(), starts: Vec::new(), groups: Vec::new(), count: 0 };
        for index in (head.first.0..head.end.0).map(Index) {
            let leaf = entry_at(reader, index)?;
            leaf.iter().flat_map(|leaf| &leaf.groups).for_each(|group| growing.take(group, index));
        }
        growing.take(&binding_group(&head.binding()), Index(head.end.0));
        growing.close();
        let Growing { blocks, starts, count, .. } = growing;
        let levels = levels_over(blocks);
        let root = levels.last().and_then(|level| level.first());
        if count != head.group_count + 1 || root != Some(&head.root.0) {
            return Err(SealingError::RootMismatch { batch: head.batch });
        }
        Ok(Self { head, block, levels, starts })
    }

    /// The hash of the group at this position, the binding group being the last, and the siblings from there up to the root,
    /// bottom first: each is one later list of an RFC 4998 record.
    ///
    /// # Errors
    /// [`SealingError`]: no such group, a missing leaf, or a block that no longer has its root.
    pub fn path<R: Reader + ?Sized>(&self, reader: &R, position: u64) -> Result<(Hash, Vec<Hash>), SealingError> {
        let none = || SealingError::NoGroup { position, groups: self.head.group_count + 1 };
        let mut here = usize::try_from(position / self.block).map_err(|_| none())?;
        let groups = self.groups(reader, here)?.ok_or_else(none)?;
        let within = usize::try_from(position % self.block).map_err(|_| none())?;
        let group = groups.get(within).ok_or_else(none)?;
        if seal::batch_root(&groups).as_ref() != self.levels.first().and_then(|blocks| blocks.get(here)) {
            return Err(SealingError::RootMismatch { batch: self.head.batch });
        }
        let mut path = seal::batch_path(&groups, within).ok_or_else(none)?;
        for level in &self.levels {
            path.extend(level.get(here ^ 1));
            here /= 2;
        }
        Ok((Hash(*group), path.into_iter().map(Hash).collect()))
    }

    /// The groups of a block, read again.
    fn groups<R: Reader + ?Sized>(&self, reader: &R, block: usize) -> Result<Option<Vec<[u8; 32]>>, SealingError> {
        let Some(start) = self.starts.get(block).copied() else { return Ok(None) };
        let first = block as u64 * self.block;
        let end = first.saturating_add(self.block);
        let mut groups = Vec::new();
        for index in (start.0..self.head.end.0).map(Index) {
            let Some(leaf) = entry_at(reader, index)? else { continue };
            // The first entry may have begun in the block before, the last one may end in the next.
            let position = self.head.position_of(leaf.first_group).ok_or(SealingError::Entry(index))?;
            let here = (position..).zip(&leaf.groups).filter(|(position, _)| (first..end).contains(position));
            groups.extend(here.map(|(_, group)| group.0));
            if groups.len() as u64 == self.block {
                return Ok(Some(groups));
            }
        }
        groups.push(binding_group(&self.head.binding()).0);
        Ok(Some(groups))
    }
}

/// The siblings from one group of this batch up to its root. For several groups, open the [`BatchTree`] once.
///
/// # Errors
/// [`SealingError`]: no such batch or group, a missing leaf, another root.
pub fn evidence_path<R: Reader + ?Sized>(reader: &R, batch: u64, position: u64) -> Result<Vec<Hash>, SealingError> {
    Ok(BatchTree::open(reader, batch)?.path(reader, position)?.1)
}
