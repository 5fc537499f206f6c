//! The files of the repository, and the entries its root may have.

use std::fs;
use std::path::{Path, PathBuf};

/// Everything the root may hold. Another entry is a decision: add it here with its reason.
const ROOT: [(&str, &str); 16] = [
    (".cargo", "frozen flags of the build"),
    (".ci", "what runs when a change lands"),
    (".git", "history"),
    (".gitignore", "what is built is not kept"),
    ("CHANGELOG.md", "for people: incompatible, new, fixed"),
    ("Cargo.lock", "the same guests for everybody"),
    ("Cargo.toml", "the workspace"),
    ("LICENSE", "Apache-2.0"),
    ("README.md", "what it is, in five lines"),
    ("clippy.toml", "lints"),
    ("config", "sample configuration"),
    ("crates", "the rooms"),
    ("deploy", "the quick start, and what an operator installs"),
    ("docs", "architecture, formats, operations, decisions"),
    ("rustfmt.toml", "one width of line"),
    ("tests", "journeys, crash, layout, vectors, bench"),
];

/// Made by the build, never part of the repository.
const BUILT: &str = "target";

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests stands in the root").to_path_buf()
}

/// Every file below a folder, sorted; what is built and git's own files apart.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(folder, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        if name == BUILT || name == ".git" {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            walk(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// The files with that extension.
pub fn with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|path| path.extension().is_some_and(|known| known == extension));
    found
}

/// A path as seen from the root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn strangers(names: &[&str]) -> Vec<String> {
    let known = |name: &str| name == BUILT || ROOT.iter().any(|entry| entry.0 == name);
    names.iter().filter(|name| !known(name)).map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_root_holds_nothing_unexpected() {
    let names: Vec<String> = fs::read_dir(root())
        .expect("root")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(strangers(&names), Vec::<String>::new(), "not among the entries of the root");
    for name in ["Cargo.toml", "README.md", "CHANGELOG.md", "LICENSE", "crates", "docs"] {
        assert!(names.contains(&name), "{name} is missing");
    }
}

#[test]
fn a_stranger_in_the_root_is_found() {
    assert_eq!(strangers(&["crates", "target", "notes.txt"]), ["notes.txt"]);
}

#[test]
fn the_walk_sees_this_file_and_nothing_built() {
    let found = files(&root());
    assert!(found.iter().any(|path| path.ends_with("layout/tree.rs")));
    assert!(!found.iter().any(|path| path.starts_with(root().join(BUILT)) || path.starts_with(root().join(".git"))));
}
