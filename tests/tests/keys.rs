//! Custody of the master key by the real program: behind a token (SoftHSM2, a peer that is not ours), and in shares; and of the log's key: in a
//! token that signs, and one key after another.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "keys/cachet.rs"]
mod cachet;
#[path = "keys/ceremony.rs"]
mod ceremony;
#[path = "keys/escrow.rs"]
mod escrow;
#[path = "keys/killed.rs"]
mod killed;
#[path = "keys/logkey.rs"]
mod logkey;
#[path = "keys/restored.rs"]
mod restored;
#[path = "keys/rotation.rs"]
mod rotation;
#[path = "keys/softhsm.rs"]
mod softhsm;
#[path = "keys/token.rs"]
mod token;

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::published::{House, program};

const ORIGIN: &str = "essai.exemple.fr/journal";

/// A house with deposits in several segments, and its place.
struct World {
    dir: tempfile::TempDir,
    house: House,
    environment: Vec<(&'static str, OsString)>,
}

/// What a run of the program said.
struct Said {
    exit: i32,
    json: Value,
    error: String,
}

impl Said {
    #[track_caller]
    fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{} {}", self.json, self.error);
        self
    }
    #[track_caller]
    fn refuses(self, code: &str) -> Self {
        assert!(self.error.contains(&format!("code: {code}\n")), "{code} not in: {} {}", self.json, self.error);
        // A person is told what to do.
        assert!(self.error.contains("what to do:"), "{}", self.error);
        self.exits(1)
    }
}

impl World {
    /// Served no longer.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
        house.stop().unwrap();
        let mut world = Self { dir, house, environment: Vec::new() };
        world.configure("[store]\nsegment_bytes = 65536\n[scrub]\nbytes_per_second = 0\n");
        world.house.start().unwrap();
        world.house.deposit(40, "first").unwrap();
        world.house.stop().unwrap();
        // Each start opens a segment under a key of its own.
        world.house.start().unwrap();
        world.house.deposit(3, "second").unwrap();
        world.house.stop().unwrap();
        world
    }

    fn under(&mut self, name: &'static str, value: impl Into<OsString>) {
        let value = value.into();
        self.house.under(name, value.clone());
        self.environment.push((name, value));
    }

    fn data(&self) -> PathBuf {
        self.house.data()
    }
    fn place(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Lines added to the configuration.
    fn configure(&self, lines: &str) {
        let config = self.data().join("tabellion.toml");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(config, format!("{text}\n{lines}")).unwrap();
    }

    /// A command on this house's directory.
    fn run(&self, arguments: &[&str]) -> Said {
        run_at(&self.data(), &self.environment, arguments)
    }

    /// Why it does not start.
    #[track_caller]
    fn start_refuses(&self, code: &str) -> Said {
        self.run(&["serve", "--listen", "127.0.0.1:0"]).refuses(code)
    }

    /// Everything deposited, as a start from here gives it back: id to content. Stopped again.
    fn contents(&mut self) -> BTreeMap<String, Vec<u8>> {
        self.house.start().unwrap();
        let found = contents(&self.house);
        self.house.stop().unwrap();
        found
    }

    fn keys(&self) -> u64 {
        self.key_files().len() as u64
    }

    fn key_files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.data().join("store/keys")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    }
}

fn run_at(data: &Path, environment: &[(&'static str, OsString)], arguments: &[&str]) -> Said {
    let mut command = Command::new(program("tabellion").unwrap());
    command.arg("--data").arg(data).args(arguments);
    command.env_clear().env("LC_ALL", "C").envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    Said { exit: output.status.code().unwrap_or(-1), json, error }
}

/// Everything that the tenant's token reads of a served house.
fn contents(house: &House) -> BTreeMap<String, Vec<u8>> {
    let (status, list) = house.ask("/v1/deposits?limit=100").unwrap();
    assert_eq!(status, 200);
    let list: Value = serde_json::from_slice(&list).unwrap();
    let ids = list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
    let read = |id: String| {
        let (status, body) = house.ask(&format!("/v1/deposits/{id}/files/1")).unwrap();
        assert_eq!(status, 200, "{id}");
        (id, body)
    };
    let found: BTreeMap<_, _> = ids.map(read).collect();
    assert_eq!(found.len(), 43);
    found
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Files below this directory in which these bytes stand.
fn holding(directory: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let files = tests::opened::files(&[directory]).unwrap().into_iter();
    files.filter(|(_, held)| held.windows(bytes.len()).any(|part| part == bytes)).map(|(path, _)| path).collect()
}
