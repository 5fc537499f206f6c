//! Anything at all may be read: no parser panics, loops or grows beyond its input.

use proptest::prelude::*;
use seal::{
    ArchiveRecord, Container, ContainerWriter, DataContent, DataObject, DigestAlgorithm, EvidenceRecord, RecordTrust,
    RingVerifier, TimestampRequest, Token, UnixMillis, judge_record, parse_response, pem_to_der, read_manifest,
    renewed_digest, token_digests, write_evidence_record, write_manifest,
};

use crate::forge::{Authority, Forge, SHA256, SHA512, judge, seq, tlv};

/// Every reader of this crate on the same bytes; what is read is also judged.
fn read_all(bytes: &[u8], roots: &[Vec<u8>]) {
    let _ = TimestampRequest::parse(bytes);
    for token in [Token::parse(bytes), parse_response(bytes)].into_iter().flatten() {
        let _ = token.strict();
        let _ = judge(&token, roots, &[bytes.to_vec()]);
    }
    if let Ok(record) = EvidenceRecord::parse(bytes) {
        let _ = record.covers(&[0; 32], &[1; 32]);
        let _ = record.covers_one(&[0; 32]);
        let _ = record.later(&|algorithm| vec![vec![0; algorithm.size()]]);
    }
    if let Ok(record) = ArchiveRecord::parse(bytes) {
        let digests = [(DigestAlgorithm::Sha256, vec![0; 32]), (DigestAlgorithm::Sha512, bytes.to_vec())];
        let data = [DataContent::Bytes(bytes), DataContent::Digests(&digests)];
        let data = data.map(|content| DataObject { name: "x", content });
        let at = UnixMillis(1_793_491_200_000);
        let trust = RecordTrust { roots, extra_certificates: roots, at, accept_weak: true, verifier: &RingVerifier };
        let report = judge_record(&record, &data, &trust);
        assert!(!report.passed(), "a record covers itself");
        for finding in report.findings {
            let _ = finding.outcome.map(|fact| fact.to_string()).map_err(|fault| fault.to_string());
        }
        let _ = renewed_digest(bytes, DigestAlgorithm::Sha512, &[0; 64]);
        let _ = token_digests(bytes, DigestAlgorithm::Sha256);
    }
    let _ = read_manifest(bytes);
    for container in [Container::parse(bytes), Container::parse_others(bytes)].into_iter().flatten() {
        for name in container.names() {
            let _ = container.read(name);
        }
    }
    let _ = pem_to_der(&String::from_utf8_lossy(bytes));
}

/// One good example of each format.
fn examples(authority: &Authority) -> Vec<Vec<u8>> {
    let token = Forge::new(authority).der();
    let request = TimestampRequest {
        imprint_sha256: [1; 32],
        nonce: vec![9; 8],
        policy: Some("1.2.3".to_owned()),
        cert_req: true,
    };
    let mut container = ContainerWriter::new(Vec::new()).unwrap();
    container.add("a/b", b"content").unwrap();
    vec![
        request.to_der(),
        seq(&[&seq(&[&tlv(2, &[0])]), &token]),
        write_evidence_record([[1; 32], [2; 32]], &[[3; 32]; 3], &token),
        container.finish().unwrap(),
        seq(&[
            &tlv(2, &[1]),
            &seq(&[&seq(&[&tlv(6, SHA256)]), &seq(&[&tlv(6, SHA512)])]),
            &seq(&[&seq(&[&seq(&[&token]), &seq(&[&token])]), &seq(&[&seq(&[&tlv(0xa0, &tlv(6, SHA512)), &token])])]),
        ]),
        xml(&token).into_bytes(),
        write_manifest("META-INF/evidencerecord001.ers", &[("a".into(), "b/c".into(), [0; 32])]),
        token,
    ]
}

/// A record in XML, of two chains, the second renewed.
fn xml(token: &[u8]) -> String {
    let token = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, token);
    let stamp = |order: usize| {
        format!(
            "<ArchiveTimeStamp Order='{order}'><HashTree><Sequence Order='1'><DigestValue>AAAA</DigestValue></Sequence></HashTree>\
             <TimeStamp><TimeStampToken Type='RFC3161'>{token}</TimeStampToken></TimeStamp></ArchiveTimeStamp>"
        )
    };
    let chain = |order: usize, stamps: &str| {
        format!(
            "<ArchiveTimeStampChain Order='{order}'><DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
             <CanonicalizationMethod Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/>{stamps}</ArchiveTimeStampChain>"
        )
    };
    format!(
        "<EvidenceRecord xmlns='urn:ietf:params:xml:ns:ers' Version='1.0'><ArchiveTimeStampSequence>{}{}\
         </ArchiveTimeStampSequence></EvidenceRecord>",
        chain(1, &stamp(1)),
        chain(2, &(stamp(1) + &stamp(2)))
    )
}

fn mutated(example: &[u8], edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = example.to_vec();
    for (place, kind, value) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = place % bytes.len();
        match kind % 5 {
            0 => bytes[at] = *value,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => bytes.insert(at, *value),
            3 => drop(bytes.remove(at)),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes, &[]);
    }

    #[test]
    fn altered_examples_are_read_without_panic(
        which in 0usize..8,
        edits in proptest::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..6),
    ) {
        thread_local!(static MADE: (Vec<Vec<u8>>, Vec<u8>) = {
            let authority = Authority::default();
            (examples(&authority), authority.ca_der.clone())
        });
        MADE.with(|(examples, root)| read_all(&mutated(&examples[which], &edits), std::slice::from_ref(root)));
    }
}

#[test]
fn deep_nesting_is_refused_quickly() {
    for opening in [&[0x30u8, 0x80][..], &[0x24, 0x80], &[0xa0, 0x80], &[0x31, 0x80]] {
        let bytes = opening.repeat(100_000);
        assert!(Token::parse(&bytes).is_err());
        assert!(EvidenceRecord::parse(&bytes).is_err());
        assert!(TimestampRequest::parse(&bytes).is_err());
        assert!(parse_response(&bytes).is_err());
    }
}
