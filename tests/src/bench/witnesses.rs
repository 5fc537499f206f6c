//! What dead witnesses cost: deposits of a log that asks three, of which one refuses connections and one never answers, beside those of
//! a log that asks none; in turn, on the same machine, in the same run.

use crate::bench::kept::{self, Kept};
use crate::bench::load::{self, Load, Measured};
use crate::faults::server::{self, Launch, Server, Tenant};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What is compared.
pub struct Compared<'a> {
    /// The program.
    pub program: &'a Path,
    /// Where both logs and the witness stand.
    pub work: &'a Path,
    /// Turns, each a load on one log and then on the other.
    pub turns: u64,
    /// The load, its address and token left open.
    pub load: Load,
}

/// One turn.
pub struct Turn {
    /// No witness configured.
    pub without: Measured,
    /// Two of three dead.
    pub with: Measured,
}

/// A process ended when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both logs, measured in turn.
///
/// # Errors
/// A program did not start, or a load failed.
pub fn run(compared: &Compared) -> Result<Vec<Turn>> {
    let Compared { program, work, turns, load } = compared;
    let plain = Log::make(program, work, "plain")?;
    let watched = Log::make(program, work, "watched")?;
    // One answers, one refuses connections, one accepts them and never answers.
    let refusing = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let hung = TcpListener::bind("127.0.0.1:0")?;
    let key = |name: &str| {
        let arguments = ["witness", "init", "--name", name];
        server::command(program, &arguments, &[("--dir", &work.join(name))])
    };
    let (alive, vkeys) = (key("alive")?, [key("refusing")?, key("hung")?]);
    let (_alive, url) = witness(program, &work.join("alive"), &watched.vkey()?)?;
    let [refused, unheard] = vkeys;
    let policy = format!(
        "witness alive {alive} {url}\nwitness refusing {refused} http://{refusing}\nwitness hung {unheard} http://{}\n\
         group two 2 alive refusing hung\nquorum two\n",
        hung.local_addr()?
    );
    std::fs::write(watched.data.join("witnesses.policy"), policy)?;
    let mut configuration = OpenOptions::new().append(true).open(watched.data.join("tabellion.toml"))?;
    configuration.write_all(b"\n[witnesses]\npolicy = \"witnesses.policy\"\n")?;
    let servers = [plain.start(program)?, watched.start(program)?];
    let mut made = Vec::new();
    for seed in 0..*turns {
        let of = |log: &Log, server: &Server| {
            let (address, token) = (server.address(), log.tenant.token.clone());
            load::run(&Load { address, token, seed, ..load.clone() })
        };
        made.push(Turn { without: of(&plain, &servers[0])?, with: of(&watched, &servers[1])? });
    }
    servers.into_iter().try_for_each(Server::kill)?;
    let kept = |of: fn(&Turn) -> &Measured| made.iter().flat_map(|turn| of(turn).kept.clone()).collect::<Vec<Kept>>();
    plain.after_the_kill(program, &kept(|turn| &turn.without))?;
    watched.after_the_kill(program, &kept(|turn| &turn.with))?;
    Ok(made)
}

/// A log with one tenant, not served.
struct Log {
    data: PathBuf,
    policy: PathBuf,
    said: PathBuf,
    tenant: Tenant,
}

impl Log {
    fn make(program: &Path, work: &Path, name: &str) -> Result<Log> {
        let (data, policy, said) =
            (work.join(name), work.join(format!("{name}.json")), work.join(format!("{name}.log")));
        let tenants = server::settle(program, &data, &policy, &said, 1)?;
        Ok(Log { tenant: tenants.into_iter().next().context("no tenant")?, data, policy, said })
    }

    fn vkey(&self) -> Result<String> {
        let policy: Value = serde_json::from_slice(&std::fs::read(&self.policy)?)?;
        Ok(policy["log"]["keys"][0]["vkey"].as_str().context("no key in the policy")?.to_owned())
    }

    fn launch<'a>(&'a self, program: &'a Path) -> Launch<'a> {
        Launch { program, data: &self.data, failpoints: None, seal_every: "1h", log: &self.said }
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

/// A witness of this log, and where it listens.
fn witness(program: &Path, dir: &Path, vkey: &str) -> Result<(Ended, String)> {
    let mut command = Command::new(program);
    command.args(["witness", "serve", "--listen", "127.0.0.1:0", "--log", vkey, "--dir"]).arg(dir);
    let said = File::create(dir.with_extension("log"))?;
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said).spawn()?;
    let mut child = Ended(child);
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().context("no output")?).read_line(&mut line)?;
    let url = line.trim_end().strip_prefix("listening ").context("the witness does not listen")?.to_owned();
    Ok((child, url))
}

/// The turn whose p50 with witnesses is the middle one.
pub fn middle(turns: &[Turn]) -> Option<&Turn> {
    let mut order: Vec<&Turn> = turns.iter().collect();
    order.sort_by(|one, other| one.ratio(500).total_cmp(&other.ratio(500)));
    order.get(order.len().saturating_sub(1) / 2).copied()
}

impl Turn {
    /// Wait with dead witnesses for each unit of wait without, at this share of 1000.
    pub fn ratio(&self, per_mille: usize) -> f64 {
        self.with.wait(per_mille).as_secs_f64() / self.without.wait(per_mille).as_secs_f64()
    }

    /// What the turn says, in words.
    pub fn words(&self) -> String {
        let line = |name: &str, share: usize| {
            let millis = |measured: &Measured| measured.wait(share).as_secs_f64() * 1000.0;
            let (without, with) = (millis(&self.without), millis(&self.with));
            format!(
                "{name} {without:.2} ms without witnesses, {with:.2} ms with two of three dead: ratio {:.3}",
                self.ratio(share)
            )
        };
        format!("{}\n{}", line("p50", 500), line("p99", 990))
    }

    /// The same, for programs.
    pub fn json(&self) -> Value {
        json!({"p50_ratio": self.ratio(500), "p99_ratio": self.ratio(990)})
    }
}
