//! The master key behind a token: served as before, nowhere in clear, and every way in which the token can be away or wrong refused by name.

use crate::softhsm::{KEY, MODULE, PIN, as_it_was, housed, protected, renamed};
use crate::{holding, private};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn what_was_deposited_is_read_after_a_restart_with_the_key_in_the_token() {
    let Some((mut world, _token)) = housed() else { return };
    let text = fs::read(world.data().join("master.key")).unwrap();
    let secret = proof::hash::decode_hex(std::str::from_utf8(&text).unwrap().trim_end()).unwrap();
    let before = world.contents();
    // Not protected yet: it opens, and says so.
    let events = fs::read_to_string(world.place("house/events")).unwrap();
    assert!(events.contains("master.key stands in clear"), "{events}");
    let said = world.run(&["keys", "protect", "--pkcs11", "--format", "json"]).exits(0);
    assert_eq!((&said.json["destroyed"], said.json["keys"].as_u64()), (&true.into(), Some(world.keys())));
    assert!(!world.data().join("master.key").exists());
    assert_eq!(fs::metadata(world.data().join("master.p11")).unwrap().permissions().mode() & 0o777, 0o600);
    for held in [&text[..64], &secret] {
        assert_eq!(holding(world.dir.path(), held), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(world.contents(), before);
    // Deposits go on, and a start after them too.
    world.house.start().unwrap();
    world.house.seal().unwrap();
    world.house.stop().unwrap();
    assert_eq!(world.contents(), before);
    // Done again it proves, and changes nothing.
    let kept = fs::read(world.data().join("master.p11")).unwrap();
    let again = world.run(&["keys", "protect", "--pkcs11", "--format", "json"]).exits(0);
    // Each start between made a key.
    assert_eq!((&again.json["destroyed"], again.json["keys"].as_u64()), (&false.into(), Some(world.keys())));
    assert_eq!(fs::read(world.data().join("master.p11")).unwrap(), kept);
    // Commands on a directory that nobody serves ask the token too.
    world.run(&["scrub", "--format", "json"]).exits(0);
    world.run(&["reindex", "--format", "json"]).exits(0);
}

#[test]
fn a_token_pulled_out_while_the_house_serves_is_not_missed_until_the_next_start() {
    let Some((mut world, token)) = protected() else { return };
    world.house.start().unwrap();
    let (there, away) = (token.tokens(), world.place("away"));
    fs::rename(&there, &away).unwrap();
    // Deposits, new segments and readings of the store ask nothing of it.
    world.house.deposit(5, "without").unwrap();
    world.run(&["scrub", "--all", "--format", "json"]).exits(0);
    world.house.stop().unwrap();
    fs::create_dir_all(&there).unwrap();
    world.start_refuses("token-missing");
    fs::remove_dir(&there).unwrap();
    fs::rename(&away, &there).unwrap();
    world.house.start().unwrap();
}

#[test]
fn a_served_directory_is_not_protected_under_its_server() {
    let Some((mut world, _token)) = housed() else { return };
    world.house.start().unwrap();
    let said = world.run(&["keys", "protect", "--pkcs11"]);
    assert!(said.exit != 0 && said.error.contains("another process holds"), "{}", said.error);
    assert!(world.data().join("master.key").exists() && !world.data().join("master.p11").exists());
}

#[test]
fn a_wrong_pin_is_tried_once_and_never_again_by_a_start() {
    let Some((mut world, _token)) = protected() else { return };
    let pin = world.data().join("pkcs11.pin");
    private(&pin, "9999\n");
    world.start_refuses("token-pin-wrong");
    let mark = world.data().join("pin.refused");
    assert!(mark.exists());
    // The right one is not tried either, by a start or by what a timer runs: a person has to look.
    private(&pin, PIN);
    world.start_refuses("token-pin-refused-before");
    world.run(&["scrub"]).refuses("token-pin-refused-before");
    world.run(&["keys", "protect", "--pkcs11"]).exits(0);
    assert!(!mark.exists());
    assert_eq!(world.contents().len(), 43);
    private(&pin, "9999\n");
    world.run(&["keys", "protect", "--pkcs11"]).refuses("token-pin-wrong");
    private(&pin, PIN);
    fs::remove_file(&mark).unwrap();
    assert_eq!(world.contents().len(), 43);
}

#[test]
fn a_pin_that_is_missing_open_to_others_or_none_is_refused_before_the_token_sees_it() {
    let Some((mut world, _token)) = protected() else { return };
    let pin = world.data().join("pkcs11.pin");
    fs::set_permissions(&pin, fs::Permissions::from_mode(0o640)).unwrap();
    let said = world.run(&["serve", "--listen", "127.0.0.1:0"]).exits(1);
    assert!(said.error.contains("key-refused") && said.error.contains("pkcs11.pin"), "{}", said.error);
    private(&pin, "\n");
    world.start_refuses("token-pin-form");
    private(&pin, &"1".repeat(256));
    world.start_refuses("token-pin-form");
    fs::remove_file(&pin).unwrap();
    world.start_refuses("token-pin-missing");
    assert!(!world.data().join("pin.refused").exists());
    // A credential stands for the file.
    let given = world.place("credentials");
    fs::create_dir_all(&given).unwrap();
    private(&given.join("pkcs11.pin"), PIN);
    world.under("CREDENTIALS_DIRECTORY", &given);
    assert_eq!(world.contents().len(), 43);
}

#[test]
fn a_token_a_key_or_a_module_that_is_away_or_another_is_refused_by_its_name_and_nothing_is_lost() {
    let Some((mut world, token)) = protected() else { return };
    let (there, away) = (token.tokens(), world.place("away"));
    fs::rename(&there, &away).unwrap();
    fs::create_dir_all(&there).unwrap();
    world.start_refuses("token-missing");
    fs::remove_dir(&there).unwrap();
    fs::rename(&away, &there).unwrap();
    for (module, label, key, code) in [
        (MODULE, "autre", KEY, "token-missing"),
        (MODULE, "essai", "autre", "token-key-missing"),
        ("/nowhere/libtoken.so", "essai", KEY, "token-module-missing"),
        ("/etc/hostname", "essai", KEY, "token-module-refused"),
    ] {
        renamed(&world, module, label, key);
        world.start_refuses(code);
    }
    for (kind, how, key) in [
        ("AES:32", &["--sensitive", "--extractable"][..], "sortante"),
        ("AES:32", &["--extractable"], "nue"),
        ("AES:16", &["--sensitive"], "courte"),
    ] {
        token.make_of(kind, key, how);
        renamed(&world, MODULE, "essai", key);
        world.start_refuses("token-key-weak");
    }
    // Another key that would do, by its own name or under this one.
    token.make("seconde", &["--sensitive"]);
    renamed(&world, MODULE, "essai", "seconde");
    world.start_refuses("token-other-key");
    token.make("seconde", &["--sensitive"]);
    world.start_refuses("token-label-not-unique");
    as_it_was(&world);
    // What was wrapped, altered or gone.
    let wrapped = world.data().join("master.p11");
    let right = fs::read(&wrapped).unwrap();
    for at in [0, 5, 6, 8, 40, right.len() - 1] {
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        private(&wrapped, "");
        fs::write(&wrapped, wrong).unwrap();
        world.start_refuses("master-p11-damaged");
    }
    fs::remove_file(&wrapped).unwrap();
    world.start_refuses("master-key-missing");
    fs::write(&wrapped, &right).unwrap();
    // A configuration that lost its lines.
    let config = world.data().join("tabellion.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.split("[keys.master.pkcs11]").next().unwrap()).unwrap();
    world.start_refuses("token-not-configured");
    world.run(&["keys", "protect", "--pkcs11"]).refuses("token-not-configured");
    fs::write(&config, text).unwrap();
    assert_eq!(world.contents().len(), 43);
    // The key gone from the token for good.
    token.delete(KEY);
    world.start_refuses("token-key-missing");
}

#[test]
fn a_key_that_does_not_open_everything_is_not_protected_and_one_in_clear_is_destroyed_only_then() {
    let Some((world, token)) = housed() else { return };
    let damaged = world.key_files().into_iter().find(|path| !path.ends_with("store.key")).unwrap();
    let right = fs::read(&damaged).unwrap();
    let mut wrong = right.clone();
    wrong[60] ^= 1;
    fs::write(&damaged, wrong).unwrap();
    let said = world.run(&["keys", "protect", "--pkcs11"]).refuses("keys-not-opened");
    assert!(said.error.contains(damaged.file_name().unwrap().to_str().unwrap()), "{}", said.error);
    assert!(world.data().join("master.key").exists() && !world.data().join("master.p11").exists());
    fs::write(&damaged, right).unwrap();
    token.delete(KEY);
    world.run(&["keys", "protect", "--pkcs11"]).refuses("token-key-missing");
    assert!(world.data().join("master.key").exists() && !world.data().join("master.p11").exists());
}

#[test]
fn a_key_is_moved_from_one_token_to_another_by_way_of_clear() {
    let Some((mut world, token)) = housed() else { return };
    let clear = fs::read_to_string(world.data().join("master.key")).unwrap();
    world.run(&["keys", "protect", "--pkcs11"]).exits(0);
    // What a recovery leaves; the token's key is another by now.
    token.delete(KEY);
    token.make(KEY, &["--sensitive"]);
    world.start_refuses("token-other-key");
    private(&world.data().join("master.key"), &clear);
    assert_eq!(world.contents().len(), 43);
    world.run(&["keys", "protect", "--pkcs11"]).exits(0);
    assert!(!world.data().join("master.key").exists());
    assert_eq!(world.contents().len(), 43);
}
