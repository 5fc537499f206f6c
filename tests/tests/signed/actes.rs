//! Signatures of acts, by the real command: given by the message for a file that it names, or a piece of their own (`99_SE-…`), made by openssl and
//! xmlsec1; then the document is changed.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{EXCLUSIVE, SIGN, beside, checked, codes, run};

const ID: &str = "034-243400017-20261130-7-DE";
const MESSAGE: &str = "034-243400017-20261130-7-DE-1-1_0.xml";
const ACT: &str = "99_DE-034-243400017-20261130-7-DE-1-1_1.pdf";
const SECOND: &str = "99_AU-034-243400017-20261130-7-DE-1-1_2.pdf";
const PDF: &str = "%PDF-1.4\n% le document\n";

/// A file that a message names, with what it gives of its signature.
fn signed_file(name: &str, signature: &str) -> String {
    let signature =
        if signature.is_empty() { String::new() } else { format!("<a:Signature>{signature}</a:Signature>") };
    format!("<a:NomFichier>{name}</a:NomFichier>{signature}")
}

fn message(document: &str, annexes: &[String]) -> String {
    let all: String = annexes.iter().map(|one| format!("<a:Annexe>{one}</a:Annexe>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a:Acte xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" a:Date=\"2026-11-30\" \
a:NumeroInterne=\"7\" a:CodeNatureActe=\"1\"><a:CodeMatiere1 a:CodeMatiere=\"1\"/><a:CodeMatiere2 a:CodeMatiere=\"1\"/><a:Objet>Objet</a:Objet>\
<a:ClassificationDateVersion>2019-01-01</a:ClassificationDateVersion><a:Document>{document}</a:Document><a:Annexes a:Nombre=\"{}\">{all}\
</a:Annexes></a:Acte>",
        annexes.len()
    )
}

fn write(dir: &Path, name: &str, held: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), held).unwrap();
}

/// A detached signature of this text, DER.
fn cms(dir: &Path, text: &str) -> Vec<u8> {
    write(dir, "acte.txt", text);
    assert_eq!(run(dir, "openssl", &format!("{SIGN} -out x.p7s")), Some(true));
    std::fs::read(dir.join("x.p7s")).unwrap()
}

fn signatures(told: &Value) -> Vec<(&str, &Value, &str)> {
    let all = told["facts"]["signatures"].as_array().unwrap();
    all.iter()
        .map(|one| (one["integrite"].as_str().unwrap(), &one["couvre"], one["document"].as_str().unwrap_or_default()))
        .collect()
}

#[test]
fn a_signature_that_the_message_gives_is_judged_over_the_file_it_is_given_for() {
    let Some(desk) = beside() else { return };
    let dir = desk.path();
    let second = format!("{PDF}annexe\n");
    let (first_cms, second_cms) = (cms(dir, PDF), cms(dir, &second));
    let armoured = |der: &[u8]| format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", STANDARD.encode(der));
    let names = [MESSAGE, ACT, SECOND];
    for annex in [STANDARD.encode(&second_cms), armoured(&second_cms)] {
        let text = message(&signed_file(ACT, &STANDARD.encode(&first_cms)), &[signed_file(SECOND, &annex)]);
        write(dir, MESSAGE, &text);
        write(dir, ACT, PDF);
        write(dir, SECOND, &second);
        let (exit, told) = checked(dir, &names, &[]);
        assert_eq!(exit, 0, "{told}");
        assert_eq!(signatures(&told), [("tient", &json!([ACT]), ACT), ("tient", &json!([SECOND]), SECOND)], "{told}");
        let holds = told["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "signature-holds");
        let places: Vec<&str> = holds.map(|one| one["where"].as_str().unwrap()).collect();
        let here = |path: &str| format!("{MESSAGE}: {path}");
        assert_eq!(places, [here("/Acte/Document/Signature"), here("/Acte/Annexes/Annexe/Signature")]);

        // One document changed: its signature alone is broken. The other is gone: that cannot be told.
        write(dir, ACT, format!("{PDF}changé\n"));
        let (exit, told) = checked(dir, &names, &[]);
        assert_eq!(exit, 4, "{told}");
        assert_eq!(signatures(&told), [("rompue", &json!([]), ACT), ("tient", &json!([SECOND]), SECOND)], "{told}");
        assert!(codes(&told).contains(&"signature-broken"));
        let (exit, told) = checked(dir, &names[..2], &[]);
        assert!(exit == 4 || exit == 1, "{told}");
        assert_eq!(told["facts"]["signatures"][1]["motif"], "document-not-beside", "{told}");
    }
    // In an archive, each file is read once for its signature.
    write(dir, ACT, PDF);
    assert_eq!(run(dir, "tar", &format!("-czf acte.tar.gz {MESSAGE} {ACT} {SECOND}")), Some(true));
    let (_, told) = checked(dir, &["acte.tar.gz"], &[]);
    assert_eq!(signatures(&told), [("tient", &json!([ACT]), ACT), ("tient", &json!([SECOND]), SECOND)], "{told}");
    // Two of one document, and what is no signature.
    let both = [signed_file(ACT, &STANDARD.encode(&second_cms)), signed_file(SECOND, "MACH1")];
    write(dir, MESSAGE, message(&signed_file(ACT, &STANDARD.encode(&first_cms)), &both));
    let (exit, told) = checked(dir, &names, &[]);
    let motifs: Vec<&Value> = told["facts"]["signatures"].as_array().unwrap().iter().map(|one| &one["motif"]).collect();
    assert_eq!((exit, motifs), (4, vec![&Value::Null, &json!("altered"), &json!("unsupported")]), "{told}");
}

/// A signature in XML over this file, made by xmlsec1 beside it; without declaration.
fn in_xml(dir: &Path, uri: &str) -> String {
    let text = format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><ds:Reference URI=\"{uri}\"><ds:DigestMethod \
Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>\
<ds:X509Data/></ds:KeyInfo></ds:Signature>"
    );
    write(dir, "t.xml", text);
    assert_eq!(run(dir, "xmlsec1", "--sign --privkey-pem key.pem,cert.pem --output s.xml t.xml"), Some(true));
    let made = std::fs::read_to_string(dir.join("s.xml")).unwrap();
    made.split_once("?>").map_or(made.clone(), |(_, rest)| rest.trim().to_owned())
}

#[test]
fn one_in_xml_is_judged_over_what_it_names_and_says_where_that_is_another_file() {
    let Some(desk) = beside() else { return };
    let dir = desk.path();
    if run(dir, "xmlsec1", "--version").is_none() {
        return println!("SKIPPED: the xmlsec1 program is not installed (Debian: xmlsec1)");
    }
    write(dir, ACT, PDF);
    write(dir, SECOND, "%PDF-1.4\n% l'annexe\n");
    let names = [MESSAGE, ACT, SECOND];
    for (named, exit, other) in [(ACT, 0, false), (SECOND, 4, true)] {
        write(dir, MESSAGE, message(&signed_file(ACT, &in_xml(dir, named)), &[signed_file(SECOND, "")]));
        let (code, told) = checked(dir, &names, &[]);
        assert_eq!(signatures(&told), [("tient", &json!([named]), named)], "{told}");
        assert_eq!((code, codes(&told).contains(&"signature-not-of-its-file")), (exit, other), "{told}");
    }
    write(dir, MESSAGE, message(&signed_file(ACT, &in_xml(dir, ACT)), &[signed_file(SECOND, "")]));
    write(dir, ACT, format!("{PDF}changé\n"));
    let (exit, told) = checked(dir, &names, &[]);
    assert_eq!((exit, signatures(&told)), (4, vec![("rompue", &json!([]), "")]), "{told}");
}

#[test]
fn a_signature_that_is_a_piece_of_its_own_is_of_the_document_that_its_digest_tells() {
    let Some(desk) = beside() else { return };
    let dir = desk.path();
    let piece = format!("99_SE-{ID}-1-1_3.p7s");
    write(dir, &piece, cms(dir, PDF));
    let annexes = [signed_file(SECOND, ""), signed_file(&piece, "")];
    write(dir, MESSAGE, message(&signed_file(ACT, ""), &annexes));
    write(dir, SECOND, "%PDF-1.4\n% l'annexe\n");
    write(dir, ACT, PDF);
    let names = [MESSAGE, ACT, SECOND, &piece];
    let (_, told) = checked(dir, &names, &[]);
    assert_eq!(signatures(&told), [("tient", &json!(["document"]), ACT)], "{told}");
    assert!(
        !codes(&told).contains(&"signature-without-document") && codes(&told).contains(&"signature-document-by-digest"),
        "{told}"
    );
    assert_eq!(told["facts"]["signatures"][0]["fichier"], piece);
    let packed = format!("-czf acte.tar.gz {}", names.join(" "));
    assert_eq!(run(dir, "tar", &packed), Some(true));
    let (_, told) = checked(dir, &["acte.tar.gz"], &[]);
    assert_eq!(signatures(&told), [("tient", &json!(["document"]), ACT)], "{told}");
    // Of none of them.
    write(dir, ACT, format!("{PDF}changé\n"));
    let (exit, told) = checked(dir, &names, &[]);
    assert!(exit == 4 && codes(&told).contains(&"signature-without-document"), "{told}");
    assert!(told["facts"].get("signatures").is_none());
    // Beside the one document of a deposit of no kind, whatever it is called.
    write(dir, "autre.p7s", cms(dir, "Le maire arrête.\n"));
    let (exit, told) = checked(dir, &["acte.txt", "autre.p7s"], &[]);
    assert_eq!((exit, signatures(&told)), (0, vec![("tient", &json!(["document"]), "acte.txt")]), "{told}");
}
