//! The built-in test authority, through the same reader and judgement as any other.

use ring::rand::SystemRandom;
use seal::{
    AuthorityFiles, ExpectedToken, RingVerifier, SealError, TEST_POLICY, TestAuthority, TimestampRequest, Token,
    TokenPolicy, TokenReport, UnixMillis, check_token, der_to_pem, parse_response, pem_to_der,
};

use crate::forge::{AT, seq, tlv};

const IMPRINT: [u8; 32] = [0xab; 32];

fn request() -> TimestampRequest {
    TimestampRequest { imprint_sha256: IMPRINT, nonce: vec![0x80, 1], policy: None, cert_req: true }
}

fn authority() -> TestAuthority {
    TestAuthority::create(AT, &SystemRandom::new()).unwrap()
}

fn judge(authority: &TestAuthority, token: &Token) -> TokenReport {
    let expected =
        ExpectedToken { nonce: Some(&[0x80, 1]), policy: Some(TEST_POLICY), ..ExpectedToken::sha256(&IMPRINT) };
    let roots = [authority.ca_der().to_vec()];
    let extra = [authority.tsa_der().to_vec()];
    let policy = TokenPolicy { extra_certificates: &extra, ..TokenPolicy::new(&roots, AT, &RingVerifier) };
    check_token(token, &expected, &policy)
}

fn refusal(authority: &TestAuthority, request: &[u8]) -> Vec<&'static str> {
    match parse_response(&authority.answer(request, AT, 1, &SystemRandom::new())) {
        Err(SealError::Refused { status: 2, fail_info, .. }) => fail_info,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_answer_is_a_strict_token_that_passes() {
    let authority = authority();
    for cert_req in [true, false] {
        let request = TimestampRequest { cert_req, policy: Some(TEST_POLICY.to_owned()), ..request() };
        let at = UnixMillis(AT.0 + 1234);
        let answer = authority.answer(&request.to_der(), at, u64::MAX, &SystemRandom::new());
        let token = parse_response(&answer).unwrap();
        token.strict().unwrap();
        let report = judge(&authority, &token);
        assert_eq!(report.first_failure(), None);
        assert!(report.passed());
        assert_eq!((token.gen_time(), token.accuracy_ms()), (at, Some(1000)));
        assert_eq!(token.serial(), u64::MAX.to_be_bytes());
        assert_eq!(token.certificates().len(), usize::from(cert_req));
        let subject = report.signer.unwrap().subject;
        assert!(subject.contains("TSA DE TEST - NON QUALIFIEE"), "{subject}");
    }
}

#[test]
fn the_authority_comes_back_from_its_files() {
    let authority = authority();
    let files = authority.to_files();
    let again = TestAuthority::from_files(&files).unwrap();
    assert!(again.to_files() == files);
    let answer = again.answer(&request().to_der(), AT, 1, &SystemRandom::new());
    assert!(judge(&authority, &parse_response(&answer).unwrap()).passed());
    assert_eq!(pem_to_der(&authority.ca_pem()).unwrap(), [authority.ca_der()]);
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let (files, other) = (authority().to_files(), authority().to_files());
    let mixed = AuthorityFiles { tsa_key_pem: other.tsa_key_pem.clone(), ..files.clone() };
    assert_eq!(TestAuthority::from_files(&mixed).unwrap_err().code(), "key");
    let empty = AuthorityFiles { tsa_key_pem: String::new(), ..files.clone() };
    assert_eq!(TestAuthority::from_files(&empty).unwrap_err().code(), "pem");
    let broken = AuthorityFiles { ca_certificate_pem: der_to_pem(&[1]), ..files };
    assert_eq!(TestAuthority::from_files(&broken).unwrap_err().code(), "malformed");
}

#[test]
fn no_secret_stands_in_debug_output() {
    let authority = authority();
    assert_eq!(format!("{authority:?}"), "TestAuthority { .. }");
    assert_eq!(format!("{:?}", authority.to_files()), "AuthorityFiles { .. }");
}

#[test]
fn requests_it_cannot_serve_are_refused_with_their_reason() {
    let authority = authority();
    assert_eq!(refusal(&authority, b""), ["badDataFormat"]);
    assert_eq!(refusal(&authority, &[0x30, 0x80, 0, 0]), ["badDataFormat"]);
    let other = TimestampRequest { policy: Some("1.2.3".to_owned()), ..request() };
    assert_eq!(refusal(&authority, &other.to_der()), ["unacceptedPolicy"]);
    let sha1 = seq(&[&seq(&[&tlv(6, &[0x2b, 14, 3, 2, 26])]), &tlv(4, &[0; 20])]);
    assert_eq!(refusal(&authority, &seq(&[&tlv(2, &[1]), &sha1])), ["badAlg"]);
    let short = seq(&[&seq(&[&tlv(6, crate::forge::SHA256)]), &tlv(4, &[0; 31])]);
    assert_eq!(refusal(&authority, &seq(&[&tlv(2, &[1]), &short])), ["badAlg"]);
    let good = seq(&[&seq(&[&tlv(6, crate::forge::SHA256)]), &tlv(4, &[0; 32])]);
    assert_eq!(refusal(&authority, &seq(&[&tlv(2, &[1]), &good, &tlv(0xa0, &[])])), ["unacceptedExtension"]);
    assert_eq!(refusal(&authority, &seq(&[&tlv(2, &[2]), &good])), ["badDataFormat"]);
}

#[test]
fn outside_its_validity_the_authority_has_no_time() {
    let authority = authority();
    for at in [AT.0 - 3_601_000, AT.0 + 10 * 31_557_600_000 + 1000] {
        let answer = authority.answer(&request().to_der(), UnixMillis(at), 1, &SystemRandom::new());
        let refused = parse_response(&answer).unwrap_err();
        assert!(matches!(refused, SealError::Refused { fail_info, .. } if fail_info == ["timeNotAvailable"]));
    }
}

#[test]
fn a_moment_no_certificate_can_say_is_refused() {
    for at in [-1001, i64::MAX, 253_402_300_799_000] {
        let refused = TestAuthority::create(UnixMillis(at), &SystemRandom::new()).unwrap_err();
        assert_eq!(refused.code(), "key");
    }
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let request = TimestampRequest { policy: Some("1.2.3".to_owned()), ..request() };
    let parsed = TimestampRequest::parse(&request.to_der()).unwrap();
    assert_eq!((parsed.imprint.as_slice(), parsed.nonce.as_deref()), (&IMPRINT[..], Some(&[0x80, 1][..])));
    assert_eq!((parsed.policy.as_deref(), parsed.cert_req, parsed.has_extensions), (Some("1.2.3"), true, false));
    assert_eq!(parsed.raw, request.to_der());
}
