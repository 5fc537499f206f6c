//! `[signatures]`: whom the operator accepts as authorities of those who sign documents.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Signatures {
    /// A directory of PEM roots by which the authorities of signers are known, relative to the data directory.
    pub(crate) anchors: Option<PathBuf>,
    /// A directory of trusted lists (ETSI TS 119 612) by which they are known too, likewise.
    pub(crate) trusted_lists: Option<PathBuf>,
    /// A directory of PEM certificates of those who may sign the list of the lists, likewise.
    pub(crate) lotl_anchors: Option<PathBuf>,
}

impl Signatures {
    /// # Errors
    /// Lists without anchors say nothing, nor do anchors without lists.
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.trusted_lists, &self.lotl_anchors) {
            (Some(_), None) => {
                Err("signatures.trusted_lists needs signatures.lotl_anchors: who may sign the list of the lists".into())
            }
            (None, Some(_)) => {
                Err("signatures.lotl_anchors needs signatures.trusted_lists: the directory of the lists".into())
            }
            _ => Ok(()),
        }
    }
}
