//! Bytes of an XML document to text: UTF-8 and ISO-8859-1, as the declaration says, and what to do when it lies.
//! UTF-16, UTF-7 and the like are refused: two readers would not read the same document.

use std::borrow::Cow;

use crate::codes::{self, Fault};

/// A document in UTF-8, and what was odd about its encoding.
pub(crate) struct Decoded<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(crate) oddity: Option<Fault>,
}

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// What 0x80 to 0x9F stand for in Windows-1252; five are unassigned and stay C1 controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The document that begins so is in UTF-8, as it says or by default.
pub(crate) fn is_utf8(head: &[u8]) -> bool {
    let body = head.strip_prefix(UTF8_BOM).unwrap_or(head);
    let wide = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    !wide && matches!(family(&declared_label(body).unwrap_or_default()), Family::Utf8)
}

/// The text of an XML document, the mark of UTF-8 removed.
///
/// # Errors
/// `encoding-refused` for an encoding that is not read, `encoding-mismatch` when the bytes are not in the declared one.
pub(crate) fn decode<'b>(bytes: &'b [u8], place: &str) -> Result<Decoded<'b>, Fault> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Fault::new(&codes::ENCODING_REFUSED, place).with("UTF-16"));
    }
    let marked = bytes.starts_with(UTF8_BOM);
    let body = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
    let label = declared_label(body).unwrap_or_default();
    let shown = if label.is_empty() { "UTF-8" } else { &label };
    let odd = |code| Some(Fault::new(code, place).with(shown));
    let mismatch = || Fault::new(&codes::ENCODING_MISMATCH, place).with(shown);
    match family(&label) {
        Family::Utf8 => {
            let text = std::str::from_utf8(body).map_err(|_| mismatch())?;
            Ok(Decoded { text: text.into(), oddity: None })
        }
        Family::Ascii if body.is_ascii() => Ok(Decoded { text: latin(body, '¤'), oddity: None }),
        Family::Ascii => Err(mismatch()),
        Family::Latin(_) if marked => {
            let text = std::str::from_utf8(body).map_err(|_| mismatch())?;
            Ok(Decoded { text: text.into(), oddity: odd(&codes::ENCODING_BOM) })
        }
        Family::Latin(latin_family) => {
            if let Some(plain) = ascii(body) {
                return Ok(Decoded { text: plain.into(), oddity: None });
            }
            let c1 = |piece: &[u8]| !piece.is_ascii() && piece.iter().any(|b| (0x80..0xA0).contains(b));
            let windows = body.chunks(PIECE).any(c1);
            let utf8 = std::str::from_utf8(body).is_ok();
            let oddity = match latin_family {
                _ if utf8 => odd(&codes::ENCODING_SUSPECT),
                Latin::One | Latin::Nine if windows => odd(&codes::ENCODING_WINDOWS_1252),
                _ => None,
            };
            Ok(Decoded { text: latin(body, if latin_family == Latin::Nine { '€' } else { '¤' }), oddity })
        }
        Family::Unknown if body.is_ascii() => {
            Ok(Decoded { text: latin(body, '¤'), oddity: odd(&codes::ENCODING_UNKNOWN) })
        }
        Family::Unknown | Family::Refused => Err(Fault::new(&codes::ENCODING_REFUSED, place).with(shown)),
    }
}

/// The text of an XML document in UTF-16, which begins with its mark or with a declaration; nothing of any other document, nor of one that declares
/// another encoding, holds half a character, or is cut. For whoever judges its characters: other readers of a deposit take none.
pub(crate) fn decode_wide(bytes: &[u8]) -> Option<String> {
    let (body, big) = match bytes {
        [0xFF, 0xFE, body @ ..] => (body, false),
        [0xFE, 0xFF, body @ ..] => (body, true),
        [b'<', 0, b'?', 0, ..] => (bytes, false),
        [0, b'<', 0, b'?', ..] => (bytes, true),
        _ => return None,
    };
    if body.len() % 2 != 0 {
        return None;
    }
    let unit =
        |pair: &[u8]| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
    let text: String = char::decode_utf16(body.chunks_exact(2).map(unit)).collect::<Result<_, _>>().ok()?;
    let label = declared_label(text.as_bytes()).unwrap_or_default();
    matches!(label.to_ascii_lowercase().as_str(), "" | "utf-16" | "utf-16le" | "utf-16be").then_some(text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Latin {
    One,
    Nine,
    Windows,
}

#[derive(Clone, Copy)]
enum Family {
    Utf8,
    Ascii,
    Latin(Latin),
    Unknown,
    Refused,
}

fn family(label: &str) -> Family {
    match label.to_ascii_lowercase().as_str() {
        "" | "utf-8" | "utf8" => Family::Utf8,
        "us-ascii" | "ascii" => Family::Ascii,
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => Family::Latin(Latin::One),
        "iso-8859-15" | "iso8859-15" | "iso_8859-15" | "latin9" | "latin-9" => Family::Latin(Latin::Nine),
        "windows-1252" | "cp1252" => Family::Latin(Latin::Windows),
        other if other.starts_with("utf") || other.contains("ucs") || other.contains("10646") => Family::Refused,
        _ => Family::Unknown,
    }
}

/// Bytes looked at together: most pieces of a document are ASCII, and are taken as they stand.
const PIECE: usize = 256;

/// One character a byte. `currency` is what 0xA4 stands for: it tells ISO-8859-15 apart, with seven other letters.
fn latin(bytes: &[u8], currency: char) -> Cow<'_, str> {
    if let Some(plain) = ascii(bytes) {
        return plain.into();
    }
    let nine = currency == '€';
    let letter = |&b: &u8| match b {
        0x80..=0x9F => WINDOWS_1252[usize::from(b - 0x80)],
        0xA4 => currency,
        0xA6 if nine => 'Š',
        0xA8 if nine => 'š',
        0xB4 if nine => 'Ž',
        0xB8 if nine => 'ž',
        0xBC if nine => 'Œ',
        0xBD if nine => 'œ',
        0xBE if nine => 'Ÿ',
        _ => char::from(b),
    };
    let mut text = String::with_capacity(bytes.len());
    for piece in bytes.chunks(PIECE) {
        match ascii(piece) {
            Some(plain) => text.push_str(plain),
            None => text.extend(piece.iter().map(letter)),
        }
    }
    text.into()
}

/// These bytes as they stand, where all are ASCII.
fn ascii(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
}

/// The `encoding` pseudo-attribute of the XML declaration, looked for in the first 256 bytes.
fn declared_label(body: &[u8]) -> Option<String> {
    let head = body.strip_prefix(b"<?xml")?;
    let head = &head[..head.len().min(256)];
    let end = head.windows(2).position(|w| w == b"?>").unwrap_or(head.len());
    let head: String = head[..end].iter().map(|&b| char::from(b)).collect();
    let after = head.split_once("encoding").map(|(_, after)| after)?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next().unwrap_or("");
    // An empty label is a declaration too, and not one of UTF-8.
    Some(if label.is_empty() { "?".to_owned() } else { label.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, Option<&'static str>), &'static str> {
        decode(bytes, "x").map(|d| (d.text.into_owned(), d.oddity.map(|o| o.code.name))).map_err(|f| f.code.name)
    }

    fn declared(label: &str, tail: &[u8]) -> Vec<u8> {
        [format!("<?xml version=\"1.0\" encoding='{label}'?>").as_bytes(), tail].concat()
    }

    #[test]
    fn iso_8859_1_is_read_as_its_256_characters() {
        let (text, oddity) = read(&declared("ISO-8859-1", b"d\xE9lib\xE8re")).unwrap();
        assert!(text.ends_with("délibère"));
        assert_eq!(oddity, None);
    }

    #[test]
    fn letters_are_read_wherever_they_stand_between_pieces() {
        for place in [0, 200, 254, 255, 256, 257, 700] {
            let (text, _) = read(&declared("ISO-8859-1", &[&vec![b'a'; place][..], b"\xE9b\xFF"].concat())).unwrap();
            assert!(text.ends_with("éb\u{FF}") && text.matches('a').count() >= place, "{place}");
        }
    }

    #[test]
    fn windows_1252_under_another_name_is_read_and_remarked() {
        let (text, oddity) = read(&declared("ISO-8859-1", b"l\x92\x9Cuvre \x80")).unwrap();
        assert!(text.ends_with("l’œuvre €"));
        assert_eq!(oddity, Some("encoding-windows-1252"));
        assert_eq!(read(&declared("windows-1252", b"\x92")).unwrap().1, None);
        assert!(read(&declared("ISO-8859-15", b"\xA4\xBD")).unwrap().0.ends_with("€œ"));
    }

    #[test]
    fn utf_8_is_the_default_and_must_be_utf_8() {
        assert_eq!(read("<a>é</a>".as_bytes()).unwrap(), ("<a>é</a>".into(), None));
        assert_eq!(read(b"<a>\xE9</a>"), Err("encoding-mismatch"));
        assert_eq!(read(&declared("UTF-8", b"\xE9")), Err("encoding-mismatch"));
        assert_eq!(read(&declared("us-ascii", b"\xE9")), Err("encoding-mismatch"));
        assert_eq!(read(b"\xEF\xBB\xBF<a/>").unwrap().0, "<a/>");
    }

    #[test]
    fn a_lying_declaration_is_remarked() {
        assert_eq!(read(&declared("ISO-8859-1", "é".as_bytes())).unwrap().1, Some("encoding-suspect"));
        let bom = [b"\xEF\xBB\xBF".as_slice(), &declared("ISO-8859-1", "é".as_bytes())].concat();
        let (text, oddity) = read(&bom).unwrap();
        assert!(text.ends_with('é'));
        assert_eq!(oddity, Some("encoding-bom"));
    }

    #[test]
    fn utf_16_is_told_for_signatures_by_its_mark_or_declaration_and_where_it_says_nothing_else() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let declared = "<?xml version='1.0' encoding='UTF-16'?><a>é€𝄞</a>";
        for big in [false, true] {
            assert_eq!(decode_wide(&wide(&format!("\u{FEFF}{declared}"), big)).as_deref(), Some(declared));
            assert_eq!(decode_wide(&wide(declared, big)).as_deref(), Some(declared));
            assert_eq!(decode_wide(&wide("\u{FEFF}<a/>", big)).as_deref(), Some("<a/>"));
            let lying = declared.replace("UTF-16", "ISO-8859-1");
            assert_eq!(decode_wide(&wide(&format!("\u{FEFF}{lying}"), big)), None);
            let whole = wide(declared, big);
            assert_eq!(decode_wide(&whole[..whole.len() - 1]), None);
        }
        let mut half = wide("\u{FEFF}<a/>", false);
        half.extend([0x00, 0xD8]);
        assert_eq!((decode_wide(&half), decode_wide(declared.as_bytes()), decode_wide(b"")), (None, None, None));
    }

    #[test]
    fn what_two_readers_would_read_differently_is_refused() {
        assert_eq!(read(&declared("UTF-7", b"+ADw-")), Err("encoding-refused"));
        assert_eq!(read(&declared("utf-16", b"<a/>")), Err("encoding-refused"));
        assert_eq!(read(b"\xFF\xFE<\0a\0"), Err("encoding-refused"));
        assert_eq!(read(&declared("x-klingon", b"\xE9")), Err("encoding-refused"));
        assert_eq!(read(&declared("x-klingon", b"<a/>")).unwrap().1, Some("encoding-unknown"));
        assert_eq!(read(&declared("", b"<a/>")).unwrap().1, Some("encoding-unknown"));
    }
}
