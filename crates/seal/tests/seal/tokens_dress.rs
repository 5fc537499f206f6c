//! The dress of tokens: versions, the name of the authority, what is tolerated when asked, what the way asks of issuers.

use seal::{
    AnyVerifier, CheckName, ExpectedToken, SealError, Token, TokenPolicy, UnixMillis, check_token, parse_response,
    pem_to_der, read_token,
};

use crate::forge::*;
use crate::openssl::{absent, authority_with, now, reply, request};
use crate::tokens::broken;

/// The token with the last octet of the first (or last) such INTEGER made another.
fn with_version(der: &[u8], pattern: [u8; 4], last: bool, version: u8) -> Result<Token, SealError> {
    let mut places = der.windows(4).enumerate().filter(|(_, w)| *w == pattern).map(|(at, _)| at);
    let at = if last { places.next_back() } else { places.next() }.unwrap();
    let mut altered = der.to_vec();
    altered[at + 2] = version;
    Token::parse(&altered)
}

#[test]
fn versions_met_are_read_and_no_other() {
    let authority = Authority::default();
    let der = Forge::new(&authority).der();
    for version in 0..=7 {
        let whole = with_version(&der, [2, 1, 3, 0x31], false, version);
        let signer = with_version(&der, [2, 1, 1, 0x30], true, version);
        for (read, known) in [(whole, [1, 3, 4, 5].contains(&version)), (signer, [1, 3].contains(&version))] {
            match read {
                Ok(token) => {
                    assert!(known && judge(&token, std::slice::from_ref(&authority.ca_der), &[]).passed(), "{version}");
                }
                Err(why) => assert!(!known && matches!(why, SealError::Unsupported { .. }), "{version}: {why}"),
            }
        }
    }
}

#[test]
fn the_name_of_the_authority_is_held_against_its_certificate() {
    let authority = Authority::default();
    let name = |text: &str| seq(&[&tlv(0x31, &seq(&[&tlv(6, &[0x55, 4, 3]), &tlv(0x0c, text.as_bytes())]))]);
    for (given, matches) in [("TSA d'essai", Some(true)), ("tsa d'ESSAI", Some(true)), ("Une autre", Some(false))] {
        let mut forge = Forge::new(&authority);
        forge.extensions = tlv(0xa0, &tlv(0xa4, &name(given)));
        let report = forge.report();
        assert!(report.passed(), "a hint is no rule");
        assert_eq!(report.tsa_name_matches, matches, "{given}");
    }
    assert_eq!(Forge::new(&authority).report().tsa_name_matches, None);
}

#[test]
fn a_purpose_that_is_not_critical_is_let_through_when_asked_and_nothing_else_is() {
    for (purposes, critical, strict, lenient) in [
        (vec![TIME_STAMPING], true, None, None),
        (vec![TIME_STAMPING], false, Some("eku-not-critical"), None),
        (vec![TIME_STAMPING, CODE_SIGNING], false, Some("eku-not-sole"), Some("eku-not-sole")),
        (vec![], false, Some("eku-missing"), Some("eku-missing")),
    ] {
        let authority = Authority::new(&Certificate { purposes, critical, ..Certificate::default() });
        let roots = [authority.ca_der.clone()];
        let token = Forge::new(&authority).token();
        for (accept_eku_not_critical, expected) in [(false, strict), (true, lenient)] {
            let policy = TokenPolicy { accept_eku_not_critical, ..TokenPolicy::new(&roots, AT, &AnyVerifier) };
            let report = check_token(&token, &ExpectedToken::sha256(&IMPRINT), &policy);
            let outcome = report.outcome(CheckName::Eku).unwrap().as_ref().err().map(SealError::code);
            assert_eq!(outcome, expected);
            assert_eq!(report.eku_not_critical, strict == Some("eku-not-critical"));
        }
    }
}

#[test]
fn a_weak_imprint_is_named_and_let_through_only_when_asked() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    (forge.imprint_oid, forge.imprint) = (&[0x2b, 14, 3, 2, 26], sha1(b"x"));
    let (roots, imprint) = ([authority.ca_der.clone()], sha1(b"x"));
    for (accept_weak, rules) in [(false, &["algorithms"][..]), (true, &[])] {
        let policy = TokenPolicy { accept_weak, ..TokenPolicy::new(&roots, AT, &AnyVerifier) };
        let report = check_token(&forge.token(), &ExpectedToken::new(seal::DigestAlgorithm::Sha1, &imprint), &policy);
        assert_eq!(broken(&report), rules);
        assert_eq!(report.weak, ["imprint sha1"]);
    }
}

#[test]
fn an_issuer_that_may_not_sign_certificates_leads_nowhere() {
    if absent() {
        return;
    }
    for (usage, passes) in [("keyUsage = critical, keyCertSign", true), ("keyUsage = critical, cRLSign", false)] {
        let dir = authority_with("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "sha256", usage);
        let asked = request(b"un document", None);
        let token = parse_response(&reply(dir.path(), &asked)).unwrap();
        let roots = pem_to_der(&std::fs::read_to_string(dir.path().join("ca.pem")).unwrap()).unwrap();
        let policy = TokenPolicy::new(&roots, UnixMillis(now().0 + 1000), &AnyVerifier);
        let report = check_token(&token, &ExpectedToken::sha256(&asked.imprint_sha256), &policy);
        assert_eq!(report.passed(), passes, "{usage}");
        assert_eq!(
            report.outcome(CheckName::Path).unwrap().as_ref().err().map(SealError::code),
            (!passes).then_some("no-path")
        );
    }
}

#[test]
fn a_signer_trusted_as_such_is_its_own_way() {
    let authority = Authority::default();
    let token = Forge::new(&authority).token();
    // Not self-signed: as a root it is an issuer nobody has, so only its own root leads on.
    let report = judge(&token, std::slice::from_ref(&authority.tsa_der), &[]);
    assert_eq!(broken(&report), ["path"]);
}

#[test]
fn what_is_no_token_at_all_is_refused_in_every_dress() {
    for bytes in [
        &b""[..],
        b"-----BEGIN X-----\n",
        b"-----BEGIN X-----\nAA==\n-----END X-----\n",
        b"0",
        b"\x30\x00",
        b"\x30\x02\x30\x00",
    ] {
        assert!(read_token(bytes).is_err(), "{bytes:?}");
    }
}
