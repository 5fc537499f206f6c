//! One evidence pack of a document of 20 KiB, verified offline: from its bytes to the verdict, beside the hashes and the signatures it cannot
//! do without, in the same run, turn by turn; and the legal command, started for that pack alone.

use super::inclusion::{middle, timed};
use super::load::{self, Load};
use super::packs;
use super::primitives::Primitives;
use super::row::{Aim, Row};
use crate::faults::server::{self, Launch, Server};
use crate::wire::{Request, once};
use anyhow::{Context, Result, ensure};
use proof::UnixMillis;
use rustix::fs::{Advice, fadvise};
use serde_json::{Value, json};
use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use verifier::{Overall, Policy};

/// What a verification may cost, in times of its primitives.
const AIM: f64 = 1.3;
/// Milliseconds that the command may take.
const COMMAND_AIM: f64 = 60.0;
/// Starts of the command.
const STARTS: usize = 50;
const DOCUMENT_BYTES: usize = 20 << 10;
/// Entries of the batch that the pack was sealed with.
const BATCH: u64 = 1_000;
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// How often, and with what.
#[derive(Clone, Debug)]
pub struct Amount<'a> {
    /// The product.
    pub program: &'a Path,
    /// The legal command.
    pub command: &'a Path,
    /// Where it works.
    pub work: &'a Path,
    /// Rounds of the library.
    pub rounds: usize,
}

/// What came of it.
pub struct Verified {
    rounds: usize,
    whole: Duration,
    bare: Duration,
    /// Each start of the command, shortest first.
    starts: Vec<Duration>,
    pack_bytes: usize,
    primitives: Primitives,
}

/// A pack, as `tabellion pack` gives it, and where it lies.
struct Pack {
    bytes: Vec<u8>,
    pack: PathBuf,
    policy: PathBuf,
}

/// Measured, every verdict being `PASSED-TIMESTAMPED`.
///
/// # Errors
/// A deposit, a seal or a pack was refused, or the pack does not pass.
pub fn run(amount: &Amount) -> Result<Verified> {
    let pack = sealed(amount)?;
    let policy = Policy::parse(&std::fs::read(&pack.policy)?)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let at = UnixMillis(u64::try_from(now)? + 60_000);
    // A group for each entry and for each file, and the one that binds the head.
    let primitives = Primitives::of(&pack.bytes, &policy, 2 * BATCH + 1)?;
    let verified = || verifier::verify_pack(black_box(&pack.bytes), Some(&policy), at).verdict;
    let said = verified();
    ensure!(said == Overall::PassedTimestamped && primitives.checked(), "a pack handed out does not pass: {said:?}");
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    // Who goes first changes at each round: neither side always finds the other's caches.
    for round in 0..amount.rounds * 2 {
        if round % 2 == 0 {
            whole.push(timed(|| assert!(verified() == Overall::PassedTimestamped)));
            bare.push(timed(|| assert!(black_box(&primitives).checked())));
        } else {
            bare.push(timed(|| assert!(black_box(&primitives).checked())));
            whole.push(timed(|| assert!(verified() == Overall::PassedTimestamped)));
        }
    }
    let mut starts = (0..STARTS).map(|_| started(amount.command, &pack)).collect::<Result<Vec<_>>>()?;
    starts.sort_unstable();
    let (whole, bare, pack_bytes) = (middle(whole), middle(bare), pack.bytes.len());
    Ok(Verified { rounds: amount.rounds * 2, whole, bare, starts, pack_bytes, primitives })
}

/// The pack of one document among a batch, by the real program.
fn sealed(amount: &Amount) -> Result<Pack> {
    let file = |name: &str| amount.work.join(name);
    let (data, said, policy) = (file("verify"), file("verify.log"), file("verify.json"));
    let tenants = server::settle(amount.program, &data, &policy, &said, 1)?;
    let tenant = tenants.first().context("no tenant")?;
    let launch = Launch { program: amount.program, data: &data, failpoints: None, seal_every: "1h", log: &said };
    let server = Server::start(&launch)?;
    let load = Load {
        address: server.address(),
        token: tenant.token.clone(),
        connections: 16,
        bytes: DOCUMENT_BYTES,
        warm_up: Duration::ZERO,
        counted: Duration::ZERO,
        seed: 21,
    };
    let kept = load::deposit_all(&load, 0..BATCH)?;
    packs::seal(&server, tenant)?;
    let asked = kept.get(kept.len() / 2).context("no deposit")?;
    let path = format!("/v1/deposits/{}/evidence?require=sealed", asked.id);
    let answer = once(server.address(), &Request::read(&path, Some(&tenant.token)), ANSWER_LIMIT)?;
    ensure!(answer.status == 200, "the pack of {}: status {}", asked.id, answer.status);
    server.kill()?;
    std::fs::remove_dir_all(&data)?;
    let pack = file("verify.asice");
    std::fs::write(&pack, &answer.body)?;
    Ok(Pack { bytes: answer.body, pack, policy })
}

/// How long the command takes from its start to its end. Before it, what the page cache holds of program, pack and policy is dropped.
fn started(command: &Path, pack: &Pack) -> Result<Duration> {
    for path in [command, &pack.pack, &pack.policy] {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        file.sync_data()?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
    }
    let mut command = Command::new(command);
    command.arg(&pack.pack).arg("--policy").arg(&pack.policy);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let ended = command.status().with_context(|| format!("starting {command:?}"))?;
    let took = start.elapsed();
    ensure!(ended.success(), "{command:?} ended with {ended}");
    Ok(took)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

impl Verified {
    /// Milliseconds that so many of a hundred starts did not exceed.
    fn starts(&self, percent: usize) -> f64 {
        let rank = (self.starts.len() * percent).div_ceil(100);
        self.starts.get(rank.saturating_sub(1)).map_or(f64::NAN, |took| micros(*took) / 1e3)
    }

    /// Rows of the table.
    pub fn rows(&self) -> Vec<Row> {
        let name = format!("verification of an evidence pack, 20 KiB, a batch of {BATCH}, from bytes to verdict");
        let command = |share: &str| format!("tabellion-verify on that pack, cold, {share} of {STARTS} starts");
        vec![
            Row::new(name, "µs", micros(self.whole), Aim::RatioMost(AIM)).beside("its primitives", micros(self.bare)),
            Row::new(command("p50"), "ms", self.starts(50), Aim::Most(COMMAND_AIM)),
            Row::new(command("p99"), "ms", self.starts(99), Aim::Most(COMMAND_AIM)),
        ]
    }

    /// The numbers in words.
    pub fn words(&self) -> String {
        format!(
            "a pack of {} bytes verified in {:.1} µs, its primitives done bare in {:.1} µs: ratio {:.3}, at most {AIM} (medians of {} rounds)\n\
             {}\nthe command on that pack, cold: {:.1} ms, and 99 of 100 within {:.1} ms",
            self.pack_bytes,
            micros(self.whole),
            micros(self.bare),
            self.whole.as_secs_f64() / self.bare.as_secs_f64(),
            self.rounds,
            self.primitives.words_of_a_check(),
            self.starts(50),
            self.starts(99),
        )
    }

    /// The same, for another program.
    pub fn json(&self) -> Value {
        json!({
            "pack_bytes": self.pack_bytes, "rounds": self.rounds, "whole_us": micros(self.whole), "bare_us": micros(self.bare),
            "ratio": self.whole.as_secs_f64() / self.bare.as_secs_f64(), "starts": STARTS, "start_p50_ms": self.starts(50),
            "start_p99_ms": self.starts(99), "primitives": self.primitives.json(),
        })
    }
}
