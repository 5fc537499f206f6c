//! ACTES and described files: bytes to [`Flow`].
//!
//! [`read`] is given the files of a deposit and says what they are, what they say, and what is odd about them. It never
//! fails: whatever happens becomes a [`Finding`] with a stable code, a French and an English sentence, a place and a
//! remedy. Half of the real flows fail their schema, so an oddity is a warning; a refusal is for what cannot be read
//! safely or is not the declared kind.
//!
//! Deliberately not here: schema validation, HELIOS PES, SEDA, marchés (a later step); digests, which belong to whoever
//! streams the bytes; signatures inside documents; any file, socket or clock; unpacking to a disk (names are data, never
//! paths); archives inside archives, which stay opaque; any verdict on whether an act is lawful or executory.

mod codes;
mod finding;
pub mod limits;
mod model;
mod names;

pub use codes::{Code, all_codes};
pub use finding::{Finding, Outcome, Severity};
pub use limits::Limits;
pub use model::{Declared, FileFacts, Flow, FlowKind, Identifier, Incoming, MemberSink, NoMembers, Open};

/// What the files are and say. Members of a container go to `members`, in archive order, only when the deposit is accepted
/// as a flow whose members are documents of their own. Findings, never errors.
pub fn read(
    files: &mut [Incoming<'_>],
    _declared: Declared,
    _description: Option<&[u8]>,
    _members: &mut dyn MemberSink,
    _limits: &Limits,
) -> Flow {
    let facts = |_: &Incoming<'_>| FileFacts { media_type: "application/octet-stream".into(), role: "fichier" };
    Flow {
        kind: FlowKind::File,
        facts: serde_json::Map::new(),
        findings: Vec::new(),
        identifiers: Vec::new(),
        message: None,
        files: files.iter().map(facts).collect(),
    }
}
