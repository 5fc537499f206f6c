//! The register of a tenant (docs/formats/register.md): every `R` of its chain with its place under one signed head, and the
//! row of the latest seal that says how many there are. Rows, the file's writer, and the check that nothing is missing, out of
//! order, inserted or cut off. It is read line by line, in memory that does not grow with the number of entries.
//!
//! Not here: whose signatures and tokens these are (`verifier`). A register that passes is complete only if its head is
//! the log's.

mod check;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use core::slice;
use proof::checkpoint::parse_decimal;
use proof::hash::TreeAlgorithm;
use proof::leaf::{Leaf, SealLeaf};
use proof::{Hash, Index, Sha256Tree, TenantId, TreeSize, sha256};

pub use check::{Checked, Checker, Fault, Listed};

const FAMILY: &str = "tabellion-register@";
const MAGIC: &str = "tabellion-register@v1";
/// What stands for a path without hashes.
const NOTHING: &str = "-";

/// What a seal says of one tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegisterRow {
    /// The tenant.
    pub tenant: TenantId,
    /// 32 random bytes, fresh for every seal.
    pub salt: [u8; 32],
    /// Entries of the tenant, which is also the sequence of the last.
    pub count: u64,
    /// Leaf hash of the last entry, zero when there is none.
    pub last: Hash,
}

impl RegisterRow {
    /// The 88 bytes that are hashed: tenant id, salt, count (u64 big-endian), last leaf hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.tenant.0[..], &self.salt, &self.count.to_be_bytes(), self.last.as_bytes()].concat()
    }

    /// The row these 88 bytes are.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (tenant, rest) = bytes.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (count, last) = rest.split_first_chunk()?;
        let count = u64::from_be_bytes(*count);
        Some(Self { tenant: TenantId(*tenant), salt: *salt, count, last: Hash::from_slice(last)? })
    }

    /// The leaf hash of the register's tree, whose leaf data is SHA-256 of the row.
    pub fn leaf_hash(&self) -> Hash {
        Sha256Tree::leaf(sha256(&self.to_bytes()).as_bytes())
    }
}

/// The head of a register: whose it is, under which head of the log, up to which seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// The log, by its origin.
    pub origin: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The signed note to which every path leads.
    pub head: String,
    /// The latest logged seal that counts the tenant's entries; none while there is none.
    pub seal: Option<SealProof>,
}

/// A logged seal, the tenant's row in it, and the token that gives it a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealProof {
    /// The seal's own leaf.
    pub leaf: SealLeaf,
    /// Where it stands.
    pub index: Index,
    /// Its path under the head.
    pub path: Vec<Hash>,
    /// The tenant's row.
    pub row: RegisterRow,
    /// The row's place among the slots, fixed when the tenant joined.
    pub slot: Index,
    /// Number of slots: the shape of the row's path, which alone does not prove it.
    pub slots: TreeSize,
    /// The row's path under the register root.
    pub row_path: Vec<Hash>,
    /// The sealed head, a signed note.
    pub checkpoint: String,
    /// From the sealed head to the head.
    pub consistency: Vec<Hash>,
    /// RFC 4998 record of the sealed head's group.
    pub binding: Vec<u8>,
    /// Raw `ContentInfo` of the token.
    pub token: Vec<u8>,
}

impl Register {
    /// The lines before the entries, the blank one included.
    pub fn write(&self) -> String {
        let mut lines = [("origin", self.origin.clone()), ("tenant", self.tenant.to_string())].to_vec();
        lines.push(("head", encode(self.head.as_bytes())));
        if let Some(seal) = &self.seal {
            lines.push(("seal", encode(&seal.leaf.to_bytes())));
            lines.push(("seal-index", seal.index.0.to_string()));
            lines.push(("seal-path", write_path(&seal.path)));
            lines.push(("row", encode(&seal.row.to_bytes())));
            lines.push(("slot", seal.slot.0.to_string()));
            lines.push(("slots", seal.slots.0.to_string()));
            lines.push(("row-path", write_path(&seal.row_path)));
            lines.push(("checkpoint", encode(seal.checkpoint.as_bytes())));
            lines.push(("consistency", write_path(&seal.consistency)));
            lines.push(("binding", encode(&seal.binding)));
            lines.push(("token", encode(&seal.token)));
        }
        let lines: String = lines.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
        format!("{MAGIC}\n{lines}\n")
    }

    /// Of the lines between the first and the blank one.
    fn parse(header: &[String]) -> Result<Self, Fault> {
        let mut lines = Header(1, header.iter());
        let origin = lines.read("origin", |word| Some(word.to_string()))?;
        let tenant = lines.read("tenant", TenantId::parse)?;
        let head = lines.read("head", text)?;
        // More lines than these are too many for the checker, which counts them.
        let seal = if lines.1.len() == 0 { None } else { Some(SealProof::parse(&mut lines)?) };
        Ok(Self { origin, tenant, head, seal })
    }
}

impl SealProof {
    fn parse(lines: &mut Header<'_>) -> Result<Self, Fault> {
        let leaf = |word: &str| match Leaf::parse(&decode(word)?) {
            Ok(Leaf::Seal(leaf)) => Some(leaf),
            _ => None,
        };
        Ok(Self {
            leaf: lines.read("seal", leaf)?,
            index: lines.read("seal-index", parse_decimal).map(Index)?,
            path: lines.read("seal-path", parse_path)?,
            row: lines.read("row", |word| RegisterRow::parse(&decode(word)?))?,
            slot: lines.read("slot", parse_decimal).map(Index)?,
            slots: lines.read("slots", parse_decimal).map(TreeSize)?,
            row_path: lines.read("row-path", parse_path)?,
            checkpoint: lines.read("checkpoint", text)?,
            consistency: lines.read("consistency", parse_path)?,
            binding: lines.read("binding", decode)?,
            token: lines.read("token", decode)?,
        })
    }
}

/// The lines of a header still to be read, and the number of the last one read.
struct Header<'a>(u64, slice::Iter<'a, String>);

impl Header<'_> {
    /// What `of` makes of the next line's value, the line being of this name.
    fn read<T>(&mut self, name: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let value = self.1.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        self.0 = self.0.saturating_add(1);
        value.and_then(of).ok_or_else(|| Fault::at(self.0, "register-malformed", format_args!("{name:?} expected")))
    }
}

/// The entries of a register being written, each path without the end it shares with the one before.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    count: u64,
    listed: u64,
    path: Vec<Hash>,
}

impl Listing {
    /// The listing that follows this head.
    pub fn after(register: &Register) -> Self {
        let count = register.seal.as_ref().map_or(0, |seal| seal.row.count);
        Self { count, ..Self::default() }
    }

    /// The line of the tenant's next entry: its place, its path under the head, exact bytes of `R`.
    pub fn entry(&mut self, index: Index, path: Vec<Hash>, record: &[u8]) -> String {
        let keyword = if self.listed < self.count { "entry" } else { "later" };
        let shared = self.path.iter().rev().zip(path.iter().rev()).take_while(|(before, now)| before == now).count();
        let own = write_path(path.get(..path.len().saturating_sub(shared)).unwrap_or_default());
        self.listed = self.listed.saturating_add(1);
        self.path = path;
        format!("{keyword} {} {shared} {own} {}\n", index.0, BASE64_STANDARD.encode(record))
    }

    /// The last line.
    pub fn end(&self) -> String {
        format!("end {}\n", self.listed)
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn decode(word: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(word).ok()
}

fn text(word: &str) -> Option<String> {
    String::from_utf8(decode(word)?).ok()
}

/// The hashes of a path, one after the other in one word.
fn parse_path(word: &str) -> Option<Vec<Hash>> {
    let bytes = if word == NOTHING { Vec::new() } else { decode(word).filter(|bytes| !bytes.is_empty())? };
    let (hashes, rest) = bytes.as_chunks();
    rest.is_empty().then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

fn write_path(path: &[Hash]) -> String {
    let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
    if bytes.is_empty() { NOTHING.to_string() } else { BASE64_STANDARD.encode(bytes) }
}
