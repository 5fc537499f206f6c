//! Exports of real logs, whole, in steps, cut short and served by others.

use crate::files::{ended, export, files};
use crate::reader::{Read, Reader};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::published::{House, Small, program, tabellion};

const ORIGIN: &str = "essai.exemple.fr/journal";

/// The signed heads of these receipts, by size, about so many of them.
fn heads(receipts: &[String], count: usize) -> Vec<String> {
    let note = |receipt: &String| receipt.split_once("\n\n").map(|parts| parts.1.to_owned()).unwrap();
    let size = |note: &String| note.lines().nth(1).unwrap().parse::<u64>().unwrap();
    let mut heads: Vec<String> = receipts.iter().map(note).collect();
    heads.sort_by_key(size);
    heads.dedup_by_key(|note| size(note));
    let step = heads.len() / count;
    (0..count).map(|number| heads[number * step].clone()).collect()
}

fn pinned(house: &House) -> String {
    house.policy().display().to_string()
}

#[test]
fn a_thousand_deposits_are_read_by_a_reader_that_is_not_ours() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let place = dir.path().join("log");
    std::thread::sleep(Duration::from_millis(1100));
    let (mut receipts, furniture) = (Vec::new(), house.size().unwrap());
    for round in 0..4 {
        receipts.extend(house.deposit(250, &format!("round {round}")).unwrap());
        house.seal().unwrap();
    }
    assert_eq!(receipts.len(), 1000);
    std::thread::sleep(Duration::from_millis(1100));
    let said = ended(&export(&house.url().unwrap(), &place, &["--policy", &pinned(&house)]), 0);
    let said: Value = serde_json::from_str(&said).unwrap();
    let size = house.size().unwrap();
    assert_eq!(said["size"], size);
    assert_eq!(size, furniture + 1000 + 4, "a thousand deposits, four seals");
    let vkey = house.vkey().unwrap();
    let read = Reader::in_directory(&place).read(&vkey, &heads(&receipts, 10)).unwrap();
    assert_eq!(read, Read { size, inclusions: size, pairs: 10 });
    println!(
        "read by tlog_tiles: {} leaves, root, {} inclusions, {} consistency pairs",
        read.size, read.inclusions, read.pairs
    );

    // Negative controls: one bit in any file, and this reader no longer agrees.
    for path in files(&place).keys() {
        let honest = fs::read(place.join(path)).unwrap();
        let mut changed = honest.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(place.join(path), changed).unwrap();
        assert!(Reader::in_directory(&place).read(&vkey, &[]).is_err(), "{path} changed unseen");
        // Our own check finds it too, and the file is fetched again.
        if path != "checkpoint" {
            ended(&export(&house.url().unwrap(), &place, &["--policy", &pinned(&house), "--all"]), 0);
            assert_eq!(fs::read(place.join(path)).unwrap(), honest, "{path}");
        } else {
            fs::write(place.join(path), honest).unwrap();
        }
    }

    // A second run writes what is new and touches nothing else.
    let before = files(&place);
    house.deposit(300, "later").unwrap();
    house.published(size + 300).unwrap();
    let said = ended(&export(&house.url().unwrap(), &place, &["--vkey", &vkey]), 0);
    let after = files(&place);
    for (path, about) in &before {
        assert!(path == "checkpoint" || after.get(path) == Some(about), "{path} was touched");
    }
    let new = after.keys().filter(|path| !before.contains_key(*path)).count();
    assert!(after["checkpoint"] != before["checkpoint"] && new > 0);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["files"]["written"], new + 1);
    let read = Reader::in_directory(&place).read(&vkey, &heads(&receipts, 10)).unwrap();
    assert_eq!(read, Read { size: size + 300, inclusions: size + 300, pairs: 10 });
    // A third finds nothing to do.
    let said: Value =
        serde_json::from_str(&ended(&export(&house.url().unwrap(), &place, &["--vkey", &vkey]), 0)).unwrap();
    assert_eq!(said["files"]["written"], 0);
    assert_eq!(files(&place), after);
    others_serve_it(&place, &vkey, size + 300);
}

/// Any web server serves the directory: the reader and the monitor read it unchanged.
fn others_serve_it(place: &Path, vkey: &str, size: u64) {
    let Some((mut child, url)) = python(place) else {
        println!("skipped: no python3 here to serve the exported directory");
        return;
    };
    let read = Reader::at(&url).read(vkey, &[]);
    let state = place.parent().unwrap().join("state").display().to_string();
    let watched = tabellion(&["monitor", &url, "--vkey", vkey, "--state", &state]).unwrap();
    let mirror = place.parent().unwrap().join("mirror");
    let mirrored = export(&url, &mirror, &["--vkey", vkey]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(read.unwrap().inclusions, size);
    ended(&watched, 0);
    ended(&mirrored, 0);
    assert_eq!(Reader::in_directory(&mirror).read(vkey, &[]).unwrap().inclusions, size);
}

fn python(place: &Path) -> Option<(Child, String)> {
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory"]).arg(place).arg("0");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    let port = line.split_once(" port ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<u16>().ok());
    match port {
        Some(port) => Some((child, format!("http://127.0.0.1:{port}"))),
        None => {
            child.kill().ok();
            child.wait().ok();
            None
        }
    }
}

#[test]
fn sizes_at_the_borders_of_tiles_are_exported_one_after_another() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let (place, vkey) = (dir.path().join("log"), house.vkey().unwrap());
    let mut heads = Vec::new();
    for size in [255, 256, 257, 512, 513] {
        house.fill(size, &format!("to {size}")).unwrap();
        ended(&export(&house.url().unwrap(), &place, &["--policy", &pinned(&house)]), 0);
        let read = Reader::in_directory(&place).read(&vkey, &heads).unwrap();
        assert_eq!((read.size, read.inclusions, read.pairs), (size, size, heads.len()));
        heads.push(fs::read_to_string(place.join("checkpoint")).unwrap());
        let found = files(&place);
        let wide = |width: u64, path: &str| found.get(path).is_some_and(|about| about.3 == width * 32);
        match size {
            255 => assert!(wide(255, "tile/0/000.p/255") && !found.contains_key("tile/1/000.p/1")),
            256 => {
                assert!(wide(256, "tile/0/000") && wide(1, "tile/1/000.p/1") && !found.contains_key("tile/0/001.p/1"))
            }
            257 => assert!(wide(1, "tile/0/001.p/1") && found.contains_key("tile/entries/001.p/1")),
            512 => assert!(wide(256, "tile/0/001") && wide(2, "tile/1/000.p/2")),
            _ => assert!(wide(1, "tile/0/002.p/1")),
        }
    }
    // A fresh export of the same head has the same bytes as the one made in steps.
    let fresh = dir.path().join("fresh");
    ended(&export(&house.url().unwrap(), &fresh, &["--policy", &pinned(&house)]), 0);
    for path in files(&fresh).keys() {
        assert_eq!(fs::read(fresh.join(path)).unwrap(), fs::read(place.join(path)).unwrap(), "{path}");
    }
}

#[test]
fn an_export_that_was_killed_is_taken_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let vkey = house.vkey().unwrap();
    house.fill(700, "k").unwrap();
    let source = dir.path().join("source");
    ended(&export(&house.url().unwrap(), &source, &["--vkey", &vkey]), 0);
    // Answers all but one request, at which whoever asks is killed.
    let (asked, stop_at) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, stop) = (asked.clone(), stop_at.clone());
    let stopping = Small::serve(move |path| {
        if count.fetch_add(1, Ordering::SeqCst) + 1 == stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(60));
        }
        fs::read(source.join(path.trim_start_matches('/'))).ok()
    });
    let whole = dir.path().join("whole");
    ended(&export(&stopping.url(), &whole, &["--vkey", &vkey]), 0);
    let requests = asked.load(Ordering::SeqCst);
    let mut halves = 0;
    for stop in 1..=requests {
        asked.store(0, Ordering::SeqCst);
        stop_at.store(stop, Ordering::SeqCst);
        let place = dir.path().join(format!("cut-{stop}"));
        let mut command = Command::new(program("tabellion").unwrap());
        command.args(["export-log", "--url", &stopping.url(), "--vkey", &vkey]).arg(&place);
        let mut child = command.env_clear().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while asked.load(Ordering::SeqCst) < stop {
            assert!(child.try_wait().unwrap().is_none(), "ended before its request {stop}");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let left = if place.exists() { files(&place) } else { Default::default() };
        assert!(!left.contains_key("checkpoint"), "a checkpoint before all it covers, after {stop} requests");
        halves += usize::from(!left.is_empty());
        let said = ended(&export(&stopping.url(), &place, &["--vkey", &vkey]), 0);
        assert_eq!(Reader::in_directory(&place).read(&vkey, &[]).unwrap().inclusions, 700);
        // What the killed run left whole was not written again.
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["files"]["written"], files(&place).len() - left.len(), "killed at request {stop}");
        assert!(!place.join(".export.part").exists());
    }
    assert!(halves > 0, "no run was killed in the middle");
}

#[test]
fn what_does_not_lead_to_the_signed_root_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let vkey = house.vkey().unwrap();
    house.fill(300, "t").unwrap();
    let source = dir.path().join("source");
    ended(&export(&house.url().unwrap(), &source, &["--vkey", &vkey]), 0);
    for bad in files(&source).into_keys() {
        let (root, wrong) = (source.clone(), format!("/{bad}"));
        let hostile = Small::serve(move |path| {
            let mut bytes = fs::read(root.join(path.trim_start_matches('/'))).ok()?;
            if path == wrong {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            Some(bytes)
        });
        let place = dir.path().join("refused").join(bad.replace('/', "-"));
        let said =
            ended(&export(&hostile.url(), &place, &["--vkey", &vkey]), if bad == "checkpoint" { 12 } else { 13 });
        assert!(!place.join("checkpoint").exists(), "{said}");
        assert!(!place.join(&bad).exists(), "{bad} was written: {said}");
    }
    // Without anyone pinned, a mirror cannot be believed, and a house only with a warning.
    let mirror = Small::serve(move |path| fs::read(source.join(path.trim_start_matches('/'))).ok());
    assert!(ended(&export(&mirror.url(), &dir.path().join("u"), &[]), 2).contains("pin-not-given"));
    assert!(ended(&export(&house.url().unwrap(), &dir.path().join("v"), &[]), 0).contains("does not prove who signs"));
}

/// Both signed heads stand beside the export: the one exported, and the one of this size.
fn both_heads_are_kept(place: &Path, word: &str, vkey: &str, size: u64) {
    let key = proof::VerifierKey::parse(vkey).unwrap();
    let sizes = |end: &str| -> Vec<u64> {
        let names = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
        let kept = names.filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with(&format!(".export.{word}-")) && name.ends_with(end)
        });
        let size = |path: std::path::PathBuf| {
            let note = proof::SignedNote::parse(&fs::read_to_string(path).unwrap()).unwrap();
            key.verify(&note).unwrap();
            proof::Checkpoint::parse(&note.text).unwrap().size.0
        };
        kept.map(size).collect()
    };
    assert!(sizes(".new").contains(&size) && sizes(".old").contains(&270), "{:?}", sizes(".new"));
}

#[test]
fn an_export_counts_the_witnesses_of_its_policy() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let place = dir.path().join("log");
    let said: Value =
        serde_json::from_str(&ended(&export(&house.url().unwrap(), &place, &["--policy", &pinned(&house)]), 0))
            .unwrap();
    assert_eq!(said["witnesses"], Value::Null, "nobody is asked");
    let witness = watch::CosigningKey::from_seed("temoin.exemple.fr", &[9; 32]).unwrap().cosigner_key().to_string();
    let policy = dir.path().join("c2sp");
    let text = format!("log {}\nwitness commune {witness}\nquorum commune\n", house.vkey().unwrap());
    fs::write(&policy, text).unwrap();
    let pin = ["--policy", policy.to_str().unwrap()];
    let other = dir.path().join("other");
    let ran = export(&house.url().unwrap(), &other, &pin);
    assert_eq!(ran.status.code(), Some(4), "{}", String::from_utf8_lossy(&ran.stderr));
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(said["witnesses"], serde_json::json!({"met": false, "missing": ["commune"]}));
    assert_eq!(
        files(&other).keys().collect::<Vec<_>>(),
        files(&place).keys().collect::<Vec<_>>(),
        "exported all the same"
    );
    let (url, directory) = (house.url().unwrap(), other.display().to_string());
    let quiet = [&["export-log", "--url", &url, "--quiet", &directory], &pin[..]].concat();
    let quiet = tabellion(&quiet).unwrap();
    assert_eq!(quiet.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&quiet.stdout).contains("missing: commune"), "a quorum that is not met is said");
}

#[test]
fn an_export_never_goes_back_nor_over_to_another_history() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    house.stop().unwrap();
    let mut other = house.copy(&dir.path().join("other")).unwrap();
    house.start().unwrap();
    let place = dir.path().join("log");
    let pin = pinned(&house);
    house.fill(270, "one history").unwrap();
    ended(&export(&house.url().unwrap(), &place, &["--policy", &pin]), 0);
    let before = files(&place);
    other.start().unwrap();
    for (size, code, word) in [(100, 11, "rollback"), (270, 10, "fork"), (600, 10, "fork")] {
        other.fill(size, "another history").unwrap();
        let said = ended(&export(&other.url().unwrap(), &place, &["--policy", &pin]), code);
        assert!(said.contains(word) && said.contains("keep these files"), "{said}");
        assert_eq!(files(&place), before, "nothing was written");
        both_heads_are_kept(&place, word, &house.vkey().unwrap(), size);
    }
    let stranger = House::open(&dir.path().join("stranger"), "ailleurs.exemple.fr/journal").unwrap();
    ended(&export(&stranger.url().unwrap(), &place, &["--policy", &pin]), 6);
    ended(&export(&stranger.url().unwrap(), &place, &["--policy", &pinned(&stranger)]), 6);
    assert_eq!(files(&place), before);
}
