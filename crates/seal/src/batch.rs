//! The tree of a batch (RFC 4998 §4.2): groups of exactly two hashes, then pairs, sorted and hashed.
//!
//! An odd node is promoted unchanged, so no node is ever paired with itself.

use sha2::{Digest, Sha256};

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
