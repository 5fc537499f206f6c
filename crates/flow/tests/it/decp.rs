//! Essential data (DECP): both syntaxes and both editions say the same, each defect has its own code and place, limits hold, a procedure's other
//! files stay closed; and the published examples, where their folder is.

use flow::{Declared, EssentialContract, Extent, Flow, Limits, Outcome, essential_contracts};
use serde_json::{Value, json};

use crate::bench::{Kept, codes, fixtures, heavy, read, read_into};
use crate::procurement::{BUYER, Procurement, document, first_document, xml};

fn alone(text: &str) -> Flow {
    read(&[("decp.json", text.as_bytes())], Declared::Auto)
}

fn one() -> Procurement {
    Procurement::new(1)
}

/// The sample with one value changed; `null` takes it away.
fn with(pointer: &str, value: Value) -> Value {
    let mut whole = document(&[one().modified(&[(1, 600_000.0), (2, 610_000.5)])], &[one().concession()]);
    let (above, name) = pointer.rsplit_once('/').unwrap();
    match whole.pointer_mut(above).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(name)),
        Value::Object(map) => drop(map.insert(name.to_owned(), value)),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    whole
}

#[test]
fn a_file_is_summed_up_the_same_in_both_syntaxes() {
    let contracts = [one().modified(&[(1, 600_000.0)]), Procurement::new(2).contract()];
    let concessions = [one().concession()];
    let json = document(&contracts, &concessions).to_string();
    let in_json = alone(&json);
    assert_eq!((in_json.outcome(), in_json.kind.as_str(), codes(&in_json)), (Outcome::Accepted, "marches", vec![]));
    assert_eq!(in_json.message.as_deref(), Some("decp"));
    let facts = &in_json.facts;
    assert_eq!((&facts["edition"], &facts["contrat"]), (&json!("2.0"), &json!(format!("{BUYER}/C2026-00001"))));
    assert_eq!((&facts["nombre_contrats"], &facts["nombre_modifications"]), (&json!(3), &json!(1)));
    let listed = facts["contrats"].as_array().unwrap();
    let marche = listed.iter().find(|contract| contract["cle"] == one().key()).unwrap();
    assert_eq!((&marche["montant"], &marche["date"]), (&json!("575000.25"), &json!("2026-05-15")));
    assert_eq!(
        marche["modifications"],
        json!([{"numero": "1", "date": "2026-10-01", "montant": "600000.0", "duree_mois": "30"}])
    );
    assert!(!facts.values().any(|fact| fact.to_string().contains("21349902300017")), "a holder stands in the facts");
    assert_eq!(in_json.files[0].role, "donnees-essentielles");
    let met: Vec<_> = in_json.identifiers.iter().map(|i| (i.scheme, i.value.clone())).collect();
    let keys = [one().key(), Procurement::new(2).key(), format!("{BUYER}/C2026-00001")];
    assert_eq!(met, keys.map(|key| ("decp-marche", key)));
    let text = xml(&contracts, &concessions);
    let in_xml = read(&[("decp.xml", text.as_bytes())], Declared::Auto);
    assert_eq!((in_xml.outcome(), codes(&in_xml)), (Outcome::Accepted, vec![]), "{:?}", in_xml.findings);
    assert_eq!((in_xml.facts["nombre_contrats"].clone(), &in_xml.identifiers), (json!(3), &in_json.identifiers));
}

#[test]
fn each_single_fault_gives_its_own_code_and_place() {
    let m = "/marches/marche/0";
    let c = "/marches/contrat-concession/0";
    for (pointer, value, code) in [
        (format!("{m}/objet"), Value::Null, "decp-missing"),
        (format!("{c}/dateSignature"), Value::Null, "decp-missing"),
        (format!("{m}/titulaires/0/titulaire/id"), Value::Null, "decp-missing"),
        (format!("{m}/marcheInnovant"), json!("oui"), "decp-form"),
        (format!("{m}/offresRecues"), json!("3"), "decp-form"),
        (format!("{m}/tauxAvance"), Value::Bool(true), "decp-form"),
        (format!("{m}/titulaires"), json!({}), "decp-form"),
        (format!("{m}/titulaires/0"), json!({"id": "1"}), "decp-form"),
        (format!("{m}/techniques"), json!({"technique": "Concours"}), "decp-form"),
        (format!("{m}/acheteur/id"), json!("243400017"), "decp-siret"),
        (format!("{m}/codeCPV"), json!("4523"), "decp-cpv"),
        (format!("{m}/dateNotification"), json!("15/05/2026"), "decp-date"),
        (format!("{m}/dateNotification"), json!("2026-02-30"), "decp-date"),
        (format!("{m}/nature"), json!("marché"), "decp-word"),
        (format!("{m}/techniques/technique/0"), json!("Aucune"), "decp-word"),
        (format!("{m}/lieuExecution/typeCode"), json!("Code INSEE commune"), "decp-word"),
        (format!("{m}/montant"), json!(0.5), "decp-amount"),
        (format!("{m}/dureeMois"), json!(0), "decp-amount"),
        (format!("{m}/dureeMois"), json!(1.5), "decp-amount"),
        (format!("{m}/tauxAvance"), json!(10), "decp-amount"),
        (format!("{c}/donneesExecution/0/donneesAnnuelles/tarifs/0/tarif/tarif"), json!(-1), "decp-amount"),
        (format!("{m}/id"), json!("12345678901234567"), "decp-id"),
        (format!("{m}/id"), json!(""), "decp-id"),
        (format!("{m}/objet"), json!("é".repeat(1001)), "decp-too-long"),
        (format!("{m}/titulaires"), json!([]), "decp-list-empty"),
        (format!("{c}/considerationsSociales/considerationSociale"), json!([]), "decp-list-empty"),
        (format!("{m}/typesPrix/typePrix"), json!(["Provisoire", "Provisoire"]), "decp-repeated"),
        (format!("{m}/montantHT"), json!(1), "decp-unknown"),
        ("/marches/marchés".to_owned(), json!([]), "decp-unknown"),
        ("/marches/marche".to_owned(), json!({}), "decp-form"),
        (format!("{m}/modifications/1/modification/id"), json!(1), "decp-modification-twice"),
        (format!("{m}/origineFrance"), json!(0.9), "decp-origins"),
    ] {
        let text = with(&pointer, value).to_string();
        let flow = alone(&text);
        assert_eq!((heavy(&flow), flow.outcome()), (vec![code], Outcome::AcceptedWithWarnings), "{pointer}");
        // What is more than a note leaves the contract, and no other, out of exports.
        let unsound = exported("d.json", &text).iter().filter(|one| !one.sound).count();
        let of_contract = [m, c].iter().any(|above| pointer.starts_with(&format!("{above}/")));
        assert_eq!(unsound, usize::from(of_contract), "{pointer}");
        let place = &flow.findings.iter().find(|finding| finding.code == code).unwrap().place;
        assert!(place.starts_with("decp.json: /marches/"), "{place}");
    }
    let whole = with("/marches/marche/0/objet", json!("é".repeat(1000)));
    assert_eq!(heavy(&alone(&whole.to_string())), Vec::<&str>::new());
    for (pointer, value, code) in [
        (format!("{m}/acheteur/id"), json!("24340001700015"), "decp-siret-key"),
        (format!("{m}/titulaires/0/titulaire/id"), json!("214356"), "decp-holder-siret"),
        (format!("{m}/modifications/0/modification/id"), json!(3), "decp-modifications"),
    ] {
        let text = with(&pointer, value).to_string();
        let flow = alone(&text);
        assert_eq!((codes(&flow), flow.outcome()), (vec![code], Outcome::Accepted), "{pointer}");
        assert!(exported("d.json", &text).iter().all(|one| one.sound), "{pointer}");
    }
    // As the published schema has it, a whole number may be written with a point, and two tariffs may be alike.
    let tariff = json!({"tarif": {"intituleTarif": "Emplacement", "tarif": 4.5}});
    let tariffs = format!("{c}/donneesExecution/0/donneesAnnuelles/tarifs");
    for (pointer, value) in [(format!("{m}/dureeMois"), json!(24.0)), (tariffs, json!([tariff, tariff]))] {
        assert_eq!(codes(&alone(&with(&pointer, value).to_string())), Vec::<&str>::new(), "{pointer}");
    }
    let twice = document(&[one().contract(), one().contract()], &[]);
    assert_eq!(heavy(&alone(&twice.to_string())), ["decp-twice"]);
    assert_eq!(heavy(&alone(&document(&[], &[]).to_string())), ["decp-empty"]);
}

#[test]
fn a_place_of_xml_is_a_path_and_what_is_said_twice_is_said() {
    let good = xml(&[one().contract(), Procurement::new(2).contract()], &[]);
    let second = |from: &str, to: &str| {
        let at = good.rfind(from).unwrap();
        format!("{}{to}{}", &good[..at], &good[at + from.len()..])
    };
    let told = |text: &str| {
        let flow = read(&[("x.xml", text.as_bytes())], Declared::Auto);
        (
            heavy(&flow),
            flow.findings
                .iter()
                .find(|f| f.severity > flow::Severity::Info)
                .map(|f| f.place.clone())
                .unwrap_or_default(),
        )
    };
    assert_eq!(told(&good).0, Vec::<&str>::new());
    let (code, place) = told(&second("<typeIdentifiant>SIRET", "<typeIdentifiant>Siret"));
    assert_eq!(
        (code, place.as_str()),
        (vec!["decp-word"], "x.xml: /marches/marche[2]/titulaires/titulaire[1]/typeIdentifiant")
    );
    let (code, place) =
        told(&second("<dureeMois>24</dureeMois>", "<dureeMois>24</dureeMois><dureeMois>25</dureeMois>"));
    assert_eq!((code, place.as_str()), (vec!["decp-repeated"], "x.xml: /marches/marche[2]"));
    assert_eq!(told(&second("<dureeMois>24<", "<dureeMois>2e1<")).0, ["decp-form"]);
    assert_eq!(told(&second("<marcheInnovant>non<", "<marcheInnovant>peut-être<")).0, ["decp-form"]);
    assert_eq!(told(&second("</marches>", "<contrat/></marches>")).0, ["decp-unknown"]);
    // The schema of XML closes what is in a contract too.
    let (code, place) = told(&second("</acheteur>", "<telephone>0</telephone></acheteur>"));
    assert_eq!((code, place.as_str()), (vec!["decp-unknown"], "x.xml: /marches/marche[2]/acheteur"));
    let list = told(&second("<titulaires>", "<titulaires>aucun"));
    assert_eq!((list.0, list.1.as_str()), (vec!["decp-form"], "x.xml: /marches/marche[2]/titulaires"));
    // The schema lets the origins be there and say nothing, and no other share.
    assert_eq!(told(&second("<origineUE>0.8<", "<origineUE><")).0, Vec::<&str>::new());
    assert_eq!(told(&second("<tauxAvance>0.1<", "<tauxAvance><")).0, ["decp-form"]);
}

#[test]
fn the_first_edition_is_read_and_its_identifiers_meet() {
    let contracts = [one().first_edition(0), one().first_edition(2)];
    let in_json = alone(&first_document(&contracts).to_string());
    assert_eq!(
        (in_json.outcome(), codes(&in_json)),
        (Outcome::Accepted, vec!["decp-first-edition"]),
        "{:?}",
        in_json.findings
    );
    assert_eq!((&in_json.facts["edition"], &in_json.facts["nombre_modifications"]), (&json!("1.x"), &json!(2)));
    let met: Vec<_> = in_json.identifiers.iter().map(|i| i.value.clone()).collect();
    assert_eq!(met, [format!("{BUYER}/20190000100"), format!("{BUYER}/20190000102")]);
    // The file of the modification alone meets that of the contract.
    let later = alone(&first_document(&contracts[1..]).to_string());
    assert_eq!(later.identifiers, in_json.identifiers);
    assert_eq!(later.facts["contrat"], format!("{BUYER}/20190000102"));
    let text = xml(&contracts, &[]);
    let in_xml = read(&[("decp.xml", text.as_bytes())], Declared::Auto);
    assert_eq!((codes(&in_xml), &in_xml.identifiers), (vec!["decp-first-edition"], &in_json.identifiers));
    let mut wrong = contracts.clone();
    wrong[0]["acheteur"].as_object_mut().unwrap().remove("nom");
    wrong[1]["id"] = json!("201900");
    assert_eq!(heavy(&alone(&first_document(&wrong).to_string())), ["decp-missing", "decp-id"]);
}

#[test]
fn what_cannot_be_read_is_kept_and_said_and_other_json_is_left_alone() {
    for text in ["{\"marches\": [", "{\"marches\": {}} x", "{\"marches\": [], \"marches\": []}", "{\"marches\": [01]}"]
    {
        let flow = alone(text);
        assert_eq!((flow.kind.as_str(), heavy(&flow)), ("file", vec!["decp-malformed"]), "{text}");
        assert_eq!(flow.outcome(), Outcome::AcceptedWithWarnings);
    }
    for number in ["9007199254740993", "1e99", "10000000000000.5"] {
        let flow = alone(&format!("{{\"marches\": [{number}]}}"));
        assert_eq!((flow.kind.as_str(), heavy(&flow)), ("file", vec!["decp-number"]), "{number}");
        assert!(flow.findings[0].message_fr.contains(number) && flow.findings[0].place == "decp.json @13");
        let text = xml(&[one().contract()], &[]).replace("<montant>575000.25<", &format!("<montant>{number}<"));
        let in_xml = read(&[("decp.xml", text.as_bytes())], Declared::Auto);
        let code = if number.contains('e') { "decp-form" } else { "decp-number" };
        assert_eq!((in_xml.kind.as_str(), heavy(&in_xml)), ("marches", vec![code]), "{number}");
    }
    for text in ["{\"fiches\": [", "{\"titre\": {\"marches\": 1}}", "[\"marches\"]"] {
        let flow = alone(text);
        assert_eq!((flow.kind.as_str(), heavy(&flow)), ("file", vec![]), "{text}");
    }
    let opaque = read(&[("decp.json", b"{\"marches\": [")], Declared::File);
    assert_eq!(heavy(&opaque), Vec::<&str>::new());
}

#[test]
fn sizes_contracts_keys_values_and_depth_are_bounded() {
    let three: Vec<Value> = (1..4).map(|seed| Procurement::new(seed).contract()).collect();
    let text = document(&three, &[]).to_string();
    let within = |limits: &Limits| {
        let files: [(&[u8], &[u8]); 1] = [(b"decp.json", text.as_bytes())];
        let flow = read_into(&files, Declared::Auto, None, limits, &mut Kept::default());
        (heavy(&flow), flow.facts.get("nombre_contrats").cloned(), flow.identifiers.len())
    };
    let all = (vec![], Some(json!(3)), 3);
    let size = text.len() as u64;
    let whole: Value = serde_json::from_str(&text).unwrap();
    let values = count(&whole);
    assert_eq!(within(&Limits { decp_bytes: size, ..Limits::default() }), all);
    assert_eq!(within(&Limits { decp_bytes: size - 1, ..Limits::default() }), (vec!["decp-limit"], None, 0));
    assert_eq!(within(&Limits { xml_total_bytes: size - 1, ..Limits::default() }), (vec!["decp-limit"], None, 0));
    assert_eq!(within(&Limits { decp_contracts: 3, ..Limits::default() }), all);
    let two = Limits { decp_contracts: 2, ..Limits::default() };
    assert_eq!(within(&two), (vec!["decp-contracts-limit"], Some(json!(2)), 2));
    assert_eq!(within(&Limits { decp_keys: 3, ..Limits::default() }), all);
    let keys = Limits { decp_keys: 2, ..Limits::default() };
    assert_eq!(within(&keys), (vec!["decp-keys-limit"], Some(json!(3)), 2));
    assert_eq!(within(&Limits { json_nodes: values, ..Limits::default() }), all);
    assert_eq!(within(&Limits { json_nodes: values - 1, ..Limits::default() }), (vec!["decp-limit"], None, 0));
    assert_eq!(within(&Limits { json_depth: 8, ..Limits::default() }), all);
    assert_eq!(within(&Limits { json_depth: 7, ..Limits::default() }), (vec!["decp-limit"], None, 0));
}

/// Values of a document, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

#[test]
fn a_procedure_tells_its_essential_data_and_keeps_bids_closed() {
    let decp = document(&[one().contract()], &[]).to_string();
    let bid: &[u8] = b"<?xml version=\"1.0\"?><!DOCTYPE x><pli/>";
    let files: [(&[u8], &[u8]); 2] = [(b"decp.json", decp.as_bytes()), (b"pli.xml", bid)];
    let without = read_into(&files, Declared::Marches, None, &Limits::default(), &mut Kept::default());
    assert_eq!(
        (without.outcome(), without.facts.get("contrat").cloned()),
        (Outcome::Accepted, Some(json!(one().key())))
    );
    let manifest = json!({
        "version": 1, "acheteur": BUYER, "consultation": "2026-VOIRIE", "etape": "attribution", "date": "2026-05-15", "marche": one().id(),
        "fichiers": [{"fichier": "decp.json", "role": "donnees"}, {"fichier": "pli.xml", "role": "pli"}],
    });
    let told = |files: &[(&[u8], &[u8])], manifest: &Value| {
        read_into(
            files,
            Declared::Marches,
            Some(manifest.to_string().as_bytes()),
            &Limits::default(),
            &mut Kept::default(),
        )
    };
    let flow = told(&files, &manifest);
    assert_eq!((flow.outcome(), codes(&flow)), (Outcome::Accepted, vec![]), "{:?}", flow.findings);
    assert_eq!((flow.message.as_deref(), &flow.facts["nombre_contrats"]), (Some("attribution"), &json!(1)));
    let met: Vec<_> = flow.identifiers.iter().map(|i| (i.scheme, i.value.clone())).collect();
    assert_eq!(met, [("decp-marche", one().key()), ("marche-procedure", format!("{BUYER}/2026-VOIRIE"))]);
    let roles: Vec<_> = flow.files.iter().map(|file| file.role).collect();
    assert_eq!(roles, ["donnees-essentielles", "fichier"]);
    // The number of the contract is enough to meet its essential data.
    let step = told(&files[1..], &manifest);
    assert!(step.identifiers.iter().any(|i| i.scheme == "decp-marche" && i.value == one().key()));
    let mut manifest = manifest;
    manifest["fichiers"][0]["fichier"] = json!("decp.xml");
    let unsafe_xml: &[u8] = b"<!DOCTYPE x><marches><marche/></marches>";
    let flow = told(&[(b"decp.xml", unsafe_xml)], &manifest);
    assert!(
        codes(&flow).contains(&"decp-unsafe") && flow.outcome() == Outcome::AcceptedWithWarnings,
        "{:?}",
        codes(&flow)
    );
    manifest["fichiers"][0]["fichier"] = json!("decp.json");
    let flow = told(&[(b"decp.json", b"{\"marches\": [")], &manifest);
    assert!(
        codes(&flow).contains(&"decp-malformed") && flow.outcome() == Outcome::AcceptedWithWarnings,
        "{:?}",
        codes(&flow)
    );
    let none = read_into(&files[1..], Declared::Marches, None, &Limits::default(), &mut Kept::default());
    assert_eq!(heavy(&none), ["manifest-absent"]);
}

#[test]
fn a_bid_stays_closed_even_when_it_looks_like_essential_data() {
    let decp = document(&[one().contract()], &[]).to_string();
    let in_xml = xml(&[one().contract()], &[]);
    let told = |step: &str, role: &str, file: &str| {
        let manifest = json!({
            "version": 1, "acheteur": BUYER, "consultation": "2026-VOIRIE", "etape": step, "date": "2026-05-15",
            "fichiers": [{"fichier": file, "role": role}],
        });
        let bytes = if file.ends_with("json") { decp.as_bytes() } else { in_xml.as_bytes() };
        let files: [(&[u8], &[u8]); 1] = [(file.as_bytes(), bytes)];
        let description = manifest.to_string();
        let limits = Limits::default();
        let flow = read_into(&files, Declared::Marches, Some(description.as_bytes()), &limits, &mut Kept::default());
        assert_eq!(flow.outcome(), if step == "pli" { Outcome::Refused } else { Outcome::Accepted });
        (flow.facts.contains_key("nombre_contrats"), flow.files[0].role)
    };
    for file in ["pli.json", "pli.xml"] {
        let opened = (true, "donnees-essentielles");
        for (step, role) in [("attribution", "donnees"), ("execution", "complice")] {
            assert_eq!(told(step, role, file), opened, "{step} {role}");
        }
        let closed = (false, "fichier");
        // The step of bids, whatever the file is called; a bid, whatever the step; a step of no known name.
        for (step, role) in [
            ("plis", "pli"),
            ("plis", "donnees"),
            ("ouverture", " Pli"),
            ("ouverture", "pli d'essai"),
            ("autre", "offre"),
            ("pli", "x"),
        ] {
            assert_eq!(told(step, role, file), closed, "{step} {role}");
        }
    }
}

fn exported(name: &str, text: &str) -> Vec<EssentialContract> {
    let mut all = Vec::new();
    essential_contracts(name, text.as_bytes(), &Limits::default(), &mut |contract| all.push(contract)).unwrap();
    all
}

#[test]
fn contracts_are_given_out_again_in_one_form_whatever_the_syntax() {
    let contracts = [one().modified(&[(1, 600_000.0), (2, 610_000.5)])];
    let concessions = [one().concession()];
    let in_json = exported("d.json", &document(&contracts, &concessions).to_string());
    let in_xml = exported("d.xml", &xml(&contracts, &concessions));
    for all in [&in_json, &in_xml] {
        assert!(all.iter().all(|contract| contract.sound), "{all:?}");
        let marche = all.iter().find(|contract| !contract.concession).unwrap();
        assert_eq!(marche.key, one().key());
        assert_eq!(marche.body["considerationsSociales"], contracts[0]["considerationsSociales"]);
        assert_eq!(marche.body["titulaires"], contracts[0]["titulaires"]);
        assert_eq!(marche.modifications().iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
        let again = marche.clone().with_modifications([]);
        assert!(!again.body.contains_key("modifications"));
    }
    let wrong = exported("d.json", &with("/marches/marche/0/objet", Value::Null).to_string());
    assert_eq!(wrong.iter().map(|one| (one.concession, one.sound)).collect::<Vec<_>>(), [(true, true), (false, false)]);
    let old = exported("d.json", &first_document(&[one().first_edition(0)]).to_string());
    assert!(old.len() == 1 && !old[0].sound, "the first edition has not what the second asks for");
    let told = essential_contracts("d.json", b"{", &Limits::default(), &mut |_| {});
    assert_eq!(told.unwrap_err().code, "decp-malformed");
}

#[test]
fn a_document_is_handed_over_whole_and_what_it_says_twice_or_without_a_key_is_not_sound() {
    let three = [one().contract(), Procurement::new(2).contract(), one().modified(&[(1, 1.5)])];
    for (name, text) in [("d.json", document(&three, &[]).to_string()), ("d.xml", xml(&three, &[]))] {
        let told: Vec<(String, bool)> = exported(name, &text).into_iter().map(|one| (one.key, one.sound)).collect();
        let expected = [(one().key(), false), (Procurement::new(2).key(), true), (one().key(), false)];
        assert_eq!(told, expected, "{name}");
        let mut count = 0;
        let mut cut = |most: usize| {
            let limits = Limits { decp_contracts: most, ..Limits::default() };
            essential_contracts(name, text.as_bytes(), &limits, &mut |_| count += 1).unwrap()
        };
        assert_eq!((cut(3), cut(2), count), (Extent::Whole, Extent::Cut, 5), "{name}");
    }
    let keyless = exported("d.json", &with("/marches/marche/0/acheteur/id", json!("x")).to_string());
    let keys: Vec<(&str, bool)> = keyless.iter().map(|one| (one.key.as_str(), one.sound)).collect();
    assert_eq!(keys, [(format!("{BUYER}/C2026-00001").as_str(), true), ("", false)]);
    // However its number is written, a modification is there.
    let pointed =
        exported("d.json", &with("/marches/marche/0/modifications/1/modification/id", json!(2.0)).to_string());
    assert_eq!(pointed[1].modifications().iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_published_examples_are_read() {
    let Some(folder) = fixtures() else { return };
    for (path, contracts, modifications, said) in [
        ("json/concessions.json", 2, 0, vec![]),
        ("json/concessions_avec_modifications.json", 2, 2, vec![]),
        ("json/marches_avec_modifications.json", 2, 2, vec![]),
        ("json/marches_concessions.json", 4, 4, vec![]),
        ("xml/Contrat-concession.xml", 2, 0, vec!["decp-twice"]),
        ("xml/Contrat-concession-modification.xml", 2, 2, vec!["decp-twice"]),
        ("xml/Marche.xml", 2, 0, vec!["decp-twice"]),
    ] {
        let bytes = std::fs::read(folder.join("marches/exemples").join(path)).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let flow = read(&[(name, &bytes)], Declared::Auto);
        assert_eq!((flow.kind.as_str(), heavy(&flow)), ("marches", said), "{path}: {:?}", flow.findings);
        let counted = (&flow.facts["nombre_contrats"], &flow.facts["nombre_modifications"]);
        assert_eq!(counted, (&json!(contracts), &json!(modifications)), "{path}");
    }
}
