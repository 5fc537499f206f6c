//! Reading XML within bounds: a first pass counts before anything is allocated, then the document is built.
//! Not here: DTDs (refused), entities other than the five and character references, inclusion, any network.

mod aside;
mod causes;
mod scan;
pub(crate) mod stream;
mod strict;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use roxmltree::{Document, Node, ParsingOptions};

pub(crate) use self::aside::Aside;
pub(crate) use self::causes::{Cause, WORDS};
pub(crate) use self::scan::allowed;

use crate::codes::{self, Fault, Measure};
use crate::limits::Limits;

/// Hands the document to `with`: well formed, within limits, without DOCTYPE, no identifier twice, no value cut by a comment.
///
/// # Errors
/// `xml-doctype`, `xml-limit`, `xml-malformed`, `xml-duplicate-id`, `xml-split-text`.
pub(crate) fn parse<T>(
    text: &str,
    place: &str,
    limits: &Limits,
    with: impl FnOnce(&Document<'_>) -> T,
) -> Result<T, Fault> {
    read(text, place, limits, false, |document, _| with(document))
}

/// The same, with the documents that a PES carries taken aside: their text is in the second argument, not in the tree.
///
/// # Errors
/// As for [`parse`].
pub(crate) fn parse_aside<T>(
    text: &str,
    place: &str,
    limits: &Limits,
    with: impl FnOnce(&Document<'_>, &Aside<'_>) -> T,
) -> Result<T, Fault> {
    read(text, place, limits, true, with)
}

fn read<T>(
    text: &str,
    place: &str,
    limits: &Limits,
    aside: bool,
    with: impl FnOnce(&Document<'_>, &Aside<'_>) -> T,
) -> Result<T, Fault> {
    if text.starts_with('\u{FEFF}') {
        return Err(Cause::Character.fault(place, &"U+FEFF U+FEFF").with(1));
    }
    let runs = scan::within_limits(text, place, limits, aside)?;
    let (left, aside) = Aside::of(text, &runs);
    let options = || ParsingOptions { allow_dtd: false, nodes_limit: limits.xml_nodes, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&left, options()).map_err(|error| match error {
        roxmltree::Error::DtdDetected => Fault::new(&codes::XML_DOCTYPE, place),
        roxmltree::Error::NodesLimitReached => limit(place, Measure::Nodes, limits.xml_nodes),
        // Line and column are those of the whole text.
        other if !runs.is_empty() => {
            Cause::parsed(place, &Document::parse_with_options(text, options()).err().unwrap_or(other))
        }
        other => Cause::parsed(place, &other),
    })?;
    unambiguous(&document, place)?;
    Ok(with(&document, &aside))
}

pub(crate) fn limit(place: &str, what: Measure, most: impl std::fmt::Display) -> Fault {
    Fault::new(&codes::XML_LIMIT, place).with_words(what.words()).with(most)
}

/// No identifier twice, no text of a leaf in two runs.
fn unambiguous(document: &Document<'_>, place: &str) -> Result<(), Fault> {
    let mut ids = HashSet::new();
    for node in document.descendants().filter(Node::is_element) {
        for attribute in node.attributes() {
            let id = match attribute.namespace() {
                None => matches!(attribute.name(), "Id" | "ID"),
                Some(uri) => uri == "http://www.w3.org/XML/1998/namespace" && attribute.name() == "id",
            };
            // An empty one is none that anything could refer to.
            if id && !attribute.value().is_empty() && !ids.insert(attribute.value()) {
                let fault = Fault::new(&codes::XML_DUPLICATE_ID, within(place, &path(node)));
                return Err(fault.with(attribute.value()));
            }
        }
        let texts = node.children().filter(|c| c.is_text() && !blank(*c)).count();
        if texts > 1 && !node.children().any(|c| c.is_element()) {
            let fault = Fault::new(&codes::XML_SPLIT_TEXT, within(place, &path(node)));
            return Err(fault.with(node.tag_name().name()));
        }
    }
    Ok(())
}

fn blank(node: Node<'_, '_>) -> bool {
    node.text().is_none_or(|t| t.trim().is_empty())
}

/// The file and the place in it.
pub(crate) fn within(file: &str, inside: &str) -> String {
    format!("{file}: {inside}")
}

/// The path of an element by local names, with its rank among brothers of the same name.
pub(crate) fn path(node: Node<'_, '_>) -> String {
    let mut steps: Vec<String> = node
        .ancestors()
        .filter(Node::is_element)
        .map(|n| {
            let same = |o: &Node<'_, '_>| o.is_element() && o.tag_name().name() == n.tag_name().name();
            let before = n.prev_siblings().skip(1).filter(same).count();
            let after = n.next_siblings().skip(1).any(|o| same(&o));
            let name = n.tag_name().name();
            if before > 0 || after { format!("{name}[{}]", before + 1) } else { name.to_owned() }
        })
        .collect();
    steps.reverse();
    format!("/{}", steps.join("/"))
}

/// The text of a leaf element, trimmed; `None` when there is none.
pub(crate) fn leaf_text<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.children().filter(Node::is_text).filter_map(|t| t.text()).map(str::trim).find(|t| !t.is_empty())
}

/// The first child element of that local name.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|c| c.is_element() && c.tag_name().name() == name)
}
