//! Trees read from tiles, honest and not, and what is concluded from two heads.

use std::cell::RefCell;

use watch::tile::write_hashes;

use super::*;
use crate::log::succession::{Succession, compare};

/// A log in memory, which serves any tile of any of its heads.
pub struct Log {
    /// Complete subtrees of 256^level leaves, by level.
    levels: Vec<Vec<Hash>>,
    asked: RefCell<Vec<TilePath>>,
}

impl Log {
    /// A log of so many leaves, the first of which are those of every other log.
    pub fn of(shared: u64, size: u64) -> Self {
        let leaf = |number: u64| {
            let mark: u8 = if number < shared { 0 } else { 1 };
            Sha256Tree::leaf(&[&[mark][..], &number.to_be_bytes()].concat())
        };
        let mut levels = vec![(0..size).map(leaf).collect::<Vec<_>>()];
        while let Some(above) = levels.last().filter(|row| row.len() >= 256) {
            levels.push(above.chunks_exact(256).map(merkle::root::<Sha256Tree>).collect());
        }
        Self { levels, asked: RefCell::new(Vec::new()) }
    }

    fn head(&self, size: u64) -> Checkpoint {
        let leaves = &self.levels[0][..usize::try_from(size).expect("small")];
        let root = merkle::root::<Sha256Tree>(leaves);
        Checkpoint { origin: "log".to_owned(), size: TreeSize(size), root, extensions: Vec::new() }
    }

    fn fetch(&self, path: &TilePath) -> Result<Vec<u8>, Failure> {
        self.asked.borrow_mut().push(*path);
        let TileKind::Hashes(level) = path.kind else { panic!("no entries here") };
        let first = usize::try_from(path.index * 256).expect("small");
        let row = self.levels.get(usize::from(level)).and_then(|row| row.get(first..first + usize::from(path.width)));
        row.map(write_hashes).ok_or_else(|| Failure::new(exit::TILES, "tile-missing", path.to_string()))
    }
}

fn told(old: &Checkpoint, new: &Checkpoint, log: &Log) -> Result<Succession, Failure> {
    compare(Lang::En, old, new, &|path| log.fetch(path))
}

const SIZES: [u64; 14] = [0, 1, 2, 3, 17, 255, 256, 257, 300, 511, 512, 513, 65_536, 66_049];

#[test]
fn every_growth_is_proved_and_few_tiles_are_asked_for() {
    let log = Log::of(u64::MAX, 66_049);
    for old in SIZES {
        for new in SIZES {
            log.asked.borrow_mut().clear();
            let expected = match old.cmp(&new) {
                std::cmp::Ordering::Less => Succession::Grown,
                std::cmp::Ordering::Equal => Succession::Unchanged,
                std::cmp::Ordering::Greater => Succession::Rollback,
            };
            assert_eq!(told(&log.head(old), &log.head(new), &log).expect("told"), expected, "{old} to {new}");
            assert!(log.asked.borrow().len() <= 6, "{old} to {new}: {:?}", log.asked.borrow());
            assert!(log.asked.borrow().iter().all(|path| path.is_within(TreeSize(new))));
        }
    }
}

#[test]
fn the_tree_has_the_roots_of_its_beginnings() {
    let log = Log::of(u64::MAX, 66_049);
    for size in [513, 65_536, 66_049] {
        let fetch = |path: &TilePath| log.fetch(path);
        let mut tree = Tree::open(Lang::En, &log.head(size), &fetch).expect("open");
        for old in SIZES.into_iter().filter(|old| *old <= size) {
            assert_eq!(tree.root_at(TreeSize(old)).expect("root"), log.head(old).root, "{old} of {size}");
        }
        assert!(tree.tile(0, size / 256 + 1).is_err() && tree.tile(9, 0).is_err(), "no tile beyond");
    }
}

#[test]
fn two_histories_are_a_fork_wherever_they_part() {
    let honest = Log::of(u64::MAX, 66_049);
    for parted in [0, 1, 255, 256, 300, 65_535] {
        let other = Log::of(parted, 66_049);
        for old in [1, 255, 256, 300, 513, 65_536] {
            let told = told(&honest.head(old), &other.head(66_049), &other).expect("told");
            if old <= parted {
                assert_eq!(told, Succession::Grown, "{old}, parted after {parted}");
                continue;
            }
            let Succession::Fork(path) = told else { panic!("{old}, parted after {parted}: {told:?}") };
            // The evidence alone shows it: the path leads to the newer root, and from the root the other history had.
            let (new, own) = (other.head(66_049), other.head(old));
            let shown = merkle::verify_consistency::<Sha256Tree>(own.size, new.size, &own.root, &new.root, &path);
            assert_eq!(shown, Ok(()));
        }
        assert_eq!(
            told(&honest.head(66_049), &other.head(66_049), &other).expect("told"),
            Succession::Fork(Vec::new())
        );
    }
}

/// Whoever changes a tile that is asked for is found out, and never makes a fork out of an honest log, nor hides one.
#[test]
fn a_changed_tile_is_never_believed() {
    let honest = Log::of(u64::MAX, 66_049);
    let forked = Log::of(100, 66_049);
    for log in [&honest, &forked] {
        for old in [1, 256, 300, 65_536] {
            let (before, now) = (honest.head(old), log.head(66_049));
            log.asked.borrow_mut().clear();
            told(&before, &now, log).expect("told");
            let asked = log.asked.borrow().clone();
            for bad in asked {
                for place in [0, 31, usize::from(bad.width) * 32 - 1] {
                    let fetch = |path: &TilePath| {
                        let mut bytes = log.fetch(path)?;
                        if *path == bad {
                            bytes[place] ^= 1;
                        }
                        Ok(bytes)
                    };
                    let failure = compare(Lang::En, &before, &now, &fetch).expect_err("a changed tile");
                    assert_eq!(failure.exit, exit::TILES, "{bad}, byte {place}");
                }
                let short = |path: &TilePath| {
                    let mut bytes = log.fetch(path)?;
                    if *path == bad {
                        bytes.truncate(bytes.len() - 32);
                    }
                    Ok(bytes)
                };
                assert_eq!(compare(Lang::En, &before, &now, &short).expect_err("short").exit, exit::TILES);
            }
        }
    }
}

#[test]
fn a_forked_log_cannot_pass_with_the_tiles_of_the_honest_one() {
    let (honest, forked) = (Log::of(u64::MAX, 600), Log::of(100, 600));
    let failure = told(&honest.head(300), &forked.head(600), &honest).expect_err("other tiles");
    assert_eq!(failure.exit, exit::TILES);
}
