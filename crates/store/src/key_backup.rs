//! Copies of the key store, kept apart from everything else and never for long: a key destroyed here must not outlive its copies.

use crate::disk;
use crate::error::OpenError;
use proof::UnixMillis;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a backup of the key store did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeysCopied {
    /// Where the copy stands.
    pub place: PathBuf,
    /// Keys copied.
    pub keys: u64,
    /// Older copies removed.
    pub removed: u64,
}

/// A copy of the key store of this store stands in a directory of its own under `to`, named by its time, synced and read back; copies
/// made before `oldest` are overwritten and gone. Keys stay wrapped by the master key, which is not among them.
///
/// # Errors
/// `Io`: nothing older was removed unless the new copy stands whole.
pub fn backup_keys(store: &Path, to: &Path, at: UnixMillis, oldest: UnixMillis) -> Result<KeysCopied, OpenError> {
    let keys = store.join("keys");
    disk::make_directory(to)?;
    let place = to.join(at.0.to_string());
    let beside = place.with_extension("new");
    disk::make_directory(&beside)?;
    let mut copied = 0;
    for name in disk::list(&keys, |name| name.ends_with(".key").then(|| name.to_owned()))? {
        copied +=
            u64::from(copy(&keys.join(&name), &beside, &name).map_err(OpenError::io("copy key", &keys.join(&name)))?);
    }
    let renamed = fs::rename(&beside, &place).and_then(|()| disk::sync_directory(to));
    renamed.map_err(OpenError::io("name the copy", &place))?;
    let mut removed = 0;
    for old in disk::list(to, |name| name.trim_end_matches(".new").parse::<u64>().ok().map(|at| (at, name.to_owned())))?
    {
        if old.0 < oldest.0 {
            let path = to.join(old.1);
            remove(&path).map_err(OpenError::io("remove the old copy", &path))?;
            removed += 1;
        }
    }
    disk::sync_directory(to).map_err(OpenError::io("sync", to))?;
    Ok(KeysCopied { place, keys: copied, removed })
}

/// One key, synced and read back; false when it was destroyed meanwhile.
fn copy(from: &Path, directory: &Path, name: &str) -> io::Result<bool> {
    let bytes = match fs::read(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    disk::write_durably(directory, name, &bytes)?;
    if fs::read(directory.join(name))? != bytes {
        return Err(io::Error::other("what was written reads back otherwise"));
    }
    Ok(true)
}

/// Every file of the copy is overwritten, synced and unlinked.
fn remove(copy: &Path) -> io::Result<()> {
    for entry in fs::read_dir(copy)? {
        let path = entry?.path();
        let mut file = fs::OpenOptions::new().write(true).open(&path)?;
        let len = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; len.min(64 * 1024)])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
    }
    fs::remove_dir(copy)
}
