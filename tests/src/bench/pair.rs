//! Two logs on one machine, of which one has a fault around it, loaded in turn in one run.

use crate::bench::kept::{self, Kept};
use crate::bench::load::{self, Load, Measured};
use crate::faults::server::{self, Launch, Server, Tenant};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is compared.
pub struct Compared<'a> {
    /// The program.
    pub program: &'a Path,
    /// Where both logs stand.
    pub work: &'a Path,
    /// Turns, each a load on one log and then on the other.
    pub turns: u64,
    /// The load, its address and token left open.
    pub load: Load,
}

/// One turn.
pub struct Turn {
    /// The log without a fault around it.
    pub without: Measured,
    /// The other one.
    pub with: Measured,
}

/// Both logs, measured in turn, killed, and asked for every receipt again.
///
/// # Errors
/// A log did not start, or a load failed.
pub fn run(compared: &Compared, without: &Log, with: &Log) -> Result<Vec<Turn>> {
    let Compared { program, turns, load, .. } = compared;
    let servers = [without.start(program)?, with.start(program)?];
    let mut made = Vec::new();
    for seed in 0..*turns {
        let of = |log: &Log, server: &Server| {
            let (address, token) = (server.address(), log.tenant.token.clone());
            load::run(&Load { address, token, seed, ..load.clone() })
        };
        made.push(Turn { without: of(without, &servers[0])?, with: of(with, &servers[1])? });
    }
    servers.into_iter().try_for_each(Server::kill)?;
    let kept = |of: fn(&Turn) -> &Measured| made.iter().flat_map(|turn| of(turn).kept.clone()).collect::<Vec<Kept>>();
    without.after_the_kill(program, &kept(|turn| &turn.without))?;
    with.after_the_kill(program, &kept(|turn| &turn.with))?;
    Ok(made)
}

/// A log with one tenant, not served.
pub struct Log {
    /// Its data directory.
    pub data: PathBuf,
    policy: PathBuf,
    said: PathBuf,
    tenant: Tenant,
    seal_every: &'static str,
}

impl Log {
    /// A new one under this name, sealed this often.
    ///
    /// # Errors
    /// A command of the program failed.
    pub fn make(program: &Path, work: &Path, name: &str, seal_every: &'static str) -> Result<Log> {
        let (data, policy, said) =
            (work.join(name), work.join(format!("{name}.json")), work.join(format!("{name}.log")));
        let tenants = server::settle(program, &data, &policy, &said, 1)?;
        Ok(Log { tenant: tenants.into_iter().next().context("no tenant")?, data, policy, said, seal_every })
    }

    /// The key of the log, as its policy states it.
    ///
    /// # Errors
    /// The policy has none.
    pub fn vkey(&self) -> Result<String> {
        let policy: Value = serde_json::from_slice(&std::fs::read(&self.policy)?)?;
        Ok(policy["log"]["keys"][0]["vkey"].as_str().context("no key in the policy")?.to_owned())
    }

    fn launch<'a>(&'a self, program: &'a Path) -> Launch<'a> {
        Launch { program, data: &self.data, failpoints: None, seal_every: self.seal_every, log: &self.said }
    }

    fn start(&self, program: &Path) -> Result<Server> {
        Server::start(&self.launch(program))
    }

    /// Every receipt is there, and then the disk is free again.
    fn after_the_kill(&self, program: &Path, kept: &[Kept]) -> Result<()> {
        kept::after_the_kill(&self.launch(program), &self.tenant.token, kept)?;
        Ok(std::fs::remove_dir_all(&self.data)?)
    }
}

/// The turn whose ratio of p50 is the middle one.
pub fn middle(turns: &[Turn]) -> Option<&Turn> {
    let mut order: Vec<&Turn> = turns.iter().collect();
    order.sort_by(|one, other| one.ratio(500).total_cmp(&other.ratio(500)));
    order.get(order.len().saturating_sub(1) / 2).copied()
}

impl Turn {
    /// Wait with the fault for each unit of wait without, at this share of 1000.
    pub fn ratio(&self, per_mille: usize) -> f64 {
        self.with.wait(per_mille).as_secs_f64() / self.without.wait(per_mille).as_secs_f64()
    }

    /// What the turn says, in words; the two logs are called so.
    pub fn words(&self, [without_it, with_it]: [&str; 2]) -> String {
        let line = |name: &str, share: usize| {
            let millis = |measured: &Measured| measured.wait(share).as_secs_f64() * 1000.0;
            let (without, with) = (millis(&self.without), millis(&self.with));
            format!("{name} {without:.2} ms {without_it}, {with:.2} ms {with_it}: ratio {:.3}", self.ratio(share))
        };
        format!("{}\n{}", line("p50", 500), line("p99", 990))
    }

    /// The same, for programs.
    pub fn json(&self) -> Value {
        json!({"p50_ratio": self.ratio(500), "p99_ratio": self.ratio(990)})
    }
}
