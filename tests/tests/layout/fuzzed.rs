//! What is fuzzed is what ships: the fuzz workspace has a lock of its own, and stands on the same guests.

use std::collections::BTreeMap;
use std::fs;

use crate::tree;

/// Name to versions, as a lock lists them.
fn locked(lock: &str) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let value = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim_matches('"').to_owned());
    let mut name = None;
    for line in lock.lines() {
        name = value(line, "name = ").or(name);
        if let (Some(name), Some(version)) = (&name, value(line, "version = ")) {
            all.entry(name.clone()).or_default().push(version);
        }
    }
    all
}

/// Guests of the second lock that the first has too, and only in other versions.
fn apart(ours: &str, fuzzed: &str) -> Vec<String> {
    let ours = locked(ours);
    let other = |(name, versions): (String, Vec<String>)| {
        let known = ours.get(&name)?;
        let lost: Vec<String> = versions.into_iter().filter(|version| !known.contains(version)).collect();
        (!lost.is_empty()).then(|| format!("{name} {lost:?}, which ships as {known:?}"))
    };
    locked(fuzzed).into_iter().filter_map(other).collect()
}

#[test]
fn what_is_fuzzed_is_what_ships() {
    let read = |path: &str| fs::read_to_string(tree::root().join(path)).expect(path);
    let (ours, fuzzed) = (read("Cargo.lock"), read("tests/fuzz/Cargo.lock"));
    assert!(locked(&fuzzed).len() > 40, "only {} guests in the fuzz workspace", locked(&fuzzed).len());
    assert_eq!(apart(&ours, &fuzzed), Vec::<String>::new(), "cargo update -p NAME --precise VERSION in tests/fuzz");
}

#[test]
fn a_guest_of_another_version_is_found() {
    let ours = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";
    let fuzzed = ours.replace("2.0.0", "2.0.1") + "\n[[package]]\nname = \"c\"\nversion = \"3.0.0\"\n";
    assert_eq!(apart(ours, ours), Vec::<String>::new());
    assert_eq!(apart(ours, &fuzzed).len(), 1);
}
