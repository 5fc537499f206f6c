//! Names of files and members: data, never paths. What is refused in a container, what is remarked elsewhere.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

use crate::codes::{self, Fault};
use crate::limits::Limits;

/// A character that may mislead whoever reads a name: control, bidi override, separator, byte order mark.
pub(crate) fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The reading of a name, for sentences and comparisons; the bytes stay what they are.
pub(crate) fn reading(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// What follows the last separator, of either kind.
pub(crate) fn last_component(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// A manifest means the file of this name: by the whole of it, or without directories.
pub(crate) fn is_called(name: &str, said: &str) -> bool {
    name == said || last_component(name) == said
}

/// NFC and lower case, for names that should have been the same.
pub(crate) fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// Says why a name is not a plain relative name, if it is not. The words go into sentences of both languages.
pub(crate) fn defect(name: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(name);
    if name.is_empty() {
        Some("\"\"")
    } else if name.contains(&0) {
        Some("NUL")
    } else if text.chars().any(is_treacherous) {
        Some("control/bidi")
    } else if name.contains(&b'\\') {
        Some("\\")
    } else if name.starts_with(b"/") {
        Some("/…")
    } else if name.len() >= 2 && name[0].is_ascii_alphabetic() && name[1] == b':' {
        Some("C:")
    } else if name.split(|b| *b == b'/').any(|part| part == b"..") {
        Some("..")
    } else {
        None
    }
}

/// The names of one container so far.
#[derive(Default)]
pub(crate) struct NameLedger {
    /// Normalised name → is a directory.
    seen: HashMap<Vec<u8>, bool>,
    /// Raw names, to tell a repetition from a clash.
    raw: HashSet<Vec<u8>>,
}

impl NameLedger {
    /// The member name is safe, within limits, and cannot be confused with an earlier one.
    /// Returns it without a leading `./`.
    ///
    /// # Errors
    /// `member-name-unsafe`, `member-name-limit`, `member-twice`, `member-clash`.
    pub(crate) fn admit<'n>(&mut self, name: &'n [u8], directory: bool, limits: &Limits) -> Result<&'n [u8], Fault> {
        let place = reading(name);
        if name.len() > limits.name_bytes {
            let fault = Fault::new(&codes::MEMBER_NAME_LIMIT, place);
            return Err(fault
                .with_words([format!("{} octets", name.len()), format!("{} bytes", name.len())])
                .with(limits.name_bytes));
        }
        let mut plain = name;
        while let Some(rest) = plain.strip_prefix(b"./") {
            plain = rest;
        }
        if directory {
            plain = plain.strip_suffix(b"/").unwrap_or(plain);
            if matches!(name, b"." | b"./") {
                return Ok(b"");
            }
        }
        if let Some(why) = defect(plain) {
            return Err(Fault::new(&codes::MEMBER_NAME_UNSAFE, place).with(why));
        }
        let parts: Vec<&[u8]> = plain.split(|b| *b == b'/').collect();
        if parts.len() > limits.name_depth {
            let fault = Fault::new(&codes::MEMBER_NAME_LIMIT, place);
            return Err(fault.with(format_args!("{} /", parts.len())).with(limits.name_depth));
        }
        if parts.iter().any(|p| p.is_empty() || *p == b".") {
            return Err(Fault::new(&codes::MEMBER_NAME_UNSAFE, place).with("//"));
        }
        if !self.raw.insert(plain.to_vec()) && !directory {
            return Err(Fault::new(&codes::MEMBER_TWICE, place));
        }
        self.claim(plain, directory).map_err(|()| Fault::new(&codes::MEMBER_CLASH, place.clone()).with(&place))?;
        Ok(plain)
    }

    /// Takes the name and its parent directories; a directory may be taken twice, a file once.
    fn claim(&mut self, plain: &[u8], directory: bool) -> Result<(), ()> {
        let key = normalised(plain);
        for (at, _) in key.iter().enumerate().filter(|(_, b)| **b == b'/') {
            if !*self.seen.entry(key[..at].to_vec()).or_insert(true) {
                return Err(());
            }
        }
        match self.seen.insert(key, directory) {
            None => Ok(()),
            Some(true) if directory => Ok(()),
            Some(_) => Err(()),
        }
    }
}

/// NFC when the name is UTF-8, the bytes otherwise.
fn normalised(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) => text.nfc().collect::<String>().into_bytes(),
        Err(_) => name.to_vec(),
    }
}
