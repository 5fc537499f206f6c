//! A protection of the master key that dies at each of its steps: the directory opens, and the next run ends it. Needs
//! `--features failpoints`, and SoftHSM2 with OpenSC.
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
    let lines =
        format!("[keys.master.pkcs11]\nmodule = \"{MODULE}\"\ntoken = \"essai\"\nkey = \"maitresse\"\npin = \"pin\"\n");
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
