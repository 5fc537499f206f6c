//! Reading a segment from its beginning, telling a torn tail from damage.
//!
//! A record is torn when a sector of it was never written and nothing but blank sectors and continuations follow: it
//! cannot have been acknowledged. Everything else that is not a whole, right record is damage, and stops the start.

use crate::erase::records::Stored;
use crate::error::OpenError;
use crate::record::{Place, Prefix, Record};
use crate::sector::{SECTOR, Sector, SectorType, offset_of, read, sectors_for};
use crate::segment::{self, SegmentHeader};
use proof::Hash;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const RESTORE: &str =
    "restore this segment from a backup or a mirror; do not remove or truncate it, acknowledged deposits may be in it";
/// Sectors read by one call.
const AT_ONCE: u64 = 2048;

/// A record as found.
pub(crate) struct Found {
    pub(crate) prefix: Prefix,
    pub(crate) digest: Hash,
    pub(crate) place: Place,
    pub(crate) sectors: u64,
    header: Vec<u8>,
    keyring: Vec<u8>,
}

impl Found {
    /// The record, without its body, for whoever reads its key table.
    pub(crate) fn stored(self) -> Stored {
        Stored::new(self.place, self.prefix, self.header, self.keyring)
    }

    /// The record, read whole but for its body.
    pub(crate) fn record(&self, path: &Path) -> Result<Record, OpenError> {
        Record::parse(self.place, &self.prefix, &self.header, &self.keyring)
            .map_err(|error| damaged(path, self.place.sector, format!("record {}: {error}", self.prefix.number)))
    }
}

/// How a segment ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tail {
    /// First sector after the last whole record.
    pub(crate) end: u64,
    /// Something of a torn record stands after it.
    pub(crate) torn: bool,
}

/// The number and digest that the next record must continue.
pub(crate) type Last = Option<(u64, Hash)>;

pub(crate) fn damaged(path: &Path, sector: u64, what: String) -> OpenError {
    OpenError::Damaged { path: path.to_owned(), offset: offset_of(sector), what, remedy: RESTORE }
}

/// Sectors of a file, read ahead in blocks; what the file does not hold is blank.
pub(crate) struct Sectors {
    file: Arc<File>,
    path: PathBuf,
    segment: u64,
    /// Sectors that the file holds, the last perhaps in part.
    count: u64,
    len: u64,
    buffer: Vec<u8>,
    first: u64,
}

impl Sectors {
    pub(crate) fn open(path: &Path, segment: u64) -> Result<Self, OpenError> {
        let file = File::open(path).map_err(OpenError::io("open segment", path))?;
        let len = file.metadata().map_err(OpenError::io("open segment", path))?.len();
        let count = len.div_ceil(SECTOR as u64);
        Ok(Self { file: Arc::new(file), path: path.to_owned(), segment, count, len, buffer: Vec::new(), first: 0 })
    }

    /// The first so many bytes of an open segment; what stands after them is not looked at.
    pub(crate) fn first_of(file: File, path: &Path, segment: u64, bytes: u64) -> Self {
        let count = bytes.div_ceil(SECTOR as u64);
        let file = Arc::new(file);
        Self { file, path: path.to_owned(), segment, count, len: bytes, buffer: Vec::new(), first: 0 }
    }

    /// The file, open.
    pub(crate) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
    /// Sectors that the file holds, the last perhaps in part.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
    /// Bytes that the file holds.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn at(&mut self, sector: u64) -> Result<Sector<'_>, OpenError> {
        if sector >= self.count {
            return Ok(Sector::Blank);
        }
        let held = (self.buffer.len() / SECTOR) as u64;
        if sector < self.first || sector >= self.first + held {
            self.fill(sector).map_err(OpenError::io("read segment", &self.path))?;
        }
        let within = usize::try_from(sector - self.first).unwrap_or(usize::MAX);
        // A last sector that is missing bytes was never written whole: as good as blank.
        Ok(match self.buffer.as_chunks::<SECTOR>().0.get(within) {
            Some(bytes) => read(self.segment, sector, bytes),
            None => Sector::Blank,
        })
    }

    fn fill(&mut self, sector: u64) -> io::Result<()> {
        self.buffer.resize(AT_ONCE as usize * SECTOR, 0);
        let mut filled = 0;
        while filled < self.buffer.len() {
            match self.file.read_at(&mut self.buffer[filled..], offset_of(sector) + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.buffer.truncate(filled);
        self.first = sector;
        Ok(())
    }

    fn damaged(&self, sector: u64, what: String) -> OpenError {
        damaged(&self.path, sector, what)
    }

    /// Nothing but blank sectors, or what is left of one torn record (begun at `record`), from here to the end;
    /// whether the latter.
    fn torn_rest(&mut self, from: u64, record: u64) -> Result<bool, OpenError> {
        let mut torn = false;
        for sector in from..self.count {
            match self.at(sector)? {
                Sector::Blank => {}
                Sector::Whole(SectorType::Continuation, _) => torn = true,
                Sector::Whole(..) => {
                    let text = format!("an incomplete record is followed by another at byte {}", offset_of(sector));
                    return Err(self.damaged(record, text));
                }
                Sector::Damaged => return Err(self.damaged(sector, "sector is damaged".into())),
            }
        }
        Ok(torn)
    }
}

/// The header of a segment of this store.
pub(crate) fn header_of(sectors: &mut Sectors, store: &[u8; 16]) -> Result<SegmentHeader, OpenError> {
    let number = sectors.segment;
    let parsed = match sectors.at(0)? {
        Sector::Whole(SectorType::Header, payload) => SegmentHeader::parse(payload).map_err(|e| e.to_string()),
        _ => Err("is damaged or missing".into()),
    };
    let header = parsed.map_err(|what| sectors.damaged(0, format!("segment header {what}")))?;
    if header.number != number {
        let what = format!("segment header names segment {}, the file segment {number}", header.number);
        return Err(sectors.damaged(0, what));
    }
    if &header.store != store {
        let what = "segment belongs to another store".to_owned();
        return Err(sectors.damaged(0, what));
    }
    Ok(header)
}

/// Every record of a segment is whole and continues `last`; how the segment ends.
pub(crate) fn scan(
    path: &Path,
    number: u64,
    store: &[u8; 16],
    last: &mut Last,
    visit: &mut dyn FnMut(Found) -> Result<(), OpenError>,
) -> Result<Tail, OpenError> {
    scan_sectors(&mut Sectors::open(path, number)?, store, last, visit)
}

/// The same, of sectors at hand.
pub(crate) fn scan_sectors(
    sectors: &mut Sectors,
    store: &[u8; 16],
    last: &mut Last,
    visit: &mut dyn FnMut(Found) -> Result<(), OpenError>,
) -> Result<Tail, OpenError> {
    let header = header_of(sectors, store)?;
    let before = last.get_or_insert((header.first_record.saturating_sub(1), header.previous));
    let next = before.0.saturating_add(1);
    if header.first_record != next && header.first_record != before.0 {
        let what = format!("segment begins with record {}, record {next} was expected", header.first_record);
        return Err(sectors.damaged(0, what));
    }
    let mut sector = 1;
    loop {
        let Some(found) = record_at(sectors, sector)? else {
            return Ok(Tail { end: sector, torn: sectors.torn_rest(sector, sector)? });
        };
        let Some(found) = found.whole else {
            let after = sector.saturating_add(found.sectors);
            if sectors.torn_rest(after, sector)? {
                return Err(sectors.damaged(after, "something stands after an incomplete record".into()));
            }
            return Ok(Tail { end: sector, torn: true });
        };
        continues(sectors, &found, sector == 1, *before)?;
        *before = (found.prefix.number, found.digest);
        sector = sector.saturating_add(found.sectors);
        visit(found)?;
    }
}

/// The record is the next one; or, at the beginning of a segment, the last one again.
fn continues(sectors: &Sectors, found: &Found, first: bool, last: (u64, Hash)) -> Result<(), OpenError> {
    let number = found.prefix.number;
    let (next, copy) = (last.0.saturating_add(1), first && number == last.0);
    if number != next && !copy {
        return Err(sectors.damaged(found.place.sector, format!("record {number} where {next} was expected")));
    }
    let (named, expected) = if copy { (found.digest, last.1) } else { (found.prefix.previous, last.1) };
    if named != expected {
        let what = format!("record {number} continues {named}, the record before it is {expected}");
        return Err(sectors.damaged(found.place.sector, what));
    }
    Ok(())
}

/// A start sector and what follows from it.
struct Begun {
    sectors: u64,
    /// `None` when a sector was never written.
    whole: Option<Found>,
}

/// The record that begins here; `None` when nothing does.
fn record_at(sectors: &mut Sectors, first: u64) -> Result<Option<Begun>, OpenError> {
    let mut text = Vec::new();
    let parsed = match sectors.at(first)? {
        Sector::Blank => return Ok(None),
        Sector::Whole(SectorType::Start, payload) => {
            text.extend_from_slice(payload);
            Prefix::parse(payload).map_err(|error| format!("record prefix {error}"))
        }
        Sector::Whole(kind, _) => Err(format!("a {kind:?} sector where a record was expected")),
        Sector::Damaged => Err("sector is damaged".into()),
    };
    let prefix = parsed.map_err(|what| sectors.damaged(first, what))?;
    let count = sectors_for(prefix.record_len());
    let kept = prefix.body_at();
    let mut torn = false;
    for sector in first + 1..first.saturating_add(count).min(sectors.count.max(first + 1)) {
        match sectors.at(sector)? {
            Sector::Blank => torn = true,
            Sector::Whole(SectorType::Continuation, payload) => {
                if !torn && (text.len() as u64) < kept {
                    text.extend_from_slice(payload);
                }
            }
            Sector::Whole(..) => {
                let what = format!("record {} is followed by another before it is complete", prefix.number);
                return Err(sectors.damaged(first, what));
            }
            Sector::Damaged => return Err(sectors.damaged(sector, "sector is damaged".into())),
        }
    }
    torn |= first.saturating_add(count) > sectors.count || matches!(sectors.at(first + count - 1)?, Sector::Blank);
    if torn {
        return Ok(Some(Begun { sectors: count, whole: None }));
    }
    let found = complete(sectors, prefix, first, count, &text)?;
    Ok(Some(Begun { sectors: count, whole: Some(found) }))
}

fn complete(sectors: &Sectors, prefix: Prefix, first: u64, count: u64, text: &[u8]) -> Result<Found, OpenError> {
    let range = |from: u64, to: u64| text.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?);
    let header = range(crate::record::PREFIX as u64, prefix.keyring_at()).unwrap_or_default();
    let keyring = range(prefix.keyring_at(), prefix.body_at()).unwrap_or_default();
    for (name, bytes, said) in [("header", header, prefix.header_sha256), ("key table", keyring, prefix.keyring_sha256)]
    {
        let found = proof::sha256(bytes);
        if found != said {
            let what = format!("{name} of record {} has digest {found}, its prefix says {said}", prefix.number);
            return Err(sectors.damaged(first, what));
        }
    }
    Ok(Found {
        digest: prefix.digest(),
        place: Place { segment: sectors.segment, sector: first },
        sectors: count,
        header: header.to_vec(),
        keyring: keyring.to_vec(),
        prefix,
    })
}

/// Reads records one by one, keeping what it read of a segment for the next.
pub(crate) struct RecordReader {
    directory: PathBuf,
    sectors: Option<Sectors>,
}

impl RecordReader {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), sectors: None }
    }

    /// The record at this place, and the bytes it holds in memory.
    pub(crate) fn read(&mut self, place: Place) -> Result<(Record, u64), OpenError> {
        let sectors = match &mut self.sectors {
            Some(sectors) if sectors.segment == place.segment => sectors,
            other => {
                let path = segment::path_of(&self.directory, place.segment);
                other.insert(Sectors::open(&path, place.segment)?)
            }
        };
        let begun = record_at(sectors, place.sector)?.and_then(|begun| begun.whole);
        let Some(found) = begun else {
            return Err(sectors.damaged(place.sector, "a record that was whole is not any more".into()));
        };
        let bytes = (found.header.len() + found.keyring.len()) as u64;
        Ok((found.record(&sectors.path)?, bytes))
    }
}
