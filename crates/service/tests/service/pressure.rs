//! Too little space, too many deposits of one token, a clock in doubt: refused by code, with a time to come back, and others go on.

use crate::house::{House, ORIGIN, configuration};
use serde_json::Value;
use std::time::Duration;

fn lines(house: &House, lines: &str) {
    let text = format!("origin = \"{ORIGIN}\"\nevents = \"warn\"\n[limits]\n{lines}\n");
    std::fs::write(configuration(&house.data()), text).unwrap();
}

#[test]
fn below_the_floor_deposits_are_refused_and_everything_else_goes_on() {
    let mut house = House::new();
    let (_, client) = house.tenant(0);
    let first = client.deposit("a.txt", b"a", &[]).expect(201).json();
    assert_eq!(house.admin().get("/readyz").expect(200).json()["status"], "ready");
    let again = |house: &mut House, floor: &str| {
        house.stop();
        lines(house, &format!("free_bytes = {floor}"));
        house.start();
        house.client(client.token())
    };
    let client = again(&mut house, "9223372036854775807");
    let refused = client.deposit("b.txt", b"b", &[]).expect(503);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("free-space-low", "60"));
    let id = first["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/v1/deposits/{id}/files/1")).expect(200).bytes, b"a");
    client.get(&format!("/v1/deposits/{id}/evidence")).expect(200);
    client.get("/v1/register").expect(200);
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "sealed");
    client.get(&format!("/v1/deposits/{id}/evidence?require=sealed")).expect(200);
    let ready = house.admin().get("/readyz").expect(200).json();
    assert_eq!((&ready["status"], &ready["space"]["short"]), (&"read-only".into(), &true.into()), "{ready}");
    house.tenant(1);
    let client = again(&mut house, "0");
    client.deposit("b.txt", b"b", &[]).expect(201);
    assert_eq!(house.admin().get("/readyz").expect(200).json()["space"], Value::Null);
}

#[test]
fn a_token_past_its_rate_waits_and_others_do_not() {
    let house =
        House::with("[limits]\ntoken_deposits_per_second = 1\ntoken_deposits_burst = 3", Duration::from_secs(3600));
    let (tenant, fast) = house.tenant(0);
    let other = house.token(&tenant, "deposit,read");
    for n in 0..3_u8 {
        fast.deposit("a", &[n], &[]).expect(201);
    }
    let refused = fast.deposit("a", &[4], &[]).expect(429);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("rate-limited", "1"));
    other.deposit("a", &[5], &[]).expect(201);
    fast.get("/v1/deposits").expect(200);
    std::thread::sleep(Duration::from_millis(1100));
    fast.deposit("a", &[4], &[]).expect(201);
    fast.deposit("a", &[6], &[]).expect(429);
}

#[test]
fn a_clock_in_no_doubt_needs_no_word_and_only_the_platform_may_give_it() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    // An administrator of one tenant is not the platform's.
    house.token(&tenant, "admin").post("/v1/clock", "{\"day\":\"2026-11-26\"}").expect(404);
    assert_eq!(client.post("/v1/clock", "{\"day\":\"2026-11-26\"}").expect(403).code(), "scope-missing");
    let told = house.admin().post("/v1/clock", "{\"day\":\"2026-11-26\"}").expect(200).json();
    assert_eq!(told["status"], "nothing-to-accept");
    assert_eq!(house.admin().get("/readyz").expect(200).json()["clock"], Value::Null);
    assert_eq!(house.admin().post("/v1/clock", "{").expect(400).code(), "body-unreadable");
}
