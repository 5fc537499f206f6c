//! Bytes of a backup altered or missing: nothing is restored, and what is wrong is named.

use crate::{World, copy, large, objects, restore};
use std::fs;
use std::path::Path;

/// Flips tried in each kind of object.
const FLIPS: u64 = 40;

pub(crate) fn flip(path: &Path, at: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at as usize] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn world() -> World {
    let world = World::new();
    world.house.deposit(40, "a").unwrap();
    world.deposit("given", "grand.bin", &large(2));
    world.backup(&[]).exits(0);
    world
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_flipped_byte_is_refused_and_placed() {
    let world = world();
    let all = objects(&world.backups());
    let mut draw = 0x5eed_u64;
    let mut next = |below: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % below
    };
    let to = world.place("restored");
    // Every object and manifest once, then by chance.
    let drawn: Vec<usize> = (0..all.len()).chain((0..FLIPS).map(|_| next(all.len() as u64) as usize)).collect();
    for at in drawn {
        let path = &all[at];
        let length = fs::metadata(path).unwrap().len();
        if length == 0 {
            continue;
        }
        let byte = next(length);
        flip(path, byte);
        let said = world.restore(&to, &[]);
        assert!(said.exit != 0 && said.exit != 70, "byte {byte} of {}: {} {}", path.display(), said.json, said.error);
        // A note that is not text names the manifest by its name.
        let stem = name(path).replace(".note", "").replace(".json", "");
        assert!(said.error.contains(&stem), "byte {byte} of {}: {}", path.display(), said.error);
        assert!(!to.exists(), "something stands there");
        flip(path, byte);
    }
    world.restore(&to, &[]).exits(0);
}

#[test]
fn a_missing_or_truncated_object_is_named_and_the_next_backup_mends_it() {
    let world = world();
    let all = objects(&world.backups());
    let object = all.iter().filter(|path| path.parent().unwrap().parent().unwrap().ends_with("objects"));
    let object = object.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let bytes = fs::read(object).unwrap();
    let to = world.place("restored");
    for wrong in [Some(&bytes[..bytes.len() - 1]), Some(&[bytes.clone(), vec![0]].concat()[..]), Some(&[][..]), None] {
        match wrong {
            Some(wrong) => fs::write(object, wrong).unwrap(),
            None => fs::remove_file(object).unwrap(),
        }
        let said = world.restore(&to, &[]).refuses(1, "object-damaged");
        assert!(said.error.contains(&name(object)) && !to.exists(), "{}", said.error);
        world.backup(&[]).exits(0);
        assert!(fs::read(object).unwrap() == bytes, "mended");
    }
    world.restore(&to, &[]).exits(0);
}

#[test]
fn a_restore_that_is_killed_leaves_nothing_to_serve_and_may_begin_again() {
    let world = world();
    let to = world.place("restored");
    // As a kill in the middle leaves it: segments copied, the mark still there.
    let beside = world.place("restored.restoring");
    let mut half = world.house.elsewhere(&world.place("half")).unwrap();
    for place in [&beside, &half.data()] {
        copy(&world.house.data(), place);
        fs::write(place.join("restore.unfinished"), b"").unwrap();
    }
    let refused = crate::mirror::refusal(&mut half).expect("not served");
    assert!(refused.contains("directory-not-initialised"), "{refused}");
    world.restore(&to, &[]).exits(0);
    assert!(!beside.exists());
    // A directory that holds anything is not written to.
    world.restore(&to, &[]).refuses(1, "directory-not-empty");
}

#[test]
fn keys_of_another_store_or_none_are_refused() {
    let world = world();
    let to = world.place("restored");
    fs::create_dir(world.place("nothing")).unwrap();
    let secrets = world.secrets();
    restore(&world.backups(), &world.place("nothing"), &secrets, &to, &[]).refuses(1, "keys-not-found");
    restore(&world.backups(), &world.place("keys"), &world.place("nothing"), &to, &[]).refuses(1, "secret-missing");
    let other = World::new();
    let said = restore(&world.backups(), &world.place("keys"), &other.secrets(), &to, &[]);
    assert!(said.exit == 1 && said.error.contains("manifest-unsound"), "another log's key: {}", said.error);
    // A key that is missing though nothing eliminated it is damage, and said.
    let copy_of_keys = fs::read_dir(world.place("keys")).unwrap().next().unwrap().unwrap().path();
    let key = fs::read_dir(&copy_of_keys).unwrap().map(|e| e.unwrap().path()).find(|path| !path.ends_with("store.key"));
    fs::remove_file(key.unwrap()).unwrap();
    let said = world.restore(&to, &[]).refuses(1, "restore-not-proved");
    assert!(said.error.contains("key-missing"), "{}", said.error);
    assert!(!to.exists());
}
