//! A scrub: every byte of a store read again against what it should be; what is wrong is told with its place, and the reading goes on.
//!
//! Nothing is changed, not even what a start would do. Memory is bounded by a few records and one chunk for each thread; the caller is told how
//! much was read, and slows or stops the scrub by that. Over a live store only what was published when a step began is judged.

mod crew;
mod families;
mod finding;
mod keys;
mod mend;
mod parts;
mod rows;
mod state;
mod survey;
mod walk;

pub use finding::Finding;
pub use mend::Role;

use crate::error::OpenError;
use crate::index::Index;
use crate::keys::{KeyId, KeyStore};
use crate::lock::Lock;
use crate::open::{Taken, take};
use crate::options::StoreOptions;
use crate::places::Places;
use crate::reads::StoreReads;
use crate::record::Place;
use crate::scan::Last;
use crate::segment;
use crate::shared::Shared;
use ledger::audit::Auditor;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// Whoever runs a scrub.
pub trait Watch {
    /// Something is not as it should be.
    fn found(&mut self, finding: Finding);
    /// So many bytes more were read; `false` stops the scrub.
    fn passed(&mut self, bytes: u64) -> bool;
}

/// The scrub was stopped by whoever runs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped;

/// What a step of a scrub says: done, or stopped.
pub type Step = Result<(), Stopped>;

/// How much of a content a scrub makes again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// What is stored is what was stored: every ciphertext has its digest, every key opens and is the right one, `E` and each `F`
    /// decipher, and `E` is the one that the log commits to.
    Stored,
    /// Documents too are deciphered and hashed again, and compared with what `F` says; `E`, `F` and `R` are read field by field.
    Documents,
}

/// How deep a scrub goes, and with how many threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    /// See [`Depth`].
    pub depth: Depth,
    /// Threads, at least one.
    pub threads: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { depth: Depth::Documents, threads: 1 }
    }
}

/// A store as a scrub sees it.
pub struct Scrubber {
    places: Places,
    keys: KeyStore,
    store: [u8; 16],
    /// The open index; `None` when it does not open, which is a finding.
    shared: Option<Arc<Shared>>,
    /// Somebody else writes meanwhile.
    live: bool,
    effort: Effort,
    /// Why the index is not open.
    unopened: Option<String>,
    _lock: Arc<Lock>,
}

/// Where a scrub of segments stands: what the next record must continue.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    last: Last,
    /// The last record that had been published when the last segment was begun, where somebody else goes on writing.
    until: Option<u64>,
    /// The last segment read.
    read: u64,
    /// The record that a later start copied, and where to.
    copied: Option<(u64, Place)>,
    /// Keys that do not open, told once.
    told: HashSet<[u8; 16]>,
    /// Records, entries and parts looked at.
    pub records: u64,
    /// See [`Progress::records`].
    pub entries: u64,
    /// See [`Progress::records`].
    pub parts: u64,
}

/// What one step needs at hand.
struct Desk<'a> {
    watch: &'a mut dyn Watch,
    audit: &'a mut dyn Auditor,
}

/// Notes that something was found, and keeps it to itself.
struct Held<'a> {
    watch: &'a mut dyn Watch,
    any: bool,
}

impl Watch for Held<'_> {
    fn found(&mut self, _: Finding) {
        self.any = true;
    }
    fn passed(&mut self, bytes: u64) -> bool {
        self.watch.passed(bytes)
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrubber").field("live", &self.live).finish_non_exhaustive()
    }
}

impl Scrubber {
    /// A store that nobody serves, held for as long as this lives, its index opened for reading only.
    ///
    /// # Errors
    /// `Absent`, `Locked`, those of the master key and of the store's own secret.
    pub fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        let Taken { places, lock, keys, id: store, .. } = take(options)?;
        let index = Index::open_to_read(&places.index, &store);
        let unopened = index.as_ref().err().cloned();
        let own = keys.again();
        let shared = index.ok().map(|index| Arc::new(Shared::of(index, own, &places, Arc::clone(&lock))));
        Ok(Self { places, keys, store, shared, live: false, effort: Effort::default(), unopened, _lock: lock })
    }

    /// A store that is open for writing elsewhere in this process.
    ///
    /// # Errors
    /// Those of the store's own secret.
    pub fn beside(reads: &StoreReads, data: &Path) -> Result<Self, OpenError> {
        let places = Places::of(data);
        // A key store of its own: keys are read from their files again, not remembered. The master key is the one the store was opened
        // with: where it came from is not asked again.
        let keys = reads.0.keys.again();
        let (store, _) = keys.store_secret()?;
        Ok(Self {
            places,
            keys,
            store,
            shared: Some(Arc::clone(&reads.0)),
            live: true,
            effort: Effort::default(),
            unopened: None,
            _lock: Arc::clone(&reads.0._lock),
        })
    }

    /// The same, with this effort.
    #[must_use]
    pub fn with(self, effort: Effort) -> Self {
        Self { effort, ..self }
    }

    /// Reads of the index, when it opens.
    pub fn reads(&self) -> Option<StoreReads> {
        self.shared.clone().map(StoreReads)
    }

    fn index(&self) -> Option<&Index> {
        self.shared.as_deref().map(|shared| &shared.index)
    }

    /// Numbers of the segments that stand there, in order.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn segments(&self) -> Result<Vec<u64>, OpenError> {
        segment::numbers(&self.places.segments)
    }

    /// The record that the index published last, 0 for none.
    fn published(&self) -> Option<u64> {
        let position = self.index()?.position().ok()?;
        Some(position.map_or(0, |position| position.number))
    }

    /// Every byte of this segment and of the files ahead that its records name, and the rows of the index about them.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn segment(
        &self,
        number: u64,
        progress: &mut Progress,
        audit: &mut dyn Auditor,
        watch: &mut dyn Watch,
    ) -> Step {
        let before = progress.clone();
        self.undisturbed(watch, &mut |again, watch| {
            if again {
                *progress = before.clone();
                audit.lost();
            }
            walk::Walk { scrub: self, desk: Desk { watch, audit: &mut *audit }, progress: &mut *progress }
                .segment(number)
        })
    }

    /// Does this work. Over a live store an elimination may have replaced files meanwhile: what was found is then looked at once more
    /// while none runs, and only that is told.
    fn undisturbed(&self, watch: &mut dyn Watch, work: &mut dyn FnMut(bool, &mut dyn Watch) -> Step) -> Step {
        let Some(shared) = self.shared.as_deref().filter(|_| self.live) else { return work(false, watch) };
        let mut held = Held { watch, any: false };
        work(false, &mut held)?;
        if !held.any {
            return Ok(());
        }
        let _alone = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        work(true, watch)
    }

    /// The entry is eliminated: nothing of it is missed.
    fn is_eliminated(&self, index: proof::Index) -> bool {
        self.index().is_some_and(|own| own.is_eliminated(index).unwrap_or(false))
    }

    /// The log says that this key is destroyed.
    fn is_condemned(&self, key: KeyId) -> bool {
        self.index().is_some_and(|own| own.condemned().is_ok_and(|keys| keys.contains(&key)))
    }

    /// What only shows once all segments were read: how far the index goes, the key store, rows that nothing accounts for, small
    /// state, and files that nothing names.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn whole(&self, progress: &Progress, watch: &mut dyn Watch) -> Step {
        self.undisturbed(watch, &mut |_, watch| self.rest(progress, watch))
    }

    fn rest(&self, progress: &Progress, watch: &mut dyn Watch) -> Step {
        if let Some(why) = &self.unopened {
            watch.found(Finding::new("index-unopened", "an index that opens", why).at(&self.places.index));
        }
        self.position(progress, watch);
        keys::every(self, watch)?;
        let Some(index) = self.index() else { return Ok(()) };
        let sides = [state::compare, families::every];
        crew::share(self.effort.threads, &sides, watch, &|side, watch| side(self, index, watch))
    }

    /// The index goes as far as the segments.
    fn position(&self, progress: &Progress, watch: &mut dyn Watch) {
        let (Some(published), Some((last, _))) = (self.published(), progress.last) else { return };
        if self.live && self.segments().ok().and_then(|numbers| numbers.last().copied()) != Some(progress.read) {
            // A segment was begun meanwhile: what stands there is for the next scrub.
            return;
        }
        // Over a live store, what was published after the last segment was begun is for the next scrub too.
        let published = progress.until.map_or(published, |until| until.min(published));
        if published > last {
            let expected = format!("records up to {published}, as the index knows");
            watch.found(Finding::new("records-missing", expected, last).at(&self.places.segments));
        } else if published < last && !self.live {
            let finding = Finding::new("index-behind", format!("record {last}"), format!("record {published}"));
            // What the segments hold beyond is published by the next start.
            watch.found(finding.at(&self.places.index).harmless());
        }
    }
}
