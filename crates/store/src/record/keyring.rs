//! The key table of a record: what opens its parts, where they stand, how the entry is found again.
//!
//! Not covered by the record's digest, since elimination rewraps keys, compaction moves parts, and both forget look-ups.

use super::header::LeafHeader;
use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::keys::{KeyId, WRAPPED};
use crate::limits::MAX_LOOKUPS;

/// Bytes of a key, of a location.
const KEY: usize = 77;
const LOCATION: usize = 17;

/// A key under its segment's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WrappedKey {
    pub(crate) by: KeyId,
    pub(crate) nonce: [u8; 12],
    pub(crate) bytes: [u8; WRAPPED],
}

/// Where a part stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Location {
    /// Destroyed.
    Gone,
    /// In the body, from this offset.
    Inline(u64),
    /// In the file ahead of this name.
    Ahead([u8; 16]),
}

/// Key and places of what shares one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnitKeys {
    /// `None` once destroyed.
    pub(crate) key: Option<WrappedKey>,
    /// Of `E` or `F`.
    pub(crate) record: Location,
    /// Of the file; `None` for `E`.
    pub(crate) body: Option<Location>,
}

/// A file ahead, and the length that the header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct AheadName {
    pub(crate) id: [u8; 16],
    pub(crate) stored: u64,
}

/// What the table says of one leaf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LeafKeys {
    pub(crate) lookups: Vec<[u8; 32]>,
    /// Where its units begin within the table.
    pub(crate) units_at: usize,
    pub(crate) ahead: Vec<AheadName>,
}

/// What a key is bound to: wrapping key, record, leaf, unit (0 for `E`, else the file's number).
pub(crate) fn wrap_context(by: KeyId, record: u64, index: u64, unit: u64) -> Vec<u8> {
    let mut out = Writer::with_capacity(56);
    out.raw(b"tabellion wrap 1").raw(&by.0).u64(record).u64(index).u64(unit);
    out.0
}

/// Writes the table, leaf after leaf.
#[derive(Default)]
pub(crate) struct KeyringWriter(Writer);

impl KeyringWriter {
    pub(crate) fn lookups(&mut self, lookups: &[[u8; 32]]) -> Parsed<()> {
        self.0.count("look-ups", lookups.len(), MAX_LOOKUPS)?;
        for digest in lookups {
            self.0.raw(digest);
        }
        Ok(())
    }

    pub(crate) fn unit(&mut self, unit: &UnitKeys) {
        let out = &mut self.0;
        match &unit.key {
            None => out.raw(&[0; KEY]),
            Some(key) => out.u8(1).raw(&key.by.0).raw(&key.nonce).raw(&key.bytes),
        };
        for location in std::iter::once(unit.record).chain(unit.body) {
            match location {
                Location::Gone => out.raw(&[0; LOCATION]),
                Location::Inline(offset) => out.u8(1).u64(offset).u64(0),
                Location::Ahead(id) => out.u8(2).raw(&id),
            };
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.0
    }
}

impl UnitKeys {
    /// What is left of it once destroyed.
    pub(crate) fn destroyed(&self) -> Self {
        Self { key: None, record: Location::Gone, body: self.body.map(|_| Location::Gone) }
    }

    /// Where unit `number` (0 for `E`) stands after the first, and its length.
    pub(crate) fn at(number: u64) -> (u64, usize) {
        let (first, each) = (KEY + LOCATION, KEY + 2 * LOCATION);
        match number.checked_sub(1) {
            None => (0, first),
            Some(before) => ((first as u64).saturating_add(before.saturating_mul(each as u64)), each),
        }
    }

    /// One unit, exactly.
    pub(crate) fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut parser = Parser::new(bytes);
        let key = match parser.u8("wrapped key")? {
            0 => {
                zeros(parser.raw("wrapped key", KEY - 1)?)?;
                None
            }
            1 => Some(WrappedKey {
                by: KeyId(parser.array("key id")?),
                nonce: parser.array("nonce")?,
                bytes: parser.array("wrapped key")?,
            }),
            found => {
                return Err(ParseError::Unknown { what: "wrapped key", found: found.into() });
            }
        };
        let record = parse_location(&mut parser)?;
        let body = if parser.rest().is_empty() { None } else { Some(parse_location(&mut parser)?) };
        parser.end()?;
        Ok(Self { key, record, body })
    }
}

fn zeros(bytes: &[u8]) -> Parsed<()> {
    match bytes.iter().find(|b| **b != 0) {
        None => Ok(()),
        Some(found) => Err(ParseError::Unknown { what: "padding", found: (*found).into() }),
    }
}

fn parse_location(parser: &mut Parser<'_>) -> Parsed<Location> {
    match parser.u8("location")? {
        0 => zeros(parser.raw("location", LOCATION - 1)?).map(|()| Location::Gone),
        1 => {
            let offset = parser.u64("offset")?;
            zeros(parser.raw("location", 8)?).map(|()| Location::Inline(offset))
        }
        2 => Ok(Location::Ahead(parser.array("file ahead")?)),
        found => Err(ParseError::Unknown { what: "location", found: found.into() }),
    }
}

/// The table of a record that has this header and these leaves in it, exactly.
pub(crate) fn parse_keyring(bytes: &[u8], header: &[u8], leaves: &[LeafHeader]) -> Parsed<Vec<LeafKeys>> {
    let mut parser = Parser::new(bytes);
    let found = leaves.iter().map(|leaf| {
        let facts = header.get(leaf.facts_at..).unwrap_or_default();
        parse_leaf_keys(&mut parser, leaf, facts)
    });
    let found = found.collect::<Parsed<_>>()?;
    parser.end()?;
    Ok(found)
}

fn parse_leaf_keys(parser: &mut Parser<'_>, leaf: &LeafHeader, facts: &[u8]) -> Parsed<LeafKeys> {
    let count = parser.count("look-ups", 32, MAX_LOOKUPS)?;
    let lookups = (0..count).map(|_| parser.array("look-up")).collect::<Parsed<_>>()?;
    let units_at = parser.at();
    let mut facts = Parser::new(facts);
    let mut ahead = Vec::new();
    let units = leaf.files.map_or(0, |files| u64::from(files) + 1);
    for number in 0..units {
        let unit = UnitKeys::parse(parser.raw("unit", UnitKeys::at(number).1)?)?;
        let said = leaf.form.parse_unit(facts.raw("facts", leaf.form.unit_at(number).1)?)?;
        // `E` and `F` always travel in the record.
        if let Location::Ahead(_) = unit.record {
            return Err(ParseError::Unknown { what: "location of a record", found: 2 });
        }
        if let (Some(Location::Ahead(id)), Some(body)) = (unit.body, said.body) {
            ahead.push(AheadName { id, stored: body.stored });
        }
    }
    Ok(LeafKeys { lookups, units_at, ahead })
}
