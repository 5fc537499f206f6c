//! PES V2: what an acknowledgement leaves out, what it says of another flow, each piece with its state; the returns it names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flow::{Declared, Flow, Severity};
use serde_json::{Value, json};

use crate::bench::{codes, fixtures, heavy, read};
use crate::pes::{BASE, NAME, acquit, aller, alone, attached, bordereau, element, gzipped, piece};

fn sent(bordereaux: &[u32]) -> String {
    let one = |number: &u32| {
        bordereau(*number, 2, "2.00", &[piece(20, &["1.00"], None), piece(21, &["1.00"], None)].concat())
    };
    aller(NAME, &bordereaux.iter().map(one).collect::<String>(), "")
}

fn with(sent: &str, acks: &[&str]) -> Flow {
    let names: Vec<String> = (0..acks.len()).map(|n| format!("ack{n}.xml")).collect();
    let mut files: Vec<(&str, &[u8])> = vec![(NAME, sent.as_bytes())];
    files.extend(names.iter().zip(acks).map(|(name, ack)| (name.as_str(), ack.as_bytes())));
    read(&files, Declared::Auto)
}

fn said(flow: &Flow, code: &str) -> Vec<String> {
    flow.findings.iter().filter(|finding| finding.code == code).map(|finding| finding.message_fr.clone()).collect()
}

fn of(number: u32, state: &str) -> String {
    element(5, state, &format!("<NumBord V=\"{number}\"/><ExerciceBord V=\"2026\"/>"))
}

#[test]
fn a_flow_of_which_a_part_is_acknowledged_is_not_accepted() {
    let both = sent(&[12, 13]);
    let (first, last) = (acquit(NAME, &of(12, "1")), acquit(NAME, &of(13, "1")));
    let flow = with(&both, &[&first]);
    assert_eq!((&flow.facts["etat"], heavy(&flow)), (&json!("partiel"), vec!["pes-ack-partial"]));
    assert!(said(&flow, "pes-ack-partial")[0].contains("1 sur 2 (13/2026 (depense))"), "{:?}", flow.findings);
    assert_eq!(
        (&flow.facts["bordereaux_acceptes"], &flow.facts["nombre_bordereaux_non_acquittes"]),
        (&json!(1), &json!(1))
    );
    let left = json!([{"domaine": "depense", "exercice": "2026", "numero": "13", "nombre_pieces": 2}]);
    assert_eq!(flow.facts["bordereaux_non_acquittes"], left);
    let whole = with(&both, &[&first, &last]);
    assert_eq!((&whole.facts["etat"], heavy(&whole)), (&json!("accepte"), vec![]));
    assert!(whole.facts.get("bordereaux_non_acquittes").is_none());
    // What is said of signatures and attached documents acknowledges no bordereau; the file refused as a whole leaves none.
    let beside = acquit(
        NAME,
        &[of(12, "1"), element(4, "1", "<IdUnique V=\"PJ1\"/>"), element(3, "1", "<NumBord V=\"13\"/>")].concat(),
    );
    assert_eq!(with(&both, &[&beside]).facts["etat"], "partiel");
    let refused = with(&both, &[&acquit(NAME, &element(0, "0", ""))]);
    assert_eq!((&refused.facts["etat"], &refused.facts["bordereaux_rejetes"]), (&json!("rejete"), &json!(2)));
    assert_eq!(heavy(&refused), Vec::<&str>::new());
    // A flow without bordereaux is as its elements are.
    let none = both.replace("Bordereau", "Autre");
    assert_eq!(with(&none, &[&acquit(NAME, &element(12, "1", ""))]).facts["etat"], "accepte");
}

#[test]
fn what_is_acknowledged_and_is_not_in_the_flow_is_remarked_by_name() {
    let strange = acquit(NAME, &[of(12, "1"), of(777, "0").replace("2026", "2031")].concat());
    let flow = with(&sent(&[12]), &[&strange]);
    let told = said(&flow, "pes-ack-unknown-bordereau");
    assert!(told.len() == 1 && told[0].contains("777/2031 (depense)") && told[0].contains("rejeté"), "{told:?}");
    let finding = flow.findings.iter().find(|finding| finding.code == "pes-ack-unknown-bordereau").unwrap();
    assert_eq!((finding.place.as_str(), finding.severity), ("ack0.xml", Severity::Warning));
    assert_eq!(flow::in_english(finding.code, &finding.message_fr).as_ref(), Some(&finding.message_en));
    assert_eq!(flow.facts["etat"], "accepte-partiellement");
    let piece = element(5, "1", "<NumBord V=\"12\"/><NumPiece V=\"99\"/>");
    let flow = with(&sent(&[12]), &[&acquit(NAME, &piece)]);
    assert!(said(&flow, "pes-ack-unknown-bordereau")[0].contains("12 (depense, NumPiece 99)"), "{:?}", flow.findings);
}

#[test]
fn an_acknowledgement_of_another_siret_does_not_count() {
    let other = acquit(NAME, &of(12, "1")).replace("21990001500017\"/>", "21990001500025\"/>");
    let flow = with(&sent(&[12]), &[&other]);
    assert_eq!((flow.facts.get("etat"), heavy(&flow)), (None, vec!["pes-ack-other-siret"]));
    let told = &said(&flow, "pes-ack-other-siret")[0];
    assert!(told.contains("21990001500025 et non 21990001500017"), "{told}");
    // Its own state stands with itself, and what it says.
    assert_eq!(flow.facts["messages"][1]["etat"], "accepte");
    assert_eq!(flow.facts["messages"][1]["acquits"][0]["bordereau"], "12");
    // One that says no SIRET is tied by its name.
    let silent = acquit(NAME, &of(12, "1")).replace("<IdColl V=\"21990001500017\"/>", "");
    assert_eq!(with(&sent(&[12]), &[&silent]).facts["etat"], "accepte");
}

#[test]
fn each_piece_is_told_with_its_state() {
    let of = |number: u32, state: &str| {
        element(5, state, &format!("<ExerciceBord V=\"2026\"/><NumBord V=\"5\"/><NumPiece V=\"{number}\"/>"))
    };
    let back = acquit(NAME, &[of(20, "0"), of(21, "1")].concat());
    let flow = alone(&back);
    let told = |at: usize| (flow.facts["acquits"][at]["piece"].clone(), flow.facts["acquits"][at]["etat"].clone());
    assert_eq!((told(0), told(1)), ((json!("20"), json!("rejete")), (json!("21"), json!("accepte"))));
    assert_eq!(
        flow.facts["bordereaux_acquittes"],
        json!([{"domaine": "depense", "exercice": "2026", "numero": "5", "pieces_acceptees": ["21"], "pieces_rejetees": ["20"]}])
    );
    let whole = with(&sent(&[5]), &[&back]);
    assert_eq!(
        (&whole.facts["etat"], &whole.facts["bordereaux_rejetes"]),
        (&json!("accepte-partiellement"), &json!(1))
    );
    let part = with(&sent(&[5]), &[&acquit(NAME, &of(20, "1"))]);
    assert_eq!((&part.facts["etat"], heavy(&part)), (&json!("partiel"), vec!["pes-ack-partial"]));
    assert_eq!(part.facts["bordereaux_non_acquittes"][0]["pieces"], json!(["21"]));
    // A line that is accepted is not its piece.
    let line = of(20, "1").replace("</ElementACQUIT>", "<NumLigne V=\"1\"/></ElementACQUIT>");
    assert_eq!(with(&sent(&[5]), &[&acquit(NAME, &[line, of(21, "1")].concat())]).facts["etat"], "partiel");
    // The second revision: named under their bordereau, without an error.
    let under = "<NumBord V=\"5\"/><DetailPiece><NumPiece V=\"20\"/></DetailPiece><DetailPiece><NumPiece V=\"21\"/><DetailLigne>\
<NumLigne V=\"3\"/></DetailLigne></DetailPiece>";
    let flow = alone(&acquit(NAME, &element(5, "0", under)));
    let pieces = json!([{"numero": "20", "etat": "rejete"}, {"numero": "21", "etat": "rejete", "lignes": ["3"], "nombre_lignes": 1}]);
    assert_eq!((&flow.facts["acquits"][0]["pieces"], &flow.facts["acquits"][0]["nombre_pieces"]), (&pieces, &json!(2)));
    let many = alone(&acquit(
        NAME,
        &element(5, "0", &format!("<NumBord V=\"5\"/>{}", "<DetailPiece><NumPiece V=\"2\"/></DetailPiece>".repeat(21))),
    ));
    assert_eq!(codes(&many), ["pes-sent-elsewhere", "pes-refused", "fact-list-cut"]);
}

#[test]
fn what_deposits_tell_apart_comes_to_the_same_state() {
    let both = sent(&[12, 13]);
    let facts = |flow: &Flow| Value::Object(flow.facts.clone());
    let tell = |all: &[&Flow]| {
        let told: Vec<_> = all.iter().flat_map(|flow| flow::pes_told(&facts(flow))).collect();
        flow::pes_standing(NAME, told.iter().map(|told| (0, told)), false).unwrap().state
    };
    let (one, first) = (alone(&both), alone(&acquit(NAME, &of(12, "1"))));
    let piece = |number: u32, state: &str| element(5, state, &format!("<NumBord V=\"13\"/><NumPiece V=\"{number}\"/>"));
    let (half, rest) = (alone(&acquit(NAME, &piece(20, "1"))), alone(&acquit(NAME, &piece(21, "1"))));
    assert_eq!(tell(&[&one]), "sans-acquittement");
    assert_eq!((tell(&[&one, &first]), tell(&[&half, &one, &first])), ("partiel", "partiel"));
    assert_eq!(tell(&[&rest, &half, &one, &first]), "accepte");
    assert_eq!(tell(&[&with(&both, &[&acquit(NAME, &of(12, "1"))])]), "partiel");
    // Of more bordereaux than are told, nothing is.
    let of = |count: usize| {
        alone(&aller(NAME, &(0..count).map(|n| bordereau(n as u32, 0, "0.00", "")).collect::<String>(), ""))
    };
    let told = |count: usize| of(count).facts.get("bordereaux_a_acquitter").map(|all| all.as_array().unwrap().len());
    let most = flow::limits::MAX_PES_PARTS_TOLD;
    assert_eq!((told(most), told(most + 1)), (Some(most), None));
    let long = "1".repeat(flow::limits::MAX_PES_PART_BYTES);
    let named = |number: &str| alone(&both.replace("IdBord V=\"12\"", &format!("IdBord V=\"{number}\"")));
    assert!(named(&long).facts.contains_key("bordereaux_a_acquitter"));
    assert!(!named(&format!("{long}1")).facts.contains_key("bordereaux_a_acquitter"));
}

#[test]
fn a_flow_of_more_bordereaux_than_are_compared_has_no_state() {
    let most = flow::limits::MAX_PES_PARTS as u32;
    let whole = |count: u32| {
        aller(NAME, &(0..count).map(|n| bordereau(n, 1, "1.00", &piece(1, &["1.00"], None))).collect::<String>(), "")
    };
    let back = |count: u32| acquit(NAME, &(0..count).map(|number| of(number, "1")).collect::<String>());
    let flow = with(&whole(most), &[&back(most)]);
    assert_eq!((&flow.facts["etat"], heavy(&flow)), (&json!("accepte"), vec![]));
    let flow = with(&whole(most + 1), &[&back(most)]);
    assert_eq!((flow.facts.get("etat"), heavy(&flow)), (None, vec!["pes-ack-not-compared"]));
}

fn returned(names: &[String]) -> String {
    let one = |name: &String| {
        format!(
            "<ElementACQUIT_RETOUR><DomaineAckRetour V=\"01\"/><NomFichierRetour V=\"{name}\"/><TypRestit V=\"02\"/><DateAcquit V=\"2026-11-03\"/></ElementACQUIT_RETOUR>"
        )
    };
    let all: String = names.iter().map(one).collect();
    format!(
        "<n:PES_ACQUIT_RETOUR xmlns:n=\"{BASE}/aller/ack\"><Enveloppe><Parametres><TypFic V=\"PESACQRET\"/><NomFic V=\"ACQ1\"/></Parametres></Enveloppe>\
<EnTetePES><IdColl V=\"21990001500017\"/></EnTetePES><ACQUIT_RETOUR><EnTeteAcquit_Retour/>{all}</ACQUIT_RETOUR></n:PES_ACQUIT_RETOUR>"
    )
}

#[test]
fn every_return_that_is_acknowledged_is_tied_and_told() {
    let names = |count: usize| (1..=count).map(|n| format!("RET{n:03}")).collect::<Vec<_>>();
    let flow = alone(&returned(&names(3)));
    let met: Vec<&str> = flow.identifiers.iter().map(|identifier| identifier.value.as_str()).collect();
    assert_eq!((met, codes(&flow)), (vec!["RET001", "RET002", "RET003"], vec![]));
    assert_eq!((&flow.facts["nom_fic"], &flow.facts["nombre_retours"]), (&json!("RET001"), &json!(3)));
    assert_eq!(
        flow.facts["retours"][2],
        json!({"nom_fic": "RET003", "domaine": "01", "type": "02", "date": "2026-11-03"})
    );
    let most = flow::limits::MAX_RETURNED;
    let whole = alone(&returned(&names(most)));
    assert_eq!((whole.identifiers.len(), codes(&whole)), (most, vec![]));
    let more = alone(&returned(&names(most + 1)));
    assert_eq!((more.identifiers.len(), codes(&more)), (most, vec!["pes-returns-too-many"]));
    assert_eq!(
        (more.facts["retours"].as_array().unwrap().len(), &more.facts["nombre_retours"]),
        (most, &json!(most + 1))
    );
    // Of several such files together too.
    let both = read(
        &[("a.xml", returned(&names(most)).as_bytes()), ("b.xml", returned(&["X".to_owned()]).as_bytes())],
        Declared::Auto,
    );
    assert_eq!(codes(&both), ["pes-returns-too-many"]);
    let silent = returned(&names(1)).replace("NomFichierRetour", "Autre");
    assert_eq!(codes(&alone(&silent)), ["pes-missing"]);
}

#[test]
fn an_amount_that_is_not_stated_is_not_nought() {
    let good = sent(&[12, 13]);
    let amount = |flow: &Flow| flow.facts.get("montant_ht").cloned();
    assert_eq!(amount(&alone(&good)), Some(json!("4.00")));
    let missing = alone(&good.replacen("<MtBordHT V=\"2.00\"/>", "", 1));
    assert_eq!((amount(&missing), codes(&missing)), (None, vec!["pes-missing"]));
    assert!(
        missing.findings[0].place.ends_with("/Bordereau[1]") && missing.findings[0].message_fr.contains("MtBordHT")
    );
    let malformed = alone(&good.replacen("<MtBordHT V=\"2.00\"/>", "<MtBordHT V=\"2,00\"/>", 1));
    assert_eq!((amount(&malformed), codes(&malformed)), (None, vec!["pes-amount-malformed"]));
    let untaxed = alone(&good.replace("<MtBordTVA V=\"1.10\"/>", ""));
    assert_eq!((untaxed.facts.get("montant_tva"), codes(&untaxed)), (None, vec![]));
    let bill = good.replace("PES_DepenseAller", "PES_Facture").replace("Bordereau", "Facture");
    assert_eq!((amount(&alone(&bill)), &alone(&bill).facts["domaines"]), (None, &json!(["facture"])));
    let line = alone(&good.replacen("<MtHT V=\"1.00\"/>", "<MtHT V=\"1,00\"/>", 2));
    assert_eq!(codes(&line), ["pes-amount-malformed", "pes-amount-malformed"]);
    assert!(line.findings[1].place.ends_with("/Bordereau[1]/Piece[2]/LigneDePiece"), "{:?}", line.findings);
    let line = alone(&good.replacen("<MtHT V=\"1.00\"/>", "", 1));
    assert_eq!((codes(&line), amount(&line)), (vec!["pes-missing"], Some(json!("4.00"))));
}

#[test]
fn what_ails_an_attached_document_is_told_in_the_language_of_the_sentence() {
    let good = bordereau(1, 1, "1.00", &piece(1, &["1.00"], None));
    let read = |bytes: &[u8]| {
        alone(&aller(NAME, &good, &attached("PJ1", "f.pdf", "application/pdf", &STANDARD.encode(bytes))))
    };
    let pdf = gzipped(b"%PDF-1.4 a bill, long enough to be cut");
    let (mut sum, mut body) = (pdf.clone(), pdf.clone());
    let end = sum.len();
    sum[end - 8] ^= 1;
    body[10] |= 0x07;
    for (bytes, fr) in [
        (&pdf[..end - 9], "elle s'arrête avant sa fin"),
        (&pdf[..end - 20], "elle s'arrête avant sa fin"),
        (&pdf[..5], "elle s'arrête avant sa fin"),
        (&sum[..], "la somme de contrôle n'est pas celle"),
        (&body[..], "les octets compressés ne se décompressent pas"),
    ] {
        let flow = read(bytes);
        let told = flow.findings.iter().find(|finding| finding.code == "pes-attachment-damaged").expect(fr);
        assert!(told.message_fr.contains(fr), "{}", told.message_fr);
        assert!(!told.message_fr.contains("stream") && !told.message_en.contains("octets"), "{told:?}");
        assert_eq!(flow::in_english(told.code, &told.message_fr).as_ref(), Some(&told.message_en));
    }
    assert_eq!(codes(&read(&gzipped(b""))), ["pes-attachment-empty"]);
}

#[test]
fn real_files_are_held_against_each_other() {
    let Some(folder) = fixtures() else { return };
    let name = "HELIOS_SIMU_ALR2_1496987735_826268894.xml";
    let sent = String::from_utf8_lossy(&std::fs::read(folder.join("pes/samples").join(name)).unwrap()).into_owned();
    let back = |number: &str| {
        let element = element(5, "1", &format!("<NumBord V=\"{number}\"/><ExerciceBord V=\"2009\"/>"));
        acquit(name, &element).replace("21990001500017", "12345678912345")
    };
    assert_eq!(with(&sent, &[&back("1234567")]).facts["etat"], "accepte");
    assert_eq!(with(&sent, &[&back("1234568")]).facts["etat"], "partiel");
}

#[test]
fn the_guide_tells_of_every_code() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/pes.md")).unwrap();
    let of_pes = flow::all_codes().map(|code| code.name).filter(|name| name.starts_with("pes-") || *name == "not-pes");
    let untold: Vec<&str> = of_pes.filter(|name| !guide.contains(&format!("| `{name}` |"))).collect();
    assert_eq!(untold, Vec::<&str>::new());
}
