//! Facts about reading whole deposits.

#[path = "it/bench.rs"]
mod bench;
#[path = "it/fixtures.rs"]
mod fixtures;
#[path = "it/hostile.rs"]
mod hostile;
#[path = "it/properties.rs"]
mod properties;
