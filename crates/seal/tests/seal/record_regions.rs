//! Evidence records changed by a byte or a few: nothing panics, and what still passes says the same and was changed only where
//! nothing signs and nothing is hashed.

use std::collections::BTreeMap;
use std::fs;

use seal::{
    AnyVerifier, ArchiveRecord, DataContent, DataObject, DigestAlgorithm, NewStamp, RecordReport, RecordTrust, Token,
    judge_record, parse_response, pem_to_der, renew_time_stamp, token_digests, write_evidence_record,
};

use crate::forge::sha256;
use crate::openssl::{absent, authority, now, reply, request};
use crate::regions::{self, Dice, changed, members, rounds, touched};

/// Where a change of the record around its tokens may go unseen, and why.
const FREE: [(&str, &str); 2] = [
    ("record-framing", "tags and lengths around hashes and tokens: BER says one thing in several ways"),
    ("record-algorithms", "parameters of a declared digest, or a digest declared that nothing uses"),
];

const DOCUMENTS: [&[u8]; 2] = [b"un acte", b"sa description"];

/// The region of each byte of a record; the last token's as a token's, the first one's under one name: the last one covers it whole.
fn map(der: &[u8], tokens: &[&[u8]], signer: &[u8]) -> Vec<&'static str> {
    let mut map = vec!["record-framing"; der.len()];
    let mut paint = |span: (usize, usize), name| map[span.0..span.1].iter_mut().for_each(|place| *place = name);
    let fields = members(der, members(der, (0, der.len()))[0].1);
    paint(fields[0].1, "record-version");
    paint(fields[1].1, "record-algorithms");
    for chain in members(der, fields[fields.len() - 1].1) {
        for stamp in members(der, chain.1) {
            let parts = members(der, stamp.1);
            for part in &parts {
                match part.0 {
                    0xa0 => paint(part.1, "record-digest"),
                    0xa2 => members(der, part.1)
                        .iter()
                        .flat_map(|list| members(der, list.1))
                        .for_each(|hash| paint(hash.1, "record-hashes")),
                    _ => paint((part.2, part.1.1), "earlier-token"),
                }
            }
        }
    }
    let last = tokens[tokens.len() - 1];
    let at = der.windows(last.len()).rposition(|window| window == last).unwrap();
    map[at..at + last.len()].copy_from_slice(&regions::regions(last, signer));
    map
}

/// What a record says, and who says it.
fn said(record: &ArchiveRecord, report: &RecordReport) -> String {
    let tokens = record.tokens_der().map(|der| {
        let token = Token::parse(der).unwrap();
        format!(
            "{:?} {} {} {:?} {:?}",
            token.imprint(),
            token.gen_time(),
            token.policy(),
            token.serial(),
            token.nonce()
        )
    });
    let tokens: Vec<String> = tokens.collect();
    format!("{tokens:?} {:?} {:?} {:?} {:?}", report.proved, report.authority, report.roots_sha256, report.used)
}

fn search(rounds: usize, key: &str, renewed: bool) {
    let dir = authority(key, "sha256");
    let token = |covered: &[u8]| parse_response(&reply(dir.path(), &request(covered, None))).unwrap().as_der().to_vec();
    let mut group = DOCUMENTS.map(sha256);
    group.sort();
    let sibling: [u8; 32] = sha256(b"un voisin").try_into().unwrap();
    let mut top = [sha256(&group.concat()), sibling.to_vec()];
    top.sort();
    let hashes = group.map(|hash| <[u8; 32]>::try_from(hash).unwrap());
    let mut der = write_evidence_record(hashes, &[sibling], &token(&top.concat()));
    if renewed {
        let before = token_digests(&der, DigestAlgorithm::Sha256).unwrap().remove(0);
        let mut pair = [before, sibling.to_vec()];
        pair.sort();
        let token = token(&pair.concat());
        let stamp = NewStamp { algorithm: DigestAlgorithm::Sha256, lists: &[pair.to_vec()], token_der: &token };
        der = renew_time_stamp(&der, &stamp).unwrap();
    }
    let read = |name: &str| pem_to_der(&fs::read_to_string(dir.path().join(name)).unwrap()).unwrap();
    let (roots, signer) = (read("ca.pem"), read("tsa.pem").remove(0));
    let data = DOCUMENTS.map(|bytes| DataObject { name: "document", content: DataContent::Bytes(bytes) });
    let trust =
        RecordTrust { roots: &roots, extra_certificates: &[], at: now(), accept_weak: false, verifier: &AnyVerifier };
    let record = ArchiveRecord::parse(&der).unwrap();
    let honest = judge_record(&record, &data, &trust);
    assert!(honest.passed(), "{:?}", honest.faults().collect::<Vec<_>>());
    let honest = said(&record, &honest);
    let tokens: Vec<&[u8]> = record.tokens_der().collect();
    let map = map(&der, &tokens, &signer);
    let (mut accepted, mut dice) = (BTreeMap::<&str, usize>::new(), Dice(2_463_534_242));
    for _ in 0..rounds {
        let altered = changed(&der, &mut dice);
        let touched = touched(&der, &altered, &map);
        let Ok(record) = ArchiveRecord::parse(&altered) else { continue };
        let report = judge_record(&record, &data, &trust);
        if !report.passed() || touched.is_empty() {
            continue;
        }
        assert_eq!(said(&record, &report), honest, "another statement is accepted, changed in {touched:?}");
        for region in touched {
            let free = FREE.iter().chain(&regions::FREE).any(|(free, _)| *free == region);
            assert!(free, "a change in {region} is accepted");
            *accepted.entry(region).or_default() += 1;
        }
    }
    println!("{rounds} changed records ({key}, renewed: {renewed}); accepted, by region of the change: {accepted:?}");
    assert!(accepted.values().sum::<usize>() * 2 < rounds, "most changes are refused");
}

#[test]
fn what_still_passes_was_changed_where_nothing_is_hashed() {
    if absent() {
        return;
    }
    for (key, renewed) in [("-newkey rsa:2048", false), ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", true)] {
        search(rounds() / 2, key, renewed);
    }
}
