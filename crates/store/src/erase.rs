//! Elimination: what the log marks as eliminated is destroyed, and nothing else (docs/formats/elimination.md).
//!
//! The order of steps is what makes it safe: the log says it; survivors stand under fresh keys; files ahead go; the log says which
//! keys are destroyed; they are; the index is written anew. Each step finds by itself what is left to do, so that running again after a crash, or
//! after a backup was put back, ends in the same state.

pub(crate) mod records;
mod rewrite;
mod survey;

use crate::ahead;
use crate::disk;
use crate::error::OpenError;
use crate::index::{Family, Range};
use crate::keys::KeyId;
use crate::reads::StoreReads;
use crate::segment;
use crate::shared::Shared;
use ledger::failpoint::{self, Passage};
use ledger::storage::StorageError;
use proof::Index;
use records::Closed;
use rewrite::Rewriter;
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// What elimination asks of the log while it runs.
pub trait Orders {
    /// Something was committed and published since this was called.
    ///
    /// # Errors
    /// Why not, in words.
    fn commit(&mut self) -> Result<(), String>;
    /// The log says, durably, that these segment keys are destroyed.
    ///
    /// # Errors
    /// Why not, in words.
    fn condemn(&mut self, keys: &[[u8; 16]]) -> Result<(), String>;
    /// Entries of eliminations that the log does not yet say are carried out; when there is none, everything is gone through.
    fn pending(&self) -> Vec<Index>;
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Erased {
    /// Segments written anew.
    pub segments: u64,
    /// Segment keys destroyed.
    pub keys: u64,
    /// Files ahead removed.
    pub files: u64,
    /// Parts of entries that stay in the log and that nothing opens any more: older segment files were put back.
    pub unreadable: u64,
}

/// Why elimination stopped. What it had done stays done; running it again goes on.
#[derive(Debug)]
#[non_exhaustive]
pub enum EraseError {
    /// A segment or a key cannot be read or written.
    Store(OpenError),
    /// The index failed.
    Index(StorageError),
    /// The log did not take what it had to say, in words.
    Log(String),
    /// Something eliminated is still there after it was to be gone, in words.
    Left(String),
}

impl fmt::Display for EraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Index(error) => write!(f, "{error:?}"),
            Self::Log(why) | Self::Left(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for EraseError {}

impl From<OpenError> for EraseError {
    fn from(error: OpenError) -> Self {
        Self::Store(error)
    }
}

impl From<StorageError> for EraseError {
    fn from(error: StorageError) -> Self {
        Self::Index(error)
    }
}

/// Destroys what the log marks as eliminated, while the store serves.
#[derive(Clone, Debug)]
pub struct Eraser(Arc<Shared>);

impl StoreReads {
    /// The eraser of this store.
    pub fn eraser(&self) -> Eraser {
        Eraser(Arc::clone(&self.0))
    }
}

impl Eraser {
    /// Something may be there that the log says is destroyed: a condemned key in the key store, a segment file that is not the
    /// one known, an index made anew.
    ///
    /// # Errors
    /// The index failed.
    pub fn is_needed(&self) -> Result<bool, StorageError> {
        let eliminated = self.0.index.eliminated()?;
        let back = self.0.index.condemned()?.into_iter().any(|key| self.0.keys.holds(key));
        Ok(!eliminated.is_empty() && (back || self.0.changed.load(Ordering::Acquire)))
    }

    /// Nothing of what the log marks as eliminated can be read any more, here or with a copy of the segments: no key, no
    /// look-up, no file ahead, no old row of the index.
    ///
    /// # Errors
    /// [`EraseError`]: no key was destroyed before everything that stays was readable without it.
    pub fn run(&self, orders: &mut dyn Orders) -> Result<Erased, EraseError> {
        let _alone = self.0.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        let eliminated = self.0.index.eliminated()?;
        if eliminated.is_empty() {
            return Ok(Erased::default());
        }
        let active = self.close_segment(orders)?;
        let gone: HashSet<KeyId> = self.0.index.condemned()?.into_iter().collect();
        let back = gone.iter().copied().filter(|key| self.0.keys.holds(*key));
        let found = survey::survey(&self.0, 1..active, &eliminated, back)?;
        // A crash here: nothing was touched.
        ledger::failpoint!("eliminate.surveyed", stopped("eliminate.surveyed"));
        let mut done = Erased { segments: found.segments.len() as u64, ..Erased::default() };
        for number in &found.segments {
            done.unreadable += self.renew(*number, &eliminated, &gone)?;
        }
        self.check(&found, &eliminated)?;
        self.0.index.forget_lookups(&eliminated)?;
        // A crash here or before: the next start does it again, as nothing says yet that it is done.
        done.files = self.remove_ahead(&eliminated)?;
        done.keys = self.destroy(&found.condemned, orders)?;
        let pending: HashSet<u64> = orders.pending().iter().map(|index| index.0).collect();
        self.purge(if pending.is_empty() { &eliminated } else { &pending })?;
        self.clear_aside()?;
        self.0.changed.store(false, Ordering::Release);
        Ok(done)
    }

    /// Everything committed until now stands in closed segments; the number of the one that is not.
    fn close_segment(&self, orders: &mut dyn Orders) -> Result<u64, EraseError> {
        self.0.roll.store(true, Ordering::Release);
        orders.commit().map_err(EraseError::Log)?;
        Ok(self.0.active.load(Ordering::Acquire))
    }

    /// The segment stands under a fresh key, without what is eliminated, and the index names its new places. Gives the
    /// number of parts that nothing opens.
    fn renew(&self, number: u64, eliminated: &HashSet<u64>, gone: &HashSet<KeyId>) -> Result<u64, EraseError> {
        let shared = &*self.0;
        let path = segment::path_of(shared.segments.directory(), number);
        let old = Closed::open(&path, number)?;
        let known = old.header.key;
        let mut rewriter = Rewriter::new(shared, old, eliminated, gone)?;
        let (beside, key) = rewriter.write()?;
        // A crash here leaves a `.new` file: removed at the next start.
        ledger::failpoint!("eliminate.written", stopped("eliminate.written"));
        let records = records_of(&beside, number)?;
        shared.index.know_segments(&[(number, known)])?;
        {
            // Readers see the old file with the old rows, or the new one with the new rows.
            let _layout = shared.layout.write().unwrap_or_else(PoisonError::into_inner);
            let failed = || OpenError::io("replace segment", &path);
            fs::rename(&beside, &path).map_err(failed())?;
            disk::sync_directory(shared.segments.directory()).map_err(failed())?;
            // A crash here: the next start finds another key in the header than the index knows, and places the rows again.
            ledger::failpoint!("eliminate.replaced", stopped("eliminate.replaced"));
            shared.segments.forget(number);
            shared.index.relocate(number, key, &records)?;
        }
        // A crash here: what is left of the segments follows, and only then are keys destroyed.
        ledger::failpoint!("eliminate.relocated", stopped("eliminate.relocated"));
        Ok(rewriter.unreadable)
    }

    /// Nothing eliminated is left in what was written anew, and nothing there needs a key that is about to go.
    fn check(&self, found: &survey::Survey, eliminated: &HashSet<u64>) -> Result<(), EraseError> {
        let there = found.condemned.iter().copied().filter(|key| self.0.keys.holds(*key));
        let left = survey::survey(&self.0, found.segments.iter().copied(), eliminated, there)?;
        match left.segments.first() {
            None => Ok(()),
            Some(number) => {
                Err(EraseError::Left(format!("segment {number} still needs a key that is to be destroyed")))
            }
        }
    }

    fn remove_ahead(&self, eliminated: &HashSet<u64>) -> Result<u64, EraseError> {
        let names = self.0.index.ahead_of(eliminated)?;
        for name in &names {
            let path = ahead::path_of(&self.0.ahead, name);
            disk::remove_if_there(&path).map_err(OpenError::io("remove", &path))?;
        }
        disk::sync_directory(&self.0.ahead).map_err(OpenError::io("sync", &self.0.ahead))?;
        // A crash here: the index names files that are not there, of eliminated entries alone; the next run forgets them.
        ledger::failpoint!("eliminate.ahead-removed", stopped("eliminate.ahead-removed"));
        self.0.index.forget_ahead(&names)?;
        Ok(names.len() as u64)
    }

    /// The log says it, then it is done.
    fn destroy(&self, condemned: &BTreeSet<KeyId>, orders: &mut dyn Orders) -> Result<u64, EraseError> {
        let names: Vec<[u8; 16]> = condemned.iter().map(|key| key.0).collect();
        if !names.is_empty() {
            orders.condemn(&names).map_err(EraseError::Log)?;
        }
        // A crash here: the next start finds condemned keys in the key store, and destroys them before it serves.
        ledger::failpoint!("eliminate.condemned", stopped("eliminate.condemned"));
        if failpoint::pass("eliminate.destroy-keys") == Passage::Skip {
            // Negative control: the content can still be read.
            return Ok(0);
        }
        for key in condemned {
            self.0.keys.destroy(*key).map_err(OpenError::io("destroy a key in", &self.0.ahead))?;
        }
        ledger::failpoint!("eliminate.keys-destroyed", stopped("eliminate.keys-destroyed"));
        Ok(names.len() as u64)
    }

    /// The rows of before are in no file of the index.
    fn purge(&self, eliminated: &HashSet<u64>) -> Result<(), EraseError> {
        if failpoint::pass("eliminate.purge-index") == Passage::Skip {
            // Negative control: old look-ups stay in tables and logs.
            return Ok(());
        }
        let ends = eliminated.iter().min().zip(eliminated.iter().max());
        let Some((first, last)) = ends else { return Ok(()) };
        let all = |family| (family, vec![], vec![0xff; 64]);
        let entries: Range = (Family::Entries, first.to_be_bytes().to_vec(), last.to_be_bytes().to_vec());
        self.0.index.purge(&[entries, all(Family::Lookups), all(Family::Ahead)])?;
        ledger::failpoint!("eliminate.index-purged", stopped("eliminate.index-purged"));
        Ok(())
    }

    /// Indexes that a start moved aside hold rows of before.
    fn clear_aside(&self) -> Result<(), EraseError> {
        let aside = &self.0.aside;
        for name in disk::list(aside, |name| name.starts_with("index").then(|| name.to_owned()))? {
            let path = aside.join(name);
            fs::remove_dir_all(&path).map_err(OpenError::io("remove", &path))?;
        }
        disk::sync_directory(aside).map_err(OpenError::io("sync", aside))?;
        Ok(())
    }
}

/// What a test build is made to say instead of going on.
fn stopped(at: &str) -> EraseError {
    EraseError::Log(format!("failpoint {at}"))
}

/// Every record of a segment file, without its body.
fn records_of(path: &Path, number: u64) -> Result<Vec<crate::record::Record>, OpenError> {
    let closed = Closed::open(path, number)?;
    let mut records = Vec::new();
    closed.each(&mut |stored| {
        records.push(stored.record(path)?);
        Ok(())
    })?;
    Ok(records)
}

/// At start-up: the rows of each segment are placed as its file is. A file that is not the one the index knows was replaced, by an
/// elimination that a crash cut short or by someone who put a backup back.
pub(crate) fn agree(shared: &Shared) -> Result<(), StorageError> {
    let of_open = |error: OpenError| StorageError::Fatal(error.to_string());
    let directory = shared.segments.directory();
    let (mut unknown, mut seen, mut replaced) = (Vec::new(), false, false);
    for number in segment::numbers(directory).map_err(of_open)? {
        let path = segment::path_of(directory, number);
        // A header that cannot be read is found by whoever reads the segment: it stops no start.
        let Ok(found) = Closed::open(&path, number).map(|closed| closed.header.key) else {
            continue;
        };
        match shared.index.segment_key(number)? {
            None => unknown.push((number, found)),
            Some(known) if known == found => seen = true,
            Some(_) => {
                let mut records = records_of(&path, number).map_err(of_open)?;
                for leaf in records.iter_mut().flat_map(|record| &mut record.leaves) {
                    if shared.index.is_eliminated(leaf.leaf.index)? {
                        leaf.leaf.lookups.clear();
                    }
                }
                shared.index.relocate(number, found, &records)?;
                shared.changed.store(true, Ordering::Release);
                (seen, replaced) = (true, true);
            }
        }
    }
    if replaced {
        shared.index.forget_lookups(&shared.index.eliminated()?)?;
    }
    if !seen && !unknown.is_empty() {
        // An index that knows no file was made anew.
        shared.changed.store(true, Ordering::Release);
    }
    shared.index.know_segments(&unknown)
}
