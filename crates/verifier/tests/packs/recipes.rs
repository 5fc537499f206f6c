//! The recipe in the pack, executed as written by sh, with sha256sum, awk and openssl: no line of ours.

use std::path::Path;
use std::process::{Command, Output};

use proof::UnixMillis;
use seal::TestAuthority;
use tempfile::TempDir;

use crate::renewals::{Chain, YEAR, chain, policy_of};
use crate::world::*;

fn unpacked(pack: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in members(pack) {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

fn cook(dir: &Path, authority: Option<&World>) -> Output {
    let mut command = Command::new("sh");
    command.arg("META-INF/tabellion/recipe.sh").current_dir(dir);
    if let Some(world) = authority {
        std::fs::write(dir.join("ca.pem"), world.authority.ca_pem()).unwrap();
        command.arg("ca.pem");
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_recipe_agrees_with_every_honest_pack() {
    let world = world();
    for index in 0..world.entries.len() {
        let dir = unpacked(&world.pack(index));
        let output = cook(dir.path(), Some(&world));
        assert_eq!(output.status.code(), Some(0), "{index}: {}", said(&output));
        assert!(said(&output).contains("ceci n'est pas une preuve"));
    }
    let dir = unpacked(&world.pack(SHOWN));
    let digest = proof::sha256(&world.entries[SHOWN].files[0].1).to_string();
    let lines = said(&cook(dir.path(), Some(&world)));
    assert!(lines.contains(&format!("{digest}  files/001-")), "{lines}");
}

#[test]
fn without_a_certificate_the_token_is_said_not_to_be_checked() {
    let world = world();
    let output = cook(unpacked(&world.pack(SHOWN)).path(), None);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("jeton non vérifié"));
}

#[test]
fn the_recipe_refuses_every_member_tampered_with() {
    let world = world();
    let pack = world.pack(SHOWN);
    let judged = ["files/", "unit/", "META-INF/tabellion/checkpoint", "META-INF/tabellion/token.tst"];
    let names: Vec<String> = members(&pack)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| judged.iter().any(|part| name.starts_with(part)) && !name.ends_with(".ers"))
        .collect();
    assert_eq!(names.len(), 8, "{names:?}");
    for name in names {
        let dir = unpacked(&with(&pack, &name, |bytes| *bytes.last_mut().unwrap() ^= 1));
        let output = cook(dir.path(), Some(&world));
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        std::fs::remove_file(dir.path().join(&name)).unwrap();
        assert_ne!(cook(dir.path(), Some(&world)).status.code(), Some(0), "{name} removed");
    }
}

#[test]
fn the_recipe_refuses_a_token_of_another_authority_or_batch() {
    let (world, stranger) = (world(), world());
    let pack = world.pack(SHOWN);
    let output = cook(unpacked(&pack).path(), Some(&stranger));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let other = world.seal(5, SEALED).token;
    let dir = unpacked(&with(&pack, "META-INF/tabellion/token.tst", |bytes| *bytes = other));
    assert_eq!(cook(dir.path(), Some(&world)).status.code(), Some(1));
}

#[test]
fn the_recipe_ties_every_file_to_the_entry() {
    let world = world();
    // Everything of this pack is truly in the batch; only the tie between entry and file is another's.
    let (pack, other) = (world.pack(0), world.pack(1));
    let script = String::from_utf8(member(&pack, "META-INF/tabellion/recipe.sh")).unwrap();
    let foreign = String::from_utf8(member(&other, "META-INF/tabellion/recipe.sh")).unwrap();
    let line = |text: &str, part: &str| text.lines().find(|l| l.starts_with(part)).unwrap().to_owned();
    let (ours, theirs) = (line(&script, "groupe 'files"), line(&foreign, "groupe 'files"));
    let mixed = script.replace(&ours, &theirs);
    let (f, bytes) = (member(&other, "unit/F/001.json"), member(&other, "files/001-lettre.pdf"));
    let pack = with(&pack, "META-INF/tabellion/recipe.sh", |b| *b = mixed.into_bytes());
    let pack = with(&with(&pack, "unit/F/001.json", |b| *b = f), "files/001-lettre.pdf", |b| *b = bytes);
    let output = cook(unpacked(&pack).path(), Some(&world));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("l'entrée a d'autres fichiers"), "{}", said(&output));
}

/// Of this moment, by these authorities.
fn cook_at(dir: &Path, authorities: &[&TestAuthority], at: Option<UnixMillis>) -> Output {
    let pem: String = authorities.iter().map(|authority| authority.ca_pem()).collect();
    std::fs::write(dir.join("ca.pem"), pem).unwrap();
    let mut command = Command::new("sh");
    command.args(["META-INF/tabellion/recipe.sh", "ca.pem"]).current_dir(dir);
    command.args(at.map(|at| (at.0 / 1000).to_string())).output().unwrap()
}

#[test]
fn the_recipe_follows_every_renewal_up_to_the_newest_token() {
    let Chain { world, authorities, pack, at } = chain();
    let known: Vec<&TestAuthority> = authorities.iter().collect();
    let verdict = verifier::verify_pack(&pack, Some(&policy_of(&world, &known)), at);
    assert_eq!((verdict.verdict, verdict.reason), (verifier::Overall::PassedTimestamped, None));
    let dir = unpacked(&pack);
    let output = cook_at(dir.path(), &known, Some(at));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("4 jetons"), "{}", said(&output));
    // After the newest has ended; and now, when the newest ones do not exist yet.
    for at in [Some(UnixMillis(at.0 + 40 * YEAR)), None] {
        assert_eq!(cook_at(dir.path(), &known, at).status.code(), Some(1));
    }
    for left_out in 0..known.len() {
        let some: Vec<_> = known.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, one)| *one).collect();
        assert_eq!(cook_at(dir.path(), &some, Some(at)).status.code(), Some(1), "without authority {left_out}");
    }
    assert_eq!(cook(dir.path(), None).status.code(), Some(3), "no certificate");
}

#[test]
fn the_recipe_refuses_a_renewed_pack_that_was_spoilt() {
    let Chain { world: _, authorities, pack, at } = chain();
    let known: Vec<&TestAuthority> = authorities.iter().collect();
    let refused = |pack: &[u8], what: &str| {
        let output = cook_at(unpacked(pack).path(), &known, Some(at));
        assert_eq!(output.status.code(), Some(1), "{what}: {}", said(&output));
    };
    let judged = ["files/", "unit/", "META-INF/tabellion/checkpoint", "META-INF/tabellion/token.tst"];
    for (name, _) in members(&pack) {
        if judged.iter().any(|part| name.starts_with(part)) && !name.ends_with(".ers") {
            refused(&with(&pack, &name, |bytes| *bytes.last_mut().unwrap() ^= 1), &name);
        }
        if !name.ends_with(".ers") {
            continue;
        }
        // Each token of each record, and what its first tree has before it.
        let script = String::from_utf8(member(&pack, "META-INF/tabellion/recipe.sh")).unwrap();
        let line = script.lines().find_map(|line| line.strip_prefix(&format!("porte {name} "))).unwrap().to_owned();
        let words: Vec<usize> = line.split(' ').map(|word| word.parse().unwrap()).collect();
        assert_eq!(words.len(), 8, "four tokens");
        let places = words.chunks(2).map(|place| place[0] + place[1] / 2).chain([words[0] - 10]);
        for place in places {
            refused(&with(&pack, &name, |bytes| bytes[place] ^= 1), &format!("{name}, byte {place}"));
        }
    }
}
