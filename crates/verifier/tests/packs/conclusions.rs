//! What lines amount to: the worst decides, what did not run did not pass, foreign text stays harmless.

use verifier::{Case, Lang, Overall, Verdict};

use crate::world::{JUDGED, world};

fn concluded(codes: &[&'static str]) -> Verdict {
    let mut case = Case::new(None, JUDGED);
    for code in codes {
        case.say(code, "", "");
    }
    case.verdict.conclude("format files", "timestamp")
}

fn whole(codes: &[&'static str]) -> (Overall, Option<&'static str>, u8) {
    let verdict = concluded(codes);
    (verdict.verdict, verdict.reason, verdict.exit_code())
}

#[test]
fn what_did_not_run_did_not_pass() {
    let not_all = (Overall::Indeterminate, Some("not-all-checked"), 3);
    assert_eq!(whole(&[]), not_all);
    assert_eq!(whole(&["container-read"]), not_all);
    assert_eq!(whole(&["container-read", "file-withheld"]), not_all);
    assert_eq!(whole(&["container-read", "not-evidence", "no-file-given"]), not_all);
    assert_eq!(whole(&["container-read", "same-bytes"]), (Overall::PassedLogOnly, None, 4));
    assert_eq!(whole(&["container-read", "no-file-in-entry"]), (Overall::PassedLogOnly, None, 4));
}

#[test]
fn a_time_passes_only_with_all_that_a_time_needs() {
    let world = world();
    let token = world.token([1; 32], crate::world::SEALED);
    let mut case = Case::new(None, JUDGED);
    case.timestamp(&token, Some(proof::Hash([1; 32])), &[world.authority.ca_der().to_vec()], "");
    let untold = Verdict::conclude(case.verdict.clone(), "timestamp", "timestamp binding");
    assert_eq!((untold.verdict, untold.reason, untold.time), (Overall::Indeterminate, Some("not-all-checked"), None));
    let told = case.verdict.conclude("timestamp", "timestamp");
    assert_eq!(told.verdict, Overall::PassedTimestamped);
    assert!(told.sentences(Lang::English)[2].starts_with("Only the time-stamping authority vouches"));
}

#[test]
fn the_worst_line_decides_whatever_the_order() {
    let passed = ["container-read", "same-bytes"];
    let with = |more: &[&'static str]| whole(&[&passed[..], more].concat());
    assert_eq!(with(&["other-tenant"]), (Overall::Failed, Some("other-tenant"), 6));
    assert_eq!(with(&["other-tenant", "not-in-the-log"]), (Overall::Failed, Some("not-in-the-log"), 1));
    assert_eq!(with(&["member-missing", "not-in-the-log"]), (Overall::Failed, Some("not-in-the-log"), 1));
    assert_eq!(with(&["no-trust-anchor", "other-log"]), (Overall::Failed, Some("other-log"), 6));
    assert_eq!(with(&["member-missing"]), (Overall::Indeterminate, Some("member-missing"), 3));
    assert_eq!(with(&["member-missing", "no-trust-anchor"]), (Overall::Indeterminate, Some("no-trust-anchor"), 3));
    assert_eq!(with(&["unreadable"]), (Overall::Indeterminate, Some("unreadable"), 5));
    assert_eq!(with(&["a-code-nobody-wrote-down"]).0, Overall::Failed);
}

#[test]
fn foreign_text_cannot_move_the_cursor_or_turn_the_line() {
    let mut case = Case::new(None, JUDGED);
    case.say("unreadable", "a\u{1b}[2J\u{202e}b\n", "x\u{7}\u{2066}y".repeat(500));
    let line = &case.verdict.findings[0];
    assert_eq!(line.where_, "a?[2J?b?");
    for text in [Lang::French, Lang::English].map(|lang| line.message(lang)) {
        assert!(!text.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{206f}').contains(&c)), "{text}");
        assert!(text.chars().count() < 400);
    }
}

#[test]
fn what_is_the_same_in_canonical_form_alone_is_never_said_to_be_byte_for_byte() {
    let said = |code: &'static str| {
        let mut case = Case::new(None, JUDGED);
        case.say("container-read", "", "");
        case.say(code, "a.xml", "sha256");
        let verdict = case.verdict.conclude("format files", "");
        let [french, english] = [Lang::French, Lang::English].map(|lang| verdict.sentences(lang)[0].clone());
        (
            french.contains("octet pour octet"),
            english.contains("byte for byte"),
            verdict.findings.iter().any(|line| line.warning),
        )
    };
    assert_eq!(said("data-covered"), (true, true, false));
    assert_eq!(said("data-covered-canonical"), (false, false, true));
}
