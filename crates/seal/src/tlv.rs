//! Reading TLVs: slices of the input, never re-encoded. BER framing is tolerated (indefinite lengths,
//! long lengths, constructed octet strings); `strict.rs` says whether the bytes are DER.

use std::borrow::Cow;

use crate::error::SealError;
use crate::limits;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
const CONSTRUCTED: u8 = 0x20;

/// The tag `[number]`, constructed.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element: `raw` is all of it as received, `content` what its framing holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tlv<'a> {
    pub tag: u8,
    pub raw: &'a [u8],
    pub content: &'a [u8],
    pub indefinite: bool,
}

impl<'a> Tlv<'a> {
    /// The one element these bytes are, nothing after it.
    pub fn sole(bytes: &'a [u8], tag: u8, what: &'static str) -> Result<Self, SealError> {
        let mut reader = Reader { rest: bytes };
        let tlv = reader.expect(tag, what)?;
        reader.end(what)?;
        Ok(tlv)
    }

    pub fn children(&self) -> Reader<'a> {
        Reader { rest: self.content }
    }

    /// The octets of an OCTET STRING, in one piece or in segments (X.690 §8.7).
    pub fn octets(&self, what: &'static str) -> Result<Cow<'a, [u8]>, SealError> {
        match self.tag {
            OCTET_STRING => Ok(Cow::Borrowed(self.content)),
            tag if tag == OCTET_STRING | CONSTRUCTED => {
                let mut all = Vec::new();
                gather(self.content, &mut all, what, 0)?;
                Ok(Cow::Owned(all))
            }
            _ => Err(SealError::Malformed { what }),
        }
    }

    /// The content of an INTEGER of either sign, zeros that say nothing dropped from a positive one. Authorities
    /// do write negative nonces and serial numbers.
    pub fn signed(&self, what: &'static str) -> Result<&'a [u8], SealError> {
        match self.content {
            [] => Err(SealError::Malformed { what }),
            long if long.len() > limits::INTEGER_BYTES => Err(too_large(what, limits::INTEGER_BYTES, long.len())),
            [0, next, ..] if next & 0x80 == 0 => self.unsigned(what),
            content => Ok(content),
        }
    }

    /// The content of a non-negative INTEGER without leading zeros; zero is one zero octet.
    pub fn unsigned(&self, what: &'static str) -> Result<&'a [u8], SealError> {
        let content = self.content;
        if content.len() > limits::INTEGER_BYTES {
            return Err(too_large(what, limits::INTEGER_BYTES, content.len()));
        }
        match content {
            [] => Err(SealError::Malformed { what }),
            [first, ..] if first & 0x80 != 0 => Err(SealError::Malformed { what }),
            [0, rest @ ..] if !rest.is_empty() => Ok(strip_zeros(rest)),
            _ => Ok(content),
        }
    }

    /// A small non-negative INTEGER.
    pub fn small(&self, what: &'static str) -> Result<u64, SealError> {
        let bytes = self.unsigned(what)?;
        if bytes.len() > 7 {
            return Err(SealError::Malformed { what });
        }
        Ok(bytes.iter().fold(0, |n, b| (n << 8) | u64::from(*b)))
    }
}

pub(crate) fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let keep = zeros.min(bytes.len().saturating_sub(1));
    bytes.get(keep..).unwrap_or(bytes)
}

pub(crate) fn too_large(what: &'static str, limit: usize, found: usize) -> SealError {
    SealError::TooLarge { what, limit: limit as u64, found: found as u64 }
}

/// Whether a message is within [`limits::MESSAGE_BYTES`].
pub(crate) fn bounded(bytes: &[u8], what: &'static str) -> Result<(), SealError> {
    match bytes.len() {
        n if n > limits::MESSAGE_BYTES => Err(too_large(what, limits::MESSAGE_BYTES, n)),
        _ => Ok(()),
    }
}

fn gather(bytes: &[u8], all: &mut Vec<u8>, what: &'static str, depth: usize) -> Result<(), SealError> {
    if depth > limits::DEPTH {
        return Err(too_large("nesting", limits::DEPTH, depth));
    }
    let mut reader = Reader { rest: bytes };
    while !reader.is_empty() {
        let segment = reader.next(what)?;
        match segment.tag {
            OCTET_STRING => all.extend_from_slice(segment.content),
            tag if tag == OCTET_STRING | CONSTRUCTED => gather(segment.content, all, what, depth + 1)?,
            _ => return Err(SealError::Malformed { what }),
        }
    }
    Ok(())
}

/// Elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn next(&mut self, what: &'static str) -> Result<Tlv<'a>, SealError> {
        let (tlv, rest) = split(self.rest, what, 0)?;
        self.rest = rest;
        Ok(tlv)
    }

    /// The next element, which has this tag; an OCTET STRING may be constructed.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Tlv<'a>, SealError> {
        let tlv = self.next(what)?;
        if tlv.tag == tag || (tag == OCTET_STRING && tlv.tag == OCTET_STRING | CONSTRUCTED) {
            Ok(tlv)
        } else {
            Err(SealError::Malformed { what })
        }
    }

    /// The next element when it has this tag.
    pub fn optional(&mut self, tag: u8, what: &'static str) -> Result<Option<Tlv<'a>>, SealError> {
        match self.rest.first() {
            Some(first) if *first == tag => self.next(what).map(Some),
            _ => Ok(None),
        }
    }

    pub fn end(&self, what: &'static str) -> Result<(), SealError> {
        if self.rest.is_empty() { Ok(()) } else { Err(SealError::Malformed { what }) }
    }
}

/// The element with which these bytes begin.
pub(crate) fn first<'a>(bytes: &'a [u8], what: &'static str) -> Result<Tlv<'a>, SealError> {
    split(bytes, what, 0).map(|(tlv, _)| tlv)
}

/// The first element of `bytes` and what follows it.
fn split<'a>(bytes: &'a [u8], what: &'static str, depth: usize) -> Result<(Tlv<'a>, &'a [u8]), SealError> {
    let malformed = || SealError::Malformed { what };
    if depth > limits::DEPTH {
        return Err(too_large("nesting", limits::DEPTH, depth));
    }
    let (&tag, after_tag) = bytes.split_first().ok_or_else(malformed)?;
    if tag & 0x1f == 0x1f || tag == 0 {
        return Err(malformed());
    }
    let (&first, after_first) = after_tag.split_first().ok_or_else(malformed)?;
    let (length, body) = match first {
        0x80 => return split_indefinite(bytes, after_first, what, depth),
        0..=0x7f => (usize::from(first), after_first),
        _ => {
            let octets = usize::from(first & 0x7f);
            let (length, body) = after_first.split_at_checked(octets).ok_or_else(malformed)?;
            let length = strip_zeros(length);
            if length.len() > 4 {
                return Err(malformed());
            }
            (length.iter().fold(0usize, |n, b| (n << 8) | usize::from(*b)), body)
        }
    };
    let (content, rest) = body.split_at_checked(length).ok_or_else(malformed)?;
    let raw = bytes.get(..bytes.len() - rest.len()).ok_or_else(malformed)?;
    Ok((Tlv { tag, raw, content, indefinite: false }, rest))
}

fn split_indefinite<'a>(
    bytes: &'a [u8],
    body: &'a [u8],
    what: &'static str,
    depth: usize,
) -> Result<(Tlv<'a>, &'a [u8]), SealError> {
    let malformed = || SealError::Malformed { what };
    let tag = *bytes.first().ok_or_else(malformed)?;
    if tag & CONSTRUCTED == 0 {
        return Err(malformed());
    }
    let mut rest = body;
    while !rest.starts_with(&[0, 0]) {
        rest = split(rest, what, depth + 1)?.1;
    }
    let content = body.get(..body.len() - rest.len()).ok_or_else(malformed)?;
    let rest = rest.get(2..).ok_or_else(malformed)?;
    let raw = bytes.get(..bytes.len() - rest.len()).ok_or_else(malformed)?;
    Ok((Tlv { tag, raw, content, indefinite: true }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indefinite_length_ends_at_its_own_end_of_contents() {
        let bytes = [0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 0, 0, 0x04, 0x01, 7, 0, 0, 0, 0, 9];
        let (tlv, rest) = split(&bytes, "test", 0).unwrap();
        assert!(tlv.indefinite);
        assert_eq!(rest, [9]);
        let inner = tlv.children().next("test").unwrap();
        assert_eq!(inner.octets("test").unwrap().as_ref(), [0, 0, 7]);
    }

    #[test]
    fn nesting_is_followed_to_the_limit_and_not_beyond() {
        let nested = |levels: usize| [[0x30, 0x80].repeat(levels), [0, 0].repeat(levels)].concat();
        assert!(split(&nested(limits::DEPTH + 1), "test", 0).is_ok());
        assert!(matches!(split(&nested(limits::DEPTH + 2), "test", 0), Err(SealError::TooLarge { .. })));
    }

    #[test]
    fn truncated_and_overlong_framing_is_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x81],
            &[0x30, 0x80],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x1f, 0x81, 0],
            &[0, 0],
            &[0x04, 0x80, 0, 0],
        ] {
            assert!(split(bytes, "test", 0).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn integers_lose_their_leading_zeros_and_negatives_are_refused() {
        let int = |content: &[u8]| {
            let bytes = [&[INTEGER, content.len() as u8], content].concat();
            Tlv::sole(&bytes, INTEGER, "test").and_then(|t| t.unsigned("test").map(<[u8]>::to_vec))
        };
        assert_eq!(int(&[0, 0x80]).unwrap(), [0x80]);
        assert_eq!(int(&[0]).unwrap(), [0]);
        assert_eq!(int(&[0, 0]).unwrap(), [0]);
        assert!(int(&[0x80]).is_err());
        assert!(int(&[]).is_err());
        assert!(int(&[1; limits::INTEGER_BYTES]).is_ok());
        assert!(matches!(int(&[1; limits::INTEGER_BYTES + 1]), Err(SealError::TooLarge { .. })));
    }
}
