//! The log's key: into a token, the next one prepared, one after the other; the transcript of a ceremony.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::json;
use service::custody::{self, RotateOptions};

use super::refusal::refused;
use super::{print, print_json, wants_json};
use crate::client;
use crate::failure::Outcome;
use crate::lang::Lang;

/// The log's key signs in the configured token, and stands nowhere in clear.
pub fn protect(lang: Lang, matches: &ArgMatches, data: &Path) -> Outcome {
    let done = custody::protect_log(data).map_err(|error| refused(lang, &error))?;
    if wants_json(matches) {
        return print_json(&json!({"vkey": done.vkey, "destroyed": done.destroyed}));
    }
    let key = if done.destroyed { "said.keys.lodged" } else { "said.keys.lodged.already" };
    print(&lang.fill(key, &[("vkey", &done.vkey)]))
}

/// The log's next key stands ready; its public half is the answer, and nothing else.
pub fn generate(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let vkey = custody::generate(&data, matches.get_flag("pkcs11")).map_err(|error| refused(lang, &error))?;
    if wants_json(matches) {
        return print_json(&json!({"vkey": vkey}));
    }
    print(&vkey)
}

/// The log has a new key, which the old one signed.
pub fn rotate(lang: Lang, matches: &ArgMatches) -> Outcome {
    let options = RotateOptions {
        data: client::needed_data(lang, matches)?,
        token: matches.get_flag("pkcs11"),
        days: matches.get_one::<u64>("days").copied().unwrap_or_default(),
        compromised: matches.get_one::<String>("compromised").cloned(),
    };
    let done = custody::rotate(&options).map_err(|error| refused(lang, &error))?;
    if wants_json(matches) {
        return print_json(&json!({
            "old": done.old, "new": done.new, "entry": done.entry, "id": done.id, "first": done.first, "until": done.until,
        }));
    }
    let (entry, first) = (done.entry.to_string(), done.first.to_string());
    let said = [("entry", entry.as_str()), ("first", &first), ("until", &done.until), ("new", &done.new)];
    print(&lang.fill("said.keys.rotated", &said))?;
    print(lang.text("said.keys.rotated.next"))
}

/// The transcript of a key ceremony is an entry of the log.
pub fn ceremony(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let transcript = matches.get_one::<PathBuf>("transcript").cloned().unwrap_or_default();
    let done = custody::ceremony(&data, &transcript).map_err(|error| refused(lang, &error))?;
    if wants_json(matches) {
        return print_json(&json!({"entry": done.entry, "index": done.index, "sha256": done.sha256}));
    }
    let index = done.index.to_string();
    print(&lang.fill("said.keys.ceremony", &[("index", &index), ("entry", &done.entry), ("sha256", &done.sha256)]))
}
