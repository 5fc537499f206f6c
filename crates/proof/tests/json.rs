//! Canonical JSON: every rule of RFC 8785 as narrowed, every escape, every limit; and the same verdict as a reader we did not
//! write, on random and on mutated texts.
#![allow(missing_docs, clippy::unwrap_used)]

use proof::json::{Canonical, JsonError, Members};
use proof::limits::{JSON_DEPTH, JSON_INTEGER};
use proptest::prelude::*;
use serde_json::{Map, Value};

const LIMIT: usize = 1 << 20;
const KEY: &str = "an ASCII key after the one before it";

fn parse(text: impl AsRef<[u8]>) -> Result<Canonical, JsonError> {
    let read = Canonical::parse(text.as_ref(), LIMIT);
    // Read at once into its members, it is the same, or refused in the same place for the same reason.
    let members = Canonical::parse_members(text.as_ref(), LIMIT);
    assert_eq!(members, read.clone().map(|read| read.to_members()));
    read
}

/// The definition: what `serde_json` reads, written again canonically by nothing of ours, is the same text.
fn by_definition(bytes: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return false;
    };
    narrow(&value) && value.to_string().as_bytes() == bytes
}

/// Integers within 2^53 − 1 and ASCII keys. The map of `serde_json` is sorted by byte.
fn narrow(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            magnitude.is_some_and(|magnitude| magnitude < 1 << 53)
        }
        Value::Array(items) => items.iter().all(narrow),
        Value::Object(members) => members.iter().all(|(key, member)| key.is_ascii() && narrow(member)),
        _ => true,
    }
}

fn agrees(bytes: &[u8]) {
    assert_eq!(parse(bytes).is_ok(), by_definition(bytes), "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn only_the_canonical_form_is_read() {
    for refused in [
        "",
        " {}",
        "{} ",
        "{ }",
        "[ ]",
        "{}{}",
        "[1, 2]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" :1}",
        "{\"a\": 1}",
        "{a:1}",
        "{1:1}",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"é\":1}",
        "{\"a\":{\"b\":1,\"a\":2}}",
        "\u{feff}{}",
        "nul",
        "nulll",
        "True",
        "NaN",
        "-Infinity",
        "'a'",
        "\"a",
        "]",
    ] {
        assert!(parse(refused).is_err(), "{refused}");
        agrees(refused.as_bytes());
    }
    for read in
        ["{}", "[]", "null", "true", "false", "0", "\"\"", "[[],{}]", "{\"\":0,\"A\":0,\"a\":0}", "\"\u{7f}\u{80}/é\""]
    {
        assert_eq!(parse(read).unwrap().text(), read);
        agrees(read.as_bytes());
    }
}

#[test]
fn numbers_are_integers_within_two_to_the_53_in_one_form() {
    assert_eq!(JSON_INTEGER, 9_007_199_254_740_991);
    for read in ["0", "-1", "9007199254740991", "-9007199254740991"] {
        assert_eq!(parse(read).unwrap().text(), read);
    }
    for refused in [
        "9007199254740992",
        "-9007199254740992",
        "18446744073709551616",
        "1e3",
        "1E3",
        "1.0",
        "1.",
        ".1",
        "-0",
        "00",
        "01",
        "-01",
        "+1",
        "--1",
        "-",
        "0x1",
        "1_0",
        "1-",
        "1+1",
    ] {
        assert!(parse(refused).is_err(), "{refused}");
        agrees(refused.as_bytes());
        assert!(parse(format!("[{refused}]")).is_err(), "{refused}");
    }
}

#[test]
fn each_character_has_one_escape_or_none() {
    let short = [(8, "\\b"), (9, "\\t"), (10, "\\n"), (12, "\\f"), (13, "\\r"), (34, "\\\""), (92, "\\\\")];
    for code in
        (0..0x3000).chain(0xd7f0..0xd800).chain(0xe000..0xe010).chain(0xfff0..0x10010).chain([0x1f600, 0x10ffff])
    {
        let character = char::from_u32(code).unwrap();
        let canonical = match short.iter().find(|(escaped, _)| *escaped == code) {
            Some((_, escape)) => (*escape).to_owned(),
            None if code < 0x20 => format!("\\u{code:04x}"),
            None => character.to_string(),
        };
        let text = format!("\"{canonical}\"");
        let said = character.to_string();
        assert_eq!(Canonical::string(&said).text(), text);
        assert_eq!(parse(&text).unwrap().to_string_value(), Some(said.clone()));
        agrees(text.as_bytes());
        let mut units = [0; 2];
        let escaped: String = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
        for other in [said, escaped.clone(), escaped.to_uppercase().replace("\\U", "\\u"), format!("\\{character}")] {
            // A backslash before `b` is the escape of another character.
            let accepted = other == canonical || short.iter().any(|(_, escape)| *escape == other);
            assert_eq!(parse(format!("\"{other}\"")).is_ok(), accepted, "{other:?} for U+{code:04x}");
            assert_eq!(parse(format!("{{\"{other}\":1}}")).is_ok(), accepted && other.is_ascii(), "{other:?} as a key");
        }
    }
}

#[test]
fn no_other_escape_and_no_broken_one_is_read() {
    for refused in [
        "\\/",
        "\\u",
        "\\u0",
        "\\u00",
        "\\u001",
        "\\u00zz",
        "\\u001F",
        "\\u000A",
        "\\u0008",
        "\\u0022",
        "\\u005c",
        "\\u0041",
        "\\U001f",
        "\\x1f",
        "\\0",
        "\\a",
        "\\v",
        "\\'",
        "\\ ",
        "\\",
        "\\ud800",
        "\\udfff",
        "\\ud83d\\ude00",
        "\\ude00\\ud83d",
        "\\u00é",
        "\\u00\u{0}1",
    ] {
        let text = format!("\"{refused}\"");
        assert!(parse(&text).is_err(), "{refused}");
        agrees(text.as_bytes());
    }
    for raw in 0..0x20_u8 {
        assert!(parse([b'"', raw, b'"']).is_err(), "{raw}");
        agrees(&[b'"', raw, b'"']);
    }
}

#[test]
fn what_is_not_utf8_is_refused_where_it_begins() {
    let invalid: [&[u8]; 10] = [
        b"\x80",
        b"\xc3",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xff",
    ];
    for bytes in invalid {
        let text = [b"[\"a", bytes, b"\"]"].concat();
        assert_eq!(parse(&text), Err(JsonError { at: 3, expected: "UTF-8" }), "{bytes:?}");
        agrees(&text);
    }
}

#[test]
fn keys_are_sorted_by_what_they_say_not_by_how_it_is_escaped() {
    // U+000A is before U+0022 and U+0041, its escape begins with U+005C.
    let sorted = "{\"\\n\":1,\"\\\"\":2,\"A\":3,\"\\\\\":4,\"a\":5}";
    assert_eq!(parse(sorted).unwrap().to_members().unwrap().len(), 5);
    agrees(sorted.as_bytes());
    let by_escape = "{\"A\":3,\"\\\"\":2}";
    assert_eq!(parse(by_escape), Err(JsonError { at: 7, expected: KEY }));
    agrees(by_escape.as_bytes());
    let prefixes = "{\"\":0,\"a\":0,\"aa\":0,\"ab\":0}";
    assert!(parse(prefixes).is_ok());
    assert_eq!(parse("{\"aa\":0,\"a\":0}"), Err(JsonError { at: 8, expected: KEY }));
}

#[test]
fn limits_hold_at_the_limit_and_one_past() {
    let text = format!("\"{}\"", "x".repeat(98));
    assert!(Canonical::parse(text.as_bytes(), 100).is_ok());
    let beyond = JsonError { at: 99, expected: "the end, the limit" };
    assert_eq!(Canonical::parse(text.as_bytes(), 99), Err(beyond.clone()));
    assert_eq!(Canonical::parse_members(text.as_bytes(), 99), Err(beyond));
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}{{}}{}", "{\"a\":".repeat(depth - 1), "}".repeat(depth - 1));
    let mixed =
        |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth / 2), arrays(depth % 2) + &"}]".repeat(depth / 2));
    for deep in [arrays(JSON_DEPTH), objects(JSON_DEPTH), mixed(JSON_DEPTH)] {
        assert!(parse(&deep).is_ok(), "{deep}");
        agrees(deep.as_bytes());
    }
    for deeper in [arrays(JSON_DEPTH + 1), objects(JSON_DEPTH + 1), format!("[{}]", mixed(JSON_DEPTH))] {
        assert_eq!(parse(&deeper).unwrap_err().expected, "less nesting", "{deeper}");
        agrees(deeper.as_bytes());
    }
    // As deep as a text can be: refused, and no stack is asked for.
    assert_eq!(parse("[".repeat(LIMIT)), Err(JsonError { at: JSON_DEPTH, expected: "less nesting" }));
}

#[test]
fn a_refusal_says_where_and_what() {
    let said = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(said("[1,2 ,3]"), "not in the canonical form of RFC 8785: after 4 bytes, expected `,`");
    assert_eq!(
        said("[1.5]"),
        "not in the canonical form of RFC 8785: after 1 bytes, expected `an integer within 2^53 - 1 in its one form`"
    );
    assert_eq!(
        said("{\"b\":1,\"a\":1}"),
        "not in the canonical form of RFC 8785: after 7 bytes, expected `an ASCII key after the one before it`"
    );
    assert_eq!(said("{}x"), "not in the canonical form of RFC 8785: after 2 bytes, expected `the end`");
}

#[test]
fn a_text_says_what_it_is_and_nothing_else() {
    let value = |text: &str| parse(text).unwrap();
    assert_eq!(value("\"a\\n\\u0001é\"").to_string_value(), Some("a\n\u{1}é".into()));
    assert_eq!(
        (value("12").to_string_value(), value("null").to_string_value(), value("[]").to_string_value()),
        (None, None, None)
    );
    assert_eq!(
        (value("12").to_integer(), value("-12").to_integer(), value("\"12\"").to_integer()),
        (Some(12), None, None)
    );
    assert_eq!((value("[]").to_members(), value("{}").to_items(), value("1").to_items()), (None, None, None));
    assert_eq!(value("[[1,2],\"a\"]").to_items(), Some(vec![value("[1,2]"), value("\"a\"")]));
    assert_eq!(Canonical::array(&[value("[1]"), Canonical::null()], LIMIT), Ok(value("[[1],null]")));
    let members = value("{\"a\":[1,{\"b\":2}],\"c\":\"\"}").to_members().unwrap();
    assert_eq!(members, Members::from([("a".into(), value("[1,{\"b\":2}]")), ("c".into(), value("\"\""))]));
    assert_eq!(Canonical::integer(JSON_INTEGER).unwrap().to_integer(), Some(JSON_INTEGER));
    assert_eq!(
        Canonical::integer(JSON_INTEGER + 1),
        Err(JsonError { at: 0, expected: "an integer within 2^53 - 1 in its one form" })
    );
    assert_eq!(Canonical::null(), value("null"));
}

#[test]
fn an_object_is_written_only_if_it_can_be_read() {
    let one = |key: &str, value: Canonical| Members::from([(key.to_owned(), value)]);
    let text = Canonical::object(&one("a\n", Canonical::null()), LIMIT).unwrap();
    assert_eq!(text.text(), "{\"a\\n\":null}");
    assert_eq!(Canonical::object(&one("é", Canonical::null()), LIMIT), Err(JsonError { at: 1, expected: KEY }));
    assert_eq!(Canonical::object(&Members::new(), 1), Err(JsonError { at: 1, expected: "the end, the limit" }));
    assert!(Canonical::array(&[], 1).is_err());
    let deep = parse(format!("{}{}", "[".repeat(JSON_DEPTH), "]".repeat(JSON_DEPTH))).unwrap();
    assert_eq!(Canonical::array(std::slice::from_ref(&deep), LIMIT).unwrap_err().expected, "less nesting");
    assert_eq!(Canonical::object(&one("a", deep), LIMIT).unwrap_err().expected, "less nesting");
}

/// JSON of every sort, much of it outside the narrowing.
fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        (-2_i64..3).prop_map(|near| Value::from((1 << 53) + near)),
        (-2_i64..3).prop_map(|near| Value::from(-(1 << 53) + near)),
    ];
    let text = prop_oneof![any::<String>(), "[\\x00-\\x22\\\\/é\u{1f600}]{0,6}"];
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text.prop_map(Value::from)];
    let key = prop_oneof![8 => "[a-c\\x00-\\x22\\\\]{0,3}", 1 => any::<String>()];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What can be done to a text: at a place, a byte changed, one put in, some taken out, some said twice.
fn mutated(text: &[u8], place: usize, what: u8, byte: u8) -> Vec<u8> {
    let at = place % (text.len() + 1);
    let (head, tail) = text.split_at(at);
    let few = usize::from(byte % 9).min(tail.len());
    match what % 4 {
        0 => [head, &[byte], tail.get(1..).unwrap_or_default()].concat(),
        1 => [head, &[byte], tail].concat(),
        2 => [head, &tail[few..]].concat(),
        _ => [head, &tail[..few], tail].concat(),
    }
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![3 => proptest::sample::select(br#"{}[]",:\/0123456789-+.eEutrfnb aAbB"#.to_vec()), 1 => any::<u8>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_value_is_judged_as_by_definition(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(parse(&text).is_ok(), narrow(&value), "{}", text);
        prop_assert_eq!(parse(&text).is_ok(), by_definition(text.as_bytes()), "{}", text);
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        prop_assert_eq!(parse(&pretty).is_ok(), by_definition(&pretty));
    }

    #[test]
    fn any_mutation_is_judged_as_by_definition(
        value in any_json(),
        places: [usize; 3],
        whats: [u8; 3],
        bytes in [any_byte(), any_byte(), any_byte()],
    ) {
        let mut text = value.to_string().into_bytes();
        for step in 0..3 {
            text = mutated(&text, places[step], whats[step], bytes[step]);
            prop_assert_eq!(parse(&text).is_ok(), by_definition(&text), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn any_bytes_are_judged_as_by_definition(bytes in proptest::collection::vec(any_byte(), 0..40)) {
        prop_assert_eq!(parse(&bytes).is_ok(), by_definition(&bytes), "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn strings_round_trip(text: String) {
        let written = Canonical::string(&text);
        prop_assert_eq!(written.text(), Value::from(text.clone()).to_string());
        prop_assert_eq!(parse(written.text()).unwrap().to_string_value(), Some(text));
    }

    #[test]
    fn members_are_those_of_the_definition(value in any_json()) {
        let wrapped = Value::Object(Map::from_iter([("v".to_owned(), value.clone()), ("w".to_owned(), Value::Null)]));
        if let Ok(read) = parse(wrapped.to_string()) {
            let members = read.to_members().unwrap();
            prop_assert_eq!(members["v"].text(), value.to_string());
            prop_assert_eq!(members["v"].to_string_value(), value.as_str().map(str::to_owned));
            prop_assert_eq!(members["v"].to_integer(), value.as_u64());
            prop_assert_eq!(Canonical::object(&members, LIMIT), Ok(read));
            let inner = members["v"].to_members().map(|inner| inner.into_keys().collect::<Vec<_>>());
            prop_assert_eq!(inner, value.as_object().map(|inner| inner.keys().cloned().collect()));
        }
    }
}
