//! `E`, `F` and files read back from a record or from ahead of it.

use crate::ahead;
use crate::chunks::{ChunkReader, Source};
use crate::cipher::{Domain, Secret};
use crate::codec::ParseError;
use crate::limits::MAX_RECORD_PART_BYTES;
use crate::reads::StoreReads;
use crate::record::{Location, PartFacts, PlacedParts, UnitFacts, UnitKeys, wrap_context};
use crate::rows::Row;
use crate::sector;
use ledger::storage::StorageError;
use proof::{FileNumber, Index};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// What opens one unit, read from its record.
struct Unit {
    row: Row,
    /// The segment that the row speaks of.
    file: Arc<File>,
    parts: PlacedParts,
    facts: UnitFacts,
    keys: UnitKeys,
    /// 0 for `E`, else the file's number.
    number: u64,
}

pub(crate) fn fatal(what: &str, index: Index, error: &dyn std::fmt::Display) -> StorageError {
    StorageError::Fatal(format!("{what} of entry {}: {error}", index.0))
}

pub(crate) fn of_io(what: &str, index: Index, error: &io::Error) -> StorageError {
    let damage = [io::ErrorKind::InvalidData, io::ErrorKind::NotFound, io::ErrorKind::UnexpectedEof];
    if damage.contains(&error.kind()) {
        return fatal(what, index, error);
    }
    StorageError::Retry(format!("{what} of entry {}: {error}", index.0))
}

/// These bytes of the row's record, in the file that the row speaks of.
pub(crate) fn stretch(row: &Row, file: &File, from: u64, len: usize) -> Result<Vec<u8>, StorageError> {
    let mut bytes = vec![0; len];
    let read = sector::read_stream(file, row.place.segment, row.place.sector, from, &mut bytes);
    read.map_err(|error| of_io("record", row.index, &error))?;
    Ok(bytes)
}

impl StoreReads {
    /// Number of files of the entry at this index; `None` when there is no such entry (a seal, or beyond the head).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn file_count(&self, index: Index) -> Result<Option<u64>, StorageError> {
        Ok(self.row(index)?.and_then(|row| row.parts).map(|parts| parts.files.into()))
    }

    /// Exact bytes of `E`; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn read_entry_record(&self, index: Index) -> Result<Option<Vec<u8>>, StorageError> {
        self.read_record(index, 0, Domain::Entry)
    }

    /// Exact bytes of the `F` of this file; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn read_file_record(&self, index: Index, file: FileNumber) -> Result<Option<Vec<u8>>, StorageError> {
        if file.0 == 0 {
            return Ok(None);
        }
        self.read_record(index, file.0, Domain::FileRecord)
    }

    fn read_record(&self, index: Index, number: u64, domain: Domain) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(unit) = self.unit(index, number)? else {
            return Ok(None);
        };
        let Some(secret) = self.secret(index, &unit)? else {
            return Ok(None);
        };
        let (location, facts) = (unit.keys.record, unit.facts.record);
        if facts.plain > MAX_RECORD_PART_BYTES {
            let beyond = ParseError::Beyond { what: "record", found: facts.plain, limit: MAX_RECORD_PART_BYTES };
            return Err(fatal("record", index, &beyond));
        }
        let Some(mut reader) = self.reader(index, &unit, location, facts, &secret, domain)? else {
            return Ok(None);
        };
        let mut bytes = Vec::with_capacity(usize::try_from(facts.plain).unwrap_or(0));
        reader.read_to_end(&mut bytes).map_err(|error| of_io("record", index, &error))?;
        Ok(Some(bytes))
    }

    /// The plaintext of a file, chunk by chunk; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn open_file(&self, index: Index, file: FileNumber) -> Result<Option<FileReader>, StorageError> {
        let Some(unit) = self.unit(index, file.0)? else {
            return Ok(None);
        };
        let (Some(location), Some(facts)) = (unit.keys.body, unit.facts.body) else {
            return Ok(None);
        };
        let Some(secret) = self.secret(index, &unit)? else {
            return Ok(None);
        };
        let reader = self.reader(index, &unit, location, facts, &secret, Domain::File)?;
        Ok(reader.map(FileReader))
    }

    fn unit(&self, index: Index, number: u64) -> Result<Option<Unit>, StorageError> {
        let Some((row, file)) = self.placed(index)? else {
            return Ok(None);
        };
        let Some(parts) = row.parts.filter(|parts| number <= parts.files.into()) else {
            return Ok(None);
        };
        let (from, len) = parts.form.unit_at(number);
        let facts = stretch(&row, &file, parts.facts_at.saturating_add(from), len)?;
        let (from, len) = UnitKeys::at(number);
        let keys = stretch(&row, &file, parts.keys_at.saturating_add(from), len)?;
        let facts = parts.form.parse_unit(&facts).map_err(|error| fatal("facts", index, &error))?;
        let keys = UnitKeys::parse(&keys).map_err(|error| fatal("keys", index, &error))?;
        Ok(Some(Unit { row, file, parts, facts, keys, number }))
    }

    fn secret(&self, index: Index, unit: &Unit) -> Result<Option<Secret>, StorageError> {
        let Some(wrapped) = &unit.keys.key else {
            return Ok(None);
        };
        let key = self.0.keys.segment_key(wrapped.by).map_err(|error| fatal("key", index, &error))?;
        let context = wrap_context(wrapped.by, unit.row.record, index.0, unit.number);
        match key.unwrap(&wrapped.nonce, &context, &wrapped.bytes) {
            Some(secret) => Ok(Some(secret)),
            None => Err(fatal("key", index, &"does not unwrap")),
        }
    }

    fn reader(
        &self,
        index: Index,
        unit: &Unit,
        location: Location,
        facts: PartFacts,
        secret: &Secret,
        domain: Domain,
    ) -> Result<Option<ChunkReader>, StorageError> {
        let place = unit.row.place;
        let opened = match location {
            Location::Gone => return Ok(None),
            Location::Inline(offset) => Ok(Source::Segment {
                file: Arc::clone(&unit.file),
                segment: place.segment,
                sector: place.sector,
                from: unit.parts.body_at.saturating_add(offset),
            }),
            Location::Ahead(id) => File::open(ahead::path_of(&self.0.ahead, &id)).map(Source::Ahead),
        };
        let reader = opened.and_then(|source| ChunkReader::new(source, secret, domain, facts.plain));
        reader.map(Some).map_err(|error| of_io("part", index, &error))
    }
}

/// Plaintext of a stored file: one chunk in memory at a time, from any place. Damage shows as an error of kind `InvalidData`.
#[derive(Debug)]
pub struct FileReader(ChunkReader);

impl FileReader {
    /// Bytes of the whole file.
    pub fn len(&self) -> u64 {
        self.0.len()
    }
    /// True when the file has no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Read for FileReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
