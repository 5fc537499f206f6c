//! Whether two names of X.501 are one, as RFC 5280 §7.1 has it: the same attributes in the same order, and texts that are the same to a
//! reader, whatever their string type, their case, and the white space around and between their words.
//!
//! Deliberately not here: composed and decomposed accents (NFKC), which count as two texts.

use crate::limits;
use crate::tlv::{self, Tlv};

const WHAT: &str = "name";
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const VISIBLE_STRING: u8 = 0x1a;
const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;

/// How two names, raw, are held against each other.
pub(crate) type SameName = fn(&[u8], &[u8]) -> bool;

/// Byte for byte: what tokens and those who look for a way to a root ask for.
pub(crate) fn identical(one: &[u8], other: &[u8]) -> bool {
    one == other
}

/// Byte for byte, or as a reader has it. Longer names than [`limits::NAME_TEXT_BYTES`], and what is no name, are compared byte for byte alone.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let short = |name: &[u8]| name.len() <= limits::NAME_TEXT_BYTES;
    short(one) && short(other) && read(one).is_some_and(|read_one| read(other) == Some(read_one))
}

/// What a value says.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said<'n> {
    Text(String),
    /// No text: its raw bytes.
    Other(&'n [u8]),
}

/// The attributes of a relative name, each with its type, sorted: a SET has no order.
type Relative<'n> = Vec<(&'n [u8], Said<'n>)>;

/// The relative names in order.
fn read(name: &[u8]) -> Option<Vec<Relative<'_>>> {
    let mut relatives = Tlv::sole(name, tlv::SEQUENCE, WHAT).ok()?.children();
    let mut all = Vec::new();
    while !relatives.is_empty() {
        let mut attributes = relatives.expect(tlv::SET, WHAT).ok()?.children();
        let mut relative = Vec::new();
        while !attributes.is_empty() {
            let mut fields = attributes.expect(tlv::SEQUENCE, WHAT).ok()?.children();
            let kind = fields.expect(tlv::OID, WHAT).ok()?.content;
            let value = fields.next(WHAT).ok()?;
            fields.end(WHAT).ok()?;
            relative.push((kind, text(&value).map_or(Said::Other(value.raw), |text| Said::Text(prepared(&text)))));
        }
        relative.sort();
        all.push(relative);
    }
    Some(all)
}

/// The characters of a string, where its type is one of texts and its bytes are of it.
fn text(value: &Tlv<'_>) -> Option<String> {
    let bytes = value.content;
    match value.tag {
        tlv::UTF8_STRING => std::str::from_utf8(bytes).ok().map(str::to_owned),
        PRINTABLE_STRING | IA5_STRING | VISIBLE_STRING => {
            bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect())
        }
        // Written by everyone as Latin-1, and so read.
        TELETEX_STRING => Some(bytes.iter().copied().map(char::from).collect()),
        BMP_STRING => {
            let units = bytes.chunks(2).map(|pair| pair.try_into().ok().map(u16::from_be_bytes));
            String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
        }
        UNIVERSAL_STRING => {
            let points = bytes.chunks(4).map(|four| four.try_into().ok().map(u32::from_be_bytes));
            points.map(|point| point.and_then(char::from_u32)).collect()
        }
        _ => None,
    }
}

/// Small letters, one space between words and none around (RFC 4518, in part).
fn prepared(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{element, sequence};

    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const COUNTRY: &[u8] = &[0x55, 4, 6];
    const BIT_STRING: u8 = 0x03;

    fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&element(tlv::OID, kind), &element(tag, value)])
    }

    /// A name of these relative names, each of one attribute.
    fn name(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let sets: Vec<Vec<u8>> =
            parts.iter().map(|(kind, tag, value)| element(tlv::SET, &attribute(kind, *tag, value))).collect();
        sequence(&[&sets.concat()])
    }

    fn called(tag: u8, value: &[u8]) -> Vec<u8> {
        name(&[(COUNTRY, PRINTABLE_STRING, b"FR"), (COMMON_NAME, tag, value)])
    }

    #[test]
    fn one_text_in_any_string_type_case_and_spacing_is_one_name() {
        let plain = called(tlv::UTF8_STRING, "AC des maires d'\u{c9}t\u{e9}".as_bytes());
        for other in [
            called(tlv::UTF8_STRING, "  ac DES  maires\td'\u{e9}t\u{c9} ".as_bytes()),
            called(TELETEX_STRING, b"AC des maires d'\xC9t\xE9"),
            called(
                BMP_STRING,
                &"AC des maires d'\u{c9}t\u{e9}".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>(),
            ),
            called(
                UNIVERSAL_STRING,
                &"AC des maires d'\u{c9}t\u{e9}".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<_>>(),
            ),
        ] {
            assert!(same(&plain, &other) && same(&other, &plain));
            assert!(!identical(&plain, &other));
        }
        for tag in [PRINTABLE_STRING, IA5_STRING, VISIBLE_STRING] {
            assert!(same(&called(tlv::UTF8_STRING, b"AC Test"), &called(tag, b"AC TEST")), "{tag:x}");
        }
    }

    #[test]
    fn another_text_attribute_order_or_number_of_them_is_another_name() {
        let plain = called(PRINTABLE_STRING, b"AC Test");
        let others = [
            called(PRINTABLE_STRING, b"ACTest"),
            called(PRINTABLE_STRING, b"AC Tesu"),
            name(&[(COUNTRY, PRINTABLE_STRING, b"FR"), (&[0x55, 4, 10], PRINTABLE_STRING, b"AC Test")]),
            name(&[(COMMON_NAME, PRINTABLE_STRING, b"AC Test"), (COUNTRY, PRINTABLE_STRING, b"FR")]),
            name(&[(COMMON_NAME, PRINTABLE_STRING, b"AC Test")]),
            [plain.as_slice(), &[0]].concat(),
            plain[..plain.len() - 1].to_vec(),
            Vec::new(),
        ];
        for other in others {
            assert!(!same(&plain, &other) && !same(&other, &plain), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_text_counts_byte_for_byte() {
        // A BIT STRING, an odd BMPString, Printable that is none, a surrogate.
        for (tag, value, other) in [
            (BIT_STRING, b"\0Ab".as_slice(), b"\0aB".as_slice()),
            (BMP_STRING, b"\0Ab", b"\0aB"),
            (PRINTABLE_STRING, b"A\xC9", b"a\xC9"),
            (UNIVERSAL_STRING, b"\0\0\xD8\0\0\0\0A", b"\0\0\xD8\0\0\0\0a"),
        ] {
            assert!(same(&called(tag, value), &called(tag, value)));
            assert!(!same(&called(tag, value), &called(tag, other)), "{tag:x}");
        }
        assert!(!same(&called(BIT_STRING, b"Ab"), &called(PRINTABLE_STRING, b"Ab")));
    }

    #[test]
    fn attributes_of_one_set_have_no_order() {
        let (one, other) =
            (attribute(COUNTRY, PRINTABLE_STRING, b"FR"), attribute(COMMON_NAME, PRINTABLE_STRING, b"A"));
        let of = |first: &[u8], second: &[u8]| sequence(&[&element(tlv::SET, &[first, second].concat())]);
        assert!(same(&of(&one, &other), &of(&other, &one)));
        assert!(!same(&of(&one, &other), &of(&other, &other)));
    }

    #[test]
    fn longer_names_than_the_limit_are_compared_byte_for_byte() {
        let of = |size: usize, letter: &str| called(tlv::UTF8_STRING, letter.repeat(size).as_bytes());
        let around = of(300, "a").len() - 300;
        let most = limits::NAME_TEXT_BYTES - around;
        assert_eq!(of(most, "a").len(), limits::NAME_TEXT_BYTES);
        assert!(same(&of(most, "a"), &of(most, "A")));
        assert!(!same(&of(most + 1, "a"), &of(most + 1, "A")) && same(&of(most + 1, "a"), &of(most + 1, "a")));
    }
}
