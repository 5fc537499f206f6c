//! The pages docs/guide/codes.md and docs/guide/codes/*.md: what each code means and what to do, in French, drawn from the table of codes and held
//! against it. `TABELLION_WRITE_GUIDE=1` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use super::{Code, GROUPS, Weight, all_codes};

/// Of each group, by the name of its page: its title, and the page of the guide that tells the rest.
const TITLES: [(&str, &str, &str); 10] = [
    ("depots", "Le dépôt, ses fichiers, le XML et la description", "../actes.md"),
    ("archives", "Les archives (tar, zip, gzip)", "../actes.md"),
    ("antivirus", "L'antivirus", "../antivirus.md"),
    ("formats", "Les formats des fichiers", "../formats.md"),
    ("actes", "Les actes (ACTES)", "../actes.md"),
    ("pes", "Les flux comptables (PES)", "../pes.md"),
    ("signatures", "Les signatures", "../signatures.md"),
    ("manifestes", "Les manifestes : demandes en ligne, dossiers, marchés, publications", "../dossiers.md"),
    ("marches", "Les données essentielles de la commande publique (DECP)", "../marches.md"),
    ("seda", "Les transferts SEDA", "../seda.md"),
];

/// Said under each title.
const HOW: &str = "Un **refus** empêche le dépôt. Un **avertissement** signale une bizarrerie : le dépôt est conservé tel quel. Une **information** ne change rien. \
Dans une phrase, « … » tient la place de ce dont il s'agit.\n\n\
Cette page est tirée de la table des codes ; un test la compare à elle.\n";

fn weight(code: &Code) -> &'static str {
    match code.weight {
        Weight::Info => "information",
        Weight::Warning => "avertissement",
        Weight::Refusal => "refus",
        Weight::Unreadable => "refus (illisible)",
    }
}

/// A sentence in a cell: what it is about left open, no character of the table or of HTML.
fn cell(sentence: &str) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('…');
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    text.push_str(rest);
    text.replace("….", "…").replace('|', "\\|").replace('<', "\\<").replace('*', "\\*").replace('_', "\\_")
}

fn page((name, title, guide): (&str, &str, &str)) -> String {
    let codes = GROUPS.iter().find(|(group, _)| *group == name).map(|(_, codes)| *codes).unwrap_or_default();
    let mut page = format!(
        "# Codes : {title}\n\n{HOW}\nLe guide : [{guide}]({guide}). Tous les codes : [../codes.md](../codes.md).\n\n"
    );
    page.push_str("| code | poids | ce que cela veut dire | que faire |\n|---|---|---|---|\n");
    for code in codes {
        let (said, remedy) = (cell(code.fr), cell(code.remedy_fr));
        writeln!(page, "| `{}` | {} | {said} | {remedy} |", code.name, weight(code)).unwrap();
    }
    page
}

/// Every code, in alphabetical order, with the page that tells it.
fn index() -> String {
    let mut page = format!("# Tous les codes\n\n{HOW}\n");
    for (name, title, _) in TITLES {
        writeln!(page, "- [{title}](codes/{name}.md)").unwrap();
    }
    page.push_str("\n| code | poids | page |\n|---|---|---|\n");
    let sorted: BTreeMap<&str, (&Code, &str)> =
        GROUPS.iter().flat_map(|(group, codes)| codes.iter().map(|code| (code.name, (*code, *group)))).collect();
    for (name, (code, group)) in sorted {
        writeln!(page, "| `{name}` | {} | [{group}](codes/{group}.md) |", weight(code)).unwrap();
    }
    page
}

/// Every page by its path from docs/guide.
fn pages() -> BTreeMap<String, String> {
    let of_groups = TITLES.map(|group| (format!("codes/{}.md", group.0), page(group)));
    of_groups.into_iter().chain([("codes.md".to_owned(), index())]).collect()
}

fn guide() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide"))
}

#[test]
fn the_guide_says_of_every_code_what_it_means_and_what_to_do() {
    if std::env::var_os("TABELLION_WRITE_GUIDE").is_some() {
        fs::create_dir_all(guide().join("codes")).unwrap();
        pages().iter().for_each(|(path, text)| fs::write(guide().join(path), text).unwrap());
    }
    for (path, text) in pages() {
        let there = fs::read_to_string(guide().join(&path)).unwrap_or_default();
        let stale = text.lines().zip(there.lines().chain(std::iter::repeat(""))).find(|(ours, theirs)| ours != theirs);
        assert!(
            there == text,
            "docs/guide/{path} is stale: {stale:?}; TABELLION_WRITE_GUIDE=1 with this test writes it anew"
        );
    }
}

#[test]
fn every_code_has_its_row_on_one_page_and_no_other_page_is_there() {
    let titled: BTreeSet<&str> = TITLES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(titled, GROUPS.iter().map(|(name, _)| *name).collect());
    let there = fs::read_dir(guide().join("codes")).unwrap().map(|entry| entry.unwrap().file_name());
    let there: BTreeSet<String> = there.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(there, titled.iter().map(|name| format!("{name}.md")).collect());
    let mut rows: Vec<String> = Vec::new();
    for name in &there {
        let page = fs::read_to_string(guide().join("codes").join(name)).unwrap();
        let codes =
            page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(code, _)| code.to_owned()));
        rows.extend(codes);
    }
    rows.sort();
    let mut expected: Vec<&str> = all_codes().map(|code| code.name).collect();
    expected.sort_unstable();
    assert_eq!(rows, expected);
}

#[test]
fn every_page_of_the_guide_that_tells_of_a_group_leads_to_its_codes() {
    for (name, _, page) in TITLES {
        let page = page.trim_start_matches("../");
        let text = fs::read_to_string(guide().join(page)).unwrap();
        let link = format!("(codes/{name}.md)");
        assert!(text.contains(&link), "docs/guide/{page} has no link {link}");
    }
}

#[test]
fn a_sentence_in_a_cell_breaks_neither_the_table_nor_the_page() {
    assert_eq!(cell("« {0} » est <a|b>, {1} ; a_b, {2}."), "« … » est \\<a\\|b>, … ; a\\_b, …");
}
