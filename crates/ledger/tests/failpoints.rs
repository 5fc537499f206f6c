//! The failpoints do what the crash harness counts on; the negative controls break the rule they are there to break.
//!
//! Failpoints are the process's: one test at a time. Without `--features failpoints,model` there is nothing here.
#![cfg(all(feature = "failpoints", feature = "model"))]
#![allow(missing_docs, clippy::unwrap_used)]

use ledger::model::{Disk, Model};
use ledger::storage::{Put, Reader, Storage};
use ledger::{Answer, Refusal, Sequencer, SequencerOptions, Submission, failpoint, spaces};
use proof::record::Kind;
use proof::{EntryId, SignedNote, SigningKey, TenantId, TlogProof, UnixMillis};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
const ORIGIN: &str = "failpoints.test/log";

fn armed(points: &str) -> MutexGuard<'static, ()> {
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    failpoint::arm(points).unwrap();
    alone
}

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

type Thread = JoinHandle<Result<(), String>>;

fn open(disk: &Disk) -> (Sequencer<Vec<u8>>, Thread) {
    let clock = || UnixMillis(1_800_000_000_000);
    Sequencer::start(disk.open(), key(), ORIGIN, Box::new(clock), SequencerOptions::default()).unwrap()
}

fn deposit(what: u8) -> Submission<Vec<u8>> {
    Submission {
        tenant: TenantId([1; 16]),
        id: EntryId([what; 16]),
        kind: Kind::Deposit,
        entry_bytes: vec![what],
        file_groups: vec![],
        request: None,
        content: None,
        allow_duplicate: false,
        lookups: vec![],
        puts: vec![Put { space: spaces::TENANTS, key: vec![1; 16], value: Some(b"{\"slot\":1}".to_vec()) }],
        salt: [what; 32],
        weight: 1,
        parts: vec![],
    }
}

/// The answer, with the size that was published and the commits that were durable when it came.
fn submit(sequencer: &Sequencer<Vec<u8>>, disk: &Disk, what: u8) -> (Result<Answer, Refusal>, u64, usize) {
    let (sender, receiver) = channel();
    let seen = disk.clone();
    let reply = move |answer| {
        let published = seen.heads().last().map_or(0, |head| head.size.0);
        drop(sender.send((answer, published, seen.records().len())));
    };
    sequencer.submit(deposit(what), Box::new(reply));
    receiver.recv().unwrap()
}

fn signed(answer: &Answer) -> bool {
    let proof = TlogProof::parse(&answer.receipt().text).unwrap();
    SignedNote::parse(&proof.checkpoint).is_ok_and(|note| key().verifier_key().verify(&note).is_ok())
}

#[test]
fn an_answer_comes_after_append_signature_and_publication() {
    let _alone = armed("");
    let disk = Disk::new();
    let (sequencer, _thread) = open(&disk);
    let (answer, published, durable) = submit(&sequencer, &disk, 1);
    assert!(signed(&answer.unwrap()));
    assert_eq!((published, durable), (1, 1));
}

#[test]
fn control_answer_before_append_answers_what_is_not_durable() {
    let _alone = armed("answer.before-append=skip");
    let disk = Disk::new();
    let (sequencer, _thread) = open(&disk);
    let (answer, published, durable) = submit(&sequencer, &disk, 1);
    assert!(signed(&answer.unwrap()));
    assert_eq!((published, durable), (0, 0), "rule 1 is broken, as asked");
}

#[test]
fn control_answer_before_sign_answers_without_signature() {
    let _alone = armed("answer.before-sign=skip");
    let disk = Disk::new();
    let (sequencer, _thread) = open(&disk);
    let (answer, published, durable) = submit(&sequencer, &disk, 1);
    assert!(!signed(&answer.unwrap()));
    assert_eq!((published, durable), (0, 1), "rule 1 is broken, as asked");
}

#[test]
fn control_second_computation_can_be_left_out() {
    // The growth is not at fault here: leaving the check out changes nothing.
    let _alone = armed("ledger.second-computation=skip");
    let disk = Disk::new();
    let (sequencer, _thread) = open(&disk);
    assert!(signed(&submit(&sequencer, &disk, 1).0.unwrap()));
}

#[test]
fn a_faulty_growth_is_caught_by_the_second_computation_and_by_nothing_else() {
    let _alone = armed("ledger.grow=error@1");
    let disk = Disk::new();
    let (sequencer, thread) = open(&disk);
    let (refused, published, durable) = submit(&sequencer, &disk, 1);
    assert!(matches!(refused, Err(Refusal::Stopped(_))), "{refused:?}");
    assert_eq!((published, durable), (0, 0), "nothing of it reached the disk");
    assert!(thread.join().unwrap().is_err());

    failpoint::arm("ledger.grow=error@1;ledger.second-computation=skip").unwrap();
    let (sequencer, _thread) = open(&disk);
    assert!(submit(&sequencer, &disk, 1).0.is_ok(), "a false head was answered");
}

#[test]
fn a_wait_between_sync_and_publication_shows_nothing_to_readers() {
    let _alone = armed("commit.after-sync=sleep:300");
    let disk = Disk::new();
    let (sequencer, _thread) = open(&disk);
    let (sender, receiver) = channel();
    sequencer.submit(deposit(1), Box::new(move |answer| drop(sender.send(answer))));
    while disk.records().is_empty() {
        std::thread::yield_now();
    }
    let reads: <Model as Storage>::Reads = disk.open().reads();
    assert!(reads.head().unwrap().is_none());
    assert!(receiver.recv().unwrap().is_ok());
}
