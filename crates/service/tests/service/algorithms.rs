//! Dates of algorithms: they enter the policy, the operator is told months ahead, packs leave whatever they say, and strangers are told.

use crate::house::{House, now};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use serde_json::{Value, json};
use verifier::Overall;

/// A served house, sealed once, whose dates are those of the program but for this one.
fn house(name: &str, until: u64) -> (House, Vec<u8>) {
    let mut house = House::new();
    house.stop();
    let mut dates: Value = serde_json::from_str(include_str!("../../../../config/algorithms.json")).unwrap();
    dates["algorithms"][name]["until"] = json!(format_rfc3339(UnixMillis(until)));
    std::fs::write(house.data().join("dates.json"), dates.to_string()).unwrap();
    let lines = std::fs::read_to_string(house.data().join("tabellion.toml")).unwrap();
    let lines = format!("{lines}[algorithms]\nfile = \"dates.json\"\nmonths = 6\n");
    std::fs::write(house.data().join("tabellion.toml"), lines).unwrap();
    house.start();
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    assert_eq!(client.post("/v1/seals", "").expect(200).json()["status"], "sealed");
    let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
    (house, pack)
}

fn ending(house: &House) -> Value {
    house.client("").get("/readyz").expect(200).json()["algorithms"]["ending"].clone()
}

const MONTH: u64 = 30 * 86_400_000;

#[test]
fn a_house_of_today_rests_on_nothing_that_ends() {
    let house = House::new();
    let said = house.client("").get("/readyz").expect(200).json()["algorithms"].clone();
    assert_eq!((&said["ending"], &said["dated"]), (&json!([]), &json!("2026-11-30")), "{said}");
    assert_eq!(said["used"], json!(["ed25519", "sha256", "sha512"]));
    let policy: Value = serde_json::from_slice(&service::policy_json(&house.data()).unwrap()).unwrap();
    assert_eq!(policy["algorithms"]["rsa-pkcs1-sha256"], "2029-01-01T00:00:00Z");
    assert!(policy["algorithms_source"].as_str().unwrap().contains("TS 119 312"), "{policy}");
}

#[test]
fn what_the_newest_seal_rests_on_is_told_months_before_it_ends() {
    let (house, pack) = house("ecdsa-sha256", now().0 + 5 * MONTH);
    let told = ending(&house);
    assert_eq!((&told[0]["name"], &told[0]["state"]), (&json!("ecdsa-sha256"), &json!("ending")), "{told}");
    assert!(told[0]["source"].as_str().unwrap().contains("119 312"), "{told}");
    let verdict = house.judge(&pack);
    assert_eq!((verdict.exit_code(), verdict.strict_exit_code()), (0, 4));
    drop(house);
    let (later, _) = self::house("ecdsa-sha256", now().0 + 7 * MONTH);
    assert_eq!(ending(&later), json!([]), "not before the months asked for");
}

#[test]
fn packs_leave_after_the_end_and_strangers_are_told() {
    let (house, pack) = house("ecdsa-sha256", now().0 - MONTH);
    assert_eq!(ending(&house)[0]["state"], "ended");
    let verdict = house.judge(&pack);
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("algorithm-ended")));
}
