//! Proofs over published data: receipts, inclusion, consistency.

use crate::paths::{self, ProveError};
use crate::storage::{EntryRow, LeafKind, Reader, StorageError};
use crate::submission::Receipt;
use crate::tiles::{NodeError, Tiles};
use proof::leaf::entry_leaf;
use proof::merkle;
use proof::{Checkpoint, Hash, Index, Sha256Tree, SignedNote, TlogProof, TreeAlgorithm, TreeSize};
use std::fmt;

/// Why a proof over published data could not be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProverError {
    /// The storage failed.
    Storage(StorageError),
    /// No leaf stands at this index.
    NoEntry(Index),
    /// No checkpoint was published at this size.
    NoCheckpoint(TreeSize),
    /// The question makes no sense for these sizes.
    Sizes(merkle::MerkleError),
    /// A tile lacks a hash that a published head covers.
    MissingTile(paths::Node),
    /// Row, tiles and checkpoint of this leaf do not agree: nothing is handed out.
    Disagreement(Index),
}

impl fmt::Display for ProverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(why) => write!(f, "{why:?}"),
            Self::NoEntry(index) => write!(f, "no leaf stands at index {}", index.0),
            Self::NoCheckpoint(size) => write!(f, "no checkpoint was published at size {}", size.0),
            Self::Sizes(why) => why.fmt(f),
            Self::Disagreement(index) => {
                write!(f, "row, tiles and checkpoint of leaf {} do not agree", index.0)
            }
            Self::MissingTile(node) => write!(f, "no tile gives node {} of level {}", node.index, node.level),
        }
    }
}

impl std::error::Error for ProverError {}

impl From<StorageError> for ProverError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<ProveError<NodeError>> for ProverError {
    fn from(error: ProveError<NodeError>) -> Self {
        match error {
            ProveError::Read(NodeError::Storage(why)) => Self::Storage(why),
            ProveError::Read(NodeError::Missing(node)) => Self::MissingTile(node),
            ProveError::Merkle(why) => Self::Sizes(why),
        }
    }
}

/// The receipt of the entry at this index: at the size of its own commit, the same bytes for ever. It was verified.
///
/// # Errors
/// [`ProverError`]: no leaf or no checkpoint there, the storage failed or does not agree with itself.
pub fn receipt_for<R: Reader + ?Sized>(reader: &R, index: Index) -> Result<Receipt, ProverError> {
    let row = reader.entry(index)?.ok_or(ProverError::NoEntry(index))?;
    let size = row.commit_size;
    let checkpoint = reader.checkpoint(size)?.ok_or(ProverError::NoCheckpoint(size))?;
    let path = inclusion(reader, index, size)?;
    if !holds(&row, &path, &checkpoint) {
        return Err(ProverError::Disagreement(index));
    }
    Ok(Receipt {
        index,
        sequence: row.leaf.sequence,
        id: row.leaf.id,
        tenant: row.leaf.tenant,
        record: row.leaf.record,
        text: TlogProof { extra: None, index, path, checkpoint }.write(),
    })
}

/// The path leads from this row's own record to the root that the checkpoint states. Its signature was verified when it
/// was made, and is again by whoever receives it.
fn holds(row: &EntryRow, path: &[Hash], checkpoint: &str) -> bool {
    let leaf = match row.leaf.kind {
        LeafKind::Entry => Sha256Tree::leaf(&entry_leaf(&row.leaf.record)),
        LeafKind::Seal => Sha256Tree::leaf(&row.leaf.leaf_data),
    };
    let text = SignedNote::parse(checkpoint).ok().map(|note| note.text);
    text.and_then(|text| Checkpoint::parse(&text).ok()).is_some_and(|stated| {
        let (index, size) = (row.leaf.index, row.commit_size);
        stated.size == size && merkle::verify_inclusion::<Sha256Tree>(index, size, &leaf, path, &stated.root).is_ok()
    })
}

/// The inclusion path of a leaf in the tree of this size, which must not be beyond the published head.
///
/// # Errors
/// [`ProverError`]: index beyond the size, a missing tile, the storage failed.
pub fn inclusion<R: Reader + ?Sized>(reader: &R, index: Index, size: TreeSize) -> Result<Vec<Hash>, ProverError> {
    let mut tiles = Tiles::over(reader);
    Ok(paths::prove_inclusion::<Sha256Tree, _>(index, size, &mut |node| tiles.node(node))?)
}

/// The consistency path between two sizes, neither beyond the published head.
///
/// # Errors
/// [`ProverError`]: sizes that go back, a missing tile, the storage failed.
pub fn consistency<R: Reader + ?Sized>(reader: &R, old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, ProverError> {
    let mut tiles = Tiles::over(reader);
    Ok(paths::prove_consistency::<Sha256Tree, _>(old, new, &mut |node| tiles.node(node))?)
}

/// The root at this size, recomputed from tiles.
///
/// # Errors
/// [`ProverError`]: a missing tile, the storage failed.
pub fn root_at<R: Reader + ?Sized>(reader: &R, size: TreeSize) -> Result<Hash, ProverError> {
    let mut tiles = Tiles::over(reader);
    Ok(paths::root_of::<Sha256Tree, _>(size, &mut |node| tiles.node(node))?)
}
