//! Clients that are slow, endless, or lie about what they send: each is cut in its time, or refused by its code, and honest ones
//! are served meanwhile.

use super::clients::{Plan, is_closed, served_in_the_end, settle};
use super::judge::Rule;
use super::kills::{Run, Told};
use super::server::Server;
use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What the family configures; each slow client must be gone so long after.
const HEADER_SECONDS: u64 = 2;
const IDLE_SECONDS: u64 = 2;
const BODY_SECONDS: u64 = 4;
const GRACE: Duration = Duration::from_secs(4);
/// Bytes of a body, and how many more an endless one may bring before its connection is gone: what a gentle close throws away,
/// and what the kernel's buffers hold.
const BODY_BYTES: u64 = 1 << 20;
const BEYOND: u64 = 96 << 20;
const SLOW_EACH: usize = 30;
const PARTS: usize = 10_000;
const END_LIMIT: Duration = Duration::from_secs(40);

/// Slow headers, slow bodies, bodies that stop; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn slow(plan: &Plan) -> Result<Told> {
    let own =
        format!("header_seconds = {HEADER_SECONDS}\nidle_seconds = {IDLE_SECONDS}\nbody_seconds = {BODY_SECONDS}");
    let mut run = settle(plan.programs, plan.dir, plan.seed, plan.limits.unwrap_or(&own))?;
    let server = run.start(None, "1h")?;
    let head = head(&run, "content-length: 1000");
    let sorts = [
        ("a header byte now and then", "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ".to_owned(), true, HEADER_SECONDS),
        ("a body byte now and then", head.clone(), true, BODY_SECONDS),
        ("half a body, then nothing", format!("{head}half"), false, IDLE_SECONDS),
        ("nothing at all", String::new(), false, HEADER_SECONDS),
    ];
    let mut slow = Vec::new();
    for (number, (_, begin, ..)) in sorts.iter().enumerate() {
        for _ in 0..SLOW_EACH {
            slow.push((number, begun(server.address(), begin)?));
        }
    }
    let waited = served_in_the_end(&mut run, &server)?;
    let start = Instant::now();
    let longest = Duration::from_secs(HEADER_SECONDS.max(IDLE_SECONDS).max(BODY_SECONDS)) + GRACE;
    let mut ends = vec![Duration::ZERO; sorts.len()];
    while !slow.is_empty() && start.elapsed() < longest {
        std::thread::sleep(Duration::from_millis(250));
        slow.retain_mut(|(number, stream)| {
            if sorts[*number].2 {
                let _ = stream.write_all(b"a");
            }
            let gone = has_ended(stream);
            if gone {
                ends[*number] = ends[*number].max(start.elapsed());
            }
            !gone
        });
    }
    for (number, (name, _, _, seconds)) in sorts.iter().enumerate() {
        let left = slow.iter().filter(|(of, _)| *of == number).count();
        if left > 0 || ends[number] > Duration::from_secs(*seconds) + GRACE {
            let detail =
                format!("{name}: {left} of {SLOW_EACH} not cut, the last after {} ms", ends[number].as_millis());
            run.memory.breach(Rule::Cut, detail);
        }
    }
    drop(slow);
    run.recheck_sample(&server, 5)?;
    server.terminate(END_LIMIT)?;
    let ends: Vec<_> = ends.iter().map(|end| end.as_millis().to_string()).collect();
    let clients = SLOW_EACH * sorts.len();
    let runs = format!(
        "{clients} slow clients, gone after at most {} ms; honest after {} ms",
        ends.join(", "),
        waited.as_millis()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

fn begun(address: SocketAddr, begin: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_write_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(begin.as_bytes())?;
    Ok(stream)
}

/// Whatever was answered is read; true once the connection is closed.
fn has_ended(stream: &mut TcpStream) -> bool {
    let mut scratch = [0; 4096];
    let _ = stream.set_read_timeout(Some(Duration::from_millis(1)));
    while stream.read(&mut scratch).is_ok_and(|count| count > 0) {}
    is_closed(stream)
}

fn head(run: &Run, more: &str) -> String {
    let token = &run.script.tenant(0).token;
    format!("POST /v1/deposits?kind=file&name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}\r\n\r\n")
}

/// What a request that lies must be answered.
struct Lie {
    name: &'static str,
    /// What is sent, after which nothing more comes.
    bytes: Vec<u8>,
    /// The client says that it has ended.
    shut: bool,
    /// Begins the answer.
    status: &'static str,
    /// Stands in it; empty for an answer of the HTTP layer, which has no code.
    code: &'static str,
}

/// Lying lengths, endless chunks, ten thousand parts; what was seen broken is in the answer.
///
/// # Errors
/// It could not be run.
pub fn lies(plan: &Plan) -> Result<Told> {
    let own = format!("body_bytes = {BODY_BYTES}\nidle_seconds = {IDLE_SECONDS}\nheader_seconds = {HEADER_SECONDS}");
    let mut run = settle(plan.programs, plan.dir, plan.seed, plan.limits.unwrap_or(&own))?;
    let server = run.start(None, "1h")?;
    let told = lies_of(&run);
    for lie in &told {
        let answer = answer_to(server.address(), lie)?;
        let first = answer.lines().next().unwrap_or_default();
        if !first.starts_with(&format!("HTTP/1.1 {}", lie.status)) || !answer.contains(lie.code) {
            let seen: String = answer.chars().take(200).collect();
            run.memory.breach(Rule::Coded, format!("{}: {} {} was due, not {seen:?}", lie.name, lie.status, lie.code));
        }
    }
    let mut sent = Vec::new();
    for (name, chunk) in [("large chunks", 64 << 10), ("chunks of one byte", 1)] {
        let (bytes, answer) = endless(&run, &server, chunk)?;
        sent.push(bytes);
        if bytes > BODY_BYTES + BEYOND {
            run.memory.breach(Rule::Cut, format!("endless {name}: {} MiB taken", bytes >> 20));
        } else if !answer.contains("body-too-large") {
            let seen: String = answer.chars().take(200).collect();
            run.memory.breach(Rule::Coded, format!("endless {name}: 413 body-too-large was due, not {seen:?}"));
        }
    }
    let waited = served_in_the_end(&mut run, &server)?;
    run.recheck_sample(&server, 5)?;
    server.terminate(END_LIMIT)?;
    let runs = format!(
        "{} lies; endless bodies cut after {} and {} KiB of {}; honest after {} ms",
        told.len(),
        sent[0] >> 10,
        sent[1] >> 10,
        BODY_BYTES >> 10,
        waited.as_millis()
    );
    Ok(Told { runs, breaches: run.memory.breaches().to_vec() })
}

fn lies_of(run: &Run) -> Vec<Lie> {
    let with = |more: &str, body: &[u8]| [head(run, more).as_bytes(), body].concat();
    let parts = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n".repeat(PARTS);
    let form = format!("content-type: multipart/form-data; boundary=b\r\ncontent-length: {}", parts.len());
    let lie = |name, bytes, shut, status, code| Lie { name, bytes, shut, status, code };
    vec![
        lie("more announced than sent", with("content-length: 1000", b"ten bytes."), true, "400", "body-incomplete"),
        lie("more announced, then silence", with("content-length: 1000", b"ten bytes."), false, "408", "body-too-slow"),
        lie("more announced than is taken", with("content-length: 999999999999", b""), false, "413", "body-too-large"),
        lie("two lengths", with("content-length: 5\r\ncontent-length: 6", b"sixsix"), true, "400", ""),
        lie("a length that is none", with("content-length: -5", b"x"), true, "400", ""),
        lie("a length beyond numbers", with("content-length: 99999999999999999999999", b"x"), true, "400", ""),
        lie(
            "a chunk of a size that is none",
            with("transfer-encoding: chunked", b"zz\r\nx\r\n"),
            true,
            "400",
            "body-incomplete",
        ),
        lie("chunks that stop", with("transfer-encoding: chunked", b"5\r\nhello\r\n"), true, "400", "body-incomplete"),
        lie("ten thousand parts", with(&form, parts.as_bytes()), false, "413", "too-many-files"),
        lie(
            "a form without an end",
            with("content-type: multipart/form-data; boundary=b\r\ncontent-length: 3", b"--b"),
            false,
            "400",
            "body-incomplete",
        ),
        lie("a header without an end", with(&format!("x-long: {}", "a".repeat(1 << 20)), b""), true, "431", ""),
        lie("ten thousand headers", with(&"x-many: a\r\n".repeat(PARTS), b""), true, "431", ""),
    ]
}

/// All that comes in answer.
fn answer_to(address: SocketAddr, lie: &Lie) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_read_timeout(Some(Duration::from_secs(IDLE_SECONDS) + GRACE))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    // Refused before all of it was sent: the answer is there to be read.
    let _ = stream.write_all(&lie.bytes);
    if lie.shut {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut bytes = Vec::new();
    let mut scratch = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut scratch) {
        bytes.extend_from_slice(&scratch[..count]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Chunks without an end, until the server takes no more: bytes sent, and its answer.
fn endless(run: &Run, server: &Server, chunk: usize) -> Result<(u64, String)> {
    let mut stream = begun(server.address(), &head(run, "transfer-encoding: chunked"))?;
    let one = [format!("{chunk:x}\r\n").as_bytes(), &vec![b'x'; chunk], b"\r\n"].concat();
    // Small chunks by thousands, or the sending alone would take minutes.
    let (bytes, many) = if chunk < 1024 { (one.repeat(4096), 4096 * chunk) } else { (one, chunk) };
    let (mut sent, start) = (0, Instant::now());
    while sent <= BODY_BYTES + BEYOND && start.elapsed() < Duration::from_secs(30) {
        if stream.write_all(&bytes).is_err() {
            break;
        }
        sent += many as u64;
    }
    stream.set_read_timeout(Some(GRACE)).context("a time for reading")?;
    let mut answer = Vec::new();
    let mut scratch = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut scratch) {
        answer.extend_from_slice(&scratch[..count]);
    }
    Ok((sent, String::from_utf8_lossy(&answer).into_owned()))
}
