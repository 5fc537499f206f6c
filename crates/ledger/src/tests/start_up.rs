//! What start-up accepts, finishes and refuses.

use super::*;
use crate::model::Fault;
use crate::storage::{Reader, TileId};

#[test]
fn replay_publishes_what_a_crash_left() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    disk.fault(Fault::CrashAfterSync);
    let refused = house.submit(asked(deposit(1, 2), 4, 4));
    assert!(matches!(refused, Err(Refusal::Stopped(_))), "{refused:?}");
    assert!(house.end().is_err(), "the owner learns that it must exit");
    assert_eq!(disk.heads().last().unwrap().size.0, 1);

    let house = House::open(&disk);
    assert_eq!(disk.heads().last().unwrap().size.0, 2);
    assert!(house.events.lock().unwrap().contains(&Event::Replayed { number: 3, leaves: 1 }));
    let Answer::Repeated(receipt) = house.submit(asked(deposit(1, 2), 4, 4)).unwrap() else { panic!() };
    verify(&receipt);
    assert_eq!(receipt.index, Index(1));
    house.end().unwrap();
}

#[test]
fn replay_refuses_a_commit_that_does_not_give_its_own_checkpoint() {
    type Change = fn(&mut crate::storage::Replay);
    let changes: [Change; 7] = [
        |record| record.leaves[0].leaf_data[5] ^= 1,
        |record| record.leaves[0].record[30] ^= 1,
        |record| record.leaves[0].index.0 += 1,
        |record| record.leaves[0].first_group += 1,
        |record| record.number += 1,
        |record| record.at.0 -= 1,
        |record| record.checkpoint_text = record.checkpoint_text.replace("ledger", "other"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let disk = Disk::new();
        let house = House::with_tenants(&disk, 1);
        disk.fault(Fault::CrashAfterSync);
        let _ = house.submit(deposit(1, 1));
        house.end().unwrap_err();
        disk.alter_record(2, change);
        let opened = House::try_open(&disk).map(|_| ());
        assert!(matches!(opened, Err(StartError::Replay { .. })), "{number}: {opened:?}");
        assert_eq!(disk.heads().len(), 1, "nothing was published");
    }
}

#[test]
fn start_up_refuses_a_head_that_its_tiles_do_not_give() {
    let log = |count| {
        let disk = Disk::new();
        let house = House::with_tenants(&disk, 1);
        (0..count).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
        house.end().unwrap();
        disk
    };
    for level in 0..2 {
        let disk = log(300);
        disk.alter_tile(TileId { level, index: u64::from(level == 0) }, |tile| tile[3] ^= 1);
        let opened = House::try_open(&disk).map(|_| ());
        assert!(matches!(opened, Err(StartError::Head(_))), "level {level}: {opened:?}");
    }
    type Change = fn(&mut crate::storage::StoredHead);
    let changes: [Change; 6] = [
        |head| head.groups += 1,
        |head| {
            // Our own honest signature, over an older head.
            let (origin, size) = (ORIGIN.to_owned(), proof::TreeSize(2));
            let older = proof::Checkpoint { origin, size, root: Hash([2; 32]), extensions: vec![] };
            head.checkpoint = key().sign(&older.to_text());
        },
        |head| head.root.0[0] ^= 1,
        |head| head.size.0 -= 1,
        |head| head.checkpoint = head.checkpoint.replace("ledger.test/log\n3", "ledger.test/log\n4"),
        |head| head.checkpoint = SigningKey::from_seed(ORIGIN, &[8; 32]).unwrap().sign("ledger.test/log\n3\n"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let disk = log(3);
        disk.alter_head(change);
        let opened = House::try_open(&disk).map(|_| ());
        assert!(matches!(opened, Err(StartError::Head(_))), "{number}: {opened:?}");
    }
    House::open(&log(3)).end().unwrap();
}

#[test]
fn start_up_refuses_a_last_leaf_that_is_not_in_the_tree() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    house.end().unwrap();
    disk.alter_row(Index(0), |row| row.leaf.record[40] ^= 1);
    assert!(matches!(House::try_open(&disk).map(|_| ()), Err(StartError::Head(_))));
}

#[test]
fn start_up_refuses_an_older_head_with_the_checkpoint_and_tiles_of_another() {
    // A whole, honest head of the same key, over the tiles of another log.
    let (disk, other) = (Disk::new(), Disk::new());
    for (disk, what) in [(&disk, 1), (&other, 2)] {
        let house = House::with_tenants(disk, 1);
        house.submit(deposit(1, what)).unwrap();
        house.end().unwrap();
    }
    let head = other.open().reads().head().unwrap().unwrap();
    disk.alter_head(|ours| *ours = head);
    let opened = House::try_open(&disk).map(|_| ());
    assert!(matches!(opened, Err(StartError::Head(_))), "{opened:?}");
}

#[test]
fn a_log_is_not_continued_under_another_name() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    house.end().unwrap();
    let clock = || UnixMillis(1);
    let start = |key: SigningKey, origin| {
        Sequencer::start(disk.open(), key, origin, Box::new(clock), SequencerOptions::default()).map(|_| ())
    };
    assert!(matches!(start(key(), "another.test/log"), Err(StartError::Head(_))));
    let other = SigningKey::from_seed(ORIGIN, &[9; 32]).unwrap();
    assert!(matches!(start(other, ORIGIN), Err(StartError::Head(_))));
}

#[test]
fn a_second_writer_stops_the_first() {
    let disk = Disk::new();
    let first = House::with_tenants(&disk, 1);
    let second = House::open(&disk);
    second.submit(deposit(1, 1)).unwrap();
    assert!(matches!(first.submit(deposit(1, 2)), Err(Refusal::Stopped(_))));
    assert!(first.end().unwrap_err().contains("another writer"));
    second.end().unwrap();
}

#[test]
fn everything_published_can_be_rebuilt_from_the_records() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let receipts: Vec<_> = (0..7).map(|what| house.submit(deposit(1, what)).unwrap().receipt().clone()).collect();
    super::seals::seal(&house);
    house.end().unwrap();
    let before = disk.heads();
    disk.forget_published();
    let house = House::open(&disk);
    assert_eq!(disk.heads(), before, "the same heads, the same signatures");
    for receipt in receipts {
        assert_eq!(prover::receipt_for(&house.reads, receipt.index).unwrap(), receipt);
    }
    super::seals::check_batch(&house.reads, 0);
    house.end().unwrap();
}

#[test]
fn whichever_tile_start_up_reads_wrong_it_refuses_and_the_next_one_finds_nothing_amiss() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    (0..3).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    house.end().unwrap();
    // The head's own root, the last receipt, the edge from which the tree grows on.
    for after in 0..3 {
        disk.misread_tile(after);
        let refused = House::try_open(&disk).map(|_| ());
        assert!(matches!(refused, Err(StartError::Head(_))), "read {after}: {refused:?}");
    }
    let house = House::open(&disk);
    verify(house.submit(deposit(1, 3)).unwrap().receipt());
    house.end().unwrap();
}
