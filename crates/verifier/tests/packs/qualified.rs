//! Qualified time-stamps: only by lists given from outside, signed under an anchor given from outside, and at the token's own time.

use seal::{AnyVerifier, TrustedLists};
use verifier::{Lang, Overall, Verdict, verify_pack};

use crate::lists::{GRANTED, Lists, QTST, Told, WITHDRAWN};
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

#[test]
fn lists_inside_a_pack_add_no_trust() {
    let (world, lists) = (world(), Lists::new());
    let mut pack = world.pack(SHOWN);
    for (name, bytes) in lists.of(&[Told::granted(world.authority.tsa_der())]) {
        pack = plus(&pack, &format!("META-INF/tabellion/validation/{name}"), &bytes);
    }
    let verdict = verify_pack(&pack, Some(&world.policy()), JUDGED);
    assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::PassedTimestamped, 0));
    assert!(!verdict.time.unwrap().qualified);
    let verdict = judged(&world, &pack, &[], &lists.anchors());
    assert_eq!(verdict.verdict, Overall::PassedTimestamped);
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
