//! A modelled disk under the storage: segments that are durable once synced, an index that may fall behind them.
//!
//! It survives the process. A kill leaves what was written; a power cut loses, keeps or tears what was not synced, and takes the
//! index back by any number of commits. Everything that goes wrong is armed beforehand, so that one seed makes one story.

mod index;
mod storage;
mod trouble;

pub use index::Published;
pub use storage::Model;
pub use trouble::{Did, Moment, Outcome, Trouble};

use ledger::storage::{Replay, StorageError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tests::faults::chance::Chance;

/// Bugs that a disk, or the storage on it, can be given.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// An append is synced before it says so.
    pub syncs: bool,
    /// What a dead process had only written is synced before it is handed out.
    pub syncs_again: bool,
    /// What is durable and unpublished is handed out.
    pub replays: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self { syncs: true, syncs_again: true, replays: true }
    }
}

/// How a process ends that was not closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Death {
    /// The process alone: what it wrote is still in the page cache.
    Kill,
    /// The machine.
    PowerCut,
    /// The process, after it was told that a sync failed: the page may have been dropped.
    FailedSync,
}

/// One record of the segments.
pub struct Record {
    pub replay: Arc<Replay>,
    pub synced: bool,
    /// Some of its sectors were never written.
    pub torn: bool,
}

/// What is on the disk, and what is about to go wrong with it.
pub struct Medium {
    pub records: Vec<Record>,
    pub published: Published,
    pub trouble: Trouble,
    pub journal: Vec<Did>,
    /// The process that had opened it is no more: it changes nothing, and hears of nothing.
    pub dead: bool,
    habits: Habits,
    chance: Chance,
}

/// A handle on the medium.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<Medium>>);

impl Disk {
    /// An empty disk.
    pub fn new(habits: Habits, chance: Chance) -> Self {
        let medium = Medium {
            records: Vec::new(),
            published: Published::default(),
            trouble: Trouble::default(),
            journal: Vec::new(),
            dead: false,
            habits,
            chance,
        };
        Self(Arc::new(Mutex::new(medium)))
    }

    /// The medium itself.
    pub fn medium(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What start-up of a store does: cuts a torn tail, and makes durable what the page cache alone may hold.
    pub fn open(&self) -> Result<Model, StorageError> {
        let mut medium = self.medium();
        if medium.records.last().is_some_and(|record| record.torn) {
            medium.pass(Moment::Middle)?;
            medium.records.pop();
        }
        let holes =
            medium.records.iter().zip(1..).any(|(record, number)| record.torn || record.replay.number != number);
        if holes || medium.published.count() > medium.records.len() {
            return Err(StorageError::Fatal("the segments have a hole, or the index is ahead of them".to_owned()));
        }
        if medium.records.last().is_some_and(|record| !record.synced) && medium.habits.syncs_again {
            medium.pass(Moment::Before)?;
            medium.records.iter_mut().for_each(|record| record.synced = true);
        }
        medium.pass(Moment::After)?;
        drop(medium);
        Ok(Model(self.clone()))
    }
}

impl Medium {
    /// The process ends; what was only written becomes what it will be found to be.
    pub fn die(&mut self, death: Death) {
        self.dead = true;
        self.trouble = Trouble::default();
        if death == Death::Kill {
            return;
        }
        for record in self.records.iter_mut().filter(|record| !record.synced) {
            match self.chance.between(0, 3) {
                0 => record.torn = true,
                1 | 2 if death == Death::PowerCut => record.synced = true,
                1 => {}
                _ => record.replay = Arc::new(nothing()),
            }
        }
        // What was lost at the very end was never there; before something that was kept it is a hole.
        while self.records.last().is_some_and(|record| record.replay.number == 0) {
            self.records.pop();
        }
        if death == Death::PowerCut {
            let newest = self.published.count() as u64;
            let synced = self.published.durable() as u64;
            let left = match self.chance.between(0, 119) {
                0 => 0,
                1..=59 => self.chance.between(synced, newest),
                _ => newest,
            };
            self.published.back_to(left as usize);
        }
    }

    /// The machine dies here if that was armed; every passage is counted.
    fn pass(&mut self, moment: Moment) -> Result<(), StorageError> {
        if self.trouble.dies_at(moment) {
            self.dead = true;
        }
        self.alive()
    }

    fn alive(&self) -> Result<(), StorageError> {
        if self.dead { Err(StorageError::Fatal("the machine died".to_owned())) } else { Ok(()) }
    }
}

/// Where a record was lost that others follow.
fn nothing() -> Replay {
    let (at, size) = (proof::UnixMillis(0), proof::TreeSize(0));
    Replay { number: 0, at, size, checkpoint_text: String::new(), leaves: Vec::new(), puts: Vec::new() }
}
