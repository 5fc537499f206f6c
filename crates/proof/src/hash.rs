//! Digests, and the leaf and node hashing of RFC 9162 §2.1.1.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use sha2::{Digest, Sha256, Sha512};

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// A SHA-512 digest (FIPS 180-4), 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash512(pub [u8; 64]);

macro_rules! digest_text {
    ($name:ident, $len:expr) => {
        impl $name {
            /// The digest's bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
            /// The digest written as exactly this many lower-case hexadecimal digits, or `None`.
            pub fn from_hex(text: &str) -> Option<Self> {
                decode_hex(text)?.try_into().ok().map(Self)
            }
            /// The digest held by exactly this many bytes, or `None`.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode_hex(&self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    };
}
digest_text!(Hash, 32);
digest_text!(Hash512, 64);

/// The SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// The SHA-512 of these bytes.
pub fn sha512(bytes: &[u8]) -> Hash512 {
    Hash512(Sha512::digest(bytes).into())
}

/// The bytes written as an even number of lower-case hexadecimal digits, or `None`.
pub fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let half = |digit: u8| char::from(digit).to_digit(16).filter(|_| !digit.is_ascii_uppercase());
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.extend(u8::try_from((half(*high)? << 4) | half(*low)?));
    }
    rest.is_empty().then_some(bytes)
}

/// These bytes as lower-case hexadecimal digits.
pub fn encode_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]));
    text
}

/// A hash algorithm under which an RFC 9162 tree is grown.
pub trait TreeAlgorithm {
    /// One digest of the algorithm.
    type Digest: Copy + Eq + fmt::Debug + AsRef<[u8]>;
    /// The digest of the concatenation of these slices.
    fn digest(slices: &[&[u8]]) -> Self::Digest;
    /// `H(0x00 ‖ data)`: the hash of a leaf (RFC 9162 §2.1.1).
    fn leaf(data: &[u8]) -> Self::Digest {
        Self::digest(&[&[0], data])
    }
    /// `H(0x01 ‖ left ‖ right)`: the hash of an inner node (RFC 9162 §2.1.1).
    fn node(left: &Self::Digest, right: &Self::Digest) -> Self::Digest {
        Self::digest(&[&[1], left.as_ref(), right.as_ref()])
    }
}

/// RFC 9162 trees under SHA-256: the log, and the files of an entry.
pub struct Sha256Tree;

/// RFC 9162 trees under SHA-512: the files of an entry, a second time.
pub struct Sha512Tree;

macro_rules! tree {
    ($tree:ty, $digest:ident, $hasher:ty) => {
        impl TreeAlgorithm for $tree {
            type Digest = $digest;
            fn digest(slices: &[&[u8]]) -> $digest {
                let mut hasher = <$hasher>::new();
                slices.iter().for_each(|slice| hasher.update(slice));
                $digest(hasher.finalize().into())
            }
        }
    };
}
tree!(Sha256Tree, Hash, Sha256);
tree!(Sha512Tree, Hash512, Sha512);
