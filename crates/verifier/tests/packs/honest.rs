//! What nobody touched passes, and says what it says.

use verifier::{Lang, Overall, Status, verify_pack};

use crate::world::{JUDGED, SHOWN, world};

#[test]
fn an_untouched_sealed_pack_passes_with_its_time() {
    let world = world();
    for index in 0..world.entries.len() {
        let verdict = verify_pack(&world.pack(index), Some(&world.policy()), JUDGED);
        assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{index}: {:#?}", verdict.findings);
        assert_eq!((verdict.exit_code(), verdict.strict_exit_code()), (0, 0), "{:#?}", verdict.findings);
        assert_eq!(verdict.reason, None);
    }
}

#[test]
fn an_unsealed_pack_passes_with_reservations() {
    let world = world();
    let verdict = verify_pack(&world.unsealed(SHOWN), Some(&world.policy()), JUDGED);
    assert_eq!(verdict.verdict, Overall::PassedLogOnly, "{:#?}", verdict.findings);
    assert_eq!(verdict.exit_code(), 4);
    assert_eq!(verdict.time, None);
}

#[test]
fn without_a_policy_nothing_can_be_told() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        let verdict = verify_pack(&pack, None, JUDGED);
        assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("no-trust-anchor")));
        assert_eq!(verdict.exit_code(), 3);
    }
}

#[test]
fn every_finding_of_an_honest_pack_has_its_line() {
    let world = world();
    let verdict = verify_pack(&world.pack(SHOWN), Some(&world.policy()), JUDGED);
    // A pack is no register.
    for name in verifier::NAMES.split(" ").filter(|name| *name != "register") {
        assert!(verdict.findings.iter().any(|line| line.name == name), "{name}");
    }
    let recorded = verdict.findings.iter().find(|line| line.name == "flow-identifiers").unwrap();
    assert_eq!(recorded.status, Status::Recorded);
    let said = recorded.message(Lang::English);
    assert!(said.contains("034-243400017-20261123-86351-DE"));
    assert!(!said.contains("personne"), "the object of an act stays out of the verdict");
}

#[test]
fn the_three_sentences_answer_the_three_questions() {
    let world = world();
    let verdict = verify_pack(&world.pack(SHOWN), Some(&world.policy()), JUDGED);
    let [file, time, who] = verdict.sentences(Lang::French);
    assert!(file.contains("même contenu : 2 fichier"), "{file}");
    assert!(time.contains("2026-11-23T12:01:01.000Z") && time.contains("DE TEST"), "{time}");
    assert!(who.contains("archives.exemple.fr/log"), "{who}");
}
