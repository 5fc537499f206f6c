//! The header of a record: in clear, immutable, covered by the record's digest.

use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::limits::{
    MAX_CHECKPOINT_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_LEAF_DATA_BYTES, MAX_LEAVES, MAX_PUT_KEY_BYTES,
    MAX_PUT_VALUE_BYTES, MAX_PUTS, MAX_R_BYTES,
};
use crate::vault::{SealedParts, SealedUnit};
use ledger::storage::{Commit, LeafKind, NewLeaf, Put, RequestKey};
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};

/// Bytes of the facts of one part: sizes and digest.
const PART: usize = 48;
/// Least bytes of a leaf, of a put: bound what a count may announce.
const LEAST_LEAF: usize = 68;
const LEAST_PUT: usize = 6;
/// Bytes of a leaf up to its leaf data, at most.
pub(crate) const LEAF_FRONT: u64 = 126 + MAX_LEAF_DATA_BYTES as u64;

/// What the header says of one encrypted part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PartFacts {
    /// Bytes of the plaintext.
    pub(crate) plain: u64,
    /// Bytes as stored.
    pub(crate) stored: u64,
    /// SHA-256 of the bytes as stored.
    pub(crate) sha256: Hash,
}

/// What shares one key: `E` alone, or a file and its `F`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnitFacts {
    /// `E` or `F`.
    pub(crate) record: PartFacts,
    /// The file; `None` for `E`.
    pub(crate) body: Option<PartFacts>,
}

/// A leaf and where its pieces begin within the header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LeafHeader {
    /// Its look-ups are in the key table.
    pub(crate) leaf: NewLeaf,
    pub(crate) leaf_at: usize,
    pub(crate) r_at: usize,
    pub(crate) facts_at: usize,
    /// Files of the entry; `None` when the leaf has no parts.
    pub(crate) files: Option<u32>,
}

/// A parsed header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub(crate) at: UnixMillis,
    pub(crate) size: TreeSize,
    pub(crate) checkpoint_text: String,
    pub(crate) leaves: Vec<LeafHeader>,
    pub(crate) puts: Vec<Put>,
}

/// The header of a commit.
pub(crate) fn write_header(commit: &Commit<SealedParts>) -> Parsed<Vec<u8>> {
    let mut out = Writer::default();
    out.u64(commit.at.0).u64(commit.size.0);
    out.bytes("checkpoint", commit.checkpoint_text.as_bytes(), MAX_CHECKPOINT_BYTES)?;
    out.count("leaves", commit.leaves.len(), MAX_LEAVES)?;
    for (leaf, parts) in &commit.leaves {
        write_leaf(&mut out, leaf)?;
        write_units(&mut out, parts)?;
    }
    out.count("state changes", commit.puts.len(), MAX_PUTS)?;
    for put in &commit.puts {
        out.u8(put.space).bytes("state key", &put.key, MAX_PUT_KEY_BYTES)?;
        match &put.value {
            None => out.u8(0),
            Some(value) => out.u8(1).bytes("state value", value, MAX_PUT_VALUE_BYTES)?,
        };
    }
    Ok(out.0)
}

/// Everything of a leaf but look-ups and parts.
pub(crate) fn write_leaf(out: &mut Writer, leaf: &NewLeaf) -> Parsed<()> {
    out.u8(match leaf.kind {
        LeafKind::Entry => 1,
        LeafKind::Seal => 2,
    });
    out.u64(leaf.index.0).raw(&leaf.tenant.0).u64(leaf.sequence.0).raw(&leaf.id.0).u64(leaf.first_group);
    match &leaf.request {
        None => out.u8(0),
        Some(request) => out.u8(1).raw(&request.key).raw(&request.digest),
    };
    out.bytes("leaf data", &leaf.leaf_data, MAX_LEAF_DATA_BYTES)?;
    out.count("groups", leaf.groups.len(), MAX_FILES + 1)?;
    for group in &leaf.groups {
        out.raw(&group.0);
    }
    out.bytes("R", &leaf.record, MAX_R_BYTES)?;
    Ok(())
}

/// A leaf as [`write_leaf`] wrote it, and where its `R` begins in the parser's input.
pub(crate) fn parse_leaf(parser: &mut Parser<'_>) -> Parsed<(NewLeaf, usize)> {
    let mut leaf = parse_front(parser)?;
    let count = parser.count("groups", 32, MAX_FILES + 1)?;
    leaf.groups = (0..count).map(|_| parser.array("group").map(Hash)).collect::<Parsed<_>>()?;
    leaf.record = parser.bytes("R", MAX_R_BYTES)?.to_vec();
    let r_at = parser.at() - leaf.record.len();
    Ok((leaf, r_at))
}

/// Index and leaf data of the leaf that these bytes begin with: [`LEAF_FRONT`] of them are enough.
pub(crate) fn parse_leaf_data(bytes: &[u8]) -> Parsed<(Index, Vec<u8>)> {
    parse_front(&mut Parser::new(bytes)).map(|leaf| (leaf.index, leaf.leaf_data))
}

/// A leaf up to its leaf data: neither groups nor `R`.
fn parse_front(parser: &mut Parser<'_>) -> Parsed<NewLeaf> {
    let kind = match parser.u8("leaf kind")? {
        1 => LeafKind::Entry,
        2 => LeafKind::Seal,
        found => {
            return Err(ParseError::Unknown { what: "leaf kind", found: found.into() });
        }
    };
    let index = Index(parser.u64("index")?);
    let tenant = TenantId(parser.array("tenant")?);
    let sequence = Sequence(parser.u64("sequence")?);
    let id = EntryId(parser.array("id")?);
    let first_group = parser.u64("first group")?;
    let request = match parser.u8("request")? {
        0 => None,
        1 => Some(RequestKey { key: parser.array("request")?, digest: parser.array("request")? }),
        found => {
            return Err(ParseError::Unknown { what: "request", found: found.into() });
        }
    };
    let leaf_data = parser.bytes("leaf data", MAX_LEAF_DATA_BYTES)?.to_vec();
    let (record, groups, lookups) = (Vec::new(), Vec::new(), Vec::new());
    Ok(NewLeaf { kind, index, leaf_data, tenant, sequence, id, record, groups, first_group, request, lookups })
}

fn write_units(out: &mut Writer, parts: &SealedParts) -> Parsed<()> {
    let Some(entry) = &parts.entry else {
        out.u8(0);
        return Ok(());
    };
    out.u8(1).count("files", parts.files.len(), MAX_FILES)?;
    write_unit(out, entry);
    for file in &parts.files {
        write_unit(out, file);
    }
    Ok(())
}

fn write_unit(out: &mut Writer, unit: &SealedUnit) {
    let facts = unit.facts();
    for part in std::iter::once(facts.record).chain(facts.body) {
        out.u64(part.plain).u64(part.stored).raw(&part.sha256.0);
    }
}

/// Where the facts of unit `number` (0 for `E`) stand after the first, and their length.
pub(crate) fn unit_at(number: u64) -> (u64, usize) {
    match number.checked_sub(1) {
        None => (0, PART),
        Some(before) => ((PART as u64).saturating_add(before.saturating_mul(2 * PART as u64)), 2 * PART),
    }
}

/// The facts of one unit.
pub(crate) fn parse_unit(bytes: &[u8]) -> Parsed<UnitFacts> {
    let mut parser = Parser::new(bytes);
    let record = parse_part(&mut parser)?;
    let body = if parser.rest().is_empty() { None } else { Some(parse_part(&mut parser)?) };
    parser.end()?;
    Ok(UnitFacts { record, body })
}

fn parse_part(parser: &mut Parser<'_>) -> Parsed<PartFacts> {
    let plain = parser.u64("plaintext length")?;
    let stored = parser.u64("stored length")?;
    super::within("plaintext length", plain, MAX_FILE_BYTES)?;
    // Derivable, kept so that a reader needs no arithmetic; disagreement is damage.
    if stored != crate::cipher::stored_len(plain) {
        return Err(ParseError::Unknown { what: "stored length", found: stored });
    }
    Ok(PartFacts { plain, stored, sha256: Hash(parser.array("part digest")?) })
}

impl Header {
    /// The header that these bytes are, exactly.
    pub(crate) fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut parser = Parser::new(bytes);
        let at = UnixMillis(parser.u64("time")?);
        let size = TreeSize(parser.u64("size")?);
        let text = parser.bytes("checkpoint", MAX_CHECKPOINT_BYTES)?;
        let checkpoint_text = std::str::from_utf8(text)
            .map_err(|_| ParseError::Unknown { what: "checkpoint text", found: 0 })?
            .to_owned();
        let count = parser.count("leaves", LEAST_LEAF, MAX_LEAVES)?;
        let leaves = (0..count).map(|_| parse_leaf_header(&mut parser)).collect::<Parsed<_>>()?;
        let count = parser.count("state changes", LEAST_PUT, MAX_PUTS)?;
        let puts = (0..count).map(|_| parse_put(&mut parser)).collect::<Parsed<_>>()?;
        parser.end()?;
        Ok(Self { at, size, checkpoint_text, leaves, puts })
    }
}

fn parse_leaf_header(parser: &mut Parser<'_>) -> Parsed<LeafHeader> {
    let leaf_at = parser.at();
    let (leaf, r_at) = parse_leaf(parser)?;
    let files = match parser.u8("parts")? {
        0 => None,
        1 => Some(parser.count("files", 2 * PART, MAX_FILES)?),
        found => {
            return Err(ParseError::Unknown { what: "parts", found: found.into() });
        }
    };
    let facts_at = parser.at();
    if let Some(files) = files {
        parse_unit(parser.raw("E facts", PART)?)?;
        for _ in 0..files {
            parse_unit(parser.raw("file facts", 2 * PART)?)?;
        }
    }
    let files = files.map(u32::try_from).transpose().map_err(|_| ParseError::Short("files"))?;
    Ok(LeafHeader { leaf, leaf_at, r_at, facts_at, files })
}

fn parse_put(parser: &mut Parser<'_>) -> Parsed<Put> {
    let space = parser.u8("space")?;
    let key = parser.bytes("state key", MAX_PUT_KEY_BYTES)?.to_vec();
    let value = match parser.u8("state value")? {
        0 => None,
        1 => Some(parser.bytes("state value", MAX_PUT_VALUE_BYTES)?.to_vec()),
        found => {
            return Err(ParseError::Unknown { what: "state value", found: found.into() });
        }
    };
    Ok(Put { space, key, value })
}
