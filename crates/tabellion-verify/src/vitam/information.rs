//! `computing_information.txt` and `additional_information.txt`: one `name=value` a line, as Vitam writes them. A file that could be
//! read in two ways (a name twice, an escape, a continued line) is refused: readers of Java properties would choose.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The version read here.
pub const VERSION: &str = "V1";
/// The archives whose tokens an archive's own token covers, as the names in the file say; in the order of the imprint.
pub const SLOTS: [&str; 3] =
    ["previousTimestampToken", "previousTimestampTokenMinusOneMonth", "previousTimestampTokenMinusOneYear"];
const ROOT: &str = "currentHash";
const COUNT: &str = "numberOfElements";
const FROM: &str = "startDate";
const TO: &str = "endDate";
const VERSION_NAME: &str = "securisationVersion";
/// What stands where there is no such token.
const NONE: &str = "null";

/// What the token is over, as the archive says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computing {
    /// The root it says.
    pub root: Vec<u8>,
    /// The bytes under each of [`SLOTS`].
    pub tokens: [Option<Vec<u8>>; 3],
}

/// What else the archive says of itself; nothing covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additional {
    /// How many lines.
    pub elements: u64,
    /// From when to when, as it is written.
    pub period: String,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not of the version read here.
    Version(String),
    /// It is not written as Vitam writes it.
    Malformed(String),
}

impl Computing {
    /// What this file says.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let [month, year] = [SLOTS[1], SLOTS[2]];
        let [root, previous, month, year] = exactly(&pairs(bytes)?, [ROOT, SLOTS[0], month, year])?;
        let decoded = |text: &str| BASE64_STANDARD.decode(text).map_err(|why| Refusal::Malformed(why.to_string()));
        let token = |text: &str| if text == NONE { Ok(None) } else { decoded(text).map(Some) };
        Ok(Self { root: decoded(root)?, tokens: [token(previous)?, token(month)?, token(year)?] })
    }
}

impl Additional {
    /// What this file says.
    ///
    /// # Errors
    /// `Version`, before anything else is looked at; `Malformed`.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let pairs = pairs(bytes)?;
        let version = pairs.iter().find(|(name, _)| *name == VERSION_NAME).map_or("", |(_, value)| value);
        if version != VERSION {
            return Err(Refusal::Version(format!("\"{version}\"")));
        }
        let [count, from, to, _] = exactly(&pairs, [COUNT, FROM, TO, VERSION_NAME])?;
        let digits = count.bytes().all(|b| b.is_ascii_digit());
        let elements = count.parse().ok().filter(|_| digits);
        let elements = elements.ok_or_else(|| Refusal::Malformed(format!("{COUNT}={count}")))?;
        Ok(Self { elements, period: format!("{from} / {to}") })
    }
}

/// The pairs of a file, each line ended.
fn pairs(bytes: &[u8]) -> Result<Vec<(&str, &str)>, Refusal> {
    let malformed = |what: &str| Refusal::Malformed(what.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|why| malformed(&why.to_string()))?;
    if text.contains(|c: char| c == '\\' || (c.is_control() && c != '\n')) {
        return Err(malformed("an escape"));
    }
    let lines = text.strip_suffix('\n').ok_or_else(|| malformed("the last line is not ended"))?;
    lines.split('\n').map(|line| line.split_once('=').ok_or_else(|| malformed("a line without ="))).collect()
}

/// The values of these names, each of which stands once, and no other.
fn exactly<'t, const N: usize>(pairs: &[(&'t str, &'t str)], names: [&str; N]) -> Result<[&'t str; N], Refusal> {
    let once = |name: &str| pairs.iter().filter(|(known, _)| *known == name).count() == 1;
    if pairs.len() != N || !names.iter().all(|name| once(name)) {
        return Err(Refusal::Malformed(format!("not each once: {}", names.join(", "))));
    }
    Ok(names.map(|name| pairs.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPUTING: &str = "currentHash=AAE=\npreviousTimestampToken=AgM=\npreviousTimestampTokenMinusOneMonth=null\n\
        previousTimestampTokenMinusOneYear=null\n";
    const ADDITIONAL: &str = "numberOfElements=3\nstartDate=1970-01-01T00:00:00.000\nendDate=2026-11-24T00:00:00.000\n\
        securisationVersion=V1\n";

    #[test]
    fn what_vitam_writes_is_read() {
        let computing = Computing::read(COMPUTING.as_bytes()).unwrap();
        assert_eq!(computing, Computing { root: vec![0, 1], tokens: [Some(vec![2, 3]), None, None] });
        let additional = Additional::read(ADDITIONAL.as_bytes()).unwrap();
        assert_eq!((additional.elements, additional.period.len()), (3, 49));
    }

    #[test]
    fn a_file_of_two_readings_is_refused() {
        let refused = |text: &str| matches!(Computing::read(text.as_bytes()), Err(Refusal::Malformed(_)));
        for (from, to) in [
            ("currentHash=AAE=\n", "currentHash=AAE=\ncurrentHash=AAE=\n"),
            ("currentHash=AAE=\n", ""),
            ("currentHash=AAE=\n", "currentHash=AAE=\nmore=1\n"),
            ("currentHash=AAE=", "currentHash=AAE"),
            ("currentHash=AAE=", "currentHash:AAE"),
            ("previousTimestampTokenMinusOneMonth=", "previousTimestampToken="),
            ("AgM=", "AgM=\\"),
            ("AgM=", "AgM=\r"),
            ("OneYear=null\n", "OneYear=null"),
        ] {
            let changed = COMPUTING.replacen(from, to, 1);
            assert_ne!(changed, COMPUTING);
            assert!(refused(&changed), "{changed}");
        }
        for end in ["x\\", "\\u0031", "x\r", "x\ty"] {
            let changed = ADDITIONAL.replace("2026-11-24T00:00:00.000", end);
            assert!(matches!(Additional::read(changed.as_bytes()), Err(Refusal::Malformed(_))), "{end}");
        }
        for count in ["+3", "-1", "", "3.0", "18446744073709551616"] {
            let changed = ADDITIONAL.replace("=3\n", &format!("={count}\n"));
            assert!(matches!(Additional::read(changed.as_bytes()), Err(Refusal::Malformed(_))), "{count}");
        }
    }

    #[test]
    fn another_version_is_told_apart_whatever_else_it_says() {
        let other = format!("{}more=1\n", ADDITIONAL.replace("=V1", "=V2"));
        assert_eq!(Additional::read(other.as_bytes()), Err(Refusal::Version("\"V2\"".to_owned())));
        let older = "numberOfElement=3\nstartDate=x\nendDate=y\n";
        assert!(matches!(Additional::read(older.as_bytes()), Err(Refusal::Version(_))));
    }
}
