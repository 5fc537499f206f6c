//! The counting pass: depth, attributes, lengths, forbidden characters, DOCTYPE. Constant memory, no recursion.
//! It does not decide whether the document is well formed; the parser does, on what passed here.

use super::{limit, malformed};
use crate::codes::{self, Fault};
use crate::limits::Limits;

/// The document respects every limit and holds neither DOCTYPE nor a character XML forbids.
///
/// # Errors
/// `xml-doctype`, `xml-limit`, `xml-malformed`.
pub(super) fn within_limits(text: &str, place: &str, limits: &Limits) -> Result<(), Fault> {
    if let Some((offset, c)) = text.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(malformed(place, &format_args!("U+{:04X} @{offset}", u32::from(c))));
    }
    let mut scan = Scan { rest: text, place, limits, depth: 0, namespaces: 0 };
    while let Some(at) = scan.rest.find('<') {
        scan.rest = &scan.rest[at + 1..];
        scan.markup()?;
    }
    Ok(())
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

impl Scan<'_> {
    /// What follows a `<`.
    fn markup(&mut self) -> Result<(), Fault> {
        if self.rest.starts_with("!--") {
            self.skip_past("-->")
        } else if self.rest.starts_with("![CDATA[") {
            self.skip_past("]]>")
        } else if self.rest.starts_with('!') {
            Err(Fault::new(&codes::XML_DOCTYPE, self.place))
        } else if self.rest.starts_with('?') {
            self.name_fits(1)?;
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
        self.name_fits(0)?;
        let mut attributes = 0;
        loop {
            let at = self.rest.find(['>', '"', '\'', '<']);
            let at = at.ok_or_else(|| malformed(self.place, &"… >"))?;
            let stop = self.rest.as_bytes()[at];
            if stop == b'<' {
                return Err(malformed(self.place, &"< … <"));
            }
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
            self.rest = &self.rest[at + 1..];
            self.value(char::from(stop))?;
        }
    }

    fn value(&mut self, quote: char) -> Result<(), Fault> {
        let end = self.rest.find(quote).ok_or_else(|| malformed(self.place, &"… \""))?;
        if end > self.limits.xml_value_bytes {
            return Err(limit(self.place, "attribute bytes", self.limits.xml_value_bytes));
        }
        self.rest = &self.rest[end + 1..];
        Ok(())
    }

    /// The name that starts after `skip` bytes is within the limit; moves past it.
    fn name_fits(&mut self, skip: usize) -> Result<(), Fault> {
        let name = &self.rest[skip..];
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '?' | '<' | '"' | '\'' | '=');
        let length = name.find(ends).unwrap_or(name.len());
        if length > self.limits.xml_name_bytes {
            return Err(limit(self.place, "name bytes", self.limits.xml_name_bytes));
        }
        self.rest = &name[length..];
        Ok(())
    }
}
