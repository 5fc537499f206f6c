//! One file a command; this one chooses, and holds what several of them write.

mod attest;
mod backup;
mod check;
mod clock;
mod deposit;
mod eliminate;
mod export;
mod house;
mod keys;
mod list;
mod logkey;
mod monitor;
mod open_data;
mod pack;
mod refusal;
mod register;
mod reindex;
mod renew;
mod repair;
mod restitute;
mod restore;
mod scrub;
mod seal;
mod witness;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::Value;

use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::whole;

/// What was asked for is done, or said why not.
///
/// # Errors
/// The failure to show, with its exit code.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let Some((name, inner)) = matches.subcommand() else {
        return Err(Failure::new(exit::USAGE, "no-command", lang.text("usage.help")));
    };
    match (name, inner.subcommand()) {
        ("init", _) => house::init(lang, inner),
        ("serve", _) => house::serve(lang, inner),
        ("tenant", Some(("add", add))) => house::tenant_add(lang, add),
        ("token", Some(("add", add))) => house::token_add(lang, add),
        ("policy", _) => house::policy(lang, inner),
        ("config", Some(("check", check))) => house::config_check(lang, check),
        ("deposit", _) => deposit::run(lang, inner),
        ("eliminate", Some(("propose", propose))) => eliminate::propose(lang, propose),
        ("eliminate", Some(("run", run))) => eliminate::run(lang, run),
        ("eliminate", Some(("status", status))) => eliminate::status(lang, status),
        ("restitute", _) => restitute::run(lang, inner),
        ("keys", Some(("backup", backup))) => house::keys_backup(lang, backup),
        ("keys", Some(("protect", protect))) => keys::protect(lang, protect),
        ("keys", Some(("generate", generate))) => logkey::generate(lang, generate),
        ("keys", Some(("rotate", rotate))) => logkey::rotate(lang, rotate),
        ("keys", Some(("escrow", escrow))) => keys::escrow(lang, escrow),
        ("keys", Some(("drill", drill))) => keys::drill(lang, drill),
        ("keys", Some(("recover", recover))) => keys::recover(lang, recover),
        ("keys", Some(("ceremony", ceremony))) => logkey::ceremony(lang, ceremony),
        ("pack", _) => pack::run(lang, inner),
        ("list", _) => list::run(lang, inner),
        ("attest", _) => attest::run(lang, inner),
        ("register", _) => register::run(lang, inner),
        ("seal", Some(("now", now))) => seal::run(lang, now),
        ("renew", Some(("timestamps", of))) => renew::timestamps(lang, of),
        ("renew", Some(("hashes", of))) => renew::hashes(lang, of),
        ("clock", Some(("accept", accept))) => clock::accept(lang, accept),
        ("check", _) => check::run(lang, inner),
        ("export-log", _) => export::run(lang, inner),
        ("export", Some(("scdl", scdl))) => open_data::scdl(lang, scdl),
        ("export", Some(("decp", decp))) => open_data::decp(lang, decp),
        ("monitor", _) => monitor::run(lang, inner),
        ("witness", Some(("init", init))) => witness::init(lang, init),
        ("witness", Some(("serve", serve))) => witness::serve(lang, serve),
        ("backup", _) => backup::run(lang, inner),
        ("restore", _) => restore::run(lang, inner),
        ("reindex", _) => reindex::run(lang, inner),
        ("scrub", _) => scrub::run(lang, inner),
        (name, _) => Err(not_yet(lang, name)),
    }
}

fn not_yet(lang: Lang, name: &str) -> Failure {
    let said = lang.fill("fail.not-yet", &[("command", name)]);
    Failure::new(exit::USAGE, "command-not-yet", said).with_remedy(lang.text("usage.help"))
}

/// True when `--format json` was asked for.
fn wants_json(matches: &ArgMatches) -> bool {
    matches.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// The files named on the command line.
fn files(matches: &ArgMatches) -> Vec<PathBuf> {
    matches.get_many::<PathBuf>("files").unwrap_or_default().cloned().collect()
}

/// The description as given: JSON, or `@FILE` that holds it; the `@` may be left out, as a description begins with a brace and no name of a file
/// of JSON does.
fn description(lang: Lang, matches: &ArgMatches) -> Result<Option<Vec<u8>>, Failure> {
    let Some(word) = matches.get_one::<String>("describe") else {
        return Ok(None);
    };
    let is_file = || !word.trim_start().starts_with('{') && (word.ends_with(".json") || Path::new(word).is_file());
    let Some(path) = word.strip_prefix('@').or_else(|| is_file().then_some(word.as_str())) else {
        return Ok(Some(word.clone().into_bytes()));
    };
    fs::read(path).map(Some).map_err(|error| Failure::reading(lang, Path::new(path), &error))
}

/// A JSON value on stdout, two spaces deep.
fn print_json(value: &Value) -> Outcome {
    // Writing a value we hold cannot fail; `to_string` is its compact form.
    print(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()))
}

/// A line on stdout; a reader that has gone away (`| head`) is no failure.
fn print(line: &str) -> Outcome {
    let _ = writeln!(io::stdout().lock(), "{line}");
    Ok(exit::DONE)
}

/// The bytes stand in that file; `-` is stdout.
fn write_whole(lang: Lang, place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if place == Path::new("-") {
        return io::stdout().lock().write_all(bytes).map_err(|error| Failure::writing(lang, place, &error));
    }
    whole::write(lang, place, bytes)
}

/// A string of an answer.
fn string<'a>(lang: Lang, value: &'a Value, name: &str) -> Result<&'a str, Failure> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| Failure::answer(lang, name))
}

/// A value of an answer as a person reads it; nothing for an absent one.
fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_json_or_a_file_with_a_mark_or_without() {
        let dir = tempfile::tempdir().expect("directory");
        let path = dir.path().join("demande.json");
        fs::write(&path, b"{}").expect("written");
        let of = |word: &str| {
            let asked = ["tabellion", "check", "--describe", word, "x"];
            let matches = crate::cli::program(Lang::Fr).get_matches_from(asked);
            description(Lang::Fr, matches.subcommand_matches("check").expect("check"))
        };
        let name = path.display().to_string();
        for word in [format!("@{name}"), name.clone(), "{}".to_owned()] {
            assert_eq!(of(&word).expect("read").as_deref(), Some(&b"{}"[..]), "{word}");
        }
        // A description that is none goes on to whoever says so; a name of a file that is not there does not.
        assert_eq!(of("titre").expect("as it is").as_deref(), Some(&b"titre"[..]));
        assert_eq!(of(&format!("{name}.json")).expect_err("absent").exit, exit::UNREADABLE);
    }

    #[test]
    fn what_is_not_there_yet_exits_2() {
        let matches = crate::cli::program(Lang::Fr).get_matches_from(["tabellion", "doctor", "--deep"]);
        let failure = run(Lang::Fr, &matches).expect_err("not there yet");
        assert_eq!((failure.exit, failure.code.as_str()), (exit::USAGE, "command-not-yet"));
        assert!(failure.sentence.contains("doctor"));
    }
}
