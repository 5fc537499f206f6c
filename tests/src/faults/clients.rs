//! Clients in numbers: ten thousand that do nothing, five hundred that deposit, hundreds that hold what they began to send.
//! Memory stays within a bound that is computed, not wished for, and an honest client is served meanwhile.

use super::deposits::Script;
use super::judge::{Promise, Rule};
use super::kills::{Run, Told, deposit};
use super::recheck;
use super::server::{Programs, Server};
use crate::wire::{Connection, Request, once};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Depositors at once in a crowd.
pub const ACTIVE: u64 = 500;
/// Clients that hold a body, and of how many bytes: less than what would go to disk.
const HOLDERS: u64 = 600;
const HELD_BYTES: usize = 240 << 10;
/// Memory that comes in half a second once bodies no longer do.
const SETTLED_BYTES: u64 = 1 << 20;
/// What the server may hold for deposits, by its configuration.
const MEMORY_BYTES: u64 = 32 << 20;
/// Memory of a connection that does nothing: buffers of the server, and its share of tables.
const IDLE_BYTES: u64 = 24 << 10;
/// Memory of a connection that sends: a buffer of 64 KiB being filled, one being taken, and the allocator's slack.
const SENDING_BYTES: u64 = 192 << 10;
/// Memory of a connection at work: request, answer, proofs on their way.
const ACTIVE_BYTES: u64 = 256 << 10;
/// What grows with time and not with clients: eleven families of the index with a write buffer of 16 MiB each, and their cache.
const HOUSE_BYTES: u64 = 240 << 20;
/// An honest client waits no longer than that for its answer, all retries together.
const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(40);
/// Receipts given to the verification command.
const VERIFIED: usize = 40;

/// A crowd.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Programs under test.
    pub programs: &'a Programs,
    /// Connections that do nothing.
    pub idle: u64,
    /// For how long the active ones deposit.
    pub time: Duration,
    /// Seed of contents.
    pub seed: u64,
    /// An empty directory of its own.
    pub dir: &'a Path,
    /// Lines of `[limits]` put in place of the family's own, for a control.
    pub limits: Option<&'a str>,
}

/// Why this many connections cannot be had here; `None` when they can.
pub fn missing(connections: u64) -> Option<String> {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?.parse::<u64>().ok()?;
    (soft < connections).then(|| format!("{soft} open files are allowed, {connections} are wanted (ulimit -n)"))
}

/// A house whose configuration has these limits, not served.
pub(super) fn settle<'a>(programs: &'a Programs, dir: &Path, seed: u64, limits: &str) -> Result<Run<'a>> {
    let run = Run::settle(programs, dir.join("data"), dir, seed, 3)?;
    let config = run.data.join("tabellion.toml");
    // Why a connection ended is told too: who was cut by mistake is found by it.
    let text = fs::read_to_string(&config)?;
    fs::write(&config, format!("events = \"info,service::http=debug\"\n{text}\n[limits]\n{limits}\n"))?;
    Ok(run)
}

/// Ten thousand idle and five hundred active clients; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn crowd(plan: &Plan) -> Result<Told> {
    let own = format!("connections = {}\nheader_seconds = 300\nmemory_bytes = {MEMORY_BYTES}", plan.idle + ACTIVE + 50);
    let mut run = settle(plan.programs, plan.dir, plan.seed, plan.limits.unwrap_or(&own))?;
    let server = run.start(None, "1h")?;
    let (empty, _) = server.memory()?;
    let mut idle = Vec::new();
    for number in 0..plan.idle {
        match sit_down(server.address(), number) {
            Ok(stream) => idle.push(stream),
            Err(why) => {
                run.memory.breach(Rule::GoesOn, format!("connection {number} was not taken: {why}"));
                break;
            }
        }
    }
    let (seated, _) = server.memory()?;
    let each = seated.saturating_sub(empty) / plan.idle.max(1);
    let bound = empty + plan.idle * IDLE_BYTES + ACTIVE * ACTIVE_BYTES + MEMORY_BYTES + HOUSE_BYTES;
    let (promises, refused, slowest) = deposit_together(&mut run, &server, plan.time)?;
    let (_, most) = server.memory()?;
    if most > bound {
        run.memory.breach(Rule::Bounded, format!("{} MiB, where {} are the bound", most >> 20, bound >> 20));
    }
    let gone = idle.iter().filter(|stream| is_closed(stream)).count();
    drop(idle);
    run.recheck_sample(&server, VERIFIED)?;
    server.terminate(END_LIMIT)?;
    let runs = format!(
        "{} idle ({each} bytes each, {gone} gone), {ACTIVE} active: {promises} receipts, {refused} told to come back, slowest {} ms; {} MiB of at most {}",
        plan.idle,
        slowest.as_millis(),
        most >> 20,
        bound >> 20
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

/// A connection that has asked nothing, half a request, or one whole request a while ago.
fn sit_down(address: SocketAddr, number: u64) -> Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    match number % 3 {
        0 => {}
        1 => stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nx-half: ")?,
        _ => {
            stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")?;
            let mut answer = [0; 1024];
            ensure!(stream.read(&mut answer)? > 0, "closed");
        }
    }
    Ok(stream)
}

/// True when the other side has closed it.
pub(super) fn is_closed(stream: &TcpStream) -> bool {
    if stream.set_nonblocking(true).is_err() {
        return true;
    }
    let closed = match stream.peek(&mut [0]) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    let _ = stream.set_nonblocking(false);
    closed
}

/// Everyone deposits for that long, and each must be served: receipts, refusals with a time to come back, longest wait.
fn deposit_together(run: &mut Run, server: &Server, time: Duration) -> Result<(usize, u64, Duration)> {
    let (address, script, next) = (server.address(), &run.script, &run.next);
    let seen: Vec<Result<Active>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..ACTIVE).map(|_| scope.spawn(|| deposit_for(address, script, next, time))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a depositor died"))?).collect()
    });
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for active in seen {
        match active {
            Ok(active) => {
                if active.promises.is_empty() {
                    run.memory.breach(Rule::GoesOn, format!("a depositor got nothing in {} s", time.as_secs()));
                }
                active.promises.into_iter().for_each(|promise| run.memory.promised(promise));
                refused += active.refused;
                slowest = slowest.max(active.slowest);
            }
            Err(why) => run.memory.breach(Rule::GoesOn, format!("{why:#}")),
        }
    }
    if slowest > PATIENCE {
        run.memory.breach(Rule::GoesOn, format!("an answer took {} s", slowest.as_secs()));
    }
    Ok((run.memory.promises().len(), refused, slowest))
}

/// What one depositor saw.
#[derive(Default)]
struct Active {
    promises: Vec<Promise>,
    refused: u64,
    slowest: Duration,
}

fn deposit_for(
    address: SocketAddr,
    script: &Script,
    next: &std::sync::atomic::AtomicU64,
    time: Duration,
) -> Result<Active> {
    let (mut active, start) = (Active::default(), Instant::now());
    let mut connection = Connection::open(address, ANSWER_LIMIT).context("connecting")?;
    while active.promises.is_empty() || start.elapsed() < time {
        let (number, begun) = (next.fetch_add(1, Ordering::SeqCst), Instant::now());
        script.send(&mut connection, number).with_context(|| format!("sending request {number}"))?;
        let answer = connection.receive().with_context(|| format!("waiting for answer {number}"))?;
        active.slowest = active.slowest.max(begun.elapsed());
        match answer.status {
            200 | 201 => active.promises.push(Promise::parse(number, &answer.body).context("a promise of nothing")?),
            429 | 503 => active.refused += 1,
            status => anyhow::bail!("request {number}: status {status}"),
        }
        if answer.last {
            std::thread::sleep(Duration::from_millis(20));
            connection = Connection::open(address, ANSWER_LIMIT).context("connecting again")?;
        }
        if start.elapsed() > time + ANSWER_LIMIT {
            break;
        }
    }
    Ok(active)
}

/// Hundreds begin a body and hold it; memory stays within what is configured, and whoever is honest is served.
///
/// # Errors
/// It could not be run.
pub fn holders(plan: &Plan) -> Result<Told> {
    let own = format!("memory_bytes = {MEMORY_BYTES}\nidle_seconds = 3");
    let mut run = settle(plan.programs, plan.dir, plan.seed, plan.limits.unwrap_or(&own))?;
    let server = run.start(None, "1h")?;
    let (empty, _) = server.memory()?;
    // Each byte stands in the share of deposits, and a buffer that grows holds twice what is in it.
    let bound = empty + 2 * MEMORY_BYTES + HOLDERS * SENDING_BYTES;
    let begun = Instant::now();
    let held: Vec<_> = (0..HOLDERS).filter_map(|number| hold(&run.script, server.address(), number).ok()).collect();
    let (now, most) = settled(&server)?;
    if most > bound {
        let detail = format!("{} MiB with {} bodies held, where {} are the bound", most >> 20, held.len(), bound >> 20);
        run.memory.breach(Rule::Bounded, detail);
    }
    let refused = held.iter().filter(|stream| is_answered(stream)).count();
    let waited = served_in_the_end(&mut run, &server)?;
    drop(held);
    run.recheck_sample(&server, VERIFIED)?;
    server.terminate(END_LIMIT)?;
    let runs = format!(
        "{HOLDERS} bodies of {} KiB held, {refused} refused at once; {} MiB, at most {} of {}; honest after {} ms; {} s",
        HELD_BYTES >> 10,
        now >> 20,
        most >> 20,
        bound >> 20,
        waited.as_millis(),
        begun.elapsed().as_secs()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

/// Memory once what was sent has been taken: on a busy machine that lasts a while, and a control would see nothing.
fn settled(server: &Server) -> Result<(u64, u64)> {
    let mut seen = server.memory()?;
    for _ in 0..4 {
        std::thread::sleep(Duration::from_millis(500));
        let before = std::mem::replace(&mut seen, server.memory()?);
        if seen.0 <= before.0 + SETTLED_BYTES {
            break;
        }
    }
    Ok(seen)
}

fn hold(script: &Script, address: SocketAddr, number: u64) -> Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let token = &script.tenant(number).token;
    let head = format!(
        "POST /v1/deposits?kind=file&name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        HELD_BYTES + 1
    );
    stream.write_all(head.as_bytes())?;
    // Refused before all of it was sent: the answer is there to be read.
    let _ = stream.write_all(&vec![7; HELD_BYTES]);
    Ok(stream)
}

/// True when an answer is there, or the connection was closed.
fn is_answered(stream: &TcpStream) -> bool {
    if stream.set_nonblocking(true).is_err() {
        return true;
    }
    let waiting = matches!(stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
    let _ = stream.set_nonblocking(false);
    !waiting
}

/// How long an honest client that comes back as it is told waited for its receipt.
pub(super) fn served_in_the_end(run: &mut Run, server: &Server) -> Result<Duration> {
    let (begun, number) = (Instant::now(), run.next.fetch_add(1, Ordering::SeqCst));
    let mut last = String::new();
    while begun.elapsed() < PATIENCE {
        let mut connection = match Connection::open(server.address(), PATIENCE) {
            Ok(connection) => connection,
            Err(why) => {
                last = why.to_string();
                continue;
            }
        };
        match deposit(&run.script, &mut connection, number) {
            Ok(promise) => {
                run.memory.promised(promise);
                return Ok(begun.elapsed());
            }
            Err(why) => last = format!("{why:#}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    run.memory.breach(Rule::GoesOn, format!("an honest client got no receipt in {} s: {last}", PATIENCE.as_secs()));
    Ok(begun.elapsed())
}

/// Every place is taken by clients that do nothing: an honest one comes in once those that came first are cut.
///
/// # Errors
/// It could not be run.
pub fn full_house(plan: &Plan) -> Result<Told> {
    const PLACES: u64 = 40;
    let own = format!("connections = {PLACES}\nheader_seconds = 2\nidle_seconds = 2");
    let mut run = settle(plan.programs, plan.dir, plan.seed, plan.limits.unwrap_or(&own))?;
    let server = run.start(None, "1h")?;
    let idle: Vec<_> = (0..PLACES * 2).filter_map(|_| TcpStream::connect(server.address()).ok()).collect();
    let waited = served_in_the_end(&mut run, &server)?;
    drop(idle);
    let alive =
        once(server.address(), &Request::read("/livez", None), ANSWER_LIMIT).is_ok_and(|answer| answer.status == 200);
    ensure!(alive, "the server does not answer once its places are free");
    recheck::receipts(&mut run.memory, server.address(), &run.script);
    server.terminate(END_LIMIT)?;
    let runs =
        format!("{} idle on {PLACES} places; an honest client served after {} ms", PLACES * 2, waited.as_millis());
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}
