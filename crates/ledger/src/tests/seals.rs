//! Seals: what a batch covers, what binds it, what survives a crash in the middle.

use super::*;
use crate::model::Fault;
use crate::sealing::batch::token;
use crate::sealing::{
    BatchTree, PlanInputs, SealPlan, SealingError, batch_head, batch_of, evidence_path, plan, register_path,
};
use crate::storage::Reader;
use proof::TreeSize;
use proof::leaf::Leaf;

pub const POLICY: &[u8] = b"{\"policy\":1}";

pub fn try_plan(house: &House, force: bool) -> Result<Option<SealPlan>, SealingError> {
    let mut n = house.reads.head().unwrap().map_or(0, |head| head.number);
    let mut salt = || {
        n += 1;
        proof::sha256(&n.to_be_bytes()).0
    };
    plan(&house.reads, PlanInputs { policy: POLICY, salt: &mut salt, force })
}

pub fn planned(house: &House) -> SealPlan {
    try_plan(house, true).unwrap().unwrap()
}

/// What an authority would answer; the ledger does not look inside.
pub fn stamped(plan: &SealPlan) -> CheckedToken {
    let der = [b"token over ", &plan.root.0[..]].concat();
    CheckedToken { der, imprint: plan.root, gen_time: UnixMillis(1_800_000_001_000) }
}

pub fn log_seal(house: &House, plan: SealPlan, token: CheckedToken) -> Result<Sealed, Refusal> {
    let (sender, receiver) = channel();
    house.sequencer.seal(plan, token, Box::new(move |answer| drop(sender.send(answer))));
    receiver.recv().unwrap()
}

pub fn seal(house: &House) -> Sealed {
    let plan = planned(house);
    let token = stamped(&plan);
    log_seal(house, plan, token).unwrap()
}

/// Everything stored of a batch gives its seal leaf, from every group up.
pub fn check_batch(reads: &impl Reader, number: u64) {
    let head = batch_head(reads, number).unwrap().unwrap();
    let leaf = reads.entry(head.leaf.unwrap()).unwrap().unwrap().leaf;
    assert_eq!(Leaf::parse(&leaf.leaf_data), Ok(Leaf::Seal(head.seal_leaf())));
    assert_eq!((leaf.tenant, leaf.sequence.0, leaf.groups.len()), (TenantId::PLATFORM, 0, 0));
    let token = token(reads, number).unwrap().unwrap();
    assert_eq!(proof::sha256(&token), head.token_sha256);
    let tree = BatchTree::open(reads, number).unwrap();
    let past = head.binding_position() + 1;
    for position in 0..past {
        let (group, path) = tree.path(reads, position).unwrap();
        assert_eq!(evidence_path(reads, number, position).unwrap(), path);
        let path: Vec<_> = path.iter().map(|h| h.0).collect();
        assert_eq!(seal::root_from_path(&group.0, &path), head.root.0, "position {position}");
    }
    assert!(matches!(tree.path(reads, past), Err(SealingError::NoGroup { .. })));
    assert!(matches!(evidence_path(reads, number, past), Err(SealingError::NoGroup { .. })));
    let note = SignedNote::parse(&head.checkpoint).unwrap();
    key().verifier_key().verify(&note).unwrap();
    assert_eq!(proof::Checkpoint::parse(&note.text).unwrap().size, head.end);
    for index in (head.first.0..head.end.0).map(Index) {
        assert_eq!(batch_of(reads, index).unwrap(), Some(head.clone()));
    }
}

#[test]
fn batches_follow_each_other_and_every_group_leads_to_its_seal() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    assert!(try_plan(&house, true).unwrap().is_none(), "an empty log has no checkpoint to bind");
    (0..5).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    assert_eq!(seal(&house), Sealed { batch: 0, leaf: Index(5) });
    assert!(try_plan(&house, false).unwrap().is_none(), "a seal leaf asks for no seal");
    assert_eq!(seal(&house), Sealed { batch: 1, leaf: Index(6) }, "forced, with the binding group alone");
    (5..9).for_each(|what| drop(house.submit(deposit(2, what)).unwrap()));
    assert_eq!(seal(&house), Sealed { batch: 2, leaf: Index(11) });
    (0..3).for_each(|number| check_batch(&house.reads, number));
    let heads: Vec<_> = (0..3).map(|number| batch_head(&house.reads, number).unwrap().unwrap()).collect();
    let ranges: Vec<_> =
        heads.iter().map(|head| (head.first.0, head.end.0, head.first_group, head.group_count)).collect();
    // 5 entries with 0+1+2+0+1 files; a seal leaf; 4 entries with 2+0+1+2 files after another.
    assert_eq!(ranges, [(0, 5, 0, 9), (5, 6, 9, 0), (6, 11, 9, 9)]);
    assert_eq!(heads[0].previous_sha256, proof::sha256(POLICY));
    assert_eq!(heads[1].previous_sha256, heads[0].token_sha256);
    assert_eq!(heads[1].root, Hash(seal::group_hash(&heads[1].binding()[0].0, &heads[1].binding()[1].0)));
    house.end().unwrap();
}

#[test]
fn every_group_of_a_batch_of_many_blocks_leads_to_its_seal() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    // Entries of one to three groups: some begin in one block and end in the next. One batch ends where a block does, one does not.
    for (batch, entries) in [(0, 0..70_u64), (1, 70..86), (2, 86..150)] {
        for what in entries {
            house.submit(deposit(1, what)).unwrap();
        }
        seal(&house);
        check_batch(&house.reads, batch);
    }
    house.end().unwrap();
}

#[test]
fn a_group_has_one_number_for_ever_and_one_place_in_one_batch() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    (0..5).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    seal(&house);
    seal(&house);
    (5..9).for_each(|what| drop(house.submit(deposit(2, what)).unwrap()));
    seal(&house);
    let heads: Vec<_> = (0..3).map(|number| batch_head(&house.reads, number).unwrap().unwrap()).collect();
    let entry = house.reads.entry(Index(9)).unwrap().unwrap().leaf;
    let position = heads[2].position_of(entry.first_group).unwrap();
    assert_eq!(BatchTree::open(&house.reads, 2).unwrap().path(&house.reads, position).unwrap().0, entry.groups[0]);
    let file = |number| crate::sealing::group_number(&entry, Some(proof::FileNumber(number)));
    assert_eq!(crate::sealing::group_number(&entry, None), Some(entry.first_group));
    assert_eq!((file(0), file(1), file(2)), (None, Some(entry.first_group + 1), None), "it has one file");
    assert_eq!(heads[2].position_of(8), None);
    assert_eq!(heads[2].position_of(18), None);
    assert_eq!(batch_of(&house.reads, Index(11)).unwrap(), None, "a seal leaf is covered by the next batch");
    house.end().unwrap();
}

#[test]
fn journals_alone_ask_for_no_seal() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(Submission { kind: Kind::Journal, ..deposit(1, 1) }).unwrap();
    assert!(try_plan(&house, false).unwrap().is_none());
    house.submit(deposit(1, 2)).unwrap();
    assert_eq!(try_plan(&house, false).unwrap().unwrap().groups.len(), 6, "but they are covered");
    house.end().unwrap();
}

#[test]
fn the_register_is_the_one_of_the_bound_checkpoint() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 3);
    (0..3).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    let last = house.submit(deposit(2, 1)).unwrap();
    let early = planned(&house);
    // What is logged while the authority is asked belongs to the next register.
    house.submit(deposit(2, 2)).unwrap();
    house.submit(deposit(3, 1)).unwrap();
    let mut salt = || [0; 32];
    let snapshot = crate::sealing::snapshot(&house.reads, TreeSize(4), &mut salt).unwrap();
    let counts =
        |rows: &[crate::sealing::RegisterRow]| rows.iter().map(|row| (row.count, row.last)).collect::<Vec<_>>();
    assert_eq!(counts(&snapshot.rows), counts(&early.register.rows));
    assert_eq!(counts(&snapshot.rows).iter().map(|(count, _)| *count).collect::<Vec<_>>(), [0, 3, 1, 0]);
    let token = stamped(&early);
    log_seal(&house, early, token).unwrap();
    let proof = register_path(&house.reads, 0, tenant(2)).unwrap();
    let leaf = Sha256Tree::leaf(&proof::leaf::entry_leaf(&last.receipt().record));
    assert_eq!((proof.slot, proof.slots, proof.row.count, proof.row.last), (2, 4, 1, leaf));
    let root = batch_head(&house.reads, 0).unwrap().unwrap().register_root;
    let size = TreeSize(proof.slots);
    let verified = |row: &crate::sealing::RegisterRow| {
        let (index, leaf) = (Index(proof.slot), row.leaf_hash());
        proof::merkle::verify_inclusion::<Sha256Tree>(index, size, &leaf, &proof.path, &root)
    };
    verified(&proof.row).unwrap();
    verified(&crate::sealing::RegisterRow { count: 0, ..proof.row }).unwrap_err();
    assert_eq!(register_path(&house.reads, 0, tenant(3)).unwrap().row.last, Hash([0; 32]));
    assert!(matches!(register_path(&house.reads, 0, tenant(9)), Err(SealingError::NoSlot(_))));
    house.end().unwrap();
}

#[test]
fn a_seal_whose_token_is_durable_is_logged_by_the_next_start_up() {
    // The crash of the put-only commit, and the crash of the commit with the leaf.
    for (fault, before) in
        [(Fault::CrashAfterSync, true), (Fault::CrashAfterPublish, true), (Fault::CrashBeforeSync, false)]
    {
        let disk = Disk::new();
        let house = House::with_tenants(&disk, 1);
        house.submit(deposit(1, 1)).unwrap();
        let plan = planned(&house);
        let token = stamped(&plan);
        disk.fault(fault);
        assert!(matches!(log_seal(&house, plan, token), Err(Refusal::Stopped(_))));
        house.end().unwrap_err();
        let house = House::open(&disk);
        assert_eq!(batch_of(&house.reads, Index(0)).unwrap().is_some(), before, "{fault:?}");
        if before {
            check_batch(&house.reads, 0);
        }
        assert_eq!(seal(&house).batch, u64::from(before));
        house.end().unwrap();
    }
}

#[test]
fn after_a_failure_the_next_plan_takes_the_whole_range_again() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    let plan = planned(&house);
    let token = stamped(&plan);
    disk.fault(Fault::AppendRetry);
    assert!(matches!(log_seal(&house, plan, token), Err(Refusal::Retry(_))));
    house.submit(deposit(1, 2)).unwrap();
    let second = planned(&house);
    assert_eq!((second.batch, second.first, second.end.0), (0, Index(0), 2));
    let token = stamped(&second);
    log_seal(&house, second, token).unwrap();
    check_batch(&house.reads, 0);
    house.end().unwrap();
}

#[test]
fn a_seal_that_could_not_be_logged_after_its_token_gives_way_to_the_next() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    let plan = planned(&house);
    let token = stamped(&plan);
    // The put-only commit is published late, the leaf's commit is refused.
    disk.fault(Fault::PublishRetry);
    disk.fault(Fault::AppendRetry);
    assert!(matches!(log_seal(&house, plan, token), Err(Refusal::Retry(_))));
    assert!(batch_head(&house.reads, 0).unwrap().unwrap().leaf.is_none());
    assert_eq!(batch_of(&house.reads, Index(0)).unwrap(), None);
    assert!(matches!(evidence_path(&house.reads, 0, 0), Err(SealingError::NoBatch(0))));
    house.submit(deposit(1, 2)).unwrap();
    seal(&house);
    assert_eq!(batch_head(&house.reads, 0).unwrap().unwrap().end.0, 2);
    check_batch(&house.reads, 0);
    house.end().unwrap();
}
