//! The counting pass: depth, attributes, lengths, forbidden characters, DOCTYPE, and what the parser would let through. Constant memory, no
//! recursion. It does not decide whether the document is well formed; the parser does, on what passed here.

use super::{limit, malformed, strict};
use crate::codes::{self, Fault};
use crate::limits::Limits;

/// The document respects every limit and holds neither DOCTYPE nor a character XML forbids.
///
/// # Errors
/// `xml-doctype`, `xml-limit`, `xml-malformed`.
pub(super) fn within_limits(text: &str, place: &str, limits: &Limits) -> Result<(), Fault> {
    let suspect = text.as_bytes().chunks(PIECE).any(may_be_forbidden);
    if suspect && let Some((offset, c)) = text.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(malformed(place, &format_args!("U+{:04X} @{offset}", u32::from(c))));
    }
    let declared = strict::declaration(text).map_err(|()| malformed(place, &"<?xml"))?;
    let mut scan = Scan { rest: &text[declared..], place, limits, depth: 0, namespaces: 0 };
    while let Some(at) = scan.rest.find('<') {
        if !strict::references_hold(&scan.rest[..at]) {
            return Err(malformed(place, &"&#"));
        }
        scan.rest = &scan.rest[at + 1..];
        scan.markup()?;
    }
    Ok(())
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
}

impl<'t> Scan<'t> {
    /// What follows a `<`.
    fn markup(&mut self) -> Result<(), Fault> {
        if self.rest.starts_with("!--") {
            self.skip_past("-->")
        } else if self.rest.starts_with("![CDATA[") {
            self.skip_past("]]>")
        } else if self.rest.starts_with('!') {
            Err(Fault::new(&codes::XML_DOCTYPE, self.place))
        } else if self.rest.starts_with('?') {
            let target = self.name_fits(1)?;
            if !strict::is_target(target, self.rest) {
                return Err(malformed(self.place, &"<?"));
            }
            self.skip_past("?>")
        } else if self.rest.starts_with('/') {
            self.depth = self.depth.saturating_sub(1);
            self.name_fits(1)?;
            self.skip_past(">")
        } else {
            self.start_tag()
        }
    }

    fn skip_past(&mut self, end: &str) -> Result<(), Fault> {
        let at = self.rest.find(end).ok_or_else(|| malformed(self.place, &format_args!("… {end}")))?;
        self.rest = &self.rest[at + end.len()..];
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > self.limits.xml_depth {
            return Err(limit(self.place, "depth", self.limits.xml_depth));
        }
        if self.name_fits(0)?.starts_with(':') {
            return Err(malformed(self.place, &"<:"));
        }
        let (mut attributes, mut default) = (0, false);
        loop {
            let bytes = self.rest.as_bytes();
            let at = memchr::memchr3(b'>', b'"', b'\'', bytes);
            if memchr::memchr(b'<', &bytes[..at.unwrap_or(bytes.len())]).is_some() {
                return Err(malformed(self.place, &"< … <"));
            }
            let at = at.ok_or_else(|| malformed(self.place, &"… >"))?;
            let stop = bytes[at];
            if stop == b'>' {
                if self.rest[..at].ends_with('/') {
                    self.depth -= 1;
                }
                self.rest = &self.rest[at + 1..];
                return Ok(());
            }
            attributes += 1;
            if attributes > self.limits.xml_attributes {
                return Err(limit(self.place, "attributes", self.limits.xml_attributes));
            }
            let name = self.rest[..at].trim();
            if name.starts_with("xmlns") {
                self.namespaces += 1;
            }
            if self.namespaces > self.limits.xml_namespaces {
                return Err(limit(self.place, "namespaces", self.limits.xml_namespaces));
            }
            if name.len() > self.limits.xml_name_bytes + 1 {
                return Err(limit(self.place, "name bytes", self.limits.xml_name_bytes));
            }
            let name = name.trim_end_matches('=').trim_end();
            let twice = name == "xmlns" && std::mem::replace(&mut default, true);
            self.rest = &self.rest[at + 1..];
            let value = self.value(char::from(stop))?;
            if twice || !strict::may_say(name, value) || !strict::references_hold(value) {
                return Err(malformed(self.place, &format_args!("{name}=")));
            }
        }
    }

    fn value(&mut self, quote: char) -> Result<&'t str, Fault> {
        let end = self.rest.find(quote).ok_or_else(|| malformed(self.place, &"… \""))?;
        if end > self.limits.xml_value_bytes {
            return Err(limit(self.place, "attribute bytes", self.limits.xml_value_bytes));
        }
        let value = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok(value)
    }

    /// The name that starts after `skip` bytes, within the limit; moves past it.
    fn name_fits(&mut self, skip: usize) -> Result<&'t str, Fault> {
        let name = &self.rest[skip..];
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '?' | '<' | '"' | '\'' | '=');
        let length = name.find(ends).unwrap_or(name.len());
        if length > self.limits.xml_name_bytes {
            return Err(limit(self.place, "name bytes", self.limits.xml_name_bytes));
        }
        self.rest = &name[length..];
        Ok(&name[..length])
    }
}
