//! Parts of an entry: the ciphertext's SHA-256 against the header, its decryption under its key, and what it gives back.
//!
//! A document is deciphered where the scrub was asked to (docs/decisions/0012-what-a-scrub-deciphers.md), and where its ciphertext is
//! wrong, to place what is. `E` and each `F`, which share the keys of the documents, always are.

use super::survey::Survey;
use super::{Depth, Finding, Scrubber, Step, Stopped, keys};
use crate::ahead;
use crate::chunks::Source;
use crate::cipher::{ChunkCipher, Domain, STORED_CHUNK, Secret, chunks_of};
use crate::digest::{Running256, Running512, sha256};
use crate::keys::KeyId;
use crate::record::{
    Location, PartFacts, PlacedLeaf, PlacedParts, Record, UnitFacts, UnitKeys, WrappedKey, wrap_context,
};
use ledger::audit::{self, BodySeen, EntrySeen, FileSeen};
use proof::Hash;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What reading parts gave.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) findings: Vec<Finding>,
    /// Keys that do not open, with what is said of each.
    pub(super) keys: Vec<(KeyId, Finding)>,
    pub(super) entries: u64,
    pub(super) parts: u64,
}

/// Where what is read goes.
pub(super) struct Reading<'a> {
    pub(super) out: &'a mut Gathered,
    /// So many bytes more were read of a file ahead; `false` stops.
    pub(super) passed: &'a mut dyn FnMut(u64) -> bool,
}

/// One entry of a record whose header and key table are right.
struct Entry<'a> {
    scrub: &'a Scrubber,
    path: &'a Path,
    found: &'a Survey,
    record: &'a Record,
    placed: &'a PlacedLeaf,
}

/// A part to be read.
struct Part {
    unit: u64,
    domain: Domain,
    facts: PartFacts,
    location: Location,
}

/// What a part gave back.
#[derive(Default)]
struct Read {
    /// Exact bytes, when they were asked for.
    plain: Vec<u8>,
    sha256: Running256,
    sha512: Running512,
    size: u64,
}

/// Every part of this entry that is not destroyed is right, and `E`, `F`s and files agree with `R`.
pub(super) fn entry(
    scrub: &Scrubber,
    path: &Path,
    found: &Survey,
    record: &Record,
    placed: &PlacedLeaf,
    reading: &mut Reading<'_>,
) -> Step {
    let Some(parts) = placed.parts else { return Ok(()) };
    let entry = Entry { scrub, path, found, record, placed };
    let mut seen = EntrySeen::default();
    for unit in 0..=u64::from(parts.files) {
        let Some((facts, keys)) = entry.unit(&parts, unit) else { continue };
        // Destroyed under a visa: nothing to read, and no damage.
        let secret = match &keys.key {
            None => None,
            Some(key) => entry.secret(key, unit, reading),
        };
        let domain = if unit == 0 { Domain::Entry } else { Domain::FileRecord };
        let part = Part { unit, domain, facts: facts.record, location: keys.record };
        let told = entry.part(&parts, &part, keys.key.is_some(), secret.as_ref(), reading)?;
        let written = told.map(|read| read.plain);
        let Some((facts, location)) = facts.body.zip(keys.body) else {
            seen.e = written;
            continue;
        };
        let part = Part { unit, domain: Domain::File, facts, location };
        let body = entry.part(&parts, &part, keys.key.is_some(), secret.as_ref(), reading)?;
        let body = body.filter(|_| scrub.effort.depth == Depth::Documents);
        let body =
            body.map(|read| BodySeen { size: read.size, sha256: read.sha256.finish(), sha512: read.sha512.finish() });
        seen.files.push(FileSeen { f: written, body });
    }
    if scrub.effort.depth == Depth::Stored && audit::stands(&placed.leaf, &seen) {
        return Ok(());
    }
    let faults = audit::entry(&placed.leaf, &seen).into_iter();
    reading.out.findings.extend(faults.map(|fault| Finding::of_fault(fault).leaf(&placed.leaf).at(path)));
    Ok(())
}

impl Entry<'_> {
    fn unit(&self, parts: &PlacedParts, unit: u64) -> Option<(UnitFacts, UnitKeys)> {
        let stretch = |at: u64, (from, len): (u64, usize)| {
            let from = usize::try_from(at.checked_add(from)?).ok()?;
            self.found.text.get(from..from.checked_add(len)?)
        };
        let facts = parts.form.parse_unit(stretch(parts.facts_at, parts.form.unit_at(unit))?).ok()?;
        let keys = UnitKeys::parse(stretch(parts.keys_at, UnitKeys::at(unit))?).ok()?;
        Some((facts, keys))
    }

    fn secret(&self, wrapped: &WrappedKey, unit: u64, reading: &mut Reading<'_>) -> Option<Secret> {
        let key = match self.scrub.keys.segment_key(wrapped.by) {
            Ok(key) => key,
            Err(why) => {
                let told = &mut reading.out.keys;
                if !told.iter().any(|(id, _)| *id == wrapped.by) {
                    told.push((wrapped.by, keys::finding(self.scrub, wrapped.by, &why)));
                }
                return None;
            }
        };
        let context = wrap_context(wrapped.by, self.record.number, self.placed.leaf.index.0, unit);
        let secret = key.unwrap(&wrapped.nonce, &context, &wrapped.bytes);
        if secret.is_none() {
            let finding = Finding::new("part-key", "a key that unwraps", "one that does not");
            reading.out.findings.push(finding.leaf(&self.placed.leaf).file(unit).at(self.path));
        }
        secret
    }

    /// Reads a part; what it gave back, `None` when it is gone, wrong (and told), or was not to be deciphered.
    fn part(
        &self,
        parts: &PlacedParts,
        part: &Part,
        keyed: bool,
        secret: Option<&Secret>,
        reading: &mut Reading<'_>,
    ) -> Result<Option<Read>, Stopped> {
        // Negative control: with the failpoint no part is read.
        if !keyed || ledger::failpoint::skip("scrub.parts") {
            return Ok(None);
        }
        let Some((bytes, path, base)) = self.source(parts, part, reading) else { return Ok(None) };
        reading.out.parts = reading.out.parts.saturating_add(1);
        let undeciphered = part.domain == Domain::File && self.scrub.effort.depth == Depth::Stored;
        // A first fault is enough: what is wrong is then read once more, and placed.
        if undeciphered && bytes.digest(part.facts.stored, reading.passed)? == Some(part.facts.sha256) {
            return Ok(None);
        }
        let cipher = secret.and_then(|secret| ChunkCipher::new(secret, part.domain));
        let (mut stored, mut read, mut wrong) = (Running256::default(), Read::default(), None);
        let chunks = chunks_of(part.facts.plain);
        let most = usize::try_from(part.facts.stored).map_or(STORED_CHUNK, |stored| stored.min(STORED_CHUNK));
        let mut buffer = vec![0; most];
        for chunk in 0..chunks {
            let offset = chunk.saturating_mul(STORED_CHUNK as u64);
            let len = part.facts.stored.saturating_sub(offset).min(STORED_CHUNK as u64);
            let held = usize::try_from(len).ok().and_then(|len| buffer.get_mut(..len)).unwrap_or_default();
            if let Err(why) = bytes.read_at(offset, held) {
                self.tell(part, &path, base, (offset, offset + len), ("part-unreadable", why.to_string()), reading);
                return Ok(None);
            }
            stored.update(held);
            match cipher.as_ref().map(|cipher| cipher.open(chunk, chunk + 1 == chunks, held)) {
                Some(Some(plain)) => read.take(plain, part.domain),
                Some(None) if wrong.is_none() => wrong = Some((offset, offset + len)),
                _ => {}
            }
            if !(reading.passed)(bytes.counted(len)) {
                return Err(Stopped);
            }
        }
        let digest = stored.finish();
        let whole = wrong.unwrap_or((0, part.facts.stored));
        if digest != part.facts.sha256 {
            self.tell(part, &path, base, whole, ("part-digest", digest.to_string()), reading);
        } else if wrong.is_some() {
            self.tell(part, &path, base, whole, ("part-undecipherable", "another key or nonce".into()), reading);
        } else if read.size == part.facts.plain && cipher.is_some() {
            return Ok(Some(read));
        }
        Ok(None)
    }

    /// Where the part is read from, the file on disk, and its first byte there.
    fn source(&self, parts: &PlacedParts, part: &Part, reading: &mut Reading<'_>) -> Option<(Bytes<'_>, PathBuf, u64)> {
        match part.location {
            Location::Gone => None,
            Location::Inline(at) => {
                let from = parts.body_at.saturating_add(at);
                let to = from.saturating_add(part.facts.stored);
                let place = self.found.bytes(from, to);
                let told = |found: &str, reading: &mut Reading<'_>| {
                    let told = ("part-damaged", found.into());
                    self.tell(part, self.path, place.0, (0, place.1 - place.0), told, reading);
                };
                if to > self.found.prefix.record_len() {
                    told("a place beyond the record", reading);
                    return None;
                }
                if !self.found.is_right(from, to) {
                    told("damaged sectors", reading);
                    return None;
                }
                let bytes = match self.found.held(from, to) {
                    Some(held) => Bytes::Held(held),
                    None => {
                        let (segment, sector) = (self.record.place.segment, self.found.first);
                        let file = Arc::clone(&self.found.file);
                        Bytes::Stored(Source::Segment { file, segment, sector, from })
                    }
                };
                Some((bytes, self.path.to_owned(), place.0))
            }
            Location::Ahead(id) => {
                let path = ahead::path_of(&self.scrub.places.ahead, &id);
                let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
                match opened {
                    Ok((len, file)) if len == part.facts.stored => Some((Bytes::Stored(Source::Ahead(file)), path, 0)),
                    Ok((len, _)) => {
                        self.tell(part, &path, 0, (0, len), ("ahead-length", format!("{len} bytes")), reading);
                        None
                    }
                    Err(why) => {
                        self.tell(part, &path, 0, (0, 0), ("ahead-missing", why.to_string()), reading);
                        None
                    }
                }
            }
        }
    }

    fn tell(
        &self,
        part: &Part,
        path: &Path,
        base: u64,
        bytes: (u64, u64),
        (what, found): (&'static str, String),
        reading: &mut Reading<'_>,
    ) {
        let facts = part.facts;
        let expected = format!("{} bytes, sha256 {}", facts.stored, facts.sha256);
        let finding = Finding::new(what, expected, found).leaf(&self.placed.leaf).file(part.unit).at(path);
        let (from, to) = (base.saturating_add(bytes.0), base.saturating_add(bytes.1));
        // What an elimination takes is not missed, wherever it had come.
        let eliminated = self.scrub.is_eliminated(self.placed.leaf.index);
        let name = match part.domain {
            Domain::Entry => "E",
            Domain::FileRecord => "F",
            Domain::File => "file",
        };
        let mut finding = finding.bytes(from, to).place(format!("record {}, {name}", self.record.number));
        finding.harmless = eliminated;
        reading.out.findings.push(finding);
    }
}

/// The stored bytes of a part.
enum Bytes<'a> {
    /// In memory, with their record.
    Held(&'a [u8]),
    Stored(Source),
}

impl Bytes<'_> {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Stored(source) => source.read_at(offset, into),
            Self::Held(bytes) => {
                let from = usize::try_from(offset).ok();
                let held = from.and_then(|from| bytes.get(from..from.checked_add(into.len())?));
                into.copy_from_slice(held.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }

    /// Of so many bytes read, those that were not counted with the segment.
    fn counted(&self, bytes: u64) -> u64 {
        if matches!(self, Self::Stored(Source::Ahead(_))) { bytes } else { 0 }
    }

    /// SHA-256 of these bytes; `None` when they cannot be read.
    fn digest(&self, len: u64, passed: &mut dyn FnMut(u64) -> bool) -> Result<Option<Hash>, Stopped> {
        if let Self::Held(bytes) = self {
            return if passed(0) { Ok(Some(sha256(bytes))) } else { Err(Stopped) };
        }
        let mut running = Running256::default();
        let mut buffer = vec![0; usize::try_from(len).map_or(STORED_CHUNK, |len| len.min(STORED_CHUNK))];
        let mut offset = 0;
        while offset < len {
            let now = buffer.len().min(usize::try_from(len - offset).unwrap_or(usize::MAX));
            let held = buffer.get_mut(..now).unwrap_or_default();
            if self.read_at(offset, held).is_err() {
                return Ok(None);
            }
            running.update(held);
            offset = offset.saturating_add(now as u64);
            if !passed(self.counted(now as u64)) {
                return Err(Stopped);
            }
        }
        Ok(Some(running.finish()))
    }
}

impl Read {
    fn take(&mut self, plain: &[u8], domain: Domain) {
        self.size = self.size.saturating_add(plain.len() as u64);
        if domain == Domain::File {
            self.sha256.update(plain);
            self.sha512.update(plain);
        } else {
            self.plain.extend_from_slice(plain);
        }
    }
}
