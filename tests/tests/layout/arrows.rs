//! Doors open one way. The drawn arrows are those of docs/ARCHITECTURE.md; a direct use of what an arrow already reaches is
//! listed apart with its own reason. What is not listed is refused, and what is listed must exist.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree;

/// User, used, why.
type Arrow = (&'static str, &'static str, &'static str);

/// The drawing.
const DRAWN: [Arrow; 18] = [
    ("watch", "proof", "a cosignature stands under a signed note, a request carries hashes of the tree"),
    ("verifier", "proof", "a verdict recomputes every hash and path of the log"),
    ("verifier", "seal", "a verdict judges tokens and evidence records"),
    ("verifier", "watch", "a verdict counts the cosignatures that a policy asks for"),
    ("service", "verifier", "no pack leaves before the public verifier accepted it"),
    ("tabellion-verify", "verifier", "the legal command shows the verdict and nothing of its own"),
    ("tabellion-verify", "watch", "a register is checked line by line as its file is read"),
    ("verifier-web", "tabellion-verify", "the page says what the command says, in the same words"),
    ("verifier-web", "verifier", "the page's module judges in the browser what the command judges at home"),
    ("ledger", "proof", "every new head is checked with the verifier's own arithmetic before it is stored"),
    ("ledger", "seal", "the tree of a batch is that of its evidence records"),
    ("ledger", "watch", "a register is written in the form, and passes the check, by which a stranger judges it"),
    ("store", "ledger", "the ledger says what must be durable, the store makes it so"),
    ("service", "store", "the service opens the store and streams documents into it"),
    (
        "service",
        "watch",
        "tiles are published under the paths that watchers ask for, the log asks witnesses, a witness answers logs",
    ),
    ("service", "flow", "a deposit is read before it is sequenced"),
    ("service", "archive", "every handler receives a caller from the one authorisation function"),
    ("tabellion", "service", "the program starts the house"),
];

/// Direct uses of what the drawing already reaches.
const REACHED: [Arrow; 12] = [
    ("store", "proof", "records and digests are written in the types the proofs are made of"),
    ("service", "proof", "answers carry records, receipts and identifiers"),
    ("service", "seal", "the service carries requests and tokens over HTTP and writes containers"),
    ("service", "ledger", "the service hands submissions to the sequencer"),
    ("tabellion", "flow", "check reads a flow without a server"),
    ("tabellion", "proof", "monitor and export-log stand on the arithmetic of the verifier alone"),
    ("tabellion", "watch", "monitor and export-log ask for tiles, and count cosignatures"),
    ("tabellion", "verifier", "heads are believed under the policy that judges packs"),
    ("tabellion", "ledger", "paths between two heads are computed from tiles, then verified by proof"),
    ("verifier-web", "proof", "the moment of judgement comes in the type the verifier takes"),
    ("tabellion-verify", "proof", "receipts, records and identifiers shown as the library prints them"),
    ("tabellion-verify", "seal", "the command's forms for one token or one evidence record"),
];

/// Guests that only one room may name, and why.
const ALONE: [Arrow; 5] = [
    ("store", "rocksdb", "another storage must be possible behind the same ledger"),
    ("service", "tokio", "below the service everything is synchronous and can be replayed"),
    ("service", "object_store", "it is asynchronous, and what it carries is a backup's"),
    ("service", "axum", "HTTP is the service's business"),
    ("service", "cryptoki", "the store is given a secret, and does not know where it was kept"),
];

/// May use everything and name everything: it looks at the house from outside.
const TESTS: &str = "tests";

/// Who names whom, from `cargo metadata`.
pub struct Graph {
    /// Members of the workspace.
    members: BTreeSet<String>,
    /// Direct uses that end in the program, by name of member.
    uses: BTreeMap<String, BTreeSet<String>>,
    /// Direct uses of every sort, tests and build included.
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// The graph of this workspace.
    pub fn read() -> Graph {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // Only what the workspace itself declares: nothing is resolved, nothing need be at hand.
        let asked = ["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"];
        let answer = Command::new(cargo).args(asked).current_dir(tree::root()).output().expect("cargo runs");
        assert!(answer.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&answer.stderr));
        Graph::of(&serde_json::from_slice(&answer.stdout).expect("JSON"))
    }

    fn of(metadata: &Value) -> Graph {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let member_ids: BTreeSet<String> = list(&metadata["workspace_members"]).iter().map(text).collect();
        let mut graph = Graph { members: BTreeSet::new(), uses: BTreeMap::new(), names: BTreeMap::new() };
        for package in list(&metadata["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if !member_ids.contains(&id) {
                continue;
            }
            graph.members.insert(name.clone());
            for dependency in list(&package["dependencies"]) {
                let used = text(&dependency["name"]);
                graph.names.entry(name.clone()).or_default().insert(used.clone());
                if dependency["kind"] != "dev" {
                    graph.uses.entry(name.clone()).or_default().insert(used);
                }
            }
        }
        graph
    }

    fn arrow_faults(&self, listed: &[Arrow]) -> Vec<String> {
        let allowed: BTreeSet<(&str, &str)> = listed.iter().map(|arrow| (arrow.0, arrow.1)).collect();
        let mut faults = Vec::new();
        for member in self.members.iter().filter(|member| *member != TESTS) {
            for used in self.uses.get(member).into_iter().flatten().filter(|used| self.members.contains(*used)) {
                if !allowed.contains(&(member.as_str(), used.as_str())) {
                    faults.push(format!("{member} uses {used}: no such arrow"));
                }
            }
        }
        for (user, used, _) in listed {
            if !self.uses.get(*user).is_some_and(|uses| uses.contains(*used)) {
                faults.push(format!("{user} does not use {used}: the drawing says it does"));
            }
        }
        faults
    }

    fn alone_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (owner, guest, why) in ALONE {
            for (member, names) in &self.names {
                if member != owner && member != TESTS && names.contains(guest) {
                    faults.push(format!("{member} names {guest}, which is {owner}'s alone: {why}"));
                }
            }
            if !self.names.get(owner).is_some_and(|names| names.contains(guest)) {
                faults.push(format!("{owner} does not name {guest}: the rule is out of date"));
            }
        }
        faults
    }
}

/// Everything from elsewhere that a member stands on in a program, at any depth, with the features it asks for itself: what
/// runs only in the compiler apart.
pub fn guests(member: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let edges = ["-e", "normal,no-proc-macro", "--prefix", "none", "-f", "{p}", "-p", member];
    let mut asked = Command::new(cargo);
    asked.args(["tree", "--offline", "--locked"]).args(edges).current_dir(tree::root());
    let answer = asked.output().expect("cargo runs");
    assert!(answer.status.success(), "cargo tree: {}", String::from_utf8_lossy(&answer.stderr));
    guests_in(&String::from_utf8_lossy(&answer.stdout))
}

/// One package a line, `name vN (path)` for a member of the workspace, `(*)` for one already told.
fn guests_in(tree: &str) -> BTreeSet<String> {
    let elsewhere = tree.lines().filter(|line| !line.contains("(/") && !line.trim().is_empty());
    elsewhere.map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// Arrows that the drawing does not reach, whatever is said of them.
fn beyond(drawn: &[Arrow], reached: &[Arrow]) -> Vec<String> {
    let mut closure: BTreeSet<(&str, &str)> = drawn.iter().map(|arrow| (arrow.0, arrow.1)).collect();
    loop {
        let further: Vec<_> = closure
            .iter()
            .flat_map(|(user, middle)| {
                closure.iter().filter(move |next| next.0 == *middle).map(move |next| (*user, next.1))
            })
            .filter(|arrow| !closure.contains(arrow))
            .collect();
        if further.is_empty() {
            break;
        }
        closure.extend(further);
    }
    let outside = reached.iter().filter(|arrow| !closure.contains(&(arrow.0, arrow.1)));
    outside.map(|arrow| format!("{} to {} is beyond the drawing", arrow.0, arrow.1)).collect()
}

#[test]
fn doors_open_one_way() {
    let listed = [DRAWN.as_slice(), REACHED.as_slice()].concat();
    assert!(listed.iter().all(|arrow| arrow.2.len() > 20), "an arrow has a sentence of reason");
    assert_eq!(beyond(&DRAWN, &REACHED), Vec::<String>::new());
    assert_eq!(Graph::read().arrow_faults(&listed), Vec::<String>::new());
}

#[test]
fn each_guest_with_one_host_has_one_host() {
    assert_eq!(Graph::read().alone_faults(), Vec::<String>::new());
}

#[test]
fn the_token_is_spoken_to_in_one_room() {
    let sources = tree::with_extension(&tree::root().join("crates"), "rs");
    let named = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("source").contains("cryptoki::");
    let found: Vec<String> = sources.iter().filter(|path| named(path)).map(|path| tree::shown(path)).collect();
    assert!(!found.is_empty() && found.iter().all(|path| path.starts_with("crates/service/src/custody/")), "{found:?}");
}

#[cfg(test)]
fn sample() -> Graph {
    let package = |name: &str, uses: &[(&str, &str)]| {
        let uses: Vec<Value> = uses
            .iter()
            .map(|(used, kind)| serde_json::json!({"name": used, "kind": if kind.is_empty() { Value::Null } else { (*kind).into() }}))
            .collect();
        serde_json::json!({"id": name, "name": name, "dependencies": uses})
    };
    Graph::of(&serde_json::json!({
        "workspace_members": ["proof", "store", "service", "tests"],
        "packages": [
            package("proof", &[("sha2", ""), ("rocksdb", "dev"), ("store", "")]),
            package("store", &[("rocksdb", ""), ("service", "dev")]),
            package(
                "service",
                &[("tokio", ""), ("axum", ""), ("cryptoki", ""), ("object_store", ""), ("store", "")],
            ),
            package("tests", &[("tokio", ""), ("service", "")]),
            package("rocksdb", &[]),
        ],
    }))
}

#[test]
fn a_door_that_opens_the_other_way_is_found() {
    let faults = sample().arrow_faults(&[("service", "store", ""), ("store", "proof", "")]);
    assert_eq!(faults, ["proof uses store: no such arrow", "store does not use proof: the drawing says it does"]);
}

#[test]
fn a_second_host_is_found_even_in_its_tests() {
    let faults = sample().alone_faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("proof names rocksdb"));
}

#[test]
fn an_arrow_the_drawing_does_not_reach_is_found() {
    let drawn = [("c", "b", ""), ("b", "a", "")];
    assert_eq!(beyond(&drawn, &[("c", "a", "")]), Vec::<String>::new());
    assert_eq!(beyond(&drawn, &[("a", "c", "")]).len(), 1);
}

#[test]
fn guests_are_counted_once_and_without_members() {
    let tree = "verifier v0.1.0 (/x/verifier)\nproof v0.1.0 (/x/proof)\nsha2 v1\ndigest v2\n\nsha2 v1 (*)\n";
    assert_eq!(guests_in(tree).into_iter().collect::<Vec<_>>(), ["digest v2", "sha2 v1"]);
}
