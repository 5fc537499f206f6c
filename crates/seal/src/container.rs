//! The ASiC-E container (ETSI EN 319 162-1 §4.3, §A.1), written: a zip whose bytes depend on names and contents
//! alone, stored but where something else is asked, the media type first. Read by `container/read.rs`.

mod headers;
pub(crate) mod others;
pub(crate) mod read;
pub(crate) mod source;

use std::collections::HashSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::container::headers::{DEFLATED, STORED};
use crate::container::source::Checksum;
use crate::error::SealError;
use crate::limits;

/// The media type standing first in every container.
pub const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";

/// The media type of ASiC-S, containers of others around one object (ETSI EN 319 162-1 §4.2).
pub const MEDIA_TYPE_SIMPLE: &str = "application/vnd.etsi.asic-s+zip";

pub(crate) const MIMETYPE: &str = "mimetype";
pub(crate) const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(crate) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
pub(crate) const END: [u8; 4] = *b"PK\x05\x06";
/// The name is UTF-8 (APPNOTE §4.4.4, bit 11).
pub(crate) const FLAG_UTF8: u16 = 1 << 11;
const VERSION: u16 = 20;
/// 1980-01-01T00:00:00, the first moment of MS-DOS.
const DATE: u16 = 0x0021;
const MADE_BY_UNIX: u16 = 0x0314;
const REGULAR_FILE: u32 = 0o100_644 << 16;

/// A container being written.
#[derive(Debug)]
pub struct ContainerWriter<W> {
    sink: W,
    offset: u64,
    central: Vec<u8>,
    names: HashSet<String>,
}

impl<W: Write> ContainerWriter<W> {
    /// A container holding its media type so far.
    ///
    /// # Errors
    /// `Write`.
    pub fn new(sink: W) -> Result<Self, SealError> {
        let mut writer = Self { sink, offset: 0, central: Vec::new(), names: HashSet::new() };
        writer.add(MIMETYPE, MEDIA_TYPE.as_bytes())?;
        Ok(writer)
    }

    /// Adds an entry, stored.
    ///
    /// # Errors
    /// `EntryName`, `EntryRepeated`, `TooLarge` for what the reader would refuse; `Write`.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), SealError> {
        let mut checksum = Checksum::default();
        checksum.update(bytes);
        let size = bytes.len() as u64;
        self.head(name, STORED, (checksum.value(), size, size))?;
        self.put(bytes)
    }

    /// Adds an entry, deflated: for what is large, is no evidence, and need not have the same bytes in the container for ever.
    ///
    /// # Errors
    /// As [`ContainerWriter::add`].
    pub fn add_deflated(&mut self, name: &str, bytes: &[u8]) -> Result<(), SealError> {
        let failed = |e: std::io::Error| SealError::Write { reason: e.to_string() };
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(bytes).map_err(failed)?;
        let deflated = deflated.finish().map_err(failed)?;
        let most = limits::RATIO_FREE_BYTES.max(limits::RATIO * deflated.len() as u64);
        // What a reader would take for a bomb is stored.
        if bytes.len() as u64 > most {
            return self.add(name, bytes);
        }
        let mut checksum = Checksum::default();
        checksum.update(bytes);
        self.head(name, DEFLATED, (checksum.value(), deflated.len() as u64, bytes.len() as u64))?;
        self.put(&deflated)
    }

    /// Adds what stands before the bytes of an entry, stored: so many of this checksum. They do not come through here: the sink, which is
    /// given back for that, must have them before anything else is added.
    ///
    /// # Errors
    /// As [`ContainerWriter::add`].
    pub fn add_apart(&mut self, name: &str, size: u64, checksum: &Checksum) -> Result<&mut W, SealError> {
        self.head(name, STORED, (checksum.value(), size, size))?;
        self.offset += size;
        Ok(&mut self.sink)
    }

    /// What stands before an entry kept in this way: its checksum, its bytes as kept, its bytes.
    fn head(&mut self, name: &str, method: u16, (checksum, kept, size): (u32, u64, u64)) -> Result<(), SealError> {
        check_name(name)?;
        check_limit("entries of a container", limits::ENTRIES as u64, self.names.len() as u64 + 1)?;
        check_limit("entry of a container", limits::ENTRY_BYTES, size)?;
        let written = self.offset + self.central.len() as u64 + size + (2 * name.len() + 200) as u64;
        check_limit("container", limits::TOTAL_BYTES, written)?;
        if !self.names.insert(name.to_owned()) {
            return Err(SealError::EntryRepeated { name: name.to_owned() });
        }
        let common = common_header(name, method, [checksum, kept as u32, size as u32]);
        let local = [&LOCAL[..], &common, name.as_bytes()].concat();
        self.central.extend_from_slice(&CENTRAL);
        self.central.extend_from_slice(&MADE_BY_UNIX.to_le_bytes());
        self.central.extend_from_slice(&common);
        self.central.extend_from_slice(&[0; 6]);
        self.central.extend_from_slice(&REGULAR_FILE.to_le_bytes());
        self.central.extend_from_slice(&(self.offset as u32).to_le_bytes());
        self.central.extend_from_slice(name.as_bytes());
        self.put(&local)
    }

    /// Writes the directory and gives the sink back; the container is whole.
    ///
    /// # Errors
    /// `Write`.
    pub fn finish(mut self) -> Result<W, SealError> {
        let central = std::mem::take(&mut self.central);
        let start = self.offset as u32;
        let count = (self.names.len() as u16).to_le_bytes();
        self.put(&central)?;
        let mut end = END.to_vec();
        end.extend_from_slice(&[0; 4]);
        end.extend_from_slice(&count);
        end.extend_from_slice(&count);
        end.extend_from_slice(&(central.len() as u32).to_le_bytes());
        end.extend_from_slice(&start.to_le_bytes());
        end.extend_from_slice(&[0; 2]);
        self.put(&end)?;
        self.sink.flush().map_err(|e| SealError::Write { reason: e.to_string() })?;
        Ok(self.sink)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        self.sink.write_all(bytes).map_err(|e| SealError::Write { reason: e.to_string() })?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

/// What local header and directory have in common, from the version needed to the length of the extra field: checksum, size as kept,
/// size of the entry among it.
fn common_header(name: &str, method: u16, words: [u32; 3]) -> Vec<u8> {
    let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };
    let mut out = Vec::new();
    for half in [VERSION, flags, method, 0, DATE] {
        out.extend_from_slice(&half.to_le_bytes());
    }
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

pub(crate) fn check_limit(what: &'static str, limit: u64, found: u64) -> Result<(), SealError> {
    if found > limit { Err(SealError::TooLarge { what, limit, found }) } else { Ok(()) }
}

/// A name is a relative path of plain segments, whatever system reads it: nothing absolute, no `.` or `..`, no
/// backslash, colon or control character, no empty segment, no directory.
pub(crate) fn check_name(name: &str) -> Result<(), SealError> {
    check_limit("entry name", limits::NAME_BYTES as u64, name.len() as u64)?;
    let plain = |segment: &[u8]| !matches!(segment, b"" | b"." | b"..");
    let odd = |c: char| c.is_control() || c == '\\' || c == ':';
    // Of plain letters, all are looked at together.
    let clean = match name.is_ascii() {
        true => !name.bytes().fold(false, |met, byte| met | odd(char::from(byte))),
        false => !name.contains(odd),
    };
    if clean && name.as_bytes().split(|byte| *byte == b'/').all(plain) {
        return Ok(());
    }
    Err(SealError::EntryName { name: name.chars().take(200).collect() })
}
