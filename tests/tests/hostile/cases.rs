//! The cases: which command each is given to, and what is expected of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::published::program;

use super::run::{Taken, check};
use super::said::said;

/// One case.
pub struct Case {
    pub name: String,
    /// Commands, a process each.
    pub runs: Vec<Vec<String>>,
    pub expected: Expected,
}

/// What a case must come to. Whatever is expected, a program never ends by a signal or by a fault of its own.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// Refused or unreadable, each time it is run.
    Refused,
    /// Accepted, remarks or not, each time.
    Accepted,
    /// Accepted, or refused for a rule of ours that the suite does not have.
    AcceptedBut(&'static [&'static str]),
    /// Each run says this.
    Each(&'static [Said]),
    /// Told as no signature that can be judged where it lies as one; as a record or a token, it is false or unreadable.
    NotRead,
    /// Either.
    Any,
}

/// What one run says.
#[derive(Clone, Copy, Debug)]
pub enum Said {
    /// Refused or unreadable, for this and for no other reason of an archive.
    No(&'static str),
    /// Accepted, with these remarks, and none of an archive, a transfer or a PDF but these.
    Yes(&'static [&'static str]),
}

impl Said {
    fn holds(self, run: &Taken) -> bool {
        let codes = codes(run);
        let has = |wanted: &str| codes.iter().any(|code| code == wanted);
        let begins = ["container-", "member-", "transfer-", "pdf-", "format-several"];
        let mut blamed = codes.iter().filter(|code| begins.iter().any(|begin| code.starts_with(begin)));
        match self {
            Said::No(why) => !matches!(run.code, 0 | 4) && has(why) && blamed.all(|code| code == why),
            Said::Yes(all) => {
                matches!(run.code, 0 | 4)
                    && all.iter().all(|one| has(one))
                    && blamed.all(|code| all.contains(&code.as_str()))
            }
        }
    }
}

/// Exit codes of a verdict, for both programs; 2 (usage) and 70 (a fault of its own) are none.
const VERDICTS: [i64; 5] = [0, 1, 3, 4, 5];

impl Expected {
    /// `Err` says what came instead.
    pub fn judge(self, all: &[&Taken]) -> Result<(), String> {
        let came = || all.iter().map(|one| format!("{} {:?}", one.code, codes(one))).collect::<Vec<_>>().join(", ");
        if !all.iter().all(|one| VERDICTS.contains(&one.code) || matches!(self, Expected::Any) && one.code >= 0) {
            return Err(format!("{}: {}", came(), all.iter().map(|one| one.said.as_str()).collect::<String>()));
        }
        let accepted = |one: &&Taken| matches!(one.code, 0 | 4);
        let holds = match self {
            Expected::Refused => !all.iter().any(accepted),
            Expected::Accepted => all.iter().all(accepted),
            Expected::AcceptedBut(ours) => {
                all.iter().all(|one| accepted(one) || codes(one).iter().any(|code| ours.contains(&code.as_str())))
            }
            Expected::Each(said) => said.len() == all.len() && said.iter().zip(all).all(|(said, run)| said.holds(run)),
            Expected::NotRead => {
                let [checked, judged @ ..] = all else { return Err(came()) };
                Said::Yes(&["signatures-not-judged"]).holds(checked)
                    && !checked.said.contains("signature-holds")
                    && judged.iter().all(|one| matches!(one.code, 1 | 5))
            }
            Expected::Any => true,
        };
        if holds { Ok(()) } else { Err(came()) }
    }
}

/// Codes of the findings of `check`, or of the verdict of `tabellion-verify`.
fn codes(taken: &Taken) -> Vec<String> {
    let told: Value = serde_json::from_str(&taken.said).unwrap_or_default();
    let code = |finding: &Value| finding["code"].as_str().unwrap_or_default().to_owned();
    told["findings"].as_array().into_iter().flatten().map(code).collect()
}

/// The folder of real files.
fn fixtures() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder.canonicalize().unwrap());
    }
    println!("skipped: no folder of real files at {}", folder.display());
    None
}

/// What the generator makes, in a place that is gone with the first of the two.
pub fn generated() -> Option<(TempDir, Vec<Case>)> {
    let tool = fixtures()?.join("../tools/gen_hostile.py");
    let place = tempfile::tempdir().unwrap();
    let made = Command::new("python3").arg(&tool).arg(place.path()).output();
    if !made.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: {} did not run: {made:?}", tool.display());
        return None;
    }
    let table = fs::read(place.path().join("expected.json")).unwrap();
    let table: serde_json::Map<String, Value> = serde_json::from_slice(&table).unwrap();
    let case = |(name, row): (&String, &Value)| generated_case(place.path(), name, row["verdict"] == "reject");
    let cases = table.iter().map(case).collect();
    Some((place, cases))
}

fn generated_case(folder: &Path, name: &str, rejected: bool) -> Case {
    let path = folder.join(name);
    let plain = if rejected { Expected::Refused } else { Expected::Accepted };
    let (runs, expected) = match name.split_once('/').map_or(name, |(group, _)| group) {
        // Judged twice, as anyone's file and as a transfer, whose limits are larger.
        "zip" => (vec![check(&[], &path), check(&["--kind", "seda"], &path)], said(name)),
        "tar" | "pdf" => (vec![check(&[], &path)], said(name)),
        "json" => {
            let file = folder.join("expected.json");
            // Those two break a rule of a schema: where there is one, in a manifest.
            let of_schema = ["json/neg-size.json", "json/unknown-field.json"].contains(&name);
            let kind = if of_schema { "dossier" } else { "file" };
            (vec![check(&["--kind", kind, "--describe", &format!("@{}", path.display())], &file)], plain)
        }
        // Beside a document, as its signature; and to the program that judges tokens and records.
        "asn1" => {
            let own = folder.join(format!("{}.p7s", name.replace('/', "-")));
            fs::copy(&path, &own).unwrap();
            let judge = program("tabellion-verify").unwrap().display().to_string();
            let data = folder.join("expected.json").display().to_string();
            let asked = |words: &[&str]| {
                let words = [judge.as_str()].into_iter().chain(words.iter().copied());
                words.map(str::to_owned).collect::<Vec<_>>()
            };
            let shown = path.display().to_string();
            let record = asked(&["evidence-record", &shown, "--data", &data, "--format", "json"]);
            let token = asked(&["timestamp", &shown, "--data", &data, "--format", "json"]);
            (vec![check(&[], &own), record, token], Expected::NotRead)
        }
        _ => (vec![check(&[], &path)], plain),
    };
    Case { name: name.to_owned(), runs, expected }
}

/// Documents that are not well formed, or have a DOCTYPE: none of them is read.
pub fn libxml2() -> Option<Vec<Case>> {
    let folder = fixtures()?.join("hostile/libxml2/test");
    let mut cases = Vec::new();
    for group in ["errors", "recurse"] {
        for entry in fs::read_dir(folder.join(group)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let expected = match name.as_str() {
                // Nothing is in it to be read otherwise: a file like others, and a remark.
                "empty.xml" => Expected::Accepted,
                // ASCII throughout: whatever the encoding is, it reads the same.
                "unsupported-encoding.xml" => Expected::Accepted,
                _ if name.ends_with(".xml") => Expected::Refused,
                // Pieces that documents call for.
                _ => Expected::Any,
            };
            cases.push(Case { name, runs: vec![check(&[], &path)], expected });
        }
    }
    Some(cases)
}

/// Rules of ours that any JSON need not follow.
const OURS: &[&str] = &["description-not-canonical", "description-duplicate-key", "description-too-deep"];

/// Each as a description, and as a member of one.
pub fn json_suite() -> Option<(TempDir, Vec<Case>)> {
    let folder = fixtures()?.join("hostile/json-testsuite/test_parsing");
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("piece.bin");
    fs::write(&file, b"x").unwrap();
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let within = place.path().join(&name);
        fs::write(&within, [b"{\"v\":".as_slice(), &fs::read(&path).unwrap(), b"}"].concat()).unwrap();
        let described = |by: &Path| check(&["--kind", "file", "--describe", &format!("@{}", by.display())], &file);
        let (bare, member) = (described(&path), described(&within));
        let case = |name: String, run, expected| Case { name, runs: vec![run], expected };
        // Bare, most are no object; as a member, a few of those that are cut become whole.
        let (as_is, within) = match name.as_bytes()[0] {
            b'y' => (Expected::Any, Expected::AcceptedBut(OURS)),
            b'n' => (Expected::Refused, Expected::Any),
            _ => (Expected::Any, Expected::Any),
        };
        cases.push(case(name.clone(), bare, as_is));
        cases.push(case(format!("{name}, as a member"), member, within));
    }
    Some((place, cases))
}

/// Each as a title, and as the name of a file where the system has such names.
pub fn strings() -> Option<(TempDir, Vec<Case>)> {
    let list = fs::read(fixtures()?.join("hostile/blns/blns.json")).unwrap();
    let list: Vec<String> = serde_json::from_slice(&list).unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    for (number, text) in list.iter().enumerate() {
        let folder = place.path().join(number.to_string());
        fs::create_dir(&folder).unwrap();
        let is_name =
            !text.is_empty() && !text.contains(['/', '\0']) && text.len() <= 255 && text != "." && text != "..";
        let file = folder.join(if is_name { text } else { "piece.bin" });
        fs::write(&file, b"x").unwrap();
        let description = place.path().join(format!("{number}.json"));
        fs::write(&description, json!({"titre": text}).to_string()).unwrap();
        let run = check(&["--describe", &format!("@{}", description.display())], &file);
        cases.push(Case { name: format!("{text:?}"), runs: vec![run], expected: Expected::Accepted });
    }
    Some((place, cases))
}
