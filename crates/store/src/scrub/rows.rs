//! The rows that a record asks of the index, made again from the record alone and compared one by one.

use super::{Finding, Scrubber, Watch};
use crate::codec::Writer;
use crate::index::Family;
use crate::record::{Place, PlacedLeaf, Record};
use crate::rows;
use crate::scan::{Sectors, header_of};
use crate::segment;
use ledger::storage::{LeafKind, StorageError};
use proof::{Sha256Tree, TreeAlgorithm};

/// One row: family, key, value.
pub(super) type Row = (Family, Vec<u8>, Vec<u8>);

/// Where starts copied the last record of this segment to, and its number.
pub(super) fn copied_to(scrub: &Scrubber, number: u64) -> Option<(u64, Place)> {
    let mut copy: Option<(u64, Place)> = None;
    for next in number.saturating_add(1).. {
        let path = segment::path_of(&scrub.places.segments, next);
        let mut sectors = Sectors::open(&path, next).ok()?;
        let Ok(header) = header_of(&mut sectors, &scrub.store) else { break };
        if copy.is_some_and(|(first, _)| first != header.first_record) || sectors.count() < 2 {
            break;
        }
        copy = Some((header.first_record, Place { segment: next, sector: 1 }));
        if !segment::path_of(&scrub.places.segments, next.saturating_add(1)).exists() {
            break;
        }
    }
    copy
}

/// Every row that this record asks for stands in the index.
pub(super) fn forward(scrub: &Scrubber, record: &Record, watch: &mut dyn Watch) {
    let Some(index) = scrub.index() else { return };
    for placed in &record.leaves {
        let expected = match rows_of(placed, record) {
            Ok(expected) => expected,
            Err(why) => {
                watch.found(Finding::new("row-unwritable", "rows", format!("{why:?}")).leaf(&placed.leaf));
                continue;
            }
        };
        for (family, key, value) in expected {
            let told = |what: &'static str, found: String| {
                let finding = Finding::new(what, shown(&value), found).leaf(&placed.leaf);
                finding.at(&scrub.places.index).place(format!("{family:?} {}", proof::hash::encode_hex(&key)))
            };
            match index.find(family, &key) {
                Ok(Some(found)) if found == value => {}
                // The chain may have grown since; how it ends is looked at with the family.
                Ok(Some(_)) if family == Family::Chains => {}
                Ok(Some(found)) => watch.found(told("row-differs", shown(&found))),
                Ok(None) => watch.found(told("row-missing", "nothing".into())),
                Err(why) => watch.found(told("row-unreadable", format!("{why:?}"))),
            }
        }
    }
}

/// What the index says of its last record and of its head is what that record says.
pub(super) fn last(scrub: &Scrubber, record: &Record, watch: &mut dyn Watch) {
    let Some(index) = scrub.index() else { return };
    // A live index may have gone on since: its last record is then another one.
    let Ok(Some(position)) = index.position() else { return };
    if position.number != record.number {
        return;
    }
    let mut tell = |key: &str, expected: String, found: String| {
        if expected != found {
            let finding = Finding::new("row-differs", expected, found).at(&scrub.places.index);
            watch.found(finding.place(format!("Meta {key}")));
        }
    };
    let place = |place: Place| format!("segment {} sector {}", place.segment, place.sector);
    let expected = format!("{} {}", place(record.place), record.digest);
    tell("position", expected, format!("{} {}", place(position.place), position.digest));
    if let Ok(Some(head)) = index.head() {
        let expected = format!("record {} at {} size {}", record.number, record.at.0, record.size.0);
        let found = format!("record {} at {} size {}", head.number, head.at.0, head.size.0);
        if scrub.published() == Some(record.number) {
            tell("head", expected, found);
        }
    }
}

/// A value as it can be told: its digest, never its content.
pub(super) fn shown(value: &[u8]) -> String {
    format!("{} bytes, sha256 {}", value.len(), proof::sha256(value))
}

/// The rows that a leaf of a record asks for, written here a second time: what `publish` writes is not believed.
pub(super) fn rows_of(placed: &PlacedLeaf, record: &Record) -> Result<Vec<Row>, StorageError> {
    let leaf = &placed.leaf;
    let number = rows::write_index(leaf.index);
    let mut out = vec![(Family::Entries, leaf.index.0.to_be_bytes().to_vec(), rows::write_row(placed, record)?)];
    out.extend(placed.ahead.iter().map(|named| (Family::Ahead, named.id.to_vec(), number.clone())));
    if leaf.kind == LeafKind::Seal {
        return Ok(out);
    }
    out.extend(of_entry(leaf));
    Ok(out)
}

/// The rows by which an entry is found again.
pub(super) fn of_entry(leaf: &ledger::storage::NewLeaf) -> Vec<Row> {
    let (tenant, index) = (&leaf.tenant.0, rows::write_index(leaf.index));
    let keyed = |rest: &[u8]| [&tenant[..], rest].concat();
    let mut chain = Writer::with_capacity(48);
    chain.u64(leaf.sequence.0).u64(leaf.index.0).raw(&Sha256Tree::leaf(&leaf.leaf_data).0);
    let mut out = vec![
        (Family::Ids, keyed(&leaf.id.0), index.clone()),
        (Family::Sequences, keyed(&leaf.sequence.0.to_be_bytes()), index.clone()),
        (Family::Chains, tenant.to_vec(), chain.0),
    ];
    if let Some(request) = &leaf.request {
        out.push((Family::Requests, keyed(&request.key[..16]), index.clone()));
    }
    let lookups = leaf.lookups.iter().map(|digest| keyed(&[&digest[..16], &index].concat()));
    out.extend(lookups.map(|key| (Family::Lookups, key, Vec::new())));
    out
}
