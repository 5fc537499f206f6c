//! Canonical JSON (RFC 8785), narrowed: integers up to 2^53 − 1 only, keys of ASCII only, so that sorting by code
//! unit and by byte is the same.

use crate::limits::JSON_INTEGER;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde_json::{Map, Value};

/// Why bytes are not canonical JSON, or a value cannot be written as such.
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
    /// Not JSON at all; where and why, in words.
    Syntax(String),
    /// JSON, but these bytes are not its canonical form (a repeated key, white space, another order, another escape).
    NotCanonical,
    /// A number with a fraction, an exponent, or beyond ±(2^53 − 1).
    Number(String),
    /// A key that is not ASCII.
    Key(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { given, limit } => write!(f, "{given} bytes of JSON, the limit is {limit}"),
            Self::Syntax(why) => write!(f, "not JSON: {why}"),
            Self::NotCanonical => f.write_str("not in the canonical form of RFC 8785"),
            Self::Number(number) => write!(f, "number {number} is not an integer within 2^53 - 1"),
            Self::Key(key) => write!(f, "key {key:?} is not ASCII"),
        }
    }
}
impl core::error::Error for JsonError {}

/// The value these bytes are the one canonical form of.
///
/// # Errors
/// Any other bytes: too long, not JSON, not canonical, numbers and keys outside the narrowing.
pub fn parse_canonical(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLong { given: bytes.len(), limit });
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax(error.to_string()))?;
    // One comparison refuses repeated keys, white space, other orders and other escapes alike.
    if to_canonical(&value)? == bytes { Ok(value) } else { Err(JsonError::NotCanonical) }
}

/// The canonical form of this value.
///
/// # Errors
/// A number or a key outside the narrowing.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => {
            let small = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if small.is_none_or(|magnitude| magnitude > JSON_INTEGER) {
                return Err(JsonError::Number(number.to_string()));
            }
            out.extend(number.to_string().bytes());
        }
        Value::String(_) => out.extend(value.to_string().bytes()),
        Value::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => write_object(map, out)?,
    }
    Ok(())
}

fn write_object(map: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    // Sorted here, whatever order the map keeps.
    let mut members: Vec<_> = map.iter().collect();
    members.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    out.push(b'{');
    for (position, (key, member)) in members.into_iter().enumerate() {
        if !key.is_ascii() {
            return Err(JsonError::Key(key.clone()));
        }
        if position > 0 {
            out.push(b',');
        }
        out.extend(Value::String(key.clone()).to_string().bytes());
        out.push(b':');
        write(member, out)?;
    }
    out.push(b'}');
    Ok(())
}
