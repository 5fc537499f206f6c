//! What is said of bordereaux, against those there are.

use super::*;

fn held(all: &[(&str, &str, &str, usize)]) -> Holds {
    let mut holds = Holds::default();
    for (domain, year, number, pieces) in all {
        let mut numbers = holds.numbers();
        (1..=*pieces).for_each(|number| numbers.push(Some(&number.to_string())));
        holds.push(Key::new(Some(domain), Some(year), Some(number)), numbers);
    }
    holds
}

fn key(domain: &str, year: &str, number: &str) -> Key {
    let said = |text| Some(text).filter(|text: &&str| !text.is_empty());
    Key::new(said(domain), said(year), said(number))
}

fn said(all: &[(Key, Option<&str>, bool)]) -> Parts {
    let mut parts = Parts::default();
    all.iter().for_each(|(key, piece, accepted)| parts.say(key.clone(), *piece, *accepted));
    parts
}

fn left(taken: &Taken) -> Vec<String> {
    taken.left.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_not_spoken_of_is_left() {
    let two = held(&[("depense", "2026", "1", 2), ("recette", "2026", "1", 1)]);
    let taken = judged(&two, &said(&[(key("depense", "2026", "0001"), None, true)])).unwrap();
    assert_eq!((taken.accepted, taken.refused, left(&taken)), (1, 0, vec!["1/2026 (recette)".to_owned()]));
    assert_eq!(state(Some("accepte"), Some(&taken)), Some("partiel"));
    let both = [(key("depense", "2026", "1"), None, true), (key("recette", "2026", "1"), None, false)];
    let taken = judged(&two, &said(&both)).unwrap();
    assert_eq!((taken.accepted, taken.refused, taken.left.len()), (1, 1, 0));
    assert_eq!(state(Some("accepte-partiellement"), Some(&taken)), Some("accepte-partiellement"));
    assert_eq!((state(None, Some(&taken)), state(Some("accepte"), None)), (None, None));
}

#[test]
fn a_name_in_part_is_enough_where_it_is_that_of_one() {
    let two = held(&[("depense", "2026", "1", 1), ("depense", "2025", "1", 1), ("depense", "2026", "2", 1)]);
    let taken = judged(&two, &said(&[(key("", "", "2"), None, true)])).unwrap();
    assert_eq!((taken.accepted, taken.strange.len()), (1, 0));
    let taken = judged(&two, &said(&[(key("depense", "", "1"), None, true)])).unwrap();
    assert_eq!((taken.accepted, taken.strange), (0, vec![("1 (depense)".to_owned(), true)]));
    // Of one year, and of a year in which there is none.
    let taken = judged(&two, &said(&[(key("depense", "2025", "1"), None, true)])).unwrap();
    assert_eq!((taken.accepted, taken.strange.len()), (1, 0));
    let taken = judged(&two, &said(&[(key("depense", "2024", "2"), None, true)])).unwrap();
    assert_eq!((taken.accepted, taken.strange), (0, vec![("2/2024 (depense)".to_owned(), true)]));
    let others = [(key("depense", "2031", "777"), None, true), (key("recette", "2026", "1"), None, false)];
    let taken = judged(&two, &said(&others)).unwrap();
    let strange = [("1/2026 (recette)".to_owned(), false), ("777/2031 (depense)".to_owned(), true)];
    assert_eq!((taken.strange, taken.left.len()), (strange.to_vec(), 3));
}

#[test]
fn pieces_that_share_a_number_or_have_none_are_not_told_by_number() {
    for numbers in [[Some("1"), Some("1")], [Some("1"), None], [Some("1"), Some("2")]] {
        let mut holds = Holds::default();
        let mut room = holds.numbers();
        numbers.iter().for_each(|number| room.push(*number));
        holds.push(key("depense", "2026", "5"), room);
        assert_eq!((holds.all[0].pieces, holds.all[0].numbers.is_some()), (2, numbers[1] == Some("2")), "{numbers:?}");
    }
}

#[test]
fn a_bordereau_told_by_its_pieces_is_told_once_all_are() {
    let one = held(&[("depense", "2026", "5", 3)]);
    let of = |piece, accepted| (key("depense", "2026", "5"), Some(piece), accepted);
    let taken = judged(&one, &said(&[of("01", false), of("2", true)])).unwrap();
    assert_eq!((left(&taken), taken.left[0].count), (vec!["5/2026 (depense, NumPiece 3)".to_owned()], 1));
    let taken = judged(&one, &said(&[of("1", false), of("2", true), of("3", true), of("9", true)])).unwrap();
    assert_eq!((taken.refused, taken.accepted, taken.left.len()), (1, 0, 0));
    assert_eq!(taken.strange, [("5/2026 (depense, NumPiece 9)".to_owned(), true)]);
    // Where only how many there are is known, they are counted.
    let counted = Holds { all: vec![Held { numbers: None, ..one.all[0].clone() }], ..Holds::default() };
    assert_eq!(judged(&counted, &said(&[of("1", true), of("2", true)])).unwrap().left[0].count, 1);
    // As many as there are may be others.
    assert!(judged(&counted, &said(&[of("1", true), of("2", true), of("7", true)])).is_none());
}

#[test]
fn a_refusal_prevails_and_that_of_the_file_is_of_all() {
    let one = held(&[("depense", "2026", "5", 3)]);
    for order in [[true, false], [false, true]] {
        let taken = judged(&one, &said(&order.map(|state| (key("depense", "2026", "5"), None, state)))).unwrap();
        assert_eq!((taken.refused, taken.accepted), (1, 0));
    }
    let refused = Parts { whole_refused: true, ..Parts::default() };
    let taken = judged(&one, &refused).unwrap();
    assert_eq!((taken.refused, taken.left.len()), (1, 0));
}

#[test]
fn bordereaux_are_compared_up_to_the_limit_and_not_beyond() {
    let of = |count: usize| {
        let mut parts = Parts::default();
        (0..count).for_each(|n| parts.say(key("depense", "2026", &n.to_string()), None, true));
        parts
    };
    assert!(judged(&Holds::default(), &of(MAX_PES_PARTS)).is_some());
    assert!(judged(&Holds::default(), &of(MAX_PES_PARTS + 1)).is_none());
    let mut both = of(MAX_PES_PARTS);
    both.append(&said(&[(key("depense", "2026", "1"), None, false)]));
    assert!(!both.more);
    both.append(&said(&[(key("depense", "2026", "1"), Some("1"), false)]));
    assert!(both.more);
    let mut holds = Holds::default();
    (0..MAX_PES_PARTS).for_each(|_| holds.push(key("depense", "2026", "1"), holds.numbers()));
    assert!(judged(&holds, &Parts::default()).is_some());
    holds.push(key("depense", "2026", "1"), holds.numbers());
    assert!(judged(&holds, &Parts::default()).is_none());
}

#[test]
fn several_bordereaux_of_one_name_are_told_once_as_many_are_spoken_of() {
    let two = held(&[("depense", "2026", "1", 1), ("depense", "2026", "1", 1)]);
    let of = |all: &[bool]| {
        let said = said(&all.iter().map(|accepted| (key("depense", "2026", "1"), None, *accepted)).collect::<Vec<_>>());
        let taken = judged(&two, &said).unwrap();
        (taken.accepted, taken.refused, taken.left.len(), taken.strange.len())
    };
    assert_eq!([of(&[true]), of(&[false])], [(0, 0, 2, 1), (0, 0, 2, 1)]);
    assert_eq!(
        [of(&[true, true]), of(&[true, false]), of(&[false, false])],
        [(2, 0, 0, 0), (1, 1, 0, 0), (0, 2, 0, 0)]
    );
    // The same acknowledgement twice speaks of no more.
    let mut again = said(&[(key("depense", "2026", "1"), None, true)]);
    again.append(&again.clone());
    assert_eq!(judged(&two, &again).unwrap().left.len(), 2);
}

#[test]
fn a_domain_refused_without_a_number_is_refused_as_a_whole() {
    let three = held(&[("depense", "2026", "1", 1), ("depense", "2025", "2", 1), ("recette", "2026", "1", 1)]);
    let of = |domain, year| {
        let taken = judged(&three, &said(&[(key(domain, year, "?"), None, false)])).unwrap();
        (taken.refused, taken.left.len(), taken.strange.len())
    };
    assert_eq!([of("depense", ""), of("depense", "2026"), of("recette", "2026")], [(2, 1, 0), (1, 2, 0), (1, 2, 0)]);
}
