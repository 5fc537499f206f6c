//! What a backup may take, and the mirror beside a commit.

use super::*;
use crate::mirror::{Mirror, heads};
use crate::{Mirrored, SegmentCopy};
use ledger::storage::StorageError;
use std::io::Read;

fn held(place: &Place, segment: &crate::CutSegment, id: &[u8; 16]) -> Vec<u8> {
    let mut copy = SegmentCopy::open(&place.data(), id, segment).unwrap().expect("the segment that was said");
    let mut bytes = Vec::new();
    copy.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_cut_ends_with_the_last_published_record_and_holds_nothing_beyond() {
    let place = Place::new();
    let mut store = place.open();
    for index in 0..6 {
        deposit(&mut store, index, &[1000, 300_000]);
    }
    let reads = store.reads();
    let before = reads.cut().unwrap().unwrap();
    // Durable, and not published: a power cut may still take it from a disk that lied.
    let next = commit(&store.vault(), 6, &[1000]);
    store.append(next).unwrap();
    let during = reads.cut().unwrap().unwrap();
    assert_eq!(before, during);
    let last = *during.segments.last().unwrap();
    let bytes = held(&place, &last, &during.store);
    assert_eq!(bytes.len() as u64, last.bytes);
    assert!(std::fs::read(place.segment(last.number)).unwrap().len() > bytes.len());
    publish_all(&mut store);
    let after = reads.cut().unwrap().unwrap();
    assert_eq!(after.head.number, during.head.number + 1);
    // The same bytes, and more.
    let grown = after.segments.iter().find(|segment| segment.number == last.number).unwrap();
    assert!(held(&place, grown, &after.store).starts_with(&bytes));
    let ahead: usize = after
        .segments
        .iter()
        .map(|segment| SegmentCopy::open(&place.data(), &after.store, segment).unwrap().unwrap().ahead.len())
        .sum();
    assert_eq!(ahead, 6);
}

#[test]
fn a_segment_that_is_another_or_damaged_is_not_taken() {
    let place = Place::new();
    let mut store = place.open();
    (0..4).for_each(|index| deposit(&mut store, index, &[30_000]));
    let cut = store.reads().cut().unwrap().unwrap();
    let first = cut.segments[0];
    let other = crate::CutSegment { key: [1; 16], ..first };
    assert!(SegmentCopy::open(&place.data(), &cut.store, &other).unwrap().is_none());
    let longer = crate::CutSegment { bytes: first.bytes - 512, ..first };
    assert!(SegmentCopy::open(&place.data(), &cut.store, &longer).is_err(), "it ends within a record");
    let path = place.segment(first.number);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[1500] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(SegmentCopy::open(&place.data(), &cut.store, &first).is_err());
}

#[test]
fn a_commit_is_in_the_mirror_before_it_is_durable_for_the_ledger() {
    let place = Place::new();
    let path = place.directory.path().join("mirror");
    let store = place.open();
    let (vault, id) = (store.vault(), store.id());
    let (mirror, _) = Mirror::open(&path).unwrap();
    let mut store = Mirrored::new(store, Some(mirror)).unwrap();
    for index in 0..5 {
        store.append(commit(&vault, index, &[100])).unwrap();
        let newest = heads(&path).unwrap()[0];
        assert_eq!((newest.number, newest.size, newest.store), (index + 1, TreeSize(index + 1), id));
        let replays = store.unpublished().unwrap();
        replays.iter().for_each(|replay| store.publish(publication(replay)).unwrap());
    }
}

#[test]
fn a_mirror_that_fails_stops_the_store_for_good_and_the_record_waits_for_the_next_start() {
    let place = Place::new();
    let store = place.open();
    let vault = store.vault();
    // A device that takes nothing: every write to it fails.
    let full = Path::new("/dev/full");
    let mirror = Mirror::over(std::fs::OpenOptions::new().write(true).open(full).unwrap(), full);
    let mut store = Mirrored::new(store, Some(mirror)).unwrap();
    let failed = store.append(commit(&vault, 0, &[100]));
    assert!(matches!(&failed, Err(StorageError::Fatal(why)) if why.contains("mirror")), "{failed:?}");
    assert!(matches!(store.append(commit(&vault, 1, &[100])), Err(StorageError::Fatal(_))));
    assert!(matches!(store.unpublished().map(|waiting| waiting.len()), Ok(1)));
    drop((store, vault));
    let mut store = place.open();
    assert_eq!(publish_all(&mut store), 1, "durable, and never acknowledged");
}
