//! Validation material that the operator keeps in a directory: archived when it changes, in the packs from then on.

use crate::house::House;
use serde_json::Value;
use std::time::Duration;
use verifier::Overall;

/// Administration entries that archived material.
fn archived(house: &House, expected: usize) -> Vec<Value> {
    house.archived("validation-material", expected)
}

fn validation(pack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let container = seal::Container::parse(pack).unwrap();
    let names = container.names().filter(|name| name.starts_with("META-INF/tabellion/validation/"));
    names.map(|name| (name.rsplit('/').next().unwrap().to_owned(), container.read(name).unwrap())).collect()
}

#[test]
fn what_changed_is_archived_once_and_packs_bring_the_last() {
    let mut house = House::with("[tsa]\nvalidation = \"validation\"", Duration::from_secs(3600));
    house.stop();
    let directory = house.data().join("validation");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("liste.crl"), b"first").unwrap();
    house.start();
    let (_, client) = house.tenant(0);
    let deposit = |name: &str| {
        let body = client.deposit(name, name.as_bytes(), &[]).expect(201).json();
        client.post("/v1/seals", "").expect(200);
        body["links"]["evidence"].as_str().unwrap().to_owned()
    };
    let first = deposit("a.txt");
    let told = archived(&house, 1);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["files"].as_array().unwrap().len(), 2, "{}", told[0]);
    let second = deposit("b.txt");
    assert_eq!(archived(&house, 1).len(), 1, "nothing changed");
    std::fs::write(directory.join("liste.crl"), b"second").unwrap();
    let third = deposit("c.txt");
    assert_eq!(archived(&house, 2).len(), 2);
    // None is a day younger than its seal: the last one there is.
    for (path, expected) in [(&first, "second"), (&second, "second"), (&third, "second")] {
        let pack = client.get(path).expect(200).bytes;
        let found = validation(&pack);
        assert_eq!(found[0], ("001-liste.crl".to_owned(), expected.as_bytes().to_vec()), "{path}");
        assert_eq!(found[1].0, "002-roots.pem");
        assert!(found[1].1.starts_with(b"-----BEGIN CERTIFICATE-----"));
        let verdict = house.judge(&pack);
        assert_eq!((verdict.verdict, verdict.reason), (Overall::PassedTimestamped, None), "{:?}", verdict.findings);
        assert_eq!(client.get(path).expect(200).bytes, pack, "the same bytes each time");
    }
}

#[test]
fn without_a_directory_nothing_is_archived() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
    assert_eq!(validation(&pack), []);
}

#[test]
fn a_directory_that_is_missing_is_told_by_readyz() {
    let house = House::with("[tsa]\nvalidation = \"validation\"", Duration::from_secs(3600));
    let told = || house.client("").get("/readyz").expect(200).json()["validation"].clone();
    assert_eq!(told()["directory"], "missing");
    std::fs::create_dir(house.data().join("validation")).unwrap();
    assert_eq!(told()["directory"], "there");
    assert_eq!(House::new().client("").get("/readyz").expect(200).json()["validation"], Value::Null);
}
