//! Parts of an entry: the ciphertext's SHA-256 against the header, its decryption under its key, and what it gives back.

use super::survey::Survey;
use super::{Desk, Finding, Progress, Scrubber, Step, Stopped, keys};
use crate::ahead;
use crate::chunks::Source;
use crate::cipher::{ChunkCipher, Domain, STORED_CHUNK, Secret, chunks_of};
use crate::digest::{Running256, Running512};
use crate::record::{Location, PartFacts, PlacedLeaf, PlacedParts, Record, UnitFacts, UnitKeys, WrappedKey};
use crate::record::{parse_unit, unit_at, wrap_context};
use ledger::audit::{BodySeen, EntrySeen, FileSeen};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    desk: &mut Desk<'_>,
    progress: &mut Progress,
) -> Step {
    let Some(parts) = placed.parts else { return Ok(()) };
    let entry = Entry { scrub, path, found, record, placed };
    let mut seen = EntrySeen::default();
    for unit in 0..=u64::from(parts.files) {
        let Some((facts, keys)) = entry.unit(&parts, unit) else { continue };
        // Destroyed under a visa: nothing to read, and no damage.
        let secret = match &keys.key {
            None => None,
            Some(key) => entry.secret(key, unit, desk, progress),
        };
        let domain = if unit == 0 { Domain::Entry } else { Domain::FileRecord };
        let part = Part { unit, domain, facts: facts.record, location: keys.record };
        let told = entry.part(&parts, &part, keys.key.is_some(), secret.as_ref(), desk, progress)?;
        let written = told.map(|read| read.plain);
        let Some((facts, location)) = facts.body.zip(keys.body) else {
            seen.e = written;
            continue;
        };
        let part = Part { unit, domain: Domain::File, facts, location };
        let body = entry.part(&parts, &part, keys.key.is_some(), secret.as_ref(), desk, progress)?;
        let body =
            body.map(|read| BodySeen { size: read.size, sha256: read.sha256.finish(), sha512: read.sha512.finish() });
        seen.files.push(FileSeen { f: written, body });
    }
    for fault in desk.audit.entry(&placed.leaf, &seen) {
        desk.watch.found(Finding::of_fault(fault).leaf(&placed.leaf).at(path));
    }
    Ok(())
}

impl Entry<'_> {
    fn unit(&self, parts: &PlacedParts, unit: u64) -> Option<(UnitFacts, UnitKeys)> {
        let stretch = |at: u64, (from, len): (u64, usize)| {
            let from = usize::try_from(at.checked_add(from)?).ok()?;
            self.found.text.get(from..from.checked_add(len)?)
        };
        let facts = parse_unit(stretch(parts.facts_at, unit_at(unit))?).ok()?;
        let keys = UnitKeys::parse(stretch(parts.keys_at, UnitKeys::at(unit))?).ok()?;
        Some((facts, keys))
    }

    fn secret(&self, wrapped: &WrappedKey, unit: u64, desk: &mut Desk<'_>, progress: &mut Progress) -> Option<Secret> {
        let key = match self.scrub.keys.segment_key(wrapped.by) {
            Ok(key) => key,
            Err(why) => {
                if progress.told.insert(wrapped.by.0) {
                    desk.watch.found(keys::finding(self.scrub, wrapped.by, &why));
                }
                return None;
            }
        };
        let context = wrap_context(wrapped.by, self.record.number, self.placed.leaf.index.0, unit);
        let secret = key.unwrap(&wrapped.nonce, &context, &wrapped.bytes);
        if secret.is_none() {
            let finding = Finding::new("part-key", "a key that unwraps", "one that does not");
            desk.watch.found(finding.leaf(&self.placed.leaf).file(unit).at(self.path));
        }
        secret
    }

    /// Reads a part; what it gave back, `None` when it is gone or wrong (and told).
    fn part(
        &self,
        parts: &PlacedParts,
        part: &Part,
        keyed: bool,
        secret: Option<&Secret>,
        desk: &mut Desk<'_>,
        progress: &mut Progress,
    ) -> Result<Option<Read>, Stopped> {
        // Negative control: with the failpoint no part is read.
        if !keyed || ledger::failpoint::skip("scrub.parts") {
            return Ok(None);
        }
        let Some((source, path, base)) = self.source(parts, part, desk) else { return Ok(None) };
        progress.parts = progress.parts.saturating_add(1);
        let cipher = secret.and_then(|secret| ChunkCipher::new(secret, part.domain));
        let (mut stored, mut read, mut wrong) = (Running256::default(), Read::default(), None);
        let chunks = chunks_of(part.facts.plain);
        let most = usize::try_from(part.facts.stored).map_or(STORED_CHUNK, |stored| stored.min(STORED_CHUNK));
        let mut buffer = vec![0; most];
        for chunk in 0..chunks {
            let offset = chunk.saturating_mul(STORED_CHUNK as u64);
            let len = part.facts.stored.saturating_sub(offset).min(STORED_CHUNK as u64);
            let held = usize::try_from(len).ok().and_then(|len| buffer.get_mut(..len)).unwrap_or_default();
            if let Err(why) = source.read_at(offset, held) {
                self.tell(part, &path, base, (offset, offset + len), ("part-unreadable", why.to_string()), desk);
                return Ok(None);
            }
            stored.update(held);
            match cipher.as_ref().map(|cipher| cipher.open(chunk, chunk + 1 == chunks, held)) {
                Some(Some(plain)) => read.take(plain, part.domain),
                Some(None) if wrong.is_none() => wrong = Some((offset, offset + len)),
                _ => {}
            }
            let ahead = matches!(part.location, Location::Ahead(_));
            if !desk.watch.passed(if ahead { len } else { 0 }) {
                return Err(Stopped);
            }
        }
        let digest = stored.finish();
        let whole = wrong.unwrap_or((0, part.facts.stored));
        if digest != part.facts.sha256 {
            self.tell(part, &path, base, whole, ("part-digest", digest.to_string()), desk);
        } else if wrong.is_some() {
            self.tell(part, &path, base, whole, ("part-undecipherable", "another key or nonce".into()), desk);
        } else if read.size == part.facts.plain && cipher.is_some() {
            return Ok(Some(read));
        }
        Ok(None)
    }

    /// Where the part is read from, the file on disk, and its first byte there.
    fn source(&self, parts: &PlacedParts, part: &Part, desk: &mut Desk<'_>) -> Option<(Source, PathBuf, u64)> {
        match part.location {
            Location::Gone => None,
            Location::Inline(at) => {
                let from = parts.body_at.saturating_add(at);
                let to = from.saturating_add(part.facts.stored);
                let bytes = self.found.bytes(from, to);
                let told = |found: &str, desk: &mut Desk<'_>| {
                    self.tell(part, self.path, bytes.0, (0, bytes.1 - bytes.0), ("part-damaged", found.into()), desk);
                };
                if to > self.found.prefix.record_len() {
                    told("a place beyond the record", desk);
                    return None;
                }
                if !self.found.is_right(from, to) {
                    told("damaged sectors", desk);
                    return None;
                }
                let (segment, sector) = (self.record.place.segment, self.found.first);
                let file = Arc::clone(&self.found.file);
                Some((Source::Segment { file, segment, sector, from }, self.path.to_owned(), bytes.0))
            }
            Location::Ahead(id) => {
                let path = ahead::path_of(&self.scrub.places.ahead, &id);
                let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
                match opened {
                    Ok((len, file)) if len == part.facts.stored => Some((Source::Ahead(file), path, 0)),
                    Ok((len, _)) => {
                        self.tell(part, &path, 0, (0, len), ("ahead-length", format!("{len} bytes")), desk);
                        None
                    }
                    Err(why) => {
                        self.tell(part, &path, 0, (0, 0), ("ahead-missing", why.to_string()), desk);
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
        desk: &mut Desk<'_>,
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
        desk.watch.found(finding);
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
