//! One client, an open loop, small and large documents, memory, the return after `kill -9`, a scrub: row by row, each beside what it
//! can be held against on this machine.

use super::bare::{self, Bare};
use super::kept::{self, Kept};
use super::load::{self, Load, Measured};
use super::row::{Aim, Row};
use super::waits::Waits;
use super::{counted, limit, paced, scrub};
use crate::faults::server::{self, Launch, Server, Tenant};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::{Duration, Instant};

const MIB: f64 = 1024.0 * 1024.0;
/// Deposits a second of the open loop.
const PACE: u32 = 100;

/// How long each measure takes, and with what.
#[derive(Clone, Debug)]
pub struct Amount<'a> {
    /// The product.
    pub program: &'a Path,
    /// Where it works.
    pub work: &'a Path,
    /// Time of each load.
    pub counted: Duration,
    /// Time before it.
    pub warm_up: Duration,
}

/// What is told of it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Rows of the table.
    pub rows: Vec<Row>,
    /// Waits of the loads.
    pub waits: Vec<Waits>,
}

/// The house that is measured, and what it acknowledged.
struct House<'a> {
    amount: &'a Amount<'a>,
    data: &'a Path,
    server: Server,
    tenant: &'a Tenant,
    told: Told,
    kept: Vec<Kept>,
}

/// Every row but those of the main round.
///
/// # Errors
/// A deposit was refused, or a receipt acknowledged before the kill is not the same after it: nothing counts then.
pub fn measure(amount: &Amount) -> Result<Told> {
    let (data, said) = (amount.work.join("aims"), amount.work.join("aims.log"));
    let tenants = server::settle(amount.program, &data, &amount.work.join("aims.json"), &said, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: amount.program, data: &data, failpoints: None, seal_every: "1h", log: &said };
    let began = Instant::now();
    let server = Server::start(&launch)?;
    let empty = began.elapsed().as_secs_f64();
    std::thread::sleep(Duration::from_secs(1));
    let mut house = House { amount, data: &data, server, tenant, told: Told::default(), kept: Vec::new() };
    let idle = house.server.memory()?.0 as f64 / MIB;
    house.tell(Row::new("memory of an idle server", "MiB", idle, Aim::Most(60.0)));
    house.one_client()?;
    house.open_loop()?;
    house.small()?;
    house.large()?;
    let most = house.server.memory()?.1 as f64 / MIB;
    house.tell(Row::new("memory at most under load", "MiB", most, Aim::Most(512.0)).beside("idle", idle));
    let House { server, mut told, kept, .. } = house;
    server.kill()?;
    let ready = kept::after_the_kill(&launch, &tenant.token, &kept)?;
    let name = format!("start to ready after kill -9, with at least {} entries", kept.len());
    told.rows.push(Row::new(name, "s", ready, Aim::Most(1.0)).beside("the start of an empty house", empty));
    told.rows.push(scrub::row(amount.program, &data)?);
    std::fs::remove_dir_all(&data)?;
    Ok(told)
}

impl House<'_> {
    fn tell(&mut self, row: Row) {
        self.told.rows.push(row);
    }

    fn load(&self, bytes: usize, connections: usize, seed: u64) -> Load {
        let Amount { counted, warm_up, .. } = *self.amount;
        let (address, token) = (self.server.address(), self.tenant.token.clone());
        Load { address, token, connections, bytes, warm_up, counted, seed }
    }

    /// Documents a second of the bare append, in batches as the server made them.
    fn floor(&self, bytes: usize, measured: &Measured) -> Result<f64> {
        let counted = self.amount.counted / 3;
        let bare = Bare { dir: self.data, bytes, batch: measured.batch(), counted, seed: 13 };
        Ok(bare::run(&bare)?.rate())
    }

    /// What was acknowledged is remembered, and how long each waited.
    fn heard(&mut self, name: &str, measured: Measured) {
        self.told.waits.push(Waits::of(name, &measured.waits));
        self.kept.extend(measured.kept);
    }

    /// How long one client waits for its proof, beside an append and sync of as many bytes.
    fn one_client(&mut self) -> Result<()> {
        let alone = load::run(&self.load(20 << 10, 1, 10))?;
        let sync = 1000.0 / self.floor(20 << 10, &Measured::default())?;
        let row = Row::new("time to proof, one client, 20 KiB: p50", "ms", millis(&alone, 500), Aim::RatioMost(3.0));
        self.tell(row.beside("an append and sync on this disk", sync));
        let least = limit::alone(&self.load(20 << 10, 1, 16), self.data)?.as_secs_f64() * 1000.0;
        let name = "the same beside what a proof asks for, on one thread";
        let row = Row::new(name, "ms", millis(&alone, 500), Aim::RatioMost(2.0));
        self.tell(row.beside("digests, cipher, append and sync, signature, carrying", least));
        self.heard("one client", alone);
        Ok(())
    }

    /// All who come at an even pace.
    fn open_loop(&mut self) -> Result<()> {
        let paced = paced::run(&self.load(20 << 10, 16, 14), PACE)?;
        let sync = 1000.0 / self.floor(20 << 10, &Measured::default())?;
        let name = format!("time to proof at {PACE}/s, open loop, 20 KiB: p99");
        let row = Row::new(name, "ms", millis(&paced, 990), Aim::Most(20.0));
        self.tell(row.beside("an append and sync on this disk", sync));
        self.heard("open loop, 100/s", paced);
        Ok(())
    }

    fn small(&mut self) -> Result<()> {
        // Counted from the first call to the last: nothing is left out as warm-up.
        let load = Load { warm_up: Duration::ZERO, ..self.load(1 << 10, 64, 11) };
        let (small, syncs) = counted::syncs(self.server.pid(), || load::run(&load))?;
        let floor = self.floor(1 << 10, &small)?;
        let limit =
            limit::row(&Load { seed: 15, counted: self.amount.counted / 3, ..load.clone() }, "1 KiB", small.rate())?;
        self.tell(limit);
        let row = Row::new("entries/s, 1 KiB, 64 connections", "/s", small.rate(), Aim::Least(20_000.0));
        self.tell(row.beside("the bare append", floor));
        let (name, aim) = ("syncs, 1 KiB, 64 connections", Aim::RatioMost(1.05));
        self.tell(match syncs {
            Some(syncs) => Row::new(name, "", syncs as f64, aim).beside("commits", small.commits.max(1) as f64),
            None => Row::not_run(name, "", aim, "perf cannot count calls here"),
        });
        self.heard("1 KiB, 64 connections", small);
        Ok(())
    }

    fn large(&mut self) -> Result<()> {
        let large = load::run(&self.load(1 << 20, 8, 12))?;
        let floor = self.floor(1 << 20, &large)?;
        let row = Row::new("documents/s, 1 MiB, 8 connections", "/s", large.rate(), Aim::RatioLeast(0.7));
        self.tell(row.beside("the bare append", floor));
        self.heard("1 MiB, 8 connections", large);
        Ok(())
    }
}

/// Milliseconds that this share (of 1000) did not exceed.
pub fn millis(measured: &Measured, share: usize) -> f64 {
    measured.wait(share).as_secs_f64() * 1000.0
}
