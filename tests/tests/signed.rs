//! Signatures inside an accounting flow, by the real command: made by xmlsec1 with keys of openssl's, on a bordereau and on the whole file; then
//! changed, moved, and said for what they are.
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use tests::published::tabellion;
use tests::samples::Accounting;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

fn run(dir: &Path, program: &str, arguments: &str) -> Option<bool> {
    let output = Command::new(program).args(arguments.split_whitespace()).current_dir(dir).output().ok()?;
    if !output.status.success() {
        println!("{program} {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Some(output.status.success())
}

/// A folder with a key and its certificate; nothing where a program is missing.
fn desk() -> Option<TempDir> {
    let dir = TempDir::new().unwrap();
    if run(dir.path(), "xmlsec1", "--version").is_none() {
        println!("SKIPPED: the xmlsec1 program is not installed (Debian: xmlsec1)");
        return None;
    }
    let made = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=Ordonnateur -sha256";
    assert_eq!(run(dir.path(), "openssl", made), Some(true));
    Some(dir)
}

fn template(uri: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><ds:Reference URI=\"{uri}\"><ds:Transforms>\
<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>\
<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )
}

/// The flow with this signature made, at the end of what holds it.
fn signed(dir: &Path, uri: &str, holder: &str) -> String {
    let text = String::from_utf8(Accounting::new(7).sent()).unwrap();
    let text = text.replacen(&format!("</{holder}>"), &format!("{}</{holder}>", template(uri)), 1);
    std::fs::write(dir.join("t.xml"), text).unwrap();
    let sign = "--sign --privkey-pem key.pem,cert.pem --id-attr:Id Bordereau --output s.xml t.xml";
    assert_eq!(run(dir, "xmlsec1", sign), Some(true));
    std::fs::read_to_string(dir.join("s.xml")).unwrap()
}

/// The exit code and what `check` tells of this flow.
fn check(dir: &Path, text: &str) -> (i32, Value) {
    let path = dir.join("flow.xml");
    std::fs::write(&path, text).unwrap();
    let output = tabellion(&["check", "--format", "json", path.to_str().unwrap()]).unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), told)
}

fn codes(told: &Value) -> Vec<&str> {
    told["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn a_bordereau_and_a_whole_file_are_told_as_signed_while_they_are() {
    let Some(dir) = desk() else { return };
    for (uri, holder, covered) in
        [("#B7", "Bordereau", "bordereau 7 (depense 2026)"), ("", "n:PES_Aller", "fichier entier")]
    {
        let honest = signed(dir.path(), uri, holder);
        let (exit, told) = check(dir.path(), &honest);
        assert_eq!(exit, 0, "{told}");
        let one = &told["facts"]["signatures"][0];
        assert_eq!((&one["integrite"], &one["couvre"]), (&json!("tient"), &json!([covered])));
        assert!(one["certificat"]["sujet"].as_str().unwrap().contains("Ordonnateur"));
        assert_eq!(
            (&told["facts"]["bordereaux_signes"], &one["certificat"]["en_vigueur_au_depot"]),
            (&json!(1), &json!(true))
        );
        assert!(codes(&told).contains(&"signature-holds") && codes(&told).contains(&"signature-certificate"));

        // Another amount: broken, and no bordereau is signed any more.
        let (exit, told) = check(dir.path(), &honest.replace("123.45", "923.45"));
        assert_eq!((exit, &told["facts"]["signatures"][0]["integrite"]), (4, &json!("rompue")));
        assert_eq!(told["facts"]["bordereaux_signes"], 0);
        assert!(codes(&told).contains(&"signature-broken") && codes(&told).contains(&"pes-not-all-signed"));
    }
}

#[test]
fn what_was_moved_aside_is_not_told_as_signed() {
    let Some(dir) = desk() else { return };
    let honest = signed(dir.path(), "#B7", "Bordereau");
    let (start, end) =
        (honest.find("<Bordereau ").unwrap(), honest.find("</Bordereau>").unwrap() + "</Bordereau>".len());
    let original = &honest[start..end];
    // The signed one under another roof, a false one where it stood.
    let forged = original.replace("Id=\"B7\"", "Id=\"B8\"").replace("123.45", "923.45");
    let forged = format!("{}</Bordereau>", &forged[..forged.find("<ds:Signature").unwrap()]);
    let moved = honest
        .replace(original, &forged)
        .replace("</n:PES_Aller>", &format!("<Archive>{original}</Archive></n:PES_Aller>"));
    // xmlsec1 finds the signature good: it says nothing of what is read.
    std::fs::write(dir.path().join("m.xml"), &moved).unwrap();
    let verify = "--verify --trusted-pem cert.pem --id-attr:Id Bordereau m.xml";
    assert_eq!(run(dir.path(), "xmlsec1", verify), Some(true));
    let (_, told) = check(dir.path(), &moved);
    assert_eq!(told["facts"]["montant_ht"], "923.45");
    assert_eq!(
        (&told["facts"]["bordereaux_signes"], &told["facts"]["signatures"][0]["integrite"]),
        (&json!(0), &json!("tient")),
        "{told}"
    );
    assert!(codes(&told).contains(&"signature-covers-other"), "{told}");
    // The same identifier twice: refused before anything is said of a signature.
    let twice = honest
        .replace("</PES_DepenseAller>", &format!("{}</PES_DepenseAller>", forged.replace("Id=\"B8\"", "Id=\"B7\"")));
    let (exit, told) = check(dir.path(), &twice);
    assert_eq!(exit, 1, "{told}");
    assert!(codes(&told).contains(&"xml-duplicate-id"));
}

#[test]
fn the_real_signed_flow_holds_and_its_certificate_has_ended() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/pes/samples/fichier_signe.xml");
    let Ok(bytes) = std::fs::read(&path) else { return println!("skipped: no {}", path.display()) };
    let dir = TempDir::new().unwrap();
    let flow = dir.path().join("flow.xml");
    std::fs::write(&flow, &bytes).unwrap();
    let output = tabellion(&["check", "--format", "json", flow.to_str().unwrap()]).unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = &told["facts"]["signatures"][0];
    assert_eq!(one["integrite"], "tient", "{told}");
    assert!(one["certificat"]["fin"].as_str().unwrap().starts_with("2018-10-25"), "{one}");
    assert_eq!(one["certificat"]["en_vigueur_au_depot"], false);
    assert!(codes(&told).contains(&"signature-certificate-ended"));
    let altered: Vec<u8> = String::from_utf8_lossy(&bytes).replace("V=\"39724.75\"", "V=\"39724.76\"").into_bytes();
    std::fs::write(&flow, altered).unwrap();
    let output = tabellion(&["check", "--format", "json", flow.to_str().unwrap()]).unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["facts"]["signatures"][0]["integrite"], "rompue");
}
