//! Evidence packs of documents of 20 KiB, built and verified by the server before it hands them out: how many a second, beside their
//! cryptographic primitives on two cores, and beside themselves in a batch ten times as large.

use super::kept::{self, Kept};
use super::load::{self, Load, on_each_connection};
use super::primitives::Primitives;
use super::profile;
use super::row::{Aim, Row};
use super::summary::{self, Profile};
use super::waits::Waits;
use crate::faults::chance::Chance;
use crate::faults::server::{self, Launch, Server, Tenant};
use crate::wire::{Connection, Request, once};
use anyhow::{Context, Result, ensure};
use proof::UnixMillis;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use verifier::{Overall, Policy};

const ANSWER_LIMIT: Duration = Duration::from_secs(120);
const DOCUMENT_BYTES: usize = 20 << 10;
/// Connections kept alive, each with one pack asked for.
const CONNECTIONS: usize = 4;
/// Entries of the first batch; the second has ten times as many.
const BATCH: u64 = 1_000;

/// How long, and with what.
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
    /// Time looked at from outside.
    pub profiled: Duration,
}

/// What came of it.
pub struct Packs {
    /// In a batch of a thousand entries.
    small: Served,
    /// In one of ten thousand.
    large: Served,
    /// Packs' worth of primitives a second.
    limit: f64,
    /// Waits in the first.
    pub waits: Waits,
    primitives: Primitives,
    profile: Profile,
    pack_bytes: usize,
}

/// Packs asked for, and how long each took, shortest first.
struct Served {
    waits: Vec<Duration>,
    seconds: f64,
    /// Processor seconds of the server.
    processor: f64,
}

struct House<'a> {
    amount: &'a Amount<'a>,
    server: Server,
    tenant: &'a Tenant,
}

/// Measured, every pack with status 200, one of them verified here too; then `kill -9` and every receipt again.
///
/// # Errors
/// A deposit, a seal or a pack was refused.
pub fn run(amount: &Amount) -> Result<Packs> {
    let (data, said, policy) =
        (amount.work.join("packs"), amount.work.join("packs.log"), amount.work.join("packs.json"));
    let tenants = server::settle(amount.program, &data, &policy, &said, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: amount.program, data: &data, failpoints: None, seal_every: "1h", log: &said };
    let house = House { amount, server: Server::start(&launch)?, tenant };
    let policy = Policy::parse(&std::fs::read(policy)?)?;
    let mut kept = house.batch(0, BATCH)?;
    let pack = house.pack(&kept[0])?;
    let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let verdict = verifier::verify_pack(&pack, Some(&policy), UnixMillis(u64::try_from(at)? + 60_000));
    ensure!(verdict.verdict == Overall::PassedTimestamped, "a pack handed out does not pass: {:?}", verdict.reason);
    // A group for each entry and for each file, and the one that binds the head.
    let primitives = Primitives::of(&pack, &policy, 2 * BATCH + 1)?;
    let limit = primitives.rate(amount.counted / 3)?;
    house.serve(&kept, 1, amount.warm_up)?;
    let small = house.serve(&kept, 2, amount.counted)?;
    let profile = house.profiled(&kept)?;
    let more = house.batch(BATCH, 10 * BATCH)?;
    let large = house.serve(&more, 3, amount.counted)?;
    kept.extend(more);
    house.server.kill()?;
    kept::after_the_kill(&launch, &tenant.token, &kept)?;
    std::fs::remove_dir_all(&data)?;
    let waits = Waits::of("evidence packs, 4 connections", &small.waits);
    Ok(Packs { small, large, limit, waits, primitives, profile, pack_bytes: pack.len() })
}

impl Served {
    fn rate(&self) -> f64 {
        self.waits.len() as f64 / self.seconds
    }

    /// Processor time of the server for each, in µs: what is left of the number where others use the machine.
    fn each(&self) -> f64 {
        self.processor * 1e6 / self.waits.len().max(1) as f64
    }
}

impl House<'_> {
    /// So many documents, deposited and sealed together.
    fn batch(&self, first: u64, count: u64) -> Result<Vec<Kept>> {
        let load = Load {
            address: self.server.address(),
            token: self.tenant.token.clone(),
            connections: 16,
            bytes: DOCUMENT_BYTES,
            warm_up: Duration::ZERO,
            counted: Duration::ZERO,
            seed: 20,
        };
        let kept = load::deposit_all(&load, first..first + count)?;
        seal(&self.server, self.tenant)?;
        Ok(kept)
    }

    fn pack(&self, of: &Kept) -> Result<Vec<u8>> {
        let request = path(of);
        let answer = once(self.server.address(), &Request::read(&request, Some(&self.tenant.token)), ANSWER_LIMIT)?;
        ensure!(answer.status == 200, "the pack of {}: status {}", of.id, answer.status);
        Ok(answer.body)
    }

    /// Packs of entries drawn from these, for that long.
    fn serve(&self, kept: &[Kept], seed: u64, counted: Duration) -> Result<Served> {
        let (began, threads) = (Instant::now(), AtomicU64::new(0));
        let before = profile::processor(self.server.pid())?;
        let waits = on_each_connection(CONNECTIONS, || {
            let name = threads.fetch_add(1, Ordering::Relaxed);
            let (mut chance, mut waits) = (Chance::new(seed).fork(name), Vec::new());
            let mut connection = Connection::open(self.server.address(), ANSWER_LIMIT)?;
            while began.elapsed() < counted {
                let drawn = &kept[usize::try_from(chance.between(0, kept.len() as u64 - 1))?];
                let sent = Instant::now();
                let answer = connection.ask(&Request::read(&path(drawn), Some(&self.tenant.token)))?;
                waits.push(sent.elapsed());
                ensure!(answer.status == 200, "the pack of {}: status {}", drawn.id, answer.status);
                if answer.last {
                    connection = Connection::open(self.server.address(), ANSWER_LIMIT)?;
                }
            }
            Ok(waits)
        })?;
        let mut waits = waits.concat();
        waits.sort_unstable();
        let processor = profile::processor(self.server.pid())? - before;
        Ok(Served { waits, seconds: began.elapsed().as_secs_f64(), processor })
    }

    fn profiled(&self, kept: &[Kept]) -> Result<Profile> {
        let (warm_up, length) = (Duration::from_millis(500), self.amount.profiled);
        let file = self.amount.work.join("perf.packs");
        let work = || self.serve(kept, 4, warm_up + length + Duration::from_millis(500));
        Ok(profile::during((self.server.pid(), &file), (warm_up, length), work)?.1)
    }
}

fn path(of: &Kept) -> String {
    format!("/v1/deposits/{}/evidence?require=sealed&attestation=none", of.id)
}

/// Everything logged is sealed.
///
/// # Errors
/// It is not: the answer in words.
pub fn seal(server: &Server, tenant: &Tenant) -> Result<()> {
    let request = Request { method: "POST", path: "/v1/seals", token: Some(&tenant.token), key: None, body: &[] };
    let answer = once(server.address(), &request, ANSWER_LIMIT)?;
    ensure!(answer.status == 200, "no seal: status {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(())
}

impl Packs {
    /// Rows of the table.
    pub fn rows(&self) -> Vec<Row> {
        let name =
            format!("evidence packs/s, 20 KiB, without attestation, {CONNECTIONS} connections, a batch of {BATCH}");
        let large = format!("processor time of the server for a pack in a batch of {}", 10 * BATCH);
        vec![
            Row::new(name, "/s", self.small.rate(), Aim::Least(1500.0))
                .beside("its primitives on two cores", self.limit),
            // Ten times the entries add three nodes to a path, and no more.
            Row::new(large, "µs", self.large.each(), Aim::RatioMost(1.1))
                .beside(format!("in a batch of {BATCH}"), self.small.each()),
        ]
    }

    /// The numbers in words, and where the time went.
    pub fn words(&self) -> String {
        let Self { small, large, limit, .. } = self;
        format!(
            "{:.0} evidence packs/s of {} bytes beside {limit:.0}/s of their primitives: ratio {:.3}\n\
             {:.0} µs of processor each in a batch of {BATCH} entries; {:.0} packs/s, {:.0} µs each in one of {}\n{}\n\n{}",
            small.rate(),
            self.pack_bytes,
            small.rate() / limit,
            small.each(),
            large.rate(),
            large.each(),
            10 * BATCH,
            self.primitives.words(),
            summary::profile(&self.profile),
        )
    }

    /// The same, for another program.
    pub fn json(&self) -> Value {
        let Self { small, large, limit, .. } = self;
        let told = |served: &Served, batch: u64| {
            let (rate, each, packs) = (served.rate(), served.each(), served.waits.len());
            json!({"batch": batch, "packs_per_second": rate, "cpu_us_each": each, "packs": packs})
        };
        json!({
            "small": told(small, BATCH), "large": told(large, 10 * BATCH), "pack_bytes": self.pack_bytes,
            "primitives_per_second": limit, "ratio": small.rate() / limit, "connections": CONNECTIONS,
            "primitives": self.primitives.json(), "profile": summary::profile_json(&self.profile),
        })
    }
}
