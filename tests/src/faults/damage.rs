//! The data directory spoiled while nobody serves it: bits turned over in every family of files, files cut, swapped, older. Each is
//! found and placed by `tabellion scrub`, or refused by name at the start, or loses nothing, and that is proved:
//!
//! - a file of the index: every row of every family was read and is what the segments give (the scrub says so by finding nothing);
//! - any other file: the house is served on it, every document and receipt ever promised comes back byte for byte, the policy is the
//!   one pinned, and what is deposited then is sealed and its pack passes.

use super::chance::Chance;
use super::judge::{Breach, Rule};
use super::kills::{Run, TENANTS, Told};
use super::recheck;
use super::server::{Launch, Programs, Server, Started, last_lines};
use crate::wire::{Request, once};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const ENOUGH: u64 = 120;
const WAVE_LIMIT: Duration = Duration::from_secs(20);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(40);
const LINES: &str = "\n[store]\nsegment_bytes = 262144\n[scrub]\nbytes_per_second = 0\n";
/// Spoiled at the same time.
const PARALLEL: u64 = 3;
/// Made by a run, and by every run again.
const PASSING: [&str; 3] = ["run", "store/lock", "scrub.json"];

/// One series.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// Failpoints of the faulty build, which then does the scrub; `None` for the product as it ships.
    pub failpoints: Option<&'a str>,
    /// Bits turned over.
    pub flips: u64,
    /// Files cut, swapped, put back older.
    pub files: u64,
    /// Seed of contents and places.
    pub seed: u64,
    /// An empty directory of its own.
    pub dir: &'a Path,
    /// Stop at the first breach of one of these rules.
    pub stop_at: &'a [Rule],
}

/// What became of one spoiling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    /// The scrub named the file.
    Placed,
    /// The start refused, in words.
    Refused,
    /// The house was served, and something of it said what is wrong: no seal by that authority, a policy that is not the pinned one.
    Told,
    /// Nothing was lost, by proof.
    Harmless,
    /// None of these.
    Missed,
}

/// One way to spoil a house.
#[derive(Clone, Debug)]
enum Spoiling {
    /// A bit turned over: file, byte, mask.
    Flip(PathBuf, u64, u8),
    /// A file cut to so many bytes.
    Cut(PathBuf, u64),
    /// Two files of a folder, each under the other's name.
    Swap(PathBuf, PathBuf),
    /// A file as it was half-way.
    Older(PathBuf),
}

struct Spoilt<'a> {
    plan: &'a Plan<'a>,
    base: Run<'a>,
    /// The house as it was half-way, for files put back older.
    older: PathBuf,
    files: Vec<PathBuf>,
}

/// What became of them all.
#[derive(Default)]
struct Tally {
    fates: BTreeMap<(String, Fate), u64>,
    breaches: Vec<Breach>,
}

/// Everything was spoiled once; what was missed is in the answer.
///
/// # Errors
/// It could not be run.
pub fn run(plan: &Plan) -> Result<Told> {
    let (base, older) = settle(plan)?;
    let mut files = Vec::new();
    walk(&base.data, &base.data, &mut files)?;
    files.sort();
    let spoilt = Spoilt { plan, base, older, files };
    let spoilings = spoilt.draw_all()?;
    let (turn, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    let tally_now = || tally.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            loop {
                let number = turn.fetch_add(1, Ordering::SeqCst);
                let Some(spoiling) = spoilings.get(number as usize) else { return Ok(()) };
                let (fate, said) = spoilt.judge(number, spoiling)?;
                let mut tally = tally_now();
                *tally.fates.entry((family(spoiling.files()[0]), fate)).or_default() += 1;
                if fate == Fate::Missed {
                    tally.breaches.push(Breach::new(Rule::Placed, format!("{spoiling:?}: {said}")));
                }
                if tally.breaches.iter().any(|breach| plan.stop_at.contains(&breach.rule)) {
                    return Ok(());
                }
            }
        };
        let threads: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a thread died")?)
    })?;
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let count = |fate: Fate| tally.fates.iter().filter(|((_, of), _)| *of == fate).map(|(_, count)| count).sum::<u64>();
    for ((family, fate), count) in &tally.fates {
        println!("   {family}: {count} {fate:?}");
    }
    let runs = format!(
        "{} spoilings: {} placed by the scrub, {} refused at the start, {} told while served, {} harmless by proof, {} missed; {} receipts",
        tally.fates.values().sum::<u64>(),
        count(Fate::Placed),
        count(Fate::Refused),
        count(Fate::Told),
        count(Fate::Harmless),
        count(Fate::Missed),
        spoilt.base.memory.promises().len()
    );
    Ok(Told { runs, breaches: tally.breaches })
}

impl Spoiling {
    /// The files it touches.
    fn files(&self) -> Vec<&PathBuf> {
        match self {
            Spoiling::Flip(file, ..) | Spoiling::Cut(file, _) | Spoiling::Older(file) => vec![file],
            Spoiling::Swap(one, other) => vec![one, other],
        }
    }

    fn apply(&self, data: &Path, older: &Path) -> Result<()> {
        let open = |inner: &Path| OpenOptions::new().read(true).write(true).open(data.join(inner));
        match self {
            Spoiling::Flip(inner, at, mask) => {
                let (file, mut byte) = (open(inner)?, [0]);
                file.read_exact_at(&mut byte, *at)?;
                file.write_all_at(&[byte[0] ^ mask], *at)?;
            }
            Spoiling::Cut(inner, length) => open(inner)?.set_len(*length)?,
            Spoiling::Swap(one, other) => {
                let kept = fs::read(data.join(one))?;
                fs::copy(data.join(other), data.join(one))?;
                fs::write(data.join(other), kept)?;
            }
            Spoiling::Older(inner) => drop(fs::copy(older.join(inner), data.join(inner))?),
        }
        Ok(())
    }
}

/// A stopped house with segments, files ahead, keys, seals; and a copy of it as it was half-way.
fn settle<'a>(plan: &Plan<'a>) -> Result<(Run<'a>, PathBuf)> {
    let mut run = Run::settle(plan.programs, plan.dir.join("data"), plan.dir, plan.seed, TENANTS)?;
    let config = run.data.join("tabellion.toml");
    fs::write(&config, fs::read_to_string(&config)? + LINES)?;
    let older = plan.dir.join("older");
    for half in 0..2 {
        let server = run.start(None, "1h")?;
        let wave = run.wave(&server);
        wave.until(ENOUGH, WAVE_LIMIT);
        run.remember(wave.end());
        seal(&run, &server)?;
        server.terminate(END_LIMIT)?;
        if half == 0 {
            crate::published::copy(&run.data, &older)?;
        }
    }
    Ok((run, older))
}

fn seal(run: &Run, server: &Server) -> Result<Value> {
    let token = Some(run.script.tenant(0).token.as_str());
    let request = Request { method: "POST", ..Request::read("/v1/seals", token) };
    Ok(serde_json::from_slice(&once(server.address(), &request, ANSWER_LIMIT)?.body).unwrap_or_default())
}

/// Files with something in them, from the data directory on; what every run makes again apart.
fn walk(data: &Path, folder: &Path, out: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let inner = path.strip_prefix(data)?.to_owned();
        if PASSING.iter().any(|name| inner.starts_with(name)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(data, &path, out)?;
        } else if written(&path)? > 0 {
            out.push(inner);
        }
    }
    Ok(())
}

/// Bytes up to the last that is not blank.
fn written(path: &Path) -> Result<u64> {
    Ok(fs::read(path)?.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1))
}

/// The family of a file: its folder, and for the house's own files their name.
fn family(file: &Path) -> String {
    let mut parts = file.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    match (parts.next().as_deref(), parts.next()) {
        (Some("store"), Some(inner)) => format!("store/{inner}"),
        (Some(first), _) => first.to_owned(),
        (None, _) => String::new(),
    }
}

impl Spoilt<'_> {
    fn draw_all(&self) -> Result<Vec<Spoiling>> {
        let mut chance = Chance::new(self.plan.seed).fork(0x666c);
        let mut drawn = Vec::new();
        for _ in 0..self.plan.flips {
            let inner = self.draw(&mut chance);
            let at = chance.between(0, written(&self.base.data.join(&inner))? - 1);
            drawn.push(Spoiling::Flip(inner, at, 1 << chance.between(0, 7)));
        }
        for number in 0..self.plan.files {
            let inner = self.draw(&mut chance);
            let path = self.base.data.join(&inner);
            match number % 3 {
                0 => drawn.push(Spoiling::Cut(inner, chance.between(0, written(&path)? - 1))),
                1 => {
                    let beside = |file: &&PathBuf| file.parent() == inner.parent() && **file != inner;
                    let beside: Vec<_> = self.files.iter().filter(beside).collect();
                    let other = beside.get(chance.between(0, beside.len().max(1) as u64 - 1) as usize);
                    drawn.extend(other.map(|other| Spoiling::Swap(inner.clone(), (*other).clone())));
                }
                _ => {
                    let before = self.older.join(&inner);
                    if before.exists() && fs::read(&before)? != fs::read(&path)? {
                        drawn.push(Spoiling::Older(inner));
                    }
                }
            }
        }
        Ok(drawn)
    }

    /// A file, each family as often as any other, so that a thousand index files do not hide one key.
    fn draw(&self, chance: &mut Chance) -> PathBuf {
        let mut families: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
        self.files.iter().for_each(|file| families.entry(family(file)).or_default().push(file));
        let families: Vec<_> = families.into_values().collect();
        let of = &families[chance.between(0, families.len() as u64 - 1) as usize];
        of[chance.between(0, of.len() as u64 - 1) as usize].clone()
    }

    /// What became of a copy of the house so spoiled, and in words why it was missed.
    fn judge(&self, number: u64, spoiling: &Spoiling) -> Result<(Fate, String)> {
        let dir = self.plan.dir.join(format!("spoilt-{number}"));
        fs::create_dir_all(&dir)?;
        let mut run = self.base.copy(&dir)?;
        spoiling.apply(&run.data, &self.older)?;
        let files = spoiling.files();
        let (mut fate, exit) = self.scrubbed(&run, &files)?;
        let mut said = format!("scrub exit {exit:?}, and nothing named it");
        let index = files.iter().all(|file| file.starts_with("store/index"));
        let store = files.iter().all(|file| file.starts_with("store"));
        // The scrub read every byte of segments, keys and files ahead that was ever written, or should have. Of the index it
        // compared every row; of the house's own files it knows nothing: the house is served on them.
        if fate == Fate::Missed && (exit == Some(0) && index || !store) {
            fate = self.served(&mut run)?;
            let broken: Vec<_> = run.memory.breaches().iter().map(|breach| breach.detail.clone()).collect();
            said = format!("{said}; served: {}", broken.join("; "));
        }
        if fate != Fate::Missed {
            fs::remove_dir_all(&dir)?;
        }
        Ok((fate, said))
    }

    /// What the scrub says of it.
    fn scrubbed(&self, run: &Run, files: &[&PathBuf]) -> Result<(Fate, Option<i32>)> {
        let programs = self.plan.programs;
        let mut command =
            Command::new(if self.plan.failpoints.is_some() { &programs.faulty } else { &programs.tabellion });
        command.arg("--data").arg(&run.data).args(["scrub", "--format", "json"]).env("LC_ALL", "C.UTF-8");
        command.env_remove("TABELLION_FAILPOINTS").stdin(Stdio::null());
        command.envs(self.plan.failpoints.map(|points| ("TABELLION_FAILPOINTS", points)));
        let output = command.output().context("running the scrub")?;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let names: Vec<_> =
            files.iter().filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        let index = files.iter().any(|file| file.starts_with("store/index"));
        let named = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
        let findings = report["findings"].as_array().cloned().unwrap_or_default();
        let placed = findings.iter().any(|finding| {
            let path = finding["path"].as_str().unwrap_or_default();
            // Rows of the index are named by what they say, not by which of its files holds them.
            named(path) || (index && !finding["code"].as_str().unwrap_or_default().is_empty())
                // What an older or shorter segment lacks is named where it should be.
                || finding["code"] == "records-missing"
        });
        let fate = match output.status.code() {
            Some(1) if placed => Fate::Placed,
            Some(5) if named(&error) => Fate::Placed,
            // A file of the house, not of its store, that keeps anything from being read.
            Some(1 | 2 | 5 | 70) if !error.trim().is_empty() && named(&error) => Fate::Refused,
            _ => Fate::Missed,
        };
        Ok((fate, output.status.code()))
    }

    /// Served on the spoiled files: refused in words, or told, or everything promised is there and what comes after is proved.
    fn served(&self, run: &mut Run) -> Result<Fate> {
        let (log, data) = (run.dir.join("served.log"), run.data.clone());
        let program = &self.plan.programs.tabellion;
        let launch = Launch { program, data: &data, failpoints: None, seal_every: "1h", log: &log };
        let server = match Server::start_under(&launch, &[])? {
            Started::Listening(server) => server,
            Started::Ended(_, status) => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let words = status.code().is_some() && !said.trim().is_empty() && !said.contains("panicked at");
                return Ok(if words { Fate::Refused } else { Fate::Missed });
            }
        };
        let policy = once(server.address(), &Request::read("/v1/policy", None), ANSWER_LIMIT)?.body;
        if policy != fs::read(run.dir.join("policy.json"))? {
            server.terminate(END_LIMIT)?;
            return Ok(Fate::Told);
        }
        run.next.store(self.base.next.load(Ordering::SeqCst) + 47 * 100, Ordering::SeqCst);
        for promise in self.base.memory.promises().values() {
            run.memory.promised(promise.clone());
        }
        recheck::receipts(&mut run.memory, server.address(), &run.script);
        recheck::documents(&mut run.memory, server.address(), &run.script, 0);
        let wave = run.wave(&server);
        wave.until(3, WAVE_LIMIT);
        run.remember(wave.end());
        let sealed = seal(run, &server)?;
        if sealed["status"] == "pending" {
            server.terminate(END_LIMIT)?;
            return Ok(if run.memory.breaches().is_empty() { Fate::Told } else { Fate::Missed });
        }
        let (policy, dir) = (run.dir.join("policy.json"), run.dir.clone());
        recheck::packs(&mut run.memory, self.plan.programs, &run.script, server.address(), &policy, &dir)?;
        server.terminate(END_LIMIT)?;
        Ok(if run.memory.breaches().is_empty() { Fate::Harmless } else { Fate::Missed })
    }
}

/// Two processes on one store: the second is refused in words whatever it wants, and comes in once the first is gone, killed or not.
///
/// # Errors
/// It could not be run.
pub fn two_processes(programs: &Programs, dir: &Path, seed: u64, failpoints: Option<&str>) -> Result<Told> {
    let mut run = Run::settle(programs, dir.join("data"), dir, seed, TENANTS)?;
    let server = run.start(None, "1h")?;
    let (mut refused, log, data) = (0, dir.join("second.log"), run.data.clone());
    let program = if failpoints.is_some() { &programs.faulty } else { &programs.tabellion };
    for _ in 0..3 {
        let launch = Launch { program, data: &data, failpoints, seal_every: "1h", log: &log };
        match Server::start_under(&launch, &[])? {
            Started::Ended(_, status) if status.code().is_some_and(|code| code != 0) => refused += 1,
            Started::Ended(why, status) => {
                run.memory.breach(Rule::Speaks, format!("a second server: {why} ({status})"))
            }
            Started::Listening(second) => {
                run.memory.breach(Rule::Alone, "a second server listens on the same store".to_owned());
                second.kill()?;
            }
        }
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    // Past the store's lock there is only that of the index: too late, and not in these words.
    if !said.contains("another process holds") {
        run.memory.breach(Rule::Alone, format!("a second server got past the lock of the store: {}", last_lines(&log)));
    }
    let mut reindex = Command::new(&programs.tabellion);
    reindex
        .arg("--data")
        .arg(&run.data)
        .arg("reindex")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if reindex.status()?.success() {
        run.memory.breach(Rule::Alone, "a served store was indexed again by another process".to_owned());
    }
    if failpoints.is_some() {
        server.kill()?;
        return Ok(Told { runs: "a second server".to_owned(), breaches: run.memory.breaches().to_vec() });
    }
    let wave = run.wave(&server);
    wave.until(30, WAVE_LIMIT);
    wave.fault();
    server.kill()?;
    let seen = wave.end();
    run.remember(seen);
    let server = run.start(None, "1h")?;
    run.restarted(&server, "once the first was gone")?;
    server.terminate(END_LIMIT)?;
    let runs =
        format!("{refused} servers and a reindex refused, then one let in; {} receipts", run.memory.promises().len());
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}
