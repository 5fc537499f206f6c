//! Segment files: made whole before use, then one synced write per commit.

use crate::codec::{Parsed, Parser, Writer};
use crate::disk;
use crate::error::OpenError;
use crate::keys::{KeyId, WrappingKey};
use crate::limits::MIN_SEGMENT_BYTES;
use crate::sector::{SECTOR, SectorType, SectorWriter, offset_of};
use ledger::failpoint::{self, Passage};
use proof::{Hash, UnixMillis};
use rustix::fs::FallocateFlags;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const MAGIC: &[u8; 4] = b"TBSG";
const VERSION: u16 = 1;
/// Files kept open for reading.
const OPEN_FILES: usize = 128;

/// What the first sector of a segment says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SegmentHeader {
    pub(crate) number: u64,
    pub(crate) store: [u8; 16],
    /// Key that wraps the keys of the records written here.
    pub(crate) key: KeyId,
    pub(crate) created: UnixMillis,
    /// Number of the first record: the next one, or the last one of the segment before, copied.
    pub(crate) first_record: u64,
    /// What that record names as previous.
    pub(crate) previous: Hash,
}

impl SegmentHeader {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(MAGIC).u16(VERSION).u64(self.number).raw(&self.store).raw(&self.key.0);
        out.u64(self.created.0).u64(self.first_record).raw(&self.previous.0);
        let mut sector = SectorWriter::new(self.number, 0, SectorType::Header, SECTOR as u64);
        sector.push(&out.0);
        sector.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Parsed<Self> {
        let mut parser = Parser::new(payload);
        parser.magic(MAGIC, VERSION)?;
        Ok(Self {
            number: parser.u64("segment number")?,
            store: parser.array("store")?,
            key: KeyId(parser.array("key id")?),
            created: UnixMillis(parser.u64("creation time")?),
            first_record: parser.u64("first record")?,
            previous: Hash(parser.array("previous digest")?),
        })
    }
}

/// The path of a segment.
pub(crate) fn path_of(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.seg"))
}

/// Numbers of the segments of a directory, in order.
pub(crate) fn numbers(directory: &Path) -> Result<Vec<u64>, OpenError> {
    disk::list(directory, |name| {
        let digits = name.strip_suffix(".seg").filter(|digits| digits.len() == 20)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    })
}

/// The segment that commits are appended to.
pub(crate) struct SegmentWriter {
    pub(crate) number: u64,
    pub(crate) key_id: KeyId,
    pub(crate) key: Arc<WrappingKey>,
    path: PathBuf,
    file: File,
    /// Sectors preallocated.
    capacity: u64,
    /// First sector not written.
    next: u64,
    /// Set when a write or a sync failed: what is on disk is not known.
    failed: bool,
}

impl SegmentWriter {
    /// The segment exists, durably, preallocated, with its header and these sectors (a copied record) after it.
    pub(crate) fn create(
        directory: &Path,
        header: &SegmentHeader,
        key: Arc<WrappingKey>,
        bytes: u64,
        record: &[u8],
    ) -> Result<Self, OpenError> {
        let path = path_of(directory, header.number);
        let beside = path.with_extension("new");
        let failed = || OpenError::io("create segment", &path);
        let needed = (record.len() as u64).saturating_add(offset_of(1));
        let capacity = bytes.max(MIN_SEGMENT_BYTES).max(needed).div_ceil(SECTOR as u64);
        disk::remove_if_there(&beside).map_err(failed())?;
        let mut file = disk::new_file(&beside).map_err(failed())?;
        let made = preallocate(&file, offset_of(capacity))
            .and_then(|()| file.write_all(&header.write()))
            .and_then(|()| file.write_all(record))
            .and_then(|()| file.sync_all());
        if let Err(error) = made {
            let _ = fs::remove_file(&beside);
            return Err(failed()(error));
        }
        // A crash before the rename leaves a `.new` file, removed at the next start; after it, a whole segment.
        fs::rename(&beside, &path).map_err(failed())?;
        disk::sync_directory(directory).map_err(failed())?;
        let next = needed.div_ceil(SECTOR as u64);
        Ok(Self { number: header.number, key_id: header.key, key, path, file, capacity, next, failed: false })
    }

    /// Whether this many sectors more fit.
    pub(crate) fn fits(&self, sectors: u64) -> bool {
        self.next.saturating_add(sectors) <= self.capacity
    }

    /// Where the next record will stand.
    pub(crate) fn next_sector(&self) -> u64 {
        self.next
    }

    /// The sectors are on disk. On an error nobody knows: the segment takes nothing more.
    pub(crate) fn append(&mut self, sectors: &[u8]) -> io::Result<()> {
        self.failed = true;
        self.file.write_all_at(sectors, offset_of(self.next))?;
        // A crash here leaves any subset of the sectors: never acknowledged, cut at the next start.
        match failpoint::pass("segment.sync") {
            Passage::Skip => {}
            Passage::Error => return Err(io::Error::other("failpoint segment.sync")),
            Passage::Free => self.file.sync_data()?,
        }
        // A crash from here on finds the record: it is replayed and published to the same bytes.
        self.failed = false;
        self.next += (sectors.len() / SECTOR) as u64;
        Ok(())
    }
}

#[cfg(test)]
impl SegmentWriter {
    /// The next appends go to this file instead.
    pub(crate) fn replace_file(&mut self, file: File) {
        self.file = file;
    }
}

impl Drop for SegmentWriter {
    fn drop(&mut self) {
        if !self.failed {
            // Gives unused space back; start-up does it otherwise.
            let _ = self.file.set_len(offset_of(self.next));
        }
    }
}

impl std::fmt::Debug for SegmentWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentWriter").field("path", &self.path).field("next", &self.next).finish()
    }
}

/// The file has this size and its blocks: a later write changes neither.
fn preallocate(file: &File, bytes: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
            let zeros = vec![0; 1024 * 1024];
            let mut at = 0;
            while at < bytes {
                let len = usize::try_from((bytes - at).min(zeros.len() as u64)).unwrap_or(zeros.len());
                file.write_all_at(&zeros[..len], at)?;
                at += len as u64;
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Segments opened for reading.
#[derive(Debug)]
pub(crate) struct SegmentFiles {
    directory: PathBuf,
    open: Mutex<HashMap<u64, Arc<File>>>,
}

impl SegmentFiles {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, open: Mutex::default() }
    }
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn file(&self, number: u64) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(File::open(path_of(&self.directory, number))?);
        if open.len() >= OPEN_FILES {
            open.clear();
        }
        open.insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// The next reader opens the file anew: another stands under its name. Who has it open reads the old one to the end.
    pub(crate) fn forget(&self, number: u64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}
