//! A backup becomes a data directory again, proved whole; or shows, in a drill, that it would.

use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::Value;
use service::backup::{RestoreOptions, Restored};

use super::refusal::{place, refused};
use super::scrub::told_findings;
use super::{print, print_json, wants_json};
use crate::client;
use crate::exit;
use crate::failure::Outcome;
use crate::lang::Lang;

/// 0 when everything was restored and proved, 4 when contents destroyed since are missing from it or a drill found that a newer head is
/// known, 1 when it is not whole.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let path = |name| matches.get_one::<PathBuf>(name).cloned();
    let word = |name| matches.get_one::<String>(name).cloned();
    let drill = matches.get_flag("drill");
    let data = if drill { path("in").unwrap_or_else(std::env::temp_dir) } else { client::needed_data(lang, matches)? };
    let options = RestoreOptions {
        from: place(lang, matches, "from")?,
        keys: path("keys").unwrap_or_default(),
        secrets: path("secrets").unwrap_or_default(),
        data,
        at: word("at"),
        accept: word("accept-rollback"),
        drill,
    };
    let done = service::backup::restore(&options).map_err(|error| refused(lang, &error))?;
    let json = done.to_json(lang == Lang::Fr);
    if wants_json(matches) {
        print_json(&json)?;
    } else {
        told(lang, &options, &done, &json)?;
    }
    Ok(match (done.report.damage, done.destroyed, &done.rollback) {
        (0, 0, None) => exit::DONE,
        (0, ..) => exit::WARNED,
        _ => exit::REFUSED,
    })
}

fn told(lang: Lang, options: &RestoreOptions, done: &Restored, json: &Value) -> Outcome {
    told_findings(lang, json.get("proof").unwrap_or(&Value::Null))?;
    let key = match (done.report.damage, options.drill) {
        (0, false) => "said.restore.done",
        (0, true) => "said.restore.drill",
        _ => "said.restore.damaged",
    };
    let report = &done.report;
    let values = [
        ("data", options.data.display().to_string()),
        ("name", done.name.clone()),
        ("size", done.size.to_string()),
        ("bytes", done.bytes.to_string()),
        ("entries", report.entries.to_string()),
        ("parts", report.parts.to_string()),
        ("damage", report.damage.to_string()),
    ];
    print(&lang.fill(key, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))?;
    if let Some(token) = &done.token {
        print(&lang.fill("said.restore.token", &[("token", token)]))?;
    }
    if done.destroyed > 0 {
        print(&lang.fill("said.restore.destroyed", &[("keys", &done.destroyed.to_string())]))?;
    }
    if let Some(trouble) = &done.rollback {
        let message = lang.pick(&trouble.french, &trouble.english);
        let key = if options.drill { "said.restore.behind" } else { "said.restore.accepted" };
        print(&lang.fill(key, &[("message", message)]))?;
    }
    Ok(exit::DONE)
}
