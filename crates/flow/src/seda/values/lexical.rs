//! The simple types of the published schemas, as far as values are held against them: what may be written, character by character, as
//! XML Schema says (part 2, second edition). Not here: what an address may be; lists longer than a table is worth.

/// A simple type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of XML Schema's own, or of those few that stand for many.
    Plain(Plain),
    /// One of these words.
    Words(Vec<&'static str>),
    /// One of these types.
    Either(Vec<Kind>),
}

/// What a name in the tables stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// Whatever is written: `string`, `token`, `anyURI`.
    Anything,
    /// `token+`.
    Something,
    Boolean,
    Decimal,
    Integer,
    Int,
    Positive,
    Date,
    DateTime,
    Year,
    YearMonth,
    Month,
    MonthDay,
    Day,
    Duration,
    Name,
    Language,
    Base64,
    Hexadecimal,
}

/// Names in the tables, and what people are told that is expected.
const PLAIN: [(&str, Plain, &str); 20] = [
    ("string", Plain::Anything, "string"),
    ("token", Plain::Anything, "token"),
    ("anyURI", Plain::Anything, "anyURI"),
    ("token+", Plain::Something, "token, 1…"),
    ("boolean", Plain::Boolean, "true, false"),
    ("decimal", Plain::Decimal, "decimal"),
    ("integer", Plain::Integer, "integer"),
    ("int", Plain::Int, "integer, 32 bits"),
    ("positiveInteger", Plain::Positive, "integer, 1…"),
    ("date", Plain::Date, "AAAA-MM-JJ"),
    ("dateTime", Plain::DateTime, "AAAA-MM-JJThh:mm:ss"),
    ("gYear", Plain::Year, "AAAA"),
    ("gYearMonth", Plain::YearMonth, "AAAA-MM"),
    ("gMonth", Plain::Month, "--MM"),
    ("gMonthDay", Plain::MonthDay, "--MM-JJ"),
    ("gDay", Plain::Day, "---JJ"),
    ("duration", Plain::Duration, "PnAnMnJ"),
    ("name", Plain::Name, "NCName"),
    ("language", Plain::Language, "language"),
    ("base64Binary", Plain::Base64, "base64"),
];

impl Kind {
    /// The type that a table writes so.
    pub(super) fn parse(text: &'static str) -> Option<Kind> {
        if let Some(words) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return Some(Kind::Words(words.split('|').collect()));
        }
        if text == "hexBinary" {
            return Some(Kind::Plain(Plain::Hexadecimal));
        }
        if text.contains(" or ") {
            let all: Option<Vec<Kind>> = text.split(" or ").map(Kind::parse).collect();
            return all.map(Kind::Either);
        }
        PLAIN.iter().find(|(name, _, _)| *name == text).map(|(_, plain, _)| Kind::Plain(*plain))
    }

    /// What is expected, in a few words.
    pub(super) fn told(&self) -> String {
        match self {
            Kind::Words(words) => words.join(", "),
            Kind::Either(all) => all.iter().map(Kind::told).collect::<Vec<_>>().join(" | "),
            Kind::Plain(Plain::Hexadecimal) => "hexadecimal".to_owned(),
            Kind::Plain(plain) => {
                PLAIN.iter().find(|(_, known, _)| known == plain).map_or("", |(_, _, told)| told).to_owned()
            }
        }
    }

    /// Days, years and moments.
    pub(super) fn is_date(&self) -> bool {
        match self {
            Kind::Plain(plain) => matches!(
                plain,
                Plain::Date
                    | Plain::DateTime
                    | Plain::Year
                    | Plain::YearMonth
                    | Plain::Month
                    | Plain::MonthDay
                    | Plain::Day
            ),
            Kind::Words(_) => false,
            Kind::Either(all) => all.iter().all(Kind::is_date),
        }
    }

    /// The text may stand there, blanks at its ends and runs of them apart.
    pub(super) fn admits(&self, text: &str) -> bool {
        let text = text.trim_matches(BLANK);
        match self {
            Kind::Words(words) => {
                words.iter().any(|word| word.split(' ').eq(text.split(BLANK).filter(|s| !s.is_empty())))
            }
            Kind::Either(all) => all.iter().any(|kind| kind.admits(text)),
            Kind::Plain(plain) => plain.admits(text),
        }
    }
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

impl Plain {
    fn admits(self, text: &str) -> bool {
        match self {
            Plain::Anything => true,
            Plain::Something => !text.is_empty(),
            Plain::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Plain::Decimal => is_decimal(text),
            Plain::Integer => integer(text).is_some(),
            Plain::Int => {
                integer(text).is_some() && text.parse::<i64>().is_ok_and(|value| i32::try_from(value).is_ok())
            }
            Plain::Positive => {
                integer(text).is_some_and(|(negative, digits)| !negative && digits.bytes().any(|b| b != b'0'))
            }
            Plain::Date => with_zone(text).is_some_and(is_date),
            Plain::DateTime => is_moment(text),
            Plain::Year => with_zone(text).is_some_and(|text| year(text).is_some()),
            Plain::YearMonth => with_zone(text).and_then(|text| text.rsplit_once('-')).is_some_and(|(first, last)| {
                year(first).is_some() && two(last).is_some_and(|month| (1..=12).contains(&month))
            }),
            Plain::Month => within(text, "--", |month| two(month).is_some_and(|month| (1..=12).contains(&month))),
            Plain::MonthDay => within(text, "--", |day| is_date(&format!("2000-{day}"))),
            Plain::Day => within(text, "---", |day| two(day).is_some_and(|day| (1..=31).contains(&day))),
            Plain::Duration => is_duration(text),
            Plain::Name => is_name(text),
            Plain::Language => {
                let part =
                    |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
                let first = text.split('-').next().unwrap_or_default();
                text.split('-').all(part) && first.bytes().all(|b| b.is_ascii_alphabetic())
            }
            Plain::Base64 => is_base64(text),
            Plain::Hexadecimal => text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()),
        }
    }
}

/// Whether it is negative, and the digits.
fn integer(text: &str) -> Option<(bool, &str)> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all.then_some((text.starts_with('-'), digits))
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(part) && !(whole.is_empty() && part.is_empty())
}

/// Two digits.
fn two(text: &str) -> Option<u32> {
    (text.len() == 2).then(|| integer(text)).flatten().filter(|_| !text.starts_with(['+', '-']))?;
    text.parse().ok()
}

/// The text before `Z` or a distance to UTC, when what is after is one or nothing.
fn with_zone(text: &str) -> Option<&str> {
    if let Some(before) = text.strip_suffix('Z') {
        return Some(before);
    }
    let Some(at) = text.len().checked_sub(6).filter(|at| text.is_char_boundary(*at)) else { return Some(text) };
    let (before, zone) = text.split_at(at);
    // A year and a month, or a month and a day, end like a zone without its colon.
    let Some((hours, minutes)) = zone.strip_prefix(['+', '-']).and_then(|zone| zone.split_once(':')) else {
        return Some(text);
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 14 && minutes < 60 || (hours, minutes) == (14, 0)).then_some(before)
}

/// Prefixed so, with a zone or none.
fn within(text: &str, prefix: &str, test: impl Fn(&str) -> bool) -> bool {
    text.strip_prefix(prefix).and_then(with_zone).is_some_and(test)
}

/// At least four digits, no zero before more than four, and there is no year 0.
fn year(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all = digits.bytes().all(|b| b.is_ascii_digit()) && (4..=18).contains(&digits.len());
    let padded = digits.len() > 4 && digits.starts_with('0');
    let year = digits.parse::<u64>().ok().filter(|year| *year > 0)?;
    (all && !padded).then_some(year)
}

fn is_date(text: &str) -> bool {
    let Some((rest, day)) = text.rsplit_once('-') else { return false };
    let Some((first, month)) = rest.rsplit_once('-') else { return false };
    let (Some(year), Some(month), Some(day)) = (year(first), two(month), two(day)) else { return false };
    (1..=crate::day::length(year, month)).contains(&day)
}

fn is_moment(text: &str) -> bool {
    let Some((day, time)) = with_zone(text).and_then(|text| text.split_once('T')) else { return false };
    let (time, part) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.split(':').map(two);
    let (Some(Some(hour)), Some(Some(minute)), Some(Some(second)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let zero = part.bytes().all(|b| b == b'0');
    let last = (hour, minute, second) == (24, 0, 0) && zero;
    let in_day = hour < 24 && minute < 60 && second < 60;
    is_date(day) && (in_day || last) && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

/// Numbers before their letters, in order; those of a day's parts after `T`.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('-').unwrap_or(text).strip_prefix('P') else { return false };
    let (days, times) = match rest.split_once('T') {
        Some((_, "")) => return false,
        Some((days, times)) => (days, times),
        None => (rest, ""),
    };
    let parts = |text: &str, letters: &str, decimals: bool| {
        let (mut rest, mut left) = (text, letters);
        while let Some(at) = rest.find(|c: char| c.is_ascii_uppercase()) {
            let (number, after) = rest.split_at(at);
            let sound = if decimals && after.starts_with('S') { is_decimal(number) } else { integer(number).is_some() };
            let Some(place) = left.find(&after[..1]).filter(|_| sound && !number.starts_with(['+', '-'])) else {
                return false;
            };
            left = &left[place + 1..];
            rest = &after[1..];
        }
        rest.is_empty()
    };
    !rest.is_empty() && parts(days, "YMD", false) && parts(times, "HMS", true)
}

/// A name without a colon, as XML 1.0 writes names.
fn is_name(text: &str) -> bool {
    let starts = |c: char| {
        matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}')
    };
    let goes_on = |c: char| {
        starts(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
    };
    text.starts_with(starts) && text.chars().all(goes_on)
}

/// Groups of four, the last one filled up with `=`, blanks between characters apart.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let end = bytes.iter().position(|b| *b == b'=').unwrap_or(bytes.len());
    let (data, filled) = bytes.split_at(end);
    let known = data.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    // Bits that nothing uses are zero.
    let last = |allowed: &[u8]| data.last().is_some_and(|b| allowed.contains(b));
    let sound = match filled {
        b"" => true,
        b"=" => last(b"AEIMQUYcgkosw048"),
        b"==" => last(b"AQgw"),
        _ => false,
    };
    known && sound && bytes.len().is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a type admits, and what it does not.
    const CASES: [(&str, &[&str], &[&str]); 17] = [
        ("token+", &["a", " a "], &["", "  "]),
        ("boolean", &["true", "0", " 1 "], &["TRUE", "oui", ""]),
        ("decimal", &["1", "-1.5", "+.5", "1."], &["", ".", "1,5", "1e3", "-"]),
        ("integer", &["-3", "+007", "123456789012345678901234567890"], &["", "3.0", "x", "--3"]),
        ("int", &["2147483647", "-2147483648"], &["2147483648", "99999999999999999999", "1.0"]),
        ("positiveInteger", &["1", "+12", "0001", "99999999999999999999"], &["0", "-3", "", "1.5", "-0"]),
        (
            "date",
            &["2016-02-29", "2016-09-26Z", "2016-09-26+02:00", "-0044-03-15", "12016-01-01"],
            &[
                "2015-02-29",
                "2016-13-01",
                "2016-1-1",
                "01/01/2016",
                "",
                "0000-01-01",
                "2016-01-01+15:00",
                "2016-01-01T00:00:00",
            ],
        ),
        (
            "dateTime",
            &["2016-10-11T13:41:06", "2016-10-11T13:41:06.5Z", "2016-10-11T24:00:00"],
            &[
                "2016-10-11",
                "2016-10-11T24:00:01",
                "2016-10-11T13:41",
                "2016-10-11T13:41:60",
                "2016-10-11T13:41:06.",
                "",
            ],
        ),
        ("gYear", &["1914", "-0044", "1914Z"], &["14", "0000", "01914", "1914-08"]),
        ("gYearMonth", &["1914-08", "1914-08+01:00"], &["1914-13", "1914", "1914-8"]),
        ("gMonth or gDay or gMonthDay", &["--08", "---31", "--02-29", "--08Z"], &["--13", "---32", "--02-30", "-08"]),
        ("duration", &["P1Y2M3DT4H5M6.7S", "-P1D", "PT1S"], &["P", "PT", "P1S", "1D", "P1D2Y", "P-1D"]),
        ("name", &["ID-1", "_a.b", "été"], &["1a", "a b", "a:b", "", "-a"]),
        ("language", &["fr", "fr-FR", "x-1a"], &["", "français", "fr_FR", "abcdefghi", "1a"]),
        ("base64Binary", &["", "QQ==", "QUI=", "QUJD", "QU JD"], &["Q", "QQ=", "QR==", "QUJ=", "Q=QQ", "QQ==QQ=="]),
        ("hexBinary", &["", "aB09"], &["a", "0g"]),
        ("{Keep|Public Archive}", &["Keep", " Public  Archive "], &["keep", "Bidon", "", "Public"]),
    ];

    #[test]
    fn each_type_admits_what_its_definition_does_and_nothing_else() {
        for (name, admitted, refused) in CASES {
            let kind = Kind::parse(name).unwrap();
            for text in admitted {
                assert!(kind.admits(text), "{name} {text:?}");
            }
            for text in refused {
                assert!(!kind.admits(text), "{name} {text:?}");
            }
            assert!(!kind.told().is_empty());
        }
        assert!(Kind::parse("float").is_none() && Kind::parse("date or float").is_none());
    }

    #[test]
    fn a_choice_of_dates_is_one() {
        assert!(Kind::parse("date or gYear").unwrap().is_date() && !Kind::parse("date or token").unwrap().is_date());
    }
}
