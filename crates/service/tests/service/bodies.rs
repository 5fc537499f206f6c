//! Bodies that are too large, cut, slow, or lie about themselves.

use crate::house::House;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const SMALL: &str = "[limits]\nbody_bytes = 100000\nfiles = 3\nname_bytes = 20\ndescription_bytes = 50\nheader_seconds = 1\n\
    idle_seconds = 1\nbody_seconds = 3\n";

fn house(lines: &str) -> (House, String) {
    let house = House::with(lines, Duration::from_secs(3600));
    let (tenant, _) = house.tenant(0);
    let body = format!("{{\"tenant\":\"{tenant}\",\"scopes\":\"deposit,read\"}}");
    let token = house.admin().post("/v1/tokens", &body).expect(201).json()["token"].as_str().unwrap().to_owned();
    (house, token)
}

fn connect(house: &House) -> TcpStream {
    let stream = TcpStream::connect(house.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn head(token: &str, length: &str) -> String {
    format!(
        "POST /v1/deposits?name=a HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// All that comes until the other side closes or stays silent.
fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_body_is_taken_at_its_limit_and_refused_one_past_it() {
    let (house, token) = house(SMALL);
    let client = house.client(&token);
    client.deposit("a", &vec![1; 100_000], &[]).expect(201);
    // One past, and said so: refused before a byte of it is read.
    let mut stream = connect(&house);
    stream.write_all(head(&token, "100001").as_bytes()).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body-too-large"), "{answer}");
    // One past, and not said (chunked).
    let mut stream = connect(&house);
    let chunked = head(&token, "").replace("content-length: ", "transfer-encoding: chunked");
    stream.write_all(format!("{chunked}{:x}\r\n", 100_001).as_bytes()).unwrap();
    stream.write_all(&vec![2; 100_001]).unwrap();
    stream.write_all(b"\r\n0\r\n\r\n").unwrap();
    assert!(rest(stream).contains("body-too-large"));
}

#[test]
fn files_names_and_descriptions_have_their_limits() {
    let (house, token) = house(SMALL);
    let client = house.client(&token);
    let form = |files: usize, description: usize| {
        let names: Vec<String> = (0..files).map(|n| format!("{n}.txt")).collect();
        let bytes = format!("{files} {description}");
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), bytes.as_bytes())).collect();
        let description = format!("\"{}\"", "d".repeat(description - 2));
        client.deposit_form("/v1/deposits?kind=file", &files, (description.len() > 2).then_some(&description))
    };
    form(3, 2).expect(201);
    assert_eq!(form(4, 2).expect(413).code(), "too-many-files");
    assert_eq!(form(1, 51).expect(413).code(), "description-too-large");
    assert_ne!(form(1, 50).code(), "description-too-large");
    client.deposit(&"n".repeat(20), b"x", &[]).expect(201);
    assert_eq!(client.deposit(&"n".repeat(21), b"x", &[]).expect(400).code(), "name-too-long");
    assert_eq!(client.send("POST", "/v1/deposits", &[], b"").expect(400).code(), "no-file");
    client.deposit("vide", b"", &[]).expect(201);
    let odd = |body: &str| {
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        client.send("POST", "/v1/deposits", &kind, body.as_bytes()).expect(400).code()
    };
    assert_eq!(odd("--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n"), "body-unreadable");
    assert_eq!(odd("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx"), "body-incomplete");
    let bare = client.send("POST", "/v1/deposits", &[("content-type", "multipart/form-data")], b"x");
    assert_eq!(bare.expect(400).code(), "body-unreadable");
}

#[test]
fn slow_headers_are_cut() {
    let (house, _) = house(SMALL);
    let mut stream = connect(&house);
    let began = Instant::now();
    let line = b"GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ";
    stream.write_all(line).unwrap();
    // A byte now and then keeps nothing alive.
    while began.elapsed() < Duration::from_secs(8) && stream.write_all(b"a").is_ok() {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "cut only after {:?}", began.elapsed());
}

#[test]
fn a_silent_body_and_an_endless_one_are_cut() {
    let (house, token) = house(SMALL);
    let began = Instant::now();
    let mut stream = connect(&house);
    stream.write_all(head(&token, "1000").as_bytes()).unwrap();
    stream.write_all(b"ten bytes!").unwrap();
    let answer = rest(stream);
    assert!(answer.contains("body-too-slow"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(8));
    // A byte every half second is never silent for a second, but the whole takes too long.
    let mut stream = connect(&house);
    stream.write_all(head(&token, "1000").as_bytes()).unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) && stream.write_all(b"b").is_ok() {
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(began.elapsed() < Duration::from_secs(8), "cut only after {:?}", began.elapsed());
    house.client("").get("/readyz").expect(200);
}

#[test]
fn a_length_that_lies_logs_nothing() {
    let (house, token) = house(SMALL);
    let mut stream = connect(&house);
    stream.write_all(head(&token, "1000").as_bytes()).unwrap();
    stream.write_all(b"only this").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = rest(stream);
    assert!(!answer.contains(" 201"), "{answer}");
    // Too short: what is left is no request.
    let mut stream = connect(&house);
    stream.write_all(format!("{}abcdefgh\r\n\r\n", head(&token, "3")).as_bytes()).unwrap();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 201") && answer.contains("HTTP/1.1 400"), "{answer}");
    let items = house.client(&token).get("/v1/deposits").expect(200).json();
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
    for length in ["-1", "1e3", "99999999999999999999999"] {
        let mut stream = connect(&house);
        stream.write_all(head(&token, length).as_bytes()).unwrap();
        assert!(rest(stream).starts_with("HTTP/1.1 400"), "{length}");
    }
}

#[test]
fn connections_past_the_cap_wait_for_a_place() {
    let (house, _) = house("[limits]\nconnections = 2\nheader_seconds = 2\n");
    let idle = [connect(&house), connect(&house)];
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    // Served once a silent one is cut.
    house.client("").get("/livez").expect(200);
    assert!(began.elapsed() > Duration::from_millis(500), "served at once: {:?}", began.elapsed());
    drop(idle);
}

#[test]
fn large_bodies_go_through_with_little_memory_and_come_back_whole() {
    let (house, token) = house("[limits]\nmemory_bytes = 1048576\n");
    let client = house.client(&token);
    let bytes: Vec<u8> = (0..40u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let body = client.deposit("grand", &bytes, &[]).expect(201).json();
    assert!(client.get(body["links"]["files"][0].as_str().unwrap()).expect(200).bytes == bytes);
    // Many small files are memory: past the bound the client is asked to come back.
    let part = vec![3u8; 200_000];
    let files: Vec<(&str, &[u8])> = (0..10).map(|_| ("petit", &part[..])).collect();
    let busy = client.deposit_form("/v1/deposits?kind=file", &files, None).expect(503);
    assert_eq!((busy.code().as_str(), busy.header("retry-after")), ("busy", "2"));
}
