//! Which acts are for anyone: each reason to withhold one, alone.

use super::*;
use serde_json::json;

fn publisher(more: &str) -> Publisher {
    let tenant = TenantId([1; 16]);
    toml::from_str(&format!("tenant = \"{tenant}\"\nsiret = \"21349902300017\"\n{more}")).unwrap()
}

fn act() -> Value {
    json!({
        "flow": "actes", "message": "1-1", "id_acte": "034-213499023-20260110-12-DE", "siren": "213499023", "numero": "12",
        "date": "2026-01-10", "nature": "DE", "code_nature": "1", "matieres": ["8", "4", "1"], "objet": " Parc\n  central ",
        "enveloppe": {"nom": "EACT--213499023--20260110-1.xml", "sens": "vers-prefecture"},
    })
}

fn reply(message: &str, more: Value) -> Value {
    let mut facts = json!({
        "flow": "actes", "message": message, "id_acte": "034-213499023-20260110-12-DE", "siren": "213499023", "numero": "12",
        "date": "2026-01-10", "nature": "DE",
    });
    facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    facts
}

fn acknowledged() -> Value {
    reply("1-2", json!({"date_reception": "2026-01-12"}))
}

/// What is said of this act, deposited second, among these others in order.
fn told(publisher: &Publisher, act: &Value, others: &[Value]) -> Result<Act, Why> {
    let mut heard = vec![Heard::new(Index(1), EntryId([1; 16]), act.clone())];
    heard.extend(others.iter().zip(2..).map(|(facts, at)| Heard::new(Index(at), EntryId([2; 16]), facts.clone())));
    judge(publisher, Index(1), act, &heard)
}

fn why(act: &Value, others: &[Value]) -> Option<Why> {
    told(&publisher(""), act, others).err()
}

fn changed(name: &str, value: Value) -> Value {
    let mut facts = act();
    facts[name] = value;
    facts
}

fn with(facts: Value, messages: Value) -> Value {
    let mut facts = facts;
    facts["nombre_messages"] = messages.as_array().unwrap().len().into();
    facts["messages"] = messages;
    facts
}

#[test]
fn an_act_deposited_with_anything_but_its_acknowledgement_is_withheld() {
    let own = |message: &str| json!({"message": message, "id_acte": "034-213499023-20260110-12-DE"});
    let other = |message: &str| json!({"message": message, "id_acte": "034-213499023-20260110-13-AI"});
    let together = |messages: Value| why(&with(act(), messages), &[acknowledged()]);
    assert_eq!(together(json!([own("1-1"), own("1-2")])), None);
    for messages in [
        json!([own("1-1"), other("1-1")]),
        json!([own("1-1"), other("6-2")]),
        json!([own("1-1"), own("3-1")]),
        json!([own("1-1"), other("1-2")]),
        json!([own("1-1"), {"message": "1-2"}]),
    ] {
        assert_eq!(together(messages.clone()), Some(Why::Several), "{messages}");
    }
    let mut more = with(act(), json!([own("1-1"), own("1-2")]));
    more["nombre_messages"] = 30.into();
    assert_eq!(why(&more, &[acknowledged()]), Some(Why::Several));
}

#[test]
fn what_was_deposited_with_a_cancellation_is_in_doubt() {
    let other = |message: &str| json!({"message": message, "id_acte": "034-213499023-20260110-13-DE"});
    let of = |messages: Value| why(&act(), &[acknowledged(), with(reply("1-2", json!({})), messages)]);
    assert_eq!(of(json!([other("1-2"), other("2-1")])), None);
    assert_eq!(of(json!([other("1-2"), other("6-1")])), Some(Why::Cancelled));
    assert_eq!(of(json!([other("6-2"), other("6-2")])), Some(Why::Cancelled));
    assert_eq!(of(json!([other("1-2"), other("1-3")])), Some(Why::Anomaly));
}

#[test]
fn each_message_deposited_together_counts_for_its_own_act_where_that_is_told() {
    let of_act = |code: &str, number: &str| {
        let id = format!("034-213499023-20260110-{number}-DE");
        json!({"message": code, "id_acte": id, "id_acte_by": "id-acte", "date": "2026-01-12"})
    };
    // The facts describe another act, the first of those that are told of.
    let of = |messages: Value| {
        let main =
            reply("1-2", json!({"id_acte": "034-213499023-20260110-11-DE", "numero": "11", "id_acte_by": "id-acte"}));
        why(&act(), &[with(main, messages)])
    };
    assert_eq!(of(json!([of_act("1-2", "11"), of_act("1-2", "12"), of_act("6-2", "13"), of_act("1-3", "13")])), None);
    assert_eq!(of(json!([of_act("1-2", "11"), of_act("1-2", "13")])), Some(Why::NotAcknowledged));
    assert_eq!(of(json!([of_act("1-2", "12"), of_act("6-2", "12")])), Some(Why::Cancelled));
    assert_eq!(of(json!([of_act("1-2", "12"), of_act("1-3", "12")])), Some(Why::Anomaly));
    // Nothing says which act it cancels: it may be this one.
    assert_eq!(of(json!([of_act("1-2", "12"), {"message": "6-2"}])), Some(Why::Cancelled));
    assert_eq!(
        of(json!([of_act("1-2", "12"), {"message": "6-2", "siren": "213499023", "numero": "12"}])),
        Some(Why::Cancelled)
    );
    assert_eq!(of(json!([of_act("1-2", "12"), {"message": "6-2", "siren": "213499023", "numero": "13"}])), None);
    // Deposited again among others, which of them is described is chance.
    assert_eq!(of(json!([of_act("1-2", "12"), of_act("1-1", "11"), of_act("1-1", "12")])), Some(Why::Several));
}

#[test]
fn an_anomaly_on_another_envelope_is_about_another_act() {
    let on = |name: &str| {
        json!({
            "flow": "actes", "message": "1-2", "id_acte": "034-213499023-20260110-12-DE", "date_reception": "2026-01-12",
            "enveloppe": {"nom": "EACT--213499023--20260110-9.xml"},
            "messages": [{"message": "1-2", "id_acte": "034-213499023-20260110-12-DE", "id_acte_by": "id-acte", "date": "2026-01-12"}],
            "enveloppes": [{"reference": name, "sens": "anomalie"}, {"reference": "EACT--213499023--20260110-9"}],
        })
    };
    assert_eq!(why(&act(), &[on("EACT--213499023--20260110-2")]), None);
    assert_eq!(why(&act(), &[on("EACT--213499023--20260110-1")]), Some(Why::Anomaly));
}

#[test]
fn either_identifier_of_an_act_withholds_it_and_finds_what_takes_it_back() {
    let other = "034-213499023-20260110-12-CC";
    let two = changed("id_acte_autres", json!([{"id_acte": other, "by": "acte-recu"}]));
    let by = |id: &str| told(&publisher(&format!("withheld = [\"{id}\"]")), &two, &[acknowledged()]).err();
    assert_eq!((by(other), by("034-213499023-20260110-12-DE")), (Some(Why::Named), Some(Why::Named)));
    assert_eq!(by("034-213499023-20260110-12-AR"), None);
    // As somebody may write it by hand.
    for written in ["034-213499023-20260110-12-cc", " 034-213499023-20260110-12-CC\\t", "34-213499023-20260110-12-CC"] {
        assert_eq!(by(written), Some(Why::Named), "{written}");
    }
    let cancelled = reply("6-2", json!({"id_acte": other, "nature": "CC"}));
    assert_eq!(why(&two, &[acknowledged(), cancelled]), Some(Why::Cancelled));
    let names: Vec<String> = About::of(&two).names().into_iter().map(|(_, name)| name).collect();
    let number = "213499023/12".to_owned();
    assert_eq!(
        names,
        ["034-213499023-20260110-12-DE".into(), other.into(), number, "EACT--213499023--20260110-1".into()]
    );
    // Both natures must be allowed, whichever of them the name says.
    let natures = |nature: &str, code: &str| {
        let mut facts = changed("nature", json!(nature));
        facts["code_nature"] = json!(code);
        told(&publisher(""), &facts, &[reply("1-2", json!({"date_reception": "2026-01-12"}))]).err()
    };
    assert_eq!(
        (natures("DE", "1"), natures("DE", "4"), natures("CC", "1")),
        (None, Some(Why::Nature), Some(Why::Nature))
    );
}

#[test]
fn an_acknowledged_deliberation_is_for_anyone() {
    let act = told(&publisher(""), &act(), &[acknowledged()]).unwrap();
    assert_eq!((act.number.as_str(), act.date.as_str(), act.nature.as_str()), ("12", "2026-01-10", "DE"));
    assert_eq!((act.objet.as_str(), act.received.as_str()), ("Parc central", "2026-01-12"));
    assert_eq!(act.matter, ("8.4".into(), "domaines de compétences par thèmes/aménagement du territoire".into()));
}

#[test]
fn each_reason_withholds_alone() {
    let ar = [acknowledged()];
    assert_eq!(why(&act(), &[]), Some(Why::NotAcknowledged));
    for (name, value, expected) in [
        ("nature", json!("AI"), Why::Nature),
        // The name says one, the message another that is not allowed.
        ("code_nature", json!("4"), Why::Nature),
        // It says none that is known.
        ("code_nature", json!(""), Why::Nature),
        ("code_nature", json!("99"), Why::Nature),
        ("code_nature", Value::Null, Why::Nature),
        ("siren", json!("243499019"), Why::Siren),
        ("enveloppe", json!({"nom": "TACT--213499023--20260110-1.xml"}), Why::TestPlatform),
        ("matieres", json!(["8"]), Why::Incomplete),
        ("matieres", json!(["8", "77"]), Why::Incomplete),
        ("date", json!("2026-02-30"), Why::Incomplete),
        ("objet", json!(" \n"), Why::Incomplete),
        ("numero", json!(" "), Why::Incomplete),
    ] {
        assert_eq!(why(&changed(name, value.clone()), &ar), Some(expected), "{name} {value}");
    }
    // Received before its own day: not on that day.
    let received = |day: &str| why(&act(), &[reply("1-2", json!({"date_reception": day}))]);
    assert_eq!((received("2026-01-09"), received("2026-01-10")), (Some(Why::Days), None));
    let by = |more: &str| told(&publisher(more), &act(), &ar).err();
    assert_eq!(by("withheld = [\"034-213499023-20260110-12-DE\"]"), Some(Why::Named));
    assert_eq!(by("withheld_matters = [\"8\"]"), Some(Why::Matter));
    assert_eq!(by("withheld_matters = [\"8.4\"]"), Some(Why::Matter));
    assert_eq!(by("withheld_matters = [\"4\", \"8.2\"]"), None);
    assert_eq!(by("natures = [\"AR\"]"), Some(Why::Nature));
}

#[test]
fn a_cancellation_withholds_from_the_moment_it_is_asked_for_whatever_came_first() {
    for message in ["6-1", "6-2"] {
        assert_eq!(why(&act(), &[acknowledged(), reply(message, json!({}))]), Some(Why::Cancelled), "{message}");
        // Under another identifier, the same number and day.
        let other = reply(message, json!({"id_acte": "034-213499023-20260110-12-CC"}));
        assert_eq!(why(&act(), &[acknowledged(), other]), Some(Why::Cancelled), "{message}");
        let another = reply(message, json!({"id_acte": "034-213499023-20250110-12-DE", "date": "2025-01-10"}));
        assert_eq!(why(&act(), &[acknowledged(), another]), None, "that of last year: {message}");
    }
}

#[test]
fn a_refused_act_is_withheld_until_it_is_deposited_again() {
    let refused =
        json!({"flow": "actes", "message": "1-3", "siren": "213499023", "numero": "12", "anomalie": {"nature": "7"}});
    assert_eq!(why(&act(), &[acknowledged(), refused.clone()]), Some(Why::Anomaly));
    let envelope = json!({
        "flow": "actes", "anomalie": {}, "siren": "213499023",
        "enveloppe": {"nom": "ANO_EACT--213499023--20260110-1.xml", "sens": "anomalie"},
    });
    assert_eq!(why(&act(), &[acknowledged(), envelope]), Some(Why::Anomaly));
    let before = Heard::new(Index(0), EntryId([0; 16]), refused);
    let after = Heard::new(Index(2), EntryId([2; 16]), acknowledged());
    let own = Heard::new(Index(1), EntryId([1; 16]), act());
    assert!(judge(&publisher(""), Index(1), &act(), &[before, own, after]).is_ok());
}

#[test]
fn an_acknowledgement_that_repeats_something_else_than_the_act_beside_it_is_none() {
    let id = "034-213499023-20260110-12-DE";
    let together = |differs: bool| {
        let reply = json!({"message": "1-2", "id_acte": id, "id_acte_by": "id-acte", "date": "2026-01-12", "contenu_differe": differs});
        why(&with(act(), json!([{"message": "1-1", "id_acte": id, "id_acte_by": "nom-fichier"}, reply])), &[])
    };
    assert_eq!((together(false), together(true)), (None, Some(Why::Unsure)));
}

#[test]
fn an_acknowledgement_of_another_act_is_none() {
    let of = |more: Value| [reply("1-2", more)];
    let other = json!({"id_acte": "034-213499023-20260110-13-DE", "numero": "13", "date_reception": "2026-01-12"});
    assert_eq!(why(&act(), &of(other)), Some(Why::NotAcknowledged));
}

#[test]
fn a_cancellation_whose_identifier_is_none_withholds_by_its_name_and_the_reverse() {
    let id = "034-213499023-20260110-12-DE";
    for message in ["6-1", "6-2"] {
        let of = |id: &str, others: Value| json!({"flow": "actes", "message": message, "id_acte": id, "id_acte_by": "id-acte", "id_acte_autres": others});
        let named = of("034-213499023", json!([{"id_acte": id, "by": "nom-fichier"}]));
        assert_eq!(why(&act(), &[acknowledged(), named]), Some(Why::Cancelled), "{message}");
        // Its file is named after another act, and its IDActe, read loosely, is of this one.
        let loosely = json!([{"id_acte": "034-213499023-20260110-13-DE", "by": "nom-fichier"}, {"id_acte": id, "by": "id-acte-approche"}]);
        let other = of("34-213499023-20260110-12-de", loosely);
        assert_eq!(why(&act(), &[acknowledged(), other]), Some(Why::Cancelled), "{message}");
    }
}

#[test]
fn an_acknowledgement_of_the_test_platform_publishes_nothing() {
    let from = |name: &str| {
        let envelope = json!({"reference": name, "sens": "vers-collectivite"});
        reply("1-2", json!({"date_reception": "2026-01-12", "enveloppe": envelope}))
    };
    let trial = from("TACT--213499023--20260110-2");
    assert_eq!(why(&act(), std::slice::from_ref(&trial)), Some(Why::TestPlatform));
    assert_eq!(why(&act(), &[trial, from("EACT--213499023--20260110-2")]), None);
    // The act went there before: an acknowledgement that does not say where it comes from may be of that.
    let before = changed("enveloppe", json!({"reference": "TACT--213499023--20260110-1", "sens": "vers-prefecture"}));
    let of = |others: &[Value]| {
        let mut heard = vec![Heard::new(Index(0), EntryId([9; 16]), before.clone())];
        heard.extend(others.iter().zip(2..).map(|(facts, at)| Heard::new(Index(at), EntryId([2; 16]), facts.clone())));
        judge(&publisher(""), Index(1), &act(), &heard).err()
    };
    assert_eq!(of(&[acknowledged()]), Some(Why::TestPlatform));
    assert_eq!(of(&[from("EACT--213499023--20260110-2")]), None);
}

#[test]
fn what_takes_back_an_act_under_another_of_its_identifiers_takes_back_each_of_its_deposits() {
    let other = "034-213499023-20260110-12-CC";
    let two = changed("id_acte_autres", json!([{"id_acte": other, "by": "acte-recu"}]));
    let cancelled = json!({"flow": "actes", "message": "6-2", "id_acte": other, "id_acte_by": "id-acte"});
    let before = Heard::new(Index(0), EntryId([0; 16]), two);
    let after = |facts| Heard::new(Index(2), EntryId([2; 16]), facts);
    let own = || Heard::new(Index(1), EntryId([1; 16]), act());
    assert!(judge(&publisher(""), Index(1), &act(), &[own(), after(acknowledged()), after(cancelled.clone())]).is_ok());
    let all = [before, own(), after(acknowledged()), after(cancelled)];
    assert_eq!(judge(&publisher(""), Index(1), &act(), &all).err(), Some(Why::Cancelled));
}

#[test]
fn an_act_whose_text_is_surely_not_the_one_acknowledged_or_may_not_be_is_withheld() {
    let said = |mut facts: Value, subject: &str, document: &str| {
        (facts["objet"], facts["empreinte_acte"]) = (json!(subject), json!(document));
        facts
    };
    let (parc, stade) = (said(act(), "Parc", "aa"), said(act(), "Stade", "bb"));
    let repeated = |subject: &str| {
        reply("1-2", json!({"date_reception": "2026-01-12", "objet": subject, "matieres": ["8", "4", "1"]}))
    };
    assert_eq!(why(&parc, &[repeated(" parc ")]), None);
    assert_eq!(why(&parc, &[repeated("Stade")]), Some(Why::OtherText));
    assert_eq!(why(&stade, &[parc.clone(), repeated("Stade")]), None);
    assert_eq!(why(&parc, &[stade, repeated("Stade")]), Some(Why::OtherText));
    assert_eq!(why(&parc, &[said(act(), "Parc", "cc"), repeated("Parc")]), Some(Why::OtherText));
    // One that is archived and does not count is not said to be absent.
    let other = reply("1-2", json!({"date_reception": "2026-01-12", "numero": "13", "id_acte_by": "id-acte"}));
    assert_eq!(why(&act(), &[other]), Some(Why::Unsure));
    assert_eq!(why(&act(), &[reply("1-2", json!({"date_reception": "12/01/2026"}))]), Some(Why::Unsure));
}
