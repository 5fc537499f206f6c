//! Words that stand nowhere in the repository, and work that is said to be done and is not.

use std::fs;
use std::path::Path;

use crate::rust;
use crate::tree;

/// Claims we may not make (each would be a false one), and what does not speak of the product. Cut in two, so that this file
/// does not hold them.
const NEVER: [(&str, &str); 10] = [
    ("certifié n", "f 461"),
    ("certifie n", "f 461"),
    ("agréé s", "iaf"),
    ("agree s", "iaf"),
    ("qualified arch", "iving"),
    ("qualified led", "ger"),
    ("/wor", "k/"),
    ("/tmp/pl", "an"),
    ("crates.io/api", "/"),
    ("index.cra", "tes.io"),
];

/// Made by cargo from the registry it was told to use.
const NOT_OURS: &str = "Cargo.lock";

fn words_in(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    // A line break or a quote in the middle does not make a claim another one.
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '«', '»', '"'], "");
    NEVER.iter().map(|(head, tail)| format!("{head}{tail}")).filter(|word| flat.contains(word)).collect()
}

/// Work left open: macros and attributes in code, marks anywhere.
fn unfinished(source: &str) -> Vec<&'static str> {
    let code = rust::blanked(source);
    let in_code = ["todo!", "unimplemented!", "#[ignore"].into_iter().filter(|mark| code.contains(mark));
    let marks = [concat!("FIX", "ME"), concat!("TO", "DO:"), concat!("XX", "X:")];
    in_code.chain(marks.into_iter().filter(|mark| source.contains(mark))).collect()
}

fn text_of(path: &Path) -> Option<String> {
    // Golden files are bytes; what is not text makes no claim.
    fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

#[test]
fn no_word_we_may_not_use() {
    let mut faults = Vec::new();
    for path in tree::files(&tree::root()).iter().filter(|path| !path.ends_with(NOT_OURS)) {
        let found = text_of(path).map(|text| words_in(&text)).unwrap_or_default();
        faults.extend(found.into_iter().map(|word| format!("{}: {word}", tree::shown(path))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_claim_is_found_across_case_quotes_and_lines() {
    let claim = format!("Tabellion est «{}{}» depuis", "CERTIFIÉ N", "F\n461");
    assert_eq!(words_in(&claim).len(), 1);
    assert_eq!(words_in("conçu pour NF Z42-013 et NF 461"), Vec::<String>::new());
}

#[test]
fn nothing_is_left_unfinished_or_skipped() {
    let root = tree::root();
    let mut faults = Vec::new();
    for folder in ["crates", "tests"] {
        for path in tree::with_extension(&root.join(folder), "rs") {
            let found = text_of(&path).map(|text| unfinished(&text)).unwrap_or_default();
            faults.extend(found.into_iter().map(|mark| format!("{}: {mark}", tree::shown(&path))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn unfinished_work_is_found_in_code_and_not_in_words() {
    assert_eq!(unfinished("fn f() { todo!(\"later\") }").len(), 1);
    assert_eq!(unfinished("#[ignore = \"slow\"]\n#[test]\nfn f() {}").len(), 1);
    assert_eq!(unfinished(concat!("// FIX", "ME one day")).len(), 1);
    assert_eq!(unfinished("let s = \"todo! #[ignore]\"; // todo! unimplemented!").len(), 0);
}
