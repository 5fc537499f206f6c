//! An open loop: deposits are due at an even pace, whatever became of those before. A wait counts from the moment it was due, so that a
//! server that stops for a second has a second of late answers, and not one.

use super::load::{Load, Measured, document};
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, ensure};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// So many deposits a second were due; each was sent as soon as one of the connections was free.
///
/// # Errors
/// A connection broke, or a deposit was refused.
pub fn run(load: &Load, per_second: u32) -> Result<Measured> {
    let (next, began) = (AtomicU64::new(0), Instant::now() + Duration::from_millis(50));
    let count = (load.counted.as_secs_f64() * f64::from(per_second)) as u64;
    let due = |number: u64| began + Duration::from_secs_f64(number as f64 / f64::from(per_second));
    let waits = std::thread::scope(|scope| {
        let work = |_| scope.spawn(|| deposit(load, &next, count, &due));
        let threads: Vec<_> = (0..load.connections).map(work).collect();
        let ended = threads.into_iter().map(|thread| thread.join().ok().context("a connection's thread died")?);
        ended.collect::<Result<Vec<_>>>()
    })?;
    let mut waits: Vec<Duration> = waits.into_iter().flatten().collect();
    waits.sort_unstable();
    Ok(Measured { acknowledged: waits.len() as u64, seconds: load.counted.as_secs_f64(), waits, ..Measured::default() })
}

fn deposit(load: &Load, next: &AtomicU64, count: u64, due: &dyn Fn(u64) -> Instant) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(load.address, ANSWER_LIMIT)?;
    let mut waits = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(waits);
        }
        let body = document(load.seed, number, load.bytes);
        let due = due(number);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let path = format!("/v1/deposits?kind=file&name=cadence-{number}.bin");
        let request = Request { method: "POST", path: &path, token: Some(&load.token), key: None, body: &body };
        let answer = connection.ask(&request)?;
        waits.push(due.elapsed());
        ensure!(answer.status == 201, "deposit {number}: status {}", answer.status);
        if answer.last {
            connection = Connection::open(load.address, ANSWER_LIMIT)?;
        }
    }
}
