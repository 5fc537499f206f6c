//! The sentences people read, French first; the text itself is `messages.txt`, one line a code: `code|français|English`.

use proof::time::format_rfc3339;

use crate::limits::DETAIL_CHARS;
use crate::verdict::{Overall, Status, Verdict};

/// The language of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Français.
    French,
    /// English.
    English,
}

const TABLE: &str = include_str!("messages.txt");

/// The sentence of a code, `{}` replaced by the detail; the code itself when the table lacks it (a test forbids that).
pub(crate) fn sentence(code: &str, lang: Lang, detail: &str) -> String {
    let mut lines = TABLE.lines().map(|line| line.splitn(3, '|'));
    let found = lines.find_map(|mut fields| (fields.next() == Some(code)).then_some(fields));
    let text = found.and_then(|mut fields| match lang {
        Lang::French => fields.next(),
        Lang::English => fields.nth(1),
    });
    text.unwrap_or(code).replace("{}", detail)
}

/// Foreign text made harmless to repeat: bounded, without control characters or marks that turn the line around.
pub(crate) fn shown(text: &str) -> String {
    let turning = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let harmless = text
        .chars()
        .map(|c| if c.is_control() || turning(c) { '?' } else { c });
    harmless.take(DETAIL_CHARS).collect()
}

/// Is it the same file, since when at the latest, who vouches.
pub(crate) fn sentences(verdict: &Verdict, lang: Lang) -> [String; 3] {
    let lines = |status: Status| {
        verdict
            .findings
            .iter()
            .filter(move |l| l.name == "files" && l.status == status)
    };
    let passed = matches!(
        verdict.verdict,
        Overall::PassedTimestamped | Overall::PassedLogOnly
    );
    let same = lines(Status::Passed).count();
    let file = match lines(Status::Failed).next() {
        Some(altered) => sentence("says-altered", lang, &altered.where_),
        None if !passed => sentence("says-not-told", lang, verdict.reason.unwrap_or("")),
        None if same == 0 => sentence("says-no-file", lang, ""),
        None if lines(Status::Absent).next().is_some() => sentence("says-same-some", lang, &same.to_string()),
        None => sentence("says-same", lang, &same.to_string()),
    };
    let file = match verdict.verdict {
        Overall::Failed if lines(Status::Failed).next().is_none() => {
            sentence("says-false", lang, verdict.reason.unwrap_or(""))
        }
        _ => file,
    };
    let time = match verdict
        .time
        .as_ref()
        .filter(|_| verdict.verdict == Overall::PassedTimestamped)
    {
        Some(time) => sentence(
            "says-since",
            lang,
            &format!("{} ({})", format_rfc3339(time.not_after), time.authority),
        ),
        None => sentence("says-no-time", lang, ""),
    };
    let origin = verdict.origin.as_deref().unwrap_or("");
    let who = match verdict.verdict {
        Overall::PassedTimestamped if verdict.origin.is_none() => {
            sentence("says-authority-vouches", lang, "")
        }
        Overall::PassedTimestamped => sentence("says-both-vouch", lang, origin),
        Overall::PassedLogOnly => sentence("says-log-vouches", lang, origin),
        _ => sentence("says-nobody", lang, ""),
    };
    [file, time, who]
}
