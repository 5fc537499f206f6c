//! Trees: every size, every index, every pair; and every single fault refused.
#![allow(missing_docs, clippy::unwrap_used)]

use proof::merkle::{
    MerkleError, Node, ProveError, path_in, prove_consistency, prove_inclusion, root, root_of, verify_consistency,
    verify_inclusion,
};
use proof::{Hash, Hash512, Index, Sha256Tree, Sha512Tree, TreeAlgorithm, TreeSize, sha256};

const SIZES: u64 = 130;

fn leaves<A: TreeAlgorithm>(count: u64) -> Vec<A::Digest> {
    (0..count).map(|n| A::leaf(&n.to_be_bytes())).collect()
}

/// The RFC's own recursive definition (§2.1.1), as a second opinion.
fn root_by_definition<A: TreeAlgorithm>(leaves: &[A::Digest]) -> A::Digest {
    match leaves {
        [] => A::digest(&[]),
        [one] => *one,
        many => {
            let split = many.len().next_power_of_two() / 2;
            A::node(&root_by_definition::<A>(&many[..split]), &root_by_definition::<A>(&many[split..]))
        }
    }
}

fn reader<A: TreeAlgorithm>(leaves: &[A::Digest]) -> impl FnMut(Node) -> Result<A::Digest, ()> {
    move |node| {
        let width = 1usize << node.level;
        let start = node.index as usize * width;
        leaves.get(start..start + width).map(root_by_definition::<A>).ok_or(())
    }
}

#[test]
fn roots_agree_with_the_definition_at_every_size() {
    for size in 0..SIZES {
        let small = leaves::<Sha256Tree>(size);
        assert_eq!(root::<Sha256Tree>(&small), root_by_definition::<Sha256Tree>(&small));
        assert_eq!(
            root_of::<Sha256Tree, _>(TreeSize(size), &mut reader::<Sha256Tree>(&small)),
            Ok(root::<Sha256Tree>(&small))
        );
        let long = leaves::<Sha512Tree>(size);
        assert_eq!(root::<Sha512Tree>(&long), root_by_definition::<Sha512Tree>(&long));
    }
}

#[test]
fn every_inclusion_is_proved_and_verified_by_two_provers() {
    for size in 1..SIZES {
        let hashes = leaves::<Sha256Tree>(size);
        let root = root::<Sha256Tree>(&hashes);
        for index in 0..size {
            let leaf = &hashes[index as usize];
            let path =
                prove_inclusion::<Sha256Tree, _>(Index(index), TreeSize(size), &mut reader::<Sha256Tree>(&hashes))
                    .unwrap();
            assert_eq!(Some(&path), path_in::<Sha256Tree>(&hashes, index as usize).as_ref());
            verify_inclusion::<Sha256Tree>(Index(index), TreeSize(size), leaf, &path, &root).unwrap();
            refuse_every_fault(index, size, leaf, &path, &root);
        }
    }
}

fn refuse_every_fault(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) {
    let verify = |index, size, leaf: &Hash, path: &[Hash], root: &Hash| {
        verify_inclusion::<Sha256Tree>(Index(index), TreeSize(size), leaf, path, root)
    };
    let other = sha256(b"other");
    assert_eq!(verify(index, size, &other, path, root), Err(MerkleError::RootMismatch));
    assert_eq!(verify(index, size, leaf, path, &other), Err(MerkleError::RootMismatch));
    assert_eq!(
        verify(size, size, leaf, path, root),
        Err(MerkleError::IndexBeyondSize { index: Index(size), size: TreeSize(size) })
    );
    for wrong in 0..size {
        assert_eq!(verify(wrong, size, leaf, path, root).is_ok(), wrong == index, "{wrong} for {index} of {size}");
    }
    let mut longer = path.to_vec();
    longer.push(other);
    assert_eq!(verify(index, size, leaf, &longer, root), Err(MerkleError::PathLength { given: longer.len() }));
    if let Some((_, shorter)) = path.split_last() {
        assert_eq!(verify(index, size, leaf, shorter, root), Err(MerkleError::PathLength { given: shorter.len() }));
    }
    for position in 0..path.len() {
        let mut altered = path.to_vec();
        altered[position] = other;
        assert_eq!(verify(index, size, leaf, &altered, root), Err(MerkleError::RootMismatch));
    }
}

#[test]
fn every_consistency_is_proved_verified_and_refused_when_altered() {
    let hashes = leaves::<Sha256Tree>(SIZES);
    let root_at = |size: u64| root::<Sha256Tree>(&hashes[..size as usize]);
    let other = sha256(b"other");
    for new in 0..=SIZES {
        for old in 0..=new {
            let (old_root, new_root) = (root_at(old), root_at(new));
            let path =
                prove_consistency::<Sha256Tree, _>(TreeSize(old), TreeSize(new), &mut reader::<Sha256Tree>(&hashes))
                    .unwrap();
            let verify = |old_root: &Hash, new_root: &Hash, path: &[Hash]| {
                verify_consistency::<Sha256Tree>(TreeSize(old), TreeSize(new), old_root, new_root, path)
            };
            verify(&old_root, &new_root, &path).unwrap();
            assert!(verify(&other, &new_root, &path).is_err(), "{old} {new}");
            if old > 0 {
                assert!(verify(&old_root, &other, &path).is_err(), "{old} {new}");
            }
            let longer = [&path[..], &[other]].concat();
            assert!(verify(&old_root, &new_root, &longer).is_err(), "{old} {new}");
            for position in 0..path.len() {
                let mut altered = path.clone();
                altered[position] = other;
                assert!(verify(&old_root, &new_root, &altered).is_err(), "{old} {new} {position}");
                altered.remove(position);
                assert!(verify(&old_root, &new_root, &altered).is_err(), "{old} {new} without {position}");
            }
        }
    }
}

#[test]
fn sizes_never_go_back() {
    let a = sha256(b"a");
    let back = Err(MerkleError::SizeWentBack { old: TreeSize(2), new: TreeSize(1) });
    assert_eq!(verify_consistency::<Sha256Tree>(TreeSize(2), TreeSize(1), &a, &a, &[]), back);
    let proved = prove_consistency::<Sha256Tree, ()>(TreeSize(2), TreeSize(1), &mut |_| Ok(a));
    assert!(matches!(proved, Err(ProveError::Merkle(MerkleError::SizeWentBack { .. }))));
}

#[test]
fn two_roots_for_one_size_are_never_consistent() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    for size in 0..4 {
        let verdict = verify_consistency::<Sha256Tree>(TreeSize(size), TreeSize(size), &a, &b, &[]);
        assert_eq!(verdict, Err(MerkleError::RootMismatch));
    }
}

#[test]
fn the_largest_tree_is_walked_without_overflow() {
    let leaf = sha256(b"leaf");
    let path = vec![leaf; 64];
    let last = verify_inclusion::<Sha256Tree>(Index(u64::MAX - 1), TreeSize(u64::MAX), &leaf, &path, &leaf);
    assert!(last.is_err());
    assert!(verify_consistency::<Sha256Tree>(TreeSize(u64::MAX - 1), TreeSize(u64::MAX), &leaf, &leaf, &path).is_err());
    let first = prove_inclusion::<Sha256Tree, ()>(Index(0), TreeSize(u64::MAX), &mut |_| Ok(leaf)).unwrap();
    assert_eq!(first.len(), 64);
}

#[test]
fn sha512_paths_verify_too() {
    let hashes = leaves::<Sha512Tree>(11);
    let path = path_in::<Sha512Tree>(&hashes, 10).unwrap();
    let root: Hash512 = root::<Sha512Tree>(&hashes);
    verify_inclusion::<Sha512Tree>(Index(10), TreeSize(11), &hashes[10], &path, &root).unwrap();
    assert!(verify_inclusion::<Sha512Tree>(Index(9), TreeSize(11), &hashes[10], &path, &root).is_err());
}
