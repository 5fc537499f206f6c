//! The header of a record: in clear, immutable, covered by the record's digest.

use super::brief;
use super::facts::Form;
use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::limits::{
    MAX_CHECKPOINT_BYTES, MAX_FILES, MAX_LEAF_DATA_BYTES, MAX_LEAVES, MAX_PUT_KEY_BYTES, MAX_PUT_VALUE_BYTES, MAX_PUTS,
    MAX_R_BYTES,
};
use crate::vault::SealedParts;
use ledger::storage::{Commit, LeafKind, NewLeaf, Put};
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};

/// Least bytes of a leaf, of a put: bound what a count may announce.
const LEAST_LEAF: usize = 68;
const LEAST_PUT: usize = 6;
/// Bytes of a leaf up to its leaf data, at most, or of one in brief up to its groups.
pub(crate) const LEAF_FRONT: u64 = 126 + MAX_LEAF_DATA_BYTES as u64;
const _: () = assert!(brief::FRONT <= LEAF_FRONT);

/// First byte of a leaf: what it is, and how it is written.
const ENTRY: u8 = 1;
const SEAL: u8 = 2;
const ENTRY_IN_BRIEF: u8 = 3;

/// A leaf and where its pieces begin within the header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LeafHeader {
    /// Its look-ups are in the key table.
    pub(crate) leaf: NewLeaf,
    pub(crate) leaf_at: usize,
    pub(crate) leaf_len: usize,
    pub(crate) facts_at: usize,
    pub(crate) form: Form,
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
        let form = write_leaf(&mut out, leaf)?;
        write_units(&mut out, form, parts)?;
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

/// Everything of a leaf but look-ups and parts: in brief where that says it all, else in full. How the facts of its parts are written.
pub(crate) fn write_leaf(out: &mut Writer, leaf: &NewLeaf) -> Parsed<Form> {
    if leaf.kind == LeafKind::Entry
        && let Some(record) = ledger::brief::of_leaf(leaf)
    {
        out.u8(ENTRY_IN_BRIEF);
        brief::write(leaf, &record, out)?;
        return Ok(Form::Short);
    }
    out.u8(match leaf.kind {
        LeafKind::Entry => ENTRY,
        LeafKind::Seal => SEAL,
    });
    out.u64(leaf.index.0).raw(&leaf.tenant.0).u64(leaf.sequence.0).raw(&leaf.id.0).u64(leaf.first_group);
    brief::write_request(leaf.request.as_ref(), out);
    out.bytes("leaf data", &leaf.leaf_data, MAX_LEAF_DATA_BYTES)?;
    out.count("groups", leaf.groups.len(), MAX_FILES + 1)?;
    for group in &leaf.groups {
        out.raw(&group.0);
    }
    out.bytes("R", &leaf.record, MAX_R_BYTES)?;
    Ok(Form::Long)
}

/// A leaf as [`write_leaf`] wrote it.
pub(crate) fn parse_leaf(parser: &mut Parser<'_>) -> Parsed<(NewLeaf, Form)> {
    let (mut leaf, form) = parse_front(parser)?;
    if form == Form::Short {
        brief::parse_groups(parser, &mut leaf)?;
        return Ok((leaf, form));
    }
    let count = parser.count("groups", 32, MAX_FILES + 1)?;
    leaf.groups = (0..count).map(|_| parser.array("group").map(Hash)).collect::<Parsed<_>>()?;
    leaf.record = parser.bytes("R", MAX_R_BYTES)?.to_vec();
    Ok((leaf, form))
}

/// Index and leaf data of the leaf that these bytes begin with: [`LEAF_FRONT`] of them are enough.
pub(crate) fn parse_leaf_data(bytes: &[u8]) -> Parsed<(Index, Vec<u8>)> {
    parse_front(&mut Parser::new(bytes)).map(|(leaf, _)| (leaf.index, leaf.leaf_data))
}

/// A leaf up to its leaf data, with neither groups nor `R`; or in brief up to its groups.
fn parse_front(parser: &mut Parser<'_>) -> Parsed<(NewLeaf, Form)> {
    let kind = match parser.u8("leaf kind")? {
        ENTRY => LeafKind::Entry,
        SEAL => LeafKind::Seal,
        ENTRY_IN_BRIEF => return brief::parse_front(parser).map(|leaf| (leaf, Form::Short)),
        found => {
            return Err(ParseError::Unknown { what: "leaf kind", found: found.into() });
        }
    };
    let index = Index(parser.u64("index")?);
    let tenant = TenantId(parser.array("tenant")?);
    let sequence = Sequence(parser.u64("sequence")?);
    let id = EntryId(parser.array("id")?);
    let first_group = parser.u64("first group")?;
    let request = brief::parse_request(parser)?;
    let leaf_data = parser.bytes("leaf data", MAX_LEAF_DATA_BYTES)?.to_vec();
    let (record, groups, lookups) = (Vec::new(), Vec::new(), Vec::new());
    let leaf = NewLeaf { kind, index, leaf_data, tenant, sequence, id, record, groups, first_group, request, lookups };
    Ok((leaf, Form::Long))
}

fn write_units(out: &mut Writer, form: Form, parts: &SealedParts) -> Parsed<()> {
    let files = parts.files.len();
    match (form, &parts.entry) {
        (_, None) => out.u8(0),
        (Form::Long, Some(_)) => out.u8(1).count("files", files, MAX_FILES)?,
        (Form::Short, Some(_)) => {
            super::within("files", files as u64, MAX_FILES.into())?;
            out.varint(files as u64 + 1)
        }
    };
    for unit in parts.units() {
        form.write_unit(out, unit.facts());
    }
    Ok(())
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
    let (leaf, form) = parse_leaf(parser)?;
    let leaf_len = parser.at() - leaf_at;
    let files = parse_files(parser, form)?;
    let facts_at = parser.at();
    if let Some(files) = files {
        for number in 0..=files as u64 {
            form.parse_unit(parser.raw("facts", form.unit_at(number).1)?)?;
        }
    }
    let files = files.map(u32::try_from).transpose().map_err(|_| ParseError::Short("files"))?;
    Ok(LeafHeader { leaf, leaf_at, leaf_len, facts_at, form, files })
}

/// Number of files of an entry; `None` for a leaf without parts.
fn parse_files(parser: &mut Parser<'_>, form: Form) -> Parsed<Option<usize>> {
    if form == Form::Short {
        // One more than there are files, each with its facts; the first is of `E`.
        let units = parser.few("parts", form.part(), MAX_FILES + 1)?;
        return Ok(units.checked_sub(1));
    }
    match parser.u8("parts")? {
        0 => Ok(None),
        1 => Ok(Some(parser.count("files", 2 * form.part(), MAX_FILES)?)),
        found => Err(ParseError::Unknown { what: "parts", found: found.into() }),
    }
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
