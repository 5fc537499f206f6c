//! A witness: made, then served by a process of its own, which opens no archive.

use std::path::PathBuf;

use clap::ArgMatches;
use service::Shutdown;
use service::witness::WitnessOptions;

use super::print;
use super::refusal::refused;
use crate::exit;
use crate::failure::Outcome;
use crate::lang::Lang;

/// The witness has a key; its vkey alone is printed.
pub fn init(lang: Lang, matches: &ArgMatches) -> Outcome {
    let name = matches.get_one::<String>("name").cloned().unwrap_or_default();
    print(&service::witness::init(&dir(matches), &name).map_err(|error| refused(lang, &error))?)
}

/// Served until told to stop.
pub fn serve(lang: Lang, matches: &ArgMatches) -> Outcome {
    let options = WitnessOptions {
        dir: dir(matches),
        listen: matches.get_one::<String>("listen").cloned().unwrap_or_default(),
        logs: matches.get_many::<String>("log").unwrap_or_default().cloned().collect(),
        policy: matches.get_one::<PathBuf>("policy").cloned(),
        each: matches.get_one::<u16>("connections-each").map(|each| usize::from(*each)),
    };
    service::witness::serve(&options, Shutdown::on_signals()).map_err(|error| refused(lang, &error))?;
    Ok(exit::DONE)
}

fn dir(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default()
}
