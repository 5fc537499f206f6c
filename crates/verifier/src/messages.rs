//! The sentences people read, French first; the text itself is `messages.txt`, one line a code: `code|finding|status|français|English`,
//! the status with `!` where it is a warning. In a sentence `{}` is the detail, `{?}` (French alone) a cause, `[one/many]` a form by its number.

use std::sync::LazyLock;

use proof::time::format_rfc3339;

use crate::limits::DETAIL_CHARS;
use crate::verdict::{FindingLine, NAMES, Overall, Status, Verdict};

/// The language of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Français.
    French,
    /// English.
    English,
}

const TABLE: &str = include_str!("messages.txt");
/// Its lines in the order of their codes: read once, and not again for each line of a verdict.
static ROWS: LazyLock<Vec<(&str, Row)>> = LazyLock::new(|| {
    let mut rows: Vec<_> = TABLE.lines().filter_map(Row::read).collect();
    rows.sort_unstable_by_key(|(code, _)| *code);
    rows
});

/// What the table says of a code.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub finding: &'static str,
    /// Place among [`NAMES`].
    pub rank: usize,
    pub status: Status,
    pub warning: bool,
    /// French and English.
    sentences: (&'static str, &'static str),
}

impl Row {
    fn read(line: &'static str) -> Option<(&'static str, Self)> {
        let (code, rest) = line.split_once('|')?;
        let mut fields = rest.splitn(4, '|').filter(|field| !field.is_empty());
        let [finding, status, french, english] =
            ["format", "failed", code, code].map(|missing| fields.next().unwrap_or(missing));
        let known = [Status::Passed, Status::Indeterminate, Status::Absent, Status::Recorded];
        let (plain, warning) = (status.trim_end_matches('!'), status.ends_with('!'));
        let status = known.into_iter().find(|known| known.as_str() == plain).unwrap_or(Status::Failed);
        let rank = NAMES.split(' ').position(|name| name == finding).unwrap_or(0);
        Some((code, Self { finding, rank, status, warning, sentences: (french, english) }))
    }

    /// The sentence in this language, the detail in it: in French, a cause is in French too.
    pub fn sentence(&self, lang: Lang, detail: &str) -> String {
        match lang {
            Lang::French => seal::filled(&numbered(lang, self.sentences.0, detail), [detail].into_iter().cycle()),
            Lang::English => numbered(lang, self.sentences.1, detail).replace("{}", detail),
        }
    }
}

/// What the table says of this code. A code the table lacks is a failed `format` (a test
/// forbids it): nothing passes by a mistake of ours.
pub(crate) fn row(code: &'static str) -> Row {
    let missing = Row { finding: "format", rank: 0, status: Status::Failed, warning: false, sentences: (code, code) };
    let place = ROWS.binary_search_by_key(&code, |(known, _)| known);
    place.ok().and_then(|place| ROWS.get(place)).map_or(missing, |(_, row)| *row)
}

/// The sentence with, of each `[one/many]` in it, the form that goes with this number: in French none is like one.
pub fn numbered(lang: Lang, sentence: &str, number: &str) -> String {
    seal::numbered(sentence, number == "1" || (number == "0" && lang == Lang::French))
}

impl Lang {
    /// This cause for people of this language. In French, one that has no words of its own is called a technical detail.
    pub fn cause(self, detail: &str) -> String {
        if self == Self::French { seal::filled("{?}", [detail].into_iter()) } else { detail.to_owned() }
    }
}

/// Foreign text made harmless to repeat: bounded, without control characters or marks that turn the line around.
pub(crate) fn shown(text: &str) -> String {
    // Nearly all of it is plain already: then it is copied as it stands.
    if text.len() <= DETAIL_CHARS && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return text.to_owned();
    }
    let turning =
        |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let harmless = text.chars().map(|c| if c.is_control() || turning(c) { '?' } else { c });
    harmless.take(DETAIL_CHARS).collect()
}

impl Verdict {
    /// Three plain sentences: is it the same file, since when at the latest, who vouches.
    pub fn sentences(&self, lang: Lang) -> [String; 3] {
        let files = || self.findings.iter().filter(|l| l.name == "files");
        let of = |status: Status| files().filter(move |l| l.status == status);
        let reason = self.reason.unwrap_or_default().to_owned();
        let same = of(Status::Passed).count();
        // Of a register, the line that decides says it best.
        let decides = |l: &&FindingLine| l.name == "register" && self.reason.is_none_or(|reason| l.code == reason);
        let register = self.findings.iter().find(decides).map(|line| line.message(lang));
        let file = match (self.verdict, of(Status::Failed).next()) {
            (Overall::Failed, Some(altered)) => ("says-altered", altered.where_.clone()),
            (Overall::Failed, None) => ("says-false", reason),
            (Overall::Indeterminate, _) => ("says-not-told", reason),
            _ if same == 0 => ("says-no-file", String::new()),
            _ if files().any(|l| l.code == "vitam-lines-covered") => ("says-same-journal", String::new()),
            _ if of(Status::Absent).next().is_some() => ("says-same-some", same.to_string()),
            _ if files().any(|l| l.code == "data-covered-canonical") => ("says-same-canonical", same.to_string()),
            _ if files().any(|l| matches!(l.code, "same-as-stamped" | "data-covered")) => {
                ("says-same-stamped", same.to_string())
            }
            _ => ("says-same", same.to_string()),
        };
        let listed = self.findings.iter().any(|line| line.code.starts_with("list-"));
        let since = match self.time.as_ref().is_some_and(|time| time.qualified) {
            true => "says-since-qualified",
            false if listed => "says-since-not-qualified",
            false => "says-since",
        };
        let time = match &self.time {
            Some(time) => (since, format!("{} ({})", format_rfc3339(time.not_after), time.authority)),
            None => ("says-no-time", String::new()),
        };
        let who = match (self.verdict, self.origin.clone()) {
            (Overall::PassedQualified | Overall::PassedTimestamped, Some(origin)) => ("says-both-vouch", origin),
            (Overall::PassedQualified | Overall::PassedTimestamped, None) => ("says-authority-vouches", String::new()),
            (Overall::PassedLogOnly, origin) => ("says-log-vouches", origin.unwrap_or_default()),
            _ => ("says-nobody", String::new()),
        };
        let [file, time, who] = [file, time, who].map(|(code, detail)| row(code).sentence(lang, &detail));
        [register.unwrap_or(file), time, who]
    }
}
