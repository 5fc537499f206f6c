//! The log is watched: its head must be signed and must continue the one seen last. Made for `cron`: quiet when asked, loud when
//! something is wrong, and each kind of wrong has its exit code (docs/operations/watching.md).

mod memory;

use std::path::PathBuf;

use clap::ArgMatches;
use memory::Memory;
use proof::Checkpoint;
use serde_json::{Value, json};

use super::{print, print_json, wants_json};
use crate::client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::log::evidence::{self, Kept, Pair};
use crate::log::site::Site;
use crate::log::succession::Succession;
use crate::log::trust::{self, Head, Trust};

/// What was seen, as far as the run came.
#[derive(Default)]
struct Seen {
    before: Option<Checkpoint>,
    head: Option<Head>,
    /// `first`, `unchanged`, `grown`, `rollback` or `fork`; empty when it could not be told.
    outcome: &'static str,
    kept: Kept,
}

/// The head continues the one seen last, and is remembered.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let mut seen = Seen::default();
    let outcome = look(lang, matches, &mut seen);
    let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |exit| *exit);
    if wants_json(matches) {
        print_json(&as_json(&seen, exit, outcome.as_ref().err()))?;
    } else if outcome.is_ok() && !(matches.get_flag("quiet") && exit == exit::DONE) {
        print(&told(lang, &seen))?;
    }
    outcome
}

fn look(lang: Lang, matches: &ArgMatches, seen: &mut Seen) -> Outcome {
    let Some(trust) = Trust::of(lang, matches)? else {
        let failure = Failure::new(exit::USAGE, "pin-not-given", lang.text("fail.pin.needed"));
        return Err(failure.with_remedy(lang.text("fail.pin.remedy")));
    };
    let url = match matches.get_one::<String>("address") {
        Some(url) => url.clone(),
        None => client::address(lang, matches)?,
    };
    let state = matches.get_one::<PathBuf>("state").cloned().unwrap_or_default();
    let memory = Memory::open(lang, &state)?;
    let last = memory.last()?;
    seen.before = last.as_ref().map(|(_, head)| head.clone());
    let mut site = Site::at(lang, &url)?;
    let note = site.checkpoint()?;
    let head = trust.head(lang, note, trust::now())?;
    let head = seen.head.insert(head).clone();
    if let Some((note, before)) = &last {
        continues(lang, &memory, &trust, (note, before), &head, &site, seen)?;
    } else {
        seen.outcome = "first";
    }
    if last.is_none_or(|(note, _)| note != head.note) {
        memory.keep(&head.note)?;
    }
    Ok(head.exit())
}

/// The head continues the one seen last, or both are kept as evidence and it is said aloud.
fn continues(
    lang: Lang,
    memory: &Memory,
    trust: &Trust,
    (note, before): (&str, &Checkpoint),
    head: &Head,
    site: &Site,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let now = &head.checkpoint;
    if before.origin != now.origin {
        let said = lang.fill("fail.head.other", &[("found", &now.origin), ("pinned", &before.origin)]);
        let failure = Failure::new(exit::OTHER_LOG, "other-log", said);
        return Err(failure.with_remedy(lang.text("fail.head.other.remedy")));
    }
    let pair = Pair { note, before, head };
    let found = evidence::continues(lang, trust, &pair, site, memory.place(), &mut seen.kept);
    seen.outcome = match &found {
        Ok(Succession::Grown) => "grown",
        Ok(_) => "unchanged",
        Err(failure) if failure.exit == exit::ROLLBACK => "rollback",
        Err(failure) if failure.exit == exit::FORK => "fork",
        Err(_) => "",
    };
    found.map(drop)
}

/// What a person reads when nothing is wrong with the log itself.
fn told(lang: Lang, seen: &Seen) -> String {
    let size = |head: &Option<Checkpoint>| head.as_ref().map_or_else(String::new, |head| head.size.0.to_string());
    let now = seen.head.as_ref().map(|head| head.checkpoint.clone());
    let origin = now.as_ref().map_or("", |head| head.origin.as_str());
    let key = match seen.outcome {
        "first" => "said.monitor.first",
        "grown" => "said.monitor.grown",
        _ => "said.monitor.unchanged",
    };
    let (old, new) = (size(&seen.before), size(&now));
    let mut lines = vec![lang.fill(key, &[("origin", origin), ("old", &old), ("new", &new)])];
    lines.extend(seen.head.as_ref().and_then(|head| head.witnesses_told(lang)));
    lines.join("\n")
}

fn as_json(seen: &Seen, exit: u8, failure: Option<&Failure>) -> Value {
    let head = |head: Option<&Checkpoint>| {
        head.map(|head| json!({"size": head.size.0, "root": head.root.to_string()})).unwrap_or_default()
    };
    json!({
        "outcome": Some(seen.outcome).filter(|outcome| !outcome.is_empty()),
        "origin": seen.head.as_ref().map(|head| head.checkpoint.origin.as_str()),
        "before": head(seen.before.as_ref()),
        "now": head(seen.head.as_ref().map(|head| &head.checkpoint)),
        "witnesses": seen.head.as_ref().map(Head::witnesses_json),
        "evidence": seen.kept.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>(),
        "evidence_full": seen.kept.full,
        "code": failure.map(|failure| failure.code.as_str()),
        "message": failure.map(|failure| failure.sentence.as_str()),
        "exit_code": exit,
    })
}
