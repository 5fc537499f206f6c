//! Backups of real stores by the real program, served or not, and what restoring them proves, refuses and brings back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "backup/eliminated.rs"]
mod eliminated;
#[path = "backup/flips.rs"]
mod flips;
#[path = "backup/hot.rs"]
mod hot;
#[path = "backup/kept.rs"]
mod kept;
#[path = "backup/lies.rs"]
mod lies;
#[path = "backup/mirror.rs"]
mod mirror;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tests::published::{House, tabellion};

const ORIGIN: &str = "essai.exemple.fr/journal";

/// A house, the place of its backups, the copies of its keys, and its secrets kept apart.
struct World {
    dir: tempfile::TempDir,
    house: House,
}

/// What a run of the program said.
struct Said {
    exit: i32,
    json: Value,
    error: String,
}

fn run(arguments: &[&str]) -> Said {
    let output = tabellion(arguments).unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    Said { exit: output.status.code().unwrap(), json, error }
}

impl Said {
    #[track_caller]
    fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{} {}", self.json, self.error);
        self
    }
    #[track_caller]
    fn refuses(self, exit: i32, code: &str) -> Self {
        assert!(self.error.contains(&format!("code: {code}")), "{code} not in: {} {}", self.json, self.error);
        self.exits(exit)
    }
}

impl World {
    /// Several segments, small files and files ahead; served.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut house = House::open(&dir.path().join("house"), ORIGIN).unwrap();
        house.stop().unwrap();
        let world = Self { dir, house };
        world.configure("[store]\nsegment_bytes = 65536\n[scrub]\nbytes_per_second = 0\n");
        let secrets = world.secrets();
        fs::create_dir_all(secrets.join("tsa")).unwrap();
        for name in ["log.key", "master.key", "admin.token", "tsa/tsa.key"] {
            fs::copy(world.house.data().join(name), secrets.join(name)).unwrap();
        }
        world.served()
    }

    fn served(mut self) -> Self {
        self.house.start().unwrap();
        self.house.deposit(1, "first").unwrap();
        self
    }

    /// Lines added to the configuration.
    fn configure(&self, lines: &str) {
        let config = self.house.data().join("tabellion.toml");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(config, format!("{text}\n{lines}")).unwrap();
    }

    fn place(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    fn backups(&self) -> PathBuf {
        self.place("backups")
    }
    fn secrets(&self) -> PathBuf {
        self.place("secrets")
    }

    /// A backup, with a copy of the keys.
    fn backup(&self, more: &[&str]) -> Said {
        let (data, to, keys) = (shown(&self.house.data()), shown(&self.backups()), shown(&self.place("keys")));
        run(&[&["--data", &data, "backup", &to, "--keys", &keys, "--format", "json"], more].concat())
    }

    /// A restore to this directory.
    fn restore(&self, to: &Path, more: &[&str]) -> Said {
        restore(&self.backups(), &self.place("keys"), &self.secrets(), to, more)
    }

    /// The house as restored in a place of its own; not served.
    fn restored(&self, name: &str, exit: i32, more: &[&str]) -> House {
        let house = self.house.elsewhere(&self.place(name)).unwrap();
        self.restore(&house.data(), more).exits(exit);
        house
    }

    /// A deposit by the program: its id; receipt and records stand in this folder.
    fn deposit(&self, folder: &str, name: &str, bytes: &[u8]) -> String {
        let folder = self.place(folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap();
        let (data, file) = (shown(&self.house.data()), shown(&file));
        let (receipt, records) = (format!("{file}.receipt"), format!("{file}.records"));
        let tenant = self.tenant();
        let said = run(&[
            "--data",
            &data,
            "deposit",
            "--kind",
            "file",
            "--tenant",
            &tenant,
            "--format",
            "json",
            "--receipt",
            &receipt,
            "--records",
            &records,
            &file,
        ])
        .exits(0);
        said.json["id"].as_str().unwrap().to_owned()
    }

    /// The one tenant.
    fn tenant(&self) -> String {
        let (status, body) = self.house.ask("/v1/deposits").unwrap();
        assert_eq!(status, 200);
        let list: Value = serde_json::from_slice(&body).unwrap();
        let id = list["items"][0]["id"].as_str().unwrap();
        let (_, body) = self.house.ask(&format!("/v1/deposits/{id}")).unwrap();
        let entry: Value = serde_json::from_slice(&body).unwrap();
        entry["tenant"].as_str().unwrap().to_owned()
    }
}

fn restore(from: &Path, keys: &Path, secrets: &Path, to: &Path, more: &[&str]) -> Said {
    let [from, keys, secrets, to] = [from, keys, secrets, to].map(shown);
    let asked = ["--data", &to, "restore", "--from", &from, "--keys", &keys, "--secrets", &secrets, "--format", "json"];
    run(&[&asked[..], more].concat())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A copied tree, of a house that may be served: what its index removes meanwhile is not copied. Keys stay their owner's alone.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if let Err(error) = fs::copy(entry.path(), &target) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{}: {error}", entry.path().display());
        }
    }
}

/// Objects and manifests of a place of backups, in order.
fn objects(place: &Path) -> Vec<PathBuf> {
    let folders = [place.join("objects"), place.join("manifests")];
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    let mut found: Vec<_> = tests::opened::files(&folders).unwrap().into_iter().map(|(path, _)| path).collect();
    found.sort();
    found
}

/// Bytes that no other deposit has.
fn large(seed: u32) -> Vec<u8> {
    (0..400_000_u32).map(|n| (n.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
