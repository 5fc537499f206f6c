//! The identifier of an act that is none, read as far as it goes: whole, where that can be done in one way, else part by part.

use unicode_normalization::UnicodeNormalization;

use super::{act_id, is_act_id, is_digits, message, split_act_id, with_dashes};
use crate::actes::kinds;
use crate::names::is_treacherous;

/// Bytes of an identifier that are read so; one has less than fifty.
const MOST_BYTES: usize = 512;

/// What can be read of one, in one way of reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) department: Option<String>,
    pub(crate) siren: Option<String>,
    /// A day of the calendar, YYYYMMDD.
    pub(crate) date: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) nature: Option<&'static str>,
    /// Something may be missing at the end of the number.
    pub(crate) is_cut: bool,
}

/// An IDActe that is none, read as the one it was meant for: other separators, blanks or none, invisible characters, letters in lower case, a
/// department of two digits or four, a date with dashes, a SIRET for a SIREN, a nature by its number, or the name of a message in its place. Nothing
/// of what is one, or cannot be made one.
pub(crate) fn loosely(id: &str) -> Option<String> {
    if is_act_id(id) || id.len() > MOST_BYTES {
        return None;
    }
    let dash = |c: char| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c };
    let plain: String = id.chars().filter(|c| !c.is_whitespace()).map(dash).collect();
    let named = || message(&plain).or_else(|| message(&format!("{plain}.xml")))?.act_id();
    let whole = || parts(id).iter().find_map(Parts::whole);
    let one = |read: &String| is_act_id(read);
    put_right(&plain).filter(one).or_else(|| named().filter(one)).or_else(whole)
}

/// The identifier that these parts were meant for.
fn put_right(plain: &str) -> Option<String> {
    let parts: Vec<&str> = plain.split('-').collect();
    let [department, siren, rest @ .., nature] = &parts[..] else { return None };
    let (date, number) = match rest {
        [date, number @ ..] if is_digits(date, 8) => ((*date).to_owned(), number),
        [y, m, d, number @ ..] if is_digits(y, 4) && is_digits(m, 2) && is_digits(d, 2) => {
            (format!("{y}{m}{d}"), number)
        }
        _ => return None,
    };
    let siren = if is_digits(siren, 14) { &siren[..9] } else { siren };
    act_id(&three(department)?, siren, &date, &number.join("_"), &nature.to_ascii_uppercase())
}

/// The identifier of an act that somebody wrote by hand: as it is, or put right; none where no act can have it.
pub fn meant_act(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if split_act_id(&plain).is_some() {
        return Some(plain);
    }
    // A number that is none of the usual is shown as the name of the message has it.
    let unusual = |id: &String| {
        let parts: Vec<&str> = id.split('-').collect();
        let [department, siren, _, .., nature] = parts[..] else { return false };
        let letters = nature.len() == 2 && nature.bytes().all(|b| b.is_ascii_alphabetic());
        department.len() == 3 && is_digits(siren, 9) && letters && parts.iter().all(|part| !part.is_empty())
    };
    loosely(text).or_else(|| put_right(&plain).filter(unusual))
}

/// A department in three characters.
fn three(department: &str) -> Option<String> {
    let bare = department.trim_start_matches('0').to_ascii_uppercase();
    (1..=3).contains(&bare.len()).then(|| format!("{bare:0>3}"))
}

/// Each way in which it can be read, the more usual first; of what says nothing, none.
pub(crate) fn parts(id: &str) -> Vec<Parts> {
    let mut all: Vec<Parts> = Vec::new();
    if id.len() > MOST_BYTES {
        return all;
    }
    for blanks_separate in [false, true] {
        for read in of_words(&words(id, blanks_separate)) {
            if read != Parts::default() && !all.contains(&read) {
                all.push(read);
            }
        }
    }
    all
}

/// Runs of letters and digits; what cannot be seen is not there, and blanks separate them or do not.
fn words(id: &str, blanks_separate: bool) -> Vec<String> {
    let unseen = |c: &char| {
        let joins = matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}');
        (joins || is_treacherous(*c)) && !c.is_whitespace()
    };
    let dropped = |c: &char| unseen(c) || (c.is_whitespace() && !blanks_separate);
    let plain: String = id.nfkc().filter(|c| !dropped(c)).collect();
    let all: Vec<&str> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match &all[..] {
        [one] => run(one).unwrap_or_else(|| vec![(*one).to_owned()]),
        _ => all.into_iter().map(str::to_owned).collect(),
    }
}

/// The parts of an identifier that is written without any separator.
fn run(word: &str) -> Option<Vec<String>> {
    let of = |department: usize| {
        let (first, rest) = word.split_at_checked(department)?;
        let (siren, rest) = rest.split_at_checked(9)?;
        let (date, rest) = rest.split_at_checked(8)?;
        let (number, nature) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
        let shaped = is_digits(siren, 9) && with_dashes(date).is_some() && !number.is_empty();
        shaped.then(|| [first, siren, date, number, nature].map(str::to_owned).to_vec())
    };
    of(3).or_else(|| of(2))
}

/// By what each word can be: nine digits are a SIREN, and a day of the calendar follows it; what follows that is the number, then the nature.
fn of_words(words: &[String]) -> Vec<Parts> {
    let mut read = Parts::default();
    let siren = words.iter().position(|word| is_digits(word, 9) || is_digits(word, 14));
    let rest = match siren {
        Some(at) => {
            read.siren = words[at].get(..9).map(str::to_owned);
            read.department = at.checked_sub(1).and_then(|before| three(&words[before]));
            &words[at + 1..]
        }
        None => match words.iter().position(|word| with_dashes(word).is_some()) {
            Some(at) => &words[at..],
            None => words,
        },
    };
    let rest = match rest {
        [date, rest @ ..] if is_digits(date, 8) => {
            // A day that is none is not the number either.
            read.date = with_dashes(date).is_some().then(|| date.clone());
            rest
        }
        [y, m, d, rest @ ..] if is_digits(y, 4) && is_digits(m, 2) && is_digits(d, 2) => {
            read.date = Some(format!("{y}{m}{d}")).filter(|date| with_dashes(date).is_some());
            rest
        }
        rest => rest,
    };
    // A word alone is no number.
    let told = |number: &String| read != Parts::default() || number.contains(|c: char| c.is_ascii_digit());
    let with = |number: &[String], nature, is_cut| {
        let number = Some(number.join("_")).filter(|number| !number.is_empty()).filter(told);
        Parts { number, nature, is_cut, ..read.clone() }
    };
    let spelt = |word: &String| kinds::natures().find(|nature| word.eq_ignore_ascii_case(nature));
    let named = rest.iter().enumerate().skip(1).find_map(|(at, word)| Some((at, spelt(word)?)));
    match (named, rest) {
        (Some((at, nature)), _) => vec![with(&rest[..at], Some(nature), false)],
        (None, [number @ .., last]) if !number.is_empty() => {
            vec![with(number, kinds::nature(last), false), with(rest, None, true)]
        }
        (None, _) => vec![with(rest, None, true)],
    }
}

impl Parts {
    /// The identifier, where each part of it can be read.
    pub(crate) fn whole(&self) -> Option<String> {
        let date = self.date.as_deref()?;
        let id =
            act_id(self.department.as_deref()?, self.siren.as_deref()?, date, self.number.as_deref()?, self.nature?)?;
        (!self.is_cut && is_act_id(&id)).then_some(id)
    }

    /// At least two of the parts that tell acts apart can be read.
    pub(crate) fn say_enough(&self) -> bool {
        [&self.siren, &self.date, &self.number].into_iter().flatten().count() >= 2
    }

    /// Two of its parts at least are those of an act with these, and none is another's.
    pub(crate) fn may_be(&self, [siren, number, date, nature]: [Option<&str>; 4]) -> bool {
        let digits = |date: &str| date.chars().filter(char::is_ascii_digit).collect::<String>();
        let date = date.map(digits);
        let differ = |one: Option<&str>, other: Option<&str>| matches!((one, other), (Some(a), Some(b)) if a != b);
        let (said, known) = (self.number.as_deref().map(bare), number.map(bare));
        let same_day = self.date.is_some() && self.date == date;
        let numbers = match (&said, &known) {
            // The beginning of a number tells enough beside the day.
            (Some(said), Some(known)) => {
                Some(said == known || (self.is_cut && same_day && known.starts_with(said.as_str())))
            }
            _ => None,
        };
        if differ(self.siren.as_deref(), siren)
            || differ(self.date.as_deref(), date.as_deref())
            || differ(self.nature, nature)
            || numbers == Some(false)
        {
            return false;
        }
        let same_siren = self.siren.is_some() && self.siren.as_deref() == siren;
        [same_siren, same_day, numbers == Some(true)].into_iter().filter(|same| *same).count() >= 2
    }
}

/// A number as far as two ways of writing it are the same: its letters and digits, in one case, without zeros before.
fn bare(number: &str) -> String {
    let plain: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.trim_start_matches('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACT: [Option<&str>; 4] = [Some("213499023"), Some("12"), Some("2026-01-10"), Some("DE")];

    #[test]
    fn what_an_identifier_says_in_odd_ways_is_read_whole() {
        let id = "034-213499023-20260110-CL_12-DE";
        for odd in [
            "034_213499023_20260110_CL_12_DE",
            "034 213499023 20260110 CL_12 DE",
            "034/213499023/20260110/CL_12/DE",
            "0034-213499023-20260110-CL_12-DE",
            "034-213499023-20260110-CL_12-1",
            "034-213499023-20260110-CL_12-D\u{200B}E",
            "\u{FEFF}034\u{2060}-213499023-20260110-CL_12-DE",
            "034 - 213 499 023 - 20260110 - CL_12 - DE",
            "０３４-213499023-20260110-CL_12-DE",
        ] {
            assert_eq!(loosely(odd).as_deref(), Some(id), "{odd}");
        }
        assert_eq!(loosely("0342134990232026011012DE").as_deref(), Some("034-213499023-20260110-12-DE"));
        // A day that is none, a nature that is none and what is cut are no identifier, and none is made of them.
        for odd in
            ["034-213499023-20260230-12-DE", "034-213499023-20260110-12-ZZ", "034-213499023-20260110-12", "12", ""]
        {
            assert_eq!((is_act_id(odd), loosely(odd)), (false, None), "{odd}");
        }
        assert_eq!(loosely(&format!("{id}{}", " ".repeat(MOST_BYTES))), None);
    }

    #[test]
    fn an_identifier_that_cannot_be_read_whole_may_be_of_an_act_by_two_of_its_parts() {
        let may_be = |odd: &str| parts(odd).iter().any(|parts| parts.may_be(ACT));
        for odd in [
            "034-213499023-20260230-12-DE",
            "034-213499023-20260110-12-ZZ",
            "034-213499023-20260110-12-D",
            "034-213499023-20260110-1",
            "034-213499023-20260110",
            "213499023-0012",
            "20260110-12-DE",
            "034-21349902-20260110-12-DE",
            "034-213499023-12-1",
        ] {
            assert!(may_be(odd) && parts(odd).iter().any(Parts::say_enough), "{odd}: {:?}", parts(odd));
        }
        for odd in [
            "",
            "faux",
            "034-213499023",
            "12",
            "DE",
            "034-213499024-20260110-12-ZZ",
            "034-213499023-20260111-12-ZZ",
            "034-213499023-20260110-13-ZZ",
            "034-213499023-20260230-12-CC",
            "034-213499023-20260230-1",
            "034-213499023-1",
        ] {
            assert!(!may_be(odd), "{odd}: {:?}", parts(odd));
        }
    }
}
