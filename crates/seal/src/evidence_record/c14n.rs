//! Canonical XML: 1.0 and 1.1 (inclusive) and exclusive, each with or without comments (W3C C14N 1.0, 1.1, Exclusive 1.0), of a
//! document or of one element in it with some inner elements left out.
//!
//! Stands on what `roxmltree` read: line ends and attribute values are normalised there, character references resolved. Prefixes
//! are taken from the source, as a tree of namespaces forgets them. Deliberately not here: DTDs (refused before), prefix lists of
//! the exclusive form, `xml:base` of ancestors under 1.1 (said to be unsupported), relative namespace names, which the
//! specification forbids to canonicalise.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, NodeId, ParsingOptions};

use crate::error::SealError;
use crate::limits;
use crate::tlv::too_large;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const WHAT: &str = "XML document";

/// A way to canonicalise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct C14n {
    exclusive: bool,
    version_11: bool,
    comments: bool,
}

/// Prefix and namespace, as the output's ancestors have said: the last one of a prefix counts.
type Rendered<'a> = Vec<(&'a str, &'a str)>;

fn said<'a>(rendered: &Rendered<'a>, prefix: &str) -> Option<&'a str> {
    rendered.iter().rev().find(|(known, _)| *known == prefix).map(|(_, uri)| *uri)
}

/// The element declares nothing that its parent has not in scope already.
fn same_scope(node: Node<'_, '_>) -> bool {
    let of = |node: Node<'_, '_>| {
        node.namespaces().map(|n| (n.name().map(str::as_ptr), n.uri().as_ptr())).collect::<Vec<_>>()
    };
    node.parent_element().is_some_and(|parent| of(parent) == of(node))
}

impl C14n {
    /// The method this identifier names.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let (uri, comments) = match uri.strip_suffix("#WithComments") {
            Some(plain) => (plain.to_owned(), true),
            None => match uri.strip_suffix("WithComments") {
                Some(plain) => (plain.to_owned(), true),
                None => (uri.to_owned(), false),
            },
        };
        let (exclusive, version_11) = match uri.trim_end_matches('#') {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => (false, false),
            "http://www.w3.org/2006/12/xml-c14n11" => (false, true),
            "http://www.w3.org/2001/10/xml-exc-c14n" => (true, false),
            _ => return None,
        };
        Some(Self { exclusive, version_11, comments })
    }

    /// The canonical form of a whole document, in these bytes.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`, `Unsupported` (a DTD; an encoding that is not UTF-8 is malformed).
    pub fn document(self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        with_document(bytes, |document| self.whole(document, &[]))
    }

    /// The canonical form of a document, the elements named in `without` left out of it.
    pub fn whole(self, document: &Document<'_>, without: &[NodeId]) -> Result<Vec<u8>, SealError> {
        let mut out = String::new();
        let root = document.root_element();
        for node in document.root().children() {
            let written = out.len();
            self.node(document, node, &mut Rendered::new(), without, &mut out)?;
            // A line of its own for what stands beside the one element (C14N §2.3, document level).
            if out.len() > written && node != root {
                let at = if node.range().start < root.range().start { out.len() } else { written };
                out.insert(at, '\n');
            }
        }
        Ok(out.into_bytes())
    }

    /// The canonical form of an element, those named in `without` left out of it.
    pub fn element(self, document: &Document<'_>, top: Node<'_, '_>, without: &[NodeId]) -> Result<Vec<u8>, SealError> {
        let mut out = String::new();
        self.node(document, top, &mut Rendered::new(), without, &mut out)?;
        Ok(out.into_bytes())
    }

    fn node<'a>(
        self,
        document: &'a Document<'_>,
        node: Node<'a, '_>,
        rendered: &mut Rendered<'a>,
        without: &[NodeId],
        out: &mut String,
    ) -> Result<(), SealError> {
        if node.is_text() {
            text_value(node.text().unwrap_or_default(), out);
        } else if node.is_comment() {
            if self.comments {
                out.push_str(&format!("<!--{}-->", with_line_ends(node.text().unwrap_or_default())));
            }
        } else if let Some(pi) = node.pi() {
            let value = pi.value.map(|value| format!(" {}", with_line_ends(value))).unwrap_or_default();
            out.push_str(&format!("<?{}{value}?>", pi.target));
        } else if node.is_element() && !without.contains(&node.id()) {
            let name = element_name(document, node)?;
            let (above, apex) = (rendered.len(), rendered.is_empty());
            out.push('<');
            out.push_str(name);
            self.namespaces(document, node, name, rendered, out)?;
            self.attributes(document, node, apex, out)?;
            out.push('>');
            if apex {
                // Even without any, the apex has said all it says: what stands below is no apex.
                rendered.push(("xml", XML_NAMESPACE));
            }
            for child in node.children() {
                self.node(document, child, rendered, without, out)?;
            }
            rendered.truncate(above);
            out.push_str(&format!("</{name}>"));
        }
        Ok(())
    }

    /// The namespaces to be said here: all in scope, or those used here; not what an ancestor of the output said already.
    fn namespaces<'a>(
        self,
        document: &'a Document<'_>,
        node: Node<'a, '_>,
        name: &'a str,
        rendered: &mut Rendered<'a>,
        out: &mut String,
    ) -> Result<(), SealError> {
        let mut scope: BTreeMap<&str, &str> = BTreeMap::new();
        if self.exclusive {
            let mut used = vec![prefix(name)];
            for attribute in node.attributes() {
                let qname = source(document, attribute.range_qname())?;
                // The default namespace is not that of attributes.
                used.extend(Some(prefix(qname)).filter(|prefix| !prefix.is_empty()));
            }
            for prefix in used {
                let uri = node.lookup_namespace_uri(Some(prefix).filter(|prefix| !prefix.is_empty()));
                scope.insert(prefix, uri.unwrap_or_default());
            }
        } else if !rendered.is_empty() && same_scope(node) {
            return Ok(());
        } else {
            scope.extend(node.namespaces().map(|n| (n.name().unwrap_or_default(), n.uri())));
            scope.entry("").or_insert("");
        }
        scope.remove("xml");
        for (prefix, uri) in scope {
            let known = said(rendered, prefix);
            if known.unwrap_or_default() == uri && (prefix.is_empty() || known.is_some()) {
                continue;
            }
            rendered.push((prefix, uri));
            let colon = if prefix.is_empty() { "" } else { ":" };
            out.push_str(&format!(" xmlns{colon}{prefix}=\"{}\"", attribute_value(uri)));
        }
        Ok(())
    }

    fn attributes<'a>(
        self,
        document: &'a Document<'_>,
        node: Node<'a, '_>,
        apex: bool,
        out: &mut String,
    ) -> Result<(), SealError> {
        // Ordered by namespace, then by local name.
        let mut all = BTreeMap::new();
        for attribute in node.attributes() {
            let qname = source(document, attribute.range_qname())?;
            all.insert((attribute.namespace().unwrap_or_default(), attribute.name()), (qname, attribute.value()));
        }
        if apex && !self.exclusive {
            for ancestor in node.ancestors().skip(1).filter(Node::is_element) {
                for inherited in ancestor.attributes().filter(|a| a.namespace() == Some(XML_NAMESPACE)) {
                    let name = inherited.name();
                    match (self.version_11, name) {
                        (true, "id") => continue,
                        (true, "base") => {
                            let found = "xml:base above it, under C14N 1.1".to_owned();
                            return Err(SealError::Unsupported { what: "canonicalisation", found });
                        }
                        _ => {}
                    }
                    let qname = source(document, inherited.range_qname())?;
                    all.entry((XML_NAMESPACE, name)).or_insert((qname, inherited.value()));
                }
            }
        }
        for (qname, value) in all.values() {
            out.push_str(&format!(" {qname}=\"{}\"", attribute_value(value)));
        }
        Ok(())
    }
}

/// Hands over the document these bytes are: UTF-8, without DTD, within limits.
pub(crate) fn with_document<T>(
    bytes: &[u8],
    with: impl FnOnce(&Document<'_>) -> Result<T, SealError>,
) -> Result<T, SealError> {
    with_nodes(bytes, limits::XML_BYTES, limits::XML_NODES, with)
}

/// The same, of at most so many bytes and nodes.
pub(crate) fn with_nodes<T>(
    bytes: &[u8],
    most: usize,
    nodes: u32,
    with: impl FnOnce(&Document<'_>) -> Result<T, SealError>,
) -> Result<T, SealError> {
    if bytes.len() > most {
        return Err(too_large(WHAT, most, bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SealError::Malformed { what: WHAT })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    within_depth(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: nodes, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => SealError::Unsupported { what: WHAT, found: "a DOCTYPE".to_owned() },
        roxmltree::Error::NodesLimitReached => {
            too_large("nodes of an XML document", nodes as usize, nodes as usize + 1)
        }
        _ => SealError::Malformed { what: WHAT },
    })?;
    with(&document)
}

/// Counts how deep elements stand in each other, what each bears, and how many namespaces are declared around it, before anything is built:
/// readers go down by calling themselves, compare each attribute with each, and look through all that is in scope for every element.
fn within_depth(text: &str) -> Result<(), SealError> {
    let malformed = || SealError::Malformed { what: WHAT };
    let (mut rest, mut depth) = (text, 0usize);
    // Declarations of each open element, and all of them.
    let (mut declared, mut scope): (Vec<usize>, usize) = (Vec::new(), 0);
    while let Some(at) = rest.find('<') {
        rest = rest.get(at..).unwrap_or_default();
        let (end, change) = match rest {
            r if r.starts_with("<!--") => (r.get(4..).and_then(|r| r.find("-->")).map(|n| n + 7), 0),
            r if r.starts_with("<![CDATA[") => (r.find("]]>").map(|n| n + 3), 0),
            r if r.starts_with("<?") => (r.find("?>").map(|n| n + 2), 0),
            r if r.starts_with("</") => (r.find('>').map(|n| n + 1), -1),
            r => {
                let tag = Tag::of(r).ok_or_else(malformed)?;
                if tag.attributes > limits::XML_ATTRIBUTES {
                    return Err(too_large("attributes of an element", limits::XML_ATTRIBUTES, tag.attributes));
                }
                if scope + tag.namespaces > limits::XML_NAMESPACES {
                    return Err(too_large("namespaces in scope", limits::XML_NAMESPACES, scope + tag.namespaces));
                }
                let empty = r.get(..tag.end).is_some_and(|tag| tag.ends_with("/>"));
                if !empty {
                    declared.push(tag.namespaces);
                    scope += tag.namespaces;
                }
                (Some(tag.end), i8::from(!empty))
            }
        };
        depth = match change {
            1 => depth + 1,
            -1 => {
                scope -= declared.pop().unwrap_or(0);
                depth.saturating_sub(1)
            }
            _ => depth,
        };
        if depth > limits::XML_DEPTH {
            return Err(too_large("nesting of an XML document", limits::XML_DEPTH, depth));
        }
        rest = rest.get(end.ok_or_else(malformed)?..).ok_or_else(malformed)?;
    }
    Ok(())
}

/// A tag that opens: where it ends, at the first `>` outside quotes; how many values it has, and how many of them declare a namespace.
struct Tag {
    end: usize,
    attributes: usize,
    namespaces: usize,
}

impl Tag {
    fn of(tag: &str) -> Option<Self> {
        let (mut quote, mut attributes, mut namespaces) = (None, 0, 0);
        let bytes = tag.as_bytes();
        for (at, byte) in bytes.iter().copied().enumerate() {
            match (quote, byte) {
                (None, b'>') => return Some(Self { end: at + 1, attributes, namespaces }),
                (None, b'"' | b'\'') => {
                    quote = Some(byte);
                    attributes += 1;
                }
                (None, b' ' | b'\t' | b'\n' | b'\r') => {
                    let next = bytes.get(at + 1..).unwrap_or_default();
                    namespaces += usize::from(
                        next.starts_with(b"xmlns:") || next.starts_with(b"xmlns=") || next.starts_with(b"xmlns "),
                    );
                }
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
        }
        None
    }
}

fn source<'a>(document: &'a Document<'_>, range: std::ops::Range<usize>) -> Result<&'a str, SealError> {
    document.input_text().get(range).ok_or(SealError::Malformed { what: WHAT })
}

/// The name of an element as written, prefix included.
fn element_name<'a>(document: &'a Document<'_>, node: Node<'a, '_>) -> Result<&'a str, SealError> {
    let tag = source(document, node.range())?.strip_prefix('<').unwrap_or_default();
    let end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(tag.len());
    tag.get(..end).ok_or(SealError::Malformed { what: WHAT })
}

fn prefix(qname: &str) -> &str {
    qname.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Line ends as XML 1.0 §2.11 has them: `roxmltree` leaves those of comments and instructions as they are, and no character
/// reference stands in either.
fn with_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn text_value(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
}

fn attribute_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
    out
}
