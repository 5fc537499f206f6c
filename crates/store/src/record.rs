//! A record: one commit as it stands in a segment. See docs/formats/segment.md.
//!
//! Prefix ‖ header ‖ key table ‖ body. The record's digest covers number, previous digest and header: what never changes.
//! The key table (wrapped keys, places of parts, look-ups) and the body are what elimination and compaction rewrite.

mod brief;
mod facts;
mod header;
mod keyring;

pub(crate) use facts::{Form, PartFacts, UnitFacts};
#[cfg(test)]
pub(crate) use header::write_leaf;
pub(crate) use header::{Header, LEAF_FRONT, LeafHeader, parse_leaf, parse_leaf_data, write_header};
pub(crate) use keyring::{
    AheadName, KeyringWriter, LeafKeys, Location, UnitKeys, WrappedKey, parse_keyring, wrap_context,
};

use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::limits::{MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_KEYRING_BYTES};
use ledger::storage::{NewLeaf, Put, Replay};
use proof::{Hash, TreeSize, UnixMillis};

const MAGIC: &[u8; 4] = b"TBRC";
/// The version of records this program writes; it reads those before it too.
pub(crate) const VERSION: u16 = 2;
/// Bytes of a prefix; it fits the first sector.
pub(crate) const PREFIX: usize = 126;

/// The first bytes of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Prefix {
    /// What wrote it: an elimination leaves it as it was, since the digest covers it.
    pub(crate) version: u16,
    pub(crate) number: u64,
    /// Digest of the record before it; zero for the first.
    pub(crate) previous: Hash,
    pub(crate) header_len: u32,
    pub(crate) keyring_len: u32,
    pub(crate) body_len: u64,
    pub(crate) header_sha256: Hash,
    pub(crate) keyring_sha256: Hash,
}

impl Prefix {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(PREFIX);
        out.raw(MAGIC).u16(self.version).u64(self.number).raw(&self.previous.0);
        out.u32(self.header_len).u32(self.keyring_len).u64(self.body_len);
        out.raw(&self.header_sha256.0).raw(&self.keyring_sha256.0);
        out.0
    }

    /// The prefix at the front of these bytes; more may follow.
    pub(crate) fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut parser = Parser::new(bytes);
        let found = Self {
            version: parser.magic(MAGIC, VERSION)?,
            number: parser.u64("record number")?,
            previous: Hash(parser.array("previous digest")?),
            header_len: parser.u32("header length")?,
            keyring_len: parser.u32("key table length")?,
            body_len: parser.u64("body length")?,
            header_sha256: Hash(parser.array("header digest")?),
            keyring_sha256: Hash(parser.array("key table digest")?),
        };
        within("header length", found.header_len.into(), MAX_HEADER_BYTES.into())?;
        within("key table length", found.keyring_len.into(), MAX_KEYRING_BYTES.into())?;
        within("body length", found.body_len, MAX_BODY_BYTES)?;
        Ok(found)
    }

    /// Bytes of the whole record.
    pub(crate) fn record_len(&self) -> u64 {
        self.body_at() + self.body_len
    }
    /// Where the key table begins.
    pub(crate) fn keyring_at(&self) -> u64 {
        PREFIX as u64 + u64::from(self.header_len)
    }
    /// Where the body begins.
    pub(crate) fn body_at(&self) -> u64 {
        self.keyring_at() + u64::from(self.keyring_len)
    }

    /// The digest that the next record names.
    pub(crate) fn digest(&self) -> Hash {
        let mut covered = Writer::with_capacity(78);
        covered.raw(MAGIC).u16(self.version).u64(self.number).raw(&self.previous.0).raw(&self.header_sha256.0);
        proof::sha256(&covered.0)
    }
}

pub(crate) fn within(what: &'static str, found: u64, limit: u64) -> Parsed<()> {
    if found <= limit { Ok(()) } else { Err(ParseError::Beyond { what, found, limit }) }
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    pub(crate) sector: u64,
}

/// A leaf with the offsets, in its record, that reading it later needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PlacedLeaf {
    pub(crate) leaf: NewLeaf,
    /// Where the leaf begins, as the header has it, and its bytes.
    pub(crate) leaf_at: u64,
    pub(crate) leaf_len: u64,
    /// Where its look-ups end in the key table, and its units begin if it has any.
    pub(crate) keys_at: u64,
    /// Its parts; `None` for a seal.
    pub(crate) parts: Option<PlacedParts>,
    /// Files ahead that it names.
    pub(crate) ahead: Vec<AheadName>,
}

/// Where the tables of an entry's parts begin, in its record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PlacedParts {
    pub(crate) facts_at: u64,
    pub(crate) form: Form,
    pub(crate) keys_at: u64,
    pub(crate) body_at: u64,
    pub(crate) files: u32,
}

/// A record without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) digest: Hash,
    pub(crate) place: Place,
    pub(crate) at: UnixMillis,
    pub(crate) size: TreeSize,
    pub(crate) checkpoint_text: String,
    pub(crate) leaves: Vec<PlacedLeaf>,
    pub(crate) puts: Vec<Put>,
}

impl Record {
    /// The record of this prefix, header and key table.
    pub(crate) fn parse(place: Place, prefix: &Prefix, header: &[u8], keyring: &[u8]) -> Parsed<Self> {
        let parsed = Header::parse(header)?;
        let keys = parse_keyring(keyring, header, &parsed.leaves)?;
        let mut leaves = Vec::with_capacity(parsed.leaves.len());
        for (mut leaf, keys) in parsed.leaves.into_iter().zip(keys) {
            leaf.leaf.lookups = keys.lookups;
            let keys_at = prefix.keyring_at() + keys.units_at as u64;
            let parts = leaf.files.map(|files| PlacedParts {
                facts_at: PREFIX as u64 + leaf.facts_at as u64,
                form: leaf.form,
                keys_at,
                body_at: prefix.body_at(),
                files,
            });
            let leaf_at = PREFIX as u64 + leaf.leaf_at as u64;
            let leaf_len = leaf.leaf_len as u64;
            leaves.push(PlacedLeaf { leaf: leaf.leaf, leaf_at, leaf_len, keys_at, parts, ahead: keys.ahead });
        }
        Ok(Self {
            number: prefix.number,
            digest: prefix.digest(),
            place,
            at: parsed.at,
            size: parsed.size,
            checkpoint_text: parsed.checkpoint_text,
            leaves,
            puts: parsed.puts,
        })
    }

    /// What the ledger computes again.
    pub(crate) fn replay(&self) -> Replay {
        Replay {
            number: self.number,
            at: self.at,
            size: self.size,
            checkpoint_text: self.checkpoint_text.clone(),
            leaves: self.leaves.iter().map(|placed| placed.leaf.clone()).collect(),
            puts: self.puts.clone(),
        }
    }
}
