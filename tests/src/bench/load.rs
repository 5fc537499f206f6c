//! Connections that deposit one document after the other, each its own, and how long each waited.

use super::kept::Kept;
use crate::faults::chance::Chance;
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, ensure};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::ops::Range;
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
    /// Every deposit acknowledged, counted or not, to be asked for again.
    pub kept: Vec<Kept>,
}

/// One acknowledgement, as it was heard.
#[derive(Clone, Copy)]
struct Heard {
    wait: Duration,
    head: u64,
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
    let mut seen = Vec::new();
    let mut measured = Measured { seconds: load.counted.as_secs_f64(), ..Measured::default() };
    for (heard, kept) in on_each_connection(load.connections, || deposit_until(load, &next, from, until))? {
        seen.extend(heard);
        measured.kept.extend(kept);
    }
    measured.waits = seen.iter().map(|heard| heard.wait).collect();
    measured.waits.sort_unstable();
    measured.acknowledged = measured.waits.len() as u64;
    measured.commits = seen.iter().map(|heard| heard.head).collect::<HashSet<u64>>().len() as u64;
    Ok(measured)
}

/// The documents of these numbers are deposited, in no order; what is kept of each, in the order of numbers.
///
/// # Errors
/// As [`run`].
pub fn deposit_all(load: &Load, numbers: Range<u64>) -> Result<Vec<Kept>> {
    let next = AtomicU64::new(numbers.start);
    let deposit = || {
        let (mut client, mut done) = (Client::open(load)?, Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return Ok(done);
            }
            let (_, kept) = client.deposit(number)?;
            done.push((number, kept));
        }
    };
    let mut done: Vec<_> = on_each_connection(load.connections, deposit)?.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, kept)| kept).collect())
}

/// The same work on so many threads, each with a connection of its own.
pub(super) fn on_each_connection<T: Send>(count: usize, work: impl Fn() -> Result<T> + Sync) -> Result<Vec<T>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&work)).collect();
        let ended = threads.into_iter().map(|thread| thread.join().ok().context("a connection's thread died")?);
        ended.collect()
    })
}

fn deposit_until(load: &Load, next: &AtomicU64, from: Instant, until: Instant) -> Result<(Vec<Heard>, Vec<Kept>)> {
    let mut client = Client::open(load)?;
    let (mut heard, mut kept) = (Vec::new(), Vec::new());
    loop {
        let (answer, one) = client.deposit(next.fetch_add(1, Ordering::Relaxed))?;
        kept.push(one);
        if answer.at >= until {
            return Ok((heard, kept));
        }
        if answer.at >= from {
            heard.push(Heard { wait: answer.wait, head: answer.head });
        }
    }
}

/// One connection that deposits.
struct Client<'a> {
    load: &'a Load,
    connection: Connection,
}

/// When and how an answer came.
struct Answered {
    at: Instant,
    wait: Duration,
    head: u64,
}

impl<'a> Client<'a> {
    fn open(load: &'a Load) -> Result<Self> {
        Ok(Self { load, connection: Connection::open(load.address, ANSWER_LIMIT)? })
    }

    /// The document of this number was acknowledged.
    fn deposit(&mut self, number: u64) -> Result<(Answered, Kept)> {
        let load = self.load;
        let body = document(load.seed, number, load.bytes);
        let (path, key) = (path_of(number), key_of(load.seed, number));
        let request = Request { method: "POST", path: &path, token: Some(&load.token), key: Some(&key), body: &body };
        let sent = Instant::now();
        let answer = self.connection.ask(&request)?;
        let at = Instant::now();
        let words = || String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
        ensure!(answer.status == 201, "deposit {number}: status {} {}", answer.status, words());
        let (kept, head) = Kept::read(&answer.body).with_context(|| format!("no receipt: {}", words()))?;
        if answer.last {
            self.connection = Connection::open(load.address, ANSWER_LIMIT)?;
        }
        Ok((Answered { at, wait: at - sent, head }, kept))
    }
}

/// Where the document of this number is deposited.
pub(super) fn path_of(number: u64) -> String {
    format!("/v1/deposits?kind=file&name=charge-{number}.bin")
}

/// The idempotency key of the document of this number.
pub(super) fn key_of(seed: u64, number: u64) -> String {
    format!("bench-{seed:x}-{number}")
}

#[cfg(test)]
mod tests {
    use super::{Measured, document};
    use std::time::Duration;

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
