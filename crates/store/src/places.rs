//! Where everything of a store stands.

use std::path::{Path, PathBuf};

/// The directories of a store.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) data: PathBuf,
    pub(crate) segments: PathBuf,
    pub(crate) ahead: PathBuf,
    pub(crate) keys: PathBuf,
    pub(crate) index: PathBuf,
    pub(crate) aside: PathBuf,
}

impl Places {
    pub(crate) fn of(data: &Path) -> Self {
        let within = |name: &str| data.join(name);
        Self {
            data: data.to_owned(),
            segments: within("segments"),
            ahead: within("ahead"),
            keys: within("keys"),
            index: within("index"),
            aside: within("aside"),
        }
    }
}
