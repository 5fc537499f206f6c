//! Signatures inside an accounting flow, by the real command: made by xmlsec1 with keys of openssl's, on a bordereau and on the whole file; then
//! changed, moved, and said for what they are.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "signed/actes.rs"]
mod actes;
#[path = "signed/beside.rs"]
mod beside;
#[path = "signed/listed.rs"]
mod listed;
#[path = "signed/moved.rs"]
mod moved;

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
    // The signature in a false one of the same number, which the one signed follows.
    let cut =
        original.find("<ds:Signature").unwrap()..original.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let (naked, signature) = (original.replace(&original[cut.clone()], ""), &original[cut]);
    let borne = forged.replace("</Bordereau>", &format!("{signature}</Bordereau>"));
    let (_, told) = check(dir.path(), &honest.replace(original, &format!("{borne}{naked}")));
    let covered = json!(["bordereau 7 (depense 2026), /PES_Aller/PES_DepenseAller/Bordereau[2]"]);
    assert_eq!(told["facts"]["signatures"][0]["couvre"], covered, "{told}");
    assert!(codes(&told).contains(&"signature-covers-elsewhere"), "{told}");
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

/// The signer is named there in another string type than in its own certificate, as openssl knows too.
#[test]
fn the_real_signed_pdf_of_an_act_hold_with_what_was_added_after() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/actes/samples/act-with-ar");
    if !folder.is_dir() {
        return println!("skipped: no {}", folder.display());
    }
    let name = |rank: u8| format!("034-491011698-20171207-CL20171227_06-DE-1-1_{rank}.pdf");
    let (exit, told) = checked(&folder, &[&name(1), &name(2)], &[]);
    assert_eq!(exit, 4, "{told}");
    for one in told["facts"]["signatures"].as_array().unwrap() {
        assert_eq!(one["integrite"], "tient", "{told}");
        assert!(one["certificat"]["emetteur"].as_str().unwrap().contains("ADULLACT"), "{one}");
    }
    assert_eq!(told["facts"]["nombre_signatures"], 2);
    let added = |code: &&&str| **code == "signature-added-after";
    assert_eq!(codes(&told).iter().filter(added).count(), 2, "{told}");
    assert!(!codes(&told).contains(&"signature-undecided"));
    // A byte of what is covered: rompue.
    let dir = TempDir::new().unwrap();
    let mut bytes = std::fs::read(folder.join(name(1))).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(dir.path().join("acte.pdf"), bytes).unwrap();
    let (_, told) = checked(dir.path(), &["acte.pdf"], &[]);
    assert_eq!(told["facts"]["signatures"][0]["integrite"], "rompue");
}

/// The exit code and what `check` tells of these files.
fn checked(dir: &Path, names: &[&str], more: &[&str]) -> (i32, Value) {
    let paths: Vec<String> = names.iter().map(|name| dir.join(name).display().to_string()).collect();
    let words: Vec<&str> = ["check", "--format", "json"]
        .into_iter()
        .chain(more.iter().copied())
        .chain(paths.iter().map(String::as_str))
        .collect();
    let output = tabellion(&words).unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

const SIGN: &str = "cms -sign -binary -in acte.txt -signer cert.pem -inkey key.pem -outform DER -md sha256 -cades";

/// A folder with a document, its signature beside it in three forms, and the document changed.
fn beside() -> Option<TempDir> {
    let dir = TempDir::new().unwrap();
    let made = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=Maire -sha256";
    let Some(true) = run(dir.path(), "openssl", made) else {
        println!("SKIPPED: the openssl program is not installed");
        return None;
    };
    std::fs::write(dir.path().join("acte.txt"), "Le maire arrête.\n").unwrap();
    for (name, how) in [("acte.txt.p7s", ""), ("acte.p7m", "-nodetach")] {
        assert_eq!(run(dir.path(), "openssl", &format!("{SIGN} {how} -out {name}")), Some(true));
    }
    let armour = "cms -sign -binary -in acte.txt -signer cert.pem -inkey key.pem -outform PEM -md sha256 -out acte.sig";
    assert_eq!(run(dir.path(), "openssl", armour), Some(true));
    Some(dir)
}

#[test]
fn a_signature_beside_its_document_or_around_it_is_told() {
    let Some(dir) = beside() else { return };
    for names in [&["acte.txt", "acte.txt.p7s"][..], &["acte.sig", "acte.txt"], &["acte.p7m"]] {
        let (exit, told) = checked(dir.path(), names, &[]);
        let one = &told["facts"]["signatures"][0];
        assert_eq!(
            (exit, &one["integrite"], &one["couvre"]),
            (0, &json!("tient"), &json!(["document"])),
            "{names:?} {told}"
        );
        assert!(codes(&told).contains(&"signature-authority-not-examined"), "{told}");
    }
    // The document is another: broken. It is not there: said.
    std::fs::write(dir.path().join("acte.txt"), "Le maire n'arrête pas.\n").unwrap();
    let (exit, told) = checked(dir.path(), &["acte.txt", "acte.txt.p7s"], &[]);
    assert_eq!((exit, &told["facts"]["signatures"][0]["integrite"]), (4, &json!("rompue")), "{told}");
    let (exit, told) = checked(dir.path(), &["acte.txt.p7s"], &[]);
    assert!(exit == 4 && codes(&told).contains(&"signature-without-document"), "{told}");
    // One that holds another document is beside this one by its name alone.
    std::fs::copy(dir.path().join("acte.p7m"), dir.path().join("acte.txt.p7s")).unwrap();
    let (exit, told) = checked(dir.path(), &["acte.txt", "acte.txt.p7s"], &[]);
    assert_eq!((exit, &told["facts"]["signatures"][0]["integrite"]), (4, &json!("rompue")), "{told}");
    // What is no signature at all is a file like others.
    std::fs::write(dir.path().join("faux.p7s"), [0x30, 0x03, 1, 2, 3]).unwrap();
    let (exit, told) = checked(dir.path(), &["faux.p7s"], &[]);
    assert!(exit == 4 && codes(&told).contains(&"signatures-not-judged"), "{told}");
}

#[test]
fn in_a_dossier_too_and_of_two_documents_the_digest_tells_which_is_signed() {
    let Some(dir) = beside() else { return };
    std::fs::write(dir.path().join("acte.note"), "Un autre document.\n").unwrap();
    let told_by = |step: &str, names: &[&str]| {
        let files: Vec<Value> = names.iter().map(|name| json!({"fichier": name, "role": "piece"})).collect();
        let manifest = json!({"version": 1, "reference": "D-1", "type": step, "date": "2026-11-30", "fichiers": files});
        let path = dir.path().join("manifeste.json");
        std::fs::write(&path, manifest.to_string()).unwrap();
        checked(dir.path(), names, &["--kind", "dossier", "--describe", &format!("@{}", path.display())])
    };
    let (exit, told) = told_by("document-signe", &["acte.txt", "acte.txt.p7s"]);
    let one = &told["facts"]["signatures"][0];
    assert_eq!((exit, &one["integrite"], &one["document"]), (0, &json!("tient"), &json!("acte.txt")), "{told}");
    let (exit, told) = told_by("document-signe", &["acte.note", "acte.txt", "acte.sig"]);
    let one = &told["facts"]["signatures"][0];
    assert_eq!((exit, &one["integrite"], &one["document"]), (0, &json!("tient"), &json!("acte.txt")), "{told}");
    assert!(codes(&told).contains(&"signature-document-found"), "{told}");
    std::fs::write(dir.path().join("acte.txt"), "Changé.\n").unwrap();
    let (exit, told) = told_by("document-signe", &["acte.note", "acte.txt", "acte.sig"]);
    assert!(exit == 4 && codes(&told).contains(&"signature-document-unsure"), "{told}");
    let (exit, told) = told_by("document-signe", &["acte.txt", "acte.txt.p7s"]);
    assert_eq!((exit, &told["facts"]["signatures"][0]["integrite"]), (4, &json!("rompue")), "{told}");
}

#[test]
fn the_authority_of_a_signer_is_known_where_the_operator_names_its_root() {
    let Some(dir) = beside() else { return };
    let under = dir.path();
    let ca = "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=AC -sha256";
    let request = "req -newkey rsa:2048 -nodes -keyout key.pem -out leaf.csr -subj /CN=Adjoint";
    let leaf = "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile usage -out cert.pem";
    std::fs::write(under.join("usage"), "keyUsage=critical,nonRepudiation\n").unwrap();
    for command in [ca, request, leaf, &format!("{SIGN} -out acte.txt.p7s")] {
        assert_eq!(run(under, "openssl", command), Some(true), "{command}");
    }
    let anchors = under.join("anchors");
    std::fs::create_dir(&anchors).unwrap();
    let names = ["acte.txt", "acte.txt.p7s"];
    let more = ["--signature-anchors", anchors.to_str().unwrap()];
    // An empty directory judges nobody: it is a mistake.
    assert_ne!(checked(under, &names, &more).0, 0);
    let other = format!(
        "req -x509 -newkey rsa:2048 -nodes -keyout o.key -out {}/o.pem -days 30 -subj /CN=Autre",
        anchors.display()
    );
    assert_eq!(run(under, "openssl", &other), Some(true));
    let (exit, told) = checked(under, &names, &more);
    assert_eq!((exit, &told["facts"]["signatures"][0]["certificat"]["autorite"]), (4, &json!("inconnue")), "{told}");
    assert!(codes(&told).contains(&"signature-authority-unknown"));
    // The root by the name that the certificate has for it, and by the same name otherwise spelt; another name is another root.
    let again = |name: &str| {
        format!("req -x509 -key ca.key -out {}/ca.pem -days 30 -subj /CN={name} -sha256", anchors.display())
    };
    for (name, expected) in [("AC", (0, "connue")), ("ac", (0, "connue")), ("AD", (4, "inconnue"))] {
        assert_eq!(run(under, "openssl", &again(name)), Some(true));
        let (exit, told) = checked(under, &names, &more);
        let said = told["facts"]["signatures"][0]["certificat"]["autorite"].as_str().unwrap();
        assert_eq!((exit, said), expected, "{name} {told}");
    }
}

#[test]
fn a_certificate_of_a_server_that_signs_is_remarked() {
    let Some(dir) = beside() else { return };
    let under = dir.path();
    let made =
        "req -x509 -key key.pem -out cert.pem -days 30 -subj /CN=www.example.org -addext extendedKeyUsage=serverAuth";
    for command in [made, &format!("{SIGN} -out acte.txt.p7s")] {
        assert_eq!(run(under, "openssl", command), Some(true), "{command}");
    }
    let (exit, told) = checked(under, &["acte.txt", "acte.txt.p7s"], &[]);
    assert!(exit == 4 && codes(&told).contains(&"signature-usage"), "{told}");
    let one = &told["facts"]["signatures"][0];
    assert_eq!(
        (&one["integrite"], &one["certificat"]["usage_hors_signature"]),
        (&json!("tient"), &json!("serverAuth"))
    );
}

#[test]
fn a_signature_is_judged_by_any_of_its_names_and_a_certificate_of_such_a_name_is_none() {
    let Some(dir) = beside() else { return };
    let signature = std::fs::read(dir.path().join("acte.txt.p7s")).unwrap();
    assert_eq!(run(dir.path(), "openssl", "x509 -in cert.pem -outform DER -out cert.der"), Some(true));
    for end in ["p7b", "p7c", "p7", "pkcs7", "sign", "der"] {
        let name = format!("acte.txt.{end}");
        std::fs::write(dir.path().join(&name), &signature).unwrap();
        let (exit, told) = checked(dir.path(), &["acte.txt", &name], &[]);
        assert_eq!((exit, &told["facts"]["signatures"][0]["integrite"]), (0, &json!("tient")), "{name} {told}");
    }
    let (exit, told) = checked(dir.path(), &["acte.txt", "cert.der"], &[]);
    assert!(exit == 0 && told["facts"].get("signatures").is_none(), "{told}");
    // By these names it could only be a signature, and it is none.
    for end in ["p7s", "p7m"] {
        let name = format!("texte.{end}");
        std::fs::write(dir.path().join(&name), "un texte").unwrap();
        let (exit, told) = checked(dir.path(), &[&name], &[]);
        assert!(exit == 4 && codes(&told).contains(&"signatures-not-judged"), "{name} {told}");
    }
}

#[test]
fn reasons_are_sentences_in_the_readers_language() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("faux.p7s"), [0x30, 0x03, 1, 2, 3]).unwrap();
    let pdf = format!("%PDF-1.7\n{}", "/ByteRange [0 1 2 3]\n".repeat(70));
    std::fs::write(dir.path().join("faux.pdf"), pdf).unwrap();
    let names = ["faux.p7s", "faux.pdf"];
    for (lang, word) in [
        ("fr", "une partie manque ou n'est pas ce qu'elle doit être"),
        ("en", "a part is missing or is not what it should be"),
    ] {
        let (exit, told) = checked(dir.path(), &names, &["--lang", lang]);
        let said: Vec<&str> =
            told["findings"].as_array().unwrap().iter().map(|finding| finding["message"].as_str().unwrap()).collect();
        assert_eq!(exit, 4, "{told}");
        let all = said.join("\n");
        assert!(all.contains(word), "{all}");
        for code in ["malformed", "too-much", "(unsupported"] {
            assert!(!all.contains(code), "{code} in {all}");
        }
        // Seventy are announced, sixty-four looked at: their number says that one more was met.
        assert_eq!(told["facts"]["nombre_signatures"], 65, "{told}");
    }
}
