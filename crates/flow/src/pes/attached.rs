//! Attached documents of a PES (PES_PJ): base64 of gzip, inflated within bounds to tell what they are, and thrown away.

use std::io::{self, BufReader, Cursor, Read};

use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use roxmltree::Node;

use super::{Place, leaf, placed};
use crate::codes::{self, Fault, Faults};
use crate::limits::{Limits, MAX_LISTED};
use crate::look;
use crate::xml::{child, leaf_text, within};

/// The attached documents of one flow.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    /// The first of them.
    pub(crate) listed: Vec<Attachment>,
    pub(crate) count: usize,
    /// The identifiers of all, by which pieces name them.
    pub(crate) ids: std::collections::BTreeSet<String>,
}

/// One attached document.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) name: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) description: Option<String>,
    /// Its bytes once inflated, and what they begin like.
    pub(crate) content: Option<(u64, &'static str)>,
}

/// Reads those under PES_PJ; some software puts them beside it.
pub(crate) fn read(root: Node<'_, '_>, place: &str, limits: &Limits, oddities: &mut Faults) -> Attachments {
    let mut found = Attachments::default();
    let mut left = limits.inflated_bytes;
    let above = format!("/{}", root.tag_name().name());
    let blocks = placed(root, &above, "PES_PJ");
    let inside = blocks.flat_map(|(block, path)| placed(block, &path.to_string(), "PJ").collect::<Vec<_>>());
    for (node, path) in inside.chain(placed(root, &above, "PJ")) {
        let attachment = one(node, (place, &path), limits, &mut left, oddities);
        found.count += 1;
        if let Some(id) = attachment.id.clone()
            && !found.ids.insert(id.clone())
        {
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_TWICE, within(place, &path.to_string())).with(id));
        }
        if found.listed.len() < MAX_LISTED {
            found.listed.push(attachment);
        }
    }
    found
}

fn one(
    node: Node<'_, '_>,
    (file, path): (&str, &Place),
    limits: &Limits,
    left: &mut u64,
    oddities: &mut Faults,
) -> Attachment {
    let owned = |name: &str| leaf(node, name).map(str::to_owned);
    let (name, id) = (owned("NomPJ"), owned("IdUnique"));
    let here = || within(file, &path.to_string());
    let shown = name.clone().or_else(|| id.clone()).unwrap_or_else(|| "?".to_owned());
    for (what, _) in [("NomPJ", name.is_none()), ("IdUnique", id.is_none())].iter().filter(|(_, missing)| *missing) {
        oddities.push(Fault::new(&codes::PES_MISSING, here()).with(what));
    }
    let held = child(node, "Contenu").and_then(|content| child(content, "Fichier"));
    let text = held.and_then(|held| leaf_text(held));
    let content = match text.map(|text| Content::of(text, name.as_deref().unwrap_or(""), *left, limits)) {
        None => {
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_EMPTY, here()).with(&shown));
            None
        }
        Some(Ok(content)) => {
            *left = left.saturating_sub(content.size);
            if !content.gzipped {
                oddities.push(Fault::new(&codes::PES_ATTACHMENT_NOT_GZIP, here()).with(&shown));
            }
            let announced = held.and_then(|held| held.attribute("MIMEType")).unwrap_or("").trim();
            if content.differs(announced) {
                let fault = Fault::new(&codes::PES_ATTACHMENT_TYPE, here()).with(&shown);
                oddities.push(fault.with(announced).with(content.media_type));
            }
            Some((content.size, content.media_type))
        }
        Some(Err(Broken::NotBase64)) => {
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_NOT_BASE64, here()).with(&shown));
            None
        }
        Some(Err(Broken::Damaged(why))) => {
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_DAMAGED, here()).with(&shown).with(why));
            None
        }
        Some(Err(Broken::TooLarge(most))) => {
            *left = left.saturating_sub(most);
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_TOO_LARGE, here()).with(&shown).with(most));
            None
        }
    };
    Attachment { name, id, kind: owned("TypePJ"), description: owned("Description"), content }
}

/// What an attached document is, once out of its wrappings.
struct Content {
    size: u64,
    media_type: &'static str,
    gzipped: bool,
}

/// Why it could not be taken out of them.
#[derive(Debug)]
enum Broken {
    NotBase64,
    Damaged(io::Error),
    /// It would be longer than this.
    TooLarge(u64),
}

impl Content {
    fn of(text: &str, name: &str, left: u64, limits: &Limits) -> Result<Content, Broken> {
        let mut decoded = DecoderReader::new(Unspaced(text.as_bytes()), &STANDARD);
        let mut first = Vec::new();
        decoded.by_ref().take(2).read_to_end(&mut first).map_err(broken)?;
        let packed = (text.len() as u64).saturating_mul(3) / 4;
        let ratio = packed.saturating_mul(limits.inflated_ratio).max(limits.ratio_floor_bytes);
        let most = left.min(ratio);
        let gzipped = first == b"\x1F\x8B";
        let whole = BufReader::new(Cursor::new(first).chain(decoded));
        let mut inflated: Box<dyn Read + '_> =
            if gzipped { Box::new(flate2::bufread::GzDecoder::new(whole)) } else { Box::new(whole) };
        let head = look::head(&mut inflated).map_err(broken)?;
        let room = most.saturating_add(1).saturating_sub(head.len() as u64);
        let rest = io::copy(&mut inflated.take(room), &mut io::sink()).map_err(broken)?;
        let size = rest.saturating_add(head.len() as u64);
        if size > most {
            return Err(Broken::TooLarge(most));
        }
        Ok(Content { size, media_type: look::media_type(&head, name), gzipped })
    }

    /// The type announced says something else than the first bytes, where both say something.
    fn differs(&self, announced: &str) -> bool {
        const SILENT: [&str; 3] = ["", "application/octet-stream", "application/gzip"];
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let xml = |text: &str| text.ends_with("/xml") || text.ends_with("+xml");
        let silent = SILENT.iter().any(|word| same(word, announced) || *word == self.media_type);
        let both_xml = xml(announced) && xml(self.media_type);
        !(silent || both_xml || same(announced, self.media_type))
    }
}

fn broken(error: io::Error) -> Broken {
    let decoding = error.get_ref().is_some_and(|inner| inner.is::<base64::DecodeError>());
    if decoding { Broken::NotBase64 } else { Broken::Damaged(error) }
}

/// The bytes of a text without its white space.
struct Unspaced<'t>(&'t [u8]);

impl Read for Unspaced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < buffer.len() {
            self.0 = self.0.trim_ascii_start();
            let most = &self.0[..self.0.len().min(buffer.len() - written)];
            if most.is_empty() {
                break;
            }
            let ends = [memchr::memchr3(b' ', b'\n', b'\r', most), memchr::memchr2(b'\t', b'\x0C', most)];
            let run = ends.into_iter().flatten().min().unwrap_or(most.len());
            buffer[written..written + run].copy_from_slice(&most[..run]);
            self.0 = &self.0[run..];
            written += run;
        }
        Ok(written)
    }
}
