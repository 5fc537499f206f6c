//! What those who watch a log read and say: cosignatures of witnesses, the policies that ask for them, the request by which a
//! head is shown to a witness, the paths under which tiles are published, and what tiles and bundles of entries hold.
//!
//! A document's way passes here once its head is published: a witness reads the request and answers a cosignature, a monitor
//! reads tiles, and the verifier counts the cosignatures that a policy asks for. Each format is one file with its writer, its
//! parser and its limits; the specification that rules it is named there.
//!
//! Deliberately not here: any input or output, clock or randomness (the moment of a cosignature is given by the caller),
//! the state by which a witness decides (`service` keeps it), verdicts (`verifier`), trees and signed notes themselves (`proof`), ML-DSA-44
//! (key type 0x06 is read and never counts). Nothing in this crate panics, indexes, casts or computes unchecked: it is denied
//! below, and judges read it.
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

pub mod bundle;
pub mod cosignature;
pub mod limits;
pub mod policy;
pub mod quorum;
pub mod register;
pub mod request;
pub mod tile;
pub mod witness;

pub use cosignature::{CosignerKey, CosigningKey, UnixSeconds};
pub use policy::TlogPolicy;
pub use quorum::{Cosigned, Witnessed};
pub use request::AddCheckpoint;
pub use tile::{TileKind, TilePath};
