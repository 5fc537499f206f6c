//! What a kill or a power cut may leave at the end of the last segment: cut, kept aside, and nothing acknowledged lost.

use super::round_trip::assert_entry;
use super::*;
use crate::error::OpenError;
use ledger::storage::Reader;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

const SECTOR: u64 = 512;

/// One published commit, then one that was appended and not published; sectors of the second, from and to.
fn torn_place(sizes: &[usize]) -> (Place, u64, u64) {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[700]);
    let from = store.writer.as_ref().unwrap().next_sector();
    store.append(commit(&store.vault(), 1, sizes)).unwrap();
    let to = store.writer.as_ref().unwrap().next_sector();
    let image = place.image();
    (image, from, to)
}

fn segment_file(place: &Place) -> std::fs::File {
    OpenOptions::new().read(true).write(true).open(place.segment(1)).unwrap()
}

/// The torn commit is gone, the one before it is whole, and the store goes on.
fn assert_cut(place: &Place, what: &str) {
    let mut store = place.open();
    assert!(store.unpublished().unwrap().is_empty(), "{what}");
    assert_eq!(store.reads().head().unwrap().unwrap().number, 1, "{what}");
    assert_entry(&store.reads(), 0, &[700]);
    deposit(&mut store, 1, &[33]);
    drop(store);
    let store = place.open();
    assert_entry(&store.reads(), 1, &[33]);
}

fn aside(place: &Place) -> Vec<PathBuf> {
    fs::read_dir(place.data().join("aside")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_file_that_ends_anywhere_within_the_last_record_is_cut_and_kept_aside() {
    let (torn, from, to) = torn_place(&[2000]);
    assert!(to - from >= 6);
    for end in from..to {
        for odd in [0, 1, 511] {
            let place = torn.image();
            let file = segment_file(&place);
            let len = end * SECTOR + odd;
            file.set_len(len).unwrap();
            let mut kept = vec![0; (len - from * SECTOR) as usize];
            file.read_exact_at(&mut kept, from * SECTOR).unwrap();
            assert_cut(&place, &format!("length {len}"));
            match aside(&place).as_slice() {
                [] => assert_eq!((end, odd), (from, 0), "something was there to be kept"),
                // A first sector of which a part is missing is no torn record, yet nothing of it is thrown away.
                [path] => assert!(fs::read(path).unwrap() == kept, "length {len}"),
                more => panic!("{more:?}"),
            }
        }
    }
}

#[test]
fn any_subset_of_the_last_records_sectors_may_be_missing() {
    let (torn, from, to) = torn_place(&[1000]);
    let count = to - from;
    assert!((4..=6).contains(&count), "{count}");
    for missing in 1..(1_u64 << count) {
        let place = torn.image();
        let file = segment_file(&place);
        for sector in (0..count).filter(|sector| missing & (1 << sector) != 0) {
            file.write_all_at(&[0; SECTOR as usize], (from + sector) * SECTOR).unwrap();
        }
        let all = missing == (1 << count) - 1;
        assert_cut(&place, &format!("missing {missing:b}"));
        assert_eq!(aside(&place).len(), usize::from(!all), "missing {missing:b}");
    }
    // The control: with nothing missing the commit is there.
    assert_eq!(torn.open().unpublished().unwrap().len(), 1);
}

#[test]
fn an_incomplete_record_followed_by_a_whole_one_is_not_cut() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    let from = store.writer.as_ref().unwrap().next_sector();
    deposit(&mut store, 1, &[2000]);
    let to = store.writer.as_ref().unwrap().next_sector();
    deposit(&mut store, 2, &[]);
    let image = place.image();
    for missing in from..to {
        let place = image.image();
        segment_file(&place).write_all_at(&[0; SECTOR as usize], missing * SECTOR).unwrap();
        match Store::open(&place.options()) {
            Err(OpenError::Damaged { path, offset, .. }) => {
                assert_eq!((path, offset), (place.segment(1), from * SECTOR));
            }
            other => panic!("sector {missing}: {other:?}"),
        }
        assert!(aside(&place).is_empty());
    }
}

#[test]
fn an_incomplete_record_followed_by_another_segment_is_not_cut() {
    let (torn, from, to) = torn_place(&[2000]);
    drop(torn.open());
    assert_eq!(torn.newest_segment(), 2);
    segment_file(&torn).write_all_at(&[0; SECTOR as usize], (to - 1) * SECTOR).unwrap();
    match Store::open(&torn.options()) {
        Err(OpenError::Damaged { offset, .. }) => assert_eq!(offset, from * SECTOR),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_torn_record_that_was_published_is_missed() {
    let (torn, _, to) = torn_place(&[2000]);
    publish_all(&mut torn.open());
    // Both places of the record lose a sector: the segments end before what the index knows.
    for number in 1..=torn.newest_segment() {
        let file = OpenOptions::new().write(true).open(torn.segment(number)).unwrap();
        let last = if number == 1 { to - 1 } else { file.metadata().unwrap().len() / SECTOR - 1 };
        file.set_len(last * SECTOR).unwrap();
    }
    let refused = Store::open(&torn.options());
    assert!(matches!(refused, Err(OpenError::IndexAhead { .. } | OpenError::Damaged { .. })), "{refused:?}");
    let (torn, ..) = torn_place(&[2000]);
    publish_all(&mut torn.image().open());
}

#[test]
fn a_copy_that_was_torn_leaves_the_record_it_was_made_from() {
    let (torn, ..) = torn_place(&[2000]);
    drop(torn.open());
    let copy = OpenOptions::new().write(true).open(torn.segment(2)).unwrap();
    copy.write_all_at(&[0; SECTOR as usize], 3 * SECTOR).unwrap();
    let mut store = torn.open();
    assert_eq!(publish_all(&mut store), 1);
    assert_entry(&store.reads(), 1, &[2000]);
}

#[test]
fn a_copy_repeated_by_many_starts_is_one_commit() {
    let (torn, ..) = torn_place(&[2000]);
    for _ in 0..4 {
        drop(torn.open());
    }
    assert_eq!(torn.newest_segment(), 5);
    fs::remove_dir_all(torn.data().join("index")).unwrap();
    let mut store = torn.open();
    assert_eq!(publish_all(&mut store), 2);
    assert_entry(&store.reads(), 1, &[2000]);
}

#[test]
fn a_segment_left_half_made_is_removed() {
    let (torn, ..) = torn_place(&[10]);
    let half = torn.segment(9).with_extension("new");
    fs::write(&half, b"half").unwrap();
    let mut store = torn.open();
    assert!(!half.exists());
    assert_eq!(publish_all(&mut store), 1);
}

#[test]
fn a_first_record_that_was_torn_leaves_an_empty_store() {
    let place = Place::new();
    let mut store = place.open();
    store.append(commit(&store.vault(), 0, &[2000])).unwrap();
    let image = place.image();
    segment_file(&image).write_all_at(&[0; SECTOR as usize], 2 * SECTOR).unwrap();
    let mut store = image.open();
    assert!(store.unpublished().unwrap().is_empty() && store.reads().head().unwrap().is_none());
    deposit(&mut store, 0, &[20]);
    drop(store);
    assert_entry(&image.open().reads(), 0, &[20]);
}

#[test]
fn space_that_was_not_used_is_given_back() {
    let (torn, _, to) = torn_place(&[10]);
    assert_eq!(fs::metadata(torn.segment(1)).unwrap().len(), 64 * 1024);
    let store = torn.open();
    assert_eq!(fs::metadata(torn.segment(1)).unwrap().len(), to * SECTOR);
    drop(store);
    assert!(fs::metadata(torn.segment(2)).unwrap().len() < 8 * 1024);
}
