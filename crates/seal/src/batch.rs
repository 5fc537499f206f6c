//! The tree of a batch (RFC 4998 §4.2): groups of exactly two hashes, then pairs, sorted and hashed.
//!
//! An odd node is promoted unchanged, so no node is ever paired with itself.

use sha2::{Digest, Sha256};

use crate::digest::DigestAlgorithm;

/// The node over two hashes: SHA-256 of both, the smaller first (RFC 4998 §4.2, binary ascending order).
pub fn group_hash(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    let mut digest = Sha256::new();
    digest.update(low);
    digest.update(high);
    digest.finalize().into()
}

/// The root over the groups' hashes, in log order; `None` when there is no group.
pub fn batch_root(groups: &[[u8; 32]]) -> Option<[u8; 32]> {
    let mut level = groups.to_vec();
    while level.len() > 1 {
        level = parents(&level);
    }
    level.first().copied()
}

/// The siblings from the group at `position` up to the root, bottom first; levels where the node is promoted
/// are skipped. `None` when there is no such group.
pub fn batch_path(groups: &[[u8; 32]], position: usize) -> Option<Vec<[u8; 32]>> {
    if position >= groups.len() {
        return None;
    }
    let mut level = groups.to_vec();
    let mut here = position;
    let mut path = Vec::new();
    while level.len() > 1 {
        if let Some(sibling) = level.get(here ^ 1) {
            path.push(*sibling);
        }
        level = parents(&level);
        here /= 2;
    }
    Some(path)
}

/// The root reached from a group's hash by a path of [`batch_path`].
pub fn root_from_path(group: &[u8; 32], path: &[[u8; 32]]) -> [u8; 32] {
    path.iter().fold(*group, |node, sibling| group_hash(&node, sibling))
}

fn parents(level: &[[u8; 32]]) -> Vec<[u8; 32]> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [a, b] => group_hash(a, b),
            [alone, ..] => *alone,
            [] => [0; 32],
        })
        .collect()
}

/// The value a group of any size stands for in a tree (RFC 4998 §4.2): its only hash, or the digest of all, sorted and joined.
pub fn archive_node(algorithm: DigestAlgorithm, group: &[Vec<u8>]) -> Vec<u8> {
    let mut hashes: Vec<&[u8]> = group.iter().map(Vec::as_slice).collect();
    hashes.sort_unstable();
    match hashes.as_slice() {
        [alone] => alone.to_vec(),
        all => algorithm.digest(&all.concat()),
    }
}

/// The root over groups of any size under any digest, paired as [`batch_root`] pairs; `None` without groups.
pub fn archive_root(algorithm: DigestAlgorithm, groups: &[Vec<Vec<u8>>]) -> Option<Vec<u8>> {
    let mut level = nodes(algorithm, groups);
    while level.len() > 1 {
        level = pairs(algorithm, &level);
    }
    level.pop()
}

/// The reduced tree of one group (RFC 4998 §4.2): its hashes, sorted, then the siblings up to the root, one a list. `None` when
/// there is no such group.
pub fn archive_lists(
    algorithm: DigestAlgorithm,
    groups: &[Vec<Vec<u8>>],
    position: usize,
) -> Option<Vec<Vec<Vec<u8>>>> {
    let mut first = groups.get(position)?.clone();
    first.sort();
    let mut lists = vec![first];
    let (mut level, mut here) = (nodes(algorithm, groups), position);
    while level.len() > 1 {
        lists.extend(level.get(here ^ 1).map(|sibling| vec![sibling.clone()]));
        level = pairs(algorithm, &level);
        here /= 2;
    }
    Some(lists)
}

fn nodes(algorithm: DigestAlgorithm, groups: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    groups.iter().map(|group| archive_node(algorithm, group)).collect()
}

fn pairs(algorithm: DigestAlgorithm, level: &[Vec<u8>]) -> Vec<Vec<u8>> {
    level.chunks(2).map(|pair| archive_node(algorithm, pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(count: u32) -> Vec<[u8; 32]> {
        (0..count).map(|n| Sha256::digest(n.to_be_bytes()).into()).collect()
    }

    #[test]
    fn every_path_leads_to_the_root() {
        for count in 1..70 {
            let groups = groups(count);
            let root = batch_root(&groups).unwrap();
            for (position, group) in groups.iter().enumerate() {
                let path = batch_path(&groups, position).unwrap();
                assert_eq!(root_from_path(group, &path), root, "{count} groups, position {position}");
            }
            assert_eq!(batch_path(&groups, groups.len()), None);
        }
        assert_eq!(batch_root(&[]), None);
    }

    #[test]
    fn the_order_inside_a_group_is_forgotten_the_order_of_groups_is_not() {
        let g = groups(3);
        assert_eq!(group_hash(&g[0], &g[1]), group_hash(&g[1], &g[0]));
        assert_ne!(batch_root(&[g[0], g[1], g[2]]), batch_root(&[g[0], g[2], g[1]]));
    }

    #[test]
    fn an_odd_node_is_promoted_unchanged() {
        let g = groups(3);
        assert_eq!(batch_root(&g), Some(group_hash(&group_hash(&g[0], &g[1]), &g[2])));
        assert_eq!(batch_path(&g, 2), Some(vec![group_hash(&g[0], &g[1])]));
    }
}
