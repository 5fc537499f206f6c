//! Incremental backups, and how long they are kept.

use crate::{World, large, objects};
use std::fs;

#[test]
fn only_what_is_new_is_sent() {
    let world = World::new();
    world.house.deposit(300, "a").unwrap();
    world.deposit("given", "grand.bin", &large(3));
    let first = world.backup(&[]).exits(0);
    assert_eq!(first.json["sent"], first.json["objects"], "{}", first.json);
    let again = world.backup(&[]).exits(0);
    assert_eq!((&again.json["sent"], &again.json["sent_bytes"]), (&0.into(), &0.into()), "{}", again.json);
    let before = objects(&world.backups()).len();
    world.house.deposit(1, "b").unwrap();
    let third = world.backup(&[]).exits(0);
    // The segment that grew, alone.
    assert_eq!(third.json["sent"], 1, "{}", third.json);
    assert!(third.json["bytes"].as_u64() > third.json["sent_bytes"].as_u64());
    assert_eq!(objects(&world.backups()).len(), before + 3, "an object, a manifest and its note");
    // Each of them restores, under its own head.
    for (backup, place) in [(&first, "one"), (&third, "three")] {
        let name = backup.json["backup"].as_str().unwrap();
        let more = ["--at", name, "--drill"];
        let said = world.restore(&world.place(place), &more);
        assert_eq!(said.json["size"], backup.json["size"], "{} {}", said.json, said.error);
    }
}

#[test]
fn past_their_days_backups_go_and_never_what_the_newest_needs() {
    let world = World::new();
    world.house.deposit(100, "a").unwrap();
    world.backup(&[]).exits(0);
    world.house.deposit(1, "b").unwrap();
    world.backup(&[]).exits(0);
    // What a backup that was cut left.
    let stray = world.backups().join("objects/ab");
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("ab".repeat(32)), b"named by nothing").unwrap();
    let kept = world.backup(&["--keep-days", "1"]).exits(0);
    assert_eq!((&kept.json["removed"], &kept.json["removed_objects"]), (&0.into(), &1.into()), "{}", kept.json);
    world.house.deposit(1, "c").unwrap();
    let kept = world.backup(&["--keep-days", "0"]).exits(0);
    assert_eq!(kept.json["removed"], 3, "{}", kept.json);
    assert!(kept.json["removed_objects"].as_u64() >= Some(1));
    world.restore(&world.place("restored"), &[]).exits(0);
}

#[test]
fn a_place_of_backups_is_of_one_store_and_unsound_manifests_are_told() {
    let world = World::new();
    world.backup(&[]).exits(0);
    let other = World::new();
    let (data, to) = (crate::shown(&other.house.data()), crate::shown(&world.backups()));
    // Signed by another log's key: nothing is put beside it, and nothing of it removed.
    crate::run(&["--data", &data, "backup", &to, "--keep-days", "0"]).refuses(1, "manifest-unsound");
    // A newer one that is damaged beside a sound one is told, and nothing is removed.
    world.backup(&[]).exits(0);
    let newest =
        objects(&world.backups()).into_iter().rfind(|path| path.extension().is_some_and(|e| e == "json")).unwrap();
    crate::flips::flip(&newest, 100);
    let said = world.backup(&["--keep-days", "0"]).exits(4);
    assert_eq!(said.json["unsound"].as_array().map(Vec::len), Some(1), "{}", said.json);
    assert_eq!(said.json["removed"], 0);
    world.restore(&world.place("restored"), &["--at", "2"]).refuses(1, "backup-not-found");
}

#[test]
fn a_store_older_than_its_own_backups_is_not_backed_up_over_them() {
    let mut world = World::new();
    world.house.stop().unwrap();
    let older = crate::mirror::image(&world, "older");
    world.house.start().unwrap();
    world.house.deposit(5, "a").unwrap();
    world.backup(&[]).exits(0);
    world.house.stop().unwrap();
    crate::mirror::put_back(&world, &older);
    let before = objects(&world.backups());
    world.backup(&[]).refuses(11, "store-rolled-back");
    assert_eq!(objects(&world.backups()), before);
}
