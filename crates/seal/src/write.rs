//! Writing DER: a tag, the shortest length, the content.

use crate::tlv;

pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let short = tlv::strip_zeros(&bytes);
        out.push(0x80 | short.len() as u8);
        out.extend_from_slice(short);
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tlv::SEQUENCE, &parts.concat())
}

/// SET OF: the members in ascending order of their encodings (X.690 §11.6).
#[cfg(feature = "authority")]
pub(crate) fn set_of(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    element(tlv::SET, &members.concat())
}

/// INTEGER from an unsigned big-endian number of any length.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let short = tlv::strip_zeros(bytes);
    match short.first() {
        None => element(tlv::INTEGER, &[0]),
        Some(first) if first & 0x80 != 0 => element(tlv::INTEGER, &[&[0], short].concat()),
        Some(_) => element(tlv::INTEGER, short),
    }
}

pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    element(tlv::OID, content)
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    element(tlv::OCTET_STRING, content)
}

/// AlgorithmIdentifier without parameters (RFC 5754 §2: what generators of SHA-2 should write).
pub(crate) fn algorithm(oid_content: &[u8]) -> Vec<u8> {
    sequence(&[&oid(oid_content)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_integers_are_the_shortest() {
        assert_eq!(element(4, &[7; 127])[..2], [4, 127]);
        assert_eq!(element(4, &[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[7; 256])[..4], [4, 0x82, 1, 0]);
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 0]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 0x80]), [2, 2, 0, 0x80]);
    }
}
