//! Zips among the files of a deposit: looked into when their directory names a flow, opaque else.

use flow::{Declared, Limits, Outcome};

use crate::bench::{Kept, codes, read_into};

/// A zip of stored members.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in files {
        let mut crc = flate2::Crc::new();
        crc.update(body);
        let size = u32::try_from(body.len()).unwrap();
        let mut common = [20_u16, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
        common.extend([crc.sum(), size, size].map(u32::to_le_bytes).concat());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        let offset = u32::try_from(bytes.len()).unwrap();
        bytes.extend([b"PK\x03\x04".as_slice(), &common[..], name.as_bytes(), body].concat());
        directory.extend(
            [b"PK\x01\x02\x14\0".as_slice(), &common[..], &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat(),
        );
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (length, start) = (u32::try_from(directory.len()).unwrap(), u32::try_from(bytes.len()).unwrap());
    bytes.extend(&directory);
    bytes.extend(
        [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &length.to_le_bytes(), &start.to_le_bytes(), &[0; 2]]
            .concat(),
    );
    bytes
}

#[test]
fn an_envelope_of_actes_is_read_in_a_zip() {
    let envelope = "EACT--243499019--20190523-1.xml";
    let xml = "<a:EnveloppeCLMISILL xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\">\
<a:Emetteur><a:IDCL a:SIREN=\"243499019\" a:Departement=\"034\"/></a:Emetteur></a:EnveloppeCLMISILL>";
    let bytes = zipped(&[(envelope, xml.as_bytes()), ("piece.pdf", b"%PDF-1.4")]);
    let mut kept = Kept::default();
    let files: [(&[u8], &[u8]); 1] = [(b"envoi.zip", &bytes)];
    let flow = read_into(&files, Declared::Auto, None, &Limits::default(), &mut kept);
    assert_eq!((flow.kind.as_str(), flow.outcome().is_accepted()), ("actes", true), "{:?}", codes(&flow));
    let names: Vec<&[u8]> = kept.0.iter().map(|(_, name, _)| name.as_slice()).collect();
    assert_eq!(names, [envelope.as_bytes(), b"piece.pdf"]);
}

#[test]
fn any_other_zip_stays_opaque_damaged_or_not() {
    let document = zipped(&[("[Content_Types].xml", b"<!DOCTYPE a>"), ("../word/document.xml", b"<a/>")]);
    for bytes in [&document[..], &document[..40]] {
        let files: [(&[u8], &[u8]); 1] = [(b"note.docx", bytes)];
        let mut kept = Kept::default();
        let flow = read_into(&files, Declared::Auto, Some(b"{}"), &Limits::default(), &mut kept);
        assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Accepted, vec![]));
        assert!(kept.0.is_empty());
    }
}
