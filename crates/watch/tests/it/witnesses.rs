//! What a witness decides: each status of C2SP tlog-witness, in its order.

use proof::merkle::root;
use proof::{Checkpoint, Hash, Sha256Tree, SigningKey, TreeAlgorithm, TreeSize};
use proptest::prelude::*;
use watch::AddCheckpoint;
use watch::witness::{Known, Refused, judge};

const ORIGIN: &str = "example.com/log";

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[number; 32]).unwrap()
}

/// Leaves of a history; histories of another number part at leaf 5.
fn leaves(history: u8, size: u64) -> Vec<Hash> {
    let leaf = |n: u64| Sha256Tree::leaf(&[n as u8, if n < 5 { 0 } else { history }]);
    (0..size).map(leaf).collect()
}

fn head(history: u8, size: u64) -> Known {
    Known { size: TreeSize(size), root: root::<Sha256Tree>(&leaves(history, size)) }
}

fn signed(by: u8, head: Known) -> String {
    let text = Checkpoint { origin: ORIGIN.into(), size: head.size, root: head.root, extensions: Vec::new() }.to_text();
    key(by).sign(&text)
}

fn path(history: u8, old: u64, new: u64) -> Vec<Hash> {
    consistency(old as usize, &leaves(history, new), true)
}

/// RFC 6962 §2.1.2, over leaves at hand.
fn consistency(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![root::<Sha256Tree>(leaves)] };
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    if old <= split {
        [consistency(old, left, whole), vec![root::<Sha256Tree>(right)]].concat()
    } else {
        [consistency(old - split, right, false), vec![root::<Sha256Tree>(left)]].concat()
    }
}

fn ask(known: Known, old: u64, path: Vec<Hash>, checkpoint: String) -> Result<Known, Refused> {
    let logs = [key(1).verifier_key().clone(), key(2).verifier_key().clone()];
    let request = AddCheckpoint { old: TreeSize(old), path, checkpoint };
    let told = judge(&request, &logs, &|origin| {
        assert_eq!(origin, ORIGIN);
        known
    })?;
    Ok(Known { size: told.checkpoint.size, root: told.checkpoint.root })
}

#[test]
fn a_head_that_continues_is_cosigned() {
    for (old, new) in [(0, 0), (0, 1), (0, 9), (1, 2), (4, 7), (7, 7), (8, 9), (1, 64)] {
        let known = if old == 0 { Known::nothing() } else { head(1, old) };
        let path = if old == 0 { Vec::new() } else { path(1, old, new) };
        assert_eq!(ask(known, old, path, signed(1, head(1, new))), Ok(head(1, new)), "{old} {new}");
    }
}

#[test]
fn a_log_whose_key_was_changed_goes_on_with_its_witness() {
    let first = ask(Known::nothing(), 0, Vec::new(), signed(1, head(1, 4))).unwrap();
    let second = ask(first, 4, path(1, 4, 7), signed(2, head(1, 7))).unwrap();
    assert_eq!(second, head(1, 7));
    // The new key answers for the history of the old one.
    assert!(ask(second, 7, path(2, 7, 9), signed(2, head(2, 9))).unwrap_err().is_evidence());
}

#[test]
fn each_refusal_has_its_status_in_the_order_of_the_specification() {
    let seven = || signed(1, head(1, 7));
    let status = |refused: Result<Known, Refused>| refused.map_err(|why| (why.status(), why.is_evidence()));
    let known = head(1, 4);
    // 400: no note, no checkpoint.
    assert_eq!(status(ask(known, 4, path(1, 4, 7), "x\n".into())), Err((400, false)));
    assert_eq!(status(ask(known, 4, path(1, 4, 7), key(1).sign("x\n"))), Err((400, false)));
    // 404 before 403: another origin, whoever signed.
    let other = seven().replace(ORIGIN, "example.com/other");
    assert!(matches!(ask(known, 4, path(1, 4, 7), other), Err(Refused::UnknownLog { .. })));
    // 403 before 400: a stranger's signature, a false one, a false one beside a true one.
    assert_eq!(status(ask(known, 9, Vec::new(), signed(3, head(1, 7)))), Err((403, false)));
    let line = |note: String| note.split("\n\n").nth(1).unwrap().to_owned();
    let text = |note: String| note.split("\n\n").next().unwrap().to_owned() + "\n\n";
    let false_ = text(seven()) + &line(signed(1, head(1, 8)));
    assert_eq!(status(ask(known, 4, path(1, 4, 7), false_)), Err((403, false)));
    let both = seven() + &line(signed(2, head(1, 8)));
    assert_eq!(status(ask(known, 4, path(1, 4, 7), both)), Err((403, false)));
    // 400 before 409: the old size beyond the head's.
    assert_eq!(ask(known, 8, Vec::new(), seven()), Err(Refused::OldBeyond { old: TreeSize(8), size: TreeSize(7) }));
    // 409: not the size cosigned last.
    for old in [0, 3, 5, 7] {
        let stale = Refused::Stale { known: TreeSize(4), old: TreeSize(old) };
        assert_eq!(stale.status(), 409);
        assert_eq!(ask(known, old, Vec::new(), seven()), Err(stale), "{old}");
    }
    // 422: no path, a wrong one, one too many, another history.
    let long = [path(1, 4, 7), vec![Hash([0; 32])]].concat();
    for wrong in [Vec::new(), path(1, 3, 7), long, vec![Hash([0; 32]); path(1, 4, 7).len()]] {
        assert_eq!(status(ask(known, 4, wrong, seven())), Err((422, true)));
    }
    assert_eq!(status(ask(head(2, 6), 6, path(1, 6, 7), seven())), Err((422, true)));
    // An old size of 0 takes no path at all; the tree of nothing has one root.
    assert_eq!(status(ask(Known::nothing(), 0, vec![Hash([0; 32])], seven())), Err((422, true)));
    let nothing = Known { size: TreeSize(0), root: Hash([1; 32]) };
    assert_eq!(status(ask(Known::nothing(), 0, Vec::new(), signed(1, nothing))), Err((422, true)));
    // 409: another root of the size cosigned last.
    let refused = ask(head(2, 7), 7, Vec::new(), seven());
    assert_eq!(refused, Err(Refused::OtherRoot { size: TreeSize(7) }));
    assert_eq!(status(refused), Err((409, true)));
    assert_eq!(status(ask(head(1, 7), 7, vec![Hash([0; 32])], seven())), Err((422, true)));
}

#[test]
fn lines_of_strangers_are_passed_over_and_not_kept() {
    let logs = [key(1).verifier_key().clone(), key(2).verifier_key().clone()];
    let line = |by: u8| signed(by, head(1, 7)).split("\n\n").nth(1).unwrap().to_owned();
    let checkpoint = signed(2, head(1, 7)) + &line(3) + &line(1);
    let request = AddCheckpoint { old: TreeSize(0), path: Vec::new(), checkpoint };
    let told = judge(&request, &logs, &|_| Known::nothing()).unwrap();
    assert_eq!(told.note.write(), signed(2, head(1, 7)) + &line(1));
}

proptest! {
    /// Whatever is asked in whatever order, one size is cosigned with one root, and sizes never go back.
    #[test]
    fn one_history_is_cosigned(asks in prop::collection::vec((1u8..3, 0u64..24, 0u64..24, any::<bool>()), 0..60)) {
        let mut known = Known::nothing();
        for (history, old, new, told) in asks {
            // Half of those who ask know what was cosigned last.
            let old = if told { known.size.0 } else { old };
            let path = if old == 0 || old > new { Vec::new() } else { path(history, old, new) };
            if let Ok(next) = ask(known, old, path, signed(1, head(history, new))) {
                prop_assert!(next.size >= known.size);
                prop_assert!(next.size > known.size || next.root == known.root);
                let ours = [1, 2].into_iter().any(|h| head(h, next.size.0) == next && head(h, known.size.0) == known);
                prop_assert!(ours, "two histories");
                known = next;
            }
        }
    }
}
