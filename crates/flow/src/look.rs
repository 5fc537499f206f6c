//! A first look at one file: its media type from its first bytes, and what it says when it is ACTES, PES or essential data.

mod marks;
mod packed;

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::actes::document::{self, Document};
use crate::actes::kinds;
use crate::actes::name;
use crate::begun::{self, Begun};
use crate::codes::{self, Fault};
use crate::decp::{self, Decp};
use crate::formats::Format;
use crate::limits::{Limits, MAX_PROLOG_BYTES};
use crate::names::last_component;
use crate::pes::document::Pes;
use crate::signed::{SignatureJudge, SignatureSaid, Why};
use crate::tar::Packing;
use crate::{encoding, pes, seda, tar, xml};

pub(crate) use self::marks::for_signatures;

/// Bytes looked at to tell what a file is.
pub(crate) const HEAD_BYTES: usize = tar::BLOCK;

/// Bytes of a long document looked at to tell whether it is a transfer.
const SNIFFED_BYTES: usize = 8 << 10;

/// A file or member after a first look.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The incoming file it is a member of.
    pub(crate) parent: Option<usize>,
    /// The reading of its whole name.
    pub(crate) name: String,
    pub(crate) media_type: String,
    /// What the bytes are of.
    pub(crate) format: Option<Format>,
    pub(crate) reading: Reading,
    /// What it begins like, where it is not read.
    pub(crate) begun: Option<Begun>,
}

impl Seen {
    /// The name without directories.
    pub(crate) fn base(&self) -> &str {
        last_component(&self.name)
    }
}

/// What came of reading a file as XML.
#[derive(Debug)]
pub(crate) enum Reading {
    /// Not XML by its name or first bytes.
    NotXml,
    /// XML, larger than what is read; its size.
    TooLarge(u64),
    /// A PES, larger than what is read of one; its size.
    LargePes(u64),
    /// XML that is not safe to read or not well formed.
    Fault(Fault),
    /// Well-formed XML of another kind.
    OtherXml,
    /// ACTES; the oddity is that of the encoding.
    Actes(Document, Option<Fault>),
    /// A transfer of SEDA, which has passes of its own.
    Seda,
    /// A transfer of SEDA in a version that is not read: its namespace.
    OtherSeda(String),
    /// PES V2, likewise.
    Pes(Box<Pes>, Option<Fault>),
    /// Essential data of procurement, likewise; read, or why not.
    Decp(Box<Decp>, Option<Fault>),
    /// A PDF that bears signatures, and what was said of them.
    Pdf(Result<Vec<SignatureSaid>, Why>),
    /// A signature in CMS.
    Cms(Vec<u8>),
    /// XML of another kind that bears signatures, likewise.
    SignedXml(Result<Vec<SignatureSaid>, Why>),
    /// It may bear signatures, or does, and they were not looked for: why.
    Unsought(Why),
    /// An encrypted message: what is in it is nobody's to see.
    Encrypted,
}

/// True when the name can only be that of an envelope or message.
pub(crate) fn is_named_actes(file: &str) -> bool {
    let envelope = name::envelope(file).is_some_and(|e| !e.archive);
    envelope || name::message(file).is_some_and(|m| name::must_be_a_message(&m))
}

/// True when a file that was not read bears the name of a message: one of the préfecture has the rank 1, which elsewhere is that of a piece.
pub(crate) fn is_unread_message(seen: &Seen) -> bool {
    let sent_back = |m: &name::MessageName| {
        let plain = m.is_xml && m.code.is_none() && m.rank.is_none_or(|rank| rank <= 1);
        plain && kinds::by_code(&m.message).is_some_and(|kind| kind.from_prefecture)
    };
    let named = is_named_actes(&seen.name) || name::message(&seen.name).is_some_and(|m| sent_back(&m));
    (named || seen.begun == Some(Begun::Actes)) && matches!(seen.reading, Reading::TooLarge(_))
}

/// As many of the first bytes as there are, up to [`HEAD_BYTES`].
pub(crate) fn head(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// What came of a first look.
pub(crate) struct Looked {
    pub(crate) media: String,
    pub(crate) reading: Reading,
    /// What it begins like, where it is not read.
    pub(crate) begun: Option<Begun>,
    /// Its bytes, unpacked.
    pub(crate) size: u64,
}

/// Looks at a file whose first bytes were taken from `rest`; at what is in it, where that is a message or a flow that is packed alone.
pub(crate) fn look(
    file: &str,
    head: Vec<u8>,
    rest: &mut dyn Read,
    size: u64,
    how: (&Limits, &dyn SignatureJudge),
) -> io::Result<Looked> {
    let media = media_type(&head, file).to_owned();
    let Some(packing) = Packing::of(&head) else { return look_plainly(file, head, rest, size, how) };
    let read = packed::look((file, packing), head, rest, how)?;
    Ok(match read {
        Some(read) => Looked { media, ..read },
        None => Looked { media, reading: Reading::NotXml, begun: None, size },
    })
}

fn look_plainly(
    file: &str,
    mut head: Vec<u8>,
    rest: &mut dyn Read,
    size: u64,
    (limits, judge): (&Limits, &dyn SignatureJudge),
) -> io::Result<Looked> {
    let media = media_type(&head, file).to_owned();
    let looked = |reading, begun| Looked { media, reading, begun, size };
    if decp::is_json(&head, file) {
        let read = decp::read_json(file, head, rest, size, limits)?;
        return Ok(looked(read.map_or(Reading::NotXml, |decp| Reading::Decp(Box::new(decp), None)), None));
    }
    if let Some(reading) = marks::signed(file, &head, rest, size, judge)? {
        return Ok(looked(reading, None));
    }
    let is_xml = looks_like_xml(&head, file);
    // Of what is read whole anyway that is told by reading it; where it may have more nodes than other XML, before.
    let begun = if is_xml && size <= limits.xml_bytes / 2 { None } else { begun::of(&mut head, rest)? };
    if !is_xml && !matches!(begun, Some(Begun::Actes | Begun::Pes)) {
        return Ok(looked(Reading::NotXml, begun));
    }
    if begun == Some(Begun::Pes) && size > limits.xml_bytes / 2 {
        let within = size <= limits.pes_bytes.max(limits.xml_bytes);
        let reading =
            if within { large_pes(file, head, rest, size, (limits, judge))? } else { Reading::LargePes(size) };
        return Ok(looked(reading, begun));
    }
    if size > limits.xml_bytes {
        let more = SNIFFED_BYTES.saturating_sub(head.len());
        rest.take(more as u64).read_to_end(&mut head)?;
        return Ok(looked(seda_or_too_large(&head, size), begun));
    }
    Ok(match whole(head, rest, size, limits.xml_bytes)? {
        Ok(bytes) => {
            let reading = read_xml(file, &bytes, limits, judge);
            let unread = matches!(reading, Reading::Fault(_));
            let begun = if unread { begun::of(&mut first_of(&bytes), &mut io::empty())? } else { None };
            looked(reading, begun)
        }
        Err(size) => looked(Reading::TooLarge(size), begun),
    })
}

/// As many of these bytes as tell what they begin.
fn first_of(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(MAX_PROLOG_BYTES)].to_vec()
}

/// All bytes of a file of that size, which is within the limit; or how many there are beyond.
fn whole(mut bytes: Vec<u8>, rest: &mut dyn Read, size: u64, most: u64) -> io::Result<Result<Vec<u8>, u64>> {
    let room = (most + 1).saturating_sub(bytes.len() as u64);
    // No more than what is read anyway.
    bytes.reserve(usize::try_from(size).unwrap_or_default().saturating_sub(bytes.len()) + 1);
    rest.take(room).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    Ok(if read > most { Err(read) } else { Ok(bytes) })
}

/// Held while a long PES is in memory, with its tree: one at a time, whoever reads.
static LONG: Mutex<()> = Mutex::new(());

/// A PES that may have more nodes than what is read of other XML, or is longer.
fn large_pes(
    file: &str,
    head: Vec<u8>,
    rest: &mut dyn Read,
    size: u64,
    (limits, judge): (&Limits, &dyn SignatureJudge),
) -> io::Result<Reading> {
    let _one = LONG.lock().unwrap_or_else(PoisonError::into_inner);
    let limits = Limits { xml_nodes: limits.xml_nodes.max(limits.pes_nodes), ..limits.clone() };
    // One that is within what is read of other XML takes nothing of what is left for longer ones.
    Ok(match whole(head, rest, size, limits.pes_bytes.max(limits.xml_bytes))? {
        Ok(bytes) => read_xml(file, &bytes, &limits, judge),
        Err(size) => Reading::LargePes(size),
    })
}

/// What a document is that is too long to be looked at whole.
fn seda_or_too_large(first: &[u8], size: u64) -> Reading {
    match seda::begins_a_transfer(first) {
        Some(Ok(())) => Reading::Seda,
        Some(Err(version)) => Reading::OtherSeda(version),
        None => Reading::TooLarge(size),
    }
}

fn read_xml(file: &str, bytes: &[u8], limits: &Limits, judge: &dyn SignatureJudge) -> Reading {
    let named = name::message(file).is_some() || name::envelope(file).is_some();
    let decoded = match encoding::decode(bytes, file) {
        Ok(decoded) => decoded,
        Err(fault) => return Reading::Fault(fault),
    };
    let oddity = decoded.oddity;
    let read = xml::parse_aside(&decoded.text, file, limits, |doc, aside| match document::read(doc, file, named) {
        Some(document) => Reading::Actes(document, oddity),
        None => match pes::document::read(doc, aside, file, limits) {
            Some(pes) => Reading::Pes(Box::new(pes), oddity),
            None if seda::is_transfer(doc.root_element().tag_name()) => Reading::Seda,
            None => match decp::read_xml(doc, file, limits) {
                Some(decp) => Reading::Decp(Box::new(decp), oddity),
                None => match seda::unread_version(doc.root_element().tag_name()) {
                    Some(version) => Reading::OtherSeda(version),
                    None => marks::signed_xml(&decoded.text, judge).unwrap_or(Reading::OtherXml),
                },
            },
        },
    });
    let mut read = read.unwrap_or_else(Reading::Fault);
    if let Reading::Pes(pes, _) = &mut read
        && pes.carries_signatures()
    {
        pes.signatures = judge.judge(&decoded.text);
    }
    read
}

/// XML by its declaration, or by its extension; that of a message is one before the end that says it is packed. HTML has neither and stays opaque.
fn looks_like_xml(head: &[u8], file: &str) -> bool {
    if head.is_empty() {
        return false;
    }
    let named = |end: &str| file.to_ascii_lowercase().ends_with(end);
    let body = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let wide = [b"\xFF\xFE<\0".as_slice(), b"\xFE\xFF\0<", b"<\0?\0", b"\0<\0?"];
    let signature = [".xsig", ".xades"].iter().any(|end| named(end)) && body.starts_with(b"<");
    named(".xml")
        || name::is_packed_flow(file)
        || signature
        || body.starts_with(b"<?xml")
        || wide.iter().any(|w| head.starts_with(w))
}

/// First bytes, extension (empty: any), media type.
const MAGIC: [(&[u8], &str, &str); 16] = [
    (b"%PDF-", "", "application/pdf"),
    (b"\xFF\xD8\xFF", "", "image/jpeg"),
    (b"\x89PNG\r\n\x1A\n", "", "image/png"),
    (b"GIF8", "", "image/gif"),
    (b"II*\0", "", "image/tiff"),
    (b"MM\0*", "", "image/tiff"),
    (b"\x1F\x8B", "", "application/gzip"),
    (b"PK\x03\x04", ".odt", "application/vnd.oasis.opendocument.text"),
    (b"PK\x03\x04", ".ods", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"PK\x03\x04", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"PK\x03\x04", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"PK\x03\x04", "", "application/zip"),
    (b"{\\rtf", "", "application/rtf"),
    (b"<?xml", "", "application/xml"),
    (b"\xEF\xBB\xBF<?xml", "", "application/xml"),
    (b"<", ".xml", "application/xml"),
];

/// Extension and media type, for what has no mark of its own.
const EXTENSIONS: [(&str, &str); 4] =
    [(".json", "application/json"), (".csv", "text/csv"), (".txt", "text/plain"), (".tar", "application/x-tar")];

/// The media type of a file, from its first bytes, else from its name.
pub(crate) fn media_type(head: &[u8], file: &str) -> &'static str {
    let file = file.to_ascii_lowercase();
    let magic = MAGIC.iter().find(|(mark, end, _)| head.starts_with(mark) && file.ends_with(end)).map(|m| m.2);
    let named = || EXTENSIONS.iter().find(|(end, _)| file.ends_with(end)).map(|e| e.1);
    magic.or_else(named).unwrap_or("application/octet-stream")
}

/// The remark that an XML file was kept unread.
pub(crate) fn not_read(seen: &Seen, size: u64, limits: &Limits) -> Fault {
    if matches!(seen.reading, Reading::LargePes(_)) {
        return pes_too_large(&codes::PES_NOT_READ, seen, size, limits);
    }
    Fault::new(&codes::XML_NOT_READ, &seen.name).with(size).with(limits.xml_bytes).with(limits.xml_total_bytes)
}

/// Of a PES that is beyond what is read of one, or of those of a deposit.
pub(crate) fn pes_too_large(code: &'static codes::Code, seen: &Seen, size: u64, limits: &Limits) -> Fault {
    Fault::new(code, &seen.name).with(size).with(limits.pes_bytes).with(limits.pes_total_bytes)
}

/// The remark that what a file is cannot be told by its beginning, and that it was not read.
pub(crate) fn long_prolog(seen: &Seen) -> Option<Fault> {
    let unread = matches!(seen.reading, Reading::NotXml | Reading::TooLarge(_));
    let beyond = unread && seen.begun == Some(Begun::Beyond);
    beyond.then(|| Fault::new(&codes::XML_PROLOG, &seen.name).with(MAX_PROLOG_BYTES))
}

/// The media type that the bytes tell, else the one that the first bytes and the name do.
pub(crate) fn media_of(format: Option<&Format>, otherwise: String) -> String {
    format.filter(|format| !format.is_generic()).map_or(otherwise, |format| format.media_type.to_owned())
}
