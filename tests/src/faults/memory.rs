//! Bits that turn over in memory, between one computation and the next: a ciphertext after it was made, a root after it was grown. The
//! second computation finds them before anything of them is acknowledged; left out, it is missed.

use super::judge::Rule;
use super::kills::{Run, TENANTS, Told};
use super::recheck;
use super::server::{Launch, Programs, Server, Started, last_lines};
use anyhow::Result;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What turns over, at which passage, and the check that finds it.
const TURNS: [(&str, &str); 3] = [
    ("vault.encrypted=error@40", "vault.second-computation=skip"),
    ("vault.encrypted=error@41", "vault.second-computation=skip"),
    ("ledger.grow=error@12", "ledger.second-computation=skip"),
];
const ENOUGH: u64 = 60;
const LIFE_LIMIT: Duration = Duration::from_secs(20);
const END_LIMIT: Duration = Duration::from_secs(40);

/// Each bit was turned over once; what was seen broken is in the answer. `checked` leaves the second computation in its place.
///
/// # Errors
/// It could not be run.
pub fn run(programs: &Programs, dir: &Path, seed: u64, checked: bool) -> Result<Told> {
    let (mut breaches, mut receipts, mut refused) = (Vec::new(), 0, 0);
    for (number, (turn, check)) in TURNS.iter().enumerate() {
        let dir = dir.join(format!("turn-{number}"));
        let failpoints = if checked { (*turn).to_owned() } else { format!("{turn};{check}") };
        let mut run = Run::settle(programs, dir.join("data"), &dir, seed + number as u64, TENANTS)?;
        let found = turned(&mut run, &failpoints)?;
        if checked && !found {
            run.memory.breach(Rule::Exercised, format!("{failpoints}: nothing was refused, nothing stopped"));
        }
        refused += u64::from(found);
        receipts += run.memory.promises().len();
        breaches.extend_from_slice(run.memory.breaches());
    }
    let runs = format!("{} bits turned over, {refused} found at once, {receipts} receipts", TURNS.len());
    Ok(Told { runs, breaches })
}

/// A wave under these failpoints, then everything is looked at by the product as it ships; true when the server refused a
/// request for its own sake, or stopped.
fn turned(run: &mut Run, failpoints: &str) -> Result<bool> {
    let log = run.dir.join("fault.log");
    let data = run.data.clone();
    let faulty = &run.programs.faulty;
    let launch = Launch { program: faulty, data: &data, failpoints: Some(failpoints), seal_every: "1h", log: &log };
    let mut found = false;
    if let Started::Listening(mut server) = Server::start_under(&launch, &[])? {
        run.next.store(1, Ordering::SeqCst);
        let wave = run.wave(&server);
        wave.until(ENOUGH, LIFE_LIMIT);
        let seen = wave.end();
        found = seen.refused.iter().any(|(_, status, _)| *status == 500)
            || server.ended_within(Duration::from_millis(700))?.is_some();
        run.remember(seen);
        let ended = server.terminate(END_LIMIT)?;
        if ended.is_none_or(|status| status.code().is_none()) {
            run.memory.breach(Rule::Speaks, format!("{failpoints}: {ended:?}: {}", last_lines(&log)));
        }
    }
    let server = match run.start(None, "1h") {
        Ok(server) => server,
        Err(why) => {
            run.memory.breach(Rule::Opens, format!("{failpoints}: {why:#}"));
            return Ok(found);
        }
    };
    run.restarted(&server, failpoints)?;
    recheck::documents(&mut run.memory, server.address(), &run.script, 0);
    server.terminate(END_LIMIT)?;
    Ok(found)
}
