//! The exported files: each appears whole or not at all, and the checkpoint after everything it covers.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use watch::TilePath;
use watch::limits::BUNDLE_BYTES;

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

const CHECKPOINT: &str = "checkpoint";
/// Held while an export writes here.
const LOCK: &str = ".export.lock";
/// The one file being written; what a killed export left there is written over.
const PART: &str = ".export.part";

/// Begins the names of files that are evidence.
const EVIDENCE: &str = ".export";

/// A directory of exported files, held by this process alone.
pub struct Shelf {
    lang: Lang,
    root: PathBuf,
    _lock: File,
    /// Directories in which a name appeared, not yet synced.
    touched: BTreeSet<PathBuf>,
    /// Files written.
    pub written: u64,
}

impl Shelf {
    /// The directory exists and is ours.
    ///
    /// # Errors
    /// It cannot be made or written; another export works there.
    pub fn open(lang: Lang, root: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(root).map_err(|error| Failure::writing(lang, root, &error))?;
        let place = root.join(LOCK);
        let lock = File::create(&place).map_err(|error| Failure::writing(lang, &place, &error))?;
        if lock.try_lock().is_err() {
            let said = lang.fill("fail.held", &[("file", &place.display().to_string())]);
            return Err(Failure::new(exit::PENDING, "run-under-way", said).with_remedy(lang.text("fail.held.remedy")));
        }
        Ok(Self { lang, root: root.to_path_buf(), _lock: lock, touched: BTreeSet::new(), written: 0 })
    }

    /// Beside what is evidence of the log's misbehaviour kept: `.export.fork-…` and the like.
    pub fn beside(&self) -> PathBuf {
        self.root.join(EVIDENCE)
    }

    /// The checkpoint of the last export that ended, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn checkpoint(&self) -> Result<Option<String>, Failure> {
        let place = self.root.join(CHECKPOINT);
        let bytes = read_bounded(&place, proof::limits::NOTE_BYTES);
        let bytes = bytes.map_err(|error| Failure::reading(self.lang, &place, &error))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// What stands under this path; whatever cannot be read is fetched again.
    pub fn read(&self, path: &TilePath) -> Option<Vec<u8>> {
        read_bounded(&self.root.join(path.to_string()), BUNDLE_BYTES).ok().flatten()
    }

    /// These bytes stand under this path, synced. Its name is durable after [`Shelf::finish`].
    ///
    /// # Errors
    /// The file system refused.
    pub fn put(&mut self, path: &TilePath, bytes: &[u8]) -> Result<(), Failure> {
        self.write(&path.to_string(), bytes)
    }

    /// Every name is durable, then the checkpoint is: a crash before leaves the older one, which still holds.
    ///
    /// # Errors
    /// The file system refused.
    pub fn finish(&mut self, checkpoint: &str) -> Result<(), Failure> {
        self.sync()?;
        if self.checkpoint()?.as_deref() != Some(checkpoint) {
            self.write(CHECKPOINT, checkpoint.as_bytes())?;
            self.sync()?;
        }
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.root.join(name);
        let part = self.root.join(PART);
        let folder = place.parent().unwrap_or(&self.root);
        let wrote = fs::create_dir_all(folder).and_then(|()| {
            let mut file = File::create(&part)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&part, &place)
        });
        wrote.map_err(|error| Failure::writing(self.lang, &place, &error))?;
        // A directory just made is a name in the one above.
        let above = folder.ancestors().take_while(|above| above.starts_with(&self.root)).map(Path::to_path_buf);
        self.touched.extend(above);
        self.written += 1;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Failure> {
        for folder in std::mem::take(&mut self.touched) {
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| Failure::writing(self.lang, &folder, &error))?;
        }
        Ok(())
    }
}

/// The bytes of a file of at most so many; `None` when there is none.
fn read_bounded(place: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(place) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(Some(bytes)) }
}

#[cfg(test)]
mod tests {
    use watch::TileKind;

    use super::*;

    #[test]
    fn one_export_at_a_time_and_the_checkpoint_last() {
        let dir = tempfile::tempdir().expect("directory");
        let root = dir.path().join("log");
        let mut shelf = Shelf::open(Lang::Fr, &root).expect("ours");
        let held = Shelf::open(Lang::Fr, &root).map(|_| ()).expect_err("held");
        assert_eq!((held.exit, held.code.as_str()), (exit::PENDING, "run-under-way"));
        let tile = TilePath { kind: TileKind::Hashes(1), index: 1_234_067, width: 3 };
        fs::write(root.join(PART), b"left by a kill, and longer than what comes").expect("written");
        shelf.put(&tile, b"abc").expect("put");
        assert_eq!(fs::read(root.join("tile/1/x001/x234/067.p/3")).expect("there"), b"abc");
        assert_eq!((shelf.read(&tile), shelf.checkpoint().expect("read")), (Some(b"abc".to_vec()), None));
        shelf.finish("head\n").expect("finished");
        assert_eq!((shelf.checkpoint().expect("read").as_deref(), shelf.written), (Some("head\n"), 2));
        shelf.finish("head\n").expect("finished");
        assert_eq!(shelf.written, 2, "what stands is not written again");
        assert!(!root.join(PART).exists());
        drop(shelf);
        Shelf::open(Lang::Fr, &root).expect("free again");
    }

    #[test]
    fn a_file_past_its_limit_is_not_read() {
        let dir = tempfile::tempdir().expect("directory");
        let place = dir.path().join("x");
        fs::write(&place, [0; 9]).expect("written");
        assert_eq!(read_bounded(&place, 9).expect("read").map(|bytes| bytes.len()), Some(9));
        assert!(read_bounded(&place, 8).is_err());
    }
}
