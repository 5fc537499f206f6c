//! Facts about reading whole deposits.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

#[path = "it/bench.rs"]
mod bench;
#[path = "it/decp.rs"]
mod decp;
#[path = "it/fixtures.rs"]
mod fixtures;
#[path = "it/formats.rs"]
mod formats;
#[path = "it/hostile.rs"]
mod hostile;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/manifests.rs"]
mod manifests;
#[path = "it/messages.rs"]
mod messages;
#[path = "it/packed.rs"]
mod packed;
#[path = "it/pes.rs"]
mod pes;
#[path = "it/pes_lists.rs"]
mod pes_lists;
#[path = "it/pes_several.rs"]
mod pes_several;
#[path = "it/pes_taken.rs"]
mod pes_taken;
#[allow(dead_code, reason = "the builder is shared")]
#[path = "../../../tests/src/samples/procurement.rs"]
mod procurement;
#[path = "it/properties.rs"]
mod properties;
#[path = "it/seda.rs"]
mod seda;
#[path = "it/seda_lists.rs"]
mod seda_lists;
#[path = "it/seda_values.rs"]
mod seda_values;
#[path = "it/signatures.rs"]
mod signatures;
#[path = "it/signed_apart.rs"]
mod signed_apart;
#[path = "../../../tests/src/samples/zipped.rs"]
mod stored;
#[path = "it/transfers.rs"]
mod transfers;
#[path = "it/unnamed.rs"]
mod unnamed;
#[path = "it/wrapped.rs"]
mod wrapped;
#[path = "it/zipped.rs"]
mod zipped;
