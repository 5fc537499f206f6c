//! What is damaged is put back from a backup, and what the backup has not, or must not bring back, is left as it is.

use crate::files::flip;
use crate::{Copy, ORIGIN, Scrubbed, name, said, scrub};
use std::fs;
use std::path::{Path, PathBuf};
use tests::published::House;

impl Scrubbed {
    /// Names of the files in this list of what a repair said, in order.
    fn named(&self, list: &str) -> Vec<String> {
        let all = self.json[list].as_array().unwrap_or_else(|| panic!("{} {}", self.json, self.error));
        let mut names: Vec<_> = all.iter().map(|one| name(Path::new(one["path"].as_str().unwrap()))).collect();
        names.sort();
        names
    }
}

fn repair(data: &Path, from: &Path, keys: Option<&Path>) -> Scrubbed {
    let (from, keys) = (from.display().to_string(), keys.map(|keys| keys.display().to_string()));
    let mut words = vec!["--repair", "--from", &from];
    words.extend(keys.iter().flat_map(|keys| ["--keys", keys]));
    scrub(data, &words)
}

fn back_up(copy: &Copy) -> (PathBuf, PathBuf) {
    let place = |name: &str| copy.data.with_file_name(name);
    let (to, keys) = (place("sauvegardes"), place("clefs"));
    let shown = |path: &Path| path.display().to_string();
    said(&["--data", &shown(&copy.data), "backup", &shown(&to), "--keys", &shown(&keys)]);
    (to, keys)
}

#[test]
fn every_damaged_file_is_put_back_and_what_came_after_the_backup_stays() {
    let mut copy = Copy::new();
    let (to, keys) = back_up(&copy);
    // Each start makes a key, which the copies do not have.
    let kept = copy.listed("keys");
    copy.house.start().unwrap();
    copy.house.deposit(3, "après").unwrap();
    let size = copy.house.size().unwrap();
    copy.house.stop().unwrap();
    let (segments, aheads) = (copy.listed("segments"), copy.listed("ahead"));
    flip(&segments[0], 40, 0x10);
    flip(&segments[1], 3 * 512 + 9, 1);
    fs::write(&segments[2], &fs::read(&segments[2]).unwrap()[..5000]).unwrap();
    fs::remove_file(&segments[3]).unwrap();
    flip(&aheads[0], 70_000, 1);
    fs::remove_file(&aheads[1]).unwrap();
    flip(&kept[0], 90, 1);
    let damaged = fs::read(&segments[1]).unwrap();
    let spoilt: Vec<_> = segments[..4].iter().chain(&aheads[..2]).chain(&kept[..1]).map(|path| name(path)).collect();

    let done = repair(&copy.data, &to, Some(&keys));
    assert_eq!(done.exit, 0, "{} {}", done.json, done.error);
    let mut expected = spoilt;
    expected.sort();
    assert_eq!(done.named("repaired"), expected);
    assert!(done.named("left").is_empty() && done.json["before"]["damage"].as_u64().unwrap() >= 7);
    assert_eq!(done.json["after"]["damage"], 0);
    // The damaged file is kept, a damaged key is not.
    let aside = done.json["repaired"].as_array().unwrap().iter();
    let aside: Vec<_> = aside.filter_map(|one| one["aside"].as_str()).collect();
    assert!(aside.iter().any(|path| fs::read(path).unwrap() == damaged) && !aside.iter().any(|p| p.contains(".key")));
    assert!(copy.listed("aside/repair").is_empty());

    copy.house.start().unwrap();
    assert_eq!(copy.house.size().unwrap(), size);
    assert_eq!(scrub(&copy.data, &[]).exit, 0);
    copy.house.stop().unwrap();
    let again = repair(&copy.data, &to, Some(&keys));
    assert_eq!((again.exit, again.named("repaired").len()), (0, 0), "a sound store is left as it is");
}

#[test]
fn what_the_backup_has_not_is_left_and_said() {
    let mut copy = Copy::new();
    let (to, keys) = back_up(&copy);
    // Each start makes a key, which the copies do not have.
    let kept = copy.listed("keys");
    copy.house.start().unwrap();
    copy.house.deposit(40, "après").unwrap();
    copy.house.stop().unwrap();
    let segments = copy.listed("segments");
    let newest = segments.iter().rev().nth(1).unwrap();
    flip(newest, 3 * 512 + 9, 1);
    flip(&kept[0], 90, 1);
    let before = (fs::read(newest).unwrap(), fs::read(&kept[0]).unwrap());
    let done = repair(&copy.data, &to, None);
    assert_eq!(done.exit, 1, "{} {}", done.json, done.error);
    assert_eq!(done.named("left"), {
        let mut both = vec![name(newest), name(&kept[0])];
        both.sort();
        both
    });
    assert!((fs::read(newest).unwrap(), fs::read(&kept[0]).unwrap()) == before, "what is left was changed");
    let messages: Vec<_> = done.json["left"].as_array().unwrap().iter().map(|one| one["message"].to_string()).collect();
    assert!(messages.iter().any(|message| message.contains("--keys")), "{messages:?}");
    assert_eq!(repair(&copy.data, &to, Some(&keys)).named("repaired"), [name(&kept[0])]);
}

#[test]
fn a_backup_that_is_damaged_itself_or_another_store_changes_nothing() {
    let copy = Copy::new();
    let (to, _) = back_up(&copy);
    let segment = &copy.listed("segments")[0];
    flip(segment, 3 * 512 + 9, 1);
    let before = fs::read(segment).unwrap();
    for folder in fs::read_dir(to.join("objects")).unwrap() {
        for object in fs::read_dir(folder.unwrap().path()).unwrap().map(|object| object.unwrap().path()) {
            flip(&object, 100, 1);
        }
    }
    let done = repair(&copy.data, &to, None);
    assert_eq!((done.exit, done.named("left")), (1, vec![name(segment)]), "{} {}", done.json, done.error);
    assert!(fs::read(segment).unwrap() == before);
    let dir = tempfile::tempdir().unwrap();
    let mut other = House::open(&dir.path().join("house"), ORIGIN).unwrap();
    other.stop().unwrap();
    let (data, place) = (other.data().display().to_string(), dir.path().join("sauvegardes"));
    said(&["--data", &data, "backup", &place.display().to_string()]);
    let done = repair(&copy.data, &place, None);
    assert!(done.exit != 0 && done.error.contains("backup-not-found"), "{} {}", done.exit, done.error);
    assert!(fs::read(segment).unwrap() == before);
}

#[test]
fn what_a_repair_that_was_cut_left_is_aside_but_for_keys() {
    let copy = Copy::new();
    let (to, keys) = back_up(&copy);
    let bench = copy.store().join("aside/repair");
    fs::create_dir_all(&bench).unwrap();
    fs::write(bench.join("00000000000000000001.seg"), b"just exchanged").unwrap();
    fs::write(bench.join("0011.key"), b"a key that just gave its place").unwrap();
    flip(&copy.listed("ahead")[0], 70_000, 1);
    assert_eq!(repair(&copy.data, &to, Some(&keys)).exit, 0);
    let kept = |path: &Path| fs::read(path).is_ok_and(|bytes| bytes == b"just exchanged");
    assert!(copy.listed("aside").iter().any(|path| kept(path)));
    assert!(!copy.listed("aside").iter().any(|path| path.is_file() && name(path).contains(".key")));
    assert!(copy.listed("aside/repair").is_empty());
}
