//! Small state: every change that the records made, in order, gives what the index holds, and nothing else.

use super::{Finding, Scrubber, Step, Stopped, Watch, families, rows};
use crate::error::OpenError;
use crate::index::{Family, Index};
use crate::record::{Header, PREFIX, Prefix};
use crate::scan::Sectors;
use crate::sector::{Sector, SectorType, offset_of, sectors_for};
use crate::segment;
use proof::Hash;
use std::collections::BTreeMap;

/// Space and key, with the digest of the value: values stay on disk.
type Values = BTreeMap<Vec<u8>, Hash>;

/// The state that the records give is that of the index.
pub(super) fn compare(scrub: &Scrubber, index: &Index, watch: &mut dyn Watch) -> Step {
    let view = index.view();
    let Ok(Some(until)) = view.position() else { return Ok(()) };
    let mut expected = match sweep(scrub, until.number, watch) {
        Ok(Some(expected)) => expected,
        Ok(None) => {
            // Which change is missing cannot be told; the record was.
            let finding = Finding::new("state-not-judged", "every record", "one that does not read");
            watch.found(finding.at(&scrub.places.index).harmless());
            return Ok(());
        }
        Err(stopped) => return Err(stopped),
    };
    let mut stopped = false;
    let read = view.each(Family::State, &mut |key, value| {
        let told = |what, expected: String| {
            let finding = Finding::new(what, expected, rows::shown(value)).at(&scrub.places.index);
            finding.place(format!("State {}", named(key)))
        };
        match expected.remove(key) {
            Some(digest) if digest == proof::sha256(value) => {}
            Some(digest) => watch.found(told("row-differs", format!("sha256 {digest}"))),
            None => watch.found(told("row-extra", "no record asks for this row".into())),
        }
        stopped = !watch.passed((key.len() + value.len()) as u64);
        !stopped
    });
    if let Err(why) = read {
        families::unreadable(scrub, "state", &why, watch);
        return Ok(());
    }
    if stopped {
        return Err(Stopped);
    }
    for (key, digest) in expected {
        let finding = Finding::new("row-missing", format!("sha256 {digest}"), "nothing").at(&scrub.places.index);
        watch.found(finding.place(format!("State {}", named(&key))));
    }
    Ok(())
}

/// The key of a state, in which digests of secrets are not written out.
fn named(key: &[u8]) -> String {
    let (space, rest) = key.split_first().map_or((0, key), |(space, rest)| (*space, rest));
    format!("space {space} key {}", proof::hash::encode_hex(rest.get(..rest.len().min(16)).unwrap_or_default()))
}

/// What all records up to this one leave; `None` when one does not read.
fn sweep(scrub: &Scrubber, until: u64, watch: &mut dyn Watch) -> Result<Option<Values>, Stopped> {
    let mut values = Values::new();
    let mut last = 0;
    for number in scrub.segments().unwrap_or_default() {
        let Ok(whole) = segment_state(scrub, number, until, &mut last, &mut values, watch) else {
            return Ok(None);
        };
        match whole {
            Swept::Whole => {}
            Swept::Unread => return Ok(None),
            Swept::Stopped => return Err(Stopped),
        }
    }
    Ok((last >= until).then_some(values))
}

enum Swept {
    Whole,
    Unread,
    Stopped,
}

fn segment_state(
    scrub: &Scrubber,
    number: u64,
    until: u64,
    last: &mut u64,
    values: &mut Values,
    watch: &mut dyn Watch,
) -> Result<Swept, OpenError> {
    let mut sectors = Sectors::open(&segment::path_of(&scrub.places.segments, number), number)?;
    let mut sector = 1;
    while sector < sectors.count() && *last < until {
        let Some((prefix, text)) = head(&mut sectors, sector)? else {
            // Blank: the segment ends. Anything else was told when it was walked.
            let blank = matches!(sectors.at(sector)?, Sector::Blank);
            return Ok(if blank { Swept::Whole } else { Swept::Unread });
        };
        if prefix.number == last.saturating_add(1) {
            let Ok(header) = Header::parse(&text) else { return Ok(Swept::Unread) };
            for put in header.puts {
                let key = [&[put.space], &put.key[..]].concat();
                match put.value {
                    Some(value) => values.insert(key, proof::sha256(&value)),
                    None => values.remove(&key),
                };
            }
            *last = prefix.number;
        } else if prefix.number > *last {
            return Ok(Swept::Unread);
        }
        sector = sector.saturating_add(sectors_for(prefix.record_len()));
        if !watch.passed(offset_of(sectors_for(prefix.keyring_at()))) {
            return Ok(Swept::Stopped);
        }
    }
    Ok(Swept::Whole)
}

/// Prefix and header of the record that begins here, when they are right.
fn head(sectors: &mut Sectors, first: u64) -> Result<Option<(Prefix, Vec<u8>)>, OpenError> {
    let (prefix, mut text) = match sectors.at(first)? {
        Sector::Whole(SectorType::Start, payload) => match Prefix::parse(payload) {
            Ok(prefix) => (prefix, payload.to_vec()),
            Err(_) => return Ok(None),
        },
        _ => return Ok(None),
    };
    let wanted = usize::try_from(prefix.keyring_at()).unwrap_or(usize::MAX);
    for sector in first + 1.. {
        if text.len() >= wanted {
            break;
        }
        match sectors.at(sector)? {
            Sector::Whole(SectorType::Continuation, payload) => text.extend_from_slice(payload),
            _ => return Ok(None),
        }
    }
    let header = text.get(PREFIX..wanted).unwrap_or_default();
    let right = proof::sha256(header) == prefix.header_sha256;
    Ok(right.then(|| (prefix, header.to_vec())))
}
