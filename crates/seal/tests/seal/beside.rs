//! Signatures in XML over files beside them: made by xmlsec1 with keys of openssl's, by every transform that is read, then changed; and the same
//! judgement as its own. What is given for a name is what is signed.

use std::fs;
use std::path::Path;

use seal::{AnyVerifier, SignatureFault, XmlSignature, xml_signatures, xml_signatures_beside};

use crate::xmlsec::{desk, xmlsec};

const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";

const TEXT: &str = "Le conseil d\u{e9}lib\u{e8}re.\r\n";
const IN_BASE64: &str = "TGUgY29uc2Vp\nbA==\n";
const XML: &str = "<?xml version=\"1.0\"?>\n<a b='1' a=\"2\"><!-- note --><b xmlns:u=\"urn:u\"/>\u{e9}</a>\n";

/// A template over these files, each by this transform.
fn template(method: &str, files: &[(&str, &str)]) -> String {
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
    format!(
        "<?xml version=\"1.0\"?>\n<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod \
Algorithm=\"{EXCLUSIVE}\"/><ds:SignatureMethod Algorithm=\"{method}\"/>{references}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>\
<ds:X509Data/></ds:KeyInfo></ds:Signature>\n"
    )
}

fn signed(dir: &Path, method: &str, files: &[(&str, &str)]) -> String {
    fs::write(dir.join("t.xml"), template(method, files)).unwrap();
    assert_eq!(xmlsec(dir, "--sign --privkey-pem key.pem,cert.pem --output s.xml t.xml"), Some(true), "{files:?}");
    fs::read_to_string(dir.join("s.xml")).unwrap()
}

/// What is said of it with the files of this folder beside it.
fn judged(dir: &Path, text: &str) -> XmlSignature {
    let mut all = xml_signatures_beside(text, &AnyVerifier, &mut |uri, take| {
        let name = uri.unwrap_or_default();
        let held =
            fs::read(dir.join(name)).map_err(|_| SignatureFault::Beside { why: "gone", name: name.to_owned() })?;
        held.chunks(7).for_each(take);
        Ok(name.to_owned())
    })
    .unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn xmlsec_says_the_same_of_signatures_over_files_beside_them() {
    let (mut cases, mut holding) = (0, 0);
    let with_comments = [format!("{INCLUSIVE}#WithComments"), format!("{EXCLUSIVE}WithComments")];
    for (key, method) in [
        ("-newkey rsa:2048", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
    ] {
        let Some((dir, _)) = desk(key) else { return };
        let lay = || {
            for (name, held) in [("acte.txt", TEXT), ("acte.b64", IN_BASE64), ("acte.xml", XML)] {
                fs::write(dir.path().join(name), held).unwrap();
            }
        };
        for files in [
            &[("acte.txt", "")][..],
            &[("acte.xml", "")],
            &[("acte.b64", BASE64)],
            &[("acte.xml", INCLUSIVE)],
            &[("acte.xml", EXCLUSIVE)],
            &[("acte.xml", "http://www.w3.org/2006/12/xml-c14n11")],
            &[("acte.xml", &with_comments[0])],
            &[("acte.xml", &with_comments[1])],
            &[("acte.txt", ""), ("acte.xml", EXCLUSIVE), ("acte.b64", BASE64)],
        ] {
            lay();
            let text = signed(dir.path(), method, files);
            for (name, from, to) in [
                ("", "", ""),
                ("acte.txt", "conseil", "Conseil"),
                ("acte.txt", "\r\n", "\n"),
                ("acte.b64", "\n", " "),
                ("acte.b64", "TGUg", "TGUh"),
                ("acte.xml", "b='1' a=\"2\"", "a='2'  b=\"1\""),
                ("acte.xml", "\u{e9}", "&#233;"),
                ("acte.xml", "<!-- note -->", ""),
                ("acte.xml", "b='1'", "b='3'"),
                ("acte.xml", " xmlns:u=\"urn:u\"", ""),
            ] {
                lay();
                if !name.is_empty() {
                    let held = fs::read_to_string(dir.path().join(name)).unwrap();
                    assert!(held.contains(from), "{name}: {from}");
                    fs::write(dir.path().join(name), held.replace(from, to)).unwrap();
                }
                fs::write(dir.path().join("c.xml"), &text).unwrap();
                let theirs = xmlsec(dir.path(), "--verify --trusted-pem cert.pem c.xml").unwrap();
                let ours = judged(dir.path(), &text);
                let said = &ours.signature.integrity;
                assert_eq!(said.is_ok(), theirs, "{method} {files:?}, {name}: {from:?} to {to:?}: {said:?}");
                if theirs {
                    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
                    assert_eq!((ours.beside, ours.covers.len()), (names.iter().map(|n| (*n).to_owned()).collect(), 0));
                } else {
                    assert_eq!(said.as_ref().unwrap_err().code(), "altered");
                }
                cases += 1;
                holding += usize::from(theirs);
            }
        }
    }
    assert!(holding * 5 > cases && holding < cases, "{holding} of {cases}");
    println!("{cases} signatures over files beside them, {holding} of which hold: xmlsec1 says the same of each");
}

#[test]
fn what_is_not_at_hand_or_not_read_is_undecided_and_never_false() {
    let Some((dir, _)) = desk("-newkey rsa:2048") else { return };
    let method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    fs::write(dir.path().join("acte.txt"), TEXT).unwrap();
    let text = signed(dir.path(), method, &[("acte.txt", "")]);
    let code = |text: &str| {
        let why = judged(dir.path(), text).signature.integrity.unwrap_err();
        (why.code(), why.is_undecided())
    };
    // Nobody was asked for what lies beside; the file is gone.
    let unasked = xml_signatures(&text, &AnyVerifier).unwrap().remove(0).signature.integrity.unwrap_err();
    assert_eq!((unasked.code(), unasked.is_undecided()), (SignatureFault::BESIDE, true));
    assert_eq!(code(&text.replace("URI=\"acte.txt\"", "URI=\"autre.txt\"")), ("gone", true));
    // Another file of another content is not what was signed.
    fs::write(dir.path().join("autre.txt"), "x").unwrap();
    assert_eq!(code(&text.replace("URI=\"acte.txt\"", "URI=\"autre.txt\"")), ("altered", false));
    // Transforms that are not read, together or with what they ask for; octets that are no XML, or XML that is read in another encoding.
    let transforms = |inside: &str| {
        text.replace("<ds:DigestMethod", &format!("<ds:Transforms>{inside}</ds:Transforms><ds:DigestMethod"))
    };
    let one = |name: &str| format!("<ds:Transform Algorithm=\"{name}\"/>");
    for inside in [
        one("http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        one("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        [one(BASE64), one(EXCLUSIVE)].concat(),
        one(EXCLUSIVE),
        one(BASE64),
    ] {
        assert_eq!(code(&transforms(&inside)), ("unsupported", true), "{inside}");
    }
    for held in ["<?xml version='1.0' encoding='ISO-8859-1'?><a>\u{e9}</a>", "<!DOCTYPE a><a/>"] {
        fs::write(dir.path().join("acte.txt"), held).unwrap();
        assert_eq!(code(&transforms(&one(EXCLUSIVE))), ("unsupported", true), "{held}");
    }
    let long = vec![b' '; seal::limits::SIGNED_BESIDE_BYTES + 1];
    fs::write(dir.path().join("acte.txt"), long).unwrap();
    assert_eq!(code(&transforms(&one(BASE64))), ("too-much", true));
}
