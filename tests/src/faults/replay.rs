//! The server stopped at one step of one commit: what start-up must make of it.

use super::judge::{Crash, Rule, judge_crash};
use super::kills::{Run, Told, deposit};
use super::recheck;
use super::server::Programs;
use crate::wire::{Connection, Request, once};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Failpoint, and whether the commit is durable there.
const POINTS: [(&str, bool); 3] =
    [("segment.before-append", false), ("commit.after-sync", true), ("commit.after-publish", true)];
/// Passages at which the server crashes, one run each.
const PASSAGES: [u64; 3] = [1, 2, 5];
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(10);
/// No seal comes between two deposits: sizes are counted exactly.
const NO_SEAL: &str = "1h";

/// Every point was crashed at; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn run(programs: &Programs, dir: &Path, seed: u64) -> Result<Told> {
    let mut run = Run::settle(programs, dir.join("data"), dir, seed, 1)?;
    seal_once(&run)?;
    let mut crashes = 0;
    for (point, synced) in POINTS {
        for passage in PASSAGES {
            let failpoint = format!("{point}=crash@{passage}");
            if let Some(crash) = crash_once(&mut run, &failpoint, synced)? {
                crashes += 1;
                if let Some(breach) = judge_crash(&failpoint, &crash) {
                    run.memory.breach(breach.rule, breach.detail);
                }
            }
        }
    }
    let server = run.start(None, NO_SEAL)?;
    run.conclude(&server)?;
    let receipts = run.memory.promises().len();
    let runs = format!("{crashes} crashes at {} points, {receipts} receipts", POINTS.len());
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

/// Sealed once: the next seal is an hour from now, not from the log's first entry.
fn seal_once(run: &Run) -> Result<()> {
    let server = run.start(None, NO_SEAL)?;
    let token = Some(run.script.tenant(0).token.as_str());
    let request = Request { method: "POST", ..Request::read("/v1/seals", token) };
    let answer = once(server.address(), &request, ANSWER_LIMIT)?;
    ensure!(answer.status == 200, "sealing: status {}", answer.status);
    server.kill()
}

/// Deposits one by one until the server crashes at the failpoint, then what a restart without it shows.
fn crash_once(run: &mut Run, failpoint: &str, synced: bool) -> Result<Option<Crash>> {
    let mut server = run.start(Some(failpoint), NO_SEAL)?;
    run.restarted(&server, failpoint)?;
    let listed = recheck::listed(server.address(), &run.script, 0)?;
    let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
    let mut acknowledged = 0;
    let victim = loop {
        let number = run.next.fetch_add(1, Ordering::SeqCst);
        match deposit(&run.script, &mut connection, number) {
            Ok(promise) => run.memory.promised(promise),
            Err(_) => break number,
        }
        acknowledged += 1;
        if acknowledged > 20 {
            run.memory.breach(Rule::Exercised, format!("{failpoint}: never reached in {acknowledged} deposits"));
            return Ok(None);
        }
    };
    let ended = server.ended_within(END_LIMIT)?;
    ensure!(ended.is_some(), "{failpoint}: no answer, and the server still runs");
    let before = run.memory.largest();
    let server = match run.start(None, NO_SEAL) {
        Ok(server) => server,
        Err(why) => {
            run.memory.breach(Rule::Opens, format!("{failpoint}: {why:#}"));
            return Ok(None);
        }
    };
    recheck::head(&mut run.memory, server.address(), failpoint);
    let (after, listed_after) = (run.memory.largest(), recheck::listed(server.address(), &run.script, 0)?);
    run.again = vec![victim, victim];
    run.ask_again(&server)?;
    run.recheck(&server)?;
    let retried_index = run.memory.promises().get(&victim).context("no answer to the request asked again")?.index;
    let listed = (listed + acknowledged, listed_after);
    Ok(Some(Crash { synced, sizes: (before, after), listed, retried_index }))
}
