//! Hostile input, each case given to the real program in a process of its own: the verdict that is expected of it, at most 64 MiB more than
//! an empty file takes, two seconds of processor time, and no socket.
//!
//! The cases are those of the folder of real files (a generator of archives, XML, JSON, ASN.1 and PDF; libxml2's; a suite of JSON; a list of
//! strings); where it is absent, that is said. `tests/hostile/measure.py` runs and measures them, under `strace` where there is one.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "hostile/cases.rs"]
mod cases;
#[path = "hostile/run.rs"]
mod run;
#[path = "hostile/said.rs"]
mod said;

use cases::{Case, Expected, Said};
use run::{MOST_KIB, MOST_SECONDS, Ran, Taken};

/// Where the program is not as it should be: what was expected, and what came.
fn faults(cases: &[Case], ran: &Ran) -> Vec<String> {
    let mut faults = Vec::new();
    let mut taken = ran.taken.iter();
    for case in cases {
        let all: Vec<&Taken> = taken.by_ref().take(case.runs.len()).collect();
        if let Err(why) = case.expected.judge(&all) {
            faults.push(format!("{}: expected {:?}: {why}", case.name, case.expected));
        }
        for one in all {
            let more = one.kib.saturating_sub(ran.baseline.kib);
            if more > MOST_KIB {
                faults.push(format!("{}: {more} KiB more than nothing takes", case.name));
            }
            if one.seconds > MOST_SECONDS {
                faults.push(format!("{}: {:.2} s of processor time", case.name, one.seconds));
            }
        }
    }
    faults
}

/// All of these cases hold, and what the worst of them took is told.
fn hold(name: &str, cases: &[Case]) {
    let Some(ran) = run::all(cases) else { return };
    let most = ran.taken.iter().map(|one| one.kib.saturating_sub(ran.baseline.kib)).max().unwrap_or(0);
    let longest = ran.taken.iter().map(|one| one.seconds).fold(0.0, f64::max);
    println!(
        "{name}: {} cases, {} runs; at most {most} KiB more than the {} KiB of nothing, and {longest:.2} s",
        cases.len(),
        ran.taken.len(),
        ran.baseline.kib
    );
    let faults = faults(cases, &ran);
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

#[test]
fn every_generated_case_gives_its_verdict_within_bounds_and_opens_no_socket() {
    let Some((place, cases)) = cases::generated() else { return };
    assert!(cases.len() >= 100, "{} cases", cases.len());
    hold("generated", &cases);
    drop(place);
}

#[test]
fn every_hostile_xml_of_libxml2_is_refused_within_bounds_and_opens_no_socket() {
    let Some(cases) = cases::libxml2() else { return };
    assert!(cases.len() >= 50, "{} cases", cases.len());
    hold("libxml2", &cases);
}

#[test]
fn every_json_of_the_suite_is_read_as_it_says_within_bounds() {
    let Some((place, cases)) = cases::json_suite() else { return };
    assert!(cases.len() >= 300, "{} cases", cases.len());
    hold("JSON suite", &cases);
    drop(place);
}

#[test]
fn every_naughty_string_is_only_data_within_bounds() {
    let Some((place, cases)) = cases::strings() else { return };
    assert!(cases.len() >= 500, "{} cases", cases.len());
    hold("strings", &cases);
    drop(place);
}

/// A measure that finds nothing is worth nothing: one that takes too much, one that takes too long, one that opens a socket, and a verdict that
/// is not the one expected.
#[test]
fn what_takes_too_much_too_long_or_a_socket_is_found() {
    let python =
        |script: &str| vec!["/usr/bin/env".to_owned(), "python3".to_owned(), "-c".to_owned(), script.to_owned()];
    let case =
        |name: &str, script: &str| Case { name: name.to_owned(), runs: vec![python(script)], expected: Expected::Any };
    let large = case("large", "x = b'a' * (100 << 20)");
    let long = case("long", "while True: pass");
    let socket = case("socket", "import socket; socket.socket()");
    let Some((ran, calls)) = run::with_calls(&[large, long, socket]) else { return };
    let told = faults(&[case("large", ""), case("long", ""), case("socket", "")], &ran).join("\n");
    assert!(told.contains("large: ") && told.contains("KiB more"), "{told}");
    assert!(told.contains("long: ") && told.contains("s of processor time"), "{told}");
    // Python asks who runs it, by another kind of socket.
    let seen = calls.is_none_or(|calls| calls.iter().any(|line| line.contains("socket(AF_INET")));
    assert!(seen, "a socket that nobody saw");
    let ok = Taken { code: 0, kib: 0, seconds: 0.0, said: "{\"outcome\": \"accepted\", \"findings\": []}".to_owned() };
    assert!(Expected::Refused.judge(&[&ok]).is_err() && Expected::Accepted.judge(&[&ok]).is_ok());
    // Each run counts, and each for what it says: a refusal of the other run is none of this one.
    let refused = Taken { code: 1, said: "{\"findings\": [{\"code\": \"member-twice\"}]}".to_owned(), ..ok.clone() };
    let each = Expected::Each(&[Said::Yes(&[]), Said::No("member-twice")]);
    assert!(each.judge(&[&ok, &refused]).is_ok());
    for wrong in [[&refused, &refused], [&ok, &ok], [&refused, &ok]] {
        assert!(each.judge(&wrong).is_err());
    }
    assert!(each.judge(&[&ok]).is_err() && Expected::Each(&[Said::No("member-clash")]).judge(&[&refused]).is_err());
    assert!(Expected::Each(&[Said::Yes(&["pdf-revisions"])]).judge(&[&ok]).is_err());
    assert!(said::said("pdf/unknown.pdf").judge(&[&ok]).is_err());
    let crashed = Taken { code: -6, ..ok };
    assert!(Expected::Any.judge(&[&crashed]).is_err(), "a program that aborts is never as it should be");
}
