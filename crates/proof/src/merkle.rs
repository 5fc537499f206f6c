//! RFC 9162 §2.1 trees: roots, inclusion and consistency, proved from complete nodes and verified from nothing.

use crate::hash::TreeAlgorithm;
use crate::ids::{Index, TreeSize};
use crate::limits::PATH_HASHES;
use alloc::vec::Vec;
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
            Self::IndexBeyondSize { index, size } => {
                write!(f, "index {} is not in a tree of {} leaves", index.0, size.0)
            }
            Self::SizeWentBack { old, new } => {
                write!(f, "a tree of {} leaves cannot grow to {}", old.0, new.0)
            }
            Self::PathLength { given } => write!(f, "a path of {given} hashes does not fit this place"),
            Self::RootMismatch => f.write_str("the path leads to another root"),
        }
    }
}
impl core::error::Error for MerkleError {}

/// Why a path could not be computed.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProveError<E> {
    /// The question makes no sense for these sizes.
    Merkle(MerkleError),
    /// The reader of nodes failed.
    Read(E),
}

/// Gives the root of a complete subtree, or says why it cannot.
pub type Read<'a, A, E> = dyn FnMut(Node) -> Result<<A as TreeAlgorithm>::Digest, E> + 'a;
/// What a prover gives.
pub type Proved<T, E> = Result<T, ProveError<E>>;

/// A complete subtree: the 2^level leaves that begin at `index · 2^level`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Node {
    /// 0 for leaves.
    pub level: u8,
    /// Position within its level.
    pub index: u64,
}

/// The root of these leaf hashes; the hash of nothing when there are none (RFC 9162 §2.1.1).
pub fn root<A: TreeAlgorithm>(leaves: &[A::Digest]) -> A::Digest {
    fold_levels::<A>(leaves, &mut |_| {})
}

/// The inclusion path of one leaf among leaf hashes held in memory, or `None` when it is not among them.
pub fn path_in<A: TreeAlgorithm>(leaves: &[A::Digest], index: usize) -> Option<Vec<A::Digest>> {
    leaves.get(index)?;
    let mut position = index;
    let mut path = Vec::new();
    fold_levels::<A>(leaves, &mut |level| {
        path.extend(level.get(position ^ 1));
        position >>= 1;
    });
    Some(path)
}

/// Pairs level by level; an odd last node is promoted, which gives the same tree as the RFC's split at the largest
/// power of two.
fn fold_levels<A: TreeAlgorithm>(leaves: &[A::Digest], seen: &mut dyn FnMut(&[A::Digest])) -> A::Digest {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        seen(&level);
        level = level
            .chunks(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(A::node(left, right)),
                [odd] => Some(*odd),
                _ => None,
            })
            .collect();
    }
    level.first().copied().unwrap_or_else(|| A::digest(&[]))
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
    let climbed = climb(index.0, last, path, &mut |sibling, is_left| {
        hash = if is_left { A::node(sibling, &hash) } else { A::node(&hash, sibling) };
    });
    if !climbed {
        return Err(wrong_length);
    }
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
    let climbed = climb(position, last, rest, &mut |sibling, is_left| {
        if is_left {
            to_old = A::node(sibling, &to_old);
            to_new = A::node(sibling, &to_new);
        } else {
            to_new = A::node(&to_new, sibling);
        }
    });
    if !climbed {
        return Err(wrong_length);
    }
    if to_old == *old_root && to_new == *new_root { Ok(()) } else { Err(MerkleError::RootMismatch) }
}

/// Walks a path from this position of a level whose last position is `last` up to the root, telling of each sibling
/// whether it stands on the left; false when the path is not exactly as long as the way.
fn climb<D>(mut position: u64, mut last: u64, path: &[D], step: &mut dyn FnMut(&D, bool)) -> bool {
    for sibling in path {
        if last == 0 {
            return false;
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
    last == 0
}

/// The root of the tree of this size, read from its complete nodes.
///
/// # Errors
/// What the reader says.
pub fn root_of<A: TreeAlgorithm, E>(size: TreeSize, read: &mut Read<'_, A, E>) -> Proved<A::Digest, E> {
    range_root::<A, E>(0, size.0, read)
}

/// The path that [`verify_inclusion`] accepts (RFC 9162 §2.1.3.1).
///
/// # Errors
/// Index beyond the size; what the reader says.
pub fn prove_inclusion<A: TreeAlgorithm, E>(
    index: Index,
    size: TreeSize,
    read: &mut Read<'_, A, E>,
) -> Proved<Vec<A::Digest>, E> {
    if index.0 >= size.0 {
        return Err(ProveError::Merkle(MerkleError::IndexBeyondSize { index, size }));
    }
    let (mut start, mut end) = (0, size.0);
    let mut path = Vec::new();
    while let Some(middle) = split(start, end) {
        if index.0 < middle {
            path.push(range_root::<A, E>(middle, end, read)?);
            end = middle;
        } else {
            path.push(range_root::<A, E>(start, middle, read)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The path that [`verify_consistency`] accepts (RFC 9162 §2.1.4.1).
///
/// # Errors
/// Sizes that go back; what the reader says.
pub fn prove_consistency<A: TreeAlgorithm, E>(
    old: TreeSize,
    new: TreeSize,
    read: &mut Read<'_, A, E>,
) -> Proved<Vec<A::Digest>, E> {
    if old > new {
        return Err(ProveError::Merkle(MerkleError::SizeWentBack { old, new }));
    }
    let mut path = Vec::new();
    if old == new || old.0 == 0 {
        return Ok(path);
    }
    let (mut start, mut end) = (0, new.0);
    while old.0 != end {
        let Some(middle) = split(start, end) else { break };
        if old.0 <= middle {
            path.push(range_root::<A, E>(middle, end, read)?);
            end = middle;
        } else {
            path.push(range_root::<A, E>(start, middle, read)?);
            start = middle;
        }
    }
    if start != 0 {
        path.push(range_root::<A, E>(start, end, read)?);
    }
    path.reverse();
    Ok(path)
}

/// Where a range of two leaves or more splits: after the largest power of two below its length.
fn split(start: u64, end: u64) -> Option<u64> {
    let length = end.checked_sub(start)?;
    let below = length.checked_sub(1).filter(|below| *below > 0)?;
    start.checked_add(1u64.checked_shl(below.ilog2())?)
}

/// The root of leaves `start..end`; `start` is a multiple of the smallest power of two that covers the range.
fn range_root<A: TreeAlgorithm, E>(start: u64, end: u64, read: &mut Read<'_, A, E>) -> Proved<A::Digest, E> {
    let length = end.saturating_sub(start);
    if length == 0 {
        return Ok(A::digest(&[]));
    }
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        let index = start.checked_shr(level).unwrap_or(0);
        let node = Node { level: u8::try_from(level).unwrap_or(u8::MAX), index };
        return read(node).map_err(ProveError::Read);
    }
    let middle = split(start, end).unwrap_or(end);
    let left = range_root::<A, E>(start, middle, read)?;
    let right = range_root::<A, E>(middle, end, read)?;
    Ok(A::node(&left, &right))
}
