//! Walking a zip archive forward, without unpacking it: the directory at its end says what there is, and each header before a member
//! must say the same, byte after byte, with nothing between. Ours rather than a library's: where directory and headers differ, or
//! bytes lie between members, two readers would read two contents, and a library picks one.
//! Not here: encryption, methods other than *stored* and *deflated*, archives in several volumes, archives inside archives.

mod directory;
#[cfg(test)]
mod tests;

use std::io::{self, BufReader, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use memchr::memmem;

use self::directory::{Directory, Entry, LOCAL_BYTES};
use crate::begun::{self, Begun};
use crate::codes::{self, Fault};
use crate::container::Damage;
use crate::limits::{Limits, MAX_FORMAT_BYTES, MAX_NAME_BYTES, MAX_PACKINGS};
use crate::model::Open;
use crate::names::{NameLedger, reading};
use crate::tar::Member;

/// Method of bytes put in as they are.
const STORED: u16 = 0;
/// Method of RFC 1951.
const DEFLATED: u16 = 8;
/// The bit that says "encrypted", and the one that says "strongly so".
const ENCRYPTED: u16 = 1 | (1 << 6) | (1 << 13);
/// The bit that says that size and checksum follow the bytes.
const DESCRIBED_AFTER: u16 = 1 << 3;

/// The names of the members, in the order of the directory; `None` when it cannot be read.
pub(crate) fn names(open: &mut Open<'_>, size: u64, limits: &Limits) -> Option<Vec<String>> {
    let directory = directory::read(open, size, "", limits).ok()?;
    Some(directory.entries.iter().map(|entry| reading(&entry.name)).collect())
}

/// The name in the first header of a member that passes, wherever such headers stand and whatever is between: of an archive that cannot be
/// read otherwise. Nothing is believed of it but that it was meant.
///
/// # Errors
/// Those of the reader.
pub(crate) fn first_header(open: &mut Open<'_>, test: &dyn Fn(&str) -> bool) -> io::Result<Option<String>> {
    const PIECE: u64 = 256 << 10;
    let mut input = open()?.take(MAX_FORMAT_BYTES);
    let mut held = Vec::new();
    loop {
        let before = held.len();
        (&mut input).take(PIECE).read_to_end(&mut held)?;
        let last = held.len() == before;
        let mut at = 0;
        while let Some(next) = held.get(at..).and_then(|rest| memmem::find(rest, b"PK\x03\x04")) {
            let header = &held[at + next..];
            let Some(length) = header.get(26..28).map(|two| usize::from(u16::from_le_bytes([two[0], two[1]]))) else {
                break;
            };
            if length <= MAX_NAME_BYTES {
                let Some(name) = header.get(LOCAL_BYTES..LOCAL_BYTES + length).map(reading) else { break };
                if test(&name) {
                    return Ok(Some(name));
                }
            }
            at += next + LOCAL_BYTES;
        }
        if last {
            return Ok(None);
        }
        // A header that the next piece makes whole begins among the last bytes.
        let kept = held.len().saturating_sub(LOCAL_BYTES + MAX_NAME_BYTES).max(at);
        held.drain(..kept.min(held.len()));
    }
}

/// Calls `visit` on each ordinary file, in the order of their bytes; what it does not read is skipped.
///
/// # Errors
/// A `container-…` or `member-…` code; `unreadable`; the fault of `visit`.
pub(crate) fn walk(
    open: &mut Open<'_>,
    size: u64,
    place: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let directory = directory::read(open, size, place, limits)?;
    within_limits(&directory, size, place, limits)?;
    let input =
        open().map_err(|error| Fault::new(&codes::UNREADABLE, place).with_words(codes::system_cause(&error)))?;
    let mut walked = Walk { input: BufReader::with_capacity(64 << 10, input), at: 0, place, member: String::new() };
    let mut names = NameLedger::default();
    for (index, entry) in directory.entries.iter().enumerate() {
        let where_ = reading(&entry.name);
        walked.member.clone_from(&where_);
        if entry.flags & ENCRYPTED != 0 {
            return Err(Fault::new(&codes::MEMBER_ENCRYPTED, where_));
        }
        if !matches!(entry.method, STORED | DEFLATED) {
            return Err(Fault::new(&codes::MEMBER_METHOD, where_).with(entry.method));
        }
        if !entry.is_ordinary() {
            return Err(Fault::new(&codes::MEMBER_NOT_A_FILE, where_).with(format_args!("{:o}", entry.mode >> 12)));
        }
        let directory_entry = entry.name.ends_with(b"/");
        let name = names.admit(&entry.name, directory_entry, limits)?;
        walked.header(entry)?;
        if directory_entry {
            walked.skip(entry.packed)?;
        } else {
            walked.member(name, entry, visit)?;
        }
        let next = directory.entries.get(index + 1).map_or(directory.start, |next| next.offset);
        walked.gap(entry, next)?;
    }
    if walked.at == directory.start { Ok(()) } else { Err(Fault::new(&codes::CONTAINER_TRAILING, place)) }
}

/// The sizes that the directory states, which no member may exceed, are within the limits.
fn within_limits(directory: &Directory, size: u64, place: &str, limits: &Limits) -> Result<(), Fault> {
    let total = directory.entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    if total > limits.inflated_bytes {
        return Err(Fault::new(&codes::CONTAINER_TOO_LARGE, place).with(limits.inflated_bytes));
    }
    if total > limits.ratio_floor_bytes && total > size.saturating_mul(limits.inflated_ratio) {
        return Err(Fault::new(&codes::CONTAINER_BOMB, place).with(limits.inflated_ratio));
    }
    Ok(())
}

/// An archive being read forward.
struct Walk<'a> {
    input: BufReader<Box<dyn Read + 'a>>,
    /// Bytes read so far.
    at: u64,
    place: &'a str,
    /// The name of the member under way.
    member: String,
}

impl Walk<'_> {
    fn damaged(&self, what: Damage, detail: impl std::fmt::Display) -> Fault {
        what.fault(self.place, (&self.member, Some(self.at)), detail)
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes).map_err(|error| self.damaged(Damage::of(&error), error))?;
        self.at += length as u64;
        Ok(bytes)
    }

    fn skip(&mut self, length: u64) -> Result<(), Fault> {
        let skipped = io::copy(&mut (&mut self.input).take(length), &mut io::sink());
        let skipped = skipped.map_err(|error| self.damaged(Damage::of(&error), error))?;
        self.at += skipped;
        if skipped == length {
            Ok(())
        } else {
            Err(self.damaged(Damage::EndsEarly, format_args!("-{}", length - skipped)))
        }
    }

    /// The header before the bytes says what the directory says.
    fn header(&mut self, entry: &Entry) -> Result<(), Fault> {
        if entry.offset != self.at {
            return Err(Fault::new(&codes::CONTAINER_TRAILING, self.place));
        }
        let fixed = self.exactly(directory::LOCAL_BYTES)?;
        let (name_length, extra_length) = directory::local_lengths(&fixed);
        let name = self.exactly(name_length)?;
        let extra = self.exactly(extra_length)?;
        match directory::local_differs(&fixed, &name, &extra, entry) {
            None => Ok(()),
            Some(what) => {
                Err(Fault::new(&codes::MEMBER_EXTENSION, reading(&entry.name)).with(format_args!("zip: {what}")))
            }
        }
    }

    /// The bytes of a member, to `visit`: as many as are stated, with the stated checksum, when it reads them all.
    fn member(
        &mut self,
        name: &[u8],
        entry: &Entry,
        visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let place = self.place;
        let (at, member) = (self.at, self.member.clone());
        let damaged = |what: Damage, detail: &dyn std::fmt::Display| what.fault(place, (&member, Some(at)), detail);
        if entry.method == STORED && entry.packed != entry.size {
            return Err(damaged(Damage::Size, &format_args!("{}/{}", entry.packed, entry.size)));
        }
        let mut packed = (&mut self.input).take(entry.packed);
        let mut inner: Box<dyn Read + '_> = match entry.method {
            STORED => Box::new(&mut packed),
            _ => Box::new(DeflateDecoder::new(&mut packed)),
        };
        let mut body = Body { inner: &mut *inner, left: entry.size, crc: Crc::new(), wrong: None };
        let visited = visit(&Member { name, size: entry.size }, &mut body);
        if let Some((what, detail)) = body.wrong.take() {
            return Err(damaged(what, &detail));
        }
        visited?;
        let whole = body.left == 0;
        if whole {
            body.end(entry.crc).map_err(|(what, detail)| damaged(what, &detail))?;
        }
        drop(inner);
        let left = packed.limit();
        if whole && left > 0 {
            // Bytes that no inflater reads, inside the member.
            return Err(Fault::new(&codes::CONTAINER_TRAILING, place));
        }
        self.at += entry.packed - left;
        self.skip(left)
    }

    /// Between a member and the next header there is nothing, or the description that the header put off.
    fn gap(&mut self, entry: &Entry, next: u64) -> Result<(), Fault> {
        let gap = next.checked_sub(self.at).and_then(|gap| usize::try_from(gap).ok());
        match gap {
            Some(0) if entry.flags & DESCRIBED_AFTER == 0 => Ok(()),
            Some(length @ (12 | 16 | 20 | 24)) if entry.flags & DESCRIBED_AFTER != 0 => {
                let bytes = self.exactly(length)?;
                if directory::describes(&bytes, entry) {
                    Ok(())
                } else {
                    Err(self.damaged(Damage::Descriptor, "descriptor"))
                }
            }
            _ => Err(Fault::new(&codes::CONTAINER_TRAILING, self.place)),
        }
    }
}

/// The bytes of one member: never more than stated.
struct Body<'b> {
    inner: &'b mut dyn Read,
    left: u64,
    crc: Crc,
    /// Why the reading stopped.
    wrong: Option<(Damage, String)>,
}

impl Body<'_> {
    /// Nothing follows, and the checksum is the stated one.
    fn end(&mut self, crc: u32) -> Result<(), (Damage, String)> {
        let mut one = [0; 1];
        match self.inner.read(&mut one) {
            Ok(0) if self.crc.sum() == crc => Ok(()),
            Ok(0) => Err((Damage::Checksum, format!("CRC-32 {:08x}/{crc:08x}", self.crc.sum()))),
            Ok(_) => Err((Damage::Size, "+1".to_owned())),
            Err(error) => Err((Damage::of(&error), error.to_string())),
        }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if want == 0 {
            return Ok(0);
        }
        let result = self.inner.read(&mut buffer[..want]);
        match &result {
            Ok(0) => {
                self.wrong = Some((Damage::EndsEarly, format!("-{}", self.left)));
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok(n) => {
                self.crc.update(&buffer[..*n]);
                self.left -= *n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.wrong = Some((Damage::of(error), error.to_string())),
        }
        result
    }
}

/// Whether one of the members begins like a message of ACTES or a PES, packed or not: it is known by what it says, its name tells nothing. Most zips with
/// XML in them are documents of an office, which are told by what else they hold. Members that are not read otherwise are passed over: whoever reads them
/// all says why they are not.
pub(crate) fn holds_a_flow(open: &mut Open<'_>, size: u64, limits: &Limits) -> bool {
    let Ok(directory) = directory::read(open, size, "", limits) else { return false };
    let of_an_office = |entry: &Entry| {
        let name = entry.name.as_slice();
        name == b"mimetype" || name == b"[Content_Types].xml" || name.starts_with(b"META-INF/")
    };
    if directory.entries.iter().any(of_an_office) {
        return false;
    }
    let Ok(input) = open() else { return false };
    let (mut input, mut at) = (BufReader::with_capacity(64 << 10, input), 0_u64);
    for entry in directory.entries.iter().filter(|entry| entry.size > 0 && entry.flags & ENCRYPTED == 0) {
        let Some(before) = entry.offset.checked_sub(at) else { continue };
        match begins(&mut input, before, entry) {
            Ok((begun, taken)) if begun.is_none() => at = entry.offset.saturating_add(taken),
            Ok(_) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// What a member begins like, so many bytes further on, and how many of it and its header were taken to tell.
fn begins(input: &mut BufReader<Box<dyn Read + '_>>, before: u64, entry: &Entry) -> io::Result<(Option<Begun>, u64)> {
    io::copy(&mut (&mut *input).take(before), &mut io::sink())?;
    let mut fixed = [0; LOCAL_BYTES];
    input.read_exact(&mut fixed)?;
    let (name, extra) = directory::local_lengths(&fixed);
    let named = (name + extra) as u64;
    io::copy(&mut (&mut *input).take(named), &mut io::sink())?;
    let mut packed = (&mut *input).take(entry.packed);
    let begun = match entry.method {
        STORED => begun::found(&mut packed, MAX_PACKINGS),
        DEFLATED => begun::found(&mut DeflateDecoder::new(&mut packed), MAX_PACKINGS),
        _ => None,
    };
    let taken = entry.packed - packed.limit();
    Ok((begun, LOCAL_BYTES as u64 + named + taken))
}
