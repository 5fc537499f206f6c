//! Time-stamping authorities, in the order in which they are asked.

use crate::limits;
use crate::lists::mirror::Mirror;
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tsa {
    /// Where to ask; empty for the built-in test authority.
    pub(crate) url: String,
    /// PEM files of its roots, relative to the data directory; empty for the built-in one's.
    pub(crate) roots: Vec<PathBuf>,
    /// The policy to ask for, dotted; empty to leave it to the authority.
    pub(crate) policy: String,
    /// Seconds it may take.
    pub(crate) seconds: Option<u64>,
    /// Directory of certificates, lists of revoked certificates and OCSP responses, relative to the data directory: archived when they change.
    pub(crate) validation: Option<PathBuf>,
    /// Directory of trusted lists, relative to the data directory: archived when they change.
    pub(crate) trusted_lists: Option<PathBuf>,
    /// Where lists are fetched from into that directory.
    pub(crate) lists_mirror: Option<Mirror>,
    /// Asked in this order when those before have given no token.
    pub(crate) fallback: Vec<Fallback>,
}

/// An authority that is asked when others fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fallback {
    pub(crate) url: String,
    pub(crate) roots: Vec<PathBuf>,
    #[serde(default)]
    pub(crate) policy: String,
    pub(crate) seconds: Option<u64>,
}

impl Tsa {
    /// The PEM files of every authority configured.
    pub(crate) fn all_roots(&self) -> impl Iterator<Item = &PathBuf> {
        self.roots.iter().chain(self.fallback.iter().flat_map(|authority| &authority.roots))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.url.is_empty() && !self.fallback.is_empty() {
            return Err("tsa.fallback needs tsa.url: nothing comes after the built-in test authority".into());
        }
        if self.fallback.len() >= limits::AUTHORITIES {
            return Err(format!("tsa.url and tsa.fallback are at most {} authorities", limits::AUTHORITIES));
        }
        if let Some(mirror) = &self.lists_mirror {
            mirror.check()?;
            if self.trusted_lists.is_none() {
                return Err("tsa.lists_mirror needs tsa.trusted_lists: the directory in which lists are kept".into());
            }
        }
        let first = (!self.url.is_empty()).then_some(("tsa", &self.url, &self.roots));
        let rest = self.fallback.iter().map(|authority| ("tsa.fallback", &authority.url, &authority.roots));
        for (name, url, roots) in first.into_iter().chain(rest) {
            if !url.starts_with("http://") {
                return Err(format!("{name}.url must begin with http:// (tokens are signed: they need no TLS)"));
            }
            if roots.is_empty() {
                return Err(format!("{name}.url needs {name}.roots: the PEM files of the authority's roots"));
            }
        }
        Ok(())
    }
}
