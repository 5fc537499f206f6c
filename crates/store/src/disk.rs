//! Files and directories made so that they are still there after a power cut.

use crate::error::OpenError;
use rustix::fs::{CWD, RenameFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// More bytes than any file of a secret has.
const SECRET_BYTES: u64 = 64 << 10;

/// The names in this directory are durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The directory exists, readable by its owner only.
pub(crate) fn make_directory(path: &Path) -> Result<(), OpenError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(OpenError::io("create directory", path))
}

/// A new file for reading and writing by its owner; an older one of that name is an error.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// The file holds these bytes, durably, or does not exist: written beside, synced, renamed, directory synced.
pub(crate) fn write_durably(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let beside = directory.join(format!("{name}.new"));
    remove_if_there(&beside)?;
    let mut file = new_file(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A crash here leaves a `.new` file that nothing names; it is overwritten or ignored.
    fs::rename(&beside, directory.join(name))?;
    sync_directory(directory)
}

/// No file of this name is left.
pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The bytes of a small secret are nowhere any more: overwritten, synced, unlinked, the directory synced. One that is not there is
/// destroyed already. `overwritten` is called between: a crash there leaves a file of zeros, which opens nothing.
///
/// # Errors
/// What the file system or `overwritten` says.
pub fn destroy(path: &Path, overwritten: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let length = file.metadata()?.len().min(SECRET_BYTES);
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    overwritten()?;
    drop(file);
    fs::remove_file(path)?;
    sync_parent(path)
}

/// The new file or directory stands where the old one stood, which is at `aside`, or was not there; both directories are synced. Whether
/// there was an old one.
pub(crate) fn exchange(new: &Path, old: &Path, aside: &Path) -> io::Result<bool> {
    let there = old.exists();
    if !there {
        fs::rename(new, old)?;
    } else if rustix::fs::renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
        // A crash here leaves the new one in place, and the old one where the new one was made.
        sync_parent(old)?;
        fs::rename(new, aside)?;
    } else {
        // A file system that cannot exchange. A crash between the two leaves nothing there.
        fs::rename(old, aside)?;
        fs::rename(new, old)?;
    }
    sync_parent(aside)?;
    sync_parent(old)?;
    Ok(there)
}

/// The name of this file or directory is durable. The parent of a bare name is the working directory.
fn sync_parent(path: &Path) -> io::Result<()> {
    sync_directory(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Names of the plain files of a directory that this function accepts, in order.
pub(crate) fn list<T: Ord>(path: &Path, accept: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, OpenError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(OpenError::io("list", path))? {
        let entry = entry.map_err(OpenError::io("list", path))?;
        found.extend(entry.file_name().to_str().and_then(&accept));
    }
    found.sort_unstable();
    Ok(found)
}
