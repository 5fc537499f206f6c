//! A clock that its owner does not believe: nothing is dated by it.

use super::*;
use crate::storage::Reader;
use std::sync::atomic::AtomicBool;

struct Doubted {
    now: Arc<AtomicU64>,
    doubt: Arc<AtomicBool>,
}

impl Clock for Doubted {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }
    fn believed(&self, now: UnixMillis, last: UnixMillis) -> bool {
        now <= last || !self.doubt.load(Ordering::SeqCst)
    }
}

#[test]
fn under_a_clock_that_is_not_believed_deposits_wait_and_time_stands_still() {
    let disk = Disk::new();
    let doubt = Arc::new(AtomicBool::new(false));
    let shared = doubt.clone();
    let by = move |now| -> Box<dyn Clock> { Box::new(Doubted { now, doubt: shared }) };
    let house = House::open_by(&disk, SequencerOptions::default(), by).unwrap();
    house.state(vec![row(1, 1)]).unwrap();
    let time = |answer: &Answer| proof::record::LogRecord::parse(&answer.receipt().record).unwrap().received_at;
    let first = house.submit(deposit(1, 1)).unwrap();
    house.step_clock(1_000);
    doubt.store(true, Ordering::SeqCst);
    let refused = house.submit(deposit(1, 2));
    assert!(matches!(refused, Err(Refusal::ClockAhead { .. })), "{refused:?}");
    // What the operator says is logged, and bears no time that may have to be taken back; nor does a change of state.
    let mut notice = deposit(1, 3);
    notice.kind = Kind::Administration;
    assert_eq!(time(&house.submit(notice).unwrap()), time(&first));
    house.state(vec![row(2, 2)]).unwrap();
    let head = house.reads.head().unwrap().unwrap();
    assert_eq!(head.at, time(&first));
    let told = Event::ClockAhead { last: head.at, now: UnixMillis(head.at.0 + 1_000) };
    assert_eq!(house.events.lock().unwrap().iter().filter(|event| **event == told).count(), 2);
    doubt.store(false, Ordering::SeqCst);
    assert_eq!(time(&house.submit(deposit(1, 2)).unwrap()).0, time(&first).0 + 1_000);
    house.end().unwrap();
}
