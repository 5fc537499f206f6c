//! Evidence pack and policy in, verdict out: what a stranger runs, offline, thirty years later.
//!
//! A document's way ends here. [`verify_pack`] judges a pack, [`verify_source`] one that is read where it lies, [`verify_receipt`] a
//! receipt with the records beside it, a [`Case`] whatever else is made of the same parts: a single token, a register. Each finding stands alone; the whole is never more
//! than its weakest necessary part, and nothing inside a pack is ever a reason to trust it.
//!
//! Deliberately not here: any input or output (a source is read by whoever gives it), a clock (the caller says when it judges), revocation,
//! cosignatures by ML-DSA keys, renewed evidence records, withheld file records (each of them "cannot tell" for now), the
//! re-computation of what was judged at deposit, and every line of the code that builds packs. Nothing in this crate panics,
//! indexes, casts or computes unchecked: it is denied below, and judges read it.
#![deny(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable)]
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::arithmetic_side_effects, clippy::string_slice)]
mod case;
pub mod limits;
mod log;
mod messages;
mod pack;
mod policy;
mod receipt;
mod sealed;
mod unit;
mod verdict;

pub use case::Case;
pub use log::Head;
pub use messages::{Lang, numbered};
pub use pack::{verify_pack, verify_source};
pub use policy::{LogKey, Policy, PolicyError};
pub use receipt::{NamedDigest, ReceiptInput, verify_receipt};
pub use verdict::{Anchor, FindingLine, NAMES, Overall, Sealed, Status, Verdict};
