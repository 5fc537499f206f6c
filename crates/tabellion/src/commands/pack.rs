//! The evidence pack of a deposit, streamed to a file that appears whole or not at all.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use serde_json::{Value, json};
use ureq::{Body, http::Response};

use super::{print, shown};
use crate::client::{Client, JSON_LIMIT, Post};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::whole;

/// What ends an archive of packs.
const INDEX: &str = "index.json";
/// What the server says of a pack whose time can no longer be told.
const UNTOLD: &str = "INDETERMINATE";
/// The server says when to come back; never sooner than this, never later than the other.
const SOONEST: Duration = Duration::from_millis(200);
const LATEST: Duration = Duration::from_secs(30);

/// The pack stands in the file; of several entries, an archive of their packs.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let ids: Vec<String> = matches.get_many::<String>("id").into_iter().flatten().cloned().collect();
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let files = matches.get_one::<String>("files").map(|files| ("files", files.clone()));
    let lists = matches.get_flag("with-lists").then(|| ("lists", "all".to_owned()));
    let [id] = ids.as_slice() else {
        let of_one = files.map(|_| "--files").or(lists.map(|_| "--with-lists"));
        return several(lang, &client, matches, &ids, &place, of_one);
    };
    let patience = matches.get_one::<Duration>("wait-for").copied().unwrap_or_default();
    let wait = matches.get_one::<String>("wait").is_some();
    let parts = files.into_iter().chain(lists).collect();
    let answer = fetch(&client, id, parts, wait.then(|| Instant::now() + patience))?;
    let verdict = answer.headers().get("tabellion-verdict").and_then(|value| value.to_str().ok());
    let untold = verdict.filter(|verdict| verdict.starts_with(UNTOLD)).map(str::to_owned);
    let size = whole::keep(lang, &place, answer)?;
    let known = client.read(&format!("/v1/deposits/{id}"), &[])?;
    let (file, size) = (place.display().to_string(), size.to_string());
    let status = super::deposit::status(lang, if wait { "sealed" } else { status_of(&known) });
    print(&lang.fill("said.pack", &[("file", &file), ("size", &size), ("status", status)]))?;
    let Some(seal) = known.get("seal").filter(|seal| seal.is_object()) else {
        return Ok(exit::DONE);
    };
    let (batch, time) = (shown(seal.get("batch")), shown(seal.get("not_after")));
    print(&lang.fill("said.sealed", &[("batch", &batch), ("time", &time)]))?;
    // The pack is whole; who counts on the exit code must not believe that it passes.
    let Some(verdict) = untold else { return Ok(exit::DONE) };
    print(&lang.fill("said.pack.untold", &[("verdict", &verdict)]))?;
    Ok(exit::WARNED)
}

/// The archive of the packs of several entries stands in the file; its index says of which there is none.
fn several(
    lang: Lang,
    client: &Client,
    matches: &ArgMatches,
    ids: &[String],
    place: &Path,
    of_one: Option<&str>,
) -> Outcome {
    let waits = matches.get_one::<String>("wait").map(|_| "--wait");
    if let Some(option) = of_one.or(waits) {
        let said = lang.fill("fail.pack.several", &[("option", option)]);
        return Err(Failure::new(exit::USAGE, "one-pack-only", said).with_remedy(lang.text("usage.help")));
    }
    let body = json!({"ids": ids}).to_string().into_bytes();
    let headers = [("content-type", "application/json".to_owned())];
    let post = Post { path: "/v1/packs", query: &[], headers: &headers, length: body.len() as u64 };
    let answer = client.send(&post, &mut body.as_slice())?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let size = whole::keep(lang, place, answer)?;
    let (file, size, count) = (place.display().to_string(), size.to_string(), ids.len().to_string());
    print(&lang.fill("said.pack.several", &[("file", &file), ("size", &size), ("count", &count)]))?;
    let index = index(lang, place)?;
    let told = index.get("packs").and_then(Value::as_array).filter(|told| told.len() == ids.len());
    let told = told.ok_or_else(|| Failure::answer(lang, INDEX))?;
    let missing: Vec<&Value> = told.iter().filter(|one| one["pack"].is_null()).collect();
    let untold: Vec<&Value> = told.iter().filter(|one| one["verdict"] == UNTOLD).collect();
    for one in &untold {
        let verdict = format!("{} : {UNTOLD}; reason={}", shown(one.get("id")), shown(one.get("reason")));
        print(&lang.fill("said.pack.untold", &[("verdict", &verdict)]))?;
    }
    if missing.is_empty() {
        return Ok(if untold.is_empty() { exit::DONE } else { exit::WARNED });
    }
    // The archive is good for what is in it; who counts on the exit code must not believe that it is all.
    print(&lang.fill("said.pack.missing", &[("missing", &missing.len().to_string()), ("count", &count)]))?;
    for one in missing {
        let (id, code) = (shown(one.get("id")), shown(one.get("code")));
        print(&lang.fill("said.pack.none", &[("id", &id), ("code", &code)]))?;
    }
    Ok(exit::WARNED)
}

/// The index that ends an archive of packs.
fn index(lang: Lang, place: &Path) -> Result<Value, Failure> {
    let unreadable = |error: io::Error| Failure::reading(lang, place, &error);
    let mut archive = tar::Archive::new(File::open(place).map_err(unreadable)?);
    for entry in archive.entries_with_seek().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if *entry.path_bytes() == *INDEX.as_bytes() {
            return serde_json::from_reader(entry.take(JSON_LIMIT)).map_err(|_| Failure::answer(lang, INDEX));
        }
    }
    Err(Failure::answer(lang, INDEX))
}

fn status_of(known: &Value) -> &str {
    known.get("status").and_then(Value::as_str).unwrap_or_default()
}

/// The pack as it is now, or with a time limit as it is once sealed.
fn fetch(
    client: &Client,
    id: &str,
    parts: Vec<(&str, String)>,
    until: Option<Instant>,
) -> Result<Response<Body>, Failure> {
    let path = format!("/v1/deposits/{id}/evidence");
    let sealed = until.iter().map(|_| ("require", "sealed".to_owned()));
    let query: Vec<(&str, String)> = sealed.chain(parts).collect();
    loop {
        let answer = client.fetch(&path, &query)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let pause = retry_after(answer.headers().get("retry-after").and_then(|value| value.to_str().ok()));
        let failure = client.problem(answer);
        let waiting = until.filter(|_| failure.code == "seal-pending");
        let Some(until) = waiting else { return Err(failure) };
        if Instant::now() >= until {
            return Err(Failure { exit: exit::PENDING, ..failure });
        }
        thread::sleep(pause.min(until.saturating_duration_since(Instant::now())).max(SOONEST));
    }
}

/// How long to wait, from the header in seconds.
fn retry_after(header: Option<&str>) -> Duration {
    let seconds = header.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(1);
    Duration::from_secs(seconds).clamp(SOONEST, LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_wish_is_heard_within_bounds() {
        assert_eq!(retry_after(Some("2")), Duration::from_secs(2));
        assert_eq!(retry_after(Some("0")), SOONEST);
        assert_eq!(retry_after(Some("86400")), LATEST);
        assert_eq!(retry_after(Some("Wed, 21 Oct 2026 07:28:00 GMT")), Duration::from_secs(1));
        assert_eq!(retry_after(None), Duration::from_secs(1));
    }
}
