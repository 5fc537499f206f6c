//! Files and directories made so that they are still there after a power cut.

use crate::error::OpenError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

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

/// The bytes of a small secret are nowhere any more: overwritten, synced, unlinked.
pub(crate) fn destroy(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    drop(file);
    fs::remove_file(path)
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
