//! A store whose every commit is also in the mirror before it is acknowledged: both are synced at the same time.

use crate::error::OpenError;
use crate::mirror::{Mirror, MirrorHead, MirrorWriter};
use crate::reads::StoreReads;
use crate::store::Store;
use crate::vault::{SealedParts, Vault};
use ledger::storage::{Commit, Publication, Replay, Storage, StorageError};
use proof::{Checkpoint, Hash};

/// The store, and its mirror if it has one.
#[derive(Debug)]
pub struct Mirrored {
    store: Store,
    mirror: Option<MirrorWriter>,
    /// Why nothing more is done, once the mirror failed.
    stopped: Option<String>,
}

impl Mirrored {
    /// The store with this mirror.
    ///
    /// # Errors
    /// `Io`: no thread could be had.
    pub fn new(store: Store, mirror: Option<Mirror>) -> Result<Self, OpenError> {
        let path = mirror.as_ref().map(|mirror| mirror.path().to_owned()).unwrap_or_default();
        let mirror = mirror.map(MirrorWriter::start).transpose();
        let mirror = mirror.map_err(OpenError::io("start the mirror", &path))?;
        Ok(Self { store, mirror, stopped: None })
    }

    /// Encryption and look-up keys, for every thread.
    pub fn vault(&self) -> Vault {
        self.store.vault()
    }

    fn running(&self) -> Result<(), StorageError> {
        match &self.stopped {
            None => Ok(()),
            Some(why) => Err(StorageError::Fatal(format!("the store stopped: {why}"))),
        }
    }

    fn head_of(&self, commit: &Commit<SealedParts>) -> MirrorHead {
        // The ledger wrote this text; one that is empty is of an empty log.
        let root = Checkpoint::parse(&commit.checkpoint_text).map_or(Hash([0; 32]), |stated| stated.root);
        MirrorHead { store: self.store.store_id, number: commit.number, size: commit.size, root, at: commit.at }
    }

    fn stop(&mut self, number: u64, why: &std::io::Error) -> StorageError {
        let why = format!("commit {number}: the mirror failed: {why}; nothing more is acknowledged");
        self.stopped = Some(why.clone());
        StorageError::Fatal(why)
    }
}

impl Storage for Mirrored {
    type Parts = SealedParts;
    type Reads = StoreReads;

    fn reads(&self) -> StoreReads {
        self.store.reads()
    }

    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        self.store.unpublished()
    }

    /// Durable in the segment and in the mirror on `Ok`.
    fn append(&mut self, commit: Commit<SealedParts>) -> Result<(), StorageError> {
        self.running()?;
        let Some(mirror) = &self.mirror else { return self.store.append(commit) };
        let (number, head) = (commit.number, self.head_of(&commit));
        if let Err(why) = mirror.begin(head) {
            return Err(self.stop(number, &why));
        }
        let appended = self.store.append(commit);
        // A crash here leaves the mirror one commit ahead of the segments, or behind them: nobody was told, and a start allows both.
        let kept = mirror.wait();
        appended?;
        // The record is durable and nobody is told: the next start publishes it, and settles the mirror.
        kept.map_err(|why| self.stop(number, &why))
    }

    fn publish(&mut self, publication: Publication) -> Result<(), StorageError> {
        self.running()?;
        self.store.publish(publication)
    }
}
