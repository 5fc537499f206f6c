//! Reading a long document as it comes, one element after the other: memory is bounded by one token and by the depth, whatever the
//! length. The bounds and refusals are those of documents that are built: no DTD, no entity but the five, depth, names,
//! attributes, no identifier twice, no value cut by a comment.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::scan::allowed;
use super::{Cause, limit, within};
use crate::codes::{self, Fault, Measure};
use crate::interned::Names;
use crate::limits::Limits;

/// An element that begins: what its attributes say, those without a prefix and `xml:id`.
pub(crate) struct Started {
    attributes: Vec<(String, String)>,
}

impl Started {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, as they are written.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Hears the document. A path is made of local names from the root; an element of another namespace than the root's has no name.
pub(crate) trait Listener {
    /// The root element begins.
    fn root(&mut self, name: &str, namespace: &str) -> Result<(), Fault>;
    /// An element begins, the root included; it is the last of the path.
    fn start(&mut self, path: &[String], element: &Started) -> Result<(), Fault>;
    /// An element ends, with its text, trimmed, when it holds no other.
    fn end(&mut self, path: &[String], text: Option<&str>) -> Result<(), Fault>;
}

/// Tells the document to `to`.
///
/// # Errors
/// `xml-doctype`, `xml-limit`, `xml-malformed`, `xml-duplicate-id`, `xml-split-text`; the fault of `to`.
pub(crate) fn stream(input: &mut dyn Read, place: &str, limits: &Limits, to: &mut dyn Listener) -> Result<(), Fault> {
    let meter = Rc::new(Meter::default());
    let metered = Metered {
        inner: BufReader::with_capacity(32 << 10, input),
        meter: Rc::clone(&meter),
        most: limits.seda_manifest_bytes,
        most_of_token: limits.seda_token_bytes,
    };
    let mut reader = NsReader::from_reader(metered);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut heard = Heard::new(place, limits, &meter);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        meter.token.set(0);
        let (resolved, event) =
            reader.read_resolved_event_into(&mut buffer).map_err(|error| meter.fault(place, limits, &error))?;
        if meter.token.get() > limits.seda_token_bytes {
            return Err(limit(place, Measure::TokenBytes, limits.seda_token_bytes));
        }
        match event {
            Event::Start(start) => heard.start(&resolved, &start, to)?,
            Event::End(_) | Event::Empty(_) => heard.end(to)?,
            Event::Text(text) => heard.text(&text.xml10_content().map_err(|e| heard.amiss(Cause::Character, &e))?)?,
            Event::CData(text) => heard.text(&text.xml10_content().map_err(|e| heard.amiss(Cause::Character, &e))?)?,
            Event::GeneralRef(name) => heard.reference(&name)?,
            Event::Comment(_) | Event::PI(_) => heard.cut = !heard.text.trim().is_empty(),
            Event::DocType(_) => return Err(Fault::new(&codes::XML_DOCTYPE, place)),
            Event::Decl(_) => {}
            Event::Eof => return heard.finished(),
        }
    }
}

/// Bytes read of the token under way and of the document.
#[derive(Default)]
struct Meter {
    token: Cell<u64>,
    total: Cell<u64>,
    /// Lines that ended in what was read.
    lines: Cell<usize>,
    /// The limit that stopped the reading.
    stopped: Cell<Option<Measure>>,
}

impl Meter {
    fn fault(&self, place: &str, limits: &Limits, error: &quick_xml::Error) -> Fault {
        match self.stopped.get() {
            Some(Measure::Bytes) => limit(place, Measure::Bytes, limits.seda_manifest_bytes),
            Some(what) => limit(place, what, limits.seda_token_bytes),
            None => Cause::streamed(error).fault(place, error).with(self.line()),
        }
    }

    /// The line that reading has come to, the first being 1.
    fn line(&self) -> usize {
        self.lines.get() + 1
    }
}

struct Metered<R> {
    inner: BufReader<R>,
    meter: Rc<Meter>,
    most: u64,
    most_of_token: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let over = if self.meter.total.get() > self.most {
            Some(Measure::Bytes)
        } else {
            (self.meter.token.get() > self.most_of_token).then_some(Measure::TokenBytes)
        };
        if let Some(what) = over {
            self.meter.stopped.set(Some(what));
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let read = self.inner.buffer().get(..amount).unwrap_or_default();
        self.meter.lines.set(self.meter.lines.get() + memchr::memchr_iter(b'\n', read).count());
        self.meter.token.set(self.meter.token.get().saturating_add(amount as u64));
        self.meter.total.set(self.meter.total.get().saturating_add(amount as u64));
        self.inner.consume(amount);
    }
}

/// Where the reading is.
struct Heard<'l> {
    place: &'l str,
    limits: &'l Limits,
    path: Vec<String>,
    namespace: String,
    text: String,
    /// No element began since the innermost one did.
    leaf: bool,
    /// A comment or an instruction came after some text.
    cut: bool,
    rooted: bool,
    ids: Names,
    meter: &'l Meter,
}

impl<'l> Heard<'l> {
    fn new(place: &'l str, limits: &'l Limits, meter: &'l Meter) -> Heard<'l> {
        let ids = Names::default();
        let (path, namespace, text) = (Vec::new(), String::new(), String::new());
        Heard { place, limits, path, namespace, text, leaf: false, cut: false, rooted: false, ids, meter }
    }

    fn amiss(&self, cause: Cause, detail: &dyn std::fmt::Display) -> Fault {
        cause.fault(self.place, detail).with(self.meter.line())
    }

    fn start(
        &mut self,
        resolved: &ResolveResult<'_>,
        start: &BytesStart<'_>,
        to: &mut dyn Listener,
    ) -> Result<(), Fault> {
        let name = start.local_name();
        let name = std::str::from_utf8(name.as_ref()).map_err(|error| self.amiss(Cause::Character, &error))?;
        if name.len() > self.limits.xml_name_bytes {
            return Err(limit(self.place, Measure::NameBytes, self.limits.xml_name_bytes));
        }
        if self.path.len() >= self.limits.xml_depth {
            return Err(limit(self.place, Measure::Depth, self.limits.xml_depth));
        }
        let namespace = match resolved {
            ResolveResult::Bound(namespace) => String::from_utf8_lossy(namespace.0).into_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(prefix) => return Err(self.amiss(Cause::Prefix, &String::from_utf8_lossy(prefix))),
        };
        let started = self.attributes(start)?;
        if self.path.is_empty() {
            if self.rooted {
                return Err(self.amiss(Cause::Tag, &name));
            }
            self.rooted = true;
            to.root(name, &namespace)?;
            self.namespace = namespace.clone();
        }
        self.path.push(if namespace == self.namespace { name.to_owned() } else { String::new() });
        self.text.clear();
        (self.leaf, self.cut) = (true, false);
        to.start(&self.path, &started)
    }

    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<Started, Fault> {
        let mut attributes = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|error| self.amiss(Cause::Attribute, &error))?;
            if count >= self.limits.xml_attributes {
                return Err(limit(self.place, Measure::Attributes, self.limits.xml_attributes));
            }
            if attribute.value.len() > self.limits.xml_value_bytes {
                return Err(limit(self.place, Measure::AttributeBytes, self.limits.xml_value_bytes));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|error| self.amiss(Cause::Reference, &error))?;
            let key =
                std::str::from_utf8(attribute.key.as_ref()).map_err(|error| self.amiss(Cause::Character, &error))?;
            if let Some(c) = value.chars().find(|c| !allowed(*c)) {
                return Err(self.amiss(Cause::Character, &format_args!("U+{:04X}", u32::from(c))));
            }
            if matches!(key, "xml:id" | "Id" | "ID") {
                self.identifies(&value)?;
            }
            if key == "xml:id" || !key.contains(':') {
                attributes.push((key.to_owned(), value.into_owned()));
            }
        }
        Ok(Started { attributes })
    }

    /// An identifier, of which there are only so many and no two alike.
    fn identifies(&mut self, value: &str) -> Result<(), Fault> {
        if !self.ids.add(value).1 {
            let fault = Fault::new(&codes::XML_DUPLICATE_ID, within(self.place, &self.path.join("/")));
            return Err(fault.with(value));
        }
        if self.ids.len() > self.limits.seda_links {
            return Err(limit(self.place, Measure::Identifiers, self.limits.seda_links));
        }
        Ok(())
    }

    fn end(&mut self, to: &mut dyn Listener) -> Result<(), Fault> {
        let text = self.leaf.then(|| self.text.trim());
        to.end(&self.path, text)?;
        self.path.pop();
        self.text.clear();
        (self.leaf, self.cut) = (false, false);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            return Err(self.amiss(Cause::Character, &format_args!("U+{:04X}", u32::from(c))));
        }
        let blank = text.trim().is_empty();
        if self.path.is_empty() {
            return if blank { Ok(()) } else { Err(self.amiss(Cause::Unread, &"…")) };
        }
        if !self.leaf {
            return Ok(());
        }
        if self.cut && !blank {
            let fault = Fault::new(&codes::XML_SPLIT_TEXT, within(self.place, &self.path.join("/")));
            return Err(fault.with(self.path.last().map_or("", String::as_str)));
        }
        if (self.text.len() + text.len()) as u64 > self.limits.seda_token_bytes {
            return Err(limit(self.place, Measure::TokenBytes, self.limits.seda_token_bytes));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// One of the five entities, or a character by its number.
    fn reference(&mut self, name: &BytesRef<'_>) -> Result<(), Fault> {
        let by_number = name.resolve_char_ref().map_err(|error| self.amiss(Cause::Reference, &error))?;
        let c = match by_number {
            Some(c) => c,
            None => match &name[..] {
                b"lt" => '<',
                b"gt" => '>',
                b"amp" => '&',
                b"apos" => '\'',
                b"quot" => '"',
                other => {
                    return Err(self.amiss(Cause::Reference, &format_args!("&{};", String::from_utf8_lossy(other))));
                }
            },
        };
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn finished(&self) -> Result<(), Fault> {
        if self.rooted && self.path.is_empty() {
            Ok(())
        } else {
            Err(self.amiss(if self.rooted { Cause::Cut } else { Cause::Empty }, &"…"))
        }
    }
}
