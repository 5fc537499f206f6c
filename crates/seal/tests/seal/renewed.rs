//! What renews a record of ours: covered as received, by strong digests, in groups of two and trees of one sibling a list; or refused.

use std::sync::OnceLock;

use seal::{DigestAlgorithm, EvidenceRecord};

use crate::forge::{Authority, Forge, SHA256, SHA512, seq, sha256, tlv};

const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];

type Lists = Vec<Vec<Vec<u8>>>;

fn sha512(bytes: &[u8]) -> Vec<u8> {
    DigestAlgorithm::Sha512.digest(bytes)
}

fn token(imprint: &[u8], oid: &'static [u8]) -> Vec<u8> {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    (forge.imprint, forge.imprint_oid) = (imprint.to_vec(), oid);
    forge.der()
}

fn stamp(oid: &[u8], lists: &Lists, token: &[u8]) -> Vec<u8> {
    let list = |list: &Vec<Vec<u8>>| seq(&[&list.iter().flat_map(|hash| tlv(4, hash)).collect::<Vec<_>>()]);
    let tree: Vec<u8> = lists.iter().flat_map(list).collect();
    let tree = if lists.is_empty() { tree } else { tlv(0xa2, &tree) };
    seq(&[&tlv(0xa0, &tlv(6, oid)), &tree, token])
}

fn record(chains: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let algorithms: Vec<u8> = [SHA256, SHA512, SHA1].iter().flat_map(|oid| seq(&[&tlv(6, oid)])).collect();
    seq(&[&tlv(2, &[1]), &seq(&[&algorithms]), &sequence(chains)])
}

fn sequence(chains: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let chain = |stamps: &Vec<Vec<u8>>| seq(&[&stamps.concat()]);
    seq(&[&chains.iter().flat_map(chain).collect::<Vec<_>>()])
}

/// The node over these hashes.
fn node(digest: fn(&[u8]) -> Vec<u8>, mut hashes: Vec<Vec<u8>>) -> Vec<u8> {
    hashes.sort();
    digest(&hashes.concat())
}

const DOCUMENTS: [&[u8]; 2] = [b"un acte", b"sa description"];

/// The first time-stamp over both documents, and its token.
fn first() -> (Vec<u8>, Vec<u8>) {
    static FIRST: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    let made = FIRST.get_or_init(|| {
        let group: Vec<Vec<u8>> = DOCUMENTS.iter().map(|document| sha256(document)).collect();
        let token = token(&node(sha256, group.clone()), SHA256);
        (stamp(SHA256, &vec![group], &token), token)
    });
    made.clone()
}

/// How many later time-stamps, or the code of what is wrong.
fn later(record: &[u8], at_hand: usize) -> Result<Vec<bool>, &'static str> {
    let digests = |algorithm: DigestAlgorithm| -> Vec<Vec<u8>> {
        DOCUMENTS.iter().take(at_hand).map(|document| algorithm.digest(document)).collect()
    };
    let record = EvidenceRecord::parse(record).unwrap();
    let all = record.later(&digests).map_err(|error| error.code())?;
    Ok(all.iter().map(|later| later.hashes_renewed).collect())
}

/// Renewed by a time-stamp of these lists, its token over this.
fn stamped(lists: &Lists, imprint: &[u8]) -> Result<Vec<bool>, &'static str> {
    let (first, _) = first();
    later(&record(&[vec![first, stamp(SHA256, lists, &token(imprint, SHA256))]]), 2)
}

#[test]
fn a_later_time_stamp_covers_the_token_before_it_as_received() {
    let (begun, before) = first();
    assert_eq!(later(&record(&[vec![begun.clone()]]), 2), Ok(vec![]));
    let digest = sha256(&before);
    // Alone in its list, without a tree, with a sibling above it, among others.
    assert_eq!(stamped(&vec![vec![digest.clone()]], &digest), Ok(vec![false]));
    assert_eq!(stamped(&vec![], &digest), Ok(vec![false]));
    let sibling = vec![7; 32];
    let root = node(sha256, vec![digest.clone(), sibling.clone()]);
    assert_eq!(stamped(&vec![vec![digest.clone()], vec![sibling.clone()]], &root), Ok(vec![false]));
    assert_eq!(stamped(&vec![vec![digest.clone(), sibling.clone()]], &root), Ok(vec![false]));

    let other = vec![9; 32];
    assert_eq!(stamped(&vec![vec![other.clone()]], &other), Err("group-mismatch"));
    assert_eq!(stamped(&vec![], &other), Err("group-mismatch"));
    assert_eq!(stamped(&vec![vec![digest.clone()], vec![sibling.clone()]], &digest), Err("root-mismatch"));
    let three = node(sha256, vec![digest.clone(), sibling.clone(), other.clone()]);
    assert_eq!(stamped(&vec![vec![digest.clone()], vec![sibling, other]], &three), Err("sibling-count"));
    assert_eq!(stamped(&vec![vec![digest.clone(), vec![1; 20]]], &digest), Err("malformed"));
    // Under another digest than its chain's, though all else agrees; or by a token of another one.
    let long = sha512(&before);
    let changed = stamp(SHA512, &vec![vec![long.clone()]], &token(&long, SHA512));
    assert_eq!(later(&record(&[vec![begun.clone(), changed]]), 2), Err("unsupported"));
    let by_other = stamp(SHA256, &vec![vec![digest.clone()]], &token(&digest, SHA512));
    assert_eq!(later(&record(&[vec![begun.clone(), by_other]]), 2), Err("root-mismatch"));
    // The token of a third time-stamp is the second's, not the first's.
    let second = stamp(SHA256, &vec![vec![digest.clone()]], &token(&digest, SHA256));
    let third = stamp(SHA256, &vec![vec![digest.clone()]], &token(&digest, SHA256));
    assert_eq!(later(&record(&[vec![begun, second, third]]), 2), Err("group-mismatch"));
}

/// The first list of a renewal of hashes, by this way of joining a document and all chains before.
fn group_of(join: fn(&[u8], &[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    let chains = sha512(&sequence(&[vec![first().0]]));
    DOCUMENTS.iter().map(|document| sha512(&join(&sha512(document), &chains))).collect()
}

fn document_first(document: &[u8], chains: &[u8]) -> Vec<u8> {
    [document, chains].concat()
}

fn hashed(list: Vec<Vec<u8>>, at_hand: usize) -> Result<Vec<bool>, &'static str> {
    let token = token(&node(sha512, list.clone()), SHA512);
    later(&record(&[vec![first().0], vec![stamp(SHA512, &vec![list], &token)]]), at_hand)
}

#[test]
fn a_new_chain_covers_both_documents_with_all_chains_before() {
    let group = group_of(document_first);
    assert_eq!(hashed(group.clone(), 2), Ok(vec![true]));
    // Of the binding group one object is not shown: the one at hand is of it.
    assert_eq!(hashed(group.clone(), 1), Ok(vec![true]));
    assert_eq!(hashed(group.clone(), 0), Err("unsupported"));
    // Another place would hide a third object, or leave one out.
    assert_eq!(hashed([group.clone(), vec![vec![5; 64]]].concat(), 2), Err("group-mismatch"));
    assert_eq!(hashed(vec![group[0].clone(), vec![5; 64]], 2), Err("group-mismatch"));
    assert_eq!(hashed(vec![group[0].clone(), group[0].clone()], 2), Err("group-mismatch"));
    let chains_first = group_of(|document, chains| [chains, document].concat());
    assert_eq!(hashed(chains_first, 2), Err("group-mismatch"));
    let document_alone = group_of(|document, _| document.to_vec());
    assert_eq!(hashed(document_alone, 2), Err("group-mismatch"));
    // And its token is renewed in its turn.
    let long = token(&node(sha512, group.clone()), SHA512);
    let second = vec![stamp(SHA512, &vec![group], &long), stamp(SHA512, &vec![], &token(&sha512(&long), SHA512))];
    assert_eq!(later(&record(&[vec![first().0], second]), 2), Ok(vec![true, false]));
}

#[test]
fn a_digest_that_is_broken_renews_nothing() {
    let sha1 = |bytes: &[u8]| DigestAlgorithm::Sha1.digest(bytes);
    let chains = sha1(&sequence(&[vec![first().0]]));
    let list: Vec<Vec<u8>> =
        DOCUMENTS.iter().map(|document| sha1(&[sha1(document), chains.clone()].concat())).collect();
    let token = token(&node(sha1, list.clone()), SHA1);
    assert_eq!(later(&record(&[vec![first().0], vec![stamp(SHA1, &vec![list], &token)]]), 2), Err("unsupported"));
}
