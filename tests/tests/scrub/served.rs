//! A store that is served is scrubbed by its server: when asked, and in the background; deposits go on.

use crate::files::flip;
use crate::{Copy, name, scrub};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

fn ready(copy: &Copy) -> Value {
    serde_json::from_slice(&copy.house.read("/readyz").unwrap()).unwrap()
}

/// What `/readyz` says, once this holds.
fn until(copy: &Copy, holds: &dyn Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let said = ready(copy);
        if holds(&said) {
            return said;
        }
        assert!(Instant::now() < end, "{said}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_served_store_is_scrubbed_by_its_server_while_deposits_go_on() {
    let mut copy = Copy::new();
    copy.house.start().unwrap();
    std::thread::scope(|scope| {
        let depositing = scope.spawn(|| copy.house.deposit(200, "c").unwrap());
        for _ in 0..3 {
            let scrubbed = scrub(&copy.data, &[]);
            assert_eq!(scrubbed.exit, 0, "{} {}", scrubbed.json, scrubbed.error);
        }
        depositing.join().unwrap();
    });
    assert_eq!(scrub(&copy.data, &["--head"]).exit, 0);
    assert_eq!(ready(&copy)["scrub"]["damage"], 0);
    let ahead = copy.listed("ahead")[0].clone();
    flip(&ahead, 1000, 4);
    copy.scrub().names(&name(&ahead), "part-digest");
    let said = ready(&copy);
    assert_eq!(said["status"], "ready", "deposits go on");
    assert!(said["scrub"]["damage"].as_u64() > Some(0), "{said}");
    copy.house.deposit(3, "d").unwrap();
}

#[test]
fn the_background_scrub_reads_everything_goes_on_after_a_restart_and_raises_the_alarm() {
    let mut copy = Copy::new();
    let config = copy.data.join("tabellion.toml");
    let lines = fs::read_to_string(&config).unwrap();
    fs::write(&config, lines.replace("bytes_per_second = 0", "bytes_per_second = 1000000000")).unwrap();
    copy.house.start().unwrap();
    let said = until(&copy, &|said| !said["scrub"]["whole"].is_null() && !said["scrub"]["head"].is_null());
    assert_eq!(said["scrub"]["damage"], 0, "{said}");
    copy.house.stop().unwrap();
    // As a stop in the middle leaves it, with damage in a segment still to be read.
    let state = copy.data.join("scrub.json");
    let kept: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
    assert_eq!(kept["next"], 0);
    let mut middle = kept.clone();
    (middle["next"], middle["ended"]) = (2.into(), Value::Null);
    fs::write(&state, middle.to_string()).unwrap();
    let ahead = copy.listed("ahead")[0].clone();
    flip(&ahead, 1000, 4);
    copy.house.start().unwrap();
    let said = until(&copy, &|said| !said["scrub"]["whole"].is_null());
    assert!(said["scrub"]["damage"].as_u64() > Some(0) && said["status"] == "ready", "{said}");
    let told = fs::read_to_string(copy.data.parent().unwrap().join("events")).unwrap();
    assert!(told.contains("\"code\":\"part-digest\""), "no alarm in the log of events");
    copy.house.deposit(3, "d").unwrap();
}
