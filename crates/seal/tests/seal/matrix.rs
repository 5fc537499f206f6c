//! Tokens made by the openssl program for every key, digest and padding it knows, and for certificates signed in every way: what
//! `openssl ts -verify` accepts passes here, and what is weak is named.

use std::fs;
use std::path::Path;

use seal::{
    AnyVerifier, CheckName, DigestAlgorithm, ExpectedToken, RingVerifier, SealError, Token, TokenPolicy, TokenReport,
    check_token, parse_response, pem_to_der,
};
use tempfile::TempDir;

use crate::forge::{seq, tlv};
use crate::openssl::{absent, now, openssl};

const CONFIGURATION: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Autorite d'essai
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[tsa_cert]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa1]
serial = serial
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
default_policy = 1.2.3.4.1
digests = sha1, sha224, sha256, sha384, sha512, sha3-256, sha3-384, sha3-512
signer_digest = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
";

/// A root and a time-stamping certificate, the first signing the second with these options.
fn house(ca: &str, tsa: &str, signing: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("c.cnf"), CONFIGURATION).unwrap();
    fs::write(dir.path().join("serial"), "01\n").unwrap();
    for command in [
        format!("genpkey {ca} -out ca.key"),
        format!("genpkey {tsa} -out tsa.key"),
        "req -x509 -key ca.key -out ca.pem -days 3650 -config c.cnf -extensions ca".to_owned(),
        "req -new -key tsa.key -out tsa.csr -config c.cnf -subj /CN=TSA".to_owned(),
        format!(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 4660 -days 900 -extfile c.cnf -extensions tsa_cert {signing} -out tsa.pem"
        ),
    ] {
        assert!(openssl(dir.path(), &command), "{command}");
    }
    dir
}

fn judge(dir: &Path, token: &Token, digest: DigestAlgorithm, accept_weak: bool) -> TokenReport {
    let roots = pem_to_der(&fs::read_to_string(dir.join("ca.pem")).unwrap()).unwrap();
    let imprint = digest.digest(DATA);
    let policy = TokenPolicy { accept_weak, ..TokenPolicy::new(&roots, now(), &AnyVerifier) };
    check_token(token, &ExpectedToken::new(digest, &imprint), &policy)
}

const DATA: &[u8] = b"un document";
const P256: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";

/// It passes, but for being weak where it is, and that is named.
fn passes(dir: &Path, token: &Token, digest: DigestAlgorithm, weak: bool, what: &str) {
    let lenient = judge(dir, token, digest, true);
    assert_eq!(lenient.first_failure(), None, "{what}");
    assert!(lenient.passed());
    assert_eq!(lenient.weak.is_empty(), !weak, "{what}: {:?}", lenient.weak);
    let strict = judge(dir, token, digest, false);
    assert_eq!(strict.passed(), !weak, "{what}");
    if let Some((name, why)) = strict.first_failure() {
        assert_eq!((name, why.code()), (CheckName::Algorithms, "weak-algorithm"), "{what}");
        assert!(why.is_undecided());
    }
}

#[test]
fn tokens_of_openssl_ts_pass_with_every_key_and_digest() {
    if absent() {
        return;
    }
    let (mut seen, mut refused) = (0, 0);
    for tsa in [
        "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:1024",
        P256,
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1",
        "-algorithm ED25519",
    ] {
        let dir = house(P256, tsa, "-sha256");
        fs::write(dir.path().join("data"), DATA).unwrap();
        for digest in DigestAlgorithm::ALL {
            let name = digest.name();
            assert!(openssl(dir.path(), &format!("ts -query -data data -{name} -cert -out q.tsq")));
            if !openssl(
                dir.path(),
                &format!("ts -reply -queryfile q.tsq -config c.cnf -section tsa1 -{name} -out r.tsr"),
            ) {
                refused += 1;
                continue;
            }
            let answer = fs::read(dir.path().join("r.tsr")).unwrap();
            // A refusal of openssl's is an answer too.
            let token = match parse_response(&answer) {
                Err(SealError::Refused { .. }) => {
                    refused += 1;
                    continue;
                }
                token => token.unwrap(),
            };
            assert!(openssl(dir.path(), "ts -verify -queryfile q.tsq -in r.tsr -CAfile ca.pem"), "{tsa} {name}");
            passes(dir.path(), &token, digest, digest.is_weak() || tsa.ends_with("1024"), &format!("{tsa} {name}"));
            assert!(token.ordering() && token.tsa_name().is_some());
            assert_eq!(judge(dir.path(), &token, digest, true).tsa_name_matches, Some(true));
            seen += 1;
        }
    }
    println!("{seen} tokens of openssl ts pass, as its own verification says; {refused} it does not make");
    // Its PKCS#7 makes no Ed25519 token, and none of ECDSA with SHA-3.
    assert!(seen >= 46 && seen + refused == 72, "{seen} {refused}");
}

/// TSTInfo over the data under this digest.
fn tst_info(digest: DigestAlgorithm, algorithm: &[u8]) -> Vec<u8> {
    let imprint = seq(&[&seq(&[&tlv(6, algorithm)]), &tlv(4, &digest.digest(DATA))]);
    let time = now().to_generalized().unwrap();
    let time = format!("{}Z", &time[..14]);
    seq(&[&tlv(2, &[1]), &tlv(6, &[0x2a, 3, 4]), &imprint, &tlv(2, &[9]), &tlv(0x18, time.as_bytes())])
}

#[test]
fn tokens_of_openssl_cms_pass_with_pss_and_named_by_key() {
    if absent() {
        return;
    }
    let sha3_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 8];
    let (mut seen, mut verified) = (0, 0);
    let bound = "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048";
    let pss = "-keyopt rsa_padding_mode:pss";
    for (tsa, options, weak) in [
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", format!("-md sha256 {pss} -keyopt rsa_pss_saltlen:32"), false),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", format!("-md sha256 {pss} -keyopt rsa_pss_saltlen:20"), false),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            format!("-md sha512 {pss} -keyopt rsa_pss_saltlen:0 -keyopt rsa_mgf1_md:sha256"),
            false,
        ),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", format!("-md sha1 {pss} -keyopt rsa_pss_saltlen:20"), true),
        (
            "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            format!("-md sha3-256 {pss} -keyopt rsa_pss_saltlen:32"),
            false,
        ),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-md sha256 -keyid".to_owned(), false),
        (bound, format!("-md sha384 {pss} -keyopt rsa_pss_saltlen:48"), false),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "-md sha512 -keyid".to_owned(), false),
        (P256, "-md sha3-384".to_owned(), false),
        (P256, "-md sha1".to_owned(), true),
    ] {
        let dir = house(P256, tsa, "-sha256");
        fs::write(dir.path().join("content"), tst_info(DigestAlgorithm::Sha3_256, sha3_256)).unwrap();
        let sign = format!(
            "cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -signer tsa.pem -inkey tsa.key \
             -in content -outform DER -out token.tst {options}"
        );
        if !openssl(dir.path(), &sign) {
            // Of SHA-3, it makes some and not others.
            assert!(options.contains("sha3"), "{tsa} {options}");
            continue;
        }
        let token = Token::parse(&fs::read(dir.path().join("token.tst")).unwrap()).unwrap();
        passes(dir.path(), &token, DigestAlgorithm::Sha3_256, weak, &format!("{tsa} {options}"));
        seen += 1;
        let check = "ts -verify -data data -in token.tst -token_in -CAfile ca.pem";
        fs::write(dir.path().join("data"), DATA).unwrap();
        verified += usize::from(openssl(dir.path(), check));
    }
    println!("{seen} tokens of openssl cms pass; openssl ts -verify reads {verified} of them, and agrees");
    assert!(seen >= 8 && verified > 0, "{seen} {verified}");
}

#[test]
fn certificates_signed_in_every_way_lead_to_their_root() {
    if absent() {
        return;
    }
    let mut seen = 0;
    let rsa = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    let pss = "-sigopt rsa_padding_mode:pss";
    for (ca, signing, weak) in [
        (rsa, "-sha256".to_owned(), false),
        (rsa, "-sha3-256".to_owned(), false),
        (rsa, "-sha1".to_owned(), true),
        (rsa, format!("-sha256 {pss} -sigopt rsa_pss_saltlen:32"), false),
        (rsa, format!("-sha256 {pss} -sigopt rsa_pss_saltlen:20"), false),
        (rsa, format!("-sha512 {pss} -sigopt rsa_pss_saltlen:64 -sigopt rsa_mgf1_md:sha256"), false),
        (rsa, format!("-sha1 {pss} -sigopt rsa_pss_saltlen:20"), true),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:1024", "-sha256".to_owned(), true),
        ("-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "-sha384".to_owned(), false),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-sha512".to_owned(), false),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "-sha512".to_owned(), false),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1", "-sha384".to_owned(), false),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1", "-sha3-512".to_owned(), false),
        ("-algorithm ED25519", String::new(), false),
    ] {
        let dir = house(ca, P256, &signing);
        fs::write(dir.path().join("data"), DATA).unwrap();
        assert!(openssl(dir.path(), "ts -query -data data -sha256 -cert -out q.tsq"));
        assert!(
            openssl(dir.path(), "ts -reply -queryfile q.tsq -config c.cnf -section tsa1 -out r.tsr"),
            "{ca} {signing}"
        );
        let token = parse_response(&fs::read(dir.path().join("r.tsr")).unwrap()).unwrap();
        passes(dir.path(), &token, DigestAlgorithm::Sha256, weak, &format!("{ca} {signing}"));
        seen += 1;
        // Another root of the same name does not lead anywhere.
        let other = house(ca, P256, &signing);
        let report = judge(other.path(), &token, DigestAlgorithm::Sha256, true);
        assert_eq!(report.outcome(CheckName::Path).unwrap().as_ref().unwrap_err().code(), "no-path", "{ca} {signing}");
    }
    println!("{seen} ways to a root hold");
}

#[test]
fn what_ring_alone_does_not_read_is_undecided_by_it() {
    if absent() {
        return;
    }
    let dir = house(P256, "-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "-sha256");
    fs::write(dir.path().join("data"), DATA).unwrap();
    assert!(openssl(dir.path(), "ts -query -data data -sha256 -cert -out q.tsq"));
    assert!(openssl(dir.path(), "ts -reply -queryfile q.tsq -config c.cnf -section tsa1 -out r.tsr"));
    let token = parse_response(&fs::read(dir.path().join("r.tsr")).unwrap()).unwrap();
    let roots = pem_to_der(&fs::read_to_string(dir.path().join("ca.pem")).unwrap()).unwrap();
    let imprint = DigestAlgorithm::Sha256.digest(DATA);
    let expected = ExpectedToken::new(DigestAlgorithm::Sha256, &imprint);
    let report = check_token(&token, &expected, &TokenPolicy::new(&roots, now(), &RingVerifier));
    let (name, why) = report.first_failure().unwrap();
    assert_eq!((name, why.is_undecided()), (CheckName::Signature, true), "{why}");
}
