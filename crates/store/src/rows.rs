//! Rows of the index, each with its writer and parser.

use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::index::Position;
use crate::limits::{MAX_CHECKPOINT_BYTES, MAX_HEADER_BYTES, MAX_LOOKUPS};
use crate::record::{Form, Place, PlacedLeaf, PlacedParts, Record, within};
use ledger::storage::{StorageError, StoredHead, TileId};
use proof::{Hash, Index, TenantId, TreeSize, UnixMillis};

const ROW: u8 = 3;
/// Bytes of a keyed digest that a key of the index has: no two digests of a store begin with the same sixteen.
const SHOWN: usize = 16;

/// Where everything of a leaf stands; what it says is left in the segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) index: Index,
    pub(crate) commit_size: TreeSize,
    /// Number of the record: keys are bound to it.
    pub(crate) record: u64,
    pub(crate) place: Place,
    pub(crate) leaf_at: u64,
    pub(crate) leaf_len: u64,
    /// Look-ups in the key table, which end where [`Row::keys_at`] says.
    pub(crate) lookups: u64,
    pub(crate) keys_at: u64,
    pub(crate) parts: Option<PlacedParts>,
}

pub(crate) fn damaged(what: &str, error: &ParseError) -> StorageError {
    StorageError::Fatal(format!("index: {what} {error}; rebuild the index"))
}

fn unwritable(error: ParseError) -> StorageError {
    StorageError::Fatal(format!("index: {error}"))
}

/// How far a field lies after what it follows.
fn beyond(what: &'static str, before: u64, at: u64) -> Parsed<u64> {
    at.checked_sub(before).ok_or(ParseError::Unknown { what, found: at })
}

/// Where a field lies that is so far after what it follows.
fn after(what: &'static str, before: u64, far: u64) -> Parsed<u64> {
    before.checked_add(far).ok_or(ParseError::Unknown { what, found: far })
}

pub(crate) fn write_row(placed: &PlacedLeaf, record: &Record) -> Result<Vec<u8>, StorageError> {
    row_bytes(placed, record).map_err(unwritable)
}

fn row_bytes(placed: &PlacedLeaf, record: &Record) -> Parsed<Vec<u8>> {
    let end = after("leaf length", placed.leaf_at, placed.leaf_len)?;
    let mut out = Writer::with_capacity(32);
    out.u8(ROW).varint(beyond("commit size", placed.leaf.index.0, record.size.0)?).varint(record.number);
    out.varint(record.place.segment).varint(record.place.sector).varint(placed.leaf_at).varint(placed.leaf_len);
    out.varint(placed.leaf.lookups.len() as u64).varint(beyond("keys offset", end, placed.keys_at)?);
    if let Some(parts) = &placed.parts {
        // Whether facts are short stands in the last bit.
        out.varint(u64::from(parts.files) << 1 | u64::from(parts.form == Form::Short));
        out.varint(beyond("facts offset", end, parts.facts_at)?);
        out.varint(beyond("body offset", placed.keys_at, parts.body_at)?);
    }
    Ok(out.0)
}

/// The row of the leaf at this index.
pub(crate) fn parse_row(index: Index, bytes: &[u8]) -> Parsed<Row> {
    let mut parser = Parser::new(bytes);
    match parser.u8("row version")? {
        ROW => {}
        found => {
            return Err(ParseError::Unknown { what: "row version", found: found.into() });
        }
    }
    let commit_size = TreeSize(after("commit size", index.0, parser.varint("commit size")?)?);
    let record = parser.varint("record number")?;
    let place = Place { segment: parser.varint("segment")?, sector: parser.varint("sector")? };
    let (leaf_at, leaf_len) = (parser.varint("leaf offset")?, parser.varint("leaf length")?);
    within("leaf length", leaf_len, MAX_HEADER_BYTES.into())?;
    let end = after("leaf length", leaf_at, leaf_len)?;
    let lookups = parser.varint("look-ups")?;
    within("look-ups", lookups, MAX_LOOKUPS.into())?;
    let keys_at = after("keys offset", end, parser.varint("keys offset")?)?;
    let parts = if parser.rest().is_empty() { None } else { Some(parse_parts(&mut parser, end, keys_at)?) };
    parser.end()?;
    Ok(Row { index, commit_size, record, place, leaf_at, leaf_len, lookups, keys_at, parts })
}

fn parse_parts(parser: &mut Parser<'_>, end: u64, keys_at: u64) -> Parsed<PlacedParts> {
    let found = parser.varint("files")?;
    let form = if found & 1 == 1 { Form::Short } else { Form::Long };
    let files = u32::try_from(found >> 1).map_err(|_| ParseError::Unknown { what: "files", found })?;
    let facts_at = after("facts offset", end, parser.varint("facts offset")?)?;
    let body_at = after("body offset", keys_at, parser.varint("body offset")?)?;
    Ok(PlacedParts { facts_at, form, keys_at, body_at, files })
}

/// The number of a leaf as keys end with it and values are: how many bytes follow, then these, big-endian. In order of numbers.
pub(crate) fn write_index(index: Index) -> Vec<u8> {
    let bytes = index.0.to_be_bytes();
    let blank = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut out = vec![(bytes.len() - blank) as u8];
    out.extend_from_slice(bytes.get(blank..).unwrap_or_default());
    out
}

/// The number that [`write_index`] wrote so.
pub(crate) fn parse_index(bytes: &[u8]) -> Parsed<Index> {
    let (len, held) = bytes.split_first().ok_or(ParseError::Short("index"))?;
    if usize::from(*len) != held.len() || held.len() > 8 || held.first() == Some(&0) {
        return Err(ParseError::Unknown { what: "index length", found: (*len).into() });
    }
    Ok(Index(held.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
}

/// The key of a request.
pub(crate) fn request_key(tenant: TenantId, key: &[u8; 32]) -> Vec<u8> {
    [&tenant.0[..], &key[..SHOWN]].concat()
}

/// What the keys of a look-up begin with; the index follows.
pub(crate) fn lookup_key(tenant: TenantId, digest: &[u8; 32]) -> Vec<u8> {
    [&tenant.0[..], &digest[..SHOWN]].concat()
}

/// The leaf that this key of a look-up leads to.
pub(crate) fn looked_up(key: &[u8]) -> Parsed<Index> {
    parse_index(key.get(16 + SHOWN..).unwrap_or_default())
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
