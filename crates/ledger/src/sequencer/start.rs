//! Start-up: check the stored head, replay what a crash left, finish a seal whose token is durable.

use super::commit::{Core, Failure, checkpoint_text, empty_root, leaf_hash};
use super::order::Chains;
use super::{Observer, StartError};
use crate::clock::Clock;
use crate::prover;
use crate::sealing::register;
use crate::signer::{KnownKeys, LogKeys};
use crate::storage::{LeafKind, NewLeaf, Reader, Replay, Storage, StoredHead};
use crate::submission::Event;
use crate::tiles::Edge;
use proof::leaf::{Leaf, entry_leaf};
use proof::record::LogRecord;
use proof::{Checkpoint, Index, SignedNote, TreeSize, UnixMillis};
use std::collections::BTreeMap;

impl<S: Storage> Core<S>
where
    S::Parts: Default,
{
    /// A core that agrees with its storage: the head is what tiles and our key say, everything durable is published.
    pub(super) fn open(
        storage: S,
        keys: LogKeys,
        origin: &str,
        clock: Box<dyn Clock>,
        observer: Observer,
    ) -> Result<Self, StartError> {
        let mut core = Self::catch_up(storage, keys, origin, clock, observer)?;
        let slots = register::slots(&core.reads).map_err(|why| StartError::State(why.to_string()))?;
        core.slots = slots.into_iter().map(|(slot, tenant)| (tenant, slot)).collect();
        core.finish_seal()?;
        Ok(core)
    }

    /// A core whose storage has published everything that is durable. Nothing is appended.
    pub(super) fn catch_up(
        storage: S,
        keys: LogKeys,
        origin: &str,
        clock: Box<dyn Clock>,
        observer: Observer,
    ) -> Result<Self, StartError> {
        let reads = storage.reads();
        let stored = reads.head()?;
        let head = stored.unwrap_or_else(|| StoredHead {
            number: 0,
            size: TreeSize(0),
            root: empty_root(),
            at: UnixMillis(0),
            groups: 0,
            checkpoint: String::new(),
        });
        check_head(&reads, &head, keys.known(), origin)?;
        let edge = Edge::load(&reads, head.size).map_err(|why| StartError::Head(format!("{why:?}")))?;
        if edge.root() != head.root {
            // Read a second time, the same tiles gave something else: nothing is to be grown from that.
            return Err(StartError::Head(format!("the edge of size {} gives another root", head.size.0)));
        }
        let origin = origin.to_owned();
        let mut core = Self { storage, reads, keys, origin, clock, observer, head, edge, slots: BTreeMap::new() };
        if core.head.size.0 > 0 {
            // A key that is away, or that signs otherwise each time, is known before anything waits for it.
            core.sign_twice(&checkpoint_text(&core.origin, core.head.size, core.head.root))?;
        }
        loop {
            // A storage may hand them out by portions.
            let commits = core.storage.unpublished()?;
            if commits.is_empty() {
                break;
            }
            commits.iter().try_for_each(|commit| core.replay(commit))?;
        }
        Ok(core)
    }

    /// Publishes a commit that is durable and was not published, if it gives the checkpoint it was written with.
    fn replay(&mut self, commit: &Replay) -> Result<(), StartError> {
        let wrong = |why: String| StartError::Replay { number: commit.number, why };
        if commit.number != self.head.number + 1 || commit.at < self.head.at {
            return Err(wrong(format!("it does not follow commit {}", self.head.number)));
        }
        self.check_leaves(&commit.leaves).map_err(wrong)?;
        let grown = self.grow(commit.leaves.iter());
        let text = checkpoint_text(&self.origin, grown.size, grown.root);
        if grown.size != commit.size || text != commit.checkpoint_text {
            return Err(wrong(format!("its leaves give\n{text}and it says\n{}", commit.checkpoint_text)));
        }
        self.compute_again(&grown).map_err(|why| wrong(format!("{why:?}")))?;
        let checkpoint = match (commit.leaves.is_empty(), self.signed_before(grown.size, &text)) {
            (true, _) => String::new(),
            (false, Some(signed)) => signed,
            (false, None) => self.sign_twice(&text)?,
        };
        // A crash here or before: nothing has changed, the next start-up replays again to the same bytes.
        self.publish(grown, commit.at, checkpoint).map_err(|why| wrong(format!("{why:?}")))?;
        (self.observer)(Event::Replayed { number: commit.number, leaves: commit.leaves.len() });
        Ok(())
    }

    /// Leaves of a replayed commit continue the log, its groups and the tenants' chains.
    fn check_leaves(&self, leaves: &[NewLeaf]) -> Result<(), String> {
        let mut chains = Chains::default();
        let mut group = self.head.groups;
        for (index, leaf) in (self.head.size.0..).map(Index).zip(leaves) {
            if (leaf.index, leaf.first_group) != (index, group) {
                return Err(format!("leaf {} stands where leaf {} should", leaf.index.0, index.0));
            }
            group += leaf.groups.len() as u64;
            match leaf.kind {
                LeafKind::Seal => {
                    let seal = Leaf::parse(&leaf.leaf_data);
                    if !matches!(seal, Ok(Leaf::Seal(_))) {
                        return Err(format!("leaf {} is no seal", index.0));
                    }
                }
                LeafKind::Entry => {
                    let (last, previous) = chains.tip(&self.reads, leaf.tenant).map_err(|why| format!("{why:?}"))?;
                    let record = LogRecord::parse(&leaf.record).map_err(|why| why.to_string())?;
                    let continues = record.previous == previous && record.sequence.0 == last.0 + 1;
                    let own = (record.tenant, record.sequence, record.id) == (leaf.tenant, leaf.sequence, leaf.id)
                        && entry_leaf(&leaf.record)[..] == leaf.leaf_data[..];
                    if !continues || !own {
                        return Err(format!("leaf {} does not continue its tenant's chain", index.0));
                    }
                    chains.extend(leaf.tenant, leaf.sequence, leaf_hash(leaf));
                }
            }
        }
        Ok(())
    }

    /// This text as a key of before signed it, where that is still known: that key cannot sign again.
    fn signed_before(&self, size: TreeSize, text: &str) -> Option<String> {
        if self.keys.known().is_first() {
            return None;
        }
        let known = self.storage.signed_before(size)?;
        let note = SignedNote::parse(&known).ok()?;
        let ours = note.text == text && note.signatures.len() == 1 && self.keys.known().is_of_before(&note);
        ours.then_some(known)
    }

    /// The signed text; signing again gives the same bytes, so whatever was about to be sent can still be sent.
    fn sign_twice(&self, text: &str) -> Result<String, StartError> {
        let sign = || match self.sign(text) {
            Ok(signed) => Ok(signed),
            Err(Failure::Retry(why) | Failure::Stop(why)) => Err(StartError::State(why)),
        };
        let first = sign()?;
        if first == sign()? { Ok(first) } else { Err(StartError::SignatureNotDeterministic) }
    }

    /// Logs the seal leaf of a batch whose token and tree a crash left durable and unlogged.
    fn finish_seal(&mut self) -> Result<(), StartError> {
        let pending = self.pending_seal().map_err(|why| StartError::State(why.to_string()))?;
        let Some(head) = pending else { return Ok(()) };
        match self.log_seal(head) {
            Ok(_) => Ok(()),
            // Nothing was written: the next plan takes the whole range again.
            Err(Failure::Retry(why)) => {
                (self.observer)(Event::Retried(why));
                Ok(())
            }
            Err(Failure::Stop(why)) => Err(StartError::State(why)),
        }
    }
}

/// The stored head is the one its tiles give, and bears our signature over exactly that.
fn check_head<R: Reader>(reads: &R, head: &StoredHead, keys: &KnownKeys, origin: &str) -> Result<(), StartError> {
    let wrong = |why: String| StartError::Head(why);
    let root = prover::root_at(reads, head.size).map_err(|why| wrong(why.to_string()))?;
    if root != head.root {
        return Err(wrong(format!("tiles of size {} give root {root}, the head says {}", head.size.0, head.root)));
    }
    let Some(last) = head.size.0.checked_sub(1).map(Index) else {
        return Ok(());
    };
    let row = reads.entry(last)?.ok_or_else(|| wrong(format!("leaf {} is missing", last.0)))?;
    if row.leaf.first_group + row.leaf.groups.len() as u64 != head.groups {
        return Err(wrong(format!("it counts {} groups, its last leaf does not", head.groups)));
    }
    prover::receipt_for(reads, last).map_err(|why| wrong(why.to_string()))?;
    let note = SignedNote::parse(&head.checkpoint).map_err(|why| wrong(why.to_string()))?;
    keys.verify(&note).map_err(|why| wrong(format!("its checkpoint is not signed by our key: {why}")))?;
    let stated = Checkpoint::parse(&note.text).map_err(|why| wrong(why.to_string()))?;
    if stated.origin != origin {
        return Err(wrong(format!("its checkpoint is of log {}, ours is {origin}", stated.origin)));
    }
    if (stated.size, stated.root) != (head.size, head.root) {
        return Err(wrong(format!("its checkpoint says size {}, the head {}", stated.size.0, head.size.0)));
    }
    Ok(())
}
