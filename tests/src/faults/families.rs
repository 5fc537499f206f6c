//! Every family of faults, in the order they are run, with its negative controls: a build or a configuration that breaks one rule,
//! which the family must see broken.

use super::chance::Chance;
use super::judge::Rule;
use super::kills::{self, Told};
use super::report::{self, Line, Outcome};
use super::server::Programs;
use super::{clients, clocks, damage, errors, liars, memory, power, replay, volatile, volume};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::time::Duration;

const KILLS_LIMIT: Duration = Duration::from_secs(7200);
/// A control gets that many kills, disks or lives to break its rule.
const CONTROL_KILLS: u64 = 30;
const CONTROL_DISKS: u64 = 6;
const CONTROL_LIVES: u64 = 24;
/// Files that ten thousand idle and five hundred active connections want open, on each side.
const OPEN_FILES: u64 = 600;

/// Loses the moment between answer and append: wide enough for a kill to fall into it.
const ANSWER_FIRST: &str = "answer.before-append=skip;segment.before-append=sleep:15";
const ANSWER_UNSIGNED: &str = "answer.before-sign=skip";
const NO_SYNC: &str = "segment.sync=skip";
/// What was answered and is gone, or its place was given to another entry.
const LOST: [Rule; 4] = [Rule::Kept, Rule::OneEntry, Rule::OneRoot, Rule::NeverShrinks];

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Kills, receipts to reach under them, power cuts.
    pub kills: u64,
    /// Receipts of the kill loop.
    pub receipts: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Calls that fail for want of space, and for a broken device; writes torn.
    pub no_space: u64,
    /// Calls that fail on a broken device.
    pub broken: u64,
    /// Writes torn at a byte.
    pub torn: u64,
    /// Passages at which each failpoint of a commit acts.
    pub passages: u64,
    /// Bits turned over on disk, and files cut, swapped, older.
    pub flips: u64,
    /// Files cut, swapped, older.
    pub files: u64,
    /// Connections that do nothing.
    pub idle: u64,
    /// Seconds that the active ones deposit.
    pub crowd_seconds: u64,
}

/// What a full run does.
pub const FULL: Amount = Amount {
    kills: 2000,
    receipts: 20_000,
    cuts: 200,
    no_space: 200,
    broken: 200,
    torn: 200,
    passages: 12,
    flips: 2000,
    files: 300,
    idle: 10_000,
    crowd_seconds: 20,
};
/// A look in passing.
pub const QUICK: Amount = Amount {
    kills: 6,
    receipts: 120,
    cuts: 1,
    no_space: 6,
    broken: 9,
    torn: 4,
    passages: 3,
    flips: 12,
    files: 6,
    idle: 2000,
    crowd_seconds: 2,
};

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Programs under test.
    pub programs: Programs,
    /// A directory for everything.
    pub work: PathBuf,
    /// How much.
    pub amount: Amount,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// A family: its name is given, and a directory of its own.
pub type Family = fn(&str, &Asked, &Path) -> Result<Line>;

/// Those that mostly wait: such neighbours run beside each other.
pub const WAITING: [&str; 4] = [
    "bodies held, places taken",
    "control clients, no bound, no time",
    "slow and lying clients",
    "control slow clients, no time",
];

/// Every family, each followed by its controls.
pub const FAMILIES: [(&str, Family); 27] = [
    ("kill -9", kill_loop),
    ("control kill, answer before append", answer_first),
    ("control kill, answer before sign", answer_unsigned),
    ("replay at a failpoint", replays),
    ("every failpoint of a commit", |family, asked, dir| {
        let passages: Vec<u64> = (1..=asked.amount.passages).map(|n| n * 2).collect();
        Ok(product(family, errors::at_failpoints(&life_plan(asked, dir, &[], 0), &passages)?))
    }),
    ("the volatile disk itself", disk_itself),
    ("power cuts", power_cuts),
    ("control power, no sync", no_sync),
    ("torn writes", |family, asked, dir| lives(family, asked, dir, &errors::TORN, asked.amount.torn)),
    ("no space at a call", |family, asked, dir| lives(family, asked, dir, &errors::NO_SPACE, asked.amount.no_space)),
    ("error of the device at a call", |family, asked, dir| {
        lives(family, asked, dir, &errors::BROKEN, asked.amount.broken)
    }),
    ("control error, no sync", lives_control),
    ("a volume that fills", |family, asked, dir| volume_fills(family, asked, dir, true)),
    ("control volume, no floor", |family, asked, dir| volume_fills(family, asked, dir, false)),
    ("bits in memory", |family, asked, dir| Ok(product(family, memory::run(&asked.programs, dir, asked.seed, true)?))),
    ("control memory, no second computation", |family, asked, dir| {
        let due = [Rule::Kept, Rule::Verifies];
        Ok(control(family, &due, memory::run(&asked.programs, dir, asked.seed, false)?))
    }),
    ("clock", |family, asked, dir| Ok(product(family, clocks::run(&asked.programs, dir, asked.seed, None)?))),
    ("control clock, believed", |family, asked, dir| {
        let told = clocks::run(&asked.programs, dir, asked.seed, Some("clock.believed=skip"))?;
        Ok(control(family, &[Rule::Timed], told))
    }),
    ("spoiled files", |family, asked, dir| Ok(product(family, damage::run(&damage_plan(asked, dir))?))),
    ("control files, parts not read", |family, asked, dir| {
        let plan = damage::Plan {
            failpoints: Some("scrub.parts=skip"),
            flips: CONTROL_LIVES * 4,
            files: 0,
            stop_at: &[Rule::Placed],
            ..damage_plan(asked, dir)
        };
        Ok(control(family, &[Rule::Placed], damage::run(&plan)?))
    }),
    ("two processes", |family, asked, dir| {
        Ok(product(family, damage::two_processes(&asked.programs, dir, asked.seed, None)?))
    }),
    ("control processes, no lock", |family, asked, dir| {
        let told = damage::two_processes(&asked.programs, dir, asked.seed, Some("store.lock=skip"))?;
        Ok(control(family, &[Rule::Alone], told))
    }),
    ("clients in numbers", crowd),
    ("bodies held, places taken", |family, asked, dir| {
        let mut told = clients::holders(&client_plan(asked, &dir.join("held"), None))?;
        let places = clients::full_house(&client_plan(asked, &dir.join("places"), None))?;
        told.runs = format!("{}; {}", told.runs, places.runs);
        told.breaches.extend(places.breaches);
        Ok(product(family, told))
    }),
    ("control clients, no bound, no time", |family, asked, dir| {
        let unbounded = Some("memory_bytes = 8589934592\nidle_seconds = 3");
        let mut told = clients::holders(&client_plan(asked, &dir.join("held"), unbounded))?;
        let bounded = told.breaches.iter().any(|breach| breach.rule == Rule::Bounded);
        let forever = Some("connections = 40\nheader_seconds = 3600\nidle_seconds = 3600");
        let places = clients::full_house(&client_plan(asked, &dir.join("places"), forever));
        // Both must be seen: the one told is that of the places.
        told.breaches = places.map(|told| told.breaches).unwrap_or_default();
        told.breaches.retain(|breach| bounded && breach.rule == Rule::GoesOn);
        told.runs += &format!("; memory {}", if bounded { "seen unbounded" } else { "NOT SEEN UNBOUNDED" });
        Ok(control(family, &[Rule::GoesOn], told))
    }),
    ("slow and lying clients", |family, asked, dir| {
        let mut told = liars::slow(&client_plan(asked, &dir.join("slow"), None))?;
        let lies = liars::lies(&client_plan(asked, &dir.join("lies"), None))?;
        told.runs = format!("{}; {}", told.runs, lies.runs);
        told.breaches.extend(lies.breaches);
        Ok(product(family, told))
    }),
    ("control slow clients, no time", |family, asked, dir| {
        let forever = Some("header_seconds = 3600\nidle_seconds = 3600\nbody_seconds = 3600");
        Ok(control(family, &[Rule::Cut], liars::slow(&client_plan(asked, dir, forever))?))
    }),
];

fn product(family: &str, told: Told) -> Line {
    report::product(family, told.runs, &told.breaches)
}

fn control(family: &str, due: &[Rule], told: Told) -> Line {
    report::control(family, told.runs, due, &told.breaches)
}

fn kill_loop(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    Ok(product(family, kills::run(&kill_plan(asked, dir))?))
}

fn kill_plan<'a>(asked: &'a Asked, dir: &'a Path) -> kills::Plan<'a> {
    let Amount { kills, receipts, .. } = asked.amount;
    let (programs, seed) = (&asked.programs, asked.seed);
    kills::Plan { programs, failpoints: None, kills, receipts, seed, dir, stop_at: &[], limit: KILLS_LIMIT }
}

fn answer_first(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    killed_control(family, asked, dir, ANSWER_FIRST, &LOST)
}

fn answer_unsigned(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    killed_control(family, asked, dir, ANSWER_UNSIGNED, &[Rule::Verifies])
}

fn killed_control(family: &str, asked: &Asked, dir: &Path, failpoints: &str, due: &[Rule]) -> Result<Line> {
    let plan = kills::Plan {
        failpoints: Some(failpoints),
        kills: CONTROL_KILLS,
        receipts: CONTROL_KILLS * 10,
        stop_at: due,
        ..kill_plan(asked, dir)
    };
    Ok(control(family, due, kills::run(&plan)?))
}

fn replays(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    Ok(product(family, replay::run(&asked.programs, dir, asked.seed)?))
}

fn disk_itself(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(why) = volatile::missing() {
        return Ok(not_run(family, why));
    }
    Ok(report::product(family, power::prove_disk(dir, asked.seed)?, &[]))
}

fn power_cuts(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(why) = volatile::missing() {
        return Ok(not_run(family, why));
    }
    Ok(product(family, power::run(&power_plan(asked, dir, asked.seed))?))
}

fn power_plan<'a>(asked: &'a Asked, dir: &'a Path, seed: u64) -> power::Plan<'a> {
    let (programs, cuts) = (&asked.programs, asked.amount.cuts);
    power::Plan { programs, failpoints: None, cuts, seed, dir, stop_at: &[] }
}

fn no_sync(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(why) = volatile::missing() {
        return Ok(not_run(family, why));
    }
    // Not that the server starts again: what keeps it from starting may have nothing to do with the sync left out.
    let mut told = Told { runs: String::new(), breaches: Vec::new() };
    for disk in 0..CONTROL_DISKS {
        let dir = dir.join(format!("disk-{disk}"));
        let plan = power::Plan {
            failpoints: Some(NO_SYNC),
            cuts: 1,
            stop_at: &LOST,
            ..power_plan(asked, &dir, asked.seed + disk)
        };
        let cut = power::run(&plan)?;
        told.runs = format!("disk {} of at most {CONTROL_DISKS}: {}", disk + 1, cut.runs);
        told.breaches.extend(cut.breaches);
        if told.breaches.iter().any(|breach| breach.rule == Rule::Kept) {
            break;
        }
    }
    Ok(control(family, &LOST, told))
}

/// A series of its own for each name: the points of one say nothing of another's.
fn life_plan<'a>(asked: &'a Asked, dir: &'a Path, sorts: &'a [errors::Sort], points: u64) -> errors::Plan<'a> {
    let seed = Chance::new(asked.seed).fork(dir.as_os_str().len() as u64).draw();
    errors::Plan { programs: &asked.programs, failpoints: None, sorts, points, seed, dir, stop_at: &[] }
}

fn lives(family: &str, asked: &Asked, dir: &Path, sorts: &[errors::Sort], points: u64) -> Result<Line> {
    Ok(product(family, errors::run(&life_plan(asked, dir, sorts, points))?))
}

/// Writes that do not arrive, and a build that does not ask whether they did.
fn lives_control(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    let plan = errors::Plan {
        failpoints: Some(NO_SYNC),
        stop_at: &LOST,
        ..life_plan(asked, dir, &errors::GONE, CONTROL_LIVES)
    };
    Ok(control(family, &LOST, errors::run(&plan)?))
}

fn volume_fills(family: &str, asked: &Asked, dir: &Path, floor: bool) -> Result<Line> {
    if let Some(why) = volume::missing() {
        return Ok(not_run(family, why));
    }
    let told = volume::run(&asked.programs, dir, asked.seed, floor)?;
    Ok(if floor { product(family, told) } else { control(family, &[Rule::GoesOn, Rule::Opens], told) })
}

fn damage_plan<'a>(asked: &'a Asked, dir: &'a Path) -> damage::Plan<'a> {
    let Amount { flips, files, .. } = asked.amount;
    damage::Plan { programs: &asked.programs, failpoints: None, flips, files, seed: asked.seed, dir, stop_at: &[] }
}

fn client_plan<'a>(asked: &'a Asked, dir: &'a Path, limits: Option<&'a str>) -> clients::Plan<'a> {
    let time = Duration::from_secs(asked.amount.crowd_seconds);
    clients::Plan { programs: &asked.programs, idle: asked.amount.idle, time, seed: asked.seed, dir, limits }
}

fn crowd(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(why) = clients::missing(asked.amount.idle + clients::ACTIVE + OPEN_FILES) {
        return Ok(not_run(family, why));
    }
    Ok(product(family, clients::crowd(&client_plan(asked, dir, None))?))
}

fn not_run(family: &str, why: String) -> Line {
    eprintln!("\n!!! NOT RUN: {family}: {why}\n");
    let runs = "0".to_owned();
    Line { family: family.to_owned(), runs, outcome: Outcome::NotRun(why), detail: String::new(), seconds: 0 }
}
