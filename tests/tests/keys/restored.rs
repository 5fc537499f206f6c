//! A backup of a house whose master key stands behind a token, restored with the token, and without it from shares.

use crate::softhsm::protected;
use crate::{World, contents, holding, shown};
use std::fs;

/// A backup, copies of the keys, and the secrets kept apart: no master key among them.
fn backed_up(world: &mut World) -> [String; 3] {
    let (backups, keys, secrets) = (world.place("backups"), world.place("copies"), world.place("secrets"));
    world.run(&["backup", &shown(&backups), "--keys", &shown(&keys), "--format", "json"]).exits(0);
    fs::create_dir_all(secrets.join("tsa")).unwrap();
    for name in ["log.key", "admin.token", "tsa/tsa.key", "pkcs11.pin"] {
        fs::copy(world.data().join(name), secrets.join(name)).unwrap();
    }
    [backups, keys, secrets].map(|path| shown(&path))
}

#[test]
fn a_restore_brings_the_wrapped_key_back_and_says_which_token_it_needs() {
    let Some((mut world, token)) = protected() else { return };
    let before = world.contents();
    let [backups, keys, secrets] = backed_up(&mut world);
    // The backup holds what the token alone opens, and not the PIN.
    let wrapped = fs::read(world.data().join("master.p11")).unwrap();
    assert_eq!(holding(&world.place("backups"), &wrapped).len(), 1);
    let restored = world.house.elsewhere(&world.place("again")).unwrap();
    let data = shown(&restored.data());
    let asked = ["restore", "--from", &backups, "--keys", &keys, "--secrets", &secrets];
    let restore = |world: &World, more: &[&str]| {
        let data: &std::path::Path = data.as_ref();
        crate::run_at(data, &world.environment, &[&asked[..], more].concat())
    };
    // Without its token nothing is restored, and it is said which one.
    let (there, away) = (token.tokens(), world.place("away"));
    fs::rename(&there, &away).unwrap();
    fs::create_dir_all(&there).unwrap();
    let said = restore(&world, &[]).refuses("token-missing");
    assert!(said.error.contains("essai") && !restored.data().exists(), "{}", said.error);
    fs::remove_dir(&there).unwrap();
    fs::rename(&away, &there).unwrap();
    let drill = restore(&world, &["--drill", "--in", &shown(&world.place("token")), "--format", "json"]).exits(0);
    assert_eq!(drill.json["token"], "essai", "{}", drill.json);
    let said = restore(&world, &["--format", "json"]).exits(0);
    assert_eq!(said.json["token"], "essai", "{}", said.json);
    assert!(!restored.data().join("master.key").exists() && restored.data().join("master.p11").exists());
    let mut restored = restored;
    restored.start().unwrap();
    assert_eq!(contents(&restored), before);
}

#[test]
fn a_token_lost_with_its_house_is_replaced_by_shares() {
    let Some((mut world, token)) = protected() else { return };
    let before = world.contents();
    let to = world.place("shares");
    world.run(&["keys", "escrow", "--shares", "3", "--threshold", "2", "-o", &shown(&to)]).exits(0);
    let [backups, keys, secrets] = backed_up(&mut world);
    fs::remove_dir_all(world.data()).unwrap();
    fs::remove_dir_all(token.tokens()).unwrap();
    let (one, three) = (shown(&to.join("part-1-sur-3.txt")), shown(&to.join("part-3-sur-3.txt")));
    // The secrets are put together again with what the shares give.
    let recover = ["keys", "recover", "--keys", &keys, &one, &three];
    crate::run_at(secrets.as_ref(), &world.environment, &recover).exits(0);
    let asked = ["restore", "--from", &backups, "--keys", &keys, "--secrets", &secrets, "--format", "json"];
    let said = world.run(&asked).exits(0);
    assert_eq!(said.json["token"], serde_json::Value::Null, "it opens without one: {}", said.json);
    assert_eq!(world.contents(), before);
}
