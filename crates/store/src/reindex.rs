//! The index made again from segments and key store, beside the one that stands; compared with it row by row; then put in its place.
//!
//! Segments are read, never written. Until the exchange the old index is where it was; from it on the new one is.

use crate::disk;
use crate::error::OpenError;
use crate::history::read_history;
use crate::index::{Family, Index, Pair, is_memory};
use crate::lock::Lock;
use crate::open::{Taken, free_name, of_index, take};
use crate::options::StoreOptions;
use crate::places::Places;
use crate::reads::StoreReads;
use crate::shared::Shared;
use crate::store::Store;
use crate::vault::{SealedParts, Vault};
use ledger::storage::{Commit, Publication, Replay, Storage, StorageError};
use proof::TreeSize;
use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Differences told one by one; beyond, they are counted.
const TOLD: usize = 100;

/// A store whose index is being made again: it publishes what the segments hold, and appends nothing.
#[derive(Debug)]
pub struct Rebuild {
    store: Store,
    /// The index that stands, where it opens: it alone knows what keys of before have signed.
    old: Option<Index>,
    places: Places,
    id: [u8; 16],
    _lock: Arc<Lock>,
}

/// How the old index differs from what segments and keys give.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Differences {
    /// Why the old index does not open; nothing was compared then.
    pub unopened: Option<String>,
    /// Rows of the new index.
    pub rows: u64,
    /// Rows that only the new index has.
    pub missing: u64,
    /// Rows that only the old one has.
    pub extra: u64,
    /// Rows whose values differ.
    pub changed: u64,
    /// The first of them: family, key in hexadecimal, `missing`, `extra` or `changed`.
    pub told: Vec<(&'static str, String, &'static str)>,
}

impl Differences {
    /// The old index was the new one, row by row.
    pub fn is_none(&self) -> bool {
        self.unopened.is_none() && self.missing == 0 && self.extra == 0 && self.changed == 0
    }

    fn take(&mut self, family: &'static str, key: &[u8], what: &'static str) {
        let count = match what {
            "missing" => &mut self.missing,
            "extra" => &mut self.extra,
            _ => &mut self.changed,
        };
        *count = count.saturating_add(1);
        if self.told.len() < TOLD {
            self.told.push((family, proof::hash::encode_hex(key), what));
        }
    }
}

fn beside(places: &Places) -> PathBuf {
    places.data.join("index.new")
}

/// What a rebuild that was cut left beside the index, half a new one or the old one just exchanged, is in `aside/`: nothing is thrown
/// away, and an elimination finds it there.
pub(crate) fn set_aside(places: &Places) -> Result<(), OpenError> {
    let new = beside(places);
    if !new.exists() {
        return Ok(());
    }
    disk::make_directory(&places.aside)?;
    fs::rename(&new, free_name(&places.aside, "index-unfinished")).map_err(OpenError::io("move aside", &new))
}

impl Rebuild {
    /// An empty index stands beside the old one, and every record of the segments waits to be published into it.
    ///
    /// # Errors
    /// `Absent`, `Locked`, those of the keys; `Damaged` when a segment is: an index of damaged segments is not made.
    pub fn begin(options: &StoreOptions) -> Result<Self, OpenError> {
        let Taken { places, lock, keys, id, secret } = take(options)?;
        let mut history = read_history(&places, &id, None)?;
        set_aside(&places)?;
        let index = Index::open(&beside(&places), &id)?;
        history.without_eliminated(&index)?;
        let vault = Vault::new(&secret, places.ahead.clone(), Arc::clone(&lock));
        let shared = Arc::new(Shared::of(index, keys, &places, Arc::clone(&lock)));
        let store = Store::after(&mut history, shared, vault, id, options.segment_bytes);
        let old = Index::open_to_read(&places.index, &id).ok();
        Ok(Self { store, old, places, id, _lock: lock })
    }

    /// The new index, on disk, has taken the old one's place, and the old one is in `aside/`; how they differ.
    ///
    /// # Errors
    /// `IndexAhead` when the old one knows records that the segments do not hold: it stays. `Io`, `Index`.
    pub fn finish(self) -> Result<Differences, OpenError> {
        self.store.shared.index.flush().map_err(of_index)?;
        let differences = self.compare()?;
        let Self { store, old, places, _lock, .. } = self;
        // Both are closed before they are moved.
        drop((store, old));
        let new = beside(&places);
        disk::sync_directory(&new).map_err(OpenError::io("sync", &new))?;
        // A crash here or before leaves the old index, and one beside it that nobody reads.
        exchange(&places, &new)?;
        Ok(differences)
    }

    fn compare(&self) -> Result<Differences, OpenError> {
        let old = Index::open_to_read(&self.places.index, &self.id);
        let mut found = Differences { unopened: old.as_ref().err().cloned(), ..Differences::default() };
        let old = old.ok();
        // One of another format is not compared; how far it goes is.
        let any = old.is_none().then(|| Index::of_any_format(&self.places.index, &self.id).ok()).flatten();
        let new = &self.store.shared.index;
        let segments = new.position().map_err(of_index)?.map_or(0, |position| position.number);
        // A position that cannot be read is a difference like another.
        if let Some(index) =
            old.as_ref().or(any.as_ref()).and_then(|old| old.position().ok().flatten()).map(|position| position.number)
            && index > segments
        {
            return Err(OpenError::IndexAhead { index, segments });
        }
        for (family, name) in Family::ALL {
            let Err(why) = family_differs(old.as_ref(), new, family, name, &mut found) else { continue };
            found.unopened.get_or_insert(format!("{why:?}"));
        }
        Ok(found)
    }
}

/// Both families read side by side in order of keys.
fn family_differs(
    old: Option<&Index>,
    new: &Index,
    family: Family,
    name: &'static str,
    found: &mut Differences,
) -> Result<(), StorageError> {
    let new = new.view();
    let mut new = new.rows(family)?;
    let Some(old) = old else {
        found.rows = found.rows.saturating_add(new.count() as u64);
        return Ok(());
    };
    let old = old.view();
    let mut old = old.rows(family)?;
    let next = |rows: &mut dyn Iterator<Item = Result<Pair, StorageError>>| rows.next().transpose();
    let (mut left, mut right) = (next(&mut old)?, next(&mut new)?);
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.0.cmp(&right.0),
        };
        if let (Ordering::Less, Some((key, _))) = (order, &left) {
            // What the old one remembers of segment files is its own: the next start asks the files again.
            if family != Family::Meta || !is_memory(key) {
                found.take(name, key, "extra");
            }
        } else if let (Ordering::Greater, Some((key, _))) = (order, &right) {
            found.take(name, key, "missing");
        } else if left != right
            && let Some((key, _)) = &right
        {
            found.take(name, key, "changed");
        }
        if order != Ordering::Greater {
            left = next(&mut old)?;
        }
        if order != Ordering::Less {
            found.rows = found.rows.saturating_add(1);
            right = next(&mut new)?;
        }
    }
}

/// The new index stands where the old one stood, which is aside.
fn exchange(places: &Places, new: &Path) -> Result<(), OpenError> {
    disk::make_directory(&places.aside)?;
    // A crash halfway, where the file system cannot exchange, leaves no index: the next start makes it from the segments.
    let done = disk::exchange(new, &places.index, &free_name(&places.aside, "index"));
    done.map(drop).map_err(OpenError::io("exchange the index with", new))
}

impl Storage for Rebuild {
    type Parts = SealedParts;
    type Reads = StoreReads;

    fn reads(&self) -> StoreReads {
        self.store.reads()
    }
    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        self.store.unpublished()
    }
    fn append(&mut self, commit: Commit<SealedParts>) -> Result<(), StorageError> {
        Err(StorageError::Fatal(format!("commit {}: an index is being made again, nothing is appended", commit.number)))
    }
    fn publish(&mut self, publication: Publication) -> Result<(), StorageError> {
        self.store.publish(publication)
    }
    fn signed_before(&self, size: TreeSize) -> Option<String> {
        let bytes = self.old.as_ref()?.find(Family::Heads, &size.0.to_be_bytes()).ok()??;
        String::from_utf8(bytes).ok()
    }
}
