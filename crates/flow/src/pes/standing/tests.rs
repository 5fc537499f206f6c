//! The state of a flow by the facts of several entries.

use serde_json::{Value, json};

use super::*;

fn sent(siret: &str, numbers: &[&str]) -> Value {
    let one = |number: &&str| json!({"domaine": "depense", "exercice": "2026", "numero": number, "nombre_pieces": 2});
    let all: Vec<Value> = numbers.iter().map(one).collect();
    json!({
        "flow": "pes", "message": "PES_Aller", "nom_fic": "F", "siret": siret, "nombre_bordereaux": all.len(),
        "bordereaux_a_acquitter": all,
    })
}

fn ack(siret: &str, all: &[(&str, bool)]) -> Value {
    let word = |accepted: bool| if accepted { "accepte" } else { "rejete" };
    let one = |(number, accepted): &(&str, bool)| json!({"domaine": "depense", "exercice": "2026", "numero": number, "etat": word(*accepted)});
    let accepted = all.iter().filter(|(_, accepted)| *accepted).count();
    json!({
        "flow": "pes", "message": "PES_ACQUIT", "nom_fic": "F", "siret": siret, "elements": all.len(),
        "elements_acceptes": accepted, "elements_rejetes": all.len() - accepted,
        "bordereaux_acquittes": all.iter().map(one).collect::<Vec<_>>(),
    })
}

fn of(entries: &[Value]) -> Standing {
    let all: Vec<(usize, Told)> = entries
        .iter()
        .enumerate()
        .flat_map(|(place, facts)| told(facts).into_iter().map(move |one| (place, one)))
        .collect();
    standing("F", all.iter().map(|(place, told)| (*place, told)), false).unwrap()
}

fn state(entries: &[Value]) -> (&'static str, Option<&'static str>) {
    let standing = of(entries);
    (standing.state, standing.why)
}

#[test]
fn the_state_is_that_of_all_acknowledgements_once_nothing_is_left() {
    let two = sent("1", &["1", "2"]);
    assert_eq!(state(std::slice::from_ref(&two)), ("sans-acquittement", None));
    let first = [ack("1", &[("1", true)]), two.clone()];
    let standing = of(&first);
    assert_eq!((standing.state, standing.bordereaux), ("partiel", Some([2, 1, 0, 1])));
    assert_eq!((standing.left, standing.sent), (vec!["2/2026 (depense)".to_owned()], vec![1]));
    let with = |last: Value| [&first[..], &[last]].concat();
    assert_eq!(state(&with(ack("1", &[("2", true)]))), ("accepte", None));
    assert_eq!(state(&with(ack("1", &[("2", false)]))), ("accepte-partiellement", None));
    assert_eq!(state(&[two.clone(), ack("1", &[("1", false), ("2", false)])]), ("rejete", None));
    let strange = of(&[two.clone(), ack("1", &[("1", true), ("2", true), ("777", true)])]);
    assert_eq!((strange.state, strange.strange), ("accepte", vec!["777/2026 (depense)".to_owned()]));
    let mut whole = ack("1", &[]);
    (whole["elements"], whole["elements_rejetes"], whole["flux_rejete"]) = (1.into(), 1.into(), true.into());
    assert_eq!(state(&[two, whole]), ("rejete", None));
}

#[test]
fn what_is_not_certain_is_not_told_as_if_it_were() {
    let (one, taken) = (sent("1", &["1"]), ack("1", &[("1", true)]));
    let other = of(&[one.clone(), ack("2", &[("1", true)])]);
    assert_eq!((other.state, other.set_aside), ("sans-acquittement", vec![1]));
    let twice = of(&[one.clone(), taken.clone(), sent("1", &["1"])]);
    assert_eq!((twice.state, twice.why, twice.sent), ("incertain", Some("plusieurs-flux"), vec![0, 2]));
    assert_eq!(state(std::slice::from_ref(&taken)), ("inconnu", Some("flux-absent")));
    let mut unsaid = taken.clone();
    unsaid["elements"] = 2.into();
    assert_eq!(state(&[one.clone(), unsaid]), ("inconnu", Some("etat-non-dit")));
    for (at, key) in [(0, "bordereaux_a_acquitter"), (1, "bordereaux_acquittes")] {
        let mut both = [one.clone(), taken.clone()];
        both[at].as_object_mut().unwrap().remove(key);
        assert_eq!(state(&both), ("inconnu", Some("non-compare")), "{key}");
    }
    let all: Vec<Told> = [&one, &taken].into_iter().flat_map(told).collect();
    let cut = standing("F", all.iter().map(|told| (0, told)), true).unwrap();
    assert_eq!((cut.state, cut.why), ("inconnu", Some("trop-de-depots")));
    assert_eq!(standing("G", all.iter().map(|told| (0, told)), false), None);
    assert!(told(&json!({"flow": "actes", "message": "PES_Aller", "nom_fic": "F"})).is_empty());
}

#[test]
fn each_flow_of_a_deposit_counts_once() {
    let mut both = sent("1", &["1"]);
    both["messages"] = json!([
        {"message": "PES_Aller", "nom_fic": "F", "fichier": "a.xml"}, ack("1", &[("1", true)]), sent("1", &["3"]),
    ]);
    both["messages"][2]["nom_fic"] = json!("G");
    assert_eq!(told(&both).len(), 3);
    assert_eq!(state(&[both]), ("accepte", None));
}

#[test]
fn pieces_told_in_several_entries_come_to_their_bordereau() {
    let piece = |list: &str, number: &str, accepted: usize| {
        let mut one = ack("1", &[]);
        (one["elements"], one["elements_acceptes"], one["elements_rejetes"]) =
            (1.into(), accepted.into(), (1 - accepted).into());
        one["bordereaux_acquittes"] =
            json!([{"domaine": "depense", "exercice": "2026", "numero": "1", list: [number]}]);
        one
    };
    let (one, first) = (sent("1", &["1"]), piece("pieces_rejetees", "20", 0));
    assert_eq!(state(&[one.clone(), first.clone()]), ("partiel", None));
    let whole = of(&[one, first, piece("pieces_acceptees", "21", 1)]);
    assert_eq!((whole.state, whole.bordereaux), ("accepte-partiellement", Some([1, 0, 1, 0])));
}

/// A bordereau with these pieces, and an acknowledgement of these pieces of it.
fn by_pieces(pieces: Option<&[&str]>, told: &[&str]) -> (&'static str, Option<&'static str>) {
    let mut sent = sent("1", &["1"]);
    if let Some(pieces) = pieces {
        sent["bordereaux_a_acquitter"][0]["pieces"] = json!(pieces);
    }
    let mut ack = ack("1", &[("1", true)]);
    ack["bordereaux_acquittes"][0] =
        json!({"domaine": "depense", "exercice": "2026", "numero": "1", "pieces_acceptees": told});
    state(&[sent, ack])
}

#[test]
fn pieces_are_told_by_their_numbers_and_where_these_are_not_known_as_many_are_not_all() {
    assert_eq!(by_pieces(Some(&["10", "11"]), &["10", "11"]), ("accepte", None));
    assert_eq!(by_pieces(Some(&["10", "11"]), &["10", "99"]), ("partiel", None));
    assert_eq!(by_pieces(Some(&["10", "11"]), &["10"]), ("partiel", None));
    // An entry that tells how many alone; or a piece that is there twice.
    assert_eq!(by_pieces(None, &["10"]), ("partiel", None));
    assert_eq!(by_pieces(None, &["10", "99"]), ("inconnu", Some("non-compare")));
    assert_eq!(by_pieces(Some(&["10", "10"]), &["10", "99"]), ("inconnu", Some("non-compare")));
}

#[test]
fn the_same_bytes_deposited_again_are_the_same_flow() {
    let with = |digest: Value| {
        let mut one = sent("1", &["1"]);
        one["empreinte_flux"] = digest;
        one
    };
    let all = |second: Value| state(&[with(json!("aa")), ack("1", &[("1", true)]), with(second)]);
    assert_eq!(all(json!("aa")), ("accepte", None));
    assert_eq!(all(json!("bb")), ("incertain", Some("plusieurs-flux")));
    assert_eq!(all(Value::Null), ("incertain", Some("plusieurs-flux")));
    assert_eq!(state(&[with(Value::Null), with(Value::Null)]), ("incertain", Some("plusieurs-flux")));
}

#[test]
fn several_of_one_number_are_accepted_once_one_acknowledgement_says_it_of_each() {
    let two = sent("1", &["1", "1"]);
    let twice = |accepted: usize, refused: usize| {
        let mut one = ack("1", &[("1", refused == 0)]);
        (one["elements"], one["elements_acceptes"], one["elements_rejetes"]) =
            (2.into(), accepted.into(), refused.into());
        (one["bordereaux_acquittes"][0]["fois_accepte"], one["bordereaux_acquittes"][0]["fois_rejete"]) =
            (accepted.into(), refused.into());
        one
    };
    assert_eq!(state(&[two.clone(), ack("1", &[("1", true)])]), ("partiel", None));
    assert_eq!(state(&[two.clone(), ack("1", &[("1", true)]), ack("1", &[("1", true)])]), ("partiel", None));
    assert_eq!(state(&[two.clone(), twice(2, 0)]), ("accepte", None));
    assert_eq!(of(&[two, twice(1, 1)]).bordereaux, Some([2, 1, 1, 0]));
}
