//! The headers of a zip, read: end record, directory, and the local header of each entry, which must say the same.

use crate::container::others;
use crate::container::source::Source;
use crate::container::{CENTRAL, END, FLAG_UTF8, LOCAL, check_limit, check_name};
use crate::error::SealError;
use crate::limits;

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
pub(super) const END_SIZE: usize = 22;
/// Bytes of a local header before its name.
const LOCAL_SIZE: usize = 30;
/// Sizes follow the data (APPNOTE §4.4.4, bit 3).
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAGS_KNOWN: u16 = FLAG_UTF8 | FLAG_DESCRIPTOR | 0b110;
/// Attributes of DOS that make a volume's label or a directory of an entry.
const NO_FILE_IN_DOS: u32 = 0x18;
const DIRECTORY_IN_DOS: u32 = 0x10;
const DIRECTORY_IN_UNIX: u32 = 0o040_000;

/// Whose container is read: ours has one form, that of others is read as tolerantly as it has one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Us,
    Others,
}

/// An entry, its two headers read and in agreement.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: String,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub size: u64,
    pub offset: u64,
    pub end: u64,
    /// Where its bytes begin, and how many there are.
    pub data: u64,
    pub packed: u64,
    pub local_extra: bool,
    /// It names a directory, and is no file.
    pub directory: bool,
}

impl Entry {
    /// Its bytes have this checksum.
    pub fn has(&self, found: u32) -> Result<(), SealError> {
        if found == self.crc {
            return Ok(());
        }
        Err(SealError::EntryChecksum { name: self.name.clone(), expected: self.crc, found })
    }
}

pub(super) fn malformed(what: &'static str) -> SealError {
    SealError::Malformed { what }
}

pub(super) fn unsupported(what: &'static str, found: impl Into<String>) -> SealError {
    SealError::Unsupported { what, found: found.into() }
}

/// What the end record says.
pub(super) struct End {
    pub directory: Vec<u8>,
    pub count: u16,
    pub start: u64,
    pub comment: Vec<u8>,
}

pub(super) fn end_record(source: &dyn Source) -> Result<End, SealError> {
    const WHAT: &str = "zip end record (no comment may follow it)";
    let at = source.size().checked_sub(END_SIZE as u64).ok_or_else(|| malformed(WHAT))?;
    let mut bytes = [0; END_SIZE];
    source.read_at(at, &mut bytes)?;
    end_fields(source, &bytes, at, WHAT)
}

/// What the end record at this place says, which goes to the end, its comment included.
pub(super) fn end_fields(source: &dyn Source, record: &[u8], at: u64, what: &'static str) -> Result<End, SealError> {
    let mut end = Fields { rest: record, what };
    if end.take(4)? != END {
        return Err(malformed(what));
    }
    let disks = end.word()?;
    let (here, count) = (end.half()?, end.half()?);
    let (size, start) = (u64::from(end.word()?), u64::from(end.word()?));
    let comment = usize::from(end.half()?);
    if disks != 0 || here != count || count == u16::MAX || comment != end.rest.len() || start + size != at {
        return Err(malformed(what));
    }
    check_limit("directory of a container", limits::DIRECTORY_BYTES, size)?;
    let mut directory = vec![0; usize::try_from(size).map_err(|_| malformed(what))?];
    source.read_at(start, &mut directory)?;
    Ok(End { directory, count, start, comment: Vec::new() })
}

/// The local header at this place: what it has in common with the directory, the lengths of its name and of its extra field, and where
/// it ends. Name and extra field are left in `rest`.
fn local_header(
    source: &dyn Source,
    offset: u64,
    most: u64,
    rest: &mut Vec<u8>,
) -> Result<(Common, u16, u16, u64), SealError> {
    const WHAT: &str = "zip local header";
    let within = |end: u64| if end <= most { Ok(end) } else { Err(malformed(WHAT)) };
    let names = within(offset + LOCAL_SIZE as u64)?;
    let mut fixed = [0; LOCAL_SIZE];
    source.read_at(offset, &mut fixed)?;
    let mut local = Fields { rest: &fixed, what: WHAT };
    if local.take(4)? != LOCAL {
        return Err(malformed(WHAT));
    }
    let (common, name_length, extra_length) = Common::read(&mut local)?;
    rest.clear();
    rest.resize(usize::from(name_length) + usize::from(extra_length), 0);
    let end = within(names + rest.len() as u64)?;
    source.read_at(names, rest)?;
    Ok((common, name_length, extra_length, end))
}

/// The next entry of the directory, its local header found and in agreement. `local` is room for that one, used again for each.
pub(super) fn read_entry(
    source: &dyn Source,
    directory: &mut Fields<'_>,
    directory_start: u64,
    local: &mut Vec<u8>,
    of: Of,
) -> Result<Entry, SealError> {
    if directory.take(4)? != CENTRAL {
        return Err(malformed("zip directory"));
    }
    directory.half()?;
    let (common, name_length, extra_length) = Common::read(directory)?;
    let comment_length = directory.half()?;
    let disk = directory.half()?;
    directory.half()?;
    let attributes = directory.word()?;
    let offset = u64::from(directory.word()?);
    let raw = directory.take(usize::from(name_length))?;
    let extra = directory.take(usize::from(extra_length))?;
    directory.take(usize::from(comment_length))?;
    let told = [u64::from(common.size), u64::from(common.packed), offset];
    let (name, is_directory) = entry_name(raw, &common, (extra, &told), of)?;
    common.check(disk)?;
    check_kind(&name, attributes, is_directory)?;

    let (seen, name_length, extra_length, data) = local_header(source, offset, directory_start, local)?;
    let (local_name, local_extra) = local.split_at_checked(usize::from(name_length)).unwrap_or_default();
    let described = common.flags & FLAG_DESCRIPTOR != 0;
    let agreed = seen.flags == common.flags && seen.method == common.method && local_name == raw;
    let sizes_agreed = match of {
        Of::Us => {
            harmless(local_extra)?;
            let unknown_yet = described && seen.packed == 0 && seen.size == 0;
            seen == common || (unknown_yet && (seen.crc == 0 || seen.crc == common.crc))
        }
        Of::Others => {
            others::harmless(local_extra, raw, &told[..2], described)?;
            others::sizes_agree(&seen, &common, local_extra)?
        }
    };
    if !agreed || !sizes_agreed {
        return Err(malformed("zip: local header and directory disagree"));
    }
    let packed = u64::from(common.packed);
    let end = Some(data + packed).filter(|end| *end <= directory_start).ok_or_else(|| malformed("zip local header"))?;
    Ok(Entry {
        name,
        method: common.method,
        flags: common.flags,
        crc: common.crc,
        size: u64::from(common.size),
        offset,
        end,
        data,
        packed,
        local_extra: extra_length != 0,
        directory: is_directory,
    })
}

/// The entry's name, and whether it is a directory's; its extra fields in the directory change nothing of what the headers say.
fn entry_name(
    raw: &[u8],
    common: &Common,
    (extra, told): (&[u8], &[u64]),
    of: Of,
) -> Result<(String, bool), SealError> {
    let flagged = common.flags & FLAG_UTF8 != 0;
    if of == Of::Others {
        let (name, is_directory) = others::name_of(raw, flagged, extra)?;
        check_name(name)?;
        others::harmless(extra, raw, told, false)?;
        if is_directory {
            others::check_directory(common, name)?;
        }
        return Ok((name.to_owned(), is_directory));
    }
    harmless(extra)?;
    let text = std::str::from_utf8(raw).ok().filter(|text| text.is_ascii() || flagged);
    let text = text.ok_or_else(|| SealError::EntryName { name: String::from_utf8_lossy(raw).into_owned() })?;
    check_name(text)?;
    Ok((text.to_owned(), false))
}

/// The entry is a regular file, or the directory that its name says. Whatever system says it made the entry: programs that unpack do not
/// all look at that first.
fn check_kind(name: &str, attributes: u32, is_directory: bool) -> Result<(), SealError> {
    let kind = (attributes >> 16) & 0o170_000;
    let (wanted, in_dos) = match is_directory {
        true => (DIRECTORY_IN_UNIX, NO_FILE_IN_DOS & !DIRECTORY_IN_DOS),
        false => (0o100_000, NO_FILE_IN_DOS),
    };
    if (kind != 0 && kind != wanted) || attributes & in_dos != 0 {
        return Err(unsupported("entry that is no regular file", name));
    }
    Ok(())
}

/// What local header and directory have in common; version and date carry no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Common {
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u32,
    pub size: u32,
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
        if self.flags & !FLAGS_KNOWN != 0 {
            return Err(unsupported("zip flags", format!("{:#06x}", self.flags)));
        }
        if self.method != STORED && self.method != DEFLATED {
            return Err(unsupported("zip method", self.method.to_string()));
        }
        if disk != 0 || self.packed == u32::MAX || self.size == u32::MAX {
            return Err(unsupported("zip", "zip64 or several disks"));
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
pub(super) struct Fields<'a> {
    pub rest: &'a [u8],
    pub what: &'static str,
}

impl<'a> Fields<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], SealError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| malformed(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    fn some<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| malformed(self.what))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub fn half(&mut self) -> Result<u16, SealError> {
        self.some().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Result<u32, SealError> {
        self.some().map(u32::from_le_bytes)
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
            return Err(unsupported("zip extra field", format!("0x{kind:04x}")));
        }
    }
    Ok(())
}
