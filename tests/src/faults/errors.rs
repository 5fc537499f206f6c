//! Calls on the disk that fail: no space left, input/output errors, once or for ever, whatever became of the bytes; writes torn at any
//! byte. A short life of the real program is counted call by call, then lived again with one of them failing.

use super::chance::Chance;
use super::inject::{EIO, ENOSPC, Fault, Injection, Injector};
use super::judge::{Breach, Rule};
use super::kills::{Run, TENANTS, Told};
use super::recheck;
use super::server::{Launch, Programs, Server, Started, last_lines};
use crate::wire::{Request, once};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Acknowledgements after which a life has been long enough, and how long it may take.
const ENOUGH: u64 = 60;
const LIFE_LIMIT: Duration = Duration::from_secs(3);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Depositors go on while a seal is waited for: not for long.
const SEAL_LIMIT: Duration = Duration::from_secs(2);
/// A server asked to end has twenty seconds for requests under way.
const END_LIMIT: Duration = Duration::from_secs(40);
/// Receipts of a life given to the verification command.
const VERIFIED: usize = 250;
/// Lives at the same time.
const PARALLEL: u64 = 3;
/// The request before the first large one: each life has one.
const FIRST_REQUEST: u64 = 40;
/// Segments so small that a life begins several.
const LINES: &str = "\n[store]\nsegment_bytes = 262144\n[scrub]\nbytes_per_second = 0\n";

/// What can fail: kinds of calls, errno, and how.
pub type Sort = (&'static str, i32, &'static [&'static str]);

/// No space: at every call that could want some.
pub const NO_SPACE: [Sort; 1] =
    [("woan", ENOSPC, &["once-none", "sticky-none", "once-half", "sticky-half", "once-whole"])];
/// Errors of the device, each sort of call by itself.
pub const BROKEN: [Sort; 3] = [
    ("w", EIO, &["once-none", "sticky-none", "once-whole", "once-half", "once-lost", "sticky-lost"]),
    ("s", EIO, &["once-none", "sticky-none", "once-whole", "sticky-whole"]),
    ("r", EIO, &["once-none", "sticky-none"]),
];
/// The process gone in the midst of a write.
pub const TORN: [Sort; 1] = [("w", EIO, &["once-torn"])];
/// For the control: from one write on, nothing arrives.
pub const GONE: [Sort; 1] = [("w", EIO, &["sticky-lost"])];

/// Steps of a commit and what is made of each: gone there, failed, failed although it was done (`segment.sync`: the record is whole in
/// the page cache), altered for the second computation to find.
const POINTS: [(&str, &[&str]); 7] = [
    ("segment.before-append", &["crash", "error"]),
    ("segment.sync", &["crash", "error"]),
    ("commit.after-sync", &["crash"]),
    ("commit.after-publish", &["crash"]),
    ("seal.after-token", &["crash"]),
    ("ledger.grow", &["error"]),
    ("vault.encrypted", &["error"]),
];

/// One series of lives.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// Failpoints of the faulty build; `None` runs the product as it ships.
    pub failpoints: Option<&'a str>,
    /// What fails.
    pub sorts: &'a [Sort],
    /// Lives with a fault.
    pub points: u64,
    /// Seed of contents and points.
    pub seed: u64,
    /// An empty directory of its own.
    pub dir: &'a Path,
    /// Stop at the first breach of one of these rules.
    pub stop_at: &'a [Rule],
}

/// What the lives came to.
#[derive(Debug, Default)]
struct Tally {
    lives: u64,
    struck: u64,
    ended_early: u64,
    not_started: u64,
    receipts: usize,
    breaches: Vec<Breach>,
}

/// The lives were lived; what was seen broken is in the answer.
///
/// # Errors
/// They could not be.
pub fn run(plan: &Plan) -> Result<Told> {
    let injector = Injector::build(&plan.dir.join("injector"))?;
    let base = settle(plan)?;
    let faults = points(plan, &injector, &base)?;
    let (turn, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(fault) = faults.get(turn.fetch_add(1, Ordering::SeqCst) as usize) {
                let life = live(plan, &injector, &base, fault)?;
                let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                tally.take(life);
                if tally.breaches.iter().any(|breach| plan.stop_at.contains(&breach.rule)) {
                    break;
                }
            }
            Ok(())
        };
        let threads: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a life died")?)
    })?;
    let mut tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if tally.struck * 10 < tally.lives * 7 {
        let detail = format!("the fault came in {} lives of {}", tally.struck, tally.lives);
        tally.breaches.push(Breach::new(Rule::Exercised, detail));
    }
    let runs = format!(
        "{} lives, {} faults, {} starts refused, {} ends in words, {} receipts",
        tally.lives, tally.struck, tally.not_started, tally.ended_early, tally.receipts
    );
    Ok(Told { runs, breaches: tally.breaches })
}

/// Every failpoint of a commit, at each of these passages; what was seen broken is in the answer.
///
/// # Errors
/// They could not be run.
pub fn at_failpoints(plan: &Plan, passages: &[u64]) -> Result<Told> {
    let injector = Injector::build(&plan.dir.join("injector"))?;
    let base = settle(plan)?;
    let mut points = Vec::new();
    for (name, actions) in POINTS {
        // One seal in a life.
        let passages = if name.starts_with("seal") { &[1] } else { passages };
        points.extend(passages.iter().flat_map(|n| actions.iter().map(move |action| format!("{name}={action}@{n}"))));
    }
    let (turn, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(point) = points.get(turn.fetch_add(1, Ordering::SeqCst) as usize) {
                let plan = Plan { failpoints: Some(point), ..plan.clone() };
                let none = Fault { kinds: "", at: 0, errno: 0, how: point_how(point), tear: 0 };
                let life = live(&plan, &injector, &base, &none)?;
                tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(life);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a life died")?)
    })?;
    let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let runs = format!(
        "{} lives at {} points, {} ends at the point, {} receipts",
        tally.lives,
        POINTS.len(),
        tally.ended_early,
        tally.receipts
    );
    Ok(Told { runs, breaches: tally.breaches })
}

/// A process that is gone at the point ends without a word of its own.
fn point_how(point: &str) -> &'static str {
    if point.contains("=crash") { "torn" } else { "once-none" }
}

impl Tally {
    fn take(&mut self, life: Life) {
        self.lives += 1;
        self.struck += u64::from(life.failed > 0);
        self.ended_early += u64::from(life.ended_early);
        self.not_started += u64::from(life.not_started);
        self.receipts += life.receipts;
        self.breaches.extend(life.breaches);
    }
}

/// A house with something in it, stopped.
fn settle<'a>(plan: &Plan<'a>) -> Result<Run<'a>> {
    let mut run = Run::settle(plan.programs, plan.dir.join("data"), plan.dir, plan.seed, TENANTS)?;
    let config = run.data.join("tabellion.toml");
    fs::write(&config, fs::read_to_string(&config)? + LINES)?;
    run.next.store(FIRST_REQUEST, Ordering::SeqCst);
    let server = run.start(None, "1h")?;
    let wave = run.wave(&server);
    wave.until(ENOUGH, LIFE_LIMIT);
    run.remember(wave.end());
    seal(&run, &server);
    server.terminate(END_LIMIT)?;
    run.next.store(FIRST_REQUEST + 47 * 20, Ordering::SeqCst);
    Ok(run)
}

/// Where to strike: each sort of call is counted once, its points lie evenly over the life, shaken by the seed.
fn points(plan: &Plan, injector: &Injector, base: &Run) -> Result<Vec<Fault>> {
    let mut chance = Chance::new(plan.seed).fork(0x696f);
    let mut faults = Vec::new();
    for (number, &(kinds, errno, hows)) in plan.sorts.iter().enumerate() {
        let none = Fault { kinds, at: 0, errno, how: "once-none", tear: 0 };
        let counted = live(plan, injector, base, &none)?;
        if let Some(breach) = counted.breaches.first() {
            anyhow::bail!("a life without a fault: {}: {}", breach.rule, breach.detail);
        }
        let share =
            plan.points / plan.sorts.len() as u64 + u64::from((number as u64) < plan.points % plan.sorts.len() as u64);
        println!("{} calls of kind {kinds} in a life, {share} points", counted.counted);
        // Half of them before it says that it can acknowledge, half after.
        let (begun, whole) = (counted.begun, counted.counted.max(counted.begun + 1));
        for point in 0..share {
            let (from, to) = if point % 2 == 0 { (begun, whole) } else { (0, begun) };
            let step = ((to - from) / share.div_ceil(2).max(1)).max(1);
            let at = (from + point / 2 * step + chance.between(1, step)).min(to);
            let how = hows[chance.between(0, hows.len() as u64 - 1) as usize];
            faults.push(Fault { at, how, tear: chance.draw(), ..none.clone() });
        }
    }
    Ok(faults)
}

/// What one life came to.
struct Life {
    counted: u64,
    /// Calls when it said that it can acknowledge.
    begun: u64,
    failed: u64,
    receipts: usize,
    /// It did not come up, or ended before it was asked to: what a fault may do to it.
    not_started: bool,
    ended_early: bool,
    breaches: Vec<Breach>,
}

fn live(plan: &Plan, injector: &Injector, base: &Run, fault: &Fault) -> Result<Life> {
    static LIVES: AtomicU64 = AtomicU64::new(0);
    let dir = plan.dir.join(format!("life-{}", LIVES.fetch_add(1, Ordering::SeqCst)));
    fs::create_dir_all(&dir)?;
    let mut run = base.copy(&dir)?;
    let injection = injector.arm(&dir, &run.data, Some(fault))?;
    let log = dir.join("fault.log");
    let program = if plan.failpoints.is_some() { &plan.programs.faulty } else { &plan.programs.tabellion };
    let launch = Launch { program, data: &run.data.clone(), failpoints: plan.failpoints, seal_every: "1h", log: &log };
    let (mut not_started, mut ended_early, mut begun) = (false, false, 0);
    match Server::start_under(&launch, &injection.environment)? {
        Started::Ended(why, status) => {
            not_started = true;
            judge_end(&mut run, fault, Some(status), &log, &why);
        }
        Started::Listening(mut server) => {
            begun = injection.counted();
            under_fault(&mut run, &server);
            ended_early = server.ended_within(Duration::ZERO)?.is_some();
            let status = server.terminate(END_LIMIT)?;
            judge_end(&mut run, fault, status, &log, "");
        }
    }
    let (counted, failed) = (injection.counted(), injection.failed());
    again(&mut run)?;
    let place = told(fault, &injection, plan.failpoints);
    let named = |breach: &Breach| Breach::new(breach.rule, format!("{place}: {}", breach.detail));
    let breaches: Vec<Breach> = run.memory.breaches().iter().map(named).collect();
    let receipts = run.memory.promises().len();
    // What a broken life left is kept to be looked at.
    if breaches.is_empty() {
        fs::remove_dir_all(&dir)?;
    }
    Ok(Life { counted, begun, failed, receipts, not_started, ended_early, breaches })
}

fn told(fault: &Fault, injection: &Injection, failpoints: Option<&str>) -> String {
    let Fault { kinds, at, errno, how, .. } = fault;
    if let Some(points) = failpoints.filter(|_| *at == 0) {
        return points.to_owned();
    }
    format!("call {at} of kind {kinds} ({}), errno {errno}, {how}", injection.first())
}

/// Depositors at work, a seal asked for, and what can be read read: bytes may fail to come, and are never wrong.
fn under_fault(run: &mut Run, server: &Server) {
    let wave = run.wave(server);
    wave.until(ENOUGH, LIFE_LIMIT);
    seal(run, server);
    let seen = wave.end();
    run.remember(seen);
    let sample: Vec<_> = run.memory.promises().values().take(8).cloned().collect();
    for promise in sample {
        let token = Some(run.script.tenant(promise.number).token.as_str());
        let path = format!("/v1/deposits/{}/files/1", promise.id);
        let answer = once(server.address(), &Request::read(&path, token), ANSWER_LIMIT);
        if answer.is_ok_and(|answer| answer.status == 200 && answer.body != run.script.body(promise.number)) {
            run.memory.breach(Rule::Kept, format!("the document of {} is served with other bytes", promise.id));
        }
    }
}

fn seal(run: &Run, server: &Server) {
    let token = Some(run.script.tenant(0).token.as_str());
    let request = Request { method: "POST", ..Request::read("/v1/seals", token) };
    // What becomes of it under a fault is the server's to say.
    let _ = once(server.address(), &request, SEAL_LIMIT);
}

/// The server went on to the end it was asked for, or ended and said why: no panic, no signal, no silence.
fn judge_end(run: &mut Run, fault: &Fault, status: Option<ExitStatus>, log: &Path, why: &str) {
    let said = fs::read_to_string(log).unwrap_or_default();
    let killed = fault.how.ends_with("torn");
    let detail = match status {
        _ if said.contains("panicked at") => "a panic",
        None => "no end when asked to",
        Some(status) if status.code().is_none() && !killed => "ended by a signal",
        Some(status) if status.code().is_some_and(|code| code != 0) && said.trim().is_empty() => "ended without a word",
        _ => return,
    };
    let status = status.map_or("none".to_owned(), |status| status.to_string());
    run.memory.breach(Rule::Speaks, format!("{detail} ({status}) {why}: {}", last_lines(log)));
}

/// Without the fault: it starts, and everything promised is kept.
fn again(run: &mut Run) -> Result<()> {
    let begun = Instant::now();
    let server = match run.start(None, "1h") {
        Ok(server) => server,
        Err(why) => {
            run.memory.breach(Rule::Opens, format!("{why:#}"));
            return Ok(());
        }
    };
    recheck::head(&mut run.memory, server.address(), "after the fault");
    if let Err(why) = run.ask_again(&server) {
        run.memory.breach(Rule::Opens, format!("asked again after {} ms: {why:#}", begun.elapsed().as_millis()));
    }
    // All of them, in a life of any usual length.
    run.recheck_sample(&server, VERIFIED)?;
    recheck::documents(&mut run.memory, server.address(), &run.script, 0);
    server.terminate(END_LIMIT)?;
    Ok(())
}
