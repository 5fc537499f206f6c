//! RFC 9162 §2.1 trees: roots over leaf hashes held in memory, inclusion and consistency verified from nothing.
//!
//! Proving from what a log stores is the log's business (`ledger::paths`); what a stranger needs is here.

use crate::hash::TreeAlgorithm;
use crate::ids::{Index, TreeSize};
use crate::limits::PATH_HASHES;
use core::fmt;

/// Why a path proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum MerkleError {
    /// The index is not below the size.
    IndexBeyondSize {
        /// The index asked for.
        index: Index,
        /// The size of the tree.
        size: TreeSize,
    },
    /// The older tree is larger than the newer.
    SizeWentBack {
        /// The older tree.
        old: TreeSize,
        /// The newer tree.
        new: TreeSize,
    },
    /// The path has another number of hashes than this place in this tree needs.
    PathLength {
        /// Hashes given.
        given: usize,
    },
    /// The path leads to another root than the one given.
    RootMismatch,
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndexBeyondSize { index, size } => write!(f, "no index {} in a tree of {} leaves", index.0, size.0),
            Self::SizeWentBack { old, new } => write!(f, "a tree of {} leaves cannot grow to {}", old.0, new.0),
            Self::PathLength { given } => write!(f, "a path of {given} hashes does not fit this place"),
            Self::RootMismatch => f.write_str("the path leads to another root"),
        }
    }
}
impl core::error::Error for MerkleError {}

/// The root of these leaf hashes; the hash of nothing when there are none (RFC 9162 §2.1.1).
pub fn root<A: TreeAlgorithm>(leaves: &[A::Digest]) -> A::Digest {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level.chunks(2).filter_map(pair_up::<A>).collect();
    }
    level.first().copied().unwrap_or_else(|| A::digest(&[]))
}

/// The node over two neighbours. An odd last one is promoted, which gives the same tree as the RFC's split at the largest
/// power of two.
fn pair_up<A: TreeAlgorithm>(pair: &[A::Digest]) -> Option<A::Digest> {
    match pair {
        [left, right] => Some(A::node(left, right)),
        odd => odd.first().copied(),
    }
}

/// The leaf stands at this index of the tree of this size and root (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`MerkleError`]: index beyond the size, a path of the wrong length, another root.
pub fn verify_inclusion<A: TreeAlgorithm>(
    index: Index,
    size: TreeSize,
    leaf: &A::Digest,
    path: &[A::Digest],
    root: &A::Digest,
) -> Result<(), MerkleError> {
    let wrong_length = MerkleError::PathLength { given: path.len() };
    let Some(last) = size.0.checked_sub(1).filter(|last| index.0 <= *last) else {
        return Err(MerkleError::IndexBeyondSize { index, size });
    };
    if path.len() > PATH_HASHES {
        return Err(wrong_length);
    }
    let mut hash = *leaf;
    climb(index.0, last, path, &mut |sibling, is_left| {
        hash = if is_left { A::node(sibling, &hash) } else { A::node(&hash, sibling) };
    })
    .ok_or(wrong_length)?;
    if hash == *root { Ok(()) } else { Err(MerkleError::RootMismatch) }
}

/// The newer tree begins with every leaf of the older, in the same order (RFC 9162 §2.1.4.2).
///
/// An empty older tree is the beginning of every tree, and needs an empty path and the root of nothing.
///
/// # Errors
/// [`MerkleError`]: sizes that go back, a path of the wrong length, another root of either tree.
pub fn verify_consistency<A: TreeAlgorithm>(
    old: TreeSize,
    new: TreeSize,
    old_root: &A::Digest,
    new_root: &A::Digest,
    path: &[A::Digest],
) -> Result<(), MerkleError> {
    let wrong_length = MerkleError::PathLength { given: path.len() };
    if old > new {
        return Err(MerkleError::SizeWentBack { old, new });
    }
    if path.len() > PATH_HASHES || ((old == new || old.0 == 0) != path.is_empty()) {
        return Err(wrong_length);
    }
    if old == new {
        return if old_root == new_root { Ok(()) } else { Err(MerkleError::RootMismatch) };
    }
    let (Some(mut position), Some(mut last)) = (old.0.checked_sub(1), new.0.checked_sub(1)) else {
        return if *old_root == A::digest(&[]) { Ok(()) } else { Err(MerkleError::RootMismatch) };
    };
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    // A complete older tree is its own first node; otherwise the path begins with it.
    let (first, rest) = match path.split_first() {
        Some((first, rest)) if position != 0 => (first, rest),
        _ => (old_root, path),
    };
    let (mut to_old, mut to_new) = (*first, *first);
    climb(position, last, rest, &mut |sibling, is_left| {
        if is_left {
            to_old = A::node(sibling, &to_old);
            to_new = A::node(sibling, &to_new);
        } else {
            to_new = A::node(&to_new, sibling);
        }
    })
    .ok_or(wrong_length)?;
    if to_old == *old_root && to_new == *new_root { Ok(()) } else { Err(MerkleError::RootMismatch) }
}

/// Walks a path from this position of a level whose last position is `last` up to the root, telling of each sibling
/// whether it stands on the left; `None` when the path is not exactly as long as the way.
fn climb<D>(mut position: u64, mut last: u64, path: &[D], step: &mut dyn FnMut(&D, bool)) -> Option<()> {
    for sibling in path {
        if last == 0 {
            return None;
        }
        let is_left = position & 1 == 1 || position == last;
        step(sibling, is_left);
        // Promoted levels: the last node has no sibling until it is a right child again.
        while is_left && position & 1 == 0 && position != 0 {
            position >>= 1;
            last >>= 1;
        }
        position >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(())
}
