//! Marks at known places, and what tells the version.

use std::ops::Range;

use memchr::memmem;

use super::scan::{self, Scan};
use super::table::{self, one};
use super::{Family, Format, Inside, package};
use crate::tar;

/// The mark of a PDF begins within this many bytes less its own, to those who read it: something before is against the rule and common.
pub(super) const PDF_WITHIN: usize = (1 << 10) + 4;
/// Where PRONOM still takes what claims PDF/A for one.
const PDF_A_WITHIN: usize = 144;

/// Where it stands, the mark, the format when nothing tells more.
const MARKS: [(usize, &[u8], Format); 22] = [
    (0, b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", one(Family::Png, "PNG", None, "image/png")),
    (0, b"\xFF\xD8\xFF", one(Family::Jpeg, "JPEG", Some("fmt/41"), "image/jpeg")),
    (0, b"GIF87a", one(Family::Gif, "GIF 87a", Some("fmt/3"), "image/gif")),
    (0, b"GIF89a", one(Family::Gif, "GIF 89a", Some("fmt/4"), "image/gif")),
    (0, b"II*\0", one(Family::Tiff, "TIFF", Some("fmt/353"), "image/tiff")),
    (0, b"MM\0*", one(Family::Tiff, "TIFF", Some("fmt/353"), "image/tiff")),
    (0, b"\0\0\0\x0CjP  \r\n\x87\n", one(Family::Jp2, "JPEG 2000", None, "image/jp2")),
    (0, b"{\\rtf", one(Family::Rtf, "RTF", None, "application/rtf")),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", OLE),
    (0, b"\x1F\x8B\x08", one(Family::Gzip, "GZIP", Some("x-fmt/266"), "application/gzip")),
    (4, b"1AY&SY", one(Family::Bzip2, "BZIP2", Some("x-fmt/268"), "application/x-bzip2")),
    (0, b"7z\xBC\xAF\x27\x1C", one(Family::SevenZip, "7-Zip", Some("fmt/484"), "application/x-7z-compressed")),
    (0, b"Rar!\x1A\x07\x01\0", one(Family::Rar, "RAR 5", Some("fmt/613"), "application/vnd.rar")),
    (0, b"Rar!\x1A\x07\0", one(Family::Rar, "RAR", None, "application/vnd.rar")),
    (0, b"\x1A\x45\xDF\xA3", one(Family::Matroska, "Matroska", None, "video/x-matroska")),
    (0, b"OggS\0\x02", one(Family::Ogg, "Ogg", None, "application/ogg")),
    (0, b"fLaC", one(Family::Flac, "FLAC", None, "audio/flac")),
    (0, b"SQLite format 3\0", one(Family::Sqlite, "SQLite 3", None, "application/x-sqlite3")),
    (0, b"\x7FELF", one(Family::Executable, "ELF (programme)", None, "application/x-elf")),
    (4, b"ftyp", one(Family::Mp4, "MPEG-4", None, "video/mp4")),
];

pub(super) const ZIP: Format = one(Family::Zip, "ZIP", Some("x-fmt/263"), "application/zip");
const OLE: Format = one(Family::Ole, "OLE2", None, "application/x-ole-storage");
const XML: Format = one(Family::Xml, "XML", None, "application/xml");

/// The words to look for in everything, when it begins so.
pub(super) fn words(head: &[u8]) -> Option<Range<usize>> {
    match marked(head).map(|known| known.family) {
        Some(Family::Png) => Some(scan::OF_PNG),
        Some(Family::Ole) => Some(scan::OF_OLE),
        None if !is_signed_data(head) && pdf_named(head).is_some() => Some(scan::OF_PDF),
        _ => None,
    }
}

/// Its beginning says more than its first bytes.
pub(super) fn tells_inside(head: &[u8]) -> bool {
    let known = marked(head).map(|known| known.family);
    matches!(known, Some(Family::Zip | Family::Jpeg | Family::Tiff)) || is_xml(head)
}

/// What these first bytes are of; `whole` when the words were looked for to the end.
pub(super) fn identify(head: &[u8], scan: &Scan, whole: bool) -> Option<Format> {
    let Some(known) = marked(head) else {
        if is_signed_data(head) {
            return Some(signed_data(head));
        }
        return pdf_at(head)
            .map(|at| pdf(head, at, scan, whole))
            .or_else(|| riff(head))
            .or_else(|| bitmap(head))
            .or_else(|| text(head))
            .or_else(|| others(head));
    };
    let known = Format { inside: Inside { also: pdf_behind(&known, head), ..Inside::NOTHING }, ..known };
    Some(match known.family {
        Family::Png => png(known, scan, whole),
        Family::Jpeg => jpeg(known, head),
        Family::Tiff => tiff(known, head),
        Family::Zip => package::identify(head),
        Family::Ole => ole(scan, whole),
        Family::Jp2 if at(head, 16).starts_with(b"ftypjp2") => Format { puid: Some("x-fmt/392"), ..known },
        // Where others say which program's own it is, there is nothing.
        Family::Sqlite if at(head, 68).starts_with(&[0; 4]) => Format { puid: Some("fmt/729"), ..known },
        Family::Matroska => matroska(known, head),
        _ => known,
    })
}

fn at(head: &[u8], offset: usize) -> &[u8] {
    head.get(offset..).unwrap_or_default()
}

fn marked(head: &[u8]) -> Option<Format> {
    let known = MARKS.iter().find(|(offset, mark, _)| at(head, *offset).starts_with(mark)).map(|mark| mark.2)?;
    // Two marks stand further on; what comes before must agree.
    match known.family {
        Family::Bzip2 if !head.starts_with(b"BZh") => None,
        Family::Mp4 if !head.starts_with(b"\0\0") => None,
        _ => Some(known),
    }
}

/// Where the header of a PDF is named, whatever these bytes are.
fn pdf_named(head: &[u8]) -> Option<usize> {
    memmem::find(&head[..head.len().min(PDF_WITHIN)], b"%PDF-")
}

/// Where a PDF begins: at the first byte; behind white space, or behind anything else where an object follows. A text that names it is none.
fn pdf_at(head: &[u8]) -> Option<usize> {
    let begins = pdf_named(head).filter(|_| !is_signed_data(head))?;
    let (before, from) = head.split_at(begins);
    let blank =
        before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before).iter().all(|b| b.is_ascii_whitespace() || *b == 0);
    let versioned = matches!(at(from, 5), [major, b'.', minor, ..] if major.is_ascii_digit() && minor.is_ascii_digit());
    let object = || memmem::find_iter(from, b" obj").any(|place| place > 0 && from[place - 1].is_ascii_digit());
    (begins == 0 || versioned && (blank || object())).then_some(begins)
}

/// These bytes begin a PDF.
pub(crate) fn begins_pdf(head: &[u8]) -> bool {
    pdf_at(head).is_some()
}

/// A PDF that begins behind the mark of a picture or a program; archives may hold one.
fn pdf_behind(known: &Format, head: &[u8]) -> Option<&'static str> {
    let closed = matches!(known.family, Family::Png | Family::Jpeg | Family::Gif | Family::Tiff | Family::Executable);
    pdf_at(head).filter(|_| closed).map(|_| "PDF")
}

/// What else a PDF is: to who reads from its first byte, from its last, or looks for words.
fn other_than_pdf(head: &[u8], scan: &Scan) -> Option<&'static str> {
    let first = head[..head.len().min(PDF_WITHIN)].to_ascii_lowercase();
    let has = |word: &[u8]| memmem::find(&first, word).is_some();
    if head.starts_with(b"MZ") {
        Some("programme Windows")
    } else if scan.ends_as_zip() {
        Some("ZIP")
    } else {
        (has(b"<html") || has(b"<script")).then_some("HTML")
    }
}

/// What is told of a PDF beyond its format.
fn inside(head: &[u8], begins: usize, scan: &Scan) -> Inside {
    // One that is to be shown before it is all there has an end at its beginning too.
    let first = &head[..head.len().min(PDF_WITHIN)];
    let quick = u32::from(memmem::find(first, b"/Linearized").is_some());
    Inside {
        before: u16::try_from(begins).unwrap_or(u16::MAX),
        ends: scan.ends.saturating_sub(quick),
        acts: [scan.has(scan::PDF_SCRIPT), scan.has(scan::PDF_LAUNCH), scan.opens()],
        attached: scan.has(scan::PDF_ATTACHED),
        also: other_than_pdf(head, scan),
    }
}

/// A claim of PDF/A names the format; without one, the header does, if the whole document was looked at.
fn pdf(head: &[u8], begins: usize, scan: &Scan, whole: bool) -> Format {
    let version = table::PDF.iter().find(|(version, _, _)| at(head, begins + 5).starts_with(version));
    let (name, by_header) = version.map_or(("PDF", None), |(_, name, puid)| (*name, Some(*puid)));
    let claim = scan.claim.and_then(|claim| table::PDF_A.iter().find(|(part, level, _, _)| (*part, *level) == claim));
    let other = scan.has(scan::PDF_X) || scan.has(scan::PDF_E);
    let puid = match claim {
        Some((_, _, _, puid)) => puid.filter(|_| begins <= PDF_A_WITHIN && !other),
        None => by_header.filter(|_| begins == 0 && whole && !other && scan.claim.is_none()),
    };
    let known = one(Family::Pdf, name, puid, "application/pdf");
    Format { claims: claim.map(|claim| claim.2), inside: inside(head, begins, scan), ..known }
}

fn png(known: Format, scan: &Scan, whole: bool) -> Format {
    let (name, puid) = if scan.has(scan::PNG_ANIMATED) {
        ("PNG (animé)", None)
    } else if scan.has(scan::PNG_1_2) {
        ("PNG 1.2", Some("fmt/13"))
    } else if scan::PNG_1_1.iter().any(|word| scan.has(*word)) {
        ("PNG 1.1", Some("fmt/12"))
    } else {
        ("PNG 1.0", Some("fmt/11"))
    };
    if whole { Format { name, puid, ..known } } else { known }
}

fn jpeg(known: Format, head: &[u8]) -> Format {
    if at(head, 3).starts_with(b"\xE0") && at(head, 6).starts_with(b"JFIF\0\x01") {
        return match head.get(12) {
            Some(0) => Format { name: "JPEG (JFIF 1.00)", puid: Some("fmt/42"), ..known },
            Some(1) => Format { name: "JPEG (JFIF 1.01)", puid: Some("fmt/43"), ..known },
            Some(2) => Format { name: "JPEG (JFIF 1.02)", puid: Some("fmt/44"), ..known },
            _ => Format { puid: None, ..known },
        };
    }
    if at(head, 3).starts_with(b"\xE1") && at(head, 6).starts_with(b"Exif\0\0") {
        let big = at(head, 12).starts_with(b"MM");
        let tag: &[u8] = if big { b"\x90\0\0\x07\0\0\0\x04" } else { b"\0\x90\x07\0\x04\0\0\0" };
        let version = memmem::find(head, tag).map(|found| at(head, found + tag.len()));
        let known_one = version.and_then(|v| table::EXIF.iter().find(|(number, _, _)| v.starts_with(number)));
        return match known_one {
            Some((_, name, puid)) => Format { name, puid: Some(puid), ..known },
            None => Format { name: "JPEG (Exif)", puid: None, ..known },
        };
    }
    // Another application segment may be that of a finer format.
    let plain = matches!(head.get(3), Some(0xDB | 0xC0 | 0xC2 | 0xC4 | 0xFE | 0xEE));
    if plain { known } else { Format { puid: None, ..known } }
}

/// Pictures of cameras and maps are TIFF too, and have identifiers of their own.
fn tiff(known: Format, head: &[u8]) -> Format {
    let finer: [&[u8]; 6] = [
        b"\xAF\x87\x03\0",
        b"\x87\xAF\0\x03",
        b"\0\x90\x07\0\x04\0\0\0",
        b"\x90\0\0\x07\0\0\0\x04",
        b"\x12\xC6\x01\0\x04\0\0\0",
        b"\xC6\x12\0\x01\0\0\0\x04",
    ];
    let is_finer = finer.iter().any(|tag| memmem::find(head, tag).is_some());
    if is_finer { Format { puid: None, ..known } } else { known }
}

/// One of the documents that OLE2 holds; where several are met, one is inside another and which is not told.
fn ole(scan: &Scan, whole: bool) -> Format {
    let sheets = scan.has(scan::WORKBOOK) || scan.has(scan::BOOK);
    let met = [scan.has(scan::WORD), sheets, scan.has(scan::SLIDES), scan.has(scan::MESSAGE)];
    if !whole || scan.has(scan::ENCRYPTED) {
        return OLE;
    }
    match met {
        [true, false, false, false] => {
            let (name, puid) = match (scan.has(scan::WORD_97), scan.has(scan::WORD_6)) {
                (true, false) => ("Word 97-2003", Some("fmt/40")),
                (false, true) => ("Word 6.0/95", Some("fmt/39")),
                _ => ("Word", None),
            };
            one(Family::Doc, name, puid, "application/msword")
        }
        [false, true, false, false] if scan.has(scan::EXCEL_97) => {
            one(Family::Xls, "Excel 97-2003", Some("fmt/61"), "application/vnd.ms-excel")
        }
        [false, true, false, false] => one(Family::Xls, "Excel", None, "application/vnd.ms-excel"),
        [false, false, true, false] => {
            one(Family::Ppt, "PowerPoint 97-2003", Some("fmt/126"), "application/vnd.ms-powerpoint")
        }
        [false, false, false, true] => {
            one(Family::Msg, "Message Outlook", Some("x-fmt/430"), "application/vnd.ms-outlook")
        }
        _ => OLE,
    }
}

fn matroska(known: Format, head: &[u8]) -> Format {
    let begin = &head[..head.len().min(64)];
    let says = |word: &[u8]| memmem::find(begin, word).is_some();
    if says(b"\x42\x82\x84webm") {
        return one(Family::Matroska, "WebM", says(b"webm\x42\x87").then_some("fmt/573"), "video/webm");
    }
    Format { puid: says(b"\x42\x82\x88matroska\x42\x87").then_some("fmt/569"), ..known }
}

fn riff(head: &[u8]) -> Option<Format> {
    if !head.starts_with(b"RIFF") {
        return None;
    }
    let kind = at(head, 8).get(..8)?;
    Some(match kind {
        b"WEBPVP8 " => one(Family::Webp, "WebP", Some("fmt/566"), "image/webp"),
        b"WEBPVP8L" => one(Family::Webp, "WebP sans perte", Some("fmt/567"), "image/webp"),
        b"WEBPVP8X" => one(Family::Webp, "WebP étendu", Some("fmt/568"), "image/webp"),
        _ if kind.starts_with(b"WAVE") => one(Family::Wave, "WAVE", None, "audio/x-wav"),
        _ if kind.starts_with(b"AVI ") => one(Family::Avi, "AVI", None, "video/x-msvideo"),
        _ => return None,
    })
}

fn bitmap(head: &[u8]) -> Option<Format> {
    if !head.starts_with(b"BM") || !at(head, 6).starts_with(&[0; 4]) {
        return None;
    }
    let size = u32::from_le_bytes(*at(head, 14).first_chunk()?);
    let (_, name, puid) = table::BITMAP.iter().find(|(known, _, _)| *known == size)?;
    // The third version has a variant with masks, of an identifier of its own.
    let masked = size == 40 && at(head, 30).first() == Some(&3);
    Some(one(Family::Bmp, name, Some(if masked { "fmt/117" } else { puid }), "image/bmp"))
}

fn is_xml(head: &[u8]) -> bool {
    head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).starts_with(b"<?xml")
}

/// XML, SVG and HTML.
fn text(head: &[u8]) -> Option<Format> {
    let body = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    if is_xml(head) {
        return Some(xml(body));
    }
    if [b"\xFF\xFE<\0?\0x\0".as_slice(), b"\xFE\xFF\0<\0?\0x"].iter().any(|mark| head.starts_with(mark)) {
        return Some(XML);
    }
    let start = body.trim_ascii_start();
    let start = start.get(..start.len().min(PDF_WITHIN))?.to_ascii_lowercase();
    let begins_html = start.starts_with(b"<!doctype html") || start.starts_with(b"<html");
    begins_html.then(|| {
        let fifth = start.starts_with(b"<!doctype html>");
        one(Family::Html, if fifth { "HTML 5" } else { "HTML" }, fifth.then_some("fmt/471"), "text/html")
    })
}

fn xml(body: &[u8]) -> Format {
    let first = ["\"", "'"].iter().any(|quote| {
        let declared = ["<?xml version=", quote, "1.0", quote].concat();
        body.starts_with(declared.as_bytes())
    });
    let Some(root) = root(body) else {
        return if first { Format { name: "XML 1.0", puid: Some("fmt/101"), ..XML } } else { XML };
    };
    let tag = &root[..memchr::memchr(b'>', root).unwrap_or(root.len())];
    let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
    match name.rsplit(|byte| *byte == b':').next().unwrap_or_default() {
        b"svg" => {
            let second = first && memmem::find(tag, b"version=\"1.1\"").is_some();
            one(Family::Svg, if second { "SVG 1.1" } else { "SVG" }, second.then_some("fmt/92"), "image/svg+xml")
        }
        // These have identifiers of their own, which depend on more than is looked at.
        b"html" | b"schema" | b"kml" => XML,
        _ if first => Format { name: "XML 1.0", puid: Some("fmt/101"), ..XML },
        _ => XML,
    }
}

/// What follows the `<` of the first element, comments apart.
fn root(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body;
    loop {
        rest = &rest[memchr::memchr(b'<', rest)? + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = &comment[memmem::find(comment, b"-->")?..];
        } else if rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return Some(rest);
        }
    }
}

/// What has its mark where others have none.
fn others(head: &[u8]) -> Option<Format> {
    if tar::looks_like_tar(head) {
        return Some(one(Family::Tar, "TAR", Some("x-fmt/265"), "application/x-tar"));
    }
    if head.starts_with(b"ID3") && head.get(3).is_some_and(|major| (2..=4).contains(major)) {
        return Some(one(Family::Mp3, "MP3", None, "audio/mpeg"));
    }
    if head.starts_with(b"MZ") && is_portable_executable(head) {
        let media = "application/vnd.microsoft.portable-executable";
        return Some(one(Family::Executable, "programme Windows", None, media));
    }
    if head.starts_with(b"AC10") && head.get(4..6).is_some_and(|n| n.iter().all(u8::is_ascii_digit)) {
        return Some(one(Family::Dwg, "AutoCAD DWG", None, "image/vnd.dwg"));
    }
    None
}

/// CMS SignedData, in DER or BER.
pub(crate) fn is_signed_data(head: &[u8]) -> bool {
    let signed = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
    head.starts_with(b"\x30") && (2..7).any(|from| at(head, from).starts_with(signed))
}

fn signed_data(head: &[u8]) -> Format {
    let name = if pdf_named(head).is_some() { "PKCS #7 contenant un PDF" } else { "PKCS #7" };
    one(Family::Cms, name, Some("fmt/670"), "application/pkcs7-mime")
}

/// The header that its first one points at.
fn is_portable_executable(head: &[u8]) -> bool {
    let place = at(head, 60).first_chunk().map(|place| u32::from_le_bytes(*place));
    let place = place.and_then(|place| usize::try_from(place).ok());
    place.is_some_and(|place| at(head, place).starts_with(b"PE\0\0"))
}
