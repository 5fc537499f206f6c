//! What goes in comes out, also after closing and opening again.

use super::*;
use crate::StoreReads;
use crate::error::{OpenError, VaultError};
use crate::limits::{CHUNK_BYTES, INLINE_LIMIT, KEYS_LOGGED};
use crate::spool::Body;
use ledger::storage::{Reader, StorageError};
use proof::FileNumber;
use std::io::{Read, Seek, SeekFrom};

pub(super) fn assert_entry(reads: &StoreReads, index: u64, sizes: &[usize]) {
    assert_entry_of(reads, &leaf(index), sizes);
}

pub(super) fn assert_entry_of(reads: &StoreReads, leaf: &NewLeaf, sizes: &[usize]) {
    let index = leaf.index.0;
    let row = reads.entry(Index(index)).unwrap().unwrap();
    assert_eq!(row.leaf, *leaf);
    assert_eq!(row.commit_size, TreeSize(index + 1));
    assert_eq!(reads.read_entry_record(Index(index)).unwrap(), Some(e_of(index)));
    assert_eq!(reads.file_count(Index(index)).unwrap(), Some(sizes.len() as u64));
    for (size, number) in sizes.iter().zip(1..) {
        assert_eq!(reads.read_file_record(Index(index), FileNumber(number)).unwrap(), Some(f_of(index, number)));
        let mut file = reads.open_file(Index(index), FileNumber(number)).unwrap().unwrap();
        assert_eq!(file.len(), *size as u64);
        let mut found = Vec::new();
        file.read_to_end(&mut found).unwrap();
        assert!(found == file_of(index, number, *size), "file {number} of entry {index}");
    }
    assert_eq!(reads.by_id(TENANT, EntryId([index as u8; 16])).unwrap(), Some(Index(index)));
    assert_eq!(reads.by_id(TenantId([8; 16]), EntryId([index as u8; 16])).unwrap(), None);
    let request = leaf.request.unwrap();
    assert_eq!(reads.request(TENANT, &request.key).unwrap(), Some((request.digest, Index(index))));
    assert_eq!(reads.request(TenantId([8; 16]), &request.key).unwrap(), None);
    assert_eq!(reads.lookup(TENANT, &leaf.lookups[0], 9).unwrap(), [Index(index)]);
    let checkpoint = reads.checkpoint(TreeSize(index + 1)).unwrap();
    assert_eq!(checkpoint, Some(format!("origin\n{}\nroot\n", index + 1)));
    assert_eq!(reads.value(1, &[index as u8]).unwrap(), Some(bytes(index, 10)));
}

/// Sizes on both sides of every border.
const SIZES: [&[usize]; 4] = [
    &[],
    &[0, 1, 506, 507, 508],
    &[CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1],
    &[INLINE_LIMIT as usize, INLINE_LIMIT as usize + 1, 5 * CHUNK_BYTES],
];

#[test]
fn every_part_comes_back_before_and_after_reopening() {
    let place = Place::new();
    let mut store = place.open();
    assert!(store.unpublished().unwrap().is_empty() && store.reads().head().unwrap().is_none());
    for (sizes, index) in SIZES.iter().zip(0..) {
        deposit(&mut store, index, sizes);
    }
    for round in 0..3 {
        let reads = store.reads();
        for (sizes, index) in SIZES.iter().zip(0..) {
            assert_entry(&reads, index, sizes);
        }
        assert_eq!(reads.lookup(TENANT, &[3; 32], 3).unwrap(), [Index(0), Index(1), Index(2)]);
        let data = |index| leaf(index).leaf_data;
        assert_eq!(reads.leaf_data(Index(1), 2).unwrap(), [data(1), data(2)]);
        assert_eq!(reads.leaf_data(Index(2), 9).unwrap(), [data(2), data(3)]);
        assert_eq!(reads.leaf_data(Index(4), 1).unwrap(), Vec::<Vec<u8>>::new());
        let sequences = reads.by_sequence(TENANT, Sequence(2), 2).unwrap();
        assert_eq!(sequences, [(Sequence(2), Index(1)), (Sequence(3), Index(2))]);
        let head = reads.head().unwrap().unwrap();
        assert_eq!((head.number, head.size, head.groups), (4, TreeSize(4), 8));
        assert_eq!(reads.values(1, &[]).unwrap().len(), 4, "round {round}");
        assert!(reads.entry(Index(4)).unwrap().is_none());
        assert!(reads.open_file(Index(1), FileNumber(6)).unwrap().is_none());
        assert!(reads.open_file(Index(1), FileNumber(0)).unwrap().is_none());
        assert!(reads.read_file_record(Index(1), FileNumber(0)).unwrap().is_none());
        drop((store, reads));
        store = place.open();
        assert!(store.unpublished().unwrap().is_empty());
    }
}

#[test]
fn a_commit_of_state_alone_keeps_the_checkpoint_and_changes_state_in_order() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[10]);
    let put = |value: Option<&[u8]>| Put { space: 7, key: b"k".to_vec(), value: value.map(<[u8]>::to_vec) };
    let state = |number, puts| Commit {
        number,
        at: UnixMillis(5),
        size: TreeSize(1),
        checkpoint_text: "origin\n1\nroot\n".into(),
        leaves: vec![],
        puts,
    };
    let before = store.reads().state_changes();
    store.append(state(2, vec![put(Some(b"old")), put(None), put(Some(b"new"))])).unwrap();
    assert_eq!(store.reads().state_changes(), before, "nothing is another before it is published");
    publish_all(&mut store);
    assert_eq!(store.reads().value(7, b"k").unwrap(), Some(b"new".to_vec()));
    assert_eq!(store.reads().state_changes(), before + 1, "what was read before may be another now");
    let head = store.reads().head().unwrap().unwrap();
    assert_eq!((head.number, head.checkpoint.as_str()), (2, "origin\n1\nroot\n"));
    store.append(state(3, vec![put(None)])).unwrap();
    publish_all(&mut store);
    let after = store.reads().state_changes();
    store.append(state(4, vec![])).unwrap();
    publish_all(&mut store);
    assert_eq!(store.reads().state_changes(), after, "a commit without changes of state changes none");
    drop(store);
    assert_eq!(place.open().reads().value(7, b"k").unwrap(), None);
}

#[test]
fn a_clean_end_leaves_nothing_to_read_again_at_the_next_start() {
    let place = Place::new();
    let logged = || -> u64 {
        let files = std::fs::read_dir(place.data().join("index")).unwrap().map(Result::unwrap);
        let logs = files.filter(|file| file.path().extension().is_some_and(|end| end == "log"));
        logs.map(|file| file.metadata().unwrap().len()).sum()
    };
    let mut store = place.open();
    let mut many = commit(&store.vault(), 0, &[10]);
    let key = |number: u64| Put { space: 9, key: number.to_be_bytes().to_vec(), value: Some(vec![]) };
    many.puts.extend((0..=KEYS_LOGGED).map(key));
    store.append(many).unwrap();
    publish_all(&mut store);
    assert_ne!(logged(), 0);
    drop(store);
    assert_eq!(logged(), 0);
    assert_eq!(place.open().reads().value(9, &KEYS_LOGGED.to_be_bytes()).unwrap(), Some(vec![]));
}

#[test]
fn a_seal_has_no_parts_and_stands_in_no_chain() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    let seal = NewLeaf {
        kind: LeafKind::Seal,
        tenant: TenantId::PLATFORM,
        leaf_data: bytes(1, 186),
        record: vec![],
        groups: vec![],
        request: None,
        lookups: vec![],
        ..leaf(1)
    };
    let mut sealing = commit(&store.vault(), 1, &[]);
    sealing.leaves = vec![(seal.clone(), SealedParts::default())];
    store.append(sealing).unwrap();
    publish_all(&mut store);
    let reads = store.reads();
    assert_eq!(reads.entry(Index(1)).unwrap().unwrap().leaf, seal);
    assert_eq!(reads.read_entry_record(Index(1)).unwrap(), None);
    assert_eq!(reads.file_count(Index(1)).unwrap(), None);
    assert!(reads.chain(TenantId::PLATFORM).unwrap().is_none());
    assert_eq!(reads.chain(TENANT).unwrap().unwrap().1, Index(0));
}

#[test]
fn segments_roll_over_and_a_record_larger_than_a_segment_has_its_own() {
    let place = Place::new();
    let mut store = place.open();
    for index in 0..6 {
        deposit(&mut store, index, &[40_000]);
    }
    deposit(&mut store, 6, &[200_000, 200_000]);
    assert!(place.newest_segment() >= 6);
    for index in 0..6 {
        assert_entry(&store.reads(), index, &[40_000]);
    }
    assert_entry(&store.reads(), 6, &[200_000, 200_000]);
}

#[test]
fn any_range_of_a_file_is_read_alone() {
    let place = Place::new();
    let mut store = place.open();
    let sizes = [200_000, 700_000];
    deposit(&mut store, 0, &sizes);
    for (size, number) in sizes.iter().zip(1..) {
        let whole = file_of(0, number, *size);
        let mut file = store.reads().open_file(Index(0), FileNumber(number)).unwrap().unwrap();
        for from in [0, 1, 65_535, 65_536, 65_537, 131_072, size - 1] {
            let mut found = vec![0; 70_000.min(size - from)];
            file.seek(SeekFrom::Start(from as u64)).unwrap();
            file.read_exact(&mut found).unwrap();
            assert!(found == whole[from..from + found.len()], "from {from}");
        }
        file.seek(SeekFrom::End(-5)).unwrap();
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, whole[size - 5..]);
        assert!(file.seek(SeekFrom::Current(-1_000_000)).is_err());
        file.seek(SeekFrom::Start(1 << 40)).unwrap();
        assert_eq!(file.read(&mut [0; 9]).unwrap(), 0);
    }
}

#[test]
fn what_is_spooled_reads_back_many_times_and_digests_are_of_the_plaintext() {
    let place = Place::new();
    let store = place.open();
    for size in [0, 1, INLINE_LIMIT as usize, INLINE_LIMIT as usize + 1, 400_000] {
        let plain = bytes(1, size);
        let mut spool = store.vault().spool().unwrap();
        plain.chunks(999).for_each(|piece| spool.write_all(piece).unwrap());
        assert_eq!(spool.size(), size as u64);
        let spooled = spool.finish().unwrap();
        assert_eq!((spooled.size, spooled.sha256), (size as u64, sha256(&plain)));
        assert_eq!(spooled.sha512, proof::sha512(&plain));
        assert_eq!(matches!(spooled.body, Body::Ahead(_)), size > INLINE_LIMIT as usize);
        for _ in 0..2 {
            let mut found = Vec::new();
            spooled.open().unwrap().read_to_end(&mut found).unwrap();
            assert!(found == plain);
        }
    }
}

#[test]
fn a_file_that_is_not_the_one_said_is_not_sealed() {
    let place = Place::new();
    let store = place.open();
    for size in [100, 400_000] {
        let mut spool = store.vault().spool().unwrap();
        spool.write_all(&bytes(1, size)).unwrap();
        let body = spool.finish().unwrap().body;
        let wrong = sha256(b"another file");
        let refused = store.vault().seal_entry(b"{}", vec![FilePart { f: b"{}", sha256: wrong, body }]);
        match refused {
            Err(VaultError::SecondComputation { file: 1, said, recovered }) => {
                assert_eq!((said, recovered), (wrong, sha256(&bytes(1, size))));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_commit_or_publication_out_of_turn_is_refused() {
    let place = Place::new();
    let mut store = place.open();
    let vault = store.vault();
    assert!(matches!(store.append(commit(&vault, 1, &[])), Err(StorageError::Fatal(_))));
    store.append(commit(&vault, 0, &[])).unwrap();
    let replay = store.unpublished().unwrap().remove(0);
    assert!(matches!(store.append(commit(&vault, 1, &[])), Err(StorageError::Fatal(_))));
    let mut wrong = publication(&replay);
    wrong.size = TreeSize(2);
    assert!(matches!(store.publish(wrong), Err(StorageError::Fatal(_))));
    store.publish(publication(&replay)).unwrap();
    assert!(matches!(store.publish(publication(&replay)), Err(StorageError::Fatal(_))));
    deposit(&mut store, 1, &[]);
}

#[test]
fn a_second_opening_is_refused_while_anything_of_the_first_lives() {
    let place = Place::new();
    let store = place.open();
    let (reads, vault) = (store.reads(), store.vault());
    let locked = || matches!(Store::open(&place.options()), Err(OpenError::Locked(_)));
    assert!(locked());
    drop(store);
    assert!(locked());
    drop(reads);
    assert!(locked());
    drop(vault);
    place.open();
}

#[test]
fn a_store_is_made_once_and_opened_only_once_made() {
    let place = Place::new();
    assert!(matches!(Store::create(&place.options()), Err(OpenError::AlreadyThere(_))));
    let elsewhere = StoreOptions::new(place.directory.path().join("nowhere"), place.master());
    assert!(matches!(Store::open(&elsewhere), Err(OpenError::Absent(_))));
}

#[test]
fn a_segment_whose_name_is_there_though_it_could_not_be_made_stops_the_store() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[40_000]);
    // What a failed sync of the directory leaves: a name that may be on disk, and an error.
    fs::create_dir(place.segment(2)).unwrap();
    let large = commit(&store.vault(), 1, &[40_000]);
    let Err(StorageError::Fatal(why)) = store.append(large) else { panic!("not fatal") };
    assert!(why.contains("not known"), "{why}");
    // Not even a record that would fit the segment before: the next start would find the two out of order.
    let small = commit(&store.vault(), 1, &[]);
    assert!(matches!(store.append(small), Err(StorageError::Fatal(_))));
    fs::remove_dir(place.segment(2)).unwrap();
    drop(store);
    deposit(&mut place.open(), 1, &[40_000]);
}

#[test]
fn a_segment_that_is_not_there_is_asked_for_again() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[40_000]);
    // Nothing can be made under its first name.
    let beside = place.segment(2).with_extension("new");
    fs::create_dir(&beside).unwrap();
    assert!(matches!(store.append(commit(&store.vault(), 1, &[40_000])), Err(StorageError::Retry(_))));
    deposit(&mut store, 1, &[]);
    fs::remove_dir(&beside).unwrap();
    deposit(&mut store, 2, &[40_000]);
    drop(store);
    assert_entry(&place.open().reads(), 2, &[40_000]);
}

#[test]
fn the_index_never_holds_nor_the_segments_show_plaintext() {
    let place = Place::new();
    let mut store = place.open();
    let vault = store.vault();
    let secret = b"objet: nomination de Mme Untel, confidentiel";
    let mut spool = vault.spool().unwrap();
    spool.write_all(secret).unwrap();
    let spooled = spool.finish().unwrap();
    let file = FilePart { f: secret, sha256: spooled.sha256, body: spooled.body };
    let mut commit = commit(&vault, 0, &[]);
    commit.leaves[0].1 = vault.seal_entry(secret, vec![file]).unwrap();
    store.append(commit).unwrap();
    publish_all(&mut store);
    let digest_of_e = fields_of(0).entry_sha512.0;
    let mut seen = 0;
    let mut stack = vec![place.data()];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let held = fs::read(&path).unwrap();
        assert!(!held.windows(secret.len()).any(|window| window == secret), "{}", path.display());
        // The control: what is meant to be in clear is found by the same search.
        seen += usize::from(held.windows(16).any(|window| window == &digest_of_e[..16]));
    }
    assert_eq!(seen, 1, "what R says is in the segment, and there alone");
}
