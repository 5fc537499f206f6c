//! Leaf data: what the log hashes. Salted commitments only, so that leaves can be published.

use crate::hash::{Hash, Hash512, sha256, sha512};
use crate::ids::{Index, TreeSize};
use alloc::vec::Vec;
use core::fmt;

/// First byte: this family of leaves, first version.
const FAMILY: u8 = 0x01;
const ENTRY: u8 = 0x01;
const SEAL: u8 = 0x02;
/// Length of an entry's leaf data.
pub const ENTRY_BYTES: usize = 98;
/// Length of a seal's leaf data.
pub const SEAL_BYTES: usize = 186;

/// What a leaf commits to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Leaf {
    /// An entry of a tenant, by the digests of its `R`.
    Entry {
        /// SHA-256 of `R`.
        record_sha256: Hash,
        /// SHA-512 of `R`.
        record_sha512: Hash512,
    },
    /// A seal over a batch.
    Seal(SealLeaf),
}

/// What a seal commits to: its batch, the two roots, the token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealLeaf {
    /// Number of the batch, from 0.
    pub batch: u64,
    /// First leaf covered.
    pub first: Index,
    /// Size of the bound checkpoint: one past the last leaf covered.
    pub end: TreeSize,
    /// Root of the RFC 4998 tree: the token's imprint.
    pub ers_root: Hash,
    /// RFC 9162 root over the tenants' slots.
    pub register_root: Hash,
    /// SHA-256 of the raw `ContentInfo` of the token.
    pub token_sha256: Hash,
    /// SHA-512 of the same bytes.
    pub token_sha512: Hash512,
}

/// These bytes are the leaf data of no version we know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownLeaf {
    /// Bytes given.
    pub given: usize,
}

impl fmt::Display for UnknownLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes that are the leaf of no version we know", self.given)
    }
}
impl core::error::Error for UnknownLeaf {}

/// The 98 bytes `0x01 0x01 ‖ SHA-256(R) ‖ SHA-512(R)` of the entry whose record is `record`.
pub fn entry_leaf(record: &[u8]) -> Vec<u8> {
    [&[FAMILY, ENTRY][..], sha256(record).as_bytes(), sha512(record).as_bytes()].concat()
}

impl SealLeaf {
    /// The 186 bytes of this seal, integers as u64 big-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = [self.batch, self.first.0, self.end.0].map(u64::to_be_bytes);
        let roots = [self.ers_root, self.register_root, self.token_sha256].map(|hash| hash.0);
        [&[FAMILY, SEAL], numbers.as_flattened(), roots.as_flattened(), self.token_sha512.as_bytes()].concat()
    }
}

impl Leaf {
    /// What these leaf data commit to.
    ///
    /// # Errors
    /// [`UnknownLeaf`] for any other length, family or type.
    pub fn parse(bytes: &[u8]) -> Result<Self, UnknownLeaf> {
        let mut rest = bytes;
        let parsed = match take(&mut rest) {
            Some([FAMILY, ENTRY]) => entry(&mut rest),
            Some([FAMILY, SEAL]) => seal(&mut rest),
            _ => None,
        };
        parsed.filter(|_| rest.is_empty()).ok_or(UnknownLeaf { given: bytes.len() })
    }
}

fn entry(rest: &mut &[u8]) -> Option<Leaf> {
    Some(Leaf::Entry { record_sha256: Hash(take(rest)?), record_sha512: Hash512(take(rest)?) })
}

fn seal(rest: &mut &[u8]) -> Option<Leaf> {
    Some(Leaf::Seal(SealLeaf {
        batch: u64::from_be_bytes(take(rest)?),
        first: Index(u64::from_be_bytes(take(rest)?)),
        end: TreeSize(u64::from_be_bytes(take(rest)?)),
        ers_root: Hash(take(rest)?),
        register_root: Hash(take(rest)?),
        token_sha256: Hash(take(rest)?),
        token_sha512: Hash512(take(rest)?),
    }))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}
