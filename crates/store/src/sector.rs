//! Sectors: 512 bytes that tell a write that never happened from a write that went wrong.
//!
//! One type byte, 507 bytes of payload, CRC-32C over (segment ‖ sector ‖ type ‖ payload). A sector never written is all
//! zero; a written one never is, since no type is zero. See docs/formats/segment.md.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes of a sector: what disks write whole.
pub(crate) const SECTOR: usize = 512;
/// Bytes of a sector that carry something.
pub(crate) const PAYLOAD: usize = 507;
const CRC_AT: usize = 508;

/// What a sector begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SectorType {
    Start = 1,
    Continuation = 2,
    Header = 3,
}

/// A sector as read.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Sector<'a> {
    /// Never written.
    Blank,
    /// Written whole.
    Whole(SectorType, &'a [u8; PAYLOAD]),
    /// Neither.
    Damaged,
}

fn checksum(segment: u64, sector: u64, type_and_payload: &[u8]) -> u32 {
    let mut place = [0_u8; 16];
    place[..8].copy_from_slice(&segment.to_be_bytes());
    place[8..].copy_from_slice(&sector.to_be_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&place), type_and_payload)
}

/// What these bytes are as this sector of this segment.
pub(crate) fn read(segment: u64, sector: u64, bytes: &[u8; SECTOR]) -> Sector<'_> {
    let (covered, crc) = bytes.split_at(CRC_AT);
    let kind = match bytes[0] {
        1 => SectorType::Start,
        2 => SectorType::Continuation,
        3 => SectorType::Header,
        0 if bytes.iter().all(|b| *b == 0) => return Sector::Blank,
        _ => return Sector::Damaged,
    };
    match covered[1..].first_chunk::<PAYLOAD>() {
        Some(payload) if checksum(segment, sector, covered).to_be_bytes() == *crc => Sector::Whole(kind, payload),
        _ => Sector::Damaged,
    }
}

/// Cuts a stream of bytes into consecutive sectors.
pub(crate) struct SectorWriter {
    out: Vec<u8>,
    segment: u64,
    sector: u64,
    first: SectorType,
}

impl SectorWriter {
    pub(crate) fn new(segment: u64, sector: u64, first: SectorType, bytes: u64) -> Self {
        Self::within(Vec::new(), segment, sector, first, bytes)
    }

    /// The same, written where something else was before.
    pub(crate) fn within(mut out: Vec<u8>, segment: u64, sector: u64, first: SectorType, bytes: u64) -> Self {
        out.clear();
        out.reserve_exact(usize::try_from(sectors_for(bytes)).unwrap_or(0).saturating_mul(SECTOR));
        Self { out, segment, sector, first }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let filled = self.out.len() % SECTOR;
            if filled == 0 {
                let kind = if self.out.is_empty() { self.first } else { SectorType::Continuation };
                self.out.push(kind as u8);
                continue;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CRC_AT - filled));
            self.out.extend_from_slice(now);
            bytes = later;
            if filled + now.len() == CRC_AT {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let start = self.out.len() - CRC_AT;
        let crc = checksum(self.segment, self.sector, &self.out[start..]);
        self.out.extend_from_slice(&crc.to_be_bytes());
        self.sector += 1;
    }

    /// The sectors that are complete, handed over; what follows continues them.
    pub(crate) fn drain(&mut self) -> Vec<u8> {
        let rest = self.out.split_off(self.out.len() - self.out.len() % SECTOR);
        let whole = std::mem::replace(&mut self.out, rest);
        if !whole.is_empty() {
            self.first = SectorType::Continuation;
        }
        whole
    }

    /// All sectors, the last one padded with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let filled = self.out.len() % SECTOR;
        if filled != 0 {
            self.out.resize(self.out.len() + CRC_AT - filled, 0);
            self.close();
        }
        self.out
    }
}

/// Sectors that a stream of this many bytes takes.
pub(crate) fn sectors_for(bytes: u64) -> u64 {
    bytes.div_ceil(PAYLOAD as u64)
}

/// Byte offset of a sector in its file.
pub(crate) fn offset_of(sector: u64) -> u64 {
    sector.saturating_mul(SECTOR as u64)
}

/// Bytes `from..from + into.len()` of the stream that begins at sector `first`, every sector touched verified.
pub(crate) fn read_stream(file: &File, segment: u64, first: u64, from: u64, into: &mut [u8]) -> io::Result<()> {
    /// Sectors read by one call: bounds the memory of a long read.
    const AT_ONCE: u64 = 256;
    let damaged = |sector: u64| {
        let text = format!("segment {segment}: sector at byte {} is damaged", offset_of(sector));
        io::Error::new(io::ErrorKind::InvalidData, text)
    };
    let (mut from, mut done) = (from, 0_usize);
    let mut buffer = Vec::new();
    while done < into.len() {
        let relative = from / PAYLOAD as u64;
        let sector = first.saturating_add(relative);
        let left = (into.len() - done) as u64 + from % PAYLOAD as u64;
        let count = sectors_for(left).min(AT_ONCE);
        buffer.resize(count as usize * SECTOR, 0);
        file.read_exact_at(&mut buffer, offset_of(sector))
            .map_err(|error| if error.kind() == io::ErrorKind::UnexpectedEof { damaged(sector) } else { error })?;
        for (number, bytes) in buffer.as_chunks::<SECTOR>().0.iter().enumerate() {
            let sector = sector + number as u64;
            let expected = if sector == first { SectorType::Start } else { SectorType::Continuation };
            let payload = match read(segment, sector, bytes) {
                Sector::Whole(kind, payload) if kind == expected => payload,
                _ => return Err(damaged(sector)),
            };
            let wanted = &payload[(from % PAYLOAD as u64) as usize..];
            let len = wanted.len().min(into.len() - done);
            into[done..done + len].copy_from_slice(&wanted[..len]);
            done += len;
            from += len as u64;
        }
    }
    Ok(())
}
