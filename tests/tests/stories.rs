//! Six messages of one act, deposited one by one in every order into a house of the real program: whichever of them is asked, the story is
//! the same, and each entry says by which rule it belongs there.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::published::House;
use tests::samples::{Exchange, in_every_order};

const STORY: [&str; 6] = ["1-1", "1-2", "3-1", "3-4", "6-1", "6-2"];
/// The rule by which each of them is tied.
const RULES: [&str; 6] = ["nom-fichier", "id-acte", "id-acte", "nom-fichier", "nom-fichier", "id-acte"];

/// Message to rule, as the entries of a story say it.
fn rules(act: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    act["entries"].as_array().unwrap().iter().map(|one| (text(&one["message"]), text(&one["by"]))).collect()
}

fn deposited(house: &House, name: &str, bytes: &[u8]) -> Value {
    let (status, body) = house.send(&format!("/v1/deposits?name={name}"), bytes).unwrap();
    assert_eq!(status, 201, "{name}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

fn asked(house: &House, deposit: &Value) -> Value {
    let (status, body) = house.ask(deposit["links"]["self"].as_str().unwrap()).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice::<Value>(&body).unwrap()["act"].clone()
}

#[test]
fn every_order_of_six_messages_ends_in_the_same_story_with_the_same_ties() {
    let place = tempfile::tempdir().unwrap();
    let house = House::open(place.path(), "essai.exemple.fr/histoires").unwrap();
    let expected: BTreeMap<String, String> =
        STORY.iter().zip(RULES).map(|(message, by)| ((*message).to_owned(), by.to_owned())).collect();
    let mut orders = 0;
    in_every_order(&[0, 1, 2, 3, 4, 5], &mut |order| {
        orders += 1;
        let number = format!("H{orders}");
        let deposit = |at: &usize| {
            let exchange = Exchange::new(2, STORY[*at]).numbered(&number);
            deposited(&house, &exchange.name(), &exchange.message())
        };
        let all: Vec<Value> = order.iter().map(deposit).collect();
        // The last is answered with all of it; the first, which knew of nothing then, says the same now.
        let ends = [all[5]["act"].clone(), asked(&house, &all[0])];
        for act in &ends {
            assert_eq!(rules(act), expected, "{order:?}: {act}");
            assert_eq!(act["executoire"]["etat"], "annule", "{order:?}: {act}");
        }
        assert_eq!(ends[0], ends[1], "{order:?}");
        let came: Vec<_> = ends[0]["entries"].as_array().unwrap().iter().map(|one| one["message"].clone()).collect();
        assert_eq!(came, order.iter().map(|at| json!(STORY[*at])).collect::<Vec<_>>(), "in the order of the log");
    });
    assert_eq!(orders, 720);
}

#[test]
fn an_anomaly_without_identifier_joins_by_number_and_one_on_the_envelope_by_its_name() {
    for anomaly_first in [true, false] {
        let place = tempfile::tempdir().unwrap();
        let house = House::open(place.path(), "essai.exemple.fr/anomalies").unwrap();
        let act = Exchange::new(2, "1-1");
        let (archive, bytes) = act.tar_gz();
        // The parts of its name are empty, as they come: the act it repeats gives the identifier, or not, when its nature is not said.
        let siren = &act.act_id()[4..13];
        let (repeats, nameless) = (format!("034-{siren}----1-3_1.xml"), format!("034-{siren}----1-3_2.xml"));
        let anomaly = String::from_utf8(Exchange::new(2, "1-3").in_utf8().message()).unwrap();
        let without_nature = anomaly.replacen(" actes:CodeNatureActe=\"2\"", "", 1);
        assert_ne!(anomaly, without_nature);
        let refused = String::from_utf8(Exchange::new(2, "1-1").in_utf8().envelope()).unwrap();
        let refused = refused
            .replacen("EnveloppeCLMISILL", "AnomalieEnveloppe", 1)
            .replace("/actes:EnveloppeCLMISILL", "/actes:AnomalieEnveloppe");
        let on_envelope = format!("ANO_{}.xml", archive.trim_start_matches("TST-").trim_end_matches(".tar.gz"));
        let mut sent: Vec<(&str, &[u8])> =
            vec![(&archive, &bytes), (&repeats, anomaly.as_bytes()), (&nameless, without_nature.as_bytes())];
        sent.push((&on_envelope, refused.as_bytes()));
        if anomaly_first {
            sent.reverse();
        }
        let all: Vec<Value> = sent.iter().map(|(name, bytes)| deposited(&house, name, bytes)).collect();
        let of = |name: &str| &all[sent.iter().position(|(sent, _)| *sent == name).unwrap()];
        let whole = asked(&house, of(&archive));
        let by: Vec<_> = whole["entries"].as_array().unwrap().iter().map(|one| one["by"].clone()).collect();
        let mut expected = ["nom-fichier", "acte-recu", "siren-numero", "nom-enveloppe"].map(Value::from).to_vec();
        if anomaly_first {
            expected.reverse();
        }
        assert_eq!(by, expected, "{whole}");
        for (name, _) in &sent {
            assert_eq!(asked(&house, of(name)), whole, "{name}");
        }
    }
}

/// `ATTRIBUTE="…"` of an XML with another value.
fn saying(xml: &[u8], attribute: &str, value: &str) -> Vec<u8> {
    let text = String::from_utf8(xml.to_vec()).unwrap();
    let (before, rest) = text.split_once(&format!("{attribute}=\"")).unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}{attribute}=\"{value}\"{after}").into_bytes()
}

#[test]
fn an_act_whose_name_and_content_differ_has_one_story_by_whichever_it_is_asked() {
    let place = tempfile::tempdir().unwrap();
    let house = House::open(place.path(), "essai.exemple.fr/deux-noms").unwrap();
    let of = |message: &'static str| Exchange::new(2, message).in_utf8();
    let named = of("1-1").act_id();
    let (stem, nature) = named.rsplit_once('-').unwrap();
    let content = format!("{stem}-CC");
    assert_ne!(nature, "CC");
    let act = (of("1-1").name(), saying(&of("1-1").message(), "CodeNatureActe", "4"));
    let repeated = saying(&of("1-2").message(), "CodeNatureActe", "4");
    let replied = (of("1-2").name().replace(&named, &content), saying(&repeated, "IDActe", &content));
    let letter = (of("3-1").name(), saying(&of("3-1").message(), "IDActe", &named));
    // Of another department, and its name has all its parts.
    let elsewhere = named.replacen(&named[..3], "099", 1);
    let anomaly = (format!("{elsewhere}-1-3_1.xml"), of("1-3").message());
    let all: Vec<Value> =
        [&act, &replied, &letter, &anomaly].iter().map(|(name, bytes)| deposited(&house, name, bytes)).collect();
    let whole = asked(&house, &all[0]);
    assert_eq!(whole["id_acte"], named);
    assert_eq!(whole["entries"].as_array().unwrap().len(), 4, "{whole}");
    assert_eq!(whole["executoire"]["etat"], "recu-publication-inconnue", "{whole}");
    assert_eq!(whole["executoire"]["anomalie_sur"], "acte", "{whole}");
    for one in &all {
        assert_eq!(asked(&house, one), whole);
    }
}

#[test]
fn a_cancellation_whose_idacte_is_malformed_reaches_the_act_by_its_name_and_by_what_it_was_meant_for() {
    for (at, (id, named)) in [("faux", "1"), ("34-{}-2026-01-01-1-de", "2")].into_iter().enumerate() {
        let place = tempfile::tempdir().unwrap();
        let house = House::open(place.path(), &format!("essai.exemple.fr/mal-formee-{at}")).unwrap();
        let of = |message: &'static str, number: &str| Exchange::new(2, message).in_utf8().numbered(number);
        let act = deposited(&house, &of("1-1", "1").name(), &of("1-1", "1").message());
        let ours = of("1-1", "1").act_id();
        let meant = if at == 0 { id.to_owned() } else { format!("{} ", ours[1..].to_lowercase()) };
        for message in ["1-2", "6-2"] {
            let (name, bytes) = (of(message, named).name(), of(message, named).message());
            match message {
                "6-2" => deposited(&house, &name, &saying(&bytes, "IDActe", &meant)),
                _ => deposited(&house, &of(message, "1").name(), &of(message, "1").message()),
            };
        }
        let story = asked(&house, &act);
        assert_eq!(story["executoire"]["etat"], "annulation-possible", "{meant}: {story}");
        assert_eq!(story["executoire"]["annulations_possibles"].as_array().unwrap().len(), 1, "{story}");
    }
}

#[test]
fn an_act_deposited_after_a_classification_is_held_against_the_one_in_force_at_its_date() {
    let place = tempfile::tempdir().unwrap();
    let house = House::open(place.path(), "essai.exemple.fr/classifications").unwrap();
    let give = |rank: u32, since, matter| {
        let given = Exchange::new(0, "7-2").classifying(since, matter);
        deposited(&house, &given.name().replace("_0.", &format!("_{rank}.")), &given.message())
    };
    let act = |number: &str| {
        let act = Exchange::new(0, "1-1").numbered(number);
        let (status, body) =
            house.ask(deposited(&house, &act.name(), &act.message())["links"]["self"].as_str().unwrap()).unwrap();
        assert_eq!(status, 200);
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let unknown =
        |entry: &Value| entry["findings"].as_array().unwrap().iter().any(|one| one["code"] == "actes-matter-unknown");
    let before = act("A1");
    assert!(before["facts"]["classification_reference"].is_null() && !unknown(&before));
    give(1, "2019-06-01", "7");
    let old = give(2, "2018-01-01", "7");
    let held = act("A2");
    let reference = json!({"date": "2018-01-01", "entree": old["id"]});
    assert_eq!((&held["facts"]["classification_reference"], unknown(&held)), (&reference, true), "{}", held["facts"]);
    give(3, "2019-01-01", "1");
    let held = act("A3");
    assert_eq!(held["facts"]["matieres_libelles"], json!(["Commande publique", "Marchés publics"]));
    assert_eq!((&held["facts"]["classification_reference"]["date"], unknown(&held)), (&json!("2019-01-01"), false));
}
