//! The index is made again from the segments, compared with the old one, and put in its place.

use clap::ArgMatches;

use super::refusal::refused;
use super::{print, print_json, shown, wants_json};
use crate::client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// 0 when the old index was equal, 4 when it differed or did not open; either way the new one stands.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    if service::is_served(&data) {
        let said = lang.fill("fail.served", &[("data", &data.display().to_string())]);
        return Err(Failure::new(exit::REFUSED, "directory-served", said).with_remedy(lang.text("fail.served.remedy")));
    }
    let found = service::reindex::reindex(&data).map_err(|error| {
        let mut failure = refused(lang, &error);
        // The old index stands: nothing was done.
        failure.exit = exit::REFUSED;
        failure
    })?;
    let json = service::reindex::to_json(&found);
    if wants_json(matches) {
        print_json(&json)?;
    } else {
        let field = |name: &str| shown(json.get(name));
        let values = ["rows", "missing", "extra", "changed", "unopened"].map(|name| (name, field(name)));
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        let key = match (found.is_none(), &found.unopened) {
            (true, _) => "said.reindex.equal",
            (false, None) => "said.reindex.differed",
            (false, Some(_)) => "said.reindex.unopened",
        };
        print(&lang.fill(key, &values))?;
    }
    Ok(if found.is_none() { exit::DONE } else { exit::WARNED })
}
