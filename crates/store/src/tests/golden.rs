//! Stores written by each version of the formats: every later build opens them and reads the same bytes.

use super::round_trip::assert_entry_of;
use super::*;
use crate::limits::INLINE_LIMIT;
use std::os::unix::fs::PermissionsExt;

const AHEAD: usize = INLINE_LIMIT as usize + 1;

fn golden(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(version)
}

#[test]
fn a_store_of_version_1_is_opened_and_read() {
    opened_and_read("v1", old_leaf);
}

#[test]
fn a_store_of_version_2_is_opened_and_read() {
    if std::env::var_os("TABELLION_FREEZE").is_some() {
        freeze("v2");
    }
    opened_and_read("v2", leaf);
}

fn opened_and_read(version: &str, leaf: impl Fn(u64) -> NewLeaf) {
    let place = Place { directory: TempDir::new().unwrap() };
    copy(&golden(version), place.directory.path());
    // Modes are not kept by a repository.
    fs::set_permissions(place.master(), fs::Permissions::from_mode(0o600)).unwrap();
    let mut store = place.open();
    let replays = store.unpublished().unwrap();
    assert_eq!(replays.iter().map(|replay| replay.number).collect::<Vec<_>>(), [1, 2, 3]);
    let expected = commit(&store.vault(), 1, &[]);
    assert_eq!((replays[1].at, &replays[1].puts), (expected.at, &expected.puts));
    publish_all(&mut store);
    assert_entry_of(&store.reads(), &leaf(0), &[]);
    assert_entry_of(&store.reads(), &leaf(1), &[0, 1, 1000]);
    assert_entry_of(&store.reads(), &leaf(2), &[AHEAD]);
    let look_up = store.vault().lookup(TENANT, "golden", b"v1");
    let said = fs::read_to_string(golden(version).join("look-up")).unwrap();
    assert_eq!(proof::Hash(look_up).to_string(), said.trim_end());
    deposit(&mut store, 3, &[5]);
}

/// Writes the golden store: only for a new version, into a new directory.
fn freeze(version: &str) {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[]);
    deposit(&mut store, 1, &[0, 1, 1000]);
    drop(store);
    let mut store = place.open();
    deposit(&mut store, 2, &[AHEAD]);
    let look_up = proof::Hash(store.vault().lookup(TENANT, "golden", b"v1"));
    drop(store);
    fs::remove_dir_all(place.data().join("index")).unwrap();
    fs::remove_file(place.data().join("lock")).unwrap();
    let golden = golden(version);
    assert!(!golden.exists());
    fs::create_dir_all(&golden).unwrap();
    copy(place.directory.path(), &golden);
    fs::write(golden.join("look-up"), format!("{look_up}\n")).unwrap();
}
