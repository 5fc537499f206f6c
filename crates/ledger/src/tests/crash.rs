//! A crash at each step: what was answered stays, what was not may be asked again.

use super::*;
use crate::model::Fault;

#[test]
fn whatever_the_moment_of_the_crash_one_request_makes_one_leaf() {
    for fault in [Fault::CrashBeforeSync, Fault::CrashAfterSync, Fault::CrashAfterPublish] {
        let disk = Disk::new();
        let house = House::with_tenants(&disk, 1);
        let before = house.submit(asked(deposit(1, 1), 1, 1)).unwrap();
        disk.fault(fault);
        let refused = house.submit(asked(deposit(1, 2), 2, 2));
        assert!(matches!(refused, Err(Refusal::Stopped(_))), "{fault:?}: {refused:?}");
        let late = house.submit(deposit(1, 3));
        assert!(matches!(late, Err(Refusal::Stopped(_))), "{fault:?}: {late:?}");
        assert!(house.events.lock().unwrap().iter().any(|event| matches!(event, Event::Stopped(_))));
        assert!(house.end().is_err());

        let house = House::open(&disk);
        let after = house.submit(asked(deposit(1, 2), 2, 2)).unwrap();
        verify(after.receipt());
        let logged = fault == Fault::CrashBeforeSync;
        assert_eq!(matches!(after, Answer::Logged(_)), logged, "{fault:?}");
        let again = house.submit(asked(deposit(1, 1), 1, 1)).unwrap();
        assert_eq!(again, Answer::Repeated(before.receipt().clone()), "{fault:?}");
        assert_eq!(disk.heads().last().unwrap().size.0, 2, "{fault:?}");
        house.end().unwrap();
    }
}

#[test]
fn a_commit_that_cannot_be_published_stops_the_house_and_is_published_by_the_next() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    (0..3).for_each(|_| disk.fault(Fault::PublishRetry));
    assert!(matches!(house.submit(asked(deposit(1, 1), 1, 1)), Err(Refusal::Stopped(_))));
    house.end().unwrap_err();
    let house = House::open(&disk);
    assert!(matches!(house.submit(asked(deposit(1, 1), 1, 1)), Ok(Answer::Repeated(_))));
    house.end().unwrap();
}

#[test]
fn a_panic_of_the_thread_refuses_who_waits_and_tells_the_owner() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = told.clone();
    let observer: Observer = Box::new(move |event| events.lock().unwrap().push(event));
    let options = SequencerOptions { observer, ..Default::default() };
    let clock = || -> UnixMillis { panic!("a bug below us") };
    let (sequencer, thread) = Sequencer::start(disk.open(), key(), ORIGIN, Box::new(clock), options).unwrap();
    let (sender, receiver) = channel();
    sequencer.submit(deposit(1, 1), Box::new(move |answer| drop(sender.send(answer))));
    assert!(matches!(receiver.recv().unwrap(), Err(Refusal::Stopped(_))));
    let why = thread.join().unwrap().unwrap_err();
    assert_eq!(told.lock().unwrap().last(), Some(&Event::Stopped(why.clone())));
    assert_eq!(sequencer.stopped(), Some(why));
}
