//! Elimination in two steps: a bordereau is proposed and written down; once it bears a visa, it is carried out.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, string, wants_json, write_whole};
use crate::client::Client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// Time between two looks at an elimination under way.
const PAUSE: Duration = Duration::from_millis(500);

/// The bordereau of these entries stands in the file, and its digest, which the visa must name, is shown.
pub fn propose(lang: Lang, matches: &ArgMatches) -> Outcome {
    let list = matches.get_one::<PathBuf>("ids").cloned().unwrap_or_default();
    let text = fs::read_to_string(&list).map_err(|error| Failure::reading(lang, &list, &error))?;
    let (reason, rule) = (word(matches, "reason"), word(matches, "rule"));
    let ids = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let entries: Vec<Value> = ids.map(|id| json!({"id": id, "reason": reason, "rule": rule})).collect();
    let path = addressed(matches, "/v1/eliminations/proposals");
    let answer = Client::of(lang, matches)?.post_json(&path, &json!({"entries": entries}))?;
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    write_whole(lang, &place, answer.to_string().as_bytes())?;
    let digest = string(lang, &answer, "proposal_sha256")?.to_owned();
    let count = entries.len().to_string();
    print(&lang.fill("said.eliminate.proposed", &[("count", &count), ("digest", &digest)]))
}

/// The bordereau is carried out; returns once everything is destroyed, or at once with `--no-wait`.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let read = |name: &str| {
        let path = matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
        fs::read(&path).map_err(|error| Failure::reading(lang, &path, &error))
    };
    let proposal: Value = serde_json::from_slice(&read("proposal")?).unwrap_or_default();
    let asked = json!({
        "proposal": proposal["proposal"],
        "visa": {
            "role": word(matches, "role"), "date": word(matches, "date"), "reference": word(matches, "reference"),
            "proposal_sha256": word(matches, "digest"),
        },
        "document": BASE64_STANDARD.encode(read("visa")?),
    });
    let client = Client::of(lang, matches)?;
    let mut answer = client.post_json(&addressed(matches, "/v1/eliminations"), &asked)?;
    let id = string(lang, &answer, "id")?.to_owned();
    while !matches.get_flag("no-wait") && shown(answer.get("state")) != "done" {
        std::thread::sleep(PAUSE);
        answer = client.read(&format!("/v1/eliminations/{id}"), &[])?;
    }
    told(lang, matches, &answer)
}

/// How far an elimination is; 3 while it is not carried out.
pub fn status(lang: Lang, matches: &ArgMatches) -> Outcome {
    let path = format!("/v1/eliminations/{}", word(matches, "id"));
    let answer = Client::of(lang, matches)?.read(&path, &[])?;
    told(lang, matches, &answer)
}

fn told(lang: Lang, matches: &ArgMatches, answer: &Value) -> Outcome {
    let done = shown(answer.get("state")) == "done";
    if wants_json(matches) {
        print_json(answer)?;
    } else {
        let key = if done { "said.eliminate.done" } else { "said.eliminate.ordered" };
        let (id, count) = (shown(answer.get("id")), shown(answer.get("entries")));
        print(&lang.fill(key, &[("id", &id), ("count", &count)]))?;
    }
    Ok(if done { exit::DONE } else { exit::PENDING })
}

fn addressed(matches: &ArgMatches, path: &str) -> String {
    let tenant = matches.get_one::<String>("tenant");
    tenant.map_or_else(|| path.to_owned(), |tenant| format!("{path}?tenant={tenant}"))
}

fn word(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}
