//! When the job begins again, and whom an attempt answers.

use super::*;

#[test]
fn retries_slow_down_but_never_past_the_interval() {
    let hour = Duration::from_secs(3600);
    assert_eq!(retry_after(1, hour), Duration::from_secs(30));
    assert_eq!(retry_after(2, hour), Duration::from_secs(60));
    assert_eq!(retry_after(50, hour), hour);
    assert_eq!(retry_after(1, Duration::from_secs(5)), Duration::from_secs(5));
}

#[test]
fn a_start_goes_on_with_the_interval_that_the_last_seal_began() {
    let hour = Duration::from_secs(3600);
    let at = |seconds: u64| UnixMillis(1_000_000_000_000 + seconds * 1000);
    assert_eq!(first_wait(None, at(0), hour), Duration::ZERO);
    assert_eq!(first_wait(Some(at(0)), at(600), hour), Duration::from_secs(3000));
    assert_eq!(first_wait(Some(at(0)), at(3600), hour), Duration::ZERO);
    assert_eq!(first_wait(Some(at(0)), at(90_000), hour), Duration::ZERO);
    // An authority whose clock is ahead.
    assert_eq!(first_wait(Some(at(30)), at(0), hour), hour);
}

#[test]
fn an_attempt_is_for_all_who_wait_and_not_for_those_who_left() {
    let (asks, mut queue) = Asks::of(Vec::new());
    let mut hears = Vec::new();
    for _ in 0..5 {
        let (tell, hear) = oneshot::channel();
        asks.send.try_send(tell).unwrap();
        hears.push(hear);
    }
    hears.remove(0);
    hears.remove(3);
    let asked = queue.seals.try_recv().ok();
    let askers = waiting(asked, &mut queue);
    assert_eq!(askers.len(), 3);
    assert!(queue.seals.try_recv().is_err());
    let (gone, _) = oneshot::channel();
    assert!(waiting(Some(gone), &mut queue).is_empty());
}

#[test]
fn a_log_never_sealed_is_overdue_a_day_after_its_first_entry() {
    let directory = tempfile::TempDir::new().unwrap();
    let data = directory.path().join("data");
    crate::init::init(&data, "essai.exemple.fr/journal").unwrap();
    let config = crate::config::Config::load(&data).unwrap();
    let opened = crate::open::open(&crate::home::Home::at(&data), &config).unwrap();
    let reads = &opened.office.reads;
    let first = first_received(reads).unwrap().unwrap();
    assert!(first.0.abs_diff(random::now().0) < 600_000);
    let day = limits::SEAL_MAX_SECONDS * 1000;
    assert_eq!(last_sealed(reads).unwrap(), None);
    assert_eq!(interval_began(reads).unwrap(), Some(first));
    assert!(!overdue(reads, UnixMillis(first.0 + day - 1)));
    assert!(overdue(reads, UnixMillis(first.0 + day)));
    let sequencer = opened.office.sequencer.clone();
    crate::open::close(&sequencer, opened.thread).unwrap();
}
