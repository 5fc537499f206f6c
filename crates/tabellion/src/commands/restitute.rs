//! What was handed over to the originating service is logged; nothing is removed.

use std::fs;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine};
use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// The restitution is in the log.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let word = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let list = path("ids").unwrap_or_default();
    let text = fs::read_to_string(&list).map_err(|error| Failure::reading(lang, &list, &error))?;
    let ids: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut asked = json!({
        "entries": ids, "to": word("to"), "handed": word("handed"),
        "decision": {"role": word("role"), "date": word("date"), "reference": word("reference")},
    });
    if let Some(document) = path("document") {
        let bytes = fs::read(&document).map_err(|error| Failure::reading(lang, &document, &error))?;
        asked["document"] = Value::String(BASE64_STANDARD.encode(bytes));
    }
    let tenant = matches.get_one::<String>("tenant");
    let address =
        tenant.map_or_else(|| "/v1/restitutions".to_owned(), |tenant| format!("/v1/restitutions?tenant={tenant}"));
    let answer = Client::of(lang, matches)?.post_json(&address, &asked)?;
    if wants_json(matches) {
        return print_json(&answer);
    }
    let (id, count) = (shown(answer.get("id")), shown(answer.get("entries")));
    print(&lang.fill("said.restitute", &[("id", &id), ("count", &count)]))
}
