//! Formats by their bytes: what the facts say, and what is remarked where a name, a type or a bordereau announces something else.

use flow::{Declared, Flow, Incoming, Limits, NoMembers, Outcome};
use serde_json::Value;
use std::io::{self, Read};

use crate::bench::{Kept, codes, read, read_into};
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

/// The beginning of a signature in CMS around these bytes.
fn around(content: &[u8]) -> Vec<u8> {
    [b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x24\x80\x04\x20".as_slice(), content].concat()
}

#[test]
fn a_signature_around_a_pdf_is_told_as_such_and_a_bare_pdf_of_that_name_is_remarked() {
    let flow = read(&[("acte.pdf.p7m", &around(b"%PDF-1.4\n1 0 obj"))], Declared::File);
    assert_eq!(about(&flow), []);
    assert_eq!(flow.facts["formats"][0]["nom"], "PKCS #7 contenant un PDF");
    assert_eq!(flow.facts["formats"][0]["puid"], "fmt/670");
    assert_eq!(read(&[("acte.p7m", &around(b"un texte"))], Declared::File).facts["formats"][0]["nom"], "PKCS #7");
    assert_eq!(about(&read(&[("acte.p7m", b"%PDF-1.4\n")], Declared::File)), [("format-mismatch", "acte.p7m")]);
}

#[test]
fn a_text_that_names_pdf_is_none() {
    for text in ["Un PDF commence par %PDF-1.4, puis des objets.", "note\n%PDF-1.4\nfin\n", " %PDF- est une marque"] {
        let flow = read(&[("note.txt", text.as_bytes())], Declared::File);
        assert_eq!(
            (codes(&flow), &flow.facts["formats"][0]["nom"]),
            (vec!["description-absent"], &Value::Null),
            "{text}"
        );
    }
}

#[test]
fn what_stands_before_a_pdf_or_can_be_read_otherwise_is_remarked() {
    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n";
    let found = |bytes: &[u8]| {
        let flow = read(&[("a.pdf", bytes)], Declared::File);
        assert!(flow.outcome().is_accepted());
        codes(&flow).into_iter().filter(|code| *code != "description-absent").collect::<Vec<_>>()
    };
    let zip = zipped(&[("evil.exe", b"MZ")]);
    assert_eq!(found(PDF), [""; 0]);
    assert_eq!(found(&[b"\n".as_slice(), PDF].concat()), ["pdf-header-late"]);
    assert_eq!(found(&[b"\xEF\xBB\xBF".as_slice(), PDF].concat()), ["pdf-header-late"]);
    assert_eq!(found(&[&b" ".repeat(1023)[..], PDF].concat()), ["pdf-header-late"]);
    // Beyond, nobody looks for one.
    assert_eq!(found(&[&b" ".repeat(1024)[..], PDF].concat()), ["format-unlike"]);
    assert_eq!(found(&[b"junk ".as_slice(), PDF].concat()), ["pdf-header-late"]);
    assert_eq!(found(&[b"MZ\x90\0".as_slice(), PDF].concat()), ["format-several", "pdf-header-late"]);
    assert_eq!(found(&[PDF, &zip].concat()), ["format-several"]);
    assert_eq!(found(&[b"%PDF-1.7\n".as_slice(), &zip].concat()), ["format-several"]);
    // A document attached inside is a zip too, and does not end as one.
    assert_eq!(found(&[b"%PDF-1.7\n".as_slice(), &zip, b"\n%%EOF\n"].concat()), [""; 0]);
    assert_eq!(found(b"%PDF-1.4\n%<HTML><script>alert(1)</script>\n%%EOF"), ["format-several"]);
    let picture = read(&[("a.gif", &[b"GIF89a\x01\0\x01\0".as_slice(), PDF].concat())], Declared::File);
    assert!(codes(&picture).contains(&"format-several"), "{:?}", codes(&picture));
    let said = picture.findings.iter().find(|finding| finding.code == "format-several").unwrap();
    assert!(said.message_en.contains("as GIF 89a, fmt/4, and as PDF too"), "{}", said.message_en);
}

#[test]
fn what_acts_in_a_pdf_what_is_attached_and_how_often_it_was_saved_are_remarked() {
    let found = |inside: &str| {
        let bytes = format!("%PDF-1.7\n1 0 obj<<{inside}>>endobj\n%%EOF\n");
        let flow = read(&[("a.pdf", bytes.as_bytes())], Declared::File);
        let mut told = Vec::new();
        for finding in flow.findings.iter().filter(|finding| finding.code != "description-absent") {
            told.push((finding.code, finding.message_en.clone()));
        }
        told
    };
    for (inside, word) in [
        ("/OpenAction<</S/JavaScript/JS(app.alert(1))>>", "JavaScript, OpenAction."),
        ("/OpenAction << /S /Launch /F (cmd.exe) >>", "Launch, OpenAction."),
        ("/OpenAction<</S/URI/URI(http://x)>>", "OpenAction."),
        ("/Names<</JavaScript 3 0 R>>", "JavaScript."),
    ] {
        let told = found(inside);
        assert!(
            told.len() == 1 && told[0].0 == "pdf-active-content" && told[0].1.ends_with(word),
            "{inside}: {told:?}"
        );
    }
    // To go to a page at opening is what most programs write.
    for inside in ["/OpenAction[3 0 R/Fit]", "/OpenAction 5 0 R", "/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"] {
        assert_eq!(found(inside), [], "{inside}");
    }
    assert_eq!(found("/Type/EmbeddedFile")[0].0, "pdf-embedded-files");
    assert_eq!(
        found("/A>>endobj\n%%EOF\n2 0 obj<</B")[0],
        ("pdf-revisions", "The PDF bears 2 end marks: it was saved in several goes.".to_owned())
    );
    assert_eq!(found("/Linearized 1>>endobj\n%%EOF\n2 0 obj<</B"), []);
}

#[test]
fn a_bid_is_sealed_and_nothing_is_remarked_of_its_bytes() {
    let manifest = |step: &str, role: &str| {
        serde_json::to_vec(&serde_json::json!({"version": 1, "acheteur": "21990001500017", "consultation": "2026-1",
            "etape": step, "date": "2026-11-30", "fichiers": [{"fichier": "pli.zip", "role": role}]}))
        .unwrap()
    };
    let of = |step: &str, role: &str, bytes: &[u8]| {
        let files: [(&[u8], &[u8]); 1] = [(b"pli.zip", bytes)];
        let told = manifest(step, role);
        let flow = read_into(&files, Declared::Marches, Some(&told), &Limits::default(), &mut Kept::default());
        assert!(flow.outcome().is_accepted(), "{:?}", codes(&flow));
        about(&flow).into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    for (step, role) in [("plis", "pli"), ("plis", "registre"), ("rapport", "pli")] {
        assert_eq!(of(step, role, b"\x07\x93 chiffr"), [""; 0]);
        assert_eq!(of(step, role, b"%PDF-1.4"), [""; 0]);
    }
    assert_eq!(of("rapport", "rapport", b"\x07\x93 chiffr"), ["format-unlike"]);
}
