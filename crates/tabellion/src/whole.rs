//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::lang::Lang;

/// Bytes copied at once.
const CHUNK: usize = 64 << 10;

/// A file that appears whole or not at all: written beside its place, synced, then moved there.
pub struct Whole {
    place: PathBuf,
    beside: PathBuf,
    file: File,
}

impl Whole {
    /// A file on its way to this place; a failure or a drop leaves what stands there.
    ///
    /// # Errors
    /// The file system refused.
    pub fn create(lang: Lang, place: &Path) -> Result<Whole, Failure> {
        // Moved onto a device or a pipe it would take its place, for everybody.
        if fs::metadata(place).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let error = io::Error::other(lang.text("fail.not-a-file"));
            return Err(Failure::writing(lang, place, &error));
        }
        let beside = named(place, &format!(".{}.part", std::process::id()));
        let opened = OpenOptions::new().write(true).create_new(true).open(&beside);
        let file = opened.map_err(|error| Failure::writing(lang, place, &error))?;
        Ok(Whole { place: place.to_path_buf(), beside, file })
    }

    /// What was written stands at its place.
    ///
    /// # Errors
    /// The file system refused.
    pub fn finish(self, lang: Lang) -> Result<(), Failure> {
        let moved = self.file.sync_all().and_then(|()| fs::rename(&self.beside, &self.place));
        moved.map_err(|error| Failure::writing(lang, &self.place, &error))
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // After `finish` there is nothing left beside; before it, half a file is worth nothing.
        let _ = fs::remove_file(&self.beside);
    }
}

/// These bytes stand in that file.
///
/// # Errors
/// The file system refused.
pub fn write(lang: Lang, place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut whole = Whole::create(lang, place)?;
    whole.write_all(bytes).map_err(|error| Failure::writing(lang, place, &error))?;
    whole.finish(lang)
}

/// The same, and so does its name after a power cut.
///
/// # Errors
/// The file system refused.
pub fn write_durably(lang: Lang, place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write(lang, place, bytes)?;
    let folder = folder(place);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Failure::writing(lang, folder, &error))
}

/// A name beside this one.
pub fn named(place: &Path, end: &str) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_os_string();
    name.push(end);
    place.with_file_name(name)
}

/// The folder in which this file stands.
pub fn folder(place: &Path) -> &Path {
    place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// The answer's body stands in the file, whole: how many bytes. An answer that is cut is an error of its reader, and the file does
/// not appear.
///
/// # Errors
/// The file system refused; the answer was cut.
pub fn keep(lang: Lang, place: &Path, answer: ureq::http::Response<ureq::Body>) -> Result<u64, Failure> {
    let mut whole = Whole::create(lang, place)?;
    let size = copied(lang, place, &mut answer.into_body().into_reader(), &mut whole)?;
    whole.finish(lang)?;
    Ok(size)
}

/// All that is read is written. An answer that ends early and a disk that refuses are two troubles, with two remedies.
fn copied(lang: Lang, place: &Path, from: &mut dyn Read, to: &mut dyn Write) -> Result<u64, Failure> {
    let (mut size, mut chunk) = (0, vec![0; CHUNK]);
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::cut(lang, place, &error)),
        };
        to.write_all(&chunk[..read]).map_err(|error| Failure::writing(lang, place, &error))?;
        size += read as u64;
    }
    to.flush().map_err(|error| Failure::writing(lang, place, &error))?;
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("directory");
        let place = dir.path().join("pack.asice");
        let mut half = Whole::create(Lang::En, &place).expect("created");
        half.write_all(b"half").expect("written");
        drop(half);
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 0, "nothing is left of a half");
        write(Lang::En, &place, b"whole").expect("written");
        assert_eq!(fs::read(&place).expect("read"), b"whole");
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 1);
    }

    /// Gives some bytes, then breaks.
    struct Broken(bool);

    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match std::mem::replace(&mut self.0, true) {
                true => Err(io::ErrorKind::UnexpectedEof.into()),
                false => Ok(into.len().min(10)),
            }
        }
    }

    /// Takes nothing.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_that_is_cut_and_a_disk_that_is_full_are_two_troubles() {
        let told = |from: &mut dyn Read, to: &mut dyn Write| {
            let failure = copied(Lang::En, Path::new("p"), from, to).expect_err("a trouble");
            (failure.code, failure.exit)
        };
        let cut = ("answer-cut".to_owned(), crate::exit::UNREACHABLE);
        assert_eq!(told(&mut Broken(false), &mut Vec::new()), cut);
        let full = ("file-not-written".to_owned(), crate::exit::UNREADABLE);
        assert_eq!(told(&mut &b"some"[..], &mut Full), full);
        let mut kept = Vec::new();
        assert_eq!(copied(Lang::En, Path::new("p"), &mut &b"some"[..], &mut kept).expect("copied"), 4);
        assert_eq!(kept, b"some");
    }
}
