//! The log's key: in a file that is looked at, in a credential, in a token that signs at each commit; and each way in which it can be away
//! or another refused by name.

use crate::softhsm::{LABEL, LOG_KEY, PIN, Token, configured, log_configured, log_housed};
use crate::{Said, World, holding, private};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::time::Duration;

/// Keys of the policy, as the program gives it now.
pub fn policy_keys(world: &World) -> Vec<Value> {
    let policy = world.run(&["policy", "-o", "-"]).exits(0).json;
    policy["log"]["keys"].as_array().unwrap().clone()
}

fn protect_log(world: &World) -> Said {
    world.run(&["keys", "protect", "--pkcs11", "--key", "log", "--format", "json"])
}

/// The house with its log key in the token.
fn lodged() -> Option<(World, Token)> {
    let (world, token) = log_housed()?;
    protect_log(&world).exits(0);
    Some((world, token))
}

#[test]
fn a_log_key_that_others_can_read_or_that_is_somebody_elses_is_refused() {
    let world = World::new();
    let key = world.data().join("log.key");
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let said = world.run(&["serve", "--listen", "127.0.0.1:0"]).exits(1);
        assert!(said.error.contains("code: key-refused") && said.error.contains("log.key"), "{mode:o} {}", said.error);
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    if chown(&key, Some(12345), None).is_err() {
        println!("skipped: only root can give a file to somebody else");
        return;
    }
    let said = world.run(&["serve", "--listen", "127.0.0.1:0"]).exits(1);
    assert!(said.error.contains("code: key-refused") && said.error.contains("12345"), "{}", said.error);
    // The service's own user owns the directory: commands run by root read its key.
    chown(world.data(), Some(12345), None).unwrap();
    world.run(&["tenant", "add", "--name", "Deux", "--siren", "732829320"]).exits(0);
}

#[test]
fn a_log_key_may_be_a_systemd_credential() {
    let mut world = World::new();
    let before = policy_keys(&world);
    let given = world.place("credentials");
    fs::create_dir_all(&given).unwrap();
    fs::rename(world.data().join("log.key"), given.join("log.key")).unwrap();
    world.start_refuses("log-key-missing");
    // The right to read it stands in an access control list, which shows as the group's.
    fs::set_permissions(given.join("log.key"), fs::Permissions::from_mode(0o440)).unwrap();
    world.under("CREDENTIALS_DIRECTORY", &given);
    assert_eq!(policy_keys(&world), before);
    assert_eq!(world.contents().len(), 43);
    fs::set_permissions(given.join("log.key"), fs::Permissions::from_mode(0o444)).unwrap();
    assert!(world.run(&["serve", "--listen", "127.0.0.1:0"]).exits(1).error.contains("code: key-refused"));
}

#[test]
fn a_log_key_in_a_token_signs_what_it_signed_in_its_file() {
    let Some((mut world, _token)) = log_housed() else { return };
    let text = fs::read(world.data().join("log.key")).unwrap();
    let secret = proof::hash::decode_hex(std::str::from_utf8(&text).unwrap().trim_end()).unwrap();
    let (keys, before) = (policy_keys(&world), world.contents());
    let events = fs::read_to_string(world.place("house/events")).unwrap();
    assert!(events.contains("the log's key stands in clear"), "{events}");
    let said = protect_log(&world).exits(0);
    assert_eq!((&said.json["vkey"], &said.json["destroyed"]), (&keys[0]["vkey"], &true.into()));
    assert!(!world.data().join("log.key").exists());
    for held in [&text[..64], &secret] {
        assert_eq!(holding(&world.data(), held), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(policy_keys(&world), keys, "nothing changes for those who verify");
    assert_eq!(world.contents(), before);
    world.house.start().unwrap();
    world.house.deposit(3, "by the token").unwrap();
    world.house.seal().unwrap();
    // The public half is known without the token, and without its PIN.
    fs::rename(world.data().join("pkcs11.pin"), world.place("pin")).unwrap();
    assert_eq!(policy_keys(&world), keys);
    world.run(&["scrub", "--all", "--format", "json"]).exits(0);
    fs::rename(world.place("pin"), world.data().join("pkcs11.pin")).unwrap();
    world.house.stop().unwrap();
    // Every head signed again gives the same bytes: the token signs as the file did.
    let again = world.run(&["reindex", "--format", "json"]).exits(0);
    assert_eq!(again.json["equal"], true, "{}", again.json);
    let again = protect_log(&world).exits(0);
    assert_eq!((&again.json["vkey"], &again.json["destroyed"]), (&keys[0]["vkey"], &false.into()));
    assert!(world.data().join("log.keys").exists());
}

#[test]
fn a_token_that_goes_away_stops_commits_and_nothing_is_acknowledged() {
    let Some((mut world, token)) = lodged() else { return };
    world.house.start().unwrap();
    world.house.deposit(1, "with").unwrap();
    // A head is shown for a second.
    std::thread::sleep(Duration::from_millis(1200));
    let size = world.house.size().unwrap();
    let kept = world.place("token-kept");
    tests::published::copy(&token.tokens(), &kept).unwrap();
    token.delete_pair(LOG_KEY);
    let refused = world.house.deposit(1, "without").unwrap_err().to_string();
    assert!(refused.contains("503") && refused.contains("stopped"), "{refused}");
    std::thread::sleep(Duration::from_millis(1500));
    assert!(world.house.deposit(1, "late").is_err(), "the house has stopped");
    let events = fs::read_to_string(world.place("house/events")).unwrap();
    assert!(events.contains("the log's key did not sign") && events.contains("token-failed"), "{events}");
    world.house.stop().unwrap();
    world.start_refuses("token-key-missing");
    // The token's own copy put back: what was durable and told to nobody is signed, and everything goes on.
    fs::remove_dir_all(token.tokens()).unwrap();
    tests::published::copy(&kept, &token.tokens()).unwrap();
    world.house.start().unwrap();
    world.house.deposit(1, "again").unwrap();
    world.house.published(size + 2).unwrap();
}

#[test]
fn a_key_of_the_log_that_is_away_weak_or_another_is_refused_by_its_name() {
    let Some((mut world, token)) = lodged() else { return };
    let config = world.data().join("tabellion.toml");
    let text = fs::read_to_string(&config).unwrap();
    let bare = text.split("[keys.log.pkcs11]").next().unwrap();
    let with = |token: &str, key: &str| fs::write(&config, format!("{bare}{}", log_configured(token, key))).unwrap();
    for (label, key, code) in [("autre", LOG_KEY, "token-missing"), (LABEL, "absente", "token-key-missing")] {
        with(label, key);
        world.start_refuses(code);
    }
    // Made by others, and not the log's.
    token.make_pair("etrangere", "77", &["--sensitive"]);
    with(LABEL, "etrangere");
    world.start_refuses("log-key-not-in-charge");
    // The same without a list that says which: it is the key of another log.
    let list = fs::read_to_string(world.data().join("log.keys")).unwrap();
    fs::remove_file(world.data().join("log.keys")).unwrap();
    let said = world.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.exit != 0 && said.error.contains("not signed by our key"), "{}", said.error);
    token.make_pair("sortante", "78", &["--sensitive", "--extractable"]);
    with(LABEL, "sortante");
    world.start_refuses("token-key-weak");
    fs::write(world.data().join("log.keys"), "{}\n").unwrap();
    world.start_refuses("log-keys-damaged");
    fs::write(world.data().join("log.keys"), &list).unwrap();
    fs::write(&config, bare).unwrap();
    world.start_refuses("log-key-missing");
    world.run(&["keys", "generate", "--pkcs11"]).refuses("token-not-configured");
    private(&world.data().join("log.key"), &format!("{}\n", "5".repeat(64)));
    world.start_refuses("log-key-not-in-charge");
    fs::remove_file(world.data().join("log.key")).unwrap();
    with(LABEL, LOG_KEY);
    private(&world.data().join("pkcs11.pin"), "9999\n");
    world.start_refuses("token-pin-wrong");
    private(&world.data().join("pkcs11.pin"), PIN);
    world.start_refuses("token-pin-refused-before");
    protect_log(&world).exits(0);
    assert_eq!(world.contents().len(), 43);
}

#[test]
fn both_keys_may_stand_in_one_token() {
    let Some((mut world, _token)) = log_housed() else { return };
    world.configure(&configured(crate::softhsm::MODULE, LABEL, crate::softhsm::KEY));
    world.run(&["keys", "protect", "--pkcs11"]).exits(0);
    protect_log(&world).exits(0);
    assert_eq!(world.contents().len(), 43);
    // The master key's turn at the start did not end the session that signs.
    world.house.start().unwrap();
    world.house.deposit(2, "both").unwrap();
    world.house.stop().unwrap();
    // One credential gives the PIN to both.
    let given = world.place("credentials");
    fs::create_dir_all(&given).unwrap();
    fs::rename(world.data().join("pkcs11.pin"), given.join("pkcs11.pin")).unwrap();
    world.start_refuses("token-pin-missing");
    world.under("CREDENTIALS_DIRECTORY", &given);
    world.house.start().unwrap();
    world.house.deposit(1, "given").unwrap();
    world.house.stop().unwrap();
}
