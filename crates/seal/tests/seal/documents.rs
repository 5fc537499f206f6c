//! Signatures of documents in CMS and inside PDFs: made by the openssl program with keys of its own, then changed, moved and added to.
//! What openssl says of the same bytes is what we say.

use std::fs;
use std::path::Path;

use seal::{AnyVerifier, Cms, DigestAlgorithm, DocumentSignature, PdfSignature, SignatureFault, pdf_signatures};
use tempfile::TempDir;

use crate::openssl::{absent, openssl};

const DOCUMENT: &[u8] = b"Deliberation n 12 du 30 novembre 2026\n";

const KEYS: [(&str, &str); 3] = [
    ("-newkey rsa:2048", "-md sha256"),
    ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "-md sha384"),
    ("-newkey rsa:3072", "-md sha512 -keyopt rsa_padding_mode:pss"),
];

/// A folder with a key of openssl's, its certificate and a document; nothing where the program is missing.
fn desk(key: &str) -> Option<TempDir> {
    if absent() {
        return None;
    }
    let dir = TempDir::new().unwrap();
    let made = format!("req -x509 {key} -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=Signataire -sha256");
    assert!(openssl(dir.path(), &made));
    fs::write(dir.path().join("doc"), DOCUMENT).unwrap();
    Some(dir)
}

fn sign(dir: &Path, more: &str) -> Vec<u8> {
    let command = format!("cms -sign -binary -in doc -signer cert.pem -inkey key.pem -outform DER -out sig {more}");
    assert!(openssl(dir, &command), "{command}");
    fs::read(dir.join("sig")).unwrap()
}

fn judged(cms: &[u8], document: &[u8]) -> Vec<DocumentSignature> {
    let read = Cms::parse(cms).unwrap();
    read.judge(&|digest: DigestAlgorithm| Some(digest.digest(document)), &AnyVerifier)
}

fn integrity(cms: &[u8], document: &[u8]) -> Result<(), &'static str> {
    let all = judged(cms, document);
    assert_eq!(all.len(), 1);
    all[0].integrity.clone().map_err(|why| why.code())
}

#[test]
fn a_document_signed_by_openssl_holds_until_a_byte_of_it_is_another() {
    for (key, how) in KEYS {
        let Some(dir) = desk(key) else { return };
        for cades in ["", " -cades"] {
            let cms = sign(dir.path(), &format!("{how}{cades}"));
            let held = judged(&cms, DOCUMENT);
            assert_eq!(held[0].integrity, Ok(()), "{key} {how}{cades}");
            assert!(held[0].signer.as_ref().unwrap().subject.contains("Signataire"));
            assert!(held[0].signing_time.as_ref().unwrap().starts_with("20"), "{:?}", held[0].signing_time);
            assert_eq!(held[0].weak, Vec::<String>::new());
            let changed = DOCUMENT.to_ascii_uppercase();
            assert_eq!(integrity(&cms, &changed), Err("altered"));
            // The program says the same of both.
            let verify = "cms -verify -binary -inform DER -in sig -CAfile cert.pem -purpose any -out out -content";
            assert!(openssl(dir.path(), &format!("{verify} doc")));
            fs::write(dir.path().join("other"), changed).unwrap();
            assert!(!openssl(dir.path(), &format!("{verify} other")));
        }
    }
}

#[test]
fn what_stands_inside_is_what_is_signed_whatever_is_given() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    for stream in ["", " -stream"] {
        let cms = sign(dir.path(), &format!("-nodetach{stream}"));
        let read = Cms::parse(&cms).unwrap();
        assert_eq!(read.content(), Some(DOCUMENT));
        assert_eq!(integrity(&cms, b"another document"), Ok(()));
        let at = cms.windows(12).position(|held| held == &DOCUMENT[..12]).unwrap();
        let mut changed = cms.clone();
        changed[at] ^= 1;
        assert_eq!(integrity(&changed, DOCUMENT), Err("altered"));
    }
}

#[test]
fn every_other_byte_of_a_signature_changes_what_is_said_or_nothing_that_is_signed() {
    let Some(dir) = desk(KEYS[1].0) else { return };
    let cms = sign(dir.path(), "-md sha256 -cades");
    let honest = judged(&cms, DOCUMENT).remove(0);
    let mut held = 0;
    for at in 0..cms.len() {
        let mut changed = cms.clone();
        changed[at] ^= 0x10;
        let Ok(read) = Cms::parse(&changed) else { continue };
        for one in read.judge(&|digest| Some(digest.digest(DOCUMENT)), &AnyVerifier) {
            if one.integrity.is_ok() {
                held += 1;
                assert_eq!(one.signing_time, honest.signing_time, "byte {at}");
                assert_eq!(one.signer.unwrap().sha256, honest.signer.as_ref().unwrap().sha256, "byte {at}");
            }
        }
    }
    // Versions and the list of digests beside the signers' own say nothing that is signed.
    assert!(held < 40, "{held}");
}

#[test]
fn without_certificate_or_signed_attributes_nothing_can_be_told() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    assert_eq!(integrity(&sign(dir.path(), "-nocerts"), DOCUMENT), Err("no-certificate"));
    assert_eq!(integrity(&sign(dir.path(), "-noattr"), DOCUMENT), Err("unsupported"));
    let two = {
        let made =
            "req -x509 -newkey rsa:2048 -nodes -keyout key2.pem -out cert2.pem -days 30 -subj /CN=Second -sha256";
        assert!(openssl(dir.path(), made));
        sign(dir.path(), "-signer cert2.pem -inkey key2.pem")
    };
    let both = judged(&two, DOCUMENT);
    assert_eq!(both.iter().map(|one| one.integrity.is_ok()).collect::<Vec<_>>(), [true, true]);
    assert!(Cms::parse(&[0x30, 0]).is_err() && Cms::parse(b"").is_err());
}

#[test]
fn another_certificate_of_the_same_name_number_and_key_is_not_the_one_that_signed() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    let der = |days: u32, name: &str| {
        let made =
            format!("req -x509 -key key.pem -days {days} -subj /CN=Signataire -sha256 -set_serial 77 -out {name}.pem");
        assert!(openssl(dir.path(), &made));
        let text = fs::read_to_string(dir.path().join(format!("{name}.pem"))).unwrap();
        seal::pem_to_der(&text).unwrap().remove(0)
    };
    let (one, other) = (der(10, "cert"), der(20, "other"));
    assert_eq!(one.len(), other.len());
    for (cades, expected) in [(" -cades", Err("other-certificate")), ("", Ok(()))] {
        let mut cms = sign(dir.path(), &format!("-md sha256{cades}"));
        assert_eq!(integrity(&cms, DOCUMENT), Ok(()));
        let at = cms.windows(one.len()).position(|held| held == one).unwrap();
        cms[at..at + one.len()].copy_from_slice(&other);
        assert_eq!(integrity(&cms, DOCUMENT), expected);
    }
}

#[test]
fn sha1_is_verified_and_called_weak() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    let one = judged(&sign(dir.path(), "-md sha1"), DOCUMENT).remove(0);
    assert_eq!(one.integrity, Ok(()));
    assert!(one.weak.iter().any(|weak| weak.contains("sha1")), "{:?}", one.weak);
}

/// Room for a signature, in digits.
const ROOM: usize = 8192;

/// A small PDF with a signature dictionary whose ranges are right and whose contents are zeros.
fn unsigned(before: &[u8], filter: &str) -> Vec<u8> {
    let mut pdf = before.to_vec();
    if pdf.is_empty() {
        pdf.extend_from_slice(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n");
    }
    let head = format!("9 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{filter} /Contents ");
    pdf.extend_from_slice(head.as_bytes());
    let hole = pdf.len();
    pdf.extend_from_slice(b"<");
    pdf.extend_from_slice("0".repeat(ROOM).as_bytes());
    pdf.extend_from_slice(b">");
    let after = pdf.len();
    let tail = "\n/ByteRange [0 HHHHHHHHHH AAAAAAAAAA LLLLLLLLLL]\n>>\nendobj\ntrailer\n<< >>\n%%EOF\n";
    let length = tail.len();
    let tail = tail.replace("HHHHHHHHHH", &format!("{hole:<10}"));
    let tail = tail.replace("AAAAAAAAAA", &format!("{after:<10}")).replace("LLLLLLLLLL", &format!("{length:<10}"));
    pdf.extend_from_slice(tail.as_bytes());
    pdf
}

/// The same with a signature of openssl's over what its last ranges cover.
fn signed_pdf(dir: &Path, before: &[u8], filter: &str) -> Vec<u8> {
    let mut pdf = unsigned(before, filter);
    let hole = pdf.windows(10).rposition(|held| held == b"/Contents ").unwrap() + 10;
    let after = hole + ROOM + 2;
    fs::write(dir.join("doc"), [&pdf[..hole], &pdf[after..]].concat()).unwrap();
    let cms = sign(dir, "-md sha256 -cades");
    let digits: String = cms.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(digits.len() <= ROOM);
    pdf[hole + 1..hole + 1 + digits.len()].copy_from_slice(digits.as_bytes());
    pdf
}

fn one(pdf: &[u8]) -> PdfSignature {
    let mut all = pdf_signatures(pdf, &AnyVerifier).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn why(pdf: &[u8]) -> Option<&'static str> {
    one(pdf).signature.integrity.err().map(|why: SignatureFault| why.code())
}

#[test]
fn a_signed_pdf_is_told_with_what_it_covers() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    for filter in ["adbe.pkcs7.detached", "ETSI.CAdES.detached"] {
        let pdf = signed_pdf(dir.path(), b"", filter);
        let found = one(&pdf);
        assert_eq!((found.signature.integrity.clone(), found.covers, found.added), (Ok(()), pdf.len(), 0));
        // Added to: what was signed still is, and what was not is counted.
        let more = [&pdf, &b"10 0 obj\n<< >>\nendobj\n%%EOF\n"[..]].concat();
        let found = one(&more);
        assert_eq!((found.signature.integrity.is_ok(), found.covers, found.added), (true, pdf.len(), 28));
        // Signed again over all of it: two signatures, each with its own reach.
        let twice = signed_pdf(dir.path(), &more, filter);
        let both = pdf_signatures(&twice, &AnyVerifier).unwrap();
        assert_eq!(both.iter().map(|one| one.signature.integrity.is_ok()).collect::<Vec<_>>(), [true, true]);
        assert_eq!(both.iter().map(|one| one.added).collect::<Vec<_>>(), [twice.len() - pdf.len(), 0]);
    }
}

#[test]
fn a_signed_pdf_inside_another_signs_nothing_of_that_one() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    let pdf = signed_pdf(dir.path(), b"", "ETSI.CAdES.detached");
    let around = |before: &[u8]| [before, &pdf, b"\nendstream\nendobj\n%%EOF\n"].concat();
    for before in [&b"%PDF-1.7\n1 0 obj\n<< /Length 1 >>\nstream\n"[..], b"HTTP/1.1 200 OK\n\n"] {
        let found = one(&around(before));
        assert_eq!((found.signature.integrity, found.covers), (Err(SignatureFault::Inside), 0));
    }
    assert!(SignatureFault::Inside.is_undecided());
    // One that covers what is around it is of that.
    let outer = signed_pdf(dir.path(), &around(b"%PDF-1.7\n1 0 obj\nstream\n"), "ETSI.CAdES.detached");
    let both = pdf_signatures(&outer, &AnyVerifier).unwrap();
    let integrity: Vec<_> = both.into_iter().map(|one| one.signature.integrity).collect();
    assert_eq!(integrity, [Err(SignatureFault::Inside), Ok(())]);
    // Cut from its beginning, it is no whole one anywhere.
    assert_eq!(why(&pdf[1..]), Some("malformed"));
}

#[test]
fn a_pdf_changed_or_a_hole_that_is_more_than_the_signature_never_holds() {
    let Some(dir) = desk(KEYS[1].0) else { return };
    let pdf = signed_pdf(dir.path(), b"", "ETSI.CAdES.detached");
    assert_eq!(why(&pdf), None);
    for at in [5, 20, pdf.len() - 3] {
        let mut changed = pdf.clone();
        changed[at] ^= 1;
        assert_eq!(why(&changed), Some("altered"), "{at}");
    }
    let text = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = pdf.windows(from.len()).position(|held| held == from.as_bytes()).unwrap();
        let mut changed = pdf.clone();
        changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        changed
    };
    // Another beginning, another filter, a range that is none.
    assert_eq!(why(&text("ByteRange [0", "ByteRange [1")), Some("malformed"));
    assert_eq!(why(&text("ETSI.CAdES.detached", "ETSI.RFC3161+++++++")), Some("unsupported"));
    let hole = pdf.windows(10).position(|held| held == b"/Contents ").unwrap() + 10;
    let wider = text(&format!("[0 {hole:<10}"), &format!("[0 {:<10}", hole - 5));
    assert_eq!(why(&wider), Some("malformed"));
    // The hole holds something else than digits: an object that nobody signed.
    let mut hidden = pdf.clone();
    hidden[hole + 1 + ROOM - 40..hole + 1 + ROOM - 10].copy_from_slice(b"> 11 0 obj << /Hidden >> endob");
    assert_eq!(why(&hidden), Some("malformed"));
    // A string that is not that of /Contents.
    assert_eq!(why(&text("/Contents <", "/Contentz <")), Some("malformed"));
    // What states the ranges is itself not covered.
    let after = hole + ROOM + 2;
    let length = pdf.len() - after;
    assert_eq!(why(&text(&format!(" {length:<10}]"), &format!(" {:<10}]", 1))), Some("malformed"));
    // Room that is not zeros.
    let mut room = pdf.clone();
    room[hole + ROOM] = b'1';
    assert_eq!(why(&room), Some("malformed"));
}

#[test]
fn no_pdf_however_broken_does_worse_than_say_so() {
    assert!(pdf_signatures(b"%PDF-1.7\n/ByteRange", &AnyVerifier).unwrap().is_empty());
    for broken in ["[", "[0 1 2", "[0 1 2 3 4]", "[0 99999999999999999999 1 2]", "[0 -1 2 3]", "[a b c d]", "[0 5 3 1]"]
    {
        let pdf = format!("%PDF-1.7\n/ByteRange {broken} %%EOF");
        let all = pdf_signatures(pdf.as_bytes(), &AnyVerifier).unwrap();
        assert!(all.iter().all(|one| one.signature.integrity.is_err()), "{broken}");
        assert_eq!(all.len(), 1, "{broken}");
    }
    // Where an object is named instead, or a comment stands before, another reader may find ranges: that one is there is said.
    for elsewhere in ["12 0 R", "% \n[0 1 2 3]"] {
        let all = pdf_signatures(format!("%PDF-1.7\n/ByteRange {elsewhere} %%EOF").as_bytes(), &AnyVerifier).unwrap();
        let why = all[0].signature.integrity.clone().unwrap_err();
        assert_eq!((all.len(), why.code(), why.is_undecided()), (1, "unsupported", true), "{elsewhere}");
    }
    let many = format!("%PDF-1.7\n{}", "/ByteRange [0 1 2 3]\n".repeat(1000));
    let all = pdf_signatures(many.as_bytes(), &AnyVerifier).unwrap();
    assert_eq!(all.len(), seal::limits::PDF_SIGNATURES + 1);
    // That there are more is said.
    let last = all.last().and_then(|one| one.signature.integrity.clone().err());
    assert_eq!(last, Some(SignatureFault::TooMuch));
    let just = format!("%PDF-1.7\n{}", "/ByteRange [0 1 2 3]\n".repeat(seal::limits::PDF_SIGNATURES));
    assert_eq!(pdf_signatures(just.as_bytes(), &AnyVerifier).unwrap().len(), seal::limits::PDF_SIGNATURES);
    assert!(pdf_signatures(&vec![0; seal::limits::SIGNED_PDF_BYTES + 1], &AnyVerifier).is_err());
}

/// The last place where these bytes stand, changed into others of the same length.
fn last_changed(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).rposition(|held| held == from).unwrap();
    let mut changed = bytes.to_vec();
    changed[at..at + to.len()].copy_from_slice(to);
    changed
}

/// What names the certificate is not signed: some programs write there the same name in another string type.
#[test]
fn the_issuer_may_be_named_in_another_string_type_case_and_spacing_and_not_by_another_name() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    let made = "req -x509 -utf8 -key key.pem -out cert.pem -days 30 -subj /O=AC/CN=Maire -sha256 -set_serial 7";
    assert!(openssl(dir.path(), made));
    let cms = sign(dir.path(), "-md sha256");
    // Of the tag, the length and the text: the last is the one in the SignerInfo, before which the certificate has its own.
    let named: &[u8] = &[0x0c, 5, b'M', b'a', b'i', b'r', b'e'];
    let verify = "cms -verify -binary -inform DER -in changed -CAfile cert.pem -purpose any -out out -content doc";
    let said = |to: &[u8]| {
        let changed = last_changed(&cms, named, to);
        fs::write(dir.path().join("changed"), &changed).unwrap();
        (integrity(&changed, DOCUMENT), openssl(dir.path(), verify))
    };
    for same in [b"\x13\x05Maire", b"\x0c\x05MAIRE", b"\x16\x05mAIRE", b"\x14\x05Maire"] {
        assert_eq!(said(same), (Ok(()), true), "{same:?}");
    }
    for other in [b"\x0c\x05Mairf", b"\x0c\x05Mai e", b"\x04\x05Maire", b"\x03\x05Maire"] {
        assert_eq!(said(other), (Err("no-certificate"), false), "{other:?}");
    }
    // Another attribute of the same text: organisation instead of common name.
    let changed = last_changed(&cms, &[3, 0x55, 4, 3, 0x0c, 5], &[3, 0x55, 4, 10, 0x0c, 5]);
    assert_eq!(integrity(&changed, DOCUMENT), Err("no-certificate"));
}

#[test]
fn a_certificate_of_a_server_or_without_signature_is_told_as_not_made_for_documents() {
    let Some(dir) = desk(KEYS[0].0) else { return };
    for (extension, expected) in [
        ("", None),
        ("-addext extendedKeyUsage=serverAuth", Some("serverAuth")),
        ("-addext extendedKeyUsage=serverAuth,clientAuth", Some("serverAuth")),
        ("-addext extendedKeyUsage=codeSigning,timeStamping", Some("codeSigning, timeStamping")),
        ("-addext extendedKeyUsage=serverAuth,emailProtection", None),
        ("-addext extendedKeyUsage=serverAuth,1.3.6.1.5.5.7.3.36", None),
        ("-addext extendedKeyUsage=serverAuth,anyExtendedKeyUsage", None),
        ("-addext extendedKeyUsage=clientAuth", None),
        ("-addext keyUsage=nonRepudiation", None),
        ("-addext keyUsage=keyEncipherment", Some("keyUsage: keyEncipherment")),
        ("-addext keyUsage=keyCertSign,cRLSign", Some("keyUsage: keyCertSign, cRLSign")),
    ] {
        let made = format!("req -x509 -key key.pem -out cert.pem -days 30 -subj /CN=Signataire -sha256 {extension}");
        assert!(openssl(dir.path(), &made), "{made}");
        let found = judged(&sign(dir.path(), "-md sha256"), DOCUMENT).remove(0);
        assert_eq!(found.integrity, Ok(()), "{extension}");
        let told = found.unsuited.as_deref();
        assert_eq!(told, expected, "{extension}");
    }
}
