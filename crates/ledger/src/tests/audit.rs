//! The log looked at again: what is sound is found sound, and each change of what is published or recorded is named.

use super::seals::seal;
use super::*;
use crate::audit::{self, Auditor, BodySeen, EntrySeen, Fault, FileSeen, LogAudit};
use crate::storage::{LeafKind, NewLeaf, Replay, StoredHead, TileId};
use proof::leaf::entry_leaf;
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::{FileNumber, Sequence, Sha512Tree, merkle};
use std::collections::BTreeSet;

fn sealed_log() -> (Disk, House) {
    let disk = Disk::new();
    let house = House::with_tenants(&disk, 2);
    for what in 0..300 {
        house.submit(deposit(1 + (what % 2) as u8, what)).unwrap();
    }
    seal(&house);
    for what in 300..310 {
        house.submit(deposit(1, what)).unwrap();
    }
    seal(&house);
    (disk, house)
}

/// Codes that an audit of these records gives, from the given one on; the tokens of this house are no real ones.
fn codes(house: &House, records: &[Replay], from: usize) -> BTreeSet<&'static str> {
    let mut audit = LogAudit::new(house.reads.clone(), key().verifier_key().clone(), ORIGIN);
    let mut faults: Vec<Fault> = records.iter().skip(from).flat_map(|record| audit.commit(record)).collect();
    faults.extend(audit.head());
    faults.into_iter().map(|fault| fault.what).filter(|what| *what != "token-unreadable").collect()
}

/// A code, and the change that is to be called so.
type Spoil<T> = (&'static str, fn(&mut T));

fn only(code: &'static str) -> BTreeSet<&'static str> {
    BTreeSet::from([code])
}

#[test]
fn a_sound_log_has_no_fault_from_the_beginning_and_from_the_middle() {
    let (disk, house) = sealed_log();
    let records = disk.records();
    for from in [0, 1, 150, records.len() - 1] {
        assert_eq!(codes(&house, &records, from), BTreeSet::new(), "from record {from}");
    }
    // A record that could not be read: what follows is judged again from the tiles.
    let mut audit = LogAudit::new(house.reads.clone(), key().verifier_key().clone(), ORIGIN);
    for (number, record) in records.iter().enumerate() {
        if number == 100 {
            audit.lost();
            continue;
        }
        let faults = audit.commit(record);
        assert!(faults.iter().all(|fault| fault.what == "token-unreadable"), "{faults:?}");
    }
    assert_eq!(audit.head(), []);
}

#[test]
fn each_change_of_what_is_published_is_named() {
    let (disk, house) = sealed_log();
    let records = disk.records();
    let flip = |tile: &mut Vec<u8>| tile[40] ^= 1;
    for index in [0, 1] {
        let id = TileId { level: 0, index };
        disk.alter_tile(id, flip);
        assert!(codes(&house, &records, 0).contains("tile-differs"), "tile {index}");
        disk.alter_tile(id, flip);
    }
    let spoil: [Spoil<StoredHead>; 3] = [
        ("head-root", |head| head.root.0[0] ^= 1),
        ("head-groups", |head| head.groups ^= 1),
        ("head-checkpoint", |head| head.checkpoint.push('x')),
    ];
    for (code, change) in spoil {
        let kept = crate::storage::Reader::head(&house.reads).unwrap().unwrap();
        disk.alter_head(change);
        assert_eq!(codes(&house, &records, 0), only(code));
        disk.alter_head(|head| *head = kept.clone());
    }
    let first = 0_u64.to_be_bytes();
    for (space, code) in [
        (spaces::BATCHES, "batch-unreadable"),
        (spaces::BATCH_TOKENS, "token-sha256"),
        (spaces::REGISTERS, "seal-register"),
    ] {
        disk.alter_value(space, &first, |value| value[20] ^= 1);
        assert!(codes(&house, &records, 0).contains(code), "{code}");
        disk.alter_value(space, &first, |value| value[20] ^= 1);
    }
    assert_eq!(codes(&house, &records, 0), BTreeSet::new(), "put back, it is sound again");
}

#[test]
fn each_change_of_what_is_recorded_is_named() {
    let (disk, house) = sealed_log();
    let spoil: [Spoil<Replay>; 6] = [
        ("leaf-index", |record| record.leaves[0].index.0 += 1),
        ("leaf-groups", |record| record.leaves[0].first_group += 1),
        ("chain-sequence", |record| record.leaves[0].sequence.0 += 1),
        ("log-root", |record| record.leaves[0].leaf_data[60] ^= 1),
        ("head-text", |record| record.checkpoint_text.push('x')),
        ("log-order", |record| record.size.0 += 1),
    ];
    for (code, change) in spoil {
        let mut records = disk.records();
        change(&mut records[200]);
        assert!(codes(&house, &records, 0).contains(code), "{code}");
    }
    let mut records = disk.records();
    let (one, other) = (records[200].leaves[0].record.clone(), records[201].leaves[0].record.clone());
    (records[200].leaves[0].record, records[201].leaves[0].record) = (other, one);
    assert!(codes(&house, &records, 0).contains("chain-previous"));
    let other = SigningKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let mut audit = LogAudit::new(house.reads.clone(), other.verifier_key().clone(), ORIGIN);
    let records = disk.records();
    let faults = records.iter().flat_map(|record| audit.commit(record)).collect::<Vec<_>>();
    assert!(faults.iter().any(|fault| fault.what == "head-signature"));
}

/// An entry of two files, as an honest house records it.
fn entry() -> (NewLeaf, EntrySeen) {
    let bodies = [b"un".as_slice(), b"deux"];
    let file = |(number, body): (u64, &&[u8])| FileRecord {
        number: FileNumber(number),
        parent: None,
        name: "a".into(),
        name_base64: None,
        size: body.len() as u64,
        sha256: proof::sha256(body),
        sha512: proof::sha512(body),
        media_type: "text/plain".into(),
        salt: [1; 32],
        rest: Default::default(),
    };
    let fs: Vec<Vec<u8>> = (1..).zip(&bodies).map(|pair| file(pair).to_bytes().unwrap()).collect();
    let e = EntryRecord {
        kind: Kind::Deposit,
        facts: Default::default(),
        findings: vec![],
        file_count: 2,
        files_sha256: merkle::root::<Sha256Tree>(&fs.iter().map(|f| Sha256Tree::leaf(f)).collect::<Vec<_>>()),
        files_sha512: merkle::root::<Sha512Tree>(&fs.iter().map(|f| Sha512Tree::leaf(f)).collect::<Vec<_>>()),
        salt: [2; 32],
        rest: Default::default(),
    };
    let e = e.to_bytes().unwrap();
    let r = LogRecord {
        id: EntryId([3; 16]),
        tenant: tenant(1),
        sequence: Sequence(1),
        previous: None,
        received_at: UnixMillis(1),
        kind: Kind::Deposit,
        entry_sha256: proof::sha256(&e),
        entry_sha512: proof::sha512(&e),
        salt: [4; 32],
        rest: Default::default(),
    };
    let record = r.to_bytes().unwrap();
    let group = |a: &[u8], b: &[u8]| Hash(::seal::group_hash(&proof::sha256(a).0, &proof::sha256(b).0));
    let files = bodies.iter().zip(&fs).map(|(body, f)| group(body, f));
    let groups = std::iter::once(group(&record, &e)).chain(files).collect();
    let leaf = NewLeaf {
        kind: LeafKind::Entry,
        index: Index(0),
        leaf_data: entry_leaf(&record),
        tenant: tenant(1),
        sequence: Sequence(1),
        id: EntryId([3; 16]),
        record,
        groups,
        first_group: 0,
        request: None,
        lookups: vec![],
    };
    let seen = |(body, f): (&&[u8], &Vec<u8>)| FileSeen {
        f: Some(f.clone()),
        body: Some(BodySeen { size: body.len() as u64, sha256: proof::sha256(body), sha512: proof::sha512(body) }),
    };
    (leaf, EntrySeen { e: Some(e), files: bodies.iter().zip(&fs).map(seen).collect() })
}

fn faults(change: impl FnOnce(&mut NewLeaf, &mut EntrySeen)) -> BTreeSet<&'static str> {
    let (mut leaf, mut seen) = entry();
    change(&mut leaf, &mut seen);
    audit::entry(&leaf, &seen).into_iter().map(|fault| fault.what).collect()
}

#[test]
fn an_honest_entry_has_no_fault_and_what_is_gone_is_none() {
    assert_eq!(faults(|_, _| ()), BTreeSet::new());
    assert_eq!(faults(|_, seen| seen.files[0] = FileSeen::default()), BTreeSet::new());
    assert_eq!(faults(|_, seen| (seen.e, seen.files[1].f) = (None, None)), BTreeSet::new());
}

#[test]
fn each_disagreement_within_an_entry_is_named() {
    let body = |seen: &mut EntrySeen, change: fn(&mut BodySeen)| change(seen.files[1].body.as_mut().unwrap());
    assert_eq!(faults(|leaf, _| leaf.leaf_data[3] ^= 1), only("leaf-of-record"));
    assert_eq!(faults(|leaf, _| leaf.sequence.0 = 2), only("record-fields"));
    assert_eq!(faults(|leaf, _| leaf.groups[0].0[0] ^= 1), only("entry-group"));
    assert_eq!(faults(|leaf, _| leaf.groups[2].0[0] ^= 1), only("file-group"));
    assert_eq!(faults(|_, seen| body(seen, |body| body.size += 1)), only("file-size"));
    assert!(faults(|_, seen| body(seen, |body| body.sha256.0[0] ^= 1)).contains("file-sha256"));
    assert_eq!(faults(|_, seen| body(seen, |body| body.sha512.0[0] ^= 1)), only("file-sha512"));
    assert!(faults(|leaf, _| leaf.record[0] = b'x').contains("record-unreadable"));
    assert!(faults(|_, seen| seen.files.swap(0, 1)).is_superset(&BTreeSet::from([
        "file-number",
        "file-group",
        "entry-root-sha256",
        "entry-root-sha512",
    ])));
    assert!(faults(|_, seen| drop(seen.files.pop())).contains("entry-files"));
    let other = faults(|_, seen| seen.e.as_mut().unwrap()[2] ^= 1);
    assert!(
        other.is_superset(&BTreeSet::from(["entry-sha256", "entry-sha512", "entry-record-unreadable"])),
        "{other:?}"
    );
    assert!(faults(|_, seen| seen.files[0].f.as_mut().unwrap()[1] = b'x').contains("file-record-unreadable"));
}

#[test]
fn an_entry_stands_only_as_it_was_logged() {
    let stands = |change: fn(&mut NewLeaf, &mut EntrySeen)| {
        let (mut leaf, mut seen) = entry();
        change(&mut leaf, &mut seen);
        audit::stands(&leaf, &seen)
    };
    assert!(stands(|_, _| ()));
    assert!(stands(|_, seen| seen.e = None), "what is gone is missed by nobody");
    let changes: [fn(&mut NewLeaf, &mut EntrySeen); 6] = [
        |leaf, _| leaf.leaf_data[3] ^= 1,
        |leaf, _| leaf.leaf_data[97] ^= 1,
        |leaf, _| leaf.record[2] ^= 1,
        |leaf, _| leaf.groups[0].0[0] ^= 1,
        |_, seen| seen.e.as_mut().unwrap()[2] ^= 1,
        |_, seen| drop(seen.files.pop()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert!(!stands(change), "change {number}");
    }
}
