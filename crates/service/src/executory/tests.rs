//! What makes an act executory, what does not count, and what is told beside.

use super::*;
use serde_json::json;

const ID: &str = "034-213499023-20260110-12-DE";
/// 1 March 2026.
const DEPOSITED: UnixMillis = UnixMillis(1_772_323_200_000);

fn act() -> Value {
    json!({"flow": "actes", "message": "1-1", "id_acte": ID, "id_acte_by": "nom-fichier", "siren": "213499023", "numero": "12",
        "date": "2026-01-10", "nature": "DE", "enveloppe": {"reference": "EACT--1", "sens": "vers-prefecture"}})
}

fn ar(day: &str) -> Value {
    json!({"flow": "actes", "message": "1-2", "id_acte": ID, "date": "2026-01-10", "date_reception": day})
}

fn published(day: &str) -> Value {
    json!({"flow": "dossier", "message": "publication", "date": day, "id_acte": ID, "lieu": "site", "preuve": "p.pdf"})
}

fn without(mut facts: Value, name: &str) -> Value {
    facts.as_object_mut().unwrap().remove(name);
    facts
}

fn in_envelope(mut facts: Value, name: &str) -> Value {
    facts["enveloppe"] = json!({"reference": name, "sens": "vers-collectivite"});
    facts
}

/// The status by these entries, the act besides.
fn told(entries: &[Value]) -> Value {
    let (text, act) = (flow::ActText::of(&act()), Known::of(flow::About::of(&act())));
    let all: Vec<Said> = entries
        .iter()
        .flat_map(|facts| flow::spoken(facts).into_iter().map(move |one| (one, facts)))
        .filter_map(|(one, facts)| match act.tied(&one.about) {
            Some(_) => Some(Said::of(&one, &act, facts, DEPOSITED)),
            None => Said::perhaps(&one, &act),
        })
        .collect();
    Status::of(&all.iter().collect::<Vec<_>>(), false, Some(&text)).json()
}

#[test]
fn an_act_is_executory_when_both_are_known_from_the_later_of_them_on() {
    assert_eq!(told(&[act()])["etat"], "inconnu");
    assert_eq!(told(&[act(), ar("2026-01-15")])["etat"], "recu-publication-inconnue");
    assert_eq!(told(&[act(), published("2026-01-20")])["etat"], "publie-reception-inconnue");
    let whole = told(&[published("2026-01-20"), act(), ar("2026-01-15")]);
    assert_eq!((&whole["etat"], &whole["depuis"]), (&json!("executoire"), &json!("2026-01-20")));
    assert_eq!(whole["recours_indicatif_jusqu_au"], "2026-03-20");
    // It may be published before the préfecture has it: it is executory once it has.
    assert_eq!(told(&[ar("2026-02-01"), published("2026-01-20")])["depuis"], "2026-02-01");
    let cancelled = json!({"flow": "actes", "message": "6-2", "id_acte": ID, "date_annulation": "2026-03-01"});
    let all = [act(), ar("2026-01-15"), published("2026-01-20"), cancelled];
    assert_eq!((&told(&all)["etat"], &told(&all)["depuis"]), (&json!("annule"), &Value::Null));
    // A day that is none says nothing.
    assert_eq!(told(&[ar("2026-02-30")])["etat"], "inconnu");
}

#[test]
fn a_publication_counts_with_its_day_place_and_proof_alone() {
    let of = |publication: Value| told(&[act(), ar("2026-01-15"), publication]);
    let whole = of(published("2026-01-20"));
    assert_eq!((&whole["etat"], &whole["publications_ecartees"]), (&json!("executoire"), &json!([])));
    for (publication, code) in [
        (without(published("2026-01-20"), "lieu"), "publication-no-place"),
        (without(published("2026-01-20"), "preuve"), "publication-no-proof"),
        (published("1900-01-01"), "publication-before-act"),
        (published("2026-01-09"), "publication-before-act"),
        (published("2099-01-01"), "publication-after-deposit"),
        (published("2026-03-03"), "publication-after-deposit"),
        (published("2026-02-30"), "manifest-date"),
    ] {
        let status = of(publication.clone());
        assert_eq!(status["etat"], "recu-publication-inconnue", "{publication}");
        assert_eq!((&status["publie_le"], &status["depuis"]), (&Value::Null, &Value::Null));
        assert_eq!(status["publications_ecartees"][0]["codes"], json!([code]), "{publication}");
        assert_eq!(status["publications_ecartees"][0]["date"], publication["date"]);
        let sentence = status["phrase"].as_str().unwrap();
        assert!(
            sentence.starts_with("Reçu par la préfecture le 15/01/2026, selon un accusé de réception rattaché par le seul identifiant de l'acte ; publication inconnue. Une publication"),
            "{sentence}"
        );
    }
    for day in ["2026-01-10", "2026-03-01", "2026-03-02"] {
        assert_eq!(of(published(day))["etat"], "executoire", "{day}");
    }
}

#[test]
fn what_a_deposit_says_of_another_act_counts_for_that_one() {
    let other = "034-213499023-20260110-13-DE";
    let list = json!([
        {"message": "1-2", "id_acte": other, "id_acte_by": "id-acte", "date": "2026-01-11"},
        {"message": "1-2", "id_acte": ID, "id_acte_by": "id-acte", "date": "2026-01-12"},
        {"message": "6-2", "id_acte": other, "id_acte_by": "id-acte", "date": "2026-02-01"},
    ]);
    let replies =
        json!({"flow": "actes", "message": "1-2", "id_acte": other, "date_reception": "2026-01-11", "messages": list});
    let status = told(&[act(), replies]);
    assert_eq!((&status["etat"], &status["recu_le"]), (&json!("recu-publication-inconnue"), &json!("2026-01-12")));
    // Its file bears the name of this act, its IDActe is another's: it acknowledges that one.
    let named = json!({"flow": "actes", "message": "1-2", "id_acte": other, "id_acte_by": "id-acte", "date_reception": "2026-01-11",
        "id_acte_autres": [{"id_acte": ID, "by": "nom-fichier"}]});
    assert_eq!(told(&[act(), named])["etat"], "inconnu");
}

#[test]
fn an_anomaly_is_told_and_changes_no_state() {
    let anomaly =
        json!({"flow": "actes", "message": "1-3", "id_acte": ID, "anomalie": {"date": "2026-01-20", "nature": "005"}});
    let status = told(&[act(), ar("2026-01-15"), published("2026-01-20"), anomaly.clone()]);
    assert_eq!(status["etat"], "executoire");
    assert_eq!((&status["anomalie_le"], &status["anomalie_sur"]), (&json!("2026-01-20"), &json!("acte")));
    assert!(
        status["phrase"].as_str().unwrap().contains("Une anomalie sur l'acte a été retournée le 20/01/2026 ; l'accusé")
    );
    let envelope = json!({"flow": "actes", "enveloppe": {"reference": "EACT--1", "sens": "anomalie"}, "anomalie": {"date": "2026-01-21"}});
    let status = told(&[act(), anomaly, envelope]);
    assert_eq!((&status["etat"], &status["anomalie_sur"]), (&json!("inconnu"), &json!("enveloppe")));
    assert!(
        status["phrase"].as_str().unwrap().ends_with("le 21/01/2026 : rien ne dit que la préfecture l'a reçu."),
        "{status}"
    );
    let none = told(&[act(), ar("2026-01-15")]);
    assert_eq!((&none["anomalie_le"], &none["anomalie_sur"]), (&Value::Null, &Value::Null));
}

#[test]
fn where_not_everything_was_looked_at_only_a_cancellation_is_certain() {
    let all = [Said { received: Some("2026-01-15".into()), published: Some("2026-01-20".into()), ..Said::default() }];
    let status = Status::of(&all.iter().collect::<Vec<_>>(), true, None);
    assert_eq!(status.json()["etat"], "inconnu");
    assert!(status.sentence(Language::English).starts_with("State unknown: too many deposits"));
    let cancellation = Cancellation { message: "6-2".into(), day: None, in_doubt: false, is_unseen: false };
    let cancelled = [Said { cancellation: Some(cancellation), ..Said::default() }];
    assert_eq!(Status::of(&cancelled.iter().collect::<Vec<_>>(), true, None).json()["etat"], "annule");
}

const OTHER: &str = "034-213499023-20260110-13-DE";

/// The act, received and published, with this cancellation of it.
fn with_cancellation(message: &str, id: &str, named: Option<&str>) -> Value {
    let by = |name: &str, by: &str| json!({"id_acte": name, "by": by});
    let others: Vec<Value> = named.map(|name| by(name, "nom-fichier")).into_iter().collect();
    let cancelled = json!({"flow": "actes", "message": message, "id_acte": id, "id_acte_by": "id-acte", "id_acte_autres": others,
        "date_annulation": "2026-03-01"});
    told(&[act(), ar("2026-01-15"), published("2026-01-20"), cancelled])
}

#[test]
fn a_cancellation_in_doubt_makes_no_act_cancelled_and_none_executory() {
    // An IDActe that is none, in a file named after this act.
    for id in ["n'importe quoi", "34-213499023-20260110-12-DE", "034-213499023-20260110-12"] {
        let status = with_cancellation("6-2", id, Some(ID));
        assert_eq!((&status["etat"], &status["depuis"]), (&json!("annulation-possible"), &Value::Null), "{id}");
        assert_eq!(status["annulations_possibles"], json!([{"message": "6-2", "date": "2026-03-01"}]));
        assert!(status["phrase"].as_str().unwrap().contains("peut-être celle de cet acte"), "{status}");
        assert_eq!(with_cancellation("6-1", id, Some(ID))["etat"], "annulation-possible", "{id}");
    }
    // It names another by IDActe, and this one by its name; or the reverse, where IDActe decides.
    assert_eq!(with_cancellation("6-2", OTHER, Some(ID))["etat"], "annulation-possible");
    assert_eq!(with_cancellation("6-2", ID, Some(OTHER))["etat"], "annule");
    assert_eq!(with_cancellation("6-2", OTHER, None)["etat"], "executoire");
    // Asked for, and not acknowledged: said, and no more.
    let asked = with_cancellation("6-1", ID, None);
    assert_eq!((&asked["etat"], &asked["annulation_demandee"]), (&json!("executoire"), &json!(true)));
    assert!(asked["phrase"].as_str().unwrap().contains("Son annulation a été demandée"), "{asked}");
}

#[test]
fn an_acknowledgement_of_the_test_platform_acknowledges_nothing() {
    let trial = in_envelope(ar("2026-01-15"), "TACT--213499023--20260110-2");
    let status = told(&[act(), trial, published("2026-01-20")]);
    assert_eq!((&status["etat"], &status["recu_le"]), (&json!("publie-reception-inconnue"), &Value::Null));
    assert_eq!(status["receptions_de_test"], json!(["2026-01-15"]));
    assert!(status["phrase"].as_str().unwrap().contains("plateforme de test (TACT)"), "{status}");
    // The act went to that platform: an acknowledgement counts that says it comes from the other.
    let sent = Known::of(flow::About::of(&in_envelope(act(), "TACT--213499023--20260110-1")));
    let of = |facts: Value| {
        let spoken = flow::spoken(&facts);
        let said = Said::of(&spoken[0], &sent, &facts, DEPOSITED);
        (said.received, said.on_trial)
    };
    let day = || Some("2026-01-15".to_owned());
    assert_eq!(of(ar("2026-01-15")), (None, day()));
    assert_eq!(of(in_envelope(ar("2026-01-15"), "EACT--213499023--20260110-2")), (day(), None));
}

#[test]
fn an_act_that_has_two_identifiers_is_acknowledged_and_cancelled_by_either() {
    let other = "034-213499023-20260110-12-CC";
    let mut both = act();
    both["id_acte_autres"] = json!([{"id_acte": other, "by": "acte-recu"}]);
    let mut known = Known::of(flow::About::of(&act()));
    assert!(known.join(&flow::About::of(&both)) && !known.join(&flow::About::of(&both)));
    let said = |facts: Value| Said::of(&flow::spoken(&facts)[0], &known, &facts, DEPOSITED);
    // Of one of those deposited, and not of the other: it is told, and does not count.
    let mut replied = ar("2026-01-15");
    assert_eq!(said(replied.clone()).received.as_deref(), Some("2026-01-15"));
    replied["id_acte"] = json!(other);
    assert_eq!(said(replied.clone()).unsure.as_deref(), Some("2026-01-15"));
    known = Known::of(flow::About::of(&both));
    let said = |facts: Value| Said::of(&flow::spoken(&facts)[0], &known, &facts, DEPOSITED);
    assert_eq!(said(replied).received.as_deref(), Some("2026-01-15"));
    let cancelled = json!({"flow": "actes", "message": "6-2", "id_acte": other, "id_acte_by": "id-acte"});
    assert!(said(cancelled).cancellation.is_some_and(|one| !one.in_doubt));
}

/// The same act with this subject and document, and an acknowledgement that repeats that subject.
fn saying(mut facts: Value, subject: &str, document: Option<&str>) -> Value {
    facts["objet"] = json!(subject);
    facts["matieres"] = json!(["1", "1"]);
    facts["empreinte_acte"] = json!(document);
    facts
}

#[test]
fn of_several_texts_under_one_identifier_none_is_executory_but_the_one_that_is_repeated() {
    let (sale, gift) = (saying(act(), "Vente", Some("aa")), saying(act(), "Don", Some("bb")));
    let reply = saying(ar("2026-01-15"), "Vente", None);
    let asked = |text: &Value, entries: &[Value]| {
        let known = Known::of(flow::About::of(text));
        let all: Vec<Said> = entries
            .iter()
            .flat_map(|facts| flow::spoken(facts).into_iter().map(move |one| (one, facts)))
            .map(|(one, facts)| Said::of(&one, &known, facts, DEPOSITED))
            .collect();
        Status::of(&all.iter().collect::<Vec<_>>(), false, Some(&flow::ActText::of(text))).json()
    };
    let all = [sale.clone(), reply.clone(), published("2026-01-20"), gift.clone()];
    let (of_sale, of_gift) = (asked(&sale, &all), asked(&gift, &all));
    assert_eq!((&of_sale["etat"], &of_sale["textes"]), (&json!("executoire"), &json!("plusieurs-celui-ci")));
    assert!(of_sale["phrase"].as_str().unwrap().contains("Un autre texte a été déposé sous cet identifiant"));
    assert_eq!((&of_gift["etat"], &of_gift["depuis"]), (&json!("texte-incertain"), &Value::Null));
    assert!(of_gift["phrase"].as_str().unwrap().contains("ce texte n'est pas celui dont la préfecture a accusé"));
    // The substitute alone, or another document with the same words: nothing tells.
    let stamped = saying(act(), "Vente", Some("cc"));
    for entries in [
        &[gift.clone(), reply.clone(), published("2026-01-20")][..],
        &[sale.clone(), stamped, reply.clone(), published("2026-01-20")],
    ] {
        let status = asked(&entries[0], entries);
        assert_eq!((&status["etat"], &status["textes"]), (&json!("texte-incertain"), &json!("plusieurs-incertain")));
    }
    // Deposited twice, it is one.
    let again = [sale.clone(), sale.clone(), reply, published("2026-01-20")];
    assert_eq!((&asked(&sale, &again)["etat"], &asked(&sale, &again)["textes"]), (&json!("executoire"), &json!("un")));
}

#[test]
fn an_acknowledgement_that_contradicts_the_act_or_has_no_day_does_not_count_and_is_told() {
    let mut other = ar("2026-01-15");
    (other["numero"], other["date"], other["id_acte_by"]) = (json!("13"), json!("2025-01-01"), json!("id-acte"));
    let status = told(&[act(), other, published("2026-01-20")]);
    assert_eq!(
        (&status["etat"], &status["receptions_incertaines"]),
        (&json!("publie-reception-inconnue"), &json!(["2026-01-15"]))
    );
    let listed = json!([{"message": "1-1", "id_acte": ID, "id_acte_by": "nom-fichier"},
        {"message": "1-2", "id_acte": ID, "id_acte_by": "id-acte", "date": "2026-01-15", "contenu_differe": true}]);
    let mut together = act();
    together["messages"] = listed;
    assert_eq!(told(&[together])["receptions_incertaines"], json!(["2026-01-15"]));
    for day in [json!("03/10/2026"), Value::Null] {
        let mut undated = ar("2026-01-15");
        undated["date_reception"] = day;
        let status = told(&[act(), undated]);
        assert_eq!((&status["etat"], &status["receptions_sans_jour"]), (&json!("inconnu"), &json!(true)));
        assert!(status["phrase"].as_str().unwrap().contains("ne dit aucun jour qui se lise"), "{status}");
    }
    let twice = told(&[act(), ar("2026-01-17"), ar("2026-01-15"), ar("2026-01-15")]);
    assert_eq!((&twice["recu_le"], &twice["receptions"]), (&json!("2026-01-15"), &json!(["2026-01-15", "2026-01-17"])));
    assert!(twice["phrase"].as_str().unwrap().contains("jours différents (15/01/2026, 17/01/2026)"), "{twice}");
}

#[test]
fn what_an_acknowledgement_repeats_counts_in_whatever_company_it_came() {
    let mark = |subject: &str| {
        // As facts have it: the mark of a subject is the same however it is written.
        let text = json!({"flow": "actes", "message": "1-2", "id_acte": ID, "objet": subject});
        flow::spoken(&text)[0].text.clone()
    };
    assert_eq!(mark("Vente du stade"), mark("vente  DU stade"));
    let listed = |marked: &str| {
        let other = "034-213499023-20260110-77-DE";
        json!({"flow": "actes", "message": "1-1", "id_acte": other, "id_acte_by": "nom-fichier", "messages": [
            {"message": "1-1", "id_acte": other, "id_acte_by": "nom-fichier", "objet_marque": "00", "matieres": ["1", "1"]},
            {"message": "1-2", "id_acte": ID, "id_acte_by": "id-acte", "date": "2026-01-15", "objet_marque": marked, "matieres": ["1", "1"]},
        ]})
    };
    let alone = saying(act(), "Vente", Some("aa"));
    let asked = |entries: &[Value]| {
        let known = Known::of(flow::About::of(&alone));
        let all: Vec<Said> = entries
            .iter()
            .flat_map(|facts| flow::spoken(facts).into_iter().map(move |one| (one, facts)))
            .filter(|(one, _)| known.tied(&one.about).is_some())
            .map(|(one, facts)| Said::of(&one, &known, facts, DEPOSITED))
            .collect();
        Status::of(&all.iter().collect::<Vec<_>>(), false, Some(&flow::ActText::of(&alone))).json()["etat"].clone()
    };
    // SHA-256 of « v*nt », its first eight bytes.
    let own = "8ff5b2a2fa8e0a1a";
    let of = |marked: &str| asked(&[alone.clone(), listed(marked), published("2026-01-20")]);
    assert_eq!(of("ffffffffffffffff"), "texte-incertain");
    assert_eq!(of(own), "executoire");
}

#[test]
fn an_acknowledgement_of_a_day_before_the_act_or_after_its_own_deposit_does_not_count() {
    // The act's own day; somewhere it is already the day after the deposit.
    for day in ["2026-01-10", "2026-03-02"] {
        let status = told(&[act(), ar(day)]);
        assert_eq!((&status["recu_le"], &status["receptions_ecartees"]), (&json!(day), &json!([])));
    }
    for day in ["2026-01-09", "2026-03-03"] {
        let status = told(&[act(), ar(day)]);
        assert_eq!((&status["etat"], &status["receptions_ecartees"]), (&json!("inconnu"), &json!([day])));
        assert!(status["phrase"].as_str().unwrap().contains("ce jour n'est pas possible"), "{status}");
    }
}

#[test]
fn a_cancellation_of_the_test_platform_leaves_an_act_sent_for_real_in_doubt() {
    let cancelled = json!({"flow": "actes", "message": "6-2", "id_acte": ID, "id_acte_by": "id-acte", "date_annulation": "2026-02-01"});
    let all = |envelope: &str| told(&[act(), ar("2026-01-15"), in_envelope(cancelled.clone(), envelope)]);
    let test = all("TACT--2");
    assert_eq!(
        (&test["etat"], test["annulations_possibles"].as_array().map(Vec::len)),
        (&json!("annulation-possible"), Some(1))
    );
    assert_eq!(all("EACT--2")["etat"], "annule");
}
