//! Sentences, what is put into them, and a sentence kept in French said in English.

use std::collections::BTreeMap;

use super::{all_codes, measure};
use crate::formats;
use crate::signed;

/// The sentence with its arguments; an argument is never searched for placeholders.
pub(super) fn fill<'a>(sentence: &str, arg: impl Fn(usize) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((index, tail)) = after.split_once('}') else {
            break;
        };
        text.push_str(index.parse().ok().and_then(&arg).unwrap_or("?"));
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// The English sentence of a finding of this code that was kept in French, as entries are; nothing where the sentence is not the one
/// this code has today.
pub fn in_english(name: &str, french: &str) -> Option<String> {
    let code = all_codes().find(|code| code.name == name)?;
    let args: Vec<String> = taken_apart(code.fr, french)?.into_iter().map(words_in_english).collect();
    Some(fill(code.en, |index| args.get(index).map(String::as_str)))
}

/// What stands where the template has its places, in the order of their numbers.
fn taken_apart<'t>(template: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let Some((first, mut template)) = template.split_once('{') else {
        return (template == text).then(Vec::new);
    };
    let mut text = text.strip_prefix(first)?;
    let mut found = BTreeMap::new();
    loop {
        let (index, tail) = template.split_once('}')?;
        let (literal, more) = tail.split_once('{').map_or((tail, None), |(literal, more)| (literal, Some(more)));
        let end = if more.is_some() { text.find(literal)? } else { text.strip_suffix(literal)?.len() };
        found.insert(index.parse::<usize>().ok()?, &text[..end]);
        match more {
            Some(more) => (text, template) = (&text[end + literal.len()..], more),
            None => break,
        }
    }
    (0..found.len()).map(|index| found.get(&index).copied()).collect()
}

/// Words of ours among the arguments, which have two languages; the words of others have one.
fn words_in_english(arg: &str) -> String {
    let tables = || {
        let own = signed::WORDS.iter().chain(&formats::WORDS).chain(&crate::read::WORDS);
        own.chain(&crate::container::WORDS)
            .chain(&crate::xml::WORDS)
            .chain(measure::words())
            .chain(&crate::decp::FORMS)
            .chain(&crate::seda::WORDS)
            .chain(&crate::antivirus::WORDS)
            .chain(&crate::pes::WORDS)
    };
    let whole = tables().find_map(|(fr, en)| Some(format!("{en}{}", arg.strip_prefix(fr)?)));
    whole.unwrap_or_else(|| {
        let part = |part: &str| {
            let known = tables().find_map(|(fr, en)| Some(format!("{en}{}", part.strip_prefix(fr)?)));
            known.unwrap_or_else(|| part.to_owned())
        };
        arg.split(", ").map(part).collect::<Vec<_>>().join(", ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{self, Fault};
    use crate::finding::Finding;

    #[test]
    fn what_every_code_says_in_french_is_found_again_in_english() {
        for code in all_codes() {
            let fault = (0..5).fold(Fault::new(code, "x"), |fault, n| fault.with(format!("n{n}")));
            let said = Finding::from(fault);
            assert_eq!(in_english(code.name, &said.message_fr).as_deref(), Some(said.message_en.as_str()));
        }
    }

    #[test]
    fn words_of_ours_among_the_arguments_change_language_too() {
        for fault in [
            Fault::new(&codes::SIGNATURE_BROKEN, "x").with_words(signed::reason("altered", "")),
            Fault::new(&codes::SIGNATURE_UNDECIDED, "x").with_words(signed::reason("unsupported", "ETSI.RFC3161")),
            Fault::new(&codes::SIGNATURE_WEAK, "x").with_words(signed::weak(&["digest sha1".to_owned()])),
            Fault::new(&codes::XML_LIMIT, "x").with_words(codes::Measure::Nodes.words()).with(7),
            Fault::new(&codes::UNREADABLE, "x").with_words(codes::system_cause(&std::io::Error::from_raw_os_error(2))),
            Fault::new(&codes::FORMAT_MISMATCH, "x")
                .with_words(["OpenDocument, texte, fmt/291", "OpenDocument, text, fmt/291"].map(str::to_owned))
                .with(".pdf"),
        ] {
            let said = Finding::from(fault);
            assert_ne!(said.message_fr, said.message_en);
            assert_eq!(in_english(said.code, &said.message_fr), Some(said.message_en));
        }
    }

    #[test]
    fn another_sentence_or_an_unknown_code_has_none() {
        assert_eq!(in_english("no-such-code", "Une phrase."), None);
        for other in ["", "Le fichier est vide", "Le fichier est vide. ", "Autre chose."] {
            assert_eq!(in_english("file-empty", other), None);
        }
        assert_eq!(in_english("unreadable", "Le fichier n'a pas pu être lu : x"), None);
    }
}
