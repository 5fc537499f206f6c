//! A witness that dies just before, and just after, its state is durable. Needs `--features failpoints`.

use crate::alone::{head, key, post, request, shown};
use crate::programs::Witness;
use proof::TreeSize;
use tempfile::TempDir;
use watch::AddCheckpoint;

/// A witness that cosigned the three leaves which both histories share, and died at this place while it was shown nine.
fn died_at(place: &TempDir, failpoint: &str) -> Witness {
    let log = key().verifier_key().to_string();
    let mut witness = Witness::new(place.path(), "w");
    witness.start(&log);
    assert_eq!(shown(&witness.url(), &request(1, 0, 3)).0, 200);
    witness.kill();
    witness.start_armed(&log, &format!("{failpoint}=crash"));
    let answer = post(&witness.url(), request(1, 3, 9).write().as_bytes());
    assert_eq!(answer, None, "it died before it answered");
    assert!(std::fs::read_to_string(witness.said()).unwrap().contains(&format!("failpoint {failpoint}: crash")));
    witness.kill();
    witness.start(&log);
    witness
}

/// The head of nine leaves of this history, shown to who holds nine.
fn nine(history: u8) -> AddCheckpoint {
    AddCheckpoint { old: TreeSize(9), path: Vec::new(), checkpoint: head(history, 9) }
}

#[test]
fn a_witness_that_dies_before_its_state_is_durable_knows_the_old_size() {
    let place = TempDir::new().unwrap();
    let witness = died_at(&place, "witness.before-state");
    assert_eq!(shown(&witness.url(), &nine(1)), (409, "text/x.tlog.size".into(), "3\n".into()));
    // Nobody holds a cosignature of nine leaves: any continuation of the three is as good, and one of them only.
    assert_eq!(shown(&witness.url(), &request(2, 3, 9)).0, 200);
    assert_eq!(shown(&witness.url(), &nine(1)).0, 409);
    assert_eq!(shown(&witness.url(), &nine(2)).0, 200);
}

#[test]
fn a_witness_that_dies_after_its_state_is_durable_knows_the_new_size() {
    let place = TempDir::new().unwrap();
    let witness = died_at(&place, "witness.after-state");
    for history in [1, 2] {
        let told = shown(&witness.url(), &request(history, 3, 9));
        assert_eq!(told, (409, "text/x.tlog.size".into(), "9\n".into()));
    }
    assert_eq!(shown(&witness.url(), &nine(2)).0, 409, "never two roots of one size");
    assert_eq!(shown(&witness.url(), &nine(1)).0, 200, "and the one that is durable is cosigned when asked again");
}
