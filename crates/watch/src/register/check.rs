//! The check of a register, line by line: what is kept in memory is its head, one path and one leaf hash.

use super::{FAMILY, MAGIC, Register, SealProof, decode, parse_path};
use crate::limits::{REGISTER_HEADER_LINES, REGISTER_LINE_BYTES};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use proof::checkpoint::parse_decimal;
use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::merkle::{verify_consistency, verify_inclusion};
use proof::record::{LogRecord, RecordError};
use proof::{Checkpoint, Hash, Index, Sequence, Sha256Tree, SignedNote, UnixMillis, sha256, sha512};

/// An entry of which every check has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its place in the tenant's chain.
    pub sequence: Sequence,
    /// Its place in the log.
    pub index: Index,
    /// Its leaf hash.
    pub leaf: Hash,
    /// When it was received: the operator's word.
    pub received_at: UnixMillis,
    /// Whether the seal counts it.
    pub sealed: bool,
}

/// A register of which every line has passed: nothing up to its seal is missing, out of order, inserted or cut off, if its head
/// is the log's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// What it says of itself.
    pub register: Register,
    /// Its head, as read.
    pub head: SignedNote,
    /// The same, as a checkpoint.
    pub checkpoint: Checkpoint,
    /// Entries listed.
    pub listed: u64,
}

impl Checked {
    /// Entries that the seal counts.
    pub fn sealed(&self) -> u64 {
        self.register.seal.as_ref().map_or(0, |seal| seal.row.count)
    }
}

/// The first place at which a register is not what it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The stable code of the rule it breaks (docs/formats/register.md).
    pub code: &'static str,
    /// The line, from 1.
    pub line: u64,
    /// The place in the tenant's chain, where the line is an entry's.
    pub sequence: Option<Sequence>,
    /// In words: what was found, or expected.
    pub why: String,
}

impl Fault {
    pub(super) fn at(line: u64, code: &'static str, why: impl Display) -> Self {
        Self { code, line, sequence: None, why: why.to_string() }
    }

    /// The line, and the sequence where there is one.
    pub fn place(&self) -> String {
        let sequence = self.sequence.map(|sequence| format!(", sequence {}", sequence.0));
        format!("line {}{}", self.line, sequence.unwrap_or_default())
    }
}

/// Nothing where it holds, else the fault at this line.
fn held(holds: bool, line: u64, code: &'static str, why: impl Display) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::at(line, code, why)) }
}

/// A check under way; lines are given in order, each without its newline.
#[derive(Debug, Default)]
pub struct Checker {
    line: u64,
    header: Vec<String>,
    chain: Option<Chain>,
}

/// The words of an entry's line.
struct Entry {
    index: Index,
    /// How many hashes of the end of the path before are the end of this one.
    shared: usize,
    own: Vec<Hash>,
    bytes: Vec<u8>,
}

impl Entry {
    fn parse(index: &str, shared: &str, own: &str, record: &str) -> Option<Self> {
        let shared = usize::try_from(parse_decimal(shared)?).ok()?;
        Some(Self { index: Index(parse_decimal(index)?), shared, own: parse_path(own)?, bytes: decode(record)? })
    }
}

/// What the next entry is held against.
#[derive(Debug)]
struct Chain {
    of: Checked,
    path: Vec<Hash>,
    last: Option<(Index, Hash)>,
    ended: bool,
}

impl Checker {
    /// This line holds, after all those before it: an entry, where it is one.
    ///
    /// # Errors
    /// [`Fault`]: the first rule it breaks. What would follow is not judged: the check ends there.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<Listed>, Fault> {
        self.line = self.line.saturating_add(1);
        let read = str::from_utf8(line).ok().filter(|text| text.len() <= REGISTER_LINE_BYTES);
        let malformed = |why| Fault::at(self.line, "register-malformed", why);
        match (read, &mut self.chain) {
            (text, None) if self.line == 1 => family(text.unwrap_or_default())?,
            (None, _) => return Err(malformed("text within the limit expected")),
            (Some(""), None) => self.chain = Some(Chain::open(Register::parse(&self.header)?)?),
            (Some(_), None) if self.header.len() >= REGISTER_HEADER_LINES => {
                return Err(malformed("a blank line expected"));
            }
            (Some(text), None) => self.header.push(text.to_string()),
            (Some(text), Some(chain)) => return chain.line(self.line, text),
        }
        Ok(None)
    }

    /// Every line was given, and all hold.
    ///
    /// # Errors
    /// `register-cut-short`: there was no last line.
    pub fn finish(self) -> Result<Checked, Fault> {
        let ended = self.chain.filter(|chain| chain.ended).map(|chain| chain.of);
        ended.ok_or_else(|| Fault::at(self.line.saturating_add(1), "register-cut-short", "another line expected"))
    }
}

/// The first line is that of a register of this version; another version cannot be told.
fn family(text: &str) -> Result<(), Fault> {
    let code = if text.starts_with(FAMILY) { "register-version" } else { "unreadable" };
    held(text == MAGIC, 1, code, format_args!("{MAGIC} expected"))
}

/// A signed note that is a checkpoint.
fn read_head(note: &str) -> Result<(SignedNote, Checkpoint), String> {
    let note = SignedNote::parse(note).map_err(|why| why.to_string())?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|why| why.to_string())?;
    Ok((note, checkpoint))
}

impl Chain {
    /// The chain before its first entry: head, seal, row and sealed head are of one piece.
    fn open(register: Register) -> Result<Self, Fault> {
        let (head, checkpoint) = read_head(&register.head).map_err(|why| Fault::at(4, "head-malformed", why))?;
        held(register.origin == checkpoint.origin, 2, "head-of-another-origin", &checkpoint.origin)?;
        if let Some(seal) = &register.seal {
            check_seal(seal, &register, &checkpoint)?;
        }
        let of = Checked { register, head, checkpoint, listed: 0 };
        let chain = Self { of, path: Vec::new(), last: None, ended: false };
        chain.check_last(8)?;
        Ok(chain)
    }

    fn line(&mut self, line: u64, text: &str) -> Result<Option<Listed>, Fault> {
        let words: Vec<&str> = text.split(' ').collect();
        let malformed = || Fault::at(line, "register-malformed", "an entry or the end expected");
        match words.as_slice() {
            _ if self.ended => Err(Fault::at(line, "register-goes-on", "nothing expected")),
            ["entry" | "later", index, shared, own, record] => {
                let sequence = Some(Sequence(self.of.listed.saturating_add(1)));
                let read = Entry::parse(index, shared, own, record).ok_or_else(malformed);
                let listed = read.and_then(|entry| self.entry(line, &entry, text.starts_with("entry")));
                listed.map(Some).map_err(|fault| Fault { sequence, ..fault })
            }
            ["end", stated] => {
                let stated = parse_decimal(stated).ok_or_else(malformed)?;
                let (listed, sealed) = (self.of.listed, self.of.sealed());
                held(listed >= sealed, line, "entries-missing", format_args!("{listed}, the seal counts {sealed}"))?;
                held(stated == listed, line, "end-count-differs", format_args!("{listed}, {stated} stated"))?;
                self.ended = true;
                Ok(None)
            }
            _ => Err(malformed()),
        }
    }

    /// The entry is the next of the chain, on its side of the seal's end, under the head.
    fn entry(&mut self, line: u64, entry: &Entry, sealed: bool) -> Result<Listed, Fault> {
        let Entry { index, shared, own, bytes } = entry;
        let record = LogRecord::parse(bytes).map_err(|why| match why {
            RecordError::UnknownVersion(_) => Fault::at(line, "unknown-version", why),
            _ => Fault::at(line, "record-malformed", why),
        })?;
        let (register, head) = (&self.of.register, &self.of.checkpoint);
        held(record.tenant == register.tenant, line, "entry-of-another-tenant", record.tenant)?;
        let (found, next) = (record.sequence, Sequence(self.of.listed.saturating_add(1)));
        held(found == next, line, "sequence-broken", format_args!("{} instead of {}", found.0, next.0))?;
        let previous = self.last.map(|(_, leaf)| leaf);
        held(record.previous == previous, line, "chain-broken", "the previous entry is another")?;
        let after = self.last.is_none_or(|(before, _)| *index > before);
        held(after, line, "order-broken", format_args!("index {}", index.0))?;
        let end = register.seal.as_ref().map_or(0, |seal| seal.leaf.end.0);
        let one_side = sealed == (next.0 <= self.of.sealed()) && sealed == (index.0 < end);
        held(one_side, line, "entry-on-the-wrong-side", format_args!("index {}, the seal ends at {end}", index.0))?;
        let leaf = Sha256Tree::leaf(&entry_leaf(bytes));
        let shared = self.path.len().checked_sub(*shared).and_then(|from| self.path.get(from..));
        let more = || Fault::at(line, "register-malformed", "more hashes shared than there are");
        let path = [own, shared.ok_or_else(more)?].concat();
        verify_inclusion::<Sha256Tree>(*index, head.size, &leaf, &path, &head.root)
            .map_err(|why| Fault::at(line, "entry-not-in-the-head", why))?;
        (self.path, self.last, self.of.listed) = (path, Some((*index, leaf)), next.0);
        self.check_last(line)?;
        Ok(Listed { sequence: next, index: *index, leaf, received_at: record.received_at, sealed })
    }

    /// Where all that the seal counts is listed, the last is the one that its row names.
    fn check_last(&self, line: u64) -> Result<(), Fault> {
        let row = self.of.register.seal.as_ref().map(|seal| seal.row).filter(|row| row.count == self.of.listed);
        let last = self.last.map_or(Hash([0; 32]), |(_, leaf)| leaf);
        let named = row.map_or(last, |row| row.last);
        held(last == named, line, "last-entry-differs", format_args!("the row names {named}"))
    }
}

/// Seal, row, sealed head and token are of one piece, under this head. Lines are those of the header.
fn check_seal(seal: &SealProof, register: &Register, head: &Checkpoint) -> Result<(), Fault> {
    let leaf = Sha256Tree::leaf(&seal.leaf.to_bytes());
    verify_inclusion::<Sha256Tree>(seal.index, head.size, &leaf, &seal.path, &head.root)
        .map_err(|why| Fault::at(5, "seal-not-in-the-head", why))?;
    held(seal.row.tenant == register.tenant, 8, "row-of-another-tenant", seal.row.tenant)?;
    let (row, root) = (seal.row.leaf_hash(), &seal.leaf.register_root);
    verify_inclusion::<Sha256Tree>(seal.slot, seal.slots, &row, &seal.row_path, root)
        .map_err(|why| Fault::at(8, "row-not-in-the-seal", why))?;
    let (_, sealed) = read_head(&seal.checkpoint).map_err(|why| Fault::at(12, "sealed-head-differs", why))?;
    let same = sealed.origin == head.origin && sealed.size == seal.leaf.end;
    held(same, 12, "sealed-head-differs", format_args!("{} of size {}", sealed.origin, sealed.size.0))?;
    verify_consistency::<Sha256Tree>(sealed.size, head.size, &sealed.root, &head.root, &seal.consistency)
        .map_err(|why| Fault::at(13, "sealed-head-not-continued", why))?;
    let token = (sha256(&seal.token), sha512(&seal.token));
    held(token == (seal.leaf.token_sha256, seal.leaf.token_sha512), 15, "token-not-of-the-seal", token.0)
}
