//! The key store: right key, right modes, right order.

use super::round_trip::assert_entry;
use super::*;
use crate::error::OpenError;
use crate::{Master, MasterSecret, hold, prove_keys, wrapped_by};
use ledger::storage::StorageError;
use std::os::unix::fs::PermissionsExt;

fn key_files(place: &Place) -> Vec<PathBuf> {
    let found = fs::read_dir(place.data().join("keys")).unwrap().map(|entry| entry.unwrap().path());
    found.filter(|path| path.file_name().unwrap() != "store.key").collect()
}

#[test]
fn the_master_key_must_be_the_right_one_alone_reachable_and_well_formed() {
    let place = Place::new();
    deposit(&mut place.open(), 0, &[1]);
    let path = place.master();
    let right = fs::read(&path).unwrap();
    let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    for bad in [0o640, 0o604, 0o601, 0o620] {
        mode(bad);
        match Store::open(&place.options()) {
            Err(OpenError::MasterKeyMode { mode, .. }) => assert_eq!(mode, bad),
            other => panic!("{other:?}"),
        }
    }
    mode(0o400);
    drop(place.open());
    mode(0o600);
    for bad in ["", "12", &"0".repeat(63), &"0".repeat(65), &"x".repeat(64)] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(Store::open(&place.options()), Err(OpenError::MasterKeyForm(_))), "{bad}");
    }
    fs::write(&path, "0".repeat(64)).unwrap();
    match Store::open(&place.options()) {
        Err(OpenError::WrongMasterKey { wrapped_by, given, .. }) => assert_ne!(wrapped_by, given),
        other => panic!("{other:?}"),
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(Store::open(&place.options()), Err(OpenError::Io { .. })));
    fs::write(&path, right).unwrap();
    mode(0o600);
    assert_entry(&place.open().reads(), 0, &[1]);
}

#[test]
fn a_key_file_that_is_missing_or_changed_anywhere_is_named() {
    let place = Place::new();
    deposit(&mut place.open(), 0, &[1]);
    let path = place.data().join("keys/store.key");
    let right = fs::read(&path).unwrap();
    for at in 0..right.len() {
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        fs::write(&path, wrong).unwrap();
        assert!(matches!(Store::open(&place.options()), Err(OpenError::KeyStore { .. })), "byte {at}");
    }
    for len in 0..right.len() {
        fs::write(&path, &right[..len]).unwrap();
        assert!(matches!(Store::open(&place.options()), Err(OpenError::KeyStore { .. })), "length {len}");
    }
    fs::write(&path, right).unwrap();
    drop(place.open());
}

#[test]
fn without_its_segment_key_an_entry_cannot_be_read_and_others_can() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[1]);
    let first = key_files(&place);
    assert_eq!(first.len(), 1);
    drop(store);
    let mut store = place.open();
    deposit(&mut store, 1, &[1]);
    drop(store);
    // What elimination relies on: the key destroyed, file, F and E are gone, R stays.
    fs::remove_file(&first[0]).unwrap();
    let store = place.open();
    assert!(matches!(store.reads().read_entry_record(Index(0)), Err(StorageError::Fatal(_))));
    assert!(matches!(store.reads().open_file(Index(0), proof::FileNumber(1)), Err(StorageError::Fatal(_))));
    let row = ledger::storage::Reader::entry(&store.reads(), Index(0)).unwrap().unwrap();
    assert_eq!(row.leaf.record, r_of(0));
    assert_entry(&store.reads(), 1, &[1]);
}

#[test]
fn a_segment_is_made_only_once_its_key_is_in_the_key_store() {
    // No key can be written: no segment either, and the commit may be tried again.
    let place = Place::new();
    let mut store = place.open();
    let keys = place.data().join("keys");
    fs::rename(&keys, place.data().join("elsewhere")).unwrap();
    let first = commit(&store.vault(), 0, &[300_000]);
    assert!(matches!(store.append(first), Err(StorageError::Retry(_))));
    assert_eq!(fs::read_dir(place.data().join("segments")).unwrap().count(), 0);
    // Nothing was written, so the file ahead of the refused commit went with it.
    assert_eq!(fs::read_dir(place.data().join("ahead")).unwrap().count(), 0);
    fs::rename(place.data().join("elsewhere"), &keys).unwrap();
    // No segment can be made: its key is already there.
    let segments = place.data().join("segments");
    fs::remove_dir(&segments).unwrap();
    assert!(matches!(store.append(commit(&store.vault(), 0, &[])), Err(StorageError::Retry(_))));
    assert_eq!(key_files(&place).len(), 1);
    fs::create_dir(&segments).unwrap();
    deposit(&mut store, 0, &[1]);
    assert_entry(&store.reads(), 0, &[1]);
}

#[test]
fn every_file_of_the_store_belongs_to_its_owner_alone() {
    let place = Place::new();
    let mut store = place.open();
    deposit(&mut store, 0, &[300_000]);
    for directory in ["keys", "segments", "ahead"] {
        let path = place.data().join(directory);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{directory}");
        for entry in fs::read_dir(path).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
        }
    }
}

#[test]
fn look_ups_differ_by_tenant_domain_value_and_store_and_outlive_segments() {
    let place = Place::new();
    let vault = place.open().vault();
    let one = vault.lookup(TENANT, "content", b"value");
    assert_ne!(one, vault.lookup(TenantId([8; 16]), "content", b"value"));
    assert_ne!(one, vault.lookup(TENANT, "conten", b"tvalue"));
    assert_ne!(one, vault.lookup(TENANT, "content", b"other"));
    assert_ne!(one, sha256(b"value").0);
    assert_ne!(one, Place::new().open().vault().lookup(TENANT, "content", b"value"));
    drop(vault);
    deposit(&mut place.open(), 0, &[]);
    key_files(&place).iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(place.open().vault().lookup(TENANT, "content", b"value"), one);
}

#[test]
fn a_copy_of_the_key_store_is_whole_opens_the_store_and_goes_when_it_is_old() {
    let place = Place::new();
    deposit(&mut place.open(), 0, &[1]);
    let to = place.directory.path().join("copies");
    let back_up =
        |at: u64, oldest: u64| crate::backup_keys(&place.data(), &to, UnixMillis(at), UnixMillis(oldest)).unwrap();
    let first = back_up(1000, 0);
    assert_eq!((first.keys, first.removed), (2, 0));
    let second = back_up(2000, 1001);
    assert_eq!((second.keys, second.removed), (2, 1));
    assert!(!first.place.exists());
    fs::remove_dir_all(place.data().join("keys")).unwrap();
    fs::create_dir(place.data().join("keys")).unwrap();
    copy(&second.place, &place.data().join("keys"));
    assert_entry(&place.open().reads(), 0, &[1]);
}

#[test]
fn a_secret_at_hand_opens_the_store_as_its_file_does_and_writes_no_file() {
    let place = Place::new();
    deposit(&mut place.open(), 0, &[1]);
    let secret = MasterSecret::read(&place.master()).unwrap();
    fs::remove_file(place.master()).unwrap();
    let options = StoreOptions::new(place.data(), Master::Secret(secret.clone()));
    assert_entry(&Store::open(&options).unwrap().reads(), 0, &[1]);
    assert!(!place.master().exists());
    let shown = format!("{options:?}");
    assert!(!shown.contains(&proof::hash::encode_hex(secret.bytes())) && shown.contains("MasterSecret("), "{shown}");
    let other = MasterSecret::new(zeroize::Zeroizing::new([9; 32]));
    assert!(other != secret && secret == secret.clone());
    let options = StoreOptions::new(place.data(), Master::Secret(other));
    assert!(matches!(Store::open(&options), Err(OpenError::WrongMasterKey { .. })));
}

#[test]
fn what_a_master_key_opens_is_counted_and_what_it_does_not_is_named() {
    let place = Place::new();
    for entry in 0..3 {
        deposit(&mut place.open(), entry, &[1]);
    }
    let keys = place.data().join("keys");
    let secret = MasterSecret::read(&place.master()).unwrap();
    let proved = prove_keys(&keys, &secret).unwrap();
    assert!(proved.opened > 2 && proved.unopened.is_empty(), "{proved:?}");
    assert_eq!(proved.opened, fs::read_dir(&keys).unwrap().count() as u64);
    assert_eq!(wrapped_by(&keys).unwrap(), (proved.store, secret.name()));
    // One bit of one file, then a file under another's name.
    let path = key_files(&place).pop().unwrap();
    let right = fs::read(&path).unwrap();
    let mut wrong = right.clone();
    wrong[60] ^= 1;
    fs::write(&path, &wrong).unwrap();
    let found = prove_keys(&keys, &secret).unwrap();
    assert_eq!((found.opened, found.unopened.len()), (proved.opened - 1, 1));
    assert_eq!(found.unopened[0].0, path);
    fs::write(&path, &right).unwrap();
    let another = keys.join(format!("{}.key", "0".repeat(32)));
    fs::copy(&path, &another).unwrap();
    assert_eq!(prove_keys(&keys, &secret).unwrap().unopened[0].0, another);
    let other = MasterSecret::new(zeroize::Zeroizing::new([9; 32]));
    assert!(matches!(prove_keys(&keys, &other), Err(OpenError::WrongMasterKey { .. })));
}

#[test]
fn a_store_that_is_held_is_opened_by_nobody() {
    let place = Place::new();
    let held = hold(&place.data()).unwrap();
    assert!(matches!(Store::open(&place.options()), Err(OpenError::Locked(_))));
    drop(held);
    drop(place.open());
}
