//! Flows in archives, whole, damaged, called otherwise; long ones; signatures in deposits that a manifest tells.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use flow::{Declared, Flow, Incoming, Limits, NoMembers, SignatureOutcome, SignatureSaid, Why};
use serde_json::json;

use crate::bench::{Kept, codes, read, read_into};
use crate::pes::{BASE, NAME};
use crate::stored::zipped;

const ENVELOPE: &str = "<a:EnveloppeCLMISILL xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\">\
<a:Emetteur><a:IDCL a:SIREN=\"243499019\" a:Departement=\"034\"/></a:Emetteur></a:EnveloppeCLMISILL>";

fn sent(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- un flux -->\n<n:PES_Aller xmlns:n=\"{BASE}/aller\"><Enveloppe><Parametres><Version V=\"2\"/>\
<TypFic V=\"PESALR2\"/><NomFic V=\"{NAME}\"/></Parametres></Enveloppe><EnTetePES><IdColl V=\"21990001500017\"/></EnTetePES>{inside}</n:PES_Aller>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn tarred(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    builder.append_data(&mut header, name, bytes).unwrap();
    gzip(&builder.into_inner().unwrap())
}

#[test]
fn a_pes_in_an_archive_is_read_and_its_member_kept() {
    let flux = sent("");
    let packed = gzip(flux.as_bytes());
    let named = format!("{NAME}.gz");
    for (name, bytes, member) in [
        ("envoi.zip", zipped(&[("note.pdf", b"%PDF-1.4".as_slice()), (NAME, flux.as_bytes())]), NAME),
        ("envoi.tar.gz", tarred(NAME, flux.as_bytes()), NAME),
        (named.as_str(), packed.clone(), NAME),
        ("envoi", packed, "flux.xml"),
    ] {
        for declared in [Declared::Auto, Declared::Pes] {
            let mut kept = Kept::default();
            let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), &bytes)];
            let flow = read_into(&files, declared, None, &Limits::default(), &mut kept);
            assert!(flow.outcome().is_accepted() && flow.kind.as_str() == "pes", "{name}: {:?}", codes(&flow));
            assert_eq!((&flow.facts["nom_fic"], flow.files[0].role), (&json!(NAME), "archive"), "{name}");
            let last = kept.0.last().unwrap();
            assert_eq!((last.1.as_slice(), last.2.as_slice()), (member.as_bytes(), flux.as_bytes()), "{name}");
        }
    }
    // A document of an office holds XML too, and stays closed; so does any other gzip.
    for (name, bytes) in [
        ("note.docx", zipped(&[("[Content_Types].xml", b"<a/>".as_slice()), ("a.xml", flux.as_bytes())])),
        ("table.csv.gz", gzip(b"a;b")),
    ] {
        let files: [(&[u8], &[u8]); 1] = [(name.as_bytes(), &bytes)];
        let flow = read_into(&files, Declared::Auto, Some(b"{}"), &Limits::default(), &mut Kept::default());
        assert_eq!((flow.kind.as_str(), flow.outcome().is_accepted()), ("file", true), "{name}");
    }
}

#[test]
fn what_a_gzip_holds_is_bounded_like_an_archive() {
    let flux = sent(&" ".repeat(2 << 20));
    let bytes = gzip(flux.as_bytes());
    let files: [(&[u8], &[u8]); 1] = [(b"flux.xml.gz", &bytes)];
    let of = |limits: &Limits| codes(&read_into(&files, Declared::Pes, None, limits, &mut Kept::default()));
    assert_eq!(of(&Limits::default()), ["container-bomb"]);
    let size = flux.len() as u64;
    let loose = Limits { inflated_ratio: 10_000, ..Limits::default() };
    assert!(!of(&Limits { inflated_bytes: size, ..loose.clone() }).contains(&"container-too-large"));
    assert_eq!(of(&Limits { inflated_bytes: size - 1, ..loose }), ["container-too-large"]);
    let bytes = gzip(sent("").as_bytes());
    assert_eq!(codes(&read(&[("flux.xml.gz", &bytes[..bytes.len() - 9])], Declared::Pes)), ["container-damaged"]);
    let mut other = bytes.clone();
    let at = other.len() - 8;
    other[at] ^= 1;
    assert_eq!(codes(&read(&[("flux.xml.gz", &other)], Declared::Pes)), ["container-damaged"]);
    // Two streams are one file, which then has two roots.
    assert_eq!(codes(&read(&[("flux.xml.gz", &[&bytes[..], &bytes].concat())], Declared::Pes)), ["xml-malformed"]);
    assert_eq!(codes(&read(&[("flux.xml.gz", &[&bytes[..], b"x"].concat())], Declared::Pes)), ["container-trailing"]);
}

#[test]
fn a_pes_longer_than_other_xml_is_read_up_to_a_limit_of_its_own() {
    let content = "QUJD".repeat(5 << 20);
    let held = format!(
        "<PES_PJ><PJ><Contenu><Fichier MIMEType=\"text/plain\">{content}</Fichier></Contenu><IdUnique V=\"1\"/><NomPJ V=\"f.txt\"/></PJ></PES_PJ>"
    );
    let flux = sent(&held);
    assert!(flux.len() as u64 > flow::limits::MAX_XML_BYTES);
    let flow = read(&[(NAME, flux.as_bytes())], Declared::Pes);
    assert!(flow.outcome().is_accepted(), "{:?}", codes(&flow));
    assert_eq!((&flow.facts["nom_fic"], &flow.facts["nombre_pieces_jointes"]), (&json!(NAME), &json!(1)));

    let flux = sent("");
    let size = flux.len() as u64;
    let within = |declared, pes, total, count: usize| {
        let limits = Limits { xml_bytes: 100, pes_bytes: pes, pes_total_bytes: total, ..Limits::default() };
        let files: [(&[u8], &[u8]); 2] = [(NAME.as_bytes(), flux.as_bytes()), (b"2.xml", flux.as_bytes())];
        let flow = read_into(&files[..count], declared, Some(b"{}"), &limits, &mut Kept::default());
        let about = ["pes-too-large", "not-pes", "pes-not-read", "xml-not-read"];
        codes(&flow).into_iter().filter(|code| about.contains(code)).collect::<Vec<_>>()
    };
    assert_eq!(within(Declared::Pes, size, 10 * size, 1), [""; 0]);
    assert_eq!(within(Declared::Pes, size - 1, 10 * size, 1), ["pes-too-large"]);
    assert_eq!(within(Declared::Auto, size - 1, 10 * size, 1), ["pes-not-read"]);
    assert_eq!(within(Declared::Pes, size, 2 * size, 2), [""; 0]);
    assert_eq!(within(Declared::Pes, size, 2 * size - 1, 2), ["pes-not-read"], "of two, one is read");
    let nodes = Limits { xml_bytes: 100, xml_nodes: 5, pes_nodes: 5, ..Limits::default() };
    let files: [(&[u8], &[u8]); 1] = [(NAME.as_bytes(), flux.as_bytes())];
    let of = |limits: &Limits| codes(&read_into(&files, Declared::Pes, None, limits, &mut Kept::default()));
    let refused = of(&nodes);
    assert!(refused.contains(&"xml-limit") && !refused.contains(&"not-pes"), "{refused:?}");
    assert!(!of(&Limits { pes_nodes: 100, ..nodes }).contains(&"xml-limit"));
}

#[test]
fn a_damaged_archive_declared_as_a_flow_is_said_to_be_damaged_and_where() {
    let envelope = "EACT--243499019--20190523-1.xml";
    let whole = zipped(&[(envelope, ENVELOPE.as_bytes()), ("p.pdf", b"%PDF-1.4".as_slice())]);
    let mut headless = whole.clone();
    headless[..4].fill(0);
    let mut inside = whole.clone();
    let at = inside.windows(4).position(|four| four == b"%PDF").unwrap();
    inside[at + 5] ^= 1;
    let tar = tarred(envelope, ENVELOPE.as_bytes());
    let mut garbled = tar.clone();
    // A block of a kind that there is not.
    garbled[10] = 0x07;
    for (name, bytes, word) in [
        ("envoi.zip", whole[..whole.len() - 10].to_vec(), "le répertoire qui termine un zip n'y est pas"),
        ("envoi.zip", headless[..headless.len() - 10].to_vec(), "ses premiers octets ne sont pas ceux"),
        ("envoi.zip", inside, "la somme de contrôle n'est pas celle qui est annoncée"),
        ("SIC-EACT--243499019--20190523-1.tar.gz", tar[..tar.len() / 2].to_vec(), "elle s'arrête avant sa fin"),
        ("SIC-EACT--243499019--20190523-1.tar.gz", garbled, "les octets compressés ne se décompressent pas"),
        ("SIC-EACT--243499019--20190523-1.tar.gz", b"\0\0 une page".to_vec(), "ses premiers octets ne sont pas ceux"),
    ] {
        let flow = read(&[(name, &bytes)], Declared::Actes);
        let refused: Vec<_> = flow.findings.iter().filter(|one| one.code == "container-damaged").collect();
        let [one] = refused[..] else { panic!("{name}: {:?}", codes(&flow)) };
        assert!(!codes(&flow).contains(&"not-actes"), "{name}");
        assert_eq!((one.code, one.place.split(':').next()), ("container-damaged", Some(name)));
        assert!(one.message_fr.contains(word) && one.message_fr.contains("(détail technique : "), "{}", one.message_fr);
        assert_eq!(flow::in_english(one.code, &one.message_fr).as_deref(), Some(one.message_en.as_str()));
        assert!(one.message_en.contains("(technical detail: "), "{}", one.message_en);
    }
    // A whole one that holds no flow is none; a damaged one beside a flow is a piece like others.
    let other = zipped(&[("p.pdf", b"%PDF-1.4".as_slice())]);
    assert_eq!(codes(&read(&[("envoi.zip", &other)], Declared::Actes)), ["not-actes"]);
    let beside = read(&[(envelope, ENVELOPE.as_bytes()), ("plans.zip", &other[..30])], Declared::Actes);
    assert!(beside.outcome().is_accepted(), "{:?}", codes(&beside));
}

#[test]
fn an_envelope_in_lower_case_is_read_in_a_zip_and_remarked() {
    for name in ["eact--243499019--20190523-1.xml", "fr-EACT--243499019--20190523-1.xml"] {
        let bytes = zipped(&[(name, ENVELOPE.as_bytes())]);
        let flow = read(&[("envoi.zip", &bytes)], Declared::Auto);
        assert_eq!((flow.kind.as_str(), flow.outcome().is_accepted()), ("actes", true), "{:?}", codes(&flow));
        assert!(codes(&flow).contains(&"actes-name-written"), "{:?}", codes(&flow));
        assert_eq!(flow.facts["enveloppe"]["reference"], "EACT--243499019--20190523-1");
    }
    let act = "034-243499019-20190523-86351-cc-6-2_0.xml";
    let xml = "<a:ARAnnulation xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"/>";
    let flow = read(&[(act, xml.as_bytes())], Declared::Auto);
    assert_eq!(flow.facts["id_acte"], "034-243499019-20190523-86351-CC");
    assert!(codes(&flow).contains(&"actes-name-written") && !codes(&flow).contains(&"actes-nature-unknown"));
}

#[test]
fn a_cancellation_that_names_no_act_is_said_to_cancel_none() {
    let of = |name: &str, id: &str| {
        let xml =
            format!("<a:ARAnnulation xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" a:IDActe=\"{id}\"/>");
        let flow = read(&[(name, xml.as_bytes())], Declared::Actes);
        let said = codes(&flow).contains(&"actes-cancels-nothing");
        (said, flow.identifiers.into_iter().map(|one| one.value).collect::<Vec<_>>())
    };
    assert!(of("044-243499019----6-2_1.xml", "faux").0);
    // By its name, by what its IDActe was meant for, and by both it is found.
    let (id, other) = ("034-243499019-20190523-1-CC".to_owned(), "034-243499019-20190523-2-CC".to_owned());
    let (said, names) = of(&format!("{other}-6-2_1.xml"), "34-243499019-2019-05-23-1-cc");
    assert!(!said && names.contains(&id) && names.contains(&other) && names.contains(&"243499019/1".to_owned()));
}

#[test]
fn an_element_accepted_that_gives_errors_is_remarked() {
    let of = |state: &str, inside: &str| {
        let xml = format!(
            "<n:PES_ACQUIT xmlns:n=\"{BASE}/retour/v2\"><Enveloppe><Parametres><TypFic V=\"PESALR2\"/><NomFic V=\"{NAME}\"/></Parametres></Enveloppe>\
<EnTetePES><IdColl V=\"21990001500017\"/></EnTetePES><ACQUIT><ElementACQUIT><EtatAck V=\"{state}\"/>{inside}</ElementACQUIT></ACQUIT></n:PES_ACQUIT>"
        );
        codes(&read(&[("a.xml", xml.as_bytes())], Declared::Pes)).contains(&"pes-ack-accepted-with-errors")
    };
    let error = "<Erreur><NumAnoAck V=\"12\"/><LibelleAnoAck V=\"Tiers\"/></Erreur>";
    assert_eq!((of("1", error), of("1", ""), of("0", error)), (true, false, false));
}

/// A signature is a byte and then what it signs.
struct ByContent;

fn said(holds: bool) -> SignatureSaid {
    SignatureSaid {
        place: String::new(),
        covers: Vec::new(),
        beside: Vec::new(),
        outcome: if holds { SignatureOutcome::Holds } else { SignatureOutcome::Broken },
        why: (!holds).then(|| ("altered", String::new())),
        signer: None,
        signing_time: None,
        weak: Vec::new(),
        added: 0,
    }
}

impl flow::SignatureJudge for ByContent {
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, Why> {
        let covers = if xml.contains("partie") { "/a/w[1]/a[1]" } else { "/a" };
        Ok(vec![SignatureSaid { covers: vec![covers.to_owned()], ..said(true) }])
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        Ok(vec![said(true)])
    }
    fn judge_cms(&self, cms: &[u8], document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why> {
        let Some(document) = document else {
            let nothing = SignatureSaid { why: Some(("nothing-signed", String::new())), ..said(false) };
            return Ok(vec![nothing]);
        };
        let mut bytes = Vec::new();
        document.read_to_end(&mut bytes).map_err(|_| ("document-unreadable", String::new()))?;
        Ok(vec![said(cms[1..] == bytes)])
    }
}

fn judged(declared: Declared, manifest: Option<&str>, files: &[(&str, &[u8])]) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| move || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.to_vec()))) })
        .collect();
    let mut incoming: Vec<Incoming<'_>> = Vec::new();
    for ((name, bytes), open) in files.iter().zip(opens.iter_mut()) {
        incoming.push(Incoming { name: name.as_bytes(), media_type: None, size: bytes.len() as u64, open });
    }
    let how = (&Limits::default(), &ByContent as &dyn flow::SignatureJudge);
    flow::read(&mut incoming, declared, manifest.map(str::as_bytes), &mut NoMembers, how)
}

const SIGNED_XML: &[u8] = b"<a><s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></a>";
const SIGNED_PDF: &[u8] = b"%PDF-1.4 /ByteRange [0 1 2 3]";

/// Files of a deposit that a manifest tells, with the role of each.
fn manifest(declared: Declared, step: &str, roles: &[(&str, &str)]) -> String {
    let list =
        |called: &str| roles.iter().map(|(file, role)| json!({"fichier": file, called: role})).collect::<Vec<_>>();
    match declared {
        Declared::Marches => json!({"version": 1, "acheteur": "21990001500017", "consultation": "c", "etape": step, "date": "2026-11-30",
            "fichiers": list("role")}),
        Declared::Dossier => json!({"version": 1, "reference": "d", "type": step, "date": "2026-11-30", "fichiers": list("role")}),
        _ => json!({"version": 1, "numero": "n", "demarche": "d", "etape": step, "date": "2026-11-30", "pieces": list("nature")}),
    }
    .to_string()
}

#[test]
fn signatures_of_deposits_told_by_a_manifest_are_judged_each_of_its_document() {
    let files: [(&str, &[u8]); 4] =
        [("a.pdf", SIGNED_PDF), ("b.xml", SIGNED_XML), ("c.doc", b"contenu"), ("c.doc.p7s", b"\x30contenu")];
    let roles = files.map(|(name, _)| (name, "piece"));
    for (declared, step) in
        [(Declared::Dossier, "autre"), (Declared::Teleservice, "demande"), (Declared::Marches, "rapport")]
    {
        let flow = judged(declared, Some(&manifest(declared, step, &roles)), &files);
        assert!(flow.outcome().is_accepted(), "{:?}", codes(&flow));
        assert_eq!(flow.facts["nombre_signatures"], 3, "{declared:?}: {:?}", codes(&flow));
        let told = flow.facts["signatures"].as_array().unwrap();
        let of: Vec<&str> = told.iter().map(|one| one["fichier"].as_str().unwrap()).collect();
        assert_eq!((of, &told[2]["document"]), (vec!["a.pdf", "b.xml", "c.doc.p7s"], &json!("c.doc")));
        assert!(flow.findings.iter().filter(|one| one.code == "signature-holds").all(|one| !one.place.is_empty()));
    }
    let other: [(&str, &[u8]); 2] = [("c.doc", b"autre"), ("c.doc.p7s", b"\x30contenu")];
    let told = manifest(Declared::Dossier, "autre", &[("c.doc", "x"), ("c.doc.p7s", "y")]);
    assert!(codes(&judged(Declared::Dossier, Some(&told), &other)).contains(&"signature-broken"));
}

#[test]
fn a_bid_stays_closed_and_so_does_what_is_encrypted() {
    let enveloped = b"\x30\x20\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x00";
    let files: [(&str, &[u8]); 4] =
        [("pli.pdf", SIGNED_PDF), ("pli.pdf.p7s", b"\x30x"), ("secret.p7m", enveloped), ("avis.pdf", SIGNED_PDF)];
    let roles = [("pli.pdf", "pli"), ("pli.pdf.p7s", "signature"), ("secret.p7m", "piece"), ("avis.pdf", "avis")];
    let of = |step: &str| judged(Declared::Marches, Some(&manifest(Declared::Marches, step, &roles)), &files);
    let flow = of("rapport");
    assert_eq!(
        (&flow.facts["nombre_signatures"], &flow.facts["signatures"][0]["fichier"]),
        (&json!(1), &json!("avis.pdf"))
    );
    let why: Vec<_> = flow.findings.iter().filter(|one| one.code == "signatures-not-judged").collect();
    assert!(why.len() == 1 && why[0].message_fr.contains("pli, qui reste fermé"), "{why:?}");
    // In the step of bids every file is one.
    assert!(of("plis").facts.get("signatures").is_none());
    assert!(codes(&of("plis")).iter().all(|code| !code.starts_with("signature")));
    // Where no manifest says which are bids, all stay closed.
    assert!(judged(Declared::Marches, None, &files).facts.get("signatures").is_none());
}

#[test]
fn a_signature_that_covers_a_part_of_an_xml_document_is_not_one_of_the_document() {
    let part = SIGNED_XML.iter().copied().chain(*b"<!-- partie -->").collect::<Vec<u8>>();
    let files: [(&str, &[u8]); 2] = [("a.xml", SIGNED_XML), ("b.xml", &part)];
    let told = manifest(Declared::Dossier, "autre", &files.map(|(name, _)| (name, "x")));
    let elsewhere = |flow: &Flow| {
        let of = |one: &&flow::Finding| one.code == "signature-covers-other";
        flow.findings.iter().filter(of).map(|one| one.place.clone()).collect::<Vec<_>>()
    };
    for flow in [judged(Declared::Dossier, Some(&told), &files), judged(Declared::Auto, Some("{}"), &files)] {
        let covers = |place: usize| flow.facts["signatures"][place]["couvre"].clone();
        assert_eq!((covers(0), covers(1)), (json!(["document"]), json!(["/a/w[1]/a[1]"])), "{:?}", codes(&flow));
        assert_eq!(elsewhere(&flow), ["b.xml"]);
    }
}

#[test]
fn a_signature_that_may_be_over_a_bid_is_held_against_no_other_document() {
    let files: [(&str, &[u8]); 3] = [("lot.pdf", b"un"), ("lot.txt", b"deux"), ("lot.p7s", b"\x30un")];
    let roles = [("lot.pdf", "pli"), ("lot.txt", "avis"), ("lot.p7s", "signature")];
    let flow = judged(Declared::Marches, Some(&manifest(Declared::Marches, "rapport", &roles)), &files);
    assert!(codes(&flow).contains(&"signatures-not-judged") && !codes(&flow).contains(&"signature-broken"));
    assert!(flow.facts.get("signatures").is_none());
}

#[test]
fn a_pes_may_have_more_nodes_than_other_xml_before_it_is_longer() {
    let flux = sent("");
    let files: [(&[u8], &[u8]); 1] = [(NAME.as_bytes(), flux.as_bytes())];
    let within = |bytes: usize| {
        let left = Limits { pes_bytes: 0, pes_total_bytes: 0, ..Limits::default() };
        let limits = Limits { xml_bytes: bytes as u64, xml_nodes: 5, pes_nodes: 100, ..left };
        codes(&read_into(&files, Declared::Pes, None, &limits, &mut Kept::default()))
    };
    let (read, refused) = (within(flux.len()), within(2 * flux.len()));
    assert!(!["xml-limit", "pes-too-large", "not-pes"].iter().any(|code| read.contains(code)), "{read:?}");
    assert!(refused.contains(&"xml-limit"), "{refused:?}");
}

#[test]
fn where_two_documents_bear_the_name_of_a_signature_the_digest_tells_which() {
    let of = |signature: &[u8]| {
        let files: [(&str, &[u8]); 3] = [("a.doc", b"un"), ("a.txt", b"deux"), ("a.p7s", signature)];
        let told = manifest(Declared::Dossier, "autre", &files.map(|(name, _)| (name, "x")));
        let flow = judged(Declared::Dossier, Some(&told), &files);
        let said = flow.findings.iter().find(|one| one.code.starts_with("signature-document")).cloned().unwrap();
        (said.code, said.message_fr, flow.facts.get("signatures").map(|all| all[0]["document"].clone()))
    };
    let (code, message, document) = of(b"\x30deux");
    assert_eq!((code, document), ("signature-document-found", Some(json!("a.txt"))));
    assert!(message.contains("(a.doc, a.txt)") && message.contains("« a.txt »"), "{message}");
    let (code, message, document) = of(b"\x30trois");
    assert_eq!((code, document), ("signature-document-unsure", None));
    assert!(message.contains("n'est pas certain") && message.contains("a.doc, a.txt"), "{message}");
    // Outside a manifest too; and a name that says it all is believed.
    let files: [(&str, &[u8]); 3] = [("a.doc", b"un"), ("a.txt", b"deux"), ("a.p7s", b"\x30un")];
    let flow = judged(Declared::Auto, Some("{}"), &files);
    assert_eq!(flow.facts["signatures"][0]["document"], "a.doc", "{:?}", codes(&flow));
    let files: [(&str, &[u8]); 3] = [("a.doc", b"un"), ("a.txt", b"deux"), ("a.txt.p7s", b"\x30un")];
    assert!(codes(&judged(Declared::Auto, Some("{}"), &files)).contains(&"signature-broken"));
}

#[test]
fn what_is_wrong_with_an_xml_document_is_a_sentence_with_its_line() {
    for (xml, word, line) in [
        ("<a>\n<b></a>", "une balise n'est pas fermée", 2),
        ("<a>\n\n<b x='1' x='2'/></a>", "un attribut est mal écrit", 3),
        ("<a>\n<b", "elle s'arrête", 0),
        ("<a>\n&inconnue;</a>", "un appel de caractère ou d'entité", 2),
        ("<a>\n<p:b/></a>", "un préfixe ne renvoie à aucun espace de noms", 2),
        ("<a>\n\u{1}</a>", "un caractère que le XML interdit", 2),
    ] {
        let flow = read(&[("x.xml", xml.as_bytes())], Declared::Auto);
        let one = flow.findings.iter().find(|one| one.code == "xml-malformed").unwrap();
        let (word, shown) = if line == 0 {
            ("il s'arrête avant sa fin", "Ligne : ".to_owned())
        } else {
            (word, format!("Ligne : {line} ("))
        };
        assert!(one.message_fr.contains(word) && one.message_fr.contains(&shown), "{xml}: {}", one.message_fr);
        assert!(one.message_fr.contains("(détail technique : "), "{}", one.message_fr);
        assert_eq!(flow::in_english(one.code, &one.message_fr).as_deref(), Some(one.message_en.as_str()));
    }
}
