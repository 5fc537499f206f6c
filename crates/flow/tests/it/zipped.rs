//! Zips among the files of a deposit: looked into when their directory names a flow, opaque else.

use flow::{Declared, Limits, Outcome};

use crate::bench::{Kept, codes, read_into};
pub use crate::stored::zipped;

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
    let document = zipped(&[("[Content_Types].xml", &b"<!DOCTYPE a>"[..]), ("../word/document.xml", b"<a/>")]);
    for bytes in [&document[..], &document[..40]] {
        let files: [(&[u8], &[u8]); 1] = [(b"note.docx", bytes)];
        let mut kept = Kept::default();
        let flow = read_into(&files, Declared::Auto, Some(b"{}"), &Limits::default(), &mut kept);
        assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Accepted, vec![]));
        assert!(kept.0.is_empty());
    }
}
