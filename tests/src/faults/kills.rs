//! The kill loop: depositors at work, SIGKILL, start again, ask for everything.

use super::chance::Chance;
use super::deposits::{Script, Seen, Wave};
use super::judge::{Breach, Memory, Promise, Rule};
use super::recheck;
use super::server::{self, Launch, Programs, Server};
use crate::wire::Connection;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Tenants the depositors deposit for, in turn.
pub const TENANTS: usize = 3;
/// A head is published at most once a second: so much later it is the last one.
const HEAD_EVERY: Duration = Duration::from_millis(1200);
const WAVE_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// After so many kills every promise is asked for; after the others so many of the older ones.
const ALL_EVERY: u64 = 100;
const OLDER: usize = 200;

/// One run of the loop.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// Failpoints of the faulty build; `None` runs the product as it ships.
    pub failpoints: Option<&'a str>,
    /// Kills to count, each with a request in flight.
    pub kills: u64,
    /// Receipts to reach at least.
    pub receipts: u64,
    /// Seed of contents and moments.
    pub seed: u64,
    /// An empty directory of its own.
    pub dir: &'a Path,
    /// Stop at the first breach of one of these rules.
    pub stop_at: &'a [Rule],
    /// Time for the whole run.
    pub limit: Duration,
}

/// What a run came to.
#[derive(Debug)]
pub struct Told {
    /// In words, for the table.
    pub runs: String,
    /// Breaches in the order seen.
    pub breaches: Vec<Breach>,
}

/// Where a run lives, and what it remembers.
#[derive(Debug)]
pub struct Run<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// The server's data directory.
    pub data: PathBuf,
    /// Scratch files.
    pub dir: PathBuf,
    /// Requests.
    pub script: Script,
    /// Promises and breaches.
    pub memory: Memory,
    /// Requests to be asked again.
    pub again: Vec<u64>,
    /// Number of the next request.
    pub next: Arc<AtomicU64>,
    /// The first request not yet looked at by the verification command.
    unverified: u64,
}

impl<'a> Run<'a> {
    /// A new data directory with its tenants, made by the product as it ships.
    ///
    /// # Errors
    /// The product could not do even that.
    pub fn settle(programs: &'a Programs, data: PathBuf, dir: &Path, seed: u64, tenants: usize) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let (policy, log) = (dir.join("policy.json"), dir.join("server.log"));
        let tenants = server::settle(&programs.tabellion, &data, &policy, &log, tenants)?;
        let next = Arc::new(AtomicU64::new(1));
        let script = Script { seed, tenants };
        let (memory, again) = (Memory::default(), Vec::new());
        Ok(Run { programs, data, dir: dir.to_owned(), script, memory, again, next, unverified: 0 })
    }

    /// The same house and requests, nothing remembered, on a copy of the data in a directory of its own. The house is not served.
    ///
    /// # Errors
    /// A file could not be copied.
    pub fn copy(&self, dir: &Path) -> Result<Self> {
        let data = dir.join("data");
        crate::published::copy(&self.data, &data)?;
        std::fs::copy(self.dir.join("policy.json"), dir.join("policy.json"))?;
        let next = Arc::new(AtomicU64::new(self.next.load(Ordering::SeqCst)));
        let (memory, again, script) = (Memory::default(), Vec::new(), self.script.clone());
        Ok(Run { programs: self.programs, data, dir: dir.to_owned(), script, memory, again, next, unverified: 0 })
    }

    /// The server, started on the run's data.
    ///
    /// # Errors
    /// It did not come up.
    pub fn start(&self, failpoints: Option<&str>, seal_every: &str) -> Result<Server> {
        let log = self.dir.join("server.log");
        let program = if failpoints.is_some() { &self.programs.faulty } else { &self.programs.tabellion };
        Server::start(&Launch { program, data: &self.data, failpoints, seal_every, log: &log })
    }

    /// Just restarted: the head is what it should be, and every promise is kept.
    ///
    /// # Errors
    /// The verification command could not be run.
    pub fn restarted(&mut self, server: &Server, when: &str) -> Result<()> {
        recheck::head(&mut self.memory, server.address(), when);
        self.recheck(server)
    }

    /// The same after one of many kills: what was promised since the last one, and an even choice of what was before. Every promise is
    /// asked for after each hundredth kill, and at the end: asked for each time, thousands of kills would ask for millions.
    ///
    /// # Errors
    /// The verification command could not be run.
    fn restarted_after(&mut self, server: &Server, kills: u64) -> Result<()> {
        let when = format!("after kill {kills}");
        if kills.is_multiple_of(ALL_EVERY) {
            return self.restarted(server, &when);
        }
        recheck::head(&mut self.memory, server.address(), &when);
        let older = self.memory.promises().range(..self.unverified);
        let step = older.clone().count().div_ceil(OLDER).max(1);
        let chosen = older.skip(usize::try_from(kills)? % step).step_by(step);
        let mut asked: Vec<u64> = chosen.map(|(number, _)| *number).collect();
        asked.extend(self.memory.promises().range(self.unverified..).map(|(number, _)| *number));
        recheck::these_receipts(&mut self.memory, server.address(), &self.script, &asked);
        self.verify_new()
    }

    fn verify_new(&mut self) -> Result<()> {
        let policy = self.dir.join("policy.json");
        recheck::verify(&mut self.memory, self.programs, &policy, &self.dir, self.unverified)?;
        self.unverified = self.memory.promises().last_key_value().map_or(0, |(number, _)| number + 1);
        Ok(())
    }

    /// Every receipt promised was asked for again; those not yet judged by the verification command were. The head is not
    /// asked for: within the second it may be older than the last receipt.
    ///
    /// # Errors
    /// The verification command could not be run.
    pub fn recheck(&mut self, server: &Server) -> Result<()> {
        recheck::receipts(&mut self.memory, server.address(), &self.script);
        self.verify_new()
    }

    /// The head is what it should be, every receipt promised was asked for again, and so many of them, evenly chosen, were judged
    /// by the verification command.
    ///
    /// # Errors
    /// The verification command could not be run.
    pub fn recheck_sample(&mut self, server: &Server, verified: usize) -> Result<()> {
        recheck::receipts(&mut self.memory, server.address(), &self.script);
        let policy = self.dir.join("policy.json");
        let step = self.memory.promises().len().div_ceil(verified.max(1)).max(1);
        let sample: Vec<u64> = self.memory.promises().keys().step_by(step).copied().collect();
        recheck::verify_these(&mut self.memory, self.programs, &policy, &self.dir, &sample)?;
        Ok(())
    }

    /// What a wave saw is remembered.
    pub fn remember(&mut self, seen: Seen) {
        for promise in seen.promises {
            // An answer to a request of an earlier wave is new to the verification command.
            self.unverified = self.unverified.min(promise.number);
            self.memory.promised(promise);
        }
        for number in seen.unreadable {
            self.memory.breach(Rule::Verifies, format!("request {number}: acknowledged without id, record or receipt"));
        }
        for (number, status, words) in seen.refused {
            self.memory.refused(number, status, &words);
        }
        self.again = seen.unanswered;
    }

    /// Depositors at work on this server.
    pub fn wave(&mut self, server: &Server) -> Wave {
        Wave::start(server.address(), &self.script, std::mem::take(&mut self.again), &self.next)
    }

    /// Every request left without an answer has one now.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn ask_again(&mut self, server: &Server) -> Result<()> {
        let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
        for number in std::mem::take(&mut self.again) {
            let promise = deposit(&self.script, &mut connection, number)?;
            self.unverified = self.unverified.min(number);
            self.memory.promised(promise);
        }
        Ok(())
    }

    /// At the end: documents, every receipt once more by the verification command, one entry per request.
    ///
    /// # Errors
    /// The server or the verification command could not be asked.
    pub fn conclude(&mut self, server: &Server) -> Result<()> {
        self.ask_again(server)?;
        self.unverified = 0;
        std::thread::sleep(HEAD_EVERY);
        self.restarted(server, "at the end")?;
        recheck::documents(&mut self.memory, server.address(), &self.script, 0);
        for number in 0..self.script.tenants.len() as u64 {
            let listed = recheck::listed(server.address(), &self.script, number)?;
            let tenant = &self.script.tenant(number).id;
            let promised = self.memory.promises().values().filter(|promise| promise.tenant == *tenant).count() as u64;
            if listed != promised {
                let detail = format!("tenant {tenant}: {listed} entries listed, {promised} requests acknowledged");
                self.memory.breach(Rule::OneEntry, detail);
            }
        }
        Ok(())
    }

    /// True when a breach of one of these rules was seen.
    pub fn broke(&self, rules: &[Rule]) -> bool {
        self.memory.breaches().iter().any(|breach| rules.contains(&breach.rule))
    }
}

/// The promise made in answer to this request, sent now.
///
/// # Errors
/// No answer, or none that promises anything.
pub fn deposit(script: &Script, connection: &mut Connection, number: u64) -> Result<Promise> {
    script.send(connection, number)?;
    let answer = connection.receive()?;
    let words = || String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
    ensure!(matches!(answer.status, 200 | 201), "request {number}: status {} {}", answer.status, words());
    Promise::parse(number, &answer.body).with_context(|| format!("request {number}: a promise of nothing: {}", words()))
}

/// The loop was run; what it saw broken is in the answer.
///
/// # Errors
/// It could not be run: set-up, or a server that does not answer its own interface.
pub fn run(plan: &Plan) -> Result<Told> {
    let mut run = Run::settle(plan.programs, plan.dir.join("data"), plan.dir, plan.seed, TENANTS)?;
    let (start, mut chance) = (Instant::now(), Chance::new(plan.seed).fork(0x6b69));
    let (mut kills, mut attempts, mut in_flight) = (0, 0, 0);
    while kills < plan.kills && !run.broke(plan.stop_at) {
        attempts += 1;
        let out_of_time = start.elapsed() > plan.limit;
        if out_of_time || attempts > plan.kills * 2 {
            let detail = format!(
                "{kills} kills of {} after {} s and {attempts} attempts",
                plan.kills,
                start.elapsed().as_secs()
            );
            run.memory.breach(Rule::Exercised, detail);
            break;
        }
        let server = match run.start(plan.failpoints, "1s") {
            Ok(server) => server,
            Err(why) => {
                run.memory.breach(Rule::Opens, format!("after kill {kills}: {why:#}"));
                break;
            }
        };
        run.restarted_after(&server, kills)?;
        if run.broke(plan.stop_at) {
            break;
        }
        let missing = plan.receipts.saturating_sub(run.memory.promises().len() as u64);
        let due = missing / (plan.kills - kills);
        let seen = kill_one(&mut run, server, &mut chance, due);
        let Some(seen) = seen? else { break };
        let (acknowledged, there) = (seen.promises.len(), seen.in_flight_at_fault);
        println!("kill {attempts}: {there} in flight, {acknowledged} receipts, {} refused", seen.refused.len());
        in_flight += there;
        kills += u64::from(seen.in_flight_at_fault > 0);
        run.remember(seen);
    }
    let mut sealed = 0;
    if plan.stop_at.is_empty() && !run.broke(&[Rule::Opens]) {
        sealed = finish(plan, &mut run)?;
    }
    let receipts = run.memory.promises().len();
    let runs = format!(
        "{kills} kills, {in_flight} requests in flight, {receipts} receipts, {} heads, {sealed} sealed packs, {} s",
        run.memory.heads(),
        start.elapsed().as_secs()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

/// A wave of deposits ended by SIGKILL; `None` when it never came to a kill.
fn kill_one(run: &mut Run, server: Server, chance: &mut Chance, due: u64) -> Result<Option<Seen>> {
    let (target, jitter) = (chance.between(due / 2, due + due / 2 + 8), chance.between(0, 12_000));
    let wave = run.wave(&server);
    let ripe = wave.ripe(target, Duration::from_micros(jitter), WAVE_LIMIT);
    wave.fault();
    server.kill()?;
    let seen = wave.end();
    if !ripe {
        let detail =
            format!("no {target} acknowledgements within {} s: {:?}", WAVE_LIMIT.as_secs(), seen.refused.first());
        run.memory.breach(Rule::Exercised, detail);
        run.remember(seen);
        return Ok(None);
    }
    Ok(Some(seen))
}

/// The last start: nothing is killed any more, everything is asked.
fn finish(plan: &Plan, run: &mut Run) -> Result<usize> {
    let server = match run.start(None, "1s") {
        Ok(server) => server,
        Err(why) => {
            run.memory.breach(Rule::Opens, format!("after the last kill: {why:#}"));
            return Ok(0);
        }
    };
    run.conclude(&server)?;
    let receipts = run.memory.promises().len() as u64;
    if receipts < plan.receipts {
        run.memory.breach(Rule::Exercised, format!("{receipts} receipts of {}", plan.receipts));
    }
    let policy = plan.dir.join("policy.json");
    recheck::packs(&mut run.memory, plan.programs, &run.script, server.address(), &policy, plan.dir)
}
