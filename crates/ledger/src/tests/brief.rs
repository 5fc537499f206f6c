//! `R` in brief: the text that `proof` writes, no other, and nothing that does not follow from it.

use crate::brief::{follows, of_leaf, parse, write};
use crate::storage::{LeafKind, NewLeaf};
use proof::json::{Canonical, Members};
use proof::record::{Kind, LogRecord};
use proof::{EntryId, Hash, Hash512, Index, Sequence, TenantId, UnixMillis};
use proptest::prelude::*;

const KINDS: [Kind; 5] = [Kind::Deposit, Kind::Elimination, Kind::Journal, Kind::Administration, Kind::Conversion];

fn any_record() -> impl Strategy<Value = LogRecord> {
    let digests = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>(), any::<Option<[u8; 32]>>());
    let names = (any::<[u8; 16]>(), any::<[u8; 16]>(), 0_u64..1 << 53, 0_u64..253_402_300_800_000, 0..KINDS.len());
    (digests, names).prop_map(|((sha256, half, salt, previous), (id, tenant, sequence, at, kind))| LogRecord {
        id: EntryId(id),
        tenant: TenantId(tenant),
        sequence: Sequence(sequence),
        previous: previous.map(Hash),
        received_at: UnixMillis(at),
        kind: KINDS[kind],
        entry_sha256: Hash(sha256),
        entry_sha512: Hash512([half, half].concat().try_into().unwrap()),
        salt,
        rest: Members::new(),
    })
}

fn some_record() -> LogRecord {
    LogRecord {
        id: EntryId([1; 16]),
        tenant: TenantId([2; 16]),
        sequence: Sequence(3),
        previous: Some(Hash([4; 32])),
        received_at: UnixMillis(5),
        kind: Kind::Journal,
        entry_sha256: Hash([6; 32]),
        entry_sha512: Hash512([7; 64]),
        salt: [8; 32],
        rest: Members::new(),
    }
}

fn leaf_of(record: &LogRecord) -> NewLeaf {
    let text = write(record).unwrap();
    let (leaf_data, group) = follows(record, &text);
    NewLeaf {
        kind: LeafKind::Entry,
        index: Index(9),
        leaf_data,
        tenant: record.tenant,
        sequence: record.sequence,
        id: record.id,
        record: text,
        groups: vec![group, Hash([3; 32])],
        first_group: 18,
        request: None,
        lookups: vec![],
    }
}

proptest! {
    #[test]
    fn the_text_is_the_one_that_proof_writes_and_gives_its_fields_again(record in any_record()) {
        let text = write(&record).unwrap();
        prop_assert_eq!(&text, &record.to_bytes().unwrap());
        prop_assert_eq!(parse(&text), Some(record));
    }

    #[test]
    fn a_changed_text_is_another_record_or_none(record in any_record(), at: prop::sample::Index, to: u8, cut: bool) {
        let text = write(&record).unwrap();
        let mut changed = text.clone();
        let at = at.index(text.len());
        if cut { changed.truncate(at) } else { changed[at] = to }
        match parse(&changed) {
            Some(found) => prop_assert_eq!(found == record, changed == text),
            None => prop_assert!(changed != text),
        }
        prop_assert!(parse(&[&text[..], b" "].concat()).is_none());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text: String) {
        prop_assert!(parse(&bytes).is_none() && parse(text.as_bytes()).is_none());
    }
}

#[test]
fn what_json_or_a_date_cannot_carry_is_not_written_nor_fields_of_a_later_writer() {
    let record = some_record();
    assert!(write(&LogRecord { sequence: Sequence((1 << 53) - 1), ..record.clone() }).is_some());
    assert!(write(&LogRecord { sequence: Sequence(1 << 53), ..record.clone() }).is_none());
    let last = UnixMillis(253_402_300_799_999);
    assert!(write(&LogRecord { received_at: last, ..record.clone() }).is_some());
    assert!(write(&LogRecord { received_at: UnixMillis(last.0 + 1), ..record.clone() }).is_none());
    let later = LogRecord { rest: [("later".to_owned(), Canonical::null())].into(), ..record };
    assert!(write(&later).is_none() && parse(&later.to_bytes().unwrap()).is_none());
}

#[test]
fn a_leaf_of_which_something_does_not_follow_is_not_brief() {
    let record = some_record();
    let leaf = leaf_of(&record);
    assert_eq!(of_leaf(&leaf), Some(record));
    let mut other_data = leaf.leaf_data.clone();
    other_data[50] ^= 1;
    let differs = [
        NewLeaf { tenant: TenantId([9; 16]), ..leaf.clone() },
        NewLeaf { sequence: Sequence(4), ..leaf.clone() },
        NewLeaf { id: EntryId([9; 16]), ..leaf.clone() },
        NewLeaf { leaf_data: other_data, ..leaf.clone() },
        NewLeaf { groups: vec![Hash([3; 32])], ..leaf.clone() },
        NewLeaf { groups: vec![], ..leaf.clone() },
        NewLeaf { record: b"{}".to_vec(), ..leaf },
    ];
    assert!(differs.iter().all(|leaf| of_leaf(leaf).is_none()));
}
