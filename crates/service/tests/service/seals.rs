//! Seals at the interval, on demand, one after the other, and across a restart.

use crate::house::{Client, House};
use service::{ServeOptions, ServiceError, Shutdown};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use verifier::Overall;

#[test]
fn seals_come_by_themselves_and_only_when_there_is_something() {
    let house = House::with("", Duration::from_millis(300));
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let evidence = format!("{}?require=sealed", body["links"]["evidence"].as_str().unwrap());
    let until = Instant::now() + Duration::from_secs(30);
    while client.get(&evidence).status != 200 {
        assert!(Instant::now() < until, "no seal came");
        std::thread::sleep(Duration::from_millis(100));
    }
    let nothing = client.post("/v1/seals", "").expect(200).json();
    assert_eq!(nothing["status"], "nothing-to-seal");
    std::thread::sleep(Duration::from_secs(1));
    let later = client.post("/v1/seals", "").expect(200).json();
    assert_eq!(later["batch"], nothing["batch"], "an empty batch was sealed");
}

#[test]
fn every_pack_of_every_batch_verifies_also_after_a_restart() {
    let mut house = House::new();
    let (tenant, mut client) = house.tenant(0);
    let mut links = Vec::new();
    for batch in 0..4 {
        for n in 0..=batch {
            let body = client.deposit("a.txt", format!("{batch} {n}").as_bytes(), &[]).expect(201).json();
            links.push(body["links"]["evidence"].as_str().unwrap().to_owned());
        }
        let sealed = client.post("/v1/seals", "").expect(200).json();
        assert_eq!(sealed["batch"], batch);
        if batch == 1 {
            house.stop();
            house.start();
            client = house.token(&tenant, "deposit,read,seal");
        }
    }
    for link in &links {
        let verdict = house.judge(&client.get(link).expect(200).bytes);
        assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{link}: {verdict:?}");
    }
    // Another log's policy says so.
    let other = House::new();
    let verdict = other.judge(&client.get(&links[0]).expect(200).bytes);
    assert_ne!(verdict.exit_code(), 0);
}

/// Whether this deposit is sealed before the time is over.
fn sealed_within(client: &Client, deposit: &serde_json::Value, time: Duration) -> bool {
    let evidence = format!("{}?require=sealed", deposit["links"]["evidence"].as_str().unwrap());
    let until = Instant::now() + time;
    while client.get(&evidence).status != 200 {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}

#[test]
fn a_page_says_of_each_entry_whether_a_seal_covers_it() {
    let house = House::new();
    let (tenant, _) = house.tenant(0);
    let client = house.token(&tenant, "deposit,read,seal");
    for (names, sealed) in [(&["a", "b"][..], true), (&["c"], true), (&["d", "e"], false)] {
        for name in names {
            client.deposit(name, name.as_bytes(), &[]).expect(201);
        }
        if sealed {
            client.post("/v1/seals", "").expect(200);
        }
    }
    let page = client.get("/v1/deposits").expect(200).json();
    let statuses: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["sealed", "sealed", "sealed", "logged", "logged"]);
}

#[test]
fn a_start_seals_nothing_before_the_interval_is_over() {
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let again = |house: &mut House, deposit: &serde_json::Value, why: &str| {
        house.stop();
        house.start();
        let client = house.token(&tenant, "deposit,read,seal");
        assert!(!sealed_within(&client, deposit, Duration::from_secs(2)), "{why}");
        client
    };
    let first = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let client = again(&mut house, &first, "a log never sealed was sealed long before its first interval was over");
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "sealed");
    let second = client.deposit("b.txt", b"b", &[]).expect(201).json();
    again(&mut house, &second, "sealed long before the interval was over");
}

#[test]
fn a_log_never_sealed_is_sealed_one_interval_after_its_first_entry_however_often_it_is_started() {
    let mut house = House::with("", Duration::from_secs(8));
    let made = Instant::now();
    let (tenant, client) = house.tenant(0);
    let first = client.deposit("a.txt", b"a", &[]).expect(201).json();
    while made.elapsed() < Duration::from_secs(7) {
        house.stop();
        std::thread::sleep(Duration::from_secs(1));
        house.start();
    }
    let client = house.token(&tenant, "read");
    assert!(sealed_within(&client, &first, Duration::from_secs(4)), "a start began a new interval");
}

#[test]
fn a_start_goes_on_with_the_interval_that_the_last_seal_began() {
    let mut house = House::with("", Duration::from_secs(8));
    let (tenant, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    client.post("/v1/seals", "").expect(200);
    let sealed = Instant::now();
    let second = client.deposit("b.txt", b"b", &[]).expect(201).json();
    house.stop();
    std::thread::sleep(Duration::from_secs(8).saturating_sub(sealed.elapsed()));
    house.start();
    let client = house.token(&tenant, "read");
    assert!(sealed_within(&client, &second, Duration::from_secs(5)), "a start began a new interval");
}

/// An authority that takes every request and never answers: its address, and how many came.
fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            held.push(stream.unwrap());
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address.to_string(), count)
}

/// A house that asks it, and gives it so many seconds.
fn asking(authority: &str, seconds: u64) -> House {
    let lines = format!("[tsa]\nurl = \"http://{authority}/\"\nroots = [\"tsa/ca.pem\"]\nseconds = {seconds}\n");
    House::with(&lines, Duration::from_secs(3600))
}

/// Asks for a seal; the answer comes on the stream returned.
fn ask(house: &House) -> TcpStream {
    let token = std::fs::read_to_string(house.data().join("admin.token")).unwrap();
    let address = house.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let token = token.trim();
    let head = format!("POST /v1/seals HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n");
    stream.write_all(format!("{head}connection: close\r\ncontent-length: 0\r\n\r\n").as_bytes()).unwrap();
    stream
}

#[test]
fn one_attempt_answers_all_who_wait_and_nobody_who_left() {
    let (authority, count) = silent();
    let house = asking(&authority, 2);
    let (_, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    for _ in 0..20 {
        let asker = ask(&house);
        std::thread::sleep(Duration::from_millis(30));
        drop(asker);
    }
    std::thread::sleep(Duration::from_secs(8));
    let abandoned = count.load(Ordering::SeqCst);
    assert!((1..=2).contains(&abandoned), "{abandoned} requests for 20 who left");
    let askers: Vec<_> = (0..10).map(|_| ask(&house)).collect();
    for mut asker in askers {
        let mut answer = String::new();
        asker.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 202") && answer.contains("tsa-unreachable"), "{answer}");
    }
    let more = count.load(Ordering::SeqCst) - abandoned;
    assert!((1..=2).contains(&more), "{more} requests for 10 who wait");
}

#[test]
fn stopping_does_not_wait_for_the_authority() {
    let (authority, count) = silent();
    let mut house = asking(&authority, 60);
    let (_, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    let mut asker = ask(&house);
    let until = Instant::now() + Duration::from_secs(20);
    while count.load(Ordering::SeqCst) == 0 {
        assert!(Instant::now() < until, "the authority was never asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    let began = Instant::now();
    house.stop();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "the stop took {took:?}");
    let mut answer = String::new();
    asker.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("stopped"), "{answer}");
}

#[test]
fn an_interval_out_of_bounds_is_refused_at_start_wherever_it_stands() {
    let mut house = House::new();
    house.stop();
    let path = crate::house::configuration(&house.data());
    let file = std::fs::read_to_string(&path).unwrap();
    let start = |seal_every| {
        let (shutdown, stop) = Shutdown::by_hand();
        stop.now();
        let options =
            ServeOptions { data: house.data(), listen: Some("127.0.0.1:0".into()), seal_every, witnesses: None };
        service::serve(options, shutdown)
    };
    let day = Duration::from_secs(24 * 3600);
    for (wrong, written) in [(day + Duration::from_secs(1), "86401s"), (Duration::from_millis(99), "99ms")] {
        std::fs::write(&path, &file).unwrap();
        let given = start(Some(wrong)).unwrap_err();
        std::fs::write(&path, format!("{file}[seal]\nevery = \"{written}\"\n")).unwrap();
        let read = start(None).unwrap_err();
        assert!(matches!(given, ServiceError::Configuration { .. }), "{given:?}");
        assert_eq!(given.to_string(), read.to_string());
    }
    std::fs::write(&path, &file).unwrap();
    for right in [day, Duration::from_millis(100)] {
        start(Some(right)).unwrap();
    }
}
