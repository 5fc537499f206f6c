//! `[page]`: what the page `/verifier` runs.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PageModule {
    /// The module of `/verifier`, relative to the data directory; empty for the one beside the program.
    pub(crate) module: PathBuf,
}
