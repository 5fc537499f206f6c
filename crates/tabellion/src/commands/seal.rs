//! A batch is sealed without waiting for its hour.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{print, print_json, shown, wants_json};
use crate::client::Client;
use crate::exit;
use crate::failure::Outcome;
use crate::lang::Lang;

/// The seal was asked for, and the server's answer is shown; 3 when the authority must be asked again.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let answer = Client::of(lang, matches)?.post_json("/v1/seals", &json!({}))?;
    let status = shown(answer.get("status"));
    let code = if status == "pending" { exit::PENDING } else { exit::DONE };
    if wants_json(matches) {
        print_json(&answer)?;
    } else {
        print(&told(lang, &status, &answer))?;
    }
    Ok(code)
}

fn told(lang: Lang, status: &str, answer: &Value) -> String {
    let field = |name: &str| shown(answer.get(name));
    let (batch, time, code) = (field("batch"), field("time"), field("code"));
    let key = match status {
        "sealed" => "said.seal",
        "pending" if code == "seal-under-way" => "said.seal.under-way",
        "pending" => "said.seal.pending",
        _ => "said.seal.nothing",
    };
    lang.fill(key, &[("batch", &batch), ("time", &time), ("code", &code)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_seal_is_not_told_as_done() {
        let said = told(Lang::En, "pending", &json!({"batch": 3, "code": "tsa-unreachable"}));
        assert!(said.contains("pending") && said.contains("tsa-unreachable"), "{said}");
        // Nobody is accused of a silence that is not theirs.
        let said = told(Lang::En, "pending", &json!({"batch": null, "code": "seal-under-way"}));
        assert!(said.contains("under way") && !said.contains("not answered"), "{said}");
        let said = told(Lang::En, "sealed", &json!({"batch": 3, "time": "2026-11-23T21:10:27.000Z"}));
        assert!(said.contains("sealed") && said.contains("2026-11-23"), "{said}");
    }
}
