//! What is logged of the master key's custody: who may say it, of which key, and what makes no sense.

use crate::house::House;
use proof::hash::{decode_hex, encode_hex};
use serde_json::{Value, json};
use service::custody;
use std::fs;
use std::path::PathBuf;

/// A drill that the house's own key allows, and each way in which it would make no sense.
fn fact(house: &House) -> Value {
    let text = fs::read_to_string(house.data().join("master.key")).unwrap();
    let secret = decode_hex(text.trim_end()).unwrap();
    let name = proof::sha256(&[&b"tabellion master key 1"[..], &secret].concat()).0;
    json!({
        "act": "escrow-drilled", "escrow": "00112233445566aa", "keys": 2, "master_key": encode_hex(&name[..8]), "of": 5,
        "shares": [1, 3, 5], "threshold": 3, "unopened": 0,
    })
}

#[test]
fn an_act_of_custody_is_logged_for_the_platform_and_of_its_own_key_alone() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let right = fact(&house);
    let text = right.to_string();
    house.token(&tenant, "admin").post("/v1/custody", &text).expect(404);
    assert_eq!(client.post("/v1/custody", &text).expect(403).code(), "scope-missing");
    let logged = house.admin().post("/v1/custody", &text).expect(200).json();
    let entry = logged["entry"].as_str().unwrap();
    let read = house.admin().get(&format!("/v1/deposits/{entry}")).expect(200).json();
    assert_eq!((&read["kind"], &read["index"]), (&json!("administration"), &logged["index"]), "{read}");
    let facts = &read["facts"];
    assert_eq!(facts["administration"], "escrow-drilled", "{read}");
    assert!(facts["at"].is_string());
    for field in ["escrow", "keys", "master_key", "of", "shares", "threshold", "unopened"] {
        assert_eq!(facts[field], right[field], "{field}");
    }
}

#[test]
fn what_makes_no_sense_is_not_logged() {
    let house = House::new();
    let right = fact(&house);
    let wrong = [
        ("act", json!("escrow-burnt")),
        ("escrow", json!("00112233445566AA")),
        ("escrow", json!("0011")),
        ("keys", json!(0)),
        ("master_key", json!("0000000000000000")),
        ("shares", json!([1, 3])),
        ("shares", json!([1, 3, 3])),
        ("shares", json!([3, 1, 5])),
        ("shares", json!([0, 1, 3])),
        ("shares", json!([1, 3, 6])),
        ("shares", json!([])),
        ("threshold", json!(1)),
    ];
    for (field, value) in wrong {
        let mut fact = right.clone();
        fact[field] = value;
        let refused = house.admin().post("/v1/custody", &fact.to_string()).expect(400);
        assert_eq!(
            (refused.code().as_str(), &refused.json()["where"]),
            ("parameter-unreadable", &json!(field)),
            "{fact}"
        );
    }
    let mut fact = right.clone();
    fact["secret"] = json!("00");
    assert_eq!(house.admin().post("/v1/custody", &fact.to_string()).expect(400).code(), "parameter-unreadable");
    house.admin().post("/v1/custody", &right.to_string()).expect(200);
}

#[test]
fn any_two_of_four_shares_do_and_two_escrows_have_nothing_in_common() {
    let house = House::new();
    let to = house.data().join("shares");
    let made = custody::escrow(&house.data(), 4, 2, &to).unwrap();
    assert_eq!((made.files.len(), made.keys > 1), (4, true));
    for pair in [[0, 1], [1, 3], [2, 0]] {
        let some: Vec<PathBuf> = pair.iter().map(|at| made.files[*at].clone()).collect();
        assert_eq!(custody::drill(&house.data().join("store/keys"), &some).unwrap().keys, made.keys);
    }
    // Shares differ from each other, and from those of the next escrow.
    let again = custody::escrow(&house.data(), 4, 2, &house.data().join("again")).unwrap();
    assert_ne!(again.escrow, made.escrow);
    let texts: std::collections::BTreeSet<String> =
        made.files.iter().chain(&again.files).map(|file| fs::read_to_string(file).unwrap()).collect();
    assert_eq!(texts.len(), 8);
}
