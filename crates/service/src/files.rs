//! Small files of the data directory: keys readable by their owner only, text bounded.

use crate::error::ServiceError;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Bytes of a key or certificate file.
const KEY_FILE_BYTES: u64 = 64 << 10;

/// A directory that its owner alone may enter, named on disk before this returns.
pub(crate) fn make_private_directory(path: &Path) -> Result<(), ServiceError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(ServiceError::io("make directory", path))?;
    sync_parent(path)
}

/// A new file that its owner alone may read, on disk under its name before this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.map_err(ServiceError::io("make", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ServiceError::io("write", path))?;
    sync_parent(path)
}

/// Hands over each plain file of a directory, by name, with at most one byte more than so many: whoever takes them says when it is too much,
/// so that what is beyond is never in memory. Whoever writes one there writes it under a name with a dot first.
pub(crate) fn each_plain(
    directory: &Path,
    most: u64,
    mut take: impl FnMut(String, Vec<u8>) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    let failed = || ServiceError::io("read", directory);
    for entry in fs::read_dir(directory).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !path.is_file() || name.is_empty() || name.starts_with('.') {
            continue;
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
        read.map_err(ServiceError::io("read", &path))?;
        take(name, bytes)?;
    }
    Ok(())
}

/// A file that all may read, replaced whole: on disk before this returns, and never half of it under its name.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside).map_err(ServiceError::io("make", &beside))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ServiceError::io("write", &beside))?;
    // A crash here leaves the old file, and a new one beside it that the next replacement overwrites.
    fs::rename(&beside, path).map_err(ServiceError::io("replace", path))?;
    sync_parent(path)
}

/// The same, of a file that its owner alone may read.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    if beside.exists() {
        destroy(beside, "replace.overwritten")?;
    }
    write_private(beside, bytes)?;
    // A crash here leaves what stood there, and a new one beside it that the next replacement destroys.
    fs::rename(beside, path).map_err(ServiceError::io("replace", path))?;
    sync_parent(path)
}

/// The file is nowhere any more: overwritten, synced, unlinked, its directory synced. One that is not there is gone already. `passed` is
/// the failpoint between.
pub(crate) fn destroy(path: &Path, passed: &str) -> Result<(), ServiceError> {
    let overwritten = || {
        ledger::failpoint!(passed);
        Ok(())
    };
    store::destroy(path, overwritten).map_err(ServiceError::io("destroy", path))
}

/// Nothing is left in this directory but this one file.
pub(crate) fn empty(directory: &Path, but: &Path) -> Result<(), ServiceError> {
    for entry in fs::read_dir(directory).map_err(ServiceError::io("read", directory))? {
        let path = entry.map_err(ServiceError::io("read", directory))?.path();
        if path != but {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(ServiceError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// The file is gone from the disk.
pub(crate) fn remove(path: &Path) -> Result<(), ServiceError> {
    fs::remove_file(path).map_err(ServiceError::io("remove", path))?;
    sync_parent(path)
}

/// The name of this file or directory is on disk.
pub(crate) fn sync_parent(path: &Path) -> Result<(), ServiceError> {
    // The parent of a bare name is the working directory.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(ServiceError::io("sync", parent))
}

/// The bytes of a key file, which others must not be able to read, and which is ours: our user's, root's, or that of whoever owns its directory.
pub(crate) fn read_private(path: &Path) -> Result<Vec<u8>, ServiceError> {
    let told = fs::metadata(path).map_err(ServiceError::io("read", path))?;
    let wrong = |why: String| ServiceError::Key { path: path.to_owned(), why };
    let others = if is_credential(path) { 0o027 } else { 0o077 };
    let mode = told.permissions().mode();
    if mode & others != 0 {
        return Err(wrong(format!("its mode is {:o}, others can read it; make it 600", mode & 0o777)));
    }
    let place = path.parent().filter(|place| !place.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = fs::metadata(place).map_err(ServiceError::io("read", place))?;
    let own = [0, rustix::process::geteuid().as_raw(), place.uid()];
    if !own.contains(&told.uid()) {
        let why =
            format!("it belongs to user {}, who can write another key there; make it the service's own", told.uid());
        return Err(wrong(why));
    }
    read_bounded(path, KEY_FILE_BYTES)
}

/// Given by systemd, in a directory that the service alone may enter: the right to read it may stand in an access control list, which shows
/// as the group's.
fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|place| path.parent() == Some(Path::new(&place)))
}

/// The text of a file of at most this size.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, ServiceError> {
    let bytes = read_bounded(path, limit)?;
    String::from_utf8(bytes).map_err(|_| ServiceError::Configuration { path: path.to_owned(), why: "not UTF-8".into() })
}

/// The bytes of a file of at most this size.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(ServiceError::io("open", path))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ServiceError::io("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(ServiceError::Key { path: path.to_owned(), why: format!("more than {limit} bytes") });
    }
    Ok(bytes)
}
