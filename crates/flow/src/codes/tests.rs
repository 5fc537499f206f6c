use std::collections::BTreeSet;

use super::*;

fn placeholders(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|s| s.split_once('}').map(|(i, _)| i)).collect()
}

#[test]
fn every_code_has_two_sentences_and_two_remedies_with_the_same_placeholders() {
    let mut names = BTreeSet::new();
    for code in all_codes() {
        assert!(names.insert(code.name), "{} twice", code.name);
        assert!(code.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", code.name);
        for text in [code.fr, code.en, code.remedy_fr, code.remedy_en] {
            assert!(text.len() > 10 && text.ends_with('.'), "{}: {text:?}", code.name);
        }
        assert_ne!(code.fr, code.en, "{}", code.name);
        assert_ne!(code.remedy_fr, code.remedy_en, "{}", code.name);
        assert_eq!(placeholders(code.fr), placeholders(code.en), "{}", code.name);
        for (index, name) in placeholders(code.fr).iter().enumerate() {
            assert_eq!(*name, index.to_string(), "{}", code.name);
        }
    }
    assert!(names.len() > 50);
}

#[test]
fn the_documentation_has_a_row_for_every_code_and_no_other() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/flow.md")).unwrap();
    let rows: BTreeSet<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once("` | "))
        .filter_map(|(name, rest)| rest.split_once(" |").map(|(weight, _)| (name, weight)))
        .filter(|(_, weight)| ["info", "warning", "refusal", "unreadable"].contains(weight))
        .collect();
    let expected: BTreeSet<(&str, &str)> = all_codes()
        .map(|c| (c.name, if c.weight == Weight::Unreadable { "unreadable" } else { c.severity().as_str() }))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn an_argument_is_never_searched_for_placeholders_and_never_shows_control_characters() {
    let fault = Fault::new(&ACTES_NATURE_DIFFERS, "x").with("{1}\u{202e}\n").with("CC");
    assert_eq!(fault.fill(fault.code.en, Language::En), "The name says {1}\u{FFFD}\u{FFFD}, CodeNatureActe says CC.");
    assert_eq!(shown(&"a".repeat(201)).chars().count(), 201);
    assert!(shown(&"a".repeat(201)).ends_with('…'));
    assert_eq!(shown(&"a".repeat(200)), "a".repeat(200));
}

#[test]
fn findings_are_bounded_in_all_and_a_refusal_is_never_dropped() {
    let mut faults = Faults::default();
    let warnings = all_codes().filter(|c| c.severity() == Severity::Warning && c.name != FINDINGS_TRUNCATED.name);
    for code in warnings {
        (0..MAX_LISTED + 1).for_each(|_| faults.push(Fault::new(code, "x")));
    }
    assert_eq!(faults.list.len(), MAX_FINDINGS);
    faults.push(Fault::new(&XML_DOCTYPE, "x"));
    assert!(faults.any(|c| c.name == "xml-doctype"));
    let mut all = Faults::default();
    all.append(&faults);
    let listed = all.into_findings();
    assert_eq!(listed.iter().filter(|f| f.code != "findings-truncated").count(), MAX_FINDINGS + 1);
    assert!(listed.iter().any(|f| f.code == "findings-truncated" && f.message_en.starts_with("1 more")));
}
