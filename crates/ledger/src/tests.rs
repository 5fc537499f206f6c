//! The ledger over a storage that can crash.

mod audit;
mod brief;
mod clock;
mod crash;
mod interleaving;
mod keys;
mod limits;
mod registers;
mod renewals;
mod repeats;
mod seal_refusals;
mod seals;
mod start_up;

use crate::model::{Disk, Model};
use crate::storage::{Put, RequestKey, Storage};
use crate::*;
use proof::record::Kind;
use proof::{EntryId, Hash, Index, Sha256Tree, SignedNote, SigningKey, TenantId, TlogProof, TreeAlgorithm, UnixMillis};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub const ORIGIN: &str = "ledger.test/log";

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

pub fn tenant(n: u8) -> TenantId {
    TenantId([n; 16])
}

/// A tenant's row with its slot.
pub fn row(n: u8, slot: u64) -> Put {
    let value = format!("{{\"slot\":{slot}}}").into_bytes();
    Put { space: spaces::TENANTS, key: tenant(n).0.to_vec(), value: Some(value) }
}

/// A submission of tenant `n` that is told apart by `what`.
pub fn deposit(n: u8, what: u64) -> Submission<Vec<u8>> {
    let digest = proof::sha256(&[&[n][..], &what.to_be_bytes()].concat());
    let mut id = [0; 16];
    id.copy_from_slice(&digest.0[..16]);
    Submission {
        tenant: tenant(n),
        id: EntryId(id),
        kind: Kind::Deposit,
        entry_bytes: format!("E{n}-{what}").into_bytes(),
        file_groups: vec![digest; (what % 3) as usize],
        request: None,
        content: None,
        allow_duplicate: false,
        lookups: vec![],
        puts: vec![],
        salt: digest.0,
        weight: 100,
        parts: vec![],
    }
}

pub fn asked(mut submission: Submission<Vec<u8>>, key: u8, digest: u8) -> Submission<Vec<u8>> {
    submission.request = Some(RequestKey { key: [key; 32], digest: [digest; 32] });
    submission
}

/// A running ledger over a disk, with a clock in the hand of the test.
pub struct House {
    pub sequencer: Sequencer<Vec<u8>>,
    pub reads: <Model as Storage>::Reads,
    pub now: Arc<AtomicU64>,
    pub events: Arc<Mutex<Vec<Event>>>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl House {
    pub fn open(disk: &Disk) -> Self {
        Self::try_open(disk).unwrap()
    }

    pub fn try_open(disk: &Disk) -> Result<Self, StartError> {
        Self::open_with(disk, SequencerOptions::default())
    }

    pub fn open_with(disk: &Disk, options: SequencerOptions) -> Result<Self, StartError> {
        Self::open_by(disk, options, |hand| Box::new(move || UnixMillis(hand.load(Ordering::SeqCst))))
    }

    /// By a clock made from the time in the hand of the test.
    pub fn open_by(
        disk: &Disk,
        options: SequencerOptions,
        clock: impl FnOnce(Arc<AtomicU64>) -> Box<dyn Clock>,
    ) -> Result<Self, StartError> {
        Self::open_as(disk, key().into(), options, clock)
    }

    /// Under these keys.
    pub fn open_under(disk: &Disk, keys: LogKeys) -> Result<Self, StartError> {
        let clock =
            |hand: Arc<AtomicU64>| -> Box<dyn Clock> { Box::new(move || UnixMillis(hand.load(Ordering::SeqCst))) };
        Self::open_as(disk, keys, SequencerOptions::default(), clock)
    }

    fn open_as(
        disk: &Disk,
        keys: LogKeys,
        mut options: SequencerOptions,
        clock: impl FnOnce(Arc<AtomicU64>) -> Box<dyn Clock>,
    ) -> Result<Self, StartError> {
        let now = Arc::new(AtomicU64::new(1_800_000_000_000));
        let (clock, events) = (clock(now.clone()), Arc::new(Mutex::new(Vec::new())));
        let told = events.clone();
        options.observer = Box::new(move |event| told.lock().unwrap().push(event));
        let model = disk.open();
        let reads = model.reads();
        let (sequencer, thread) = Sequencer::start(model, keys, ORIGIN, clock, options)?;
        Ok(Self { sequencer, reads, now, events, thread: Some(thread) })
    }

    /// With tenants 1 to `count` in slots 1 to `count`.
    pub fn with_tenants(disk: &Disk, count: u8) -> Self {
        let house = Self::open(disk);
        let rows = (1..=count).map(|n| row(n, u64::from(n))).collect();
        house.state(rows).unwrap();
        house
    }

    pub fn ask(&self, submission: Submission<Vec<u8>>) -> Receiver<Result<Answer, Refusal>> {
        let (sender, receiver) = channel();
        self.sequencer.submit(submission, Box::new(move |answer| drop(sender.send(answer))));
        receiver
    }

    pub fn submit(&self, submission: Submission<Vec<u8>>) -> Result<Answer, Refusal> {
        self.ask(submission).recv().unwrap()
    }

    pub fn state(&self, puts: Vec<Put>) -> Result<(), Refusal> {
        let (sender, receiver) = channel();
        self.sequencer.state(puts, Box::new(move |answer| drop(sender.send(answer))));
        receiver.recv().unwrap()
    }

    pub fn step_clock(&self, millis: i64) {
        let add = |now: u64| now.checked_add_signed(millis);
        self.now.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add).unwrap();
    }

    /// How the thread ended.
    pub fn end(mut self) -> Result<(), String> {
        self.sequencer.close();
        self.thread.take().unwrap().join().unwrap()
    }
}

/// Holds the thread between two turns until the sender is used or dropped.
pub fn hold(house: &House) -> std::sync::mpsc::Sender<()> {
    let (started, wait) = (channel::<()>(), channel::<()>());
    let release = wait.1;
    house.sequencer.state(
        vec![],
        Box::new(move |_| {
            let _ = started.0.send(());
            let _ = release.recv();
        }),
    );
    started.1.recv().unwrap();
    wait.0
}

/// The receipt proves its own record logged, under our key and origin.
pub fn verify(receipt: &Receipt) {
    let proof = TlogProof::parse(&receipt.text).unwrap();
    let note = SignedNote::parse(&proof.checkpoint).unwrap();
    key().verifier_key().verify(&note).unwrap();
    assert_eq!(note.signatures.len(), 1, "the log's own signature line only");
    let checkpoint = proof::Checkpoint::parse(&note.text).unwrap();
    assert_eq!(checkpoint.origin, ORIGIN);
    assert_eq!((proof.extra, proof.index), (None, receipt.index));
    let leaf: Hash = Sha256Tree::leaf(&proof::leaf::entry_leaf(&receipt.record));
    let (size, root) = (checkpoint.size, checkpoint.root);
    proof::merkle::verify_inclusion::<Sha256Tree>(proof.index, size, &leaf, &proof.path, &root).unwrap();
    let record = proof::record::LogRecord::parse(&receipt.record).unwrap();
    assert_eq!((record.id, record.tenant, record.sequence), (receipt.id, receipt.tenant, receipt.sequence));
}

#[test]
fn an_answer_is_a_receipt_that_verifies_and_can_be_made_again_byte_for_byte() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    let mut given = Vec::new();
    for what in 0..600 {
        let Answer::Logged(receipt) = house.submit(deposit(1 + (what % 2) as u8, what)).unwrap() else { panic!() };
        verify(&receipt);
        assert_eq!(receipt.index, Index(what));
        given.push(receipt);
    }
    for receipt in given {
        assert_eq!(prover::receipt_for(&house.reads, receipt.index).unwrap(), receipt);
    }
    house.end().unwrap();
}

#[test]
fn what_comes_after_the_close_is_refused() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let sequencer = house.sequencer.clone();
    house.end().unwrap();
    let (sender, receiver) = channel();
    sequencer.submit(deposit(1, 1), Box::new(move |answer| drop(sender.send(answer))));
    assert!(matches!(receiver.recv().unwrap(), Err(Refusal::Stopped(_))));
}

#[test]
fn a_small_step_back_of_the_clock_is_absorbed_and_a_larger_one_waits() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let first = house.submit(deposit(1, 1)).unwrap();
    let time = |answer: &Answer| proof::record::LogRecord::parse(&answer.receipt().record).unwrap().received_at;
    house.step_clock(-5_000);
    let second = house.submit(deposit(1, 2)).unwrap();
    assert_eq!(time(&second), time(&first), "5 s exactly");
    assert!(house.events.lock().unwrap().contains(&Event::ClockAbsorbed { millis: 5_000 }));
    house.step_clock(-1);
    let refused = house.submit(deposit(1, 3));
    assert!(matches!(refused, Err(Refusal::ClockWentBack { .. })), "one past it: {refused:?}");
    let mut notice = deposit(1, 4);
    notice.kind = Kind::Administration;
    house.submit(notice).expect("the operator can still say what happened");
    house.step_clock(5_002);
    assert_eq!(time(&house.submit(deposit(1, 3)).unwrap()).0, time(&first).0 + 1);
    house.end().unwrap();
}

#[test]
fn a_tenant_joins_in_the_next_slot_and_nobody_deposits_without_one() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    assert_eq!(house.submit(deposit(2, 1)), Err(Refusal::UnknownTenant(tenant(2))));
    assert_eq!(house.state(vec![row(2, 1)]), Err(Refusal::TenantSlot { expected: 2, given: Some(1) }));
    assert_eq!(house.state(vec![row(2, 3)]), Err(Refusal::TenantSlot { expected: 2, given: Some(3) }));
    assert_eq!(house.state(vec![row(1, 2)]), Err(Refusal::TenantSlot { expected: 1, given: Some(2) }));
    let gone = Put { value: None, ..row(1, 1) };
    assert_eq!(house.state(vec![gone]), Err(Refusal::TenantSlot { expected: 1, given: None }));
    let mut joining = deposit(2, 1);
    joining.puts = vec![row(2, 2)];
    house.submit(joining).expect("its row comes with its first entry");
    house.state(vec![row(1, 1), row(3, 3)]).unwrap();
    let own = Put { space: spaces::BATCHES, key: vec![0; 8], value: None };
    assert!(matches!(house.state(vec![own]), Err(Refusal::Malformed(_))));
    assert_eq!(sealing::register::next_slot(&house.reads).unwrap(), 4);
    house.end().unwrap();
}

#[test]
fn a_reply_that_panics_stops_nobody_else() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.sequencer.submit(deposit(1, 1), Box::new(|_| panic!("a caller's bug")));
    verify(house.submit(deposit(1, 2)).unwrap().receipt());
    house.end().unwrap();
}

#[test]
fn no_receipt_is_handed_out_that_does_not_hold() {
    use crate::prover::{ProverError, receipt_for};
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    (0..4).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    disk.alter_row(Index(1), |row| row.leaf.record[40] ^= 1);
    assert!(matches!(receipt_for(&house.reads, Index(1)), Err(ProverError::Disagreement(Index(1)))));
    disk.alter_row(Index(2), |row| row.commit_size.0 += 1);
    assert!(receipt_for(&house.reads, Index(2)).is_ok(), "another size is another honest receipt");
    disk.alter_tile(crate::storage::TileId { level: 0, index: 0 }, |tile| tile[0] ^= 1);
    assert!(matches!(receipt_for(&house.reads, Index(3)), Err(ProverError::Disagreement(Index(3)))));
    assert!(matches!(receipt_for(&house.reads, Index(4)), Err(ProverError::NoEntry(Index(4)))));
    house.end().unwrap();
}
