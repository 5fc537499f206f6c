//! Eliminations and backups: what was destroyed under a visa comes back from no backup, with no key left; all else verifies.

use crate::hot::receipt_verifies;
use crate::{World, copy, large, restore, run, shown};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tests::opened::found;
use tests::published::{House, program};

/// Text that stands nowhere else.
fn marked(mark: &str, bytes: usize) -> Vec<u8> {
    let mut text = format!("PLANTED {mark} ").into_bytes();
    text.extend(large(9).into_iter().take(bytes));
    text
}

/// These entries are destroyed under a visa.
fn eliminate(world: &World, ids: &[&str]) {
    let at = |name: &str| shown(&world.place(name));
    let data = shown(&world.house.data());
    let tenant = world.tenant();
    fs::write(at("ids.txt"), ids.join("\n") + "\n").unwrap();
    fs::write(at("visa.pdf"), b"visa").unwrap();
    let (ids, bordereau, visa) = (at("ids.txt"), at("bordereau.json"), at("visa.pdf"));
    let asked = ["--data", &data, "eliminate"];
    let propose =
        ["propose", "--tenant", &tenant, "--ids", &ids, "--reason", "dua", "--rule", "10 ans", "-o", &bordereau];
    run(&[&asked[..], &propose].concat()).exits(0);
    let proposed: Value = serde_json::from_slice(&fs::read(&bordereau).unwrap()).unwrap();
    let digest = proposed["proposal_sha256"].as_str().unwrap().to_owned();
    let signed =
        ["run", "--tenant", &tenant, "--proposal", &bordereau, "--visa", &visa, "--role", "direction des archives"];
    let dated = ["--date", "2026-11-26", "--reference", "2026/118", "--digest", &digest];
    run(&[&asked[..], &signed, &dated].concat()).exits(0);
}

fn register_verifies(world: &World, house: &House, tenant: &str) {
    let (url, place) = (house.url().unwrap(), shown(&world.place("register.json")));
    let token = fs::read_to_string(world.secrets().join("admin.token")).unwrap().trim().to_owned();
    run(&["--url", &url, "--token", &token, "register", "--tenant", tenant, "-o", &place]).exits(0);
    let mut verify = std::process::Command::new(program("tabellion-verify").unwrap());
    let judged = verify.args(["register", &place, "--policy", &shown(&house.policy())]).output().unwrap();
    assert_eq!(judged.status.code(), Some(0), "{}", String::from_utf8_lossy(&judged.stdout));
}

#[test]
fn what_was_eliminated_comes_back_from_no_backup() {
    let mut world = World::new();
    let (small, big) = (marked("petit", 2000), marked("grand", 400_000));
    let gone = [world.deposit("given", "petit.bin", &small), world.deposit("given", "grand.bin", &big)];
    let kept = world.deposit("given", "reste.bin", &marked("reste", 3000));
    world.house.deposit(50, "a").unwrap();
    world.house.seal().unwrap();
    let tenant = world.tenant();
    let old = world.backup(&[]).exits(0).json["backup"].as_str().unwrap().to_owned();
    let planted: [&[u8]; 2] = [b"PLANTED petit ", b"PLANTED grand "];
    let survivor: [&[u8]; 1] = [b"PLANTED reste "];
    let master = world.secrets().join("master.key");
    let (backups, keys, house) = (world.backups(), world.place("keys"), world.place("house"));
    let looked = |folders: &[&Path], texts: &[&[u8]]| found(folders, &master, texts).unwrap();
    assert_eq!(looked(&[&house], &planted), 2, "before, in the store");
    assert_eq!(looked(&[&backups, &keys], &planted), 2, "before, in the backup");
    // Kept against the rule, for what a restore does with it.
    copy(&keys, &world.place("keys of before"));
    eliminate(&world, &[&gone[0], &gone[1]]);
    // Copies of before are past their time, as the bounded retention has it; the deposited files are the test's own.
    fs::remove_dir_all(&keys).unwrap();
    world.backup(&[]).exits(0);
    let events = fs::read(house.join("events")).unwrap();
    assert!(!events.windows(8).any(|window| window == b"PLANTED "), "a content in the log of events");
    assert_eq!(
        looked(&[&house, &backups, &keys], &planted),
        0,
        "after, in store, index, spool, logs, backups old and new"
    );
    assert_eq!(looked(&[&house, &backups, &keys], &survivor), 1);
    world.house.stop().unwrap();

    // The newest backup: the elimination is in it.
    let mut after = world.restored("after", 0, &[]);
    after.start().unwrap();
    let status = |house: &House, id: &str| house.ask(&format!("/v1/deposits/{id}/files/1")).unwrap().0;
    assert_eq!((status(&after, &gone[0]), status(&after, &gone[1]), status(&after, &kept)), (410, 410, 200));
    register_verifies(&world, &after, &tenant);
    after.stop().unwrap();

    // An older one: refused while a newer head is known, then accepted with a reason; with the keys of now, and with those of before.
    world.restore(&world.place("refused"), &["--at", &old]).refuses(11, "store-rolled-back");
    assert!(!world.place("refused").exists());
    for (name, keys) in [("keys", "older"), ("keys of before", "older-keys")] {
        let mut older = world.house.elsewhere(&world.place(keys)).unwrap();
        let more = ["--at", &old, "--accept-rollback", "essai de reprise"];
        let said = restore(&backups, &world.place(name), &world.secrets(), &older.data(), &more).exits(4);
        assert!(said.json["destroyed_keys"].as_u64() >= Some(1), "{}", said.json);
        assert_eq!(said.json["proof"]["damage"], 0, "{}", said.json);
        assert_eq!(looked(&[&older.data(), &backups], &planted), 0, "{name}");
        older.start().unwrap();
        for id in &gone {
            assert_ne!(status(&older, id), 200);
        }
        // Log and register verify, receipts too: what they prove never needed the content.
        assert_eq!(receipt_verifies(&older.policy(), &world.place("given/petit.bin")), 4);
        older.deposit(2, name).unwrap();
        older.seal().unwrap();
        register_verifies(&world, &older, &tenant);
        older.stop().unwrap();
        let scrubbed = run(&["--data", &shown(&older.data()), "backup", &shown(&world.place("new place"))]);
        assert_eq!(scrubbed.exit, 0, "{}", scrubbed.error);
        fs::remove_dir_all(world.place("new place")).unwrap();
    }
}

#[test]
fn backups_beside_eliminations_are_of_one_state_or_the_other() {
    let world = World::new();
    let ids: Vec<String> =
        (0..6).map(|n| world.deposit("given", &format!("{n}.bin"), &marked(&n.to_string(), 90_000))).collect();
    world.house.deposit(200, "a").unwrap();
    std::thread::scope(|scope| {
        let eliminating = scope.spawn(|| ids.iter().for_each(|id| eliminate(&world, &[id])));
        let mut taken = 0;
        while !eliminating.is_finished() || taken == 0 {
            let name = world.backup(&[]).exits(0).json["backup"].as_str().unwrap().to_owned();
            // Whole under its own keys, whatever was eliminated while it was taken.
            let said = world.restore(Path::new("unused"), &["--drill", "--at", &name]);
            assert_eq!(said.json["proof"]["damage"], 0, "{} {}", said.json, said.error);
            taken += 1;
        }
        eliminating.join().unwrap();
    });
    world.backup(&[]).exits(0);
    world.restore(&world.place("restored"), &[]).exits(0);
}
