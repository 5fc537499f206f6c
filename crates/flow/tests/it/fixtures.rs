//! Real ACTES files give the outcome their table expects; skipped where the folder is absent.

use std::path::Path;

use flow::{Declared, Outcome};

use crate::bench::{Kept, codes, fixtures, heavy, read, read_into};

fn load(folder: &Path, path: &str) -> (String, Vec<u8>) {
    let bytes = std::fs::read(folder.join("actes").join(path)).unwrap();
    (path.rsplit('/').next().unwrap().to_owned(), bytes)
}

#[test]
fn every_row_of_the_table_agrees_file_by_file() {
    let Some(folder) = fixtures() else { return };
    let table = std::fs::read_to_string(folder.join("actes/EXPECTED.csv")).unwrap();
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let (path, rest) = line.split_once(',').unwrap();
        let expected = rest.rsplit_once(",\"").map_or_else(|| rest.rsplit_once(',').unwrap().1, |(_, e)| e);
        let (name, bytes) = load(&folder, path);
        let flow = read(&[(&name, &bytes)], Declared::Auto);
        let outcome = if expected.starts_with("accepted with warnings") {
            Outcome::AcceptedWithWarnings
        } else {
            assert!(expected.starts_with("accepted"), "{line}");
            Outcome::Accepted
        };
        assert_eq!(flow.outcome(), outcome, "{path}: {:?}", codes(&flow));
        let key = rest.split(',').nth(1).unwrap();
        if key.contains("-20") {
            let shown = flow.facts.get("id_acte").and_then(|v| v.as_str());
            let envelope = flow.identifiers.iter().any(|i| i.scheme == "enveloppe" && i.value == key);
            assert!(shown == Some(key) || envelope, "{path}: {:?}", flow.identifiers);
        }
        rows += 1;
    }
    assert_eq!(rows, 9);
}

#[test]
fn a_real_act_is_labelled_by_a_real_classification() {
    let Some(folder) = fixtures() else { return };
    let (name, bytes) = load(&folder, "samples/SIC-EACT--210600730--20180115-1.tar.gz");
    let (_, given) = load(&folder, "samples/exemple_codes_matieres.xml");
    let flow = read(&[(&name, &bytes), ("006-210600730----7-2_1.xml", &given)], Declared::Auto);
    assert_eq!(heavy(&flow), Vec::<&str>::new());
    assert_eq!(flow.facts["matieres_libelles"], serde_json::json!(["Commande Publique", "Marchés publics"]));
    assert_eq!(flow.facts["classification_reference"]["date"], "2017-12-08");
    assert!(flow.facts["classification_fournie"]["nombre_matieres"].as_u64() > Some(100), "{:?}", flow.facts);
    assert!(flow.identifiers.iter().any(|one| one.scheme == "actes-classification" && one.value == "006"));
}

#[test]
fn a_real_envelope_is_read_whole() {
    let Some(folder) = fixtures() else { return };
    let (name, bytes) = load(&folder, "samples/SIC-EACT--210600730--20180115-1.tar.gz");
    let mut kept = Kept::default();
    let flow = read_into(&[(name.as_bytes(), &bytes)], Declared::Auto, None, &flow::Limits::default(), &mut kept);
    assert_eq!((flow.outcome(), flow.kind.as_str()), (Outcome::Accepted, "actes"));
    assert_eq!(codes(&flow), Vec::<&str>::new());
    let facts = &flow.facts;
    assert_eq!(facts["siren"], "210600730");
    assert_eq!((&facts["numero"], &facts["nature"], &facts["code_nature"]), (&"007".into(), &"AR".into(), &"2".into()));
    assert_eq!((&facts["objet"], &facts["date"]), (&"wolo".into(), &"2018-01-15".into()));
    assert_eq!(facts["matieres"], serde_json::json!(["1", "1"]));
    assert_eq!(facts["id_acte"], "006-210600730-20180115-007-AR");
    let files: Vec<_> = flow.files.iter().map(|f| (f.role, f.media_type.as_str())).collect();
    assert_eq!(
        files,
        [
            ("archive", "application/gzip"),
            ("enveloppe", "application/xml"),
            ("message", "application/xml"),
            ("acte", "image/jpeg")
        ]
    );
    assert_eq!(kept.0.len(), 3);
    assert_eq!(kept.0[2].2.len(), 37_602);
}

#[test]
fn an_act_and_its_acknowledgement_make_one_story() {
    let Some(folder) = fixtures() else { return };
    let id = "034-491011698-20171207-CL20171227_06-DE";
    let suffixes = ["1-1_0.xml", "1-1_1.pdf", "1-1_2.pdf", "1-2.xml"];
    let loaded: Vec<_> = suffixes.iter().map(|s| load(&folder, &format!("samples/act-with-ar/{id}-{s}"))).collect();
    let files: Vec<(&str, &[u8])> = loaded.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let flow = read(&files, Declared::Auto);
    // Both documents are signed, and nobody judges them here.
    let unjudged = ["signatures-not-judged"; 2];
    assert_eq!(heavy(&flow), [&["actes-declared-name-differs", "actes-not-declared"][..], &unjudged].concat());
    assert!(flow.findings[0].message_fr.contains("32_DP-034") && flow.findings[1].place.ends_with("_2.pdf"));
    assert_eq!(flow.facts["id_acte"], id);
    assert_eq!(flow.facts["objet"], "Fichier signé parapheur");
    assert_eq!(flow.facts["date_reception"], "2017-12-27");
    assert_eq!(flow.message.as_deref(), Some("1-1"));
    let roles: Vec<_> = flow.files.iter().map(|f| f.role).collect();
    assert_eq!(roles, ["message", "acte", "fichier", "ar"]);
}

#[test]
fn a_nature_that_differs_and_an_act_elsewhere_are_said() {
    let Some(folder) = fixtures() else { return };
    let (name, bytes) = load(&folder, "samples/045-214502494-20170717-D201717-DE-1-1_0.xml");
    let flow = read(&[(&name, &bytes)], Declared::Auto);
    assert!(codes(&flow).contains(&"actes-nature-differs"), "{:?}", codes(&flow));
    for path in [
        "samples/006-210600235-20180522-684-AI-1-2_5279.xml",
        "samples/044-214400152-20181106-TEST_DGCL_4-DE-6-2_10.xml",
    ] {
        let (name, bytes) = load(&folder, path);
        assert_eq!(codes(&read(&[(&name, &bytes)], Declared::Auto)), ["actes-act-elsewhere"], "{path}");
    }
    let (name, bytes) = load(&folder, "samples/EACT--SPREF0441-214400152-20181012-9.xml");
    assert_eq!(codes(&read(&[(&name, &bytes)], Declared::Auto)), ["actes-declared-elsewhere"]);
}
