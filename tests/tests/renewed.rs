//! Renewal of time-stamps by the real programs, over 10,000 units: one token; each pack that verified before verifies after, and so do the
//! old packs; what it took, in time and memory, is printed (`--nocapture`).
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::Value;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tests::published::{House, program};
use verifier::{Overall, Policy};

const UNITS: u64 = 10_000;
const BATCHES: u64 = 5;
/// What a renewal may add to the memory of the server: it reads tokens, whatever was archived.
const MEMORY_KIB: u64 = 64 << 10;

/// Packs, one after the other in a file.
struct Shelf {
    file: File,
    lengths: Vec<usize>,
}

fn policy(house: &House) -> Policy {
    Policy::parse(&std::fs::read(house.policy()).unwrap()).unwrap()
}

fn passes(pack: &[u8], policy: &Policy) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let verdict = verifier::verify_pack(pack, Some(policy), proof::UnixMillis(now + 60_000));
    assert_eq!((verdict.verdict, verdict.reason), (Overall::PassedTimestamped, None), "{:?}", verdict.findings);
    verdict.findings.iter().any(|line| line.code == "stamp-renewed")
}

/// Ids of the tenant's deposits, in order.
fn ids(house: &House) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, body) = house.ask(&format!("/v1/deposits?limit=200{cursor}")).unwrap();
        assert_eq!(status, 200);
        let page: Value = serde_json::from_slice(&body).unwrap();
        let deposits = page["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "deposit");
        ids.extend(deposits.map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// Every pack passes by this policy, and bears a renewal or not; `keep` takes each.
fn packs(house: &House, ids: &[String], policy: &Policy, renewed: bool, keep: &mut dyn FnMut(&[u8])) {
    for id in ids {
        let (status, pack) = house.ask(&format!("/v1/deposits/{id}/evidence?attestation=none")).unwrap();
        assert_eq!(status, 200, "{id}");
        assert_eq!(passes(&pack, policy), renewed, "{id}");
        keep(&pack);
    }
}

/// Most memory that the server ever had, in KiB.
fn peak(house: &House) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{}/status", house.pid().unwrap())).unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn ten_thousand_units_are_renewed_by_one_token_and_every_pack_verifies_before_and_after() {
    let place = tempfile::tempdir().unwrap();
    let house = House::open(&place.path().join("house"), "essai.exemple.fr/renouvellement").unwrap();
    for batch in 0..BATCHES {
        house.deposit(UNITS / BATCHES, &format!("lot {batch}, unité")).unwrap();
        house.seal().unwrap();
    }
    let (ids, pinned) = (ids(&house), policy(&house));
    assert_eq!(ids.len() as u64, UNITS);
    let mut old = Shelf { file: tempfile::tempfile().unwrap(), lengths: Vec::new() };
    packs(&house, &ids, &pinned, false, &mut |pack| {
        old.file.write_all(pack).unwrap();
        old.lengths.push(pack.len());
    });

    let (before, begun) = (peak(&house), Instant::now());
    let admin = std::fs::read_to_string(house.data().join("admin.token")).unwrap();
    let mut command = Command::new(program("tabellion").unwrap());
    command.args(["renew", "timestamps", "--format", "json"]).env_clear().env("LC_ALL", "C");
    let output =
        command.env("TABELLION_URL", house.url().unwrap()).env("TABELLION_TOKEN", admin.trim()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (taken, more) = (begun.elapsed(), peak(&house) - before);
    // The seal of the opening, and those asked for.
    let renewed = &told["renewals"][0];
    assert_eq!((&renewed["renewal"], &renewed["batches"]), (&0.into(), &(BATCHES + 1).into()));
    assert!(more < MEMORY_KIB, "{more} KiB more");

    packs(&house, &ids, &pinned, true, &mut |_| {});
    old.file.seek(SeekFrom::Start(0)).unwrap();
    for length in old.lengths {
        let mut pack = vec![0; length];
        old.file.read_exact(&mut pack).unwrap();
        assert!(!passes(&pack, &pinned));
    }
    println!(
        "{UNITS} units in {BATCHES} batches renewed by one token in {taken:.2?}, {more} KiB more at the peak ({before} KiB)"
    );
}
