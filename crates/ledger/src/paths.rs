//! RFC 9162 §2.1.3.1 and §2.1.4.1: roots and paths computed from complete nodes, for trees too large to hold. `proof` verifies
//! what is proved here, and shares no line with it.

use proof::merkle::MerkleError;
use proof::{Index, TreeAlgorithm, TreeSize};

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

/// The root of the tree of this size, read from its complete nodes.
///
/// # Errors
/// What the reader says.
pub fn root_of<A: TreeAlgorithm, E>(size: TreeSize, read: &mut Read<'_, A, E>) -> Proved<A::Digest, E> {
    range_root::<A, E>(0, size.0, read)
}

/// The path that [`proof::merkle::verify_inclusion`] accepts (RFC 9162 §2.1.3.1).
///
/// # Errors
/// Index beyond the size; what the reader says.
pub fn prove_inclusion<A: TreeAlgorithm, E>(
    index: Index,
    size: TreeSize,
    read: &mut Read<'_, A, E>,
) -> Proved<Vec<A::Digest>, E> {
    inclusion::<A, E>(index, size, read, &mut Tails::<A>::new())
}

/// The paths of all leaves from this one on: what they share is computed once.
///
/// # Errors
/// What the reader says.
pub fn prove_inclusions<A: TreeAlgorithm, E>(
    first: Index,
    size: TreeSize,
    read: &mut Read<'_, A, E>,
) -> Proved<Vec<Vec<A::Digest>>, E> {
    let mut tails = Tails::<A>::new();
    (first.0..size.0).map(|index| inclusion::<A, E>(Index(index), size, read, &mut tails)).collect()
}

fn inclusion<A: TreeAlgorithm, E>(
    index: Index,
    size: TreeSize,
    read: &mut Read<'_, A, E>,
    tails: &mut Tails<A>,
) -> Proved<Vec<A::Digest>, E> {
    if index.0 >= size.0 {
        return Err(ProveError::Merkle(MerkleError::IndexBeyondSize { index, size }));
    }
    let (mut start, mut end) = (0, size.0);
    let mut path = Vec::new();
    while let Some(middle) = split(start, end) {
        if index.0 < middle {
            path.push(tail_root::<A, E>(middle, end, read, tails)?);
            end = middle;
        } else {
            path.push(range_root::<A, E>(start, middle, read)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Roots of the ranges that end where the tree does, by where they begin: few, and on the path of nearly every leaf.
type Tails<A> = Vec<(u64, u64, <A as TreeAlgorithm>::Digest)>;

fn tail_root<A: TreeAlgorithm, E>(
    start: u64,
    end: u64,
    read: &mut Read<'_, A, E>,
    tails: &mut Tails<A>,
) -> Proved<A::Digest, E> {
    if end.saturating_sub(start).is_power_of_two() {
        return range_root::<A, E>(start, end, read);
    }
    if let Some((.., known)) = tails.iter().find(|(from, to, _)| (*from, *to) == (start, end)) {
        return Ok(*known);
    }
    let root = range_root::<A, E>(start, end, read)?;
    tails.push((start, end, root));
    Ok(root)
}

/// The path that [`proof::merkle::verify_consistency`] accepts (RFC 9162 §2.1.4.1).
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

/// The inclusion path of one leaf among leaf hashes held in memory, or `None` when it is not among them.
pub fn path_in<A: TreeAlgorithm>(leaves: &[A::Digest], index: usize) -> Option<Vec<A::Digest>> {
    let mut read = |node: Node| {
        let start = usize::try_from(node.index << node.level).ok();
        let subtree = start.and_then(|start| leaves.get(start..start + (1 << node.level)));
        subtree.map(proof::merkle::root::<A>).ok_or(())
    };
    prove_inclusion::<A, ()>(Index(index as u64), TreeSize(leaves.len() as u64), &mut read).ok()
}
