//! What a witness keeps against a log, and what outsiders cannot take from it: its evidence, its places.

use crate::alone::{head, key, request, shown};
use crate::programs::{Witness, until};
use proof::{Checkpoint, SignedNote, TreeSize};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tempfile::TempDir;
use watch::AddCheckpoint;

fn pieces(witness: &Witness) -> Vec<Value> {
    let text = std::fs::read_to_string(witness.dir.join("evidence.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Code, and size of the head shown.
fn told(pieces: &[Value]) -> Vec<(String, u64)> {
    let of = |piece: &Value| {
        let shown = AddCheckpoint::parse(piece["shown"].as_str().unwrap()).unwrap();
        let size = Checkpoint::parse(&SignedNote::parse(&shown.checkpoint).unwrap().text).unwrap().size.0;
        (piece["code"].as_str().unwrap().to_owned(), size)
    };
    pieces.iter().map(of).collect()
}

/// A log shows the head it will part with by a false path first: when its other head of that size is cosigned, the second root is
/// kept all the same, and said aloud.
#[test]
fn a_head_shown_before_by_a_false_path_still_convicts() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    witness.start(&key().verifier_key().to_string());
    let url = witness.url();
    assert_eq!(shown(&url, &request(1, 0, 5)).0, 200);
    assert_eq!(shown(&url, &request(2, 5, 10)).0, 422);
    assert_eq!(shown(&url, &request(1, 5, 10)).0, 200);
    let again = AddCheckpoint { old: TreeSize(10), path: Vec::new(), checkpoint: head(2, 10) };
    assert_eq!(shown(&url, &again).0, 409);
    assert_eq!(shown(&url, &again).0, 409);
    let kept = pieces(&witness);
    let codes = [("not-a-continuation".to_owned(), 10), ("two-roots-of-one-size".to_owned(), 10)];
    assert_eq!(told(&kept), codes);
    let said = std::fs::read_to_string(witness.said()).unwrap();
    let errors: Vec<&str> = said.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).collect();
    assert!(errors.len() == 1 && errors[0].contains("a log has signed two histories"), "{said}");
}

/// Lines of nobody, sixty kilobytes of them, under heads that the log signed: they take no room.
#[test]
fn an_outsider_cannot_fill_the_evidence_with_lines_of_its_own() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    witness.start(&key().verifier_key().to_string());
    let url = witness.url();
    assert_eq!(shown(&url, &request(1, 0, 10)).0, 200);
    let junk = "A".repeat(600);
    let lines: String = (0..95).map(|n| format!("\u{2014} x{n} {junk}\n")).collect();
    for size in 11..31 {
        let own = head(1, size);
        let line = own.split_once("\n\n").unwrap().1.to_owned();
        let asked = AddCheckpoint { checkpoint: format!("{own}{line}{lines}"), ..request(2, 10, size) };
        assert!(asked.write().len() > 55_000);
        assert_eq!(shown(&url, &asked).0, 422, "{size}");
    }
    assert_eq!(shown(&url, &request(2, 10, 40)).0, 422);
    let kept = pieces(&witness);
    assert_eq!(told(&kept).last(), Some(&("not-a-continuation".to_owned(), 40)));
    assert_eq!(kept.len(), 21);
    for piece in &kept {
        let shown = AddCheckpoint::parse(piece["shown"].as_str().unwrap()).unwrap();
        let note = SignedNote::parse(&shown.checkpoint).unwrap();
        assert_eq!((note.signatures.len(), key().verifier_key().verify(&note)), (1, Ok(())));
    }
}

/// One address holds as many connections as it is given, and asking now and then keeps none.
#[test]
fn one_address_cannot_take_every_place_of_a_witness() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    witness.start(&key().verifier_key().to_string());
    let address: SocketAddr = witness.listen.parse().unwrap();
    let connect = || TcpStream::connect(address).unwrap();
    // Slow bodies, never ended: eight of them have a place, the others are closed at once.
    let slow: Vec<TcpStream> = (0..20).map(|_| connect()).collect();
    for mut stream in &slow {
        let _ = stream.write_all(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\no");
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    }
    let waiting = |mut stream: &TcpStream| {
        let error = stream.read(&mut [0; 16]).err().map(|error| error.kind());
        error == Some(std::io::ErrorKind::WouldBlock)
    };
    assert_eq!(slow.iter().filter(|stream| waiting(stream)).count(), 8);
    drop(slow);
    // An answer ends the connection.
    let asked = until("a place is free again", || {
        let mut stream = connect();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let (mut answer, ask) = (String::new(), b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        let read = stream.write_all(ask).and_then(|()| stream.read_to_string(&mut answer));
        read.is_ok().then_some(answer).filter(|answer| !answer.is_empty())
    });
    assert!(asked.starts_with("HTTP/1.1 200") && asked.to_lowercase().contains("connection: close"), "{asked}");
    // Behind a front all come from one address: it may be given more.
    witness.kill();
    let dir = witness.dir.to_str().unwrap();
    let log = key().verifier_key().to_string();
    let arguments = ["witness", "serve", "--dir", dir, "--listen", &witness.listen, "--log", &log];
    let more = [&arguments[..], &["--connections-each", "20"]].concat();
    let running = crate::programs::Running::start(&more, &witness.said()).unwrap();
    let open: Vec<TcpStream> = (0..20).map(|_| connect()).collect();
    for stream in &open {
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    }
    assert_eq!(open.iter().filter(|stream| waiting(stream)).count(), 20);
    drop(running);
}
