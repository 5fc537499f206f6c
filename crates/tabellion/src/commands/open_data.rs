//! Open data, streamed to a file that appears whole or not at all.

use std::path::PathBuf;

use clap::ArgMatches;

use super::print;
use crate::client::Client;
use crate::failure::Outcome;
use crate::lang::Lang;
use crate::whole;

/// The acts that anyone may see stand in the file, or those that may not be seen and why.
pub fn scdl(lang: Lang, matches: &ArgMatches) -> Outcome {
    fetched(lang, matches, "/v1/exports/scdl.csv")
}

/// The contracts of all essential data stand in the file, or those that are left out and why.
pub fn decp(lang: Lang, matches: &ArgMatches) -> Outcome {
    fetched(lang, matches, "/v1/exports/decp.json")
}

fn fetched(lang: Lang, matches: &ArgMatches, path: &str) -> Outcome {
    let client = Client::of(lang, matches)?;
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let word = |name: &'static str| matches.get_one::<String>(name).map(|word| (name, word.clone()));
    let withheld = matches.get_flag("withheld").then(|| ("show", "withheld".to_owned()));
    let query: Vec<_> = ["tenant", "from", "to"].into_iter().filter_map(word).chain(withheld).collect();
    let answer = client.fetch(path, &query)?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let size = whole::keep(lang, &place, answer)?.to_string();
    print(&lang.fill("said.open-data", &[("file", &place.display().to_string()), ("size", &size)]))
}
