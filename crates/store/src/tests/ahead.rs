//! Files ahead: there before the record that names them, gone when none does.

use super::round_trip::assert_entry;
use super::*;
use crate::error::OpenError;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

fn files_ahead(place: &Place) -> usize {
    fs::read_dir(place.data().join("ahead")).unwrap().count()
}

#[test]
fn what_no_commit_took_leaves_nothing() {
    let place = Place::new();
    let store = place.open();
    let vault = store.vault();
    let mut unfinished = vault.spool().unwrap();
    unfinished.write_all(&bytes(1, 300_000)).unwrap();
    assert_eq!(files_ahead(&place), 1);
    drop(unfinished);
    let parts = sealed(&vault, 0, &[300_000, 5, 300_000]);
    assert_eq!(files_ahead(&place), 2);
    drop(parts);
    assert_eq!(files_ahead(&place), 0);
}

#[test]
fn a_file_ahead_that_no_record_names_is_removed_at_the_start_and_no_other() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[300_000]);
    store.append(commit(&store.vault(), 1, &[400_000])).unwrap();
    let _waiting = sealed(&store.vault(), 2, &[500_000]);
    assert_eq!(files_ahead(&place), 3);
    // Killed here: one file named by a published record, one by a record not yet published, one by none.
    let image = place.image();
    let mut again = image.open();
    assert_eq!(files_ahead(&image), 2);
    publish_all(&mut again);
    drop(again);
    // Named by the segments alone, once the index is gone.
    fs::remove_dir_all(image.data().join("index")).unwrap();
    let mut again = image.open();
    assert_eq!(files_ahead(&image), 2);
    publish_all(&mut again);
    assert_entry(&again.reads(), 0, &[300_000]);
    assert_entry(&again.reads(), 1, &[400_000]);
}

#[test]
fn a_file_ahead_of_a_torn_record_goes_with_it() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    let from = store.writer.as_ref().unwrap().next_sector();
    store.append(commit(&store.vault(), 1, &[400_000])).unwrap();
    let image = place.image();
    let segment = OpenOptions::new().write(true).open(image.segment(1)).unwrap();
    segment.write_all_at(&[0; 512], (from + 1) * 512).unwrap();
    drop(image.open());
    assert_eq!(files_ahead(&image), 0);
}

#[test]
fn a_record_whose_file_ahead_is_missing_is_not_published() {
    let place = Place::new();
    let mut store = place.open();
    store.append(commit(&store.vault(), 0, &[400_000])).unwrap();
    let image = place.image();
    let path = fs::read_dir(image.data().join("ahead")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&path).unwrap();
    match Store::open(&image.options()) {
        Err(OpenError::Damaged { path: named, .. }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_ahead_of_another_length_than_its_record_says_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    store.append(commit(&store.vault(), 0, &[400_000])).unwrap();
    let image = place.image();
    let path = fs::read_dir(image.data().join("ahead")).unwrap().next().unwrap().unwrap().path();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(399_000).unwrap();
    match Store::open(&image.options()) {
        Err(OpenError::Damaged { path: named, .. }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_read_back_from_the_disk_must_be_what_was_received() {
    use crate::ahead::AheadWriter;
    use crate::error::VaultError;
    let place = Place::new();
    let vault = place.open().vault();
    let plain = bytes(1, 300_000);
    // Another digest said than the disk gives back: as if the bytes had changed on their way in.
    let mut writer = AheadWriter::create(&vault).unwrap();
    writer.take(&plain).unwrap();
    match writer.finish(sha256(b"other")) {
        Err(VaultError::SecondComputation { recovered, .. }) => assert_eq!(recovered, sha256(&plain)),
        other => panic!("{other:?}"),
    }
    // The disk changed a byte.
    let mut spool = vault.spool().unwrap();
    spool.write_all(&plain).unwrap();
    let path = fs::read_dir(place.data().join("ahead")).unwrap().next().unwrap().unwrap().path();
    OpenOptions::new().write(true).open(path).unwrap().write_all_at(&[0xff; 16], 70_000).unwrap();
    assert!(matches!(spool.finish(), Err(VaultError::Cipher { chunk: 1, .. })));
    assert_eq!(files_ahead(&place), 0);
}
