//! Real transfers of SEDA 2.1 give the verdict of their table, the rows apart that say nothing of the transfer itself; and their names
//! change nothing. Skipped where the folder is absent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flow::{Declared, Flow, Limits, Outcome};

use crate::bench::{Kept, codes, fixtures, read_into};

/// Transfers whose verdict is that of a platform's own lists and archives, with the reason (docs/formats/seda.md).
const OF_A_PLATFORM: [(&str, &str); 6] = [
    ("SIP_OK/OK_Test_Agencies.zip", "refused is the import of a list of agencies"),
    ("SIP_KO/KO_OKSP_KOSV.zip", "the agency is unknown to that platform"),
    (
        "SIP_KO/KO_ORIGINATINGAGENCY_ET_SUBMISSIONAGENCY_PAS_REFERENTIEL_AGENTS.zip",
        "the agencies are unknown to that platform",
    ),
    ("SIP_KO/KO_SubmissionAgency_Invalid.zip", "the agency is unknown to that platform"),
    ("SIP_KO/KO_attachement.zip", "it joins a unit that only that platform holds"),
    ("SIP_KO/KO_AU_with_incorrect_AUP_Schema.zip", "the profile is one of that platform"),
];

struct Row {
    sip: String,
    scenario: String,
    status: String,
    usable: String,
}

fn rows(folder: &Path) -> Vec<Row> {
    let table = std::fs::read_to_string(folder.join("EXPECTED.csv")).unwrap();
    let row = |line: &str| {
        let (sip, rest) = line.split_once(',').unwrap();
        let last: Vec<&str> = rest.rsplitn(4, ',').collect();
        let [usable, _codes, status, scenario] = last[..] else { panic!("{line}") };
        let owned = str::to_owned;
        Row { sip: owned(sip), scenario: owned(scenario), status: owned(status), usable: owned(usable) }
    };
    table.lines().skip(1).map(row).collect()
}

/// Every transfer of the folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_none_or(|end| end != "csv") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn check(name: &str, bytes: &[u8], declared: Declared) -> Flow {
    read_into(&[(name.as_bytes(), bytes)], declared, None, &Limits::default(), &mut Kept::default())
}

#[test]
fn every_row_of_the_table_that_is_about_the_transfer_agrees() {
    let Some(folder) = fixtures().map(|folder| folder.join("seda/sip")) else { return };
    let mut read: BTreeMap<String, Flow> = BTreeMap::new();
    let (mut held, mut apart, mut misses) = (0, 0, Vec::new());
    for row in rows(&folder) {
        let flow = read.entry(row.sip.clone()).or_insert_with(|| {
            let path = folder.join(&row.sip);
            check(path.file_name().unwrap().to_str().unwrap(), &std::fs::read(&path).unwrap(), Declared::Seda)
        });
        let told = format!("{} [{}]: {} {:?}", row.sip, row.scenario, flow.outcome().as_str(), codes(flow));
        let why = OF_A_PLATFORM.iter().find(|(sip, _)| *sip == row.sip).map(|(_, why)| *why);
        let why = if row.usable == "yes" { why } else { Some(row.usable.as_str()) };
        if let Some(why) = why {
            apart += 1;
            println!("apart ({why}; there {:?}): {told}", row.status);
            continue;
        }
        held += 1;
        let outcome = flow.outcome();
        let agrees = match row.status.as_str() {
            "KO" => matches!(outcome, Outcome::Refused | Outcome::Unreadable),
            "WARNING" => outcome == Outcome::AcceptedWithWarnings,
            "OK" => outcome.is_accepted(),
            _ => false,
        };
        println!("{} {}: {told}", if agrees { "held" } else { "MISS" }, row.status);
        if !agrees {
            misses.push(format!("{}: {told}", row.status));
        }
    }
    println!("{held} rows held, {apart} apart, {} misses", misses.len());
    assert!(misses.is_empty(), "{misses:#?}");
    assert!(held > 60, "{held}");
}

#[test]
fn transfers_without_a_row_are_told_and_those_that_their_makers_call_good_are_accepted() {
    let Some(folder) = fixtures().map(|folder| folder.join("seda/sip")) else { return };
    let known: Vec<String> = rows(&folder).into_iter().map(|row| row.sip).collect();
    let mut refused = Vec::new();
    for path in all(&folder) {
        let inside = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        if known.contains(&inside) {
            continue;
        }
        let flow = check("envoi", &std::fs::read(&path).unwrap(), Declared::Seda);
        println!("no row: {inside}: {} {:?}", flow.outcome().as_str(), codes(&flow));
        if inside.starts_with("SIP_OK") && !flow.outcome().is_accepted() {
            refused.push(inside);
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn the_name_of_a_transfer_changes_nothing() {
    let Some(folder) = fixtures().map(|folder| folder.join("seda/sip")) else { return };
    for path in all(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let named = check(path.file_name().unwrap().to_str().unwrap(), &bytes, Declared::Seda);
        for other in ["KO_empreinte.zip", "x", "OK.tar.gz.pdf"] {
            let renamed = check(other, &bytes, Declared::Seda);
            assert_eq!(codes(&renamed), codes(&named), "{} as {other}", path.display());
            assert_eq!(renamed.outcome(), named.outcome());
        }
    }
}
