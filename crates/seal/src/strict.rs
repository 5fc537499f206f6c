//! Whether bytes are DER (X.690 §10, §11), as far as tags tell: definite shortest lengths, no constructed
//! strings, shortest integers and identifiers, BOOLEAN 00 or FF, sorted SET OF, times in DER form.
//!
//! What hides behind implicit context tags is checked as framing only, except the order of signed attributes:
//! that one is checked by its place in `token.rs`' re-tagged copy. Certificates are framed, and not re-judged.

use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::time::UnixMillis;
use crate::tlv::{self, too_large};

/// These bytes are one DER element and nothing after it.
pub(crate) fn check(bytes: &[u8]) -> Result<(), SealError> {
    let rest = element(bytes, 0)?.1;
    if rest.is_empty() { Ok(()) } else { Err(SealError::NotDer { what: "bytes after the end" }) }
}

/// Checks the first element; returns its raw bytes and what follows.
fn element(bytes: &[u8], depth: usize) -> Result<(&[u8], &[u8]), SealError> {
    let framing = SealError::NotDer { what: "framing" };
    if depth > limits::DEPTH {
        return Err(too_large("nesting", limits::DEPTH, depth));
    }
    let [tag, first, body @ ..] = bytes else {
        return Err(framing);
    };
    if *tag == 0 || tag & 0x1f == 0x1f {
        return Err(SealError::NotDer { what: "tag" });
    }
    let (length, body) = match first {
        0..=0x7f => (usize::from(*first), body),
        0x81..=0x84 => {
            let octets = usize::from(first & 0x7f);
            let (octets, body) = body.split_at_checked(octets).ok_or(framing.clone())?;
            let length = octets.iter().fold(0usize, |n, b| (n << 8) | usize::from(*b));
            if octets.first() == Some(&0) || length < 0x80 {
                return Err(SealError::NotDer { what: "length not the shortest" });
            }
            (length, body)
        }
        0x80 => {
            return Err(SealError::NotDer { what: "indefinite length" });
        }
        _ => return Err(SealError::NotDer { what: "length" }),
    };
    let (content, rest) = body.split_at_checked(length).ok_or(framing.clone())?;
    let raw = bytes.get(..bytes.len() - rest.len()).ok_or(framing)?;
    if tag & 0x20 == 0 {
        primitive(*tag, content)?;
    } else {
        constructed(*tag, content, depth)?;
    }
    Ok((raw, rest))
}

fn constructed(tag: u8, content: &[u8], depth: usize) -> Result<(), SealError> {
    if tag & 0xc0 == 0 && tag != tlv::SEQUENCE && tag != tlv::SET {
        return Err(SealError::NotDer { what: "constructed string" });
    }
    let mut rest = content;
    let mut previous: &[u8] = &[];
    while !rest.is_empty() {
        let (raw, after) = element(rest, depth + 1)?;
        if tag == tlv::SET && raw < previous {
            return Err(SealError::NotDer { what: "SET OF not sorted" });
        }
        previous = raw;
        rest = after;
    }
    Ok(())
}

fn primitive(tag: u8, content: &[u8]) -> Result<(), SealError> {
    const ENUMERATED: u8 = 0x0a;
    const UTC_TIME: u8 = 0x17;
    let holds = match (tag, content) {
        (tlv::SEQUENCE..=tlv::SET | 0x10 | 0x11, _) => false,
        (tlv::BOOLEAN, [value]) => *value == 0 || *value == 0xff,
        (tlv::BOOLEAN, _) => false,
        (tlv::INTEGER | ENUMERATED, content) => shortest_integer(content),
        (tlv::NULL, content) => content.is_empty(),
        (tlv::OID, content) => content.len() > limits::OID_BYTES || oid::dotted(content).is_some(),
        (tlv::BIT_STRING, [unused, bits @ ..]) => unused_bits_are_zero(*unused, bits),
        (tlv::BIT_STRING, []) => false,
        (UTC_TIME, content) => content.len() == 13 && content.ends_with(b"Z"),
        (tlv::GENERALIZED_TIME, content) => {
            let shortest = !content.ends_with(b"0Z") || !content.contains(&b'.');
            shortest && UnixMillis::from_generalized(content).is_some()
        }
        _ => true,
    };
    if holds { Ok(()) } else { Err(SealError::NotDer { what: "value not in its one form" }) }
}

fn shortest_integer(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0, next, ..] => next & 0x80 != 0,
        [0xff, next, ..] => next & 0x80 == 0,
        _ => true,
    }
}

fn unused_bits_are_zero(unused: u8, bits: &[u8]) -> bool {
    match bits.last() {
        None => unused == 0,
        Some(last) => unused < 8 && last & ((1u8 << unused) - 1) == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_is_accepted() {
        for bytes in [
            &[0x30, 0][..],
            &[0x01, 1, 0xff],
            &[0x02, 2, 0, 0x80],
            &[0x31, 6, 2, 1, 1, 2, 1, 2],
            &[0x03, 2, 3, 0x08],
            &[0x18, 15, b'2', b'0', b'2', b'4', b'0', b'1', b'0', b'1', b'0', b'0', b'0', b'0', b'0', b'0', b'Z'],
        ] {
            assert_eq!(check(bytes), Ok(()), "{bytes:?}");
        }
    }

    #[test]
    fn every_freedom_of_ber_is_refused() {
        for bytes in [
            &[][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81, 0],
            &[0x30, 0x82, 0, 0x80],
            &[0x24, 0],
            &[0x01, 1, 1],
            &[0x01, 0],
            &[0x02, 0],
            &[0x02, 2, 0, 1],
            &[0x02, 2, 0xff, 0x80],
            &[0x05, 1, 0],
            &[0x06, 2, 0x80, 1],
            &[0x31, 6, 2, 1, 2, 2, 1, 1],
            &[0x03, 2, 3, 0x09],
            &[0x03, 0],
            &[0x03, 1, 1],
            &[0x10, 0],
            &[0x30, 0, 0],
            &[0x18, 1, b'Z'],
            &[0x30, 1],
            &[0x3f, 0x81, 0, 0],
            &[0x17, 1, b'Z'],
        ] {
            assert!(check(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn nesting_is_followed_to_the_limit_and_not_beyond() {
        let nested = |levels: usize| (0..levels).fold(vec![5, 0], |inner, _| crate::write::element(0x30, &inner));
        assert_eq!(check(&nested(limits::DEPTH)), Ok(()));
        assert!(matches!(check(&nested(limits::DEPTH + 1)), Err(SealError::TooLarge { .. })));
    }
}
