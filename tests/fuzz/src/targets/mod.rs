//! One file a family of formats: what must hold for any bytes, the seeds, the words of the format.

pub mod documents;
mod edits;
mod flows;
pub mod pack;
mod policy;
mod records;
pub mod register;
mod texts;
pub mod trusted_list;
pub mod watching;

use crate::world::World;

/// One format under search.
pub struct Target {
    /// What it is called, in tables and folders.
    pub name: &'static str,
    /// Longest input tried.
    pub max_len: usize,
    /// What must hold of any bytes.
    pub check: fn(&[u8]),
    /// Where the search starts.
    pub seeds: fn(&World) -> Vec<Vec<u8>>,
    /// Words of the format, which a search would be long to spell.
    pub words: &'static [&'static str],
}

/// Every target, in the order they are run.
pub const ALL: &[Target] = &[
    texts::NOTE,
    texts::CHECKPOINT,
    texts::TLOG_PROOF,
    records::FILE,
    records::ENTRY,
    records::LOG,
    policy::POLICY,
    pack::PACK,
    watching::COSIGNATURE,
    watching::TLOG_POLICY,
    watching::REQUEST,
    watching::TILE_PATH,
    register::REGISTER,
    trusted_list::TRUSTED_LIST,
    documents::CMS,
    documents::PDF,
    flows::ACTES,
    flows::PES,
    flows::SEDA,
    flows::DECP,
    flows::TAR,
    flows::ZIP,
    flows::DESCRIPTION,
    #[cfg(feature = "seeded-bugs")]
    GUIDANCE,
];

/// The bytes as text, for formats that are text; the rest is refused before any parser of ours.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// No format at all: eight bytes that only a search led by what it has already reached can spell in seconds (a blind one has
/// one chance in 2^64 a try).
#[cfg(feature = "seeded-bugs")]
const GUIDANCE: Target =
    Target { name: "guidance", max_len: 64, check: spelled, seeds: |_| vec![b"-".to_vec()], words: &[] };

#[cfg(feature = "seeded-bugs")]
fn spelled(data: &[u8]) {
    // A step nobody can see through: each letter keeps a branch of its own in the program.
    #[inline(never)]
    fn on(step: usize) -> usize {
        std::hint::black_box(step)
    }
    let is = |place: usize, letter: u8| data.get(on(place)) == Some(&letter);
    let first = is(0, b'T') && is(1, b'a') && is(2, b'b') && is(3, b'e');
    crate::bugs::planted(|| first && is(4, b'l') && is(5, b'l') && is(6, b'i') && is(7, b'o'));
}
