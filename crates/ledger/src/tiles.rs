//! Tiles of 256 hashes (C2SP tlog-tiles): the right edge where the tree grows, and reading nodes out of tiles.

use crate::paths::Node;
use crate::storage::{Reader, StorageError, TileId};
use proof::merkle;
use proof::{Hash, Sha256Tree, TreeAlgorithm, TreeSize};
use std::collections::{BTreeMap, HashMap};

/// Levels of tree in a tile: a tile holds 2^8 hashes.
const TILE_HEIGHT: u8 = 8;
/// Hashes of a whole tile.
const TILE_WIDTH: usize = 256;
const HASH_BYTES: usize = 32;
/// Tiles kept at once (8 KiB each), and nodes computed from them: past it all are forgotten and those needed read again.
const TILES_KEPT: usize = 64;
const NODES_KEPT: usize = 1 << 14;

/// Why a node could not be read.
#[derive(Debug)]
pub enum NodeError {
    /// The storage failed.
    Storage(StorageError),
    /// No tile holds what this node needs.
    Missing(Node),
}

/// Where complete bytes of a tile are found.
type TileSource<'a> = Box<dyn FnMut(TileId) -> Result<Option<Vec<u8>>, StorageError> + Send + 'a>;

/// Nodes computed from tiles; what was read and computed last is kept, within a bound.
pub struct Tiles<'a> {
    source: TileSource<'a>,
    tiles: HashMap<TileId, Vec<Hash>>,
    nodes: HashMap<Node, Hash>,
}

impl<'a> Tiles<'a> {
    /// Nodes of what is published.
    pub fn over<R: Reader + ?Sized>(reader: &'a R) -> Self {
        Self::with(Box::new(|id| reader.tile(id)))
    }

    /// Nodes of what is published, read by a reader of their own.
    pub fn owning<R: Reader + 'a>(reader: R) -> Self {
        Self::with(Box::new(move |id| reader.tile(id)))
    }

    /// Nodes of what is published once `written` is.
    pub fn beside<R: Reader + ?Sized>(reader: &'a R, written: &'a [(TileId, Vec<u8>)]) -> Self {
        Self::with(Box::new(|id| match written.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(place) => Ok(written.get(place).map(|(_, bytes)| bytes.clone())),
            Err(_) => reader.tile(id),
        }))
    }

    fn with(source: TileSource<'a>) -> Self {
        Self { source, tiles: HashMap::new(), nodes: HashMap::new() }
    }

    /// The hash of a complete subtree: of one in the middle of a tile, from the hashes of the tile below it.
    pub fn node(&mut self, node: Node) -> Result<Hash, NodeError> {
        if let Some(hash) = self.nodes.get(&node) {
            return Ok(*hash);
        }
        let (level, above) = (node.level / TILE_HEIGHT, node.level % TILE_HEIGHT);
        let (first, width) = (node.index << above, 1_usize << above);
        let id = TileId { level, index: first / TILE_WIDTH as u64 };
        let tile = self.tile(id)?;
        let from = (first % TILE_WIDTH as u64) as usize;
        let Some(below) = tile.get(from..from + width) else {
            let index = first + tile.len().saturating_sub(from) as u64;
            return Err(NodeError::Missing(Node { level: level * TILE_HEIGHT, index }));
        };
        let hash = merkle::root::<Sha256Tree>(below);
        // What stands in a tile is found there again.
        if above > 0 {
            if self.nodes.len() >= NODES_KEPT {
                self.nodes.clear();
            }
            self.nodes.insert(node, hash);
        }
        Ok(hash)
    }

    fn tile(&mut self, id: TileId) -> Result<&[Hash], NodeError> {
        if !self.tiles.contains_key(&id) {
            let bytes = (self.source)(id).map_err(NodeError::Storage)?;
            if self.tiles.len() >= TILES_KEPT {
                self.tiles.clear();
            }
            self.tiles.insert(id, bytes.as_deref().and_then(hashes_of).unwrap_or_default());
        }
        Ok(self.tiles.get(&id).map_or(&[], Vec::as_slice))
    }
}

/// The hashes of a tile, or `None` when the bytes are no tile.
fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let fits = rest.is_empty() && (1..=TILE_WIDTH).contains(&hashes.len());
    fits.then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// The right edge of the tree: of each level of tiles, the hashes of the last tile while it is not whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// By level, 0 to 255 hashes each.
    levels: Vec<Vec<Hash>>,
    /// Roots of the complete subtrees from the left, largest first: gives the root without any tile.
    peaks: Vec<Hash>,
}

impl Edge {
    /// The edge at this size, read from published tiles.
    ///
    /// # Errors
    /// A tile that is missing or shorter than the size says.
    pub fn load<R: Reader + ?Sized>(reader: &R, size: TreeSize) -> Result<Self, NodeError> {
        let mut levels = Vec::new();
        let mut count = size.0;
        let mut level = 0u8;
        while count > 0 {
            let partial = (count % TILE_WIDTH as u64) as usize;
            let id = TileId { level, index: count / TILE_WIDTH as u64 };
            let mut hashes = Vec::new();
            if partial > 0 {
                let bytes = reader.tile(id).map_err(NodeError::Storage)?;
                hashes = bytes.as_deref().and_then(hashes_of).unwrap_or_default();
                if hashes.len() < partial {
                    let index = id.index * TILE_WIDTH as u64 + hashes.len() as u64;
                    return Err(NodeError::Missing(Node { level: level * TILE_HEIGHT, index }));
                }
                hashes.truncate(partial);
            }
            levels.push(hashes);
            count /= TILE_WIDTH as u64;
            level += 1;
        }
        let mut edge = Self { size: size.0, levels, peaks: Vec::new() };
        edge.peaks = edge.peaks_of_levels();
        Ok(edge)
    }

    /// Number of leaves.
    pub fn size(&self) -> TreeSize {
        TreeSize(self.size)
    }

    /// Root of the tree (RFC 9162 §2.1.1), from the peaks alone.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else {
            return Sha256Tree::digest(&[]);
        };
        peaks.fold(last, |right, left| Sha256Tree::node(&left, &right))
    }

    /// The edge after these leaves, and every tile that changed, in order of its id.
    pub fn grow(&self, leaves: &[Hash]) -> (Self, Vec<(TileId, Vec<u8>)>) {
        let mut grown = self.clone();
        let mut changed = BTreeMap::new();
        for leaf in leaves {
            grown.push(0, *leaf, &mut changed);
            grown.push_peak(*leaf);
        }
        for (level, hashes) in grown.levels.iter().enumerate() {
            let count = grown.size >> (8 * level);
            let was = self.size >> (8 * level);
            if !hashes.is_empty() && count > was {
                changed.insert(tile_id(level, count), bytes_of(hashes));
            }
        }
        (grown, changed.into_iter().collect())
    }

    /// The last tile of each level, as far as it goes.
    pub fn partial_tiles(&self) -> Vec<(TileId, Vec<u8>)> {
        let levels = self.levels.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty());
        levels.map(|(level, hashes)| (tile_id(level, self.size >> (8 * level)), bytes_of(hashes))).collect()
    }

    /// Puts a hash at the end of a level; a tile that becomes whole gives its root to the level above.
    fn push(&mut self, level: usize, hash: Hash, changed: &mut BTreeMap<TileId, Vec<u8>>) {
        if level == 0 {
            self.size += 1;
        }
        if self.levels.len() <= level {
            self.levels.resize(level + 1, Vec::new());
        }
        let Some(tile) = self.levels.get_mut(level) else {
            return;
        };
        tile.push(hash);
        if tile.len() == TILE_WIDTH {
            let whole = std::mem::take(tile);
            let count = self.size >> (8 * level);
            changed.insert(tile_id(level, count - 1), bytes_of(&whole));
            self.push(level + 1, merkle::root::<Sha256Tree>(&whole), changed);
        }
    }

    /// Counts up in binary: every carry joins two peaks of the same size.
    fn push_peak(&mut self, leaf: Hash) {
        let mut peak = leaf;
        // `size` already counts the leaf: its trailing zeros are the carries.
        for _ in 0..self.size.trailing_zeros() {
            let Some(left) = self.peaks.pop() else { break };
            peak = Sha256Tree::node(&left, &peak);
        }
        self.peaks.push(peak);
    }

    fn peaks_of_levels(&self) -> Vec<Hash> {
        let mut peaks = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut start = 0;
            let mut left = hashes.len();
            while left > 0 {
                let width = 1usize << left.ilog2();
                peaks.push(merkle::root::<Sha256Tree>(&hashes[start..start + width]));
                start += width;
                left -= width;
            }
        }
        peaks
    }
}

/// The tile that holds the last of `count` hashes of a level, or the next one when `count` ends a tile.
fn tile_id(level: usize, count: u64) -> TileId {
    TileId { level: level as u8, index: count / TILE_WIDTH as u64 }
}

fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

#[cfg(test)]
mod tests;
