//! A backup of a store that is written to, whose server is then killed: everything acknowledged before it is there and verifies.

use crate::{World, large, shown};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use tests::published::{House, program};

fn verify(arguments: &[&str]) -> i32 {
    let mut command = Command::new(program("tabellion-verify").unwrap());
    let output = command.args(arguments).env_clear().env("LC_ALL", "C").output().unwrap();
    output.status.code().unwrap()
}

/// The receipt that stands beside this file, judged offline over its records.
pub(crate) fn receipt_verifies(policy: &Path, file: &Path) -> i32 {
    let [file, policy] = [file, policy].map(shown);
    let record = format!("{file}.records/R.json");
    verify(&["receipt", &format!("{file}.receipt"), "--record", &record, "--policy", &policy])
}

/// Texts of the receipts of every deposit of the tenant.
fn receipts(house: &House) -> BTreeSet<String> {
    let (mut found, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let (status, body) = house.ask(&format!("/v1/deposits?limit=200{cursor}")).unwrap();
        assert_eq!(status, 200);
        let page: Value = serde_json::from_slice(&body).unwrap();
        for item in page["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap();
            let (status, text) = house.ask(&format!("/v1/deposits/{id}/receipt")).unwrap();
            assert_eq!(status, 200);
            found.insert(String::from_utf8(text).unwrap());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[test]
fn everything_acknowledged_before_a_hot_backup_is_restored_and_verifies() {
    let mut world = World::new();
    let before = world.house.deposit(60, "before").unwrap();
    let kept = world.deposit("given", "acte.bin", b"un acte");
    let big = world.deposit("given", "grand.bin", &large(1));
    world.house.seal().unwrap();
    std::thread::scope(|scope| {
        let depositing = scope.spawn(|| world.house.deposit(400, "during").unwrap());
        for _ in 0..3 {
            world.backup(&[]).exits(0);
        }
        depositing.join().unwrap();
    });
    let during = world.house.deposit(20, "late").unwrap();
    let last = world.backup(&[]).exits(0);
    world.house.stop().unwrap();
    let mut house = world.restored("restored", 0, &[]);
    house.start().unwrap();
    let there = receipts(&house);
    assert!(before.iter().chain(&during).all(|receipt| there.contains(receipt)), "a receipt is missing");
    assert!(last.json["size"].as_u64().unwrap() >= 480, "{}", last.json);
    for (id, name) in [(&kept, "acte.bin"), (&big, "grand.bin")] {
        let file = world.place("given").join(name);
        assert_eq!(receipt_verifies(&house.policy(), &file), 4, "valid, by the log alone");
        let (status, bytes) = house.ask(&format!("/v1/deposits/{id}/files/1")).unwrap();
        assert!(status == 200 && bytes == fs::read(&file).unwrap());
        let (status, pack) = house.ask(&format!("/v1/deposits/{id}/evidence?require=sealed")).unwrap();
        assert_eq!(status, 200);
        let place = world.place(&format!("{name}.asice"));
        fs::write(&place, pack).unwrap();
        assert_eq!(verify(&[&shown(&place), "--policy", &shown(&house.policy())]), 0);
    }
    // It goes on as the same log.
    house.deposit(3, "after").unwrap();
    house.seal().unwrap();
}

#[test]
fn a_directory_that_nobody_serves_is_backed_up_as_its_start_would_leave_it() {
    let mut world = World::new();
    let receipts_given = world.house.deposit(10, "a").unwrap();
    // Killed: what the index had not yet is in the segments, and must be in the backup.
    world.house.stop().unwrap();
    std::fs::remove_dir_all(world.house.data().join("store/index")).unwrap();
    world.backup(&[]).exits(0);
    let mut house = world.restored("restored", 0, &[]);
    house.start().unwrap();
    let there = receipts(&house);
    assert!(receipts_given.iter().all(|receipt| there.contains(receipt)));
}

#[test]
fn no_key_and_no_secret_is_in_a_backup() {
    let world = World::new();
    world.house.deposit(5, "a").unwrap();
    world.backup(&[]).exits(0);
    let files = tests::opened::files(&[&world.backups()]).unwrap();
    let mut secrets: Vec<Vec<u8>> = ["log.key", "master.key", "admin.token", "tsa/tsa.key"]
        .iter()
        .map(|name| fs::read(world.secrets().join(name)).unwrap().trim_ascii_end().to_vec())
        .collect();
    secrets.extend(tests::opened::files(&[&world.house.data().join("store/keys")]).unwrap().into_iter().map(|f| f.1));
    for (path, bytes) in files {
        let held = secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_slice()));
        assert!(!held, "a secret is in {}", path.display());
    }
}

#[test]
fn a_drill_proves_everything_and_leaves_nothing() {
    let world = World::new();
    world.house.deposit(30, "a").unwrap();
    world.backup(&[]).exits(0);
    let within = world.place("drill");
    fs::create_dir(&within).unwrap();
    let said = world.restore(Path::new("unused"), &["--drill", "--in", &shown(&within)]).exits(0);
    assert_eq!(said.json["proof"]["damage"], 0, "{}", said.json);
    assert!(said.json["proof"]["entries"].as_u64() >= Some(30));
    assert_eq!(fs::read_dir(&within).unwrap().count(), 0);
    let object =
        crate::objects(&world.backups()).into_iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    crate::flips::flip(&object, 1000);
    world.restore(Path::new("unused"), &["--drill", "--in", &shown(&within)]).refuses(1, "object-damaged");
    assert_eq!(fs::read_dir(&within).unwrap().count(), 0);
}
