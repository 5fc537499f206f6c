//! The program against a server of a few lines, which answers what it is told and keeps what it was sent.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread::{self, JoinHandle};

/// What the server does with one connection.
enum Turn {
    Answer(u16, &'static str, &'static str),
    /// An answer of any bytes.
    Bytes(Vec<u8>),
    /// Says that there are more bytes than it gives, and hangs up.
    Short(Vec<u8>),
    /// Reads the request and hangs up.
    Cut,
}

struct Server {
    url: String,
    requests: JoinHandle<Vec<Vec<u8>>>,
}

/// A server for exactly these connections.
fn server(turns: Vec<Turn>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let requests = thread::spawn(move || {
        let mut requests = Vec::new();
        for turn in turns {
            let (mut stream, _) = listener.accept().expect("accepted");
            requests.push(request(&mut stream));
            let (status, headers, body, more) = match turn {
                Turn::Answer(status, headers, body) => (status, headers, body.as_bytes().to_vec(), 0),
                Turn::Bytes(body) => (200, "", body, 0),
                Turn::Short(body) => (200, "", body, 1000),
                Turn::Cut => continue,
            };
            let length = body.len() + more;
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
            stream.write_all(&[head.as_bytes(), &body].concat()).expect("answered");
        }
        requests
    });
    Server { url, requests }
}

/// One request: its head, and as many bytes as it announces.
fn request(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut chunk) = (Vec::new(), [0u8; 4096]);
    loop {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
        if head.is_some_and(|head| bytes.len() >= head + announced(&bytes[..head])) {
            return bytes;
        }
        let read = stream.read(&mut chunk).expect("read");
        assert!(read > 0, "the request ended early");
        bytes.extend(&chunk[..read]);
    }
}

fn announced(head: &[u8]) -> usize {
    header(head, "content-length").map_or(0, |length| length.parse().expect("a number"))
}

fn header(request: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(request).into_owned();
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn tabellion(url: &str, locale: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion"));
    command.args(arguments).env_clear().env("LC_ALL", locale);
    command.env("TABELLION_URL", url).env("TABELLION_TOKEN", "tbl_x").output().expect("ran")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const LOGGED: &str = r#"{"id":"abcdefghijklmnopqrstuvwxyz","tenant":"t","sequence":1,"index":7,"status":"logged",
    "records":{"R":"e30=","E":"e30=","F":["e30="]},"receipt":"c2sp.org/tlog-proof@v1\n","act":null,"findings":[],"links":{}}"#;

#[test]
fn a_cut_connection_is_tried_again_with_the_same_key_and_bytes() {
    let dir = tempfile::tempdir().expect("directory");
    let (file, receipt) = (dir.path().join("acte.pdf"), dir.path().join("receipt"));
    fs::write(&file, b"%PDF-1.7").expect("written");
    let server = server(vec![Turn::Cut, Turn::Answer(201, "", LOGGED)]);
    let (file, kept) = (file.display().to_string(), receipt.display().to_string());
    let output = tabellion(&server.url, "fr_FR.UTF-8", &["deposit", "--receipt", &kept, "--describe", "{}", &file]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("Dépôt enregistré") && said.contains("abcdefghijklmnopqrstuvwxyz"), "{said}");
    assert_eq!(fs::read(&receipt).expect("receipt"), b"c2sp.org/tlog-proof@v1\n");
    let requests = server.requests.join().expect("served");
    let key = header(&requests[0], "idempotency-key").expect("a key");
    assert_eq!(header(&requests[1], "idempotency-key"), Some(key));
    let body = |request: &[u8]| text(request).split_once("\r\n\r\n").map(|parts| parts.1.to_owned()).expect("body");
    assert_eq!(body(&requests[0]), body(&requests[1]));
    assert!(
        body(&requests[0]).contains("filename=\"acte.pdf\"") && body(&requests[0]).contains("name=\"description\"")
    );
    assert_eq!(header(&requests[0], "authorization").as_deref(), Some("Bearer tbl_x"));
    assert_eq!(header(&requests[0], "accept-language").as_deref(), Some("fr"));
}

#[test]
fn a_refusal_is_shown_as_sentence_place_remedy_and_code_and_is_not_tried_again() {
    let dir = tempfile::tempdir().expect("directory");
    let file = dir.path().join("a");
    fs::write(&file, b"x").expect("written");
    let problem = r#"{"status":422,"code":"idempotency-mismatch","title":"t","detail":"other bytes","where":"file 1","remedy":"another key"}"#;
    let server = server(vec![Turn::Answer(422, "content-type: application/problem+json\r\n", problem)]);
    let output = tabellion(&server.url, "C", &["deposit", "--key", "k", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    for part in ["other bytes", "where: file 1", "what to do: another key", "code: idempotency-mismatch"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(output.stdout, b"");
    assert_eq!(header(&server.requests.join().expect("served")[0], "idempotency-key").as_deref(), Some("k"));
}

#[test]
fn a_pack_is_waited_for_as_the_server_says_then_given_up_with_3() {
    let pending = r#"{"status":409,"code":"seal-pending","title":"not sealed yet"}"#;
    let (soon, pack) = ("retry-after: 0\r\n", "PK-bytes-of-the-pack");
    let dir = tempfile::tempdir().expect("directory");
    let place = dir.path().join("p.asice").display().to_string();
    let turns = vec![
        Turn::Answer(409, soon, pending),
        Turn::Answer(200, "", pack),
        Turn::Answer(200, "", r#"{"status":"sealed"}"#),
    ];
    let patient = server(turns);
    let output = tabellion(&patient.url, "C", &["pack", "someid", "-o", &place, "--wait", "sealed"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read(&place).expect("pack"), pack.as_bytes());
    let first = text(&patient.requests.join().expect("served")[0]);
    assert!(first.starts_with("GET /v1/deposits/someid/evidence?require=sealed "), "{first}");

    let hurried = server((0..2).map(|_| Turn::Answer(409, soon, pending)).collect());
    let other = dir.path().join("q.asice").display().to_string();
    let output =
        tabellion(&hurried.url, "C", &["pack", "someid", "-o", &other, "--wait", "sealed", "--wait-for", "100ms"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("seal-pending"));
    assert!(fs::metadata(&other).is_err(), "nothing was written");
}

/// An archive of packs, this being its index.
fn archive(index: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in [("one.asice", "PK-bytes"), ("index.json", index)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_bytes()).expect("appended");
    }
    tar.into_inner().expect("ended")
}

#[test]
fn packs_that_a_selection_lacks_are_counted_and_the_exit_code_says_so() {
    let dir = tempfile::tempdir().expect("directory");
    let place = dir.path().join("p.tar").display().to_string();
    let given = |second: &str| {
        let first = r#"{"id":"one","pack":"one.asice"}"#;
        archive(&format!(r#"{{"version":1,"asked":2,"given":1,"packs":[{first},{second}]}}"#))
    };
    let asked = |bytes: Vec<u8>| {
        let server = server(vec![Turn::Bytes(bytes)]);
        tabellion(&server.url, "fr_FR", &["pack", "one", "two", "-o", &place])
    };
    let output = asked(given(r#"{"id":"two","code":"seal-pending"}"#));
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{said}{}", text(&output.stderr));
    assert!(said.contains("manquants : 1 sur 2") && said.contains("two") && said.contains("seal-pending"), "{said}");
    assert!(fs::metadata(&place).is_ok(), "what was given is there");
    let output = asked(given(r#"{"id":"two","pack":"two.asice"}"#));
    assert_eq!((output.status.code(), text(&output.stdout).contains("manquants")), (Some(0), false));
    // An index that does not speak of all, and none at all.
    for wrong in [archive(r#"{"packs":[]}"#), archive("no JSON"), vec![0; 1024]] {
        let output = asked(wrong);
        assert_eq!(output.status.code(), Some(70), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("answer-not-understood"));
    }
}

#[test]
fn an_answer_that_is_cut_is_told_as_such_and_leaves_nothing() {
    let dir = tempfile::tempdir().expect("directory");
    let place = dir.path().join("p.tar").display().to_string();
    let server = server(vec![Turn::Short(b"PK".to_vec())]);
    let output = tabellion(&server.url, "C", &["pack", "one", "two", "-o", &place]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("answer-cut") && !said.contains("space left"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 0, "nothing was written");
}

#[test]
fn a_pack_is_asked_for_with_its_lists_and_parts_of_one_are_no_part_of_several() {
    let dir = tempfile::tempdir().expect("directory");
    let place = dir.path().join("p.asice").display().to_string();
    let served = server(vec![Turn::Answer(200, "", "PK"), Turn::Answer(200, "", r#"{"status":"logged"}"#)]);
    let output = tabellion(&served.url, "C", &["pack", "someid", "-o", &place, "--with-lists", "--files", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let first = text(&served.requests.join().expect("served")[0]);
    assert!(first.starts_with("GET /v1/deposits/someid/evidence?files=1&lists=all "), "{first}");
    for option in [&["--with-lists"][..], &["--files", "1"], &["--wait", "sealed"]] {
        let asked = [&["pack", "a", "b", "-o", place.as_str()][..], option].concat();
        let output = tabellion("http://unused", "C", &asked);
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(option[0]), "{said}");
    }
}

#[test]
fn every_page_of_a_list_is_asked_for() {
    let pages = vec![
        Turn::Answer(200, "", r#"{"items":[{"id":"a"},{"id":"b"}],"next":"c1"}"#),
        Turn::Answer(200, "", r#"{"items":[{"id":"c"}],"next":null}"#),
    ];
    let server = server(pages);
    let output = tabellion(&server.url, "C", &["list", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).matches("\"id\"").count(), 3);
    assert!(text(&server.requests.join().expect("served")[1]).contains("cursor=c1"));
}

#[test]
fn nobody_there_is_69_and_what_is_not_there_yet_is_2() {
    // Bound and dropped: nobody listens on that port any more.
    let free = TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("address");
    let output = tabellion(&format!("http://{free}"), "fr_FR", &["list"]);
    assert_eq!(output.status.code(), Some(69));
    assert!(text(&output.stderr).contains("server-unreachable") && text(&output.stderr).contains("que faire"));
    let output = tabellion("http://unused", "fr_FR", &["doctor"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("n'existe pas encore"), "{}", text(&output.stderr));
}
