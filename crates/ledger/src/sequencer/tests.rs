//! The second computation, on its own: what the first one could get wrong, the other must notice.

use super::commit::{Core, Failure, Grown};
use crate::model::{Disk, Model};
use crate::storage::{LeafKind, NewLeaf};
use crate::tests::{House, ORIGIN, deposit, key};
use proof::{EntryId, Hash, Index, Sequence, TenantId, UnixMillis};

fn core(disk: &Disk) -> Core<Model> {
    Core::open(disk.open(), key().into(), ORIGIN, Box::new(|| UnixMillis(0)), Box::new(|_| {})).unwrap()
}

fn leaf(index: u64) -> NewLeaf {
    NewLeaf {
        kind: LeafKind::Entry,
        index: Index(index),
        leaf_data: index.to_be_bytes().to_vec(),
        tenant: TenantId([1; 16]),
        sequence: Sequence(index + 1),
        id: EntryId([1; 16]),
        record: vec![],
        groups: vec![],
        first_group: 0,
        request: None,
        lookups: vec![],
    }
}

#[test]
fn second_computation_refuses_a_head_that_the_tiles_do_not_give() {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 1);
    (0..253).for_each(|what| drop(house.submit(deposit(1, what)).unwrap()));
    house.end().unwrap();
    let core = core(&disk);
    let new: Vec<_> = (253..260).map(leaf).collect();
    let paths = core.compute_again(&core.grow(new.iter())).unwrap();
    assert_eq!(paths.len(), 7);
    type Change = fn(&mut Grown);
    let changes: [Change; 6] = [
        |grown| grown.root.0[0] ^= 1,
        |grown| grown.tiles[0].1[0] ^= 1,
        |grown| grown.tiles[1].1[0] ^= 1,
        |grown| grown.leaves[3] = Hash([0; 32]),
        |grown| drop(grown.tiles.remove(1)),
        |grown| grown.size.0 = 252,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut grown = core.grow(new.iter());
        change(&mut grown);
        let refused = core.compute_again(&grown);
        assert!(matches!(refused, Err(Failure::Stop(_))), "{number}: {refused:?}");
    }
}

#[test]
fn a_commit_of_state_alone_keeps_size_and_root() {
    let disk = Disk::new();
    House::with_tenants(&disk, 1).end().unwrap();
    let core = core(&disk);
    let mut grown = core.grow([].iter());
    assert_eq!((grown.size.0, grown.tiles.len()), (0, 0));
    core.compute_again(&grown).unwrap();
    grown.root.0[0] ^= 1;
    core.compute_again(&grown).unwrap_err();
}
