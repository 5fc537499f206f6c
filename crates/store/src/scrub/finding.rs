//! What a scrub says of one place.

use ledger::audit::Fault;
use ledger::storage::NewLeaf;
use proof::{EntryId, FileNumber, Index, TenantId};
use std::path::{Path, PathBuf};

/// Something that is not what it should be, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Stable, kebab-case; docs/operations/scrub.md tells each.
    pub what: &'static str,
    /// True when nothing is lost by it, and a start or a rebuild puts it right without a backup.
    pub harmless: bool,
    /// The tenant concerned.
    pub tenant: Option<TenantId>,
    /// The entry concerned, by name and by place.
    pub id: Option<EntryId>,
    /// See [`Finding::id`].
    pub index: Option<Index>,
    /// The file of that entry.
    pub file: Option<FileNumber>,
    /// The file on disk.
    pub path: Option<PathBuf>,
    /// The bytes concerned in it: the first, and one past the last.
    pub bytes: Option<(u64, u64)>,
    /// Which record, tile, head, batch or row; may be empty.
    pub place: String,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl Finding {
    pub(super) fn new(what: &'static str, expected: impl ToString, found: impl ToString) -> Self {
        Self {
            what,
            harmless: false,
            tenant: None,
            id: None,
            index: None,
            file: None,
            path: None,
            bytes: None,
            place: String::new(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// What the ledger found.
    pub fn of_fault(fault: Fault) -> Self {
        let mut finding = Self::new(fault.what, fault.expected, fault.found);
        (finding.index, finding.file, finding.place) = (fault.index, fault.file, fault.place);
        finding
    }

    pub(super) fn leaf(mut self, leaf: &NewLeaf) -> Self {
        (self.tenant, self.id, self.index) = (Some(leaf.tenant), Some(leaf.id), Some(leaf.index));
        self
    }
    pub(super) fn file(mut self, number: u64) -> Self {
        self.file = (number > 0).then_some(FileNumber(number));
        self
    }
    pub(super) fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }
    pub(super) fn bytes(mut self, from: u64, to: u64) -> Self {
        self.bytes = Some((from, to));
        self
    }
    pub(super) fn place(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }
    pub(super) fn harmless(mut self) -> Self {
        self.harmless = true;
        self
    }
}
