//! Formats by their bytes: what the facts say, and what is remarked where a name, a type or a bordereau announces something else.

use flow::{Declared, Flow, Incoming, Limits, NoMembers, Outcome};
use std::io::{self, Read};

use crate::bench::{codes, read};
use crate::zipped::zipped;

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR....IEND";

fn about(flow: &Flow) -> Vec<(&'static str, &str)> {
    let formats = ["format-mismatch", "format-unlike", "actes-format"];
    flow.findings.iter().filter(|f| formats.contains(&f.code)).map(|f| (f.code, f.place.as_str())).collect()
}

#[test]
fn the_facts_say_what_the_files_are() {
    for declared in [Declared::File, Declared::Auto] {
        let flow =
            read(&[("a.pdf", b"%PDF-1.4\n"), ("b.pdf", b"%PDF-1.4\n"), ("c.png", PNG), ("d.csv", b"x;y")], declared);
        assert_eq!(codes(&flow), ["description-absent"]);
        assert_eq!(
            flow.facts["formats"],
            serde_json::json!([
                {"nom": "PDF 1.4", "puid": "fmt/18", "media_type": "application/pdf", "nombre": 2, "fichiers": ["a.pdf", "b.pdf"]},
                {"nom": "PNG 1.0", "puid": "fmt/11", "media_type": "image/png", "nombre": 1, "fichiers": ["c.png"]},
                {"nombre": 1, "fichiers": ["d.csv"]},
            ])
        );
        let known: Vec<_> = flow.files.iter().map(|f| f.format.and_then(|f| f.puid)).collect();
        assert_eq!(known, [Some("fmt/18"), Some("fmt/18"), Some("fmt/11"), None]);
    }
    let claimed = read(&[("a.pdf", b"%PDF-1.7\n<x pdfaid:part=\"3\" pdfaid:conformance=\"B\"/>")], Declared::File);
    assert_eq!(
        (&claimed.facts["formats"][0]["declare"], &claimed.facts["formats"][0]["puid"]),
        (&"PDF/A-3b".into(), &"fmt/480".into())
    );
    assert_eq!(flow::explain::to_json(&claimed, flow::Language::En)["files"][0]["puid"], "fmt/480");
}

#[test]
fn names_are_listed_up_to_a_number_and_all_are_counted() {
    let names: Vec<String> = (0..30).map(|n| format!("{n}.pdf")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"%PDF-1.4".as_slice())).collect();
    let flow = read(&files, Declared::File);
    assert_eq!(flow.facts["formats"][0]["nombre"], 30);
    assert_eq!(flow.facts["formats"][0]["fichiers"].as_array().unwrap().len(), flow::limits::MAX_LISTED);
}

#[test]
fn bytes_of_another_format_than_the_name_says_are_remarked_and_kept() {
    for declared in [Declared::File, Declared::Auto] {
        for (name, bytes, code) in [
            ("acte.pdf", PNG, "format-mismatch"),
            ("Photo.JPG", b"%PDF-1.4".as_slice(), "format-mismatch"),
            ("note.txt", b"%PDF-1.4", "format-mismatch"),
            ("acte.doc", b"{\\rtf1\\ansi", "format-mismatch"),
            ("acte.pdf", b"une page", "format-unlike"),
            ("acte.docx", b"une page", "format-unlike"),
        ] {
            let flow = read(&[(name, bytes)], declared);
            assert_eq!(about(&flow), [(code, name)], "{name}: {:?}", codes(&flow));
            assert!(flow.findings.iter().any(|f| !f.remedy_fr.is_empty() && f.message_fr.contains('.')));
        }
        // Nothing to say: they agree, the name announces nothing, the format has no mark, the inside is not told, there is nothing.
        for (name, bytes) in [
            ("acte.pdf", b"%PDF-1.4".as_slice()),
            ("acte", PNG),
            ("acte.bin", PNG),
            ("a.csv", b"a;b"),
            ("a.json", b"{}"),
            ("note.docx", &zipped(&[("word/document.xml", b"<a/>")])),
            ("note.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
            ("vide.pdf", b""),
        ] {
            let flow = read(&[(name, bytes)], declared);
            assert_eq!(about(&flow), [], "{name}");
        }
    }
}

#[test]
fn bytes_that_are_no_xml_are_remarked_where_nothing_is_opened() {
    assert_eq!(about(&read(&[("flux.xml", PNG)], Declared::File)), [("format-mismatch", "flux.xml")]);
    assert_eq!(about(&read(&[("flux.xml", b"<a/>")], Declared::File)), []);
}

fn declared_as(name: &str, media_type: &str, bytes: &[u8]) -> Flow {
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.to_vec()))) };
    let one =
        Incoming { name: name.as_bytes(), media_type: Some(media_type), size: bytes.len() as u64, open: &mut open };
    flow::read(&mut [one], Declared::File, None, &mut NoMembers, (&Limits::default(), &flow::NoJudge))
}

#[test]
fn a_declared_type_is_held_against_the_bytes_too_and_said_once_when_the_name_says_the_same() {
    assert_eq!(about(&declared_as("a.pdf", "application/pdf", PNG)), [("format-mismatch", "a.pdf")]);
    assert_eq!(about(&declared_as("a", "application/pdf", PNG)), [("format-mismatch", "a")]);
    assert_eq!(about(&declared_as("a.png", "image/jpeg", PNG)), [("format-mismatch", "a.png")]);
    assert_eq!(about(&declared_as("a.jpg", "application/pdf", PNG)).len(), 2);
    assert_eq!(about(&declared_as("a", "application/octet-stream", PNG)), []);
    let said = &declared_as("a.png", "image/jpeg", PNG).findings[0];
    assert!(
        said.message_en.contains("image/jpeg") && said.message_en.contains("PNG 1.0, fmt/11"),
        "{}",
        said.message_en
    );
}

#[test]
fn a_piece_of_an_act_in_another_format_than_acts_take_is_remarked() {
    const ID: &str = "034-243499019-20190523-86351-CC";
    let piece = |end: &str, bytes: &[u8]| {
        let name = format!("99_CC-{ID}-1-1_1.{end}");
        let xml = format!(
            "<a:Acte xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" a:Date=\"2019-05-23\" a:NumeroInterne=\"86351\" \
a:CodeNatureActe=\"4\"><a:CodeMatiere1 a:CodeMatiere=\"1\"/><a:CodeMatiere2 a:CodeMatiere=\"1\"/><a:Objet>Avenant</a:Objet>\
<a:ClassificationDateVersion>2019-01-01</a:ClassificationDateVersion><a:Document><a:NomFichier>{name}</a:NomFichier></a:Document>\
<a:Annexes a:Nombre=\"0\"/></a:Acte>"
        );
        let flow = read(&[(&format!("{ID}-1-1_0.xml"), xml.as_bytes()), (&name, bytes)], Declared::Auto);
        assert!(flow.outcome().is_accepted(), "{:?}", codes(&flow));
        let found: Vec<_> = about(&flow).into_iter().map(|(code, _)| code).collect();
        (flow.outcome(), found)
    };
    assert_eq!(piece("pdf", b"%PDF-1.4"), (Outcome::Accepted, vec![]));
    assert_eq!(piece("png", PNG), (Outcome::Accepted, vec![]));
    assert_eq!(piece("pdf", PNG), (Outcome::AcceptedWithWarnings, vec!["format-mismatch"]));
    assert_eq!(piece("rtf", b"{\\rtf1\\ansi"), (Outcome::AcceptedWithWarnings, vec!["actes-format"]));
}
