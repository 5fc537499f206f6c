//! Times as they stand in certificates and tokens: GeneralizedTime and UTCTime, always UTC.

use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z; Display is RFC 3339.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

const DAY_MS: i64 = 86_400_000;

impl UnixMillis {
    /// The time of a GeneralizedTime `YYYYMMDDHHMMSS[.f…]Z` (RFC 3161 §2.4.2); digits beyond the
    /// millisecond are dropped. `None` for anything else, local times and leap seconds included.
    pub fn from_generalized(text: &[u8]) -> Option<Self> {
        let body = text.strip_suffix(b"Z")?;
        let whole = body.get(..14)?;
        let fraction = body.get(14..)?;
        let year = number(whole.get(..4)?)?;
        let rest = [4, 6, 8, 10, 12].map(|at| whole.get(at..at + 2).and_then(number));
        let [Some(month), Some(day), Some(hour), Some(minute), Some(second)] = rest else {
            return None;
        };
        let millis = match fraction {
            [] => 0,
            [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
                let padded = [digits, b"000"].concat();
                number(padded.get(..3)?)?
            }
            _ => return None,
        };
        if month == 0 || month > 12 || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let days = days_from_civil(year, month, day);
        Some(Self(days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millis))
    }

    /// The time of an xs:dateTime in UTC, `YYYY-MM-DDThh:mm:ss[.f…]Z`; others as above.
    pub(crate) fn from_xml(text: &str) -> Option<Self> {
        const SIGNS: [(usize, u8); 5] = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        let placed = SIGNS.iter().all(|(at, sign)| text.as_bytes().get(*at) == Some(sign));
        let digit = |(at, byte): (usize, u8)| SIGNS.iter().all(|(sign, _)| *sign != at).then_some(byte);
        let digits: Vec<u8> = text.bytes().enumerate().filter_map(digit).collect();
        placed.then(|| Self::from_generalized(&digits)).flatten()
    }

    /// The time of a UTCTime `YYMMDDHHMMSSZ`, of 1950 to 2049 (RFC 5280 §4.1.2.5.1).
    pub fn from_utc(text: &[u8]) -> Option<Self> {
        let century: &[u8] = if text.first()? < &b'5' { b"20" } else { b"19" };
        (text.len() == 13).then(|| Self::from_generalized(&[century, text].concat())).flatten()
    }

    /// The shortest DER GeneralizedTime of this moment: no trailing zero, no trailing point (X.690 §11.7).
    /// `None` outside the years 0 to 9999.
    pub fn to_generalized(self) -> Option<String> {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        if !(0..=9999).contains(&year) {
            return None;
        }
        let ms = self.0.rem_euclid(DAY_MS);
        let (s, fraction) = (ms / 1000, ms % 1000);
        let mut text = format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", s / 3600, s / 60 % 60, s % 60);
        if fraction != 0 {
            text.push_str(format!(".{fraction:03}").trim_end_matches('0'));
        }
        text.push('Z');
        Some(text)
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let s = ms / 1000;
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)?;
        match ms % 1000 {
            0 => write!(f, "Z"),
            fraction => write!(f, ".{fraction:03}Z"),
        }
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0i64, |n, d| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let shifted = (5 * doy + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_read_and_written() {
        for (text, millis) in [
            ("19700101000000Z", 0),
            ("20240229120000.5Z", 1_709_208_000_500),
            ("20261123212129Z", 1_795_468_889_000),
            ("19691231235959.999Z", -1),
        ] {
            assert_eq!(UnixMillis::from_generalized(text.as_bytes()), Some(UnixMillis(millis)), "{text}");
            assert_eq!(UnixMillis(millis).to_generalized().as_deref(), Some(text));
        }
        assert_eq!(UnixMillis(1_709_208_000_500).to_string(), "2024-02-29T12:00:00.500Z");
    }

    #[test]
    fn what_is_not_a_moment_in_utc_is_refused() {
        for text in [
            "20230229120000Z",
            "20240101240000Z",
            "20240101006000Z",
            "20240101000060Z",
            "20240001000000Z",
            "20241301000000Z",
            "20240101000000",
            "20240101000000+0100",
            "20240101000000.Z",
            "2024010100Z",
            "20240101000000.1xZ",
            "",
            "Z",
            "2024é101000000Z",
        ] {
            assert_eq!(UnixMillis::from_generalized(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn two_digits_of_a_year_are_of_1950_to_2049() {
        for (text, long) in [("491231235959Z", "20491231235959Z"), ("500101000000Z", "19500101000000Z")] {
            let expected = UnixMillis::from_generalized(long.as_bytes());
            assert!(expected.is_some());
            assert_eq!(UnixMillis::from_utc(text.as_bytes()), expected);
        }
        for text in ["4912312359Z", "491231235959", "", "491331235959Z", "20491231235959Z"] {
            assert_eq!(UnixMillis::from_utc(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn times_of_xml_are_in_utc_and_in_one_form() {
        for (text, generalized) in
            [("2026-11-23T21:21:29Z", "20261123212129Z"), ("2024-02-29T12:00:00.5Z", "20240229120000.5Z")]
        {
            assert_eq!(UnixMillis::from_xml(text), UnixMillis::from_generalized(generalized.as_bytes()));
            assert!(UnixMillis::from_xml(text).is_some());
        }
        for text in [
            "2026-11-23T21:21:29",
            "2026-11-23T21:21:29+01:00",
            "2026-11-23 21:21:29Z",
            "20261123212129Z",
            "2026-02-30T00:00:00Z",
            "2026-11-23Z",
            "",
        ] {
            assert_eq!(UnixMillis::from_xml(text), None, "{text}");
        }
    }

    #[test]
    fn years_beyond_four_digits_cannot_be_written() {
        assert_eq!(UnixMillis(i64::MAX).to_generalized(), None);
        assert_eq!(UnixMillis(i64::MIN).to_generalized(), None);
    }
}
