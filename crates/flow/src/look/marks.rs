//! What bears signatures, by the marks of its bytes, and how much of it is looked at. A document that bears one and is not looked at says why: it is
//! never passed over.

use std::io::{self, Read};
use std::sync::PoisonError;

use memchr::memmem;

use super::{LONG, Reading, looks_like_xml, whole};
use crate::codes;
use crate::limits::{MAX_SIGNED_BYTES, MAX_SIGNED_PDF_BYTES, MAX_SIGNED_XML_BYTES};
use crate::signed::{SignatureJudge, Why};
use crate::{encoding, formats};

/// Bytes among which a message of CMS says what it is.
const ENVELOPE_BYTES: usize = 40;
/// What an encrypted message of CMS says: id-envelopedData, id-encryptedData, id-ct-authEnvelopedData (RFC 5652, RFC 5083).
const ENVELOPES: [&[u8]; 3] = [
    b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03",
    b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06",
    b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17",
];

/// What a PDF that bears a signature says.
const OF_PDF: [&[u8]; 1] = [b"/ByteRange"];
/// What an XML document that bears a signature says: the namespace may be written with references, the name of an element may not.
const OF_XML: [&[u8]; 4] = [
    b"http://www.w3.org/2000/09/xmldsig#",
    b"SignedInfo",
    b"S\0i\0g\0n\0e\0d\0I\0n\0f\0o\0",
    b"\0S\0i\0g\0n\0e\0d\0I\0n\0f\0o",
];
/// Bytes of a long document in which marks are looked for at once.
const PIECE: u64 = 256 << 10;

/// What a file says by its signatures, where nothing else is to be made of it; of what is encrypted, that it is.
pub(crate) fn for_signatures(
    file: &str,
    head: &[u8],
    rest: &mut dyn Read,
    size: u64,
    judge: &dyn SignatureJudge,
) -> io::Result<Reading> {
    let first = &head[..head.len().min(ENVELOPE_BYTES)];
    if ENVELOPES.iter().any(|oid| memmem::find(first, oid).is_some()) {
        return Ok(Reading::Encrypted);
    }
    if let Some(reading) = signed(file, head, rest, size, judge)? {
        return Ok(reading);
    }
    if !looks_like_xml(head, file) {
        return Ok(Reading::NotXml);
    }
    looked_at(head, rest, size, (&OF_XML, MAX_SIGNED_XML_BYTES), |bytes| whole_xml(bytes, file, judge))
}

/// What is made of a document that bears one of these marks: looked at, where it is not longer than that, one long one at a time.
fn looked_at(
    head: &[u8],
    rest: &mut dyn Read,
    size: u64,
    (marks, most): (&[&[u8]], u64),
    look: impl FnOnce(&[u8]) -> Reading,
) -> io::Result<Reading> {
    if size > most {
        let why = ("too-long", format!("{size} > {most}"));
        return Ok(if bears(head, rest, marks)? { Reading::Unsought(why) } else { Reading::NotXml });
    }
    let _one = (size > MAX_SIGNED_BYTES).then(|| LONG.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(match whole(head.to_vec(), rest, size, most)? {
        Ok(bytes) => look(&bytes),
        Err(read) => Reading::Unsought(("too-long", format!("{read} > {most}"))),
    })
}

/// One of these marks stands in the document.
fn bears(head: &[u8], rest: &mut dyn Read, marks: &[&[u8]]) -> io::Result<bool> {
    let longest = marks.iter().map(|mark| mark.len()).max().unwrap_or(1);
    let mut held = head.to_vec();
    loop {
        if marked(&held, marks) {
            return Ok(true);
        }
        held.drain(..held.len().saturating_sub(longest - 1));
        if (&mut *rest).take(PIECE).read_to_end(&mut held)? == 0 {
            return Ok(false);
        }
    }
}

fn marked(bytes: &[u8], marks: &[&[u8]]) -> bool {
    marks.iter().any(|mark| memmem::find(bytes, mark).is_some())
}

/// The signatures of an XML document of which nothing else is read.
fn whole_xml(bytes: &[u8], file: &str, judge: &dyn SignatureJudge) -> Reading {
    if let Some(text) = encoding::decode_wide(bytes) {
        return signed_xml(&text, judge).unwrap_or(Reading::NotXml);
    }
    match encoding::decode(bytes, file) {
        Ok(decoded) => signed_xml(&decoded.text, judge).unwrap_or(Reading::NotXml),
        // Letters of another alphabet than the one declared hide no mark.
        Err(fault)
            if fault.code.name == codes::ENCODING_MISMATCH.name && begins_plain(bytes) && !marked(bytes, &OF_XML) =>
        {
            Reading::NotXml
        }
        Err(_) => Reading::Unsought(("encoding", String::new())),
    }
}

/// Its first sign is that of XML in ASCII and what goes on from it.
fn begins_plain(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start().starts_with(b"<")
}

/// The signatures of an XML document, where it bears any.
pub(super) fn signed_xml(text: &str, judge: &dyn SignatureJudge) -> Option<Reading> {
    if !marked(text.as_bytes(), &OF_XML) {
        return None;
    }
    let said = judge.judge(text);
    (!said.as_ref().is_ok_and(Vec::is_empty)).then_some(Reading::SignedXml(said))
}

/// By its name it can only be CMS, and by its bytes it is nothing that is known: that it is no signature is to be said.
fn is_called_cms(named: &dyn Fn(&&str) -> bool, head: &[u8]) -> bool {
    SIGNATURES[..2].iter().any(named) && !head.is_empty() && formats::of_head(head).is_none()
}

/// Ends of names of signatures.
const SIGNATURES: [&str; 3] = [".p7s", ".p7m", ".sig"];
/// Ends that signatures bear too.
const OTHER_SIGNATURES: [&str; 6] = [".p7b", ".p7c", ".pkcs7", ".p7", ".sign", ".der"];
/// How a signature in PEM begins (RFC 7468 §8 and 9).
const ARMOURS: [&[u8]; 3] = [b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----", b"-----BEGIN PKCS #7 SIGNED DATA-----"];

/// A PDF that bears signatures, or a signature, or why it is not looked at; nothing of any other file.
pub(super) fn signed(
    file: &str,
    head: &[u8],
    rest: &mut dyn Read,
    size: u64,
    judge: &dyn SignatureJudge,
) -> io::Result<Option<Reading>> {
    let named = |end: &&str| file.to_ascii_lowercase().ends_with(*end);
    let is_der = head.starts_with(b"\x30") || head.starts_with(b"-----BEGIN ");
    // By these ends come certificates and keys too: only what is told as signed data by its first bytes is one.
    let armoured = ARMOURS.iter().any(|label| head.starts_with(label));
    let is_said = (formats::is_signed_data(head) || armoured) && OTHER_SIGNATURES.iter().any(named);
    if is_said || is_der && SIGNATURES.iter().any(named) || is_called_cms(&named, head) {
        return Ok(Some(match whole_within(head, rest, size)? {
            Ok(bytes) => Reading::Cms(bytes),
            Err(why) => Reading::Unsought(why),
        }));
    }
    // One whose beginning is damaged bears what it bears.
    if !formats::begins_pdf(head) && (!named(&".pdf") || looks_like_xml(head, file)) {
        return Ok(None);
    }
    let look = |bytes: &[u8]| match marked(bytes, &OF_PDF) {
        true => Reading::Pdf(judge.judge_pdf(bytes)),
        false => Reading::NotXml,
    };
    looked_at(head, rest, size, (&OF_PDF, MAX_SIGNED_PDF_BYTES), look).map(Some)
}

/// All bytes of a signature, which is held until its document is read; or that it is too long.
fn whole_within(head: &[u8], rest: &mut dyn Read, size: u64) -> io::Result<Result<Vec<u8>, Why>> {
    let too_long = |read: u64| ("too-long", format!("{read} > {MAX_SIGNED_BYTES}"));
    if size > MAX_SIGNED_BYTES {
        return Ok(Err(too_long(size)));
    }
    Ok(whole(head.to_vec(), rest, size, MAX_SIGNED_BYTES)?.map_err(too_long))
}
