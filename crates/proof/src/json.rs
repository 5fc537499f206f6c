//! Canonical JSON (RFC 8785), narrowed: integers up to 2^53 − 1 only, keys of ASCII only, so that sorting by code
//! unit and by byte is the same, and bounded nesting.
//!
//! A value has one canonical text, and this reader takes no other: white space, another order, a repeated key, another
//! escape, another number are refused where they stand. Nothing is built of a value but its text; whoever needs to look
//! inside parses that text, knowing that every parser reads the same in it.

use crate::checkpoint::parse_decimal;
use crate::hash::decode_hex;
use crate::limits::{JSON_DEPTH, JSON_INTEGER};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The characters that have a short escape, and that escape (RFC 8785 §3.2.2.2). The other characters below U+0020 are
/// written `\u00xx` in lower case; everything else stands as it is.
const SHORT_ESCAPES: [(char, &str); 7] =
    [('\u{8}', "\\b"), ('\t', "\\t"), ('\n', "\\n"), ('\u{c}', "\\f"), ('\r', "\\r"), ('"', "\\\""), ('\\', "\\\\")];

/// These bytes are not canonical JSON, or longer than the limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    /// Bytes that are as they should be.
    pub at: usize,
    /// What the canonical form has after them.
    pub expected: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not in the canonical form of RFC 8785: after {} bytes, expected `{}`", self.at, self.expected)
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
        read(bytes, limit, |reader| reader.value().map(|text| Self(text.to_string())))
    }

    /// The members of the object these bytes are the one canonical text of, no longer than the limit; `None` for another value.
    ///
    /// # Errors
    /// As [`Canonical::parse`].
    pub fn parse_members(bytes: &[u8], limit: usize) -> Result<Option<Members>, JsonError> {
        read(bytes, limit, |it| if bytes.starts_with(b"{") { it.members().map(Some) } else { it.value().map(|_| None) })
    }

    /// What the reader takes whole.
    fn proved(text: String, limit: usize) -> Result<Self, JsonError> {
        read(text.as_bytes(), limit, |reader| reader.value().map(drop)).map(|()| Self(text))
    }

    /// The text of this object. Written, then proved: what the reader would refuse is never handed out.
    ///
    /// # Errors
    /// [`JsonError`]: a key that is not ASCII, nesting too deep, a text longer than the limit.
    pub fn object(members: &Members, limit: usize) -> Result<Self, JsonError> {
        // Around each key: quotes, colon, comma.
        let length = members.iter().map(|(key, value)| key.len().saturating_add(value.0.len()).saturating_add(4));
        let mut text = String::with_capacity(length.fold(2, usize::saturating_add));
        for (key, value) in members {
            text.push_str(if text.is_empty() { "{" } else { "," });
            write_string(&mut text, key);
            text.push(':');
            text.push_str(&value.0);
        }
        text.push_str(if members.is_empty() { "{}" } else { "}" });
        Self::proved(text, limit)
    }

    /// The text of this array. Written, then proved.
    ///
    /// # Errors
    /// [`JsonError`]: nesting too deep, a text longer than the limit.
    pub fn array(items: &[Self], limit: usize) -> Result<Self, JsonError> {
        let items: Vec<&str> = items.iter().map(Self::text).collect();
        Self::proved(["[", &items.join(","), "]"].concat(), limit)
    }

    /// The text of this integer.
    ///
    /// # Errors
    /// [`JsonError`]: beyond 2^53 − 1.
    pub fn integer(value: u64) -> Result<Self, JsonError> {
        Self::proved(value.to_string(), usize::MAX)
    }

    /// The text of this string.
    pub fn string(value: &str) -> Self {
        let mut text = String::with_capacity(value.len().saturating_add(2));
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

    /// The text itself, owned.
    pub fn into_text(self) -> String {
        self.0
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
        Reader::new(&self.0).members().ok()
    }

    /// The items of the array this is the text of, if it is one.
    pub fn to_items(&self) -> Option<Vec<Self>> {
        let mut items = Vec::new();
        let mut keep = |item: &str| items.push(Self(item.to_string()));
        Reader::new(&self.0).array(&mut keep).ok()?;
        Some(items)
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is read of these bytes, and nothing is left after it.
fn read<'a, T>(bytes: &'a [u8], limit: usize, take: impl FnOnce(&mut Reader<'a>) -> Taken<T>) -> Taken<T> {
    if bytes.len() > limit {
        return Err(JsonError { at: limit, expected: "the end, the limit" });
    }
    let invalid = |error: core::str::Utf8Error| JsonError { at: error.valid_up_to(), expected: "UTF-8" };
    let mut reader = Reader::new(str::from_utf8(bytes).map_err(invalid)?);
    let taken = take(&mut reader)?;
    if reader.rest.is_empty() { Ok(taken) } else { Err(reader.expected("the end")) }
}

/// Writes the text of this string.
fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for run in value.split_inclusive(is_special) {
        text.push_str(run.strip_suffix(is_special).unwrap_or(run));
        let special = run.chars().next_back().filter(|last| is_special(*last));
        match SHORT_ESCAPES.iter().find(|(escaped, _)| Some(*escaped) == special) {
            Some((_, escape)) => text.push_str(escape),
            None => text.extend(special.map(|special| format!("\\u{:04x}", u32::from(special)))),
        }
    }
    text.push('"');
}

/// Whether a string holds this character escaped only.
fn is_special(character: char) -> bool {
    character < ' ' || character == '"' || character == '\\'
}

/// What a reader took.
type Taken<T> = Result<T, JsonError>;

/// Reads one item of a list.
type Step<'a, R> = dyn FnMut(&mut R) -> Result<(), JsonError> + 'a;

/// What is left of a text, read from its beginning; each step takes what the canonical form has there, or refuses.
struct Reader<'a> {
    rest: &'a str,
    length: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, length: text.len(), depth: 0 }
    }

    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError { at: self.length.saturating_sub(self.rest.len()), expected }
    }

    fn members(&mut self) -> Result<Members, JsonError> {
        let mut members = Members::new();
        self.object(&mut |key, value| drop(members.insert(key.to_string(), Canonical(value.to_string()))))?;
        Ok(members)
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

    /// Takes everything before the first byte that ends it, which begins a character.
    fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().position(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// One value; its text.
    fn value(&mut self) -> Result<&'a str, JsonError> {
        let before = self.rest;
        match before.bytes().next() {
            Some(b'{') => self.object(&mut |_, _| {})?,
            Some(b'[') => self.array(&mut |_| {})?,
            Some(b'"') => self.string().map(drop)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if ["null", "true", "false"].iter().any(|word| self.take(word)) => {}
            _ => return Err(self.expected("a value")),
        }
        let length = before.len().saturating_sub(self.rest.len());
        Ok(before.get(..length).unwrap_or(before))
    }

    fn array(&mut self, seen: &mut dyn FnMut(&'a str)) -> Result<(), JsonError> {
        self.list(("[", "]"), &mut |reader| {
            seen(reader.value()?);
            Ok(())
        })
    }

    fn object(&mut self, seen: &mut dyn FnMut(&str, &'a str)) -> Result<(), JsonError> {
        let mut last: Option<Cow<'a, str>> = None;
        self.list(("{", "}"), &mut |reader| {
            let refused = reader.expected("an ASCII key after the one before it");
            let key = reader.string()?;
            if !key.is_ascii() || last.as_ref().is_some_and(|last| *last >= key) {
                return Err(refused);
            }
            reader.expect(":")?;
            seen(&key, reader.value()?);
            last = Some(key);
            Ok(())
        })
    }

    /// What stands between this opening and this closing, separated by commas.
    fn list(&mut self, ends: (&'static str, &'static str), item: &mut Step<'_, Self>) -> Result<(), JsonError> {
        if self.depth >= JSON_DEPTH {
            return Err(self.expected("less nesting"));
        }
        self.depth = self.depth.saturating_add(1);
        self.expect(ends.0)?;
        let mut separator = "";
        while !self.take(ends.1) {
            self.expect(separator)?;
            item(self)?;
            separator = ",";
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let refused = self.expected("an integer within 2^53 - 1 in its one form");
        let number = self.take_until(|c| !matches!(c, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        let magnitude = parse_decimal(number.strip_prefix('-').unwrap_or(number));
        let is_canonical = number != "-0" && magnitude.is_some_and(|magnitude| magnitude <= JSON_INTEGER);
        if is_canonical { Ok(()) } else { Err(refused) }
    }

    /// One string between its quotes; what it says.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect("\"")?;
        // No other character holds a byte of these.
        let special = |byte: u8| is_special(char::from(byte));
        let mut said = Cow::Borrowed(self.take_until(special));
        while !self.take("\"") {
            said.to_mut().push(self.escaped()?);
            said.to_mut().push_str(self.take_until(special));
        }
        Ok(said)
    }

    /// The character whose one escape stands here.
    fn escaped(&mut self) -> Result<char, JsonError> {
        if let Some((character, _)) = SHORT_ESCAPES.iter().find(|(_, escape)| self.take(escape)) {
            return Ok(*character);
        }
        let refused = self.expected("a canonical escape or a plain character");
        let digits = self.rest.strip_prefix("\\u00").and_then(|rest| rest.split_at_checked(2));
        let (digits, rest) = digits.ok_or(refused.clone())?;
        let character = decode_hex(digits).and_then(|bytes| bytes.first().copied()).map(char::from);
        let is_long = |c: &char| *c < ' ' && SHORT_ESCAPES.iter().all(|(short, _)| short != c);
        self.rest = rest;
        character.filter(is_long).ok_or(refused)
    }
}
