//! Links between pages lead somewhere, and so does every page the code names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::tree;

/// Targets of `[text](target)`, code blocks apart.
fn targets(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(page) {
        let mut rest = line.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let end = rest.find([')', ' ']).unwrap_or(rest.len());
            found.push(rest[..end].trim_matches(['<', '>']).to_owned());
        }
    }
    found
}

/// The lines outside fenced blocks, with inline code removed.
fn prose(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push(line.split('`').step_by(2).collect::<String>());
        }
    }
    lines
}

/// The anchors of a page's headings, as forges make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut found = BTreeSet::new();
    for line in page.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let Some(title) = line.strip_prefix('#').filter(|_| !fenced) else {
            continue;
        };
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        found.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
    }
    found
}

/// What is wrong with a link of that page; nothing for one that leads out of the repository.
fn link_fault(page: &Path, text: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let place = if path.is_empty() { page.to_path_buf() } else { page.parent()?.join(path) };
    if !place.exists() {
        return Some(format!("{target} is not there"));
    }
    let anchor = anchor.filter(|_| place.extension().is_some_and(|known| known == "md"))?;
    let known = if path.is_empty() { anchors(text) } else { anchors(&fs::read_to_string(&place).unwrap_or_default()) };
    (!known.contains(anchor)).then(|| format!("{target} has no such heading"))
}

/// The pages a text names from the root, such as `docs/ARCHITECTURE.md`.
fn pages_named(text: &str) -> BTreeSet<String> {
    let head = concat!("doc", "s/");
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(head) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "/._-".contains(c)) {
            continue;
        }
        let is_path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let end = text[at..].find(|c| !is_path(c)).unwrap_or(text.len() - at);
        let name = text[at..at + end].trim_end_matches('.');
        if name.ends_with(".md") {
            found.insert(name.to_owned());
        }
    }
    found
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = tree::with_extension(&tree::root(), "md");
    assert!(pages.len() > 3, "only {} pages found", pages.len());
    let mut faults = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let found = targets(&text).into_iter().filter_map(|target| link_fault(&page, &text, &target));
        faults.extend(found.map(|fault| format!("{}: {fault}", tree::shown(&page))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pages_that_are_named_exist() {
    let root = tree::root();
    let mut faults = Vec::new();
    for path in ["rs", "md", "toml"].iter().flat_map(|extension| tree::with_extension(&root, extension)) {
        // The samples below name pages that must not exist.
        if path.ends_with(file!().rsplit('/').next().unwrap_or_default()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lost = pages_named(&text).into_iter().filter(|name| !root.join(name).exists());
        faults.extend(lost.map(|name| format!("{}: {name}", tree::shown(&path))));
    }
    assert!(faults.is_empty(), "named, not there:\n{}", faults.join("\n"));
}

#[test]
fn a_link_to_nowhere_and_a_heading_that_is_not_there_are_found() {
    let page = tree::root().join("README.md");
    let text = "# Un titre, ici\n```\n[x](no.md)\n```\n`[y](no.md)` [a](absent.md) [b](#un-titre-ici) [c](#autre) [d](https://example.org/no.md)";
    let found: Vec<_> = targets(text).iter().filter_map(|target| link_fault(&page, text, target)).collect();
    assert_eq!(found, ["absent.md is not there", "#autre has no such heading"]);
}

#[test]
fn a_page_named_in_a_comment_is_found() {
    let named = pages_named("//! See docs/absent.md, docs/formats/x.md. Not ../docs/y.md nor docs/folder/.");
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["docs/absent.md", "docs/formats/x.md"]);
}
