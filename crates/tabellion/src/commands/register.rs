//! The tenant's register, streamed to a file that appears whole or not at all.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ArgMatches;

use super::print;
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::whole::Whole;

/// The register stands in the file.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let place = matches.get_one::<PathBuf>("output").cloned().unwrap_or_default();
    let tenant = matches.get_one::<String>("tenant").map(|tenant| ("tenant", tenant.clone()));
    let answer = client.fetch("/v1/register", tenant.as_slice())?;
    if !answer.status().is_success() {
        return Err(client.problem(answer));
    }
    let mut whole = Whole::create(lang, &place)?;
    // An answer that is cut is an error of the reader: the file does not appear.
    let copied = io::copy(&mut answer.into_body().into_reader(), &mut whole).and_then(|size| {
        whole.flush()?;
        Ok(size)
    });
    let size = copied.map_err(|error| Failure::writing(lang, &place, &error))?.to_string();
    whole.finish(lang)?;
    print(&lang.fill("said.register", &[("file", &place.display().to_string()), ("size", &size)]))
}
