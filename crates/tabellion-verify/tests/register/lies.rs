//! What the operator itself signs and contradicts: its own rows.

use super::Desk;
use super::log::{Log, tenant};
use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::{Hash, Sha256Tree};
use watch::register::RegisterRow;

/// A log whose last seal has the rows of tenant 1 changed so.
fn lying(change: impl Fn(&mut RegisterRow)) -> Log {
    let mut log = Log::new();
    log.deposit(6);
    let mut rows = log.rows();
    change(&mut rows[1]);
    log.seal_rows(rows);
    log
}

#[track_caller]
fn refused(log: &Log, code: &str, place: &str) {
    let said = Desk::of(log).judged(&log.register(tenant(1)), &[]);
    assert_eq!((said.code, said.verdict()), (1, ("FAILED", code)), "{:#}", said.json);
    assert_eq!(said.place(code), Some((place, "failed")));
}

#[test]
fn a_row_that_counts_fewer_is_refused_where_the_next_stands() {
    // The last two of twelve are below the seal's end, and not counted.
    let log = lying(|row| row.count = 10);
    let tenth = log.chain(tenant(1))[9].record.clone();
    let log = lying(|row| {
        row.count = 10;
        row.last = Sha256Tree::leaf(&entry_leaf(&tenth));
    });
    refused(&log, "entry-on-the-wrong-side", "line 27, sequence 11");
}

#[test]
fn a_row_that_counts_more_is_refused_at_the_end() {
    refused(&lying(|row| row.count = 13), "entries-missing", "line 29");
}

#[test]
fn a_row_that_names_another_leaf_is_refused_at_the_last() {
    refused(&lying(|row| row.last = Hash([1; 32])), "last-entry-differs", "line 28, sequence 12");
}

#[test]
fn a_row_of_nothing_that_names_a_leaf_is_refused() {
    let mut log = Log::new();
    let record = log.record(tenant(2));
    log.log(&record);
    let mut rows = log.rows();
    rows[1].last = Hash([1; 32]);
    log.seal_rows(rows);
    refused(&log, "last-entry-differs", "line 8");
}

#[test]
fn a_chain_logged_with_a_gap_or_a_broken_link_is_refused() {
    for (code, gap) in [("sequence-broken", true), ("chain-broken", false)] {
        let mut log = Log::new();
        log.deposit(2);
        let mut record = log.record(tenant(1));
        if gap {
            record.sequence.0 += 1;
        } else {
            record.previous = Some(Hash([2; 32]));
        }
        log.log(&record);
        log.seal();
        refused(&log, code, "line 21, sequence 5");
    }
}

#[test]
fn a_seal_whose_token_is_over_something_else_gives_no_time() {
    let mut log = Log::new();
    log.deposit(3);
    log.seal();
    let mut other = Log::new();
    other.deposit(4);
    other.seal();
    // The token, named by the leaf as it must be, is of another batch.
    let (mine, theirs) = (&mut log.seals[0], other.seal_proof(tenant(1)).unwrap());
    mine.leaf.token_sha256 = theirs.leaf.token_sha256;
    mine.leaf.token_sha512 = theirs.leaf.token_sha512;
    mine.token = theirs.token;
    log.leaves[mine.index.0 as usize] = Sha256Tree::leaf(&mine.leaf.to_bytes());
    let said = Desk::of(&log).judged(&log.register(tenant(1)), &[]);
    assert_eq!(said.verdict().0, "FAILED", "{:#}", said.json);
    assert!(said.place("token-false").is_some() && said.place("other-token").is_some(), "{:#}", said.json);
}

/// A sealed log whose last seal was changed so before its leaf was logged.
fn sealed(change: impl Fn(&mut super::log::Sealed)) -> Log {
    let mut log = Log::new();
    log.deposit(3);
    log.seal();
    let seal = &mut log.seals[0];
    change(seal);
    log.leaves[seal.index.0 as usize] = Sha256Tree::leaf(&seal.leaf.to_bytes());
    log
}

#[test]
fn a_token_that_one_digest_alone_names_is_refused() {
    refused(&sealed(|seal| seal.leaf.token_sha512 = proof::sha512(b"another")), "token-not-of-the-seal", "line 15");
    refused(&sealed(|seal| seal.leaf.token_sha256 = proof::sha256(b"another")), "token-not-of-the-seal", "line 15");
}

#[test]
fn a_sealed_head_of_the_same_tree_under_another_origin_is_refused() {
    let log = sealed(|seal| {
        let note = proof::SignedNote::parse(&seal.checkpoint).unwrap();
        let text = note.text.replacen(super::log::ORIGIN, "archives.exemple.fr/autre", 1);
        let key = proof::SigningKey::from_seed("archives.exemple.fr/autre", &[3; 32]).unwrap();
        seal.checkpoint = key.sign(&text);
    });
    refused(&log, "sealed-head-differs", "line 12");
}
