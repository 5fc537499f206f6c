//! More than one pair of hands: the parts and rows of whole records are read on other threads while the next records are looked for,
//! and families of the index beside each other.
//!
//! Few records wait, each of a bounded size: where they cannot go on, whoever looks for records reads the parts as well.

use super::parts::{self, Gathered, Reading};
use super::survey::Survey;
use super::{Finding, Scrubber, Step, Stopped, Watch, rows};
use crate::record::Record;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

/// Records that wait for a hand.
const WAITING: usize = 4;
/// Bytes of the largest that may wait: what is larger is read where it was found.
const LARGEST: u64 = 4 << 20;

/// A record whose parts are to be read, and its rows looked up.
pub(super) struct Job {
    pub(super) found: Box<Survey>,
    pub(super) record: Record,
    /// The index is asked for its rows.
    pub(super) rows: bool,
}

/// The other hands, for one segment.
pub(super) struct Crew<'scope> {
    jobs: Option<SyncSender<Job>>,
    hands: Vec<ScopedJoinHandle<'scope, Gathered>>,
    said: Arc<Said>,
}

/// What passes between the threads while they work.
#[derive(Default)]
struct Said {
    /// Bytes of files ahead that were read, and that nobody was told of yet.
    bytes: AtomicU64,
    stop: AtomicBool,
}

impl<'scope> Crew<'scope> {
    /// The hands that this scrub was given beside its own.
    pub(super) fn of<'env>(scope: &'scope Scope<'scope, 'env>, scrub: &'env Scrubber, path: &'env Path) -> Self {
        let said = Arc::new(Said::default());
        let count = scrub.effort.threads.saturating_sub(1);
        if count == 0 {
            return Self { jobs: None, hands: Vec::new(), said };
        }
        let (give, take) = sync_channel(WAITING);
        let take = Arc::new(Mutex::new(take));
        let hand = |_| {
            let (take, said) = (Arc::clone(&take), Arc::clone(&said));
            scope.spawn(move || work(scrub, path, &take, &said))
        };
        let hands = (0..count).map(hand).collect();
        Self { jobs: Some(give), hands, said }
    }

    /// Another hand took this record; it is given back where none is free, or where it is too large to wait.
    pub(super) fn give(&self, job: Job) -> Option<Job> {
        let Some(jobs) = self.jobs.as_ref().filter(|_| job.found.prefix.record_len() <= LARGEST) else {
            return Some(job);
        };
        jobs.try_send(job).err().map(|refused| match refused {
            std::sync::mpsc::TrySendError::Full(job) | std::sync::mpsc::TrySendError::Disconnected(job) => job,
        })
    }

    /// Bytes that the others read since this was last asked.
    pub(super) fn passed(&self) -> u64 {
        self.said.bytes.swap(0, Ordering::Relaxed)
    }

    /// What the others found, once all of it is read, and the bytes that [`Crew::passed`] did not tell yet; `stop` has them leave
    /// what waits.
    pub(super) fn done(self, stop: bool) -> (Vec<Gathered>, u64) {
        self.said.stop.store(stop, Ordering::Relaxed);
        drop(self.jobs);
        let found = self.hands.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (found.collect(), self.said.bytes.swap(0, Ordering::Relaxed))
    }
}

fn work(scrub: &Scrubber, path: &Path, jobs: &Mutex<Receiver<Job>>, said: &Said) -> Gathered {
    let mut out = Gathered::default();
    let mut passed = |bytes| {
        said.bytes.fetch_add(bytes, Ordering::Relaxed);
        !said.stop.load(Ordering::Relaxed)
    };
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        let read = all(scrub, path, &job, &mut Reading { out: &mut out, passed: &mut passed });
        if read == Err(Stopped) {
            break;
        }
    }
    out
}

/// The rows of a record, and the parts of every entry of it.
pub(super) fn all(scrub: &Scrubber, path: &Path, job: &Job, reading: &mut Reading<'_>) -> Step {
    if job.rows {
        rows::forward(scrub, &job.record, reading.out);
    }
    job.record.leaves.iter().try_for_each(|placed| {
        reading.out.entries = reading.out.entries.saturating_add(1);
        parts::entry(scrub, path, &job.found, &job.record, placed, reading)
    })
}

/// Each of these is done, as many at a time as this scrub has threads; what is found is told as it is found.
pub(super) fn share<T: Sync>(
    threads: usize,
    tasks: &[T],
    watch: &mut dyn Watch,
    work: &(dyn Fn(&T, &mut dyn Watch) -> Step + Sync),
) -> Step {
    if threads < 2 {
        return tasks.iter().try_for_each(|task| work(task, watch));
    }
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (tell, hear) = sync_channel(WAITING);
    let hand = |tell: SyncSender<Told>| {
        let mut relay = Relay { tell, stop: &stop, bytes: 0 };
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            if work(task, &mut relay).is_err() {
                break;
            }
        }
        relay.flush();
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(tasks.len()) {
            let (tell, hand) = (tell.clone(), &hand);
            scope.spawn(move || hand(tell));
        }
        drop(tell);
        for told in hear {
            match told {
                Told::Found(finding) => watch.found(*finding),
                Told::Passed(bytes) if watch.passed(bytes) => {}
                Told::Passed(_) => stop.store(true, Ordering::Relaxed),
            }
        }
    });
    if stop.into_inner() { Err(Stopped) } else { Ok(()) }
}

/// What a task of several tells.
enum Told {
    Found(Box<Finding>),
    Passed(u64),
}

/// Bytes after which they are told.
const TOLD_BYTES: u64 = 256 << 10;

/// Whoever runs the scrub, as a task on another thread sees it.
struct Relay<'a> {
    tell: SyncSender<Told>,
    stop: &'a AtomicBool,
    bytes: u64,
}

impl Relay<'_> {
    fn say(&self, told: Told) {
        // Nobody hears any more only once this thread too has ended.
        let _ = self.tell.send(told);
    }
    fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.say(Told::Passed(bytes));
    }
}

impl Watch for Relay<'_> {
    fn found(&mut self, finding: Finding) {
        self.say(Told::Found(Box::new(finding)));
    }
    fn passed(&mut self, bytes: u64) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= TOLD_BYTES {
            self.flush();
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Watch for Gathered {
    fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
    fn passed(&mut self, _: u64) -> bool {
        true
    }
}
