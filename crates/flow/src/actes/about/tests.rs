//! The rules by which a message is about an act, each alone.

use serde_json::json;

use super::*;

fn about(ids: &[(&str, By)], siren: &str, number: &str, date: &str, nature: &str) -> About {
    let word = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    About {
        ids: ids.iter().map(|(id, by)| ((*id).to_owned(), *by)).collect(),
        siren: word(siren),
        number: word(number),
        date: word(date),
        nature: word(nature),
        ..About::default()
    }
}

fn act() -> About {
    let ids = [("034-243499019-20190523-7-DE", By::FileName), ("034-243499019-20190523-7-CC", By::RepeatedAct)];
    about(&ids, "243499019", "7", "2019-05-23", "DE")
}

#[test]
fn an_identifier_ties_by_the_rule_that_gives_it() {
    for (id, by) in [("034-243499019-20190523-7-DE", By::IdActe), ("034-243499019-20190523-7-CC", By::FileName)] {
        // Whatever number and date it says besides.
        assert_eq!(about(&[(id, by)], "", "8", "2020-01-01", "").ties(&act()), Some(by));
    }
}

#[test]
fn a_number_ties_only_where_one_names_no_act_and_nothing_differs() {
    let nameless = about(&[], "243499019", "7", "2019-05-23", "DE");
    assert_eq!((nameless.ties(&act()), act().ties(&nameless)), (Some(By::Number), Some(By::Number)));
    assert_eq!(about(&[], "243499019", "7", "", "").ties(&act()), Some(By::Number));
    for (siren, number, date, nature) in [
        ("243499020", "7", "", ""),
        ("243499019", "8", "", ""),
        ("243499019", "7", "2020-05-23", ""),
        ("243499019", "7", "", "AR"),
        ("", "7", "2019-05-23", "DE"),
        ("243499019", "", "2019-05-23", "DE"),
    ] {
        assert_eq!(about(&[], siren, number, date, nature).ties(&act()), None, "{siren} {number} {date} {nature}");
    }
    // It names another act: that number, day and nature are the same changes nothing.
    for by in [By::IdActe, By::FileName] {
        let other = about(&[("034-243499019-20180523-7-DE", by)], "243499019", "7", "2019-05-23", "DE");
        assert_eq!(other.ties(&act()), None);
    }
    // What is only put together from what it repeats is no name.
    let repeated = about(&[("044-243499019-20190523-7-DE", By::RepeatedAct)], "243499019", "7", "2019-05-23", "DE");
    assert_eq!(repeated.ties(&act()), Some(By::Number));
}

#[test]
fn an_envelope_ties_what_came_in_it_and_names_no_other_act() {
    let envelope = |name: &str| About { envelope: Some(name.into()), is_envelope: true, ..About::default() };
    let inside = |about: About| About { envelope: Some("EACT--1".into()), ..about };
    assert_eq!(envelope("EACT--1").ties(&inside(act())), Some(By::EnvelopeName));
    assert_eq!(inside(act()).ties(&envelope("EACT--1")), Some(By::EnvelopeName));
    assert_eq!((envelope("EACT--2").ties(&inside(act())), envelope("EACT--1").ties(&act())), (None, None));
    let beside = inside(about(&[], "243499019", "", "", ""));
    assert_eq!(beside.ties(&inside(act())), None, "both are messages");
}

#[test]
fn what_acknowledges_is_tied_surely_and_what_takes_back_perhaps() {
    let sure = |one: &About| (one.surely(&act()), one.perhaps(&act()));
    let own = ("034-243499019-20190523-7-DE", By::IdActe);
    assert_eq!(sure(&about(&[own], "", "", "", "")), (true, true));
    // Its file is named after this act, its IDActe after another.
    let two = [("034-243499019-20180523-7-DE", By::IdActe), ("034-243499019-20190523-7-DE", By::FileName)];
    assert_eq!(sure(&about(&two, "243499019", "7", "2018-05-23", "DE")), (false, true));
    assert_eq!(sure(&about(&two[1..], "", "", "", "")), (true, true));
    // Named after this act, it repeats another, or this one of another year.
    for (number, date) in [("8", "2019-05-23"), ("7", "2018-05-23")] {
        assert_eq!(sure(&about(&two[1..], "243499019", number, date, "DE")), (false, true), "{number} {date}");
    }
    // Nothing names the act: all parts must be there, or none be another's.
    assert_eq!(sure(&about(&[], "243499019", "7", "2019-05-23", "DE")), (true, true));
    assert_eq!(sure(&about(&[], "243499019", "7", "2019-05-23", "")), (false, true));
    assert_eq!(sure(&about(&[], "243499019", "7", "2018-05-23", "DE")), (false, false));
    assert_eq!(sure(&About::default()), (false, true));
    let other = about(&[("034-243499019-20190523-9-DE", By::IdActe)], "243499019", "9", "2019-05-23", "DE");
    assert_eq!(sure(&other), (false, false));
    assert_eq!(sure(&About { is_partial: true, ..other }), (false, true));
}

#[test]
fn each_message_of_an_entry_is_read_with_what_it_says_itself() {
    let facts = json!({
        "flow": "actes", "message": "1-1", "id_acte": "034-243499019-20190523-7-DE", "siren": "243499019", "numero": "7",
        "date": "2019-05-23", "nature": "DE", "date_reception": "2019-05-28", "enveloppe": {"reference": "EACT--1"},
        "messages": [
            {"message": "1-1", "id_acte": "034-243499019-20190523-7-DE", "id_acte_by": "nom-fichier"},
            {"message": "6-2", "id_acte": "034-243499019-20190523-8-DE", "id_acte_by": "id-acte", "date": "2019-06-01", "nature": "CC",
             "id_acte_autres": [{"id_acte": "034-243499019-20190523-8-CC", "by": "nom-fichier"}]},
            {"message": "1-3", "siren": "243499019", "numero": "9", "date_acte": "2019-05-24"},
            {"message": "2-1", "id_acte": "034-243499019-20190523-7-DE"},
        ],
    });
    let all = spoken(&facts);
    assert_eq!(all.len(), 4);
    let other = [("034-243499019-20190523-8-DE", By::IdActe), ("034-243499019-20190523-8-CC", By::FileName)];
    let expected = About { envelope: Some("EACT--1".into()), ..about(&other, "243499019", "8", "2019-05-23", "CC") };
    assert_eq!((&all[1].about, all[1].day.as_deref()), (&expected, Some("2019-06-01")));
    let expected = About { envelope: Some("EACT--1".into()), ..about(&[], "243499019", "9", "2019-05-24", "") };
    assert_eq!((&all[2].about, all[2].day.as_deref()), (&expected, None));
    // As lists were before each message said its rule.
    assert_eq!(all.iter().map(|one| one.about.is_partial).collect::<Vec<_>>(), [false, false, false, true]);
}

#[test]
fn an_entry_of_one_message_or_of_envelopes_is_read_too() {
    let one = spoken(&json!({
        "flow": "actes", "message": "1-2", "id_acte": "i", "date_reception": "2019-05-28", "enveloppe": {"nom": "EACT--243499019--20190523-1.xml"},
    }));
    let about = &one[0].about;
    assert_eq!((one.len(), about.envelope.as_deref()), (1, Some("EACT--243499019--20190523-1")));
    assert_eq!((one[0].day.as_deref(), &about.ids[..]), (Some("2019-05-28"), &[("i".to_owned(), By::IdActe)][..]));
    let refused = json!({
        "flow": "actes", "enveloppe": {"reference": "EACT--1", "sens": "anomalie"}, "anomalie": {"date": "2019-05-29"},
    });
    let told = spoken(&refused);
    assert!(told.len() == 1 && told[0].on_envelope && told[0].about.is_envelope);
    assert_eq!((told[0].day.as_deref(), told[0].about.envelope.as_deref()), (Some("2019-05-29"), Some("EACT--1")));
    let several = json!({
        "flow": "actes", "message": "1-1", "id_acte": "i", "enveloppe": {"reference": "EACT--1", "sens": "vers-prefecture"},
        "messages": [{"message": "1-1", "id_acte": "i", "id_acte_by": "nom-fichier", "enveloppe": "EACT--1"}],
        "enveloppes": [
            {"reference": "EACT--1", "sens": "vers-prefecture"}, {"reference": "EACT--2", "sens": "anomalie", "date": "2019-05-30"},
        ],
    });
    let told = spoken(&several);
    assert_eq!(told.iter().map(|one| one.on_envelope).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(told[2].day.as_deref(), Some("2019-05-30"));
    // A manifest has a date and a number of its own.
    let published =
        json!({"flow": "dossier", "message": "publication", "id_acte": "i", "date": "2026-01-20", "numero": "3"});
    let told = spoken(&published);
    assert_eq!(
        (&told[0].about.date, &told[0].about.number, told[0].day.as_deref()),
        (&None, &None, Some("2026-01-20"))
    );
    assert!(spoken(&json!({"flow": "file"})).is_empty());
}

#[test]
fn an_identifier_that_is_none_is_no_name_and_read_loosely_it_ties() {
    let named = ("034-243499019-20190523-7-DE", By::FileName);
    let odd = ("34-243499019-2019-05-23-7-de", By::IdActe);
    let other = ("034-243499019-20190523-8-DE", By::FileName);
    let loosely = ("034-243499019-20190523-7-DE", By::Malformed);
    let of = |ids: &[(&str, By)]| {
        let message = about(ids, "", "", "", "");
        (message.ties(&act()), message.surely(&act()), message.takes_back(&act()))
    };
    assert_eq!(of(&[odd, named]), (Some(By::FileName), false, Some(Taken::Perhaps)));
    assert_eq!(of(&[odd, other, loosely]), (Some(By::Malformed), false, Some(Taken::Perhaps)));
    // Name and content both say this act: nothing is in doubt.
    assert_eq!(of(&[odd, named, loosely]), (Some(By::FileName), false, Some(Taken::Surely)));
    assert_eq!(of(&[odd, loosely]), (Some(By::Malformed), false, Some(Taken::Perhaps)));
    assert_eq!(of(&[named]).2, Some(Taken::Surely));
    assert_eq!(of(&[other]).2, Some(Taken::Perhaps), "nothing else it says is of another act");
    let numbered = about(&[odd], "243499019", "7", "2019-05-23", "DE");
    assert_eq!((numbered.ties(&act()), numbered.surely(&act())), (Some(By::Number), false));
}

#[test]
fn an_act_of_two_identifiers_is_met_by_the_number_of_either_and_one_of_another_department_too() {
    let two = [("034-243499019-20190523-7-DE", By::FileName), ("034-243499019-20190524-8-DE", By::RepeatedAct)];
    let act = about(&two, "243499019", "8", "2019-05-24", "DE");
    for (number, date) in [("7", "2019-05-23"), ("8", "2019-05-24")] {
        let nameless = about(&[], "243499019", number, date, "DE");
        assert_eq!((nameless.ties(&act), act.ties(&nameless)), (Some(By::Number), Some(By::Number)), "{number}");
        assert!(nameless.surely(&act));
    }
    assert_eq!(about(&[], "243499019", "7", "2019-05-24", "DE").ties(&act), None, "of neither");
    let names: Vec<String> = act.names().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names[2..], ["243499019/8", "243499019/7"]);
    let elsewhere = [("044-243499019-20190523-7-DE", By::FileName)];
    let anomaly = about(&elsewhere, "243499019", "7", "2019-05-23", "DE");
    assert_eq!((anomaly.ties(&act), act.ties(&anomaly)), (Some(By::Number), Some(By::Number)));
    let another = about(&[("044-243499019-20180523-7-DE", By::FileName)], "243499019", "7", "2018-05-23", "DE");
    assert_eq!(another.ties(&act), None);
}

#[test]
fn what_is_read_loosely_and_what_came_in_the_same_envelope_acknowledges_nothing() {
    let loosely = about(&[("034-243499019-20190523-7-DE", By::Malformed)], "243499019", "7", "2019-05-23", "DE");
    assert_eq!((loosely.ties(&act()), loosely.surely(&act())), (Some(By::Malformed), false));
    let came = |is_envelope| About {
        envelope: Some("EACT--243499019--20190523-1".to_owned()),
        is_envelope,
        ..About::default()
    };
    let within = About { envelope: came(false).envelope, ..act() };
    assert_eq!((came(true).ties(&within), came(true).surely(&within)), (Some(By::EnvelopeName), false));
}

#[test]
fn of_an_entry_that_lists_no_marks_no_text_is_known() {
    let listed = |mark: serde_json::Value| {
        let one = json!({"message": "1-1", "id_acte": "034-243499019-20190523-7-DE", "matieres": ["1", "1"], "objet_marque": mark});
        let all = [one, json!({"message": "1-2", "id_acte": "034-243499019-20190523-8-DE"})];
        spoken(&json!({"flow": "actes", "message": "7-1", "messages": all}))[0].text.clone()
    };
    assert!(listed(json!("00")).is_known());
    assert_eq!(listed(serde_json::Value::Null), ActText::default());
}

#[test]
fn the_document_of_an_entry_is_that_of_the_one_act_it_describes() {
    let id = "034-243499019-20190523-7-DE";
    let entry = |document: &str, more: &[serde_json::Value]| {
        let one = json!({"message": "1-1", "id_acte": id, "matieres": ["1"], "objet_marque": "00"});
        let all = [&[one, json!({"message": "1-3", "numero": "8"})], more].concat();
        let facts =
            json!({"flow": "actes", "message": "1-1", "id_acte": id, "empreinte_acte": document, "messages": all});
        spoken(&facts)[0].text.clone()
    };
    assert!(entry("aa", &[]).differs(&entry("bb", &[])) && !entry("aa", &[]).differs(&entry("aa", &[])));
    // Of two it cannot be told whose it is.
    let again = [json!({"message": "1-1", "id_acte": id, "matieres": ["1"], "objet_marque": "00"})];
    assert!(!entry("aa", &again).differs(&entry("bb", &again)));
}

#[test]
fn a_cancellation_is_in_doubt_where_what_it_says_reads_in_several_ways_or_not_as_a_whole() {
    let doubted = |id: &str| about(&[(id, By::IdActe)], "243499019", "", "", "").is_in_doubt();
    // One that is an identifier, and one that reads in one way alone, as a whole.
    assert_eq!([doubted("034-243499019-20190523-7-DE"), doubted("34-243499019-2019-05-23-7-de")], [false, false]);
    // The day is none; it is cut; nothing of it reads.
    let others = ["034-243499019-20190532-7-DE", "034-243499019-20190523", "?"];
    assert_eq!(others.map(doubted), [true, true, false]);
}
