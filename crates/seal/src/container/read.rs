//! The ASiC-E container, read: one reading only. Local headers and directory must agree, entries follow each
//! other without gap from the first byte to the directory, and the end record is the last thing: two readers of
//! an accepted container see the same entries.
//!
//! Deliberately not here: zip64, encryption, a comment of the whole, several disks, directories, links, extra fields that
//! could say something else than the headers; each is refused.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

use crate::container::{CENTRAL, END, FLAG_UTF8, LOCAL, MIMETYPE, check_limit, check_name};
use crate::container::{MEDIA_TYPE, MEDIA_TYPE_SIMPLE};
use crate::error::SealError;
use crate::limits;

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
const END_SIZE: usize = 22;
/// Sizes follow the data (APPNOTE §4.4.4, bit 3).
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// What a data descriptor may occupy: with or without signature.
const DESCRIPTOR_SIZES: [usize; 2] = [12, 16];
const FLAGS_KNOWN: u16 = FLAG_UTF8 | FLAG_DESCRIPTOR | 0b110;
/// Attributes of DOS that make a volume's label or a directory of an entry.
const NO_FILE_IN_DOS: u32 = 0x18;

/// A container read and found to have one reading; entries are inflated on demand.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    entries: Vec<Entry<'a>>,
    by_name: HashMap<&'a str, usize>,
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    name: &'a str,
    method: u16,
    flags: u16,
    crc: u32,
    size: u64,
    offset: usize,
    end: usize,
    data: &'a [u8],
    local_extra: bool,
}

impl<'a> Container<'a> {
    /// The container these bytes are, its media type first and stored.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`, `Unsupported`, `EntryName`, `EntryRepeated`, `MediaType`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let container = Self::parse_any(bytes)?;
        match container.media_type() {
            MEDIA_TYPE => Ok(container),
            other => Err(SealError::MediaType { found: other.to_owned() }),
        }
    }

    /// The container these bytes are, of ASiC-E or of ASiC-S, under the same rules.
    ///
    /// # Errors
    /// As [`Container::parse`].
    pub fn parse_any(bytes: &'a [u8]) -> Result<Self, SealError> {
        let (mut directory, count, start) = end_record(bytes)?;
        check_limit("entries of a container", limits::ENTRIES as u64, u64::from(count))?;
        let (mut entries, mut by_name, mut total) = (Vec::new(), HashMap::new(), 0u64);
        for position in 0..usize::from(count) {
            let entry = read_entry(bytes, &mut directory, start)?;
            total = total.saturating_add(entry.size);
            check_limit("container", limits::TOTAL_BYTES, total)?;
            if by_name.insert(entry.name, position).is_some() {
                return Err(SealError::EntryRepeated { name: entry.name.to_owned() });
            }
            entries.push(entry);
        }
        if !directory.rest.is_empty() {
            return Err(malformed("zip directory"));
        }
        let container = Self { entries, by_name };
        container.check_layout(start)?;
        container.check_media_type()?;
        Ok(container)
    }

    /// Its media type, [`MEDIA_TYPE`] or [`MEDIA_TYPE_SIMPLE`].
    pub fn media_type(&self) -> &'static str {
        let first = self.by_name.get(MIMETYPE).and_then(|position| self.entries.get(*position));
        if first.is_some_and(|entry| entry.data == MEDIA_TYPE_SIMPLE.as_bytes()) {
            MEDIA_TYPE_SIMPLE
        } else {
            MEDIA_TYPE
        }
    }

    /// The size of an entry once inflated.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.by_name.get(name).and_then(|position| self.entries.get(*position)).map(|entry| entry.size)
    }

    /// The names of all entries, the media type's own first, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name)
    }

    /// Whether there is such an entry.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The bytes of an entry, inflated, their checksum checked.
    ///
    /// # Errors
    /// `EntryMissing`, `EntryChecksum`, `Malformed`.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, SealError> {
        self.checked(name).map(Cow::into_owned)
    }

    /// The entry can be read and matches its checksum.
    ///
    /// # Errors
    /// As [`Container::read`].
    pub fn check(&self, name: &str) -> Result<(), SealError> {
        self.checked(name).map(|_| ())
    }

    fn checked(&self, name: &str) -> Result<Cow<'a, [u8]>, SealError> {
        let entry = self.by_name.get(name).and_then(|position| self.entries.get(*position));
        let entry = entry.ok_or_else(|| SealError::EntryMissing { name: name.to_owned() })?;
        let bytes = if entry.method == STORED { Cow::Borrowed(entry.data) } else { Cow::Owned(entry.inflate()?) };
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        if crc.sum() != entry.crc {
            return Err(SealError::EntryChecksum { name: name.to_owned(), expected: entry.crc, found: crc.sum() });
        }
        Ok(bytes)
    }

    /// Entries stand one after the other from the first byte to the directory, only descriptors between.
    fn check_layout(&self, directory: usize) -> Result<(), SealError> {
        let mut sorted: Vec<&Entry<'_>> = self.entries.iter().collect();
        sorted.sort_by_key(|e| e.offset);
        let starts = sorted.iter().skip(1).map(|e| e.offset).chain([directory]);
        if sorted.first().is_some_and(|e| e.offset != 0) {
            return Err(malformed("zip: bytes before the first entry"));
        }
        for (entry, next) in sorted.iter().zip(starts) {
            let gap = next.checked_sub(entry.end).ok_or_else(|| malformed("zip: entries overlap"))?;
            let described = entry.flags & FLAG_DESCRIPTOR != 0 && DESCRIPTOR_SIZES.contains(&gap);
            if gap != 0 && !described {
                return Err(malformed("zip: bytes between entries"));
            }
        }
        Ok(())
    }

    fn check_media_type(&self) -> Result<(), SealError> {
        let refused = |found: &str| SealError::MediaType { found: found.to_owned() };
        let first = self.entries.iter().find(|e| e.offset == 0).ok_or_else(|| refused("no entry"))?;
        if first.name != MIMETYPE {
            return Err(refused(first.name));
        }
        if first.method != STORED || first.local_extra || first.flags & FLAG_DESCRIPTOR != 0 {
            return Err(refused("compressed, or with an extra field"));
        }
        if ![MEDIA_TYPE, MEDIA_TYPE_SIMPLE].iter().any(|known| first.data == known.as_bytes()) {
            return Err(refused(&String::from_utf8_lossy(first.data.get(..60).unwrap_or(first.data))));
        }
        Ok(())
    }
}

impl Entry<'_> {
    fn inflate(&self) -> Result<Vec<u8>, SealError> {
        let broken = || malformed("deflated entry");
        let mut bytes = Vec::new();
        let mut inflater = flate2::read::DeflateDecoder::new(self.data);
        let mut bounded = inflater.by_ref().take(self.size + 1);
        bounded.read_to_end(&mut bytes).map_err(|_| broken())?;
        if bytes.len() as u64 != self.size || inflater.total_in() != self.data.len() as u64 {
            return Err(broken());
        }
        Ok(bytes)
    }
}

fn malformed(what: &'static str) -> SealError {
    SealError::Malformed { what }
}

/// The directory's bytes, its count of entries, and where it starts.
fn end_record(bytes: &[u8]) -> Result<(Fields<'_>, u16, usize), SealError> {
    const WHAT: &str = "zip end record (no comment may follow it)";
    let at = bytes.len().checked_sub(END_SIZE).ok_or_else(|| malformed(WHAT))?;
    let mut end = Fields { rest: bytes.get(at..).unwrap_or_default(), what: WHAT };
    if end.take(4)? != END {
        return Err(malformed(WHAT));
    }
    let disks = end.word()?;
    let (here, count) = (end.half()?, end.half()?);
    let (size, start) = (end.word()? as usize, end.word()? as usize);
    if disks != 0 || here != count || count == u16::MAX || end.half()? != 0 || start.checked_add(size) != Some(at) {
        return Err(malformed(WHAT));
    }
    let rest = bytes.get(start..at).ok_or_else(|| malformed(WHAT))?;
    Ok((Fields { rest, what: "zip directory" }, count, start))
}

/// The next entry of the directory, its local header found and in agreement.
fn read_entry<'a>(bytes: &'a [u8], directory: &mut Fields<'a>, directory_start: usize) -> Result<Entry<'a>, SealError> {
    if directory.take(4)? != CENTRAL {
        return Err(malformed("zip directory"));
    }
    directory.half()?;
    let (common, name_length, extra_length) = Common::read(directory)?;
    let comment_length = directory.half()?;
    let disk = directory.half()?;
    directory.half()?;
    let attributes = directory.word()?;
    let offset = directory.word()? as usize;
    let name = directory.take(usize::from(name_length))?;
    harmless(directory.take(usize::from(extra_length))?)?;
    directory.take(usize::from(comment_length))?;
    let name = entry_name(name, common.flags)?;
    common.check(disk)?;
    let kind = (attributes >> 16) & 0o170_000;
    // Whatever system says it made the entry: programs that unpack do not all look at that first.
    if (kind != 0 && kind != 0o100_000) || attributes & NO_FILE_IN_DOS != 0 {
        return Err(SealError::Unsupported { what: "entry that is no regular file", found: name.to_owned() });
    }

    let rest = bytes.get(offset..directory_start).ok_or_else(|| malformed("zip local header"))?;
    let mut local = Fields { rest, what: "zip local header" };
    if local.take(4)? != LOCAL {
        return Err(malformed("zip local header"));
    }
    let (seen, name_length, extra_length) = Common::read(&mut local)?;
    let local_name = local.take(usize::from(name_length))?;
    harmless(local.take(usize::from(extra_length))?)?;
    let described = common.flags & FLAG_DESCRIPTOR != 0;
    let agreed = seen.flags == common.flags && seen.method == common.method && local_name == name.as_bytes();
    let sizes_agreed = seen == common || (described && seen.packed == 0 && seen.size == 0);
    if !agreed || !sizes_agreed {
        return Err(malformed("zip: local header and directory disagree"));
    }
    let data = local.take(common.packed as usize)?;
    Ok(Entry {
        name,
        method: common.method,
        flags: common.flags,
        crc: common.crc,
        size: u64::from(common.size),
        offset,
        end: directory_start - local.rest.len(),
        data,
        local_extra: extra_length != 0,
    })
}

fn entry_name(name: &[u8], flags: u16) -> Result<&str, SealError> {
    let text = std::str::from_utf8(name).ok().filter(|t| t.is_ascii() || flags & FLAG_UTF8 != 0);
    let text = text.ok_or_else(|| SealError::EntryName { name: String::from_utf8_lossy(name).into_owned() })?;
    check_name(text)?;
    Ok(text)
}

/// What local header and directory have in common; version and date carry no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Common {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
}

impl Common {
    fn read(fields: &mut Fields<'_>) -> Result<(Self, u16, u16), SealError> {
        fields.half()?;
        let (flags, method) = (fields.half()?, fields.half()?);
        fields.word()?;
        let (crc, packed, size) = (fields.word()?, fields.word()?, fields.word()?);
        Ok((Self { flags, method, crc, packed, size }, fields.half()?, fields.half()?))
    }

    fn check(&self, disk: u16) -> Result<(), SealError> {
        let unsupported = |what, found: String| Err(SealError::Unsupported { what, found });
        if self.flags & !FLAGS_KNOWN != 0 {
            return unsupported("zip flags", format!("{:#06x}", self.flags));
        }
        if self.method != STORED && self.method != DEFLATED {
            return unsupported("zip method", self.method.to_string());
        }
        if disk != 0 || self.packed == u32::MAX || self.size == u32::MAX {
            return unsupported("zip", "zip64 or several disks".to_owned());
        }
        if self.method == STORED && self.packed != self.size {
            return Err(malformed("stored entry of two sizes"));
        }
        let size = u64::from(self.size);
        check_limit("entry of a container", limits::ENTRY_BYTES, size)?;
        let allowed = (u64::from(self.packed) * limits::RATIO).max(limits::RATIO_FREE_BYTES);
        check_limit("inflated entry", allowed, size)
    }
}

/// Little-endian fields one after the other.
struct Fields<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SealError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(malformed(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    fn half(&mut self) -> Result<u16, SealError> {
        let bytes = self.take(2)?;
        Ok(bytes.iter().rev().fold(0, |n, b| (n << 8) | u16::from(*b)))
    }

    fn word(&mut self) -> Result<u32, SealError> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().rev().fold(0, |n, b| (n << 8) | u32::from(*b)))
    }
}

/// Extra fields of these kinds alone: times and owners, which change neither name nor content. Others give a second name
/// (Unicode Path), a second length (Zip64) or what we have not read, and two programs would unpack two things.
fn harmless(extra: &[u8]) -> Result<(), SealError> {
    const TIMES_AND_OWNERS: [u16; 3] = [0x5455, 0x7875, 0xcafe];
    let mut fields = Fields { rest: extra, what: "zip extra field" };
    while !fields.rest.is_empty() {
        let kind = fields.half()?;
        let length = fields.half()?;
        fields.take(usize::from(length))?;
        if !TIMES_AND_OWNERS.contains(&kind) {
            return Err(SealError::Unsupported { what: "zip extra field", found: format!("0x{kind:04x}") });
        }
    }
    Ok(())
}
