//! The grammar of ACTES file names.
//!
//! Archive `<tri>-EACT--<SIREN>--<YYYYMMDD>-<n>.tar.gz` (or `.zip`); envelope `EACT--…xml`, `TACT` on the test platform, `ANO_` before an
//! anomaly; message and its files `[<code>-]<dept>-<SIREN>-<YYYYMMDD>-<NUMERO>-<NATURE>-<T>-<F>[_<k>].<ext>`.

mod parts;

use super::kinds;
use crate::day::is_day;
use crate::names::last_component;

pub use self::parts::meant_act;
pub(crate) use self::parts::{Parts, loosely, parts};

/// The name of an envelope or of its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnvelopeName {
    /// `EACT--…-<n>`, without `ANO_`, trigram and extension: what ties an archive, its envelope and its anomaly.
    pub(crate) stem: String,
    pub(crate) anomaly: bool,
    pub(crate) archive: bool,
    /// It is written otherwise than the rule has it: in lower case, or an envelope with something before it.
    pub(crate) unusual: bool,
}

/// The envelope of that reference is of the platform on which tests are made.
pub(crate) fn is_test(stem: &str) -> bool {
    stem.starts_with("TACT")
}

/// The name of a file, whatever else is in it, says that platform: of an archive or an envelope that is enough to doubt what it holds.
pub(crate) fn says_test(file: &str) -> bool {
    let name = last_component(file).to_ascii_uppercase();
    let begins = |at: usize| !name[..at].ends_with(|c: char| c.is_alphanumeric());
    name.match_indices("TACT--").any(|(at, _)| begins(at))
}

/// The name of a message or of one of its files. Any part but the type may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageName {
    pub(crate) department: String,
    pub(crate) siren: String,
    /// As in the name: YYYYMMDD.
    pub(crate) date: String,
    pub(crate) number: String,
    pub(crate) nature: String,
    /// `1-1`.
    pub(crate) message: String,
    pub(crate) rank: Option<u32>,
    pub(crate) is_xml: bool,
    /// The type of document put before the name, `99_DE`.
    pub(crate) code: Option<String>,
    /// Its letters are in lower case, where the rule has capitals.
    pub(crate) unusual: bool,
}

impl MessageName {
    /// The identifier of the act, when no part is empty.
    pub(crate) fn act_id(&self) -> Option<String> {
        act_id(&self.department, &self.siren, &self.date, &self.number, &self.nature)
    }

    /// The date as in messages, YYYY-MM-DD.
    pub(crate) fn iso_date(&self) -> Option<String> {
        let (d, all) = (&self.date, self.date.bytes().all(|b| b.is_ascii_digit()));
        (d.len() == 8 && all).then(|| format!("{}-{}-{}", &d[..4], &d[4..6], &d[6..]))
    }
}

/// `034-243400017-20190523-86351-CC`, when no part is empty.
pub(crate) fn act_id(department: &str, siren: &str, date: &str, number: &str, nature: &str) -> Option<String> {
    let parts = [department, siren, date, number, nature];
    parts.iter().all(|p| !p.is_empty()).then(|| parts.join("-"))
}

/// The parts of an IDActe: department, SIREN, date, number, nature.
pub(crate) fn split_act_id(id: &str) -> Option<[&str; 5]> {
    let parts: Vec<&str> = id.split('-').collect();
    let five: [&str; 5] = parts.try_into().ok()?;
    let [department, siren, date, number, nature] = five;
    let shaped = department.len() == 3
        && is_digits(siren, 9)
        && is_digits(date, 8)
        && is_usual_number(number)
        && nature.len() == 2
        && nature.bytes().all(|b| b.is_ascii_uppercase());
    shaped.then_some(five)
}

/// It is the identifier of an act: of that shape, with letters or digits for the department, a day of the calendar and one of the six natures.
pub(crate) fn is_act_id(id: &str) -> bool {
    let Some([department, _, date, _, nature]) = split_act_id(id) else { return false };
    department.bytes().all(|b| b.is_ascii_alphanumeric()) && with_dashes(date).is_some() && kinds::is_nature(nature)
}

/// A day of the calendar as messages write it, of eight digits as names do.
pub(crate) fn with_dashes(date: &str) -> Option<String> {
    let day = is_digits(date, 8).then(|| format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]))?;
    is_day(&day).then_some(day)
}

/// At most fifteen letters, digits or `_`.
pub(crate) fn is_usual_number(number: &str) -> bool {
    (1..=15).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub(crate) fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
}

/// The name without this end, whatever the case of it.
fn without<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let at = name.len().checked_sub(end.len()).filter(|at| name.is_char_boundary(*at))?;
    name[at..].eq_ignore_ascii_case(end).then_some(&name[..at])
}

/// Ends of names of archives of an envelope, that of the rule first.
const ARCHIVES: [&str; 6] = [".tar.gz", ".zip", ".tgz", ".tar", ".tar.bz2", ".tbz2"];

/// The name of an XML document without that of the packing which it lies in, alone.
pub(crate) fn unpacked(name: &str) -> &str {
    let xml = |name: &&str| without(name, ".xml").is_some();
    without(name, ".gz").or_else(|| without(name, ".bz2")).filter(xml).unwrap_or(name)
}

/// True for the name of a message or of an envelope that is packed, alone.
pub(crate) fn is_packed_flow(name: &str) -> bool {
    let named = || envelope(name).is_some() || self::message(name).is_some_and(|message| message.is_xml);
    unpacked(name) != name && named()
}

/// The envelope or archive of that file name.
pub(crate) fn envelope(name: &str) -> Option<EnvelopeName> {
    let name = unpacked(last_component(name));
    let (whole, archive) = match ARCHIVES.iter().find_map(|end| without(name, end)) {
        Some(rest) => (rest, true),
        None => (without(name, ".xml")?, false),
    };
    let after =
        |text: &'_ str, mark: &str| text.get(..mark.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mark));
    let anomaly = after(whole, "ANO_");
    let mut rest = if anomaly { &whole[4..] } else { whole };
    // The trigram of whoever sends; before an envelope that comes loose it is not the rule, and does not mislead.
    let before = rest.split_once('-').filter(|(first, _)| (2..=4).contains(&first.chars().count()));
    let trigram = before.filter(|(first, _)| !after(first, "EACT") && !after(first, "TACT"));
    rest = trigram.map_or(rest, |(_, rest)| rest);
    if !(after(rest, "EACT--") || after(rest, "TACT--")) {
        return None;
    }
    let (platform, tail) = (rest[..4].to_ascii_uppercase(), &rest[6..]);
    let parts: Vec<&str> = tail.split('-').collect();
    let [.., date, n] = parts[..] else { return None };
    let shaped = is_digits(date, 8) && (1..=9).contains(&n.len()) && is_digits(n, n.len());
    let has_siren = parts.iter().any(|p| is_digits(p, 9));
    let unusual =
        !rest.starts_with(&platform) || (anomaly && !whole.starts_with("ANO_")) || (trigram.is_some() && !archive);
    let stem = format!("{platform}--{}", tail.to_ascii_uppercase());
    (shaped && has_siren && parts.len() == 4).then_some(EnvelopeName { stem, anomaly, archive, unusual })
}

/// The message, or file of a message, of that file name.
pub(crate) fn message(name: &str) -> Option<MessageName> {
    let (stem, extension) = unpacked(last_component(name)).rsplit_once('.')?;
    let mut parts: Vec<&str> = stem.split('-').collect();
    let code = parts.first().filter(|p| is_code(p)).map(|p| (*p).to_owned());
    if code.is_some() {
        parts.remove(0);
    }
    // A number may not hold a dash; when it does, it is what is in the middle.
    let [department, siren, date, ref number @ .., nature, transmission, flow] = parts[..] else {
        return None;
    };
    let (flow, rank) = match flow.split_once('_') {
        Some((flow, rank)) => (flow, Some(rank.parse().ok()?)),
        None => (flow, None),
    };
    let plain = department.len() == 3 && (siren.is_empty() || is_digits(siren, 9));
    let dated = date.is_empty() || is_digits(date, 8);
    if !plain || !dated || number.is_empty() || !is_digits(transmission, 1) || !is_digits(flow, 1) || nature.len() > 2 {
        return None;
    }
    let capitals = |part: &str| part.to_ascii_uppercase();
    Some(MessageName {
        unusual: [department, nature].iter().any(|part| capitals(part) != **part),
        department: capitals(department),
        siren: siren.to_owned(),
        date: date.to_owned(),
        number: number.join("-"),
        nature: capitals(nature),
        message: format!("{transmission}-{flow}"),
        rank,
        is_xml: extension.eq_ignore_ascii_case("xml"),
        code,
    })
}

/// `99_DE`: two letters or digits, `_`, two letters.
fn is_code(part: &str) -> bool {
    let b = part.as_bytes();
    b.len() == 5
        && b[..2].iter().all(u8::is_ascii_alphanumeric)
        && b[2] == b'_'
        && b[3..].iter().all(u8::is_ascii_uppercase)
}

/// The name without its document code: two names that differ only by it are the same file to most software.
pub(crate) fn without_code(name: &str) -> &str {
    match name.split_once('-') {
        Some((code, rest)) if is_code(code) => rest,
        _ => name,
    }
}

/// True for a name that can only be that of a message, not of a file it brings along.
pub(crate) fn must_be_a_message(name: &MessageName) -> bool {
    name.is_xml && name.code.is_none() && name.rank.is_none_or(|k| k == 0)
}

#[cfg(test)]
mod tests;
