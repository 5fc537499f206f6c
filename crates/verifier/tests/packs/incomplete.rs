//! Members removed, and members nobody reads: what is missing cannot be told, and is not called altered.

use crate::forged::{judged, refused, untold};
use crate::world::*;

const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";
const OF_SEAL: [&str; 4] = ["checkpoint", "checkpoint.ers", "token.tst", "consistency"];

fn only(pack: &[u8], keep: impl Fn(&str) -> bool) -> Vec<u8> {
    zip(&members(pack).into_iter().filter(|(name, _)| keep(name)).collect::<Vec<_>>())
}

fn of_seal(name: &str) -> bool {
    name.strip_prefix("META-INF/tabellion/").is_some_and(|rest| OF_SEAL.contains(&rest))
}

#[test]
fn any_part_of_a_seal_missing_cannot_be_told() {
    let world = world();
    let pack = world.pack(SHOWN);
    for part in OF_SEAL {
        let missing = format!("META-INF/tabellion/{part}");
        let verdict = judged(&world, &only(&pack, |name| name != missing));
        untold(&verdict, "seal-incomplete");
        let line = verdict.findings.iter().find(|l| l.code == "seal-incomplete").unwrap();
        assert_eq!(line.where_, missing);
    }
    untold(&judged(&world, &only(&pack, |name| !of_seal(name))), "seal-incomplete");
    let without_records = |name: &str| !of_seal(name) && !name.ends_with(".ers");
    untold(&judged(&world, &only(&pack, without_records)), "seal-incomplete");
    // What stands beside an incomplete seal is still named.
    let more = plus(&only(&pack, |name| !of_seal(name)), "META-INF/evidencerecord004.ers", b"x");
    refused(&judged(&world, &more), "uncovered-member");
    refused(&judged(&world, &plus(&pack, "META-INF/ASiCEvidenceRecordManifest004.xml", b"x")), "uncovered-member");
}

#[test]
fn a_missing_receipt_is_missing_and_nothing_else() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        let verdict = judged(&world, &without(&pack, RECEIPT));
        untold(&verdict, "member-missing");
        let wrong = |code| ["receipt-malformed", "log-rewritten"].contains(&code);
        assert!(!verdict.findings.iter().any(|l| wrong(l.code)), "{:#?}", verdict.findings);
    }
}

/// The checksum of the member in both headers made false.
fn bad_checksum(pack: &[u8], name: &str) -> Vec<u8> {
    let mut out = pack.to_vec();
    for (mark, name_at, crc_at) in [(b"PK\x03\x04", 30, 14), (b"PK\x01\x02", 46, 16)] {
        let here = |at: &usize| pack[*at..].starts_with(mark) && pack[*at + name_at..].starts_with(name.as_bytes());
        let at = (0..pack.len() - name_at).find(here).unwrap();
        out[at + crc_at] ^= 1;
    }
    out
}

#[test]
fn every_member_is_held_to_its_checksum() {
    let world = world();
    let pack = plus(&world.pack(SHOWN), "META-INF/tabellion/later", b"unknown");
    assert_eq!(judged(&world, &pack).exit_code(), 0);
    for name in members(&pack).iter().map(|(name, _)| name.as_str()).chain(["mimetype"]) {
        let verdict = judged(&world, &bad_checksum(&pack, name));
        refused(&verdict, "member-altered");
        assert!(verdict.findings.iter().any(|l| l.code == "member-altered" && l.where_ == name), "{name}");
    }
}
