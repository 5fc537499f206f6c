//! Rows of the index, each with its writer and parser.

use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::index::Position;
use crate::limits::{MAX_CHECKPOINT_BYTES, MAX_LOOKUPS};
use crate::record::{Place, PlacedLeaf, PlacedParts, Record, parse_leaf, write_leaf};
use ledger::storage::{NewLeaf, StorageError, StoredHead, TileId};
use proof::{Hash, TreeSize, UnixMillis};

const ROW: u8 = 1;

/// What the index says of a leaf; its `R` is left in the segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) leaf: NewLeaf,
    pub(crate) commit_size: TreeSize,
    /// Number of the record: keys are bound to it.
    pub(crate) record: u64,
    pub(crate) place: Place,
    pub(crate) r_at: u64,
    pub(crate) r_len: u32,
    pub(crate) parts: Option<PlacedParts>,
}

pub(crate) fn damaged(what: &str, error: &ParseError) -> StorageError {
    StorageError::Fatal(format!("index: {what} {error}; rebuild the index"))
}

fn unwritable(error: ParseError) -> StorageError {
    StorageError::Fatal(format!("index: {error}"))
}

pub(crate) fn write_row(placed: &PlacedLeaf, record: &Record) -> Result<Vec<u8>, StorageError> {
    let mut leaf = placed.leaf.clone();
    let r_len = u32::try_from(std::mem::take(&mut leaf.record).len()).unwrap_or(u32::MAX);
    let mut out = Writer::default();
    out.u8(ROW);
    write_leaf(&mut out, &leaf).map_err(unwritable)?;
    out.count("look-ups", leaf.lookups.len(), MAX_LOOKUPS).map_err(unwritable)?;
    for digest in &leaf.lookups {
        out.raw(digest);
    }
    out.u64(record.size.0).u64(record.number).u64(record.place.segment).u64(record.place.sector);
    out.u64(placed.r_at).u32(r_len);
    match &placed.parts {
        None => out.u8(0),
        Some(parts) => out.u8(1).u64(parts.facts_at).u64(parts.keys_at).u64(parts.body_at).u32(parts.files),
    };
    Ok(out.0)
}

pub(crate) fn parse_row(bytes: &[u8]) -> Parsed<Row> {
    let mut parser = Parser::new(bytes);
    match parser.u8("row version")? {
        ROW => {}
        found => {
            return Err(ParseError::Unknown { what: "row version", found: found.into() });
        }
    }
    let (mut leaf, _) = parse_leaf(&mut parser)?;
    let count = parser.count("look-ups", 32, MAX_LOOKUPS)?;
    leaf.lookups = (0..count).map(|_| parser.array("look-up")).collect::<Parsed<_>>()?;
    let commit_size = TreeSize(parser.u64("commit size")?);
    let record = parser.u64("record number")?;
    let place = Place { segment: parser.u64("segment")?, sector: parser.u64("sector")? };
    let (r_at, r_len) = (parser.u64("R offset")?, parser.u32("R length")?);
    let parts = match parser.u8("parts")? {
        0 => None,
        1 => Some(PlacedParts {
            facts_at: parser.u64("facts offset")?,
            keys_at: parser.u64("keys offset")?,
            body_at: parser.u64("body offset")?,
            files: parser.u32("files")?,
        }),
        found => {
            return Err(ParseError::Unknown { what: "parts", found: found.into() });
        }
    };
    parser.end()?;
    Ok(Row { leaf, commit_size, record, place, r_at, r_len, parts })
}

pub(crate) fn write_head(head: &StoredHead) -> Result<Vec<u8>, StorageError> {
    let mut out = Writer::default();
    out.u64(head.number).u64(head.size.0).raw(&head.root.0).u64(head.at.0).u64(head.groups);
    out.bytes("checkpoint", head.checkpoint.as_bytes(), MAX_CHECKPOINT_BYTES).map_err(unwritable)?;
    Ok(out.0)
}

pub(crate) fn parse_head(bytes: &[u8]) -> Parsed<StoredHead> {
    let mut parser = Parser::new(bytes);
    let number = parser.u64("number")?;
    let size = TreeSize(parser.u64("size")?);
    let root = Hash(parser.array("root")?);
    let at = UnixMillis(parser.u64("time")?);
    let groups = parser.u64("groups")?;
    let checkpoint = parse_text(parser.bytes("checkpoint", MAX_CHECKPOINT_BYTES)?)?;
    parser.end()?;
    Ok(StoredHead { number, size, root, at, groups, checkpoint })
}

pub(crate) fn parse_text(bytes: &[u8]) -> Parsed<String> {
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| ParseError::Unknown { what: "text", found: 0 })
}

pub(crate) fn write_position(record: &Record) -> Vec<u8> {
    let mut out = Writer::with_capacity(56);
    out.u64(record.number).u64(record.place.segment).u64(record.place.sector).raw(&record.digest.0);
    out.0
}

pub(crate) fn parse_position(bytes: &[u8]) -> Parsed<Position> {
    let mut parser = Parser::new(bytes);
    let number = parser.u64("number")?;
    let place = Place { segment: parser.u64("segment")?, sector: parser.u64("sector")? };
    let digest = Hash(parser.array("digest")?);
    parser.end()?;
    Ok(Position { number, place, digest })
}

pub(crate) fn tile_key(id: TileId) -> [u8; 9] {
    let mut key = [id.level; 9];
    key[1..].copy_from_slice(&id.index.to_be_bytes());
    key
}
