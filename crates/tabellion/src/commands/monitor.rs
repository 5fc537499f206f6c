//! The log is watched: its head must be signed and must continue the one seen last. Made for `cron`: quiet when asked, loud when
//! something is wrong, and each kind of wrong has its exit code (docs/operations/watching.md).

mod memory;

use std::path::PathBuf;

use clap::ArgMatches;
use memory::Memory;
use proof::{Checkpoint, Hash};
use serde_json::{Value, json};
use watch::{Cosigned, Witnessed};

use super::{print, print_json, wants_json};
use crate::client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::log::site::Site;
use crate::log::succession::{Succession, compare};
use crate::log::trust::{self, Head, Trust};

/// What was seen, as far as the run came.
#[derive(Default)]
struct Seen {
    before: Option<Checkpoint>,
    now: Option<Checkpoint>,
    /// `first`, `unchanged`, `grown`, `rollback` or `fork`; empty when it could not be told.
    outcome: &'static str,
    witnessed: Option<Witnessed>,
    evidence: Vec<PathBuf>,
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
    seen.now = Some(head.checkpoint.clone());
    seen.witnessed = head.witnessed.clone();
    if let Some((note, before)) = &last {
        continues(lang, &memory, (note, before), &head, &site, seen)?;
    } else {
        seen.outcome = "first";
    }
    if last.is_none_or(|(note, _)| note != head.note) {
        memory.keep(&head.note)?;
    }
    let met = head.witnessed.is_none_or(|witnessed| !witnessed.asked || witnessed.met);
    Ok(if met { exit::DONE } else { exit::WARNED })
}

/// The head continues the one seen last, or both are kept as evidence and it is said aloud.
fn continues(
    lang: Lang,
    memory: &Memory,
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
    let found = compare(lang, before, now, &|path| site.tile(path))?;
    let (outcome, exit, sentence, path): (_, _, _, &[Hash]) = match &found {
        Succession::Unchanged | Succession::Grown => {
            seen.outcome = if found == Succession::Grown { "grown" } else { "unchanged" };
            return Ok(());
        }
        Succession::Rollback => ("rollback", exit::ROLLBACK, "fail.rollback", &[]),
        Succession::Fork(path) => ("fork", exit::FORK, "fail.fork", path),
    };
    seen.outcome = outcome;
    let (old, new) = (before.size.0.to_string(), now.size.0.to_string());
    let said = lang.fill(sentence, &[("origin", &now.origin), ("old", &old), ("new", &new)]);
    let mut failure = Failure::new(exit, outcome, said).with_remedy(lang.text("fail.evidence.remedy"));
    match memory.evidence(outcome, note, &head.note, path) {
        Ok(files) => seen.evidence = files,
        // A full disk must not turn a fork into a full disk.
        Err(why) => eprint!("{}", why.lines(lang)),
    }
    let shown: Vec<String> = seen.evidence.iter().map(|file| file.display().to_string()).collect();
    failure.place = Some(shown.join(", ")).filter(|place| !place.is_empty());
    Err(failure)
}

/// What a person reads when nothing is wrong with the log itself.
fn told(lang: Lang, seen: &Seen) -> String {
    let size = |head: &Option<Checkpoint>| head.as_ref().map_or_else(String::new, |head| head.size.0.to_string());
    let origin = seen.now.as_ref().map_or("", |head| head.origin.as_str());
    let key = match seen.outcome {
        "first" => "said.monitor.first",
        "grown" => "said.monitor.grown",
        _ => "said.monitor.unchanged",
    };
    let (old, new) = (size(&seen.before), size(&seen.now));
    let mut lines = vec![lang.fill(key, &[("origin", origin), ("old", &old), ("new", &new)])];
    if let Some(witnessed) = seen.witnessed.as_ref().filter(|witnessed| witnessed.asked) {
        let missing: Vec<&str> = missing(witnessed).collect();
        let key = if witnessed.met { "said.monitor.met" } else { "said.monitor.unmet" };
        let total = witnessed.witnesses.len();
        let (count, total) = ((total - missing.len()).to_string(), total.to_string());
        lines.push(lang.fill(key, &[("count", &count), ("total", &total), ("missing", &missing.join(", "))]));
    }
    lines.join("\n")
}

/// Witnesses of the policy whose cosignature does not count.
fn missing(witnessed: &Witnessed) -> impl Iterator<Item = &str> {
    let lacking = witnessed.witnesses.iter().filter(|(_, said)| !matches!(said, Cosigned::At(_)));
    lacking.map(|(name, _)| name.as_str())
}

fn as_json(seen: &Seen, exit: u8, failure: Option<&Failure>) -> Value {
    let head = |head: &Option<Checkpoint>| {
        head.as_ref().map(|head| json!({"size": head.size.0, "root": head.root.to_string()})).unwrap_or_default()
    };
    let witnesses = seen
        .witnessed
        .as_ref()
        .filter(|witnessed| witnessed.asked)
        .map(|witnessed| json!({"met": witnessed.met, "missing": missing(witnessed).collect::<Vec<_>>()}));
    json!({
        "outcome": Some(seen.outcome).filter(|outcome| !outcome.is_empty()),
        "origin": seen.now.as_ref().map(|head| head.origin.as_str()),
        "before": head(&seen.before),
        "now": head(&seen.now),
        "witnesses": witnesses,
        "evidence": seen.evidence.iter().map(|file| file.display().to_string()).collect::<Vec<_>>(),
        "code": failure.map(|failure| failure.code.as_str()),
        "message": failure.map(|failure| failure.sentence.as_str()),
        "exit_code": exit,
    })
}
