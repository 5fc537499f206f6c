//! C2SP tlog-policy.

use base64::prelude::{BASE64_STANDARD, Engine};
use proof::note::NoteError;
use proof::{SignedNote, SigningKey};
use proptest::prelude::*;
use std::path::Path;
use watch::limits::{ML_DSA_44_BYTES, POLICY_BYTES, POLICY_NAMES};
use watch::policy::PolicyError;
use watch::{Cosigned, CosigningKey, TlogPolicy, UnixSeconds};

fn witness(number: u8) -> CosigningKey {
    CosigningKey::from_seed(&format!("w{number}.example"), &[number; 32]).unwrap()
}

fn vkey(number: u8) -> String {
    witness(number).cosigner_key().to_string()
}

fn log(number: u8) -> String {
    SigningKey::from_seed("example.com/log", &[number; 32]).unwrap().verifier_key().to_string()
}

/// A vkey over these bytes, under its own hash or a false one.
fn other(kind: u8, key: &[u8], true_: bool) -> String {
    let bytes = [&[kind], key].concat();
    let hash = proof::sha256(&[b"pq.example\n", &bytes[..]].concat()).to_string();
    let hash = if true_ { &hash[..8] } else { "00000000" };
    format!("pq.example+{hash}+{}", BASE64_STANDARD.encode(bytes))
}

fn head() -> SignedNote {
    let text = "example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    SignedNote::parse(&SigningKey::from_seed("example.com/log", &[1; 32]).unwrap().sign(text)).unwrap()
}

fn met(policy: &TlogPolicy, by: &[u8]) -> bool {
    let text = head().text;
    let lines: String = by.iter().map(|n| witness(*n).cosign(&text, UnixSeconds(5)).unwrap().write()).collect();
    policy.witnessed(&head(), &lines).unwrap().met
}

/// The specification's example, its keys filled in.
fn example() -> String {
    let line = |name: &str, number: u8| format!("witness {name} {}\n", vkey(number));
    let mut text = format!("log {}\n\n", log(1));
    for (name, number) in [("X1", 1), ("X2", 2), ("X3", 3)] {
        text += &line(name, number);
    }
    text += "group X-witnesses 2 X1 X2 X3\n\n";
    for (name, number) in [("Y1", 4), ("Y2", 5), ("Y3", 6)] {
        text += &line(name, number);
    }
    text + "group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

#[test]
fn the_example_of_the_specification_asks_what_it_says() {
    let policy = TlogPolicy::parse(&example()).unwrap();
    assert!(policy.asks() && policy.logs.len() == 1 && policy.witnesses.len() == 6);
    for (by, enough) in [
        (&[1u8, 2, 4][..], true),
        (&[1, 3, 6], true),
        (&[1, 2, 3, 4, 5, 6], true),
        (&[1, 2, 3], false),
        (&[1, 4, 5, 6], false),
        (&[], false),
    ] {
        assert_eq!(met(&policy, by), enough, "{by:?}");
    }
}

#[test]
fn whitespace_comments_order_and_urls_are_as_the_specification_allows() {
    let text = format!(
        "# a comment \u{e9}\u{2014}\n \t# another\n\n \t\n quorum\tnone \n\twitness  w {} http://w.example/\u{e9}\nlog {} http://l/\n",
        vkey(1),
        log(1)
    );
    let policy = TlogPolicy::parse(&text).unwrap();
    assert!(!policy.asks() && met(&policy, &[]));
    assert_eq!(policy.witnesses[0].url.as_deref(), Some("http://w.example/\u{e9}"));
    assert_eq!(policy.logs[0].url.as_deref(), Some("http://l/"));
    // Names are octets: a Kelvin sign is no K.
    let kelvin = format!("witness K {}\nwitness \u{212a} {}\nquorum \u{212a}\n", vkey(1), vkey(2));
    let policy = TlogPolicy::parse(&kelvin).unwrap();
    assert!(met(&policy, &[2]) && !met(&policy, &[1]));
}

#[test]
fn what_is_no_policy_is_refused_with_its_line() {
    use PolicyError as E;
    let a = format!("witness a {}\n", vkey(1));
    let b = format!("witness b {}\n", vkey(2));
    let cases: Vec<(String, PolicyError)> = vec![
        (String::new(), E::Text),
        ("\n".into(), E::Quorum),
        ("quorum none".into(), E::Text),
        ("quorum none\r\n".into(), E::Text),
        ("quorum none\n\u{7f}\n".into(), E::Text),
        ("quorum none\nquorum none\n".into(), E::Quorum),
        ("quorum\n".into(), E::Line(1)),
        ("quorum none none\n".into(), E::Line(1)),
        ("\nhello\n".into(), E::Line(2)),
        ("log\n".into(), E::Line(1)),
        ("group g\n".into(), E::Line(1)),
        ("witness a\n".into(), E::Line(1)),
        (format!("witness a {} url more\n", vkey(1)), E::Line(1)),
        ("quorum a\n".into(), E::UnknownName(1)),
        (format!("quorum a\n{a}"), E::UnknownName(1)),
        (format!("{a}group g any b\n{b}"), E::UnknownName(2)),
        (format!("{a}group g any g\n"), E::UnknownName(2)),
        (format!("{a}group g any none\n"), E::UnknownName(2)),
        (format!("witness none {}\n", vkey(1)), E::NameTwice(1)),
        (format!("{a}group a any a\n"), E::NameTwice(2)),
        (format!("{a}witness a {}\n", vkey(2)), E::NameTwice(2)),
        (format!("{a}witness b {}\n", vkey(1)), E::KeyTwice(2)),
        (format!("log {}\nlog {}\n", log(1), log(1)), E::KeyTwice(2)),
        (format!("{a}{b}group g any a a\n"), E::MemberTwice(3)),
        (format!("{a}{b}group g any a\ngroup h any a\n"), E::MemberTwice(4)),
        (format!("{a}group g all\n"), E::Threshold(2)),
        (format!("{a}group g 0 a\n"), E::Threshold(2)),
        (format!("{a}group g 2 a\n"), E::Threshold(2)),
        (format!("{a}group g 01 a\n"), E::Threshold(2)),
        (format!("{a}group g most a\n"), E::Threshold(2)),
        (format!("witness a {}\n", log(1)), E::Key(1, NoteError::KeyAlgorithm(1))),
        (format!("log {}\n", vkey(1)), E::Key(1, NoteError::KeyAlgorithm(4))),
        (format!("witness a {}\n", other(2, &[1; 32], true)), E::Key(1, NoteError::KeyAlgorithm(2))),
        (
            format!("witness a {}\n", other(6, &[1; ML_DSA_44_BYTES], false)),
            E::Key(1, NoteError::Key("its hash is another's")),
        ),
        (
            format!("witness a {}\n", other(6, &[1; ML_DSA_44_BYTES + 1], true)),
            E::Key(1, NoteError::Key("not 1312 bytes")),
        ),
        (format!("witness a {}\n", "0".repeat(64)), E::BareKey(1)),
        (format!("log {}\n", "0".repeat(64)), E::BareKey(1)),
    ];
    for (text, why) in cases {
        assert_eq!(TlogPolicy::parse(&text), Err(why), "{text:?}");
    }
}

#[test]
fn one_key_under_another_name_is_the_same_key() {
    let again = CosigningKey::from_seed("other.example", &[1; 32]).unwrap();
    let text = format!("witness a {}\nwitness b {}\nquorum a\n", vkey(1), again.cosigner_key());
    assert_eq!(TlogPolicy::parse(&text), Err(PolicyError::KeyTwice(2)));
    let pq = other(6, &[1; ML_DSA_44_BYTES], true);
    assert_eq!(
        TlogPolicy::parse(&format!("witness a {pq}\nwitness b {pq}\nquorum a\n")),
        Err(PolicyError::KeyTwice(2))
    );
}

#[test]
fn a_key_we_cannot_check_never_counts_and_is_never_missing() {
    let pq = other(6, &[1; ML_DSA_44_BYTES], true);
    let text = format!("witness a {}\nwitness pq {pq}\ngroup g all a pq\nquorum g\n", vkey(1));
    let policy = TlogPolicy::parse(&text).unwrap();
    let line = witness(1).cosign(&head().text, UnixSeconds(5)).unwrap().write();
    let said = policy.witnessed(&head(), &line).unwrap();
    assert_eq!((said.met, said.could_be_met), (false, true));
    assert_eq!(said.witnesses[1], ("pq".to_owned(), Cosigned::Unknown));
    let said = policy.witnessed(&head(), "").unwrap();
    assert_eq!((said.met, said.could_be_met), (false, false));
    assert_eq!(said.names(), ["", "a", "", "pq"].map(str::to_owned));
}

#[test]
fn limits_hold_at_the_limit_and_one_past_it() {
    let filled = |bytes: usize| format!("quorum none\n{}\n", "#".repeat(bytes - 13));
    assert!(TlogPolicy::parse(&filled(POLICY_BYTES)).is_ok());
    let limit = POLICY_BYTES;
    assert_eq!(TlogPolicy::parse(&filled(limit + 1)), Err(PolicyError::TooLarge { given: limit + 1, limit }));
    type Line = fn(u8) -> String;
    let kinds: [Line; 3] = [
        |n| format!("witness w{n} {}\n", vkey(n)),
        |n| format!("log {}\n", log(n)),
        |n| {
            if n == 1 {
                format!("witness w {}\ngroup g1 any w\n", vkey(1))
            } else {
                format!("group g{n} any g{}\n", n - 1)
            }
        },
    ];
    let most = u8::try_from(POLICY_NAMES).unwrap();
    for line in kinds {
        let of = |count: u8| (1..=count).map(line).collect::<String>() + "quorum none\n";
        assert!(TlogPolicy::parse(&of(most)).is_ok());
        let limit = POLICY_NAMES;
        assert_eq!(TlogPolicy::parse(&of(most + 1)), Err(PolicyError::TooLarge { given: limit + 1, limit }));
    }
}

/// Policies as sigsum's own tools wrote them until vkeys came.
#[test]
fn older_policies_are_refused_in_words_that_say_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/tlog");
    let Ok(found) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut seen = 0;
    for path in found.map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|end| end == "builtin-policy") {
            let why = TlogPolicy::parse(&std::fs::read_to_string(&path).unwrap()).unwrap_err();
            assert!(matches!(why, PolicyError::BareKey(_)), "{}: {why}", path.display());
            assert!(why.to_string().contains("write it as a vkey"));
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,300}") {
        let _ = TlogPolicy::parse(&text);
    }

    #[test]
    fn any_lines_are_read_or_refused(
        lines in prop::collection::vec(("(log|witness|group|quorum|#)", prop::collection::vec("(a|b|none|2|any|all)", 0..5)), 0..8)
    ) {
        let text: String = lines.iter().map(|(word, items)| format!("{word} {}\n", items.join(" "))).collect();
        let _ = TlogPolicy::parse(&text);
    }

    /// A threshold over any subset is met just when enough have cosigned.
    #[test]
    fn a_threshold_counts_heads(count in 1u8..7, least in 1u8..7, by in any::<u8>()) {
        prop_assume!(least <= count);
        let lines: String = (1..=count).map(|n| format!("witness w{n} {}\n", vkey(n))).collect();
        let names: String = (1..=count).map(|n| format!(" w{n}")).collect();
        let policy = TlogPolicy::parse(&format!("{lines}group g {least}{names}\nquorum g\n")).unwrap();
        let by: Vec<u8> = (1..=count).filter(|n| by >> n & 1 == 1).collect();
        prop_assert_eq!(met(&policy, &by), by.len() >= usize::from(least));
    }
}
