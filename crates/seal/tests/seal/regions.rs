//! Tokens changed by a byte or a few: nothing panics, and what still passes says the same and was changed only where nothing signs.

use std::collections::BTreeMap;
use std::fs;

use seal::{AnyVerifier, ExpectedToken, Token, TokenPolicy, TokenReport, check_token, parse_response, pem_to_der};

use crate::openssl::{absent, authority, now, reply, request};

/// Where a change may go unseen, and why: nothing signs these bytes, and nothing is read from them that a token states.
const FREE: [(&str, &str); 7] = [
    ("framing", "tags and lengths around what is signed: BER says one thing in several ways"),
    ("version", "of SignedData or SignerInfo: another known one"),
    ("digest-algorithms", "the list that tells a reader what to hash"),
    ("other-certificates", "those that are not on the way"),
    ("signature-algorithm", "parameters absent or NULL, the digest named or left to digestAlgorithm"),
    ("unsigned", "unsigned attributes, lists and answers on revocation"),
    ("signature-framing", "the tag and length of the signature"),
];

/// The region of each byte of a token in DER.
fn regions(der: &[u8], signer: &[u8]) -> Vec<&'static str> {
    let mut map = vec!["framing"; der.len()];
    let mut paint = |span: (usize, usize), name| map[span.0..span.1].iter_mut().for_each(|place| *place = name);
    let whole = members(der, (0, der.len()))[0];
    let info = members(der, whole.1);
    let data = members(der, info[1].1);
    let fields = members(der, data[0].1);
    paint(fields[0].1, "version");
    paint(fields[1].1, "digest-algorithms");
    paint(members(der, fields[2].1)[0].1, "content-type");
    let explicit = members(der, fields[2].1)[1];
    paint(members(der, explicit.1)[0].1, "content");
    for field in &fields[3..fields.len() - 1] {
        for member in members(der, field.1) {
            let raw = &der[member.2..member.1.1];
            paint((member.2, member.1.1), if raw == signer { "signer-certificate" } else { "other-certificates" });
        }
    }
    let info = members(der, fields[fields.len() - 1].1)[0];
    let parts = members(der, info.1);
    let names = [
        "version",
        "signer-id",
        "digest-algorithm",
        "signed-attributes",
        "signature-algorithm",
        "signature",
        "unsigned",
    ];
    for (part, name) in parts.iter().zip(names) {
        if matches!(name, "signature" | "version") {
            paint(part.1, name);
        } else {
            paint((part.2, part.1.1), name);
        }
        if name == "signature" {
            paint((part.2, part.1.0), "signature-framing");
        }
    }
    map
}

type Member = (u8, (usize, usize), usize);

/// Tag, span of the content, and start of each element that follows here.
fn members(der: &[u8], span: (usize, usize)) -> Vec<Member> {
    let (mut at, mut all) = (span.0, Vec::new());
    while at < span.1 {
        let octets = if der[at + 1] < 0x80 { 0 } else { usize::from(der[at + 1] & 0x7f) };
        let start = at + 2 + octets;
        let length = match octets {
            0 => usize::from(der[at + 1]),
            _ => der[at + 2..start].iter().fold(0, |n, b| n << 8 | usize::from(*b)),
        };
        all.push((der[at], (start, start + length), at));
        at = start + length;
    }
    all
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// What a token says, and who says it.
fn said(token: &Token, report: &TokenReport) -> String {
    let signer = report.signer.as_ref().map(|signer| signer.sha256);
    format!(
        "{:?} {} {} {:?} {:?} {:?} {} {signer:?} {:?}",
        token.imprint(),
        token.gen_time(),
        token.policy(),
        token.serial(),
        token.nonce(),
        token.accuracy_ms(),
        token.ordering(),
        report.root_sha256
    )
}

fn search(rounds: usize) {
    let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tried = 0;
    for (key, seed) in
        [("-newkey rsa:2048", 88_172_645_463_325_252), ("-newkey ec -pkeyopt ec_paramgen_curve:P-256", 7)]
    {
        let dir = authority(key, "sha256");
        let asked = request(b"un document", None);
        let token = parse_response(&reply(dir.path(), &asked)).unwrap();
        let root = fs::read_to_string(dir.path().join("ca.pem")).unwrap();
        let roots = pem_to_der(&root).unwrap();
        let signer = pem_to_der(&fs::read_to_string(dir.path().join("tsa.pem")).unwrap()).unwrap().remove(0);
        let policy = TokenPolicy::new(&roots, now(), &AnyVerifier);
        let expected = ExpectedToken { nonce: Some(&asked.nonce), ..ExpectedToken::sha256(&asked.imprint_sha256) };
        let honest = check_token(&token, &expected, &policy);
        assert!(honest.passed(), "{:?}", honest.first_failure());
        let (der, honest) = (token.as_der(), said(&token, &honest));
        let map = regions(der, &signer);
        let mut dice = Dice(seed);
        for _ in 0..rounds / 2 {
            tried += 1;
            let mut altered = der.to_vec();
            let mut touched = Vec::new();
            for _ in 0..=dice.below(3) {
                let place = dice.below(altered.len());
                let value = dice.below(256) as u8;
                altered[place] = if dice.below(2) == 0 { value } else { altered[place] ^ (1 << (value % 8)) };
            }
            touched.extend((0..der.len()).filter(|place| altered[*place] != der[*place]).map(|place| map[place]));
            let Ok(read) = Token::parse(&altered) else { continue };
            let report = check_token(&read, &expected, &policy);
            if !report.passed() || touched.is_empty() {
                continue;
            }
            assert_eq!(said(&read, &report), honest, "another statement is accepted, changed in {touched:?}");
            for region in touched {
                assert!(FREE.iter().any(|(free, _)| *free == region), "a change in {region} is accepted");
                *accepted.entry(region).or_default() += 1;
            }
        }
    }
    println!("{tried} changed tokens; accepted, by region of the change: {accepted:?}");
    assert!(accepted.values().sum::<usize>() * 2 < tried, "most changes are refused");
}

#[test]
fn what_still_passes_was_changed_where_nothing_signs() {
    // The long form: FUZZ_ROUNDS=1000000.
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4000);
    if !absent() {
        search(rounds);
    }
}
