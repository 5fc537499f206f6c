//! One commit, step by step: order, grow, compute again, append, sign, publish. Answering is the caller's.

use super::Observer;
use super::order::Ordered;
use crate::clock::Clock;
use crate::failpoint;
use crate::limits::PUBLISH_ATTEMPTS;
use crate::paths::{self, ProveError};
use crate::signer::LogKeys;
use crate::storage::{Commit, NewLeaf, Publication, Put, Reader, Storage, StorageError, StoredHead, TileId};
use crate::submission::{Event, Refusal};
use crate::tiles::{Edge, NodeError, Tiles};
use proof::merkle;
use proof::{Checkpoint, Hash, Index, Sha256Tree, TenantId, TreeSize, UnixMillis};
use std::collections::BTreeMap;

/// Everything the thread owns.
pub(super) struct Core<S: Storage> {
    pub(super) storage: S,
    pub(super) reads: S::Reads,
    pub(super) keys: LogKeys,
    pub(super) origin: String,
    pub(super) clock: Box<dyn Clock>,
    pub(super) observer: Observer,
    /// The last published head; of nothing when nothing was ever committed.
    pub(super) head: StoredHead,
    pub(super) edge: Edge,
    /// Slot of every tenant, the platform included.
    pub(super) slots: BTreeMap<TenantId, u64>,
}

/// Why a commit was not made.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was written; the same may be asked again.
    Retry(String),
    /// What is durable is not known, or does not agree with itself.
    Stop(String),
}

impl Failure {
    /// What whoever waits is told.
    pub(super) fn refusal(&self) -> Refusal {
        match self {
            Self::Retry(why) => Refusal::Retry(why.clone()),
            Self::Stop(why) => Refusal::Stopped(why.clone()),
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Retry(why) => Self::Retry(why),
            StorageError::Fatal(why) => Self::Stop(why),
        }
    }
}

/// The tree after a commit, not yet durable.
pub(super) struct Grown {
    pub(super) edge: Edge,
    pub(super) size: TreeSize,
    pub(super) root: Hash,
    pub(super) tiles: Vec<(TileId, Vec<u8>)>,
    /// Leaf hashes of the new leaves.
    pub(super) leaves: Vec<Hash>,
    /// Groups ever logged after it.
    pub(super) groups: u64,
}

/// What those who wait are answered with.
pub(super) struct Proven<'a> {
    /// Inclusion path of each new leaf, as verified.
    pub(super) paths: &'a [Vec<Hash>],
    /// Signed checkpoint.
    pub(super) checkpoint: &'a str,
}

impl<S: Storage> Core<S> {
    /// Durable, signed and published on `Ok`. `answer` is called once it is, with a proof for each leaf.
    pub(super) fn commit(
        &mut self,
        ordered: Ordered<S::Parts>,
        puts: Vec<Put>,
        answer: &mut dyn FnMut(&Proven<'_>),
    ) -> Result<(), Failure> {
        let Ordered { at, leaves } = ordered;
        let grown = self.grow(leaves.iter().map(|(leaf, _)| leaf));
        let paths = self.compute_again(&grown)?;
        let text = checkpoint_text(&self.origin, grown.size, grown.root);
        if failpoint::skip("answer.before-append") {
            // Negative control: what rule 1 forbids.
            answer(&Proven { paths: &paths, checkpoint: &self.sign(&text)? });
        }
        let added = leaves.len();
        self.append(Commit {
            number: self.head.number + 1,
            at,
            size: grown.size,
            checkpoint_text: text.clone(),
            leaves,
            puts,
        })?;
        if failpoint::skip("answer.before-sign") {
            // Negative control: a receipt over a checkpoint nobody signed.
            answer(&Proven { paths: &paths, checkpoint: &format!("{text}\n") });
        }
        let checkpoint = if added == 0 { String::new() } else { self.sign(&text)? };
        self.publish(grown, at, checkpoint)?;
        // A crash here: the commit is published and nobody was told. Whoever asks again with the same request key gets
        // the receipt that was about to be sent, byte for byte.
        crate::failpoint!("commit.after-publish");
        answer(&Proven { paths: &paths, checkpoint: &self.head.checkpoint });
        (self.observer)(Event::Committed { number: self.head.number, leaves: added, size: self.head.size });
        Ok(())
    }

    /// The tree with these leaves at its right edge. Nothing of `self` changes: a refused commit leaves no trace.
    pub(super) fn grow<'a>(&self, leaves: impl Iterator<Item = &'a NewLeaf>) -> Grown {
        let mut groups = self.head.groups;
        let mut hashes = Vec::new();
        for leaf in leaves {
            groups += leaf.groups.len() as u64;
            hashes.push(leaf_hash(leaf));
        }
        let (edge, tiles) = self.edge.grow(&hashes);
        let mut root = edge.root();
        if failpoint::error("ledger.grow") {
            // A fault for the second computation to find.
            root.0[0] ^= 1;
        }
        Grown { size: edge.size(), root, edge, tiles, leaves: hashes, groups }
    }

    /// The root again, by another path: the old tree is the beginning of the new one and every new leaf is included,
    /// computed from the tiles about to be written and judged by the public verifier. Gives the inclusion paths.
    pub(super) fn compute_again(&self, grown: &Grown) -> Result<Vec<Vec<Hash>>, Failure> {
        self.still_the_head()?;
        let mut tiles = Tiles::beside(&self.reads, &grown.tiles);
        let mut read = |node| tiles.node(node);
        let skip = failpoint::skip("ledger.second-computation");
        let path =
            paths::prove_consistency::<Sha256Tree, _>(self.head.size, grown.size, &mut read).map_err(unproved)?;
        let (old, new) = ((self.head.size, &self.head.root), (grown.size, &grown.root));
        let consistent = merkle::verify_consistency::<Sha256Tree>(old.0, new.0, old.1, new.1, &path);
        consistent.or_else(|why| if skip { Ok(()) } else { Err(disagreement(&why)) })?;
        let first = Index(self.head.size.0);
        let paths = paths::prove_inclusions::<Sha256Tree, _>(first, grown.size, &mut read).map_err(unproved)?;
        for ((index, leaf), path) in (first.0..).map(Index).zip(&grown.leaves).zip(&paths) {
            let included = merkle::verify_inclusion::<Sha256Tree>(index, grown.size, leaf, path, &grown.root);
            included.or_else(|why| if skip { Ok(()) } else { Err(disagreement(&why)) })?;
        }
        Ok(paths)
    }

    /// Nobody else has published: a second writer would make two roots for one size.
    fn still_the_head(&self) -> Result<(), Failure> {
        let stored = self.reads.head()?;
        let (number, size, root) = stored.map_or((0, TreeSize(0), empty_root()), |h| (h.number, h.size, h.root));
        if (number, size, root) == (self.head.number, self.head.size, self.head.root) {
            return Ok(());
        }
        Err(Failure::Stop(format!(
            "the storage published commit {number} of size {} while ours is {} of size {}: another writer",
            size.0, self.head.number, self.head.size.0
        )))
    }

    /// Durable on `Ok`.
    fn append(&mut self, commit: Commit<S::Parts>) -> Result<(), Failure> {
        self.storage.append(commit)?;
        // A crash here: the commit is durable, unsigned and unpublished, and nobody was told. Start-up computes it
        // again, signs the same text to the same bytes and publishes it.
        crate::failpoint!("commit.after-sync");
        Ok(())
    }

    /// The signed checkpoint, verified under our own public key. Called only once what it covers is durable.
    pub(super) fn sign(&self, text: &str) -> Result<String, Failure> {
        // What is durable stays; a key that does not answer stops the house, and start-up signs the same text once it does. A crash after
        // this line: as before signing. The signature is deterministic and was given to nobody.
        self.keys.sign(text).map_err(|why| Failure::Stop(format!("the log's key did not sign: {why}")))
    }

    /// Visible on `Ok`, here and in the storage.
    pub(super) fn publish(&mut self, grown: Grown, at: UnixMillis, checkpoint: String) -> Result<(), Failure> {
        let publication = Publication {
            number: self.head.number + 1,
            size: grown.size,
            root: grown.root,
            at,
            groups: grown.groups,
            checkpoint,
            tiles: grown.tiles,
        };
        for attempt in 1.. {
            match self.storage.publish(publication.clone()) {
                Ok(()) => break,
                // The commit is durable: it cannot be refused any more, only published later, here or by start-up.
                Err(StorageError::Retry(why)) if attempt < PUBLISH_ATTEMPTS => {
                    (self.observer)(Event::Retried(why));
                }
                Err(StorageError::Retry(why) | StorageError::Fatal(why)) => {
                    return Err(Failure::Stop(format!("a durable commit could not be published: {why}")));
                }
            }
        }
        let kept = std::mem::take(&mut self.head.checkpoint);
        self.head = StoredHead {
            number: publication.number,
            size: publication.size,
            root: publication.root,
            at,
            groups: publication.groups,
            checkpoint: if publication.checkpoint.is_empty() { kept } else { publication.checkpoint },
        };
        self.edge = grown.edge;
        Ok(())
    }
}

/// Leaf hash (RFC 9162 §2.1.1).
pub(super) fn leaf_hash(leaf: &NewLeaf) -> Hash {
    use proof::TreeAlgorithm;
    Sha256Tree::leaf(&leaf.leaf_data)
}

/// Root of the empty tree.
pub(super) fn empty_root() -> Hash {
    merkle::root::<Sha256Tree>(&[])
}

/// Unsigned text of the checkpoint; empty while the log is empty.
pub(crate) fn checkpoint_text(origin: &str, size: TreeSize, root: Hash) -> String {
    if size.0 == 0 {
        return String::new();
    }
    Checkpoint { origin: origin.to_owned(), size, root, extensions: Vec::new() }.to_text()
}

fn unproved(why: ProveError<NodeError>) -> Failure {
    match why {
        ProveError::Read(NodeError::Storage(why)) => why.into(),
        ProveError::Read(NodeError::Missing(node)) => {
            Failure::Stop(format!("no tile gives node {} of level {}", node.index, node.level))
        }
        ProveError::Merkle(why) => disagreement(&why),
    }
}

fn disagreement(why: &merkle::MerkleError) -> Failure {
    Failure::Stop(format!("two computations of the new head disagree: {why}"))
}
