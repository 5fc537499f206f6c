//! Connections that deposit one document after the other, each its own, and how long each waited.

use crate::faults::chance::Chance;
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// What is asked of the server.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where it listens.
    pub address: SocketAddr,
    /// Token of the tenant that deposits.
    pub token: String,
    /// Connections at the same time, each with one request in flight.
    pub connections: usize,
    /// Bytes of each document.
    pub bytes: usize,
    /// Time before anything is counted.
    pub warm_up: Duration,
    /// Time counted.
    pub counted: Duration,
    /// Makes this round's documents unlike any other's.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Deposits acknowledged in the counted time.
    pub acknowledged: u64,
    /// Seconds counted.
    pub seconds: f64,
    /// Wait of each, shortest first.
    pub waits: Vec<Duration>,
    /// Commits they came in: distinct heads on which their receipts rest.
    pub commits: u64,
    /// Each, to be asked for again.
    pub kept: Vec<Kept>,
}

/// A deposit that was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its name.
    pub id: String,
    /// Its receipt.
    pub receipt: String,
}

/// One answer, as it was heard.
struct Heard {
    wait: Duration,
    head: u64,
    body: Vec<u8>,
}

impl Measured {
    /// Acknowledged deposits per second.
    pub fn rate(&self) -> f64 {
        self.acknowledged as f64 / self.seconds
    }

    /// Deposits per commit.
    pub fn batch(&self) -> f64 {
        self.acknowledged as f64 / self.commits.max(1) as f64
    }

    /// The wait that this share (of 1000) did not exceed.
    pub fn wait(&self, per_mille: usize) -> Duration {
        let last = self.waits.len().saturating_sub(1);
        self.waits.get(last * per_mille / 1000).copied().unwrap_or_default()
    }
}

/// The document of this number: random bytes, so nothing is found twice or compressed.
pub fn document(seed: u64, number: u64, bytes: usize) -> Vec<u8> {
    Chance::new(seed).fork(number).bytes(bytes)
}

/// The load was put on the server; only whole acknowledgements are counted.
///
/// # Errors
/// A connection broke, or a deposit was refused: nothing is measured then.
pub fn run(load: &Load) -> Result<Measured> {
    let next = AtomicU64::new(0);
    let from = Instant::now() + load.warm_up;
    let until = from + load.counted;
    let seen = std::thread::scope(|scope| {
        let work = |_| scope.spawn(|| deposit_until(load, &next, from, until));
        let threads: Vec<_> = (0..load.connections).map(work).collect();
        let ended = threads.into_iter().map(|thread| thread.join().ok().context("a connection's thread died")?);
        ended.collect::<Result<Vec<_>>>()
    })?;
    let mut waits: Vec<Duration> = seen.iter().flatten().map(|heard| heard.wait).collect();
    let heads: HashSet<u64> = seen.iter().flatten().map(|heard| heard.head).collect();
    // Read only now: while it is measured, the load is to cost as little as it can.
    let kept = seen.iter().flatten().map(|heard| kept(&heard.body)).collect::<Result<Vec<_>>>()?;
    waits.sort_unstable();
    let acknowledged = waits.len() as u64;
    Ok(Measured { acknowledged, seconds: load.counted.as_secs_f64(), waits, commits: heads.len() as u64, kept })
}

fn kept(body: &[u8]) -> Result<Kept> {
    let answer: Value = serde_json::from_slice(body)?;
    let text = |name: &str| answer[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    Ok(Kept { id: text("id")?, receipt: text("receipt")? })
}

fn deposit_until(load: &Load, next: &AtomicU64, from: Instant, until: Instant) -> Result<Vec<Heard>> {
    let mut connection = Connection::open(load.address, ANSWER_LIMIT)?;
    let mut seen = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let body = document(load.seed, number, load.bytes);
        let key = format!("bench-{:x}-{number}", load.seed);
        let path = format!("/v1/deposits?kind=file&name=charge-{number}.bin");
        let request = Request { method: "POST", path: &path, token: Some(&load.token), key: Some(&key), body: &body };
        let sent = Instant::now();
        let answer = connection.ask(&request)?;
        let answered = Instant::now();
        let words = || String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
        ensure!(answer.status == 201, "deposit {number}: status {} {}", answer.status, words());
        if answered >= until {
            return Ok(seen);
        }
        if answered >= from {
            let head = head_size(&answer.body).with_context(|| format!("no head in the receipt: {}", words()))?;
            seen.push(Heard { wait: answered - sent, head, body: answer.body });
        }
        if answer.last {
            connection = Connection::open(load.address, ANSWER_LIMIT)?;
        }
    }
}

/// Size of the head in the receipt of an answer, found without reading the rest: the line after the origin, after the empty line.
fn head_size(body: &[u8]) -> Option<u64> {
    let receipt = body.windows(10).position(|part| part == b"\"receipt\":")?;
    let text = &body[receipt..];
    let checkpoint = text.windows(4).position(|part| part == br"\n\n")? + 4;
    let mut lines = text[checkpoint..].split(|byte| *byte == b'\\');
    let size = lines.nth(1)?.strip_prefix(b"n")?;
    std::str::from_utf8(size).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Measured, document, head_size};
    use std::time::Duration;

    #[test]
    fn the_head_is_found_in_an_answer() {
        let receipt = "c2sp.org/tlog-proof@v1\nindex 3\nabc=\n\nbench.example/log\n17\nroot=\n\n— x y\n";
        let body = serde_json::json!({ "id": "x", "receipt": receipt, "zzz": "\n\na\n99\n" });
        assert_eq!(head_size(body.to_string().as_bytes()), Some(17));
        assert_eq!(head_size(br#"{"receipt":"no head"}"#), None);
        assert_eq!(head_size(b"{}"), None);
    }

    #[test]
    fn waits_are_read_at_their_share() {
        let waits = (0..=100).map(Duration::from_millis).collect();
        let measured = Measured { acknowledged: 101, seconds: 2.0, waits, commits: 10, kept: Vec::new() };
        let at = |share| measured.wait(share).as_millis();
        assert_eq!((at(500), at(990), at(1000)), (50, 99, 100));
        assert_eq!((measured.rate(), measured.batch()), (50.5, 10.1));
        assert_eq!(Measured::default().wait(500), Duration::ZERO);
    }

    #[test]
    fn no_two_documents_are_alike() {
        assert_eq!(document(1, 2, 20).len(), 20);
        assert_ne!(document(1, 2, 20), document(1, 3, 20));
        assert_ne!(document(1, 2, 20), document(2, 2, 20));
    }
}
