//! Attached documents of a PES (PES_PJ): base64 of gzip, inflated within bounds to tell what they are, and thrown away.

use std::io::{self, BufRead, Read};

use roxmltree::Node;

use super::unwrapped::{NotBase64, Unwrapped};
use super::{Place, leaf, placed};
use crate::codes::{self, Fault, Faults};
use crate::container::Damage;
use crate::limits::{Limits, MAX_LISTED};
use crate::look;
use crate::xml::{Aside, child, within};

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
pub(crate) fn read(
    (root, aside): (Node<'_, '_>, &Aside<'_>),
    place: &str,
    limits: &Limits,
    oddities: &mut Faults,
) -> Attachments {
    let mut found = Attachments::default();
    let mut left = limits.inflated_bytes;
    let above = format!("/{}", root.tag_name().name());
    let blocks = placed(root, &above, "PES_PJ");
    let inside = blocks.flat_map(|(block, path)| placed(block, &path.to_string(), "PJ").collect::<Vec<_>>());
    for (node, path) in inside.chain(placed(root, &above, "PJ")) {
        let attachment = one((node, aside), (place, &path), limits, &mut left, oddities);
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
    (node, aside): (Node<'_, '_>, &Aside<'_>),
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
    let text = held.and_then(|held| aside.leaf_text(held));
    let content = match text.map(|text| Content::of(text, name.as_deref().unwrap_or(""), *left, limits)) {
        None => {
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_EMPTY, here()).with(&shown));
            None
        }
        Some(Ok(content)) => {
            *left = left.saturating_sub(content.size);
            if content.size == 0 {
                oddities.push(Fault::new(&codes::PES_ATTACHMENT_EMPTY, here()).with(&shown));
            }
            if !content.gzipped {
                oddities.push(Fault::new(&codes::PES_ATTACHMENT_NOT_GZIP, here()).with(&shown));
            }
            if content.follows {
                oddities.push(Fault::new(&codes::PES_ATTACHMENT_FOLLOWED, here()).with(&shown));
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
            oddities.push(Fault::new(&codes::PES_ATTACHMENT_DAMAGED, here()).with(&shown).with_words(why.words()));
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
    /// Bytes follow the end of the gzip.
    follows: bool,
}

/// Why it could not be taken out of them.
#[derive(Debug)]
enum Broken {
    NotBase64,
    Damaged(Damage),
    /// It would be longer than this.
    TooLarge(u64),
}

impl Content {
    fn of(text: &str, name: &str, left: u64, limits: &Limits) -> Result<Content, Broken> {
        let mut packed = Unwrapped::new(text);
        let gzipped = packed.fill_buf().map_err(broken)?.starts_with(b"\x1F\x8B");
        let bytes = (text.len() as u64).saturating_mul(3) / 4;
        let most = left.min(bytes.saturating_mul(limits.inflated_ratio).max(limits.ratio_floor_bytes));
        if !gzipped {
            let (head, size) = measured(&mut packed, most)?;
            return Ok(Content { size, media_type: look::media_type(&head, name), gzipped, follows: false });
        }
        let mut inflated = flate2::bufread::GzDecoder::new(packed);
        let (head, size) = measured(&mut inflated, most)?;
        // One byte is enough to tell, and what is no base64 any more is no part of it either.
        let follows = inflated.get_mut().fill_buf().map_or(true, |more| !more.is_empty());
        Ok(Content { size, media_type: look::media_type(&head, name), gzipped, follows })
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

/// The first bytes and how many there are, of at most so many.
fn measured(content: &mut dyn Read, most: u64) -> Result<(Vec<u8>, u64), Broken> {
    let head = look::head(content).map_err(broken)?;
    let (mut size, mut piece) = (head.len() as u64, [0; 32 << 10]);
    while size <= most {
        match content.read(&mut piece) {
            Ok(0) => return Ok((head, size)),
            Ok(read) => size = size.saturating_add(read as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(error)),
        }
    }
    Err(Broken::TooLarge(most))
}

fn broken(error: io::Error) -> Broken {
    let decoding = error.get_ref().is_some_and(|inner| inner.is::<NotBase64>());
    if decoding { Broken::NotBase64 } else { Broken::Damaged(damage(&error)) }
}

/// What the reader of gzip means by an error: it tells the bytes it cannot inflate from a sum or a size that is another by its sentence alone.
fn damage(error: &io::Error) -> Damage {
    let text = error.to_string();
    match Damage::of(error) {
        _ if text.contains("checksum") => Damage::Checksum,
        _ if text.contains("incomplete") => Damage::EndsEarly,
        known => known,
    }
}
