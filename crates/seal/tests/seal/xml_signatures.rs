//! Signatures inside XML documents: by element, several, of the whole; altered, wrapped, with false properties; and the same judgement as
//! xmlsec1 on documents signed by it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seal::{AnyVerifier, SignatureFault, XmlSignature, xml_signatures};

use crate::lists::{Signer, digest, reference};
use crate::openssl::openssl;
use crate::xmlsec::{desk, xmlsec};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// A signature of this identifier with properties of its own, in the form that exclusive canonicalisation gives.
struct Made<'s> {
    id: &'static str,
    signer: &'s Signer,
    /// The digest its properties give of the certificate.
    named: String,
    /// The references beside that to the properties.
    references: String,
}

impl<'s> Made<'s> {
    fn new(id: &'static str, signer: &'s Signer, references: String) -> Self {
        Self { id, signer, named: digest(&signer.der), references }
    }

    fn properties(&self) -> String {
        format!(
            "<x:SignedProperties xmlns:x=\"{XADES}\" Id=\"{0}-p\"><x:SignedSignatureProperties><x:SigningTime>2026-11-20T00:00:00Z\
</x:SigningTime><x:SigningCertificate><x:Cert><x:CertDigest><DigestMethod xmlns=\"{DSIG}\" \
Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue xmlns=\"{DSIG}\">{1}</DigestValue></x:CertDigest></x:Cert>\
</x:SigningCertificate></x:SignedSignatureProperties></x:SignedProperties>",
            self.id, self.named
        )
    }

    fn text(&self) -> String {
        self.with(&self.properties())
    }

    /// What is signed are its properties, what it carries are these.
    fn with(&self, carried: &str) -> String {
        self.made(&self.properties(), carried)
    }

    /// These are signed, and carried.
    fn over(&self, properties: &str) -> String {
        self.made(properties, properties)
    }

    fn made(&self, signed: &str, carried: &str) -> String {
        let value = digest(signed.as_bytes());
        let inside = format!(
            "<CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></CanonicalizationMethod><SignatureMethod \
Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></SignatureMethod>{}<Reference \
Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#{}-p\"><Transforms><Transform Algorithm=\"{EXCLUSIVE}\"></Transform></Transforms>\
<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{value}</DigestValue></Reference>",
            self.references, self.id
        );
        let value = self.signer.sign(format!("<SignedInfo xmlns=\"{DSIG}\">{inside}</SignedInfo>").as_bytes());
        format!(
            "<Signature xmlns=\"{DSIG}\" Id=\"{0}\"><SignedInfo>{inside}</SignedInfo><SignatureValue>{1}</SignatureValue><KeyInfo><X509Data>\
<X509Certificate>{2}</X509Certificate></X509Data></KeyInfo><Object><x:QualifyingProperties xmlns:x=\"{XADES}\" Target=\"#{0}\">{carried}\
</x:QualifyingProperties></Object></Signature>",
            self.id,
            STANDARD.encode(value),
            STANDARD.encode(&self.signer.der),
        )
    }
}

/// Two lots under one root; what is put into the first, and at the end.
fn document(first: &str, last: &str) -> String {
    format!(
        "<P xmlns=\"urn:p\"><L Id=\"L1\"><A V=\"10.00\"></A>{first}</L><L Id=\"L2\"><A V=\"20.00\"></A></L>{last}</P>"
    )
}

const LOT_1: &str = "<L xmlns=\"urn:p\" Id=\"L1\"><A V=\"10.00\"></A></L>";
const LOT_2: &str = "<L xmlns=\"urn:p\" Id=\"L2\"><A V=\"20.00\"></A></L>";

fn read(text: &str) -> Vec<XmlSignature> {
    xml_signatures(text, &AnyVerifier).unwrap()
}

fn sole(text: &str) -> XmlSignature {
    let mut all = read(text);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn fault(text: &str) -> &'static str {
    sole(text).signature.integrity.expect_err("it holds").code()
}

/// A reference that does not take the signature out of what it signs.
fn not_enveloped(uri: &str, octets: &str) -> String {
    let transform = format!("<Transform Algorithm=\"{DSIG}enveloped-signature\"></Transform>");
    let plain = reference(uri, octets.as_bytes()).replace(&transform, "");
    assert!(!plain.contains("enveloped"));
    plain
}

#[test]
fn what_is_covered_is_told_by_where_it_stands() {
    let signer = Signer::new("Ordonnateur d'essai");
    let one = Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())).text();
    let found = sole(&document(&one, ""));
    assert_eq!((found.signature.integrity.clone(), found.covers.as_slice()), (Ok(()), &["/P/L[1]".to_owned()][..]));
    assert_eq!(found.place, "/P/L[1]/Signature");
    assert_eq!(found.signature.signing_time.as_deref(), Some("2026-11-20T00:00:00Z"));
    assert!(
        found.signature.signer.unwrap().subject.contains("Ordonnateur")
            && found.signature.certificate == Some(signer.der.clone())
    );
    assert!(found.signature.weak.is_empty());
    // The other lot is not covered: it may change. The one covered may not.
    assert_eq!(sole(&document(&one, "").replace("20.00", "99.00")).signature.integrity, Ok(()));
    assert_eq!(fault(&document(&one, "").replace("10.00", "11.00")), "altered");

    let whole = Made::new("s2", &signer, reference("", document("", "").as_bytes())).text();
    let found = sole(&document("", &whole));
    assert_eq!((found.signature.integrity.clone(), found.covers), (Ok(()), vec!["/P".to_owned()]));
    assert_eq!(fault(&document("", &whole).replace("20.00", "99.00")), "altered");

    // Two lots, each signed beside the other; and both by one signature.
    let two = Made::new("s3", &signer, reference("#L2", LOT_2.as_bytes())).text();
    let all = read(&document(&one, &two));
    assert!(all.iter().all(|found| found.signature.integrity == Ok(())), "{all:?}");
    assert_eq!([&all[0].covers[0], &all[1].covers[0]], ["/P/L[1]", "/P/L[2]"]);
    let both = [reference("#L1", LOT_1.as_bytes()), reference("#L2", LOT_2.as_bytes())].concat();
    let found = sole(&document("", &Made::new("s4", &signer, both).text()));
    assert_eq!((found.signature.integrity, found.covers), (Ok(()), vec!["/P/L[1]".to_owned(), "/P/L[2]".to_owned()]));
}

#[test]
fn wrapped_content_is_never_told_as_signed_where_it_is_read() {
    let signer = Signer::new("Ordonnateur d'essai");
    let one = Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())).text();
    // The same identifier twice: neither is.
    let twice = document(&one, "").replace("Id=\"L2\"", "Id=\"L1\"");
    assert_eq!(fault(&twice), "identifier-twice");
    assert_eq!(fault(&document(&one, "<X ID=\"L1\"></X>")), "identifier-twice");
    // The signed lot is moved aside, another stands where it stood: the signature holds, and covers what it covered, there.
    let moved = format!(
        "<P xmlns=\"urn:p\"><L Id=\"L9\"><A V=\"66.00\"></A></L><L Id=\"L2\"><A V=\"20.00\"></A></L><Old><L Id=\"L1\"><A V=\"10.00\"></A>{one}</L></Old></P>"
    );
    let found = sole(&moved);
    assert_eq!((found.signature.integrity, found.covers), (Ok(()), vec!["/P/Old/L".to_owned()]));
    // Into the signature itself: then it covers nothing that anybody reads.
    let hidden = |reference: String| {
        let made = Made::new("s1", &signer, reference).text();
        let made = made.replace("</Signature>", &format!("<Object>{LOT_1}</Object></Signature>"));
        document(&made, "").replacen("Id=\"L1\"><A V=\"10.00\"></A><S", "Id=\"L9\"><A V=\"66.00\"></A><S", 1)
    };
    let found = sole(&hidden(not_enveloped("#L1", LOT_1)));
    assert_eq!((found.signature.integrity, found.covers.len()), (Ok(()), 0));
    // Where the signature is taken out of what it signs, nothing is left of it (XML Signature §6.6.4).
    assert_eq!(fault(&hidden(reference("#L1", LOT_1.as_bytes()))), "altered");
}

#[test]
fn properties_that_are_not_signed_or_name_another_are_no_properties() {
    let signer = Signer::new("Ordonnateur d'essai");
    let made = Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes()));
    let honest = made.text();
    // Others in their place, the signed ones kept elsewhere so that the digest holds.
    let false_ones = made.properties().replace("s1-p", "s1-q").replace("2026-11-20", "2016-01-01");
    let aside = format!("<Object>{}</Object></Signature>", made.properties());
    let swapped = made.with(&false_ones).replace("</Signature>", &aside);
    assert_eq!(fault(&document(&swapped, "")), "properties-not-signed");
    // A second set beside the first.
    let second = format!(
        "<Object><x:QualifyingProperties xmlns:x=\"{XADES}\" Target=\"#s1\"></x:QualifyingProperties></Object></Signature>"
    );
    assert_eq!(fault(&document(&honest.replace("</Signature>", &second), "")), "properties-not-signed");
    // Those of another signature.
    assert_eq!(fault(&document(&honest.replace("Target=\"#s1\"", "Target=\"#s7\""), "")), "properties-not-signed");
    // Signed, and naming another certificate.
    let other = Signer::new("Autre");
    let named = Made { named: digest(&other.der), ..Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())) };
    assert_eq!(fault(&document(&named.text(), "")), "other-certificate");
}

#[test]
fn properties_of_the_first_versions_name_the_certificate_too() {
    let signer = Signer::new("Ordonnateur d'essai");
    let digest_of = |der: &[u8]| {
        let made = Made { named: digest(der), ..Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())) };
        let old = made
            .properties()
            .replace(&format!("DigestMethod xmlns=\"{DSIG}\""), "x:DigestMethod")
            .replace(&format!("DigestValue xmlns=\"{DSIG}\""), "x:DigestValue");
        let old = old.replace("</DigestMethod>", "</x:DigestMethod>").replace("</DigestValue>", "</x:DigestValue>");
        sole(&document(&made.over(&old), "")).signature.integrity
    };
    assert_eq!(digest_of(&signer.der), Ok(()));
    assert_eq!(digest_of(&Signer::new("Autre").der), Err(SignatureFault::OtherCertificate));
}

#[test]
fn what_is_false_is_told_from_what_cannot_be_told() {
    let signer = Signer::new("Ordonnateur d'essai");
    let honest = document(&Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())).text(), "");
    let certificate = STANDARD.encode(&signer.der);
    for (from, to, expected, undecided) in [
        ("URI=\"#L1\"", "URI=\"#L8\"", "reference-not-there", false),
        ("URI=\"#L1\"", "URI=\"http://example.org/\"", "unsupported", true),
        ("URI=\"#L1\"", "", "unsupported", true),
        ("#ecdsa-sha256\"", "#ecdsa-ripemd160\"", "unsupported", true),
        (certificate.as_str(), STANDARD.encode(Signer::new("Autre").der).as_str(), "signature-false", false),
        ("<X509Certificate>", "<X509SKI>", "no-certificate", true),
        ("<KeyInfo>", "<KeyInfo></KeyInfo><KeyInfo>", "malformed", false),
        ("2026-11-20", "2016-11-20", "altered", false),
        ("<SignedInfo>", "<SignedInfo Id=\"i\">", "signature-false", false),
        ("<SignatureValue>", "<SignatureValue>*", "malformed", false),
    ] {
        let text = honest.replace(from, to);
        let text = if to == "<X509SKI>" { text.replace("</X509Certificate>", "</X509SKI>") } else { text };
        let why = sole(&text).signature.integrity.expect_err(expected);
        assert_eq!((why.code(), why.is_undecided()), (expected, undecided), "{from} → {to}: {why}");
    }
    let nothing = honest.replacen("<Reference ", "<Other ", 2).replace("</Reference>", "</Other>");
    assert_eq!(fault(&nothing), "nothing-signed");
    assert!(read("<a/>").is_empty());
    assert!(xml_signatures("<!DOCTYPE a><a/>", &AnyVerifier).is_err());
}

#[test]
fn signatures_by_the_hundred_over_the_whole_of_a_document_end_soon() {
    let signer = Signer::new("Ordonnateur d'essai");
    let filler = format!("<B>{}</B>", "x".repeat(4 << 20));
    let one = Made::new("s1", &signer, reference("", b"never looked at for long")).text();
    let text = document("", &[filler, one.repeat(200)].concat());
    let began = std::time::Instant::now();
    let all = read(&text);
    assert_eq!(all.len(), 200);
    let looked = all.iter().filter(|found| found.signature.integrity != Err(SignatureFault::TooMuch)).count();
    assert!((1..10).contains(&looked), "{looked} looked at");
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
}

/// Another certificate over the key of this one.
fn of_the_same_key(dir: &std::path::Path, name: &str) -> Option<Vec<u8>> {
    let made = format!("req -x509 -key key.pem -days 30 -subj /CN={name} -sha256 -out {name}.pem");
    assert!(openssl(dir, &made));
    Some(seal::pem_to_der(&std::fs::read_to_string(dir.join(format!("{name}.pem"))).unwrap()).unwrap().remove(0))
}

#[test]
fn of_two_certificates_of_the_key_that_signed_only_what_is_signed_says_which_it_is() {
    let Some((dir, der)) = desk("-newkey rsa:2048") else { return };
    let other = of_the_same_key(dir.path(), "Usurpateur").unwrap();
    let template = format!(
        "<P><Signature xmlns=\"{DSIG}\" Id=\"s\"><SignedInfo><CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/><SignatureMethod \
Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>{{REFERENCES}}</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo>{{OBJECT}}</Signature></P>"
    );
    let of = |uri: &str| {
        let enveloped = if uri.is_empty() {
            "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
        } else {
            ""
        };
        format!(
            "<Reference URI=\"{uri}\"><Transforms>{enveloped}<Transform Algorithm=\"{EXCLUSIVE}\"/></Transforms><DigestMethod \
Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference>"
        )
    };
    let properties = format!(
        "<Object><x:QualifyingProperties xmlns:x=\"{XADES}\" Target=\"#s\"><x:SignedProperties Id=\"p\"><x:SignedSignatureProperties>\
<x:SigningCertificate><x:Cert><x:CertDigest><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue>{}</DigestValue>\
</x:CertDigest></x:Cert></x:SigningCertificate></x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object>",
        digest(&der)
    );
    let signed = |references: &str, object: &str| {
        let text = template.replace("{REFERENCES}", references).replace("{OBJECT}", object);
        std::fs::write(dir.path().join("t.xml"), text).unwrap();
        let sign =
            format!("--sign --privkey-pem key.pem,cert.pem --id-attr:Id {XADES}:SignedProperties --output s.xml t.xml");
        assert_eq!(xmlsec(dir.path(), &sign), Some(true));
        std::fs::read_to_string(dir.path().join("s.xml")).unwrap()
    };
    let beside = |text: &str| {
        let more = format!("<X509Data><X509Certificate>{}</X509Certificate>", STANDARD.encode(&other));
        text.replacen("<X509Data>", &more, 1)
    };
    let plain = signed(&of(""), "");
    assert_eq!(sole(&plain).signature.integrity, Ok(()));
    let why = sole(&beside(&plain)).signature.integrity.unwrap_err();
    assert_eq!((why.code(), why.is_undecided()), ("certificates-several", true));
    // Twice the same is one.
    assert_eq!(
        sole(&plain.replacen(
            "<X509Certificate>",
            &format!("<X509Certificate>{}</X509Certificate><X509Certificate>", STANDARD.encode(&der)),
            1
        ))
        .signature
        .integrity,
        Ok(())
    );
    let named = signed(&[of(""), of("#p")].concat(), &properties);
    for text in [named.clone(), beside(&named)] {
        let found = sole(&text).signature;
        assert_eq!((found.integrity, found.certificate.as_ref()), (Ok(()), Some(&der)));
    }
}

#[test]
fn a_comment_put_into_what_is_signed_cuts_nothing_of_what_is_told() {
    let signer = Signer::new("Ordonnateur d'essai");
    let honest = document(&Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())).text(), "");
    let cut = honest.replace("2026-11-20T", "2026-11-2<!-- -->0T");
    let found = sole(&cut).signature;
    assert_eq!((found.integrity, found.signing_time.as_deref()), (Ok(()), Some("2026-11-20T00:00:00Z")));
    // Into a digest: the same digest, and the same signature, since the form leaves comments out.
    let digest = honest.replacen("<DigestValue>", "<DigestValue><!-- AAAA -->", 1);
    assert_eq!(sole(&digest).signature.integrity, Ok(()));
    assert_eq!(fault(&honest.replacen("<DigestValue>", "<DigestValue>AAAA", 1)), "altered");
}

#[test]
fn no_method_key_or_transform_of_an_attacker_makes_a_signature_hold() {
    let signer = Signer::new("Ordonnateur d'essai");
    let honest = document(&Made::new("s1", &signer, reference("#L1", LOT_1.as_bytes())).text(), "");
    let method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let transform = format!("<Transform Algorithm=\"{EXCLUSIVE}\"></Transform>");
    let other = |algorithm: &str, inside: &str| format!("<Transform Algorithm=\"{algorithm}\">{inside}</Transform>");
    for (from, to) in [
        // The public key, known to all, as the secret of a code.
        (method.to_owned(), "http://www.w3.org/2000/09/xmldsig#hmac-sha1".to_owned()),
        (method.to_owned(), "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256".to_owned()),
        (transform.clone(), other("http://www.w3.org/TR/1999/REC-xpath-19991116", "<XPath>false()</XPath>")),
        (transform.clone(), other("http://www.w3.org/2002/06/xmldsig-filter2", "")),
        (transform.clone(), other("http://www.w3.org/TR/1999/REC-xslt-19991116", "<s xmlns=\"urn:s\"></s>")),
        (
            transform.clone(),
            other(
                EXCLUSIVE,
                "<InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"a\"></InclusiveNamespaces>",
            ),
        ),
        ("URI=\"#L1\"".to_owned(), "URI=\"#xpointer(id('L1'))\"".to_owned()),
        ("URI=\"#L1\"".to_owned(), "URI=\"#\"".to_owned()),
    ] {
        let text = honest.replacen(&from, &to, 1);
        assert_ne!(text, honest, "{from}");
        let why = sole(&text).signature.integrity.expect_err(&to);
        assert!(why.is_undecided(), "{to}: {why}");
    }
    // What bears the identifier otherwise written is a second one.
    for second in
        ["<X xml:id=\"L1\"></X>", "<X id=\"L1\"></X>", "<X iD=\"L1\"></X>", "<X w:Id=\"L1\" xmlns:w=\"urn:w\"></X>"]
    {
        assert_eq!(fault(&honest.replace("</P>", &format!("{second}</P>"))), "identifier-twice", "{second}");
    }
    // A prefix that leads elsewhere, or a name in another namespace, is another element.
    for (from, to) in [("<A V=", "<A xmlns=\"urn:q\" V="), ("<L Id=\"L1\"", "<L xmlns=\"urn:q\" Id=\"L1\"")] {
        assert_eq!(fault(&honest.replacen(from, to, 1)), "altered", "{to}");
    }
    assert!(xml_signatures(&format!("<!DOCTYPE P [<!ENTITY e \"x\">]>{honest}"), &AnyVerifier).is_err());
}

#[test]
fn what_a_manifest_lists_is_not_told_as_covered() {
    let signer = Signer::new("Ordonnateur d'essai");
    let list = |inside: &str| format!("<Manifest xmlns=\"{DSIG}\" Id=\"m\">{inside}</Manifest>");
    let listed = list(&reference("#L1", LOT_1.as_bytes()));
    let made = Made::new("s1", &signer, not_enveloped("#m", &listed)).text();
    let inside = made.replace("</Signature>", &format!("<Object>{listed}</Object></Signature>"));
    for text in [document(&inside, ""), document(&inside, "").replace("10.00", "99.00")] {
        let found = sole(&text);
        assert_eq!((found.signature.integrity, found.covers.len(), found.beside.len()), (Ok(()), 0, 0));
    }
}

#[test]
fn signatures_beyond_those_looked_at_are_said_to_be_there() {
    let few = "<Signature></Signature>".repeat(seal::limits::XML_SIGNATURES);
    for (more, expected) in [("", "malformed"), ("<Signature></Signature>", "too-much")] {
        let all = read(&format!("<P xmlns=\"{DSIG}\">{few}{more}{more}</P>"));
        let last = all.last().unwrap().signature.integrity.clone().unwrap_err();
        assert_eq!((all.len(), last.code()), (seal::limits::XML_SIGNATURES + usize::from(!more.is_empty()), expected));
    }
}
