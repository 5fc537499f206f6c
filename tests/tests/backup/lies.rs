//! Manifests that lie: unsigned ones are refused at once, and one signed by whoever has the log's key is refused by the proof.

use crate::{World, objects};
use proof::SigningKey;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// The one manifest of a place of backups.
fn manifest(world: &World) -> (PathBuf, PathBuf) {
    let all = objects(&world.backups());
    let of = |end: &str| all.iter().find(|path| path.to_string_lossy().ends_with(end)).unwrap().clone();
    (of(".json"), of(".note"))
}

/// The manifest says this instead, and its note is signed again by this key.
fn lie(world: &World, seed: [u8; 32], change: &dyn Fn(&mut Value)) {
    let (json, note) = manifest(world);
    let mut value: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    change(&mut value);
    let bytes = value.to_string();
    let key = SigningKey::from_seed(crate::ORIGIN, &seed).unwrap();
    let text = format!("tabellion backup 1\n{}\n{}\n", crate::ORIGIN, proof::sha256(bytes.as_bytes()));
    fs::write(json, bytes).unwrap();
    fs::write(note, key.sign(&text)).unwrap();
}

#[test]
fn a_manifest_that_lies_is_refused_even_signed() {
    let world = World::new();
    world.house.deposit(60, "a").unwrap();
    world.backup(&[]).exits(0);
    let (json, note) = manifest(&world);
    let sound = [fs::read(&json).unwrap(), fs::read(&note).unwrap()];
    let to = world.place("restored");
    let put_back = || {
        fs::write(&json, &sound[0]).unwrap();
        fs::write(&note, &sound[1]).unwrap();
    };
    // Unsigned.
    let text = String::from_utf8(sound[0].clone()).unwrap();
    fs::write(&json, text.replace("\"version\":1", "\"version\":2")).unwrap();
    world.restore(&to, &[]).refuses(1, "manifest-unsound");
    put_back();
    // Signed by whoever can write there, and consistent in itself: it would let a destroyed key come back.
    lie(&world, [7; 32], &|value| value["destroyed"] = json!([]));
    world.restore(&to, &[]).refuses(1, "manifest-unsound");
    put_back();
    let seed =
        proof::hash::decode_hex(fs::read_to_string(world.secrets().join("log.key")).unwrap().trim_end()).unwrap();
    let seed = <[u8; 32]>::try_from(seed).unwrap();
    type Lie = (&'static str, fn(&mut Value));
    let lies: [Lie; 8] = [
        ("restore-other-head", |value| value["commit"] = json!(value["commit"].as_u64().unwrap() + 1)),
        ("restore-other-head", |value| drop(value["segments"].as_array_mut().unwrap().pop())),
        ("manifest-unsound", |value| drop(value["segments"].as_array_mut().unwrap().remove(0))),
        ("manifest-unsound", |value| value["files"][0]["path"] = json!("../elsewhere")),
        ("manifest-unsound", |value| value["files"][0]["path"] = json!("log.key")),
        ("manifest-unsound", |value| value["unknown"] = json!(1)),
        ("manifest-unsound", |value| value["made"] = json!("2020-01-01T00:00:00.000Z")),
        ("object-damaged", |value| {
            let last = value["segments"].as_array_mut().unwrap().last_mut().unwrap();
            last["bytes"] = json!(last["bytes"].as_u64().unwrap() - 512);
        }),
    ];
    for (code, change) in lies {
        lie(&world, seed, &change);
        let said = world.restore(&to, &[]);
        assert!(said.exit == 1 && said.error.contains(code), "{code}: {} {}", said.exit, said.error);
        assert!(!to.exists());
        put_back();
    }
    world.restore(&to, &[]).exits(0);
}
