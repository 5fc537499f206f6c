//! What is deposited: ACTES, PES, SEDA, essential data, archives, descriptions. Whatever the bytes, they are read to an end, twice alike; what is
//! found has its sentences, and of what is refused nothing is handed over.

use std::io::{self, Cursor, Read};

use flow::{Classification, Declared, Flow, Incoming, Language, Limits, MemberSink, NoJudge, Outcome, explain};

use super::Target;
use crate::bugs::planted;
use crate::samples::{
    Accounting, Envelope, Exchange, MESSAGES, Procurement, Transfer, VERSIONS, document, first_document,
    procurement_xml, tar_gz, zipped,
};

pub const ACTES: Target = Target {
    name: "flow-actes",
    max_len: 1 << 13,
    check: actes,
    seeds: |_| {
        let mut seeds: Vec<Vec<u8>> = MESSAGES.iter().map(|(code, _, _)| Exchange::new(1, code).message()).collect();
        seeds.push(Exchange::new(1, "1-2").envelope());
        seeds.push(Exchange::new(1, "1-1").in_utf8().envelope());
        seeds
    },
    words: &[
        "actes:",
        "IDActe=\"",
        "CodeMatiere1",
        "DateClassification",
        "<!--",
        "<![CDATA[",
        "&#233;",
        "ISO-8859-1",
        "UTF-8",
    ],
};

pub const PES: Target = Target {
    name: "flow-pes",
    max_len: 1 << 13,
    check: pes,
    seeds: |_| {
        let sample = Accounting::new(3);
        vec![sample.sent(), sample.acknowledged(true), sample.acknowledged(false)]
    },
    words: &["<Bordereau Id=\"", "NomFic V=\"", "EtatAck V=\"0\"", "MtBordHT V=\"", "<Erreur>", "<PJ>", "retour/v2"],
};

pub const SEDA: Target = Target {
    name: "flow-seda",
    max_len: 1 << 13,
    check: seda,
    seeds: |_| VERSIONS.iter().map(|version| Transfer::new(version, 2, 1, 4).bordereau()).collect(),
    words: &[
        "<ArchiveUnit id=\"",
        "ArchiveUnitRefId>",
        "DataObjectGroupReferenceId>",
        "MessageDigest",
        "SHA-512",
        "<Rule>",
        "seda:v2.1",
    ],
};

pub const DECP: Target = Target {
    name: "flow-decp",
    max_len: 1 << 13,
    check: decp,
    seeds: |_| {
        let sample = Procurement::new(2);
        let (contract, concession) = (sample.modified(&[(1, 2.5)]), sample.concession());
        let json = [document(&[contract.clone()], &[concession.clone()]), first_document(&[sample.first_edition(1)])];
        let mut seeds: Vec<Vec<u8>> = json.iter().map(|json| json.to_string().into_bytes()).collect();
        seeds.push(procurement_xml(&[contract], &[concession]).into_bytes());
        seeds
    },
    words: &["\"acheteur\"", "\"modifications\"", "\"marches\"", "null", "1e9", "\\ud800", "<marche>", "<titulaires>"],
};

pub const TAR: Target = Target {
    name: "flow-tar",
    max_len: 1 << 14,
    check: tar,
    seeds: |_| {
        let transfer = Transfer::new("2.1", 1, 1, 4);
        let (bordereau, mut bytes) = (transfer.bordereau(), Vec::new());
        transfer.archive(&bordereau).read_to_end(&mut bytes).unwrap();
        vec![inflated(&tar_gz(&Envelope::new(1).members())), bytes]
    },
    words: &["ustar\0", "../", "PaxHeader", "path=", "size=", "././@LongLink", "\0\0\0\0"],
};

pub const ZIP: Target = Target {
    name: "flow-zip",
    max_len: 1 << 13,
    check: zip,
    seeds: |_| {
        let transfer = Transfer::new("2.2", 1, 1, 4).bordereau();
        let act = Exchange::new(1, "6-1").members();
        vec![zipped(&act), zipped(&[("manifest.xml", &transfer[..]), ("Content/O0.bin", b"TTTT")])]
    },
    words: &["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "../", "manifest.xml"],
};

pub const DESCRIPTION: Target = Target {
    name: "flow-description",
    max_len: 1 << 12,
    check: description,
    seeds: |_| {
        let told = [
            r#"{"titre":"Plan local d'urbanisme","annee":2026,"sections":[{"nom":"é","pages":[1,2]}],"clos":null}"#,
            r#"{"version":1,"reference":"PUB-1","type":"publication","date":"2031-01-31","acte":"034-243499019-20190523-1-CC","fichiers":[{"fichier":"piece.pdf","role":"preuve"}]}"#,
            r#"{"version":1,"numero":"2026-1","demarche":"état civil","etape":"demande","date":"2026-01-31","fichiers":[{"fichier":"piece.pdf"}]}"#,
        ];
        told.iter().map(|text| text.as_bytes().to_vec()).collect()
    },
    words: &[
        "\"version\":1",
        "\"fichiers\":[",
        "\"acte\":\"",
        "\\u00e9",
        "\\ud800",
        "9007199254740992",
        "-0",
        "1e3",
        "null",
    ],
};

/// The bytes of a `.tar.gz`, inflated: the search would spend its time on gzip else.
fn inflated(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Counts what is handed over.
#[derive(Default)]
struct Kept(usize);

impl MemberSink for Kept {
    fn begin(&mut self, _parent: usize, _name: &[u8], _declared_size: u64) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }
    fn write(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The limits of deposits, smaller: they are reached by what a search can try.
fn limits() -> Limits {
    Limits { inflated_bytes: 1 << 20, members: 20, xml_bytes: 1 << 16, xml_depth: 32, ..Limits::default() }
}

fn once(name: &str, bytes: &[u8], declared: Declared, description: Option<&[u8]>) -> (Flow, usize) {
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let size = bytes.len() as u64;
    let mut files = [Incoming { name: name.as_bytes(), media_type: None, size, open: &mut open }];
    let mut kept = Kept::default();
    let flow = flow::read(&mut files, declared, description, &mut kept, (&limits(), &NoJudge));
    (flow, kept.0)
}

/// What holds of any reading.
fn read(name: &str, bytes: &[u8], declared: Declared, description: Option<&[u8]>) -> Flow {
    let (flow, kept) = once(name, bytes, declared, description);
    let (again, _) = once(name, bytes, declared, description);
    let said = explain::to_json(&flow, Language::Fr);
    assert_eq!(said, explain::to_json(&again, Language::Fr), "read twice, read alike");
    for finding in &flow.findings {
        for text in [&finding.message_fr, &finding.message_en, &finding.remedy_fr, &finding.remedy_en] {
            assert!(text.ends_with('.') && !text.chars().any(char::is_control), "{finding:?}");
        }
    }
    if flow.outcome().is_accepted() {
        assert_eq!(flow.files.len(), 1 + kept, "one line for each file");
    }
    assert!(flow.outcome() != Outcome::Refused || kept == 0, "members of a refused deposit");
    // What an entry holds is at most a mebibyte: facts and findings must leave room.
    assert!(said.to_string().len() < 900 << 10, "more than a record holds");
    flow
}

fn said<'f>(flow: &'f Flow, name: &str) -> &'f str {
    flow.facts.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}

fn actes(data: &[u8]) {
    let name = Exchange::new(1, "1-1").name();
    let mut flow = read(&name, data, Declared::Auto, None);
    if let Some(known) = Classification::read("x.xml", data, &limits()) {
        assert_eq!(known.date().len(), 10);
        flow.classify(&known, "entry", &limits());
    }
    planted(|| said(&flow, "message") == "6-2" && said(&flow, "date_annulation").starts_with('9'));
}

fn pes(data: &[u8]) {
    let flow = read("flux.xml", data, Declared::Pes, None);
    planted(|| said(&flow, "etat") == "accepte" && flow.facts.get("elements").is_some_and(|count| *count == 3));
}

fn seda(data: &[u8]) {
    let flow = read("manifest.xml", data, Declared::Seda, None);
    let _ = flow::seda::reply::replies(&flow, "2026-11-30T10:00:00Z");
    planted(|| flow.findings.iter().any(|finding| finding.code == "seda-id-twice"));
}

fn decp(data: &[u8]) {
    let name = if data.starts_with(b"<") { "decp.xml" } else { "decp.json" };
    let flow = read(name, data, Declared::Marches, None);
    let _ = flow::essential_contracts(name, data, &limits(), &mut |_| {});
    planted(|| flow.findings.iter().any(|finding| finding.code == "decp-twice"));
}

fn tar(data: &[u8]) {
    for declared in [Declared::Auto, Declared::Seda] {
        let flow = read("envoi.tar", data, declared, None);
        planted(|| flow.findings.iter().any(|finding| finding.code == "member-name-unsafe"));
    }
}

fn zip(data: &[u8]) {
    for declared in [Declared::Auto, Declared::Seda] {
        let flow = read("envoi.zip", data, declared, None);
        planted(|| flow.findings.iter().any(|finding| finding.code == "member-name-unsafe"));
    }
}

fn description(data: &[u8]) {
    for declared in [Declared::File, Declared::Dossier, Declared::Teleservice] {
        let flow = read("piece.pdf", b"%PDF-1.4", declared, Some(data));
        planted(|| flow.findings.iter().any(|finding| finding.code == "description-duplicate-key"));
    }
}
