//! The scrub: every byte of the store read again, at a bounded rate, while it is served or while it is not.
//!
//! `store` reads, `ledger` judges what the log says of it, here it is paced, counted and told. Nothing is repaired here: what to do is said, and
//! `backup` does it when it is asked to.

mod job;
mod state;
mod words;

pub(crate) use job::{Door, ask, documents, run, shown};

use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::home::Home;
use ledger::KnownKeys;
use ledger::audit::{Auditor, EntriesAlone, LogAudit};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{Effort, Finding, Progress, Scrubber, StoreReads, Watch};

pub use store::Depth;

/// Findings that are kept of one scrub; beyond, they are counted.
const KEPT: usize = 1000;
/// Segments, counted back from the newest, that a scrub of the head reads.
const HEAD_SEGMENTS: usize = 2;
/// Bytes after which the pace is looked at.
const PACE_BYTES: u64 = 256 << 10;

/// What a scrub reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The newest segments and the head.
    Head,
    /// Everything.
    All,
}

/// What a scrub found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Bytes read.
    pub bytes: u64,
    /// Segments read.
    pub segments: u64,
    /// Records read.
    pub records: u64,
    /// Entries read.
    pub entries: u64,
    /// Parts read.
    pub parts: u64,
    /// Faults that lose something.
    pub damage: u64,
    /// Faults that lose nothing.
    pub harmless: u64,
    /// The first findings, as JSON, in French and in English.
    findings: Vec<[Value; 2]>,
}

impl Report {
    /// The findings that were kept, in this language.
    pub fn findings(&self, french: bool) -> Vec<&Value> {
        self.findings.iter().map(|[fr, en]| if french { fr } else { en }).collect()
    }

    /// As `--format json` and `/v1/scrub` write it.
    pub fn to_json(&self, french: bool) -> Value {
        json!({
            "bytes": self.bytes, "segments": self.segments, "records": self.records, "entries": self.entries,
            "parts": self.parts, "damage": self.damage, "harmless": self.harmless,
            "findings": self.findings(french),
        })
    }

    fn take(&mut self, finding: &Finding, base: &Path) {
        let count = if finding.harmless { &mut self.harmless } else { &mut self.damage };
        *count = count.saturating_add(1);
        if self.findings.len() < KEPT {
            self.findings.push([words::json_of(finding, base, true), words::json_of(finding, base, false)]);
        }
    }
}

/// Paces a scrub and gathers what it finds.
pub(crate) struct Pace<'a> {
    pub(crate) report: Report,
    base: PathBuf,
    /// Bytes a second; 0 for as fast as the disk.
    rate: u64,
    began: Instant,
    unpaced: u64,
    /// Bytes of the report that were read before.
    earlier: u64,
    stop: &'a dyn Fn() -> bool,
    /// Findings that are expected here, counted apart and not told.
    pub(crate) pardon: &'a dyn Fn(&Finding) -> bool,
    pub(crate) pardoned: u64,
    /// Files on disk in which something is lost.
    pub(crate) damaged: BTreeSet<PathBuf>,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(base: &Path, rate: u64, stop: &'a dyn Fn() -> bool) -> Self {
        let (report, began) = (Report::default(), Instant::now());
        Self {
            report,
            base: base.to_owned(),
            rate,
            began,
            unpaced: 0,
            earlier: 0,
            stop,
            pardon: &|_| false,
            pardoned: 0,
            damaged: BTreeSet::new(),
        }
    }

    /// The pace is counted from here on, whatever was read before.
    fn begin(&mut self) {
        (self.began, self.earlier) = (Instant::now(), self.report.bytes);
    }
}

impl Watch for Pace<'_> {
    fn found(&mut self, finding: Finding) {
        if (self.pardon)(&finding) {
            self.pardoned = self.pardoned.saturating_add(1);
            return;
        }
        if let Some(path) = finding.path.as_ref().filter(|_| !finding.harmless) {
            self.damaged.insert(path.clone());
        }
        self.report.take(&finding, &self.base);
    }

    fn passed(&mut self, bytes: u64) -> bool {
        self.report.bytes = self.report.bytes.saturating_add(bytes);
        self.unpaced = self.unpaced.saturating_add(bytes);
        if self.unpaced < PACE_BYTES {
            return true;
        }
        self.unpaced = 0;
        // Slept in short steps, so that a stop is heard.
        while self.rate > 0 && !(self.stop)() {
            let due =
                Duration::from_millis(self.report.bytes.saturating_sub(self.earlier).saturating_mul(1000) / self.rate);
            let early = due.saturating_sub(self.began.elapsed());
            if early.is_zero() {
                break;
            }
            std::thread::sleep(early.min(Duration::from_millis(100)));
        }
        !(self.stop)()
    }
}

/// Who judges the log of this store.
enum Judge {
    Log(Box<LogAudit<StoreReads>>),
    Entries(EntriesAlone),
}

impl Judge {
    fn of(scrubber: &Scrubber, keys: &KnownKeys, origin: &str) -> Self {
        match scrubber.reads() {
            Some(reads) => Self::Log(Box::new(LogAudit::new(reads, keys.clone(), origin))),
            None => Self::Entries(EntriesAlone),
        }
    }
    fn auditor(&mut self) -> &mut dyn Auditor {
        match self {
            Self::Log(audit) => audit.as_mut(),
            Self::Entries(alone) => alone,
        }
    }
    /// The published head, judged once every record was given.
    fn head(&mut self, watch: &mut dyn Watch) {
        if let Self::Log(audit) = self {
            audit.head().into_iter().for_each(|fault| watch.found(Finding::of_fault(fault)));
        }
    }
}

/// Reads what is asked for, without a state kept; `false` when it was stopped.
pub(crate) fn pass(
    scrubber: &Scrubber,
    keys: &KnownKeys,
    origin: &str,
    reach: Reach,
    pace: &mut Pace<'_>,
) -> Result<bool, ServiceError> {
    let mut judge = Judge::of(scrubber, keys, origin);
    let mut progress = Progress::default();
    let segments = scrubber.segments()?;
    let newest = segments.last().copied().unwrap_or(0);
    let from = match reach {
        Reach::All => 1,
        Reach::Head => segments.iter().nth_back(HEAD_SEGMENTS - 1).or(segments.first()).copied().unwrap_or(1),
    };
    // A number that is missing is read too: its absence is a finding.
    for number in from..=newest {
        if scrubber.segment(number, &mut progress, judge.auditor(), pace).is_err() {
            return Ok(false);
        }
        pace.report.segments = pace.report.segments.saturating_add(1);
        let report = &mut pace.report;
        (report.records, report.entries, report.parts) = (progress.records, progress.entries, progress.parts);
    }
    judge.head(pace);
    Ok(reach == Reach::Head || scrubber.whole(&progress, pace).is_ok())
}

/// As many threads as the machine has cores.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Everything that can be looked at, as fast as the machine goes.
pub(crate) fn every() -> Effort {
    Effort { depth: Depth::Documents, threads: threads() }
}

/// Scrubs a directory that nobody serves; it is changed in nothing. As fast as the machine goes when no rate is given.
///
/// # Errors
/// [`ServiceError`]: the directory is being served, or its keys cannot be read.
pub fn offline(data: &Path, reach: Reach, depth: Depth, rate: u64) -> Result<Report, ServiceError> {
    let config = Config::load(data)?;
    let home = Home::at(data);
    let keys = logkey::known(&home, &config)?;
    // A rate is kept by one thread alone.
    let threads = if rate == 0 { threads() } else { 1 };
    let scrubber = Scrubber::open(&home.store(&config)?)?.with(Effort { depth, threads });
    let mut pace = Pace::new(home.path(), rate, &|| false);
    pass(&scrubber, &keys, &config.origin, reach, &mut pace)?;
    Ok(pace.report)
}
