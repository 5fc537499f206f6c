//! Big-endian, length-prefixed binary: what every format of the store is written in and read with.
//!
//! Reading never panics and never allocates more than the input holds; every length has a named limit.

use std::fmt;

/// Why bytes are not what their format says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ParseError {
    /// The input ends within this field.
    Short(&'static str),
    /// A length or count is beyond its limit.
    Beyond { what: &'static str, found: u64, limit: u64 },
    /// A field holds a value that has no meaning.
    Unknown { what: &'static str, found: u64 },
    /// Bytes are left over.
    Trailing(usize),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(what) => write!(f, "ends within {what}"),
            Self::Beyond { what, found, limit } => write!(f, "{what} is {found}, the limit is {limit}"),
            Self::Unknown { what, found } => write!(f, "{what} has the unknown value {found}"),
            Self::Trailing(bytes) => write!(f, "{bytes} bytes are left over"),
        }
    }
}

pub(crate) type Parsed<T> = Result<T, ParseError>;

/// Appends fields to a buffer.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }
    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    /// A number in as few bytes as it needs, seven bits each, the lowest first (LEB128).
    pub(crate) fn varint(&mut self, mut value: u64) -> &mut Self {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8)
    }
    /// A count or length, u32.
    pub(crate) fn count(&mut self, what: &'static str, value: usize, limit: u32) -> Parsed<&mut Self> {
        let found = u64::try_from(value).unwrap_or(u64::MAX);
        match u32::try_from(value) {
            Ok(value) if value <= limit => Ok(self.u32(value)),
            _ => Err(ParseError::Beyond { what, found, limit: limit.into() }),
        }
    }
    /// A length, then the bytes.
    pub(crate) fn bytes(&mut self, what: &'static str, bytes: &[u8], limit: u32) -> Parsed<&mut Self> {
        self.count(what, bytes.len(), limit)?;
        Ok(self.raw(bytes))
    }
}

/// Takes fields from the front of a slice.
#[derive(Clone)]
pub(crate) struct Parser<'a> {
    rest: &'a [u8],
    whole: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, whole: bytes.len() }
    }
    /// Bytes taken so far.
    pub(crate) fn at(&self) -> usize {
        self.whole - self.rest.len()
    }
    pub(crate) fn raw(&mut self, what: &'static str, len: usize) -> Parsed<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(ParseError::Short(what))?;
        self.rest = rest;
        Ok(taken)
    }
    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Parsed<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(ParseError::Short(what))?;
        self.rest = rest;
        Ok(*taken)
    }
    pub(crate) fn u8(&mut self, what: &'static str) -> Parsed<u8> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }
    pub(crate) fn u16(&mut self, what: &'static str) -> Parsed<u16> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }
    pub(crate) fn u32(&mut self, what: &'static str) -> Parsed<u32> {
        Ok(u32::from_be_bytes(self.array(what)?))
    }
    pub(crate) fn u64(&mut self, what: &'static str) -> Parsed<u64> {
        Ok(u64::from_be_bytes(self.array(what)?))
    }
    /// A number as [`Writer::varint`] wrote it, and in no other way.
    pub(crate) fn varint(&mut self, what: &'static str) -> Parsed<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8(what)?;
            let bits = u64::from(byte & 0x7f);
            // A tenth byte has room for one bit, and a last byte of zero was not needed.
            if bits << shift >> shift != bits || byte == 0 && shift > 0 {
                return Err(ParseError::Unknown { what, found: byte.into() });
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ParseError::Short(what))
    }
    /// A count of items of at least `each` bytes: never more than the input can hold.
    pub(crate) fn count(&mut self, what: &'static str, each: usize, limit: u32) -> Parsed<usize> {
        let found = self.u32(what)?;
        if found > limit {
            return Err(ParseError::Beyond { what, found: found.into(), limit: limit.into() });
        }
        self.held(what, usize::try_from(found).map_err(|_| ParseError::Short(what))?, each)
    }
    /// The same, in as few bytes as it needs.
    pub(crate) fn few(&mut self, what: &'static str, each: usize, limit: u32) -> Parsed<usize> {
        let found = self.varint(what)?;
        let limit = u64::from(limit);
        if found > limit {
            return Err(ParseError::Beyond { what, found, limit });
        }
        self.held(what, usize::try_from(found).map_err(|_| ParseError::Short(what))?, each)
    }
    /// As many items of at least `each` bytes as the input can hold.
    fn held(&self, what: &'static str, count: usize, each: usize) -> Parsed<usize> {
        match count.checked_mul(each) {
            Some(bytes) if bytes <= self.rest.len() => Ok(count),
            _ => Err(ParseError::Short(what)),
        }
    }
    pub(crate) fn bytes(&mut self, what: &'static str, limit: u32) -> Parsed<&'a [u8]> {
        let len = self.count(what, 1, limit)?;
        self.raw(what, len)
    }
    /// Magic bytes, which must be exactly these, and a version from 1 to this one; which.
    pub(crate) fn magic(&mut self, magic: &[u8; 4], newest: u16) -> Parsed<u16> {
        let found: [u8; 4] = self.array("magic")?;
        if &found != magic {
            return Err(ParseError::Unknown { what: "magic", found: u32::from_be_bytes(found).into() });
        }
        match self.u16("version")? {
            found @ 1.. if found <= newest => Ok(found),
            found => Err(ParseError::Unknown { what: "version", found: found.into() }),
        }
    }
    pub(crate) fn end(&self) -> Parsed<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(ParseError::Trailing(self.rest.len())) }
    }
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}
