//! Revocation: lists and answers made by the openssl program, given beside a token or carried by it, and what each does to a judgement.

use std::fs;
use std::path::Path;
use std::process::Command;

use seal::{
    AnyVerifier, CheckName, ExpectedToken, SealError, Standing, Token, TokenPolicy, TokenReport, UnixMillis,
    check_token, parse_response, pem_blocks, pem_to_der,
};
use tempfile::TempDir;

use crate::forge::{seq, tlv};
use crate::openssl::{absent, authority_with, now, openssl, reply, request};

/// An authority whose certificates are counted, and a token of it.
struct House {
    dir: TempDir,
    token: Token,
    imprint: [u8; 32],
}

const CONFIGURATION: &str = "
[ca]
default_ca = house
[house]
database = index.txt
serial = ca.srl
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
certificate = ca.pem
private_key = ca.key
[ocsp_cert]
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
[ocsp_revocable]
extendedKeyUsage = OCSPSigning
[ocsp_wrong]
extendedKeyUsage = clientAuth
[partial]
issuingDistributionPoint = critical, @idp
[idp]
onlyCA = TRUE
[indirect]
issuingDistributionPoint = critical, @indirect_idp
[indirect_idp]
indirectCRL = TRUE
[delta]
2.5.29.27 = critical, ASN1:INTEGER:1
";

impl House {
    fn new() -> Self {
        Self::with("keyUsage = critical, keyCertSign, cRLSign")
    }

    /// A house whose authority has this key usage.
    fn with(usage: &str) -> Self {
        let dir = authority_with("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "sha256", usage);
        fs::write(dir.path().join("house.cnf"), CONFIGURATION).unwrap();
        fs::write(dir.path().join("index.txt"), "").unwrap();
        fs::write(dir.path().join("crlnumber"), "01\n").unwrap();
        let asked = request(b"un document", None);
        let token = parse_response(&reply(dir.path(), &asked)).unwrap();
        let house = Self { dir, token, imprint: asked.imprint_sha256 };
        house.list("V", "", "");
        house
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn run(&self, arguments: &str) {
        assert!(openssl(self.path(), arguments), "{arguments}");
    }

    /// The time-stamping certificate as the register of the house has it: `V`, or `R` with a date and a reason.
    fn list(&self, state: &str, at: &str, reason: &str) {
        let revoked = if reason.is_empty() { at.to_owned() } else { format!("{at},{reason}") };
        let line = format!("{state}\t40200101000000Z\t{revoked}\t1234\tunknown\t/CN=TSA\n");
        fs::write(self.path().join("index.txt"), line.replace("40200101000000Z", "401201000000Z")).unwrap();
    }

    fn crl(&self, options: &str) -> Vec<u8> {
        self.run(&format!("ca -gencrl -config house.cnf {options} -out list.pem"));
        pem_blocks(&fs::read_to_string(self.path().join("list.pem")).unwrap()).unwrap().remove(0)
    }

    /// An answer on the certificate, signed by whom the options name.
    fn ocsp(&self, signer: &str) -> Vec<u8> {
        self.run("ocsp -issuer ca.pem -cert tsa.pem -reqout q.der -no_nonce");
        let (certificate, key) = match signer {
            "ca" => ("ca.pem".to_owned(), "ca.key".to_owned()),
            name => {
                self.run(&format!("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -config c.cnf -subj /CN={name}"));
                let by = if name == "stranger" {
                    format!("-signkey {name}.key")
                } else {
                    "-CA ca.pem -CAkey ca.key -set_serial 77".to_owned()
                };
                let section = if name == "stranger" { "ocsp_cert" } else { name };
                self.run(&format!("x509 -req -in {name}.csr {by} -days 900 -extfile house.cnf -extensions {section} -sha256 -out {name}.pem"));
                (format!("{name}.pem"), format!("{name}.key"))
            }
        };
        self.run(&format!(
            "ocsp -index index.txt -CA ca.pem -rsigner {certificate} -rkey {key} -reqin q.der -respout r.der -ndays 2"
        ));
        fs::read(self.path().join("r.der")).unwrap()
    }

    fn judge_token(&self, token: &Token, revocation: &[Vec<u8>], path_at: Option<UnixMillis>) -> TokenReport {
        let roots = pem_to_der(&fs::read_to_string(self.path().join("ca.pem")).unwrap()).unwrap();
        let policy =
            TokenPolicy { revocation, path_at, ..TokenPolicy::new(&roots, UnixMillis(now().0 + 60_000), &AnyVerifier) };
        check_token(token, &ExpectedToken::sha256(&self.imprint), &policy)
    }

    /// How the signer's certificate stands, and whether the token passes.
    fn standing(&self, pieces: &[Vec<u8>]) -> (Standing, bool) {
        let report = self.judge_token(&self.token, pieces, None);
        let others: Vec<_> =
            report.checks.iter().filter(|c| c.outcome.is_err() && c.name != CheckName::Revocation).collect();
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(report.standings.len(), 1);
        (report.standings[0].standing.clone(), report.passed())
    }
}

fn unknown(found: &(Standing, bool)) -> bool {
    matches!(found.0, Standing::Unknown { .. }) && found.1
}

/// Seconds from now, as the register of openssl's writes dates.
fn utc(seconds: i64) -> String {
    let output =
        Command::new("date").args(["-u", "-d", &format!("@{}", now().0 / 1000 + seconds), "+%y%m%d%H%M%SZ"]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_list_says_good_and_nothing_at_hand_says_unknown() {
    if absent() {
        return;
    }
    let house = House::new();
    assert!(unknown(&house.standing(&[])));
    let list = house.crl("");
    assert!(matches!(house.standing(std::slice::from_ref(&list)), (Standing::Good { .. }, true)));
    // The authority's key usage must allow it to sign lists.
    let silent = House::with("keyUsage = critical, keyCertSign");
    assert!(
        matches!(silent.standing(&[silent.crl("")]), (Standing::Unknown { why }, true) if why.contains("key usage"))
    );
    // Of another house, altered, not a list at all, of other certificates, of part of them: nothing is concluded.
    let mut altered = list.clone();
    *altered.last_mut().unwrap() ^= 1;
    let stranger = House::new().crl("");
    for (piece, why) in [
        (altered, "signature is false"),
        (list[..list.len() - 1].to_vec(), "malformed"),
        (stranger, "signature is false"),
        (house.crl("-crlexts partial"), "not supported"),
        (house.crl("-crlexts indirect"), "not supported"),
        (house.crl("-crlexts delta"), "not supported"),
    ] {
        let found = house.standing(&[piece]);
        assert!(unknown(&found), "{why}: {found:?}");
        assert!(matches!(&found.0, Standing::Unknown { why: said } if said.contains(why)), "{why}: {found:?}");
    }
}

#[test]
fn a_revoked_certificate_is_refused_but_for_what_leaves_earlier_tokens() {
    if absent() {
        return;
    }
    let house = House::new();
    let (before, after) = (utc(-3600), utc(30));
    for (reason, at, counts) in [
        ("", &before, false),
        ("", &after, false),
        ("keyCompromise", &before, false),
        ("keyCompromise", &after, false),
        ("CACompromise", &after, false),
        ("certificateHold", &after, false),
        ("superseded", &before, false),
        ("superseded", &after, true),
        ("cessationOfOperation", &after, true),
        ("affiliationChanged", &after, true),
        ("unspecified", &after, false),
    ] {
        house.list("R", at, reason);
        // An answer is asked for too: both say the same.
        for piece in [house.crl(""), house.ocsp("ca")] {
            // Openssl leaves "unspecified" out of a list, as RFC 5280 §5.3.1 asks, and out of nothing else.
            let (standing, passed) = house.standing(std::slice::from_ref(&piece));
            let unspecified = reason == "unspecified" && passed;
            assert!(passed == counts || unspecified, "{reason} {at}: {standing:?}");
            if !passed {
                let report = house.judge_token(&house.token, &[piece], None);
                let outcome = report.outcome(CheckName::Revocation).unwrap().as_ref().unwrap_err();
                assert!(matches!(outcome, SealError::Revoked { .. }) && matches!(standing, Standing::Revoked { .. }));
                assert_eq!(outcome.code(), "revoked");
            } else {
                assert!(matches!(standing, Standing::RevokedLater { .. }), "{standing:?}");
            }
        }
    }
    // Beside a list that says good, the one that says revoked counts, in either order.
    house.list("V", "", "");
    let good = house.crl("");
    house.list("R", &before, "keyCompromise");
    let bad = house.crl("");
    for pieces in [[good.clone(), bad.clone()], [bad, good]] {
        assert!(!house.standing(&pieces).1);
    }
}

#[test]
fn a_compromise_after_a_later_proof_leaves_the_token() {
    if absent() {
        return;
    }
    let house = House::new();
    house.list("R", &utc(30), "keyCompromise");
    let list = [house.crl("")];
    assert!(!house.judge_token(&house.token, &list, None).passed());
    let covered = UnixMillis(now().0 + 1000);
    assert!(house.judge_token(&house.token, &list, Some(covered)).passed());
    house.list("R", &utc(-10), "keyCompromise");
    assert!(!house.judge_token(&house.token, &[house.crl("")], Some(covered)).passed());
}

#[test]
fn a_list_that_does_not_cover_the_moment_says_nothing() {
    if absent() {
        return;
    }
    let house = House::new();
    // It ended before the token's time.
    let old = house.crl("-crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z");
    assert!(unknown(&house.standing(&[old])));
    // It is dated after the judgement.
    let future = house.crl("-crl_lastupdate 20400101000000Z -crl_nextupdate 20400201000000Z");
    assert!(unknown(&house.standing(&[future])));
    // What an old one says revoked stays so.
    house.list("R", "191201000000Z", "keyCompromise");
    let old = house.crl("-crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z");
    assert!(!house.standing(&[old]).1);
}

#[test]
fn an_answer_counts_by_whom_it_is_signed() {
    if absent() {
        return;
    }
    let house = House::new();
    for signer in ["ca", "ocsp_cert"] {
        let found = house.standing(&[house.ocsp(signer)]);
        assert!(matches!(found, (Standing::Good { .. }, true)), "{signer}: {found:?}");
    }
    for signer in ["ocsp_wrong", "stranger", "ocsp_revocable"] {
        let found = house.standing(&[house.ocsp(signer)]);
        assert!(unknown(&found), "{signer}: {found:?}");
    }
    // Appointed by a namesake of the issuer, whose key is another.
    let namesake = House::new();
    namesake.ocsp("ocsp_cert");
    for (from, to) in [("ocsp_cert.pem", "false.pem"), ("ocsp_cert.key", "false.key")] {
        fs::copy(namesake.path().join(from), house.path().join(to)).unwrap();
    }
    house.run("ocsp -issuer ca.pem -cert tsa.pem -reqout q.der -no_nonce");
    house.run(
        "ocsp -index index.txt -CA ca.pem -rsigner false.pem -rkey false.key -reqin q.der -respout r.der -ndays 2",
    );
    assert!(unknown(&house.standing(&[fs::read(house.path().join("r.der")).unwrap()])));
    // Whom the issuer appointed without sparing it the lists counts once a list covers it.
    let answer = house.ocsp("ocsp_revocable");
    assert!(matches!(house.standing(&[answer.clone(), house.crl("")]), (Standing::Good { .. }, true)));
    let mut altered = house.ocsp("ca");
    // The time at which it was made, which its signature covers.
    let at = altered.windows(4).position(|w| w == b"2026" || w == b"2027").unwrap();
    altered[at + 3] ^= 1;
    assert!(unknown(&house.standing(&[altered])));
    // A stranger's "revoked" counts no more than its "good".
    house.list("R", &utc(-3600), "keyCompromise");
    assert!(unknown(&house.standing(&[house.ocsp("stranger")])));
    assert!(!house.standing(&[house.ocsp("ocsp_cert")]).1);
}

/// The token with lists and answers put where tokens carry them, which no signature covers.
fn carrying(token: &Token, lists: &[u8], unsigned: &[u8]) -> Token {
    let whole = inside(token.as_der());
    let mut fields = inside(&whole[1].1);
    let signers = fields.pop().unwrap();
    let signer = members(&signers.1).remove(0);
    let signer = tlv(0x30, &[&signer.1[..], unsigned].concat());
    let mut body: Vec<u8> = fields.iter().flat_map(|(tag, content)| tlv(*tag, content)).collect();
    body.extend_from_slice(lists);
    body.extend(tlv(0x31, &signer));
    Token::parse(&seq(&[&tlv(whole[0].0, &whole[0].1), &tlv(0xa0, &tlv(0x30, &body))])).unwrap()
}

/// Tags and contents of the elements that follow each other here.
fn members(mut rest: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (length, start) = match rest[1] {
            short @ ..=0x7f => (usize::from(short), 2),
            0x81 => (usize::from(rest[2]), 3),
            0x82 => (usize::from(rest[2]) << 8 | usize::from(rest[3]), 4),
            other => panic!("length {other}"),
        };
        all.push((rest[0], rest[start..start + length].to_vec()));
        rest = &rest[start + length..];
    }
    all
}

/// Those inside of the one element these bytes are.
fn inside(der: &[u8]) -> Vec<(u8, Vec<u8>)> {
    members(&members(der)[0].1)
}

#[test]
fn what_a_token_carries_counts_like_what_is_given_beside() {
    if absent() {
        return;
    }
    let house = House::new();
    let revocation_values = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 24];
    let ri_ocsp = [0x2b, 6, 1, 5, 5, 7, 16, 2];
    for (state, passes) in [("V", true), ("R", false)] {
        house.list(state, if passes { "" } else { "200101000000Z" }, if passes { "" } else { "keyCompromise" });
        let (list, answer) = (house.crl(""), house.ocsp("ca"));
        let basic = inside(&inside(&answer)[1].1).remove(1).1;
        let other = tlv(0xa1, &[tlv(6, &ri_ocsp), answer].concat());
        let values = |content: &[u8]| tlv(0xa1, &seq(&[&tlv(6, &revocation_values), &tlv(0x31, &seq(&[content]))]));
        for (place, lists, unsigned) in [
            ("crls", tlv(0xa1, &list), Vec::new()),
            ("crls, other", tlv(0xa1, &other), Vec::new()),
            ("revocation-values, list", Vec::new(), values(&tlv(0xa0, &seq(&[&list])))),
            ("revocation-values, answer", Vec::new(), values(&tlv(0xa1, &seq(&[&basic])))),
        ] {
            let token = carrying(&house.token, &lists, &unsigned);
            assert_eq!(token.revocation().len(), 1, "{place}");
            let report = house.judge_token(&token, &[], None);
            assert_eq!(report.passed(), passes, "{place}: {:?}", report.standings);
            assert!(
                !matches!(report.standings[0].standing, Standing::Unknown { .. }),
                "{place}: {:?}",
                report.standings
            );
        }
    }
}
