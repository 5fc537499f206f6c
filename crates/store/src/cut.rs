//! What a backup takes: how far each segment goes at one published commit, and the bytes up to there, checked as they are read.
//!
//! A segment is appended to and never changed, but by an elimination, which puts another file under another key in its place. So the
//! number, the key in its header and the length say which bytes are meant, and a reader that finds another key asks again.

use crate::ahead;
use crate::erase::records::Closed;
use crate::error::OpenError;
use crate::open::of_index;
use crate::places::Places;
use crate::reads::StoreReads;
use crate::record::{Location, PREFIX, Place, Prefix};
use crate::scan::{self, Sectors};
use crate::sector::{SECTOR, offset_of, sectors_for};
use crate::segment;
use ledger::storage::StoredHead;
use proof::Hash;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, TryLockError};

/// A store at one published commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Id of the store.
    pub store: [u8; 16],
    /// The head published with that commit.
    pub head: StoredHead,
    /// Segments from the first to the one that holds the commit.
    pub segments: Vec<CutSegment>,
    /// Segment keys that the log says are destroyed.
    pub destroyed: Vec<[u8; 16]>,
}

/// How far a segment goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CutSegment {
    /// Its number.
    pub number: u64,
    /// The key that its header names.
    pub key: [u8; 16],
    /// Bytes up to the end of its last record.
    pub bytes: u64,
}

/// A file ahead as a record's header says it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AheadCopy {
    /// Its name.
    pub name: [u8; 16],
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: Hash,
}

impl StoreReads {
    /// The store at its last published commit: everything named is durable, and nothing is in it that is not published. `None` while
    /// an elimination replaces files.
    ///
    /// # Errors
    /// `Index`, `Io`, `Damaged`: nothing was ever committed, or a segment's header cannot be read.
    pub fn cut(&self) -> Result<Option<Cut>, OpenError> {
        let _still = match self.0.erasing.try_lock() {
            Ok(still) => still,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let (position, head) = {
            let view = self.0.index.view();
            (view.position().map_err(of_index)?, view.head().map_err(of_index)?)
        };
        let (Some(position), Some(head)) = (position, head) else {
            return Err(OpenError::Index("nothing was ever committed".into()));
        };
        let (mut segments, mut store) = (Vec::new(), None);
        for number in 1..=position.place.segment {
            let path = segment::path_of(self.0.segments.directory(), number);
            let closed = Closed::open(&path, number)?;
            let bytes = match number == position.place.segment {
                true => end_of(&closed, position.place)?,
                false => closed.file.metadata().map_err(OpenError::io("read segment", &path))?.len(),
            };
            store.get_or_insert(closed.header.store);
            segments.push(CutSegment { number, key: closed.header.key.0, bytes });
        }
        let destroyed = self.0.index.condemned().map_err(of_index)?.into_iter().map(|key| key.0).collect();
        Ok(Some(Cut { store: store.unwrap_or_default(), head, segments, destroyed }))
    }
}

/// Where the record at this place ends in its file.
fn end_of(closed: &Closed, place: Place) -> Result<u64, OpenError> {
    let mut bytes = [0; PREFIX];
    closed.read(place.sector, 0, &mut bytes)?;
    let prefix = Prefix::parse(&bytes);
    let prefix = prefix.map_err(|error| scan::damaged(&closed.path, place.sector, format!("record prefix {error}")))?;
    Ok(offset_of(place.sector.saturating_add(sectors_for(prefix.record_len()))))
}

/// The path of a segment of the store in this directory.
pub fn segment_path(store: &Path, number: u64) -> PathBuf {
    segment::path_of(&Places::of(store).segments, number)
}

/// The path of a file ahead of the store in this directory.
pub fn ahead_path(store: &Path, name: &[u8; 16]) -> PathBuf {
    ahead::path_of(&Places::of(store).ahead, name)
}

/// The bytes of a segment up to its end, every sector and record of them right.
#[derive(Debug)]
pub struct SegmentCopy {
    file: File,
    bytes: u64,
    left: u64,
    /// Files ahead that its records name and that are not destroyed, each once, in order of names.
    pub ahead: Vec<AheadCopy>,
}

impl SegmentCopy {
    /// The segment, read through once. `None` when another file stands in its place, or none does.
    ///
    /// # Errors
    /// `Io`; `Damaged` when a sector or a record of it is wrong: no backup is taken of that.
    pub fn open(store: &Path, id: &[u8; 16], cut: &CutSegment) -> Result<Option<Self>, OpenError> {
        let path = segment_path(store, cut.number);
        let failed = || OpenError::io("read segment", &path);
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed())?,
        };
        let read = file.try_clone().map_err(failed())?;
        let mut sectors = Sectors::first_of(read, &path, cut.number, cut.bytes);
        if scan::header_of(&mut sectors, id)?.key.0 != cut.key {
            return Ok(None);
        }
        let mut ahead = Vec::new();
        let tail = scan::scan_sectors(&mut sectors, id, &mut None, &mut |found| {
            for leaf in found.stored().leaves(&path)? {
                for (facts, unit) in leaf.units {
                    if let (Some(facts), Some(Location::Ahead(name)), Some(_)) = (facts.body, unit.body, unit.key) {
                        ahead.push(AheadCopy { name, bytes: facts.stored, sha256: facts.sha256 });
                    }
                }
            }
            Ok(())
        })?;
        if tail.torn || !cut.bytes.is_multiple_of(SECTOR as u64) {
            return Err(scan::damaged(&path, tail.end, "an incomplete record before the last published one".into()));
        }
        ahead.sort_unstable();
        ahead.dedup();
        file.rewind().map_err(failed())?;
        Ok(Some(Self { file, bytes: cut.bytes, left: cut.bytes, ahead }))
    }

    /// The same bytes again, of the same file, whatever stands in its place now.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.left = self.bytes;
        self.file.rewind()
    }
}

impl Read for SegmentCopy {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = (&self.file).take(self.left).read(into)?;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}
