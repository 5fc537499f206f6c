//! What the bytes of each file are of: told in the facts, and held against what its name, its declared type and its flow announce.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::sealed::Sealed;
use super::{Deposit, is_refusal};
use crate::codes::{self, Fault, Faults};
use crate::formats::{self, Announced, Family, Format, Sniffer};
use crate::limits::{MAX_LISTED, MAX_LISTED_BYTES};
use crate::look;
use crate::model::{FlowKind, Incoming};
use crate::names::last_component;

/// One file, as far as its format goes.
struct Told<'a> {
    name: &'a str,
    format: Option<Format>,
    role: &'static str,
    /// The media type that was declared.
    declared: Option<&'a str>,
    /// Its name and type announce something of it: not those of an archive that is looked into, nor of an empty file.
    announced: bool,
}

impl Deposit<'_> {
    /// Step 2, a file that is not to be opened: its bytes pass, nothing is made of them but a type.
    pub(super) fn type_of(&mut self, index: usize, file: &mut Incoming<'_>) -> std::io::Result<()> {
        let mut reader = (file.open)()?;
        let head = look::head(&mut reader)?;
        let mut sniffer = Sniffer::new();
        sniffer.take(&head);
        sniffer.rest(&mut reader)?;
        let format = sniffer.format();
        let by_name = look::media_type(&head, &self.names[index]).to_owned();
        self.files[index].media_type = look::media_of(format.as_ref(), by_name);
        self.files[index].format = format;
        Ok(())
    }

    /// The fact `formats`, and findings where bytes are of something else than is announced, or of more than they seem; of bids, which are
    /// sealed, none. Nothing of a refused deposit.
    pub(super) fn formats(&mut self, kind: FlowKind, sealed: &Sealed) -> Option<Value> {
        if self.faults.any(is_refusal) {
            return None;
        }
        let (all, mut faults) = (self.all_told(), Faults::default());
        for file in all.iter().filter(|file| !sealed.holds(file.name)) {
            faults.extend(differs(file));
            faults.extend(file.format.map(|format| format.inside.faults(&format, file.name)).unwrap_or_default());
            if kind == FlowKind::Actes && matches!(file.role, "acte" | "annexe") {
                faults.extend(not_of_actes(file));
            }
        }
        let listed = listed(&all);
        self.faults.append(&faults);
        Some(listed)
    }

    /// Every file, then every member.
    fn all_told(&self) -> Vec<Told<'_>> {
        let roles = self.story.as_ref().map(|story| story.roles.as_slice()).unwrap_or_default();
        let incoming = self.files.iter().zip(&self.names).enumerate().map(|(index, (file, name))| Told {
            name,
            format: file.format,
            role: file.role,
            declared: self.declared_types[index].as_deref(),
            announced: self.containers[index].is_none() && self.sizes[index] > 0,
        });
        let members = self.seen.iter().enumerate().filter(|(place, _)| self.incoming_of[*place].is_none());
        let members = members.map(|(place, seen)| Told {
            name: &seen.name,
            format: seen.format,
            role: roles.get(place).copied().unwrap_or("fichier"),
            declared: None,
            announced: true,
        });
        incoming.chain(members).collect()
    }
}

/// The bytes are of something else than the name or the declared type announces.
fn differs(file: &Told<'_>) -> Vec<Fault> {
    if !file.announced {
        return Vec::new();
    }
    let by_name = formats::by_extension(last_component(file.name));
    let by_type = file.declared.and_then(formats::by_media_type);
    // What both announce is said once.
    let same = |a: &Announced, b: &Announced| std::ptr::eq(a, b);
    let by_type = by_type.filter(|(by_type, _)| by_name.as_ref().is_none_or(|(by_name, _)| !same(by_name, by_type)));
    let each = [by_name, by_type].into_iter().flatten();
    each.filter_map(|(announced, word)| match &file.format {
        Some(format) if announced.agrees(format) => None,
        Some(format) => Some(Fault::new(&codes::FORMAT_MISMATCH, file.name).with_words(format.told()).with(word)),
        None if announced.marked => Some(Fault::new(&codes::FORMAT_UNLIKE, file.name).with(word)),
        None => None,
    })
    .collect()
}

/// A piece of an act is a PDF, a PNG, a JPEG or an XML document.
fn not_of_actes(file: &Told<'_>) -> Option<Fault> {
    let format = file.format?;
    let taken = matches!(format.family, Family::Pdf | Family::Png | Family::Jpeg | Family::Xml);
    (!taken).then(|| Fault::new(&codes::ACTES_FORMAT, file.name).with_words(format.told()))
}

/// `[{nom, declare, puid, media_type, nombre, fichiers}]`, by format; those not recognised last, with their number alone.
fn listed(all: &[Told<'_>]) -> Value {
    let mut by_format: BTreeMap<(bool, Option<Format>), Vec<&str>> = BTreeMap::new();
    for file in all {
        by_format.entry((file.format.is_none(), file.format.map(Format::bare))).or_default().push(file.name);
    }
    let mut room = MAX_LISTED;
    let one = |((_, format), names): ((bool, Option<Format>), Vec<&str>)| {
        let mut told = Map::new();
        if let Some(format) = format {
            told.insert("nom".to_owned(), Value::from(format.name));
            told.insert("media_type".to_owned(), Value::from(format.media_type));
            told.extend(format.claims.map(|claims| ("declare".to_owned(), Value::from(claims))));
            told.extend(format.puid.map(|puid| ("puid".to_owned(), Value::from(puid))));
        }
        told.insert("nombre".to_owned(), Value::from(names.len()));
        let shown: Vec<Value> = names.iter().take(room).map(|name| Value::from(cut(name))).collect();
        room -= shown.len();
        if !shown.is_empty() {
            told.insert("fichiers".to_owned(), Value::from(shown));
        }
        Value::Object(told)
    };
    Value::Array(by_format.into_iter().take(MAX_LISTED).map(one).collect())
}

/// A name that fits in a list.
fn cut(name: &str) -> &str {
    let end = (0..=MAX_LISTED_BYTES.min(name.len())).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    &name[..end]
}
