//! What a document is by how it begins: the root element of its XML and the namespace that one declares, whatever the file is called and however often
//! it is packed. Not here: whether the rest of it can be read.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use crate::actes;
use crate::limits::MAX_PROLOG_BYTES;
use crate::look::HEAD_BYTES;
use crate::pes::PesKind;
use crate::tar::Packing;

/// What it begins like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// A message or an envelope of ACTES.
    Actes,
    /// A flow of PES.
    Pes,
    /// What comes before its root element is longer than what is looked at: it may be anything.
    Beyond,
}

/// What the document is that begins with these bytes; of what follows as much is added to them as tells it.
///
/// # Errors
/// Those of the reader.
pub(crate) fn of(first: &mut Vec<u8>, rest: &mut dyn Read) -> io::Result<Option<Begun>> {
    loop {
        match told(first) {
            Said::Is(begun) => return Ok(Some(begun)),
            Said::Other => return Ok(None),
            Said::NotYet if first.len() >= MAX_PROLOG_BYTES => return Ok(Some(Begun::Beyond)),
            Said::NotYet => {}
        }
        let before = first.len();
        let more = before.max(HEAD_BYTES).min(MAX_PROLOG_BYTES - before);
        (&mut *rest).take(more as u64).read_to_end(first)?;
        if first.len() == before {
            return Ok(None);
        }
    }
}

/// The same of what these bytes are, unpacked that often at most. Damage shows later, to whoever reads it all.
pub(crate) fn found(reader: &mut dyn Read, packings: usize) -> Option<Begun> {
    let mut first = Vec::new();
    let _ = (&mut *reader).take(HEAD_BYTES as u64).read_to_end(&mut first);
    match Packing::of(&first) {
        None => of(&mut first, reader).unwrap_or_default(),
        Some(_) if packings == 0 => None,
        Some(packing) => {
            let mut packed = Cursor::new(first).chain(reader);
            found(&mut packing.unpacked(&mut packed), packings - 1)
        }
    }
}

/// What some of its bytes say.
enum Said {
    Is(Begun),
    Other,
    /// Its root element is still to come.
    NotYet,
}

fn told(bytes: &[u8]) -> Said {
    let text = text(bytes);
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    loop {
        if rest.is_empty() {
            return Said::NotYet;
        }
        let Some(after) = rest.strip_prefix('<') else { return Said::Other };
        let skipped = match after.as_bytes() {
            [] | [b'!'] | [b'!', b'-'] => return Said::NotYet,
            [b'?', ..] => after.split_once("?>"),
            [b'!', b'-', b'-', ..] => after.split_once("-->"),
            [b'!', ..] => declaration(after),
            _ => return root(after),
        };
        let Some((_, more)) = skipped else { return Said::NotYet };
        rest = more.trim_start();
    }
}

/// A declaration, and what follows it: what is refused elsewhere is passed over here, to see what it was meant as.
fn declaration(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let ends = |(_, c): &(usize, char)| {
        match *c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == '>' && depth == 0
    };
    let end = text.char_indices().find(ends)?.0;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// By the first tag, of which this is what follows its `<`.
fn root(after: &str) -> Said {
    let Some(end) = after.find([' ', '\t', '\r', '\n', '>', '/']) else { return Said::NotYet };
    let name = after.get(..end).unwrap_or_default();
    if PesKind::by_root(name.rsplit(':').next().unwrap_or_default()).is_some() {
        return Said::Is(Begun::Pes);
    }
    let mut quote = None;
    let closes = |c: char| match (quote, c) {
        (None, '"' | '\'') => {
            quote = Some(c);
            false
        }
        (Some(open), c) if open == c => {
            quote = None;
            false
        }
        (quote, c) => quote.is_none() && c == '>',
    };
    let end = after.find(closes);
    let tag = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
    if tag.contains(actes::NAMESPACE) {
        return Said::Is(Begun::Actes);
    }
    if end.is_some() { Said::Other } else { Said::NotYet }
}

/// These bytes as text: what is refused for its encoding is told all the same.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|two| unit([two[0], two[1]]));
        let read = char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER));
        Cow::Owned(read.collect())
    };
    match bytes {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(text: &[u8]) -> Option<Begun> {
        of(&mut Vec::new(), &mut &text[..]).unwrap()
    }

    const ACTES: &str = "<a:ARAnnulation a:x='>' xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"/>";

    #[test]
    fn a_root_element_and_its_namespace_tell_what_a_document_is() {
        for before in
            ["", "\u{FEFF}", "  \n", "<?xml version='1.0'?>\n<!-- <PES_Aller> -->", "<!DOCTYPE a [<!ENTITY b \"c\">]>"]
        {
            assert_eq!(begun(format!("{before}{ACTES}").as_bytes()), Some(Begun::Actes), "{before}");
            assert_eq!(begun(format!("{before}<n:PES_ACQUIT>").as_bytes()), Some(Begun::Pes), "{before}");
        }
        let wide: Vec<u8> = ACTES.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(begun(&wide), Some(Begun::Actes));
        for other in [
            "",
            "texte",
            "<",
            "<!",
            "<PES_Aller",
            "<a><PES_Aller/></a>",
            "<!-- <PES_Aller/> ",
            &ACTES.replace("v1.1", "v2"),
        ] {
            assert_eq!(begun(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_comes_before_is_looked_at_up_to_its_limit_and_told_beyond() {
        let after = |comment: usize| begun(format!("<!--{}-->{ACTES}", " ".repeat(comment)).as_bytes());
        let most = MAX_PROLOG_BYTES - "<!---->".len() - ACTES.len();
        assert_eq!((after(9 << 10), after(most)), (Some(Begun::Actes), Some(Begun::Actes)));
        assert_eq!(after(MAX_PROLOG_BYTES), Some(Begun::Beyond));
    }
}
