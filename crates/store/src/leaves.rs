//! A leaf read back from its record: the index says where it stands, the segment what it says.

use crate::codec::{ParseError, Parser};
use crate::parts::{fatal, stretch};
use crate::record::{LEAF_FRONT, parse_leaf, parse_leaf_data};
use crate::rows::Row;
use ledger::storage::{NewLeaf, StorageError};
use std::fs::File;

/// A segment holds another leaf there than the index says.
fn other(row: &Row, found: u64) -> StorageError {
    StorageError::Fatal(format!("index: leaf {} leads to leaf {found}; rebuild the index", row.index.0))
}

fn damaged(row: &Row, error: &ParseError) -> StorageError {
    fatal("leaf", row.index, error)
}

/// Everything of the leaf but its parts, out of the file that the row speaks of.
pub(crate) fn leaf_of(row: &Row, file: &File) -> Result<NewLeaf, StorageError> {
    let bytes = stretch(row, file, row.leaf_at, row.leaf_len as usize)?;
    let mut parser = Parser::new(&bytes);
    let read = parse_leaf(&mut parser).and_then(|(leaf, _)| parser.end().map(|()| leaf));
    let mut leaf = read.map_err(|error| damaged(row, &error))?;
    if leaf.index != row.index {
        return Err(other(row, leaf.index.0));
    }
    leaf.lookups = lookups_of(row, file)?;
    Ok(leaf)
}

/// The digests under which the leaf is found.
fn lookups_of(row: &Row, file: &File) -> Result<Vec<[u8; 32]>, StorageError> {
    if row.lookups == 0 {
        return Ok(Vec::new());
    }
    let bytes = row.lookups.saturating_mul(32);
    let from = row.keys_at.checked_sub(bytes).ok_or_else(|| damaged(row, &ParseError::Short("look-ups")))?;
    let bytes = stretch(row, file, from, bytes as usize)?;
    Ok(bytes.as_chunks::<32>().0.to_vec())
}

/// The leaf data alone.
pub(crate) fn leaf_data_of(row: &Row, file: &File) -> Result<Vec<u8>, StorageError> {
    let bytes = stretch(row, file, row.leaf_at, row.leaf_len.min(LEAF_FRONT) as usize)?;
    let (index, leaf_data) = parse_leaf_data(&bytes).map_err(|error| damaged(row, &error))?;
    if index == row.index { Ok(leaf_data) } else { Err(other(row, index.0)) }
}
