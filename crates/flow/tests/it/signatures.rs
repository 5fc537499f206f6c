//! What is looked at for signatures, and what says that it was not: long documents, other encodings, documents beside a signature, the limit of what
//! is read again.

use std::io::{self, Read};

use flow::limits::{MAX_SIGNED_BYTES, MAX_SIGNED_PDF_BYTES, MAX_SIGNED_XML_BYTES};
use flow::{Beside, Declared, Flow, Incoming, Limits, NoMembers, SignatureOutcome, SignatureSaid, Why};
use serde_json::{Value, json};

use crate::bench::codes;

/// Says of a document what it says of itself: `tout` of an XML document whose signature covers it all; of one that names others, `#NOM#` each, that
/// the octets of each are its name; a signature in CMS is a byte and then what it signs.
pub(crate) struct ByWord;

fn said(outcome: SignatureOutcome, why: Option<Why>) -> SignatureSaid {
    SignatureSaid {
        place: "/S".to_owned(),
        covers: Vec::new(),
        beside: Vec::new(),
        outcome,
        why,
        signer: None,
        signing_time: None,
        weak: Vec::new(),
        added: 0,
    }
}

fn holds(held: bool) -> SignatureSaid {
    if held {
        said(SignatureOutcome::Holds, None)
    } else {
        said(SignatureOutcome::Broken, Some(("altered", String::new())))
    }
}

impl flow::SignatureJudge for ByWord {
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, Why> {
        if xml.contains("trop") {
            return Err(("too-much", String::new()));
        }
        if xml.contains("uri=") {
            return Ok(vec![said(SignatureOutcome::Undecided, Some((flow::BESIDE, String::new())))]);
        }
        let covers = if xml.contains("tout") { vec!["/a".to_owned()] } else { Vec::new() };
        Ok(vec![SignatureSaid { covers, ..holds(true) }])
    }
    fn judge_beside(&self, xml: &str, beside: &mut Beside<'_>) -> Result<Vec<SignatureSaid>, Why> {
        let mut one = holds(true);
        for uri in xml.split("uri='").skip(1).map(|after| after.split('\'').next().unwrap()) {
            let mut bytes = Vec::new();
            match beside((uri != "*").then_some(uri), &mut |piece| bytes.extend_from_slice(piece)) {
                Ok(name) if name.as_bytes() == bytes => one.beside.push(name),
                Ok(_) => return Ok(vec![holds(false)]),
                Err(why) => return Ok(vec![said(SignatureOutcome::Undecided, Some(why))]),
            }
        }
        Ok(vec![one])
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        Ok(vec![holds(true)])
    }
    fn judge_cms(&self, cms: &[u8], document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why> {
        if cms == b"\x30personne" {
            return Ok(Vec::new());
        }
        if document.is_none() && cms == b"\x30ailleurs" {
            return Ok(vec![said(SignatureOutcome::Broken, Some(("nothing-signed", String::new())))]);
        }
        let mut bytes = Vec::new();
        let read = document.map(|document| document.read_to_end(&mut bytes));
        read.unwrap_or(Ok(0)).map_err(|_| ("document-unreadable", String::new()))?;
        Ok(vec![holds(cms[1..] == bytes)])
    }
}

pub(crate) fn read(declared: Declared, manifest: Option<&str>, files: &[(&str, &[u8])], limits: &Limits) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| move || -> io::Result<Box<dyn Read + '_>> { Ok(Box::new(io::Cursor::new(*bytes))) })
        .collect();
    let mut incoming: Vec<Incoming<'_>> = Vec::new();
    for ((name, bytes), open) in files.iter().zip(opens.iter_mut()) {
        incoming.push(Incoming { name: name.as_bytes(), media_type: None, size: bytes.len() as u64, open });
    }
    flow::read(&mut incoming, declared, manifest.map(str::as_bytes), &mut NoMembers, (limits, &ByWord))
}

pub(crate) fn manifest(declared: Declared, names: &[&str]) -> String {
    let list = |called: &str| names.iter().map(|name| json!({"fichier": name, called: "piece"})).collect::<Vec<_>>();
    match declared {
        Declared::Marches => json!({"version": 1, "acheteur": "21990001500017", "consultation": "c", "etape": "rapport",
            "date": "2026-11-30", "fichiers": list("role")}),
        Declared::Dossier => json!({"version": 1, "reference": "d", "type": "autre", "date": "2026-11-30", "fichiers": list("role")}),
        _ => json!({"version": 1, "numero": "n", "demarche": "d", "etape": "demande", "date": "2026-11-30", "pieces": list("nature")}),
    }
    .to_string()
}

fn of(declared: Declared, files: &[(&str, &[u8])]) -> Flow {
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    read(declared, Some(&manifest(declared, &names)), files, &Limits::default())
}

/// The codes on signatures, each once, in order.
pub(crate) fn about(flow: &Flow) -> Vec<&'static str> {
    let mut all: Vec<_> = codes(flow).into_iter().filter(|code| code.starts_with("signature")).collect();
    all.dedup();
    all
}

/// So many bytes that begin and end so.
fn long(begin: &[u8], end: &[u8], bytes: u64) -> Vec<u8> {
    let mut all = begin.to_vec();
    all.resize(bytes as usize - end.len(), b' ');
    all.extend_from_slice(end);
    all
}

const SIGNED: &str = "<a><s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\">tout</s:Signature></a>";
const RANGE: &[u8] = b"/ByteRange [0 1 2 3]";
const PROFILES: [Declared; 3] = [Declared::Dossier, Declared::Teleservice, Declared::Marches];

#[test]
fn a_long_document_is_looked_at_or_says_that_it_was_not() {
    for (name, begin, end, most) in [
        ("a.pdf", &b"%PDF-1.7\n"[..], RANGE, MAX_SIGNED_PDF_BYTES),
        ("a.xml", b"<?xml version='1.0'?>", SIGNED.as_bytes(), MAX_SIGNED_XML_BYTES),
        // A namespace written with references is the same.
        (
            "a.xml",
            b"<?xml version='1.0'?>",
            b"<a><s:SignedInfo xmlns:s='http&#58;//www.w3.org/2000/09/xmldsig#'/>tout</a>",
            MAX_SIGNED_XML_BYTES,
        ),
    ] {
        for (bytes, expected) in
            [(MAX_SIGNED_BYTES + 1, "signature-holds"), (most, "signature-holds"), (most + 1, "signatures-not-sought")]
        {
            let flow = of(Declared::Dossier, &[(name, &long(begin, end, bytes))]);
            assert_eq!(about(&flow), [expected], "{name} {bytes}");
        }
        // Without signature there is nothing to say, however long it is.
        assert!(about(&of(Declared::Dossier, &[(name, &long(begin, b"</a>", most + 1))])).is_empty(), "{name}");
    }
    let beyond = long(b"%PDF-1.7\n", RANGE, MAX_SIGNED_PDF_BYTES + 1);
    for declared in PROFILES {
        let flow = of(declared, &[("a.pdf", &beyond)]);
        assert_eq!(about(&flow), ["signatures-not-sought"], "{declared:?}");
        assert_eq!(flow.facts["signatures_non_verifiees"], json!([{"fichier": "a.pdf", "motif": "too-long"}]));
        let one = flow.findings.iter().find(|one| one.code == "signatures-not-sought").unwrap();
        assert!(
            one.message_fr.contains("c'est plus long que ce qui est regardé : 67108865 > 67108864"),
            "{}",
            one.message_fr
        );
        assert_eq!(flow::in_english(one.code, &one.message_fr), Some(one.message_en.clone()));
        let told = flow::explain::to_text(&flow, flow::Language::Fr);
        assert!(told.contains("Signatures non vérifiées :"), "{told}");
        assert!(told.contains("Fichier : a.pdf · Motif : c'est plus long que ce qui est regardé"), "{told}");
    }
    // Where no manifest tells the deposit, too; and a signature that is longer than is held.
    assert_eq!(
        about(&read(Declared::Auto, Some("{}"), &[("a.pdf", &beyond)], &Limits::default())),
        ["signatures-not-sought"]
    );
    let cms = long(b"\x30", b"x", MAX_SIGNED_BYTES + 1);
    for declared in [Declared::Dossier, Declared::Auto] {
        assert_eq!(about(&of(declared, &[("a.p7m", &cms)])), ["signatures-not-sought"]);
    }
}

fn wide(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn xml_in_utf_16_is_judged_and_xml_in_an_encoding_that_is_not_read_says_so() {
    let declared = format!("<?xml version='1.0' encoding='UTF-16'?>{SIGNED}");
    for profile in PROFILES {
        for big in [false, true] {
            for text in [format!("\u{FEFF}{declared}"), declared.clone(), format!("\u{FEFF}{SIGNED}")] {
                let flow = of(profile, &[("a.xml", &wide(&text, big))]);
                assert_eq!(about(&flow), ["signature-holds"], "{text}");
            }
            let lying = wide(&format!("\u{FEFF}{}", declared.replace("UTF-16", "UTF-8")), big);
            assert_eq!(about(&of(profile, &[("a.xml", &lying)])), ["signatures-not-sought"]);
        }
        // UTF-7; Latin letters where UTF-8 is declared; another alphabet altogether.
        for bytes in
            [&b"<?xml version='1.0' encoding='UTF-7'?><a/>"[..], b"<a>SignedInfo\xE9</a>", b"\x4C\x6F\xA7\x94\x93\xFF"]
        {
            assert_eq!(about(&of(profile, &[("a.xml", bytes)])), ["signatures-not-sought"]);
        }
        assert!(about(&of(profile, &[("a.xml", b"<a>\xE9</a>"), ("b.xml", &wide("\u{FEFF}<a/>", false))])).is_empty());
    }
}

#[test]
fn what_is_encrypted_or_signed_by_nobody_or_not_judged_says_so() {
    let enveloped = b"\x30\x20\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x00";
    assert_eq!(about(&of(Declared::Dossier, &[("a.p7m", enveloped)])), ["signatures-encrypted"]);
    for files in [&[("a.p7s", &b"\x30personne"[..])][..], &[("a.doc", b"x"), ("a.doc.p7s", b"\x30personne")]] {
        assert_eq!(about(&of(Declared::Dossier, files)), ["signatures-not-judged"]);
    }
    // A PDF whose beginning is damaged.
    for declared in [Declared::Dossier, Declared::Auto] {
        assert_eq!(about(&of(declared, &[("a.PDF", b"%PPF-1.7 /ByteRange [0 1 2 3]")])), ["signature-holds"]);
    }
    let much = SIGNED.replace("tout", "trop");
    let flow = of(Declared::Dossier, &[("a.xml", much.as_bytes())]);
    assert_eq!(about(&flow), ["signatures-not-judged"]);
    assert_eq!(flow.facts["signatures_non_verifiees"], json!([{"fichier": "a.xml", "motif": "too-much"}]));
}

#[test]
fn a_signature_that_covers_only_itself_is_not_one_of_its_document() {
    let itself = SIGNED.replace("tout", "");
    assert_eq!(about(&of(Declared::Dossier, &[("a.xml", itself.as_bytes())])), ["signature-covers-nothing"]);
    let flow = of(Declared::Dossier, &[("a.xml", itself.as_bytes())]);
    let one = &flow.facts["signatures"][0];
    assert_eq!(
        (&one["integrite"], &one["motif"], &one["couvre"]),
        (&json!("tient"), &json!("covers-nothing"), &json!([]))
    );
    assert!(flow::explain::to_text(&flow, flow::Language::Fr).contains("elle ne couvre que ce qui est en elle"));
    assert_eq!(about(&of(Declared::Dossier, &[("a.xml", SIGNED.as_bytes())])), ["signature-holds"]);
}

/// A signature in XML over what these references name.
fn over(uris: &[&str]) -> String {
    let all: String = uris.iter().map(|uri| format!("<r uri='{uri}'/>")).collect();
    format!("<s:SignedInfo xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\">{all}</s:SignedInfo>")
}

#[test]
fn a_signature_in_xml_beside_its_document_says_which_file_it_covers() {
    for (uris, names, covered, document) in [
        (&["acte.pdf"][..], &["acte.pdf"][..], json!(["acte.pdf"]), json!("acte.pdf")),
        (&["./acte.pdf"], &["acte.pdf"], json!(["acte.pdf"]), json!("acte.pdf")),
        (&["l%27acte%20d%C3%A9.pdf"], &["l'acte dé.pdf"], json!(["l'acte dé.pdf"]), json!("l'acte dé.pdf")),
        // Whatever form its letters have.
        (&["de%CC%81.pdf"], &["dé.pdf"], json!(["dé.pdf"]), json!("dé.pdf")),
        (&["acte.pdf", "annexe.pdf"], &["acte.pdf", "annexe.pdf"], json!(["acte.pdf", "annexe.pdf"]), Value::Null),
        // A reference that names nothing is over the one document that the file is named for.
        (&["*"], &["sig.pdf", "acte.pdf"], json!(["sig.pdf"]), json!("sig.pdf")),
    ] {
        let text = over(uris);
        let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, name.as_bytes())).collect();
        files.push(("sig.xml", text.as_bytes()));
        for declared in PROFILES.into_iter().chain([Declared::Auto]) {
            let flow = of(declared, &files);
            let one = &flow.facts["signatures"][0];
            assert_eq!(
                (about(&flow), &one["couvre"], &one["document"]),
                (vec!["signature-holds"], &covered, &document),
                "{uris:?}"
            );
        }
    }
    let other = of(Declared::Dossier, &[("acte.pdf", b"autre chose"), ("sig.xml", over(&["acte.pdf"]).as_bytes())]);
    assert_eq!((about(&other), &other.facts["signatures"][0]["couvre"]), (vec!["signature-broken"], &json!([])));
}

#[test]
fn a_reference_out_of_the_deposit_or_to_no_certain_file_is_undecided() {
    for (uri, word) in [
        ("autre.pdf", "document-not-beside"),
        ("../acte.pdf", "document-not-beside"),
        ("/acte.pdf", "document-not-beside"),
        ("%2E%2E%2Facte.pdf", "document-not-beside"),
        ("http://example.org/acte.pdf", "document-not-beside"),
        ("file:acte.pdf", "document-not-beside"),
        ("sous/acte.pdf", "document-not-beside"),
        ("sig.xml", "document-not-beside"),
        ("acte.pdf#page=1", "unsupported"),
        ("*", "document-unnamed"),
    ] {
        let text = over(&[uri]);
        let flow = of(Declared::Dossier, &[("acte.pdf", b"acte.pdf"), ("sig.xml", text.as_bytes())]);
        let one = &flow.facts["signatures"][0];
        assert_eq!((about(&flow), &one["motif"]), (vec!["signature-undecided"], &json!(word)), "{uri}");
        assert_eq!(one["couvre"], json!([]), "{uri}");
    }
    // A bid stays closed, whoever names it.
    let manifest = json!({"version": 1, "acheteur": "21990001500017", "consultation": "c", "etape": "rapport", "date": "2026-11-30",
        "fichiers": [{"fichier": "acte.pdf", "role": "pli"}, {"fichier": "sig.xml", "role": "signature"}]});
    for uri in ["acte.pdf", "*"] {
        let text = over(&[uri]);
        let files: [(&str, &[u8]); 2] =
            [("acte.pdf", b"acte.pdf"), (if uri == "*" { "acte.xml" } else { "sig.xml" }, text.as_bytes())];
        let manifest = manifest.to_string().replace("sig.xml", files[1].0);
        let flow = read(Declared::Marches, Some(&manifest), &files, &Limits::default());
        assert_eq!(flow.facts["signatures"][0]["motif"], "sealed", "{uri}: {:?}", codes(&flow));
    }
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn what_stands_before_a_document_in_its_archive_counts_as_read_again() {
    let files: [(&str, &[u8]); 4] =
        [("b.doc", b"avant"), ("a.doc", b"celui"), ("c.doc", b"plus loin"), ("a.doc.p7s", b"\x30celui")];
    for (bytes, expected) in [(10, "signature-holds"), (9, "signatures-not-judged"), (4, "signatures-not-judged")] {
        let limits = Limits { beside_bytes: bytes, ..Limits::default() };
        let flow = read(Declared::Auto, Some("{}"), &[("tout.tar", &tarred(&files))], &limits);
        assert_eq!(about(&flow), [expected], "{bytes}");
    }
}

#[test]
fn in_an_archive_a_reference_leads_from_its_folder_downwards() {
    for (signature, uri, held) in [
        ("a/sig.xml", "acte.pdf", true),
        ("a/sig.xml", "b/acte.pdf", true),
        ("sig.xml", "a/acte.pdf", true),
        ("a/b/sig.xml", "acte.pdf", true),
        ("a/b/sig.xml", "../acte.pdf", false),
        ("sig.xml", "acte.pdf", false),
    ] {
        let text = over(&[uri]);
        let files: [(&str, &[u8]); 3] =
            [("a/acte.pdf", b"a/acte.pdf"), ("a/b/acte.pdf", b"a/b/acte.pdf"), (signature, text.as_bytes())];
        let flow = read(Declared::Auto, Some("{}"), &[("tout.tar", &tarred(&files))], &Limits::default());
        let expected = if held { "tient" } else { "indeterminee" };
        assert_eq!(flow.facts["signatures"][0]["integrite"], expected, "{signature} {uri}: {:?}", codes(&flow));
    }
}

#[test]
fn every_document_of_the_name_is_tried_within_what_may_be_read_again() {
    let names: Vec<String> = (10..30).map(|n| format!("acte.d{n}")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    files.push(("acte.p7s", b"\x30acte.d29"));
    let all: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let within = |bytes: u64| {
        let limits = Limits { beside_bytes: bytes, ..Limits::default() };
        read(Declared::Dossier, Some(&manifest(Declared::Dossier, &all)), &files, &limits)
    };
    let found = within(20 * 8);
    assert_eq!(
        (about(&found), &found.facts["signatures"][0]["document"]),
        (vec!["signature-document-found", "signature-holds"], &json!("acte.d29"))
    );
    let ended = within(20 * 8 - 1);
    assert_eq!(about(&ended), ["signature-search-ended"]);
    let one = ended.findings.iter().find(|one| one.code == "signature-search-ended").unwrap();
    assert!(
        one.message_fr.contains("parmi 19 sur 20") && one.message_fr.contains("(159 octets)"),
        "{}",
        one.message_fr
    );
    // One that is sure of its document, when nothing is left.
    let files: [(&str, &[u8]); 2] = [("a.doc", b"document"), ("a.doc.p7s", b"\x30document")];
    let told = manifest(Declared::Dossier, &["a.doc", "a.doc.p7s"]);
    for (bytes, expected) in [(8, "signature-holds"), (7, "signatures-not-judged")] {
        let limits = Limits { beside_bytes: bytes, ..Limits::default() };
        assert_eq!(about(&read(Declared::Dossier, Some(&told), &files, &limits)), [expected]);
    }
    let text = over(&["a.doc"]);
    let files: [(&str, &[u8]); 2] = [("a.doc", b"a.doc"), ("sig.xml", text.as_bytes())];
    let told = manifest(Declared::Dossier, &["a.doc", "sig.xml"]);
    for (more, expected) in [(5, "signature-holds"), (4, "signature-undecided")] {
        let limits = Limits { beside_bytes: text.len() as u64 + more, ..Limits::default() };
        assert_eq!(about(&read(Declared::Dossier, Some(&told), &files, &limits)), [expected]);
    }
}
