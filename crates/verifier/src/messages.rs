//! The sentences people read, French first; the text itself is `messages.txt`, one line a code: `code|finding|status|français|English`,
//! the status with `!` where it is a warning.

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

/// A line of the table.
pub(crate) struct Line {
    pub name: &'static str,
    pub status: Status,
    pub warning: bool,
    pub french: &'static str,
    pub english: &'static str,
}

/// The line of a code. A code the table lacks is a failed `format` (a test forbids it): nothing passes by a mistake of ours.
pub(crate) fn line(code: &'static str) -> Line {
    let mut lines = TABLE.lines().map(|line| line.splitn(5, '|'));
    let mut fields = lines.find_map(|mut fields| (fields.next() == Some(code)).then_some(fields));
    let mut next = || fields.as_mut().and_then(Iterator::next);
    let (name, status) = (next().unwrap_or("format"), next().unwrap_or(""));
    let (french, english) = (next().unwrap_or(code), next().unwrap_or(code));
    let known = [Status::Passed, Status::Indeterminate, Status::Absent, Status::Recorded];
    let (plain, warning) = status.strip_suffix('!').map_or((status, false), |plain| (plain, true));
    let status = known.into_iter().find(|known| known.as_str() == plain).unwrap_or(Status::Failed);
    Line { name, status, warning, french, english }
}

/// Foreign text made harmless to repeat: bounded, without control characters or marks that turn the line around.
pub(crate) fn shown(text: &str) -> String {
    let turning = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let harmless = text.chars().map(|c| if c.is_control() || turning(c) { '?' } else { c });
    harmless.take(DETAIL_CHARS).collect()
}

/// Is it the same file, since when at the latest, who vouches.
pub(crate) fn sentences(verdict: &Verdict, lang: Lang) -> [String; 3] {
    let of =
        |status: Status| verdict.findings.iter().filter(move |l| l.name == "files" && l.status == status);
    let reason = verdict.reason.unwrap_or_default().to_owned();
    let same = of(Status::Passed).count();
    let file = match (verdict.verdict, of(Status::Failed).next()) {
        (Overall::Failed, Some(altered)) => ("says-altered", altered.where_.clone()),
        (Overall::Failed, None) => ("says-false", reason),
        (Overall::Indeterminate, _) => ("says-not-told", reason),
        _ if same == 0 => ("says-no-file", String::new()),
        _ if of(Status::Absent).next().is_some() => ("says-same-some", same.to_string()),
        _ => ("says-same", same.to_string()),
    };
    let time = match &verdict.time {
        Some(time) => ("says-since", format!("{} ({})", format_rfc3339(time.not_after), time.authority)),
        None => ("says-no-time", String::new()),
    };
    let who = match (verdict.verdict, verdict.origin.clone()) {
        (Overall::PassedTimestamped, Some(origin)) => ("says-both-vouch", origin),
        (Overall::PassedTimestamped, None) => ("says-authority-vouches", String::new()),
        (Overall::PassedLogOnly, origin) => ("says-log-vouches", origin.unwrap_or_default()),
        _ => ("says-nobody", String::new()),
    };
    [file, time, who].map(|(code, detail)| {
        let said = line(code);
        let text = if lang == Lang::French { said.french } else { said.english };
        text.replace("{}", &detail)
    })
}
