//! Custody of the master key: a token that wraps it, an escrow that gives it back, a drill that proves so.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::json;
use service::custody::{self, Drilled, Fact};

use super::refusal::refused;
use super::{files, print, print_json, shown, wants_json};
use crate::client::{self, Client};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// The master key stands behind the configured token, and nowhere in clear.
pub fn protect(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    if matches.get_one::<String>("key").is_some_and(|key| key == "log") {
        return super::logkey::protect(lang, matches, &data);
    }
    let done = custody::protect(&data).map_err(|error| refused(lang, &error))?;
    if wants_json(matches) {
        return print_json(&json!({"keys": done.keys, "master_key": done.master, "destroyed": done.destroyed}));
    }
    let key = if done.destroyed { "said.keys.protected" } else { "said.keys.protected.already" };
    print(&lang.fill(key, &[("keys", &done.keys.to_string()), ("master", &done.master)]))
}

/// Shares stand in a directory, proved; the log says so.
pub fn escrow(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let number = |name| matches.get_one::<u8>(name).copied().unwrap_or_default();
    let to = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let made = custody::escrow(&data, number("shares"), number("threshold"), &to);
    let made = made.map_err(|error| refused(lang, &error))?;
    let logged = logged(lang, matches, Some(&data), &Fact::from(&made));
    let names: Vec<String> = made.files.iter().map(|file| file.display().to_string()).collect();
    if wants_json(matches) {
        print_json(&json!({
            "escrow": made.escrow, "master_key": made.master, "shares": made.shares, "threshold": made.threshold,
            "keys": made.keys, "files": names, "logged": logged.as_ref().ok(),
        }))?;
    } else {
        let (shares, threshold, keys) = (made.shares.to_string(), made.threshold.to_string(), made.keys.to_string());
        let place = to.display().to_string();
        let told = [("shares", shares.as_str()), ("threshold", &threshold), ("keys", &keys), ("place", &place)];
        print(&lang.fill("said.keys.escrow", &[&told[..], &[("escrow", &made.escrow)]].concat()))?;
        print(lang.text("said.keys.escrow.next"))?;
    }
    told(lang, matches, logged, exit::DONE)
}

/// 0 when the shares open every key file, 1 when some do not open; the log says so, where there is one at hand.
pub fn drill(lang: Lang, matches: &ArgMatches) -> Outcome {
    let copies = matches.get_one::<PathBuf>("keys").cloned();
    let data = client::data(matches);
    let keys = match (copies, &data) {
        (Some(copies), _) => copies,
        (None, Some(data)) => data.join("store/keys"),
        (None, None) => client::needed_data(lang, matches)?,
    };
    let done = custody::drill(&keys, &files(matches)).map_err(|error| refused(lang, &error))?;
    let ended = if done.unopened.is_empty() { exit::DONE } else { exit::REFUSED };
    let at_hand = data.is_some() || matches.get_one::<String>("url").is_some();
    let logged = match at_hand {
        true => logged(lang, matches, data.as_deref(), &Fact::from(&done)).map(Some),
        false => Ok(None),
    };
    if wants_json(matches) {
        let mut said = drilled_json(&done);
        said["logged"] = json!(logged.as_ref().ok());
        print_json(&said)?;
    } else {
        say(lang, &done)?;
        if matches!(logged, Ok(None)) {
            print(lang.text("said.keys.unlogged"))?;
        }
    }
    match logged {
        Ok(None) => Ok(ended),
        Ok(Some(index)) => told(lang, matches, Ok(index), ended),
        Err(failure) => told(lang, matches, Err(failure), ended),
    }
}

/// A `master.key` stands again; 4 when it does not open every key file.
pub fn recover(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let keys = matches.get_one::<PathBuf>("keys").map(PathBuf::as_path);
    let done = custody::recover(&data, keys, &files(matches)).map_err(|error| refused(lang, &error))?;
    let file = done.file.display().to_string();
    if wants_json(matches) {
        let mut said = drilled_json(&done.drilled);
        said["file"] = json!(file);
        print_json(&said)?;
    } else {
        say(lang, &done.drilled)?;
        print(&lang.fill("said.keys.recovered", &[("file", &file), ("master", &done.drilled.master)]))?;
    }
    Ok(if done.drilled.unopened.is_empty() { exit::DONE } else { exit::WARNED })
}

fn drilled_json(done: &Drilled) -> serde_json::Value {
    let unopened = done.unopened.iter().map(|(path, why)| json!({"where": path.display().to_string(), "what": why}));
    json!({
        "escrow": done.escrow, "master_key": done.master, "shares": done.used, "threshold": done.threshold,
        "where": done.place.display().to_string(), "keys": done.keys, "unopened": unopened.collect::<Vec<_>>(),
    })
}

fn say(lang: Lang, done: &Drilled) -> Outcome {
    let used: Vec<String> = done.used.iter().map(u8::to_string).collect();
    let (used, keys, place) = (used.join(", "), done.keys.to_string(), done.place.display().to_string());
    let (unopened, threshold) = (done.unopened.len().to_string(), done.threshold.to_string());
    let values = [("used", used.as_str()), ("keys", &keys), ("place", &place), ("threshold", &threshold)];
    if done.unopened.is_empty() {
        return print(&lang.fill("said.keys.drill", &values));
    }
    print(&lang.fill("said.keys.drill.unopened", &[&values[..], &[("unopened", &unopened)]].concat()))?;
    for (path, why) in &done.unopened {
        print(&format!("  {}: {why}", path.display()))?;
    }
    Ok(exit::DONE)
}

/// The entry that says so: its index. By the server that holds the directory, else in the directory itself.
fn logged(lang: Lang, matches: &ArgMatches, data: Option<&Path>, fact: &Fact) -> Result<u64, Failure> {
    let asked = matches.get_one::<String>("url").is_some() || data.is_some_and(client::is_served);
    if let (false, Some(data)) = (asked, data) {
        return custody::log(data, fact).map_err(|error| refused(lang, &error));
    }
    let fact = serde_json::to_value(fact).map_err(|_| Failure::answer(lang, "custody"))?;
    let answer = Client::of(lang, matches)?.post_json("/v1/custody", &fact)?;
    shown(answer.get("index")).parse().map_err(|_| Failure::answer(lang, "index"))
}

/// What was done is done; when the log does not say so, that is told, and the exit code is 4.
fn told(lang: Lang, matches: &ArgMatches, logged: Result<u64, Failure>, ended: u8) -> Outcome {
    match logged {
        Ok(_) if wants_json(matches) => Ok(ended),
        Ok(index) => {
            print(&lang.fill("said.keys.logged", &[("index", &index.to_string())]))?;
            Ok(ended)
        }
        Err(failure) => {
            eprint!("{}{}", lang.text("said.keys.not-logged"), failure.lines(lang));
            Ok(if ended == exit::DONE { exit::WARNED } else { ended })
        }
    }
}
