//! A clock that leapt forward, and is right, is accepted by an operator.

use clap::ArgMatches;
use serde_json::json;

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::failure::Outcome;
use crate::lang::Lang;

/// The operator's word stands in the log, and deposits are taken again; or there was nothing to accept.
pub fn accept(lang: Lang, matches: &ArgMatches) -> Outcome {
    let day = matches.get_one::<String>("day").cloned().unwrap_or_default();
    let answer = Client::of(lang, matches)?.post_json("/v1/clock", &json!({"day": day}))?;
    if wants_json(matches) {
        return print_json(&answer);
    }
    let field = |name: &str| shown(answer.get(name));
    let key = if field("status") == "accepted" { "said.clock" } else { "said.clock.nothing" };
    print(&lang.fill(key, &[("clock", &field("clock")), ("index", &field("index"))]))
}
