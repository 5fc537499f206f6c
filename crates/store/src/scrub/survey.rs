//! One record as its sectors are: which are wrong, and what can still be read of it.

use crate::error::OpenError;
use crate::record::Prefix;
use crate::scan::Sectors;
use crate::sector::{PAYLOAD, Sector, SectorType, offset_of, sectors_for};
use std::fs::File;
use std::sync::Arc;

/// Bytes of the largest record that is held in memory with its body.
const HELD: u64 = 16 << 20;

/// What stands from a sector on.
pub(super) enum Surveyed {
    /// Nothing was ever written here.
    Blank,
    /// No record can be read here, in words.
    Unreadable(String),
    /// A record, perhaps with wrong sectors.
    Record(Box<Survey>),
}

/// A record's sectors.
pub(super) struct Survey {
    /// The file, open: what is judged later is read from where this was read.
    pub(super) file: Arc<File>,
    pub(super) prefix: Prefix,
    pub(super) first: u64,
    pub(super) count: u64,
    /// Sectors that are neither blank nor right, in order.
    pub(super) bad: Vec<u64>,
    /// The first sector that was never written, or begins something else: the record is not complete.
    pub(super) cut: Option<u64>,
    /// Prefix, header and key table, and the body of a record that is not too large, with zeros in place of wrong sectors.
    pub(super) text: Vec<u8>,
}

impl Survey {
    /// The stretch `from..to` of the record stands in right sectors alone.
    pub(super) fn is_right(&self, from: u64, to: u64) -> bool {
        let sector = |at: u64| self.first.saturating_add(at / PAYLOAD as u64);
        let (first, last) = (sector(from), sector(to.saturating_sub(1).max(from)));
        let cut = self.cut.is_some_and(|cut| cut <= last);
        !cut && !self.bad.iter().any(|bad| (first..=last).contains(bad))
    }

    /// The stretch `from..to` of the record, where it is in memory.
    pub(super) fn held(&self, from: u64, to: u64) -> Option<&[u8]> {
        self.text.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }

    /// Bytes of the file that hold this stretch of the record.
    pub(super) fn bytes(&self, from: u64, to: u64) -> (u64, u64) {
        let place = |at: u64| {
            let sector = self.first.saturating_add(at / PAYLOAD as u64);
            offset_of(sector).saturating_add(1).saturating_add(at % PAYLOAD as u64)
        };
        (place(from), place(to.saturating_sub(1).max(from)).saturating_add(1))
    }
}

/// What stands from this sector on; `passed` is told of every sector read.
pub(super) fn survey(sectors: &mut Sectors, first: u64) -> Result<Surveyed, OpenError> {
    let mut text = Vec::new();
    let prefix = match sectors.at(first)? {
        Sector::Blank => return Ok(Surveyed::Blank),
        Sector::Whole(SectorType::Start, payload) => {
            text.extend_from_slice(payload);
            Prefix::parse(payload)
        }
        Sector::Whole(kind, _) => return Ok(Surveyed::Unreadable(format!("a {kind:?} sector"))),
        Sector::Damaged => return Ok(Surveyed::Unreadable("a damaged sector".into())),
    };
    let prefix = match prefix {
        Ok(prefix) => prefix,
        Err(why) => return Ok(Surveyed::Unreadable(format!("a prefix that {why}"))),
    };
    let (count, len) = (sectors_for(prefix.record_len()), prefix.record_len());
    let kept = if len <= HELD { len } else { prefix.body_at() };
    // What the prefix says is not believed yet: room is made for what the file can hold.
    let room = kept.min(HELD).min(sectors.len().saturating_sub(offset_of(first))).saturating_add(PAYLOAD as u64);
    text.reserve(usize::try_from(room).unwrap_or(0));
    let mut found = Survey { file: sectors.file(), prefix, first, count, bad: Vec::new(), cut: None, text };
    for sector in first + 1..first.saturating_add(count) {
        let wanted = (found.text.len() as u64) < kept;
        match sectors.at(sector)? {
            Sector::Whole(SectorType::Continuation, payload) if wanted => found.text.extend_from_slice(payload),
            Sector::Whole(SectorType::Continuation, _) => {}
            Sector::Damaged => {
                found.bad.push(sector);
                if wanted {
                    found.text.resize(found.text.len() + PAYLOAD, 0);
                }
            }
            // Blank, or the beginning of something else: what follows is not of this record.
            Sector::Blank | Sector::Whole(..) => {
                found.cut = Some(sector);
                break;
            }
        }
    }
    Ok(Surveyed::Record(Box::new(found)))
}

/// The next sector after this one where a record can be read, or that was written at all; `None` when all is blank.
pub(super) fn next_written(sectors: &mut Sectors, from: u64, record: bool) -> Result<Option<u64>, OpenError> {
    for sector in from..sectors.count() {
        let stands = match sectors.at(sector)? {
            Sector::Blank => false,
            Sector::Whole(SectorType::Start, payload) => !record || Prefix::parse(payload).is_ok(),
            Sector::Whole(..) | Sector::Damaged => !record,
        };
        if stands {
            return Ok(Some(sector));
        }
    }
    Ok(None)
}
