//! Fuzz targets of the rooms that read what strangers send: one program, the target named by `FUZZ_TARGET`. `tests/fuzz/run`
//! builds and drives it; docs/RELIABILITY.md says what it shows.
//!
//! With `FUZZ_ROLE=list` it names its targets, with `FUZZ_ROLE=seeds` it writes, by the product's own builders, what the search
//! starts from (into `FUZZ_PLACE`).
//!
//! Deliberately not here: anything of the product. A bug seeded to be found stands behind `bugs::planted`, in a build of its own.
#![no_main]
#![allow(clippy::unwrap_used)]

mod bugs;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../crates/service/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../crates/seal/tests/seal/lists.rs"]
mod lists;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../crates/service/src/pack.rs"]
mod pack;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../crates/service/src/recipe.rs"]
mod recipe;
#[allow(dead_code, missing_docs)]
#[rustfmt::skip]
#[path = "../../../crates/tabellion-verify/src/register.rs"]
mod register_case;
#[allow(dead_code, missing_docs)]
#[rustfmt::skip]
#[path = "../../../crates/tabellion-verify/tests/register/log.rs"]
mod register_log;
#[allow(dead_code, unused_imports)]
#[rustfmt::skip]
#[path = "../../../crates/verifier/tests/packs/renewals.rs"]
mod renewals;
mod roles;
#[allow(dead_code, unused_imports)]
mod samples;
mod targets;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../crates/verifier/tests/packs/world.rs"]
mod world;

libfuzzer_sys::fuzz_target!(init: roles::begin(), |data: &[u8]| roles::target()(data));
