//! Archives tied to earlier ones by the tokens they cover.

use crate::desk::Desk;
use crate::house::{DAY, House, Members, T0, answer_of, b64, changed, get, lines, zip};

const PREVIOUS: &str = "previousTimestampToken";

/// Three archives, each after the one before; the third also covers the first as that of a month ago.
fn three(house: &House) -> [Members; 3] {
    let first = house.archive(&lines(2), [None, None, None], T0 + DAY);
    let second = house.archive(&lines(3), [Some(answer_of(&first)), None, None], T0 + 2 * DAY);
    let earlier = [Some(answer_of(&second)), Some(answer_of(&first)), None];
    let third = house.archive(&lines(5), earlier, T0 + 3 * DAY);
    [first, second, third]
}

fn has(lines: &[String], code: &str) -> bool {
    lines.iter().any(|line| line == code)
}

#[test]
fn what_is_stated_is_not_proved_until_the_earlier_archive_is_given() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let [first, second, third] = three(&house);
    desk.put("1.zip", &zip(&first));
    desk.put("2.zip", &zip(&second));
    let stated = "vitam-previous-stated@computing_information.txt";
    let count = |lines: &[String], code: &str| lines.iter().filter(|line| *line == code).count();

    let alone = desk.judge(&zip(&third), &[]);
    assert_eq!((alone.code, count(&alone.passed, stated)), (0, 2), "{}", alone.out);
    let one = desk.judge(&zip(&third), &["--previous", "2.zip"]);
    assert_eq!((one.code, count(&one.passed, stated)), (0, 1), "{}", one.out);
    assert!(has(&one.passed, "vitam-previous-proved@2.zip"));
    let both = desk.judge(&zip(&third), &["--previous", "2.zip", "1.zip"]);
    assert_eq!((both.code, count(&both.passed, stated)), (0, 0), "{}", both.out);
    assert!(has(&both.passed, "vitam-previous-proved@1.zip"));
    assert!(both.out.contains("MinusOneMonth") && both.out.contains(PREVIOUS));
}

#[test]
fn an_archive_further_back_is_reached_through_those_between() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let [first, second, _] = three(&house);
    let third = house.archive(&lines(5), [Some(answer_of(&second)), None, None], T0 + 3 * DAY);
    desk.put("1.zip", &zip(&first));
    desk.put("2.zip", &zip(&second));
    assert_eq!(desk.judge(&zip(&third), &["--previous", "2.zip", "--previous", "1.zip"]).code, 0);
    let broken = desk.judge(&zip(&third), &["--previous", "1.zip"]);
    assert_eq!((broken.code, broken.against), (1, vec!["vitam-previous-other@1.zip".to_owned()]), "{}", broken.out);
}

#[test]
fn an_earlier_archive_that_is_another_or_was_touched_is_refused() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let [first, second, third] = three(&house);
    let other = house.archive(&lines(3), [Some(answer_of(&first)), None, None], T0 + 2 * DAY);
    desk.put("2.zip", &zip(&other));
    let said = desk.judge(&zip(&third), &["--previous", "2.zip"]);
    assert_eq!((said.code, said.against), (1, vec!["vitam-previous-other@2.zip".to_owned()]), "{}", said.out);
    // Its token is the one covered, its lines are not.
    desk.put("2.zip", &zip(&changed(&second, "data.txt", "Succès", "Échec")));
    let said = desk.judge(&zip(&third), &["--previous", "2.zip"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(has(&said.against, "vitam-lines-altered@2.zip, data.txt"), "{:?}", said.against);
    assert!(!has(&said.passed, "vitam-previous-proved@2.zip"));
    desk.put("2.zip", b"garbage");
    let said = desk.judge(&zip(&third), &["--previous", "2.zip"]);
    assert_eq!((said.code, said.against), (5, vec!["unreadable@2.zip".to_owned()]), "{}", said.out);
}

#[test]
fn nothing_passes_by_what_was_found_of_an_earlier_archive() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let [_, second, third] = three(&house);
    desk.put("2.zip", &zip(&second));
    let altered = changed(&third, "data.txt", "Succès", "Échec");
    let said = desk.judge(&zip(&altered), &["--previous", "2.zip"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(has(&said.against, "vitam-lines-altered@data.txt"));
    assert!(!said.out.contains("vitam-lines-covered"), "{}", said.out);
}

#[test]
fn a_storage_journal_states_the_earlier_token_as_its_text() {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let first = house.archive(&lines(2), [None, None, None], T0 + DAY);
    let text = get(&first, "token.tsp").to_vec();
    assert_eq!(text, b64(&answer_of(&first)).into_bytes());
    let second = house.archive(&lines(2), [Some(text), None, None], T0 + 2 * DAY);
    desk.put("1.zip", &zip(&first));
    let said = desk.judge(&zip(&second), &["--strict", "--previous", "1.zip"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(has(&said.passed, "vitam-previous-proved@1.zip"), "{:?}", said.passed);
}

#[test]
fn a_token_of_which_the_certificate_has_ended_holds_by_the_one_that_covers_it() {
    // 2016-02-01: that authority's certificate ends in 2026, before the judgement, after the second archive.
    let old = House::new(T0 - 3_945 * DAY);
    let new = House::new(T0 - 400 * DAY);
    let desk = Desk::new(&[&old, &new]);
    let first = old.archive(&lines(2), [None, None, None], T0 - 3_900 * DAY);
    let second = new.archive(&lines(3), [Some(answer_of(&first)), None, None], T0 - 395 * DAY);
    let alone = desk.judge(&zip(&first), &[]);
    assert_eq!((alone.code, alone.against), (3, vec!["no-proof-of-existence@token.tsp".to_owned()]), "{}", alone.out);
    desk.put("1.zip", &zip(&first));
    let said = desk.judge(&zip(&second), &["--previous", "1.zip"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(has(&said.passed, "vitam-previous-proved@1.zip"));
    // Covered too late: by then it had ended.
    let late = new.archive(&lines(3), [Some(answer_of(&first)), None, None], T0 + DAY);
    let said = desk.judge(&zip(&late), &["--previous", "1.zip"]);
    assert_eq!(
        (said.code, said.against),
        (3, vec!["no-proof-of-existence@1.zip, token.tsp".to_owned()]),
        "{}",
        said.out
    );
    // Covered by a token that nobody vouches for: that one's time says nothing.
    desk.put("roots.pem", old.authority.ca_pem().as_bytes());
    let said = desk.judge(&zip(&second), &["--previous", "1.zip"]);
    assert_eq!(said.code, 3, "{}", said.out);
    assert!(has(&said.against, "no-proof-of-existence@1.zip, token.tsp"), "{:?}", said.against);
}
