//! The files of an export, and what a run did to them.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;
use tests::published::tabellion;

/// Inode, modification (seconds, nanoseconds) and size, by path.
pub type Files = BTreeMap<String, (u64, i64, i64, u64)>;

/// Every published file below this directory; what the exporter keeps for itself begins with a dot.
pub fn files(place: &Path) -> Files {
    let mut found = Files::new();
    walk(place, "", &mut found);
    found
}

fn walk(folder: &Path, above: &str, found: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if above.is_empty() { name.clone() } else { format!("{above}/{name}") };
        let about = entry.metadata().unwrap();
        if about.is_dir() {
            walk(&entry.path(), &path, found);
        } else if !name.starts_with('.') {
            found.insert(path, (about.ino(), about.mtime(), about.mtime_nsec(), about.len()));
        }
    }
}

/// `tabellion export-log` run with these arguments.
pub fn export(url: &str, place: &Path, more: &[&str]) -> Output {
    let place = place.display().to_string();
    tabellion(&[&["export-log", "--url", url, "--format", "json", &place], more].concat()).unwrap()
}

/// The run ended with this code; what it said.
pub fn ended(output: &Output, code: i32) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}
