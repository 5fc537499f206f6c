//! Positions, sizes and opaque identifiers: one type each, so that two naked integers never meet.

use alloc::string::String;
use core::fmt;

/// A zero-based position in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Index(pub u64);

/// A number of leaves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TreeSize(pub u64);

/// A tenant's own numbering of its entries: from 1, gapless.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Sequence(pub u64);

/// The number of a file within its entry: from 1, in the order of the deposit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileNumber(pub u64);

/// A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixMillis(pub u64);

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BASE32_LEN: usize = 26;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);
        impl $name {
            /// The identifier written as 26 characters of lower-case base32 (RFC 4648 §6, unpadded), or `None`.
            pub fn parse(text: &str) -> Option<Self> {
                decode_base32(text).map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode_base32(u128::from_be_bytes(self.0)))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}
opaque_id!(
    /// What an entry is called for ever: 128 random bits.
    EntryId
);
opaque_id!(
    /// What a tenant is called for ever: 128 random bits, all zero for the platform.
    TenantId
);

impl TenantId {
    /// The platform itself, in whose chain administration entries stand.
    pub const PLATFORM: Self = Self([0; 16]);
}

fn encode_base32(bits: u128) -> String {
    // 128 bits are 26 groups of five with two zero bits at the end.
    let group = |from_top| usize::try_from(bits.checked_shl(from_top)?.checked_shr(123)?).ok();
    let groups = (0..130).step_by(5).filter_map(group);
    groups.filter_map(|group| BASE32.get(group).map(|c| char::from(*c))).collect()
}

fn decode_base32(text: &str) -> Option<[u8; 16]> {
    let (last, head) = text.as_bytes().split_last()?;
    if text.len() != BASE32_LEN {
        return None;
    }
    let value = |c: &u8| BASE32.iter().position(|b| b == c).and_then(|v| u128::try_from(v).ok());
    let mut bits: u128 = 0;
    for c in head {
        bits = bits.checked_shl(5)? | value(c)?;
    }
    let tail = value(last)?;
    // The last character carries three bits; the two below them must be zero, or two texts would name one id.
    let bits = bits.checked_shl(3)? | (tail >> 2);
    (tail & 3 == 0).then_some(bits.to_be_bytes())
}
