//! The aims, row by row: what was measured, what is asked for, and whether it is met. A row whose aim is missed fails nothing: it is said.

use super::bare::{self, Bare};
use super::load::{self, Kept, Load, Measured};
use super::{counted, paced, scrub};
use crate::faults::server::{self, Launch, Server, Tenant};
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(60);
const MIB: f64 = 1024.0 * 1024.0;
/// Deposits a second of the open loop.
const PACE: u32 = 100;

/// One measure.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// The number; `None` where it could not be measured here.
    pub value: Option<f64>,
    /// What is asked for.
    pub aim: Aim,
}

/// What is asked of a number.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// No more than this.
    Most(f64),
    /// No less than this.
    Least(f64),
}

impl Row {
    /// A number with its aim.
    pub fn new(name: impl Into<String>, value: Option<f64>, aim: Aim) -> Self {
        Self { name: name.into(), value, aim }
    }

    fn verdict(&self) -> &'static str {
        match (self.value, self.aim) {
            (None, _) => "not measured",
            (Some(value), Aim::Most(most)) if value <= most => "met",
            (Some(value), Aim::Least(least)) if value >= least => "met",
            _ => "missed",
        }
    }
}

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

/// Every row but those of the main round.
///
/// # Errors
/// A deposit was refused, or a receipt acknowledged before the kill is not the same after it: nothing counts then.
pub fn measure(amount: &Amount) -> Result<Vec<Row>> {
    let (data, said) = (amount.work.join("aims"), amount.work.join("aims.log"));
    let tenants = server::settle(amount.program, &data, &amount.work.join("aims.json"), &said, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: amount.program, data: &data, failpoints: None, seal_every: "1h", log: &said };
    let server = Server::start(&launch)?;
    std::thread::sleep(Duration::from_secs(1));
    let idle = server.memory()?.0 as f64 / MIB;
    let mut rows = vec![Row::new("memory of an idle server, MiB", Some(idle), Aim::Most(60.0))];
    let mut kept = Vec::new();
    rows.extend(one_client(amount, &data, &server, tenant, &mut kept)?);
    let (small, syncs) = counted::syncs(server.pid(), || {
        load::run(&Load { warm_up: Duration::ZERO, ..the_load(amount, &server, tenant, 1 << 10, 64, 11) })
    })?;
    rows.push(Row::new("entries/s, 1 KiB, 64 connections", Some(small.rate()), Aim::Least(20_000.0)));
    let each = syncs.map(|syncs| syncs as f64 / small.commits.max(1) as f64);
    rows.push(Row::new("syncs a commit", each, Aim::Most(1.05)));
    kept.extend(small.kept);
    let large = load::run(&the_load(amount, &server, tenant, 1 << 20, 8, 12))?;
    let floor = floor(amount, &data, 1 << 20, &large)?;
    rows.push(Row::new("1 MiB documents beside the bare append", Some(large.rate() / floor), Aim::Least(0.7)));
    kept.extend(large.kept);
    let most = server.memory()?.1 as f64 / MIB;
    rows.push(Row::new("memory at most under load, MiB", Some(most), Aim::Most(512.0)));
    server.kill()?;
    rows.extend(after_the_kill(&launch, tenant, &kept)?);
    rows.push(scrub::row(amount.program, &data)?);
    Ok(rows)
}

fn the_load(amount: &Amount, server: &Server, tenant: &Tenant, bytes: usize, connections: usize, seed: u64) -> Load {
    Load {
        address: server.address(),
        token: tenant.token.clone(),
        connections,
        bytes,
        warm_up: amount.warm_up,
        counted: amount.counted,
        seed,
    }
}

/// Documents a second of the bare append, in batches as the server made them.
fn floor(amount: &Amount, data: &Path, bytes: usize, measured: &Measured) -> Result<f64> {
    let bare = Bare { dir: data, bytes, batch: measured.batch(), counted: amount.counted / 3, seed: 13 };
    Ok(bare::run(&bare)?.rate())
}

/// How long one client waits for its proof, in syncs of this disk; and all who come at an even pace.
fn one_client(
    amount: &Amount,
    data: &Path,
    server: &Server,
    tenant: &Tenant,
    kept: &mut Vec<Kept>,
) -> Result<Vec<Row>> {
    let alone = load::run(&the_load(amount, server, tenant, 20 << 10, 1, 10))?;
    let sync = 1.0 / floor(amount, data, 20 << 10, &Measured::default())?;
    let syncs = alone.wait(500).as_secs_f64() / sync;
    kept.extend(alone.kept);
    let pace = the_load(amount, server, tenant, 20 << 10, 16, 14);
    let paced = paced::run(&pace, PACE)?;
    let late = paced.wait(990).as_secs_f64() * 1000.0;
    Ok(vec![
        Row::new("time to proof, one client: p50 in appends and syncs of this disk", Some(syncs), Aim::Most(3.0)),
        Row::new(format!("time to proof at {PACE}/s, open loop: p99 in ms"), Some(late), Aim::Most(20.0)),
    ])
}

/// The server comes back after `kill -9`, and every receipt acknowledged is there, byte for byte.
fn after_the_kill(launch: &Launch, tenant: &Tenant, kept: &[Kept]) -> Result<Vec<Row>> {
    let began = Instant::now();
    let server = Server::start(launch)?;
    let ready = began.elapsed().as_secs_f64();
    let share = kept.len().div_ceil(8).max(1);
    std::thread::scope(|scope| {
        let server = &server;
        let check = |part| scope.spawn(move || receipts(server, tenant, part));
        let threads: Vec<_> = kept.chunks(share).map(check).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a checking thread died")?)
    })?;
    println!("after kill -9: {} receipts asked for again, all the same", kept.len());
    server.kill()?;
    let name = format!("start to ready after kill -9, seconds, with at least {} entries", kept.len());
    Ok(vec![Row::new(name, Some(ready), Aim::Most(1.0))])
}

fn receipts(server: &Server, tenant: &Tenant, kept: &[Kept]) -> Result<()> {
    let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
    for one in kept {
        let path = format!("/v1/deposits/{}/receipt", one.id);
        let answer = connection.ask(&Request::read(&path, Some(&tenant.token)))?;
        ensure!(answer.status == 200 && answer.body == one.receipt.as_bytes(), "the receipt of {} is another", one.id);
        if answer.last {
            connection = Connection::open(server.address(), ANSWER_LIMIT)?;
        }
    }
    Ok(())
}

/// The rows as shown.
pub fn table(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let value = row.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        let (word, aim) = match row.aim {
            Aim::Most(aim) => ("at most", aim),
            Aim::Least(aim) => ("at least", aim),
        };
        format!("{:<70}{value:>12}  {word} {aim:<10} {}\n", row.name, row.verdict())
    };
    rows.iter().map(line).collect()
}

/// The rows for another program.
pub fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let (most, least) = match row.aim {
            Aim::Most(aim) => (Some(aim), None),
            Aim::Least(aim) => (None, Some(aim)),
        };
        json!({"name": row.name, "value": row.value, "at_most": most, "at_least": least, "verdict": row.verdict()})
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{Aim, Row, json, table};

    #[test]
    fn a_row_says_whether_its_aim_is_met() {
        let rows = [
            Row::new("a", Some(1.0), Aim::Most(1.0)),
            Row::new("b", Some(1.1), Aim::Most(1.0)),
            Row::new("c", Some(0.9), Aim::Least(1.0)),
            Row::new("d", None, Aim::Least(1.0)),
        ];
        let verdicts: Vec<_> = json(&rows).as_array().unwrap().iter().map(|row| row["verdict"].clone()).collect();
        assert_eq!(verdicts, ["met", "missed", "missed", "not measured"]);
        assert!(table(&rows).lines().nth(3).unwrap().contains("not measured"));
    }
}
