//! What a failing time-stamping authority costs those who deposit: a log whose authority lies in every way in turn, at every seal, beside a
//! log whose authority is honest; in turn, on the same machine, in the same run.

use crate::bench::pair::{self, Compared, Log, Turn};
use anyhow::{Context, Result, ensure};
use ring::rand::SystemRandom;
use seal::{TestAuthority, TimestampRequest, UnixMillis};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// How the two logs are called.
pub const NAMES: [&str; 2] = ["with an honest authority", "with one that fails in every way in turn"];
/// Time between two seals, and between two attempts.
const EVERY: &str = "1s";
/// The root of the liar, in the log's folder.
const ROOT: &str = "liar.pem";

/// A way to fail.
#[derive(Clone, Copy)]
enum Way {
    NoAnswer,
    Status500,
    Redirect,
    OtherType,
    Gigabyte,
    SlowDrip,
    Refusal,
    NoToken,
    WrongImprint,
    WrongNonce,
    OldTime,
    OtherRoot,
}

const WAYS: [(Way, &str); 12] = [
    (Way::NoAnswer, "no answer"),
    (Way::Status500, "status 500"),
    (Way::Redirect, "a redirection"),
    (Way::OtherType, "another media type"),
    (Way::Gigabyte, "a body of 1 GiB"),
    (Way::SlowDrip, "a byte every 20 ms"),
    (Way::Refusal, "a refusal"),
    (Way::NoToken, "granted without a token"),
    (Way::WrongImprint, "a token over something else"),
    (Way::WrongNonce, "a token of another nonce"),
    (Way::OldTime, "a token of last week"),
    (Way::OtherRoot, "a token of a stranger"),
];

/// What came of it.
pub struct Failed {
    /// Both logs, in turn.
    pub turns: Vec<Turn>,
    met: [u64; WAYS.len()],
}

/// An authority that never gives a token that passes.
struct Liar {
    authority: TestAuthority,
    stranger: TestAuthority,
    met: [AtomicU64; WAYS.len()],
}

/// Both logs, measured in turn.
///
/// # Errors
/// A program did not start, or a load failed.
pub fn run(compared: &Compared) -> Result<Failed> {
    let Compared { program, work, .. } = compared;
    let honest = Log::make(program, work, "honest", EVERY)?;
    let lied_to = Log::make(program, work, "lied-to", EVERY)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let made = || TestAuthority::create(now(0)?, &SystemRandom::new()).context("a test authority");
    let liar = Arc::new(Liar { authority: made()?, stranger: made()?, met: Default::default() });
    configure(&lied_to.data, &listener, &liar.authority)?;
    let asked = Arc::clone(&liar);
    // It ends with the process: nobody waits for it.
    std::thread::spawn(move || {
        for (stream, turn) in listener.incoming().flatten().zip(0..) {
            let asked = Arc::clone(&asked);
            std::thread::spawn(move || drop(asked.fail(stream, turn)));
        }
    });
    // One seal a second, and some ways let it wait as long again: in two turns more each has had its own.
    let turns = pair::run(
        &Compared { turns: compared.turns + 2, load: compared.load.clone(), ..*compared },
        &honest,
        &lied_to,
    )?;
    Ok(Failed { turns, met: liar.met.each_ref().map(|met| met.load(Ordering::Relaxed)) })
}

impl Failed {
    /// How often each way was met.
    pub fn words(&self) -> String {
        let each: Vec<String> = WAYS.iter().zip(self.met).map(|((_, name), met)| format!("{name} {met}")).collect();
        let ways = self.met.iter().filter(|met| **met > 0).count();
        format!("{ways} ways of {} met: {}", WAYS.len(), each.join(", "))
    }
}

fn now(ago_seconds: i64) -> Result<UnixMillis> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(UnixMillis(i64::try_from(since.as_millis())? - 1000 * ago_seconds))
}

/// The log asks the liar, which has a second, and believes its root alone.
fn configure(data: &Path, listener: &TcpListener, authority: &TestAuthority) -> Result<()> {
    std::fs::write(data.join(ROOT), authority.ca_pem())?;
    let path = data.join("tabellion.toml");
    let text = std::fs::read_to_string(&path)?;
    let asked = format!("url = \"http://{}/\"\nroots = [\"{ROOT}\"]\nseconds = 1", listener.local_addr()?);
    let (built_in, told) = ("url = \"\"\nroots = []", text.matches("url = \"\"\nroots = []").count());
    ensure!(told == 1, "the configuration has no place for an authority");
    Ok(std::fs::write(path, text.replace(built_in, &asked))?)
}

/// The body of a request: all that was sent after the head.
fn body(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut read, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk)?;
        read.extend_from_slice(&chunk[..count]);
        let head = read.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        // A request of RFC 3161 is less than a segment: it is there whole, or has not begun.
        match head.map(|at| &read[at..]) {
            Some(body) if count == 0 || !body.is_empty() => return Ok(body.to_vec()),
            _ if count == 0 => return Ok(Vec::new()),
            _ => {}
        }
    }
}

impl Liar {
    /// One answer that is none.
    fn fail(&self, mut stream: TcpStream, turn: usize) -> Result<()> {
        const TYPE: &str = "application/timestamp-reply";
        let request = body(&mut stream)?;
        let (way, _) = WAYS[turn % WAYS.len()];
        self.met[turn % WAYS.len()].fetch_add(1, Ordering::Relaxed);
        let head =
            |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-type: {TYPE}\r\ncontent-length: {length}\r\n\r\n");
        let answer = match way {
            Way::NoAnswer => {
                std::thread::sleep(Duration::from_secs(5));
                return Ok(());
            }
            Way::Gigabyte => {
                stream.write_all(head(1 << 30).as_bytes())?;
                return Ok((0..1024).try_for_each(|_| stream.write_all(&[0x30; 1 << 20]))?);
            }
            Way::SlowDrip => {
                stream.write_all(head(4096).as_bytes())?;
                for _ in 0..4096 {
                    stream.write_all(&[0x30])?;
                    std::thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
            Way::Status500 => b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec(),
            Way::Redirect => {
                b"HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_vec()
            }
            Way::OtherType => {
                let page = b"<html></html>";
                let head = head(page.len()).replace(TYPE, "text/html");
                [head.as_bytes(), page].concat()
            }
            _ => {
                let reply = self.reply(way, &request, turn)?;
                [head(reply.len()).as_bytes(), &reply].concat()
            }
        };
        Ok(stream.write_all(&answer)?)
    }

    /// A reply of RFC 3161 that is not to be believed.
    fn reply(&self, way: Way, request: &[u8], turn: usize) -> Result<Vec<u8>> {
        let asked = TimestampRequest::parse(request)?;
        let (rng, serial, at) = (SystemRandom::new(), turn as u64 + 1, now(1)?);
        let mut own = TimestampRequest {
            imprint_sha256: asked.imprint.as_slice().try_into()?,
            nonce: asked.nonce.context("no nonce")?,
            policy: asked.policy,
            cert_req: true,
        };
        Ok(match way {
            Way::WrongImprint => {
                own.imprint_sha256[0] ^= 1;
                self.authority.answer(&own.to_der(), at, serial, &rng)
            }
            Way::WrongNonce => {
                let last = own.nonce.last_mut().context("an empty nonce")?;
                *last ^= 1;
                self.authority.answer(&own.to_der(), at, serial, &rng)
            }
            Way::OldTime => self.authority.answer(request, now(7 * 86_400)?, serial, &rng),
            Way::OtherRoot => self.stranger.answer(request, at, serial, &rng),
            Way::NoToken => vec![0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00],
            _ => self.authority.answer(b"no request", at, serial, &rng),
        })
    }
}
