//! Deposits of 20 KiB over HTTP with 64 connections, beside the bare synced append: rounds, one minute sustained, where the time
//! goes, PostgreSQL, and what dead witnesses and failing authorities cost.

use super::aims::{Told, millis};
use super::asked::Asked;
use super::kept::{self, Kept};
use super::load::{self, Load, Measured};
use super::row::{Aim, Row};
use super::summary::{self, Profile, Round};
use super::waits::Waits;
use super::{authorities, bare, limit, pair, postgres, profile, witnesses};
use crate::faults::server::{self, Launch, Server, Tenant};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const CONNECTIONS: usize = 64;
const DOCUMENT_BYTES: usize = 20 << 10;
/// Wait of a deposit while the authority fails, for each unit of wait without, at most.
const FAILING_AUTHORITY: f64 = 1.1;

/// The house that is measured, and what it acknowledged.
struct House<'a> {
    asked: &'a Asked,
    data: &'a Path,
    server: Server,
    tenant: &'a Tenant,
    kept: Vec<Kept>,
}

/// What is told, and the numbers for another program.
///
/// # Errors
/// A deposit was refused, or a receipt is another after the kill: nothing counts then.
pub fn run(asked: &Asked) -> Result<(Told, Value)> {
    let (data, log) = (asked.work.join("data"), asked.work.join("server.log"));
    let tenants = server::settle(&asked.tabellion, &data, &asked.work.join("policy.json"), &log, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: &asked.tabellion, data: &data, failpoints: None, seal_every: "1h", log: &log };
    let mut house = House { asked, data: &data, server: Server::start(&launch)?, tenant, kept: Vec::new() };
    println!("{CONNECTIONS} connections, documents of {DOCUMENT_BYTES} bytes, server and clients on this machine");
    let rounds = (0..asked.amount.rounds).map(|number| house.round(number)).collect::<Result<Vec<_>>>()?;
    println!("{}", summary::table(&rounds));
    let main = summary::middle(&rounds).context("no round")?;
    println!("\n{}\n", summary::words(main));
    let mut told = Told { rows: of_main(main), waits: vec![Waits::of("20 KiB, 64 connections", &main.load.waits)] };
    told.rows.push(limit::row(&house.load(2000, asked.amount.bare), "20 KiB", main.load.rate())?);
    house.sustained(&mut told)?;
    let shown = house.profiled()?;
    print!("{}", summary::profile(&shown));
    let House { server, kept, .. } = house;
    server.kill()?;
    kept::after_the_kill(&launch, &tenant.token, &kept)?;
    std::fs::remove_dir_all(&data)?;
    let compared = pair::Compared {
        program: &asked.tabellion,
        work: &asked.work,
        turns: asked.amount.rounds,
        load: Load {
            address: ([127, 0, 0, 1], 0).into(),
            token: String::new(),
            connections: CONNECTIONS,
            bytes: DOCUMENT_BYTES,
            warm_up: asked.amount.warm_up,
            counted: asked.amount.counted,
            seed: 0,
        },
    };
    let turns = witnesses::run(&compared)?;
    let watched = pair::middle(&turns).context("no turn")?;
    println!("\n{}", watched.words(witnesses::NAMES));
    let failed = authorities::run(&compared)?;
    let lied_to = pair::middle(&failed.turns).context("no turn")?;
    println!("\n{}\n{}", lied_to.words(authorities::NAMES), failed.words());
    let name = "wait for 20 KiB at 64 connections while the time-stamping authority fails: p50";
    let failing = Row::new(name, "ms", millis(&lied_to.with, 500), Aim::RatioMost(FAILING_AUTHORITY));
    told.rows.push(failing.beside("with an honest one", millis(&lied_to.without, 500)));
    told.rows.extend(peer(asked, main));
    let mut json = summary::json(&rounds, &shown, CONNECTIONS, DOCUMENT_BYTES);
    (json["witnesses"], json["authorities"]) = (watched.json(), lied_to.json());
    Ok((told, json))
}

fn of_main(main: &Round) -> Vec<Row> {
    let (rate, bare) = (main.load.rate(), main.floor.rate());
    let sync = main.floor.seconds * 1000.0 / main.floor.syncs.max(1) as f64;
    vec![
        Row::new("acknowledged deposits/s, 20 KiB, 64 connections", "/s", rate, Aim::Least(10_000.0))
            .beside("the bare append", bare),
        Row::new("the same: p99", "ms", millis(&main.load, 990), Aim::Most(25.0))
            .beside("an append and sync of such a batch", sync),
        Row::new("the same beside the bare append", "/s", rate, Aim::RatioLeast(0.7)).beside("the bare append", bare),
    ]
}

/// The same beside PostgreSQL, in the same run.
fn peer(asked: &Asked, main: &Round) -> Vec<Row> {
    let names = ["the same beside PostgreSQL behind HTTP", "the same beside PostgreSQL alone"];
    let aims = [Aim::RatioLeast(2.0), Aim::RatioLeast(1.0)];
    let (warm_up, counted) = (asked.amount.warm_up, asked.amount.counted);
    let (address, token) = (([127, 0, 0, 1], 0).into(), String::new());
    let load = Load { address, token, connections: CONNECTIONS, bytes: DOCUMENT_BYTES, warm_up, counted, seed: 3000 };
    let peer = postgres::run(&asked.work, &load);
    // What comes later wants the disk.
    std::fs::remove_dir_all(asked.work.join("postgres")).ok();
    match peer {
        Ok(rate) => {
            let postgres::Rates { behind_http, alone } = rate;
            let settings = postgres::SETTINGS.join(", ");
            println!("\nPostgreSQL: {behind_http:.0} rows/s behind HTTP, {alone:.0} alone, with {settings}");
            let row =
                |(name, aim), rate| Row::new(name, "/s", main.load.rate(), aim).beside("rows/s of PostgreSQL", rate);
            names.into_iter().zip(aims).zip([behind_http, alone]).map(|(named, rate)| row(named, rate)).collect()
        }
        Err(why) => {
            println!("\nPostgreSQL: not run: {why:#}");
            let row = |(name, aim)| Row::not_run(name, "/s", aim, format!("{why:#}"));
            names.into_iter().zip(aims).map(row).collect()
        }
    }
}

impl House<'_> {
    fn load(&self, seed: u64, counted: Duration) -> Load {
        Load {
            address: self.server.address(),
            token: self.tenant.token.clone(),
            connections: CONNECTIONS,
            bytes: DOCUMENT_BYTES,
            warm_up: self.asked.amount.warm_up,
            counted,
            seed,
        }
    }

    /// A load, and the bare append of batches as large as its own; what was acknowledged is remembered.
    fn held(&mut self, seed: u64, counted: Duration, bare: Duration) -> Result<Round> {
        let mut load = load::run(&self.load(seed, counted))?;
        self.kept.append(&mut load.kept);
        let dir = self.data;
        let floor = bare::run(&bare::Bare { dir, bytes: DOCUMENT_BYTES, batch: load.batch(), counted: bare, seed })?;
        Ok(Round { load, floor })
    }

    fn round(&mut self, number: u64) -> Result<Round> {
        let amount = self.asked.amount;
        self.held(number, amount.counted, amount.bare)
    }

    /// One long load: whether the rate holds once caches are full and compactions run.
    fn sustained(&mut self, told: &mut Told) -> Result<()> {
        let seconds = self.asked.amount.sustained.map_or(60, |counted| counted.as_secs());
        let name = format!("the same, sustained for {seconds} s");
        let Some(counted) = self.asked.amount.sustained else {
            told.rows.push(Row::not_run(name, "/s", Aim::RatioLeast(0.7), "--quick"));
            return Ok(());
        };
        let round = self.held(1000, counted, counted / 3)?;
        let Round { load, floor } = &round;
        println!("sustained: {}\n", summary::words(&round));
        told.rows
            .push(Row::new(&*name, "/s", load.rate(), Aim::RatioLeast(0.7)).beside("the bare append", floor.rate()));
        let sync = floor.seconds * 1000.0 / floor.syncs.max(1) as f64;
        told.rows.push(
            Row::new(format!("{name}: p99"), "ms", millis(load, 990), Aim::Most(25.0))
                .beside("an append and sync of such a batch", sync),
        );
        told.waits.push(Waits::of("20 KiB, 64 connections, sustained", &load.waits));
        Ok(())
    }

    /// One more round, not counted, looked at from outside.
    fn profiled(&mut self) -> Result<Profile> {
        let amount = self.asked.amount;
        let load = self.load(amount.rounds, amount.profiled + Duration::from_secs(1));
        let file = self.asked.work.join("perf.data");
        let work = || load::run(&load);
        let during = profile::during((self.server.pid(), &file), (amount.warm_up, amount.profiled), work);
        let (Measured { kept, .. }, profile) = during?;
        self.kept.extend(kept);
        Ok(profile)
    }
}
