//! The log looked at again, from its records on: what a scrub asks of the ledger.
//!
//! Leaves, tree, tiles, heads and seals are computed once more from leaf data read back out of the records, and compared with what
//! was published; `E`, the `F`s and the files recovered from their ciphertext are compared with `R`. Nothing is changed here, and
//! nothing stops at the first fault: each is told with its place, and the next leaf is looked at.

mod entry;
mod renewal;
mod seal;
mod tree;

pub use entry::{BodySeen, EntrySeen, FileSeen, faults as entry, stands};
pub use tree::LogAudit;

use crate::storage::Replay;
use proof::{FileNumber, Index};

/// Something that is not what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Stable, kebab-case.
    pub what: &'static str,
    /// The leaf concerned.
    pub index: Option<Index>,
    /// The file of that entry.
    pub file: Option<FileNumber>,
    /// Which tile, head or batch; empty when leaf and file say all.
    pub place: String,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl Fault {
    pub(crate) fn new(what: &'static str, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        Self { what, index: None, file: None, place: String::new(), expected, found }
    }
    pub(crate) fn leaf(mut self, index: Index) -> Self {
        self.index = Some(index);
        self
    }
    pub(crate) fn file(mut self, number: FileNumber) -> Self {
        self.file = Some(number);
        self
    }
    pub(crate) fn place(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }
}

/// Judges nothing: where no index says what was published, entries are judged alone.
#[derive(Debug)]
pub struct EntriesAlone;

impl Auditor for EntriesAlone {
    fn commit(&mut self, _: &Replay) -> Vec<Fault> {
        Vec::new()
    }
    fn lost(&mut self) {}
}

/// Whoever judges what a storage reads back, record after record.
pub trait Auditor {
    /// The next record's header, whole.
    fn commit(&mut self, commit: &Replay) -> Vec<Fault>;
    /// A record could not be read: what follows does not continue what came before.
    fn lost(&mut self);
}
