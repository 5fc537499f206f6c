//! The index (RocksDB): holds nothing that segments and key store cannot rebuild.
//!
//! Write-ahead log on, never synced: what a power cut takes from it is published again from the segments.

mod family;
mod ranges;

pub(crate) use family::Family;
pub(crate) use ranges::{Range, is_memory, segment_of};

use crate::codec::{Parser, Writer};
use crate::error::OpenError;
use crate::limits::KEYS_LOGGED;
use crate::record::{Place, Record};
use crate::rows;
use family::{descriptors, options};
use ledger::storage::{LeafKind, Publication, StorageError, StoredHead};
use proof::{Hash, Sha256Tree, TreeAlgorithm};
use rocksdb::properties::NUM_ENTRIES_ACTIVE_MEM_TABLE;
use rocksdb::{ColumnFamily, DB, Direction, ErrorKind, IteratorMode, WriteBatch};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the rows below. An index of a version before is moved aside by the start, which makes another.
pub(crate) const FORMAT: u32 = 3;

/// A key and its value.
pub(crate) type Pair = (Box<[u8]>, Box<[u8]>);

/// The last record whose rows are in the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    pub(crate) number: u64,
    pub(crate) place: Place,
    pub(crate) digest: Hash,
}

/// The open index.
pub(crate) struct Index {
    db: DB,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("path", &self.db.path()).finish()
    }
}

fn fatal(error: &rocksdb::Error) -> StorageError {
    StorageError::Fatal(format!("index: {error}"))
}

/// The index as it was at one moment.
pub(crate) struct View<'a> {
    index: &'a Index,
    snapshot: rocksdb::Snapshot<'a>,
}

impl View<'_> {
    pub(crate) fn find(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        self.snapshot.get_cf(self.index.family(family)?, key).map_err(|error| fatal(&error))
    }

    pub(crate) fn position(&self) -> Result<Option<Position>, StorageError> {
        let bytes = self.find(Family::Meta, b"position")?;
        let read = bytes.map(|bytes| rows::parse_position(&bytes)).transpose();
        read.map_err(|error| rows::damaged("position", &error))
    }

    pub(crate) fn head(&self) -> Result<Option<StoredHead>, StorageError> {
        let bytes = self.find(Family::Meta, b"head")?;
        bytes.map(|bytes| rows::parse_head(&bytes)).transpose().map_err(|error| rows::damaged("head", &error))
    }

    /// Rows of a family in order of keys.
    pub(crate) fn rows(
        &self,
        family: Family,
    ) -> Result<impl Iterator<Item = Result<Pair, StorageError>>, StorageError> {
        let mut reading = rocksdb::ReadOptions::default();
        reading.fill_cache(false);
        let family = self.index.family(family)?;
        let rows = self.snapshot.iterator_cf_opt(family, reading, IteratorMode::Start);
        Ok(rows.map(|row| row.map_err(|error| fatal(&error))))
    }

    /// Every row of a family in order of keys, while `visit` wants more. What is read here is not kept in memory.
    pub(crate) fn each(&self, family: Family, visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StorageError> {
        let mut reading = rocksdb::ReadOptions::default();
        reading.fill_cache(false);
        reading.set_verify_checksums(true);
        let family = self.index.family(family)?;
        for row in self.snapshot.iterator_cf_opt(family, reading, IteratorMode::Start) {
            let (key, value) = row.map_err(|error| fatal(&error))?;
            if !visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }
}

/// Why an index is not open.
pub(crate) enum Unopened {
    /// Its files are damaged or missing: a rebuild repairs it.
    Damaged(String),
    /// An older program made it, and published so far: a rebuild replaces it.
    Older(Option<Position>),
    /// Something else: memory, permissions, space, a newer format.
    Refused(OpenError),
}

impl From<Unopened> for OpenError {
    fn from(why: Unopened) -> Self {
        match why {
            Unopened::Damaged(text) => Self::Index(text),
            Unopened::Older(_) => Self::Index("an older program made it".into()),
            Unopened::Refused(error) => error,
        }
    }
}

impl Index {
    /// The index of this store as it stands, for reading only: nothing of it is changed, not even what was left to do at its last
    /// closing. The error is in words.
    pub(crate) fn open_to_read(path: &Path, store: &[u8; 16]) -> Result<Self, String> {
        let index = Self::of_any_format(path, store)?;
        let found = index.find(Family::Meta, b"format").map_err(|error| format!("{error:?}"))?;
        match found.as_deref().map(|found| Parser::new(found).u32("format")) {
            Some(Ok(FORMAT)) => Ok(index),
            Some(Ok(found)) => Err(format!("its rows have format {found}, this program reads {FORMAT}")),
            _ => Err("it does not say which format its rows have".into()),
        }
    }

    /// The same, though another program may have made it: how far it goes can be read, its rows perhaps not.
    pub(crate) fn of_any_format(path: &Path, store: &[u8; 16]) -> Result<Self, String> {
        let mut options = options();
        options.create_if_missing(false);
        options.create_missing_column_families(false);
        let db = DB::open_cf_descriptors_read_only(&options, path, descriptors(), false);
        let index = Self { db: db.map_err(|error| error.to_string())? };
        let found = index.find(Family::Meta, b"store").map_err(|error| format!("{error:?}"))?;
        if found.as_deref() != Some(store) {
            return Err("it names another store".into());
        }
        Ok(index)
    }

    /// Everything written is on disk, without the write-ahead log.
    pub(crate) fn flush(&self) -> Result<(), StorageError> {
        for (family, _) in Family::ALL {
            self.db.flush_cf(self.family(family)?).map_err(|error| fatal(&error))?;
        }
        self.db.flush_wal(true).map_err(|error| fatal(&error))
    }

    /// The write-ahead log holds no more than is read again in a few milliseconds.
    pub(crate) fn settle(&self) -> Result<(), StorageError> {
        let mut keys = 0;
        for (family, _) in Family::ALL {
            let held = self.db.property_int_value_cf(self.family(family)?, NUM_ENTRIES_ACTIVE_MEM_TABLE);
            keys += held.map_err(|error| fatal(&error))?.unwrap_or(0);
        }
        if keys > KEYS_LOGGED { self.flush() } else { Ok(()) }
    }

    /// What stands in the index now, unmoved by what is written later.
    pub(crate) fn view(&self) -> View<'_> {
        View { index: self, snapshot: self.db.snapshot() }
    }

    /// The index of this store, empty if there was none.
    pub(crate) fn open(path: &Path, store: &[u8; 16]) -> Result<Self, Unopened> {
        let db = DB::open_cf_descriptors(&options(), path, descriptors()).map_err(|error| {
            let text = error.to_string();
            let missing = error.kind() == ErrorKind::IOError && text.contains("No such file");
            match error.kind() {
                ErrorKind::Corruption | ErrorKind::InvalidArgument => Unopened::Damaged(text),
                _ if missing => Unopened::Damaged(text),
                _ => Unopened::Refused(OpenError::Index(text)),
            }
        })?;
        let index = Self { db };
        index.identify(store)?;
        Ok(index)
    }

    fn identify(&self, store: &[u8; 16]) -> Result<(), Unopened> {
        let read = |key: &str| {
            let found = self.find(Family::Meta, key.as_bytes());
            found.map_err(|error| Unopened::Damaged(format!("{error:?}")))
        };
        let refused = |error| Err(Unopened::Refused(error));
        let format = read("format")?;
        if format.is_none() {
            let mut batch = WriteBatch::default();
            let written = self.family(Family::Meta).and_then(|meta| {
                batch.put_cf(meta, b"format", FORMAT.to_be_bytes());
                batch.put_cf(meta, b"store", store);
                self.db.write(batch).map_err(|error| fatal(&error))
            });
            return written.map_err(|error| Unopened::Refused(OpenError::Index(format!("{error:?}"))));
        }
        if read("store")?.as_deref() != Some(store) {
            return refused(OpenError::Index("it belongs to another store; move it away".into()));
        }
        match format.and_then(|found| Parser::new(&found).u32("format").ok()).unwrap_or(0) {
            FORMAT => Ok(()),
            // A position has the form it always had.
            1..FORMAT => Err(Unopened::Older(self.position().map_err(|why| Unopened::Damaged(format!("{why:?}")))?)),
            found => {
                refused(OpenError::UnknownVersion { what: "the index", found: found.into(), known: FORMAT.into() })
            }
        }
    }

    fn family(&self, family: Family) -> Result<&ColumnFamily, StorageError> {
        let name = family.name();
        self.db.cf_handle(name).ok_or_else(|| StorageError::Fatal(format!("index: no family {name}")))
    }

    pub(crate) fn find(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        self.db.get_cf(self.family(family)?, key).map_err(|error| fatal(&error))
    }

    /// Keys and values from `from`, while keys begin with `prefix`, at most `limit`.
    pub(crate) fn range(
        &self,
        family: Family,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StorageError> {
        let mode = IteratorMode::From(from, Direction::Forward);
        let mut found = Vec::new();
        for item in self.db.iterator_cf(self.family(family)?, mode).take(limit) {
            let (key, value) = item.map_err(|error| fatal(&error))?;
            if !key.starts_with(prefix) {
                break;
            }
            found.push((key, value));
        }
        Ok(found)
    }

    pub(crate) fn position(&self) -> Result<Option<Position>, StorageError> {
        let Some(bytes) = self.find(Family::Meta, b"position")? else {
            return Ok(None);
        };
        rows::parse_position(&bytes).map(Some).map_err(|error| rows::damaged("position", &error))
    }

    pub(crate) fn head(&self) -> Result<Option<StoredHead>, StorageError> {
        let Some(bytes) = self.find(Family::Meta, b"head")? else {
            return Ok(None);
        };
        rows::parse_head(&bytes).map(Some).map_err(|error| rows::damaged("head", &error))
    }

    /// Everything of this record and publication is visible: one atomic write.
    pub(crate) fn publish(
        &self,
        record: &Record,
        publication: &Publication,
        head: &StoredHead,
    ) -> Result<(), StorageError> {
        let mut batch = WriteBatch::default();
        self.put_leaves(&mut batch, record)?;
        let state = self.family(Family::State)?;
        for put in &record.puts {
            let mut key = vec![put.space];
            key.extend_from_slice(&put.key);
            match &put.value {
                Some(value) => batch.put_cf(state, key, value),
                None => batch.delete_cf(state, key),
            }
        }
        let tiles = self.family(Family::Tiles)?;
        for (id, bytes) in &publication.tiles {
            batch.put_cf(tiles, rows::tile_key(*id), bytes);
        }
        if !publication.checkpoint.is_empty() {
            let key = publication.size.0.to_be_bytes();
            batch.put_cf(self.family(Family::Heads)?, key, publication.checkpoint.as_bytes());
        }
        let meta = self.family(Family::Meta)?;
        batch.put_cf(meta, b"head", rows::write_head(head)?);
        batch.put_cf(meta, b"position", rows::write_position(record));
        self.db.write(batch).map_err(|error| fatal(&error))
    }

    /// The rows of a published record name the place where it stands now.
    pub(crate) fn place_again(&self, record: &Record) -> Result<(), StorageError> {
        let mut batch = WriteBatch::default();
        let entries = self.family(Family::Entries)?;
        for placed in &record.leaves {
            batch.put_cf(entries, placed.leaf.index.0.to_be_bytes(), rows::write_row(placed, record)?);
        }
        batch.put_cf(self.family(Family::Meta)?, b"position", rows::write_position(record));
        self.db.write(batch).map_err(|error| fatal(&error))
    }

    fn put_leaves(&self, batch: &mut WriteBatch, record: &Record) -> Result<(), StorageError> {
        let (entries, ids) = (self.family(Family::Entries)?, self.family(Family::Ids)?);
        let (sequences, chains) = (self.family(Family::Sequences)?, self.family(Family::Chains)?);
        let (requests, lookups) = (self.family(Family::Requests)?, self.family(Family::Lookups)?);
        let ahead = self.family(Family::Ahead)?;
        let mut tips = BTreeMap::new();
        for placed in &record.leaves {
            let leaf = &placed.leaf;
            let index = rows::write_index(leaf.index);
            batch.put_cf(entries, leaf.index.0.to_be_bytes(), rows::write_row(placed, record)?);
            for named in &placed.ahead {
                batch.put_cf(ahead, named.id, &index);
            }
            if leaf.kind == LeafKind::Seal {
                continue;
            }
            let tenant = &leaf.tenant.0;
            batch.put_cf(ids, [tenant, &leaf.id.0[..]].concat(), &index);
            batch.put_cf(sequences, [tenant, &leaf.sequence.0.to_be_bytes()[..]].concat(), &index);
            tips.insert(tenant, leaf);
            if let Some(request) = &leaf.request {
                batch.put_cf(requests, rows::request_key(leaf.tenant, &request.key), &index);
            }
            for digest in &leaf.lookups {
                batch.put_cf(lookups, [rows::lookup_key(leaf.tenant, digest), index.clone()].concat(), []);
            }
        }
        for (tenant, last) in tips {
            let mut chain = Writer::with_capacity(48);
            chain.u64(last.sequence.0).u64(last.index.0).raw(&Sha256Tree::leaf(&last.leaf_data).0);
            batch.put_cf(chains, tenant, chain.0);
        }
        Ok(())
    }
}
