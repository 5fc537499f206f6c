//! The ASiC-E container, read: one reading only. Local headers and directory must agree, entries follow each
//! other without gap from the first byte to the directory, and the end record is the last thing: two readers of
//! an accepted container see the same entries.
//!
//! Deliberately not here: zip64, encryption, a comment of the whole, several disks, directories, links, extra fields that
//! could say something else than the headers; each is refused. Containers of others are read with more patience (`others.rs`).

use std::cell::RefCell;
use std::cmp::Ordering;
use std::io::{self, Read};
use std::rc::Rc;

use crate::container::headers::{End, Entry, FLAG_DESCRIPTOR, Fields, Of, STORED, end_record, malformed, read_entry};
use crate::container::others::{self, Departure};
use crate::container::source::{Held, Measured, Measuring, Part, Source};
use crate::container::{MEDIA_TYPE, MEDIA_TYPE_SIMPLE, MIMETYPE, check_limit};
use crate::error::SealError;
use crate::limits;

/// Inflated bytes taken at once.
const PIECE: usize = 64 << 10;

/// The bytes that entries are read from.
type Bytes<'a> = Rc<dyn Source + 'a>;

/// A container read and found to have one reading; entries are inflated on demand. What is held of it is its directory: entries stay where
/// they are.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    source: Bytes<'a>,
    entries: Vec<Entry>,
    /// Their places in the order of their names.
    by_name: Vec<usize>,
    media_type: Option<&'static str>,
    departures: Vec<Departure>,
}

impl<'a> Container<'a> {
    /// The container these bytes are, its media type first and stored.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`, `Unsupported`, `EntryName`, `EntryRepeated`, `MediaType`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        Self::read_from(Rc::new(Held(bytes)), Of::Us)?.of_asice()
    }

    /// As [`Container::parse`], of bytes that are not all in memory.
    ///
    /// # Errors
    /// As [`Container::parse`]; `Read` where they cannot be read.
    pub fn open(source: &'a dyn Source) -> Result<Self, SealError> {
        Self::read_from(Rc::new(source), Of::Us)?.of_asice()
    }

    /// The container of others that these bytes are, of ASiC-E, of ASiC-S, or of a type that it does not say: it has one reading, and what is
    /// unusual in it is told by [`Container::departures`].
    ///
    /// # Errors
    /// As [`Container::parse`].
    pub fn parse_others(bytes: &'a [u8]) -> Result<Self, SealError> {
        Self::read_from(Rc::new(Held(bytes)), Of::Others)
    }

    /// As [`Container::parse_others`], of bytes that are not all in memory.
    ///
    /// # Errors
    /// As [`Container::open`].
    pub fn open_others(source: &'a dyn Source) -> Result<Self, SealError> {
        Self::read_from(Rc::new(source), Of::Others)
    }

    fn of_asice(self) -> Result<Self, SealError> {
        match self.media_type {
            Some(MEDIA_TYPE) => Ok(self),
            other => Err(SealError::MediaType { found: other.unwrap_or_default().to_owned() }),
        }
    }

    fn read_from(source: Bytes<'a>, of: Of) -> Result<Self, SealError> {
        let End { directory, count, start, comment } = match of {
            Of::Us => end_record(&*source)?,
            Of::Others => others::end_record(&*source)?,
        };
        check_limit("entries of a container", limits::ENTRIES as u64, u64::from(count))?;
        let mut directory = Fields { rest: &directory, what: "zip directory" };
        let (mut entries, mut total, mut local) = (Vec::with_capacity(usize::from(count)), 0u64, Vec::new());
        let read: Result<(), SealError> = (0..count).try_for_each(|_| {
            let entry = read_entry(&*source, &mut directory, start, &mut local, of)?;
            total = total.saturating_add(entry.size);
            check_limit("container", limits::TOTAL_BYTES, total)?;
            entries.push(entry);
            Ok(())
        });
        // Of what was read before anything wrong was met: a name that stands twice is said first.
        let by_name = in_order(&entries)?;
        read?;
        if !directory.rest.is_empty() {
            return Err(malformed("zip directory"));
        }
        let mut container = Self { source, entries, by_name, media_type: None, departures: Vec::new() };
        container.check_layout(start, of)?;
        match of {
            Of::Us => container.media_type = Some(container.read_media_type()?),
            Of::Others => container.without_directories(&comment)?,
        }
        Ok(container)
    }

    /// What is left once directories are gone, and the media type it says.
    fn without_directories(&mut self, comment: &[u8]) -> Result<(), SealError> {
        let all = self.entries.len();
        self.entries.retain(|entry| !entry.directory);
        self.by_name = in_order(&self.entries)?;
        let mut said = None;
        for entry in &self.entries {
            if others::says_media_type(entry)? {
                said = Some((entry, self.read(&entry.name)?));
            }
        }
        let (media_type, mut departures) = others::media_type(said, comment)?;
        if all > self.entries.len() {
            departures.push(Departure::Directories(all - self.entries.len()));
        }
        (self.media_type, self.departures) = (media_type, departures);
        Ok(())
    }

    /// Its media type, [`MEDIA_TYPE`] or [`MEDIA_TYPE_SIMPLE`]; a container of others need not say it.
    pub fn media_type(&self) -> Option<&'static str> {
        self.media_type
    }

    /// What it does otherwise than ours; nothing, of one of ours.
    pub fn departures(&self) -> &[Departure] {
        &self.departures
    }

    fn entry(&self, name: &str) -> Result<&Entry, SealError> {
        let entry = self.place(name).and_then(|place| self.entries.get(place));
        entry.ok_or_else(|| SealError::EntryMissing { name: name.to_owned() })
    }

    /// Where this entry stands among [`Container::names`].
    pub fn place(&self, name: &str) -> Option<usize> {
        let named = |place: &usize| self.entries.get(*place).map_or("", |entry| entry.name.as_str());
        let found = self.by_name.binary_search_by(|place| order(named(place), name)).ok()?;
        self.by_name.get(found).copied()
    }

    /// The size of an entry once inflated.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.entry(name).ok().map(|entry| entry.size)
    }

    /// The names of all entries, the media type's own first, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name.as_str())
    }

    /// Whether there is such an entry.
    pub fn contains(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The bytes of an entry, inflated, their checksum checked. They are all held: [`Container::size`] says how many.
    ///
    /// # Errors
    /// `EntryMissing`, `EntryChecksum`, `Malformed`, `Read`.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, SealError> {
        let entry = self.entry(name)?;
        let mut bytes = Vec::new();
        if entry.method == STORED {
            bytes.resize(usize::try_from(entry.size).map_err(|_| malformed("entry"))?, 0);
            self.source.read_at(entry.data, &mut bytes)?;
        } else {
            self.inflate(entry, &mut |piece| bytes.extend_from_slice(piece))?;
        }
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        entry.has(crc.sum())?;
        Ok(bytes)
    }

    /// What an entry comes to, inflated, its checksum checked: of one reading, in bounded memory.
    ///
    /// # Errors
    /// As [`Container::read`].
    pub fn measure(&self, name: &str) -> Result<Measured, SealError> {
        let entry = self.entry(name)?;
        let measured = if entry.method == STORED {
            self.source.measure(entry.data, entry.size)?
        } else {
            let mut measuring = Measuring::default();
            self.inflate(entry, &mut |piece| measuring.update(piece))?;
            measuring.finish()
        };
        entry.has(measured.checksum.value())?;
        Ok(measured)
    }

    /// An entry is whole, by its checksum; nothing of it is held.
    ///
    /// # Errors
    /// As [`Container::read`].
    pub fn check(&self, name: &str) -> Result<(), SealError> {
        let entry = self.entry(name)?;
        if entry.method == STORED {
            return entry.has(self.source.checksum(entry.data, entry.size)?.value());
        }
        let mut crc = flate2::Crc::new();
        self.inflate(entry, &mut |piece| crc.update(piece))?;
        entry.has(crc.sum())
    }

    /// The bytes of an entry where they stand, if it is stored: a container within this one is read there.
    pub fn stored(&self, name: &str) -> Option<Part<Bytes<'a>>> {
        let entry = self.entry(name).ok().filter(|entry| entry.method == STORED)?;
        Some(Part { source: Rc::clone(&self.source), offset: entry.data, size: entry.size })
    }

    /// Gives the entry's bytes, exactly so many, from exactly those that are packed.
    fn inflate(&self, entry: &Entry, take: &mut dyn FnMut(&[u8])) -> Result<(), SealError> {
        let broken = || malformed("deflated entry");
        let failed = RefCell::new(None);
        let packed = Packed { source: &*self.source, at: entry.data, left: entry.packed, failed: &failed };
        let mut inflater = flate2::read::DeflateDecoder::new(packed);
        let (mut piece, mut size) = (vec![0; PIECE], 0u64);
        loop {
            let read = match inflater.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(_) => return Err(failed.take().unwrap_or_else(broken)),
            };
            size += read as u64;
            if size > entry.size {
                return Err(broken());
            }
            take(piece.get(..read).unwrap_or_default());
        }
        if size == entry.size && inflater.total_in() == entry.packed { Ok(()) } else { Err(broken()) }
    }

    /// Entries stand one after the other from the first byte to the directory, only descriptors between; of others, those that say what the
    /// directory says.
    fn check_layout(&self, directory: u64, of: Of) -> Result<(), SealError> {
        let mut sorted: Vec<&Entry> = self.entries.iter().collect();
        sorted.sort_by_key(|e| e.offset);
        let starts = sorted.iter().skip(1).map(|e| e.offset).chain([directory]);
        if sorted.first().is_some_and(|e| e.offset != 0) {
            return Err(malformed("zip: bytes before the first entry"));
        }
        for (entry, next) in sorted.iter().zip(starts) {
            let gap = next.checked_sub(entry.end).ok_or_else(|| malformed("zip: entries overlap"))?;
            if entry.flags & FLAG_DESCRIPTOR != 0 {
                others::check_descriptor(&*self.source, entry, gap)?;
                // Who reads it as it comes looks for the descriptor, and may find one earlier.
                if entry.method == STORED && (of == Of::Us || others::may_end_earlier(&*self.source, entry)?) {
                    return Err(malformed("stored entry whose size stands behind it"));
                }
            } else if gap != 0 {
                return Err(malformed("zip: bytes between entries"));
            }
        }
        Ok(())
    }

    fn read_media_type(&self) -> Result<&'static str, SealError> {
        let refused = |found: &str| SealError::MediaType { found: found.to_owned() };
        let first = self.entries.iter().find(|e| e.offset == 0).ok_or_else(|| refused("no entry"))?;
        if first.name != MIMETYPE {
            return Err(refused(&first.name));
        }
        if first.method != STORED || first.local_extra || first.flags & FLAG_DESCRIPTOR != 0 {
            return Err(refused("compressed, or with an extra field"));
        }
        // What is longer than any of them is none of them.
        let mut said = vec![0; usize::try_from(first.packed).unwrap_or(usize::MAX).min(MEDIA_TYPE.len() + 1)];
        self.source.read_at(first.data, &mut said)?;
        let known = [MEDIA_TYPE, MEDIA_TYPE_SIMPLE].into_iter().find(|known| said == known.as_bytes());
        known.ok_or_else(|| refused(&String::from_utf8_lossy(said.get(..60).unwrap_or(&said))))
    }
}

/// By length first: names of a pack begin alike.
fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// The places of these entries in the order of their names, none of which stands twice.
fn in_order(entries: &[Entry]) -> Result<Vec<usize>, SealError> {
    let named = |place: &usize| entries.get(*place).map_or("", |entry| entry.name.as_str());
    let mut places: Vec<usize> = (0..entries.len()).collect();
    places.sort_by(|a, b| order(named(a), named(b)));
    let twice = places.iter().zip(places.iter().skip(1)).filter(|(a, b)| named(a) == named(b)).map(|(_, b)| b).min();
    match twice {
        Some(place) => Err(SealError::EntryRepeated { name: named(place).to_owned() }),
        None => Ok(places),
    }
}

/// The packed bytes of an entry, one after the other.
struct Packed<'s> {
    source: &'s dyn Source,
    at: u64,
    left: u64,
    /// Why the source could not be read: that is no fault of the entry's.
    failed: &'s RefCell<Option<SealError>>,
}

impl Read for Packed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let into = into.get_mut(..length).unwrap_or_default();
        self.source.read_at(self.at, into).map_err(|why| {
            self.failed.replace(Some(why));
            io::Error::other("the source cannot be read")
        })?;
        self.at += length as u64;
        self.left -= length as u64;
        Ok(length)
    }
}
