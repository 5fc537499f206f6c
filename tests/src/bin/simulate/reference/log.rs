//! The tree of the reference: leaf hashes in a row, and the recursion of RFC 9162 §2.1 over them. Complete subtrees are kept,
//! or a long story would be hashed again at every step; nothing else is clever here.

use super::forms::{Digest, sha256};

/// Leaf hashes, with the roots of complete subtrees above them.
#[derive(Default)]
pub struct Log {
    /// Level 0 holds the leaf hashes, level n the roots of the complete subtrees of 2^n leaves.
    levels: Vec<Vec<Digest>>,
}

/// The hash of a leaf.
pub fn leaf_hash(data: &[u8]) -> Digest {
    sha256(&[&[0], data])
}

fn node(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], left, right])
}

impl Log {
    /// Number of leaves.
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// One leaf more.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            match hashes.as_slice() {
                [.., left, right] if hashes.len().is_multiple_of(2) => hash = node(left, right),
                _ => return,
            }
        }
    }

    /// As it was with so many leaves.
    pub fn truncate(&mut self, size: usize) {
        self.levels.iter_mut().enumerate().for_each(|(level, hashes)| hashes.truncate(size >> level));
    }

    /// The root of the first leaves.
    pub fn root(&self, size: usize) -> Digest {
        self.range(0, size)
    }

    /// The root after these leaves, which are not kept.
    pub fn root_after(&mut self, leaves: &[Digest]) -> Digest {
        let size = self.size();
        leaves.iter().for_each(|leaf| self.push(*leaf));
        let root = self.root(self.size());
        self.truncate(size);
        root
    }

    /// The inclusion path of a leaf in the tree of the first `size` leaves, from its sibling up (RFC 9162 §2.1.3.1).
    pub fn path(&self, index: usize, size: usize) -> Vec<Digest> {
        let (mut start, mut end) = (0, size);
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end));
                end = middle;
            } else {
                path.push(self.range(start, middle));
                start = middle;
            }
        }
        path.reverse();
        path
    }

    /// The hashes of a tile when the log has this size: up to 256 complete subtrees of 256^level leaves.
    pub fn tile(&self, level: u8, index: u64, size: usize) -> Vec<u8> {
        let height = 8 * usize::from(level);
        let hashes = self.levels.get(height).map(Vec::as_slice).unwrap_or_default();
        let first = index as usize * 256;
        let end = (size >> height).min(first + 256);
        hashes.get(first..end).unwrap_or_default().concat()
    }

    fn range(&self, start: usize, end: usize) -> Digest {
        let length = end - start;
        if length == 0 {
            return sha256(&[]);
        }
        if length.is_power_of_two() && start.is_multiple_of(length) {
            return self.levels[length.trailing_zeros() as usize][start / length];
        }
        let middle = start + split(length);
        node(&self.range(start, middle), &self.range(middle, end))
    }
}

/// The largest power of two smaller than a length of two or more.
fn split(length: usize) -> usize {
    1 << (length - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::{Digest, Log, leaf_hash, node, split};

    /// RFC 9162 §2.1.1, letter by letter.
    fn plain(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => super::sha256(&[]),
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node(&plain(left), &plain(right))
            }
        }
    }

    #[test]
    fn kept_subtrees_change_no_root_and_no_path() {
        let leaves: Vec<Digest> = (0..300_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut log = Log::default();
        leaves.iter().for_each(|leaf| log.push(*leaf));
        for size in (0..70).chain([255, 256, 257, 300]) {
            assert_eq!(log.root(size), plain(&leaves[..size]), "{size}");
        }
        let (size, root) = (proof::TreeSize(77), proof::Hash(log.root(77)));
        for (index, leaf) in leaves.iter().enumerate().take(77) {
            let path: Vec<proof::Hash> = log.path(index, 77).into_iter().map(proof::Hash).collect();
            let (place, leaf) = (proof::Index(index as u64), proof::Hash(*leaf));
            proof::merkle::verify_inclusion::<proof::Sha256Tree>(place, size, &leaf, &path, &root)
                .expect("the public verifier agrees");
        }
        assert_eq!(log.tile(0, 1, 300), leaves[256..].concat());
        assert_eq!(log.tile(1, 0, 300), plain(&leaves[..256]));
        log.truncate(33);
        assert_eq!((log.size(), log.root(33)), (33, plain(&leaves[..33])));
        assert_eq!(log.root_after(&leaves[33..41]), plain(&leaves[..41]));
        assert_eq!(log.size(), 33);
    }
}
