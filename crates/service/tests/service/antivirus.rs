//! Deposits and an antivirus: a false clamd over real sockets, strict about the protocol, that answers as it is told. The real one is held against the
//! program by tests/interop/steps/antivirus.

use crate::house::House;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const VERSION: &str = "ClamAV 9.9.9/12345/Mon Nov 30 09:00:00 2026";
/// What the false clamd knows.
const BAD: &[u8] = b"-- malice --";

/// How the false clamd behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Honest,
    /// Takes everything, and says nothing.
    Silent,
    /// Says something else than it may.
    Odd,
    /// Hangs up when a stream begins.
    HangsUp,
    /// Says that nothing was found before it has everything.
    Hasty,
    /// The same before it has anything, and hangs up later.
    Rash,
    /// Says it twice.
    Twice,
    /// Takes less than the house believes.
    Short,
}

/// What was sent to it: the bytes of each stream that was whole.
type Streams = Arc<Mutex<Vec<Vec<u8>>>>;

fn exactly(wire: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    wire.read_exact(&mut bytes).ok().map(|()| bytes)
}

fn serve(mut wire: impl Read + Write, manner: Manner, streams: &Streams) -> Option<()> {
    let mut command = Vec::new();
    while command.last() != Some(&0) {
        command.extend(exactly(&mut wire, 1)?);
    }
    if command == b"zVERSION\0" {
        return wire.write_all(format!("{VERSION}\0").as_bytes()).ok();
    }
    assert_eq!(command, b"zINSTREAM\0");
    if manner == Manner::HangsUp {
        return None;
    }
    if manner == Manner::Rash {
        wire.write_all(b"stream: OK\0").ok()?;
        thread::sleep(Duration::from_millis(300));
        return None;
    }
    let mut whole = Vec::new();
    loop {
        let length = exactly(&mut wire, 4)?;
        let length = u32::from_be_bytes(*length.first_chunk()?) as usize;
        if length == 0 {
            break;
        }
        whole.extend(exactly(&mut wire, length)?);
        match manner {
            Manner::Hasty => return wire.write_all(b"stream: OK\0").ok(),
            Manner::Short if whole.len() > 1000 => {
                return wire.write_all(b"INSTREAM size limit exceeded. ERROR\0").ok();
            }
            _ => {}
        }
    }
    let bad = whole.windows(BAD.len()).any(|window| window == BAD);
    streams.lock().unwrap().push(whole);
    match manner {
        Manner::Silent => thread::sleep(Duration::from_secs(20)),
        Manner::Odd => wire.write_all(b"stream: OK, I think\0").ok()?,
        Manner::Twice => wire.write_all(b"stream: OK\0stream: Essai.Malice FOUND\0").ok()?,
        _ if bad => wire.write_all(b"stream: Essai.Malice FOUND\0").ok()?,
        _ => wire.write_all(b"stream: OK\0").ok()?,
    }
    Some(())
}

/// A false clamd on a socket of the file system, served until the process ends; its address, and what it is sent.
fn false_clamd(house: &tempfile::TempDir, manner: Manner) -> (String, Streams) {
    let path = house.path().join("clamd.ctl");
    let (listener, streams) = (UnixListener::bind(&path).unwrap(), Streams::default());
    let kept = streams.clone();
    thread::spawn(move || {
        for wire in listener.incoming().flatten() {
            let kept = kept.clone();
            thread::spawn(move || serve(wire, manner, &kept));
        }
    });
    (format!("unix:{}", path.display()), streams)
}

struct Guarded {
    house: House,
    streams: Streams,
    _place: tempfile::TempDir,
}

fn guarded(manner: Manner, lines: &str) -> Guarded {
    let place = tempfile::TempDir::new().unwrap();
    let (address, streams) = false_clamd(&place, manner);
    let lines = format!("[antivirus]\naddress = \"{address}\"\n{lines}");
    Guarded { house: House::with(&lines, Duration::from_secs(3600)), streams, _place: place }
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn every_byte_of_every_file_is_looked_at_and_the_entry_says_by_whom() {
    let guarded = guarded(Manner::Honest, "");
    let (_, client) = guarded.house.tenant(0);
    let long: Vec<u8> = (0..300_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let files: [(&str, &[u8]); 3] = [("a.txt", b"a"), ("long.bin", &long), ("vide", b"")];
    let answer = client.deposit_form("/v1/deposits?kind=file", &files, None).expect(201).json();
    assert_eq!(*guarded.streams.lock().unwrap(), [b"a".to_vec(), long.clone(), Vec::new()]);
    let entry = client.get(&format!("/v1/deposits/{}", answer["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(
        entry["facts"]["antivirus"],
        serde_json::json!({"moteur": "ClamAV 9.9.9", "base": "12345", "date_base": "Mon Nov 30 09:00:00 2026",
            "resultat": "rien_trouve", "fichiers": 3, "fichiers_examines": 3})
    );
    let ready = guarded.house.admin().get("/readyz").expect(200).json();
    assert_eq!((&ready["antivirus"]["state"], &ready["antivirus"]["database"]), (&"answers".into(), &"12345".into()));
    // A light deposit too, and one sent again under its key is answered without it.
    client.deposit("b.txt", b"b", &[("idempotency-key", "k")]).expect(201);
    assert_eq!(guarded.streams.lock().unwrap().len(), 4);
    client.deposit("b.txt", b"b", &[("idempotency-key", "k")]).expect(201);
    assert_eq!(guarded.streams.lock().unwrap().len(), 4);
}

#[test]
fn what_it_knows_something_in_is_refused_and_not_kept() {
    let guarded = guarded(Manner::Honest, "");
    let (_, client) = guarded.house.tenant(0);
    let files: [(&str, &[u8]); 2] = [("sain.txt", b"a"), ("piege.txt", BAD)];
    let refused = client.deposit_form("/v1/deposits?kind=file", &files, None).expect(422).json();
    assert_eq!((refused["code"].as_str(), refused["where"].as_str()), (Some("infected"), Some("piege.txt")));
    assert_eq!(codes(&refused), ["infected"]);
    let said = refused["findings"][0]["message"].as_str().unwrap();
    assert!(said.contains("Essai.Malice") && said.contains(VERSION), "{said}");
    let name = refused["refusal"].as_str().unwrap();
    let kept = client.get(&format!("/v1/refusals/{name}")).expect(200).json();
    assert_eq!((&kept["findings"][0]["code"], kept["files"].as_array().unwrap().len()), (&"infected".into(), 2));
    for number in 1..=2 {
        client.get(&format!("/v1/refusals/{name}/files/{number}")).expect(404);
    }
    assert_eq!(client.get("/v1/deposits").expect(200).json()["items"], serde_json::json!([]));
    client.deposit("sain.txt", b"a", &[]).expect(201);
}

#[test]
fn what_it_knows_something_in_is_kept_where_the_operator_chose_so() {
    let guarded = guarded(Manner::Honest, "infected = \"record\"");
    let (_, client) = guarded.house.tenant(0);
    let answer = client.deposit("piege.txt", BAD, &[]).expect(201).json();
    assert!(codes(&answer).contains(&"infected-kept"), "{answer}");
    let entry = client.get(&format!("/v1/deposits/{}", answer["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(entry["facts"]["antivirus"]["resultat"], "trouve");
}

#[test]
fn whatever_is_no_answer_is_refused_with_a_time_to_come_back() {
    for manner in [Manner::Odd, Manner::HangsUp, Manner::Silent, Manner::Hasty] {
        let guarded = guarded(manner, "seconds = 1");
        let (_, client) = guarded.house.tenant(0);
        let began = Instant::now();
        // Longer than what sockets hold: one that answers before the end did not look at it.
        let refused = client.deposit("a.bin", &vec![b'a'; 8 << 20], &[]).expect(503);
        assert_eq!(
            (refused.code().as_str(), refused.header("retry-after")),
            ("antivirus-unavailable", "30"),
            "{manner:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(10), "{manner:?}: {:?}", began.elapsed());
        assert_eq!(client.get("/v1/deposits").expect(200).json()["items"], serde_json::json!([]), "{manner:?}");
    }
}

#[test]
fn an_answer_of_one_that_took_not_every_byte_is_none_however_short_the_file_is() {
    for (manner, why) in
        [(Manner::Rash, "il a répondu avant d'avoir tout reçu"), (Manner::Twice, "sa réponse n'est pas connue")]
    {
        let guarded = guarded(manner, "seconds = 5\nunavailable = \"accept\"");
        let (_, client) = guarded.house.tenant(0);
        for size in [1, 90_000] {
            let answer = client.deposit("a.bin", &vec![b'a'; size], &[]).expect(201).json();
            let findings = answer["findings"].as_array().unwrap();
            let away = findings.iter().find(|one| one["code"] == "antivirus-unavailable").unwrap();
            assert!(away["message"].as_str().unwrap().contains(why), "{manner:?} {size}: {away}");
        }
    }
}

#[test]
fn one_that_is_not_there_refuses_or_is_told_and_deposits_are_taken_once_it_is_back() {
    let place = tempfile::TempDir::new().unwrap();
    let path = place.path().join("clamd.ctl");
    let with = |lines: &str| {
        let lines = format!("[antivirus]\naddress = \"unix:{}\"\n{lines}", path.display());
        House::with(&lines, Duration::from_secs(3600))
    };
    let accepting = with("unavailable = \"accept\"");
    let (_, client) = accepting.tenant(0);
    let answer = client.deposit("a.txt", b"a", &[]).expect(201).json();
    assert!(codes(&answer).contains(&"antivirus-unavailable"), "{answer}");
    let entry = client.get(&format!("/v1/deposits/{}", answer["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(
        entry["facts"]["antivirus"],
        serde_json::json!({"resultat": "indisponible", "fichiers": 1, "fichiers_examines": 0})
    );
    let refusing = with("");
    let (_, client) = refusing.tenant(0);
    assert_eq!(client.deposit("a.txt", b"a", &[]).expect(503).code(), "antivirus-unavailable");
    let away = &refusing.admin().get("/readyz").expect(200).json()["antivirus"];
    assert_eq!((&away["state"], &away["deposits"]), (&"away".into(), &"refused".into()), "{away}");
    false_clamd(&place, Manner::Honest);
    client.deposit("a.txt", b"a", &[]).expect(201);
    let back = &refusing.admin().get("/readyz").expect(200).json()["antivirus"];
    assert_eq!(back["state"], "answers");
}

#[test]
fn a_file_longer_than_it_takes_is_told_or_refused() {
    let long = vec![b'a'; 2000];
    for (manner, lines) in [(Manner::Honest, "stream_bytes = 1999"), (Manner::Short, "")] {
        let guarded = guarded(manner, lines);
        let (_, client) = guarded.house.tenant(0);
        let answer = client.deposit("a.bin", &long, &[]).expect(201).json();
        assert!(codes(&answer).contains(&"antivirus-not-scanned"), "{manner:?}: {answer}");
        let entry = client.get(&format!("/v1/deposits/{}", answer["id"].as_str().unwrap())).expect(200).json();
        assert_eq!(entry["facts"]["antivirus"]["resultat"], "incomplet");
    }
    let strict = guarded(Manner::Honest, "stream_bytes = 1999\ntoo_large = \"refuse\"");
    let (_, client) = strict.house.tenant(0);
    assert_eq!(client.deposit("a.bin", &long, &[]).expect(422).code(), "antivirus-too-large");
    client.deposit("b.bin", &long[..1999], &[]).expect(201);
}

#[test]
fn it_may_listen_on_an_address_of_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, streams) = (listener.local_addr().unwrap(), Streams::default());
    let kept = streams.clone();
    thread::spawn(move || {
        for wire in listener.incoming().flatten() {
            serve(wire, Manner::Honest, &kept);
        }
    });
    let house = House::with(&format!("[antivirus]\naddress = \"tcp:{address}\""), Duration::from_secs(3600));
    let (_, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    assert_eq!(client.deposit("b.txt", BAD, &[]).expect(422).code(), "infected");
    assert_eq!(streams.lock().unwrap().len(), 2);
}

#[test]
fn without_one_nothing_is_said_of_it() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let answer = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let entry = client.get(&format!("/v1/deposits/{}", answer["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(entry["facts"]["antivirus"], Value::Null);
    assert_eq!(house.admin().get("/readyz").expect(200).json()["antivirus"], Value::Null);
}
