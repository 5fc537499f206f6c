//! The monitor against honest, restarted, rolled back, forked and hostile logs; each of its exit codes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "watched/kept.rs"]
mod kept;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tests::published::{House, Small, tabellion};

const ORIGIN: &str = "essai.exemple.fr/journal";

/// A place for houses and for what a monitor remembers.
struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn house(&self, name: &str) -> House {
        House::open(&self.at(name), ORIGIN).unwrap()
    }

    /// The monitor, its state in this world.
    fn watch(&self, url: &str, pin: &[&str]) -> Output {
        let state = self.at("state").display().to_string();
        tabellion(&[&["monitor", url, "--state", &state, "--format", "json"], pin].concat()).unwrap()
    }

    fn state(&self) -> Option<String> {
        fs::read_to_string(self.at("state")).ok()
    }
}

/// The run ended with this code and this outcome or code of failure.
fn ended(output: &Output, code: i32, word: &str) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(json["exit_code"], code, "{json}");
    let told = if code == 0 || code == 4 { &json["outcome"] } else { &json["code"] };
    assert_eq!(told, word, "{json}");
    assert_eq!(output.stderr.is_empty(), code == 0 || code == 4, "{said}");
    json
}

fn served(house: &House) -> (String, String) {
    (house.url().unwrap(), house.policy().display().to_string())
}

/// The files served by this house, one of them changed.
fn relayed(house: &House, bad: &'static str, change: fn(Vec<u8>) -> Option<Vec<u8>>) -> Small {
    let url = house.url().unwrap();
    Small::serve(move |path| {
        let answer = ureq::get(format!("{url}/log{path}")).call().ok()?;
        let bytes = answer.into_body().read_to_vec().ok()?;
        if path == bad { change(bytes) } else { Some(bytes) }
    })
}

#[test]
fn honest_growth_is_proved_through_restarts_and_said_once() {
    let world = World::new();
    let mut house = world.house("house");
    let (url, policy) = served(&house);
    let pin = ["--policy", policy.as_str()];
    let first = ended(&world.watch(&url, &pin), 0, "first");
    assert_eq!((&first["before"], &first["origin"]), (&Value::Null, &Value::from(ORIGIN)));
    ended(&world.watch(&url, &pin), 0, "unchanged");
    for size in [200, 256, 300] {
        house.fill(size, &format!("to {size}")).unwrap();
        let grown = ended(&world.watch(&url, &pin), 0, "grown");
        assert_eq!(grown["now"]["size"], size);
        assert_eq!(
            world.state().unwrap().as_bytes(),
            house.read("/log/checkpoint").unwrap(),
            "the state is the note itself"
        );
    }
    house.stop().unwrap();
    house.start().unwrap();
    let (url, vkey) = (house.url().unwrap(), house.vkey().unwrap());
    ended(&world.watch(&url, &["--vkey", &vkey]), 0, "unchanged");
    // The log's own address does as well as the house's, and a C2SP policy as well as ours.
    let c2sp = world.at("c2sp");
    fs::write(&c2sp, format!("log {vkey}\nquorum none\n")).unwrap();
    ended(&world.watch(&format!("{url}/log"), &["--policy", c2sp.to_str().unwrap()]), 0, "unchanged");
    // In words, and not a word when asked.
    let state = world.at("state").display().to_string();
    let quiet = tabellion(&["monitor", &url, "--policy", &policy, "--state", &state, "--quiet"]).unwrap();
    assert_eq!((quiet.status.code(), quiet.stdout.len(), quiet.stderr.len()), (Some(0), 0, 0));
    let french = tabellion(&["monitor", &url, "--policy", &policy, "--state", &state, "--lang", "fr"]).unwrap();
    let said = String::from_utf8_lossy(&french.stdout).into_owned();
    assert!(said.contains("feuilles") && said.contains(ORIGIN), "{said}");
}

/// Notes of the evidence, old and new, both signed by this key, and the path between them.
fn evidence(json: &Value, vkey: &str) -> (proof::Checkpoint, proof::Checkpoint, Vec<proof::Hash>) {
    let key = proof::VerifierKey::parse(vkey).unwrap();
    let file = |number: usize| json["evidence"][number].as_str().map(|file| fs::read_to_string(file).unwrap());
    let head = |note: String| {
        let note = proof::SignedNote::parse(&note).unwrap();
        key.verify(&note).unwrap();
        proof::Checkpoint::parse(&note.text).unwrap()
    };
    let path = file(2).map(|path| proof::tlog_proof::parse_hashes(&path).unwrap()).unwrap_or_default();
    (head(file(0).unwrap()), head(file(1).unwrap()), path)
}

#[test]
fn a_server_set_back_to_an_older_copy_is_found() {
    let world = World::new();
    let mut house = world.house("house");
    let (url, policy) = served(&house);
    let pin = ["--policy", policy.as_str()];
    ended(&world.watch(&url, &pin), 0, "first");
    house.stop().unwrap();
    let mut older = house.copy(&world.at("older")).unwrap();
    house.start().unwrap();
    house.fill(40, "later").unwrap();
    ended(&world.watch(&house.url().unwrap(), &pin), 0, "grown");
    let state = world.state().unwrap();
    house.stop().unwrap();
    older.start().unwrap();
    let found = ended(&world.watch(&older.url().unwrap(), &pin), 11, "rollback");
    let (old, new, path) = evidence(&found, &house.vkey().unwrap());
    assert!(old.size.0 == 40 && new.size.0 < 40 && path.is_empty());
    assert_eq!(world.state().unwrap(), state, "the larger head stays the one remembered");
    // Grown again past the head remembered, with other entries, it is a fork: nothing is forgotten.
    older.fill(60, "another history").unwrap();
    ended(&world.watch(&older.url().unwrap(), &pin), 10, "fork");
}

#[test]
fn two_servers_on_copies_of_one_store_are_found_to_have_parted() {
    let world = World::new();
    let mut house = world.house("house");
    house.fill(10, "shared").unwrap();
    house.stop().unwrap();
    let mut twin = house.copy(&world.at("twin")).unwrap();
    house.start().unwrap();
    twin.start().unwrap();
    let (url, policy) = served(&house);
    let pin = ["--policy", policy.as_str()];
    // Until they part, both are the same log.
    ended(&world.watch(&url, &pin), 0, "first");
    house.fill(290, "one history").unwrap();
    ended(&world.watch(&url, &pin), 0, "grown");
    let state = world.state().unwrap();
    let vkey = house.vkey().unwrap();
    for (size, with_path) in [(290, false), (300, true), (700, true)] {
        twin.fill(size, "another history").unwrap();
        let found = ended(&world.watch(&twin.url().unwrap(), &pin), 10, "fork");
        let (old, new, path) = evidence(&found, &vkey);
        assert_eq!((old.size.0, new.size.0, !path.is_empty()), (290, size, with_path));
        assert!(old.root != new.root);
        // The kept path shows it by itself: it leads to the newer root, from another older one.
        let twins = twin_root(&twin, 290);
        if with_path {
            let (old_size, new_size) = (old.size, new.size);
            let verify = proof::merkle::verify_consistency::<proof::Sha256Tree>;
            assert_eq!(verify(old_size, new_size, &twins, &new.root, &path), Ok(()));
            assert!(verify(old_size, new_size, &old.root, &new.root, &path).is_err());
        }
        assert_eq!(world.state().unwrap(), state);
    }
    let kept = fs::read_dir(world.dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("state.fork-"));
    assert_eq!(kept.count(), 2 + 3 + 3);
    // The honest server is still believed.
    ended(&world.watch(&url, &pin), 0, "unchanged");
}

/// The root of the first leaves of this house's log, from its tiles.
fn twin_root(house: &House, size: u64) -> proof::Hash {
    let whole = house.read("/log/tile/0/000").unwrap();
    let rest = house.read(&format!("/log/tile/0/001.p/{}", size - 256)).unwrap();
    let leaves: Vec<proof::Hash> =
        [whole, rest].concat().chunks_exact(32).map(|hash| proof::Hash::from_slice(hash).unwrap()).collect();
    proof::merkle::root::<proof::Sha256Tree>(&leaves)
}

#[test]
fn a_hostile_server_is_not_believed_and_leaves_no_trace() {
    let world = World::new();
    let house = world.house("house");
    let (url, policy) = served(&house);
    let pin = ["--policy", policy.as_str()];
    ended(&world.watch(&url, &pin), 0, "first");
    let state = world.state();
    house.fill(300, "x").unwrap();
    fn flipped(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let place = bytes.len() / 3;
        bytes[place] ^= 1;
        Some(bytes)
    }
    fn cut(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        bytes.truncate(bytes.len() - 32);
        Some(bytes)
    }
    fn gone(_: Vec<u8>) -> Option<Vec<u8>> {
        None
    }
    fn endless(_: Vec<u8>) -> Option<Vec<u8>> {
        Some(vec![b'a'; 4 << 20])
    }
    /// Another root, the signature left as it was.
    fn forged(bytes: Vec<u8>) -> Option<Vec<u8>> {
        String::from_utf8(bytes).ok().map(|note| note.replacen("\n300\n", "\n299\n", 1).into_bytes())
    }
    for (path, change, code, word) in [
        ("/tile/0/000", flipped as fn(Vec<u8>) -> Option<Vec<u8>>, 13, "tile-false"),
        ("/tile/0/000", cut, 13, "tile-false"),
        ("/tile/0/000", gone, 13, "tile-missing"),
        ("/tile/0/000", endless, 70, "answer-not-understood"),
        ("/tile/0/001.p/44", flipped, 13, "tiles-false"),
        ("/tile/1/000.p/1", flipped, 13, "tiles-false"),
        ("/checkpoint", forged, 12, "signature-false"),
        ("/checkpoint", gone, 70, "answer-not-understood"),
        ("/checkpoint", endless, 70, "answer-not-understood"),
    ] {
        let hostile = relayed(&house, path, change);
        ended(&world.watch(&hostile.url(), &pin), code, word);
        assert_eq!(world.state(), state, "{path}: {word}");
    }
    let honest = relayed(&house, "", Some);
    ended(&world.watch(&honest.url(), &pin), 0, "grown");
}

#[test]
fn heads_of_others_are_refused_before_anything_else() {
    let world = World::new();
    let house = world.house("house");
    let stranger = House::open(&world.at("stranger"), "ailleurs.exemple.fr/journal").unwrap();
    let (url, policy) = served(&house);
    let namesake = proof::note::SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap().verifier_key().to_string();
    ended(&world.watch(&url, &["--vkey", &namesake]), 12, "key-not-pinned");
    ended(&world.watch(&url, &["--vkey", &stranger.vkey().unwrap()]), 6, "other-log");
    ended(&world.watch(&stranger.url().unwrap(), &["--policy", &policy]), 6, "other-log");
    assert_eq!(world.state(), None);
    // A state of another log is not compared, and not overwritten.
    ended(&world.watch(&stranger.url().unwrap(), &["--vkey", &stranger.vkey().unwrap()]), 0, "first");
    let state = world.state();
    ended(&world.watch(&url, &["--policy", &policy]), 6, "other-log");
    assert_eq!(world.state(), state);
}

fn changed(policy: &str, place: &Path, change: impl Fn(&mut Value)) -> String {
    let mut json: Value = serde_json::from_slice(&fs::read(policy).unwrap()).unwrap();
    change(&mut json);
    fs::write(place, json.to_string()).unwrap();
    place.display().to_string()
}

#[test]
fn the_dates_of_keys_and_the_witnesses_of_the_policy_count() {
    let world = World::new();
    let house = world.house("house");
    let (url, policy) = served(&house);
    let at = world.at("changed");
    for (field, date) in [("until", "2020-01-01T00:00:00Z"), ("compromised", "2020-01-01T00:00:00Z")] {
        let pin = changed(&policy, &at, |json| json["log"]["keys"][0][field] = date.into());
        ended(&world.watch(&url, &["--policy", &pin]), 12, "log-key-not-in-force");
    }
    let pin = changed(&policy, &at, |json| json["log"]["keys"][0]["until"] = "2999-01-01T00:00:00Z".into());
    ended(&world.watch(&url, &["--policy", &pin]), 0, "first");
    // A witness that nobody asked: the head is the log's own, and is remembered; its cosignature is missing, and that is said.
    let witness = watch::CosigningKey::from_seed("temoin.exemple.fr", &[9; 32]).unwrap().cosigner_key().to_string();
    let text = format!("witness commune {witness}\nquorum commune\n");
    let pin = changed(&policy, &at, |json| json["witnesses"] = text.as_str().into());
    house.fill(20, "x").unwrap();
    let warned = ended(&world.watch(&url, &["--policy", &pin]), 4, "grown");
    assert_eq!((&warned["witnesses"]["met"], &warned["witnesses"]["missing"][0]), (&false.into(), &"commune".into()));
    assert_eq!(world.state().unwrap().as_bytes(), house.read("/log/checkpoint").unwrap());
}

#[test]
fn what_the_monitor_cannot_do_without_is_asked_for() {
    let world = World::new();
    let house = world.house("house");
    let (url, policy) = served(&house);
    ended(&world.watch(&url, &[]), 2, "pin-not-given");
    ended(&world.watch(&url, &["--vkey", "no key"]), 2, "policy-refused");
    let empty = world.at("empty");
    fs::write(&empty, "quorum none\n").unwrap();
    ended(&world.watch(&url, &["--policy", empty.to_str().unwrap()]), 2, "policy-refused");
    ended(&world.watch(&url, &["--policy", "/nowhere/policy.json"]), 5, "file-unreadable");
    ended(&world.watch("https://exemple.fr", &["--policy", &policy]), 2, "url-not-http");
    // Bound and dropped: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    ended(&world.watch(&format!("http://{free}"), &["--policy", &policy]), 69, "server-unreachable");
    // A spoilt state is never taken for a first run.
    fs::write(world.at("state"), "spoilt").unwrap();
    ended(&world.watch(&url, &["--policy", &policy]), 5, "state-unreadable");
    assert_eq!(world.state().as_deref(), Some("spoilt"));
}
