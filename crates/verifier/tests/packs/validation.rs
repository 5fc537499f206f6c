//! Lists of revoked certificates brought along in a pack: each counts by its own signature, and by nothing else.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use seal::{AuthorityFiles, TestAuthority};
use verifier::{Overall, Verdict, verify_pack};

use crate::authorities::{parameters, stamping};
use crate::world::*;

const SERIAL: [u8; 8] = [0x41, 2, 3, 4, 5, 6, 7, 8];

/// An authority whose root can still sign lists.
struct Authority {
    root: CertificateParams,
    key: KeyPair,
    world: World,
}

fn authority() -> Authority {
    let [key, tsa_key] = [0; 2].map(|_| KeyPair::generate().unwrap());
    let mut root = parameters("racine", 2040);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut tsa = stamping();
    tsa.serial_number = Some(SerialNumber::from_slice(&SERIAL));
    let files = AuthorityFiles {
        ca_certificate_pem: root.self_signed(&key).unwrap().pem(),
        tsa_certificate_pem: tsa.signed_by(&tsa_key, &Issuer::from_params(&root, &key)).unwrap().pem(),
        tsa_key_pem: tsa_key.serialize_pem(),
    };
    let mut world = world();
    world.authority = TestAuthority::from_files(&files).unwrap();
    world.batch = world.seal(6, SEALED);
    Authority { root, key, world }
}

impl Authority {
    /// A list made the day after the seal, by this key, that names the authority's certificate or nobody.
    fn list(&self, key: &KeyPair, revoked: Option<RevocationReason>) -> Vec<u8> {
        let named = |reason| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&SERIAL),
            revocation_time: rcgen::date_time_ymd(2026, 11, 24),
            reason_code: Some(reason),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2026, 11, 24),
            next_update: rcgen::date_time_ymd(2027, 1, 1),
            crl_number: SerialNumber::from(7u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().map(named).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&Issuer::from_params(&self.root, key)).unwrap().der().to_vec()
    }

    fn judge(&self, validation: Vec<(String, Vec<u8>)>) -> Verdict {
        let seal = self.world.pack_seal(SHOWN, &self.world.batch);
        let mut input = self.world.input(SHOWN, Some(seal));
        input.validation = validation;
        verify_pack(&self.world.write(input), Some(&self.world.policy()), JUDGED)
    }

    fn with(&self, list: Vec<u8>) -> Verdict {
        self.judge(vec![("001-a.crl".to_owned(), list)])
    }
}

fn has(verdict: &Verdict, code: &str) -> bool {
    verdict.findings.iter().any(|line| line.code == code)
}

#[test]
fn a_list_tells_that_the_authority_still_stood() {
    let house = authority();
    let verdict = house.with(house.list(&house.key, None));
    assert_eq!(
        (verdict.verdict, verdict.strict_exit_code()),
        (Overall::PassedTimestamped, 0),
        "{:?}",
        verdict.findings
    );
    assert!(has(&verdict, "not-revoked") && has(&verdict, "validation-material"));
    // In PEM too; and without any, nothing is said of revocation.
    let pem = seal::der_to_pem(&house.list(&house.key, None)).replace("CERTIFICATE", "X509 CRL");
    assert!(has(&house.with(pem.into_bytes()), "not-revoked"));
    assert!(!has(&house.judge(Vec::new()), "revocation-unknown"));
}

#[test]
fn a_compromised_authority_proves_nothing_and_a_retired_one_still_does() {
    let house = authority();
    let verdict = house.with(house.list(&house.key, Some(RevocationReason::KeyCompromise)));
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("token-not-trusted")));
    let verdict = house.with(house.list(&house.key, Some(RevocationReason::CessationOfOperation)));
    assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{:?}", verdict.findings);
    assert!(has(&verdict, "revoked-later"));
}

#[test]
fn a_list_that_another_signed_or_that_is_none_says_nothing() {
    let house = authority();
    let other = KeyPair::generate().unwrap();
    for list in [house.list(&other, Some(RevocationReason::KeyCompromise)), b"no list".to_vec(), Vec::new()] {
        let verdict = house.with(list);
        assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{:?}", verdict.findings);
        assert!(has(&verdict, "revocation-unknown") && !has(&verdict, "not-revoked"));
    }
}

#[test]
fn a_changed_piece_is_refused_by_its_checksum_as_any_member() {
    let house = authority();
    let seal = house.world.pack_seal(SHOWN, &house.world.batch);
    let mut input = house.world.input(SHOWN, Some(seal));
    let list = house.list(&house.key, None);
    input.validation = vec![("001-a.crl".to_owned(), list.clone())];
    let mut pack = house.world.write(input);
    let place = pack.windows(list.len()).position(|window| window == list).unwrap();
    pack[place + 40] ^= 1;
    let verdict = verify_pack(&pack, Some(&house.world.policy()), JUDGED);
    assert_eq!(verdict.reason, Some("member-altered"));
}

#[test]
fn pieces_that_are_not_all_read_are_not_taken_for_good_news() {
    let house = authority();
    let good = |count: usize| {
        let pem = seal::der_to_pem(&house.list(&house.key, None)).replace("CERTIFICATE", "X509 CRL");
        pem.repeat(count).into_bytes()
    };
    let bad = house.list(&house.key, Some(RevocationReason::KeyCompromise));
    let piece = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    let verdict = house.judge(vec![piece("001-a.pem", good(511)), piece("002-z.crl", bad.clone())]);
    assert_eq!(verdict.reason, Some("token-not-trusted"), "the last of as many as are read");
    let verdict = house.judge(vec![piece("001-a.pem", good(512)), piece("002-z.crl", bad.clone())]);
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("validation-too-much")));
    // A name that only ends like ours is looked at; a broken block is named, and no good news either.
    let verdict = house.judge(vec![piece("001-x-roots.pem", bad.clone())]);
    assert_eq!(verdict.reason, Some("token-not-trusted"));
    let broken = [&good(1)[..], b"-----BEGIN X509 CRL-----\n!!\n-----END X509 CRL-----\n"].concat();
    let verdict = house.judge(vec![piece("001-a.pem", broken)]);
    assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 4));
    assert!(has(&verdict, "validation-unreadable") && !has(&verdict, "not-revoked"));
    let marked =
        [&b"\xef\xbb\xbf"[..], &seal::der_to_pem(&bad).replace("CERTIFICATE", "X509 CRL").into_bytes()].concat();
    assert_eq!(house.judge(vec![piece("001-a.pem", marked)]).reason, Some("token-not-trusted"));
}

#[test]
fn a_compromise_after_the_renewal_leaves_what_it_covers() {
    let house = authority();
    let compromised = house.list(&house.key, Some(RevocationReason::KeyCompromise));
    // The list tells of the 24th at midnight; renewed an hour after the seal of the 23rd, or two minutes after the compromise.
    let midnight = 1_795_478_400_000;
    for (at, expected) in [
        (SEALED.0 + 3_600_000, (Overall::PassedTimestamped, None)),
        (midnight + 120_000, (Overall::Indeterminate, Some("token-not-trusted"))),
    ] {
        let at = proof::UnixMillis(at);
        let made = seal::UnixMillis(at.0 as i64);
        let newer = TestAuthority::create(made, &ring::rand::SystemRandom::new()).unwrap();
        let mut seal = house.world.pack_seal(SHOWN, &house.world.batch);
        seal.renewals.push(crate::renewals::renewal(&newer, &[&house.world.batch.token], at));
        let mut input = house.world.input(SHOWN, Some(seal));
        input.validation = vec![("001-a.crl".to_owned(), compromised.clone())];
        let mut pinned = house.world.policy_json();
        pinned["tsa_roots"] = serde_json::json!([house.world.authority.ca_pem(), newer.ca_pem()]);
        let verdict = verify_pack(&house.world.write(input), Some(&policy(&pinned)), JUDGED);
        assert_eq!((verdict.verdict, verdict.reason), expected, "{:?}", verdict.findings);
        assert_eq!(has(&verdict, "revoked-later"), expected.1.is_none());
    }
}
