//! A batch is sealed without waiting for its hour.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::failure::Outcome;
use crate::lang::Lang;

/// The seal was asked for, and the server's answer is shown.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let answer = Client::of(lang, matches)?.post_json("/v1/seals", &json!({}))?;
    if wants_json(matches) {
        return print_json(&answer);
    }
    match answer.get("batch").filter(|batch| !batch.is_null()) {
        Some(batch) => print(&lang.fill(
            "said.seal",
            &[("batch", &shown(Some(batch))), ("time", &time(&answer))],
        )),
        None => print(lang.text("said.seal.nothing")),
    }
}

fn time(answer: &Value) -> String {
    ["gen_time", "not_after", "time"]
        .iter()
        .map(|name| shown(answer.get(*name)))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}
