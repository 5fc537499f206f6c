//! Elimination: what the log marks is gone with every copy, what it does not mark stays, and running again ends the same.

use super::round_trip::assert_entry;
use super::*;
use crate::erase::{EraseError, Erased, Orders};
use crate::index::Family;
use ledger::spaces;
use ledger::storage::{Reader, StorageError};
use proof::FileNumber;
use std::sync::atomic::Ordering;

/// Stands for the log: commits what elimination asks for, and can be made to say no.
struct Log<'a> {
    store: &'a mut Store,
    refuses: bool,
    /// Taken when the log is asked to condemn keys: what a crash there would leave.
    image: Option<Box<dyn FnMut() + 'a>>,
}

impl Log<'_> {
    fn put(&mut self, puts: Vec<Put>) {
        let head = self.store.reads().head().unwrap().unwrap();
        let commit = Commit {
            number: head.number + 1,
            at: head.at,
            size: head.size,
            checkpoint_text: head.checkpoint,
            leaves: vec![],
            puts,
        };
        self.store.append(commit).unwrap();
        publish_all(self.store);
    }
}

impl Orders for Log<'_> {
    fn commit(&mut self) -> Result<(), String> {
        self.put(vec![]);
        Ok(())
    }
    fn condemn(&mut self, keys: &[[u8; 16]]) -> Result<(), String> {
        if let Some(image) = &mut self.image {
            image();
        }
        if self.refuses {
            return Err("no".into());
        }
        let put = |key| Put { space: spaces::ELIMINATIONS, key: spaces::condemned(key), value: Some(vec![]) };
        self.put(keys.iter().map(put).collect());
        Ok(())
    }
    fn pending(&self) -> Vec<Index> {
        Vec::new()
    }
}

pub(super) fn mark(store: &mut Store, indexes: &[u64]) {
    let put =
        |index: &u64| Put { space: spaces::ELIMINATIONS, key: spaces::eliminated(Index(*index)), value: Some(vec![1]) };
    Log { store, refuses: false, image: None }.put(indexes.iter().map(put).collect());
}

pub(super) fn run(store: &mut Store) -> Result<Erased, EraseError> {
    let eraser = store.reads().eraser();
    eraser.run(&mut Log { store, refuses: false, image: None })
}

fn keys_of(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.data().join("keys")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "store.key").collect()
}

const SIZES: [&[usize]; 4] = [&[10, 300_000], &[40_000, 300_000], &[100, 20_000], &[]];

/// Four entries over several segments and starts, so that there are copies.
pub(super) fn some_entries(place: &Place) -> Store {
    let mut store = place.open();
    deposit(&mut store, 0, SIZES[0]);
    deposit(&mut store, 1, SIZES[1]);
    drop(store);
    let mut store = place.open();
    deposit(&mut store, 2, SIZES[2]);
    deposit(&mut store, 3, SIZES[3]);
    // What comes after these, as the record that marks an elimination, has a segment of its own: a copy of the store that is put
    // back then fits what stands there.
    store.reads().0.roll.store(true, Ordering::Release);
    store
}

fn assert_gone(store: &Store, index: u64) {
    let reads = store.reads();
    let row = reads.entry(Index(index)).unwrap().unwrap();
    assert_eq!((row.leaf.record, row.leaf.leaf_data), (r_of(index), leaf(index).leaf_data));
    assert_eq!(row.leaf.groups, leaf(index).groups);
    assert!(row.leaf.lookups.is_empty());
    assert!(reads.read_entry_record(Index(index)).unwrap().is_none());
    for number in 1..=SIZES[index as usize].len() as u64 {
        assert!(reads.read_file_record(Index(index), FileNumber(number)).unwrap().is_none());
        assert!(reads.open_file(Index(index), FileNumber(number)).unwrap().is_none());
    }
    assert!(reads.lookup(TENANT, &leaf(index).lookups[0], 9).unwrap().is_empty());
}

/// Without the shared look-up, which names survivors alone from here on.
fn assert_survivors(store: &Store, gone: &[u64]) {
    for index in (0..4).filter(|index| !gone.contains(index)) {
        assert_entry(&store.reads(), index, SIZES[index as usize]);
    }
    let mut shared = store.reads().lookup(TENANT, &[3; 32], 9).unwrap();
    shared.retain(|index| index.0 < 4);
    assert_eq!(shared, (0..4).filter(|index| !gone.contains(index)).map(Index).collect::<Vec<_>>());
}

fn holds(directory: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => holds(&path, needle),
        false => {
            fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle).then_some(path).into_iter().collect()
        }
    });
    found.collect()
}

#[test]
fn what_the_log_marks_is_gone_and_what_it_does_not_mark_stays() {
    let place = Place::new();
    let mut store = some_entries(&place);
    let before = keys_of(&place);
    let sectors = fs::metadata(place.segment(1)).unwrap().len();
    mark(&mut store, &[1]);
    let done = run(&mut store).unwrap();
    assert!(done.segments >= 2 && done.keys >= 1, "{done:?}");
    assert_eq!((done.files, done.unreadable), (1, 0));
    assert_gone(&store, 1);
    assert_survivors(&store, &[1]);
    assert_eq!(fs::read_dir(place.data().join("ahead")).unwrap().count(), 1);
    assert!(fs::metadata(place.segment(1)).unwrap().len() < sectors - 40_000, "bodies are dropped");
    // The keys that opened it are nowhere, and the digest under which it was found is in no table and no log.
    let left = keys_of(&place);
    assert!(before.iter().any(|key| !left.contains(key)));
    let index: Vec<_> = holds(&place.data().join("index"), &leaf(1).lookups[0][..16]);
    assert!(index.iter().all(|path| path.to_str().unwrap().contains("MANIFEST")), "{index:?}");
    let mut next = commit(&store.vault(), 4, &[5]);
    next.number = store.reads().head().unwrap().unwrap().number + 1;
    store.append(next).unwrap();
    publish_all(&mut store);
    drop(store);
    let store = place.open();
    assert_gone(&store, 1);
    assert_survivors(&store, &[1]);
    assert!(!store.reads().eraser().is_needed().unwrap());
}

#[test]
fn before_it_runs_the_digest_is_found_so_the_search_can_find() {
    let place = Place::new();
    let store = some_entries(&place);
    assert!(!holds(&place.data().join("index"), &leaf(1).lookups[0][..16]).is_empty());
    assert!(!holds(&place.data().join("segments"), &leaf(1).lookups[0]).is_empty());
    drop(store);
}

#[test]
fn nothing_that_the_log_does_not_mark_is_ever_touched() {
    let place = Place::new();
    let mut store = some_entries(&place);
    let before = (keys_of(&place).len(), fs::read(place.segment(1)).unwrap());
    assert_eq!(run(&mut store).unwrap(), Erased::default());
    assert!((keys_of(&place).len(), fs::read(place.segment(1)).unwrap()) == before);
    assert_survivors(&store, &[]);
}

#[test]
fn no_key_is_destroyed_before_the_log_says_so() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1]);
    let before = keys_of(&place);
    let eraser = store.reads().eraser();
    let refused = eraser.run(&mut Log { store: &mut store, refuses: true, image: None });
    assert!(matches!(refused, Err(EraseError::Log(_))), "{refused:?}");
    let left = keys_of(&place);
    assert!(before.iter().all(|key| left.contains(key)));
    assert_survivors(&store, &[1]);
    run(&mut store).unwrap();
    assert_gone(&store, 1);
    assert!(keys_of(&place).len() < left.len() + 2);
}

#[test]
fn a_crash_before_keys_are_condemned_is_finished_by_running_again() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1, 2]);
    let image = std::cell::RefCell::new(None);
    let eraser = store.reads().eraser();
    // Without the index, which runs on while it would be copied: the segments say everything again.
    let take = Box::new(|| {
        let taken = Place::new();
        fs::copy(place.master(), taken.master()).unwrap();
        for name in ["segments", "keys", "ahead"] {
            copy(&place.data().join(name), &taken.data().join(name));
        }
        *image.borrow_mut() = Some(taken);
    });
    eraser.run(&mut Log { store: &mut store, refuses: false, image: Some(take) }).unwrap();
    let image = image.into_inner().unwrap();
    let mut again = image.open();
    publish_all(&mut again);
    // Condemned or not, nothing of it is left to be read, and the log is asked once more.
    run(&mut again).unwrap();
    assert_gone(&again, 1);
    assert_gone(&again, 2);
    assert_survivors(&again, &[1, 2]);
}

#[test]
fn a_segment_replaced_and_not_yet_placed_is_placed_at_the_next_start() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1]);
    drop(store);
    // The index knows every segment, as elimination makes sure before it replaces one.
    drop(place.open());
    // What a crash between the rename and the index leaves: the files of after, the index of before.
    let before = place.image();
    let mut store = place.open();
    let active = place.newest_segment();
    run(&mut store).unwrap();
    drop(store);
    fs::remove_dir_all(before.data().join("segments")).unwrap();
    fs::create_dir(before.data().join("segments")).unwrap();
    copy(&place.data().join("segments"), &before.data().join("segments"));
    copy(&place.data().join("keys"), &before.data().join("keys"));
    assert!(active > 1);
    let mut store = before.open();
    publish_all(&mut store);
    assert_survivors(&store, &[1]);
    assert_gone(&store, 1);
    assert!(store.reads().eraser().is_needed().unwrap());
    run(&mut store).unwrap();
    assert_survivors(&store, &[1]);
}

#[test]
fn older_segments_put_back_resurrect_nothing_and_with_their_keys_are_cleaned() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1]);
    let backup = place.image();
    run(&mut store).unwrap();
    drop(store);
    let put_back = |name: &str, to: &Place| copy(&backup.data().join(name), &to.data().join(name));

    let segments = place.image();
    put_back("segments", &segments);
    put_back("ahead", &segments);
    let mut store = segments.open();
    assert!(store.reads().eraser().is_needed().unwrap());
    let done = run(&mut store).unwrap();
    assert!(done.unreadable > 0, "survivors of those files are in the newer ones alone: {done:?}");
    assert_gone(&store, 1);
    let reads = store.reads();
    assert!(matches!(reads.read_entry_record(Index(0)), Err(StorageError::Fatal(_))));
    assert_eq!(reads.entry(Index(0)).unwrap().unwrap().leaf.record, r_of(0));
    drop((store, reads));
    // The file of after the elimination is put back in its turn: everything is read again.
    copy(&place.data().join("segments"), &segments.data().join("segments"));
    let mut store = segments.open();
    run(&mut store).unwrap();
    assert_survivors(&store, &[1]);

    let both = place.image();
    put_back("segments", &both);
    put_back("ahead", &both);
    put_back("keys", &both);
    let mut store = both.open();
    assert!(store.reads().eraser().is_needed().unwrap());
    let done = run(&mut store).unwrap();
    assert!(done.keys > 0 && done.unreadable == 0, "{done:?}");
    assert_gone(&store, 1);
    assert_survivors(&store, &[1]);
    assert!(!store.reads().eraser().is_needed().unwrap());
}

#[test]
fn an_index_made_anew_says_the_same() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[0, 1]);
    run(&mut store).unwrap();
    drop(store);
    fs::remove_dir_all(place.data().join("index")).unwrap();
    let mut store = place.open();
    publish_all(&mut store);
    assert_gone(&store, 0);
    assert_gone(&store, 1);
    assert_survivors(&store, &[0, 1]);
    assert!(store.reads().eraser().is_needed().unwrap());
    run(&mut store).unwrap();
    assert_survivors(&store, &[0, 1]);
    let lookups = store.shared.index.range(Family::Lookups, &[], &[], usize::MAX).unwrap();
    assert_eq!(lookups.len(), 4);
}

#[test]
fn readers_go_on_while_segments_are_replaced() {
    let place = Place::new();
    let mut store = some_entries(&place);
    let mut open = store.reads().open_file(Index(2), FileNumber(2)).unwrap().unwrap();
    mark(&mut store, &[1]);
    let reads = store.reads();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut turns = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) || turns == 0 {
                assert_eq!(reads.read_entry_record(Index(2)).unwrap(), Some(e_of(2)));
                assert_eq!(reads.entry(Index(0)).unwrap().unwrap().leaf.record, r_of(0));
                turns += 1;
            }
        });
        run(&mut store).unwrap();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().unwrap();
    });
    // A file opened before is read to its end, from the segment that was there.
    let mut found = Vec::new();
    std::io::Read::read_to_end(&mut open, &mut found).unwrap();
    assert!(found == file_of(2, 2, 20_000));
}

#[test]
fn a_damaged_survivor_stops_elimination_before_anything_is_destroyed() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1]);
    drop(store);
    let mut bytes = fs::read(place.segment(1)).unwrap();
    // Within the body of the first record.
    bytes[3 * 512 + 100] ^= 1;
    fs::write(place.segment(1), bytes).unwrap();
    let before = keys_of(&place);
    let mut store = place.open();
    assert!(matches!(run(&mut store), Err(EraseError::Store(_))));
    let left = keys_of(&place);
    assert!(before.iter().all(|key| left.contains(key)));
}
