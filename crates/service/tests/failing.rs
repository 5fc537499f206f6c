//! The log itself fails: what is answered, and how the service ends. Needs `--features failpoints`; in a binary of its own,
//! since failpoints are the whole process's.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "service/house.rs"]
#[allow(dead_code)]
mod house;

use base64::prelude::{BASE64_STANDARD, Engine};
use house::House;
use serde_json::json;
use service::ServiceError;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failpoints are the whole process's: one test at a time.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn a_sync_that_fails_is_never_acknowledged_and_ends_the_service_with_an_error() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let before = client.deposit("a.txt", b"avant", &[]).expect(201).json();
    ledger::failpoint::arm("segment.sync=error").unwrap();
    let refused = client.deposit("b.txt", b"pendant", &[("idempotency-key", "k")]).expect(503);
    assert_eq!(refused.code(), "stopped");
    let ended = house.wait();
    assert!(matches!(ended, Err(ServiceError::Stopped(_))), "{ended:?}");
    ledger::failpoint::arm("").unwrap();
    house.start();
    let client = house.token(&tenant, "deposit,read");
    // The same key gives one entry, whether the failed sync left it or not.
    let after = client.deposit("b.txt", b"pendant", &[("idempotency-key", "k")]).expect(201).json();
    assert_eq!(after["sequence"], 2);
    let items = client.get("/v1/deposits").expect(200).json();
    assert_eq!(items["items"].as_array().unwrap().len(), 2);
    assert_eq!(client.get(before["links"]["self"].as_str().unwrap()).expect(200).json()["receipt"], before["receipt"]);
}

/// Every step of an elimination at which it may stop.
const STEPS: [&str; 12] = [
    "surveyed",
    "fresh-key",
    "written",
    "replaced",
    "relocated",
    "ahead-removed",
    "condemned",
    "key-overwritten",
    "keys-destroyed",
    "index-purged",
    "before-done",
    "none",
];

#[test]
fn an_elimination_stopped_at_any_step_is_finished_at_the_next_start() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for step in STEPS {
        let mut house = House::new();
        let (tenant, client) = house.tenant(0);
        let archivist = house.token(&tenant, "eliminate,read");
        let id = |answer: serde_json::Value| answer["id"].as_str().unwrap().to_owned();
        let doomed = id(client.deposit("a.txt", &[7; 300_000], &[]).expect(201).json());
        let kept = id(client.deposit("b.txt", b"ce qui reste", &[]).expect(201).json());
        let asked = json!({"entries": [{"id": doomed, "reason": "dua", "rule": "DUA"}]}).to_string();
        let proposal = archivist.post("/v1/eliminations/proposals", &asked).expect(200).json();
        let digest = &proposal["proposal_sha256"];
        let visa = json!({"role": "direction", "date": "2026-11-26", "reference": "1", "proposal_sha256": digest});
        let document = BASE64_STANDARD.encode(b"visa");
        let order = json!({"proposal": proposal["proposal"], "visa": visa, "document": document}).to_string();
        ledger::failpoint::arm(&format!("eliminate.{step}=error")).unwrap();
        let elimination = id(archivist.post("/v1/eliminations", &order).expect(202).json());
        let status = |client: &house::Client| client.get(&format!("/v1/eliminations/{elimination}")).expect(200).json();
        let began = Instant::now();
        if step == "none" {
            // Nothing stops it: however slow the machine, it ends.
            while status(&archivist)["state"] != "done" && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(50));
            }
        } else {
            std::thread::sleep(Duration::from_millis(700));
        }
        assert_eq!(status(&archivist)["state"], if step == "none" { "done" } else { "ordered" }, "{step}");
        client.get(&format!("/v1/deposits/{doomed}/files/1")).expect(410);
        assert_eq!(client.get(&format!("/v1/deposits/{kept}/files/1")).expect(200).bytes, b"ce qui reste", "{step}");
        house.stop();
        ledger::failpoint::arm("").unwrap();
        house.start();
        let (client, archivist) = (house.client(client.token()), house.client(archivist.token()));
        assert_eq!(status(&archivist)["state"], "done", "{step}");
        client.get(&format!("/v1/deposits/{doomed}/evidence")).expect(410);
        assert_eq!(client.get(&format!("/v1/deposits/{kept}/files/1")).expect(200).bytes, b"ce qui reste", "{step}");
        assert_eq!(std::fs::read_dir(house.data().join("store/ahead")).unwrap().count(), 0, "{step}");
    }
}
