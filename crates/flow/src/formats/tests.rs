use std::collections::BTreeSet;
use std::io::Write;

use super::*;
use crate::limits::{MAX_FORMAT_BYTES, MAX_FORMAT_HEAD_BYTES};

fn of(bytes: &[u8]) -> Option<Format> {
    of_pieces(bytes, bytes.len().max(1))
}

/// The same bytes, in pieces of that size.
fn of_pieces(bytes: &[u8], size: usize) -> Option<Format> {
    let mut sniffer = Sniffer::new();
    bytes.chunks(size).for_each(|piece| sniffer.take(piece));
    sniffer.format()
}

fn puid(bytes: &[u8]) -> Option<&'static str> {
    of(bytes).and_then(|format| format.puid)
}

fn xmp(part: &str, level: &str) -> Vec<u8> {
    let claim = format!("<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>{level}</pdfaid:conformance>");
    [b"%PDF-1.4\n".as_slice(), &[b' '; 3_000], claim.as_bytes(), b"\n%%EOF\n"].concat()
}

#[test]
fn a_header_tells_the_version_and_the_metadata_what_is_claimed() {
    for (version, puid_of) in [("1.0", "fmt/14"), ("1.4", "fmt/18"), ("1.7", "fmt/276"), ("2.0", "fmt/1129")] {
        assert_eq!(puid(format!("%PDF-{version}\n1 0 obj").as_bytes()), Some(puid_of));
    }
    for (part, level, claims, puid_of) in [
        ("1", "A", "PDF/A-1a", Some("fmt/95")),
        ("1", "B", "PDF/A-1b", Some("fmt/354")),
        ("2", "U", "PDF/A-2u", Some("fmt/478")),
        ("3", "B", "PDF/A-3b", Some("fmt/480")),
        ("4", "F", "PDF/A-4f", None),
    ] {
        let found = of(&xmp(part, level)).unwrap();
        assert_eq!((found.name, found.claims, found.puid), ("PDF 1.4", Some(claims), puid_of));
    }
    let attributes = b"%PDF-1.6\n<rdf:Description pdfaid:conformance=\"B\" pdfaid:part='2'/>";
    assert_eq!(puid(attributes), Some("fmt/477"));
    // A level that does not exist, a version that does not, another profile: a PDF, of which no more is said.
    for odd in [&xmp("1", "U")[..], b"%PDF-9.9\n", b"\n%PDF-1.4\n", b"%PDF-1.4 /GTS_PDFXVersion (PDF/X-1)"] {
        let found = of(odd).unwrap();
        assert_eq!((found.family, found.claims, found.puid), (Family::Pdf, None, None), "{odd:?}");
    }
    assert_eq!(of(b"a text about %PD").map(|format| format.family), None);
}

#[test]
fn a_claim_is_found_wherever_the_pieces_are_cut_and_the_last_one_counts() {
    let bytes = [xmp("1", "A"), xmp("3", "U")].concat();
    for size in [1, 7, 511, 512, 513, 1_024, 4_000] {
        assert_eq!(of_pieces(&bytes, size).unwrap().claims, Some("PDF/A-3u"), "{size}");
    }
}

#[test]
fn what_goes_on_beyond_the_limit_has_no_version_that_may_stand_anywhere() {
    let limit = usize::try_from(MAX_FORMAT_BYTES).unwrap();
    let long = |size: usize, end: &[u8]| {
        let mut bytes = b"%PDF-1.4\n".to_vec();
        bytes.resize(size - end.len(), b' ');
        [&bytes, end].concat()
    };
    let claim = b"<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>";
    assert_eq!(of_pieces(&long(limit, claim), 65_536).unwrap().claims, Some("PDF/A-1b"));
    let beyond = of_pieces(&[long(limit, b""), claim.to_vec()].concat(), 65_536).unwrap();
    assert_eq!((beyond.name, beyond.claims, beyond.puid), ("PDF 1.4", None, None));
    let mut sniffer = Sniffer::new();
    sniffer.take(&long(limit, b""));
    assert!(sniffer.wants_more());
    sniffer.take(b"x");
    assert!(!sniffer.wants_more());
    // Of what tells itself at once nothing more is held.
    let mut sniffer = Sniffer::new();
    sniffer.take(&[7; 2_000]);
    assert!(!sniffer.wants_more());
}

#[test]
fn pictures_are_told_by_version() {
    let png = |chunk: &[u8]| [b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".as_slice(), &[0; 17], chunk, b"IEND"].concat();
    for (chunk, puid_of) in [("", "fmt/11"), ("sRGB", "fmt/12"), ("sRGB iTXt", "fmt/13")] {
        assert_eq!(puid(&png(chunk.as_bytes())), Some(puid_of));
    }
    assert_eq!(puid(&png(b"acTL")), None);
    let jfif = |minor: u8| [b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01".as_slice(), &[minor, 0]].concat();
    assert_eq!([0, 1, 2, 3].map(|minor| puid(&jfif(minor))), [Some("fmt/42"), Some("fmt/43"), Some("fmt/44"), None]);
    let exif = b"\xFF\xD8\xFF\xE1\0\x40Exif\0\0II*\0........\0\x90\x07\0\x04\0\0\x000220";
    assert_eq!(puid(exif), Some("x-fmt/391"));
    assert_eq!(puid(b"\xFF\xD8\xFF\xDB\0\x43"), Some("fmt/41"));
    assert_eq!(puid(b"\xFF\xD8\xFF\xED\0\x43Photoshop"), None);
    assert_eq!((puid(b"II*\0\x08\0\0\0"), puid(b"II*\0\x08\0\0\0\xAF\x87\x03\0")), (Some("fmt/353"), None));
    assert_eq!((puid(b"GIF89a.."), puid(b"RIFF....WEBPVP8L")), (Some("fmt/4"), Some("fmt/567")));
    let bitmap = |size: u8, compression: u8| {
        let mut bytes =
            [b"BM....\0\0\0\0....".as_slice(), &[size, 0, 0, 0], &[0; 12], &[compression, 0, 0, 0]].concat();
        bytes.resize(100, 0);
        puid(&bytes)
    };
    assert_eq!([bitmap(40, 0), bitmap(40, 3), bitmap(124, 0)], [Some("fmt/116"), Some("fmt/117"), Some("fmt/119")]);
    assert_eq!(of(b"BMW est une marque, et ceci un texte assez long pour y voir un en-tete"), None);
}

#[test]
fn documents_of_ole2_are_told_apart_unless_one_is_inside_another() {
    let named = |words: &[&str]| {
        let mut bytes = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 1_600]].concat();
        for word in words {
            bytes.extend(word.encode_utf16().flat_map(u16::to_le_bytes));
            bytes.extend([0; 80]);
        }
        bytes
    };
    let family = |bytes: &[u8]| of(bytes).unwrap().family;
    let mut doc = named(&["WordDocument"]);
    assert_eq!((family(&doc), puid(&doc)), (Family::Doc, None));
    doc.extend(b"\x10\0\0\0Word.Document.8\0");
    assert_eq!(puid(&doc), Some("fmt/40"));
    let mut xls = named(&["Workbook"]);
    xls.extend(b"\x09\x08\x10\0\0\x06\x05\0");
    assert_eq!((family(&xls), puid(&xls)), (Family::Xls, Some("fmt/61")));
    assert_eq!(puid(&named(&["PowerPoint Document"])), Some("fmt/126"));
    assert_eq!(puid(&named(&["__properties_version1.0"])), Some("x-fmt/430"));
    for untold in [named(&["WordDocument", "Workbook"]), named(&["EncryptedPackage"]), named(&[])] {
        assert_eq!((family(&untold), puid(&untold)), (Family::Ole, None));
    }
}

/// A beginning of a zip: members with their sizes before them, or after.
fn packed(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, body, after) in members {
        let stored = *name == "mimetype";
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        let inside = if stored { body.to_vec() } else { encoder.finish().unwrap() };
        let (packed, size) = (u32::try_from(inside.len()).unwrap(), u32::try_from(body.len()).unwrap());
        let numbers = [0, packed, size].map(u32::to_le_bytes).concat();
        bytes.extend(b"PK\x03\x04\x14\0");
        bytes.extend([u16::from(*after) << 3, if stored { 0 } else { 8 }, 0, 0].map(u16::to_le_bytes).concat());
        bytes.extend(if *after { vec![0; 12] } else { numbers.clone() });
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend([name.as_bytes(), &inside].concat());
        if *after {
            bytes.extend([b"PK\x07\x08".as_slice(), &numbers].concat());
        }
    }
    bytes.extend(b"PK\x01\x02");
    bytes
}

const TYPES: &[u8] = b"<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

#[test]
fn packages_are_told_by_what_they_hold_first() {
    let odt = "application/vnd.oasis.opendocument.text";
    let content = |version: &str| format!("<office:document-content office:version=\"{version}\"/>");
    for (version, puid_of) in
        [("1.0", Some("fmt/136")), ("1.2", Some("fmt/291")), ("1.3", Some("fmt/1756")), ("1.9", None)]
    {
        let content = content(version);
        for after in [false, true] {
            let bytes = packed(&[
                ("mimetype", odt.as_bytes(), false),
                ("a.xml", b"x", after),
                ("content.xml", content.as_bytes(), after),
            ]);
            let found = of(&bytes).unwrap();
            assert_eq!((found.family, found.puid, found.media_type), (Family::Odt, puid_of, odt), "{version} {after}");
        }
    }
    assert_eq!(puid(&packed(&[("mimetype", b"application/epub+zip", false)])), Some("fmt/483"));
    for after in [false, true] {
        let last = [
            ("_rels/.rels", b"<a/>".as_slice(), after),
            ("word/document.xml", b"<b/>", after),
            ("[Content_Types].xml", TYPES, after),
        ];
        assert_eq!(puid(&packed(&last)), Some("fmt/412"));
        // Where it is not reached, it is not guessed.
        assert_eq!(of(&packed(&last[..2])).map(|format| (format.family, format.puid)), Some((Family::Zip, None)));
    }
    assert_eq!(puid(&packed(&[("delib.pdf", b"x", false)])), Some("x-fmt/263"));
    for odd in [b"PK\x03\x04".as_slice(), b"PK\x05\x06", &packed(&[("mimetype", b"x/y", false)])[..40]] {
        assert_eq!(of(odd).unwrap().family, Family::Zip);
    }
}

#[test]
fn a_package_is_told_by_its_beginning_alone() {
    // Members that do not shrink, up to a place in the beginning, or past it.
    let noise = |size: usize| -> Vec<u8> {
        let mut state = 1_u32;
        let next = move |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..size).map(next).collect()
    };
    let with = |size: usize| packed(&[("_rels/.rels", &noise(size), false), ("[Content_Types].xml", TYPES, false)]);
    assert_eq!(puid(&with(MAX_FORMAT_HEAD_BYTES - 1_000)), Some("fmt/412"));
    assert_eq!(of(&with(MAX_FORMAT_HEAD_BYTES)).map(|format| (format.family, format.puid)), Some((Family::Zip, None)));
}

#[test]
fn a_member_that_inflates_without_end_is_left() {
    let bomb = vec![b' '; 40 << 20];
    let bytes = packed(&[("_rels/.rels", &bomb, true), ("[Content_Types].xml", TYPES, false)]);
    assert!(bytes.len() < MAX_FORMAT_HEAD_BYTES);
    assert_eq!(of(&bytes).map(|format| (format.family, format.puid)), Some((Family::Zip, None)));
}

#[test]
fn xml_is_told_by_its_declaration_and_its_root() {
    assert_eq!(puid(b"<?xml version=\"1.0\"?><a:Acte xmlns:xsi='x' xsi:schemaLocation='y'/>"), Some("fmt/101"));
    assert_eq!(puid(b"\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><!-- <svg> --><a/>"), Some("fmt/101"));
    assert_eq!(puid(b"<?xml version=\"1.0\"?><svg version=\"1.1\">"), Some("fmt/92"));
    assert_eq!(puid(b"<?xml version=\"1.0\"?><xs:schema/>"), None);
    assert_eq!(of(b"<?xml version=\"1.1\"?><a/>").map(|format| format.puid), Some(None));
    assert_eq!(puid(b" <!DOCTYPE html>\n<html>"), Some("fmt/471"));
    assert_eq!(of(b"<a/>"), None);
}

#[test]
fn every_identifier_that_is_given_is_in_the_list_of_those_that_were_seen() {
    let source = [include_str!("begin.rs"), include_str!("table.rs")].concat();
    let code = source.split("PUIDS: [&str").next().unwrap();
    let words = code.split('"').filter(|word| word.starts_with("fmt/") || word.starts_with("x-fmt/"));
    let given: BTreeSet<&str> = words.collect();
    let listed: BTreeSet<&str> = table::PUIDS.into_iter().collect();
    assert_eq!(given, listed);
    assert!(by_puid("fmt/14", &of(b"%PDF-1.4").unwrap()));
    assert!(!by_puid("fmt/18", &of(b"%PDF-1.4").unwrap()) && !by_puid("fmt/99999", &of(b"%PDF-1.4").unwrap()));
}

#[test]
fn a_type_is_compared_without_its_parameters_and_nothing_is_announced_by_one_that_says_nothing() {
    let (xml, word) = by_media_type("Text/XML; charset=utf-8").unwrap();
    assert_eq!(word, "text/xml");
    assert!(std::ptr::eq(xml, by_extension("A.b.XML").unwrap().0));
    for silent in ["application/octet-stream", "", "application/x-www-form-urlencoded"] {
        assert!(by_media_type(silent).is_none());
    }
    assert!(by_extension("sans-extension").is_none() && by_extension("a.").is_none());
}
