//! Signatures in XML over files beside them, in other encodings and in long flows, by the real command: made by xmlsec1, and told as it tells them.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::published::tabellion;
use tests::samples::Accounting;

use super::{EXCLUSIVE, checked, codes, desk, run, template};

const RSA: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// A signature alone in its file, over these files of the folder, made by xmlsec1.
fn over(dir: &Path, files: &[(&str, &str)]) -> String {
    let reference = |(uri, transform): &(&str, &str)| {
        let transforms = match *transform {
            "" => String::new(),
            one => format!("<ds:Transforms><ds:Transform Algorithm=\"{one}\"/></ds:Transforms>"),
        };
        format!(
            "<ds:Reference URI=\"{uri}\">{transforms}<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/>\
</ds:Reference>"
        )
    };
    let references: String = files.iter().map(reference).collect();
    let text = format!(
        "<?xml version=\"1.0\"?>\n<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod \
Algorithm=\"{EXCLUSIVE}\"/><ds:SignatureMethod Algorithm=\"{RSA}\"/>{references}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>\
<ds:X509Data/></ds:KeyInfo></ds:Signature>\n"
    );
    std::fs::write(dir.join("t.xml"), text).unwrap();
    assert_eq!(run(dir, "xmlsec1", "--sign --privkey-pem key.pem,cert.pem --output s.xml t.xml"), Some(true));
    std::fs::read_to_string(dir.join("s.xml")).unwrap()
}

/// What is told of these files in a dossier.
fn in_a_dossier(dir: &Path, names: &[&str]) -> (i32, Value) {
    let files: Vec<Value> = names.iter().map(|name| json!({"fichier": name, "role": "piece"})).collect();
    let manifest =
        json!({"version": 1, "reference": "D-1", "type": "document-signe", "date": "2026-11-30", "fichiers": files});
    let path = dir.join("manifeste.json");
    std::fs::write(&path, manifest.to_string()).unwrap();
    checked(dir, names, &["--kind", "dossier", "--describe", &format!("@{}", path.display())])
}

#[test]
fn a_signature_beside_its_document_is_told_as_xmlsec1_tells_it() {
    let Some(dir) = desk() else { return };
    let under = dir.path();
    let write = |name: &str, held: &str| std::fs::write(under.join(name), held).unwrap();
    let (text, xml) = ("Le conseil délibère.\n", "<a b='1'><!-- note --><c/></a>\n");
    let (mut cases, mut holding) = (0, 0);
    for files in [
        &[("acte.txt", "")][..],
        &[("note.xml", "")],
        &[("note.xml", EXCLUSIVE)],
        &[("note.xml", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")],
        &[("acte.txt", ""), ("note.xml", EXCLUSIVE)],
    ] {
        write("acte.txt", text);
        write("note.xml", xml);
        write("sig.xml", &over(under, files));
        for (acte, note) in
            [(text, xml), ("Le conseil délire.\n", xml), (text, "<a b=\"1\" ><c></c></a>"), (text, "<a b='2'><c/></a>")]
        {
            write("acte.txt", acte);
            write("note.xml", note);
            let theirs = run(under, "xmlsec1", "--verify --trusted-pem cert.pem sig.xml").unwrap();
            let names = ["acte.txt", "note.xml", "sig.xml"];
            for (exit, told) in [in_a_dossier(under, &names), checked(under, &names, &[])] {
                let one = &told["facts"]["signatures"][0];
                let covered: Vec<&str> =
                    if theirs { files.iter().map(|(name, _)| *name).collect() } else { Vec::new() };
                assert_eq!(
                    (exit == 0, &one["integrite"]),
                    (theirs, &json!(if theirs { "tient" } else { "rompue" })),
                    "{files:?} {told}"
                );
                assert!(!theirs || one["couvre"] == json!(covered), "{one}");
                assert_eq!(
                    (&one["fichier"], one.get("document").is_some()),
                    (&json!("sig.xml"), theirs && covered.len() == 1),
                    "{one}"
                );
            }
            cases += 1;
            holding += usize::from(theirs);
        }
    }
    assert!(holding * 5 > cases && holding < cases, "{holding} of {cases}");
    // Not deposited with it: who has it can tell.
    let (exit, told) = in_a_dossier(under, &["note.xml", "sig.xml"]);
    assert_eq!((exit, &told["facts"]["signatures"][0]["motif"]), (4, &json!("document-not-beside")), "{told}");
    // Outside, whatever stands there.
    std::fs::create_dir(under.join("dedans")).unwrap();
    let outside = over(under, &[("acte.txt", "")]).replace("URI=\"acte.txt\"", "URI=\"../acte.txt\"");
    std::fs::write(under.join("dedans/sig.xml"), outside).unwrap();
    let (_, told) = checked(&under.join("dedans"), &["sig.xml"], &[]);
    assert_eq!(told["facts"]["signatures"][0]["motif"], "document-not-beside", "{told}");
    assert!(codes(&told).contains(&"signature-undecided"));
}

#[test]
fn a_document_in_utf_16_is_judged_in_a_dossier() {
    let Some(dir) = desk() else { return };
    let under = dir.path();
    std::fs::write(under.join("t.xml"), format!("<a><b>d\u{e9}lib\u{e9}ration</b>{}</a>", template(""))).unwrap();
    assert_eq!(run(under, "xmlsec1", "--sign --privkey-pem key.pem,cert.pem --output s.xml t.xml"), Some(true));
    let signed = std::fs::read_to_string(under.join("s.xml")).unwrap();
    let body = signed.split_once("?>").unwrap().1;
    for (text, integrity) in [(body.to_owned(), "tient"), (body.replacen("<b>d", "<b>D", 1), "rompue")] {
        let text = format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{text}");
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(under.join("acte.xml"), wide).unwrap();
        let (_, told) = in_a_dossier(under, &["acte.xml"]);
        assert_eq!(told["facts"]["signatures"][0]["integrite"], integrity, "{told}");
        let covered = if integrity == "tient" { json!(["document"]) } else { json!([]) };
        assert_eq!(told["facts"]["signatures"][0]["couvre"], covered);
    }
}

#[test]
fn the_signatures_of_a_flow_too_long_to_be_checked_are_said_not_to_be() {
    let dir = TempDir::new().unwrap();
    let text = String::from_utf8(Accounting::new(7).sent()).unwrap();
    let long = format!("<!-- {} -->", " ".repeat(32 << 20));
    let text = text.replacen("</n:PES_Aller>", &format!("{}{long}</n:PES_Aller>", template("")), 1);
    let path = dir.path().join("flow.xml");
    std::fs::write(&path, text).unwrap();
    let (exit, told) = checked(dir.path(), &["flow.xml"], &["--lang", "fr"]);
    let finding =
        told["findings"].as_array().unwrap().iter().find(|one| one["code"] == "signatures-not-judged").unwrap();
    assert_eq!((exit, &finding["severity"]), (4, &json!("warning")), "{told}");
    assert!(finding["message"].as_str().unwrap().contains("plus que ce qui est regardé"), "{finding}");
    assert_eq!(told["facts"]["signatures_non_verifiees"], json!([{"fichier": "flow.xml", "motif": "too-much"}]));
    assert!(told["facts"].get("bordereaux_signes").is_none());
    let output = tabellion(&["check", "--lang", "fr", path.to_str().unwrap()]).unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("Signatures non vérifiées") && shown.contains("plus que ce qui est regardé"), "{shown}");
}
