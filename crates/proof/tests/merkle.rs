//! Trees: every size up to 512, every index, every pair of sizes; and every single fault refused. Paths come from the RFC's own
//! recursive definitions, so that nothing of the house proves what the house verifies.
#![allow(missing_docs, clippy::unwrap_used)]

mod definition;

use definition::Definition;
use proof::merkle::{MerkleError, root, verify_consistency, verify_inclusion};
use proof::{Hash, Hash512, Index, Sha256Tree, Sha512Tree, TreeAlgorithm, TreeSize, sha256};

const SIZES: usize = 512;
/// Up to this size every wrong index and every position of a path is tried; beyond it, the neighbours and the ends.
const EVERY_FAULT: usize = 100;

fn include(index: usize, size: usize, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), MerkleError> {
    verify_inclusion::<Sha256Tree>(Index(index as u64), TreeSize(size as u64), leaf, path, root)
}

fn consist(old: usize, new: usize, old_root: &Hash, new_root: &Hash, path: &[Hash]) -> Result<(), MerkleError> {
    verify_consistency::<Sha256Tree>(TreeSize(old as u64), TreeSize(new as u64), old_root, new_root, path)
}

#[test]
fn roots_agree_with_the_definition_at_every_size() {
    let (mut short, mut long) = (Definition::<Sha256Tree>::of(SIZES), Definition::<Sha512Tree>::of(SIZES));
    for size in 0..=SIZES {
        assert_eq!(root::<Sha256Tree>(&short.leaves[..size]), short.mth(0, size), "{size}");
        assert_eq!(root::<Sha512Tree>(&long.leaves[..size]), long.mth(0, size), "{size}");
    }
}

#[test]
fn every_index_of_every_size_is_included_and_every_fault_refused() {
    let mut tree = Definition::<Sha256Tree>::of(SIZES);
    for size in 1..=SIZES {
        let root = tree.mth(0, size);
        for index in 0..size {
            let path = tree.path(index, 0, size);
            let leaf = tree.leaves[index];
            assert_eq!(include(index, size, &leaf, &path, &root), Ok(()), "{index} of {size}");
            refuse_inclusion_faults(index, size, &leaf, &path, &root);
        }
    }
}

fn refuse_inclusion_faults(index: usize, size: usize, leaf: &Hash, path: &[Hash], root: &Hash) {
    let other = sha256(b"other");
    let mismatch = Err(MerkleError::RootMismatch);
    assert_eq!(include(index, size, &other, path, root), mismatch);
    assert_eq!(include(index, size, leaf, path, &other), mismatch);
    let beyond = MerkleError::IndexBeyondSize { index: Index(size as u64), size: TreeSize(size as u64) };
    assert_eq!(include(size, size, leaf, path, root), Err(beyond));
    let every = size <= EVERY_FAULT;
    for wrong in if every { 0..size } else { index.saturating_sub(1)..(index + 2).min(size) } {
        assert_eq!(include(wrong, size, leaf, path, root).is_ok(), wrong == index, "{wrong} for {index} of {size}");
    }
    let longer = [path, &[other]].concat();
    assert_eq!(include(index, size, leaf, &longer, root), Err(MerkleError::PathLength { given: longer.len() }));
    if let Some((_, shorter)) = path.split_last() {
        assert_eq!(include(index, size, leaf, shorter, root), Err(MerkleError::PathLength { given: shorter.len() }));
        assert!(include(index, size, leaf, &path[1..], root).is_err());
    }
    for position in (0..path.len()).filter(|position| every || *position == 0 || position + 1 == path.len()) {
        let mut altered = path.to_vec();
        altered[position] = other;
        assert_eq!(include(index, size, leaf, &altered, root), mismatch);
    }
}

#[test]
fn every_pair_of_sizes_is_consistent_and_every_fault_refused() {
    let mut tree = Definition::<Sha256Tree>::of(SIZES);
    let roots: Vec<Hash> = (0..=SIZES).map(|size| tree.mth(0, size)).collect();
    for new in 0..=SIZES {
        for old in 0..=new {
            let path = tree.proof(old, new);
            assert_eq!(consist(old, new, &roots[old], &roots[new], &path), Ok(()), "{old} {new}");
            refuse_consistency_faults(old, new, &roots, &path);
        }
    }
}

fn refuse_consistency_faults(old: usize, new: usize, roots: &[Hash], path: &[Hash]) {
    let other = sha256(b"other");
    let (old_root, new_root) = (&roots[old], &roots[new]);
    assert!(consist(old, new, &other, new_root, path).is_err(), "{old} {new}");
    if old > 0 {
        assert!(consist(old, new, old_root, &other, path).is_err(), "{old} {new}");
        // The tree of nothing is the beginning of every other: only from one leaf on is a size told from its neighbours.
        for wrong in [old - 1, old + 1].into_iter().filter(|wrong| *wrong <= new && *wrong > 0) {
            assert!(consist(wrong, new, old_root, new_root, path).is_err(), "{wrong} for {old}, {new}");
            assert!(consist(old, new, &roots[wrong], new_root, path).is_err(), "root of {wrong} for {old}, {new}");
        }
    }
    assert!(consist(old, new, old_root, new_root, &[path, &[other]].concat()).is_err(), "{old} {new}");
    let every = new <= EVERY_FAULT;
    for position in (0..path.len()).filter(|position| every || *position == 0 || position + 1 == path.len()) {
        let mut altered = path.to_vec();
        altered[position] = other;
        assert!(consist(old, new, old_root, new_root, &altered).is_err(), "{old} {new} {position}");
        altered.remove(position);
        assert!(consist(old, new, old_root, new_root, &altered).is_err(), "{old} {new} without {position}");
    }
}

#[test]
fn sizes_never_go_back() {
    let a = sha256(b"a");
    let back = Err(MerkleError::SizeWentBack { old: TreeSize(2), new: TreeSize(1) });
    assert_eq!(consist(2, 1, &a, &a, &[]), back);
}

#[test]
fn two_roots_for_one_size_are_never_consistent() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    for size in 0..4 {
        assert_eq!(consist(size, size, &a, &b, &[]), Err(MerkleError::RootMismatch));
    }
}

#[test]
fn the_largest_tree_is_walked_without_overflow() {
    let leaf = sha256(b"leaf");
    let path = vec![leaf; 64];
    let (last, whole) = (Index(u64::MAX - 1), TreeSize(u64::MAX));
    assert!(verify_inclusion::<Sha256Tree>(last, whole, &leaf, &path, &leaf).is_err());
    assert!(verify_consistency::<Sha256Tree>(TreeSize(u64::MAX - 1), whole, &leaf, &leaf, &path).is_err());
    // The first leaf of the largest tree has a sibling at every level.
    let first = path.iter().fold(leaf, |hash, sibling| Sha256Tree::node(&hash, sibling));
    assert_eq!(verify_inclusion::<Sha256Tree>(Index(0), whole, &leaf, &path, &first), Ok(()));
}

#[test]
fn sha512_paths_verify_too() {
    let mut tree = Definition::<Sha512Tree>::of(11);
    let (path, root): (Vec<Hash512>, Hash512) = (tree.path(10, 0, 11), tree.mth(0, 11));
    verify_inclusion::<Sha512Tree>(Index(10), TreeSize(11), &tree.leaves[10], &path, &root).unwrap();
    assert!(verify_inclusion::<Sha512Tree>(Index(9), TreeSize(11), &tree.leaves[10], &path, &root).is_err());
}
