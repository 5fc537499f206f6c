//! The master key in shares: made, proved in a drill, lost, recovered; and every share that will not do refused by its name.

use crate::{World, contents, holding, shown};
use std::fs;
use std::path::{Path, PathBuf};

/// Three of five.
fn escrowed(world: &World, name: &str) -> Vec<PathBuf> {
    let to = world.place(name);
    let asked = ["keys", "escrow", "--shares", "5", "--threshold", "3", "-o", &shown(&to), "--format", "json"];
    // A start makes a key, and so does the entry that is logged after.
    let keys = world.keys();
    let said = world.run(&asked).exits(0);
    assert_eq!(said.json["keys"], keys, "{}", said.json);
    assert!(said.json["logged"].is_u64(), "{}", said.json);
    let files: Vec<PathBuf> =
        said.json["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().into()).collect();
    assert_eq!(files.len(), 5);
    files
}

fn asked<'a>(what: &'a str, shares: &'a [String]) -> Vec<&'a str> {
    let mut asked = vec!["keys", what, "--format", "json"];
    asked.extend(shares.iter().map(String::as_str));
    asked
}

fn some(shares: &[PathBuf], numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| shown(&shares[number - 1])).collect()
}

#[test]
fn a_lost_master_key_is_recovered_from_shares_and_everything_is_read() {
    let mut world = World::new();
    let before = world.contents();
    let shares = escrowed(&world, "shares");
    let master = world.data().join("master.key");
    let lost = fs::read(&master).unwrap();
    world.run(&asked("recover", &some(&shares, &[1, 2, 3]))).refuses("master-key-there");
    assert_eq!(fs::read(&master).unwrap(), lost);
    fs::remove_file(&master).unwrap();
    world.start_refuses("master-key-missing");
    world.run(&asked("recover", &some(&shares, &[1, 2]))).refuses("shares-too-few");
    assert!(!master.exists());
    let said = world.run(&asked("recover", &some(&shares, &[5, 2, 4]))).exits(0);
    assert_eq!(said.json["shares"], serde_json::json!([2, 4, 5]), "{}", said.json);
    assert_eq!(fs::read(&master).unwrap(), lost, "the same key, byte for byte");
    assert_eq!(world.contents(), before);
}

#[test]
fn a_drill_counts_every_key_logs_it_and_writes_the_secret_nowhere() {
    let mut world = World::new();
    let shares = escrowed(&world, "shares");
    let text = fs::read(world.data().join("master.key")).unwrap();
    let secret = proof::hash::decode_hex(std::str::from_utf8(&text).unwrap().trim_end()).unwrap();
    // Served: the server logs it.
    world.house.start().unwrap();
    let size = world.house.size().unwrap();
    let keys = world.keys();
    let said = world.run(&asked("drill", &some(&shares, &[4, 1, 3]))).exits(0);
    assert_eq!(said.json["keys"], keys);
    assert_eq!((&said.json["unopened"], &said.json["threshold"]), (&serde_json::json!([]), &3.into()));
    let index = said.json["logged"].as_u64().unwrap();
    assert_eq!(index, size, "one entry");
    assert_eq!(contents(&world.house).len(), 43);
    world.house.stop().unwrap();
    // Served by nobody: in the directory itself.
    let again = world.run(&asked("drill", &some(&shares, &[1, 2, 3, 4, 5]))).exits(0);
    assert!(again.json["logged"].as_u64() > Some(index), "{}", again.json);
    // Only where it was, and in no share by itself.
    for held in [&text[..64], &secret] {
        let found = holding(world.dir.path(), held);
        assert!(found.iter().all(|path| path.ends_with("master.key")), "{found:?}");
    }
    // A copy of the key store, and a log at hand or none.
    let copies = shown(&world.place("copies"));
    let keys = world.keys();
    world.run(&["keys", "backup", &copies]).exits(0);
    let used = some(&shares, &[1, 2, 3]);
    let on_copy = [&["keys", "drill", "--keys", &copies, "--format", "json"][..], &as_strs(&used)].concat();
    let said = world.run(&on_copy).exits(0);
    assert_eq!(said.json["keys"], keys);
    assert!(said.json["where"].as_str().unwrap().starts_with(&copies));
}

fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn a_drill_says_which_key_does_not_open() {
    let world = World::new();
    let shares = escrowed(&world, "shares");
    let damaged = world.key_files().into_iter().find(|path| !path.ends_with("store.key")).unwrap();
    let right = fs::read(&damaged).unwrap();
    for at in [0, 8, 45, 60, 100] {
        let mut wrong = right.clone();
        wrong[at] ^= 4;
        fs::write(&damaged, wrong).unwrap();
        let keys = world.keys();
        let said = world.run(&asked("drill", &some(&shares, &[1, 2, 3]))).exits(1);
        let unopened = said.json["unopened"].as_array().unwrap();
        assert_eq!(
            (unopened.len(), unopened[0]["where"].as_str().unwrap()),
            (1, shown(&damaged).as_str()),
            "byte {at}"
        );
        assert_eq!(said.json["keys"], keys - 1);
    }
    fs::write(&damaged, right).unwrap();
    world.run(&asked("drill", &some(&shares, &[1, 2, 3]))).exits(0);
    // The store's own key: nothing can be told without it.
    let own = world.data().join("store/keys/store.key");
    let mut wrong = fs::read(&own).unwrap();
    wrong[60] ^= 1;
    fs::write(&own, wrong).unwrap();
    let said = world.run(&asked("drill", &some(&shares, &[1, 2, 3])));
    assert!(said.exit != 0 && said.error.contains("store.key"), "{}", said.error);
}

#[test]
fn shares_that_will_not_do_are_refused_and_named() {
    let world = World::new();
    let (shares, others) = (escrowed(&world, "shares"), escrowed(&world, "others"));
    let drill = |files: Vec<String>, code: &str, named: Option<&Path>| {
        let said = world.run(&asked("drill", &files)).refuses(code);
        assert!(named.is_none_or(|path| said.error.contains(&shown(path))), "{}", said.error);
    };
    drill(some(&shares, &[1, 2]), "shares-too-few", None);
    let mixed = vec![shown(&shares[0]), shown(&others[1]), shown(&shares[2])];
    drill(mixed, "shares-of-two-escrows", Some(&others[1]));
    let twin = world.place("twin.txt");
    fs::copy(&shares[0], &twin).unwrap();
    drill(vec![shown(&shares[0]), shown(&shares[1]), shown(&twin)], "share-twice", Some(&twin));
    let absent = world.place("absent.txt");
    drill(vec![shown(&shares[0]), shown(&shares[1]), shown(&absent)], "share-unreadable", Some(&absent));
    // One sign of the value, mistyped: the line is named.
    let text = fs::read_to_string(&shares[2]).unwrap();
    let at = text.find("\n3: ").unwrap() + 4;
    let sign = if &text[at..=at] == "0" { "1" } else { "0" };
    let (head, tail) = text.split_at(at);
    let wrong = world.place("wrong.txt");
    fs::write(&wrong, format!("{head}{sign}{}", &tail[1..])).unwrap();
    let said = world.run(&asked("drill", &[shown(&shares[0]), shown(&shares[1]), shown(&wrong)]));
    let said = said.refuses("share-damaged");
    assert!(said.error.contains("wrong.txt") && said.error.contains("\"3\""), "{}", said.error);
    fs::write(&wrong, text.replace("\nshare: 3", "\nshare: 4")).unwrap();
    drill(vec![shown(&shares[0]), shown(&shares[1]), shown(&wrong)], "share-damaged", Some(&wrong));
    // Of another store.
    let other = World::new();
    let foreign = escrowed(&other, "shares");
    drill(some(&foreign, &[1, 2, 3]), "shares-of-another-store", Some(&world.data()));
    world.run(&asked("drill", &some(&shares, &[3, 4, 5]))).exits(0);
}

#[test]
fn an_escrow_that_makes_no_sense_or_has_no_place_is_refused_and_leaves_nothing() {
    let world = World::new();
    let to = world.place("shares");
    let escrow = |shares: &str, threshold: &str| {
        world.run(&["keys", "escrow", "--shares", shares, "--threshold", threshold, "-o", &shown(&to)])
    };
    escrow("3", "4").refuses("escrow-numbers");
    assert_eq!(escrow("3", "1").exit, 2);
    assert!(!to.exists());
    fs::create_dir_all(&to).unwrap();
    fs::write(to.join("something"), "").unwrap();
    escrow("3", "2").refuses("escrow-place");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
    fs::remove_file(to.join("something")).unwrap();
    // A key that does not open everything is not shared out.
    let damaged = world.key_files().into_iter().find(|path| !path.ends_with("store.key")).unwrap();
    let mut wrong = fs::read(&damaged).unwrap();
    wrong[60] ^= 1;
    fs::write(&damaged, wrong).unwrap();
    escrow("3", "2").refuses("keys-not-opened");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
}
