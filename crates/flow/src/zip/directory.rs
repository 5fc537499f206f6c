//! The directory at the end of a zip, and the headers that repeat it. Numbers are little-endian; sizes beyond four gigabytes stand
//! in an extra field of their own (zip64).

use std::io::{self, Read};

use crate::codes::{self, Fault};
use crate::container::Damage;
use crate::limits::{self, Limits};
use crate::model::Open;
use crate::zip::DESCRIBED_AFTER;

/// Bytes of the header before a member, its name and extra fields apart.
pub(super) const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const LOCATOR_BYTES: usize = 20;
/// Where the end is looked for: itself, the longest comment, and what zip64 puts before.
const TAIL_BYTES: u64 = (END_BYTES + 0xFFFF + LOCATOR_BYTES + 56) as u64;
/// The extra field of zip64.
const ZIP64: u16 = 1;
const BEYOND_16: u64 = 0xFFFF;
const BEYOND_32: u64 = 0xFFFF_FFFF;

/// One member, as the directory states it.
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    /// Type and rights under Unix, 0 when it was made elsewhere.
    pub(super) mode: u32,
}

impl Entry {
    /// A file or a directory, as far as the directory says.
    pub(super) fn is_ordinary(&self) -> bool {
        matches!(self.mode & 0o170_000, 0 | 0o040_000 | 0o100_000)
    }
}

/// All members, by place, and where the directory begins.
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    pub(super) start: u64,
}

/// Where the directory is, as the end says.
struct End {
    count: u64,
    start: u64,
    length: u64,
}

/// Reads the directory: every entry, and nothing else, between its start and the end of the archive.
///
/// # Errors
/// `container-damaged`, `container-trailing`, `container-too-many-members`, `unreadable`.
pub(super) fn read(open: &mut Open<'_>, size: u64, place: &str, limits: &Limits) -> Result<Directory, Fault> {
    let damaged = |what: Damage, detail: &str| what.fault(place, ("", None), detail);
    let tail = part(open, size.saturating_sub(TAIL_BYTES), TAIL_BYTES.min(size), place)?;
    let tail_start = size.saturating_sub(TAIL_BYTES);
    let mut ends = (0..=tail.len().saturating_sub(END_BYTES)).filter(|at| is_end(&tail, *at));
    let Some(at) = ends.next() else {
        return Err(Damage::NoDirectory.fault(place, ("", Some(size)), "PK\\5\\6"));
    };
    if ends.next().is_some() {
        return Err(Fault::new(&codes::CONTAINER_TRAILING, place));
    }
    let (end, directory_end) = read_end(&tail, at, tail_start).map_err(|what| damaged(what, "PK\\5\\6"))?;
    if end.count > limits.members as u64 {
        return Err(Fault::new(&codes::CONTAINER_TOO_MANY_MEMBERS, place).with(limits.members));
    }
    if end.length > limits::MAX_ZIP_DIRECTORY_BYTES || end.start.checked_add(end.length) != Some(directory_end) {
        let detail = format!("{}+{}/{directory_end}", end.start, end.length);
        return Err(Damage::Directory.fault(place, ("", Some(end.start)), detail));
    }
    let bytes = part(open, end.start, end.length, place)?;
    let mut entries =
        entries(&bytes, end.count).map_err(|what| what.fault(place, ("", Some(end.start)), "PK\\1\\2"))?;
    entries.sort_by_key(|entry| entry.offset);
    Ok(Directory { entries, start: end.start })
}

/// `length` bytes from `start`.
fn part(open: &mut Open<'_>, start: u64, length: u64, place: &str) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: io::Error| Fault::new(&codes::UNREADABLE, place).with_words(codes::system_cause(&error));
    let mut input = open().map_err(unreadable)?;
    io::copy(&mut (&mut input).take(start), &mut io::sink()).map_err(unreadable)?;
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        let missing = length - bytes.len() as u64;
        Err(Damage::EndsEarly.fault(place, ("", Some(start + bytes.len() as u64)), format_args!("-{missing}")))
    }
}

/// The end of an archive stands there, and its comment goes to the last byte.
fn is_end(tail: &[u8], at: usize) -> bool {
    let there = tail.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06") && rest.len() >= END_BYTES);
    there && u16_at(tail, at + 20) as usize == tail.len() - at - END_BYTES
}

/// What the end says, and where the directory must end.
fn read_end(tail: &[u8], at: usize, tail_start: u64) -> Result<(End, u64), Damage> {
    if u16_at(tail, at + 4) != 0 || u16_at(tail, at + 6) != 0 || u16_at(tail, at + 8) != u16_at(tail, at + 10) {
        return Err(Damage::Volumes);
    }
    let short = End {
        count: u64::from(u16_at(tail, at + 10)),
        length: u64::from(u32_at(tail, at + 12)),
        start: u64::from(u32_at(tail, at + 16)),
    };
    let locator = at.checked_sub(LOCATOR_BYTES).filter(|from| tail[*from..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else {
        return Ok((short, tail_start + at as u64));
    };
    let record_start = u64_at(tail, locator + 8);
    let record = record_start.checked_sub(tail_start).and_then(|from| usize::try_from(from).ok());
    let record = record.filter(|from| from.checked_add(56).is_some_and(|end| end <= locator)).ok_or(Damage::Zip64)?;
    let stated = u64_at(tail, record + 4).checked_add(record as u64 + 12);
    if !tail[record..].starts_with(b"PK\x06\x06") || stated != Some(locator as u64) {
        return Err(Damage::Zip64);
    }
    if u32_at(tail, record + 16) != 0 || u64_at(tail, record + 24) != u64_at(tail, record + 32) {
        return Err(Damage::Volumes);
    }
    let long =
        End { count: u64_at(tail, record + 32), length: u64_at(tail, record + 40), start: u64_at(tail, record + 48) };
    // A short number that is not "see below" says the same.
    let agree = |short: u64, long: u64, beyond: u64| short == beyond || short == long;
    let same = agree(short.count, long.count, BEYOND_16)
        && agree(short.length, long.length, BEYOND_32)
        && agree(short.start, long.start, BEYOND_32);
    if same { Ok((long, record_start)) } else { Err(Damage::Zip64) }
}

fn entries(bytes: &[u8], count: u64) -> Result<Vec<Entry>, Damage> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    for _ in 0..count {
        if rest.len() < CENTRAL_BYTES || !rest.starts_with(b"PK\x01\x02") {
            return Err(Damage::Directory);
        }
        let lengths = [28, 30, 32].map(|at| usize::from(u16_at(rest, at)));
        let [name, extra, comment] = lengths;
        let end = CENTRAL_BYTES + name + extra + comment;
        if rest.len() < end {
            return Err(Damage::Directory);
        }
        let extra = &rest[CENTRAL_BYTES + name..CENTRAL_BYTES + name + extra];
        let mut wide = zip64(extra);
        let size = wide.widened(u32_at(rest, 24)).ok_or(Damage::Zip64)?;
        let packed = wide.widened(u32_at(rest, 20)).ok_or(Damage::Zip64)?;
        let offset = wide.widened(u32_at(rest, 42)).ok_or(Damage::Zip64)?;
        if !matches!(u16_at(rest, 34), 0 | 0xFFFF) {
            return Err(Damage::Volumes);
        }
        let unix = u16_at(rest, 4) >> 8 == 3;
        entries.push(Entry {
            name: rest[CENTRAL_BYTES..CENTRAL_BYTES + name].to_vec(),
            flags: u16_at(rest, 8),
            method: u16_at(rest, 10),
            crc: u32_at(rest, 16),
            packed,
            size,
            offset,
            mode: if unix { u32_at(rest, 38) >> 16 } else { 0 },
        });
        rest = &rest[end..];
    }
    if rest.is_empty() { Ok(entries) } else { Err(Damage::Directory) }
}

/// The wide numbers of an entry, in their order.
struct Wide<'b>(&'b [u8]);

impl Wide<'_> {
    /// The number, or the next wide one when it says "see there".
    fn widened(&mut self, short: u32) -> Option<u64> {
        if u64::from(short) != BEYOND_32 {
            return Some(u64::from(short));
        }
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }
}

/// The extra field of zip64; empty when there is none.
fn zip64(extra: &[u8]) -> Wide<'_> {
    let mut rest = extra;
    while rest.len() >= 4 {
        let length = usize::from(u16_at(rest, 2));
        let Some(body) = rest.get(4..4 + length) else {
            break;
        };
        if u16_at(rest, 0) == ZIP64 {
            return Wide(body);
        }
        rest = &rest[4 + length..];
    }
    Wide(&[])
}

/// Lengths of the name and of the extra fields that follow the header of a member.
pub(super) fn local_lengths(fixed: &[u8]) -> (usize, usize) {
    (usize::from(u16_at(fixed, 26)), usize::from(u16_at(fixed, 28)))
}

/// What the header of a member says otherwise than the directory, if anything.
pub(super) fn local_differs(fixed: &[u8], name: &[u8], extra: &[u8], entry: &Entry) -> Option<&'static str> {
    if !fixed.starts_with(b"PK\x03\x04") {
        return Some("header");
    }
    if name != entry.name {
        return Some("name");
    }
    let telling = super::ENCRYPTED | DESCRIBED_AFTER;
    if u16_at(fixed, 6) & telling != entry.flags & telling || u16_at(fixed, 8) != entry.method {
        return Some("method");
    }
    let mut wide = zip64(extra);
    let size = wide.widened(u32_at(fixed, 22));
    let packed = wide.widened(u32_at(fixed, 18));
    let crc = u32_at(fixed, 14);
    // Put off until after the bytes, they are zero here, or already right.
    let put_off = entry.flags & DESCRIBED_AFTER != 0;
    let agrees = |said: Option<u64>, stated: u64| said == Some(stated) || (put_off && matches!(said, Some(0) | None));
    if !agrees(size, entry.size) || !agrees(packed, entry.packed) || !agrees(Some(u64::from(crc)), entry.crc.into()) {
        return Some("size");
    }
    None
}

/// What stands after the bytes says the checksum and sizes of the directory.
pub(super) fn describes(bytes: &[u8], entry: &Entry) -> bool {
    let body = if matches!(bytes.len(), 16 | 24) { bytes.strip_prefix(b"PK\x07\x08") } else { Some(bytes) };
    let Some(body) = body else {
        return false;
    };
    let sizes = match body.len() {
        12 => (u64::from(u32_at(body, 4)), u64::from(u32_at(body, 8))),
        _ => (u64_at(body, 4), u64_at(body, 12)),
    };
    u32_at(body, 0) == entry.crc && sizes == (entry.packed, entry.size)
}

/// Little-endian numbers; zero past the end, which no caller asks for.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}
