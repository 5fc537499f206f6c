//! Every byte of a store is read again: of one that nobody serves, here; of one that is served, by its server.

use std::thread::sleep;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::{Value, json};
use service::scrub::{Depth, Reach};

use super::refusal::refused;
use super::{print, print_json, shown, wants_json};
use crate::client::{self, Client};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// Time between two looks at a scrub that a server runs.
const LOOK: Duration = Duration::from_millis(200);
/// What is told of a finding, in this order; what is empty is left out.
const LINES: [&str; 9] = ["path", "bytes", "where", "tenant", "id", "index", "file", "expected", "found"];

/// 0 when the store is sound, 1 when damage was found.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    if matches.get_flag("repair") {
        return super::repair::run(lang, matches);
    }
    let reach = if matches.get_flag("head") { Reach::Head } else { Reach::All };
    let depth = if matches.get_flag("deep") { Depth::Documents } else { Depth::Stored };
    let rate = matches.get_one::<u64>("rate").copied().unwrap_or(0);
    let local =
        client::data(matches).filter(|data| matches.get_one::<String>("url").is_none() && !client::is_served(data));
    let report = match local {
        Some(data) => {
            let report = service::scrub::offline(&data, reach, depth, rate);
            let report = report.map_err(|error| unreadable(lang, &error))?;
            report.to_json(lang == Lang::Fr)
        }
        None => served(lang, matches, (reach, depth), rate)?,
    };
    if wants_json(matches) {
        print_json(&report)?;
    } else {
        told(lang, &report)?;
    }
    let damage = report.get("damage").and_then(Value::as_u64).unwrap_or(1);
    Ok(if damage == 0 { exit::DONE } else { exit::REFUSED })
}

/// A store that cannot be scrubbed at all is unreadable, not damaged: nothing was looked at.
pub(super) fn unreadable(lang: Lang, error: &service::ServiceError) -> Failure {
    let mut failure = refused(lang, error);
    if failure.exit == exit::INTERNAL {
        failure.exit = exit::UNREADABLE;
    }
    failure
}

/// The server scrubs its own store, and is asked until it has.
fn served(lang: Lang, matches: &ArgMatches, (reach, depth): (Reach, Depth), rate: u64) -> Result<Value, Failure> {
    let client = Client::of(lang, matches)?;
    let word = if reach == Reach::Head { "head" } else { "all" };
    let deep = if depth == Depth::Documents { "documents" } else { "stored" };
    let given = client.post_json(&format!("/v1/scrub?reach={word}&depth={deep}&rate={rate}"), &json!({}))?;
    let given = given.get("scrub").and_then(Value::as_u64).ok_or_else(|| Failure::answer(lang, "scrub"))?;
    loop {
        let answer = client.read("/v1/scrub", &[])?;
        if answer.get("done").and_then(Value::as_u64).is_some_and(|done| done >= given) {
            return answer.get("last").cloned().ok_or_else(|| Failure::answer(lang, "last"));
        }
        sleep(LOOK);
    }
}

pub(super) fn told(lang: Lang, report: &Value) -> Outcome {
    told_findings(lang, report)?;
    let count = |name: &str| shown(report.get(name));
    let key = if report.get("damage") == Some(&json!(0)) { "said.scrub.clean" } else { "said.scrub.damage" };
    let counts = ["bytes", "entries", "parts", "damage", "harmless"].map(|name| (name, count(name)));
    print(&lang.fill(key, &counts.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// Each finding of a report with its place and what to do.
pub(super) fn told_findings(lang: Lang, report: &Value) -> Outcome {
    for finding in report.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let mark = if finding.get("harmless") == Some(&Value::Bool(true)) { "-" } else { "!" };
        let (message, code) = (shown(finding.get("message")), shown(finding.get("code")));
        print(&lang.fill("said.scrub.finding", &[("mark", mark), ("message", &message), ("code", &code)]))?;
        for name in LINES {
            let value = shown(finding.get(name));
            if !value.is_empty() {
                print(&lang.fill("said.scrub.line", &[("name", label(lang, name)), ("value", &value)]))?;
            }
        }
        let remedy = shown(finding.get("remedy"));
        print(&lang.fill("said.scrub.line", &[("name", label(lang, "remedy")), ("value", &remedy)]))?;
    }
    Ok(exit::DONE)
}

fn label(lang: Lang, name: &'static str) -> &'static str {
    let french = match name {
        "path" => "fichier sur disque",
        "bytes" => "octets",
        "where" => "où",
        "tenant" => "service versant",
        "id" => "dépôt",
        "index" => "rang au journal",
        "file" => "fichier n°",
        "expected" => "attendu",
        "found" => "trouvé",
        _ => "que faire",
    };
    lang.pick(french, if name == "remedy" { "what to do" } else { name })
}
