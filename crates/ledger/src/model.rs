//! An in-memory storage that keeps what was synced, loses what was not, and fails when told to. For tests only.

mod visible;

pub use visible::Visible;

use crate::storage::{
    Commit, EntryRow, KeyValues, Publication, Reader, Replay, Storage, StorageError, StoredHead, TileId,
};
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Commits handed out by one call of `unpublished`.
const PORTION: usize = 2;

/// What goes wrong next. Each happens once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The append writes nothing and says so.
    AppendRetry,
    /// The machine dies before the sync: the record is lost.
    CrashBeforeSync,
    /// The machine dies after the sync: the record is kept, nothing is published.
    CrashAfterSync,
    /// The publication cannot be made right now.
    PublishRetry,
    /// The machine dies after the publication, before anybody is told.
    CrashAfterPublish,
}

/// The disk: survives crashes, shared by everything opened on it.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    records: Vec<Replay>,
    published: usize,
    faults: VecDeque<Fault>,
    misread: Option<u32>,
    heads: Vec<StoredHead>,
    visible: Visible,
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// The one writer over it.
    pub fn open(&self) -> Model {
        Model(self.clone())
    }

    /// Makes this go wrong at the next occasion.
    pub fn fault(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// So many tiles are still read right; one bit of the next is wrong, in memory alone.
    pub fn misread_tile(&self, after: u32) {
        self.state().misread = Some(after);
    }

    /// Loses everything that was published and keeps the records, as when the database is lost and the segments are not.
    pub fn forget_published(&self) {
        let mut state = self.state();
        let records = std::mem::take(&mut state.records);
        *state = State { records, ..State::default() };
    }

    /// Forgets faults that found no occasion.
    pub fn calm(&self) {
        self.state().faults.clear();
    }

    /// Every head ever published, oldest first.
    pub fn heads(&self) -> Vec<StoredHead> {
        self.state().heads.clone()
    }

    /// Commits that are durable.
    pub fn records(&self) -> Vec<Replay> {
        self.state().records.clone()
    }

    /// Changes the stored head, as a fault of the medium or an intruder would.
    pub fn alter_head(&self, change: impl FnOnce(&mut StoredHead)) {
        if let Some(head) = self.state().visible.head.as_mut() {
            change(head);
        }
    }

    /// Changes a stored tile.
    pub fn alter_tile(&self, id: TileId, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(tile) = self.state().visible.tiles.get_mut(&id) {
            change(tile);
        }
    }

    /// Changes what is remembered of a published leaf.
    pub fn alter_row(&self, index: Index, change: impl FnOnce(&mut EntryRow)) {
        let place = usize::try_from(index.0).unwrap_or(usize::MAX);
        if let Some(row) = self.state().visible.rows.get_mut(place) {
            change(row);
        }
    }

    /// Loses the mention of this entry in its tenant's chain; those after it come one earlier.
    pub fn forget_entry(&self, tenant: TenantId, sequence: usize) {
        if let Some(chain) = self.state().visible.chains.get_mut(&tenant) {
            chain.remove(sequence - 1);
        }
    }

    /// Changes a durable record that is not published yet.
    pub fn alter_record(&self, number: u64, change: impl FnOnce(&mut Replay)) {
        if let Some(record) = self.state().records.iter_mut().find(|record| record.number == number) {
            change(record);
        }
    }

    /// Changes a value of small state.
    pub fn alter_value(&self, space: u8, key: &[u8], change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(value) = self.state().visible.values.get_mut(&(space, key.to_vec())) {
            change(value);
        }
    }

    /// Removes a value of small state.
    pub fn remove_value(&self, space: u8, key: &[u8]) {
        self.state().visible.values.remove(&(space, key.to_vec()));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// True when this is the next thing to go wrong; it then has.
    fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.faults.front() == Some(&fault);
        if strikes {
            self.faults.pop_front();
        }
        strikes
    }

    fn make_visible(&mut self, record: &Replay, publication: &Publication) {
        self.visible.apply(record, publication);
        self.heads.extend(self.visible.head.clone());
        self.published += 1;
    }
}

/// The one writer over a [`Disk`].
pub struct Model(Disk);

/// Shared reads over a [`Disk`].
#[derive(Clone)]
pub struct ModelReads(Disk);

fn crashed() -> StorageError {
    StorageError::Fatal("the machine died".to_owned())
}

/// A commit as it is read back: its parts stay in the segment.
pub fn without_parts<P>(commit: Commit<P>) -> Replay {
    Replay {
        number: commit.number,
        at: commit.at,
        size: commit.size,
        checkpoint_text: commit.checkpoint_text,
        leaves: commit.leaves.into_iter().map(|(leaf, _)| leaf).collect(),
        puts: commit.puts,
    }
}

impl Storage for Model {
    type Parts = Vec<u8>;
    type Reads = ModelReads;

    fn reads(&self) -> ModelReads {
        ModelReads(self.0.clone())
    }

    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        let state = self.0.state();
        let portion = state.records.len().min(state.published + PORTION);
        Ok(state.records[state.published..portion].to_vec())
    }

    fn append(&mut self, commit: Commit<Vec<u8>>) -> Result<(), StorageError> {
        let mut state = self.0.state();
        if state.strikes(Fault::AppendRetry) {
            return Err(StorageError::Retry("no space left".to_owned()));
        }
        if state.strikes(Fault::CrashBeforeSync) {
            return Err(crashed());
        }
        if commit.number != state.records.len() as u64 + 1 || state.published != state.records.len() {
            return Err(StorageError::Fatal(format!("commit {} does not follow", commit.number)));
        }
        state.records.push(without_parts(commit));
        if state.strikes(Fault::CrashAfterSync) {
            return Err(crashed());
        }
        Ok(())
    }

    fn publish(&mut self, publication: Publication) -> Result<(), StorageError> {
        let mut state = self.0.state();
        if state.strikes(Fault::PublishRetry) {
            return Err(StorageError::Retry("too many open files".to_owned()));
        }
        let next = state.published;
        let record = state.records.get(next).filter(|record| record.number == publication.number).cloned();
        let record = record.ok_or_else(|| StorageError::Fatal("published before it was appended".to_owned()))?;
        state.make_visible(&record, &publication);
        if state.strikes(Fault::CrashAfterPublish) {
            return Err(crashed());
        }
        Ok(())
    }
}

impl Reader for ModelReads {
    fn head(&self) -> Result<Option<StoredHead>, StorageError> {
        Ok(self.0.state().visible.head.clone())
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, StorageError> {
        let mut state = self.0.state();
        let mut tile = state.visible.tiles.get(&id).cloned();
        if let (Some(bytes), Some(after)) = (&mut tile, state.misread) {
            state.misread = after.checked_sub(1);
            bytes.iter_mut().take(usize::from(after == 0)).for_each(|byte| *byte ^= 1);
        }
        Ok(tile)
    }

    fn entry(&self, index: Index) -> Result<Option<EntryRow>, StorageError> {
        Ok(self.0.state().visible.entry(index))
    }

    fn leaf_data(&self, from: Index, limit: usize) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.0.state().visible.leaf_data(from, limit))
    }

    fn checkpoint(&self, size: TreeSize) -> Result<Option<String>, StorageError> {
        Ok(self.0.state().visible.checkpoints.get(&size).cloned())
    }

    fn by_id(&self, tenant: TenantId, id: EntryId) -> Result<Option<Index>, StorageError> {
        Ok(self.0.state().visible.ids.get(&(tenant, id)).copied())
    }

    fn chain(&self, tenant: TenantId) -> Result<Option<(Sequence, Index, Hash)>, StorageError> {
        Ok(self.0.state().visible.chain(tenant))
    }

    fn by_sequence(
        &self,
        tenant: TenantId,
        from: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Index)>, StorageError> {
        Ok(self.0.state().visible.by_sequence(tenant, from, limit))
    }

    fn request(&self, tenant: TenantId, key: &[u8; 32]) -> Result<Option<([u8; 32], Index)>, StorageError> {
        Ok(self.0.state().visible.requests.get(&(tenant, *key)).copied())
    }

    fn lookup(&self, tenant: TenantId, digest: &[u8; 32], limit: usize) -> Result<Vec<Index>, StorageError> {
        Ok(self.0.state().visible.lookup(tenant, digest, limit))
    }

    fn value(&self, space: u8, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.0.state().visible.values.get(&(space, key.to_vec())).cloned())
    }

    fn values(&self, space: u8, prefix: &[u8]) -> Result<KeyValues, StorageError> {
        Ok(self.0.state().visible.values_of(space, prefix))
    }
}
