//! Sheets for people: PDF/A-3, the same each time, the proof in them whole; another tenant's are not to be had.

use crate::house::House;
use verifier::Overall;

/// The ZIP within these bytes, from its first member to the end of its directory.
pub fn zip_in(pdf: &[u8]) -> &[u8] {
    let find =
        |from: usize, bytes: &[u8]| pdf[from..].windows(bytes.len()).position(|held| held == bytes).map(|at| from + at);
    let first = find(0, b"PK\x03\x04").unwrap();
    let end = find(first, b"PK\x05\x06").unwrap();
    &pdf[first..end + 22]
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|held| held == text.as_bytes())
}

fn assert_pdf_a3(pdf: &[u8]) {
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"));
    assert!(has(pdf, "<pdfaid:part>3</pdfaid:part>") && has(pdf, "<pdfaid:conformance>A</pdfaid:conformance>"));
    assert!(has(pdf, "/Lang(fr-FR)") || has(pdf, "/Lang (fr-FR)"));
}

#[test]
fn a_deposit_is_attested_with_its_proof_inside_the_same_each_time() {
    let house = House::new();
    let ((_, client), (_, other)) = (house.tenant(0), house.tenant(1));
    let body = client.deposit("délibération.txt", b"a", &[]).expect(201).json();
    let id = body["id"].as_str().unwrap();
    let path = format!("/v1/deposits/{id}/attestation");
    let before = client.get(&path).expect(200);
    assert_eq!(before.header("content-type"), "application/pdf");
    assert!(before.header("content-disposition").contains(&format!("attestation-depot-{id}.pdf")));
    assert_pdf_a3(&before.bytes);
    assert_eq!(house.judge(zip_in(&before.bytes)).verdict, Overall::PassedLogOnly);
    client.post("/v1/seals", "").expect(200);
    let sealed = client.get(&path).expect(200).bytes;
    assert_pdf_a3(&sealed);
    assert_eq!(house.judge(zip_in(&sealed)).verdict, Overall::PassedTimestamped);
    assert_eq!(client.get(&path).expect(200).bytes, sealed);
    // Whoever changes the proof in the sheet gets a proof that does not hold.
    let mut altered = zip_in(&sealed).to_vec();
    let at = altered.windows(7).position(|held| held == b"\"salt\":").unwrap();
    altered[at + 10] ^= 1;
    assert!(!matches!(house.judge(&altered).verdict, Overall::PassedTimestamped | Overall::PassedLogOnly));
    other.get(&path).expect(404);
    assert_eq!(client.get(&format!("{path}?of=autre")).expect(400).code(), "parameter-unreadable");
}

#[test]
fn that_a_deposit_is_whole_is_found_anew_each_time_and_never_said_of_one_that_is_not() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let path = format!("/v1/deposits/{}/attestation?of=integrite", body["id"].as_str().unwrap());
    let whole = client.get(&path).expect(200);
    assert!(whole.header("content-disposition").contains("attestation-integrite-"));
    assert_pdf_a3(&whole.bytes);
    assert_eq!(house.judge(zip_in(&whole.bytes)).verdict, Overall::PassedTimestamped);
    // By the policy as it is published, dates of algorithms included.
    let said = text_of(&whole.bytes);
    assert!(said.is_none_or(|text| !text.contains("ne date aucun algorithme") && text.contains("ESSAI")));
    // A byte of the stored document is turned over under the running house.
    let segments = house.data().join("store/segments");
    for entry in std::fs::read_dir(segments).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        (0..bytes.len() / 512).for_each(|sector| bytes[sector * 512 + 300] ^= 1);
        std::fs::write(path, bytes).unwrap();
    }
    assert_eq!(client.get(&path).status, 500);
}

#[test]
fn a_pack_brings_its_attestation_unless_told_otherwise_and_is_judged_alike() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let evidence = body["links"]["evidence"].as_str().unwrap();
    let with = client.get(evidence).expect(200).bytes;
    let without = client.get(&format!("{evidence}?attestation=none")).expect(200).bytes;
    let member = "META-INF/tabellion/attestation.pdf";
    assert!(has(&with, member) && !has(&without, member));
    assert_eq!(client.get(&format!("{evidence}?attestation=pdf")).expect(200).bytes, with);
    for pack in [&with, &without] {
        assert_eq!(house.judge(pack).verdict, Overall::PassedTimestamped);
    }
    assert_eq!(client.get(&format!("{evidence}?attestation=docx")).expect(400).code(), "parameter-unreadable");
}

/// What people read on it, on one line, by poppler; nothing where it is not installed, and that is said.
pub fn text_of(pdf: &[u8]) -> Option<String> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("sheet.pdf");
    std::fs::write(&file, pdf).unwrap();
    match std::process::Command::new("pdftotext").arg(&file).arg("-").output() {
        Err(_) => {
            println!("skipped: poppler-utils are not installed, nobody reads the sheet");
            None
        }
        Ok(read) => {
            assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
            let text = String::from_utf8(read.stdout).unwrap();
            // A digest is cut where its line ends.
            Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn the_sheet_of_a_pack_that_withholds_files_describes_none_of_them_and_says_so() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let files: [(&str, &[u8]); 3] = [("un.txt", b"un"), ("deux.txt", b"deux"), ("trois.txt", b"trois")];
    let body = client.deposit_form("/v1/deposits?kind=file", &files, None).expect(201).json();
    let sheet = |query: &str| {
        let pack = client.get(&format!("{}{query}", body["links"]["evidence"].as_str().unwrap())).expect(200).bytes;
        text_of(&seal::Container::parse(&pack).unwrap().read("META-INF/tabellion/attestation.pdf").unwrap())
    };
    let Some(whole) = sheet("") else { return };
    let some = sheet("?files=1,3").unwrap();
    assert!(whole.contains("Les 3 fichiers") && files.iter().all(|(name, _)| whole.contains(name)), "{whole}");
    assert!(some.contains("Les fichiers montrés (2 sur 3)") && some.contains("(n° 2)"), "{some}");
    assert!(some.contains("un.txt") && some.contains("trois.txt") && !some.contains("deux.txt"), "{some}");
    let head = |bytes: &[u8]| proof::sha256(bytes).to_string()[..24].to_owned();
    assert!(whole.contains(&head(b"deux")) && some.contains(&head(b"un")) && !some.contains(&head(b"deux")), "{some}");
}
