//! Bytes that were durable and are wrong now: refused, with the place named, and nothing changed.

use super::round_trip::assert_entry;
use super::*;
use crate::error::OpenError;
use crate::scan;
use ledger::storage::StorageError;
use proof::FileNumber;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::FileExt;

const SECTOR: u64 = 512;

fn flip(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

/// Three commits in one segment, as a kill leaves them; the last is published only if `published`.
fn three(published: bool) -> (Place, [u64; 4]) {
    let place = Place::new();
    let mut store = place.open();
    let mut borders = [1; 4];
    for index in 0..3 {
        if published || index < 2 {
            deposit(&mut store, index, &[600]);
        } else {
            store.append(commit(&store.vault(), index, &[600])).unwrap();
        }
        borders[index as usize + 1] = store.writer.as_ref().unwrap().next_sector();
    }
    (place.image(), borders)
}

fn store_id(place: &Place) -> [u8; 16] {
    place.open().store_id
}

#[test]
fn a_byte_changed_anywhere_is_found_and_its_sector_named() {
    let (place, borders) = three(true);
    let (image, id) = (place.image(), store_id(&place));
    let path = image.segment(1);
    let run = || {
        let mut last = Some((0, proof::Hash([0; 32])));
        scan::scan(&path, 1, &id, &mut last, &mut |_| Ok(()))
    };
    assert!(!run().unwrap().torn, "the control");
    // Every byte of the segment header, of every record, and of two blank sectors.
    for at in 0..(borders[3] + 2) * SECTOR {
        flip(&path, at);
        match run() {
            Err(OpenError::Damaged { path: named, offset, remedy, .. }) => {
                assert_eq!((&named, offset), (&path, at / SECTOR * SECTOR), "byte {at}");
                assert!(remedy.contains("restore"));
            }
            other => panic!("byte {at}: {other:?}"),
        }
        flip(&path, at);
    }
}

#[test]
fn a_store_with_a_changed_byte_does_not_open_and_stays_as_it_is() {
    for published in [true, false] {
        let (image, borders) = three(published);
        for sector in [0, borders[0], borders[1] + 1, borders[2], borders[3] - 1, borders[3], borders[3] + 1] {
            let place = image.image();
            flip(&place.segment(1), sector * SECTOR + 77);
            let before = fs::read(place.segment(1)).unwrap();
            match Store::open(&place.options()) {
                Err(OpenError::Damaged { offset, .. }) => assert_eq!(offset, sector * SECTOR),
                other => panic!("sector {sector}: {other:?}"),
            }
            assert!(fs::read(place.segment(1)).unwrap() == before);
            assert_eq!(place.newest_segment(), 1);
            assert_eq!(fs::read_dir(place.data().join("aside")).unwrap().count(), 0);
        }
    }
}

#[test]
fn garbage_after_the_last_record_is_not_taken_for_a_torn_one() {
    let (image, borders) = three(true);
    let end = borders[3] * SECTOR;
    let first = borders[2] * SECTOR;
    let mut last_record = vec![0; (end - first) as usize];
    OpenOptions::new().read(true).open(image.segment(1)).unwrap().read_exact_at(&mut last_record, first).unwrap();
    for garbage in [bytes(9, 512), bytes(9, 10), vec![0xff; 3000], last_record] {
        let place = image.image();
        OpenOptions::new().write(true).open(place.segment(1)).unwrap().write_all_at(&garbage, end).unwrap();
        match Store::open(&place.options()) {
            Err(OpenError::Damaged { offset, .. }) => assert_eq!(offset, end),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn records_of_another_place_or_another_store_are_refused() {
    let (image, borders) = three(true);
    // The first record over the second's place: right bytes, wrong sectors.
    let place = image.image();
    let file = OpenOptions::new().read(true).write(true).open(place.segment(1)).unwrap();
    let mut first = vec![0; ((borders[1] - borders[0]) * SECTOR) as usize];
    file.read_exact_at(&mut first, borders[0] * SECTOR).unwrap();
    file.write_all_at(&first, borders[1] * SECTOR).unwrap();
    assert!(matches!(Store::open(&place.options()), Err(OpenError::Damaged { .. })));
    // A segment of another store.
    let (other, _) = three(true);
    let place = image.image();
    fs::copy(other.segment(1), place.segment(1)).unwrap();
    match Store::open(&place.options()) {
        Err(OpenError::Damaged { offset: 0, what, .. }) => assert!(what.contains("another store"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_segment_is_named() {
    let (image, _) = three(true);
    drop(image.open());
    drop(image.open());
    drop(image.open());
    fs::remove_file(image.segment(2)).unwrap();
    // With the index, which does not need that segment to open; and without it.
    for _ in 0..2 {
        match Store::open(&image.options()) {
            Err(OpenError::Damaged { path, .. }) => assert_eq!(path, image.segment(2)),
            other => panic!("{other:?}"),
        }
        let _ = fs::remove_dir_all(image.data().join("index"));
    }
}

#[test]
fn a_segment_that_does_not_continue_the_one_before_is_refused() {
    // Two continuations of one store: the second segment of each names its own first segment's record.
    let place = Place::new();
    deposit(&mut place.open(), 0, &[]);
    let fork = place.image();
    for (branch, at) in [(&place, 1), (&fork, 2)] {
        let mut store = branch.open();
        let mut commit = commit(&store.vault(), 1, &[]);
        commit.at = UnixMillis(at);
        store.append(commit).unwrap();
        publish_all(&mut store);
        drop(store);
        drop(branch.open());
    }
    fs::copy(fork.segment(3), place.segment(3)).unwrap();
    fs::remove_dir_all(place.data().join("index")).unwrap();
    match Store::open(&place.options()) {
        Err(OpenError::Damaged { path, .. }) => assert_eq!(path, place.segment(3)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn damage_found_while_reading_is_an_error_never_other_bytes() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[3000, 400_000]);
    let reads = store.reads();
    // The small file's last sector, and a chunk of the one ahead.
    let last = store.writer.as_ref().unwrap().next_sector() - 1;
    flip(&place.segment(1), last * SECTOR + 20);
    let ahead = fs::read_dir(place.data().join("ahead")).unwrap().next().unwrap().unwrap().path();
    flip(&ahead, 300_000);
    for number in [1, 2] {
        let mut found = Vec::new();
        let read = match reads.open_file(Index(0), FileNumber(number)) {
            Ok(file) => file.unwrap().read_to_end(&mut found).map_err(|error| error.to_string()),
            Err(StorageError::Fatal(text)) => Err(text),
            Err(other) => panic!("{other:?}"),
        };
        // In the record, the sector may hold the second file's F alone.
        if number == 2 {
            assert!(read.is_err());
            assert!(found == file_of(0, 2, 400_000)[..found.len()]);
        }
    }
    assert!(matches!(reads.read_file_record(Index(0), FileNumber(2)), Err(StorageError::Fatal(_))));
    assert!(reads.read_entry_record(Index(0)).unwrap().is_some());
}

#[test]
fn a_store_that_was_refused_opens_once_repaired() {
    let (image, borders) = three(false);
    let at = borders[2] * SECTOR + 100;
    flip(&image.segment(1), at);
    assert!(Store::open(&image.options()).is_err());
    flip(&image.segment(1), at);
    let mut store = image.open();
    assert_eq!(publish_all(&mut store), 1);
    assert_entry(&store.reads(), 2, &[600]);
}

#[test]
fn a_header_or_key_table_that_its_prefix_does_not_name_is_refused_though_its_sectors_are_right() {
    use crate::record::{PREFIX, Prefix};
    use crate::sector::{SectorType, SectorWriter, read_stream};
    let (image, borders) = three(true);
    let file = OpenOptions::new().read(true).write(true).open(image.segment(1)).unwrap();
    let mut prefix = [0; PREFIX];
    read_stream(&file, 1, borders[1], 0, &mut prefix).unwrap();
    let prefix = Prefix::parse(&prefix).unwrap();
    let mut record = vec![0; prefix.record_len() as usize];
    read_stream(&file, 1, borders[1], 0, &mut record).unwrap();
    // The time in the header; the last byte of the key table; the control.
    for (at, part) in [(PREFIX + 7, "header"), (prefix.body_at() as usize - 1, "key table"), (0, "")] {
        let place = image.image();
        let mut forged = record.clone();
        forged[at] ^= u8::from(!part.is_empty());
        let mut sectors = SectorWriter::new(1, borders[1], SectorType::Start, forged.len() as u64);
        sectors.push(&forged);
        let target = OpenOptions::new().write(true).open(place.segment(1)).unwrap();
        target.write_all_at(&sectors.finish(), borders[1] * SECTOR).unwrap();
        match Store::open(&place.options()) {
            Ok(_) => assert_eq!(part, ""),
            Err(OpenError::Damaged { offset, what, .. }) => {
                assert!(what.starts_with(part) && !part.is_empty(), "{what}");
                assert_eq!(offset, borders[1] * SECTOR);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}
