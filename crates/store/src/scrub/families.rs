//! Every row of the index read once: none that nothing accounts for.
//!
//! What the records ask for was looked up from their side. Here it is the other side's turn: each row leads to an entry whose leaf in the
//! segment asks for it.

use super::{Finding, Scrubber, Step, Stopped, Watch, crew, rows};
use crate::ahead;
use crate::disk;
use crate::index::{Family, Index, View, is_memory, segment_of};
use crate::leaves::leaf_of;
use crate::parts::stretch;
use crate::record::{Location, UnitKeys};
use crate::rows::{Row, looked_up, parse_index, parse_row};
use crate::scan::{Sectors, header_of};
use crate::segment;
use ledger::storage::{LeafKind, NewLeaf, StorageError};
use proof::{Sha256Tree, TreeAlgorithm};

const TILE_WIDTH: u64 = 256;
const META: [&[u8]; 4] = [b"format", b"store", b"head", b"position"];

/// Every family, through one view.
pub(super) fn every(scrub: &Scrubber, index: &Index, watch: &mut dyn Watch) -> Step {
    let view = index.view();
    let size = view.head().ok().flatten().map_or(0, |head| head.size.0);
    let families: Vec<_> = Family::ALL.into_iter().filter(|(family, _)| *family != Family::State).collect();
    crew::share(scrub.effort.threads, &families, watch, &|family, watch| one(scrub, &view, size, *family, watch))?;
    described(scrub, &view, watch);
    files_ahead(scrub, &view, watch);
    Ok(())
}

/// Every row of one family.
fn one(scrub: &Scrubber, view: &View<'_>, size: u64, (family, name): (Family, &str), watch: &mut dyn Watch) -> Step {
    let mut stopped = false;
    let read = view.each(family, &mut |key, value| {
        if let Some(why) = strange(scrub, view, size, family, key, value) {
            let finding = Finding::new("row-extra", why, rows::shown(value)).at(&scrub.places.index);
            let mut finding = finding.place(format!("{family:?} {}", proof::hash::encode_hex(key)));
            finding.harmless = leaves_with(scrub, family, key, value);
            watch.found(finding);
        }
        stopped = !watch.passed((key.len() + value.len()) as u64);
        !stopped
    });
    if let Err(why) = read {
        unreadable(scrub, name, &why, watch);
    }
    if stopped { Err(Stopped) } else { Ok(()) }
}

pub(super) fn unreadable(scrub: &Scrubber, name: &str, why: &StorageError, watch: &mut dyn Watch) {
    let finding = Finding::new("row-unreadable", "a family that reads", format!("{why:?}"));
    watch.found(finding.at(&scrub.places.index).place(name));
}

/// An index that holds anything says what it is and how far it goes.
fn described(scrub: &Scrubber, view: &View<'_>, watch: &mut dyn Watch) {
    let stands = |key: &[u8]| matches!(view.find(Family::Meta, key), Ok(Some(_)));
    let mut holds = stands(b"head") || stands(b"position");
    // Nothing to report here: a family that does not read was told.
    let _ = view.each(Family::Entries, &mut |_, _| {
        holds = true;
        false
    });
    let wanted = if holds { META.len() } else { 2 };
    for key in META.iter().take(wanted).filter(|key| !stands(key)) {
        let finding = Finding::new("row-missing", "a value", "nothing").at(&scrub.places.index);
        watch.found(finding.place(format!("Meta {}", String::from_utf8_lossy(key))));
    }
}

/// Why nothing asks for this row; `None` when something does.
fn strange(
    scrub: &Scrubber,
    view: &View<'_>,
    size: u64,
    family: Family,
    key: &[u8],
    value: &[u8],
) -> Option<&'static str> {
    let asked = match family {
        Family::Entries => number(key).is_some_and(|index| index < size),
        Family::Tiles => tile(size, key, value),
        Family::Heads => head(view, key),
        Family::Meta if key == b"format" => value == crate::index::FORMAT.to_be_bytes(),
        Family::Meta => META.contains(&key) || is_memory(key) && remembered(scrub, key, value),
        Family::Chains => chain(scrub, view, key, value),
        Family::Ids | Family::Sequences | Family::Requests | Family::Lookups => entry(scrub, view, family, key, value),
        Family::Ahead => leads_to(family, key, value).is_some_and(|index| names(scrub, view, index, key)),
        Family::State => true,
    };
    (!asked).then_some("no entry asks for this row")
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

fn row(view: &View<'_>, index: u64) -> Option<Row> {
    parse_row(proof::Index(index), &view.find(Family::Entries, &index.to_be_bytes()).ok()??).ok()
}

/// The leaf that a row speaks of.
fn leads_to(family: Family, key: &[u8], value: &[u8]) -> Option<u64> {
    let found = if family == Family::Lookups { looked_up(key) } else { parse_index(value) };
    found.ok().map(|index| index.0)
}

/// What the segment says of a leaf. One that does not read was told with its segment.
fn leaf(scrub: &Scrubber, row: &Row) -> Option<NewLeaf> {
    let file = scrub.shared.as_deref()?.segments.file(row.place.segment).ok()?;
    leaf_of(row, &file).ok()
}

/// The index remembers the segment's key as the file names it; a header that does not read is told elsewhere.
fn remembered(scrub: &Scrubber, key: &[u8], value: &[u8]) -> bool {
    let Some(number) = segment_of(key) else { return value.is_empty() };
    let path = segment::path_of(&scrub.places.segments, number);
    let header = Sectors::open(&path, number).and_then(|mut sectors| header_of(&mut sectors, &scrub.store));
    header.map_or(path.exists(), |header| header.key.0[..] == *value)
}

/// The entry that a row speaks of is eliminated: the row goes with the next run of the eraser.
fn leaves_with(scrub: &Scrubber, family: Family, key: &[u8], value: &[u8]) -> bool {
    let goes = matches!(family, Family::Ahead | Family::Lookups);
    let index = leads_to(family, key, value).filter(|_| goes);
    index.is_some_and(|index| scrub.is_eliminated(proof::Index(index)))
}

/// The entry at this index asks for exactly this row.
fn entry(scrub: &Scrubber, view: &View<'_>, family: Family, key: &[u8], value: &[u8]) -> bool {
    let Some(row) = leads_to(family, key, value).and_then(|index| row(view, index)) else { return false };
    let Some(leaf) = leaf(scrub, &row) else { return true };
    let asked = rows::of_entry(&leaf);
    leaf.kind == LeafKind::Entry
        && asked.iter().any(|(asked, at, holds)| *asked == family && at == key && holds == value)
}

/// The chain ends with the tenant's last entry.
fn chain(scrub: &Scrubber, view: &View<'_>, tenant: &[u8], value: &[u8]) -> bool {
    let (sequence, index) = (value.get(..8).and_then(number), value.get(8..16).and_then(number));
    let Some((sequence, row)) = sequence.zip(index.and_then(|index| row(view, index))) else { return false };
    let next = [tenant, &sequence.saturating_add(1).to_be_bytes()].concat();
    let last = matches!(view.find(Family::Sequences, &next), Ok(None));
    let Some(leaf) = leaf(scrub, &row) else { return last };
    let own = leaf.tenant.0[..] == *tenant && leaf.sequence.0 == sequence;
    own && last && value.get(16..) == Some(&Sha256Tree::leaf(&leaf.leaf_data).0[..])
}

/// A tile of a log of this size, as wide as it must be.
fn tile(size: u64, key: &[u8], value: &[u8]) -> bool {
    let Some((level, index)) = key.split_first().and_then(|(level, index)| Some((*level, number(index)?))) else {
        return false;
    };
    let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let first = index.saturating_mul(TILE_WIDTH);
    first < hashes && value.len() as u64 == hashes.saturating_sub(first).min(TILE_WIDTH) * 32
}

/// A commit ended at this size.
fn head(view: &View<'_>, key: &[u8]) -> bool {
    let last = number(key).and_then(|size| Some((size, row(view, size.checked_sub(1)?)?)));
    last.is_some_and(|(size, row)| row.commit_size.0 == size)
}

/// A file of the entry at this index stands in the file ahead of this name.
fn names(scrub: &Scrubber, view: &View<'_>, index: u64, id: &[u8]) -> bool {
    let (Some(row), Some(shared)) = (row(view, index), scrub.shared.as_deref()) else { return false };
    let Ok(file) = shared.segments.file(row.place.segment) else { return false };
    let Some(parts) = row.parts else { return false };
    (1..=u64::from(parts.files)).any(|unit| {
        let (from, len) = UnitKeys::at(unit);
        let keys = stretch(&row, &file, parts.keys_at.saturating_add(from), len).ok();
        let keys = keys.and_then(|bytes| UnitKeys::parse(&bytes).ok());
        keys.is_some_and(|keys| matches!(keys.body, Some(Location::Ahead(name)) if name[..] == *id))
    })
}

/// Files ahead that nothing names: removed by the next start. A live store may be about to name them.
fn files_ahead(scrub: &Scrubber, view: &View<'_>, watch: &mut dyn Watch) {
    if scrub.live {
        return;
    }
    let id_of =
        |name: &str| proof::hash::decode_hex(name).and_then(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).ok());
    for id in disk::list(&scrub.places.ahead, id_of).unwrap_or_default() {
        if matches!(view.find(Family::Ahead, &id), Ok(None)) {
            let path = ahead::path_of(&scrub.places.ahead, &id);
            watch.found(Finding::new("ahead-unnamed", "a record that names it", "none").at(&path).harmless());
        }
    }
}
