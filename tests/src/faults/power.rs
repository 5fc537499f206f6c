//! Power cuts: the server's data on a disk with a volatile cache, depositors at work, the power gone.

use super::chance::Chance;
use super::disk::CutReport;
use super::judge::Rule;
use super::kills::{Run, TENANTS, Told};
use super::server::{Programs, Server};
use super::volatile::{Volatile, prove, unfit};
use anyhow::{Result, bail};
use std::path::Path;
use std::time::{Duration, Instant};

const WAVE_LIMIT: Duration = Duration::from_secs(60);
/// How long an armed cut waits for its write.
const ARMED_LIMIT: Duration = Duration::from_millis(500);
/// How long the server may go on after its disk stopped answering; then it is killed.
const LIMP_LIMIT: Duration = Duration::from_secs(10);

/// One run of cuts on one disk.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// Failpoints of the faulty build; `None` runs the product as it ships.
    pub failpoints: Option<&'a str>,
    /// Cuts.
    pub cuts: u64,
    /// Seed of contents, moments and losses.
    pub seed: u64,
    /// An empty directory of its own.
    pub dir: &'a Path,
    /// Stop at the first breach of one of these rules.
    pub stop_at: &'a [Rule],
}

/// The disk itself was seen to keep the synced and lose of the unsynced; in words what it did.
///
/// # Errors
/// It could not be set up, or is unfit to judge anything.
pub fn prove_disk(dir: &Path, seed: u64) -> Result<String> {
    const ROUNDS: u64 = 3;
    std::fs::create_dir_all(dir)?;
    let mut disk = Volatile::create(dir)?;
    let mut total = CutReport::default();
    for round in 0..ROUNDS {
        let proof = prove(&mut disk, seed + round)?;
        if let Some(why) = unfit(&proof) {
            bail!("{why}: {proof:?}");
        }
        add(&mut total, proof.cut);
    }
    Ok(format!("{ROUNDS} cuts: synced kept; unsynced writes {}", words(&total)))
}

fn add(total: &mut CutReport, cut: CutReport) {
    total.lost += cut.lost;
    total.torn += cut.torn;
    total.kept += cut.kept;
    total.writes += cut.writes;
    total.flushes += cut.flushes;
}

fn words(cut: &CutReport) -> String {
    format!("{} lost, {} torn, {} kept", cut.lost, cut.torn, cut.kept)
}

/// The cuts were made; what was seen broken is in the answer.
///
/// # Errors
/// They could not be made.
pub fn run(plan: &Plan) -> Result<Told> {
    std::fs::create_dir_all(plan.dir)?;
    let mut disk = Volatile::create(plan.dir)?;
    let scratch = plan.dir.join("scratch");
    let mut run = Run::settle(plan.programs, disk.path().join("data"), &scratch, plan.seed, TENANTS)?;
    let (start, mut chance) = (Instant::now(), Chance::new(plan.seed).fork(0x7077));
    let (mut cuts, mut attempts, mut in_flight, mut ended_itself) = (0, 0, 0, 0);
    let mut total = CutReport::default();
    while cuts < plan.cuts && !run.broke(plan.stop_at) {
        attempts += 1;
        if attempts > plan.cuts * 3 {
            run.memory
                .breach(Rule::Exercised, format!("{cuts} cuts with a request in flight in {} attempts", attempts - 1));
            break;
        }
        let Some(server) = open(&mut run, plan.failpoints, cuts)? else {
            break;
        };
        let Some(cut) = cut_one(&mut run, server, &disk, &mut chance)? else {
            break;
        };
        println!("cut {attempts}: {} in flight, unsynced writes {}", cut.in_flight, words(&cut.disk));
        cuts += u64::from(cut.in_flight > 0);
        in_flight += cut.in_flight;
        ended_itself += u64::from(cut.ended_itself);
        add(&mut total, cut.disk);
        disk.restore()?;
    }
    // The last restart is looked at too, to the last byte.
    if !run.broke(&[Rule::Opens])
        && let Some(server) = open(&mut run, None, cuts)?
    {
        if !run.broke(plan.stop_at) {
            run.conclude(&server)?;
        }
        server.kill()?;
    }
    let runs = format!(
        "{cuts} cuts, {in_flight} requests in flight, {} receipts; unsynced writes {}; the server ended by itself {ended_itself} times of {attempts}, {} s",
        run.memory.promises().len(),
        words(&total),
        start.elapsed().as_secs()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

/// What one cut came to.
struct Cut {
    in_flight: u64,
    ended_itself: bool,
    disk: CutReport,
}

/// A wave of deposits ended by a cut between a write and its flush; `None` when it never came to that.
fn cut_one(run: &mut Run, mut server: Server, disk: &Volatile, chance: &mut Chance) -> Result<Option<Cut>> {
    let (target, jitter) = (chance.between(15, 120), chance.between(0, 20_000));
    let wave = run.wave(&server);
    if !wave.ripe(target, Duration::from_micros(jitter), WAVE_LIMIT) {
        let detail = format!("no {target} acknowledgements in {} s", WAVE_LIMIT.as_secs());
        run.memory.breach(Rule::Exercised, detail);
        server.kill()?;
        run.remember(wave.end());
        return Ok(None);
    }
    disk.cut_at_write(chance.between(1, 12), chance.draw());
    let armed = Instant::now();
    let cut = loop {
        match disk.cut_report() {
            Some(cut) => break cut,
            // A server that leaves syncing out may write nothing for a while.
            None if armed.elapsed() > ARMED_LIMIT => break disk.cut(chance.draw()),
            None => std::thread::sleep(Duration::from_micros(200)),
        }
    };
    wave.fault();
    let ended_itself = server.ended_within(LIMP_LIMIT)?.is_some();
    server.kill()?;
    let seen = wave.end();
    if let Some(number) = seen.acknowledged_after_fault.first() {
        let detail = format!("request {number}, sent after the power was cut, was acknowledged");
        run.memory.breach(Rule::Kept, detail);
    }
    // A server that says in time that it has stopped has not acknowledged either.
    let in_flight = seen.in_flight_at_fault + seen.refused_over_fault;
    run.remember(seen);
    Ok(Some(Cut { in_flight, ended_itself, disk: cut }))
}

/// The server on what the cut left, everything asked again; `None` when it does not start, which is a breach.
fn open(run: &mut Run, failpoints: Option<&str>, cuts: u64) -> Result<Option<Server>> {
    match run.start(failpoints, "1s") {
        Ok(server) => {
            run.restarted(&server, &format!("after cut {cuts}"))?;
            Ok(Some(server))
        }
        Err(why) => {
            let promised = run.memory.promises().len();
            let detail = format!("after cut {cuts}, with {promised} deposits acknowledged: {why:#}");
            run.memory.breach(Rule::Opens, detail);
            Ok(None)
        }
    }
}
