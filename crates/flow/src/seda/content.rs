//! What came, held against what the bordereau announces: each file is one of an object, each object has its file, with its digest
//! and its size.

use std::collections::BTreeSet;
use std::io::{self, Read};

use unicode_normalization::UnicodeNormalization;

use crate::codes::{self, Fault, Faults};
use crate::formats::{self, Format, Sniffer};
use crate::interned::{Name, Names};
use crate::look::{self, HEAD_BYTES};
use crate::names::last_component;
use crate::seda::digest::{Algorithm, Running};
use crate::seda::transfer::{Transfer, number};
use crate::xml::within;

/// The objects by the name of their file, and those whose file came.
pub(crate) struct Content<'t> {
    transfer: &'t Transfer,
    place: &'t str,
    names: Names,
    /// What the file of an object may be called, and the object, in order.
    by_name: Vec<(Name, u32)>,
    /// By the last part of the name, for files that come beside the bordereau; those that share one are not told apart.
    by_base: Vec<(Name, u32)>,
    came: Vec<bool>,
    folders: BTreeSet<String>,
    /// Bytes of the files of objects.
    pub(crate) bytes: u64,
    pub(crate) faults: Faults,
}

/// What a file may be called: as written, with its percent escapes resolved, both in NFC.
fn names(uri: &str) -> Vec<String> {
    let plain: String = uri.nfc().collect();
    let bytes = uri.as_bytes();
    let mut resolved = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| uri.get(at + 1..at + 3)).flatten();
        if let Some(value) = escaped.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            resolved.push(value);
            at += 3;
        } else {
            resolved.push(*byte);
            at += 1;
        }
    }
    let mut all = vec![plain];
    if let Ok(text) = String::from_utf8(resolved) {
        let text: String = text.nfc().collect();
        if text != all[0] {
            all.push(text);
        }
    }
    all
}

impl<'t> Content<'t> {
    pub(crate) fn new(transfer: &'t Transfer, place: &'t str) -> Content<'t> {
        let mut interned = Names::default();
        let (mut by_name, mut by_base) = (Vec::new(), Vec::new());
        for (index, object) in transfer.objects.iter().enumerate() {
            let uri = transfer.text(object.uri).filter(|uri| !uri.is_empty() && !object.physical);
            for name in uri.map(names).unwrap_or_default() {
                by_base.push((interned.name(last_component(&name)), number(index)));
                by_name.push((interned.name(&name), number(index)));
            }
        }
        for list in [&mut by_name, &mut by_base] {
            list.sort_unstable();
            list.dedup();
        }
        let came = vec![false; transfer.objects.len()];
        let (folders, faults) = (BTreeSet::new(), Faults::default());
        Content { transfer, place, names: interned, by_name, by_base, came, folders, bytes: 0, faults }
    }

    /// A file that came, under its name in its container, or beside the bordereau. Gives its media type, its format and its role.
    ///
    /// # Errors
    /// Those of the reader.
    pub(crate) fn file(
        &mut self,
        name: &str,
        (place, beside): (&str, bool),
        reader: &mut dyn Read,
    ) -> io::Result<(String, Option<Format>, &'static str)> {
        if let Some((folder, _)) = name.split_once('/').filter(|_| !beside) {
            self.folders.insert(folder.to_owned());
        }
        let indexes = self.objects_of(name, beside);
        let transfer = self.transfer;
        let wanted = indexes.iter().filter_map(|index| transfer.announced(&transfer.objects[*index])?.bytes());
        let mut running: Vec<(Algorithm, Running)> = Vec::new();
        for (algorithm, _) in wanted {
            if !running.iter().any(|(known, _)| *known == algorithm) {
                running.push((algorithm, Running::new(algorithm)));
            }
        }
        let (head, format, size) = drain(reader, &mut running)?;
        let media_type = look::media_of(format.as_ref(), look::media_type(&head, name).to_owned());
        if indexes.is_empty() {
            self.faults.push(Fault::new(&codes::SEDA_FILE_SURPLUS, place));
            return Ok((media_type, format, "fichier"));
        }
        self.bytes = self.bytes.saturating_add(size);
        let digests: Vec<(Algorithm, Vec<u8>)> = running.into_iter().map(|(a, one)| (a, one.finish())).collect();
        for index in indexes {
            self.held_against(index, place, size, &digests);
            self.of_another_format(index, place, format.as_ref());
        }
        Ok((media_type, format, "objet"))
    }

    /// The objects whose file is called that.
    fn objects_of(&self, name: &str, beside: bool) -> Vec<usize> {
        let name: String = name.nfc().collect();
        let called = self.of_this(&self.by_name, &name);
        if !called.is_empty() || !beside {
            return called;
        }
        let loose = self.of_this(&self.by_base, last_component(&name));
        if loose.len() == 1 { loose } else { Vec::new() }
    }

    /// The objects of this name in that list.
    fn of_this(&self, list: &[(Name, u32)], name: &str) -> Vec<usize> {
        let Some(wanted) = self.names.find(name) else {
            return Vec::new();
        };
        let from = list.partition_point(|(name, _)| *name < wanted);
        let same = list.iter().skip(from).take_while(|(name, _)| *name == wanted);
        same.map(|(_, index)| *index as usize).collect()
    }

    /// A file called that, beside the bordereau, is the file of an object.
    pub(crate) fn announces(&self, name: &str) -> bool {
        !self.objects_of(name, true).is_empty()
    }

    fn held_against(&mut self, index: usize, place: &str, size: u64, digests: &[(Algorithm, Vec<u8>)]) {
        let object = &self.transfer.objects[index];
        self.came[index] = true;
        if let Some(said) = object.size.filter(|said| *said != size) {
            self.faults.push(Fault::new(&codes::SEDA_SIZE_DIFFERS, place).with(said).with(size));
        }
        let Some((algorithm, said)) = self.transfer.announced(object).and_then(|digest| digest.bytes()) else {
            return;
        };
        if digests.iter().any(|(known, value)| *known == algorithm && *value != said) {
            let id = self.transfer.names.get(object.id);
            self.faults.push(Fault::new(&codes::SEDA_DIGEST_DIFFERS, place).with(id));
        } else if algorithm.is_weak() {
            self.faults.push(Fault::new(&codes::SEDA_DIGEST_WEAK, place).with(format_args!("{algorithm:?}")));
        }
    }

    /// The format that the bordereau announces is another than that of the bytes.
    fn of_another_format(&mut self, index: usize, place: &str, found: Option<&Format>) {
        let announced = self.transfer.text(self.transfer.objects[index].format);
        if let (Some(announced), Some(found)) = (announced, found)
            && formats::by_puid(announced, found)
        {
            let fault = Fault::new(&codes::FORMAT_MISMATCH, place).with_words(found.told());
            self.faults.push(fault.with(format_args!("FormatId {announced}")));
        }
    }

    /// Everything came: what is missing, what no digest protects, and whether the files are in one folder.
    pub(crate) fn finished(&mut self, contained: bool) {
        let transfer = self.transfer;
        let two = transfer.version.has_objects_apart();
        for (object, came) in transfer.objects.iter().zip(&self.came).filter(|(object, _)| !object.physical) {
            let kind = if two { "BinaryDataObject" } else { "Document" };
            let at = || within(self.place, &format!("{kind} {}", transfer.names.get(object.id)));
            match transfer.text(object.uri) {
                _ if object.embedded => self.faults.push(Fault::new(&codes::SEDA_EMBEDDED, at())),
                None | Some("") => self.faults.push(Fault::new(&codes::SEDA_URI_MISSING, at())),
                Some(uri) if !came => self.faults.push(Fault::new(&codes::SEDA_FILE_MISSING, at()).with(uri)),
                Some(_) => {}
            }
            let fault = match transfer.announced(object) {
                None if two => Some(Fault::new(&codes::SEDA_DIGEST_MISSING, at())),
                None => Some(Fault::new(&codes::SEDA_DIGEST_ABSENT, at())),
                Some(digest) if digest.value.is_empty() => Some(Fault::new(&codes::SEDA_DIGEST_MISSING, at())),
                Some(digest) if digest.bytes().is_none() => {
                    Some(Fault::new(&codes::SEDA_DIGEST_UNREAD, at()).with(digest.algorithm).with(digest.value))
                }
                Some(_) => None,
            };
            self.faults.extend(fault);
        }
        if two && contained && self.folders.len() > 1 {
            let folders = self.folders.iter().cloned().collect::<Vec<_>>().join(", ");
            self.faults.push(Fault::new(&codes::SEDA_FOLDERS_SEVERAL, self.place).with(folders));
        }
        if transfer.objects.is_empty() {
            self.faults.push(Fault::new(&codes::SEDA_NO_OBJECT, self.place));
        }
    }
}

/// Reads to the end; the first bytes, what they are of, and how many there were.
fn drain(reader: &mut dyn Read, running: &mut [(Algorithm, Running)]) -> io::Result<(Vec<u8>, Option<Format>, u64)> {
    let mut sniffer = Sniffer::new();
    let mut head = Vec::new();
    let mut size = 0_u64;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok((head, sniffer.format(), size)),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = &buffer[..n];
        head.extend_from_slice(&bytes[..bytes.len().min(HEAD_BYTES - head.len())]);
        size = size.saturating_add(n as u64);
        sniffer.take(bytes);
        for (_, one) in running.iter_mut() {
            one.update(bytes);
        }
    }
}
