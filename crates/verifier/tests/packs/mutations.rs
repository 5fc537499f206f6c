//! Bytes changed at random: no panic, and no pass unless nothing that is judged has changed.
//!
//! What no finding covers, because no reader of an accepted container takes it from there: in zip headers, versions, dates, attributes
//! and comments; among members, those that are no evidence (`recipe.sh`, `policy.json`).

use proptest::prelude::*;
use std::sync::LazyLock;
use verifier::{Policy, verify_pack, verify_receipt};

use crate::world::*;

struct Fixed {
    packs: [Vec<u8>; 2],
    policy: Policy,
    receipt: String,
    record: Vec<u8>,
    entry: Vec<u8>,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let world = world();
    Fixed {
        packs: [world.pack(SHOWN), world.unsealed(SHOWN)],
        policy: world.policy(),
        receipt: world.receipt(SHOWN),
        record: world.entries[SHOWN].record.clone(),
        entry: world.entries[SHOWN].entry.clone(),
    }
});

/// Everything of a pack that is judged: names and contents of members, without those that are no evidence.
fn judged(pack: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let container = seal::Container::parse(pack).ok()?;
    let mut all = Vec::new();
    for name in container.names().filter(|n| !n.ends_with("/recipe.sh") && !n.ends_with("/policy.json")) {
        all.push((name.to_owned(), container.read(name).ok()?));
    }
    all.sort();
    Some(all)
}

fn check(which: usize, pack: &[u8]) {
    let fixed = &*FIXED;
    let verdict = verify_pack(pack, Some(&fixed.policy), JUDGED);
    let _ = (crate::json::to_json(&verdict, verifier::Lang::French), verdict.sentences(verifier::Lang::English));
    if matches!(verdict.exit_code(), 0 | 4) {
        assert_eq!(judged(pack), judged(&fixed.packs[which]), "{:#?}", verdict.findings);
    }
}

#[test]
fn no_single_byte_of_a_pack_can_change_and_pass() {
    for which in 0..2 {
        let honest = &FIXED.packs[which];
        for place in 0..honest.len() {
            let mut pack = honest.clone();
            pack[place] ^= 1 << (place % 8);
            check(which, &pack);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_changed_cut_or_added_never_pass(
        which in 0usize..2,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6),
    ) {
        let mut pack = FIXED.packs[which].clone();
        for (place, byte, how) in changes {
            let place = place.index(pack.len());
            match how {
                0 => pack[place] = byte,
                1 => { pack.remove(place); }
                _ => pack.insert(place, byte),
            }
        }
        check(which, &pack);
    }

    #[test]
    fn members_changed_under_a_correct_container_never_pass(
        which in 0usize..2,
        member in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bit in 0u8..8,
        how in 0u8..4,
    ) {
        let mut all = members(&FIXED.packs[which]);
        let at = member.index(all.len());
        let bytes = &mut all[at].1;
        let place = place.index(bytes.len().max(1));
        match how {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << bit,
            1 if !bytes.is_empty() => { bytes.remove(place); }
            2 => bytes.insert(place, bit),
            _ => bytes.truncate(place),
        }
        check(which, &zip(&all));
    }

    #[test]
    fn a_receipt_of_any_bytes_is_judged_without_panic(
        text in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..4),
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..3),
    ) {
        let mut receipt: Vec<char> = FIXED.receipt.chars().collect();
        let changed = !text.is_empty();
        for (place, c) in text {
            let place = place.index(receipt.len());
            receipt[place] = c;
        }
        let receipt: String = receipt.into_iter().collect();
        let input = verifier::ReceiptInput {
            receipt: &receipt,
            record: &FIXED.record,
            entry: Some(&FIXED.entry),
            file_records: &records,
            data: &[],
        };
        let verdict = verify_receipt(&input, Some(&FIXED.policy), JUDGED);
        if changed && receipt != FIXED.receipt {
            prop_assert!(!matches!(verdict.exit_code(), 0 | 4), "{:#?}", verdict.findings);
        }
    }
}
