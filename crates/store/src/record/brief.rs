//! A leaf in brief: the fields of its `R`, from which the text of `R` and everything else that the leaf says of its entry follow.

use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::limits::MAX_FILES;
use ledger::brief;
use ledger::storage::{LeafKind, NewLeaf, RequestKey};
use proof::json::Members;
use proof::record::{Kind, LogRecord};
use proof::{EntryId, Hash, Hash512, Index, Sequence, TenantId, UnixMillis};

/// Most bytes of a leaf in brief up to its groups.
pub(super) const FRONT: u64 = 1 + 10 + 10 + 1 + 33 + 32 + 64 + 32 + 16 + 16 + 10 + 10 + 65;

/// Kinds of entries as a record numbers them.
const KINDS: [(Kind, u8); 5] =
    [(Kind::Deposit, 1), (Kind::Elimination, 2), (Kind::Journal, 3), (Kind::Administration, 4), (Kind::Conversion, 5)];

/// The leaf after its first byte, if it can be written so.
pub(super) fn write(leaf: &NewLeaf, record: &LogRecord, out: &mut Writer) -> Parsed<()> {
    let unknown = ParseError::Unknown { what: "kind of entry", found: 0 };
    let (_, kind) = KINDS.iter().find(|(kind, _)| *kind == record.kind).ok_or(unknown)?;
    out.varint(leaf.index.0).varint(leaf.first_group).u8(*kind);
    match &record.previous {
        None => out.u8(0),
        Some(hash) => out.u8(1).raw(&hash.0),
    };
    out.raw(&record.entry_sha256.0).raw(&record.entry_sha512.0).raw(&record.salt).raw(&record.tenant.0);
    out.raw(&record.id.0).varint(record.sequence.0).varint(record.received_at.0);
    write_request(leaf.request.as_ref(), out);
    let rest = leaf.groups.get(1..).unwrap_or_default();
    super::within("groups", rest.len() as u64, MAX_FILES.into())?;
    out.varint(rest.len() as u64);
    for group in rest {
        out.raw(&group.0);
    }
    Ok(())
}

/// The leaf up to its groups, of which the first follows from its `R`.
pub(super) fn parse_front(parser: &mut Parser<'_>) -> Parsed<NewLeaf> {
    let index = Index(parser.varint("index")?);
    let first_group = parser.varint("first group")?;
    let record = parse_record(parser)?;
    let unknown = ParseError::Unknown { what: "sequence or time", found: record.sequence.0 };
    let text = brief::write(&record).ok_or(unknown)?;
    let (leaf_data, group) = brief::follows(&record, &text);
    Ok(NewLeaf {
        kind: LeafKind::Entry,
        index,
        leaf_data,
        tenant: record.tenant,
        sequence: record.sequence,
        id: record.id,
        record: text,
        groups: vec![group],
        first_group,
        request: parse_request(parser)?,
        lookups: Vec::new(),
    })
}

/// The groups after the first.
pub(super) fn parse_groups(parser: &mut Parser<'_>, leaf: &mut NewLeaf) -> Parsed<()> {
    let count = parser.few("groups", 32, MAX_FILES)?;
    leaf.groups.reserve_exact(count);
    for _ in 0..count {
        leaf.groups.push(Hash(parser.array("group")?));
    }
    Ok(())
}

fn parse_record(parser: &mut Parser<'_>) -> Parsed<LogRecord> {
    let found = parser.u8("kind of entry")?;
    let kind = KINDS.iter().find(|(_, number)| *number == found);
    let (kind, _) = kind.ok_or(ParseError::Unknown { what: "kind of entry", found: found.into() })?;
    let previous = match parser.u8("previous")? {
        0 => None,
        1 => Some(Hash(parser.array("previous")?)),
        found => return Err(ParseError::Unknown { what: "previous", found: found.into() }),
    };
    Ok(LogRecord {
        kind: *kind,
        previous,
        entry_sha256: Hash(parser.array("SHA-256 of E")?),
        entry_sha512: Hash512(parser.array("SHA-512 of E")?),
        salt: parser.array("salt")?,
        tenant: TenantId(parser.array("tenant")?),
        id: EntryId(parser.array("id")?),
        sequence: Sequence(parser.varint("sequence")?),
        received_at: UnixMillis(parser.varint("time received")?),
        rest: Members::new(),
    })
}

/// Written alike in both forms of a leaf.
pub(super) fn write_request(request: Option<&RequestKey>, out: &mut Writer) {
    match request {
        None => out.u8(0),
        Some(request) => out.u8(1).raw(&request.key).raw(&request.digest),
    };
}

pub(super) fn parse_request(parser: &mut Parser<'_>) -> Parsed<Option<RequestKey>> {
    match parser.u8("request")? {
        0 => Ok(None),
        1 => Ok(Some(RequestKey { key: parser.array("request")?, digest: parser.array("request")? })),
        found => Err(ParseError::Unknown { what: "request", found: found.into() }),
    }
}
