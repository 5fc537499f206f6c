//! The judgement of tokens: each rule has a token which breaks that rule alone.

use rcgen::KeyUsagePurpose;
use seal::{
    CheckName, DigestAlgorithm, ExpectedToken, RingVerifier, TokenPolicy, TokenReport, UnixMillis, check_token, limits,
};

use crate::forge::*;

/// The rules broken, by name.
pub fn broken(report: &TokenReport) -> Vec<&'static str> {
    assert_eq!(report.passed(), report.checks.iter().all(|c| c.outcome.is_ok()));
    report.checks.iter().filter(|c| c.outcome.is_err()).map(|c| c.name.name()).collect()
}

fn code(report: &TokenReport, name: CheckName) -> &'static str {
    report.outcome(name).unwrap().as_ref().unwrap_err().code()
}

/// This token breaks this rule alone, for this reason.
#[track_caller]
fn refused(forge: &Forge<'_>, name: CheckName, reason: &str) {
    let report = forge.report();
    assert_eq!(broken(&report), [name.name()]);
    assert_eq!(code(&report, name), reason);
    assert!(!report.passed());
}

#[test]
fn a_good_token_passes_every_check_and_names_its_root() {
    let authority = Authority::default();
    let forge = Forge::new(&authority);
    let token = forge.token();
    token.strict().unwrap();
    let report = forge.report();
    assert_eq!(broken(&report), [""; 0]);
    assert!(report.passed());
    assert_eq!(report.checks.len(), 13);
    let end = UnixMillis::from_generalized(b"20400101000000Z");
    assert_eq!(report.valid_until, end, "the earliest end on the way: the signer's");
    assert_eq!(report.gen_time, AT);
    assert_eq!(report.root_sha256.unwrap().to_vec(), sha256(&authority.ca_der));
    let signer = report.signer.unwrap();
    assert_eq!((signer.subject.as_str(), signer.serial_hex.as_str()), ("CN=TSA d'essai", "0707"));
    assert_eq!((token.imprint().algorithm, token.imprint().digest), ("sha256", &IMPRINT[..]));
    assert_eq!((token.nonce(), token.policy(), token.serial()), (Some(&NONCE[..]), "1.2.3.4", &[9][..]));
}

#[test]
fn imprint_of_another_document_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.imprint = vec![0x5b; 32];
    refused(&forge, CheckName::Imprint, "imprint-mismatch");
}

#[test]
fn imprint_made_with_another_digest_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.imprint_oid = SHA512;
    refused(&forge, CheckName::Imprint, "imprint-algorithm-mismatch");
    forge.imprint = vec![0x5a; 64];
    refused(&forge, CheckName::Imprint, "imprint-algorithm-mismatch");
}

#[test]
fn imprint_is_judged_by_the_digest_expected_and_no_other() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    (forge.imprint_oid, forge.imprint) = (SHA512, vec![0x5a; 64]);
    let roots = [authority.ca_der.clone()];
    let policy = TokenPolicy::new(&roots, AT, &RingVerifier);
    let judged = |algorithm, imprint: &[u8]| {
        check_token(&forge.token(), &ExpectedToken::new(algorithm, imprint), &policy)
            .first_failure()
            .map(|(_, e)| e.code())
    };
    assert_eq!(judged(DigestAlgorithm::Sha512, &[0x5a; 64]), None);
    assert_eq!(judged(DigestAlgorithm::Sha512, &[0x5b; 64]), Some("imprint-mismatch"));
    assert_eq!(judged(DigestAlgorithm::Sha3_512, &[0x5a; 64]), Some("imprint-algorithm-mismatch"));
}

#[test]
fn way_to_the_root_holds_at_the_moment_asked_for() {
    let authority = Authority::new(&Certificate { ca_years: (2000, 2030), ..Certificate::default() });
    let roots = [authority.ca_der.clone()];
    let good = TokenPolicy::new(&roots, AT, &RingVerifier);
    let later = |text: &[u8]| TokenPolicy { path_at: UnixMillis::from_generalized(text), ..good };
    let token = Forge::new(&authority).token();
    for (policy, names) in [(good, &[][..]), (later(b"20291231000000Z"), &[]), (later(b"20310101000000Z"), &["path"])] {
        assert_eq!(broken(&check_token(&token, &ExpectedToken::sha256(&IMPRINT), &policy)), names);
    }
}

#[test]
fn nonce_of_another_request_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.nonce = Some(vec![1, 2, 3]);
    refused(&forge, CheckName::Nonce, "nonce-mismatch");
    forge.nonce = None;
    refused(&forge, CheckName::Nonce, "nonce-mismatch");
}

#[test]
fn policy_not_asked_for_is_refused() {
    let authority = Authority::default();
    let expected = ExpectedToken { nonce: Some(&NONCE), policy: Some("1.2.3.5"), ..ExpectedToken::sha256(&IMPRINT) };
    let roots = [authority.ca_der.clone()];
    let policy = TokenPolicy::new(&roots, AT, &RingVerifier);
    let report = check_token(&Forge::new(&authority).token(), &expected, &policy);
    assert_eq!(broken(&report), ["policy"]);
}

#[test]
fn token_from_the_future_of_its_judgement_is_refused() {
    let authority = Authority::default();
    let roots = [authority.ca_der.clone()];
    let expected = ExpectedToken::sha256(&IMPRINT);
    for (early, names) in [(limits::GEN_TIME_AHEAD_MS, &[][..]), (limits::GEN_TIME_AHEAD_MS + 1, &["gen-time"])] {
        let at = UnixMillis(AT.0 - early);
        let policy = TokenPolicy::new(&roots, at, &RingVerifier);
        let report = check_token(&Forge::new(&authority).token(), &expected, &policy);
        assert_eq!(broken(&report), names);
        assert_eq!(report.checks.len(), 11, "nonce and policy are not judged when none is expected");
    }
}

#[test]
fn content_type_other_than_tst_info_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all[0] = attribute(CONTENT_TYPE, &tlv(6, DATA));
        all
    });
    refused(&forge, CheckName::SignedAttributes, "content-type-mismatch");
}

#[test]
fn message_digest_of_another_content_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, _| good_attributes(a, b"another content"));
    refused(&forge, CheckName::SignedAttributes, "message-digest-mismatch");
}

#[test]
fn content_altered_after_signing_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.after = |signed| {
        let at = signed.content.windows(4).position(|w| w == b"2026").unwrap();
        signed.content[at + 5] = b'5';
    };
    refused(&forge, CheckName::SignedAttributes, "message-digest-mismatch");
}

#[test]
fn attributes_missing_or_standing_twice_are_refused() {
    let authority = Authority::default();
    for position in [0, 2] {
        let mut forge = Forge::new(&authority);
        forge.attributes = Box::new(move |a, c| {
            let mut all = good_attributes(a, c);
            all.remove(position);
            all
        });
        refused(&forge, CheckName::SignedAttributes, "attribute-count");
        forge.attributes = Box::new(move |a, c| {
            let mut all = good_attributes(a, c);
            all.push(all[position].clone());
            all
        });
        refused(&forge, CheckName::SignedAttributes, "attribute-count");
    }
}

#[test]
fn signed_attribute_altered_after_signing_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.after = |signed| {
        let at = signed.attributes.windows(4).position(|w| w == b"2606").unwrap();
        signed.attributes[at + 3] = b'7';
    };
    refused(&forge, CheckName::Signature, "signature-false");
}

#[test]
fn ess_cert_id_of_another_certificate_is_refused() {
    let (authority, other) = (Authority::default(), Authority::default());
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all[3] = attribute(ESS_V2, &ess(&sha256(&other.tsa_der), &a.issuer, &a.serial));
        all
    });
    refused(&forge, CheckName::EssCertId, "ess-cert-id-mismatch");
}

#[test]
fn ess_cert_id_with_another_serial_or_issuer_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all[3] = attribute(ESS_V2, &ess(&sha256(&a.tsa_der), &a.issuer, &[8]));
        all
    });
    refused(&forge, CheckName::EssCertId, "ess-issuer-serial-mismatch");
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all[3] = attribute(ESS_V2, &ess(&sha256(&a.tsa_der), &seq(&[]), &a.serial));
        all
    });
    refused(&forge, CheckName::EssCertId, "ess-issuer-serial-mismatch");
}

#[test]
fn token_naming_no_certificate_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, c| good_attributes(a, c)[..3].to_vec());
    refused(&forge, CheckName::EssCertId, "attribute-count");
}

#[test]
fn older_ess_cert_id_is_read_and_held_to_the_same_rule() {
    let (authority, other) = (Authority::default(), Authority::default());
    let mut forge = Forge::new(&authority);
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all[3] = attribute(ESS_V1, &ess(&sha1(&a.tsa_der), &a.issuer, &a.serial));
        all
    });
    assert!(forge.report().passed());
    forge.attributes = Box::new(|a, c| {
        let mut all = good_attributes(a, c);
        all.push(attribute(ESS_V1, &ess(&sha1(&other.tsa_der), &a.issuer, &a.serial)));
        all
    });
    refused(&forge, CheckName::EssCertId, "ess-cert-id-mismatch");
}

#[test]
fn eku_not_critical_not_sole_or_missing_is_refused() {
    let certificates = [
        (vec![TIME_STAMPING], false, "eku-not-critical"),
        (vec![TIME_STAMPING, CODE_SIGNING], true, "eku-not-sole"),
        (vec![TIME_STAMPING, TIME_STAMPING], true, "eku-not-sole"),
        (vec![], true, "eku-missing"),
    ];
    for (purposes, critical, reason) in certificates {
        let authority = Authority::new(&Certificate { purposes, critical, ..Certificate::default() });
        refused(&Forge::new(&authority), CheckName::Eku, reason);
    }
}

#[test]
fn certificate_that_may_not_sign_is_refused() {
    let usages = vec![KeyUsagePurpose::KeyEncipherment];
    let authority = Authority::new(&Certificate { usages, ..Certificate::default() });
    refused(&Forge::new(&authority), CheckName::Eku, "key-usage");
}

#[test]
fn gen_time_outside_the_signers_validity_is_refused() {
    for years in [(2020, 2026), (2027, 2040)] {
        let authority = Authority::new(&Certificate { years, ..Certificate::default() });
        let report = Forge::new(&authority).report();
        assert_eq!(broken(&report), ["signer-validity", "path"]);
        assert_eq!(code(&report, CheckName::SignerValidity), "signer-outside-validity");
    }
}

#[test]
fn unknown_root_is_refused() {
    let (authority, other) = (Authority::default(), Authority::default());
    let token = Forge::new(&authority).token();
    for roots in [vec![], vec![other.ca_der.clone()], vec![vec![0x30, 0]]] {
        let report = judge(&token, &roots, std::slice::from_ref(&authority.ca_der));
        assert_eq!(broken(&report), ["path"]);
        assert_eq!((code(&report, CheckName::Path), report.root_sha256), ("no-path", None));
    }
    let roots = [other.ca_der.clone(), authority.ca_der.clone()];
    assert_eq!(judge(&token, &roots, &[]).root_sha256.unwrap().to_vec(), sha256(&authority.ca_der));
}

#[test]
fn altered_signature_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.after = |signed| *signed.signature.last_mut().unwrap() ^= 1;
    refused(&forge, CheckName::Signature, "signature-false");
    forge.after = |signed| signed.signature.clear();
    refused(&forge, CheckName::Signature, "signature-false");
}

#[test]
fn digest_and_signature_algorithm_that_disagree_are_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.signature_oid = ECDSA_SHA384;
    refused(&forge, CheckName::Signature, "unsupported");
}

#[test]
fn signer_certificate_may_come_from_outside_the_token() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.certificates.clear();
    let report = forge.report();
    assert_eq!(broken(&report), ["ess-cert-id", "certificates", "eku", "signer-validity", "signature", "path"]);
    assert_eq!((code(&report, CheckName::Path), report.signer.is_none()), ("signer-not-found", true));
    let roots = [authority.ca_der.clone()];
    assert!(judge(&forge.token(), &roots, std::slice::from_ref(&authority.tsa_der)).passed());
}

#[test]
fn certificates_of_others_beside_the_signers_change_nothing() {
    let (authority, other) = (Authority::default(), Authority::default());
    let mut forge = Forge::new(&authority);
    forge.certificates = vec![vec![0x30, 0], other.ca_der.clone(), authority.tsa_der.clone()];
    assert!(forge.report().passed());
    forge.certificates = vec![other.tsa_der.clone()];
    let report = forge.report();
    assert_eq!(broken(&report), ["ess-cert-id", "signature", "path"]);
}

#[test]
fn another_certificate_of_the_signers_name_is_refused() {
    let (authority, other) = (Authority::default(), Authority::default());
    let mut forge = Forge::new(&authority);
    forge.certificates.push(other.tsa_der.clone());
    refused(&forge, CheckName::Certificates, "signer-ambiguous");
    forge.certificates.rotate_left(1);
    refused(&forge, CheckName::Certificates, "signer-ambiguous");
}

#[test]
fn a_root_that_did_not_hold_at_gen_time_is_refused() {
    for ca_years in [(2000, 2026), (2027, 2090)] {
        let authority = Authority::new(&Certificate { ca_years, ..Certificate::default() });
        refused(&Forge::new(&authority), CheckName::Path, "no-path");
    }
}

#[test]
fn a_negative_nonce_is_no_positive_one_of_the_same_bytes() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.nonce = Some(vec![0xfe; 8]);
    let roots = [authority.ca_der.clone()];
    let expected = ExpectedToken { nonce: Some(&[0xfe; 8]), ..ExpectedToken::sha256(&IMPRINT) };
    let policy = TokenPolicy::new(&roots, AT, &RingVerifier);
    assert_eq!(broken(&check_token(&forge.token(), &expected, &policy)), ["nonce"]);
    forge.nonce = Some([&[0][..], &[0xfe; 8]].concat());
    assert!(check_token(&forge.token(), &expected, &policy).passed());
}
