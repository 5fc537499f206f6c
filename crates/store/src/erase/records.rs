//! Records of a closed segment one by one, without their bodies: header and key table, checked against their digests.

use crate::error::OpenError;
use crate::record::{Header, LeafHeader, LeafKeys, PREFIX, Place, Prefix, Record, UnitFacts, UnitKeys, parse_keyring};
use crate::scan::damaged;
use crate::sector::{self, SECTOR, Sector, SectorType, offset_of, sectors_for};
use crate::segment::SegmentHeader;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A record of which the body was left where it is.
pub(crate) struct Stored {
    pub(crate) place: Place,
    pub(crate) prefix: Prefix,
    pub(crate) header: Vec<u8>,
    keyring: Vec<u8>,
}

/// A leaf as header and key table say it.
pub(crate) struct StoredLeaf {
    pub(crate) index: u64,
    pub(crate) lookups: Vec<[u8; 32]>,
    pub(crate) units: Vec<(UnitFacts, UnitKeys)>,
}

impl StoredLeaf {
    /// Nothing is left that an elimination takes.
    pub(crate) fn is_clear(&self) -> bool {
        self.lookups.is_empty() && self.units.iter().all(|(_, keys)| *keys == keys.destroyed())
    }
}

impl Stored {
    pub(crate) fn new(place: Place, prefix: Prefix, header: Vec<u8>, keyring: Vec<u8>) -> Self {
        Self { place, prefix, header, keyring }
    }

    /// The leaves, in order.
    pub(crate) fn leaves(&self, path: &Path) -> Result<Vec<StoredLeaf>, OpenError> {
        let wrong = |what: &dyn std::fmt::Display| {
            damaged(path, self.place.sector, format!("record {}: {what}", self.prefix.number))
        };
        let header = Header::parse(&self.header).map_err(|error| wrong(&error))?;
        let keys = parse_keyring(&self.keyring, &self.header, &header.leaves).map_err(|error| wrong(&error))?;
        let mut leaves = Vec::with_capacity(keys.len());
        for (leaf, keys) in header.leaves.iter().zip(keys) {
            let count = leaf.files.map_or(0, |files| u64::from(files) + 1);
            let unit = |number| self.unit(leaf, &keys, number);
            let units = (0..count).map(|number| unit(number).ok_or_else(|| wrong(&"a unit cannot be read")));
            let units = units.collect::<Result<_, _>>()?;
            leaves.push(StoredLeaf { index: leaf.leaf.index.0, lookups: keys.lookups, units });
        }
        Ok(leaves)
    }

    fn unit(&self, leaf: &LeafHeader, keys: &LeafKeys, number: u64) -> Option<(UnitFacts, UnitKeys)> {
        fn part(bytes: &[u8], at: usize, (from, len): (u64, usize)) -> Option<&[u8]> {
            let from = at.checked_add(usize::try_from(from).ok()?)?;
            bytes.get(from..from.checked_add(len)?)
        }
        let facts = leaf.form.parse_unit(part(&self.header, leaf.facts_at, leaf.form.unit_at(number))?).ok()?;
        let keys = UnitKeys::parse(part(&self.keyring, keys.units_at, UnitKeys::at(number))?).ok()?;
        Some((facts, keys))
    }

    /// The record as rows are made of it.
    pub(crate) fn record(&self, path: &Path) -> Result<Record, OpenError> {
        let record = Record::parse(self.place, &self.prefix, &self.header, &self.keyring);
        record.map_err(|error| damaged(path, self.place.sector, format!("record {}: {error}", self.prefix.number)))
    }
}

/// A closed segment, open for reading.
pub(crate) struct Closed {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    pub(crate) header: SegmentHeader,
    number: u64,
    sectors: u64,
}

impl Closed {
    pub(crate) fn open(path: &Path, number: u64) -> Result<Self, OpenError> {
        let failed = || OpenError::io("read segment", path);
        let file = File::open(path).map_err(failed())?;
        let sectors = file.metadata().map_err(failed())?.len() / SECTOR as u64;
        let mut first = [0; SECTOR];
        file.read_exact_at(&mut first, 0).map_err(failed())?;
        let header = match sector::read(number, 0, &first) {
            Sector::Whole(SectorType::Header, payload) => SegmentHeader::parse(payload).map_err(|e| e.to_string()),
            _ => Err("is damaged or missing".into()),
        };
        let header = header.map_err(|what| damaged(path, 0, format!("segment header {what}")))?;
        Ok(Self { path: path.to_owned(), file, header, number, sectors })
    }

    /// Every record, in order.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(Stored) -> Result<(), OpenError>) -> Result<(), OpenError> {
        let mut sector = 1;
        while sector < self.sectors && !self.is_blank(sector)? {
            let stored = self.stored(sector)?;
            sector = sector.saturating_add(sectors_for(stored.prefix.record_len()));
            visit(stored)?;
        }
        Ok(())
    }

    /// Nothing was written here, and so nothing after it: the space was not given back.
    fn is_blank(&self, sector: u64) -> Result<bool, OpenError> {
        let mut bytes = [0; SECTOR];
        let read = self.file.read_exact_at(&mut bytes, offset_of(sector));
        read.map_err(OpenError::io("read segment", &self.path))?;
        Ok(sector::read(self.number, sector, &bytes) == Sector::Blank)
    }

    /// Bytes of the record that begins at this sector.
    pub(crate) fn read(&self, sector: u64, from: u64, into: &mut [u8]) -> Result<(), OpenError> {
        let read = sector::read_stream(&self.file, self.number, sector, from, into);
        read.map_err(OpenError::io("read segment", &self.path))
    }

    fn stored(&self, sector: u64) -> Result<Stored, OpenError> {
        let wrong = |what: String| damaged(&self.path, sector, what);
        let mut bytes = [0; PREFIX];
        self.read(sector, 0, &mut bytes)?;
        let prefix = Prefix::parse(&bytes).map_err(|error| wrong(format!("record prefix {error}")))?;
        let mut header = vec![0; prefix.header_len as usize];
        self.read(sector, PREFIX as u64, &mut header)?;
        let mut keyring = vec![0; prefix.keyring_len as usize];
        self.read(sector, prefix.keyring_at(), &mut keyring)?;
        if proof::sha256(&header) != prefix.header_sha256 || proof::sha256(&keyring) != prefix.keyring_sha256 {
            return Err(wrong(format!("header or key table of record {} has another digest", prefix.number)));
        }
        Ok(Stored { place: Place { segment: self.number, sector }, prefix, header, keyring })
    }
}
