//! Qualified time-stamps: only by lists, given or brought along, signed under an anchor given from outside, and at the token's own time.

use seal::{AnyVerifier, TrustedLists};
use verifier::{Lang, Overall, Verdict, verify_pack};

use crate::lists::{GRANTED, ISSUED, Lists, QTST, Told, WITHDRAWN};
use crate::world::*;

/// What is said of this pack with these lists beside the policy.
fn judged(world: &World, pack: &[u8], given: &[(String, Vec<u8>)], anchors: &[Vec<u8>]) -> Verdict {
    let at = seal::UnixMillis(i64::try_from(JUDGED.0).unwrap());
    let mut policy = world.policy();
    policy.lists = TrustedLists::believe(given, anchors, at, &AnyVerifier);
    verify_pack(pack, Some(&policy), JUDGED)
}

fn has(verdict: &Verdict, code: &str) -> bool {
    verdict.findings.iter().any(|line| line.code == code)
}

#[test]
fn a_token_of_a_granted_service_is_qualified_and_its_anchor_named() {
    let (world, lists) = (world(), Lists::new());
    let given = lists.of(&[Told::granted(world.authority.tsa_der())]);
    let verdict = judged(&world, &world.pack(SHOWN), &given, &lists.anchors());
    assert_eq!((verdict.verdict, verdict.exit_code(), verdict.strict_exit_code()), (Overall::PassedQualified, 0, 0));
    assert!(verdict.time.as_ref().unwrap().qualified && has(&verdict, "tsa-qualified"));
    let json = crate::json::to_json(&verdict, Lang::English);
    assert_eq!((&json["verdict"], &json["time"]["qualified"]), (&"PASSED-QUALIFIED".into(), &true.into()));
    let anchor = serde_json::json!({"kind": "lotl-signer", "sha256": proof::sha256(&lists.anchor.der).to_string()});
    assert!(json["anchors"].as_array().unwrap().contains(&anchor), "{json}");
    let since = |lang| verdict.sentences(lang)[1].clone();
    assert!(since(Lang::French).contains("qualifié à cette heure"), "{}", since(Lang::French));
    assert!(since(Lang::English).contains("was qualified at that time"));
    assert!(verdict.sentences(Lang::English)[2].starts_with("Those who vouch"));
}

#[test]
fn what_is_not_shown_to_be_qualified_is_timestamped_with_a_warning() {
    let (world, lists, other) = (world(), Lists::new(), Lists::new());
    let tsa = world.authority.tsa_der();
    let granted = lists.of(&[Told::granted(tsa)]);
    let withdrawn = Told {
        periods: vec![(QTST, WITHDRAWN, "2026-11-01T00:00:00Z"), (QTST, GRANTED, "2020-01-01T00:00:00Z")],
        ..Told::granted(tsa)
    };
    let mut altered = granted.clone();
    let place = altered[1].1.windows(9).position(|bytes| bytes == b">Provider").unwrap() + 1;
    altered[1].1[place] ^= 0x20;
    let pack = world.pack(SHOWN);
    for (given, anchors, code) in [
        (lists.of(&[withdrawn]), lists.anchors(), "tsa-not-granted"),
        (lists.of(&[]), lists.anchors(), "tsa-not-listed"),
        (altered, lists.anchors(), "list-altered"),
        (granted.clone(), other.anchors(), "list-signer-unknown"),
        (granted[1..].to_vec(), lists.anchors(), "list-not-pointed"),
        (granted.clone(), Vec::new(), "list-signer-unknown"),
    ] {
        let verdict = judged(&world, &pack, &given, &anchors);
        assert_eq!(
            (verdict.verdict, verdict.exit_code(), verdict.strict_exit_code()),
            (Overall::PassedTimestamped, 0, 4),
            "{code}"
        );
        assert!(has(&verdict, code) && !verdict.time.as_ref().unwrap().qualified, "{code}: {verdict:?}");
        assert!(verdict.anchors.iter().all(|anchor| anchor.kind != "lotl-signer"), "{code}");
    }
    let not = judged(&world, &pack, &lists.of(&[]), &lists.anchors());
    assert!(not.sentences(Lang::English)[1].contains("do not show to be qualified"));
}

/// The pack shown, and lists where a pack brings them.
fn bringing(world: &World, lists: &[(String, Vec<u8>)]) -> Vec<u8> {
    let place = |name: &str| format!("META-INF/tabellion/validation/lists/{name}");
    lists.iter().fold(world.pack(SHOWN), |pack, (name, bytes)| plus(&pack, &place(name), bytes))
}

#[test]
fn lists_inside_a_pack_say_nothing_without_an_anchor_from_outside() {
    let (world, lists) = (world(), Lists::new());
    let pack = bringing(&world, &lists.of(&[Told::granted(world.authority.tsa_der())]));
    for verdict in [verify_pack(&pack, Some(&world.policy()), JUDGED), judged(&world, &pack, &[], &[])] {
        assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 0), "{verdict:?}");
        assert!(!verdict.time.as_ref().unwrap().qualified && has(&verdict, "lists-brought"));
        assert!(!verdict.findings.iter().any(|line| line.code.starts_with("list-")), "{verdict:?}");
        assert!(verdict.sentences(Lang::English)[1].contains("not checked here"));
    }
    let verdict = verify_pack(&pack, None, JUDGED);
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("no-trust-anchor")));
    // Another's anchor, or one that the pack brings, is none.
    let verdict = judged(&world, &pack, &[], &Lists::new().anchors());
    assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 4));
    assert!(has(&verdict, "list-signer-unknown"));
    let pem = seal::der_to_pem(&lists.anchor.der);
    let with_anchor = plus(&pack, "META-INF/tabellion/validation/lists/anchor.pem", pem.as_bytes());
    assert_eq!(verify_pack(&with_anchor, Some(&world.policy()), JUDGED).verdict, Overall::PassedTimestamped);
}

#[test]
fn lists_inside_a_pack_are_enough_under_an_anchor_from_outside() {
    let (world, lists) = (world(), Lists::new());
    let honest = lists.of(&[Told::granted(world.authority.tsa_der())]);
    let pack = bringing(&world, &honest);
    let verdict = judged(&world, &pack, &[], &lists.anchors());
    // A warning: these lists are of before the token, and the pack chose them.
    assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedQualified, 4), "{verdict:?}");
    assert!(has(&verdict, "list-before-token"));
    let later = |list: String| list.replace(ISSUED, "2026-11-24T00:00:00Z");
    let later = later(crate::lists::national("FR", &[Told::granted(world.authority.tsa_der())]));
    let later = vec![honest[0].clone(), ("fr.xml".to_owned(), crate::lists::signed(&later, &lists.signer))];
    let since = judged(&world, &bringing(&world, &later), &[], &lists.anchors());
    assert_eq!((since.verdict, since.strict_exit_code()), (Overall::PassedQualified, 0), "{since:?}");
    let anchor = verdict.anchors.iter().find(|anchor| anchor.kind == "lotl-signer").unwrap();
    assert_eq!(anchor.sha256, proof::sha256(&lists.anchor.der));
    assert!(!has(&verdict, "lists-brought"));
    // No list at all is said; a list elsewhere in the pack is none.
    let elsewhere = plus(&world.pack(SHOWN), "META-INF/tabellion/validation/lotl.xml", &honest[0].1);
    for pack in [world.pack(SHOWN), elsewhere] {
        let verdict = judged(&world, &pack, &[], &lists.anchors());
        assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 4));
        assert!(has(&verdict, "list-none"), "{verdict:?}");
    }
    // Half from the pack, half from its reader; and what he gives that is newer counts.
    let half = bringing(&world, &honest[..1]);
    assert_eq!(judged(&world, &half, &honest[1..], &lists.anchors()).verdict, Overall::PassedQualified);
    let newer = crate::lists::national("FR", &[]).replace("Number>7<", "Number>8<");
    let newer = vec![("fr-8.xml".to_owned(), crate::lists::signed(&newer, &lists.signer))];
    let verdict = judged(&world, &pack, &newer, &lists.anchors());
    assert_eq!(verdict.verdict, Overall::PassedTimestamped);
    assert!(has(&verdict, "tsa-not-listed") && has(&verdict, "list-superseded"));
    // One byte of a list inside, in its checksum too: the list says nothing, and the document is what it is.
    let place = honest[1].1.windows(9).position(|bytes| bytes == b">Provider").unwrap() + 1;
    let altered = with(&pack, "META-INF/tabellion/validation/lists/fr.xml", |bytes| bytes[place] ^= 0x20);
    let verdict = judged(&world, &altered, &[], &lists.anchors());
    assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::PassedTimestamped, 0));
    assert!(has(&verdict, "list-altered"));
}

#[test]
fn a_pack_of_the_story_is_judged_by_the_lists_of_the_pack_around_it() {
    let (world, lists) = (world(), Lists::new());
    let other = (0..world.entries.len()).find(|index| *index != SHOWN).unwrap();
    let pack = bringing(&world, &lists.of(&[Told::granted(world.authority.tsa_der())]));
    let pack = plus(&pack, "META-INF/tabellion/related/un.asice", &world.pack(other));
    let verdict = judged(&world, &pack, &[], &lists.anchors());
    let line = verdict.findings.iter().find(|line| line.code == "related-proved").unwrap();
    let said = line.message(Lang::English);
    assert!(said.contains("PASSED-QUALIFIED"), "{said}");
}

#[test]
fn more_lists_than_are_read_are_none() {
    let (world, lists) = (world(), Lists::new());
    let honest = lists.of(&[Told::granted(world.authority.tsa_der())]);
    let with = |count: usize, bytes: usize| {
        let filler = (2..count).map(|n| (format!("z{n}.xml"), vec![b' '; bytes / (count - 2)]));
        judged(&world, &bringing(&world, &[&honest[..], &filler.collect::<Vec<_>>()].concat()), &[], &lists.anchors())
    };
    let most = seal::limits::LISTS;
    assert_eq!(with(most, 0).verdict, Overall::PassedQualified);
    let verdict = with(most + 1, 0);
    assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::PassedTimestamped, 0));
    assert!(has(&verdict, "list-too-many") && !has(&verdict, "list-believed"));
    let bytes = usize::try_from(seal::limits::LISTS_BYTES).unwrap();
    let own: usize = honest.iter().map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(with(3, bytes - own).verdict, Overall::PassedQualified);
    assert!(has(&with(3, bytes - own + 1), "list-too-many"));
}

#[test]
fn lists_save_nothing_that_is_false_or_not_sealed() {
    let (world, lists) = (world(), Lists::new());
    let given = lists.of(&[Told::granted(world.authority.tsa_der())]);
    let of = |pack: &[u8]| judged(&world, pack, &given, &lists.anchors());
    let altered = of(&with(&world.pack(SHOWN), "unit/E.json", |bytes| bytes[20] ^= 1));
    assert_eq!((altered.verdict, altered.exit_code(), altered.time), (Overall::Failed, 1, None));
    assert!(altered.anchors.is_empty());
    assert_eq!(of(&world.unsealed(SHOWN)).verdict, Overall::PassedLogOnly);
    // A token under none of the policy's roots is of nobody, whatever lists say of its signer.
    let mut json = world.policy_json();
    json["tsa_roots"] = serde_json::json!([]);
    let mut policy = policy(&json);
    let at = seal::UnixMillis(i64::try_from(JUDGED.0).unwrap());
    policy.lists = TrustedLists::believe(&given, &lists.anchors(), at, &AnyVerifier);
    let verdict = verify_pack(&world.pack(SHOWN), Some(&policy), JUDGED);
    assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::Indeterminate, 3));
    assert!(!has(&verdict, "tsa-qualified"));
}
