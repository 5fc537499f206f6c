//! The verdict as people and programs read it.

use std::io::Write;

use tabellion_verify::status_word;
use verifier::{Lang, Verdict};

use crate::arguments::Judging;
use crate::inputs::Trouble;
use crate::lang;

/// Prints the verdict; returns the exit code.
pub fn print(verdict: &Verdict, common: &Judging) -> Result<u8, Trouble> {
    let lang = lang::choose(common.lang.as_deref());
    let code = if common.strict { verdict.strict_exit_code() } else { verdict.exit_code() };
    let text = if common.json() {
        let mut json = tabellion_verify::to_json(verdict, lang);
        json["exit_code"] = code.into();
        format!("{json:#}\n")
    } else {
        text(verdict, lang)
    };
    say(&text).map(|_| code)
}

/// Prints what needs no verdict.
pub fn say(text: &str) -> Result<u8, Trouble> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Trouble::Output)?;
    Ok(0)
}

fn text(verdict: &Verdict, lang: Lang) -> String {
    let reason = verdict.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let mut out = format!("{}{reason}\n\n", verdict.verdict.as_str());
    for sentence in verdict.sentences(lang) {
        out.push_str(&format!("{sentence}\n"));
    }
    out.push('\n');
    for line in &verdict.findings {
        // Lines of a register are counted in words; all else is a name, and stays as it is.
        let counted = line.where_.starts_with("line ");
        let place = if counted { lang.cause(&line.where_) } else { line.where_.clone() };
        let place = if place.is_empty() { place } else { format!(" [{place}]") };
        let mark = if line.warning { "!" } else { " " };
        let word = status_word(line.status, lang);
        out.push_str(&format!("{mark} {word:<13} {:<20} {}{place}\n", line.name, line.message(lang)));
    }
    for anchor in &verdict.anchors {
        let word = if lang == Lang::French { "ancre" } else { "anchor" };
        out.push_str(&format!("  {word:<13} {:<20} SHA-256 {}\n", anchor.kind, anchor.sha256));
    }
    out
}
