//! Seals at the interval, on demand, one after the other, and across a restart.

use crate::house::House;
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
