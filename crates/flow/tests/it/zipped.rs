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
fn a_message_of_actes_is_read_in_a_zip_without_an_envelope() {
    let name = "034-243499019-20190523-86351-CC-6-2_0.xml";
    let xml = format!(
        "<a:ARAnnulation xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" a:IDActe=\"{}\"/>",
        "034-243499019-20190523-86351-CC"
    );
    for declared in [Declared::Auto, Declared::Actes] {
        let bytes = zipped(&[(name, xml.as_bytes())]);
        let files: [(&[u8], &[u8]); 1] = [(b"annulation.zip", &bytes)];
        let flow = read_into(&files, declared, None, &Limits::default(), &mut Kept::default());
        assert_eq!((flow.kind.as_str(), flow.outcome().is_accepted()), ("actes", true), "{:?}", codes(&flow));
        assert_eq!(
            (&flow.facts["message"], &flow.facts["id_acte"]),
            (&"6-2".into(), &"034-243499019-20190523-86351-CC".into())
        );
    }
    // The documents of an act are named like it: they are no message.
    let bytes = zipped(&[("99_CC-034-243499019-20190523-86351-CC-1-1_1.pdf", b"%PDF-1.4".as_slice())]);
    let files: [(&[u8], &[u8]); 1] = [(b"pieces.zip", &bytes)];
    let flow = read_into(&files, Declared::Auto, Some(b"{}"), &Limits::default(), &mut Kept::default());
    assert_eq!(flow.kind.as_str(), "file", "{:?}", codes(&flow));
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

/// A transfer, of which the bordereau is this.
fn transfer(bordereau: &[u8]) -> Vec<u8> {
    zipped(&[("content/piece.pdf", b"%PDF-1.4".as_slice()), ("manifest.xml", bordereau)])
}

const BORDEREAU: &[u8] =
    b"<?xml version=\"1.0\"?><ArchiveTransfer xmlns=\"fr:gouv:culture:archivesdefrance:seda:v2.1\"/>";

/// Kept, and told: what it says and what it is as a transfer that was declared.
fn told(name: &str, bytes: &[u8]) -> (bool, Vec<String>, Vec<&'static str>) {
    let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), bytes)];
    let flow = read_into(&files, Declared::Auto, Some(b"{}"), &Limits::default(), &mut Kept::default());
    let kept = flow.kind.as_str() == "file" && flow.outcome().is_accepted();
    let said = flow.findings.iter().filter(|finding| finding.code == "transfer-damaged");
    let said = said.map(|finding| finding.message_en.clone()).collect();
    let declared = read_into(&files, Declared::Seda, Some(b"{}"), &Limits::default(), &mut Kept::default());
    assert!(!declared.outcome().is_accepted(), "{name}: {:?}", codes(&declared));
    (kept, said, codes(&flow))
}

#[test]
fn a_transfer_that_cannot_be_read_is_kept_like_any_file_and_said() {
    let whole = transfer(BORDEREAU);
    let mut headless = whole.clone();
    headless[..4].fill(0);
    let damaged: Vec<(&str, Vec<u8>, &str)> = vec![
        // The end is missing, with the directory; the bordereau is named before.
        ("sip.zip", whole[..whole.len() - 10].to_vec(), "names : manifest.xml"),
        ("sip", whole[..whole.len() - 60].to_vec(), "names : manifest.xml"),
        ("sip.zip", headless[..headless.len() - 10].to_vec(), "names : manifest.xml"),
        // All is there but the sense.
        ("sip.zip", transfer(&BORDEREAU[..60]), "the bordereau cannot be read : manifest.xml"),
        ("sip.zip", transfer(b"\0\0\0"), "the bordereau cannot be read : manifest.xml"),
        // Only the name is left.
        ("SIC-EACT--210600730--20180115-1.tar.gz", b"\0\0 une page".to_vec(), "its name is that of an ACTES envelope"),
        ("SIC-TACT--210600730--20180115-1.zip", b"\0\0 une page".to_vec(), "its name is that of an ACTES envelope"),
    ];
    for (name, bytes, word) in damaged {
        let (kept, said, all) = told(name, &bytes);
        assert!(kept && said.len() == 1 && said[0].contains(word), "{name}: {kept} {said:?} {all:?}");
    }
}

#[test]
fn a_header_of_a_member_is_found_far_from_the_beginning_and_within_a_limit() {
    let noise = vec![b'x'; 300 << 10];
    let far = zipped(&[("a.bin", noise.as_slice()), ("EACT--243499019--20190523-1.xml", b"<a/>")]);
    let (kept, said, all) = told("envoi.zip", &far[..far.len() - 10]);
    assert!(kept && said.len() == 1, "{said:?} {all:?}");
    let beyond = vec![b'x'; usize::try_from(flow::limits::MAX_FORMAT_BYTES).unwrap()];
    let beyond = zipped(&[("a.bin", beyond.as_slice()), ("manifest.xml", b"<a/>")]);
    assert_eq!(told("envoi.zip", &beyond[..beyond.len() - 10]).1, [""; 0]);
    // Headers of names that no system has are passed over, and so is what only looks like one.
    let false_header = [b"PK\x03\x04".as_slice(), &[0; 22], &[255, 255, 0, 0], &[b'y'; 200]].concat();
    let hidden = [&false_header[..], &zipped(&[("manifest.xml", b"<a/>")])].concat();
    assert_eq!(told("envoi.zip", &hidden[..hidden.len() - 10]).1.len(), 1);
}

#[test]
fn archives_that_hold_no_transfer_say_nothing_of_one() {
    for (name, bytes) in [
        ("note.docx", zipped(&[("word/document.xml", b"<a/>".as_slice())])),
        ("plans.zip", zipped(&[("plan.pdf", b"%PDF-1.4".as_slice())])),
        ("plans.zip", zipped(&[("plan.pdf", b"%PDF-1.4".as_slice())])[..40].to_vec()),
        ("app.zip", zipped(&[("res/manifest.xml", b"<a".as_slice())])[..50].to_vec()),
        // A transfer inside another archive is that archive's.
        ("envois.zip", zipped(&[("sip.zip", transfer(BORDEREAU))])),
        ("texte.txt", b"PK".to_vec()),
    ] {
        assert_eq!(told(name, &bytes).1, [""; 0], "{name}");
    }
}
