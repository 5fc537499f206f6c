//! Canonical JSON (RFC 8785), narrowed: integers up to 2^53 − 1 only, keys of ASCII only, so that sorting by code
//! unit and by byte is the same, and bounded nesting.
//!
//! A value has one canonical text, and this reader takes no other: white space, another order, a repeated key, another
//! escape, another number are refused where they stand. Nothing is built of a value but the text itself; whoever needs to
//! look inside parses that text, knowing that every parser reads the same in it.

use crate::checkpoint::parse_decimal;
use crate::hash::decode_hex;
use crate::limits::{JSON_DEPTH, JSON_INTEGER};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// The characters that have a short escape, and that escape (RFC 8785 §3.2.2.2). The other characters below U+0020 are
/// written `\u00xx` in lower case; everything else stands as it is.
const SHORT_ESCAPES: [(char, &str); 7] =
    [('\u{8}', "\\b"), ('\t', "\\t"), ('\n', "\\n"), ('\u{c}', "\\f"), ('\r', "\\r"), ('"', "\\\""), ('\\', "\\\\")];

/// Why bytes are not canonical JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum JsonError {
    /// More bytes than the limit.
    TooLong {
        /// Bytes given.
        given: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not UTF-8 from this byte on.
    Utf8 {
        /// Where.
        at: usize,
    },
    /// Something else stands where the canonical form has this.
    Expected {
        /// Bytes before it.
        at: usize,
        /// What belongs there.
        what: &'static str,
    },
    /// Arrays and objects nested deeper than the limit.
    TooDeep {
        /// Where one too many begins.
        at: usize,
    },
    /// A number with a fraction, an exponent, a needless sign or zero, or beyond ±(2^53 − 1).
    Number(String),
    /// A key that is not ASCII, or does not come after the key before it.
    Key(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { given, limit } => write!(f, "{given} bytes of JSON, the limit is {limit}"),
            Self::Utf8 { at } => write!(f, "not UTF-8 after {at} bytes"),
            Self::Expected { at, what } => {
                write!(f, "not in the canonical form of RFC 8785: {what} expected after {at} bytes")
            }
            Self::TooDeep { at } => write!(f, "nested deeper than {JSON_DEPTH} after {at} bytes"),
            Self::Number(number) => write!(f, "number {number} is not an integer within 2^53 - 1 in its one form"),
            Self::Key(key) => write!(f, "key {key:?} is not ASCII or not in its order"),
        }
    }
}
impl core::error::Error for JsonError {}

/// A JSON text that was proved canonical when it was made: equal texts and equal values are the same thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canonical(String);

/// The members of an object, in their one order.
pub type Members = BTreeMap<String, Canonical>;

impl Canonical {
    /// These bytes are the one canonical text of a value, and no longer than the limit.
    ///
    /// # Errors
    /// [`JsonError`]: the first thing that is not as it should be.
    pub fn parse(bytes: &[u8], limit: usize) -> Result<Self, JsonError> {
        if bytes.len() > limit {
            return Err(JsonError::TooLong { given: bytes.len(), limit });
        }
        let text = str::from_utf8(bytes).map_err(|error| JsonError::Utf8 { at: error.valid_up_to() })?;
        let mut reader = Reader::new(text);
        reader.value(JSON_DEPTH)?;
        if reader.rest.is_empty() { Ok(Self(text.to_string())) } else { Err(reader.expected("the end")) }
    }

    /// The text of this object.
    ///
    /// # Errors
    /// [`JsonError`]: a key that is not ASCII, nesting too deep, a text longer than the limit.
    pub fn object(members: &Members, limit: usize) -> Result<Self, JsonError> {
        let mut text = String::from("{");
        for (key, value) in members {
            if text.len() > 1 {
                text.push(',');
            }
            write_string(&mut text, key);
            text.push(':');
            text.push_str(&value.0);
        }
        text.push('}');
        // Written, then proved: what the reader would refuse is never handed out.
        Self::parse(text.as_bytes(), limit)
    }

    /// The text of this integer.
    ///
    /// # Errors
    /// [`JsonError::Number`]: beyond 2^53 − 1.
    pub fn integer(value: u64) -> Result<Self, JsonError> {
        let text = value.to_string();
        if value <= JSON_INTEGER { Ok(Self(text)) } else { Err(JsonError::Number(text)) }
    }

    /// The text of this string.
    pub fn string(value: &str) -> Self {
        let mut text = String::new();
        write_string(&mut text, value);
        Self(text)
    }

    /// The text `null`.
    pub fn null() -> Self {
        Self(String::from("null"))
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The string this is the text of, if it is one.
    pub fn to_string_value(&self) -> Option<String> {
        Reader::new(&self.0).string().ok().map(Cow::into_owned)
    }

    /// The integer from 0 this is the text of, if it is one.
    pub fn to_integer(&self) -> Option<u64> {
        parse_decimal(&self.0)
    }

    /// The members of the object this is the text of, if it is one.
    pub fn to_members(&self) -> Option<Members> {
        let mut members = Members::new();
        let mut keep = |key: Cow<'_, str>, value: &str| {
            members.insert(key.into_owned(), Self(value.to_string()));
        };
        Reader::new(&self.0).object(JSON_DEPTH, &mut keep).ok()?;
        Some(members)
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Puts a string between its quotes, escaped the one way.
fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match SHORT_ESCAPES.iter().find(|(escaped, _)| *escaped == character) {
            Some((_, escape)) => text.push_str(escape),
            None if character < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            None => text.push(character),
        }
    }
    text.push('"');
}

/// What is left of a text, read from its beginning; each step takes what the canonical form has there, or refuses.
struct Reader<'a> {
    rest: &'a str,
    length: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, length: text.len() }
    }

    fn at(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    fn expected(&self, what: &'static str) -> JsonError {
        JsonError::Expected { at: self.at(), what }
    }

    /// Takes this token if it stands here.
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &'static str) -> Result<(), JsonError> {
        if self.take(token) { Ok(()) } else { Err(self.expected(token)) }
    }

    /// Takes everything before the first character that ends it.
    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// One value, nested no deeper than this; its text.
    fn value(&mut self, depth: usize) -> Result<&'a str, JsonError> {
        let before = self.rest;
        match before.bytes().next() {
            Some(b'{') => self.object(depth, &mut |_, _| {})?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => self.string().map(drop)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => {
                if !["null", "true", "false"].iter().any(|word| self.take(word)) {
                    return Err(self.expected("a value"));
                }
            }
        }
        Ok(before.get(..before.len().saturating_sub(self.rest.len())).unwrap_or_default())
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        let deeper = depth.checked_sub(1).ok_or(JsonError::TooDeep { at: self.at() })?;
        self.expect("[")?;
        if self.take("]") {
            return Ok(());
        }
        loop {
            self.value(deeper)?;
            if self.take("]") {
                return Ok(());
            }
            self.expect(",")?;
        }
    }

    fn object(&mut self, depth: usize, seen: &mut dyn FnMut(Cow<'a, str>, &'a str)) -> Result<(), JsonError> {
        let deeper = depth.checked_sub(1).ok_or(JsonError::TooDeep { at: self.at() })?;
        self.expect("{")?;
        if self.take("}") {
            return Ok(());
        }
        let mut last: Option<Cow<'a, str>> = None;
        loop {
            let key = self.string()?;
            if !key.is_ascii() || last.is_some_and(|last| last >= key) {
                return Err(JsonError::Key(key.into_owned()));
            }
            last = Some(key.clone());
            self.expect(":")?;
            let value = self.value(deeper)?;
            seen(key, value);
            if self.take("}") {
                return Ok(());
            }
            self.expect(",")?;
        }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let number = self.take_until(|c| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let magnitude = parse_decimal(number.strip_prefix('-').unwrap_or(number));
        if number != "-0" && magnitude.is_some_and(|magnitude| magnitude <= JSON_INTEGER) {
            Ok(())
        } else {
            Err(JsonError::Number(number.to_string()))
        }
    }

    /// One string between its quotes; what it says, borrowed when nothing in it is escaped.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect("\"")?;
        let mut said = Cow::Borrowed("");
        loop {
            let plain = self.take_until(|c| c < ' ' || c == '"' || c == '\\');
            if said.is_empty() {
                said = Cow::Borrowed(plain);
            } else {
                said.to_mut().push_str(plain);
            }
            if self.take("\"") {
                return Ok(said);
            }
            said.to_mut().push(self.escaped()?);
        }
    }

    /// The character whose one escape stands here.
    fn escaped(&mut self) -> Result<char, JsonError> {
        if let Some((character, _)) = SHORT_ESCAPES.iter().find(|(_, escape)| self.take(escape)) {
            return Ok(*character);
        }
        let refused = self.expected("a canonical escape or a plain character");
        let digits = self.rest.strip_prefix("\\u00").and_then(|rest| rest.split_at_checked(2));
        let (digits, rest) = digits.ok_or(refused.clone())?;
        let [byte] = decode_hex(digits).unwrap_or_default()[..] else {
            return Err(refused);
        };
        let character = char::from(byte);
        if character >= ' ' || SHORT_ESCAPES.iter().any(|(short, _)| *short == character) {
            return Err(refused);
        }
        self.rest = rest;
        Ok(character)
    }
}
