//! Reads of published data: rows from the index, records from the segments.

use crate::codec::{ParseError, Parser};
use crate::index::{Family, Pair};
use crate::leaves::{leaf_data_of, leaf_of};
use crate::rows::{self, Row};
use crate::shared::Shared;
use ledger::storage::{EntryRow, Reader, StorageError, StoredHead, TileId};
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize};
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Shared reads over one store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StoreReads(pub(crate) Arc<Shared>);

type Read<T> = Result<T, StorageError>;

fn number(bytes: &[u8]) -> Read<u64> {
    let damaged = || StorageError::Fatal("index: a number has a wrong length; rebuild the index".into());
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| damaged())
}

fn index(bytes: &[u8]) -> Read<Index> {
    rows::parse_index(bytes).map_err(|error| rows::damaged("an index", &error))
}

fn parsed<T>(what: &str, bytes: &[u8], read: impl FnOnce(&mut Parser<'_>) -> Result<T, ParseError>) -> Read<T> {
    let mut parser = Parser::new(bytes);
    let found = read(&mut parser).and_then(|found| parser.end().map(|()| found));
    found.map_err(|error| rows::damaged(what, &error))
}

impl StoreReads {
    fn find(&self, family: Family, key: &[u8]) -> Read<Option<Vec<u8>>> {
        self.0.index.find(family, key)
    }

    pub(crate) fn row(&self, index: Index) -> Read<Option<Row>> {
        let Some(bytes) = self.find(Family::Entries, &index.0.to_be_bytes())? else {
            return Ok(None);
        };
        rows::parse_row(index, &bytes).map(Some).map_err(|error| rows::damaged("row", &error))
    }

    /// Publications that changed state since the opening. Asked before a value is read, it tells later whether that value may have
    /// become another.
    pub fn state_changes(&self) -> u64 {
        self.0.state_changes.load(Ordering::Acquire)
    }

    /// The row, and the segment file that it speaks of: elimination replaces both together, and no reader sees one without
    /// the other.
    pub(crate) fn placed(&self, index: Index) -> Read<Option<(Row, Arc<File>)>> {
        let _layout = self.0.layout.read().unwrap_or_else(PoisonError::into_inner);
        let Some(row) = self.row(index)? else {
            return Ok(None);
        };
        let file = self.file_of(&row)?;
        Ok(Some((row, file)))
    }

    fn file_of(&self, row: &Row) -> Read<Arc<File>> {
        self.0.segments.file(row.place.segment).map_err(|error| crate::parts::of_io("record", row.index, &error))
    }
}

impl Reader for StoreReads {
    fn head(&self) -> Read<Option<StoredHead>> {
        self.0.index.head()
    }

    fn tile(&self, id: TileId) -> Read<Option<Vec<u8>>> {
        self.find(Family::Tiles, &rows::tile_key(id))
    }

    fn entry(&self, index: Index) -> Read<Option<EntryRow>> {
        let Some((row, file)) = self.placed(index)? else {
            return Ok(None);
        };
        Ok(Some(EntryRow { leaf: leaf_of(&row, &file)?, commit_size: row.commit_size }))
    }

    fn leaf_data(&self, from: Index, limit: usize) -> Read<Vec<Vec<u8>>> {
        // Neither a row nor a file of these is replaced meanwhile.
        let _layout = self.0.layout.read().unwrap_or_else(PoisonError::into_inner);
        let found = self.0.index.range(Family::Entries, &[], &from.0.to_be_bytes(), limit)?;
        let mut leaves = Vec::with_capacity(found.len());
        for ((key, value), expected) in found.iter().zip(from.0..) {
            // A gap in the index is damage, never a shorter bundle.
            if number(key)? != expected {
                return Err(StorageError::Fatal(format!("index: no row {expected}; rebuild the index")));
            }
            let row = rows::parse_row(Index(expected), value).map_err(|error| rows::damaged("row", &error))?;
            leaves.push(leaf_data_of(&row, &*self.file_of(&row)?)?);
        }
        Ok(leaves)
    }

    fn checkpoint(&self, size: TreeSize) -> Read<Option<String>> {
        let Some(bytes) = self.find(Family::Heads, &size.0.to_be_bytes())? else {
            return Ok(None);
        };
        rows::parse_text(&bytes).map(Some).map_err(|error| rows::damaged("checkpoint", &error))
    }

    fn by_id(&self, tenant: TenantId, id: EntryId) -> Read<Option<Index>> {
        let found = self.find(Family::Ids, &[tenant.0, id.0].concat())?;
        found.map(|bytes| index(&bytes)).transpose()
    }

    fn chain(&self, tenant: TenantId) -> Read<Option<(Sequence, Index, Hash)>> {
        let Some(bytes) = self.find(Family::Chains, &tenant.0)? else {
            return Ok(None);
        };
        let chain = parsed("chain", &bytes, |parser| {
            Ok((Sequence(parser.u64("sequence")?), Index(parser.u64("index")?), Hash(parser.array("leaf hash")?)))
        });
        chain.map(Some)
    }

    fn by_sequence(&self, tenant: TenantId, from: Sequence, limit: usize) -> Read<Vec<(Sequence, Index)>> {
        let from = [&tenant.0[..], &from.0.to_be_bytes()].concat();
        let found = self.0.index.range(Family::Sequences, &tenant.0, &from, limit)?;
        let read = |(key, value): &Pair| {
            let sequence = number(key.get(tenant.0.len()..).unwrap_or_default())?;
            Ok((Sequence(sequence), index(value)?))
        };
        found.iter().map(read).collect()
    }

    fn request(&self, tenant: TenantId, key: &[u8; 32]) -> Read<Option<([u8; 32], Index)>> {
        let Some(bytes) = self.find(Family::Requests, &rows::request_key(tenant, key))? else {
            return Ok(None);
        };
        let found = index(&bytes)?;
        let leaf = self.placed(found)?.map(|(row, file)| leaf_of(&row, &file)).transpose()?;
        let request = leaf.and_then(|leaf| leaf.request.filter(|request| leaf.tenant == tenant && request.key == *key));
        match request {
            Some(request) => Ok(Some((request.digest, found))),
            None => Err(StorageError::Fatal(format!("index: a request leads to leaf {}; rebuild the index", found.0))),
        }
    }

    fn lookup(&self, tenant: TenantId, digest: &[u8; 32], limit: usize) -> Read<Vec<Index>> {
        let prefix = rows::lookup_key(tenant, digest);
        let found = self.0.index.range(Family::Lookups, &prefix, &prefix, limit)?;
        let read = |(key, _): &Pair| rows::looked_up(key).map_err(|error| rows::damaged("look-up", &error));
        found.iter().map(read).collect()
    }

    fn value(&self, space: u8, key: &[u8]) -> Read<Option<Vec<u8>>> {
        self.find(Family::State, &[&[space], key].concat())
    }

    fn values(&self, space: u8, prefix: &[u8]) -> Read<Vec<(Vec<u8>, Vec<u8>)>> {
        let prefix = [&[space], prefix].concat();
        let found = self.0.index.range(Family::State, &prefix, &prefix, usize::MAX)?;
        let without_space = |key: Box<[u8]>| key.get(1..).unwrap_or_default().to_vec();
        Ok(found.into_iter().map(|(key, value)| (without_space(key), value.into_vec())).collect())
    }
}
