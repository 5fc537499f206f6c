//! ACTES, HELIOS PES V2, SEDA, essential data of procurement, deposits told by a manifest and described files: bytes to [`Flow`].
//!
//! [`read`] is given the files of a deposit and says what they are, what they say, and what is odd about them. It never
//! fails: whatever happens becomes a [`Finding`] with a stable code, a French and an English sentence, a place and a
//! remedy. Half of the real flows fail their schema, so an oddity is a warning; a refusal is for what cannot be read
//! safely or is not the declared kind.
//!
//! Deliberately not here: validation by the published schemas, lists of agencies and agreements; validation of the formats that are recognised; digests but those that a SEDA transfer announces, the others belonging to whoever
//! streams the bytes; the cryptography of signatures inside documents, which a [`SignatureJudge`] brings; any file, socket or clock; unpacking to a disk (names are data, never
//! paths); archives inside archives, which stay opaque; any verdict on whether an act is lawful or executory.

mod actes;
mod antivirus;
mod begun;
mod codes;
mod container;
pub mod day;
mod decp;
mod encoding;
pub mod explain;
mod facts;
mod finding;
mod formats;
mod interned;
mod json;
pub mod limits;
mod look;
mod model;
mod names;
mod pes;
mod profile;
mod publication;
mod read;
pub mod seda;
mod signed;
mod tar;
mod xml;
mod zip;

pub use actes::about::{About, Acknowledged, ActText, IN_DOUBT, Known, Spoken, Taken, spoken};
pub use actes::classification::Classification;
pub use actes::{act_nature, matter_name, meant_act};
pub use antivirus::{AntivirusAway, AntivirusSaid};
pub use codes::{Code, all_codes, in_english, system_cause};
pub use decp::{EssentialContract, Extent, contract_keys, essential_contracts};
pub use explain::Language;
pub use finding::{Finding, Outcome, Severity};
pub use formats::Format;
pub use limits::Limits;
pub use model::{By, Declared, FileFacts, Flow, FlowKind, Identifier, Incoming, MemberSink, NoMembers, Open};
pub use pes::{Standing as PesStanding, Told as PesTold, standing as pes_standing, told as pes_told};
pub use publication::lacking as publication_lacks;
pub use read::read;
pub use signed::{
    AuthoritySaid, BESIDE, Beside, NoJudge, SignatureJudge, SignatureOutcome, SignatureSaid, SignerSaid, Why,
    has_reason,
};
