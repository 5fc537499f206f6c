//! Tokens changed by a byte or a few: nothing panics, and what still passes says the same and was changed only where nothing signs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use seal::{AnyVerifier, ExpectedToken, Token, TokenPolicy, TokenReport, check_token, parse_response, pem_to_der};

use crate::openssl::{absent, authority, now, reply, request};

/// Where a change may go unseen, and why: nothing signs these bytes, and nothing is read from them that a token states.
pub const FREE: [(&str, &str); 7] = [
    ("framing", "tags and lengths around what is signed: BER says one thing in several ways"),
    ("version", "of SignedData or SignerInfo: another known one"),
    ("digest-algorithms", "the list that tells a reader what to hash"),
    ("other-certificates", "those that are not on the way"),
    ("signature-algorithm", "parameters absent or NULL, the digest named or left to digestAlgorithm"),
    ("unsigned", "unsigned attributes, lists and answers on revocation"),
    ("signature-framing", "the tag and length of the signature"),
];

/// Refusals of form: which readings of odd bytes a reader takes is its own. Those of what a token says are everybody's, or one of us is wrong.
const FORM: [&str; 4] = ["malformed", "not-der", "too-large", "unsupported"];

/// Tokens the openssl program is asked about for each key: refused ones, accepted ones.
const ASKED: [usize; 2] = [100, 100];

/// The region of each byte of a token in DER.
pub fn regions(der: &[u8], signer: &[u8]) -> Vec<&'static str> {
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

pub type Member = (u8, (usize, usize), usize);

/// Tag, span of the content, and start of each element that follows here.
pub fn members(der: &[u8], span: (usize, usize)) -> Vec<Member> {
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
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// What a token says, and who says it.
pub fn said(token: &Token, report: &TokenReport) -> String {
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

/// A byte or a few changed.
pub fn changed(der: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut altered = der.to_vec();
    for _ in 0..=dice.below(3) {
        let place = dice.below(altered.len());
        let value = dice.below(256) as u8;
        altered[place] = if dice.below(2) == 0 { value } else { altered[place] ^ (1 << (value % 8)) };
    }
    altered
}

/// The regions in which these bytes are others.
pub fn touched<'r>(der: &[u8], altered: &[u8], map: &[&'r str]) -> Vec<&'r str> {
    (0..der.len()).filter(|place| altered[*place] != der[*place]).map(|place| map[place]).collect()
}

/// How often to try; the long form: FUZZ_ROUNDS=1000000.
pub fn rounds() -> usize {
    std::env::var("FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4000)
}

/// The openssl program asked about some of the changed tokens.
#[derive(Default)]
struct Sample {
    asked: usize,
    agreed: usize,
    /// What is accepted here and refused there, by the regions changed.
    here_alone: BTreeMap<String, usize>,
    /// What is accepted there and refused here, by the reason given here; and of it what is refused for what it says, not for its form.
    there_alone: BTreeMap<String, usize>,
    of_substance: Vec<String>,
}

impl Sample {
    fn ask(&mut self, dir: &Path, altered: &[u8], here: Result<&[&str], &str>) {
        fs::write(dir.join("altered.tst"), altered).unwrap();
        let mut verify = Command::new("openssl");
        verify.args(["ts", "-verify", "-queryfile", "q.tsq", "-in", "altered.tst", "-token_in", "-CAfile", "ca.pem"]);
        let there = verify.current_dir(dir).output().unwrap().status.success();
        self.asked += 1;
        match (here, there) {
            (Ok(touched), false) => {
                let regions: BTreeSet<&str> = touched.iter().copied().collect();
                *self.here_alone.entry(regions.into_iter().collect::<Vec<_>>().join("+")).or_default() += 1;
            }
            (Err(reason), true) => {
                *self.there_alone.entry(reason.to_owned()).or_default() += 1;
                if !FORM.contains(&reason) {
                    self.of_substance.push(reason.to_owned());
                }
            }
            _ => self.agreed += 1,
        }
    }
}

fn search(rounds: usize) {
    let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut tried, mut sample) = (0, Sample::default());
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
        sample.ask(dir.path(), token.as_der(), Ok(&[]));
        let (der, honest) = (token.as_der(), said(&token, &honest));
        let map = regions(der, &signer);
        let (mut dice, mut left) = (Dice(seed), ASKED);
        for _ in 0..rounds / 2 {
            tried += 1;
            let altered = changed(der, &mut dice);
            let touched = touched(der, &altered, &map);
            let read = Token::parse(&altered);
            let report = read.as_ref().map(|read| check_token(read, &expected, &policy));
            let here = match &report {
                Err(error) => Err(error.code()),
                Ok(report) => report.first_failure().map_or(Ok(&touched[..]), |(_, error)| Err(error.code())),
            };
            // Each sort of verdict has its share of the sample, whatever their numbers are.
            let share = &mut left[usize::from(here.is_ok())];
            if *share > 0 && !touched.is_empty() {
                *share -= 1;
                sample.ask(dir.path(), &altered, here);
            }
            let (Ok(read), Ok(report)) = (&read, &report) else { continue };
            if !report.passed() || touched.is_empty() {
                continue;
            }
            assert_eq!(said(read, report), honest, "another statement is accepted, changed in {touched:?}");
            for region in touched {
                assert!(FREE.iter().any(|(free, _)| *free == region), "a change in {region} is accepted");
                *accepted.entry(region).or_default() += 1;
            }
        }
    }
    println!("{tried} changed tokens; accepted, by region of the change: {accepted:?}");
    println!(
        "openssl asked about {} of them, of one mind about {}; accepted here alone: {:?}; there alone, refused here for: {:?}",
        sample.asked, sample.agreed, sample.here_alone, sample.there_alone
    );
    assert!(accepted.values().sum::<usize>() * 2 < tried, "most changes are refused");
    assert!(sample.of_substance.is_empty(), "openssl accepts what is refused here for {:?}", sample.of_substance);
    assert!(sample.agreed * 10 >= sample.asked * 7, "openssl is of another mind too often");
}

#[test]
fn what_still_passes_was_changed_where_nothing_signs() {
    if !absent() {
        search(rounds());
    }
}
