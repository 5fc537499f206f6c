//! The disk as the ledger sees it.

use super::{Did, Disk, Medium, Moment, Outcome, Record, Trouble};
use ledger::model::without_parts;
use ledger::storage::{
    Commit, EntryRow, KeyValues, Publication, Reader, Replay, Storage, StorageError, StoredHead, TileId,
};
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize};
use std::sync::{Arc, MutexGuard};

/// The one writer.
pub struct Model(pub(super) Disk);

fn fatal<T>(why: &str) -> Result<T, StorageError> {
    Err(StorageError::Fatal(why.to_owned()))
}

fn retry<T>(why: &str) -> Result<T, StorageError> {
    Err(StorageError::Retry(why.to_owned()))
}

impl Medium {
    /// Writes a record; how far, and whether the caller is told, is the trouble's.
    fn append(&mut self, replay: Arc<Replay>) -> (Outcome, Result<(), StorageError>) {
        if let Err(dead) = self.pass(Moment::Before) {
            return (Outcome::Broken { done: false }, Err(dead));
        }
        match self.trouble.append.take() {
            Some(None) => return (Outcome::Retry, retry("no space left")),
            Some(Some(false)) => return (Outcome::Broken { done: false }, fatal("the write failed")),
            _ if replay.number != self.records.len() as u64 + 1 => {
                return (Outcome::Broken { done: false }, fatal("the record does not follow"));
            }
            fails => {
                self.records.push(Record { replay, synced: false, torn: false });
                if fails.is_some() {
                    return (Outcome::Broken { done: true }, fatal("the sync failed"));
                }
            }
        }
        if let Err(dead) = self.pass(Moment::Middle) {
            return (Outcome::Broken { done: true }, Err(dead));
        }
        if let Some(record) = self.records.last_mut() {
            record.synced = self.habits.syncs;
        }
        match self.pass(Moment::After) {
            Ok(()) => (Outcome::Done, Ok(())),
            Err(dead) => (Outcome::Broken { done: true }, Err(dead)),
        }
    }

    fn publish(&mut self, publication: &Publication) -> (Outcome, Result<(), StorageError>) {
        if let Err(dead) = self.pass(Moment::Before).and_then(|()| self.pass(Moment::Middle)) {
            return (Outcome::Broken { done: false }, Err(dead));
        }
        if self.trouble.publish_retries > 0 {
            self.trouble.publish_retries -= 1;
            return (Outcome::Retry, retry("too many open files"));
        }
        let fails = self.trouble.publish_fails.take();
        let next = self.records.get(self.published.count()).map(|record| Arc::clone(&record.replay));
        let Some(record) = next.filter(|record| record.number == publication.number && fails != Some(false)) else {
            return (Outcome::Broken { done: false }, fatal("the index could not be written"));
        };
        self.published.apply(&record, publication);
        if self.chance.between(0, 3) == 0 {
            self.published.sync();
        }
        if fails.is_some() {
            return (Outcome::Broken { done: true }, fatal("the index could not be written"));
        }
        match self.pass(Moment::After) {
            Ok(()) => (Outcome::Done, Ok(())),
            Err(dead) => (Outcome::Broken { done: true }, Err(dead)),
        }
    }
}

impl Storage for Model {
    type Parts = Vec<u8>;
    type Reads = Disk;

    fn reads(&self) -> Disk {
        self.0.clone()
    }

    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        let mut medium = self.0.read()?;
        medium.pass(Moment::Before).and_then(|()| medium.pass(Moment::After))?;
        if !medium.habits.replays {
            return Ok(Vec::new());
        }
        let portion = medium.chance.between(1, 4) as usize;
        let waiting = medium.records.iter().skip(medium.published.count()).take(portion);
        Ok(waiting.map(|record| Replay::clone(&record.replay)).collect())
    }

    fn append(&mut self, commit: Commit<Vec<u8>>) -> Result<(), StorageError> {
        let mut medium = self.0.medium();
        medium.alive()?;
        let replay = Arc::new(without_parts(commit));
        let (outcome, told) = medium.append(Arc::clone(&replay));
        medium.journal.push(Did::Append(replay, outcome));
        told
    }

    fn publish(&mut self, publication: Publication) -> Result<(), StorageError> {
        let mut medium = self.0.medium();
        medium.alive()?;
        let place = (publication.number as usize).wrapping_sub(1);
        let synced = medium.records.get(place).is_some_and(|record| record.synced);
        let (outcome, told) = medium.publish(&publication);
        medium.journal.push(Did::Publish(Box::new(publication), outcome, synced));
        told
    }
}

impl Disk {
    /// One read, unless it is the one that fails.
    fn read(&self) -> Result<MutexGuard<'_, Medium>, StorageError> {
        let mut medium = self.medium();
        medium.alive()?;
        if let Some((left, is_fatal)) = &mut medium.trouble.read
            && Trouble::strikes(left)
        {
            let is_fatal = *is_fatal;
            medium.trouble.read = None;
            medium.journal.push(Did::ReadFailed { fatal: is_fatal });
            return if is_fatal { fatal("it cannot be read") } else { retry("too many open files") };
        }
        Ok(medium)
    }
}

impl Reader for Disk {
    fn head(&self) -> Result<Option<StoredHead>, StorageError> {
        Ok(self.read()?.published.head.clone())
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, StorageError> {
        let mut medium = self.read()?;
        let mut tile = medium.published.tiles.get(&id).cloned();
        if let (Some(bytes), Some((left, bit))) = (&mut tile, &mut medium.trouble.flip)
            && Trouble::strikes(left)
        {
            let place = (*bit / 8) as usize % bytes.len();
            bytes[place] ^= 1 << (*bit % 8);
            medium.trouble.flip = None;
            medium.journal.push(Did::Flipped);
        }
        Ok(tile)
    }

    fn entry(&self, index: Index) -> Result<Option<EntryRow>, StorageError> {
        Ok(self.read()?.published.entry(index))
    }

    fn leaf_data(&self, from: Index, limit: usize) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.read()?.published.leaf_data(from, limit))
    }

    fn checkpoint(&self, size: TreeSize) -> Result<Option<String>, StorageError> {
        Ok(self.read()?.published.checkpoints.get(&size).cloned())
    }

    fn by_id(&self, tenant: TenantId, id: EntryId) -> Result<Option<Index>, StorageError> {
        Ok(self.read()?.published.ids.get(&(tenant, id)).copied())
    }

    fn chain(&self, tenant: TenantId) -> Result<Option<(Sequence, Index, Hash)>, StorageError> {
        Ok(self.read()?.published.chain(tenant))
    }

    fn by_sequence(
        &self,
        tenant: TenantId,
        from: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Index)>, StorageError> {
        Ok(self.read()?.published.by_sequence(tenant, from, limit))
    }

    fn request(&self, tenant: TenantId, key: &[u8; 32]) -> Result<Option<([u8; 32], Index)>, StorageError> {
        Ok(self.read()?.published.requests.get(&(tenant, *key)).copied())
    }

    fn lookup(&self, tenant: TenantId, digest: &[u8; 32], limit: usize) -> Result<Vec<Index>, StorageError> {
        Ok(self.read()?.published.lookup(tenant, digest, limit))
    }

    fn value(&self, space: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.read()?.published.values.get(&(space, key.to_vec())).cloned())
    }

    fn values(&self, space: u8, prefix: &[u8]) -> Result<KeyValues, StorageError> {
        Ok(self.read()?.published.values_of(space, prefix))
    }
}
