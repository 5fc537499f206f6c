//! The log itself fails: what is answered, and how the service ends. Needs `--features failpoints`; in a binary of its own,
//! since failpoints are the whole process's.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "service/house.rs"]
#[allow(dead_code)]
mod house;

use house::House;
use service::ServiceError;

#[test]
fn a_sync_that_fails_is_never_acknowledged_and_ends_the_service_with_an_error() {
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
