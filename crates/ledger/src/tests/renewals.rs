//! Renewals: one token over those of all batches; each batch is led to it, and to every later one.

use super::seals::{log_seal, planned, seal};
use super::*;
use crate::audit::{Auditor, LogAudit};
use crate::sealing::{
    HashInputs, HashPlan, LeafTree, Objects, Renewal, RenewalPlan, RenewalToken, RenewalTree, SealingError, batch_head,
    digests_in_use, plan_hashes, renewal_token, renewals,
};
use crate::storage::{Put, Reader};
use ::seal::DigestAlgorithm::{self, Sha256, Sha512};
use ::seal::archive_node;

/// What an authority would answer.
fn token_over(root: &[u8], at: u64) -> RenewalToken {
    let der = [b"renewal over ", root].concat();
    RenewalToken { der, imprint: root.to_vec(), gen_time: UnixMillis(at) }
}

fn plan_renewal(reads: &impl Reader) -> Result<Option<RenewalPlan>, SealingError> {
    crate::sealing::plan_renewal(reads, Sha256)
}

const LATER: u64 = 1_900_000_000_000;

/// The renewal planned now is logged with an administration entry.
fn renew(house: &House, at: u64, what: u64) -> Renewal {
    let plan = plan_renewal(&house.reads).unwrap().unwrap();
    let (renewal, puts) = plan.stamped(&house.reads, &token_over(&plan.root, at)).unwrap();
    house.submit(Submission { kind: Kind::Administration, puts, ..deposit(1, what) }).unwrap();
    renewal
}

/// Where these siblings lead from this node.
fn climb(digest: DigestAlgorithm, node: Vec<u8>, siblings: &[Vec<Vec<u8>>]) -> Vec<u8> {
    siblings.iter().fold(node, |node, list| archive_node(digest, &[list.clone(), vec![node]].concat()))
}

/// The lists lead from the batch's tokens to the renewal's root.
fn leads(reads: &impl Reader, batch: u64, number: u64) {
    let all = renewals(reads).unwrap();
    let tree = RenewalTree::open(reads, all.clone(), number).unwrap();
    let lists = tree.lists(batch).unwrap();
    let sealed = batch_head(reads, batch).unwrap().unwrap().token_sha256;
    let before = all.iter().take(number as usize).filter(|renewal| batch < renewal.batches);
    let mut expected: Vec<_> =
        before.map(|renewal| renewal.token_sha256.0.to_vec()).chain([sealed.0.to_vec()]).collect();
    expected.sort();
    assert_eq!(lists[0], expected, "the digest of every token of the chain");
    assert!(lists.iter().skip(1).all(|list| list.len() == 1));
    assert_eq!(
        climb(Sha256, archive_node(Sha256, &lists[0]), &lists[1..]),
        tree.renewal.root,
        "batch {batch}, renewal {number}"
    );
}

#[test]
fn every_batch_is_led_to_every_renewal_after_it() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    assert_eq!(plan_renewal(&house.reads).unwrap(), None, "nothing was ever sealed");
    let mut what = 0;
    for batches in [1_u64, 5, 11] {
        while crate::sealing::last_logged(&house.reads).unwrap().is_none_or(|last| last + 1 < batches) {
            what += 1;
            house.submit(deposit(1, what)).unwrap();
            seal(&house);
        }
        what += 1;
        let renewal = renew(&house, LATER + what, what);
        assert_eq!(renewal.batches, batches);
        assert_eq!(renewal_token(&house.reads, renewal.number).unwrap().len(), 13 + 32);
    }
    for (number, batches) in [(0, 1), (1, 5), (2, 11)] {
        (0..batches).for_each(|batch| leads(&house.reads, batch, number));
        let tree = RenewalTree::open(&house.reads, renewals(&house.reads).unwrap(), number).unwrap();
        assert_eq!(tree.lists(batches), None, "sealed after it");
    }
    let none = RenewalTree::open(&house.reads, renewals(&house.reads).unwrap(), 3);
    assert!(matches!(none, Err(SealingError::Stored(_))));
    house.end().unwrap();
}

#[test]
fn a_renewal_comes_with_its_entry_once_and_is_never_taken_away() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    let plan = plan_renewal(&house.reads).unwrap().unwrap();
    let (_, puts) = plan.stamped(&house.reads, &token_over(&plan.root, LATER)).unwrap();
    let asked = |kind, puts: &[Put], what| house.submit(Submission { kind, puts: puts.to_vec(), ..deposit(1, what) });
    assert!(matches!(asked(Kind::Deposit, &puts, 2), Err(Refusal::Malformed(_))), "a deposit renews nothing");
    let (sender, receiver) = channel();
    house.sequencer.state(puts.clone(), Box::new(move |answer| drop(sender.send(answer))));
    assert!(matches!(receiver.recv().unwrap(), Err(Refusal::Malformed(_))), "nor does a change of state alone");
    asked(Kind::Administration, &puts, 3).unwrap();
    assert!(matches!(asked(Kind::Administration, &puts, 4), Err(Refusal::Malformed(_))), "not twice");
    let gone: Vec<_> = puts.iter().map(|put| Put { value: None, ..put.clone() }).collect();
    assert!(matches!(asked(Kind::Administration, &gone, 5), Err(Refusal::Malformed(_))), "not taken away");
    house.end().unwrap();
}

#[test]
fn a_token_that_is_not_over_the_plan_or_is_too_old_renews_nothing() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    let plan = plan_renewal(&house.reads).unwrap().unwrap();
    let good = token_over(&plan.root, plan.newest.0);
    assert!(plan.stamped(&house.reads, &good).is_ok(), "of the same moment");
    let refused = |token: RenewalToken| assert!(plan.stamped(&house.reads, &token).is_err(), "{token:?}");
    refused(RenewalToken { imprint: vec![7; 32], ..good.clone() });
    refused(RenewalToken { der: Vec::new(), ..good.clone() });
    refused(RenewalToken { gen_time: UnixMillis(plan.newest.0 - 1), ..good.clone() });
    // Computed a second time, from what the seals name.
    let other = RenewalPlan { root: vec![8; 32], ..plan.clone() };
    assert!(other.stamped(&house.reads, &token_over(&other.root, LATER)).is_err());
    house.end().unwrap();
}

#[test]
fn an_audit_reads_renewals_again() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    renew(&house, LATER, 2);
    let faults = |reads| {
        let mut audit = LogAudit::new(reads, key().verifier_key().clone(), ORIGIN);
        let faults: Vec<_> = disk.records().iter().flat_map(|commit| audit.commit(commit)).collect();
        faults.iter().filter(|fault| fault.place.starts_with("renewal")).map(|fault| fault.what).collect::<Vec<_>>()
    };
    // The tokens of these tests are no tokens; all else agrees.
    assert_eq!(faults(house.reads.clone()), ["token-unreadable"]);
    house.end().unwrap();
}

#[test]
fn an_audit_that_begins_late_reads_the_renewals_before_it_too() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    renew(&house, LATER, 2);
    renew(&house, LATER + 1, 3);
    house.submit(deposit(1, 4)).unwrap();
    let records = disk.records();
    let told = |from: usize| {
        let mut audit = LogAudit::new(house.reads.clone(), key().verifier_key().clone(), ORIGIN);
        let mut faults: Vec<_> = records.iter().skip(from).flat_map(|commit| audit.commit(commit)).collect();
        faults.extend(audit.head());
        let of = |fault: &crate::audit::Fault| (fault.place.clone(), fault.what);
        faults.iter().filter(|fault| fault.place.starts_with("renewal")).map(of).collect::<Vec<_>>()
    };
    // The tokens of these tests are no tokens: that each renewal was looked at is seen by it, once, wherever the audit begins.
    let both: Vec<_> = [0, 1].map(|number| (format!("renewal {number}"), "token-unreadable")).to_vec();
    for from in 0..records.len() {
        let mut found = told(from);
        found.sort();
        assert_eq!(found, both, "from record {from}");
    }
    house.end().unwrap();
}

/// A seal whose token is no token, but DER: what a record is written of must be.
fn seal_in_der(house: &House) {
    let plan = planned(house);
    let der = [&[0x30, 34, 0x04, 32], &plan.root.0[..]].concat();
    let token = CheckedToken { der, imprint: plan.root, gen_time: UnixMillis(1_800_000_001_000) };
    log_seal(house, plan, token).unwrap();
}

/// The files of these tests are digests: a group is one itself. Told as its two halves, of which nothing else is known.
fn files(house: &House, index: Index) -> Option<Vec<Objects>> {
    let leaf = house.reads.entry(index).unwrap().unwrap().leaf;
    leaf.groups.get(1).is_none().then(Vec::new)
}

fn hashes(house: &House) -> Result<Option<(HashPlan, Vec<u8>)>, SealingError> {
    let mut leaves = Vec::new();
    let inputs = HashInputs {
        policy: super::seals::POLICY,
        files: &mut |index| Ok(files(house, index)),
        leaf: &mut |leaf| {
            leaves.extend_from_slice(leaf);
            Ok(())
        },
    };
    Ok(plan_hashes(&house.reads, inputs)?.map(|plan| (plan, leaves)))
}

#[test]
fn every_group_is_led_to_the_renewal_of_hashes_and_the_next_renewals_cover_its_token() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    assert!(hashes(&house).unwrap().is_none(), "nothing was ever sealed");
    // More leaves than a block holds.
    for batch in 0..3_u64 {
        (0..130).for_each(|what| drop(house.submit(deposit(1, batch * 1000 + what)).unwrap()));
        seal_in_der(&house);
    }
    let (plan, leaves) = hashes(&house).unwrap().unwrap();
    assert_eq!((plan.plan.first, plan.plan.batches, plan.leaves), (0, 3, leaves.len() as u64 / 64));
    assert!(plan.leaves > 256);
    let id = EntryId([9; 16]);
    let (renewal, puts) = plan.stamped(&token_over(&plan.plan.root, LATER), id).unwrap();
    house.submit(Submission { kind: Kind::Administration, puts, id, ..deposit(1, 9_000) }).unwrap();
    let first = batch_head(&house.reads, 0).unwrap().unwrap();
    let tree = LeafTree::open(renewal.clone(), &first, &mut leaves.as_slice()).unwrap();
    let mut place = 0;
    for batch in 0..3 {
        let head = batch_head(&house.reads, batch).unwrap().unwrap();
        for position in 0..=head.group_count {
            assert_eq!(tree.place(&head, position), Some(place));
            let from = tree.offset(place) as usize;
            let (leaf, siblings) = tree.path(place, &mut &leaves[from..]).unwrap();
            assert_eq!(leaf, leaves[place as usize * 64..][..64]);
            assert_eq!(climb(Sha512, leaf, &siblings), renewal.root, "batch {batch}, position {position}");
            place += 1;
        }
        assert_eq!(tree.place(&head, head.group_count + 1), None);
    }
    assert_eq!(place, plan.leaves);
    // A leaf changed, cut or added is found.
    let mut changed = leaves.clone();
    changed[64 * 300] ^= 1;
    for spoiled in [&changed[..], &leaves[64..], &[&leaves[..], &[0; 64]].concat()] {
        assert!(LeafTree::open(renewal.clone(), &first, &mut &*spoiled).is_err());
    }
    let from = tree.offset(300) as usize;
    assert!(tree.path(300, &mut &changed[from..]).is_err());

    // All that was sealed is under SHA-512: a renewal of time-stamps has one chain to cover, until more is sealed.
    assert!(hashes(&house).unwrap().is_none());
    assert_eq!(digests_in_use(&house.reads).unwrap(), [Sha512]);
    assert_eq!(plan_renewal(&house.reads).unwrap(), None);
    seal(&house);
    assert_eq!(digests_in_use(&house.reads).unwrap(), [Sha256, Sha512]);
    let of_batches = renew(&house, LATER + 1, 9_001);
    assert_eq!((of_batches.first, of_batches.batches), (3, 4));
    let long = crate::sealing::plan_renewal(&house.reads, Sha512).unwrap().unwrap();
    assert_eq!((long.first, long.batches), (0, 3));
    assert_eq!(long.root, renewal.token_sha512.as_bytes(), "one chain: the digest of its token is the root");
    let (again, puts) = long.stamped(&house.reads, &token_over(&long.root, LATER + 2)).unwrap();
    house.submit(Submission { kind: Kind::Administration, puts, ..deposit(1, 9_002) }).unwrap();
    let tree = RenewalTree::open(&house.reads, renewals(&house.reads).unwrap(), again.number).unwrap();
    assert_eq!(tree.lists(2), Some(vec![vec![renewal.token_sha512.as_bytes().to_vec()]]));
    assert_eq!(tree.lists(3), None);
    house.end().unwrap();
}

#[test]
fn a_renewal_that_no_record_could_bear_is_refused_before_it_is_stamped() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    for number in 0..crate::limits::CHAIN_RENEWALS as u64 {
        renew(&house, LATER + number, 100 + number);
    }
    assert!(matches!(plan_renewal(&house.reads), Err(SealingError::TooManyRenewals { renewals: 32, .. })));
    house.end().unwrap();

    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    for number in 0..4 {
        let plan = plan_renewal(&house.reads).unwrap().unwrap();
        let der = vec![number as u8; crate::limits::RENEWAL_TOKENS_BYTES / 4];
        let token = RenewalToken { der, ..token_over(&plan.root, LATER + number) };
        let (_, puts) = plan.stamped(&house.reads, &token).unwrap();
        house.submit(Submission { kind: Kind::Administration, puts, ..deposit(1, 200 + number) }).unwrap();
    }
    assert!(matches!(plan_renewal(&house.reads), Err(SealingError::TooManyRenewals { renewals: 4, .. })));
    house.end().unwrap();
}
