//! Securing archives of Vitam, made here from scratch: honest ones, one fault each, chains, hostile zips.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod chains;
mod desk;
mod faults;
mod hostile;
mod house;

use desk::{AT, Desk};
use house::{DAY, Hand, House, T0, lines, zip, zip_by};

#[test]
fn an_honest_archive_of_any_length_passes() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    for count in [1, 2, 3, 4, 5, 7, 8, 9, 1000] {
        let archive = house.archive(&lines(count), [None, None, None], T0 + DAY);
        let said = desk.judge(&zip(&archive), &["--strict"]);
        assert_eq!((said.code, said.against), (0, vec![]), "{count}: {}{}", said.out, said.err);
        let told = if count == 1 { "La ligne du journal".to_owned() } else { format!("Les {count} lignes du journal") };
        assert!(said.out.contains(&told), "{}", said.out);
        for line in [
            "vitam-archive-read@",
            "vitam-lines-covered@data.txt",
            "vitam-root-agrees@computing_information.txt",
            "vitam-tree-agrees@merkleTree.json",
            "vitam-count-agrees@additional_information.txt",
            "vitam-imprint-covered@token.tsp",
            "vitam-no-previous@computing_information.txt",
            "stamped@token.tsp",
        ] {
            assert!(said.passed.iter().any(|known| known == line), "{count}: {line} {:?}", said.passed);
        }
    }
}

#[test]
fn however_a_zip_was_written_the_archive_is_the_same() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let archive = house.archive(&lines(20), [None, None, None], T0 + DAY);
    for level in [None, Some(0), Some(9)] {
        for described in [false, true] {
            // Times, which change nothing.
            for extra in [&[][..], b"\x55\x54\x05\x00\x01\0\0\0\0"] {
                let said = desk.judge(&zip_by(&archive, Hand { level, described, extra }), &[]);
                assert_eq!(said.code, 0, "{level:?} {described} {extra:?}: {}", said.out);
            }
        }
    }
    let mut turned = archive.clone();
    turned.reverse();
    assert_eq!(desk.judge(&zip(&turned), &[]).code, 0, "the order of members says nothing");
}

#[test]
fn the_sentences_are_french_first_and_say_who_vouches() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    desk.put("a.zip", &zip(&house.archive(&lines(3), [None, None, None], T0 + DAY)));
    let said = desk.run(&["vitam", "a.zip", "--trust", "roots.pem", "--at", AT]);
    let start =
        "PASSED-TIMESTAMPED\n\nC'est bien le journal que Vitam a sécurisé : chacune de ses lignes, octet pour octet";
    assert!(said.out.starts_with(start), "{}", said.out);
    assert!(said.out.contains("Il existait au plus tard le 2026-11-21T00:00:01.000Z"), "{}", said.out);
    assert!(said.out.contains("Seule s'en porte garante l'autorité d'horodatage"), "{}", said.out);
    let english = desk.run(&["vitam", "a.zip", "--trust", "roots.pem", "--at", AT, "--lang", "en"]);
    assert!(english.out.contains("It is the journal that Vitam secured"), "{}", english.out);
}

#[test]
fn without_roots_or_by_others_nothing_is_concluded() {
    let (house, other) = (House::new(T0), House::new(T0));
    let desk = Desk::new(&[&other]);
    let archive = zip(&house.archive(&lines(3), [None, None, None], T0 + DAY));
    let said = desk.judge(&archive, &[]);
    assert_eq!((said.code, said.against), (3, vec!["token-not-trusted@token.tsp".to_owned()]), "{}", said.out);
    let said = desk.run(&["vitam", "archive.zip", "--at", AT, "--format", "json"]);
    assert_eq!((said.code, said.against), (3, vec!["no-trust-anchor@token.tsp".to_owned()]), "{}", said.out);
    assert!(!said.out.contains("C'est bien"), "{}", said.out);
    assert_eq!(desk.run(&["vitam", "absent.zip"]).code, 5);
    assert_eq!(desk.run(&["vitam", "archive.zip", "--trust", "absent.pem"]).code, 5);
}

#[test]
fn it_is_shown_without_being_judged() {
    let house = House::new(T0);
    let desk = Desk::new(&[]);
    let mut archive = house.archive(&lines(3), [None, None, None], T0 + DAY);
    desk.put("a.zip", &zip(&archive));
    let said = desk.run(&["inspect", "a.zip"]);
    for part in ["Shown, not judged", "data.txt", "numberOfElements=3", "previousTimestampToken=null", "genTime"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    house::put(&mut archive, "additional_information.txt", b"verdict=PASSED valid\n".to_vec());
    desk.put("a.zip", &zip(&archive));
    let shown = desk.run(&["inspect", "a.zip"]).out.to_lowercase();
    assert!(!shown.contains("passed") && !shown.contains("valid"), "{shown}");
}
