//! Random interleavings of deposits, crashes, refusals, seals and restarts, beside a small model of what must hold.

use super::seals::{check_batch, log_seal, planned, stamped};
use super::*;
use crate::model::Fault;
use crate::sealing::{batch_head, last_logged};
use crate::storage::Reader;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Tenants of the test.
const TENANTS: u8 = 3;

#[derive(Clone, Debug)]
enum Step {
    /// Several at once: tenant, request key (0 for none), digest, content (0 for none).
    Deposits(Vec<(u8, u8, u8, u8)>),
    Fault(Fault),
    Seal,
    Restart,
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let deposit = (1..=TENANTS, 0..4u8, 0..2u8, 0..4u8);
    let faults = [
        Fault::AppendRetry,
        Fault::CrashBeforeSync,
        Fault::CrashAfterSync,
        Fault::PublishRetry,
        Fault::CrashAfterPublish,
    ];
    prop_oneof![
        6 => prop::collection::vec(deposit, 1..8).prop_map(Step::Deposits),
        2 => prop::sample::select(faults.to_vec()).prop_map(Step::Fault),
        2 => Just(Step::Seal),
        1 => Just(Step::Restart),
        1 => (-4_000..4_000i64).prop_map(Step::Clock),
    ]
}

/// What must hold, kept apart from the ledger.
#[derive(Default)]
struct Reference {
    /// Every receipt ever answered, by index.
    receipts: BTreeMap<u64, Receipt>,
    /// What a request key was answered with: the digest and the entry.
    requests: BTreeMap<(u8, u8), (u8, u64)>,
    /// The first entry answered with a content.
    contents: BTreeMap<(u8, u8), u64>,
}

impl Reference {
    fn answered(&mut self, asked: (u8, u8, u8, u8), answer: Result<Answer, Refusal>) {
        let (tenant, key, digest, content) = asked;
        let answer = match answer {
            Ok(answer) => answer,
            Err(Refusal::IdempotencyMismatch { .. }) => {
                let known = self.requests.get(&(tenant, key)).map(|(digest, _)| *digest);
                assert!(key > 0 && known != Some(digest), "refused what it had answered");
                return;
            }
            Err(Refusal::Stopped(_) | Refusal::Retry(_)) => return,
            Err(Refusal::ClockWentBack { last, now }) => {
                assert!(last.0 - now.0 > crate::limits::CLOCK_BACK_MILLIS);
                return;
            }
            Err(other) => panic!("{other:?}"),
        };
        let receipt = answer.receipt();
        verify(receipt);
        let index = receipt.index.0;
        let known = self.receipts.entry(index).or_insert_with(|| receipt.clone());
        assert_eq!(known, receipt, "one entry, two receipts");
        if key > 0 {
            let first = self.requests.entry((tenant, key)).or_insert((digest, index));
            assert_eq!(*first, (digest, index), "one request, two entries");
        }
        match answer {
            Answer::Logged(_) if key == 0 && content > 0 => {
                assert!(!self.contents.contains_key(&(tenant, content)), "a duplicate was logged");
            }
            Answer::Duplicate(_) => assert!(key == 0 && content > 0),
            _ => {}
        }
        if content > 0 && !matches!(answer, Answer::Repeated(_)) {
            self.contents.entry((tenant, content)).or_insert(index);
        }
    }

    /// After everything: heads only grew, chains are gapless, receipts can be made again, registers match.
    fn check(&self, disk: &Disk, house: &House) {
        let heads = disk.heads();
        for pair in heads.windows(2) {
            assert!(pair[0].size <= pair[1].size && pair[0].number + 1 == pair[1].number);
            assert!(pair[0].at <= pair[1].at && pair[0].groups <= pair[1].groups);
            assert!(pair[0].size < pair[1].size || pair[0].root == pair[1].root);
            let path = prover::consistency(&house.reads, pair[0].size, pair[1].size).unwrap();
            let (old, new) = (&pair[0], &pair[1]);
            proof::merkle::verify_consistency::<Sha256Tree>(old.size, new.size, &old.root, &new.root, &path).unwrap();
        }
        for (index, receipt) in &self.receipts {
            assert_eq!(&prover::receipt_for(&house.reads, Index(*index)).unwrap(), receipt);
        }
        let size = heads.last().map_or(0, |head| head.size.0);
        let rows: Vec<_> = (0..size).map(|n| house.reads.entry(Index(n)).unwrap().unwrap().leaf).collect();
        let leaves: Vec<_> = rows.iter().map(|leaf| Sha256Tree::leaf(&leaf.leaf_data)).collect();
        assert_eq!(proof::merkle::root::<Sha256Tree>(&leaves), heads.last().unwrap().root);
        for n in 0..=TENANTS {
            let mut previous = None;
            let own = rows.iter().filter(|leaf| leaf.sequence.0 > 0 && leaf.tenant == tenant(n));
            for (sequence, leaf) in (1..).zip(own) {
                let record = proof::record::LogRecord::parse(&leaf.record).unwrap();
                assert_eq!((record.sequence.0, record.previous), (sequence, previous));
                previous = Some(Sha256Tree::leaf(&leaf.leaf_data));
            }
        }
        self.check_seals(house, &rows);
    }

    fn check_seals(&self, house: &House, rows: &[crate::storage::NewLeaf]) {
        let last = last_logged(&house.reads).unwrap();
        let mut end = 0;
        for number in 0..last.map_or(0, |last| last + 1) {
            let head = batch_head(&house.reads, number).unwrap().unwrap();
            assert_eq!(head.first.0, end, "batches leave no gap");
            end = head.end.0;
            check_batch(&house.reads, number);
            for n in 0..=TENANTS {
                let row = sealing::register_path(&house.reads, number, tenant(n)).unwrap().row;
                let own = rows[..end as usize].iter().filter(|leaf| leaf.sequence.0 > 0 && leaf.tenant == tenant(n));
                let (count, leaf) = own.fold((0, None), |(count, _), leaf| (count + 1, Some(leaf)));
                let hash = leaf.map_or(Hash([0; 32]), |leaf| Sha256Tree::leaf(&leaf.leaf_data));
                assert_eq!((row.count, row.last), (count, hash));
            }
        }
    }
}

fn run(steps: &[Step]) {
    let disk = Disk::new();
    let mut house = House::with_tenants(&disk, TENANTS);
    let mut reference = Reference::default();
    let mut what = 0;
    for step in steps {
        match step {
            Step::Deposits(wanted) => {
                let ask = |asking: &(u8, u8, u8, u8)| {
                    let (n, key, digest, content) = *asking;
                    what += 1;
                    let mut submission = deposit(n, what);
                    submission.content = (content > 0).then_some([content; 32]);
                    (*asking, house.ask(if key > 0 { asked(submission, key, digest) } else { submission }))
                };
                let replies: Vec<_> = wanted.iter().map(ask).collect();
                for (asking, reply) in replies {
                    reference.answered(asking, reply.recv().unwrap());
                }
            }
            Step::Fault(fault) => disk.fault(*fault),
            Step::Seal => {
                if disk.heads().last().is_some_and(|head| head.size.0 > 0) {
                    let plan = planned(&house);
                    let token = stamped(&plan);
                    let _ = log_seal(&house, plan, token);
                }
            }
            Step::Restart => {
                let _ = house.end();
                house = reopen(&disk);
            }
            Step::Clock(by) => house.step_clock(*by),
        }
        if house.sequencer.stopped().is_some() {
            house.end().unwrap_err();
            house = reopen(&disk);
        }
    }
    disk.calm();
    let _ = house.end();
    let house = reopen(&disk);
    reference.check(&disk, &house);
    house.end().unwrap();
}

fn reopen(disk: &Disk) -> House {
    // What was to go wrong in the old process does not wait for the new one.
    disk.calm();
    let house = House::open(disk);
    let last = disk.heads().last().map_or(0, |head| head.at.0);
    house.now.fetch_max(last, Ordering::SeqCst);
    house
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_heads_grow_receipts_hold_and_chains_have_no_gap(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        run(&steps);
    }
}
