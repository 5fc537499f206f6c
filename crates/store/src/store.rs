//! The one writer: a commit becomes a record, durable; then rows, visible.

use crate::error::OpenError;
use crate::history::History;
use crate::limits::{REPLAY_BYTES, SPARE_BYTES};
use crate::options::StoreOptions;
use crate::reads::StoreReads;
use crate::record::{Place, Record};
use crate::scan::RecordReader;
use crate::sector::sectors_for;
use crate::segment::{self, SegmentHeader, SegmentWriter};
use crate::shared::Shared;
use crate::vault::{SealedParts, Vault};
use ledger::failpoint::{self, Passage};
use ledger::storage::{Commit, Publication, Replay, Storage, StorageError, StoredHead};
use proof::{Hash, UnixMillis};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An open store: holds its lock, appends and publishes commits.
#[derive(Debug)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) vault: Vault,
    pub(crate) store_id: [u8; 16],
    pub(crate) segment_bytes: u64,
    /// `None` until the first commit.
    pub(crate) writer: Option<SegmentWriter>,
    /// Number of the next segment made.
    pub(crate) next_segment: u64,
    /// Number and digest of the last record.
    pub(crate) last: (u64, Hash),
    /// Checkpoint text of the last record found at the opening.
    pub(crate) last_text: String,
    pub(crate) head: Option<StoredHead>,
    /// Records not yet handed to `unpublished`.
    pub(crate) backlog: VecDeque<Unread>,
    /// Records waiting for their publication.
    pub(crate) waiting: VecDeque<Record>,
    /// Memory of the last record's sectors, written over by the next: fresh pages for each commit cost more than the copy.
    pub(crate) spare: Vec<u8>,
    /// Where the opening moved an index that it could not go on with.
    pub(crate) moved: Option<PathBuf>,
    /// Why nothing more is done, once something is no longer known.
    pub(crate) stopped: Option<String>,
}

/// A durable record not yet published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unread {
    pub(crate) number: u64,
    pub(crate) place: Place,
}

/// How far the segments go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Number of the last whole record, 0 for none.
    pub number: u64,
    /// Unsigned checkpoint text after it, empty while the log is empty.
    pub checkpoint_text: String,
}

impl Store {
    /// Id of the store.
    pub fn id(&self) -> [u8; 16] {
        self.store_id
    }

    /// Where the index was moved that was damaged, or made by an older program: another is made from the segments.
    pub fn moved_index(&self) -> Option<&Path> {
        self.moved.as_deref()
    }

    /// How far the segments went when the store was opened: the last record in them, published or not.
    pub fn standing(&self) -> Standing {
        Standing { number: self.last.0, checkpoint_text: self.last_text.clone() }
    }

    /// The store as its segments leave it: what they hold and the index has not published waits; nothing is appended yet.
    pub(crate) fn after(
        history: &mut History,
        shared: Arc<Shared>,
        vault: Vault,
        store_id: [u8; 16],
        segment_bytes: u64,
    ) -> Self {
        Self {
            shared,
            vault,
            store_id,
            segment_bytes,
            writer: None,
            next_segment: history.last_segment.map_or(1, |(number, _)| number + 1),
            last: history.last.as_ref().map_or((0, Hash([0; 32])), |last| (last.number, last.digest)),
            last_text: history.last.as_ref().map(|last| last.checkpoint_text.clone()).unwrap_or_default(),
            head: None,
            backlog: std::mem::take(&mut history.backlog),
            waiting: VecDeque::new(),
            spare: Vec::new(),
            moved: None,
            stopped: None,
        }
    }

    /// An empty store stands in the directory; the master key file is made if there is none.
    ///
    /// # Errors
    /// `AlreadyThere`, `MasterKeyMode`, `MasterKeyForm`, `Io`.
    pub fn create(options: &StoreOptions) -> Result<(), OpenError> {
        crate::open::create(options)
    }

    /// The store is open and locked, its last record durable, its tail clean; what is not published is in `unpublished`.
    ///
    /// # Errors
    /// Each variant of [`OpenError`] but `AlreadyThere`.
    pub fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        crate::open::open(options)
    }

    /// Encryption and look-up keys, for every thread.
    pub fn vault(&self) -> Vault {
        self.vault.clone()
    }

    fn running(&self) -> Result<(), StorageError> {
        match &self.stopped {
            None => Ok(()),
            Some(why) => Err(StorageError::Fatal(format!("the store stopped: {why}"))),
        }
    }

    fn stop(&mut self, why: String) -> StorageError {
        self.stopped = Some(why.clone());
        StorageError::Fatal(why)
    }

    /// The writer has room for this many bytes of record.
    fn make_room(&mut self, record_len: u64, at: UnixMillis) -> Result<&mut SegmentWriter, StorageError> {
        let needed = sectors_for(record_len);
        let asked = self.shared.roll.load(Ordering::Acquire);
        if asked || self.writer.as_ref().is_none_or(|writer| !writer.fits(needed)) {
            let bytes = self.segment_bytes.max(crate::sector::offset_of(needed.saturating_add(1)));
            let made = self.open_segment(at, bytes).map_err(|error| self.not_made(&error))?;
            let number = made.number;
            // The old one is closed, its unused space given back, before anyone is told.
            self.writer = Some(made);
            self.shared.active.store(number, Ordering::Release);
            self.shared.roll.store(false, Ordering::Release);
        }
        self.writer.as_mut().ok_or_else(|| StorageError::Fatal("no segment".into()))
    }

    fn open_segment(&mut self, at: UnixMillis, bytes: u64) -> Result<SegmentWriter, OpenError> {
        // The key is durable before the segment that names it.
        let (key_id, key) = self.shared.keys.create_segment_key(at)?;
        let header = SegmentHeader {
            number: self.next_segment,
            store: self.store_id,
            key: key_id,
            created: at,
            first_record: self.last.0 + 1,
            previous: self.last.1,
        };
        let writer = SegmentWriter::create(self.shared.segments.directory(), &header, key, bytes, &[])?;
        self.next_segment += 1;
        Ok(writer)
    }

    /// A segment that is not there can be asked for again. One whose name may be on disk cannot be left behind: a smaller record could
    /// still go into the segment before it, and the next start would find two segments that do not follow each other.
    fn not_made(&mut self, error: &OpenError) -> StorageError {
        let path = segment::path_of(self.shared.segments.directory(), self.next_segment);
        if path.try_exists().unwrap_or(true) {
            return self.stop(format!("{error}; whether the segment is there is not known"));
        }
        StorageError::Retry(error.to_string())
    }

    fn check_turn(&self, number: u64) -> Result<(), StorageError> {
        self.running()?;
        let waiting = self.backlog.len() + self.waiting.len();
        if waiting > 0 {
            let text = format!("commit {number}: {waiting} commits before it are not yet published");
            return Err(StorageError::Fatal(text));
        }
        let expected = self.last.0 + 1;
        if number != expected {
            return Err(StorageError::Fatal(format!("commit {number} where {expected} was expected")));
        }
        Ok(())
    }

    /// Reads records of the backlog until there is something to replay, within bounds.
    fn read_backlog(&mut self) -> Result<(), StorageError> {
        let mut reader = RecordReader::new(self.shared.segments.directory());
        let mut left = REPLAY_BYTES;
        let mut found = Vec::new();
        while let Some(first) = self.backlog.front().copied() {
            if left == 0 {
                break;
            }
            let read = reader.read(first.place);
            let (record, bytes) = read.map_err(|error| StorageError::Fatal(error.to_string()))?;
            left = left.saturating_sub(bytes);
            if record.number != first.number {
                let text = format!("record {} where {} was found before", record.number, first.number);
                return Err(StorageError::Fatal(text));
            }
            self.backlog.pop_front();
            found.push(record);
        }
        self.waiting.extend(found);
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.stopped.is_none() {
            // After a clean end the next start has next to nothing to read again. Should it fail: as after a crash.
            let _ = self.shared.index.settle();
        }
    }
}

impl Storage for Store {
    type Parts = SealedParts;
    type Reads = StoreReads;

    fn reads(&self) -> StoreReads {
        StoreReads(Arc::clone(&self.shared))
    }

    /// At most `limits::REPLAY_BYTES` of them: once these are published, the next call has the next ones.
    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        self.running()?;
        if self.waiting.is_empty() {
            self.read_backlog()?;
        }
        Ok(self.waiting.iter().map(Record::replay).collect())
    }

    fn append(&mut self, mut commit: Commit<SealedParts>) -> Result<(), StorageError> {
        self.check_turn(commit.number)?;
        if failpoint::pass("segment.before-append") == Passage::Error {
            return Err(StorageError::Retry("failpoint segment.before-append".into()));
        }
        let previous = self.last.1;
        let rng = self.vault.clone();
        let draft = crate::append::Draft::new(&commit, previous)?;
        let memory = std::mem::take(&mut self.spare);
        let writer = self.make_room(draft.record_len(), commit.at)?;
        let (record, sectors) = draft.write(&commit, writer, rng.rng(), memory)?;
        // From here on the record may be on disk: the files ahead that it names must stay.
        commit.leaves.iter_mut().for_each(|(_, parts)| parts.keep_ahead(true));
        if let Err(error) = writer.append(&sectors) {
            let why = format!("commit {}: {error}; what is on disk is not known", commit.number);
            return Err(self.stop(why));
        }
        if sectors.capacity() <= SPARE_BYTES {
            self.spare = sectors;
        }
        self.last = (record.number, record.digest);
        self.waiting.push_back(record);
        Ok(())
    }

    fn publish(&mut self, publication: Publication) -> Result<(), StorageError> {
        self.running()?;
        let Some(record) = self.waiting.front() else {
            let text = format!("commit {} is not waiting to be published", publication.number);
            return Err(StorageError::Fatal(text));
        };
        if (record.number, record.size) != (publication.number, publication.size) {
            let text = format!(
                "publication of commit {} at size {} where {} at size {} waits",
                publication.number, publication.size.0, record.number, record.size.0
            );
            return Err(StorageError::Fatal(text));
        }
        let unchanged = || self.head.as_ref().map(|head| head.checkpoint.clone()).unwrap_or_default();
        let checkpoint = if publication.checkpoint.is_empty() { unchanged() } else { publication.checkpoint.clone() };
        let head = StoredHead {
            number: publication.number,
            size: publication.size,
            root: publication.root,
            at: publication.at,
            groups: publication.groups,
            checkpoint,
        };
        let published = self.shared.index.publish(record, &publication, &head);
        if !record.puts.is_empty() {
            // Whatever became of it: what was read before may be another now.
            self.shared.state_changes.fetch_add(1, Ordering::Release);
        }
        if let Err(error) = published {
            // The record is durable: the next start publishes it.
            return Err(self.stop(format!("commit {}: {error:?}", publication.number)));
        }
        self.waiting.pop_front();
        self.head = Some(head);
        Ok(())
    }
}
