//! Signatures that a PDF carries (ISO 32000 §12.8, PAdES: ETSI EN 319 142-1): each covers the file from its first byte to a place it states, but
//! for the hole in which the signature itself stands. What was added after that place is not covered, and is counted.
//!
//! A PDF is not read as such here: the ranges a signature states are looked at, and nothing is believed of a hole that is more than one
//! string of hexadecimal digits behind `/Contents`: no byte of the file is then outside what is covered and what is counted.
//!
//! Deliberately not here: what the objects of the file say, what a later revision changed, document time-stamps.

use crate::cms_signature::Cms;
use crate::digest::DigestAlgorithm;
use crate::document_signature::DocumentSignature;
use crate::error::SealError;
use crate::limits;
use crate::signature::SignatureVerifier;
use crate::tlv::{self, too_large};
use crate::xml_signature::SignatureFault;

const WHAT: &str = "PDF signature";
const BYTE_RANGE: &[u8] = b"/ByteRange";
const CONTENTS: &[u8] = b"/Contents";
const HEADER: &[u8] = b"%PDF-";

/// One signature of a PDF, and what came of it.
#[derive(Clone, Debug)]
pub struct PdfSignature {
    /// Where its `/ByteRange` stands, in bytes from the first.
    pub offset: usize,
    /// The place up to which it covers the file, its own hole apart; nothing where its ranges are not to be believed.
    pub covers: usize,
    /// Bytes of the file after that place, covered by nothing of this signature.
    pub added: usize,
    /// Integrity, certificate, and what it says of itself.
    pub signature: DocumentSignature,
}

/// Every signature of this PDF, in the order of its ranges.
///
/// # Errors
/// `TooLarge` of the document as a whole; whatever ails one signature is its own `integrity`.
pub fn pdf_signatures(pdf: &[u8], verifier: &dyn SignatureVerifier) -> Result<Vec<PdfSignature>, SealError> {
    if pdf.len() > limits::SIGNED_PDF_BYTES {
        return Err(too_large(WHAT, limits::SIGNED_PDF_BYTES, pdf.len()));
    }
    let mut left = pdf.len().saturating_mul(limits::SIGNED_PDF_PASSES);
    let (mut all, mut inside) = (Vec::new(), None);
    for (count, offset) in places(pdf).enumerate() {
        if count == limits::PDF_SIGNATURES {
            // The others are not looked at, and one says so.
            all.push(not_judged(offset, SignatureFault::TooMuch));
            break;
        }
        match ranges(pdf, offset) {
            Ok(ranges) => all.extend(judged(pdf, offset, &ranges, &mut left, verifier)),
            Err(why) => {
                let starts = inside.get_or_insert_with(|| starts(pdf));
                let why = if is_of_another(pdf, offset, starts) { SignatureFault::Inside } else { why };
                all.push(not_judged(offset, why));
            }
        }
    }
    Ok(all)
}

/// What is stated at this place is of a PDF that begins after the first byte, in its own bytes: attached as it is, or behind something else. Whether
/// it holds there is not looked at: this document it does not cover.
fn is_of_another(pdf: &[u8], offset: usize, starts: &[usize]) -> bool {
    let start = starts.iter().rev().find(|start| **start < offset);
    start.is_some_and(|start| ranges(pdf.get(*start..).unwrap_or_default(), offset - start).is_ok())
}

/// Where a PDF begins after the first byte: as many places as signatures are looked at.
fn starts(pdf: &[u8]) -> Vec<usize> {
    let begins = |(_, held): &(usize, &[u8])| *held == HEADER;
    let all = pdf.windows(HEADER.len()).enumerate().skip(1).filter(begins);
    all.map(|(at, _)| at).take(limits::PDF_SIGNATURES).collect()
}

fn not_judged(offset: usize, why: SignatureFault) -> PdfSignature {
    PdfSignature { offset, covers: 0, added: 0, signature: DocumentSignature::not_judged(why) }
}

/// Where `/ByteRange` stands with an array after it, or a reference to one, or a comment before it.
fn places(pdf: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + find(pdf.get(from..)?, BYTE_RANGE)?;
        from = at + BYTE_RANGE.len();
        Some(at)
    })
    .filter(|at| spaces(pdf, at + BYTE_RANGE.len()).is_some_and(|next| is_value(pdf, next)))
}

/// An array, a number (of an object that holds one) or a comment begins here.
fn is_value(pdf: &[u8], at: usize) -> bool {
    pdf.get(at).is_some_and(|byte| matches!(byte, b'[' | b'%') || byte.is_ascii_digit())
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|held| held == part)
}

/// The first place from `at` on that is no white space of PDF's.
fn spaces(pdf: &[u8], at: usize) -> Option<usize> {
    let rest = pdf.get(at..)?;
    rest.iter().position(|byte| !is_space(*byte)).map(|blank| at + blank)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// What a signature states that it covers, and the digits in the hole between.
struct Ranges<'p> {
    first: &'p [u8],
    second: &'p [u8],
    end: usize,
    digits: &'p [u8],
    filter: Vec<u8>,
}

/// The ranges stated at this place, where they are to be believed: the first from the first byte on, the second to wherever it ends,
/// nothing between them but the string of `/Contents`, and this statement itself within what is covered.
fn ranges(pdf: &[u8], offset: usize) -> Result<Ranges<'_>, SignatureFault> {
    let malformed = |what| SignatureFault::Malformed { what };
    let open = spaces(pdf, offset + BYTE_RANGE.len()).ok_or(malformed("ByteRange"))?;
    if pdf.get(open) != Some(&b'[') {
        // Another reader may find the array where this leads.
        return Err(SignatureFault::unsupported("ByteRange"));
    }
    let text = pdf.get(open + 1..).unwrap_or_default();
    let text = text.get(..text.len().min(limits::BYTE_RANGE_BYTES)).unwrap_or_default();
    let close = text.iter().position(|byte| *byte == b']').ok_or(malformed("ByteRange"))?;
    let words = text.get(..close).unwrap_or_default().split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    let number = |word: &[u8]| {
        std::str::from_utf8(word).ok().filter(|word| word.bytes().all(|b| b.is_ascii_digit()))?.parse::<usize>().ok()
    };
    let numbers = words.map(number).collect::<Option<Vec<usize>>>().ok_or(malformed("ByteRange"))?;
    let [0, hole, after, length] = numbers[..] else { return Err(malformed("ByteRange")) };
    let end = after.checked_add(length).filter(|end| *end <= pdf.len()).ok_or(malformed("ByteRange"))?;
    let [first, digits, second] = [pdf.get(..hole), pdf.get(hole..after), pdf.get(after..end)];
    let (Some(first), Some(digits), Some(second)) = (first, digits, second) else { return Err(malformed("ByteRange")) };
    let [b'<', digits @ .., b'>'] = digits else { return Err(malformed("Contents")) };
    if !digits.iter().all(|byte| byte.is_ascii_hexdigit() || is_space(*byte)) {
        return Err(malformed("Contents"));
    }
    let before = first.len() - first.iter().rev().take_while(|byte| is_space(**byte)).count();
    // Digits hold no name: what states the ranges is in one of them, or after both.
    if !first.get(..before).unwrap_or_default().ends_with(CONTENTS) || offset >= end {
        return Err(malformed("Contents"));
    }
    let filter = sub_filter(pdf, offset, hole);
    Ok(Ranges { first, second, end, digits, filter })
}

/// The `/SubFilter` of the dictionary in which both stand: nearest before or after, within the object.
fn sub_filter(pdf: &[u8], offset: usize, hole: usize) -> Vec<u8> {
    const NAME: &[u8] = b"/SubFilter";
    let (low, high) = (offset.min(hole), offset.max(hole));
    let start = low.saturating_sub(limits::DICTIONARY_BYTES);
    let head = pdf.get(start..low).unwrap_or_default();
    let head = head.windows(3).rposition(|held| held == b"obj").and_then(|at| head.get(at..)).unwrap_or(head);
    let body = pdf.get(low..high).unwrap_or_default();
    let after = pdf.get(high..).unwrap_or_default();
    // Behind the digits of the hole, or right away.
    let after = after.get(after.iter().position(|byte| *byte == b'>').filter(|_| high == hole).unwrap_or(0)..);
    let tail = after.and_then(|after| after.get(..after.len().min(limits::DICTIONARY_BYTES))).unwrap_or_default();
    let tail = tail.get(..find(tail, b"endobj").unwrap_or(tail.len())).unwrap_or_default();
    for part in [head, body, tail] {
        let Some(at) = find(part, NAME) else { continue };
        let rest = part.get(at + NAME.len()..).unwrap_or_default();
        let name = rest.iter().skip_while(|byte| is_space(**byte)).skip_while(|byte| **byte == b'/');
        return name.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.').take(64).copied().collect();
    }
    Vec::new()
}

fn judged(
    pdf: &[u8],
    offset: usize,
    ranges: &Ranges<'_>,
    left: &mut usize,
    verifier: &dyn SignatureVerifier,
) -> Vec<PdfSignature> {
    let found = |signature| PdfSignature { offset, covers: ranges.end, added: pdf.len() - ranges.end, signature };
    let alone = |why| vec![found(DocumentSignature::not_judged(why))];
    if !matches!(&*ranges.filter, b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached") {
        let filter = String::from_utf8_lossy(&ranges.filter).into_owned();
        return alone(SignatureFault::unsupported(if filter.is_empty() { "no SubFilter" } else { &filter }));
    }
    let Some(bytes) = octets(ranges.digits) else { return alone(SignatureFault::Malformed { what: "Contents" }) };
    let read = first_element(&bytes).and_then(Cms::parse);
    let cms = match read {
        Ok(cms) if cms.content().is_none() => cms,
        // Its own content would be what is signed, and not the file.
        Ok(_) => return alone(SignatureFault::Malformed { what: "CMS with content" }),
        Err(why) => return alone(why.into()),
    };
    let wanted = cms.digests();
    let cost = (ranges.first.len() + ranges.second.len()).saturating_mul(wanted.len());
    if cost > *left {
        return alone(SignatureFault::TooMuch);
    }
    *left -= cost;
    let digest = |algorithm: &DigestAlgorithm| {
        let mut running = algorithm.begin();
        running.update(ranges.first);
        running.update(ranges.second);
        (*algorithm, running.finish())
    };
    let digests: Vec<(DigestAlgorithm, Vec<u8>)> = wanted.iter().map(digest).collect();
    let digest_of =
        |wanted| digests.iter().find(|(algorithm, _)| *algorithm == wanted).map(|(_, digest)| digest.clone());
    let mut all = cms.judge(&digest_of, verifier);
    if all.is_empty() {
        all.push(DocumentSignature::not_judged(SignatureFault::NothingSigned));
    }
    all.into_iter().map(found).collect()
}

/// The bytes of these digits; white space does not count, and a last digit alone is the high one (ISO 32000 §7.3.4.3).
fn octets(digits: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits.iter().filter_map(|byte| char::from(*byte).to_digit(16)?.try_into().ok()).collect();
    if digits.len() / 2 > limits::SIGNED_CMS_BYTES {
        return None;
    }
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect())
}

/// The element with which these bytes begin; the room left behind it is zeros.
fn first_element(bytes: &[u8]) -> Result<&[u8], SealError> {
    let raw = tlv::first(bytes, WHAT)?.raw;
    let room = bytes.get(raw.len()..).unwrap_or_default();
    if room.iter().all(|byte| *byte == 0) { Ok(raw) } else { Err(SealError::Malformed { what: "Contents" }) }
}
