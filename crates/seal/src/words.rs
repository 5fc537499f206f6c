//! Causes in French, for those who speak to people. Who finds a cause says it in English; `words.txt` has the same in French, one line a
//! cause, `{}` for what each tells of; the first that fits counts, so those that say least stand last. Nothing here judges.

use std::sync::LazyLock;

use crate::limits::CAUSE_CHARS;

static CAUSES: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| include_str!("words.txt").lines().filter_map(|line| line.split_once('|')).collect());

/// The sentence with, of each `[one/many]` in it, the one form or the other.
pub fn numbered(sentence: &str, one: bool) -> String {
    let mut pieces = sentence.split('[');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (forms, rest) = piece.split_once(']').unwrap_or((piece, ""));
        let (single, many) = forms.split_once('/').unwrap_or((forms, forms));
        text.extend([if one { single } else { many }, rest]);
    }
    text
}

/// A French sentence, with what it tells of in each of its places: `{=}` a name, as it is; `{}` that too, or a cause in French; `{?}` a
/// cause, called a technical detail where it has no words here.
pub fn filled<'d>(sentence: &str, mut told: impl Iterator<Item = &'d str>) -> String {
    let mut pieces = sentence.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (place, rest) = piece.split_once('}').unwrap_or(("", piece));
        let detail = told.next().unwrap_or_default();
        match in_french(detail).filter(|_| place != "=") {
            Some(french) => text.push_str(&french),
            None if place == "?" && detail.contains(char::is_alphabetic) => {
                text.extend(["(détail technique : ", detail, ")"]);
            }
            None => text.push_str(detail),
        }
        text.push_str(rest);
    }
    text
}

/// A cause, or several one after the other; nothing where none of it is one.
fn in_french(detail: &str) -> Option<String> {
    // A name is told as it is, whatever it is made of.
    if detail.len() > 1 && detail.starts_with('"') && detail.ends_with('"') {
        return None;
    }
    let known = |(english, french): &(&str, &'static str)| {
        let (told, cut) = caught(english, detail)?;
        // Of what was cut no more is said than was told.
        let end = french.match_indices('}').nth(told.len().saturating_sub(1)).filter(|_| cut).map(|(at, _)| at + 1);
        let mut text = filled(french.get(..end.unwrap_or(french.len()))?, told.into_iter());
        text.push_str(if cut { "…" } else { "" });
        Some(text)
    };
    CAUSES.iter().find_map(known).or_else(|| {
        // At the first of them alone: the work grows with the text and no faster.
        let at = [": ", ", "].into_iter().filter_map(|between| detail.find(between)).min()?;
        let (head, (between, rest)) = (detail.get(..at)?, detail.get(at..)?.split_at_checked(2)?);
        let (first, last) = (in_french(head), in_french(rest));
        (first.is_some() || last.is_some()).then(|| {
            let between = if between == ": " { " : " } else { between };
            [first.unwrap_or_else(|| head.into()), last.unwrap_or_else(|| rest.into())].join(between)
        })
    })
}

/// A cause may stand behind a name in what was cut, of at most so many bytes.
const CUT_BEFORE: usize = 40;
/// One that was cut is told by a beginning of more bytes than this.
const CUT_BEGINS: usize = 12;

/// What the text says in each place of the template, if it is of that form; one that was cut says what is left, and that it was.
fn caught<'d>(template: &str, text: &'d str) -> Option<(Vec<&'d str>, bool)> {
    let mut parts = template.split("{}").peekable();
    let mut rest = text.strip_prefix(parts.next()?)?;
    let (mut told, begins) = (Vec::new(), text.len() - rest.len() > CUT_BEGINS);
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let found = if last { rest.strip_suffix(part).map(|value| (value, "")) } else { rest.split_once(part) };
        // What is told of a cause is never all of it: it begins in words of its own.
        let cut = begins && text.len() + CUT_BEFORE >= CAUSE_CHARS;
        let Some((value, after)) = found else {
            told.push(rest);
            return cut.then_some((told, true));
        };
        told.push(value);
        rest = after;
    }
    rest.is_empty().then_some((told, false))
}
