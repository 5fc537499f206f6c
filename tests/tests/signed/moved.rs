//! What was signed put into the signature's own Object, or another's, and something else where it stood: by the real command, in a flow and in any other
//! XML, and told as xmlsec1 tells it where it can judge.

use std::path::Path;

use serde_json::{Value, json};
use tests::samples::Accounting;

use super::{EXCLUSIVE, checked, codes, desk, run};

const NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// A document of which an element is signed.
struct Subject {
    text: String,
    element: &'static str,
    id: &'static str,
    /// The end of its root.
    end: &'static str,
    /// What the deposit is told to be.
    kind: &'static str,
}

fn subjects() -> [Subject; 2] {
    let flow = String::from_utf8(Accounting::new(7).sent()).unwrap();
    let other = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><dossier><piece Id=\"P1\"><montant>123.45</montant></piece></dossier>".to_owned();
    [
        Subject { text: flow, element: "Bordereau", id: "B7", end: "</n:PES_Aller>", kind: "pes" },
        Subject { text: other, element: "piece", id: "P1", end: "</dossier>", kind: "file" },
    ]
}

/// A signature to be made over this, with what else it holds.
fn signature(uri: &str, enveloped: bool, more: &str) -> String {
    let enveloped =
        if enveloped { format!("<ds:Transform Algorithm=\"{NAMESPACE}enveloped-signature\"/>") } else { String::new() };
    format!(
        "<ds:Signature xmlns:ds=\"{NAMESPACE}\" Id=\"SIG\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><ds:Reference URI=\"{uri}\"><ds:Transforms>{enveloped}\
<ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/>\
</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo>{more}</ds:Signature>"
    )
}

fn program(dir: &Path, subject: &Subject, how: &str) -> bool {
    let ids = format!(
        "--id-attr:Id {} --id-attr:Id {NAMESPACE}:Object --id-attr:Id {NAMESPACE}:Signature --node-id SIG",
        subject.element
    );
    run(dir, "xmlsec1", &how.replace("IDS", &ids)).unwrap()
}

fn made(dir: &Path, subject: &Subject, text: &str) -> String {
    std::fs::write(dir.join("t.xml"), text).unwrap();
    assert!(program(dir, subject, "--sign --privkey-pem key.pem,cert.pem IDS --output s.xml t.xml"), "{text}");
    std::fs::read_to_string(dir.join("s.xml")).unwrap()
}

/// From the beginning of this element to its end.
fn cut<'t>(text: &'t str, element: &str) -> &'t str {
    let (start, end) = (format!("<{element}"), format!("</{element}>"));
    &text[text.find(&start).unwrap()..text.find(&end).unwrap() + end.len()]
}

/// The same element under another identifier, with another amount.
fn forged(element: &str, id: &str) -> String {
    element.replace(&format!("Id=\"{id}\""), "Id=\"F\"").replace("123.45", "923.45")
}

/// The documents that somebody makes of this one, by what is done.
fn moves(dir: &Path, subject: &Subject) -> Vec<(&'static str, String)> {
    let (id, end, reference) = (subject.id, subject.end, format!("#{}", subject.id));
    let plain = cut(&subject.text, subject.element).to_owned();
    let closing = format!("</{}>", subject.element);
    let (in_element, in_root) = (
        |made: &str| subject.text.replacen(&closing, &format!("{made}{closing}"), 1),
        |made: &str| subject.text.replacen(end, &format!("{made}{end}"), 1),
    );
    let object = |held: &str| format!("<ds:Object>{held}</ds:Object></ds:Signature>");
    let mut all = Vec::new();

    let enveloped = made(dir, subject, &in_element(&signature(&reference, true, "")));
    let own = cut(&enveloped, "ds:Signature").to_owned();
    let holder = cut(&enveloped, subject.element).to_owned();
    let false_one = forged(&plain, id).replace(&closing, &format!("{own}{closing}"));
    let moved = enveloped.replace(&holder, &false_one);
    all.push(("in its own Object, enveloped", moved.replacen("</ds:Signature>", &object(&plain), 1)));
    let aside = format!("<ds:Signature xmlns:ds=\"{NAMESPACE}\"><ds:Object>{plain}</ds:Object></ds:Signature>{end}");
    all.push(("in the Object of another", moved.replacen(end, &aside, 1)));

    let detached = made(dir, subject, &in_root(&signature(&reference, false, "")));
    let moved = detached.replacen(&plain, &forged(&plain, id), 1);
    all.push(("in its own Object, beside", moved.replacen("</ds:Signature>", &object(&plain), 1)));

    let copy = plain.replace(&format!("Id=\"{id}\""), "");
    let around = signature("#OBJ", false, &format!("<ds:Object Id=\"OBJ\">{copy}</ds:Object>"));
    let around = made(dir, subject, &in_root(&around));
    all.push(("around it", around.replacen(&plain, &forged(&plain, id), 1)));
    let itself = made(dir, subject, &in_root(&signature("#SIG", true, "")));
    all.push(("of itself", itself.replacen(&plain, &forged(&plain, id), 1)));

    let nested = format!(
        "<ds:Signature xmlns:ds=\"{NAMESPACE}\"><ds:Object Id=\"OBJ\">{copy}{}</ds:Object></ds:Signature>",
        signature("#OBJ", true, "")
    );
    let nested = made(dir, subject, &in_root(&nested));
    all.push(("in another one", nested.replacen(&plain, &forged(&plain, id), 1)));
    all
}

fn told(dir: &Path, subject: &Subject, text: &str) -> (i32, Value) {
    std::fs::write(dir.join("flow.xml"), text).unwrap();
    if subject.kind == "pes" {
        return checked(dir, &["flow.xml"], &[]);
    }
    let manifest = json!({"version": 1, "reference": "D-1", "type": "document-signe", "date": "2026-11-30",
        "fichiers": [{"fichier": "flow.xml", "role": "piece"}]});
    std::fs::write(dir.join("manifeste.json"), manifest.to_string()).unwrap();
    let loose = checked(dir, &["flow.xml"], &[]);
    let describe = format!("@{}", dir.join("manifeste.json").display());
    let dossier = checked(dir, &["flow.xml"], &["--kind", "dossier", "--describe", &describe]);
    assert_eq!(loose.1["facts"]["signatures"], dossier.1["facts"]["signatures"]);
    dossier
}

#[test]
fn a_signature_of_what_was_put_into_it_never_counts_for_the_document() {
    let Some(desk) = desk() else { return };
    let dir = desk.path();
    for subject in subjects() {
        for (how, text) in moves(dir, &subject) {
            std::fs::write(dir.join("m.xml"), &text).unwrap();
            let theirs = program(dir, &subject, "--verify --trusted-pem cert.pem IDS m.xml");
            let (exit, told) = told(dir, &subject, &text);
            let all = told["facts"]["signatures"].as_array().unwrap();
            let one = all.iter().find(|one| one["motif"] != "malformed").unwrap();
            let context = format!("{how}, xmlsec1: {theirs}: {told}");
            assert_eq!((exit, &one["integrite"]), (4, &json!(if theirs { "tient" } else { "rompue" })), "{context}");
            assert_eq!(how != "in its own Object, enveloped", theirs, "{context}");
            let said = codes(&told);
            match how {
                "in the Object of another" | "in another one" => {
                    assert!(said.contains(&"signature-covers-other"), "{context}");
                    assert!(one["couvre"][0].as_str().unwrap().contains("/Signature"), "{context}");
                }
                _ => {
                    assert_eq!(one["couvre"], json!([]), "{context}");
                    assert_eq!(theirs, said.contains(&"signature-covers-nothing"), "{context}");
                    assert_eq!(theirs, one["motif"] == "covers-nothing", "{context}");
                    assert!(!said.contains(&"signature-holds"), "{context}");
                }
            }
            if subject.kind == "pes" {
                let facts = &told["facts"];
                assert_eq!(
                    (&facts["montant_ht"], &facts["bordereaux_signes"]),
                    (&json!("923.45"), &json!(0)),
                    "{context}"
                );
            }
        }
    }
}
