//! The tree of an archive: a leaf is SHA-512 of a line, a node SHA-512 of its two children one after the other. Leaves are filled up
//! to a power of two with empty ones, no bytes at all, which are not hashed.
//!
//! Nothing tells a leaf from a node here, unlike RFC 9162: a line of 128 bytes that are two hashes stands for a whole subtree.
//! Whoever counts on this tree must refuse lines that could be hashes (`vitam.rs` takes JSON objects alone).

use sha2::{Digest, Sha512};

/// Bytes of a hash; a filling leaf has none.
pub const HASH_BYTES: usize = 64;
/// Levels of a tree; a zip without zip64 holds fewer lines than 2^32.
pub const LEVELS: usize = 34;

/// SHA-512 of these parts one after the other.
pub fn sha512(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = Sha512::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

/// A tree that grows line by line: the roots of whole subtrees, one at most a level.
#[derive(Default)]
pub struct Tree {
    whole: Vec<Option<Vec<u8>>>,
    lines: u64,
}

impl Tree {
    /// Adds the next line, its newline left out.
    pub fn push(&mut self, line: &[u8]) {
        let mut carried = sha512(&[line]);
        for level in &mut self.whole {
            match level.take() {
                Some(left) => carried = sha512(&[&left, &carried]),
                None => {
                    *level = Some(carried);
                    self.lines = self.lines.saturating_add(1);
                    return;
                }
            }
        }
        self.whole.push(Some(carried));
        self.lines = self.lines.saturating_add(1);
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The root over all lines; `None` without any.
    pub fn root(&self) -> Option<Vec<u8>> {
        if self.lines.is_power_of_two() {
            return self.whole.last().cloned().flatten();
        }
        let (mut open, mut filling) = (None::<Vec<u8>>, Vec::new());
        for level in &self.whole {
            open = match (level, open) {
                (Some(left), Some(right)) => Some(sha512(&[left, &right])),
                (Some(left), None) => Some(sha512(&[left, &filling])),
                (None, Some(left)) => Some(sha512(&[&left, &filling])),
                (None, None) => None,
            };
            filling = sha512(&[&filling, &filling]);
        }
        open
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::as_conversions, clippy::arithmetic_side_effects)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn root(lines: &[&str]) -> Option<Vec<u8>> {
        let mut tree = Tree::default();
        lines.iter().for_each(|line| tree.push(line.as_bytes()));
        tree.root()
    }

    /// Another way: all leaves at once, filled up, level by level.
    fn level_by_level(lines: &[String]) -> Vec<u8> {
        let mut row: Vec<Vec<u8>> = lines.iter().map(|line| sha512(&[line.as_bytes()])).collect();
        row.resize(row.len().next_power_of_two(), Vec::new());
        while row.len() > 1 {
            row = row.chunks(2).map(|pair| sha512(&[&pair[0], &pair[1]])).collect();
        }
        row.remove(0)
    }

    #[test]
    fn roots_are_those_that_vitam_publishes_for_its_own_tree() {
        let expected = |text| BASE64_STANDARD.decode(text).ok();
        let of_three = "QC71vcS+qHQfQEr9kfpQ6Ud0O5myI2GacxkhrzY+jYAch4TFMIgH5nueosyQLLlM1fwGPU4Cah+o+RhWQYbj2w==";
        let of_one = "H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adQ==";
        assert_eq!(root(&["a", "b", "c"]), expected(of_three));
        assert_eq!(root(&["a"]), expected(of_one));
        assert_eq!(root(&[]), None);
    }

    #[test]
    fn grown_or_built_level_by_level_the_root_is_the_same() {
        let mut tree = Tree::default();
        let lines: Vec<String> = (0..130).map(|n| format!("line {n}")).collect();
        for (n, line) in lines.iter().enumerate() {
            tree.push(line.as_bytes());
            assert_eq!(tree.root(), Some(level_by_level(&lines[..=n])), "{n}");
            assert_eq!(tree.lines(), n as u64 + 1);
        }
    }
}
