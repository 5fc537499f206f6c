//! One key after another, and a key that does not answer or signs otherwise each time.

use super::seals::{check_batch, seal};
use super::*;
use crate::audit::{Auditor, LogAudit};
use crate::model::Fault;
use proof::VerifierKey;
use std::sync::atomic::AtomicBool;

fn seeded(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

/// The second key of a log whose first was `key()`.
fn second() -> LogKeys {
    LogKeys::new(Arc::new(seeded(8)), vec![key().verifier_key().clone()])
}

/// Whose signature stands under this note.
fn signer(note: &str) -> u8 {
    let note = SignedNote::parse(note).unwrap();
    let whose = [7, 8].into_iter().filter(|seed| seeded(*seed).verifier_key().verify(&note).is_ok());
    whose.collect::<Vec<_>>().pop().unwrap()
}

fn head_of(receipt: &Receipt) -> String {
    TlogProof::parse(&receipt.text).unwrap().checkpoint
}

/// Codes of an audit under these keys, the tokens of this house being no real ones.
fn faults(disk: &Disk, house: &House, keys: impl Into<KnownKeys>) -> Vec<&'static str> {
    let mut audit = LogAudit::new(house.reads.clone(), keys, ORIGIN);
    let found = disk.records().iter().flat_map(|record| audit.commit(record)).collect::<Vec<_>>();
    let found = found.into_iter().chain(audit.head()).map(|fault| fault.what);
    found.filter(|what| *what != "token-unreadable").collect()
}

#[test]
fn a_log_goes_on_under_a_second_key_and_what_the_first_signed_stands() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let before = house.submit(deposit(1, 1)).unwrap().receipt().clone();
    seal(&house);
    house.end().unwrap();
    let house = House::open_under(&disk, second()).unwrap();
    assert_eq!(prover::receipt_for(&house.reads, before.index).unwrap(), before, "byte for byte");
    let after = house.submit(deposit(1, 2)).unwrap().receipt().clone();
    assert_eq!([signer(&head_of(&before)), signer(&head_of(&after))], [7, 8]);
    seal(&house);
    assert_eq!(faults(&disk, &house, second().known().clone()), Vec::<&str>::new());
    // Whoever knows one of the two alone finds what the other signed, the sealed head among it.
    assert!(faults(&disk, &house, seeded(8).verifier_key().clone()).contains(&"batch-checkpoint"));
    assert!(faults(&disk, &house, key().verifier_key().clone()).contains(&"head-signature"));
    house.end().unwrap();
    assert!(matches!(House::try_open(&disk).map(|_| ()), Err(StartError::Head(_))), "the first key does not come back");
}

#[test]
fn an_index_that_is_lost_after_a_rotation_bears_the_second_key_over_the_same_texts() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    let before = house.submit(deposit(1, 1)).unwrap().receipt().clone();
    seal(&house);
    house.end().unwrap();
    let house = House::open_under(&disk, second()).unwrap();
    house.submit(deposit(1, 2)).unwrap();
    house.end().unwrap();
    disk.forget_published();
    let house = House::open_under(&disk, second()).unwrap();
    let again = prover::receipt_for(&house.reads, before.index).unwrap();
    assert_eq!((signer(&head_of(&again)), again.record.clone()), (8, before.record.clone()));
    let text = |receipt: &Receipt| SignedNote::parse(&head_of(receipt)).unwrap().text;
    assert_eq!(text(&again), text(&before));
    // What was sealed is as it was sealed, under the first key.
    check_batch(&house.reads, 0);
    assert_eq!(signer(&sealing::batch_head(&house.reads, 0).unwrap().unwrap().checkpoint), 7);
    assert_eq!(faults(&disk, &house, second().known().clone()), Vec::<&str>::new());
    house.end().unwrap();
}

#[test]
fn a_commit_that_the_first_key_left_unsigned_is_signed_by_the_second() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    disk.fault(Fault::CrashAfterSync);
    house.submit(asked(deposit(1, 2), 2, 2)).unwrap_err();
    house.end().unwrap_err();
    let house = House::open_under(&disk, second()).unwrap();
    let again = house.submit(asked(deposit(1, 2), 2, 2)).unwrap();
    assert!(matches!(&again, Answer::Repeated(receipt) if signer(&head_of(receipt)) == 8), "{again:?}");
    house.end().unwrap();
}

/// A key that may be away, or may sign with another at each turn.
struct Fickle {
    key: SigningKey,
    public: VerifierKey,
    away: Arc<AtomicBool>,
    turns: Option<AtomicU64>,
}

impl Fickle {
    fn keys(away: &Arc<AtomicBool>, turns: bool) -> LogKeys {
        let (key, turns) = (key(), turns.then(AtomicU64::default));
        let public = key.verifier_key().clone();
        LogKeys::new(Arc::new(Self { key, public, away: away.clone(), turns }), Vec::new())
    }
}

impl Signer for Fickle {
    fn verifier_key(&self) -> &VerifierKey {
        &self.public
    }
    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], String> {
        let turn = self.turns.as_ref().map_or(0, |turns| turns.fetch_add(1, Ordering::SeqCst));
        match (self.away.load(Ordering::SeqCst), turn) {
            (true, _) => Err("the token is away".into()),
            (false, 0) => Ok(SigningKey::sign_bytes(&self.key, message)),
            // True under the same key, and other bytes: what Ed25519 never gives, and a key of another make might.
            (false, turn) => Ok(other_signature(turn, message)),
        }
    }
}

/// Another true signature of `key()`: the nonce is not the one that RFC 8032 says.
fn other_signature(turn: u64, message: &[u8]) -> [u8; 64] {
    use curve25519_dalek::{constants::ED25519_BASEPOINT_POINT, scalar::Scalar};
    let expanded = proof::sha512(&[7; 32]).0;
    let mut secret = [0; 32];
    secret.copy_from_slice(&expanded[..32]);
    let secret = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(secret));
    let nonce = Scalar::from_bytes_mod_order_wide(&proof::sha512(&turn.to_be_bytes()).0);
    let point = (ED25519_BASEPOINT_POINT * nonce).compress().to_bytes();
    let hashed = proof::sha512(&[&point, &key().verifier_key().public()[..], message].concat()).0;
    let answer = nonce + Scalar::from_bytes_mod_order_wide(&hashed) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&point);
    signature[32..].copy_from_slice(&answer.to_bytes());
    signature
}

#[test]
fn a_key_that_goes_away_acknowledges_nothing_more_and_loses_nothing() {
    let (disk, away) = (Disk::new(), Arc::new(AtomicBool::default()));
    House::with_tenants(&disk, 1).end().unwrap();
    let house = House::open_under(&disk, Fickle::keys(&away, false)).unwrap();
    let before = house.submit(asked(deposit(1, 1), 1, 1)).unwrap().receipt().clone();
    away.store(true, Ordering::SeqCst);
    let refused = house.submit(asked(deposit(1, 2), 2, 2)).unwrap_err();
    assert!(matches!(&refused, Refusal::Stopped(_)), "{refused:?}");
    assert!(house.end().unwrap_err().contains("the token is away"));
    let start = House::open_under(&disk, Fickle::keys(&away, false)).map(|_| ());
    assert!(matches!(&start, Err(StartError::State(why)) if why.contains("the token is away")), "{start:?}");
    away.store(false, Ordering::SeqCst);
    let house = House::open_under(&disk, Fickle::keys(&away, false)).unwrap();
    // Durable when the key went away, signed when it was back: nobody was told between.
    assert!(matches!(house.submit(asked(deposit(1, 2), 2, 2)), Ok(Answer::Repeated(_))));
    assert_eq!(prover::receipt_for(&house.reads, before.index).unwrap(), before);
    house.end().unwrap();
}

#[test]
fn a_key_that_signs_otherwise_each_time_does_not_open_the_log() {
    let (disk, there) = (Disk::new(), Arc::new(AtomicBool::default()));
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    house.end().unwrap();
    let note = SignedNote::parse(&key().sign("a\n")).unwrap();
    assert!(key().verifier_key().verify_bytes(note.text.as_bytes(), &other_signature(3, note.text.as_bytes())));
    let start = House::open_under(&disk, Fickle::keys(&there, true)).map(|_| ());
    assert!(matches!(start, Err(StartError::SignatureNotDeterministic)), "{start:?}");
}
