//! From a commit to the sectors of its record.

use crate::cipher::random;
use crate::codec::ParseError;
use crate::limits::{MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_KEYRING_BYTES};
use crate::record::{
    KeyringWriter, Location, PREFIX, Place, Prefix, Record, UnitKeys, VERSION, WrappedKey, within, wrap_context,
    write_header,
};
use crate::sector::{SectorType, SectorWriter};
use crate::segment::SegmentWriter;
use crate::vault::{SealedBody, SealedParts, SealedUnit};
use ledger::storage::{Commit, StorageError};
use proof::Hash;
use ring::rand::SystemRandom;

/// A record of which all but the wrapped keys is known, and so its length.
pub(crate) struct Draft {
    previous: Hash,
    header: Vec<u8>,
    keyring_len: u64,
    body_len: u64,
}

/// A commit that the format cannot hold: nothing was written, and the store goes on without it.
fn refused(error: &ParseError) -> StorageError {
    StorageError::Retry(format!("commit refused: {error}"))
}

impl Draft {
    pub(crate) fn new(commit: &Commit<SealedParts>, previous: Hash) -> Result<Self, StorageError> {
        let header = write_header(commit).map_err(|error| refused(&error))?;
        let mut keyring_len: u64 = 0;
        let mut body_len: u64 = 0;
        for (leaf, parts) in &commit.leaves {
            let units = parts.units().zip(0_u64..).map(|(_, number)| UnitKeys::at(number).1 as u64);
            let lookups = 4 + 32 * leaf.lookups.len() as u64;
            keyring_len = keyring_len.saturating_add(lookups).saturating_add(units.sum());
            body_len = body_len.saturating_add(parts.inline_bytes());
        }
        within("header length", header.len() as u64, MAX_HEADER_BYTES.into())
            .and_then(|()| within("key table length", keyring_len, MAX_KEYRING_BYTES.into()))
            .and_then(|()| within("body length", body_len, MAX_BODY_BYTES))
            .map_err(|error| refused(&error))?;
        Ok(Self { previous, header, keyring_len, body_len })
    }

    pub(crate) fn record_len(&self) -> u64 {
        PREFIX as u64 + self.header.len() as u64 + self.keyring_len + self.body_len
    }

    /// The record as it will be read back, and its sectors at the writer's place, in this memory.
    pub(crate) fn write(
        self,
        commit: &Commit<SealedParts>,
        writer: &SegmentWriter,
        rng: &SystemRandom,
        memory: Vec<u8>,
    ) -> Result<(Record, Vec<u8>), StorageError> {
        let keyring = write_keyring(commit, writer, rng)?;
        if keyring.len() as u64 != self.keyring_len {
            let text = format!("key table of {} bytes where {} were foreseen", keyring.len(), self.keyring_len);
            return Err(StorageError::Fatal(text));
        }
        let prefix = Prefix {
            version: VERSION,
            number: commit.number,
            previous: self.previous,
            header_len: u32::try_from(self.header.len()).unwrap_or(u32::MAX),
            keyring_len: u32::try_from(keyring.len()).unwrap_or(u32::MAX),
            body_len: self.body_len,
            header_sha256: proof::sha256(&self.header),
            keyring_sha256: proof::sha256(&keyring),
        };
        let place = Place { segment: writer.number, sector: writer.next_sector() };
        // What is published is what the record says, not what it was made from.
        let record = Record::parse(place, &prefix, &self.header, &keyring).map_err(|error| refused(&error))?;
        let length = prefix.record_len();
        let mut sectors = SectorWriter::within(memory, place.segment, place.sector, SectorType::Start, length);
        sectors.push(&prefix.write());
        sectors.push(&self.header);
        sectors.push(&keyring);
        for unit in commit.leaves.iter().flat_map(|(_, parts)| parts.units()) {
            sectors.push(&unit.record.bytes);
            if let Some(SealedBody::Inline(body)) = &unit.body {
                sectors.push(&body.bytes);
            }
        }
        Ok((record, sectors.finish()))
    }
}

fn write_keyring(
    commit: &Commit<SealedParts>,
    writer: &SegmentWriter,
    rng: &SystemRandom,
) -> Result<Vec<u8>, StorageError> {
    let mut out = KeyringWriter::default();
    let mut offset = 0;
    for (leaf, parts) in &commit.leaves {
        out.lookups(&leaf.lookups).map_err(|error| refused(&error))?;
        for (unit, number) in parts.units().zip(0..) {
            let context = wrap_context(writer.key_id, commit.number, leaf.index.0, number);
            let wrapped = random(rng).and_then(|nonce| {
                let bytes = writer.key.wrap(&nonce, &context, &unit.secret)?;
                Some(WrappedKey { by: writer.key_id, nonce, bytes })
            });
            let key = Some(wrapped.ok_or_else(|| StorageError::Retry("no randomness".into()))?);
            out.unit(&place_unit(unit, key, &mut offset));
        }
    }
    Ok(out.finish())
}

fn place_unit(unit: &SealedUnit, key: Option<WrappedKey>, offset: &mut u64) -> UnitKeys {
    let mut inline = |bytes: u64| {
        let at = *offset;
        *offset = at.saturating_add(bytes);
        Location::Inline(at)
    };
    let record = inline(unit.record.facts.stored);
    let body = unit.body.as_ref().map(|body| match body {
        SealedBody::Inline(bytes) => inline(bytes.facts.stored),
        SealedBody::Ahead(file) => Location::Ahead(file.id()),
    });
    UnitKeys { key, record, body }
}
