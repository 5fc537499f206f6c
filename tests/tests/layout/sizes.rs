//! Rooms one can read: file and function sizes, the first comment of each crate, the weight of the strong rooms.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::arrows;
use crate::rust;
use crate::tree;

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
const PROOF_CODE_LINES: usize = 1200;
const VERIFIER_CODE_LINES: usize = 1_200;
const WRAPPER_CODE_LINES: usize = 150;
const WATCH_CODE_LINES: usize = 1200;
/// Everything from elsewhere that `proof` stands on, at any depth (docs/decisions/0005).
const PROOF_GUESTS: usize = 16;

fn sources() -> Vec<PathBuf> {
    let mut found = tree::with_extension(&tree::root().join("crates"), "rs");
    found.retain(|path| path.components().any(|part| part.as_os_str() == "src"));
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", tree::shown(path)))
}

/// What is too long in a file.
fn too_long(name: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.lines().count();
    if lines > FILE_LINES {
        faults.push(format!("{name}: {lines} lines, at most {FILE_LINES}"));
    }
    for function in rust::functions(&rust::blanked(source)) {
        if function.lines > FUNCTION_LINES {
            let (function, line, lines) = (function.name, function.line, function.lines);
            faults.push(format!("{name}:{line}: `{function}` has {lines} lines, at most {FUNCTION_LINES}"));
        }
    }
    faults
}

/// What is wrong with the first comment of a crate.
fn comment_fault(source: &str) -> Option<&'static str> {
    let comment: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
    let text = comment.join(" ").to_lowercase();
    if comment.is_empty() {
        Some("begins with no `//!` comment")
    } else if !(text.contains("deliberately") && text.contains("not")) {
        Some("does not say what is deliberately not there")
    } else {
        None
    }
}

/// Code lines of a crate, its tests apart.
fn weight(name: &str) -> usize {
    let folder = tree::root().join("crates").join(name).join("src");
    let is_test = |path: &Path| {
        let inside = path.strip_prefix(&folder).unwrap_or(path);
        inside.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
    };
    let counted = tree::with_extension(&folder, "rs").into_iter().filter(|path| !is_test(path));
    counted.map(|path| rust::code_lines(&rust::blanked(&read(&path)))).sum()
}

#[test]
fn files_and_functions_can_be_read_in_an_evening() {
    let found = sources();
    assert!(found.len() > 30, "only {} source files found", found.len());
    let faults: Vec<String> = found.iter().flat_map(|path| too_long(&tree::shown(path), &read(path))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_long_file_and_a_long_function_are_found() {
    let body = "    call();\n".repeat(FUNCTION_LINES - 2);
    assert_eq!(too_long("x", &format!("fn f() {{\n{body}}}\n")), Vec::<String>::new());
    assert_eq!(too_long("x", &format!("fn f() {{\n    one();\n{body}}}\n")).len(), 1);
    assert_eq!(too_long("x", &"//\n".repeat(FILE_LINES)), Vec::<String>::new());
    assert_eq!(too_long("x", &"//\n".repeat(FILE_LINES + 1)).len(), 1);
}

#[test]
fn every_crate_says_what_it_is_and_what_it_is_not() {
    let folder = tree::root().join("crates");
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for path in tree::with_extension(&folder, "rs") {
        let first = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
        if !first || path.strip_prefix(&folder).is_ok_and(|inside| inside.components().count() != 3) {
            continue;
        }
        seen.insert(path.clone());
        faults.extend(comment_fault(&read(&path)).map(|fault| format!("{} {fault}", tree::shown(&path))));
    }
    assert!(seen.len() >= 10, "crates found: {seen:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_silent_or_boastful_crate_is_found() {
    assert!(comment_fault("fn main() {}\n").is_some());
    assert!(comment_fault("//! All there is.\n\n//! Deliberately not here: much.\n").is_some());
    assert!(comment_fault("//! What it is.\n//!\n//! Deliberately not here: the rest.\n").is_none());
}

#[test]
fn the_strong_rooms_stay_small() {
    let rooms = [
        ("proof", PROOF_CODE_LINES, Some(PROOF_GUESTS)),
        ("watch", WATCH_CODE_LINES, Some(PROOF_GUESTS)),
        ("verifier", VERIFIER_CODE_LINES, None),
    ];
    let mut faults = Vec::new();
    for (name, most_lines, most_guests) in rooms {
        let (lines, guests) = (weight(name), arrows::guests(name));
        let limit = most_guests.map_or(String::new(), |most| format!(" (at most {most})"));
        let said = format!("{name}: {lines} code lines (at most {most_lines}), {} guests{limit}", guests.len());
        // Past the test's capture: the numbers are for whoever reads the run.
        let _ = writeln!(std::io::stdout().lock(), "layout: {said}");
        if lines > most_lines || most_guests.is_some_and(|most| guests.len() > most) {
            faults.push(format!("{said}: {guests:?}"));
        }
        assert!(lines > 100, "{name} weighs {lines} lines: the count is wrong");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_wrapper_for_browsers_stays_thin() {
    let lines = weight("verifier-web");
    assert!(
        (40..=WRAPPER_CODE_LINES).contains(&lines),
        "verifier-web: {lines} code lines, at most {WRAPPER_CODE_LINES}"
    );
}

#[test]
fn who_judges_tokens_issues_none() {
    let issues = |member| arrows::guests(member).iter().any(|guest| guest.starts_with("rcgen "));
    assert!(issues("service"), "the test authority is the service's");
    for member in ["verifier", "tabellion-verify", "verifier-web"] {
        assert!(!issues(member), "{member} stands on the maker of certificates");
    }
}
