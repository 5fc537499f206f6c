//! What elimination does to the index: rows placed again, look-ups forgotten, ranges written anew with no old file left.

use super::{Family, Index, Pair, fatal};
use crate::keys::KeyId;
use crate::record::Record;
use crate::rows;
use ledger::spaces;
use ledger::storage::StorageError;
use rocksdb::{BottommostLevelCompaction, CompactOptions, WriteBatch};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Begins the keys, in `Meta`, of segments: number → id of the key that the file's header named when the rows were placed.
const SEGMENT: &[u8] = b"segment ";
/// Written so that no log of the database is the one in use before.
const MARK: &[u8] = b"purged";
/// How long old files may take to go.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rows read by one call.
const PAGE: usize = 4096;

/// A range of keys, both ends included.
pub(crate) type Range = (Family, Vec<u8>, Vec<u8>);

fn segment_key(number: u64) -> Vec<u8> {
    [SEGMENT, &number.to_be_bytes()].concat()
}

/// Whether this key of `Meta` is a memory of what was seen on disk, which the segments do not give.
pub(crate) fn is_memory(key: &[u8]) -> bool {
    key == MARK || segment_of(key).is_some()
}

/// The segment of which this key of `Meta` remembers the key.
pub(crate) fn segment_of(key: &[u8]) -> Option<u64> {
    key.strip_prefix(SEGMENT)?.try_into().ok().map(u64::from_be_bytes)
}

fn state_key(key: Vec<u8>) -> Vec<u8> {
    [vec![spaces::ELIMINATIONS], key].concat()
}

impl Index {
    /// Whether the log marks this entry as eliminated.
    pub(crate) fn is_eliminated(&self, index: proof::Index) -> Result<bool, StorageError> {
        Ok(self.find(Family::State, &state_key(spaces::eliminated(index)))?.is_some())
    }

    /// Every entry that the log marks as eliminated.
    pub(crate) fn eliminated(&self) -> Result<HashSet<u64>, StorageError> {
        let mut found = HashSet::new();
        self.each(Family::State, &[spaces::ELIMINATIONS, spaces::ELIMINATED], |(key, _)| {
            found.extend(key.get(2..).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes));
        })?;
        Ok(found)
    }

    /// Every segment key that the log says is destroyed.
    pub(crate) fn condemned(&self) -> Result<Vec<KeyId>, StorageError> {
        let mut found = Vec::new();
        self.each(Family::State, &[spaces::ELIMINATIONS, spaces::CONDEMNED], |(key, _)| {
            found.extend(key.get(2..).and_then(|bytes| bytes.try_into().ok()).map(KeyId));
        })?;
        Ok(found)
    }

    /// Each pair whose key begins so, page by page.
    pub(crate) fn each(&self, family: Family, prefix: &[u8], mut visit: impl FnMut(&Pair)) -> Result<(), StorageError> {
        let mut from = prefix.to_vec();
        loop {
            let page = self.range(family, prefix, &from, PAGE)?;
            page.iter().for_each(&mut visit);
            match page.last() {
                Some((key, _)) if page.len() == PAGE => from = [key, &[0][..]].concat(),
                _ => return Ok(()),
            }
        }
    }

    /// The key that the segment's header named when its rows were placed; `None` when nobody has looked.
    pub(crate) fn segment_key(&self, number: u64) -> Result<Option<KeyId>, StorageError> {
        let found = self.find(Family::Meta, &segment_key(number))?;
        Ok(found.and_then(|bytes| bytes.as_slice().try_into().ok()).map(KeyId))
    }

    /// The rows of this segment are placed as in the file whose header names this key. Durable, so that a file put in its
    /// place is told from it whatever a power cut takes.
    pub(crate) fn know_segments(&self, known: &[(u64, KeyId)]) -> Result<(), StorageError> {
        if known.is_empty() {
            return Ok(());
        }
        let meta = self.family(Family::Meta)?;
        let mut batch = WriteBatch::default();
        known.iter().for_each(|(number, key)| batch.put_cf(meta, segment_key(*number), key.0));
        self.db.write(batch).and_then(|()| self.db.flush_cf(meta)).map_err(|error| fatal(&error))
    }

    /// The rows that stand in this segment are placed as these records say: one atomic write.
    pub(crate) fn relocate(&self, segment: u64, key: KeyId, records: &[Record]) -> Result<(), StorageError> {
        let mut batch = WriteBatch::default();
        let (entries, meta) = (self.family(Family::Entries)?, self.family(Family::Meta)?);
        for record in records {
            for placed in &record.leaves {
                let index = placed.leaf.index.0.to_be_bytes();
                let Some(bytes) = self.find(Family::Entries, &index)? else {
                    continue;
                };
                let row = rows::parse_row(placed.leaf.index, &bytes);
                let row = row.map_err(|error| rows::damaged("row", &error))?;
                if row.place.segment != segment {
                    continue;
                }
                batch.put_cf(entries, index, rows::write_row(placed, record)?);
            }
            if self.position()?.is_some_and(|at| at.number == record.number && at.place.segment == segment) {
                batch.put_cf(meta, b"position", rows::write_position(record));
            }
        }
        batch.put_cf(meta, segment_key(segment), key.0);
        self.db.write(batch).map_err(|error| fatal(&error))
    }

    /// Names of files ahead of entries that the log marks as eliminated.
    pub(crate) fn ahead_of(&self, eliminated: &HashSet<u64>) -> Result<Vec<[u8; 16]>, StorageError> {
        let mut found = Vec::new();
        self.each(Family::Ahead, &[], |(key, value)| {
            if rows::parse_index(value).is_ok_and(|index| eliminated.contains(&index.0)) {
                found.extend(<[u8; 16]>::try_from(key.as_ref()));
            }
        })?;
        Ok(found)
    }

    /// Entries that the log marks as eliminated are found by no look-up any more.
    pub(crate) fn forget_lookups(&self, eliminated: &HashSet<u64>) -> Result<(), StorageError> {
        let lookups = self.family(Family::Lookups)?;
        let mut batch = WriteBatch::default();
        self.each(Family::Lookups, &[], |(key, _)| {
            if rows::looked_up(key).is_ok_and(|index| eliminated.contains(&index.0)) {
                batch.delete_cf(lookups, key);
            }
        })?;
        self.db.write(batch).map_err(|error| fatal(&error))
    }

    /// These files ahead are named no longer.
    pub(crate) fn forget_ahead(&self, names: &[[u8; 16]]) -> Result<(), StorageError> {
        let ahead = self.family(Family::Ahead)?;
        let mut batch = WriteBatch::default();
        names.iter().for_each(|name| batch.delete_cf(ahead, name));
        self.db.write(batch).map_err(|error| fatal(&error))
    }

    /// What these ranges held before is in no file of the database any more: written out, compacted down to the last level, and
    /// every table and log of before looked for on disk and not found.
    pub(crate) fn purge(&self, ranges: &[Range]) -> Result<(), StorageError> {
        let meta = self.family(Family::Meta)?;
        self.db.put_cf(meta, MARK, []).map_err(|error| fatal(&error))?;
        let mut old = self.files(|name| name.ends_with(".log"))?;
        for (family, _) in Family::ALL {
            self.db.flush_cf(self.family(family)?).map_err(|error| fatal(&error))?;
        }
        old.extend(self.tables(ranges)?);
        let mut force = CompactOptions::default();
        force.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        for (family, from, to) in ranges {
            self.db.compact_range_cf_opt(self.family(*family)?, Some(from), Some(to), &force);
        }
        let began = Instant::now();
        loop {
            let left: Vec<_> = old.iter().filter(|path| path.exists()).collect();
            let Some(first) = left.first() else { return Ok(()) };
            if began.elapsed() > PATIENCE {
                let text =
                    format!("index: {} of before the elimination are still there, as {}", left.len(), first.display());
                return Err(StorageError::Retry(text));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Tables that may hold something of these ranges.
    fn tables(&self, ranges: &[Range]) -> Result<Vec<PathBuf>, StorageError> {
        let live = self.db.live_files().map_err(|error| fatal(&error))?;
        let touches = |file: &rocksdb::LiveFile| {
            let (start, end) = (file.start_key.as_deref().unwrap_or_default(), file.end_key.as_deref());
            ranges.iter().any(|(family, from, to)| {
                let after = end.is_some_and(|end| end < from.as_slice());
                file.column_family_name == family.name() && start <= to.as_slice() && !after
            })
        };
        let path = |file: &rocksdb::LiveFile| self.db.path().join(file.name.trim_start_matches('/'));
        Ok(live.iter().filter(|file| touches(file)).map(path).collect())
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, StorageError> {
        let names = crate::disk::list(self.db.path(), |name| wanted(name).then(|| name.to_owned()));
        let names = names.map_err(|error| StorageError::Retry(error.to_string()))?;
        Ok(names.into_iter().map(|name| self.db.path().join(name)).collect())
    }
}
