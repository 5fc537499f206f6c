//! What the segments say at start-up, from the index's last record on, and whether the index agrees.

use crate::ahead;
use crate::error::OpenError;
use crate::index::{self, Position};
use crate::places::Places;
use crate::record::Record;
use crate::scan::{self, Found, Last, Tail};
use crate::segment;
use crate::store::Unread;
use ledger::spaces;
use ledger::storage::Put;
use proof::{Hash, Index};
use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::Path;

/// What the segments say.
#[derive(Default)]
pub(crate) struct History {
    /// The last whole record, at its last place.
    pub(crate) last: Option<Record>,
    pub(crate) last_previous: Hash,
    pub(crate) last_len: u64,
    /// Records after the index's.
    pub(crate) backlog: VecDeque<Unread>,
    /// Files ahead that these name.
    pub(crate) ahead: HashSet<[u8; 16]>,
    /// Digest of the record that the index published last.
    pub(crate) at_position: Option<Hash>,
    pub(crate) last_segment: Option<(u64, Tail)>,
    /// Files ahead that an entry of this index names and that are not there as it says.
    missing: Vec<(Index, OpenError)>,
    /// Entries that these records mark as eliminated.
    eliminated: HashSet<u64>,
}

/// Every record from the segment of the index's last one (and of the last two segments at least) is whole.
pub(crate) fn read_history(
    places: &Places,
    store: &[u8; 16],
    position: Option<Position>,
) -> Result<History, OpenError> {
    let numbers = segment::numbers(&places.segments)?;
    let mut history = History::default();
    let Some(newest) = numbers.last().copied() else {
        return Ok(history);
    };
    // Older segments are not read at start-up, but their absence costs nothing to see.
    if let Some((missing, _)) = (1..=newest).zip(&numbers).find(|(expected, found)| expected != *found) {
        let path = segment::path_of(&places.segments, missing);
        return Err(scan::damaged(&path, 0, "the segment is missing".into()));
    }
    let wanted = position.map_or(1, |position| position.place.segment.min(newest.saturating_sub(1)).max(1));
    let mut last: Last = if wanted == 1 { Some((0, Hash([0; 32]))) } else { None };
    for number in wanted..=newest {
        let path = segment::path_of(&places.segments, number);
        if let Some((before, Tail { end, torn: true })) = history.last_segment {
            let path = segment::path_of(&places.segments, before);
            let what = format!("an incomplete record is followed by segment {number}");
            return Err(scan::damaged(&path, end, what));
        }
        let mut newest_found = None;
        let tail = scan::scan(&path, number, store, &mut last, &mut |found| {
            history.take(&found, position, places, &path)?;
            newest_found = Some(found);
            Ok(())
        })?;
        if let Some(found) = newest_found {
            history.last = Some(found.record(&path)?);
            history.last_previous = found.prefix.previous;
            history.last_len = found.prefix.record_len();
        }
        history.last_segment = Some((number, tail));
    }
    Ok(history)
}

impl History {
    fn take(
        &mut self,
        found: &Found,
        position: Option<Position>,
        places: &Places,
        path: &Path,
    ) -> Result<(), OpenError> {
        let number = found.prefix.number;
        let published = position.map_or(0, |position| position.number);
        if number == published {
            self.at_position = Some(found.digest);
        }
        if number <= published {
            return Ok(());
        }
        let unread = Unread { number, place: found.place };
        match self.backlog.back_mut() {
            // A copy of the last record: the newer place is the durable one.
            Some(back) if back.number == number => *back = unread,
            _ => self.backlog.push_back(unread),
        }
        let record = found.record(path)?;
        self.eliminated.extend(record.puts.iter().filter_map(marks));
        for (index, named) in
            record.leaves.iter().flat_map(|placed| placed.ahead.iter().map(|a| (placed.leaf.index, a)))
        {
            let file = ahead::path_of(&places.ahead, &named.id);
            let len = fs::metadata(&file).map_or(0, |metadata| metadata.len());
            if len != named.stored {
                let what = format!("record {number} says {} bytes ahead, there are {len}", named.stored);
                self.missing.push((index, scan::damaged(&file, 0, what)));
                continue;
            }
            self.ahead.insert(named.id);
        }
        Ok(())
    }

    /// What an elimination has destroyed is not missed: an older segment file that was put back may still name it.
    pub(crate) fn without_eliminated(&mut self, index: &index::Index) -> Result<(), OpenError> {
        for (entry, missed) in std::mem::take(&mut self.missing) {
            let known = index.is_eliminated(entry).map_err(|error| OpenError::Index(format!("{error:?}")))?;
            if !known && !self.eliminated.contains(&entry.0) {
                return Err(missed);
            }
        }
        Ok(())
    }
}

/// The entry that this change marks as eliminated.
fn marks(put: &Put) -> Option<u64> {
    let index = put.key.strip_prefix(&[spaces::ELIMINATED]).filter(|_| put.space == spaces::ELIMINATIONS)?;
    index.try_into().ok().map(u64::from_be_bytes)
}

/// The index is not ahead of the segments, and tells the same history.
pub(crate) fn compare(history: &History, position: Option<Position>) -> Result<(), OpenError> {
    let Some(position) = position else { return Ok(()) };
    let segments = history.last.as_ref().map_or(0, |last| last.number);
    if position.number > segments {
        return Err(OpenError::IndexAhead { index: position.number, segments });
    }
    match history.at_position {
        Some(digest) if digest == position.digest => Ok(()),
        other => Err(OpenError::IndexDisagrees {
            number: position.number,
            index: position.digest,
            segments: other.unwrap_or(Hash([0; 32])),
        }),
    }
}
