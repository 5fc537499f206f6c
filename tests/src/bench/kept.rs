//! What was acknowledged, kept small enough for ten millions: the entry's name and a digest of its receipt. Every run ends with
//! `kill -9`, a start, and every receipt asked for again.

use crate::faults::server::{Launch, Server};
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, ensure};
use proof::EntryId;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Requests sent before the first of them is answered.
const AT_ONCE: usize = 16;
const CONNECTIONS: usize = 8;

/// A deposit that was acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its name.
    pub id: EntryId,
    /// The first half of the SHA-256 of its receipt.
    receipt: [u8; 16],
    /// Bytes of its `R`, `E` and `F`s.
    pub records: u32,
}

fn digest(receipt: &str) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&proof::sha256(receipt.as_bytes()).0[..16]);
    half
}

impl Kept {
    /// What is kept of the answer to a deposit, and the size of the head on which its receipt rests.
    pub fn read(body: &[u8]) -> Option<(Self, u64)> {
        let text = std::str::from_utf8(body).ok()?;
        let (id, receipt, records) = parts(text).or_else(|| parts_slowly(text))?;
        let size = receipt.split_once("\n\n")?.1.lines().nth(1)?.parse().ok()?;
        Some((Self { id: EntryId::parse(&id)?, receipt: digest(&receipt), records }, size))
    }
}

/// Id, receipt, bytes of records: found in the order in which they stand in an answer, the rest not read. While it is measured, the
/// load is to cost as little as it can.
fn parts(text: &str) -> Option<(String, String, u32)> {
    let (id, left) = literal(text, "\"id\":", "\"")?;
    let (receipt, left) = literal(left, "\"receipt\":", "\"c2sp.org/tlog-proof")?;
    let (entry, left) = literal(left, "\"E\":", "\"")?;
    let (file, left) = literal(left, "\"F\":[", "\"")?;
    let (record, left) = literal(left.strip_prefix(']')?, ",\"R\":", "\"")?;
    left.starts_with('}').then_some(())?;
    let records = [entry, file, record].iter().map(|literal| base64_bytes(literal.trim_matches('"'))).sum();
    Some((serde_json::from_str(id).ok()?, serde_json::from_str(receipt).ok()?, records))
}

/// The string that begins so after this name, with its quotes, and what follows it. None of those read has a quote in it.
fn literal<'a>(text: &'a str, name: &str, begin: &str) -> Option<(&'a str, &'a str)> {
    let from = text.find(&[name, begin].concat())? + name.len();
    let end = from + begin.len() + text.get(from + begin.len()..)?.find('"')? + 1;
    Some((text.get(from..end)?, text.get(end..)?))
}

/// The same from an answer in another order, or of several files.
fn parts_slowly(text: &str) -> Option<(String, String, u32)> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let word = |name: &str| answer[name].as_str().map(str::to_owned);
    let records = &answer["records"];
    let files = records["F"].as_array()?.iter();
    let all = files.chain([&records["R"], &records["E"]]).map(|record| record.as_str().map(base64_bytes));
    Some((word("id")?, word("receipt")?, all.sum::<Option<u32>>()?))
}

/// Bytes that this base64 stands for.
fn base64_bytes(text: &str) -> u32 {
    let digits = text.trim_end_matches('=').len();
    u32::try_from(digits * 3 / 4).unwrap_or(u32::MAX)
}

/// Every receipt is the one that was acknowledged, byte for byte.
///
/// # Errors
/// One is another, or missing: nothing counts then.
pub fn check(address: SocketAddr, token: &str, kept: &[Kept]) -> Result<()> {
    let share = kept.len().div_ceil(CONNECTIONS).max(1);
    std::thread::scope(|scope| {
        let ask = |part| scope.spawn(move || all_of(address, token, part));
        let threads: Vec<_> = kept.chunks(share).map(ask).collect();
        threads.into_iter().try_for_each(|thread| thread.join().ok().context("a checking thread died")?)
    })
}

fn all_of(address: SocketAddr, token: &str, mut kept: &[Kept]) -> Result<()> {
    while !kept.is_empty() {
        let mut connection = Connection::open(address, ANSWER_LIMIT)?;
        kept = &kept[until_closed(&mut connection, token, kept)?..];
    }
    Ok(())
}

/// How many were asked for before the server closed the connection.
fn until_closed(connection: &mut Connection, token: &str, kept: &[Kept]) -> Result<usize> {
    let mut done = 0;
    for part in kept.chunks(AT_ONCE) {
        for one in part {
            connection.send(&Request::read(&format!("/v1/deposits/{}/receipt", one.id), Some(token)))?;
        }
        for one in part {
            let answer = connection.receive()?;
            let same = std::str::from_utf8(&answer.body).is_ok_and(|text| digest(text) == one.receipt);
            ensure!(answer.status == 200 && same, "the receipt of {} is another (status {})", one.id, answer.status);
            done += 1;
            if answer.last {
                return Ok(done);
            }
        }
    }
    Ok(done)
}

/// After `kill -9` of who served it, the house comes back with every receipt; seconds until it was ready.
///
/// # Errors
/// It does not start, or a receipt is another.
pub fn after_the_kill(launch: &Launch, token: &str, kept: &[Kept]) -> Result<f64> {
    let began = Instant::now();
    let server = Server::start(launch)?;
    let ready = began.elapsed().as_secs_f64();
    check(server.address(), token, kept)?;
    println!("after kill -9: {} receipts asked for again, all the same", kept.len());
    server.kill()?;
    Ok(ready)
}

#[cfg(test)]
mod tests {
    use super::{Kept, check, digest, parts};
    use serde_json::json;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{SocketAddr, TcpListener};

    const RECEIPT: &str = "c2sp.org/tlog-proof@v1\nindex 3\nabc=\n\nbench.example/log\n17\nroot=\n\n— x y\n";

    fn answer(files: &[&str]) -> String {
        let id = "a".repeat(26);
        let links = json!({"receipt": "/v1/deposits/x/receipt", "files": []});
        let records = json!({"R": "AAAA", "E": "AAA=", "F": files});
        json!({"id": id, "act": null, "links": links, "receipt": RECEIPT, "records": records, "sequence": 1})
            .to_string()
    }

    #[test]
    fn an_answer_is_read_whatever_its_order() {
        let (kept, size) = Kept::read(answer(&["AA=="]).as_bytes()).unwrap();
        assert_eq!((kept.receipt, kept.records, size), (digest(RECEIPT), 6, 17));
        let (several, _) = Kept::read(answer(&["AA==", "AAAA"]).as_bytes()).unwrap();
        assert_eq!((several.receipt, several.records), (digest(RECEIPT), 9));
        let turned = format!(
            r#"{{"receipt":{},"records":{{"R":"AAAA","F":[],"E":""}},"id":"{}"}}"#,
            json!(RECEIPT),
            "a".repeat(26)
        );
        assert_eq!(Kept::read(turned.as_bytes()).unwrap().0.records, 3);
        assert!(Kept::read(br#"{"id":"x","receipt":"no head"}"#).is_none() && Kept::read(b"{}").is_none());
    }

    #[test]
    fn the_short_way_gives_what_the_long_way_gives() {
        let text = answer(&["AA=="]);
        assert_eq!(parts(&text), super::parts_slowly(&text));
        assert!(parts(&text).is_some() && parts(&answer(&["AA==", "AAAA"])).is_none());
    }

    /// A server that answers every request with this receipt.
    fn always(receipt: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{receipt}", receipt.len());
                for _ in lines.filter(String::is_empty) {
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn a_receipt_that_is_another_fails_the_run() {
        let (kept, _) = Kept::read(answer(&["AA=="]).as_bytes()).unwrap();
        // Fewer than there are connections: each is asked for on one of its own, which the server takes in turn.
        assert!(check(always(RECEIPT), "token", &[kept; 5]).is_ok());
        assert!(check(always("c2sp.org/tlog-proof@v1\nindex 4\n"), "token", &[kept; 5]).is_err());
    }
}
