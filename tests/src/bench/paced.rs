//! An open loop: deposits are due at an even pace, whatever became of those before. A wait counts from the moment it was due, so that a
//! server that stops for a second has a second of late answers, and not one.

use super::kept::Kept;
use super::load::{Load, Measured, document, on_each_connection};
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
    let mut measured = Measured { seconds: load.counted.as_secs_f64(), ..Measured::default() };
    for (wait, kept) in
        on_each_connection(load.connections, || deposit(load, &next, count, &due))?.into_iter().flatten()
    {
        measured.waits.push(wait);
        measured.kept.push(kept);
    }
    measured.waits.sort_unstable();
    measured.acknowledged = measured.waits.len() as u64;
    Ok(measured)
}

fn deposit(
    load: &Load,
    next: &AtomicU64,
    count: u64,
    due: &(dyn Fn(u64) -> Instant + Sync),
) -> Result<Vec<(Duration, Kept)>> {
    let mut connection = Connection::open(load.address, ANSWER_LIMIT)?;
    let mut done = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(done);
        }
        let body = document(load.seed, number, load.bytes);
        let due = due(number);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let path = format!("/v1/deposits?kind=file&name=cadence-{number}.bin");
        let request = Request { method: "POST", path: &path, token: Some(&load.token), key: None, body: &body };
        let answer = connection.ask(&request)?;
        let wait = due.elapsed();
        ensure!(answer.status == 201, "deposit {number}: status {}", answer.status);
        let (kept, _) = Kept::read(&answer.body).context("no receipt in an answer")?;
        done.push((wait, kept));
        if answer.last {
            connection = Connection::open(load.address, ANSWER_LIMIT)?;
        }
    }
}
