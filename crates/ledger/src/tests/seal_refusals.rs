//! Seals refused: plans overtaken or tampered with, stored state that does not agree with itself.

use super::seals::{POLICY, log_seal, planned, seal, stamped, try_plan};
use super::*;
use crate::model::Fault;
use crate::sealing::batch::{binding_group, root_of};
use crate::sealing::{BatchTree, SealPlan, SealingError, batch_head, register_path};

#[test]
fn a_plan_that_was_overtaken_or_tampered_with_is_refused() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    (0..4).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    let early = planned(&house);
    let token = stamped(&early);
    type Change = fn(&mut SealPlan, &mut CheckedToken);
    let changes: [Change; 8] = [
        |plan, _| plan.end.0 -= 1,
        |plan, _| plan.checkpoint = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap().sign("ledger.test/log\n4\n"),
        |plan, _| plan.previous_sha256.0[0] ^= 1,
        |plan, _| plan.groups[0].0[0] ^= 1,
        |plan, _| plan.root.0[0] ^= 1,
        |_, token| token.imprint.0[0] ^= 1,
        |_, token| token.der.clear(),
        // A group left out, with everything above it made to fit.
        |plan, token| {
            plan.groups.remove(0);
            plan.root = root_of(&plan.groups).unwrap();
            token.imprint = plan.root;
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (mut plan, mut token) = (early.clone(), token.clone());
        change(&mut plan, &mut token);
        let refused = log_seal(&house, plan, token);
        assert!(matches!(refused, Err(Refusal::SealMismatch(_))), "{number}: {refused:?}");
    }
    assert_eq!(disk.records().len(), 5, "nothing was written for them");
    seal(&house);
    let refused = log_seal(&house, early, token);
    assert_eq!(refused, Err(Refusal::StalePlan { expected: 1, planned: 0 }), "a token that came too late");
    house.submit(deposit(1, 9)).unwrap();
    let mut second = planned(&house);
    second.previous_sha256 = proof::sha256(POLICY);
    let binding = [proof::sha256(second.checkpoint.as_bytes()), second.previous_sha256];
    *second.groups.last_mut().unwrap() = binding_group(&binding);
    second.root = root_of(&second.groups).unwrap();
    let token = stamped(&second);
    assert!(matches!(log_seal(&house, second, token), Err(Refusal::SealMismatch(_))), "not after the last token");
    house.end().unwrap();
}

#[test]
fn a_stored_head_is_read_as_written_and_another_version_is_refused() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    let head = batch_head(&house.reads, 0).unwrap().unwrap();
    let bytes = head.to_bytes().unwrap();
    assert_eq!(crate::sealing::BatchHead::parse(&bytes).unwrap(), head);
    let text = String::from_utf8(bytes).unwrap();
    for (is, would_be) in
        [("\"version\":1", "\"version\":2"), ("\"end\":1", "\"end\":-1"), ("\"leaf\":1", "\"leaf\":\"1\"")]
    {
        assert!(text.contains(is));
        assert!(crate::sealing::BatchHead::parse(text.replace(is, would_be).as_bytes()).is_err());
    }
    let register = planned(&house).register;
    let bytes = register.to_bytes();
    assert_eq!(crate::sealing::Snapshot::parse(&bytes).unwrap(), register);
    assert!(crate::sealing::Snapshot::parse(&bytes[..bytes.len() - 1]).is_err());
    assert!(crate::sealing::Snapshot::parse(&[&[2], &bytes[1..]].concat()).is_err());
    house.end().unwrap();
}

#[test]
fn no_batch_is_planned_over_an_entry_that_no_register_covers() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    house.submit(deposit(2, 1)).unwrap();
    disk.remove_value(spaces::TENANTS, &tenant(2).0);
    assert!(matches!(try_plan(&house, true), Err(SealingError::NoSlot(lost)) if lost == tenant(2)));
    disk.remove_value(spaces::TENANTS, &tenant(1).0);
    house.state(vec![row(2, 2)]).unwrap();
    assert!(matches!(try_plan(&house, true), Err(SealingError::Stored(_))), "slot 1 has no tenant");
    house.end().unwrap();
}

#[test]
fn what_is_stored_must_give_the_root_that_was_sealed() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    let head = batch_head(&house.reads, 0).unwrap().unwrap();
    let other = crate::sealing::BatchHead { root: Hash([1; 32]), ..head.clone() };
    assert!(matches!(BatchTree::of(&house.reads, other), Err(SealingError::RootMismatch { batch: 0 })));
    let other = crate::sealing::BatchHead { group_count: 3, ..head };
    assert!(matches!(BatchTree::of(&house.reads, other), Err(SealingError::RootMismatch { batch: 0 })));
    house.end().unwrap();
}

/// Makes binding group, root and token fit what was changed in the plan.
fn made_to_fit(plan: &mut SealPlan) -> CheckedToken {
    let binding = [proof::sha256(plan.checkpoint.as_bytes()), plan.previous_sha256];
    *plan.groups.last_mut().unwrap() = binding_group(&binding);
    plan.root = root_of(&plan.groups).unwrap();
    stamped(plan)
}

#[test]
fn no_checkpoint_is_sealed_that_was_not_published() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    let mut plan = planned(&house);
    let (origin, size) = (ORIGIN.to_owned(), proof::TreeSize(1));
    let other = proof::Checkpoint { origin, size, root: Hash([2; 32]), extensions: vec![] };
    plan.checkpoint = key().sign(&other.to_text());
    let token = made_to_fit(&mut plan);
    assert!(matches!(log_seal(&house, plan, token), Err(Refusal::SealMismatch(_))));
    disk.alter_head(|head| head.checkpoint = key().sign(&other.to_text()));
    assert!(matches!(try_plan(&house, true), Err(SealingError::Checkpoint(_))));
    drop(house);
}

#[test]
fn start_up_refuses_a_pending_seal_without_its_token() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    let plan = planned(&house);
    let token = stamped(&plan);
    disk.fault(Fault::CrashAfterPublish);
    assert!(log_seal(&house, plan, token).is_err());
    house.end().unwrap_err();
    disk.alter_value(spaces::BATCH_TOKENS, &[0; 8], |token| token[0] ^= 1);
    assert!(matches!(House::try_open(&disk).map(|_| ()), Err(StartError::State(_))));
    disk.remove_value(spaces::BATCH_TOKENS, &[0; 8]);
    assert!(matches!(House::try_open(&disk).map(|_| ()), Err(StartError::State(_))));
}

#[test]
fn a_register_that_is_not_the_sealed_one_proves_nothing() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    assert!(register_path(&house.reads, 0, tenant(1)).is_ok());
    disk.alter_value(spaces::REGISTERS, &[0; 8], |register| register[20] ^= 1);
    let refused = register_path(&house.reads, 0, tenant(1));
    assert!(matches!(refused, Err(SealingError::RootMismatch { batch: 0 })));
    house.end().unwrap();
}

#[test]
fn no_batch_follows_one_whose_token_is_not_the_sealed_one() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    house.submit(deposit(1, 1)).unwrap();
    seal(&house);
    disk.alter_value(spaces::BATCH_TOKENS, &[0; 8], |token| token[0] ^= 1);
    assert!(matches!(try_plan(&house, true), Err(SealingError::Stored(_))));
    house.end().unwrap();
}
