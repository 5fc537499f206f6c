//! Receipts with the records beside them.

use proof::{SigningKey, TlogProof, sha256, sha512};
use verifier::{NamedDigest, Overall, ReceiptInput, Verdict, verify_receipt};

use crate::forged::{refused, untold};
use crate::world::*;

fn named(name: &str, bytes: &[u8]) -> NamedDigest {
    let (sha256, sha512) = (sha256(bytes), sha512(bytes));
    NamedDigest { name: name.into(), size: bytes.len() as u64, sha256, sha512 }
}

fn given(world: &World, entry: bool, records: &[Vec<u8>], data: &[NamedDigest]) -> Verdict {
    let of = &world.entries[SHOWN];
    let receipt = world.receipt(SHOWN);
    let entry = entry.then_some(&of.entry[..]);
    let input = ReceiptInput { receipt: &receipt, record: &of.record, entry, file_records: records, data };
    verify_receipt(&input, Some(&world.policy()), JUDGED)
}

#[test]
fn a_receipt_passes_with_reservations_alone_or_with_its_files() {
    let world = world();
    let files = &world.entries[SHOWN].files;
    let records: Vec<_> = files.iter().rev().map(|(_, _, f)| f.clone()).collect();
    let data: Vec<_> = files.iter().map(|(name, bytes, _)| named(name, bytes)).collect();
    for verdict in [
        given(&world, false, &[], &[]),
        given(&world, true, &[], &[]),
        given(&world, true, &records, &[]),
        given(&world, true, &records, &data[1..]),
        given(&world, true, &records, &data),
    ] {
        assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::PassedLogOnly, 4), "{:#?}", verdict.findings);
    }
}

#[test]
fn a_file_that_is_not_of_the_deposit_is_refused_by_name() {
    let world = world();
    let records: Vec<_> = world.entries[SHOWN].files.iter().map(|(_, _, f)| f.clone()).collect();
    let verdict = given(&world, true, &records, &[named("faux.pdf", b"forged")]);
    refused(&verdict, "file-not-in-entry");
    assert!(verdict.sentences(verifier::Lang::French)[0].contains("faux.pdf"));
    let mut half = named("a", &world.entries[SHOWN].files[0].1);
    half.sha512 = sha512(b"x");
    refused(&given(&world, true, &records, &[half]), "file-not-in-entry");
}

#[test]
fn a_file_that_a_missing_record_may_describe_cannot_be_told() {
    let world = world();
    let files = &world.entries[SHOWN].files;
    let first = [files[0].2.clone()];
    untold(&given(&world, true, &first, &[named("annexe.pdf", &files[1].1)]), "file-records-missing");
}

#[test]
fn records_numbered_with_a_gap_are_no_deposit() {
    let world = world();
    let mut odd = entry(0, &[("a", b"a"), ("b", b"b")]);
    odd.files[1].2 = file_record(3, "b", b"b").to_bytes().unwrap();
    let records: Vec<_> = odd.files.iter().map(|(_, _, f)| f.clone()).collect();
    odd.entry = entry_record(&records).to_bytes().unwrap();
    odd.record = log_record(0, tenant(1), &odd.entry).to_bytes().unwrap();
    let odd = World { entries: vec![odd], ..world };
    let receipt = odd.receipt(0);
    let of = &odd.entries[0];
    let (record, entry) = (&of.record, Some(&of.entry[..]));
    let input = ReceiptInput { receipt: &receipt, record, entry, file_records: &records, data: &[] };
    refused(&verify_receipt(&input, Some(&odd.policy()), JUDGED), "file-records-altered");
}

#[test]
fn a_file_without_the_records_that_tie_it_cannot_be_told() {
    let world = world();
    let files = &world.entries[SHOWN].files;
    let records: Vec<_> = files.iter().map(|(_, _, f)| f.clone()).collect();
    let data = [named("a", &files[0].1)];
    untold(&given(&world, false, &records, &data), "file-records-missing");
    untold(&given(&world, true, &[], &data), "file-records-missing");
    untold(&given(&world, true, &records[..1], &data), "file-records-missing");
    let forged = file_record(1, "a", b"forged").to_bytes().unwrap();
    let verdict = given(&world, true, &[forged, records[1].clone()], &[named("a", b"forged")]);
    refused(&verdict, "file-records-altered");
    let twice = [records[0].clone(), records[0].clone()];
    refused(&given(&world, true, &twice, &data), "file-records-altered");
}

/// A receipt has no token: nothing proves its head signed before the key was stolen, whenever one judges.
#[test]
fn a_receipt_of_a_compromised_key_cannot_be_told() {
    let world = world();
    let (receipt, record) = (world.receipt(SHOWN), &world.entries[SHOWN].record);
    let input = ReceiptInput { receipt: &receipt, record, entry: None, file_records: &[], data: &[] };
    let judge = |field: &str, date: &str| {
        let mut json = world.policy_json();
        json["log"]["keys"][0][field] = serde_json::json!(date);
        verify_receipt(&input, Some(&policy(&json)), JUDGED)
    };
    for date in ["2026-01-01T00:00:00Z", "2026-11-23T12:00:00Z", "2027-01-01T00:00:00Z"] {
        untold(&judge("compromised", date), "log-key-compromised");
    }
    untold(&judge("until", "2026-11-23T12:00:00Z"), "log-key-ended");
    assert_eq!(judge("until", "2027-01-01T00:00:00Z").exit_code(), 4);
}

#[test]
fn another_record_or_a_forged_receipt_is_refused() {
    let world = world();
    let judge = |receipt: &str, record: &[u8]| {
        let input = ReceiptInput { receipt, record, entry: None, file_records: &[], data: &[] };
        verify_receipt(&input, Some(&world.policy()), JUDGED)
    };
    let receipt = world.receipt(SHOWN);
    refused(&judge(&receipt, &world.entries[3].record), "not-in-the-log");
    refused(&judge("nothing", &world.entries[SHOWN].record), "receipt-malformed");
    let mut beyond = TlogProof::parse(&receipt).unwrap();
    beyond.index.0 = 3;
    refused(&judge(&beyond.write(), &world.entries[SHOWN].record), "not-in-the-log");
    let forger = SigningKey::from_seed(ORIGIN, &[66; 32]).unwrap();
    let forged = world.receipt_in(SHOWN, 3, world.checkpoint_by(&forger, ORIGIN, 3));
    untold(&judge(&forged, &world.entries[SHOWN].record), "key-not-in-policy");
    let input = ReceiptInput {
        receipt: &receipt,
        record: &world.entries[SHOWN].record,
        entry: Some(&world.entries[3].entry),
        file_records: &[],
        data: &[],
    };
    refused(&verify_receipt(&input, Some(&world.policy()), JUDGED), "entry-altered");
    let alone = ReceiptInput { entry: None, ..input };
    untold(&verify_receipt(&alone, None, JUDGED), "no-trust-anchor");
}
