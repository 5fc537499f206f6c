//! What segments hold and the index does not is published again, to the same bytes.

use super::round_trip::assert_entry;
use super::*;
use crate::error::OpenError;
use crate::index::Family;
use ledger::storage::{Reader, StorageError};
use std::fs::OpenOptions;

type Dump = Vec<(&'static str, Box<[u8]>, Box<[u8]>)>;

fn dump(store: &Store) -> Dump {
    let rows = Family::ALL.iter().flat_map(|(family, name)| {
        let rows = store.shared.index.range(*family, &[], &[], usize::MAX).unwrap();
        rows.into_iter().map(|(key, value)| (*name, key, value))
    });
    rows.collect()
}

fn some_deposits(place: &Place) {
    let mut store = place.open();
    deposit(&mut store, 0, &[10, 300_000]);
    deposit(&mut store, 1, &[60_000]);
    drop(store);
    let mut store = place.open();
    deposit(&mut store, 2, &[60_000]);
    deposit(&mut store, 3, &[]);
}

#[test]
fn a_deleted_index_is_rebuilt_to_the_same_rows() {
    let place = Place::new();
    some_deposits(&place);
    let (kept, deleted) = (place.image(), place.image());
    fs::remove_dir_all(deleted.data().join("index")).unwrap();
    let mut store = deleted.open();
    let replays = store.unpublished().unwrap();
    assert_eq!(replays.iter().map(|replay| replay.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(replays[1].leaves, [leaf(1)]);
    assert!(store.reads().entry(Index(0)).unwrap().is_none());
    publish_all(&mut store);
    let rebuilt = dump(&store);
    assert!(rebuilt.len() > 30);
    assert!(rebuilt == dump(&kept.open()));
    assert_entry(&store.reads(), 0, &[10, 300_000]);
    deposit(&mut store, 4, &[5]);
}

#[test]
fn an_index_whose_files_are_damaged_is_moved_aside_and_rebuilt() {
    for (victim, len) in [("CURRENT", None), ("CURRENT", Some(3)), ("MANIFEST", Some(5)), ("MANIFEST", None)] {
        let place = Place::new();
        some_deposits(&place);
        for entry in fs::read_dir(place.data().join("index")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with(victim) {
                match len {
                    None => fs::remove_file(&path).unwrap(),
                    Some(len) => OpenOptions::new().write(true).open(&path).unwrap().set_len(len).unwrap(),
                }
            }
        }
        let mut store = place.open();
        assert_eq!(publish_all(&mut store), 4, "{victim} {len:?}");
        assert_entry(&store.reads(), 2, &[60_000]);
    }
}

/// The index as RocksDB has it.
fn raw_index(place: &Place) -> rocksdb::DB {
    let path = place.data().join("index");
    let families = rocksdb::DB::list_cf(&rocksdb::Options::default(), &path).unwrap();
    rocksdb::DB::open_cf(&rocksdb::Options::default(), &path, families).unwrap()
}

/// The index says that it has this format, and has rows that no parser of ours reads.
fn of_format(place: &Place, format: u32) {
    let db = raw_index(place);
    db.put_cf(db.cf_handle("meta").unwrap(), b"format", format.to_be_bytes()).unwrap();
    (0..4_u64).for_each(|row| db.put_cf(db.cf_handle("entries").unwrap(), row.to_be_bytes(), [1; 90]).unwrap());
}

#[test]
fn an_index_of_an_older_program_is_moved_aside_and_made_again() {
    let place = Place::new();
    some_deposits(&place);
    let kept = place.image();
    of_format(&place, 1);
    let mut store = place.open();
    let aside = place.data().join("aside/index-older");
    assert!(aside.is_dir() && store.moved_index() == Some(&aside));
    assert_eq!(publish_all(&mut store), 4);
    assert!(dump(&store) == dump(&kept.open()));
    assert_entry(&store.reads(), 2, &[60_000]);
    drop(store);
    let mut again = place.open();
    assert!(again.unpublished().unwrap().is_empty() && again.moved_index().is_none(), "once");
    assert!(!place.data().join("aside/index-older-1").exists());
}

#[test]
fn an_older_index_that_knows_more_than_the_segments_stays_where_it_is() {
    let (place, early) = with_one_more();
    of_format(&place, 1);
    copy_index(&place, &early);
    let refused = |place: &Place| matches!(Store::open(&place.options()), Err(OpenError::IndexAhead { .. }));
    assert!(refused(&early) && refused(&early), "and is not forgotten");
    let rebuilt = crate::Rebuild::begin(&early.options()).map(|mut rebuild| {
        publish_all(&mut rebuild);
        rebuild.finish()
    });
    assert!(matches!(rebuilt, Ok(Err(OpenError::IndexAhead { index: 2, segments: 1 }))));
}

#[test]
fn an_index_of_a_newer_program_or_of_another_store_is_left() {
    let place = Place::new();
    some_deposits(&place);
    of_format(&place, crate::index::FORMAT + 1);
    assert!(matches!(Store::open(&place.options()), Err(OpenError::UnknownVersion { found: 4, known: 3, .. })));
    let stranger = Place::new();
    deposit(&mut stranger.open(), 0, &[]);
    of_format(&stranger, 1);
    copy_index(&stranger, &place);
    assert!(matches!(Store::open(&place.options()), Err(OpenError::Index(_))));
    assert!(place.data().join("index").is_dir());
}

#[test]
fn an_older_index_is_not_compared_but_replaced_by_a_rebuild() {
    let place = Place::new();
    some_deposits(&place);
    of_format(&place, 1);
    let mut rebuild = crate::Rebuild::begin(&place.options()).unwrap();
    publish_all(&mut rebuild);
    let found = rebuild.finish().unwrap();
    assert!(found.unopened.clone().is_some_and(|why| why.contains("format 1")), "{found:?}");
    assert_eq!((found.missing, found.extra, found.changed), (0, 0, 0));
    assert_entry(&place.open().reads(), 2, &[60_000]);
}

#[test]
fn a_row_that_leads_to_another_leaf_is_said_and_never_believed() {
    let place = Place::new();
    some_deposits(&place);
    {
        let db = raw_index(&place);
        let entries = db.cf_handle("entries").unwrap();
        let row = db.get_cf(entries, 2_u64.to_be_bytes()).unwrap().unwrap();
        db.put_cf(entries, 1_u64.to_be_bytes(), row).unwrap();
        let requests = db.cf_handle("requests").unwrap();
        let key = crate::rows::request_key(TENANT, &leaf(3).request.unwrap().key);
        db.put_cf(requests, key, crate::rows::write_index(Index(0))).unwrap();
    }
    let store = place.open();
    let reads = store.reads();
    let said = |why: StorageError| format!("{why:?}").contains("rebuild the index");
    assert!(said(reads.entry(Index(1)).unwrap_err()));
    assert!(said(reads.leaf_data(Index(0), 4).unwrap_err()));
    assert!(said(reads.request(TENANT, &leaf(3).request.unwrap().key).unwrap_err()));
    assert_entry(&reads, 2, &[60_000]);
}

#[test]
fn a_commit_durable_but_unpublished_comes_back_once_and_can_be_read() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    store.append(commit(&store.vault(), 1, &[100, 300_000])).unwrap();
    assert!(store.reads().entry(Index(1)).unwrap().is_none());
    // Killed between sync and publication; then again just after the start; then again.
    let mut image = place.image();
    for round in 0..3 {
        let mut again = image.open();
        let replays = again.unpublished().unwrap();
        assert_eq!(replays.len(), 1, "round {round}");
        assert_eq!((replays[0].number, &replays[0].leaves), (2, &vec![leaf(1)]));
        assert_eq!(again.unpublished().unwrap(), replays);
        // Nothing can be acknowledged before what is waiting has been published.
        assert!(matches!(again.append(commit(&again.vault(), 2, &[])), Err(StorageError::Fatal(_))));
        let next = image.image();
        drop(again);
        image = next;
    }
    let mut again = image.open();
    publish_all(&mut again);
    assert_entry(&again.reads(), 1, &[100, 300_000]);
    deposit(&mut again, 2, &[]);
    drop(again);
    assert!(image.open().unpublished().unwrap().is_empty());
}

#[test]
fn the_last_record_is_made_durable_in_a_new_segment_and_read_from_there() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[1000]);
    let before = place.newest_segment();
    drop(store);
    let store = place.open();
    assert_eq!(place.newest_segment(), before + 1);
    // The old one is not needed for what the new one holds.
    fs::remove_file(place.segment(before)).unwrap();
    assert_entry(&store.reads(), 0, &[1000]);
}

#[test]
fn an_index_that_knows_more_than_the_segments_is_not_opened() {
    let (place, early) = with_one_more();
    copy_index(&place, &early);
    match Store::open(&early.options()) {
        Err(OpenError::IndexAhead { index: 2, segments: 1 }) => {}
        other => panic!("{other:?}"),
    }
    // No segment at all.
    fs::remove_dir_all(place.data().join("segments")).unwrap();
    fs::create_dir(place.data().join("segments")).unwrap();
    match Store::open(&place.options()) {
        Err(OpenError::IndexAhead { index: 2, segments: 0 }) => {}
        other => panic!("{other:?}"),
    }
}

/// A store of two deposits, and what it was after the first.
fn with_one_more() -> (Place, Place) {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    let early = place.image();
    deposit(&mut store, 1, &[]);
    drop(store);
    (place, early)
}

/// The one has the index of the other.
fn copy_index(from: &Place, to: &Place) {
    let target = to.data().join("index");
    fs::remove_dir_all(&target).unwrap();
    fs::create_dir(&target).unwrap();
    copy(&from.data().join("index"), &target);
}

#[test]
fn an_index_of_another_history_or_another_store_is_not_opened() {
    let place = Place::new();
    let fork = place.image();
    deposit(&mut place.open(), 0, &[]);
    let mut other = fork.open();
    let mut different = commit(&other.vault(), 0, &[]);
    different.at = UnixMillis(77);
    other.append(different).unwrap();
    publish_all(&mut other);
    drop(other);
    copy_index(&place, &fork);
    assert!(matches!(Store::open(&fork.options()), Err(OpenError::IndexDisagrees { number: 1, .. })));

    let stranger = Place::new();
    deposit(&mut stranger.open(), 0, &[]);
    copy_index(&stranger, &fork);
    assert!(matches!(Store::open(&fork.options()), Err(OpenError::Index(_))));
}

#[test]
fn after_a_failed_sync_or_write_nothing_is_done_any_more() {
    for (file, fails) in [("/dev/null", "sync"), ("/dev/full", "write")] {
        let place = Place::new();
        let mut store = place.open();
        deposit(&mut store, 0, &[]);
        let vault = store.vault();
        let healthy = OpenOptions::new().write(true).open(file).unwrap();
        // These devices refuse: one to be synced, the other to be written.
        store.writer.as_mut().unwrap().replace_file(healthy);
        assert!(matches!(store.append(commit(&vault, 1, &[300_000])), Err(StorageError::Fatal(_))), "{fails}");
        let stopped = |result| matches!(result, Err(StorageError::Fatal(_)));
        assert!(stopped(store.append(commit(&vault, 1, &[]))));
        assert!(stopped(store.unpublished().map(drop)));
        let replay = Replay {
            number: 1,
            at: UnixMillis(0),
            size: TreeSize(1),
            checkpoint_text: String::new(),
            leaves: vec![],
            puts: vec![],
        };
        assert!(stopped(store.publish(publication(&replay))));
        // The file ahead stays, since the record that names it may be on disk.
        assert_eq!(fs::read_dir(place.data().join("ahead")).unwrap().count(), 1);
        drop((store, vault));
        // Start-up decides: nothing of it was written here.
        let mut store = place.open();
        assert_eq!(publish_all(&mut store), 0);
        assert_eq!(fs::read_dir(place.data().join("ahead")).unwrap().count(), 0);
        deposit(&mut store, 1, &[]);
    }
}

#[test]
fn everything_shared_can_be_shared() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync + Clone>() {}
    sent::<Store>();
    sent::<SealedParts>();
    sent::<crate::SpoolWriter>();
    sent::<crate::Spooled>();
    sent::<crate::FileReader>();
    shared::<Vault>();
    shared::<crate::StoreReads>();
}
