//! The ceremony by its script and the real program: keys made, shares tried, and a transcript without any secret that the log keeps.

use crate::logkey::policy_keys;
use crate::softhsm::{KEY, LABEL, MODULE, PIN, configured, log_housed};
use crate::{World, shown};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tests::published::program;

/// What the people present type: who they are, where, why, who takes each of three shares, and whether it is so.
const TYPED: &str = "Camille Martin, directrice\nDominique Petit, témoin\u{7}\n\nSalle 12\nMise en service\nCamille\nDominique\nCoffre\noui\n";

fn held(world: &World, typed: &str, more: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/ceremony");
    let mut command = Command::new("bash");
    command.arg(script).args(["--data", &shown(&world.data()), "--shares-to", &shown(&world.place("shares"))]);
    command.args(["--shares", "3", "--threshold", "2"]).args(more);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TABELLION", program("tabellion").unwrap());
    command.envs(world.environment.iter().map(|(name, value)| (name, value)));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn well(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    said
}

fn transcript(world: &World) -> PathBuf {
    world.place("shares/proces-verbal.txt")
}

/// Nothing secret of this directory stands in this text: no key, no token, no PIN, no line of a share.
#[track_caller]
fn no_secret(world: &World, text: &str, secrets: &[String]) {
    for name in ["master.key", "log.key", "admin.token"] {
        if let Ok(secret) = fs::read_to_string(world.data().join(name)) {
            assert!(!text.contains(secret.trim_end()), "{name}");
        }
    }
    assert!(secrets.iter().all(|secret| !text.contains(secret.trim_end())));
    for share in fs::read_dir(world.place("shares")).unwrap().map(|entry| entry.unwrap().path()) {
        let share = fs::read_to_string(share).unwrap();
        let values =
            share.lines().filter(|line| line.split_once(": ").is_some_and(|(name, _)| name.parse::<u8>().is_ok()));
        assert!(values.into_iter().all(|line| !text.contains(line)));
    }
}

/// The file of the entry at this address, as the server gives it to its administrator.
fn logged(world: &World, said: &str) -> Vec<u8> {
    let id = said.lines().find(|line| line.starts_with("Logged, entry")).unwrap();
    let id = id.split_once('(').unwrap().1.split_once(')').unwrap().0;
    let admin = fs::read_to_string(world.data().join("admin.token")).unwrap();
    let url = format!("{}/v1/deposits/{id}/files/1", world.house.url().unwrap());
    let answer = ureq::get(&url).header("authorization", &format!("Bearer {}", admin.trim_end())).call().unwrap();
    answer.into_body().read_to_vec().unwrap()
}

#[test]
fn a_ceremony_changes_the_log_key_shares_the_master_key_and_is_logged_word_for_word() {
    let mut world = World::new();
    let old = [fs::read_to_string(world.data().join("log.key")).unwrap()];
    let said = well(&held(&world, TYPED, &["--log", "file"]));
    let text = fs::read_to_string(transcript(&world)).unwrap();
    no_secret(&world, &text, &old);
    let keys = policy_keys(&world);
    assert_eq!(keys.len(), 2);
    let mut told: Vec<&str> = keys.iter().map(|key| key["vkey"].as_str().unwrap()).collect();
    told.extend(["Présent 2 : Dominique Petit, témoin\n", "Part 3 remise à : Coffre", "Salle 12", "2 parts sur 3"]);
    let digest = proof::sha256(&fs::read(program("tabellion").unwrap()).unwrap()).to_string();
    told.push(&digest);
    assert!(told.iter().all(|word| text.contains(word)), "{told:?} not all in: {text}");
    assert!(said.contains(&proof::sha256(text.as_bytes()).to_string()), "{said}");
    world.house.start().unwrap();
    assert_eq!(logged(&world, &said), text.as_bytes());
}

#[test]
fn a_ceremony_with_a_token_leaves_no_key_in_clear() {
    let Some((mut world, _token)) = log_housed() else { return };
    world.configure(&configured(MODULE, LABEL, KEY));
    let secrets = ["log.key", "master.key"].map(|name| fs::read_to_string(world.data().join(name)).unwrap());
    well(&held(&world, TYPED, &["--log", "token", "--protect-master"]));
    let text = fs::read_to_string(transcript(&world)).unwrap();
    no_secret(&world, &text, &secrets);
    assert!(!text.lines().any(|line| line.split(' ').any(|word| word == PIN)), "{text}");
    assert!(text.contains("(jeton)") && text.contains("libsofthsm2.so"), "{text}");
    for name in ["log.key", "log.key.next", "master.key"] {
        assert!(!world.data().join(name).exists(), "{name}");
    }
    assert_eq!(world.contents().len(), 43);
}

#[test]
fn a_ceremony_of_one_or_one_that_is_not_approved_is_not_logged() {
    let world = World::new();
    let alone = held(&world, "Camille Martin\n\n", &["--log", "file"]);
    assert_eq!(alone.status.code(), Some(1));
    assert_eq!((policy_keys(&world).len(), world.place("shares").exists()), (1, false), "nothing was done");
    let refused = held(&world, &TYPED.replace("oui\n", "non\n"), &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(transcript(&world).exists() && String::from_utf8_lossy(&refused.stderr).contains("Not logged"));
}

#[test]
fn a_transcript_that_holds_a_secret_is_not_logged() {
    let world = World::new();
    let file = world.place("transcript.txt");
    for name in ["master.key", "log.key", "admin.token"] {
        let secret = fs::read_to_string(world.data().join(name)).unwrap();
        fs::write(&file, format!("Clé : {}\n", secret.trim_end().to_uppercase())).unwrap();
        world.run(&["keys", "ceremony", &shown(&file)]).refuses("transcript-holds-secret");
    }
    fs::write(&file, "Rien de secret.\n").unwrap();
    let said = world.run(&["keys", "ceremony", &shown(&file), "--format", "json"]).exits(0);
    assert_eq!(said.json["sha256"], proof::sha256("Rien de secret.\n".as_bytes()).to_string());
}
