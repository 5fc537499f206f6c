//! The mirror and the witnesses: a store put back whole from an older copy is refused where one of them knows better, and only there.

use crate::{World, copy, run, shown};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tests::published::{House, Small};

/// A house with a mirror; not served.
fn mirrored() -> World {
    let mut world = World::new();
    world.house.stop().unwrap();
    world.configure(&format!("[mirror]\npath = \"{}\"\n", shown(&world.place("mirror"))));
    world
}

/// The data directory as it stands, kept apart.
pub(crate) fn image(world: &World, name: &str) -> PathBuf {
    let place = world.place(name);
    copy(&world.house.data(), &place);
    place
}

pub(crate) fn put_back(world: &World, image: &Path) {
    fs::remove_dir_all(world.house.data()).unwrap();
    copy(image, &world.house.data());
}

/// Why it does not start; nothing when it does.
pub(crate) fn refusal(house: &mut House) -> Option<String> {
    let started = house.start();
    house.stop().unwrap();
    started.err().map(|why| format!("{why:#}"))
}

fn ready(house: &House) -> Value {
    serde_json::from_slice(&house.read("/readyz").unwrap()).unwrap()
}

#[test]
fn an_older_copy_of_the_whole_store_is_refused_with_a_mirror_and_not_seen_without() {
    let mut world = mirrored();
    world.house.start().unwrap();
    world.house.deposit(20, "a").unwrap();
    assert_eq!(ready(&world.house)["rollback"]["detectable"], true);
    world.house.stop().unwrap();
    let older = image(&world, "older");
    world.house.start().unwrap();
    world.house.deposit(20, "b").unwrap();
    world.house.stop().unwrap();
    assert_eq!(refusal(&mut world.house), None, "up to date, it starts");
    put_back(&world, &older);
    for _ in 0..2 {
        let why = refusal(&mut world.house).expect("an older copy");
        assert!(why.contains("store-rolled-back") && why.contains("--accept-rollback"), "{why}");
    }
    let offline = run(&["--data", &shown(&world.house.data()), "token", "add", "--tenant", "all", "--scope", "read"]);
    offline.refuses(11, "store-rolled-back");
    // The negative control: without the mirror nothing can tell, and it says so.
    let config = world.house.data().join("tabellion.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.split("[mirror]").next().unwrap()).unwrap();
    world.house.start().unwrap();
    assert_eq!(ready(&world.house)["rollback"]["detectable"], false);
    let events = fs::read_to_string(world.place("house/events")).unwrap();
    assert!(events.contains("the rollback of the whole store could not be detected"));
}

#[test]
fn another_history_of_the_same_size_is_refused() {
    let mut world = mirrored();
    world.house.start().unwrap();
    world.house.deposit(5, "a").unwrap();
    world.house.stop().unwrap();
    let fork = image(&world, "fork");
    let kept = fs::read(world.place("mirror")).unwrap();
    world.house.start().unwrap();
    world.house.deposit(7, "b").unwrap();
    world.house.stop().unwrap();
    let told = fs::read(world.place("mirror")).unwrap();
    // The fork goes further than the mirror knows, on a history of its own.
    put_back(&world, &fork);
    fs::write(world.place("mirror"), kept).unwrap();
    world.house.start().unwrap();
    for n in 0..30 {
        world.house.deposit(1, &format!("c{n}")).unwrap();
    }
    world.house.stop().unwrap();
    fs::write(world.place("mirror"), told).unwrap();
    for _ in 0..2 {
        let why = refusal(&mut world.house).expect("another history");
        assert!(why.contains("store-of-another-history"), "{why}");
    }
}

#[test]
fn a_mirror_that_is_missing_spoilt_or_of_another_store_is_refused() {
    let mut world = mirrored();
    assert_eq!(refusal(&mut world.house), None, "it begins");
    let (mirror, aside) = (world.place("mirror"), world.place("aside"));
    fs::rename(&mirror, &aside).unwrap();
    assert!(refusal(&mut world.house).unwrap().contains("mirror-missing"));
    fs::write(&mirror, vec![1; 8192]).unwrap();
    assert!(refusal(&mut world.house).unwrap().contains("mirror-unreadable"));
    let mut other = mirrored();
    other.house.start().unwrap();
    other.house.stop().unwrap();
    fs::copy(other.place("mirror"), &mirror).unwrap();
    assert!(refusal(&mut world.house).unwrap().contains("mirror-of-another-store"));
    fs::rename(&aside, &mirror).unwrap();
    assert_eq!(refusal(&mut world.house), None);
}

#[test]
fn kills_under_load_never_make_the_mirror_refuse() {
    let mut world = mirrored();
    for round in 0..6 {
        world.house.start().unwrap();
        let pid = world.house.pid().unwrap().to_string();
        std::thread::scope(|scope| {
            // Cut short by the kill.
            let depositing = scope.spawn(|| world.house.deposit(100_000, &format!("r{round}")));
            std::thread::sleep(Duration::from_millis(150 + 70 * round));
            assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
            assert!(depositing.join().unwrap().is_err());
        });
        world.house.stop().unwrap();
        let head = heads(&world);
        assert!(head > 0, "the mirror was written");
    }
    world.house.start().unwrap();
    world.house.deposit(5, "last").unwrap();
}

/// The last commit that the mirror holds.
fn heads(world: &World) -> u64 {
    let bytes = fs::read(world.place("mirror")).unwrap();
    let number = |slot: usize| u64::from_be_bytes(bytes[slot + 22..slot + 30].try_into().unwrap());
    number(0).max(number(4096))
}

/// CRC-32C, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 })
    })
}

#[test]
fn a_head_that_a_crash_left_in_the_mirror_does_not_speak_against_the_next_commit() {
    let mut world = mirrored();
    world.house.start().unwrap();
    world.house.deposit(5, "a").unwrap();
    world.house.stop().unwrap();
    // The mirror was synced and the segment was not: one commit more, that nobody was told of.
    let (path, next) = (world.place("mirror"), heads(&world) + 1);
    let left = |next: u64| {
        let mut bytes = fs::read(&path).unwrap();
        let (old, new) = if next.is_multiple_of(2) { (4096, 0) } else { (0, 4096) };
        let mut slot = bytes[old..old + 82].to_vec();
        slot[22..30].copy_from_slice(&next.to_be_bytes());
        slot[37] += 1;
        slot[38..70].fill(9);
        let crc = crc32c(&slot[..78]).to_be_bytes();
        slot[78..].copy_from_slice(&crc);
        bytes[new..new + 82].copy_from_slice(&slot);
        fs::write(&path, bytes).unwrap();
    };
    left(next);
    assert_eq!(heads(&world), next, "it is a head of the mirror");
    world.house.start().unwrap();
    let settled = fs::read(&path).unwrap();
    world.house.deposit(1, "b").unwrap();
    world.house.stop().unwrap();
    // Now the reverse: the segment was synced, and the mirror stands as the start left it.
    fs::write(&path, settled).unwrap();
    assert_eq!(refusal(&mut world.house), None);
    // Two commits more are more than any crash leaves.
    left(heads(&world) + 2);
    assert!(refusal(&mut world.house).unwrap().contains("store-rolled-back"));
}

#[test]
fn an_accepted_rollback_starts_and_is_logged_once() {
    let mut world = mirrored();
    world.house.start().unwrap();
    world.house.deposit(10, "a").unwrap();
    world.backup(&[]).exits(0);
    world.house.deposit(10, "b").unwrap();
    world.house.stop().unwrap();
    // The store is lost; the mirror is not.
    world.restore(&world.place("lost/data"), &[]).refuses(11, "store-rolled-back");
    let mut house = world.restored("again", 4, &["--accept-rollback", "incendie du 26 novembre"]);
    let log = |house: &House| -> u64 { house.size().unwrap() };
    house.start().unwrap();
    let size = log(&house);
    house.stop().unwrap();
    let kept = fs::read_to_string(house.data().join("rollback.json")).unwrap();
    assert!(kept.contains("incendie du 26 novembre") && kept.contains("\"logged\": true"), "{kept}");
    house.start().unwrap();
    assert_eq!(log(&house), size, "once");
    house.deposit(40, "c").unwrap();
    house.stop().unwrap();
    house.start().unwrap();
}

#[test]
fn a_head_of_ours_that_a_witness_holds_refuses_an_older_store_and_a_silent_witness_blocks_nothing() {
    let mut world = World::new();
    world.house.deposit(10, "a").unwrap();
    world.house.stop().unwrap();
    let older = image(&world, "older");
    world.house.start().unwrap();
    world.house.deposit(10, "b").unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    let head = world.house.read("/log/checkpoint").unwrap();
    world.house.stop().unwrap();
    put_back(&world, &older);
    let path = format!("/{}/checkpoint", proof::sha256(crate::ORIGIN.as_bytes()));
    let witness = Small::serve(move |asked| (asked == path).then(|| head.clone()));
    let key = proof::SigningKey::from_seed("temoin.exemple.fr/t", &[9; 32]).unwrap();
    let vkey = proof::note::write_vkey("temoin.exemple.fr/t", 4, key.verifier_key().public());
    let policy = |url: &str| format!("witness t {vkey} {url}\nquorum none\n");
    fs::write(world.house.data().join("w.policy"), policy(&witness.url())).unwrap();
    world.configure("[witnesses]\npolicy = \"w.policy\"\nseconds = 2\n");
    let why = refusal(&mut world.house).expect("an older copy");
    assert!(why.contains("store-rolled-back") && why.contains("witness t"), "{why}");
    fs::write(world.house.data().join("w.policy"), policy("http://127.0.0.1:9")).unwrap();
    assert_eq!(refusal(&mut world.house), None, "nobody answers: it starts");
}
