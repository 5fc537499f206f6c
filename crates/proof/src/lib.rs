//! What is hashed, and how it is proved: the three records, the leaf, RFC 9162 trees, signed notes, checkpoints
//! and C2SP proofs.
//!
//! A document's way passes here twice: when it is logged (write, prove) and when a stranger checks it (parse,
//! verify). Each format is one file holding its writer, its parser and its limits.
//!
//! Deliberately not here: any input or output, clock, randomness, time-stamp tokens and certificates (`seal`),
//! verdicts (`verifier`), the growing of a tree (`ledger`). Nothing in this crate panics, indexes, casts or
//! computes unchecked: it is denied below, and judges read it.
#![no_std]
#![deny(missing_docs)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unreachable
)]
extern crate alloc;

pub mod checkpoint;
pub mod hash;
pub mod ids;
pub mod json;
pub mod leaf;
pub mod limits;
pub mod merkle;
pub mod note;
pub mod record;
pub mod time;
pub mod tlog_proof;

pub use checkpoint::Checkpoint;
pub use hash::{Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, sha256, sha512};
pub use ids::{EntryId, FileNumber, Index, Sequence, TenantId, TreeSize, UnixMillis};
pub use note::{SignedNote, SigningKey, VerifierKey};
pub use tlog_proof::TlogProof;
