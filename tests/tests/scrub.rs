//! A scrub of real stores by the real program: sound ones are called sound and left as they are, and every fault is placed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "scrub/eliminated.rs"]
mod eliminated;
#[path = "scrub/files.rs"]
mod files;
#[path = "scrub/flips.rs"]
mod flips;
#[path = "scrub/reindex.rs"]
mod reindex;
#[path = "scrub/repair.rs"]
mod repair;
#[path = "scrub/rows.rs"]
mod rows;
#[path = "scrub/served.rs"]
mod served;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tests::published::{House, tabellion};

const ORIGIN: &str = "essai.exemple.fr/journal";

/// A store as a stop leaves it: several segments, copies of last records, small files, files ahead, two seals.
struct World {
    dir: tempfile::TempDir,
    house: House,
}

/// Made once; every test works on a copy.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    let data = house.data();
    house.stop().unwrap();
    let config = data.join("tabellion.toml");
    let lines = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("{lines}\n[store]\nsegment_bytes = 65536\n[scrub]\nbytes_per_second = 0\nfirst_seconds = 0\n"),
    )
    .unwrap();
    house.start().unwrap();
    house.deposit(40, "a").unwrap();
    house.seal().unwrap();
    let big = dir.path().join("grand.bin");
    fs::write(&big, (0..700_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>()).unwrap();
    let given = data.display().to_string();
    let tenant = said(&["--data", &given, "tenant", "add", "--name", "Grande", "--siren", "217500016"]);
    for key in ["1", "2"] {
        let file = big.display().to_string();
        said(&["--data", &given, "deposit", "--tenant", &tenant, "--kind", "file", "--again", "--key", key, &file]);
    }
    house.stop().unwrap();
    house.start().unwrap();
    house.deposit(300, "b").unwrap();
    house.seal().unwrap();
    house.stop().unwrap();
    World { dir, house }
});

fn said(arguments: &[&str]) -> String {
    let output = tabellion(arguments).unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A copy to spoil.
struct Copy {
    _dir: tempfile::TempDir,
    house: House,
    data: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let dir = tempfile::tempdir_in(WORLD.dir.path()).unwrap();
        let house = WORLD.house.copy(&dir.path().join("house")).unwrap();
        Self { _dir: dir, data: house.data(), house }
    }

    fn store(&self) -> PathBuf {
        self.data.join("store")
    }

    /// Files of this folder of the store, in order.
    fn listed(&self, folder: &str) -> Vec<PathBuf> {
        let mut found: Vec<_> = fs::read_dir(self.store().join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        found.sort();
        found
    }

    fn scrub(&self) -> Scrubbed {
        scrub(&self.data, &[])
    }
}

/// What a scrub said.
struct Scrubbed {
    exit: i32,
    json: Value,
    error: String,
}

fn scrub(data: &Path, more: &[&str]) -> Scrubbed {
    let data = data.display().to_string();
    let output = tabellion(&[&["--data", &data, "scrub", "--format", "json"], more].concat()).unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    Scrubbed { exit: output.status.code().unwrap(), json, error }
}

impl Scrubbed {
    fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Damage was found, and some of it names this file, with this code.
    fn names(&self, path: &str, code: &str) -> &Value {
        assert_eq!(self.exit, 1, "{} {}", self.json, self.error);
        let named = |finding: &&Value| {
            finding["code"] == code && finding["path"].as_str().is_some_and(|found| found.ends_with(path))
        };
        self.findings().iter().find(named).unwrap_or_else(|| panic!("{code} at {path} not in {}", self.json))
    }
}

/// Every file below, with its bytes' digest and the time of its last change.
fn picture(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(picture(&entry.path()));
        } else {
            let changed = entry.metadata().unwrap().modified().unwrap();
            found.insert(entry.path(), (fs::read(entry.path()).unwrap(), changed));
        }
    }
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_sound_store_is_called_sound_and_left_as_it_is() {
    let copy = Copy::new();
    let before = picture(&copy.data);
    for more in [&[][..], &["--all"], &["--head"], &["--deep"], &["--deep", "--head"], &["--rate", "2000000000"]] {
        let scrubbed = scrub(&copy.data, more);
        assert_eq!(scrubbed.exit, 0, "{} {}", scrubbed.json, scrubbed.error);
        assert_eq!(scrubbed.json["damage"], 0);
        assert!(scrubbed.json["bytes"].as_u64().unwrap() > 60_000, "{}", scrubbed.json);
    }
    let whole = copy.scrub();
    assert!(whole.json["entries"].as_u64().unwrap() > 340 && whole.json["parts"].as_u64().unwrap() > 1000);
    assert!(picture(&copy.data) == before, "a scrub changed something");
}
