//! `bench`: deposits of 20 KiB over HTTP with 64 connections, beside the bare synced append. `tests/bench/run` builds and calls it.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tests::bench::aims::{self, Aim, Row};
use tests::bench::summary::{self, Profile, Round};
use tests::bench::{bare, load, postgres, profile, witnesses};
use tests::faults::server::{self, Launch, Server, Tenant};

const CONNECTIONS: usize = 64;
const DOCUMENT_BYTES: usize = 20 << 10;

/// How much is measured.
#[derive(Clone, Copy)]
struct Amount {
    rounds: u64,
    warm_up: Duration,
    counted: Duration,
    bare: Duration,
    profiled: Duration,
}

const FULL: Amount = Amount {
    rounds: 3,
    warm_up: Duration::from_secs(3),
    counted: Duration::from_secs(15),
    bare: Duration::from_secs(5),
    profiled: Duration::from_secs(10),
};
const QUICK: Amount = Amount {
    rounds: 1,
    warm_up: Duration::from_secs(1),
    counted: Duration::from_secs(5),
    bare: Duration::from_secs(2),
    profiled: Duration::from_secs(5),
};

struct Asked {
    tabellion: PathBuf,
    work: PathBuf,
    amount: Amount,
    json: Option<PathBuf>,
}

fn main() -> Result<()> {
    let asked = arguments(std::env::args().skip(1))?;
    let (data, log) = (asked.work.join("data"), asked.work.join("server.log"));
    let tenants = server::settle(&asked.tabellion, &data, &asked.work.join("policy.json"), &log, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: &asked.tabellion, data: &data, failpoints: None, seal_every: "1h", log: &log };
    let server = Server::start(&launch)?;
    println!("{CONNECTIONS} connections, documents of {DOCUMENT_BYTES} bytes, server and clients on this machine");
    let mut rounds = Vec::new();
    for number in 0..asked.amount.rounds {
        let load = load::run(&the_load(&asked, &server, tenant, number, asked.amount.counted))?;
        let bare = bare::Bare {
            dir: &data,
            bytes: DOCUMENT_BYTES,
            batch: load.batch(),
            counted: asked.amount.bare,
            seed: number,
        };
        rounds.push(Round { floor: bare::run(&bare)?, load });
    }
    println!("{}", summary::table(&rounds));
    if let Some(middle) = summary::middle(&rounds) {
        println!("\n{}\n", summary::words(middle));
    }
    let shown = profiled(&asked, &server, tenant)?;
    print!("{}", summary::profile(&shown));
    let watched = witnesses::run(&witnesses::Compared {
        program: &asked.tabellion,
        work: &asked.work,
        turns: asked.amount.rounds,
        load: the_load(&asked, &server, tenant, 0, asked.amount.counted),
    })?;
    let middle = witnesses::middle(&watched).context("no turn")?;
    println!("\n{}", middle.words());
    server.kill()?;
    let main = summary::middle(&rounds).context("no round")?;
    let mut rows = vec![
        Row::new("acknowledged deposits/s, 20 KiB, 64 connections", Some(main.load.rate()), Aim::Least(10_000.0)),
        Row::new("the same: p99 in ms", Some(main.load.wait(990).as_secs_f64() * 1000.0), Aim::Most(25.0)),
        Row::new("the same beside the bare append", Some(main.ratio()), Aim::Least(0.7)),
    ];
    let peer = postgres::run(&asked.work, DOCUMENT_BYTES, CONNECTIONS, asked.amount.counted);
    match &peer {
        Ok(rate) => println!("\nPostgreSQL: {rate:.0} rows/s with {}", postgres::SETTINGS.join(", ")),
        Err(why) => println!("\nPostgreSQL: not run: {why:#}"),
    }
    let beside = peer.ok().map(|rate| main.load.rate() / rate);
    rows.push(Row::new("the same beside PostgreSQL, each row durable", beside, Aim::Least(2.0)));
    rows.extend(aims::measure(&aims::Amount {
        program: &asked.tabellion,
        work: &asked.work,
        counted: asked.amount.counted,
        warm_up: asked.amount.warm_up,
    })?);
    println!("\n{}", aims::table(&rows));
    if let Some(file) = &asked.json {
        let mut told = summary::json(&rounds, &shown, CONNECTIONS, DOCUMENT_BYTES);
        told["witnesses"] = middle.json();
        told["aims"] = aims::json(&rows);
        let text = format!("{told:#}\n");
        std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

fn the_load(asked: &Asked, server: &Server, tenant: &Tenant, seed: u64, counted: Duration) -> load::Load {
    load::Load {
        address: server.address(),
        token: tenant.token.clone(),
        connections: CONNECTIONS,
        bytes: DOCUMENT_BYTES,
        warm_up: asked.amount.warm_up,
        counted,
        seed,
    }
}

/// One more round, not counted, looked at from outside.
fn profiled(asked: &Asked, server: &Server, tenant: &Tenant) -> Result<Profile> {
    let amount = asked.amount;
    let counted = amount.profiled + Duration::from_secs(1);
    let load = the_load(asked, server, tenant, amount.rounds, counted);
    let thread = std::thread::spawn(move || load::run(&load));
    std::thread::sleep(amount.warm_up);
    let (file, start, before) = (asked.work.join("perf.data"), Instant::now(), profile::times(server.pid())?);
    let sampling = profile::sample(server.pid(), &file, amount.profiled);
    std::thread::sleep(amount.profiled);
    let (seconds, after) = (start.elapsed().as_secs_f64(), profile::times(server.pid())?);
    let functions = sampling.and_then(|sampling| profile::functions(sampling, &file));
    thread.join().ok().context("the load's thread died")??;
    let (functions, without) = match functions {
        Ok(functions) => (functions, None),
        Err(why) => (Vec::new(), Some(format!("{why:#}"))),
    };
    Ok(Profile { seconds, threads: profile::spent(&before, &after), functions, without })
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Asked> {
    let (mut tabellion, mut work, mut json, mut amount) = (None, None, None, FULL);
    while let Some(word) = words.next() {
        let mut value = || words.next().map(PathBuf::from).with_context(|| format!("{word} wants a value"));
        match word.as_str() {
            "--tabellion" => tabellion = Some(value()?),
            "--work" => work = Some(value()?),
            "--json" => json = Some(value()?),
            "--quick" => amount = QUICK,
            _ => bail!("bench [--quick] [--json FILE] --tabellion PROGRAM --work DIR"),
        }
    }
    match (tabellion, work) {
        (Some(tabellion), Some(work)) => Ok(Asked { tabellion, work, amount, json }),
        _ => bail!("--tabellion and --work are wanted"),
    }
}
