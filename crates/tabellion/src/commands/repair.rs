//! What a scrub finds damaged is put back from a backup; the store is served by nobody meanwhile.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::Value;
use service::backup::{RepairOptions, Repaired};

use super::refusal::place;
use super::scrub::{told, unreadable};
use super::{print, print_json, wants_json};
use crate::client;
use crate::exit;
use crate::failure::Outcome;
use crate::lang::Lang;

/// 0 when nothing is lost any more, 1 when damage is left.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let path = |name| matches.get_one::<PathBuf>(name).cloned();
    let options = RepairOptions {
        data: client::needed_data(lang, matches)?,
        from: place(lang, matches, "from")?,
        keys: path("keys"),
    };
    let done = service::backup::repair(&options).map_err(|error| unreadable(lang, &error))?;
    let json = done.to_json(lang == Lang::Fr);
    if wants_json(matches) {
        print_json(&json)?;
    } else {
        said(lang, &done, &json)?;
    }
    Ok(if done.after.damage == 0 { exit::DONE } else { exit::REFUSED })
}

fn said(lang: Lang, done: &Repaired, json: &Value) -> Outcome {
    let shown = |path: &Path| path.display().to_string();
    for (path, aside) in &done.files {
        let (key, aside) = match aside {
            Some(aside) => ("said.repair.file", shown(aside)),
            None => ("said.repair.key", String::new()),
        };
        print(&lang.fill(key, &[("path", &shown(path)), ("name", &done.name), ("aside", &aside)]))?;
    }
    for (path, why) in &done.left {
        let [french, english] = why.words();
        let message = lang.pick(&french, &english);
        print(&lang.fill("said.repair.left", &[("path", &shown(path)), ("message", message)]))?;
    }
    told(lang, json.get("after").unwrap_or(&Value::Null))
}
