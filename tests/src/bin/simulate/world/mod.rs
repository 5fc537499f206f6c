//! One simulated house: a disk, a clock, an authority, clients, and the ledger between them, all from one seed.
//!
//! Each step draws from a generator of its own, named by the step's number: a story from which steps are left out is still the
//! same story, which is how a failure is made short.

mod audit;
mod authority;
mod steps;
mod turns;

use crate::clients::Clients;
use crate::desk::{Bounds, Desk};
use crate::disk::{Death, Disk, Habits, Model};
use crate::reference::{Reference, forms};
use crate::rules::{Breach, RULES};
use ledger::sequencer::Stepwise;
use ledger::{Sequencer, SequencerOptions};
use proof::{SigningKey, UnixMillis};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::faults::chance::Chance;

/// Crashes of one story; then everything is looked at once more and the next one begins.
pub const CRASHES: u64 = 50;
/// Steps after which a story ends whatever happened.
const STEPS: u32 = 2_000;
/// When simulated time begins.
const BEGIN_MILLIS: u64 = 1_800_000_000_000;

/// How a world differs from an honest one, and what is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Laws {
    pub habits: Habits,
    /// Whether the disk is looked into at the moment of an answer or a signature; else outcomes alone are judged.
    pub peeks: bool,
    /// Whether memory gives wrong bits at every chance.
    pub bad_memory: bool,
}

impl Default for Laws {
    fn default() -> Self {
        Self { habits: Habits::default(), peeks: true, bad_memory: false }
    }
}

/// Which part of a story is told.
#[derive(Clone, Default, Debug)]
pub struct Excerpt {
    /// Steps up to this one, all when there is none.
    pub steps: Option<u32>,
    /// Steps left out.
    pub without: BTreeSet<u32>,
    /// Says what happens.
    pub trace: bool,
}

/// What happened, counted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    pub crashes: u64,
    /// Of the crashes, those during a start-up.
    pub while_starting: u64,
    /// Of the crashes, those that followed another before the house had started.
    pub in_a_row: u64,
    pub power_cuts: u64,
    /// Processes that stopped by themselves.
    pub stops: u64,
    pub restarts: u64,
    pub replayed: u64,
    pub commits: u64,
    pub entries: u64,
    pub seals: u64,
    pub answers: u64,
    pub refusals: u64,
    pub steps: u64,
    pub checks: [u64; RULES],
}

/// How a story ended.
#[derive(Clone, Debug)]
pub struct Story {
    pub tally: Tally,
    /// The last step taken.
    pub last: u32,
    pub breach: Option<Breach>,
    pub trace: String,
}

/// The running ledger.
struct House {
    handle: Sequencer<Vec<u8>>,
    driver: Stepwise<Model>,
}

struct World {
    laws: Laws,
    seed: Chance,
    disk: Disk,
    reference: Reference,
    house: Option<House>,
    desk: Desk,
    clients: Clients,
    authority: authority::Authority,
    now: Arc<AtomicU64>,
    bounds: Bounds,
    /// Up to how many submissions come at once.
    crowd: u64,
    tally: Tally,
    /// No start-up ended well since the last crash.
    down: bool,
    trace: Option<String>,
}

/// Tells the story of this seed.
pub fn tell(seed: u64, laws: Laws, excerpt: &Excerpt) -> Story {
    let mut world = World::new(seed, laws, excerpt.trace);
    let mut last = 0;
    let mut breach = None;
    for step in 1..=excerpt.steps.unwrap_or(STEPS) {
        if world.tally.crashes >= CRASHES {
            break;
        }
        last = step;
        if !excerpt.without.contains(&step) {
            breach = world.step(step).err();
        }
        if breach.is_some() {
            break;
        }
    }
    if breach.is_none() {
        breach = world.end().err();
    }
    if let Some(breach) = &breach {
        world.say(|| format!("BROKEN: {}\n  {}", breach.rule, breach.detail));
    }
    world.count();
    Story { tally: world.tally, last, breach, trace: world.trace.unwrap_or_default() }
}

impl World {
    fn new(seed: u64, laws: Laws, trace: bool) -> Self {
        let seed = Chance::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x7461_6265_6c6c_696f);
        let mut chance = seed.fork(0);
        let crowd = if chance.between(0, 15) == 0 { 60 } else { chance.between(1, 6) };
        let bounds = Bounds {
            queue_submissions: chance.between(2, 8.max(crowd * 2)) as usize,
            queue_bytes: chance.between(800, 1_200 * crowd.max(2)),
            batch_submissions: chance.between(1, 6.max(crowd)) as usize,
            batch_bytes: chance.between(100, 1_000 * crowd),
        };
        Self {
            laws,
            disk: Disk::new(laws.habits, seed.fork(u64::MAX)),
            seed,
            reference: Reference::default(),
            house: None,
            desk: Desk::new(bounds),
            clients: Clients::default(),
            authority: authority::Authority::default(),
            now: Arc::new(AtomicU64::new(BEGIN_MILLIS)),
            bounds,
            crowd,
            tally: Tally::default(),
            down: false,
            trace: trace.then(String::new),
        }
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::Relaxed))
    }

    /// One line of the trace.
    fn say(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push_str(&what());
            trace.push('\n');
        }
    }

    fn options(&self) -> SequencerOptions {
        SequencerOptions {
            queue_submissions: self.bounds.queue_submissions,
            queue_bytes: self.bounds.queue_bytes,
            batch_submissions: self.bounds.batch_submissions,
            batch_bytes: self.bounds.batch_bytes,
            ..SequencerOptions::default()
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_seed(forms::ORIGIN, &forms::KEY_SEED).expect("the name holds no space")
    }

    /// The process is gone, and the machine with it or not.
    fn die(&mut self, death: Death) {
        self.disk.medium().die(death);
        self.house = None;
        self.desk.abandon();
        let left = {
            let medium = self.disk.medium();
            (medium.records.len(), medium.published.count())
        };
        self.say(|| format!("  {death:?}: {} records left, {} published", left.0, left.1));
        if death == Death::FailedSync {
            return;
        }
        self.tally.crashes += 1;
        self.tally.power_cuts += u64::from(death == Death::PowerCut);
        self.tally.in_a_row += u64::from(self.down);
        self.down = true;
    }

    /// Which sort of crash it is.
    fn crash(&mut self, chance: &mut Chance) {
        let cut = chance.between(0, 9) < 6;
        self.die(if cut { Death::PowerCut } else { Death::Kill });
    }

    fn count(&mut self) {
        self.tally.commits = self.reference.commits() as u64;
        self.tally.entries = self.reference.size() as u64 - self.reference.seals() as u64;
        self.tally.seals = self.reference.seals() as u64;
        self.tally.checks = self.reference.rules.counts();
    }
}
