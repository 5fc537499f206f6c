//! Asking the restarted server, and the real verification command, for everything that was promised.

use super::deposits::Script;
use super::judge::{Head, Memory, Promise, Rule};
use super::server::Programs;
use crate::wire::{Answer, Connection, Request, once};
use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Verification processes, and readers, at the same time.
const PARALLEL: usize = 4;

/// The log's own word on its head is remembered and judged.
pub fn head(memory: &mut Memory, address: SocketAddr, when: &str) {
    let answer = once(address, &Request::read("/log/checkpoint", None), ANSWER_LIMIT);
    let text = answer.ok().filter(|answer| answer.status == 200).map(|answer| answer.body);
    let head = text.and_then(|bytes| Head::parse(&String::from_utf8_lossy(&bytes)));
    memory.stated(head, when);
}

/// Every receipt promised is asked for again and compared.
pub fn receipts(memory: &mut Memory, address: SocketAddr, script: &Script) {
    let numbers: Vec<u64> = memory.promises().keys().copied().collect();
    these_receipts(memory, address, script, &numbers);
}

/// The receipts of these requests are asked for again and compared.
pub fn these_receipts(memory: &mut Memory, address: SocketAddr, script: &Script, numbers: &[u64]) {
    let promises = numbers.iter().filter_map(|number| memory.promises().get(number));
    let wanted: Vec<(u64, String)> = promises.map(|p| (p.number, path(p, "receipt"))).collect();
    for (number, answer) in ask_all(address, script, &wanted) {
        memory.receipt_again(number, answer.as_ref().map(|answer| (answer.status, answer.body.as_slice())));
    }
}

/// The documents of these requests are asked for again and compared.
pub fn documents(memory: &mut Memory, address: SocketAddr, script: &Script, from: u64) {
    let promises = memory.promises().range(from..);
    let wanted: Vec<(u64, String)> = promises.map(|(number, p)| (*number, path(p, "files/1"))).collect();
    for (number, answer) in ask_all(address, script, &wanted) {
        let answer = answer.as_ref().map(|answer| (answer.status, answer.body.as_slice()));
        memory.document_again(number, &script.body(number), answer);
    }
}

fn path(promise: &Promise, what: &str) -> String {
    format!("/v1/deposits/{}/{what}", promise.id)
}

/// Answers to reads, over a few kept connections; `None` where none came.
fn ask_all(address: SocketAddr, script: &Script, wanted: &[(u64, String)]) -> Vec<(u64, Option<Answer>)> {
    let share = wanted.len().div_ceil(PARALLEL).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            wanted.chunks(share).map(|part| scope.spawn(move || ask_in_turn(address, script, part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

fn ask_in_turn(address: SocketAddr, script: &Script, wanted: &[(u64, String)]) -> Vec<(u64, Option<Answer>)> {
    let mut connection = None;
    let mut answers = Vec::with_capacity(wanted.len());
    for (number, path) in wanted {
        let request = Request::read(path, Some(&script.tenant(*number).token));
        let mut answer = None;
        // A kept connection may have been closed between two requests: one fresh one settles it.
        for _ in 0..2 {
            let mut open = match connection.take().map_or_else(|| Connection::open(address, ANSWER_LIMIT), Ok) {
                Ok(open) => open,
                Err(_) => break,
            };
            if let Ok(got) = open.ask(&request) {
                connection = (!got.last).then_some(open);
                answer = Some(got);
                break;
            }
        }
        answers.push((*number, answer));
    }
    answers
}

/// Every receipt of request `from` and later was judged by the real command.
///
/// # Errors
/// The command could not be run at all.
pub fn verify(memory: &mut Memory, programs: &Programs, policy: &Path, dir: &Path, from: u64) -> Result<usize> {
    let numbers: Vec<u64> = memory.promises().range(from..).map(|(number, _)| *number).collect();
    verify_these(memory, programs, policy, dir, &numbers)
}

/// The receipts of these requests were judged by the real command.
///
/// # Errors
/// The command could not be run at all.
pub fn verify_these(
    memory: &mut Memory,
    programs: &Programs,
    policy: &Path,
    dir: &Path,
    numbers: &[u64],
) -> Result<usize> {
    let promises: Vec<Promise> = numbers.iter().filter_map(|number| memory.promises().get(number).cloned()).collect();
    let turn = AtomicUsize::new(0);
    let verdicts = std::thread::scope(|scope| {
        let (turn, promises) = (&turn, &promises);
        let work = |name: usize| {
            scope.spawn(move || -> Result<Vec<(u64, Output)>> {
                let mut outputs = Vec::new();
                while let Some(promise) = promises.get(turn.fetch_add(1, Ordering::SeqCst)) {
                    outputs.push((promise.number, verify_one(programs, policy, dir, name, promise)?));
                }
                Ok(outputs)
            })
        };
        let threads: Vec<_> = (0..PARALLEL).map(work).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok().context("a verifying thread died")?)
            .collect::<Result<Vec<_>>>()
    })?;
    for (number, output) in verdicts.iter().flatten() {
        memory.verified(*number, output.status.code(), &output.stdout);
    }
    Ok(promises.len())
}

fn verify_one(programs: &Programs, policy: &Path, dir: &Path, name: usize, promise: &Promise) -> Result<Output> {
    let (receipt, record) = (dir.join(format!("verify-{name}.receipt")), dir.join(format!("verify-{name}.json")));
    std::fs::write(&receipt, &promise.receipt)?;
    std::fs::write(&record, STANDARD.decode(&promise.record).unwrap_or_default())?;
    let mut command = Command::new(&programs.verify);
    command.arg("receipt").arg(&receipt).arg("--record").arg(&record).arg("--policy").arg(policy);
    command.args(["--format", "json", "--lang", "en"]).stdin(Stdio::null());
    command.output().with_context(|| format!("running {}", programs.verify.display()))
}

/// The sealed packs of a few promises, early and late, were fetched and judged by the real command: they were sealed, and the
/// heads their receipts rest on are part of the sealed head.
///
/// # Errors
/// A file could not be written or the command not be run.
pub fn packs(
    memory: &mut Memory,
    programs: &Programs,
    script: &Script,
    address: SocketAddr,
    policy: &Path,
    dir: &Path,
) -> Result<usize> {
    const SAMPLE: usize = 12;
    let step = memory.promises().len().div_ceil(SAMPLE).max(1);
    let sample: Vec<Promise> = memory.promises().values().step_by(step).cloned().collect();
    for promise in &sample {
        let Some(pack) = sealed_pack(address, script, promise)? else {
            let detail = format!("no sealed pack of {} (index {})", promise.id, promise.index);
            memory.breach(Rule::Verifies, detail);
            continue;
        };
        let file = dir.join("sample.asice");
        std::fs::write(&file, pack)?;
        let mut command = Command::new(&programs.verify);
        command.arg(&file).arg("--policy").arg(policy).args(["--format", "json"]).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("running {}", programs.verify.display()))?;
        if output.status.code() != Some(0) {
            let said = String::from_utf8_lossy(&output.stdout).chars().take(300).collect::<String>();
            memory.breach(Rule::Verifies, format!("the pack of {} (index {}): {said}", promise.id, promise.index));
        }
    }
    Ok(sample.len())
}

fn sealed_pack(address: SocketAddr, script: &Script, promise: &Promise) -> Result<Option<Vec<u8>>> {
    const SEAL_LIMIT: Duration = Duration::from_secs(60);
    let (path, start) = (path(promise, "evidence?require=sealed"), Instant::now());
    loop {
        let answer = once(address, &Request::read(&path, Some(&script.tenant(promise.number).token)), ANSWER_LIMIT)?;
        match answer.status {
            200 => return Ok(Some(answer.body)),
            409 if start.elapsed() < SEAL_LIMIT => std::thread::sleep(Duration::from_millis(250)),
            _ => return Ok(None),
        }
    }
}

/// Entries the tenant of request `number` can list.
///
/// # Errors
/// The server did not answer as its interface says.
pub fn listed(address: SocketAddr, script: &Script, number: u64) -> Result<u64> {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/v1/deposits?limit=100{cursor}");
        let answer = once(address, &Request::read(&path, Some(&script.tenant(number).token)), ANSWER_LIMIT)?;
        ensure!(answer.status == 200, "listing deposits: status {}", answer.status);
        let page: serde_json::Value = serde_json::from_slice(&answer.body)?;
        count += page["items"].as_array().context("a list without items")?.len() as u64;
        cursor = match &page["next"] {
            serde_json::Value::Null => return Ok(count),
            serde_json::Value::String(next) => format!("&cursor={next}"),
            next => format!("&cursor={next}"),
        };
    }
}
