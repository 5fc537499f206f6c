//! Evidence records of a batch: written, read, verified, and refused for anything else.

use seal::{EvidenceRecord, SealError, batch_path, batch_root, group_hash, limits, write_evidence_record};

use crate::forge::{Authority, Forge, SHA256, SHA512, judge, seq, sha256, tlv};

fn hash(n: u32) -> [u8; 32] {
    sha256(&n.to_be_bytes()).try_into().unwrap()
}

/// The groups `{2n, 2n+1}` and their tree.
fn groups(count: u32) -> Vec<[u8; 32]> {
    (0..count).map(|n| group_hash(&hash(2 * n), &hash(2 * n + 1))).collect()
}

fn token_over(authority: &Authority, root: &[u8; 32]) -> Vec<u8> {
    let mut forge = Forge::new(authority);
    forge.imprint = root.to_vec();
    forge.der()
}

fn record(count: u32, position: usize) -> Vec<u8> {
    let groups = groups(count);
    let token = token_over(&Authority::default(), &batch_root(&groups).unwrap());
    let n = position as u32;
    let path = batch_path(&groups, position).unwrap();
    write_evidence_record([hash(2 * n + 1), hash(2 * n)], &path, &token)
}

fn code(result: Result<[u8; 32], SealError>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn every_group_of_a_batch_is_covered_by_its_record() {
    for count in 1..12u32 {
        for position in 0..count {
            let record = EvidenceRecord::parse(&record(count, position as usize)).unwrap();
            let (a, b) = (hash(2 * position), hash(2 * position + 1));
            let root = batch_root(&groups(count)).unwrap();
            assert_eq!(record.covers(&a, &b), Ok(root));
            assert_eq!(record.covers(&b, &a), Ok(root));
            assert_eq!(record.covers_one(&a).unwrap(), root);
            assert_eq!(record.token().unwrap().imprint().digest, root);
        }
    }
}

#[test]
fn the_token_inside_is_judged_against_the_root() {
    let authority = Authority::default();
    let path = [hash(9)];
    let group = group_hash(&hash(0), &hash(1));
    let root = group_hash(&group, &hash(9));
    let bytes = write_evidence_record([hash(0), hash(1)], &path, &token_over(&authority, &root));
    let record = EvidenceRecord::parse(&bytes).unwrap();
    let token = record.token().unwrap();
    assert_eq!(token.as_der(), record.token_der());
    let report = judge(token, std::slice::from_ref(&authority.ca_der), &[]);
    let failed = report.first_failure().unwrap();
    assert_eq!(failed.1.code(), "imprint-mismatch", "judged against another root than the tree's");
    assert_eq!(report.checks.iter().filter(|c| c.outcome.is_err()).count(), 1);
}

#[test]
fn the_same_record_is_written_again_to_the_same_bytes() {
    let path = [hash(9)];
    let write = |group| write_evidence_record(group, &path, &[0x30, 0]);
    assert_eq!(write([hash(0), hash(1)]), write([hash(1), hash(0)]));
    let expected =
        concat!("308193020101300d300b06096086480165030402013", "07f307d307ba00b0609608648016503040201a26a30440420");
    let bytes = write([hash(0), hash(1)]);
    let shown: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn another_group_is_refused() {
    let record = EvidenceRecord::parse(&record(5, 2)).unwrap();
    let (a, b) = (hash(4), hash(5));
    assert!(record.covers(&a, &b).is_ok());
    assert_eq!(code(record.covers(&a, &hash(6))), "group-mismatch");
    assert_eq!(code(record.covers(&a, &a)), "group-mismatch");
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "group-mismatch");
    assert_eq!(record.covers_one(&hash(6)).unwrap_err().code(), "group-mismatch");
}

#[test]
fn a_first_list_of_more_than_the_group_is_refused() {
    let list = seq(&[&tlv(4, &hash(0)), &tlv(4, &hash(1)), &tlv(4, &hash(2))]);
    let mut all = [hash(0), hash(1), hash(2)];
    all.sort();
    let root = sha256(&all.concat()).try_into().unwrap();
    let bytes = custom(&list, &token_over(&Authority::default(), &root), SHA256);
    let record = EvidenceRecord::parse(&bytes).unwrap();
    assert_eq!(record.covers_one(&hash(0)).unwrap(), root);
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "group-mismatch");
}

#[test]
fn a_later_list_of_two_siblings_is_refused() {
    let first = seq(&[&tlv(4, &hash(0)), &tlv(4, &hash(1))]);
    let second = seq(&[&tlv(4, &hash(2)), &tlv(4, &hash(3))]);
    let mut all = [group_hash(&hash(0), &hash(1)), hash(2), hash(3)];
    all.sort();
    let root = sha256(&all.concat()).try_into().unwrap();
    let token = token_over(&Authority::default(), &root);
    let record = EvidenceRecord::parse(&custom(&[first, second].concat(), &token, SHA256)).unwrap();
    assert_eq!(record.covers_one(&hash(0)).unwrap(), root);
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "sibling-count");
}

#[test]
fn a_tree_that_leads_elsewhere_than_the_token_is_refused() {
    let authority = Authority::default();
    let first = seq(&[&tlv(4, &hash(0)), &tlv(4, &hash(1))]);
    let token = token_over(&authority, &hash(77));
    let record = EvidenceRecord::parse(&custom(&first, &token, SHA256)).unwrap();
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "root-mismatch");
}

#[test]
fn a_token_whose_imprint_is_of_another_digest_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.imprint = group_hash(&hash(0), &hash(1)).to_vec();
    forge.imprint_oid = SHA512;
    let first = seq(&[&tlv(4, &hash(0)), &tlv(4, &hash(1))]);
    let record = EvidenceRecord::parse(&custom(&first, &forge.der(), SHA256)).unwrap();
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "root-mismatch");
    let record = EvidenceRecord::parse(&custom(&first, &forge.der(), SHA512)).unwrap();
    assert_eq!(code(record.covers(&hash(0), &hash(1))), "unsupported");
}

/// A record with these lists; `digest` stands in the record and in its one time-stamp.
fn custom(lists: &[u8], token: &[u8], digest: &[u8]) -> Vec<u8> {
    let time_stamp = seq(&[&tlv(0xa0, &tlv(6, digest)), &tlv(0xa2, lists), token]);
    seq(&[&tlv(2, &[1]), &seq(&[&seq(&[&tlv(6, digest)])]), &seq(&[&seq(&[&time_stamp])])])
}

#[test]
fn other_versions_and_encrypted_data_are_unsupported() {
    let first = seq(&[&tlv(4, &hash(0)), &tlv(4, &hash(1))]);
    let time_stamp = seq(&[&tlv(0xa0, &tlv(6, SHA256)), &tlv(0xa2, &first), &seq(&[])]);
    let algorithms = seq(&[&seq(&[&tlv(6, SHA256)])]);
    let chain = seq(&[&time_stamp]);
    let with = |version: u8, sequence: &[u8], more: &[u8]| {
        EvidenceRecord::parse(&seq(&[&tlv(2, &[version]), &algorithms, more, sequence])).map(drop).map_err(|e| e.code())
    };
    assert!(with(1, &seq(&[&chain]), &[]).is_ok());
    assert!(with(1, &seq(&[&chain]), &tlv(0xa0, &seq(&[]))).is_ok());
    assert_eq!(with(2, &seq(&[&chain]), &[]), Err("unsupported"));
    assert_eq!(with(1, &seq(&[&chain]), &tlv(0xa1, &[])), Err("unsupported"));
    assert_eq!(with(1, &seq(&[]), &[]), Err("malformed"));
    let undeclared = seq(&[&tlv(2, &[1]), &seq(&[&seq(&[&tlv(6, SHA512)])]), &seq(&[&chain])]);
    assert_eq!(EvidenceRecord::parse(&undeclared).unwrap_err().code(), "malformed");
}

#[test]
fn lists_and_hashes_as_many_as_the_limit_and_no_more() {
    let siblings = |count: usize| {
        let bytes = write_evidence_record([hash(0), hash(1)], &vec![hash(2); count], &seq(&[]));
        EvidenceRecord::parse(&bytes).map(drop).map_err(|e| e.code())
    };
    assert!(siblings(limits::TREE_LISTS - 1).is_ok());
    assert_eq!(siblings(limits::TREE_LISTS), Err("too-large"));
    let one_list = |count: usize| {
        let hashes = tlv(4, &[]).repeat(count);
        EvidenceRecord::parse(&custom(&seq(&[&hashes]), &seq(&[]), SHA256)).map(drop).map_err(|e| e.code())
    };
    assert!(one_list(limits::LIST_HASHES).is_ok());
    assert_eq!(one_list(limits::LIST_HASHES + 1), Err("too-large"));
}
