//! Elimination over a real socket: proposed, signed, logged, destroyed; what stays is served and verifies, what may not go stays.

use crate::house::{Client, House};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const SECRET: &[u8] = b"une phrase que nul autre document ne porte";

fn id_of(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

fn entries(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"id": id, "reason": "dua", "rule": "DUA de 10 ans"})).collect()
}

fn proposed(client: &Client, ids: &[&str]) -> Value {
    client.post("/v1/eliminations/proposals", &json!({"entries": entries(ids)}).to_string()).expect(200).json()
}

fn order(proposal: &Value) -> Value {
    json!({
        "proposal": proposal["proposal"],
        "visa": {
            "role": "direction des archives départementales", "date": "2026-11-26", "reference": "2026/118",
            "proposal_sha256": proposal["proposal_sha256"],
        },
        "document": BASE64_STANDARD.encode(b"%PDF visa"),
    })
}

fn carried_out(client: &Client, id: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let status = client.get(&format!("/v1/eliminations/{id}")).expect(200).json();
        if status["state"] == "done" {
            return status;
        }
        assert!(Instant::now() < until, "{status}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn key_files(house: &House) -> Vec<String> {
    let found = fs::read_dir(house.data().join("store/keys")).unwrap();
    found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}

#[test]
fn what_a_visa_lets_go_is_gone_and_the_log_still_proves_everything() {
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let archivist = house.token(&tenant, "eliminate,read");
    let large: Vec<u8> = SECRET.iter().copied().cycle().take(400_000).collect();
    let doomed = client.deposit("secret.txt", SECRET, &[("idempotency-key", "k")]).expect(201).json();
    let big = client.deposit("grand.bin", &large, &[]).expect(201).json();
    let kept = client.deposit("garde.txt", b"ce qui reste", &[]).expect(201).json();
    client.post("/v1/seals", "{}").expect(200);
    house.stop();
    let backup = house.directory.path().join("sauvegarde");
    copy(&house.data().join("store/segments"), &backup.join("segments"));
    copy(&house.data().join("store/ahead"), &backup.join("ahead"));
    house.start();
    let (client, archivist) = (house.client(client.token()), house.client(archivist.token()));
    let before = key_files(&house);

    let proposal = proposed(&archivist, &[&id_of(&doomed), &id_of(&big)]);
    let answer = archivist.post("/v1/eliminations", &order(&proposal).to_string()).expect(202).json();
    let elimination = id_of(&answer);
    // From this answer on, whatever the destruction has come to.
    let own = format!("/v1/deposits/{}", id_of(&doomed));
    assert_eq!(client.get(&format!("{own}/files/1")).expect(410).code(), "content-gone");
    let status = carried_out(&archivist, &elimination);
    assert_eq!((&status["entries"], &status["files"]), (&json!(2), &json!(1)));
    let after = key_files(&house);
    assert!(before.iter().any(|key| !after.contains(key)), "{status}");

    let check = |house: &House, client: &Client, survivors: bool| {
        let left = client.get(&own).expect(200).json();
        assert_eq!((&left["status"], &left["elimination"]["id"]), (&json!("eliminated"), &json!(elimination)));
        assert_eq!((&left["receipt"], &left["records"]["R"]), (&doomed["receipt"], &doomed["records"]["R"]));
        assert!(left["records"]["E"].is_null() && left.get("facts").is_none());
        assert!(left["seal"]["batch"].is_number());
        for path in ["files/1", "evidence", "attestation"] {
            assert_eq!(client.get(&format!("{own}/{path}")).expect(410).code(), "content-gone");
        }
        assert_eq!(
            client.get(&format!("{own}/receipt")).expect(200).bytes,
            doomed["receipt"].as_str().unwrap().as_bytes()
        );
        let items = client.get("/v1/deposits").expect(200).json();
        assert!(!items.to_string().contains("secret.txt"));
        let register = client.get("/v1/register").expect(200).bytes;
        let mut checker = watch::register::Checker::default();
        for line in String::from_utf8(register).unwrap().lines() {
            checker.line(line.as_bytes()).unwrap();
        }
        checker.finish().unwrap();
        if survivors {
            let pack = client.get(&format!("/v1/deposits/{}/evidence", id_of(&kept))).expect(200).bytes;
            assert!(matches!(house.judge(&pack).verdict, verifier::Overall::PassedTimestamped), "the survivor's pack");
        }
    };
    check(&house, &client, true);
    // Attested, with the entry's own record and receipt inside.
    let sheet = archivist.get(&format!("/v1/eliminations/{elimination}/attestation")).expect(200);
    assert_eq!(sheet.header("content-type"), "application/pdf");
    let receipt = answer["receipt"].as_str().unwrap().as_bytes();
    assert!(sheet.bytes.windows(receipt.len()).any(|held| held == receipt));
    client.get(&format!("/v1/eliminations/{elimination}/attestation")).expect(403);
    // The elimination entry says what and why, and carries the visa.
    let entry = client.get(&format!("/v1/deposits/{elimination}")).expect(200).json();
    assert_eq!((&entry["kind"], &entry["facts"]["entries"][0]["id"]), (&json!("elimination"), &doomed["id"]));
    assert_eq!(client.get(&format!("/v1/deposits/{elimination}/files/2")).expect(200).bytes, b"%PDF visa");
    // Sent again: the same entry. The content deposited again: a new one.
    let again = archivist.post("/v1/eliminations", &order(&proposal).to_string()).expect(202).json();
    assert_eq!(again["receipt"], answer["receipt"]);
    client.deposit("secret.txt", SECRET, &[("idempotency-key", "k")]).expect(410);
    // Started again, then with the older segments put back.
    house.stop();
    house.start();
    let client = house.client(client.token());
    check(&house, &client, true);
    house.stop();
    copy(&backup, &house.data().join("store"));
    house.start();
    let client = house.client(client.token());
    check(&house, &client, false);
    assert_ne!(client.deposit("secret.txt", SECRET, &[]).expect(201).json()["id"], doomed["id"]);
}

#[test]
fn nothing_goes_without_a_visa_over_this_very_bordereau() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let archivist = house.token(&tenant, "eliminate");
    let one = id_of(&client.deposit("a.txt", b"a", &[]).expect(201).json());
    let two = id_of(&client.deposit("b.txt", b"b", &[]).expect(201).json());
    let proposal = proposed(&archivist, &[&one]);
    let send = |asked: &Value, status| archivist.post("/v1/eliminations", &asked.to_string()).expect(status).code();
    let without = |pointer: &str, value: Value| {
        let mut asked = order(&proposal);
        *asked.pointer_mut(pointer).unwrap() = value;
        asked
    };
    assert_eq!(send(&without("/visa", Value::Null), 422), "visa-required");
    assert_eq!(send(&without("/visa/role", json!("")), 422), "visa-required");
    assert_eq!(send(&without("/document", json!("")), 422), "visa-required");
    assert_eq!(send(&without("/visa/proposal_sha256", json!("00")), 422), "visa-of-another-bordereau");
    // The visa of one bordereau does not carry out another.
    let other = proposed(&archivist, &[&two]);
    assert_eq!(send(&without("/proposal", other["proposal"].clone()), 422), "visa-of-another-bordereau");
    // Nor one that was tampered with and signed: what the log says decides.
    let mut forged = proposal["proposal"].clone();
    forged["entries"][0]["index"] = json!(0);
    let mut asked = without("/proposal", forged.clone());
    asked["visa"]["proposal_sha256"] = json!(proof::sha256(forged.to_string().as_bytes()).to_string());
    assert_eq!(send(&asked, 422), "elimination-unreadable");
    assert_eq!(client.get(&format!("/v1/deposits/{one}/files/1")).expect(200).bytes, b"a");
    // A depositor proposes nothing, and carries nothing out.
    for path in ["/v1/eliminations", "/v1/eliminations/proposals"] {
        assert_eq!(client.post(path, &order(&proposal).to_string()).expect(403).code(), "scope-missing");
    }
}

#[test]
fn another_tenants_entries_those_that_are_gone_and_those_that_stay_are_refused() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let (_, stranger) = house.tenant(1);
    let archivist = house.token(&tenant, "eliminate,read");
    let own = id_of(&client.deposit("a.txt", b"a", &[]).expect(201).json());
    let foreign = id_of(&stranger.deposit("b.txt", b"b", &[]).expect(201).json());
    let propose = |ids: &[&str], status| {
        let asked = json!({"entries": entries(ids)}).to_string();
        archivist.post("/v1/eliminations/proposals", &asked).expect(status).code()
    };
    assert_eq!(propose(&[&own, &foreign], 404), "not-found");
    assert_eq!(propose(&[&"a".repeat(26)], 404), "not-found");
    assert_eq!(propose(&[&own, &own], 422), "elimination-unreadable");
    assert_eq!(propose(&[], 422), "elimination-unreadable");
    let proposal = proposed(&archivist, &[&own]);
    let answer = archivist.post("/v1/eliminations", &order(&proposal).to_string()).expect(202).json();
    carried_out(&archivist, &id_of(&answer));
    assert_eq!(propose(&[&own], 409), "already-eliminated");
    assert_eq!(propose(&[&id_of(&answer)], 422), "elimination-not-allowed");
    assert_eq!(stranger.get(&format!("/v1/deposits/{foreign}/files/1")).expect(200).bytes, b"b");
    stranger.get(&format!("/v1/eliminations/{}", id_of(&answer))).expect(403);
}
