//! The tenant's register, streamed to a file that appears whole or not at all.

use std::path::PathBuf;

use clap::ArgMatches;

use super::print;
use crate::client::Client;
use crate::failure::Outcome;
use crate::lang::Lang;
use crate::whole;

/// The register stands in the file.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let tenant = matches.get_one::<String>("tenant").map(|tenant| ("tenant", tenant.clone()));
    let answer = client.fetch("/v1/register", tenant.as_slice())?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let size = whole::keep(lang, &place, answer)?.to_string();
    print(&lang.fill("said.register", &[("file", &place.display().to_string()), ("size", &size)]))
}
