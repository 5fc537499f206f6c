//! An attestation, for people: a PDF that appears whole or not at all.

use std::path::PathBuf;

use clap::ArgMatches;

use super::print;
use crate::client::Client;
use crate::failure::Outcome;
use crate::lang::Lang;
use crate::whole;

/// The attestation stands in the file.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let id = matches.get_one::<String>("id").cloned().unwrap_or_default();
    let of = matches.get_one::<String>("of").cloned().unwrap_or_default();
    let (path, query) = match of.as_str() {
        "elimination" => (format!("/v1/eliminations/{id}/attestation"), None),
        "restitution" => (format!("/v1/restitutions/{id}/attestation"), None),
        _ => (format!("/v1/deposits/{id}/attestation"), Some(("of", of))),
    };
    let answer = client.fetch(&path, query.as_slice())?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let size = whole::keep(lang, &place, answer)?.to_string();
    print(&lang.fill("said.attest", &[("file", &place.display().to_string()), ("size", &size)]))
}
