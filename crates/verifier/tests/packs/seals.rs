//! Forgeries of the seal: tokens, evidence records, the bound head, keys and dates.

use proof::{Hash, SigningKey, UnixMillis};
use seal::{batch_path, batch_root, group_hash, write_evidence_record};
use serde_json::json;
use verifier::{Overall, verify_pack};

use crate::forged::{judged, refused, untold};
use crate::world::*;

const TOKEN: &str = "META-INF/tabellion/token.tst";
const CHECKPOINT: &str = "META-INF/tabellion/checkpoint";
const BINDING: &str = "META-INF/tabellion/checkpoint.ers";
const CONSISTENCY: &str = "META-INF/tabellion/consistency";
const ER: &str = "META-INF/evidencerecord001.ers";

/// The pack of entry [`SHOWN`] cut from another batch than the world's.
fn cut(world: &World, batch: &Batch) -> Vec<u8> {
    world.write(world.input(SHOWN, Some(world.pack_seal(SHOWN, batch))))
}

#[test]
fn a_token_of_another_batch_is_refused() {
    let world = world();
    let pack = world.pack(SHOWN);
    let other = world.seal(5, UnixMillis(SEALED.0 + 1000)).token;
    refused(&judged(&world, &with(&pack, TOKEN, |b| *b = other.clone())), "other-token");
    // All records re-made around it: then no tree leads to it.
    let mut moved = world.seal(6, SEALED);
    moved.token = other;
    let verdict = judged(&world, &cut(&world, &moved));
    refused(&verdict, "group-not-covered");
    refused(&verdict, "checkpoint-not-covered");
}

#[test]
fn a_token_over_something_else_is_refused() {
    let world = world();
    let mut batch = world.seal(6, SEALED);
    batch.token = world.token([1; 32], SEALED);
    let verdict = judged(&world, &cut(&world, &batch));
    refused(&verdict, "group-not-covered");
    assert_eq!(verdict.time, None);
}

#[test]
fn an_evidence_record_over_another_token_is_refused() {
    let (world, again) = (world(), world().seal(6, UnixMillis(SEALED.0 + 5000)));
    let pack = world.pack(SHOWN);
    let batch = world.seal(6, UnixMillis(SEALED.0 + 5000));
    let other = cut(&world, &batch);
    assert_eq!(again.groups, batch.groups);
    for name in [ER, "META-INF/evidencerecord002.ers", BINDING] {
        let record = member(&other, name);
        refused(&judged(&world, &with(&pack, name, |b| *b = record)), "other-token");
    }
}

#[test]
fn groups_swapped_or_of_another_entry_are_refused() {
    let world = world();
    let pack = world.pack(SHOWN);
    let second = member(&pack, "META-INF/evidencerecord002.ers");
    let third = member(&pack, "META-INF/evidencerecord003.ers");
    let swapped = with(&pack, "META-INF/evidencerecord002.ers", |b| *b = third);
    refused(&judged(&world, &swapped), "group-not-covered");
    refused(&judged(&world, &with(&pack, ER, |b| *b = second.clone())), "group-not-covered");
    refused(&judged(&world, &with(&pack, BINDING, |b| *b = second)), "checkpoint-not-covered");
    let foreign = member(&world.pack(3), "META-INF/evidencerecord001.ers");
    refused(&judged(&world, &with(&pack, ER, |b| *b = foreign)), "group-not-covered");
}

/// RFC 4998 would let a first list hold more hashes; ours holds exactly two, or a group would say nothing about its members.
#[test]
fn a_first_list_of_three_hashes_is_refused() {
    let world = world();
    let of = &world.entries[SHOWN];
    let pair = [proof::sha256(&of.record).0, proof::sha256(&of.entry).0];
    let node = group_hash(&pair[0], &pair[1]);
    let other = [6; 32];
    let token = world.token(group_hash(&node, &other), SEALED);
    let honest = write_evidence_record(pair, &[other], &token);
    // The sibling's list is merged into the first: [h1, h2] [s] becomes [h1, h2, s].
    let first = [&[0x30, 68][..], &[4, 32], &min(pair), &[4, 32], &max(pair), &[0x30, 34, 4, 32], &other].concat();
    let merged = [&[0x30, 102][..], &[4, 32], &min(pair), &[4, 32], &max(pair), &[4, 32], &other].concat();
    let place = honest.windows(first.len()).position(|w| w == first).unwrap();
    let mut forged = honest.clone();
    // Two bytes shorter: an ignored NULL-length trick would be another test; here the lengths above are rewritten by hand.
    forged.splice(place..place + first.len(), merged);
    let forged = shrunk(&honest, forged, place);
    let parsed = seal::EvidenceRecord::parse(&forged).unwrap();
    assert_eq!(parsed.first_list().len(), 3);
    let pack = with(&world.pack(SHOWN), ER, |b| *b = forged);
    let verdict = judged(&world, &with(&pack, TOKEN, |b| *b = token));
    refused(&verdict, "group-not-covered");
}

fn min(pair: [[u8; 32]; 2]) -> [u8; 32] {
    pair[0].min(pair[1])
}

fn max(pair: [[u8; 32]; 2]) -> [u8; 32] {
    pair[0].max(pair[1])
}

/// Lengths of every element around `place` made two less.
fn shrunk(before: &[u8], mut after: Vec<u8>, place: usize) -> Vec<u8> {
    let mut at = 0;
    while at < place {
        let (header, length) = match before[at + 1] {
            0x82 => (4, usize::from(before[at + 2]) << 8 | usize::from(before[at + 3])),
            0x81 => (3, usize::from(before[at + 2])),
            short => (2, usize::from(short)),
        };
        if at + header + length <= place {
            at += header + length;
            continue;
        }
        let less = length - 2;
        match header {
            4 => after[at + 2..at + 4].copy_from_slice(&(less as u16).to_be_bytes()),
            3 => after[at + 2] = less as u8,
            _ => after[at + 1] = less as u8,
        }
        at += header;
    }
    after
}

#[test]
fn a_sealed_head_of_another_log_or_unsigned_does_not_count() {
    let world = world();
    let other = SigningKey::from_seed("autre.exemple.fr", &[4; 32]).unwrap();
    let foreign = world.seal_head(6, world.checkpoint_by(&other, "autre.exemple.fr", 6), SEALED);
    let verdict = judged(&world, &cut(&world, &foreign));
    assert_eq!((verdict.reason, verdict.exit_code()), (Some("other-log"), 6));
    let own = SigningKey::from_seed(ORIGIN, &[66; 32]).unwrap();
    let unknown = world.seal_head(6, world.checkpoint_by(&own, ORIGIN, 6), SEALED);
    untold(&judged(&world, &cut(&world, &unknown)), "key-not-in-policy");
    let nothing = world.seal_head(6, "nothing".into(), SEALED);
    refused(&judged(&world, &cut(&world, &nothing)), "checkpoint-malformed");
}

#[test]
fn a_head_the_token_does_not_cover_is_refused() {
    let world = world();
    let later = world.checkpoint(5);
    let pack = with(&world.pack(SHOWN), CHECKPOINT, |b| *b = later.into_bytes());
    refused(&judged(&world, &pack), "checkpoint-not-covered");
}

#[test]
fn a_sealed_head_smaller_than_the_receipts_is_refused() {
    let world = world();
    let batch = world.seal_head(6, world.checkpoint(2), SEALED);
    let seal = world.pack_seal(SHOWN, &batch);
    let pack = world.write(world.input(SHOWN, Some(seal)));
    refused(&judged(&world, &pack), "log-rewritten");
    let empty = with(&pack, CONSISTENCY, Vec::clear);
    refused(&judged(&world, &empty), "log-rewritten");
}

#[test]
fn a_forged_consistency_is_refused() {
    let world = world();
    let pack = world.pack(SHOWN);
    let path = world.consistency(SHOWN as u64 + 1, 6);
    let mut bent = path.clone();
    bent[0].0[0] ^= 1;
    let cases = [Vec::new(), bent, path[1..].to_vec(), [path, vec![Hash([0; 32])]].concat()];
    for hashes in cases {
        let text = proof::tlog_proof::write_hashes(&hashes).into_bytes();
        refused(&judged(&world, &with(&pack, CONSISTENCY, |b| *b = text)), "log-rewritten");
    }
    refused(&judged(&world, &with(&pack, CONSISTENCY, |b| *b = b"x\n".to_vec())), "log-rewritten");
}

/// A log that shows one history to the depositor and seals another: both heads are truly signed.
#[test]
fn two_histories_of_one_log_are_refused() {
    let world = world();
    let mut other = entries();
    other[0] = entry(0, &[("autre.pdf", b"autre")]);
    let fork = World::of(other, SEALED);
    let batch = world.seal_head(6, fork.checkpoint(6), SEALED);
    refused(&judged(&world, &cut(&world, &batch)), "log-rewritten");
}

#[test]
fn a_part_of_the_seal_missing_cannot_be_told() {
    let world = world();
    let pack = world.pack(SHOWN);
    for name in [CHECKPOINT, BINDING, TOKEN, CONSISTENCY] {
        let all: Vec<_> = members(&pack).into_iter().filter(|(n, _)| n != name).collect();
        let verdict = judged(&world, &zip(&all));
        assert!(!matches!(verdict.exit_code(), 0 | 4), "{name}: {:#?}", verdict.findings);
        assert!(verdict.findings.iter().any(|l| l.code == "seal-incomplete"), "{name}");
    }
    for part in ["evidencerecord001", "evidencerecord003", "Manifest001", "Manifest002"] {
        untold(&judged(&world, &without(&pack, part)), "member-missing");
    }
    // Without any of it, the pack is what it was before sealing.
    let kept = members(&pack).into_iter().filter(|(n, _)| {
        !n.ends_with(".ers") && !n.ends_with(".xml") && ![CHECKPOINT, TOKEN, CONSISTENCY].contains(&n.as_str())
    });
    assert_eq!(judged(&world, &zip(&kept.collect::<Vec<_>>())).verdict, Overall::PassedLogOnly);
}

#[test]
fn a_manifest_that_says_something_else_is_refused() {
    let world = world();
    for name in ["META-INF/ASiCEvidenceRecordManifest001.xml", "META-INF/ASiCEvidenceRecordManifest003.xml"] {
        let pack = with(&world.pack(SHOWN), name, |b| b[90] ^= 1);
        refused(&judged(&world, &pack), "manifest-differs");
    }
}

#[test]
fn a_token_of_an_authority_not_in_the_policy_cannot_be_told() {
    let (world, stranger) = (world(), world());
    let mut json = world.policy_json();
    json["tsa_roots"] = json!([stranger.authority.ca_pem()]);
    untold(&verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED), "token-not-trusted");
    json["tsa_roots"] = json!([]);
    let verdict = verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED);
    assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::Indeterminate, 3));
    json["tsa_roots"] = json!([stranger.authority.ca_pem(), world.authority.ca_pem()]);
    assert_eq!(verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED).exit_code(), 0);
}

/// The frame of a CMS message (versions, list of digests) is not signed: altered together with every record that bears the token, it
/// still is the authority's word, with the same time over the same root. Altered alone, it is refused.
#[test]
fn a_token_altered_says_what_it_said_or_does_not_pass() {
    let world = world();
    let base = world.seal(6, SEALED);
    let honest = judged(&world, &cut(&world, &base));
    let mut frame = 0;
    for place in 0..base.token.len() {
        let mut batch = world.seal(6, SEALED);
        batch.token.clone_from(&base.token);
        batch.token[place] ^= 0x04;
        let verdict = judged(&world, &cut(&world, &batch));
        if matches!(verdict.exit_code(), 0 | 4) {
            frame += 1;
            assert_eq!(verdict.time, honest.time, "byte {place}");
        }
        let alone = with(&cut(&world, &base), TOKEN, |b| b.clone_from(&batch.token));
        assert!(!matches!(judged(&world, &alone).exit_code(), 0 | 4), "byte {place}");
    }
    assert!(frame < 40, "{frame} bytes of the token's frame");
}

#[test]
fn judged_before_the_token_or_after_its_certificate_cannot_be_told() {
    let world = world();
    let day = 86_400_000;
    let at = |when: u64| verify_pack(&world.pack(SHOWN), Some(&world.policy()), UnixMillis(when));
    assert_eq!(at(SEALED.0).exit_code(), 0);
    untold(&at(SEALED.0 - day), "token-ahead");
    untold(&at(SEALED.0 + 3653 * day), "no-proof-of-existence");
    assert_eq!(at(SEALED.0 + 3640 * day).exit_code(), 0, "ten years of certificate, less the day before");
}

#[test]
fn a_log_key_counts_only_for_heads_sealed_before_its_end() {
    let world = world();
    let judge = |pack: &[u8], field: &str, date: &str| {
        let mut json = world.policy_json();
        json["log"]["keys"][0][field] = json!(date);
        verify_pack(pack, Some(&policy(&json)), JUDGED)
    };
    let (sealed, unsealed) = (world.pack(SHOWN), world.unsealed(SHOWN));
    for (field, code) in [("compromised", "log-key-compromised"), ("until", "log-key-ended")] {
        assert_eq!(judge(&sealed, field, "2026-11-23T12:01:02Z").exit_code(), 0);
        untold(&judge(&sealed, field, "2026-11-23T12:01:01Z"), code);
        untold(&judge(&sealed, field, "2026-11-23T12:00:00.000Z"), code);
        untold(&judge(&unsealed, field, "2026-11-23T12:01:02Z"), code);
    }
    // Nothing but the judgement's own moment speaks for an unsealed head: enough before a planned end, not once stolen.
    assert_eq!(judge(&unsealed, "until", "2027-01-01T00:00:00Z").exit_code(), 4);
    untold(&judge(&unsealed, "compromised", "2027-01-01T00:00:00Z"), "log-key-compromised");
    untold(&judge(&sealed, "from", "2026-11-23T13:00:00Z"), "log-key-not-yet");
    assert_eq!(judge(&sealed, "from", "2026-11-23T12:03:00Z").exit_code(), 0, "two clocks");
}

#[test]
fn algorithms_are_judged_at_their_date() {
    let world = world();
    let judge = |pack: &[u8], name: &str, until: serde_json::Value| {
        let mut json = world.policy_json();
        json["algorithms"][name] = until;
        verify_pack(pack, Some(&policy(&json)), JUDGED)
    };
    let (sealed, unsealed) = (world.pack(SHOWN), world.unsealed(SHOWN));
    for name in ["sha256", "sha512", "ecdsa-sha256"] {
        untold(&judge(&sealed, name, json!("2026-11-24T00:00:00Z")), "algorithm-ended");
        assert_eq!(judge(&sealed, name, json!("2030-01-01T00:00:00Z")).exit_code(), 0);
    }
    // The log's signature is proved to exist by the token: what happened to its algorithm since does not matter.
    assert_eq!(judge(&sealed, "ed25519", json!("2026-11-24T00:00:00Z")).exit_code(), 0);
    untold(&judge(&sealed, "ed25519", json!("2026-11-23T12:00:00Z")), "algorithm-ended");
    untold(&judge(&unsealed, "ed25519", json!("2026-11-24T00:00:00Z")), "algorithm-ended");
    let mut json = world.policy_json();
    json["algorithms"].as_object_mut().unwrap().remove("ecdsa-sha256");
    untold(&verify_pack(&sealed, Some(&policy(&json)), JUDGED), "algorithm-not-listed");
    json["algorithms"] = json!({});
    assert_eq!(verify_pack(&sealed, Some(&policy(&json)), JUDGED).exit_code(), 0);
}

#[test]
fn an_algorithm_of_the_newest_proof_that_ends_within_a_year_is_a_warning() {
    let world = world();
    let judge = |name: &str, until: &str| {
        let mut json = world.policy_json();
        json["algorithms"][name] = json!(until);
        let verdict = verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED);
        let warned = verdict.findings.iter().any(|line| line.code == "algorithm-ending" && line.warning);
        (verdict.exit_code(), verdict.strict_exit_code(), warned)
    };
    // Judged on 2026-11-24 at noon.
    for name in ["sha256", "sha512", "ecdsa-sha256"] {
        assert_eq!(judge(name, "2027-11-24T12:00:00Z"), (0, 4, true), "{name}");
        assert_eq!(judge(name, "2027-11-24T12:00:00.001Z"), (0, 0, false), "{name}");
    }
    // The log's signature is proved by the token: that its algorithm ends soon asks for nothing.
    assert_eq!(judge("ed25519", "2026-12-01T00:00:00Z"), (0, 0, false));
}

#[test]
fn short_rsa_keys_are_judged_where_the_policy_names_them() {
    let mut json = world().policy_json();
    let codes = |json: &serde_json::Value| {
        let policy = policy(json);
        let mut case = verifier::Case::new(Some(&policy), JUDGED);
        case.algorithms(&["sha256", seal::SHORT_RSA].map(|name| (name.to_owned(), JUDGED)).to_vec());
        case.verdict.findings.iter().map(|line| line.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&json), ["algorithms-current"]);
    json["algorithms"][seal::SHORT_RSA] = json!("2029-01-01T00:00:00Z");
    assert_eq!(codes(&json), ["algorithms-current"]);
    json["algorithms"][seal::SHORT_RSA] = json!("2026-11-24T12:00:00Z");
    assert_eq!(codes(&json), ["algorithm-ended"]);
}

#[test]
fn a_reception_after_its_seal_is_a_warning_then_false() {
    let sealed_at = |before: u64| {
        let world = World::of(entries(), UnixMillis(RECEIVED.0 - before));
        verify_pack(&world.pack(SHOWN), Some(&world.policy()), JUDGED)
    };
    let minute = 60_000;
    assert_eq!(sealed_at(4 * minute).strict_exit_code(), 0);
    let late = sealed_at(10 * minute);
    assert_eq!((late.exit_code(), late.strict_exit_code()), (0, 4));
    let unsealed = world();
    let early = UnixMillis(RECEIVED.0 - 10 * minute);
    untold(&verify_pack(&unsealed.unsealed(SHOWN), Some(&unsealed.policy()), early), "judged-before-receipt");
}

#[test]
fn a_reception_a_day_after_its_seal_is_false() {
    let mut entries = entries();
    let mut r = proof::record::LogRecord::parse(&entries[SHOWN].record).unwrap();
    r.received_at = UnixMillis(SEALED.0 + 2 * 86_400_000);
    entries[SHOWN].record = r.to_bytes().unwrap();
    let world = World::of(entries, SEALED);
    let verdict = verify_pack(&world.pack(SHOWN), Some(&world.policy()), JUDGED);
    refused(&verdict, "received-time-false");
}

#[test]
fn a_batch_of_one_entry_and_its_binding_passes() {
    let world = World::of(entries().into_iter().take(SHOWN + 1).collect(), SEALED);
    assert_eq!(judged(&world, &world.pack(SHOWN)).exit_code(), 0);
    let root = batch_root(&world.batch.groups).unwrap();
    let path = batch_path(&world.batch.groups, 0).unwrap();
    assert_ne!(root, path[0]);
}
