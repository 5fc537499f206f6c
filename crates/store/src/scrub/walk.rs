//! One segment from its header to its blank end, record after record; after a fault, on from the next record that can be read.

use super::crew::{self, Crew, Job};
use super::parts::{Gathered, Reading};
use super::survey::{Survey, Surveyed, next_written, survey};
use super::{Desk, Finding, Progress, Scrubber, Step, Stopped, rows};
use crate::error::OpenError;
use crate::record::{PREFIX, Place, Record};
use crate::scan::{Sectors, header_of};
use crate::sector::{SECTOR, offset_of};
use crate::segment;
use std::path::Path;

pub(super) struct Walk<'a> {
    pub(super) scrub: &'a Scrubber,
    pub(super) desk: Desk<'a>,
    pub(super) progress: &'a mut Progress,
}

impl Walk<'_> {
    pub(super) fn segment(&mut self, number: u64) -> Step {
        let path = segment::path_of(&self.scrub.places.segments, number);
        // On a live store what comes after this was perhaps not yet written when it was read.
        let until = if self.scrub.live { self.scrub.published() } else { None };
        (self.progress.until, self.progress.read) = (until, number);
        self.progress.copied = rows::copied_to(self.scrub, number);
        let sectors = match Sectors::open(&path, number) {
            Ok(sectors) => sectors,
            Err(why) => {
                self.unreadable(&path, &why);
                return Ok(());
            }
        };
        let (read, (gathered, bytes)) = std::thread::scope(|scope| {
            let crew = Crew::of(scope, self.scrub, &path);
            let read = self.records(sectors, &path, number, until, &crew);
            let stop = matches!(read, Ok(Err(Stopped)));
            (read, crew.done(stop))
        });
        gathered.into_iter().for_each(|gathered| self.take(gathered));
        let goes_on = self.desk.watch.passed(bytes);
        match read {
            Ok(Ok(())) if !goes_on => Err(Stopped),
            Ok(step) => step,
            Err(why) => {
                self.unreadable(&path, &why);
                Ok(())
            }
        }
    }

    /// The file cannot be read any further; missing, or an error of the medium.
    fn unreadable(&mut self, path: &Path, why: &OpenError) {
        let what = if path.exists() { "segment-unreadable" } else { "segment-missing" };
        self.desk.watch.found(Finding::new(what, "a segment", why).at(path));
        self.lose();
    }

    fn take(&mut self, gathered: Gathered) {
        self.progress.entries = self.progress.entries.saturating_add(gathered.entries);
        self.progress.parts = self.progress.parts.saturating_add(gathered.parts);
        for (key, finding) in gathered.keys {
            if self.progress.told.insert(key.0) {
                self.desk.watch.found(finding);
            }
        }
        gathered.findings.into_iter().for_each(|finding| self.desk.watch.found(finding));
    }

    fn lose(&mut self) {
        self.progress.last = None;
        self.desk.audit.lost();
    }

    fn records(
        &mut self,
        mut sectors: Sectors,
        path: &Path,
        number: u64,
        until: Option<u64>,
        crew: &Crew<'_>,
    ) -> Result<Step, OpenError> {
        self.header(&mut sectors, path, number);
        let mut sector = 1;
        let mut first = true;
        while sector < sectors.count() {
            // What follows may be half written, or was read before it was: it is for the next scrub.
            if until.is_some_and(|until| self.progress.last.is_some_and(|last| last.0 >= until)) && sector > 1 {
                return Ok(Ok(()));
            }
            let surveyed = survey(&mut sectors, sector)?;
            let next = match surveyed {
                Surveyed::Record(found) if until.is_some_and(|until| found.prefix.number > until) => return Ok(Ok(())),
                Surveyed::Record(found) => {
                    let next = self.whole_or_not(&mut sectors, path, number, &found, first)?;
                    if !self.desk.watch.passed(offset_of(found.count)) {
                        return Ok(Err(Stopped));
                    }
                    match self.judged(path, number, found, crew) {
                        Ok(()) => next,
                        Err(stopped) => return Ok(Err(stopped)),
                    }
                }
                Surveyed::Blank => {
                    let Some(next) = next_written(&mut sectors, sector, false)? else { break };
                    if self.scrub.live && self.is_newest(number) {
                        return Ok(Ok(()));
                    }
                    let finding = Finding::new("tail-not-blank", "blank sectors to the end", "something written");
                    self.desk.watch.found(finding.at(path).bytes(offset_of(next), offset_of(next + 1)));
                    self.lose();
                    next_written(&mut sectors, next, true)?
                }
                Surveyed::Unreadable(why) => {
                    let finding = Finding::new("record-unreadable-sector", "the beginning of a record", why);
                    self.desk.watch.found(finding.at(path).bytes(offset_of(sector), offset_of(sector + 1)));
                    self.lose();
                    next_written(&mut sectors, sector + 1, true)?
                }
            };
            first = false;
            let Some(next) = next else { break };
            if !self.desk.watch.passed(crew.passed()) {
                return Ok(Err(Stopped));
            }
            sector = next;
        }
        self.end(&sectors, path);
        Ok(Ok(()))
    }

    /// A file that ends within a sector was cut.
    fn end(&mut self, sectors: &Sectors, path: &Path) {
        let len = sectors.len();
        if !len.is_multiple_of(SECTOR as u64) {
            let finding = Finding::new("segment-cut", "whole sectors", format!("{len} bytes"));
            self.desk.watch.found(finding.at(path).bytes(len - len % SECTOR as u64, len));
        }
    }

    fn is_newest(&self, number: u64) -> bool {
        self.scrub.segments().is_ok_and(|numbers| numbers.last() == Some(&number))
    }

    fn header(&mut self, sectors: &mut Sectors, path: &Path, number: u64) {
        let header = match header_of(sectors, &self.scrub.store) {
            Ok(header) => header,
            Err(why) => {
                let finding = Finding::new("segment-header", format!("the header of segment {number}"), why);
                return self.desk.watch.found(finding.at(path).bytes(0, SECTOR as u64));
            }
        };
        if let Err(why) = self.scrub.keys.segment_key(header.key)
            && self.progress.told.insert(header.key.0)
        {
            self.desk.watch.found(super::keys::finding(self.scrub, header.key, &why));
        }
        let before = (header.first_record.saturating_sub(1), header.previous);
        let last = *self.progress.last.get_or_insert(before);
        let copy = header.first_record == last.0;
        let next = header.first_record == last.0.saturating_add(1) && header.previous == last.1;
        if !copy && !next {
            let expected = format!("record {} after {}", last.0.saturating_add(1), last.1);
            let found = format!("record {} after {}", header.first_record, header.previous);
            self.desk.watch.found(Finding::new("segment-order", expected, found).at(path).bytes(0, SECTOR as u64));
            self.desk.audit.lost();
            self.progress.last = Some(before);
        }
    }

    /// Tells which sectors of a record are wrong; where the next record begins.
    fn whole_or_not(
        &mut self,
        sectors: &mut Sectors,
        path: &Path,
        segment: u64,
        found: &Survey,
        first: bool,
    ) -> Result<Option<u64>, OpenError> {
        let place = format!("record {}", found.prefix.number);
        let (next, copy) = (self.progress.last.map(|last| last.0.saturating_add(1)), first);
        if let (Some(last), Some(next)) = (self.progress.last, next) {
            let number = found.prefix.number;
            let continues = number == next && found.prefix.previous == last.1;
            let copies = copy && number == last.0 && found.prefix.digest() == last.1;
            // A header that says the number of a copy, before the first record ever, leaves its digest to the prefix.
            if !continues && !copies {
                let expected = format!("record {next} after {}", last.1);
                let told = format!("record {number} after {}", found.prefix.previous);
                let finding = Finding::new("record-order", expected, told).at(path).place(&place);
                self.desk.watch.found(finding.bytes(offset_of(found.first), offset_of(found.first + 1)));
                self.desk.audit.lost();
            }
        }
        for bad in runs(&found.bad) {
            let finding = Finding::new("sector-damaged", "a sector with its checksum", "other bytes");
            let finding = finding.at(path).place(&place).bytes(offset_of(bad.0), offset_of(bad.1));
            self.desk.watch.found(finding);
        }
        self.progress.last = Some((found.prefix.number, found.prefix.digest()));
        let Some(cut) = found.cut else { return Ok(Some(found.first.saturating_add(found.count))) };
        let rest = next_written(sectors, cut, true)?;
        let torn = rest.is_none() && self.is_newest(segment) && self.scrub.published() < Some(found.prefix.number);
        let expected = format!("{} sectors", found.count);
        let what = if torn { "record-torn" } else { "record-incomplete" };
        let finding = Finding::new(what, expected, cut - found.first).at(path).place(&place);
        let mut finding = finding.bytes(offset_of(found.first), offset_of(cut));
        // Never acknowledged: the next start cuts it and keeps it aside.
        finding.harmless = torn;
        self.desk.watch.found(finding);
        if torn {
            self.progress.last = Some((found.prefix.number.saturating_sub(1), found.prefix.previous));
        }
        Ok(rest)
    }

    /// Header, key table, rows and parts of a record.
    fn judged(&mut self, path: &Path, segment: u64, found: Box<Survey>, crew: &Crew<'_>) -> Step {
        let (header_at, keys_at, body_at) = (PREFIX as u64, found.prefix.keyring_at(), found.prefix.body_at());
        let stretch = |from: u64, to: u64| {
            let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
            range.and_then(|(from, to)| found.text.get(from..to)).unwrap_or_default()
        };
        let mut right = true;
        let said = [(header_at, keys_at, found.prefix.header_sha256), (keys_at, body_at, found.prefix.keyring_sha256)];
        for ((from, to, said), what) in said.into_iter().zip(["record-header", "record-keys"]) {
            let digest = proof::sha256(stretch(from, to));
            if digest != said && from < to {
                right = false;
                let (first, last) = found.bytes(from, to);
                let finding = Finding::new(what, said, digest).at(path).bytes(first, last);
                self.desk.watch.found(finding.place(format!("record {}", found.prefix.number)));
            }
        }
        let place = Place { segment, sector: found.first };
        let record = Record::parse(place, &found.prefix, stretch(header_at, keys_at), stretch(keys_at, body_at));
        let record = match record {
            Ok(record) if right && (found.cut.is_none()) => record,
            Ok(_) => {
                self.desk.audit.lost();
                return Ok(());
            }
            Err(why) => {
                if right {
                    let finding = Finding::new("record-unparsed", "a record", why).at(path);
                    self.desk.watch.found(finding.place(format!("record {}", found.prefix.number)));
                }
                self.desk.audit.lost();
                return Ok(());
            }
        };
        self.record(path, found, record, crew)
    }

    fn record(&mut self, path: &Path, found: Box<Survey>, record: Record, crew: &Crew<'_>) -> Step {
        self.progress.records = self.progress.records.saturating_add(1);
        let published = self.scrub.published().is_some_and(|published| record.number <= published);
        // A record is judged once, at the place that counts: where it was copied to by the last start.
        let copied = self.progress.copied.is_some_and(|(number, _)| number == record.number);
        let rows = !copied && published;
        if rows {
            for fault in self.desk.audit.commit(&record.replay()) {
                let leaf = record.leaves.iter().find(|placed| Some(placed.leaf.index) == fault.index);
                let finding = Finding::of_fault(fault);
                let finding = if let Some(placed) = leaf { finding.leaf(&placed.leaf) } else { finding };
                self.desk.watch.found(finding.at(path));
            }
            rows::last(self.scrub, &record, self.desk.watch);
        }
        let Some(job) = crew.give(Job { found, record, rows }) else { return Ok(()) };
        let mut gathered = Gathered::default();
        let watch = &mut *self.desk.watch;
        let mut reading = Reading { out: &mut gathered, passed: &mut |bytes| watch.passed(bytes) };
        let read = crew::all(self.scrub, path, &job, &mut reading);
        self.take(gathered);
        read
    }
}

/// Runs of neighbouring sectors: the first, and one past the last.
fn runs(sectors: &[u64]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for sector in sectors {
        match runs.last_mut() {
            Some(run) if run.1 == *sector => run.1 = sector + 1,
            _ => runs.push((*sector, sector + 1)),
        }
    }
    runs
}
