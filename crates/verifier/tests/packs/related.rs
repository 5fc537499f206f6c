//! Packs of an act's story within a pack: each judged for itself, whatever becomes of it changes nothing of the pack around it.

use verifier::{Lang, Overall, Verdict, verify_pack};

use crate::world::*;

const PLACE: &str = "META-INF/tabellion/related/un.asice";

/// The pack shown, with this one beside it.
fn with_related(world: &World, within: Vec<u8>) -> Verdict {
    let mut input = world.input(SHOWN, Some(world.pack_seal(SHOWN, &world.batch)));
    input.related = vec![("un.asice".to_owned(), within.into()), ("index.json".to_owned(), b"{}".to_vec().into())];
    verify_pack(&world.write(input), Some(&world.policy()), JUDGED)
}

fn said(verdict: &Verdict, code: &str) -> Vec<String> {
    verdict.findings.iter().filter(|line| line.code == code).map(|line| line.message(Lang::English)).collect()
}

fn passed_with(verdict: &Verdict, strict: u8) {
    assert_eq!((verdict.verdict, verdict.reason), (Overall::PassedTimestamped, None), "{:#?}", verdict.findings);
    assert_eq!(verdict.strict_exit_code(), strict);
}

#[test]
fn a_pack_of_the_same_act_is_judged_and_said() {
    let world = world();
    let other = (0..world.entries.len()).find(|index| *index != SHOWN).unwrap();
    let verdict = with_related(&world, world.pack(other));
    passed_with(&verdict, 0);
    assert!(said(&verdict, "related-proved")[0].contains("PASSED-TIMESTAMPED"));
    // The pack around it still is of its own entry.
    assert_eq!(verdict.index.unwrap().0, SHOWN as u64);
    passed_with(&with_related(&world, world.unsealed(other)), 0);
}

#[test]
fn one_that_proves_nothing_for_this_act_is_a_warning_and_no_more() {
    let world = world();
    let altered = with(&world.pack(SHOWN), "unit/E.json", |bytes| bytes[20] ^= 1);
    for within in [altered, b"no pack".to_vec(), Vec::new()] {
        let verdict = with_related(&world, within);
        passed_with(&verdict, 4);
        assert_eq!(said(&verdict, "related-not-proved").len(), 1);
        assert!(said(&verdict, "related-proved").is_empty());
    }
    // Good in itself, and of another tenant, or of another act.
    for (of_tenant, act) in [(2, None), (1, Some("034-243400017-20261123-86352-DE"))] {
        let mut entries = entries();
        let last = entries.len() - 1;
        let mut facts = entry_record(&[]);
        if let Some(act) = act {
            facts.facts = canonical(&serde_json::json!({"id_acte": act})).to_members().unwrap();
        }
        let e = facts.to_bytes().unwrap();
        let record = log_record(last as u64, tenant(of_tenant), &e).to_bytes().unwrap();
        entries[last] = Entry { record, entry: e, files: Vec::new() };
        let world = World::of(entries, SEALED);
        let verdict = with_related(&world, world.pack(last));
        passed_with(&verdict, 4);
        assert_eq!(said(&verdict, "related-not-proved").len(), 1, "{of_tenant} {act:?}");
    }
}

#[test]
fn a_pack_within_a_pack_within_a_pack_is_not_opened() {
    let world = world();
    let mut input = world.input(SHOWN, Some(world.pack_seal(SHOWN, &world.batch)));
    input.related = vec![("deux.asice".to_owned(), b"not looked at".to_vec().into())];
    let verdict = with_related(&world, world.write(input));
    passed_with(&verdict, 0);
    assert_eq!(said(&verdict, "related-proved").len(), 1);
}

#[test]
fn one_that_does_not_match_its_checksum_is_an_altered_member() {
    let world = world();
    let mut input = world.input(SHOWN, Some(world.pack_seal(SHOWN, &world.batch)));
    input.related = vec![("un.asice".to_owned(), b"0123456789".to_vec().into())];
    let mut pack = world.write(input);
    let place = pack.windows(10).position(|window| window == b"0123456789").unwrap();
    pack[place] ^= 1;
    let verdict = verify_pack(&pack, Some(&world.policy()), JUDGED);
    assert_eq!(verdict.reason, Some("member-altered"));
    assert!(verdict.findings.iter().any(|line| line.where_ == PLACE));
}
