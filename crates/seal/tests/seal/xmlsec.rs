//! Signatures of trusted lists, both ways with the xmlsec1 program and keys of openssl's: lists signed by it, in whatever dress, hold here,
//! and ours hold there.

use std::fs;
use std::path::Path;
use std::process::Command;

use seal::{AnyVerifier, TrustedLists, UnixMillis, pem_to_der};
use tempfile::TempDir;

use crate::lists::{Lists, Told, central, national, signed};
use crate::openssl::{absent, now, openssl};

pub fn xmlsec(dir: &Path, arguments: &str) -> Option<bool> {
    let output = Command::new("xmlsec1").args(arguments.split_whitespace()).current_dir(dir).output().ok()?;
    if !output.status.success() {
        println!("xmlsec1 {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Some(output.status.success())
}

/// A folder with a key of openssl's and its certificate; nothing where a program is missing.
pub fn desk(key: &str) -> Option<(TempDir, Vec<u8>)> {
    let dir = TempDir::new().unwrap();
    if absent() {
        return None;
    }
    if xmlsec(dir.path(), "--version").is_none() {
        println!("SKIPPED: the xmlsec1 program is not installed (Debian: xmlsec1)");
        return None;
    }
    let made = format!("req -x509 {key} -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=Signataire -sha256");
    assert!(openssl(dir.path(), &made));
    let der = pem_to_der(&fs::read_to_string(dir.path().join("cert.pem")).unwrap()).unwrap().remove(0);
    Some((dir, der))
}

/// A list in another dress than ours: prefixes, white space, comments, an XML declaration, attributes in disorder.
fn dressed(kind: &str, method: &str, uri: &str, canonical: &str, inside: &str) -> String {
    let issued = UnixMillis(now().0 / 1000 * 1000);
    let digest = "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/><ds:DigestValue/>";
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- une liste -->\n<t:TrustServiceStatusList TSLTag='http://uri.etsi.org/19612/TSLTag'\n\
         xmlns:unused='urn:unused' xmlns:ds='http://www.w3.org/2000/09/xmldsig#' xmlns:t='http://uri.etsi.org/02231/v2#' Id='liste'>\n\
         <t:SchemeInformation><t:TSLVersionIdentifier>5</t:TSLVersionIdentifier>\n<t:TSLSequenceNumber> 12 </t:TSLSequenceNumber>\
         <t:TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/{kind}</t:TSLType>\n<!-- dedans -->\
         <t:SchemeOperatorName><t:Name xml:lang='fr'>Opérateur &amp; Cie</t:Name></t:SchemeOperatorName>\
         <t:SchemeTerritory>{territory}</t:SchemeTerritory>{inside}<t:ListIssueDateTime>{issued}</t:ListIssueDateTime>\n\
         <t:NextUpdate><t:dateTime>2099-01-01T00:00:00Z</t:dateTime></t:NextUpdate></t:SchemeInformation>\n\
         <ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm='{canonical}'/><ds:SignatureMethod Algorithm='{method}'/>\n\
         <ds:Reference URI='{uri}'><ds:Transforms><ds:Transform Algorithm='http://www.w3.org/2000/09/xmldsig#enveloped-signature'/>\
         <ds:Transform Algorithm='{canonical}'/></ds:Transforms>{digest}</ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
         <ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature></t:TrustServiceStatusList>\n",
        territory = if kind == "EUgeneric" { "FR" } else { "EU" },
    )
}

#[test]
fn lists_signed_by_xmlsec_hold_here_until_a_byte_of_them_is_another() {
    const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let mut seen = 0;
    for (key, method) in [
        ("-newkey rsa:2048", "rsa-sha256"),
        ("-newkey rsa:3072", "rsa-sha512"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "ecdsa-sha256"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-384", "ecdsa-sha384"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-521", "ecdsa-sha512"),
    ] {
        let Some((dir, der)) = desk(key) else { return };
        for (uri, canonical) in [("", EXCLUSIVE), ("#liste", EXCLUSIVE), ("", INCLUSIVE), ("#liste", INCLUSIVE)] {
            let method = format!("http://www.w3.org/2001/04/xmldsig-more#{method}");
            fs::write(dir.path().join("t.xml"), dressed("EUlistofthelists", &method, uri, canonical, "")).unwrap();
            let sign = "--sign --privkey-pem key.pem,cert.pem --id-attr:Id http://uri.etsi.org/02231/v2#:TrustServiceStatusList \
                        --output s.xml t.xml";
            assert_eq!(xmlsec(dir.path(), sign), Some(true), "{method} {canonical}");
            let list = fs::read_to_string(dir.path().join("s.xml")).unwrap();
            let code = |list: &str| {
                let at = UnixMillis(now().0 + 60_000);
                let given = [("l".to_owned(), list.as_bytes().to_vec())];
                let believed = TrustedLists::believe(&given, std::slice::from_ref(&der), at, &AnyVerifier);
                believed.say(&[], at).lines[0].clone()
            };
            assert_eq!(code(&list).0, "list-believed", "{method} {uri:?} {canonical}: {:?}", code(&list));
            assert_eq!(code(&list.replace("Cie", "Cle")).0, "list-altered");
            assert_eq!(code(&list.replacen("<ds:SignedInfo>", "<ds:SignedInfo >", 1)).0, "list-believed");
            assert_eq!(code(&list.replacen("<ds:SignedInfo>", "<ds:SignedInfo Id='a'>", 1)).0, "list-signature-false");
            seen += 1;
        }
    }
    println!("{seen} lists signed by xmlsec1 read");
}

#[test]
fn lists_of_ours_hold_for_xmlsec() {
    let Some((dir, _)) = desk("-newkey ec -pkeyopt ec_paramgen_curve:P-256") else { return };
    let lists = Lists::new();
    let body = national("FR", &[Told::granted(&lists.anchor.der)]);
    for (signer, list) in
        [(&lists.signer, signed(&body, &lists.signer)), (&lists.anchor, signed(&central(&[]), &lists.anchor))]
    {
        fs::write(dir.path().join("signer.pem"), seal::der_to_pem(&signer.der)).unwrap();
        let judged = |list: &[u8]| {
            fs::write(dir.path().join("list.xml"), list).unwrap();
            let verify = "--verify --trusted-pem signer.pem --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties list.xml";
            xmlsec(dir.path(), verify)
        };
        assert_eq!(judged(&list), Some(true));
        let altered = String::from_utf8(list).unwrap().replace("Operator of", "Operator Of");
        assert_eq!(judged(altered.as_bytes()), Some(false));
    }
}

/// A flow of two bordereaux, one to be signed by itself or with all the rest, in the dress of such flows.
fn flow(method: &str, uri: &str, canonical: &str) -> String {
    let template = format!(
        "<ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm='{canonical}'/><ds:SignatureMethod Algorithm='{method}'/>\
         <ds:Reference URI='{uri}'><ds:Transforms><ds:Transform Algorithm='http://www.w3.org/2000/09/xmldsig#enveloped-signature'/>\
         <ds:Transform Algorithm='{canonical}'/></ds:Transforms><ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
         <ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    );
    let (inside, after) = if uri.is_empty() { ("", template.as_str()) } else { (template.as_str(), "") };
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<n:PES_Aller xmlns:n='urn:aller' xmlns:unused='urn:unused' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>\n\
         <PES_DepenseAller>\n <Bordereau Id='B1'>\r\n  <MtBordHT V='10.00'/><Obj V=\"l&apos;école &amp; co\"/>{inside}</Bordereau>\n\
         <Bordereau Id='B2'><MtBordHT V='20.00'/></Bordereau></PES_DepenseAller>{after}</n:PES_Aller>\n"
    )
}

#[test]
fn xmlsec_says_the_same_of_every_flow() {
    const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let (mut cases, mut holding) = (0, 0);
    for (key, method) in [
        ("-newkey rsa:2048", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("-newkey rsa:2048", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
        ("-newkey rsa:3072", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    ] {
        let Some((dir, _)) = desk(key) else { return };
        for (uri, canonical) in [("", EXCLUSIVE), ("#B1", EXCLUSIVE), ("", INCLUSIVE), ("#B1", INCLUSIVE)] {
            fs::write(dir.path().join("t.xml"), flow(method, uri, canonical)).unwrap();
            let sign = "--sign --privkey-pem key.pem,cert.pem --id-attr:Id Bordereau --output s.xml t.xml";
            assert_eq!(xmlsec(dir.path(), sign), Some(true), "{method} {uri} {canonical}");
            let signed = fs::read_to_string(dir.path().join("s.xml")).unwrap();
            let changes = [
                signed.clone(),
                signed.replace("10.00", "11.00"),
                signed.replace("20.00", "21.00"),
                signed.replace("<PES_DepenseAller>", "<PES_DepenseAller >"),
                signed.replace("xmlns:unused=\"urn:unused\"", ""),
                signed.replacen("<ds:SignedInfo>", "<ds:SignedInfo Id=\"x\">", 1),
            ];
            for (number, text) in changes.iter().enumerate() {
                fs::write(dir.path().join("c.xml"), text).unwrap();
                let theirs =
                    xmlsec(dir.path(), "--verify --trusted-pem cert.pem --id-attr:Id Bordereau c.xml").unwrap();
                let ours = seal::xml_signatures(text, &AnyVerifier).unwrap();
                assert_eq!(ours.len(), 1);
                assert_eq!(
                    ours[0].signature.integrity.is_ok(),
                    theirs,
                    "{method} {uri} {canonical} {number}: {:?}",
                    ours[0].signature.integrity
                );
                let covered = if uri.is_empty() { "/PES_Aller" } else { "/PES_Aller/PES_DepenseAller/Bordereau[1]" };
                assert!(!theirs || ours[0].covers == [covered], "{:?}", ours[0].covers);
                cases += 1;
                holding += usize::from(theirs);
            }
        }
    }
    assert!(cases >= 30 && holding * 5 > cases && holding < cases, "{holding} of {cases}");
    println!("{cases} signed flows, {holding} of which hold: xmlsec1 says the same of each");
}
