//! Journeys of the real programs, and the samples they carry.

pub mod bench;
pub mod evidence;
pub mod faults;
pub mod opened;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/service/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/service/src/pack.rs"]
mod pack;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../crates/service/src/recipe.rs"]
mod recipe;
pub mod published;
#[allow(dead_code, missing_docs)]
#[rustfmt::skip]
#[path = "../../crates/tabellion-verify/src/register.rs"]
mod register_case;
pub mod register_faults;
#[allow(dead_code, missing_docs, clippy::unwrap_used)]
#[rustfmt::skip]
#[path = "../../crates/tabellion-verify/tests/register/log.rs"]
mod register_log;
pub mod samples;
pub mod vectors;
pub mod wire;
#[allow(dead_code, missing_docs, clippy::unwrap_used)]
#[rustfmt::skip]
#[path = "../../crates/verifier/tests/packs/world.rs"]
mod world;
