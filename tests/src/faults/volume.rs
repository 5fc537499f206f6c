//! A volume that fills, really: below the floor deposits are refused and everything else goes on; emptied, deposits are taken again
//! by themselves.

use super::clients::settle;
use super::judge::Rule;
use super::kills::{Run, Told, deposit};
use super::server::{Programs, Server};
use crate::wire::{Connection, Request, once};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const VOLUME_MIB: u64 = 256;
const FLOOR: u64 = 32 << 20;
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(40);
/// How long deposits may stay refused once there is room.
const BACK_LIMIT: Duration = Duration::from_secs(5);

/// Why no volume can be mounted here; `None` when one can.
pub fn missing() -> Option<String> {
    let user = Command::new("id").arg("-u").output().map(|output| output.stdout).unwrap_or_default();
    (user.trim_ascii() != b"0").then(|| "only root can mount a volume".to_owned())
}

/// A small tmpfs; taken away when dropped.
struct Volume(PathBuf);

impl Volume {
    fn mount(place: &Path) -> Result<Self> {
        fs::create_dir_all(place)?;
        let size = format!("size={VOLUME_MIB}m,mode=700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tabellion-faults"]).arg(place).output()?;
        if !mounted.status.success() {
            bail!("mount: {}", String::from_utf8_lossy(&mounted.stderr).trim());
        }
        Ok(Volume(place.to_owned()))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).stdin(Stdio::null()).status();
    }
}

/// The volume was filled and emptied; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn run(programs: &Programs, dir: &Path, seed: u64, floor: bool) -> Result<Told> {
    let volume = Volume::mount(&dir.join("volume"))?;
    let bytes = if floor { FLOOR } else { 0 };
    let limits = format!("free_bytes = {bytes}\n[store]\nsegment_bytes = 4194304");
    let mut run = settle(programs, &volume.0, seed, &limits)?;
    let server = run.start(None, "1h")?;
    taken(&mut run, &server, "an empty volume")?;
    // Nearly full: the rest is for deposits.
    let ballast = volume.0.join("ballast");
    fill(&ballast, free(&volume.0)?.saturating_sub(bytes.max(6 << 20) + (6 << 20)))?;
    let refused = until_refused(&mut run, &server)?;
    let full = volume.0.join("full");
    fill(&full, if floor { 0 } else { free(&volume.0)? })?;
    judge_full(&mut run, &server, &refused);
    large_body(&mut run, &server, &ballast, floor)?;
    // A start with no more room than the floor keeps.
    let room = if floor { 16 << 20 } else { 0 };
    fill(&full, free(&volume.0)?.saturating_sub(room))?;
    server.terminate(END_LIMIT)?;
    let server = match run.start(None, "1h") {
        Ok(server) => Some(server),
        Err(why) => {
            run.memory.breach(Rule::Opens, format!("on a full volume: {why:#}"));
            None
        }
    };
    fs::remove_file(&ballast)?;
    fs::remove_file(&full)?;
    let server = match server {
        Some(server) => server,
        None => run.start(None, "1h")?,
    };
    let back = back_alone(&mut run, &server)?;
    run.ask_again(&server)?;
    run.recheck_sample(&server, 40)?;
    server.terminate(END_LIMIT)?;
    let runs = format!(
        "a volume of {VOLUME_MIB} MiB filled: refused by {refused}, {} receipts; emptied: taken after {} ms",
        run.memory.promises().len(),
        back.as_millis()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

fn free(place: &Path) -> Result<u64> {
    let output = Command::new("df").args(["--output=avail", "-B1"]).arg(place).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().nth(1).and_then(|line| line.trim().parse().ok()).context("df says nothing")
}

/// The file takes that many bytes, or all there are.
fn fill(path: &Path, bytes: u64) -> Result<()> {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    let block = vec![1; 64 << 10];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(block.len() as u64);
        if file.write_all(&block[..now as usize]).is_err() {
            break;
        }
        left -= now;
    }
    Ok(())
}

fn taken(run: &mut Run, server: &Server, when: &str) -> Result<()> {
    let number = run.next.fetch_add(1, Ordering::SeqCst);
    let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
    match deposit(&run.script, &mut connection, number) {
        Ok(promise) => run.memory.promised(promise),
        Err(why) => run.memory.breach(Rule::GoesOn, format!("{when}: {why:#}")),
    }
    Ok(())
}

/// Deposits until one is refused; by which code.
fn until_refused(run: &mut Run, server: &Server) -> Result<String> {
    let start = Instant::now();
    let large = vec![7_u8; 200 << 10];
    while start.elapsed() < ANSWER_LIMIT {
        let number = run.next.fetch_add(1, Ordering::SeqCst);
        let told = Connection::open(server.address(), ANSWER_LIMIT)
            .map_err(Into::into)
            .and_then(|mut connection| deposit(&run.script, &mut connection, number));
        match told {
            Ok(promise) => run.memory.promised(promise),
            Err(why) => {
                run.again.push(number);
                let said = format!("{why:#}");
                let code = said.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next());
                return Ok(code.unwrap_or("nothing").to_owned());
            }
        }
        // What fills the volume need not be remembered one by one.
        let path = format!("/v1/deposits?kind=file&on_duplicate=deposit&name=plein-{number}");
        let token = Some(run.script.tenant(number).token.as_str());
        let request = Request { method: "POST", path: &path, token, key: None, body: &large };
        // Refused or not: the next one tells.
        let _ = once(server.address(), &request, ANSWER_LIMIT);
    }
    bail!("{} MiB were never full", VOLUME_MIB)
}

/// Below the floor: refused by name and with a time to come back, `/readyz` says so, everything else goes on.
fn judge_full(run: &mut Run, server: &Server, refused: &str) {
    if refused != "free-space-low" {
        run.memory.breach(Rule::Coded, format!("a volume that fills: free-space-low was due, not {refused}"));
    }
    let ask = |request: &Request| once(server.address(), request, ANSWER_LIMIT);
    let json = |answer: std::io::Result<crate::wire::Answer>| -> Value {
        answer.ok().and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default()
    };
    let ready = json(ask(&Request::read("/readyz", None)));
    if ready["status"] != "read-only" {
        run.memory.breach(Rule::Coded, format!("/readyz says {} on a full volume", ready["status"]));
    }
    super::recheck::receipts(&mut run.memory, server.address(), &run.script);
    super::recheck::documents(&mut run.memory, server.address(), &run.script, 0);
    let token = Some(run.script.tenant(0).token.as_str());
    let request = Request { method: "POST", ..Request::read("/v1/seals", token) };
    let sealed = json(ask(&request));
    if sealed["status"] != "sealed" {
        run.memory.breach(Rule::GoesOn, format!("a seal on a full volume: {sealed}"));
    }
}

/// A body that begins above the floor and would end below it is refused in its midst, and nothing of it is left.
fn large_body(run: &mut Run, server: &Server, ballast: &Path, floor: bool) -> Result<()> {
    if !floor {
        return Ok(());
    }
    // Room for half of it.
    let kept = fs::metadata(ballast)?.len();
    fs::OpenOptions::new().write(true).open(ballast)?.set_len(kept.saturating_sub(20 << 20))?;
    std::thread::sleep(Duration::from_millis(300));
    let body = vec![9_u8; 40 << 20];
    let token = Some(run.script.tenant(0).token.as_str());
    let request = Request { method: "POST", path: "/v1/deposits?kind=file&name=grand", token, key: None, body: &body };
    let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
    // Cut in its midst: the answer may be there before all of it is sent.
    let _ = connection.send(&request);
    let said = match connection.receive() {
        Ok(answer) => serde_json::from_slice::<Value>(&answer.body).unwrap_or_default()["code"].to_string(),
        Err(why) => why.to_string(),
    };
    if said != "\"free-space-low\"" {
        run.memory.breach(Rule::Coded, format!("a body that crosses the floor: free-space-low was due, not {said}"));
    }
    std::thread::sleep(Duration::from_millis(300));
    let ahead: u64 = fs::read_dir(run.data.join("store/ahead"))?
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|found| found.len())
        .sum();
    if ahead > 8 << 20 {
        run.memory.breach(Rule::Bounded, format!("{} MiB of a refused body are left in ahead/", ahead >> 20));
    }
    fill(ballast, 20 << 20)
}

/// Deposits are taken again, nobody having done anything but make room.
fn back_alone(run: &mut Run, server: &Server) -> Result<Duration> {
    let start = Instant::now();
    while start.elapsed() < BACK_LIMIT {
        let number = run.next.fetch_add(1, Ordering::SeqCst);
        let mut connection = Connection::open(server.address(), ANSWER_LIMIT)?;
        if let Ok(promise) = deposit(&run.script, &mut connection, number) {
            run.memory.promised(promise);
            return Ok(start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    run.memory.breach(Rule::GoesOn, "deposits stay refused although there is room again".to_owned());
    Ok(start.elapsed())
}
