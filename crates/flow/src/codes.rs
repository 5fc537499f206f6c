//! The table of codes: each has a weight, a sentence and a remedy in French and in English.
//! `{0}`, `{1}`… in a sentence are replaced by what the finding is about.

use std::collections::BTreeMap;

/// Writes the statics of a group and the list of them.
macro_rules! codes {
    ($($ident:ident $name:literal $weight:ident { fr: $fr:literal, en: $en:literal, remedy_fr: $rfr:literal, remedy_en: $ren:literal $(,)? })*) => {
        use super::{Code, Weight};
        $(pub(crate) static $ident: Code = Code {
            name: $name, weight: Weight::$weight, fr: $fr, en: $en, remedy_fr: $rfr, remedy_en: $ren,
        };)*
        pub(super) static ALL: &[&Code] = &[$(&$ident),*];
    };
}

mod actes;
mod antivirus;
mod container;
mod decp;
mod document;
mod formats;
#[cfg(test)]
mod guide;
mod manifest;
mod measure;
mod pes;
mod seda;
mod sentence;
mod signatures;
#[cfg(test)]
mod tests;

pub(crate) use self::actes::*;
pub(crate) use self::antivirus::*;
pub(crate) use self::container::*;
pub(crate) use self::decp::*;
pub(crate) use self::document::*;
pub(crate) use self::formats::*;
pub(crate) use self::manifest::*;
pub(crate) use self::measure::Measure;
pub use self::measure::system_cause;
pub(crate) use self::pes::*;
pub(crate) use self::seda::*;
pub use self::sentence::in_english;
pub(crate) use self::signatures::*;
use crate::explain::Language;
use crate::finding::{Finding, Severity};
use crate::limits::{MAX_FINDINGS, MAX_LISTED};

/// What a code does to the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Info,
    Warning,
    Refusal,
    /// A refusal whose cause is that the bytes cannot be read at all.
    Unreadable,
}

impl Weight {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Weight::Info => Severity::Info,
            Weight::Warning => Severity::Warning,
            Weight::Refusal | Weight::Unreadable => Severity::Refusal,
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Code {
    /// Stable name.
    pub name: &'static str,
    pub(crate) weight: Weight,
    /// French sentence.
    pub fr: &'static str,
    /// English sentence.
    pub en: &'static str,
    /// French remedy.
    pub remedy_fr: &'static str,
    /// English remedy.
    pub remedy_en: &'static str,
}

impl Code {
    /// The severity of every finding with this code.
    pub fn severity(&self) -> Severity {
        self.weight.severity()
    }
}

/// Every group of codes, each with the name of its page in docs/guide/codes, in the order of the documentation.
const GROUPS: [(&str, &[&Code]); 10] = [
    ("depots", document::ALL),
    ("archives", container::ALL),
    ("antivirus", antivirus::ALL),
    ("formats", formats::ALL),
    ("actes", actes::ALL),
    ("pes", pes::ALL),
    ("signatures", signatures::ALL),
    ("manifestes", manifest::ALL),
    ("marches", decp::ALL),
    ("seda", seda::ALL),
];

/// All codes this crate can give, in the order of the documentation.
pub fn all_codes() -> impl Iterator<Item = &'static Code> {
    GROUPS.into_iter().flat_map(|(_, group)| group).copied()
}

/// True for the codes that make a deposit unreadable rather than refused.
pub(crate) fn is_unreadable(name: &str) -> bool {
    all_codes().any(|c| c.name == name && c.weight == Weight::Unreadable)
}

/// True for what is said of the names and sizes of the files handed in, before any is opened.
pub(crate) fn is_about_names(code: &Code) -> bool {
    [&FILE_NAME_UNUSUAL, &FILE_NAME_TWICE, &FILE_EMPTY].iter().any(|known| known.name == code.name)
}

/// A finding before its sentences are written: small enough to travel in a `Result`.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static Code,
    pub(crate) place: String,
    /// Each in French and in English.
    args: Vec<[String; 2]>,
}

impl Fault {
    pub(crate) fn new(code: &'static Code, place: impl Into<String>) -> Fault {
        Fault { code, place: place.into(), args: Vec::new() }
    }

    pub(crate) fn with(mut self, value: impl std::fmt::Display) -> Fault {
        let value = shown(&value.to_string());
        self.args.push([value.clone(), value]);
        self
    }

    /// What is said otherwise in each language, French first.
    pub(crate) fn with_words(mut self, words: [String; 2]) -> Fault {
        self.args.push(words.map(|words| shown(&words)));
        self
    }

    pub(crate) fn at(mut self, place: impl Into<String>) -> Fault {
        self.place = place.into();
        self
    }

    /// The sentence with its arguments in this language.
    pub(crate) fn fill(&self, sentence: &str, language: Language) -> String {
        sentence::fill(sentence, |index| {
            let [fr, en] = self.args.get(index)?;
            Some(if language == Language::Fr { fr } else { en })
        })
    }
}

/// Faults in order, at most [`MAX_LISTED`] of one code and [`MAX_FINDINGS`] in all; the others are counted. The first refusal of
/// each code is always listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    /// For each code, how many are listed and how many are not.
    count: BTreeMap<&'static str, (usize, usize)>,
}

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        let (listed, unlisted) = self.count.entry(fault.code.name).or_default();
        let room = self.list.len() < MAX_FINDINGS || fault.code.severity() == Severity::Refusal;
        if *listed < MAX_LISTED && room {
            *listed += 1;
            self.list.push(fault);
        } else {
            *unlisted += 1;
        }
    }

    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        faults.into_iter().for_each(|f| self.push(f));
    }

    /// Takes in other faults, those only counted included.
    pub(crate) fn append(&mut self, other: &Faults) {
        self.extend(other.list.iter().cloned());
        for (name, (_, unlisted)) in &other.count {
            self.count.entry(name).or_default().1 += unlisted;
        }
    }

    /// Those listed whose code passes.
    pub(crate) fn only(&self, test: fn(&Code) -> bool) -> Faults {
        let mut kept = Faults::default();
        kept.extend(self.list.iter().filter(|fault| test(fault.code)).cloned());
        kept
    }

    pub(crate) fn any(&self, test: impl Fn(&Code) -> bool) -> bool {
        self.list.iter().any(|f| test(f.code))
    }

    /// The findings, with one more for each code that has faults not listed.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.list.into_iter().map(Finding::from).collect();
        for (name, (_, unlisted)) in self.count.into_iter().filter(|(_, (_, unlisted))| *unlisted > 0) {
            findings.push(Fault::new(&FINDINGS_TRUNCATED, name).with(unlisted).with(name).into());
        }
        findings
    }
}

/// Longest value shown in a sentence, in characters.
const SHOWN_CHARS: usize = 200;

/// A value fit for a sentence: no control or bidi character, bounded.
pub(crate) fn shown(value: &str) -> String {
    let clean = |c: char| {
        if crate::names::is_treacherous(c) { '\u{FFFD}' } else { c }
    };
    let mut text: String = value.chars().take(SHOWN_CHARS).map(clean).collect();
    if value.chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    text
}
