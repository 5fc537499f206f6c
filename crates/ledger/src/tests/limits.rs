//! Every limit, at the limit and one past it.

use super::seals::{log_seal, planned, stamped};
use super::*;
use crate::limits;

#[test]
fn a_batch_is_what_queued_meanwhile_and_is_bounded() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let options = SequencerOptions { batch_submissions: 3, ..Default::default() };
    let house = House::open_with(&disk, options).unwrap();
    let replies: Vec<_> = (0..40).map(|what| house.ask(deposit(1, what))).collect();
    replies.iter().for_each(|reply| verify(reply.recv().unwrap().unwrap().receipt()));
    assert!(disk.records().iter().all(|record| record.leaves.len() <= 3));
    house.end().unwrap();
}

#[test]
fn what_goes_past_the_weight_that_may_wait_is_refused_as_busy() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    // What a deposit of `what` = 0 weighs: 100, and the bytes of `E`.
    let one = 100 + deposit(1, 0).entry_bytes.len() as u64;
    let house = House::open_with(&disk, SequencerOptions { queue_bytes: one, ..Default::default() }).unwrap();
    assert!(matches!(house.submit(deposit(1, 0)), Ok(Answer::Logged(_))), "at the limit");
    let mut past = deposit(1, 3);
    past.weight += 1;
    assert_eq!(house.submit(past), Err(Refusal::Busy), "one past it");
    house.end().unwrap();
}

#[test]
fn what_goes_past_the_number_that_may_wait_is_refused_as_busy() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let house = House::open_with(&disk, SequencerOptions { queue_submissions: 2, ..Default::default() }).unwrap();
    let held = hold(&house);
    let replies: Vec<_> = (0..3).map(|what| house.ask(deposit(1, what))).collect();
    drop(held);
    let answers: Vec<_> = replies.iter().map(|reply| reply.recv().unwrap()).collect();
    assert!(answers[0].is_ok() && answers[1].is_ok());
    assert_eq!(answers[2], Err(Refusal::Busy));
    let weight = SequencerOptions::default().queue_bytes - 1;
    let heavy = Submission { weight, ..deposit(1, 4) };
    assert_eq!(house.submit(heavy), Err(Refusal::Busy));
    assert!(house.submit(deposit(1, 3)).is_ok(), "what was refused weighs nothing any more");
    house.end().unwrap();
}

#[test]
fn a_batch_takes_nothing_more_once_it_weighs_enough() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let house = House::open_with(&disk, SequencerOptions { batch_bytes: 250, ..Default::default() }).unwrap();
    let held = hold(&house);
    let replies: Vec<_> = (0..9).map(|what| house.ask(deposit(1, 3 * what))).collect();
    drop(held);
    assert!(replies.iter().all(|reply| reply.recv().unwrap().is_ok()));
    let sizes: Vec<_> = disk.records()[2..].iter().map(|record| record.leaves.len()).collect();
    assert_eq!(sizes, [3, 3, 3], "two weigh less than 250, three more");
    house.end().unwrap();
}

#[test]
fn files_and_bytes_of_an_entry_are_bounded() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let files = |count| Submission { file_groups: vec![Hash([1; 32]); count], ..deposit(1, count as u64) };
    assert!(house.submit(files(limits::ENTRY_FILES)).is_ok());
    assert!(matches!(house.submit(files(limits::ENTRY_FILES + 1)), Err(Refusal::Malformed(_))));
    let bytes = |count| Submission { entry_bytes: vec![b' '; count], ..deposit(1, count as u64) };
    assert!(house.submit(bytes(proof::limits::RECORD_BYTES)).is_ok());
    assert!(matches!(house.submit(bytes(proof::limits::RECORD_BYTES + 1)), Err(Refusal::Malformed(_))));
    house.end().unwrap();
}

#[test]
fn lookups_and_changes_of_state_are_bounded() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let lookups = |count| Submission { lookups: vec![[1; 32]; count], ..deposit(1, count as u64) };
    assert!(house.submit(lookups(limits::ENTRY_LOOKUPS)).is_ok());
    assert!(matches!(house.submit(lookups(limits::ENTRY_LOOKUPS + 1)), Err(Refusal::Malformed(_))));
    let puts = |count, key, value| {
        let put = Put { space: spaces::API_TOKENS, key: vec![1; key], value: Some(vec![1; value]) };
        house.state(vec![put; count])
    };
    let (count, key, value) = (limits::REQUEST_PUTS, limits::PUT_KEY_BYTES, limits::PUT_VALUE_BYTES);
    for (fits, answer) in [
        (true, puts(count, 1, 1)),
        (false, puts(count + 1, 1, 1)),
        (true, puts(1, key, value)),
        (false, puts(1, key + 1, 1)),
        (false, puts(1, 1, value + 1)),
    ] {
        assert_eq!(matches!(answer, Err(Refusal::Malformed(_))), !fits);
    }
    house.end().unwrap();
}

#[test]
fn a_token_is_bounded() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    for (bytes, fits) in [(limits::TOKEN_BYTES + 1, false), (limits::TOKEN_BYTES, true)] {
        let plan = planned(&house);
        let token = CheckedToken { der: vec![1; bytes], ..stamped(&plan) };
        assert_eq!(log_seal(&house, plan, token).is_ok(), fits, "{bytes}");
    }
    house.end().unwrap();
}

#[test]
fn a_row_and_a_head_are_bounded() {
    let padded = |bytes: usize| {
        let row = b"{\"slot\":1}".to_vec();
        [row.clone(), vec![b' '; bytes - row.len()]].concat()
    };
    assert_eq!(sealing::register::slot_of(&padded(limits::TENANT_ROW_BYTES)), Some(1));
    assert_eq!(sealing::register::slot_of(&padded(limits::TENANT_ROW_BYTES + 1)), None);
    let mut head = sealing::BatchHead {
        batch: 0,
        first: Index(0),
        end: proof::TreeSize(1),
        first_group: 0,
        group_count: 1,
        checkpoint: String::new(),
        previous_sha256: Hash([0; 32]),
        root: Hash([0; 32]),
        register_root: Hash([0; 32]),
        token_sha256: Hash([0; 32]),
        token_sha512: proof::sha512(b""),
        gen_time: UnixMillis(0),
        leaf: None,
    };
    head.checkpoint = "a".repeat(limits::BATCH_HEAD_BYTES - head.to_bytes().unwrap().len());
    let bytes = head.to_bytes().unwrap();
    assert_eq!(bytes.len(), limits::BATCH_HEAD_BYTES);
    assert_eq!(sealing::BatchHead::parse(&bytes).unwrap(), head);
    let longer = String::from_utf8(bytes).unwrap().replacen("aa", "aaa", 1).into_bytes();
    assert!(sealing::BatchHead::parse(&longer).is_err());
    head.checkpoint.push('a');
    assert!(head.to_bytes().is_err());
}

#[test]
fn only_an_elimination_in_the_log_marks_entries_as_eliminated_and_nothing_takes_the_mark_away() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let house = House::open(&disk);
    let mark = |value: Option<Vec<u8>>| {
        vec![Put { space: crate::spaces::ELIMINATIONS, key: crate::spaces::eliminated(Index(1)), value }]
    };
    let refused = |result: Result<(), Refusal>| assert!(matches!(result, Err(Refusal::Malformed(_))), "{result:?}");
    refused(house.state(mark(Some(vec![1]))));
    refused(house.submit(Submission { puts: mark(Some(vec![1])), ..deposit(1, 0) }).map(drop));
    let elimination = |value| Submission { kind: Kind::Elimination, puts: mark(value), ..deposit(1, 1) };
    refused(house.submit(elimination(None)).map(drop));
    house.submit(elimination(Some(vec![1]))).unwrap();
    refused(house.state(mark(None)));
    house.end().unwrap();
}
