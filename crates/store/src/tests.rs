//! Facts about the store, all in one binary since each would link RocksDB.

mod ahead;
mod crash;
mod cut;
mod damage;
mod erase;
mod erase_search;
mod golden;
mod keys;
mod parsers;
mod properties;
mod replay;
mod round_trip;
mod scrub;

use crate::{FilePart, SealedParts, Store, StoreOptions, Vault};
use ledger::storage::{Commit, LeafKind, NewLeaf, Publication, Put, Replay, RequestKey, Storage, TileId};
use proof::json::Members;
use proof::record::{Kind, LogRecord};
use proof::{EntryId, Index, Sequence, TenantId, TreeSize, UnixMillis, sha256, sha512};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A store in a directory of its own, its master key beside it.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { directory: TempDir::new().unwrap() };
        Store::create(&place.options()).unwrap();
        place
    }
    fn options(&self) -> StoreOptions {
        let path = self.directory.path();
        let mut options = StoreOptions::new(path.join("data"), self.master());
        options.segment_bytes = 64 * 1024;
        options
    }
    fn master(&self) -> PathBuf {
        self.directory.path().join("master.key")
    }
    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
    fn open(&self) -> Store {
        Store::open(&self.options()).unwrap()
    }
    /// What a kill would leave: the files as they are now.
    fn image(&self) -> Self {
        let directory = TempDir::new().unwrap();
        copy(self.directory.path(), directory.path());
        Self { directory }
    }
    fn segment(&self, number: u64) -> PathBuf {
        self.data().join(format!("segments/{number:020}.seg"))
    }
    fn newest_segment(&self) -> u64 {
        *crate::segment::numbers(&self.data().join("segments")).unwrap().last().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else if let Err(error) = fs::copy(entry.path(), target) {
            // RocksDB takes old files away by itself: gone since it was listed, as a kill a moment later would find it.
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{entry:?}");
        }
    }
}

const TENANT: TenantId = TenantId([7; 16]);

fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 32);
    let mut block = sha256(&seed.to_be_bytes());
    while out.len() < len {
        out.extend_from_slice(&block.0);
        block = sha256(&block.0);
    }
    out.truncate(len);
    out
}

fn e_of(index: u64) -> Vec<u8> {
    format!("{{\"E\":{index}}}").into_bytes()
}
fn f_of(index: u64, file: u64) -> Vec<u8> {
    format!("{{\"F\":[{index},{file}]}}").into_bytes()
}
/// Exact bytes of `R`.
fn r_of(index: u64) -> Vec<u8> {
    fields_of(index).to_bytes().unwrap()
}
/// An `R` as the ledger makes it: kept in brief.
fn fields_of(index: u64) -> LogRecord {
    let e = e_of(index);
    LogRecord {
        id: EntryId([index as u8; 16]),
        tenant: TENANT,
        sequence: Sequence(index + 1),
        previous: index.checked_sub(1).map(|before| sha256(&before.to_be_bytes())),
        received_at: UnixMillis(1_000_000 + index),
        kind: Kind::Deposit,
        entry_sha256: sha256(&e),
        entry_sha512: sha512(&e),
        salt: sha256(b"salt").0,
        rest: Members::new(),
    }
}
fn file_of(index: u64, file: u64, len: usize) -> Vec<u8> {
    bytes(index * 1000 + file, len)
}

fn sealed(vault: &Vault, index: u64, sizes: &[usize]) -> SealedParts {
    let records: Vec<_> = (1..=sizes.len() as u64).map(|number| f_of(index, number)).collect();
    let files = sizes.iter().zip(1..).zip(&records).map(|((size, number), f)| {
        let mut spool = vault.spool().unwrap();
        spool.write_all(&file_of(index, number, *size)).unwrap();
        let spooled = spool.finish().unwrap();
        FilePart { f, sha256: spooled.sha256, body: spooled.body }
    });
    vault.seal_entry(&e_of(index), files.collect()).unwrap()
}

fn leaf(index: u64) -> NewLeaf {
    let record = r_of(index);
    let (leaf_data, group) = ledger::brief::follows(&fields_of(index), &record);
    NewLeaf { leaf_data, record, groups: vec![group, sha256(&index.to_be_bytes())], ..old_leaf(index) }
}

/// A leaf of which nothing follows from its `R`: kept in full, as every leaf of version 1 is.
fn old_leaf(index: u64) -> NewLeaf {
    NewLeaf {
        kind: LeafKind::Entry,
        index: Index(index),
        leaf_data: bytes(index, 98),
        tenant: TENANT,
        sequence: Sequence(index + 1),
        id: EntryId([index as u8; 16]),
        record: format!("{{\"R\":{index}}}").into_bytes(),
        groups: vec![sha256(b"group"), sha256(&index.to_be_bytes())],
        first_group: index * 2,
        request: Some(RequestKey { key: sha256(&[1, index as u8]).0, digest: [9; 32] }),
        lookups: vec![sha256(&[2, index as u8]).0, [3; 32]],
    }
}

/// One entry with files of these sizes, as commit `index + 1`.
fn commit(vault: &Vault, index: u64, sizes: &[usize]) -> Commit<SealedParts> {
    Commit {
        number: index + 1,
        at: UnixMillis(1_000_000 + index),
        size: TreeSize(index + 1),
        checkpoint_text: format!("origin\n{}\nroot\n", index + 1),
        leaves: vec![(leaf(index), sealed(vault, index, sizes))],
        puts: vec![Put { space: 1, key: vec![index as u8], value: Some(bytes(index, 10)) }],
    }
}

/// What a ledger would publish: a function of the commit alone.
fn publication(replay: &Replay) -> Publication {
    Publication {
        number: replay.number,
        size: replay.size,
        root: sha256(replay.checkpoint_text.as_bytes()),
        at: replay.at,
        groups: replay.size.0 * 2,
        checkpoint: if replay.leaves.is_empty() { String::new() } else { replay.checkpoint_text.clone() },
        tiles: vec![(TileId { level: 0, index: replay.number / 4 }, bytes(replay.number, 64))],
    }
}

fn publish_all(store: &mut impl Storage) -> u64 {
    let mut published = 0;
    loop {
        let replays = store.unpublished().unwrap();
        if replays.is_empty() {
            return published;
        }
        for replay in replays {
            store.publish(publication(&replay)).unwrap();
            published += 1;
        }
    }
}

fn deposit(store: &mut Store, index: u64, sizes: &[usize]) {
    let commit = commit(&store.vault(), index, sizes);
    store.append(commit).unwrap();
    assert_eq!(publish_all(store), 1);
}
