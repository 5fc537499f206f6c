//! Small strict readers of JSON (RFC 8259), bounded, without a key twice. The submitter's description: one object, integers only; what passes
//! has one canonical form (RFC 8785), so `E` can carry it. A document of others: decimals too.

use serde_json::{Map, Number, Value};

use crate::codes::{self, Fault};
use crate::limits::{Limits, MAX_JSON_INTEGER};

/// Largest number of a document: what a double keeps to the cent.
pub(crate) const MAX_DECIMAL: f64 = 1e13;

/// Why a text is not read, and at which byte.
pub(crate) struct Stop {
    pub(crate) at: usize,
    pub(crate) why: Why,
}

/// Why a text is not read.
pub(crate) enum Why {
    Malformed(String),
    TooDeep,
    TooMany,
    /// This key stands twice in one object.
    Twice(String),
    /// This number is not kept exactly by everyone.
    Number(String),
}

/// The description as an object.
///
/// # Errors
/// A `description-…` code for each thing it may not be.
pub(crate) fn description(bytes: &[u8], limits: &Limits) -> Result<Map<String, Value>, Fault> {
    let fault = |code, offset: usize| Fault::new(code, format!("description @{offset}"));
    let too_large = || fault(&codes::DESCRIPTION_TOO_LARGE, 0).with(bytes.len()).with(limits.json_bytes);
    if bytes.len() > limits.json_bytes {
        return Err(too_large());
    }
    let text =
        std::str::from_utf8(bytes).map_err(|e| fault(&codes::DESCRIPTION_MALFORMED, e.valid_up_to()).with("UTF-8"))?;
    let value = whole(text, limits, false).map_err(|Stop { at, why }| match why {
        Why::Malformed(why) => fault(&codes::DESCRIPTION_MALFORMED, at).with(why),
        Why::TooDeep => fault(&codes::DESCRIPTION_TOO_DEEP, at).with(limits.json_depth),
        Why::TooMany => too_large(),
        Why::Twice(key) => fault(&codes::DESCRIPTION_DUPLICATE_KEY, at).with(key),
        Why::Number(digits) => fault(&codes::DESCRIPTION_NOT_CANONICAL, at).with(digits),
    })?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(fault(&codes::DESCRIPTION_NOT_OBJECT, 0)),
    }
}

/// A document of others, as it stands.
///
/// # Errors
/// Where it stops being one, or being within limits.
pub(crate) fn document(text: &str, limits: &Limits) -> Result<Value, Stop> {
    whole(text, limits, true)
}

fn whole(text: &str, limits: &Limits, decimals: bool) -> Result<Value, Stop> {
    let mut parser = Parser { text, at: 0, most_depth: limits.json_depth, left: limits.json_nodes, decimals };
    let value = parser.value(1)?;
    parser.space();
    if parser.at < text.len() { Err(parser.unexpected()) } else { Ok(value) }
}

/// True when every key is ASCII: `E` sorts keys by byte and holds no other.
pub(crate) fn has_plain_keys(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().all(|(key, value)| key.is_ascii() && has_plain_keys(value)),
        Value::Array(items) => items.iter().all(has_plain_keys),
        _ => true,
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    most_depth: usize,
    /// Values that may still come.
    left: usize,
    /// Whether numbers may have decimals.
    decimals: bool,
}

impl Parser<'_> {
    fn stop(&self, why: Why) -> Stop {
        Stop { at: self.at, why }
    }

    fn unexpected(&self) -> Stop {
        let said = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(c) => format!("« {c} » @{}", self.at),
            None => format!("… @{}", self.at),
        };
        self.stop(Why::Malformed(said))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.stop(Why::TooMany))?;
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Stop> {
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.unexpected())
    }

    fn enter(&mut self, depth: usize) -> Result<(), Stop> {
        if depth > self.most_depth {
            return Err(self.stop(Why::TooDeep));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Value, Stop> {
        self.enter(depth)?;
        let mut map = Map::new();
        if self.eat(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected());
            }
            let key = self.string()?;
            if map.contains_key(&key) {
                return Err(self.stop(Why::Twice(key)));
            }
            self.space();
            if !self.eat(b':') {
                return Err(self.unexpected());
            }
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.space();
            if self.eat(b'}') {
                return Ok(Value::Object(map));
            }
            if !self.eat(b',') {
                return Err(self.unexpected());
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Stop> {
        self.enter(depth)?;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.unexpected());
            }
        }
    }

    /// A string: its end is found here, its escapes are read by serde_json, which refuses lone surrogates.
    fn string(&mut self) -> Result<String, Stop> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(b) if b >= 0x20 => self.at += 1,
                _ => return Err(self.unexpected()),
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).ok_or_else(|| self.unexpected())?;
        serde_json::from_str(quoted).map_err(|_| {
            self.at = start;
            self.stop(Why::Malformed("\\".to_owned()))
        })
    }

    fn number(&mut self) -> Result<Number, Stop> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        self.at = start;
        if !is_number(digits) {
            return Err(self.unexpected());
        }
        let number = match digits.parse::<i64>() {
            // Minus zero is a float to JSON readers that know only floats.
            Ok(n) if digits != "-0" && n.unsigned_abs() <= MAX_JSON_INTEGER => Some(Number::from(n)),
            _ if self.decimals => decimal(digits),
            _ => None,
        };
        let Some(number) = number else { return Err(self.stop(Why::Number(digits.to_owned()))) };
        self.at = start + digits.len();
        Ok(number)
    }
}

/// A number with decimals or an exponent, small enough to be written again as it was.
fn decimal(digits: &str) -> Option<Number> {
    let number = digits.parse::<f64>().ok().filter(|number| number.abs() <= MAX_DECIMAL)?;
    Number::from_f64(number)
}

/// RFC 8259, section 6.
fn is_number(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<Map<String, Value>, &'static str> {
        description(text.as_bytes(), &Limits::default()).map_err(|f| f.code.name)
    }

    #[test]
    fn an_object_is_read_as_it_is() {
        let text = r#" {"titre":"Délibération \u00e9\n","n":-12,"liste":[true,false,null,{}],"vide":""} "#;
        let map = verdict(text).unwrap();
        assert_eq!(Value::Object(map), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn integers_stop_at_two_to_the_53() {
        assert_eq!(verdict(r#"{"a":9007199254740991}"#).unwrap()["a"], 9_007_199_254_740_991_i64);
        for number in ["9007199254740992", "-9007199254740992", "1.0", "1e3", "1e999999", "18446744073709551616", "-0"]
        {
            assert_eq!(verdict(&format!("{{\"a\":{number}}}")), Err("description-not-canonical"), "{number}");
        }
        for number in ["01", "+1", "1.", "-", "1-2", ".5", "NaN"] {
            assert_eq!(verdict(&format!("{{\"a\":{number}}}")), Err("description-malformed"), "{number}");
        }
    }

    #[test]
    fn a_key_twice_is_refused_however_it_is_written() {
        assert_eq!(verdict(r#"{"a":1,"a":2}"#), Err("description-duplicate-key"));
        assert_eq!(verdict(r#"{"b":{"a":1,"\u0061":2}}"#), Err("description-duplicate-key"));
        assert!(verdict(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n - 1), "]".repeat(n - 1));
        assert!(verdict(&nested(crate::limits::MAX_JSON_DEPTH)).is_ok());
        assert_eq!(verdict(&nested(crate::limits::MAX_JSON_DEPTH + 1)), Err("description-too-deep"));
        let sized = |n: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(n - 8));
        assert!(verdict(&sized(crate::limits::MAX_JSON_BYTES)).is_ok());
        assert_eq!(verdict(&sized(crate::limits::MAX_JSON_BYTES + 1)), Err("description-too-large"));
    }

    #[test]
    fn what_is_not_one_json_object_is_refused() {
        for text in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\":1,}",
            "{} x",
            "{\"a\":\"\\ud800\"}",
            "\u{FEFF}{}",
            "{'a':1}",
            "{\"a\":\"\n\"}",
            "{\"\\",
        ] {
            assert_eq!(verdict(text), Err("description-malformed"), "{text:?}");
        }
        assert_eq!(
            description(b"{\"a\":\"\xE9\"}", &Limits::default()).map_err(|f| f.code.name),
            Err("description-malformed")
        );
        for text in ["[]", "1", "\"a\"", "null"] {
            assert_eq!(verdict(text), Err("description-not-object"), "{text}");
        }
    }
}
