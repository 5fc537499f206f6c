//! Where backups stand: named objects, written whole or not at all, never changed. The trait is as narrow as an S3-compatible server allows
//! (no rename, no append, no lock that others would honour); a directory is here, a bucket in `bucket.rs`.

use crate::files;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A place of named objects. Names are ours: `a/b/c`, no other characters than digits, letters, `.`, `-` and `/`.
pub(crate) trait Shelf {
    /// Length of the object of this name, `None` when there is none.
    fn length(&self, name: &str) -> io::Result<Option<u64>>;
    /// The object of this name holds these bytes, durably; half of it never stands under its name.
    fn put(&self, name: &str, bytes: &mut dyn Read) -> io::Result<()>;
    /// The same, and there was no object of this name before; `AlreadyExists` where another one stands there.
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// The bytes of an object, from the medium.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read>>;
    /// Names that begin with this folder, in order.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// There is no object of this name.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// A directory of this machine, or one that it mounts.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// Held for its drop: one backup at a time writes here.
    _lock: Option<File>,
}

impl Directory {
    /// The directory, to be read.
    pub(crate) fn reading(root: &Path) -> io::Result<Self> {
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such directory"));
        }
        Ok(Self { root: root.to_owned(), _lock: None })
    }

    /// The directory, made if it is missing, held for writing; `None` while another backup holds it.
    pub(crate) fn writing(root: &Path) -> io::Result<Option<Self>> {
        make(root)?;
        let path = root.join("lock");
        let lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        ["objects", "manifests"].iter().try_for_each(|folder| make(&root.join(folder)))?;
        // What a backup that was cut left half-written; nobody else writes here now.
        let parts = root.join("part");
        match fs::remove_dir_all(&parts) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => make(&parts)?,
        }
        Ok(Some(Self { root: root.to_owned(), _lock: Some(lock) }))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

fn make(path: &Path) -> io::Result<()> {
    files::make_private_directory(path).map_err(|error| io::Error::other(error.to_string()))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// What was just written or is about to be read is taken from the disk, not from memory.
fn from_disk(file: &File) {
    // A file system that does not know the advice keeps its cache: then the comparison is with what it would give any reader.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

impl Shelf for Directory {
    fn length(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(name)) {
            Ok(found) => Ok(found.is_file().then_some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, name: &str, bytes: &mut dyn Read) -> io::Result<()> {
        let path = self.path(name);
        let beside = self.root.join("part").join(name.replace('/', "-"));
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            make(folder)?;
        }
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let mut file = opened?;
        io::copy(bytes, &mut file)?;
        file.flush()?;
        file.sync_all()?;
        // A crash here leaves a part that the next backup removes.
        fs::rename(&beside, &path)?;
        sync_folder(&path)
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // Nobody else writes here: what is not there now is not there when it is put.
        if self.length(name)?.is_some() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"));
        }
        self.put(name, &mut &*bytes)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        let file = File::open(self.path(name))?;
        from_disk(&file);
        Ok(Box::new(file))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.path(&folder)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            for entry in entries {
                let entry = entry?;
                let Some(name) = entry.file_name().to_str().map(|name| format!("{folder}/{name}")) else { continue };
                if entry.file_type()?.is_dir() { folders.push(name) } else { found.push(name) }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        sync_folder(&path)
    }
}
