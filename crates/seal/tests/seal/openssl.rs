//! Both ways with the openssl program: its tokens through our judgement, our answers through its verification.

use std::fs;
use std::path::Path;
use std::process::Command;

use ring::rand::SystemRandom;
use seal::{
    ExpectedToken, RingVerifier, TestAuthority, TimestampRequest, Token, TokenPolicy, TokenReport, UnixMillis,
    check_token, parse_response, pem_to_der,
};
use tempfile::TempDir;

pub fn openssl(dir: &Path, arguments: &str) -> bool {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output().unwrap();
    if !output.status.success() {
        println!("openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

pub fn absent() -> bool {
    let absent = Command::new("openssl").arg("version").output().is_err();
    if absent {
        println!("SKIPPED: the openssl program is not installed");
    }
    absent
}

pub fn now() -> UnixMillis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixMillis(since.as_millis() as i64)
}

const CONFIGURATION: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
O = Essais
CN = Autorite d'essai
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsa_cert]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa1
[tsa1]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
";

/// A CA and a TSA of openssl in a directory; `key` is the option that makes a key.
pub fn authority(key: &str, ess_digest: &str) -> TempDir {
    authority_with(key, ess_digest, "keyUsage = critical, keyCertSign, cRLSign")
}

/// The same, the key usage of its root given.
pub fn authority_with(key: &str, ess_digest: &str, usage: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let configuration = CONFIGURATION.replace("ess_cert_id_alg = sha256", &format!("ess_cert_id_alg = {ess_digest}"));
    let configuration = configuration.replace("keyUsage = critical, keyCertSign, cRLSign", usage);
    fs::write(dir.path().join("c.cnf"), configuration).unwrap();
    fs::write(dir.path().join("serial"), "01\n").unwrap();
    for command in [
        format!("req -x509 {key} -nodes -keyout ca.key -out ca.pem -days 3650 -config c.cnf -extensions ca -sha256"),
        format!("req -new {key} -nodes -keyout tsa.key -out tsa.csr -config c.cnf -subj /CN=TSA"),
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 4660 -days 900 -extfile c.cnf \
         -extensions tsa_cert -sha256 -out tsa.pem"
            .to_owned(),
    ] {
        assert!(openssl(dir.path(), &command), "{command}");
    }
    dir
}

pub fn request(data: &[u8], policy: Option<&str>) -> TimestampRequest {
    let imprint_sha256 = seal::DigestAlgorithm::Sha256.digest(data).try_into().unwrap();
    let policy = policy.map(str::to_owned);
    TimestampRequest { imprint_sha256, nonce: vec![0xfe; 8], policy, cert_req: true }
}

pub fn reply(dir: &Path, request: &TimestampRequest) -> Vec<u8> {
    fs::write(dir.join("q.tsq"), request.to_der()).unwrap();
    assert!(openssl(dir, "ts -reply -queryfile q.tsq -config c.cnf -section tsa1 -out r.tsr"));
    fs::read(dir.join("r.tsr")).unwrap()
}

fn judge(dir: &Path, request: &TimestampRequest, token: &Token) -> TokenReport {
    let roots = pem_to_der(&fs::read_to_string(dir.join("ca.pem")).unwrap()).unwrap();
    let expected = ExpectedToken {
        nonce: Some(&request.nonce),
        policy: request.policy.as_deref(),
        ..ExpectedToken::sha256(&request.imprint_sha256)
    };
    let policy = TokenPolicy::new(&roots, now(), &RingVerifier);
    check_token(token, &expected, &policy)
}

#[test]
fn tokens_of_openssl_pass_with_every_kind_of_key() {
    if absent() {
        return;
    }
    for (key, ess_digest) in [
        ("-newkey rsa:2048", "sha256"),
        ("-newkey rsa:2048", "sha1"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "sha256"),
        ("-newkey ec -pkeyopt ec_paramgen_curve:P-384", "sha512"),
    ] {
        let dir = authority(key, ess_digest);
        for policy in [None, Some("1.2.3.4.2")] {
            let request = request(b"un document", policy);
            let token = parse_response(&reply(dir.path(), &request)).unwrap();
            let report = judge(dir.path(), &request, &token);
            assert_eq!(report.first_failure(), None, "{key} {ess_digest}");
            assert!(report.passed());
            assert_eq!(token.accuracy_ms(), Some(1501));
            assert_eq!(token.policy(), policy.unwrap_or("1.2.3.4.1"));
        }
    }
}

#[test]
fn a_token_of_openssl_is_refused_for_anything_it_does_not_say() {
    if absent() {
        return;
    }
    let (dir, other) = (authority("-newkey rsa:2048", "sha256"), authority("-newkey rsa:2048", "sha256"));
    let asked = request(b"un document", None);
    let token = parse_response(&reply(dir.path(), &asked)).unwrap();
    let first = |request: &TimestampRequest, dir: &Path| {
        judge(dir, request, &token).first_failure().map(|(name, _)| name.name())
    };
    assert_eq!(first(&asked, dir.path()), None);
    assert_eq!(first(&request(b"un autre", None), dir.path()), Some("imprint"));
    assert_eq!(first(&TimestampRequest { nonce: vec![1], ..asked.clone() }, dir.path()), Some("nonce"));
    assert_eq!(first(&request(b"un document", Some("1.2.3.4.2")), dir.path()), Some("policy"));
    assert_eq!(first(&asked, other.path()), Some("path"));
}

#[test]
fn no_altered_byte_of_a_token_of_openssl_is_accepted() {
    if absent() {
        return;
    }
    let dir = authority("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "sha256");
    let request = request(b"un document", None);
    let whole = parse_response(&reply(dir.path(), &request)).unwrap();
    let good = judge(dir.path(), &request, &whole);
    assert!(good.passed());
    let mut refused = 0;
    for position in 0..whole.as_der().len() {
        let mut altered = whole.as_der().to_vec();
        altered[position] ^= 1;
        let Ok(token) = Token::parse(&altered) else {
            refused += 1;
            continue;
        };
        let report = judge(dir.path(), &request, &token);
        if report.passed() {
            // What the signature does not cover may change; what the token says may not.
            assert_eq!((token.gen_time(), token.imprint()), (whole.gen_time(), whole.imprint()));
            assert_eq!((token.serial(), token.policy()), (whole.serial(), whole.policy()));
            assert_eq!((&report.signer, report.root_sha256), (&good.signer, good.root_sha256), "byte {position}");
        } else {
            refused += 1;
        }
    }
    println!("{refused} of {} altered bytes refused", whole.as_der().len());
    assert!(refused * 10 > whole.as_der().len() * 4);
}

#[test]
fn openssl_accepts_the_test_authoritys_answers() {
    if absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let rng = SystemRandom::new();
    let authority = TestAuthority::create(now(), &rng).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    write("ca.pem", authority.ca_pem().as_bytes());
    write("data", b"un document");
    write("other", b"un autre");
    for options in ["-sha256 -cert", "-sha512 -cert", "-sha384 -cert -no_nonce"] {
        assert!(openssl(dir.path(), &format!("ts -query -data data {options} -out q.tsq")));
        let query = fs::read(dir.path().join("q.tsq")).unwrap();
        let answer = authority.answer(&query, now(), 12_345, &rng);
        write("r.tsr", &answer);
        write("token.tst", parse_response(&answer).unwrap().as_der());
        assert!(openssl(dir.path(), "ts -verify -queryfile q.tsq -in r.tsr -CAfile ca.pem"), "{options}");
        assert!(openssl(dir.path(), "ts -verify -data data -in r.tsr -CAfile ca.pem"), "{options}");
        assert!(openssl(dir.path(), "ts -verify -data data -in token.tst -token_in -CAfile ca.pem"), "{options}");
        assert!(!openssl(dir.path(), "ts -verify -data other -in r.tsr -CAfile ca.pem"), "{options}");
    }
}

#[test]
fn openssl_reads_our_requests_and_our_refusals() {
    if absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let rng = SystemRandom::new();
    let authority = TestAuthority::create(now(), &rng).unwrap();
    let request = request(b"un document", Some("1.2.3"));
    fs::write(dir.path().join("q.tsq"), request.to_der()).unwrap();
    fs::write(dir.path().join("r.tsr"), authority.answer(&request.to_der(), now(), 1, &rng)).unwrap();
    let text = |arguments: &str| {
        let arguments = arguments.split_whitespace();
        let output = Command::new("openssl").args(arguments).current_dir(dir.path()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let query = text("ts -query -in q.tsq -text");
    for line in ["Version: 1", "Policy OID: 1.2.3", "Hash Algorithm: sha256", "Certificate required: yes"] {
        assert!(query.contains(line), "{query}");
    }
    assert!(query.contains("0xFEFEFEFEFEFEFEFE"), "{query}");
    let reply = text("ts -reply -in r.tsr -text");
    assert!(reply.contains("Status: Rejected."), "{reply}");
    assert!(reply.contains("unacceptable policy") || reply.contains("policy"), "{reply}");
}
