//! A protection of the master key, or of the log's, and a rotation, that die at each of their steps: the directory opens, and the next run ends
//! it. Needs `--features failpoints`, and SoftHSM2 with OpenSC for what asks a token.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Step, and whether the key stands in clear after it.
const STEPS: [(&str, bool); 4] = [
    ("protect.before-written", true),
    ("protect.written", true),
    ("protect.proved", true),
    ("protect.overwritten", false),
];

fn program(place: &Path, failpoints: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion"));
    command.arg("--data").arg(place.join("data")).args(arguments).env_clear().env("LC_ALL", "C");
    command.env("SOFTHSM2_CONF", place.join("softhsm2.conf")).env("TABELLION_FAILPOINTS", failpoints).output().unwrap()
}

#[track_caller]
fn done(output: Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn tool(place: &Path, program: &str, arguments: &[&str]) {
    done(Command::new(program).args(arguments).env("SOFTHSM2_CONF", place.join("softhsm2.conf")).output().unwrap());
}

/// A directory and its token, not protected yet.
fn made(place: &Path) {
    fs::create_dir_all(place.join("tokens")).unwrap();
    let tokens = place.join("tokens").display().to_string();
    let config = format!("directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
    fs::write(place.join("softhsm2.conf"), config).unwrap();
    tool(
        place,
        "softhsm2-util",
        &["--init-token", "--free", "--label", "essai", "--so-pin", "12345678", "--pin", "1234"],
    );
    let login = ["--module", MODULE, "--token-label", "essai", "--login", "--pin", "1234"];
    let make = ["--keygen", "--key-type", "AES:32", "--label", "maitresse", "--sensitive"];
    tool(place, "pkcs11-tool", &[&login[..], &make].concat());
    done(program(place, "", &["init", "--origin", "essai.exemple.fr/journal"]));
    let config = place.join("data/tabellion.toml");
    let lines = |kind: &str, key: &str| {
        format!("[keys.{kind}.pkcs11]\nmodule = \"{MODULE}\"\ntoken = \"essai\"\nkey = \"{key}\"\npin = \"pin\"\n")
    };
    let lines = [lines("master", "maitresse"), lines("log", "journal")].concat();
    fs::write(&config, format!("{}\n{lines}", fs::read_to_string(&config).unwrap())).unwrap();
    fs::write(place.join("data/pin"), "1234").unwrap();
    fs::set_permissions(place.join("data/pin"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_protection_that_dies_at_any_step_leaves_a_directory_that_opens() {
    if !Path::new(MODULE).exists() || Command::new("pkcs11-tool").arg("--help").output().is_err() {
        println!("skipped: softhsm2 and opensc are not installed, no token to try");
        return;
    }
    for (step, clear) in STEPS {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        made(place);
        let key = place.join("data/master.key");
        let died = program(place, &format!("{step}=crash"), &["keys", "protect", "--pkcs11"]);
        assert!(!died.status.success() && String::from_utf8_lossy(&died.stderr).contains("crash"), "{step}");
        let held = fs::read(&key).unwrap();
        assert_eq!(held.iter().any(|byte| *byte != 0), clear, "{step}");
        done(program(place, "", &["scrub", "--head"]));
        done(program(place, "", &["keys", "protect", "--pkcs11"]));
        assert!(!key.exists(), "{step}");
        done(program(place, "", &["scrub", "--head"]));
    }
}

/// Step, and whether the log's key stands in clear after it.
const LODGED: [(&str, bool); 3] = [("lodge.imported", true), ("lodge.listed", true), ("lodge.overwritten", false)];

/// It opens for writing under its log key: an entry is logged.
#[track_caller]
fn writes(place: &Path, siren: &str) {
    done(program(place, "", &["tenant", "add", "--name", "Essai", "--siren", siren]));
}

#[test]
fn a_log_key_on_its_way_into_a_token_signs_whatever_step_it_dies_at() {
    if !Path::new(MODULE).exists() || Command::new("pkcs11-tool").arg("--help").output().is_err() {
        println!("skipped: softhsm2 and opensc are not installed, no token to try");
        return;
    }
    for (step, clear) in LODGED {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        made(place);
        let key = place.join("data/log.key");
        let died = program(place, &format!("{step}=crash"), &["keys", "protect", "--pkcs11", "--key", "log"]);
        assert!(!died.status.success() && String::from_utf8_lossy(&died.stderr).contains("crash"), "{step}");
        let held = fs::read(&key).unwrap();
        assert_eq!(held.iter().any(|byte| *byte != 0), clear, "{step}");
        writes(place, "732829320");
        done(program(place, "", &["keys", "protect", "--pkcs11", "--key", "log"]));
        assert!(!key.exists(), "{step}");
        writes(place, "243400017");
    }
}

/// Step of a rotation, and whether the new key is in charge after it.
const ROTATED: [(&str, bool); 6] = [
    ("rotate.made", false),
    ("rotate.logged", false),
    ("rotate.switched", true),
    ("rotate.overwritten", true),
    ("rotate.destroyed", true),
    ("rotate.settled", true),
];

fn keys(place: &Path) -> Vec<serde_json::Value> {
    let policy = program(place, "", &["policy", "-o", "-"]);
    let policy: serde_json::Value = serde_json::from_slice(&policy.stdout).unwrap();
    policy["log"]["keys"].as_array().unwrap().clone()
}

#[test]
fn a_rotation_that_dies_at_any_step_leaves_one_key_in_charge() {
    for (step, switched) in ROTATED {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        done(program(place, "", &["init", "--origin", "essai.exemple.fr/journal"]));
        let old = keys(place)[0]["vkey"].clone();
        let prepared = program(place, "", &["keys", "generate"]);
        let prepared = String::from_utf8_lossy(&prepared.stdout).trim_end().to_owned();
        let secret = fs::read_to_string(place.join("data/log.key")).unwrap();
        let died = program(place, &format!("{step}=crash"), &["keys", "rotate"]);
        assert!(!died.status.success() && String::from_utf8_lossy(&died.stderr).contains("crash"), "{step}");
        assert_eq!(keys(place).len(), 1 + usize::from(switched), "{step}");
        writes(place, "732829320");
        if !switched {
            // Asked again it goes on with the same key.
            let again = program(place, "", &["keys", "rotate", "--format", "json"]);
            let again: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
            assert_eq!(again["new"], prepared.as_str(), "{step}");
        }
        let found = keys(place);
        assert_eq!((found.len(), &found[0]["vkey"], &found[1]["vkey"]), (2, &old, &prepared.as_str().into()), "{step}");
        writes(place, "243400017");
        let left = fs::read_to_string(place.join("data/log.key")).unwrap();
        assert!(left != secret && !place.join("data/log.key.next").exists(), "{step}");
        done(program(place, "", &["reindex"]));
        done(program(place, "", &["scrub", "--all"]));
    }
}
