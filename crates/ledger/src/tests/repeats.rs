//! The same request again, the same content again, at once and later.

use super::*;
use crate::model::Fault;

#[test]
fn the_same_request_gets_the_same_receipt_and_another_body_is_refused() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    let first = house.submit(asked(deposit(1, 1), 9, 1)).unwrap();
    house.submit(deposit(1, 2)).unwrap();
    // What was drawn anew for the second attempt (id, salt, E) changes nothing.
    let again = house.submit(asked(deposit(1, 3), 9, 1)).unwrap();
    assert_eq!(again, Answer::Repeated(first.receipt().clone()));
    let other = house.submit(asked(deposit(1, 4), 9, 2));
    assert_eq!(other, Err(Refusal::IdempotencyMismatch { index: Some(Index(0)) }));
    let elsewhere = house.submit(asked(deposit(2, 1), 9, 2)).unwrap();
    assert!(matches!(elsewhere, Answer::Logged(_)), "a key is the tenant's own");
    house.end().unwrap();
    let house = House::open(&disk);
    let later = house.submit(asked(deposit(1, 5), 9, 1)).unwrap();
    assert_eq!(later, Answer::Repeated(first.receipt().clone()));
    house.end().unwrap();
}

#[test]
fn the_same_content_without_a_key_gets_the_first_receipt() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    let with_content = |n, what| Submission { content: Some([5; 32]), ..deposit(n, what) };
    let first = house.submit(with_content(1, 1)).unwrap();
    let again = house.submit(with_content(1, 2)).unwrap();
    assert_eq!(again, Answer::Duplicate(first.receipt().clone()));
    let wanted = Submission { allow_duplicate: true, ..with_content(1, 3) };
    assert!(matches!(house.submit(wanted).unwrap(), Answer::Logged(_)));
    assert!(matches!(house.submit(asked(with_content(1, 4), 1, 1)).unwrap(), Answer::Logged(_)));
    assert!(matches!(house.submit(with_content(2, 1)).unwrap(), Answer::Logged(_)));
    assert_eq!(house.submit(with_content(1, 5)).unwrap(), again, "the first, for ever");
    house.end().unwrap();
}

/// Sixteen at the same time, held back so that they fall into one batch.
fn together(house: &House, make: impl Fn(u64) -> Submission<Vec<u8>>) -> Vec<Result<Answer, Refusal>> {
    let held = hold(house);
    let replies: Vec<_> = (0..16).map(|what| house.ask(make(what))).collect();
    drop(held);
    replies.iter().map(|reply| reply.recv().unwrap()).collect()
}

#[test]
fn simultaneous_repeats_share_one_leaf_and_one_receipt() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let answers = together(&house, |what| asked(deposit(1, what), 9, 1));
    let first = answers[0].as_ref().unwrap().receipt().clone();
    verify(&first);
    assert_eq!(answers[0], Ok(Answer::Logged(first.clone())));
    assert!(answers[1..].iter().all(|answer| *answer == Ok(Answer::Repeated(first.clone()))));
    let answers = together(&house, |what| Submission { content: Some([5; 32]), ..deposit(1, 100 + what) });
    let first = answers[0].as_ref().unwrap().receipt().clone();
    assert!(answers[1..].iter().all(|answer| *answer == Ok(Answer::Duplicate(first.clone()))));
    let answers = together(&house, |what| asked(deposit(1, 200 + what), 10, what as u8));
    assert!(answers[0].is_ok());
    let mismatch = Err(Refusal::IdempotencyMismatch { index: None });
    assert!(answers[1..].iter().all(|answer| *answer == mismatch));
    assert_eq!(disk.heads().last().unwrap().size.0, 3);
    house.end().unwrap();
}

#[test]
fn a_name_is_given_once() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let id = deposit(1, 1).id;
    house.submit(deposit(1, 1)).unwrap();
    assert_eq!(house.submit(Submission { id, ..deposit(1, 2) }), Err(Refusal::IdInUse(id)));
    let at_once = together(&house, |what| Submission { id: EntryId([3; 16]), ..deposit(1, 10 + what) });
    assert_eq!(at_once.iter().filter(|answer| answer.is_ok()).count(), 1);
    house.end().unwrap();
}

#[test]
fn a_storage_that_asks_for_patience_loses_nothing() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let first = house.submit(deposit(1, 1)).unwrap();
    disk.fault(Fault::AppendRetry);
    let refused = house.submit(asked(deposit(1, 2), 4, 4));
    assert!(matches!(refused, Err(Refusal::Retry(_))), "{refused:?}");
    disk.fault(Fault::PublishRetry);
    disk.fault(Fault::PublishRetry);
    let second = house.submit(asked(deposit(1, 2), 4, 4)).unwrap();
    assert!(matches!(second, Answer::Logged(_)));
    assert_eq!(second.receipt().index.0, first.receipt().index.0 + 1);
    verify(second.receipt());
    house.end().unwrap();
}
