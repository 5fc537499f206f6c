//! Paths proved here and verified by `proof`, for every size up to 512, every index and every pair of sizes; and on random trees the
//! same roots and paths as `tlog_tiles`, each side verifying what the other proves.
#![allow(missing_docs, clippy::unwrap_used)]

use ledger::paths::{Node, ProveError, path_in, prove_consistency, prove_inclusion, prove_inclusions, root_of};
use proof::merkle::{MerkleError, root, verify_consistency, verify_inclusion};
use proof::{Hash, Index, Sha256Tree, TreeAlgorithm, TreeSize, sha256};
use proptest::prelude::*;
use tlog_tiles::{HashReader, tlog};

const SIZES: u64 = 512;

/// Every complete subtree, by level.
struct Levels(Vec<Vec<Hash>>);

impl Levels {
    fn of(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while levels.last().is_some_and(|level| level.len() > 1) {
            let pairs = levels.last().unwrap().as_chunks::<2>().0;
            levels.push(pairs.iter().map(|[left, right]| Sha256Tree::node(left, right)).collect());
        }
        Self(levels)
    }

    fn counted(count: u64) -> Self {
        Self::of((0..count).map(|n| Sha256Tree::leaf(&n.to_be_bytes())).collect())
    }

    fn leaves(&self) -> &[Hash] {
        &self.0[0]
    }

    fn read(&self, node: Node) -> Result<Hash, Node> {
        self.0.get(usize::from(node.level)).and_then(|level| level.get(node.index as usize)).copied().ok_or(node)
    }

    fn root(&self, size: u64) -> Hash {
        root_of::<Sha256Tree, _>(TreeSize(size), &mut |node| self.read(node)).unwrap()
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        prove_inclusion::<Sha256Tree, _>(Index(index), TreeSize(size), &mut |node| self.read(node)).unwrap()
    }

    fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        prove_consistency::<Sha256Tree, _>(TreeSize(old), TreeSize(new), &mut |node| self.read(node)).unwrap()
    }
}

#[test]
fn every_index_of_every_size_is_proved_and_its_neighbours_are_not() {
    let tree = Levels::counted(SIZES);
    let other = sha256(b"other");
    for size in 1..=SIZES {
        let whole = tree.root(size);
        assert_eq!(whole, root::<Sha256Tree>(&tree.leaves()[..size as usize]));
        for index in 0..size {
            let path = tree.inclusion(index, size);
            let leaf = &tree.leaves()[index as usize];
            let verify = |index: u64, path: &[Hash], root: &Hash| {
                verify_inclusion::<Sha256Tree>(Index(index), TreeSize(size), leaf, path, root)
            };
            assert_eq!(verify(index, &path, &whole), Ok(()), "{index} of {size}");
            assert_eq!(verify(index, &path, &other), Err(MerkleError::RootMismatch), "{index} of {size}");
            for neighbour in [index.checked_sub(1), index.checked_add(1)].into_iter().flatten() {
                assert!(verify(neighbour, &path, &whole).is_err(), "{neighbour} for {index} of {size}");
            }
            if let Some((_, shorter)) = path.split_last() {
                assert_eq!(verify(index, shorter, &whole), Err(MerkleError::PathLength { given: shorter.len() }));
            }
        }
    }
}

#[test]
fn every_pair_of_sizes_is_proved_and_its_neighbours_are_not() {
    let tree = Levels::counted(SIZES);
    let roots: Vec<Hash> = (0..=SIZES).map(|size| tree.root(size)).collect();
    let other = sha256(b"other");
    for new in 0..=SIZES {
        for old in 0..=new {
            let path = tree.consistency(old, new);
            let verify = |old: u64, path: &[Hash], old_root: &Hash, new_root: &Hash| {
                verify_consistency::<Sha256Tree>(TreeSize(old), TreeSize(new), old_root, new_root, path)
            };
            let (old_root, new_root) = (&roots[old as usize], &roots[new as usize]);
            assert_eq!(verify(old, &path, old_root, new_root), Ok(()), "{old} {new}");
            assert!(verify(old, &path, &other, new_root).is_err(), "{old} {new}");
            // The tree of nothing is the beginning of every larger tree, whatever its root.
            assert_eq!(verify(old, &path, old_root, &other).is_err(), old > 0 || new == 0, "{old} {new}");
            if old > 0 && old < new {
                assert!(verify(old + 1, &path, old_root, new_root).is_err(), "{old} {new}");
            }
            if let Some((_, shorter)) = path.split_last() {
                assert!(verify(old, shorter, old_root, new_root).is_err(), "{old} {new}");
            }
        }
    }
}

#[test]
fn a_path_in_memory_is_the_path_out_of_nodes() {
    let tree = Levels::counted(130);
    for size in 1..=130_usize {
        for index in 0..size {
            let path = path_in::<Sha256Tree>(&tree.leaves()[..size], index);
            assert_eq!(path, Some(tree.inclusion(index as u64, size as u64)), "{index} of {size}");
        }
        assert_eq!(path_in::<Sha256Tree>(&tree.leaves()[..size], size), None);
    }
}

/// Each path alone, computed without what it shares, is the judge of the paths computed together.
#[test]
fn paths_proved_together_are_those_proved_alone() {
    let tree = Levels::counted(300);
    for size in (1..=70).chain([127, 128, 129, 255, 256, 257, 300]) {
        for first in [0, 1, size / 3, size / 2, size - 1, size] {
            let mut read = |node| tree.read(node);
            let together = prove_inclusions::<Sha256Tree, _>(Index(first), TreeSize(size), &mut read).unwrap();
            let alone: Vec<_> = (first..size).map(|index| tree.inclusion(index, size)).collect();
            assert_eq!(together, alone, "{first} of {size}");
        }
    }
}

#[test]
fn questions_without_sense_and_nodes_that_are_missing_are_told() {
    let tree = Levels::counted(3);
    let mut read = |node| tree.read(node);
    let beyond = MerkleError::IndexBeyondSize { index: Index(3), size: TreeSize(3) };
    let proved = prove_inclusion::<Sha256Tree, _>(Index(3), TreeSize(3), &mut read);
    assert_eq!(proved, Err(ProveError::Merkle(beyond)));
    let back = MerkleError::SizeWentBack { old: TreeSize(2), new: TreeSize(1) };
    let proved = prove_consistency::<Sha256Tree, _>(TreeSize(2), TreeSize(1), &mut read);
    assert_eq!(proved, Err(ProveError::Merkle(back)));
    let missing = Node { level: 0, index: 3 };
    let proved = prove_inclusion::<Sha256Tree, _>(Index(2), TreeSize(4), &mut read);
    assert_eq!(proved, Err(ProveError::Read(missing)));
    assert!(root_of::<Sha256Tree, _>(TreeSize(4), &mut read).is_err());
    let leaf = sha256(b"leaf");
    let deepest = prove_inclusion::<Sha256Tree, ()>(Index(0), TreeSize(u64::MAX), &mut |_| Ok(leaf)).unwrap();
    assert_eq!(deepest.len(), 64);
}

/// The other house's tree of the same leaf data: its hashes in its own order.
struct Stored(Vec<tlog::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

impl Stored {
    fn of(data: &[Vec<u8>]) -> Self {
        let mut stored = Self(Vec::new());
        for (n, data) in data.iter().enumerate() {
            let added = tlog::stored_hashes(n as u64, data, &stored).unwrap();
            stored.0.extend(added);
        }
        stored
    }
}

fn theirs(hashes: &[Hash]) -> Vec<tlog::Hash> {
    hashes.iter().map(|hash| tlog::Hash(hash.0)).collect()
}

fn ours(hashes: &[tlog::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

/// One tree, in both houses: roots at both sizes, the path of one leaf, the path between the sizes.
fn compare(data: &[Vec<u8>], index: u64, old: u64) {
    let size = data.len() as u64;
    let (tree, stored) = (Levels::of(data.iter().map(|data| Sha256Tree::leaf(data)).collect()), Stored::of(data));
    let (root, old_root) = (tree.root(size), tree.root(old));
    let their_root = tlog::tree_hash(size, &stored).unwrap();
    let their_old_root = tlog::tree_hash(old, &stored).unwrap();
    assert_eq!((root, old_root), (Hash(their_root.0), Hash(their_old_root.0)));
    let leaf = tree.leaves()[index as usize];
    assert_eq!(leaf, Hash(tlog::record_hash(&data[index as usize]).0));
    let (path, their_path) = (tree.inclusion(index, size), tlog::prove_record(size, index, &stored).unwrap());
    assert_eq!(theirs(&path), their_path);
    tlog::check_record(&theirs(&path), size, their_root, index, tlog::Hash(leaf.0)).unwrap();
    verify_inclusion::<Sha256Tree>(Index(index), TreeSize(size), &leaf, &ours(&their_path), &root).unwrap();
    let path = tree.consistency(old, size);
    if old > 0 {
        let their_path = tlog::prove_tree(size, old, &stored).unwrap();
        assert_eq!(theirs(&path), their_path);
        tlog::check_tree(&theirs(&path), size, their_root, old, their_old_root).unwrap();
    }
    verify_consistency::<Sha256Tree>(TreeSize(old), TreeSize(size), &old_root, &root, &path).unwrap();
    disagreements(&tree, index, size, &path, (old, &old_root, &root));
}

/// What one house refuses, the other refuses: a hash changed, left out, added, another place.
fn disagreements(tree: &Levels, index: u64, size: u64, consistency: &[Hash], sizes: (u64, &Hash, &Hash)) {
    let (old, old_root, root) = sizes;
    let leaf = tree.leaves()[index as usize];
    let path = tree.inclusion(index, size);
    let wrong = altered(&path).into_iter().map(|path| (index, path));
    for (place, path) in wrong.chain([(index ^ 1, path), (size, Vec::new())]) {
        let mine = verify_inclusion::<Sha256Tree>(Index(place), TreeSize(size), &leaf, &path, root);
        let other = tlog::check_record(&theirs(&path), size, tlog::Hash(root.0), place, tlog::Hash(leaf.0));
        assert_eq!(mine.is_ok(), other.is_ok(), "{place} of {size}");
    }
    for path in altered(consistency).into_iter().filter(|_| old > 0) {
        let mine = verify_consistency::<Sha256Tree>(TreeSize(old), TreeSize(size), old_root, root, &path);
        let (new_root, old_root) = (tlog::Hash(root.0), tlog::Hash(old_root.0));
        let other = tlog::check_tree(&theirs(&path), size, new_root, old, old_root);
        assert_eq!(mine.is_ok(), other.is_ok(), "{old} {size}");
    }
}

fn altered(path: &[Hash]) -> Vec<Vec<Hash>> {
    let other = sha256(b"other");
    let mut all = vec![[path, &[other]].concat(), [&[other], path].concat()];
    for place in 0..path.len() {
        let mut changed = path.to_vec();
        changed[place] = other;
        all.push(changed.clone());
        changed.remove(place);
        all.push(changed);
    }
    all
}

#[test]
fn small_trees_agree_with_tlog_tiles_at_every_place() {
    let data: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n]).collect();
    for size in 1..=40 {
        for place in 0..size {
            compare(&data[..size], place as u64, place as u64);
        }
        compare(&data[..size], 0, size as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_trees_agree_with_tlog_tiles(
        data in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..8), 1..3000),
        index: proptest::sample::Index,
        old: proptest::sample::Index,
    ) {
        compare(&data, index.index(data.len()) as u64, old.index(data.len() + 1) as u64);
    }
}
