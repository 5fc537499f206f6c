//! The evidence of all that was sealed is renewed: by newer time-stamps, or by everything hashed again.

use std::thread;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// Time between two looks at a renewal under way.
const LOOK: Duration = Duration::from_millis(500);

/// One newer token over those of all batches, for each digest in use: told once logged.
pub fn timestamps(lang: Lang, matches: &ArgMatches) -> Outcome {
    let answer = Client::of(lang, matches)?.post_json("/v1/renewals", &json!({"of": "timestamps"}))?;
    told(lang, matches, &answer)
}

/// Everything hashed again, every document read first: waited for, however long it takes.
pub fn hashes(lang: Lang, matches: &ArgMatches) -> Outcome {
    let client = Client::of(lang, matches)?;
    let to = matches.get_one::<String>("to").cloned().unwrap_or_default();
    client.post_json("/v1/renewals", &json!({"of": "hashes", "to": to}))?;
    let answer = loop {
        let answer = client.read("/v1/renewals", &[])?;
        if answer["under_way"].is_null() {
            break answer["last"].clone();
        }
        thread::sleep(LOOK);
    };
    if answer["status"] == "renewed" {
        return told(lang, matches, &answer);
    }
    Err(failed(lang, &shown(answer.get("code"))))
}

/// Why nothing was renewed, and what to do, by the code that the server kept.
fn failed(lang: Lang, code: &str) -> Failure {
    let (exit, said, remedy) = match code {
        "fixity-failed" => (exit::REFUSED, lang.text("fail.renew.fixity").to_owned(), "remedy.renew.fixity"),
        "renewal-not-stamped" => (exit::PENDING, lang.text("fail.renew.stamp").to_owned(), "remedy.renew.stamp"),
        "busy" => (exit::PENDING, lang.fill("fail.renew", &[("code", code)]), "remedy.renew"),
        _ => (exit::REFUSED, lang.fill("fail.renew", &[("code", code)]), "remedy.renew"),
    };
    Failure::new(exit, code, said).with_remedy(lang.text(remedy))
}

fn told(lang: Lang, matches: &ArgMatches, answer: &Value) -> Outcome {
    if wants_json(matches) {
        return print_json(answer);
    }
    for renewal in answer["renewals"].as_array().into_iter().flatten() {
        let field = |name: &str| shown(renewal.get(name));
        let names = ["renewal", "of", "digest", "first", "batches", "time", "index"];
        let values = names.map(field);
        let pairs: Vec<(&str, &str)> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
        print(&lang.fill(if field("of") == "hashes" { "said.renew.hashes" } else { "said.renew" }, &pairs))?;
    }
    if answer["too_late"].is_null() {
        print(lang.text("said.renew.late-unread"))?;
        return Ok(exit::WARNED);
    }
    let late = answer["too_late"].as_array().map_or(&[][..], Vec::as_slice);
    for one in late {
        let names = ["authority", "until", "batches", "first", "last"];
        let values = names.map(|name| shown(one.get(name)));
        let pairs: Vec<(&str, &str)> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
        print(&lang.fill(if one["until"].is_null() { "said.renew.late-root" } else { "said.renew.late" }, &pairs))?;
    }
    Ok(if late.is_empty() { exit::DONE } else { exit::WARNED })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_whole_is_told_in_a_sentence_with_what_to_do() {
        for (lang, said, remedy) in [
            (Lang::Fr, "n'est plus intact", "remettre d'une sauvegarde"),
            (Lang::En, "no longer whole", "from a backup"),
        ] {
            let failure = failed(lang, "fixity-failed");
            assert_eq!((failure.exit, failure.code.as_str()), (exit::REFUSED, "fixity-failed"));
            let lines = failure.lines(lang);
            assert!(lines.contains(said) && lines.contains(remedy) && lines.contains("scrub"), "{lines}");
        }
        assert_eq!(failed(Lang::Fr, "renewal-not-stamped").exit, exit::PENDING);
        assert!(failed(Lang::En, "another").sentence.contains("another"));
    }
}
