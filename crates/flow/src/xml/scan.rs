//! The counting pass: depth, attributes, lengths, forbidden characters, DOCTYPE, and what the parser would let through. Constant memory, no
//! recursion. It does not decide whether the document is well formed; the parser does, on what passed here.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use super::aside::{is_of_pes, taken_aside};
use super::causes::line;
use super::{Cause, limit, strict};
use crate::codes::{self, Fault, Measure};
use crate::limits::Limits;

/// The document respects every limit and holds neither DOCTYPE nor a character XML forbids. Gives the runs of its text that may be taken
/// aside, where `aside` asks for them.
///
/// # Errors
/// `xml-doctype`, `xml-limit`, `xml-malformed`.
pub(super) fn within_limits(text: &str, place: &str, limits: &Limits, aside: bool) -> Result<Vec<Range<usize>>, Fault> {
    let suspect = text.as_bytes().chunks(PIECE).any(may_be_forbidden);
    if suspect && let Some((offset, c)) = text.char_indices().find(|(_, c)| !allowed(*c)) {
        let detail = format_args!("U+{:04X} @{offset}", u32::from(c));
        return Err(Cause::Character.fault(place, &detail).with(line(text, offset)));
    }
    let declared = strict::declaration(text).map_err(|()| Cause::Declaration.fault(place, &"<?xml").with(1))?;
    let rest = &text[declared..];
    let mut scan = Scan { rest, place, limits, depth: 0, namespaces: 0, attributes: 0, root: None, opened: false };
    let mut runs = Vec::new();
    while let Some(at) = scan.text_bytes() {
        let (run, from) = (&scan.rest[..at], text.len() - scan.rest.len());
        if aside && scan.is_alone(at) && taken_aside(run) {
            runs.push(from..from + at);
        } else if at > 0 && !strict::references_hold(run) {
            return Err(Cause::Reference.fault(place, &"&#").with(line(text, from)));
        }
        scan.rest = &scan.rest[at + 1..];
        scan.opened = scan.markup().map_err(|fault| {
            // Limits and the DOCTYPE are said without.
            let is_of_a_line = fault.code.name == codes::XML_MALFORMED.name;
            if is_of_a_line { fault.with(line(text, text.len() - scan.rest.len())) } else { fault }
        })?;
    }
    Ok(runs)
}

/// Bytes looked at together.
const PIECE: usize = 1 << 12;

/// False where no character of these bytes of UTF-8 can be forbidden: no control, nor what U+FFFE and U+FFFF begin with.
fn may_be_forbidden(piece: &[u8]) -> bool {
    piece.iter().fold(false, |found, b| found | (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) | (*b == 0xEF))
}

/// XML 1.0, production 2.
pub(crate) fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

struct Scan<'t> {
    rest: &'t str,
    place: &'t str,
    limits: &'t Limits,
    depth: usize,
    namespaces: usize,
    /// Attributes of all elements so far: each takes as much memory as a node.
    attributes: u32,
    /// Whether the root is that of a PES; nothing before it begins.
    root: Option<bool>,
    /// What came last is the tag of an element that begins.
    opened: bool,
}

/// What ends the name of an element.
const ENDS_NAME: [bool; 256] = table(b" \t\n\x0C\r/><?\"'=");
/// What ends a tag, or begins a value in it, or must not stand in it.
const ENDS_TAG: [bool; 256] = table(b">\"'<");

const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

impl<'t> Scan<'t> {
    /// Bytes of text before the next `<`; tags mostly follow each other at once.
    fn text_bytes(&self) -> Option<usize> {
        let bytes = self.rest.as_bytes();
        if bytes.first() == Some(&b'<') { Some(0) } else { memchr(b'<', bytes) }
    }

    /// The text of that length is all that an element of a PES holds.
    fn is_alone(&self, bytes: usize) -> bool {
        self.opened && self.root == Some(true) && self.rest[bytes..].starts_with("</")
    }

    /// What follows a `<`; true for the tag of an element that begins and holds something.
    fn markup(&mut self) -> Result<bool, Fault> {
        match self.rest.as_bytes().first() {
            Some(b'/') => {
                self.depth = self.depth.saturating_sub(1);
                self.name_fits(1)?;
                self.skip_past(memchr(b'>', self.rest.as_bytes()), ">")
            }
            Some(b'!') if self.rest.starts_with("!--") => self.skip_past_all("-->"),
            Some(b'!') if self.rest.starts_with("![CDATA[") => self.skip_past_all("]]>"),
            Some(b'!') => Err(Fault::new(&codes::XML_DOCTYPE, self.place)),
            Some(b'?') => {
                let target = self.name_fits(1)?;
                if !strict::is_target(target, self.rest) {
                    return Err(Cause::Declaration.fault(self.place, &"<?"));
                }
                self.skip_past_all("?>")
            }
            _ => self.start_tag(),
        }
    }

    fn skip_past_all(&mut self, end: &str) -> Result<bool, Fault> {
        self.skip_past(memmem::find(self.rest.as_bytes(), end.as_bytes()), end)
    }

    fn skip_past(&mut self, at: Option<usize>, end: &str) -> Result<bool, Fault> {
        let at = at.ok_or_else(|| Cause::Cut.fault(self.place, &format_args!("… {end}")))?;
        self.rest = &self.rest[at + end.len()..];
        Ok(false)
    }

    fn start_tag(&mut self) -> Result<bool, Fault> {
        self.depth += 1;
        if self.depth > self.limits.xml_depth {
            return Err(limit(self.place, Measure::Depth, self.limits.xml_depth));
        }
        let name = self.name_fits(0)?;
        if name.starts_with(':') {
            return Err(Cause::Prefix.fault(self.place, &"<:"));
        }
        self.root.get_or_insert_with(|| is_of_pes(name));
        let (mut attributes, mut default) = (0, false);
        loop {
            let bytes = self.rest.as_bytes();
            let at = bytes.iter().position(|b| ENDS_TAG[usize::from(*b)]);
            let at = at.ok_or_else(|| Cause::Cut.fault(self.place, &"… >"))?;
            let stop = bytes[at];
            if stop == b'<' {
                return Err(Cause::Tag.fault(self.place, &"< … <"));
            }
            if stop == b'>' {
                let empty = self.rest[..at].ends_with('/');
                self.depth -= usize::from(empty);
                self.rest = &self.rest[at + 1..];
                return Ok(!empty);
            }
            attributes += 1;
            if attributes > self.limits.xml_attributes {
                return Err(limit(self.place, Measure::Attributes, self.limits.xml_attributes));
            }
            self.attributes = self.attributes.saturating_add(1);
            if self.attributes > self.limits.xml_nodes {
                return Err(limit(self.place, Measure::Nodes, self.limits.xml_nodes));
            }
            let name = self.rest[..at].trim();
            if name.starts_with("xmlns") {
                self.namespaces += 1;
            }
            if self.namespaces > self.limits.xml_namespaces {
                return Err(limit(self.place, Measure::Namespaces, self.limits.xml_namespaces));
            }
            if name.len() > self.limits.xml_name_bytes + 1 {
                return Err(limit(self.place, Measure::NameBytes, self.limits.xml_name_bytes));
            }
            let name = name.trim_end_matches('=').trim_end();
            let twice = name == "xmlns" && std::mem::replace(&mut default, true);
            self.rest = &self.rest[at + 1..];
            let (value, refers) = self.value(stop)?;
            if twice || !strict::may_say(name, value) || (refers && !strict::references_hold(value)) {
                return Err(Cause::Attribute.fault(self.place, &format_args!("{name}=")));
            }
        }
    }

    /// The value before this quote, and whether it refers to characters or entities.
    fn value(&mut self, quote: u8) -> Result<(&'t str, bool), Fault> {
        let bytes = self.rest.as_bytes();
        let first = memchr2(quote, b'&', bytes);
        let refers = first.is_some_and(|at| bytes[at] == b'&');
        let end = if refers { memchr(quote, bytes) } else { first };
        let end = end.ok_or_else(|| Cause::Cut.fault(self.place, &"… \""))?;
        if end > self.limits.xml_value_bytes {
            return Err(limit(self.place, Measure::AttributeBytes, self.limits.xml_value_bytes));
        }
        let value = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok((value, refers))
    }

    /// The name that starts after `skip` bytes, within the limit; moves past it.
    fn name_fits(&mut self, skip: usize) -> Result<&'t str, Fault> {
        let name = &self.rest[skip..];
        let length = name.bytes().position(|b| ENDS_NAME[usize::from(b)]).unwrap_or(name.len());
        if length > self.limits.xml_name_bytes {
            return Err(limit(self.place, Measure::NameBytes, self.limits.xml_name_bytes));
        }
        self.rest = &name[length..];
        Ok(&name[..length])
    }
}
