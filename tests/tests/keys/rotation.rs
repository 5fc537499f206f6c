//! One key of the log after another: the old one signs the new one, and all that it ever signed still verifies.

use crate::logkey::policy_keys;
use crate::softhsm::{LOG_KEY, log_housed};
use crate::{Said, World, holding, shown};
use proof::{SignedNote, TlogProof, VerifierKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::published::{House, program, tabellion};

/// The packs of everything that the tenant's token reads, in this folder; what is deposited twice is one.
fn packs(house: &House, folder: &Path) -> BTreeMap<String, PathBuf> {
    fs::create_dir_all(folder).unwrap();
    let (status, list) = house.ask("/v1/deposits?limit=100").unwrap();
    assert_eq!(status, 200);
    let list: Value = serde_json::from_slice(&list).unwrap();
    let pack = |item: &Value| {
        let id = item["id"].as_str().unwrap().to_owned();
        let (status, pack) = house.ask(&format!("/v1/deposits/{id}/evidence?attestation=none")).unwrap();
        assert_eq!(status, 200, "{id}: {}", String::from_utf8_lossy(&pack));
        let file = folder.join(format!("{id}.asice"));
        fs::write(&file, pack).unwrap();
        (id, file)
    };
    list["items"].as_array().unwrap().iter().map(pack).collect()
}

/// How the legal command ends on this pack under this policy.
fn judged(pack: &Path, policy: &Path) -> i32 {
    let mut command = Command::new(program("tabellion-verify").unwrap());
    command.arg(pack).arg("--policy").arg(policy).env_clear().env("LC_ALL", "C");
    command.output().unwrap().status.code().unwrap()
}

#[track_caller]
fn all_judged(packs: &BTreeMap<String, PathBuf>, policy: &Path, exit: i32) {
    let found: Vec<i32> = packs.values().map(|pack| judged(pack, policy)).collect();
    assert_eq!(found, vec![exit; packs.len()]);
}

fn policy(world: &World, name: &str) -> PathBuf {
    let place = world.place(name);
    world.run(&["policy", "-o", &shown(&place)]).exits(0);
    place
}

fn rotate(world: &World, more: &[&str]) -> Said {
    world.run(&[&["keys", "rotate", "--format", "json"], more].concat())
}

/// What a monitor that remembers in this file says under this policy.
fn watched(world: &World, policy: &Path) -> (i32, Value) {
    let (url, state) = (world.house.url().unwrap(), shown(&world.place("state")));
    let asked = ["monitor", &url, "--state", &state, "--format", "json", "--policy", &shown(policy)];
    let said = tabellion(&asked).unwrap();
    (said.status.code().unwrap(), serde_json::from_slice(&said.stdout).unwrap())
}

/// Which of these keys signed the head of the receipt of this entry.
fn signer(world: &World, id: &str, keys: &[Value]) -> usize {
    let admin = fs::read_to_string(world.data().join("admin.token")).unwrap();
    let url = format!("{}/v1/deposits/{id}", world.house.url().unwrap());
    let answer = ureq::get(&url).header("authorization", &format!("Bearer {}", admin.trim_end())).call().unwrap();
    let entry: Value = serde_json::from_slice(&answer.into_body().read_to_vec().unwrap()).unwrap();
    assert_eq!(entry["kind"], "administration", "{entry}");
    assert_eq!(entry["facts"]["administration"], "log-key-rotated", "{entry}");
    assert_eq!([&entry["facts"]["old"], &entry["facts"]["new"]], [&keys[0]["vkey"], &keys[1]["vkey"]], "{entry}");
    let receipt = TlogProof::parse(entry["receipt"].as_str().unwrap()).unwrap();
    let note = SignedNote::parse(&receipt.checkpoint).unwrap();
    let signed = |key: &Value| VerifierKey::parse(key["vkey"].as_str().unwrap()).unwrap().verify(&note).is_ok();
    keys.iter().position(signed).unwrap()
}

#[test]
fn the_old_key_signs_the_new_one_and_everything_of_before_and_after_verifies() {
    let mut world = World::new();
    world.configure("[mirror]\npath = \"../mirror\"\n");
    let secret = fs::read(world.data().join("log.key")).unwrap();
    world.house.start().unwrap();
    world.house.seal().unwrap();
    let sealed = packs(&world.house, &world.place("sealed"));
    let before = policy(&world, "before.json");
    all_judged(&sealed, &before, 0);
    world.house.deposit(2, "between a seal and the rotation").unwrap();
    let mut pending = packs(&world.house, &world.place("pending"));
    pending.retain(|id, _| !sealed.contains_key(id));
    assert_eq!(watched(&world, &before).0, 0);
    // Not under a server.
    assert!(rotate(&world, &[]).error.contains("another process holds"));
    world.house.stop().unwrap();
    let said = rotate(&world, &[]).exits(0).json;
    assert_eq!(said["first"].as_u64(), said["entry"].as_u64().map(|entry| entry + 1), "{said}");
    let keys = policy_keys(&world);
    assert_eq!((keys.len(), &keys[0]["vkey"], &keys[1]["vkey"]), (2, &said["old"], &said["new"]));
    assert_eq!((&keys[0]["until"], &keys[1]["until"]), (&said["until"], &Value::Null));
    assert!(keys[1]["from"].is_string() && keys[0]["from"].is_null());
    // The old secret is nowhere, the new one has its place.
    assert_eq!(holding(&world.data(), &secret[..64]), Vec::<PathBuf>::new());
    assert!(!world.data().join("log.key.next").exists());
    let after = policy(&world, "after.json");
    world.house.start().unwrap();
    assert_eq!(signer(&world, said["id"].as_str().unwrap(), &keys), 0, "the old key's last word");
    // Whoever watches goes on with the new policy, and not without it.
    let (exit, told) = watched(&world, &before);
    assert!(exit != 0 && told["code"] == "key-not-pinned", "{told}");
    let (exit, told) = watched(&world, &after);
    assert!(exit == 0 && told["outcome"] == "grown", "{told}");
    // Whoever keeps a receipt alone may have one under a head of today.
    let (status, renewed) =
        world.house.ask(&format!("/v1/deposits/{}/receipt?head=newest", sealed.keys().next().unwrap())).unwrap();
    let renewed = TlogProof::parse(std::str::from_utf8(&renewed).unwrap()).unwrap();
    let note = SignedNote::parse(&renewed.checkpoint).unwrap();
    assert!(status == 200 && VerifierKey::parse(keys[1]["vkey"].as_str().unwrap()).unwrap().verify(&note).is_ok());
    all_judged(&sealed, &after, 0);
    all_judged(&pending, &after, 4);
    let served = packs(&world.house, &world.place("served"));
    assert_eq!(served.len(), sealed.len() + 2, "packs not sealed yet are given out too");
    world.house.deposit(3, "after").unwrap();
    world.house.seal().unwrap();
    let all = packs(&world.house, &world.place("all"));
    all_judged(&all, &after, 0);
    let fresh = all.keys().find(|id| !served.contains_key(*id)).unwrap();
    assert!(![0, 4].contains(&judged(&all[fresh], &before)), "the new key is not in the old policy");
    world.house.stop().unwrap();
    // Everything read again, then the index made again: older heads bear the key in charge, over the same texts.
    world.run(&["scrub", "--all", "--deep", "--format", "json"]).exits(0);
    world.run(&["reindex", "--format", "json"]).exits(0);
    world.run(&["scrub", "--all", "--format", "json"]).exits(0);
    world.house.start().unwrap();
    all_judged(&packs(&world.house, &world.place("again")), &after, 0);
    assert_eq!(watched(&world, &after).0, 0);
}

#[test]
fn a_key_prepared_is_the_one_that_comes_and_a_third_follows_the_second() {
    let world = World::new();
    let prepared = world.run(&["keys", "generate", "--format", "json"]).exits(0).json["vkey"].clone();
    let again = world.run(&["keys", "generate", "--format", "json"]).exits(0).json["vkey"].clone();
    assert_eq!(prepared, again, "one that is ready is not replaced");
    assert_eq!(policy_keys(&world).len(), 1, "and is in charge of nothing");
    assert_eq!(rotate(&world, &[]).exits(0).json["new"], prepared);
    let third = rotate(&world, &["--days", "0"]).exits(0).json;
    assert_eq!(third["old"], prepared);
    let keys = policy_keys(&world);
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[1]["until"], keys[2]["from"], "no day of grace was asked for");
}

#[test]
fn a_key_that_may_be_in_other_hands_counts_only_where_a_seal_proves_the_time() {
    let mut world = World::new();
    world.house.start().unwrap();
    world.house.seal().unwrap();
    let sealed = packs(&world.house, &world.place("sealed"));
    world.house.deposit(1, "not sealed").unwrap();
    let mut pending = packs(&world.house, &world.place("pending"));
    pending.retain(|id, _| !sealed.contains_key(id));
    world.house.stop().unwrap();
    // The authority vouches for its second alone: the old key must still be good when it is over.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    rotate(&world, &["--compromised", "yesterday"]).refuses("log-key-date");
    rotate(&world, &["--compromised", "2999-01-01T00:00:00Z"]).exits(0);
    let keys = policy_keys(&world);
    assert_eq!((&keys[0]["compromised"], &keys[0]["until"]), (&"2999-01-01T00:00:00.000Z".into(), &keys[1]["from"]));
    let after = policy(&world, "after.json");
    all_judged(&sealed, &after, 0);
    all_judged(&pending, &after, 3);
}

#[test]
fn a_backup_that_the_old_key_signed_is_restored_with_the_list_and_not_without() {
    let mut world = World::new();
    let (backups, copies, secrets) =
        (shown(&world.place("backups")), shown(&world.place("copies")), world.place("secrets"));
    let backup = |world: &World| world.run(&["backup", &backups, "--keys", &copies, "--format", "json"]).exits(0);
    let older = backup(&world).json["backup"].as_str().unwrap().to_owned();
    rotate(&world, &[]).exits(0);
    backup(&world);
    fs::create_dir_all(secrets.join("tsa")).unwrap();
    for name in ["log.key", "log.keys", "master.key", "admin.token", "tsa/tsa.key"] {
        fs::copy(world.data().join(name), secrets.join(name)).unwrap();
    }
    let drill = |at: Option<&str>| {
        let (secrets, within) = (shown(&secrets), shown(world.dir.path()));
        let asked =
            ["restore", "--from", &backups, "--keys", &copies, "--secrets", &secrets, "--drill", "--in", &within];
        let at = at.map_or_else(Vec::new, |at| vec!["--at", at]);
        world.run(&[&asked[..], &["--format", "json"], &at].concat())
    };
    drill(None).exits(0);
    // Done, and it says that a later head is known.
    drill(Some(&older)).exits(4);
    fs::remove_file(secrets.join("log.keys")).unwrap();
    drill(Some(&older)).refuses("manifest-unsound");
    fs::copy(world.data().join("log.keys"), secrets.join("log.keys")).unwrap();
    let restored = world.house.elsewhere(&world.place("again")).unwrap();
    let asked = ["restore", "--from", &backups, "--keys", &copies, "--secrets", &shown(&secrets)];
    crate::run_at(&restored.data(), &world.environment, &asked).exits(0);
    assert_eq!(world.contents().len(), 43);
    let list = |data: &Path| fs::read(data.join("log.keys")).unwrap();
    assert_eq!(list(&restored.data()), list(&world.data()));
    let mut restored = restored;
    restored.start().unwrap();
    restored.deposit(1, "restored").unwrap();
}

#[test]
fn the_new_key_may_be_born_in_a_token_and_the_next_one_too() {
    let Some((mut world, token)) = log_housed() else { return };
    let clear = policy_keys(&world)[0]["vkey"].clone();
    let prepared = world.run(&["keys", "generate", "--pkcs11", "--format", "json"]).exits(0).json["vkey"].clone();
    assert_ne!(prepared, clear);
    assert_eq!(world.contents().len(), 43, "the key in its file is in charge until then");
    let said = rotate(&world, &["--pkcs11"]).exits(0).json;
    assert_eq!((&said["old"], &said["new"]), (&clear, &prepared));
    assert!(!world.data().join("log.key").exists(), "the old one is destroyed");
    assert_eq!(world.contents().len(), 43);
    // A second one under the same label: the list says which of them signs.
    let said = rotate(&world, &["--pkcs11"]).exits(0).json;
    assert_eq!(said["old"], prepared);
    world.house.start().unwrap();
    world.house.deposit(1, "by the second key of the token").unwrap();
    world.house.seal().unwrap();
    let after = policy(&world, "after.json");
    all_judged(&packs(&world.house, &world.place("packs")), &after, 0);
    world.house.stop().unwrap();
    // Two that never were in charge: nobody guesses which one was meant.
    token.make_pair(LOG_KEY, "71", &["--sensitive"]);
    token.make_pair(LOG_KEY, "72", &["--sensitive"]);
    rotate(&world, &["--pkcs11"]).refuses("token-label-not-unique");
    // And back to a file.
    rotate(&world, &[]).exits(0);
    assert!(world.data().join("log.key").exists());
    assert_eq!(policy_keys(&world).len(), 4);
}
