//! Both languages say the same, and nothing is said that nobody reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

/// The places to fill, `{name}`; those of the help's frame are clap's.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|found| found.0).collect()
}

/// Why a table is not sound; empty when it is.
fn faults<'a>(table: impl IntoIterator<Item = &'a Row>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (key, fr, en) in table {
        if !seen.insert(key) {
            faults.push(format!("{key} stands twice"));
        }
        if fr.trim().is_empty() || en.trim().is_empty() {
            faults.push(format!("{key} lacks a language"));
        }
        if places(fr) != places(en) {
            faults.push(format!("{key} has other places in French than in English"));
        }
    }
    faults
}

#[test]
fn both_languages_have_the_same_keys_and_places() {
    assert_eq!(faults(rows()), Vec::<String>::new());
}

#[test]
fn a_missing_language_place_or_a_double_key_is_found() {
    assert_eq!(faults(&[("a", "un", "")]).len(), 1);
    assert_eq!(faults(&[("a", "un {x}", "one {y}")]).len(), 1);
    assert_eq!(faults(&[("a", "un", "one"), ("a", "un", "one")]).len(), 1);
}

fn sources(folder: &Path, out: &mut String) {
    for entry in fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
        if entry.is_dir() && entry.file_name().is_some_and(|name| name == "messages") {
            continue;
        }
        if entry.is_dir() {
            sources(&entry, out);
        } else if entry.file_name().is_some_and(|name| name != "messages.rs") {
            out.push_str(&fs::read_to_string(&entry).expect("source"));
        }
    }
}

#[test]
fn the_table_and_the_code_know_the_same_keys() {
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let families: BTreeSet<&str> = rows().filter_map(|row| row.0.split_once('.')).map(|key| key.0).collect();
    let is_key = |word: &&str| {
        let known = word.split_once('.').is_some_and(|(head, tail)| families.contains(head) && !tail.is_empty());
        known && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c))
    };
    let used: BTreeSet<&str> = code.split('"').filter(is_key).collect();
    let known: BTreeSet<&str> = rows().map(|row| row.0).collect();
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "used, not in the table");
    assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&&str>::new(), "in the table, never used");
}
