//! The tree under a signed head, from tiles of whoever serves them: nothing is handed out that does not lead to its root.

use std::collections::HashMap;

use ledger::paths::{Node, ProveError, prove_consistency, root_of};
use proof::merkle;
use proof::{Checkpoint, Hash, Sha256Tree, TreeAlgorithm, TreeSize};
use watch::limits::TILE_WIDTH;
use watch::tile::parse_hashes;
use watch::{TileKind, TilePath};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

/// Levels of the tree in a tile: 2^8 hashes.
const TILE_HEIGHT: u8 = 8;
/// Levels of tiles that a tree of 2^64 leaves can have.
const LEVELS: u8 = 8;

/// Gives the bytes of a tile, which nobody has believed yet.
pub type Fetch<'a> = dyn Fn(&TilePath) -> Result<Vec<u8>, Failure> + 'a;

/// A tree whose every hash was led to the signed root.
pub struct Tree<'a> {
    lang: Lang,
    fetch: &'a Fetch<'a>,
    size: TreeSize,
    /// The partial tiles, by level.
    edge: Vec<Option<Vec<Hash>>>,
    /// Whole tiles met so far.
    whole: HashMap<(u8, u64), Vec<Hash>>,
}

impl<'a> Tree<'a> {
    /// The tree of this head: its partial tiles lead to its root.
    ///
    /// # Errors
    /// A tile is missing or is none; they lead to another root.
    pub fn open(lang: Lang, head: &Checkpoint, fetch: &'a Fetch<'a>) -> Result<Self, Failure> {
        let mut tree = Self { lang, fetch, size: head.size, edge: Vec::new(), whole: HashMap::new() };
        let mut root = None;
        for level in 0..LEVELS {
            let partial = tree.partial_at(level);
            let hashes = partial.map(|path| tree.hashes(&path)).transpose()?;
            // What is below and not yet whole stands last among these: the same tree as the RFC's split.
            let mut row = hashes.clone().unwrap_or_default();
            row.extend(root);
            root = if row.is_empty() { None } else { Some(merkle::root::<Sha256Tree>(&row)) };
            tree.edge.push(hashes);
        }
        if root.unwrap_or_else(|| Sha256Tree::digest(&[])) == head.root { Ok(tree) } else { Err(not_the_root(lang)) }
    }

    /// The partial tile of this level, if it has one.
    pub fn partial(&self, level: u8) -> Option<(TilePath, &[Hash])> {
        let hashes = self.edge.get(usize::from(level))?.as_ref()?;
        Some((self.partial_at(level)?, hashes))
    }

    fn partial_at(&self, level: u8) -> Option<TilePath> {
        let count = self.size.0 >> (TILE_HEIGHT * level);
        let index = count / u64::from(TILE_WIDTH);
        TilePath::of(TileKind::Hashes(level), index, self.size).filter(|path| path.width < TILE_WIDTH)
    }

    /// The hashes of a tile of this tree, led to its root.
    ///
    /// # Errors
    /// It is missing, or leads elsewhere.
    pub fn tile(&mut self, level: u8, index: u64) -> Result<Vec<Hash>, Failure> {
        if let Some((path, hashes)) = self.partial(level).filter(|(path, _)| path.index == index) {
            debug_assert_eq!(usize::from(path.width), hashes.len());
            return Ok(hashes.to_vec());
        }
        if let Some(hashes) = self.whole.get(&(level, index)) {
            return Ok(hashes.clone());
        }
        let width = u64::from(TILE_WIDTH);
        let path = TilePath { kind: TileKind::Hashes(level), index, width: TILE_WIDTH };
        if level >= LEVELS || !path.is_within(self.size) {
            return Err(tile_false(self.lang, &path));
        }
        let above = self.tile(level + 1, index / width)?;
        let expected = usize::try_from(index % width).ok().and_then(|place| above.get(place).copied());
        let hashes = self.whole_tile(&path, expected.ok_or_else(|| tile_false(self.lang, &path))?)?;
        self.whole.insert((level, index), hashes.clone());
        Ok(hashes)
    }

    /// The hashes of this whole tile, whose root is this one.
    ///
    /// # Errors
    /// It is missing, or its root is another.
    pub fn whole_tile(&self, path: &TilePath, expected: Hash) -> Result<Vec<Hash>, Failure> {
        let hashes = self.hashes(path)?;
        if merkle::root::<Sha256Tree>(&hashes) == expected { Ok(hashes) } else { Err(tile_false(self.lang, path)) }
    }

    fn hashes(&self, path: &TilePath) -> Result<Vec<Hash>, Failure> {
        let hashes = parse_hashes(&(self.fetch)(path)?);
        hashes.filter(|hashes| hashes.len() == usize::from(path.width)).ok_or_else(|| tile_false(self.lang, path))
    }

    /// The root of a complete subtree.
    fn node(&mut self, node: Node) -> Result<Hash, Failure> {
        let (level, within) = (node.level / TILE_HEIGHT, node.level % TILE_HEIGHT);
        let first = node.index << within;
        let tile = self.tile(level, first / u64::from(TILE_WIDTH))?;
        let start = usize::try_from(first % u64::from(TILE_WIDTH)).unwrap_or(usize::MAX);
        let hashes = tile.get(start..start.saturating_add(1 << within));
        hashes.map(merkle::root::<Sha256Tree>).ok_or_else(|| not_the_root(self.lang))
    }

    /// The root of the tree of the first leaves of this one.
    ///
    /// # Errors
    /// A tile is missing, or leads elsewhere.
    pub fn root_at(&mut self, size: TreeSize) -> Result<Hash, Failure> {
        let lang = self.lang;
        root_of::<Sha256Tree, _>(size, &mut |node| self.node(node)).map_err(|error| unproved(lang, error))
    }

    /// The path from the tree of the first leaves to this one (RFC 9162 §2.1.4).
    ///
    /// # Errors
    /// A tile is missing, or leads elsewhere.
    pub fn path_from(&mut self, old: TreeSize) -> Result<Vec<Hash>, Failure> {
        let (lang, new) = (self.lang, self.size);
        prove_consistency::<Sha256Tree, _>(old, new, &mut |node| self.node(node)).map_err(|error| unproved(lang, error))
    }
}

fn unproved(lang: Lang, error: ProveError<Failure>) -> Failure {
    match error {
        ProveError::Read(failure) => failure,
        _ => not_the_root(lang),
    }
}

fn not_the_root(lang: Lang) -> Failure {
    Failure::new(exit::TILES, "tiles-false", lang.text("fail.tiles.false")).with_remedy(lang.text("fail.tile.remedy"))
}

/// A tile, or a bundle, that is not what the signed root says.
pub fn tile_false(lang: Lang, path: &TilePath) -> Failure {
    let said = lang.fill("fail.tile.false", &[("tile", &path.to_string())]);
    Failure::new(exit::TILES, "tile-false", said).with_remedy(lang.text("fail.tile.remedy"))
}

#[cfg(test)]
pub(super) mod tests;
