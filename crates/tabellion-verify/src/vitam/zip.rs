//! The zip of an archive, read where it lies: one reading only, members streamed, so that a journal of gigabytes costs no memory.
//! The rules are those of the evidence pack's container: local headers and directory agree, members follow each other without gap
//! from the first byte to the directory, the end record is the last thing.
//!
//! Deliberately not here: zip64, which Vitam does not write, encryption, comments, several disks, directories and links.

use std::io::{self, BufReader, Error, ErrorKind, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const END_SIZE: u16 = 22;
const LOCAL_SIZE: u16 = 30;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Sizes follow the data: the writer could not go back.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// The name is UTF-8, which ASCII is.
const FLAGS_KNOWN: u16 = (1 << 11) | FLAG_DESCRIPTOR | 0b110;
/// Attributes of DOS that make a volume's label or a directory of a member.
const NO_FILE_IN_DOS: u32 = 0x18;
/// Times and owners: they change neither name nor content.
const EXTRA_KNOWN: [u16; 4] = [0x000a, 0x5455, 0x7875, 0xcafe];
/// Members of an archive; it has five.
const MEMBERS: u16 = 64;
/// Bytes of the directory.
const DIRECTORY_BYTES: u32 = 1 << 16;
/// Inflated bytes for one stored byte, beyond [`RATIO_FREE_BYTES`].
const RATIO: u32 = 100;
/// A member no larger than this when inflated is not held to [`RATIO`].
const RATIO_FREE_BYTES: u32 = 1 << 20;

/// Why a zip is not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is none, or not one read here.
    Unreadable(String),
    /// Two programs could read two things, or a name would lead elsewhere.
    Ambiguous(String),
}

fn unreadable<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Unreadable(why.to_owned()))
}

impl From<Error> for Fault {
    fn from(why: Error) -> Self {
        Self::Unreadable(why.to_string())
    }
}

/// An archive found to have one reading; members are inflated as they are read.
pub struct Archive<R> {
    source: R,
    members: Vec<Member>,
}

#[derive(Clone)]
struct Member {
    name: String,
    common: Common,
    offset: u64,
    data: u64,
    end: u64,
}

/// What local header and directory have in common; version and date carry no meaning here.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Common {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
}

impl<R: Read + Seek> Archive<R> {
    /// The archive that lies in `source`.
    ///
    /// # Errors
    /// `Unreadable`, `Ambiguous`.
    pub fn read(mut source: R) -> Result<Self, Fault> {
        let (directory, count, start) = end_record(&mut source)?;
        let mut fields = Fields { rest: &directory };
        let mut members: Vec<Member> = Vec::new();
        for _ in 0..count {
            let member = read_member(&mut source, &mut fields)?;
            if members.iter().any(|known| known.name.eq_ignore_ascii_case(&member.name)) {
                return Err(Fault::Ambiguous(format!("{} twice", member.name)));
            }
            members.push(member);
        }
        if !fields.rest.is_empty() {
            return unreadable("zip directory");
        }
        check_layout(&mut source, &members, start)?;
        Ok(Self { source, members })
    }

    /// The names of all members, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The content of a member; read to its end, its length and checksum are checked, and a fault is `InvalidData`.
    ///
    /// # Errors
    /// `NotFound` where there is no such member; what the source says.
    pub fn open(&mut self, name: &str) -> io::Result<Content<'_, R>> {
        let found = self.members.iter().find(|member| member.name == name);
        let member = found.cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, name.to_owned()))?;
        self.source.seek(SeekFrom::Start(member.data))?;
        let packed = BufReader::new((&mut self.source).take(u64::from(member.common.packed)));
        let body = match member.common.method {
            STORED => Body::Stored(packed),
            _ => Body::Deflated(DeflateDecoder::new(packed)),
        };
        Ok(Content { body, common: member.common, crc: Crc::new(), left: u64::from(member.common.size) })
    }
}

/// A member's bytes as they come.
pub struct Content<'a, R> {
    body: Body<'a, R>,
    common: Common,
    crc: Crc,
    left: u64,
}

enum Body<'a, R> {
    Stored(BufReader<Take<&'a mut R>>),
    Deflated(DeflateDecoder<BufReader<Take<&'a mut R>>>),
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let broken = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
        let read = match &mut self.body {
            Body::Stored(body) => body.read(into)?,
            Body::Deflated(body) => body.read(into).map_err(|_| broken("deflated member"))?,
        };
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count).ok_or_else(|| broken("longer than it says"))?;
        self.crc.update(into.get(..read).unwrap_or_default());
        if read > 0 {
            return Ok(read);
        }
        let whole = match &self.body {
            Body::Stored(_) => true,
            Body::Deflated(body) => body.total_in() == u64::from(self.common.packed),
        };
        if self.left != 0 || !whole {
            return Err(broken("shorter than it says"));
        }
        if self.crc.sum() != self.common.crc {
            return Err(broken("checksum"));
        }
        Ok(0)
    }
}

/// The directory's bytes, its count of members, and where it starts.
fn end_record<R: Read + Seek>(source: &mut R) -> Result<(Vec<u8>, u16, u64), Fault> {
    const WHAT: &str = "zip end record (no comment may follow it)";
    let length = source.seek(SeekFrom::End(0))?;
    let Some(at) = length.checked_sub(u64::from(END_SIZE)) else { return unreadable(WHAT) };
    let bytes = bytes_at(source, at, END_SIZE.into())?;
    let mut end = Fields { rest: &bytes };
    if end.take(4)? != END {
        return unreadable(WHAT);
    }
    let disks = end.word()?;
    let (here, count) = (end.half()?, end.half()?);
    let (size, start) = (end.word()?, end.word()?);
    let met = u64::from(start).checked_add(u64::from(size)) == Some(at);
    if disks != 0 || here != count || end.half()? != 0 || !met {
        return unreadable(WHAT);
    }
    if count > MEMBERS || size > DIRECTORY_BYTES {
        return unreadable("zip: too many members");
    }
    Ok((bytes_at(source, start.into(), size)?, count, start.into()))
}

/// The next member of the directory, its local header found and in agreement.
fn read_member<R: Read + Seek>(source: &mut R, directory: &mut Fields<'_>) -> Result<Member, Fault> {
    if directory.take(4)? != CENTRAL {
        return unreadable("zip directory");
    }
    directory.half()?;
    let (common, name_length, extra_length) = Common::read(directory)?;
    let (comment_length, disk) = (directory.half()?, directory.half()?);
    directory.half()?;
    let attributes = directory.word()?;
    let offset = u64::from(directory.word()?);
    let raw_name = directory.take(name_length.into())?;
    harmless(directory.take(extra_length.into())?)?;
    directory.take(comment_length.into())?;
    let name = plain_name(raw_name)?;
    common.check(disk)?;
    let kind = (attributes >> 16) & 0o170_000;
    if (kind != 0 && kind != 0o100_000) || attributes & NO_FILE_IN_DOS != 0 {
        return Err(Fault::Ambiguous(format!("{name} is no regular file")));
    }

    let header = bytes_at(source, offset, LOCAL_SIZE.into())?;
    let mut local = Fields { rest: &header };
    if local.take(4)? != LOCAL {
        return unreadable("zip local header");
    }
    let (seen, seen_name_length, seen_extra_length) = Common::read(&mut local)?;
    let after = u32::from(seen_name_length).saturating_add(seen_extra_length.into());
    let name_at = offset.saturating_add(LOCAL_SIZE.into());
    let behind = bytes_at(source, name_at, after)?;
    let mut behind = Fields { rest: &behind };
    let seen_name = behind.take(seen_name_length.into())?;
    harmless(behind.rest)?;
    let described = common.described() && seen.packed == 0 && seen.size == 0;
    let agreed = seen.flags == common.flags && seen.method == common.method && seen_name == raw_name;
    if !agreed || !(seen == common || described) {
        return Err(Fault::Ambiguous(format!("{name}: local header and directory disagree")));
    }
    let data = name_at.saturating_add(after.into());
    let end = data.saturating_add(common.packed.into());
    Ok(Member { name, common, offset, data, end })
}

/// Members stand one after the other from the first byte to the directory, between them only descriptors that say the same.
fn check_layout<R: Read + Seek>(source: &mut R, members: &[Member], directory: u64) -> Result<(), Fault> {
    let ambiguous = |what: &str| Err(Fault::Ambiguous(what.to_owned()));
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by_key(|member| member.offset);
    let starts = sorted.iter().skip(1).map(|member| member.offset).chain([directory]);
    if sorted.first().is_none_or(|member| member.offset != 0) {
        return ambiguous("bytes before the first member");
    }
    for (member, next) in sorted.iter().zip(starts) {
        let Some(gap) = next.checked_sub(member.end) else { return ambiguous("members overlap") };
        let gap = match (gap, member.common.described()) {
            (0, _) => continue,
            (12 | 16, true) => bytes_at(source, member.end, if gap == 12 { 12 } else { 16 })?,
            _ => return ambiguous("bytes between members"),
        };
        let mut fields = Fields { rest: &gap };
        if gap.len() == 16 && fields.take(4)? != DESCRIPTOR {
            return ambiguous("bytes between members");
        }
        let Common { crc, packed, size, .. } = member.common;
        if [fields.word()?, fields.word()?, fields.word()?] != [crc, packed, size] {
            return ambiguous("a descriptor and the directory disagree");
        }
    }
    Ok(())
}

/// A name that leads nowhere else, whatever system reads it; Vitam's are ASCII.
fn plain_name(name: &[u8]) -> Result<String, Fault> {
    let shown = || String::from_utf8_lossy(name).chars().take(200).collect::<String>();
    let clean = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'/' | b'\\' | b':');
    if name.is_empty() || name.first() == Some(&b'.') || !name.iter().all(clean) {
        return Err(Fault::Ambiguous(shown()));
    }
    Ok(shown())
}

fn bytes_at<R: Read + Seek>(source: &mut R, at: u64, count: u32) -> Result<Vec<u8>, Fault> {
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    source.take(count.into()).read_to_end(&mut bytes)?;
    if u32::try_from(bytes.len()) == Ok(count) { Ok(bytes) } else { unreadable("zip: cut short") }
}

impl Common {
    fn read(fields: &mut Fields<'_>) -> Result<(Self, u16, u16), Fault> {
        fields.half()?;
        let (flags, method) = (fields.half()?, fields.half()?);
        fields.word()?;
        let (crc, packed, size) = (fields.word()?, fields.word()?, fields.word()?);
        Ok((Self { flags, method, crc, packed, size }, fields.half()?, fields.half()?))
    }

    fn described(&self) -> bool {
        self.flags & FLAG_DESCRIPTOR != 0
    }

    fn check(&self, disk: u16) -> Result<(), Fault> {
        if self.flags & !FLAGS_KNOWN != 0 {
            return unreadable("zip flags");
        }
        if self.method != STORED && self.method != DEFLATED {
            return unreadable("zip method");
        }
        if disk != 0 || self.packed == u32::MAX || self.size == u32::MAX {
            return unreadable("zip64 or several disks");
        }
        if self.method == STORED && self.packed != self.size {
            return unreadable("stored member of two sizes");
        }
        let allowed = u64::from(self.packed).saturating_mul(RATIO.into()).max(RATIO_FREE_BYTES.into());
        if u64::from(self.size) > allowed { unreadable("zip: inflates too much") } else { Ok(()) }
    }
}

/// Little-endian fields one after the other.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else { return unreadable("zip: cut short") };
        self.rest = rest;
        Ok(taken)
    }

    fn half(&mut self) -> Result<u16, Fault> {
        Ok(self.take(2)?.iter().rev().fold(0, |n, b| (n << 8) | u16::from(*b)))
    }

    fn word(&mut self) -> Result<u32, Fault> {
        Ok(self.take(4)?.iter().rev().fold(0, |n, b| (n << 8) | u32::from(*b)))
    }
}

/// Others give a second name, a second length or what we have not read, and two programs would unpack two things.
fn harmless(extra: &[u8]) -> Result<(), Fault> {
    let mut fields = Fields { rest: extra };
    while !fields.rest.is_empty() {
        let (kind, length) = (fields.half()?, fields.half()?);
        fields.take(length.into())?;
        if !EXTRA_KNOWN.contains(&kind) {
            return unreadable("zip extra field");
        }
    }
    Ok(())
}
