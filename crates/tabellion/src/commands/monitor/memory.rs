//! What a monitor remembers between two runs: the last head, as the signed note it came as, and the evidence of what went wrong.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use proof::limits::NOTE_BYTES;
use proof::tlog_proof::write_hashes;
use proof::{Checkpoint, Hash, SignedNote, sha256};

use crate::commands::Whole;
use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

/// Sets of evidence kept beside one state file: a log that forks at every run must not fill the disk.
const SETS: usize = 16;

/// The state file, held by this process alone.
pub struct Memory {
    lang: Lang,
    place: PathBuf,
    _lock: File,
}

impl Memory {
    /// The state file is ours, whether it exists or not.
    ///
    /// # Errors
    /// Its directory cannot be written; another run holds it.
    pub fn open(lang: Lang, place: &Path) -> Result<Self, Failure> {
        let beside = named(place, ".lock");
        let lock = File::create(&beside).map_err(|error| Failure::writing(lang, &beside, &error))?;
        if lock.try_lock().is_err() {
            let said = lang.fill("fail.held", &[("file", &beside.display().to_string())]);
            return Err(Failure::new(exit::PENDING, "run-under-way", said).with_remedy(lang.text("fail.held.remedy")));
        }
        Ok(Self { lang, place: place.to_path_buf(), _lock: lock })
    }

    /// The head seen last, verbatim and read; `None` when there is no file: a first run. An unreadable file is never taken
    /// for a first run, or whoever can spoil it could hide a fork.
    ///
    /// # Errors
    /// The file is there and holds no head.
    pub fn last(&self) -> Result<Option<(String, Checkpoint)>, Failure> {
        let file = match File::open(&self.place) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::reading(self.lang, &self.place, &error)),
        };
        let mut note = String::new();
        let limit = u64::try_from(NOTE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let read = file.take(limit).read_to_string(&mut note);
        read.map_err(|error| Failure::reading(self.lang, &self.place, &error))?;
        let text = SignedNote::parse(&note).ok().map(|note| note.text);
        match text.and_then(|text| Checkpoint::parse(&text).ok()) {
            Some(head) => Ok(Some((note, head))),
            None => Err(self.unreadable()),
        }
    }

    /// This head is the one seen last, durably.
    ///
    /// # Errors
    /// The file system refused.
    pub fn keep(&self, note: &str) -> Result<(), Failure> {
        write_whole(self.lang, &self.place, note.as_bytes())
    }

    /// Both notes stand beside the state file, and the path that shows they disagree; the same ones are kept once.
    ///
    /// # Errors
    /// The file system refused.
    pub fn evidence(&self, what: &str, old: &str, new: &str, path: &[Hash]) -> Result<Vec<PathBuf>, Failure> {
        let digest = sha256(format!("{old}{new}").as_bytes()).to_string();
        let mark = format!(".{what}-{}", digest.get(..12).unwrap_or_default());
        if self.sets(&mark) >= SETS {
            return Ok(Vec::new());
        }
        let mut files = vec![(".old", old.to_owned()), (".new", new.to_owned())];
        if !path.is_empty() {
            files.push((".path", write_hashes(path)));
        }
        let mut kept = Vec::new();
        for (end, text) in files {
            let place = named(&self.place, &format!("{mark}{end}"));
            write_whole(self.lang, &place, text.as_bytes())?;
            kept.push(place);
        }
        Ok(kept)
    }

    /// Sets of evidence other than this one.
    fn sets(&self, mark: &str) -> usize {
        let name = |place: &Path| place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (own, this) = (name(&self.place), name(&named(&self.place, mark)));
        let folder = self.place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let evidence = |found: &String| {
            let rest = found.strip_prefix(&own).and_then(|rest| rest.strip_suffix(".old"));
            rest.is_some_and(|rest| rest.starts_with(".fork-") || rest.starts_with(".rollback-"))
        };
        names.filter(evidence).filter(|found| !found.starts_with(&this)).count()
    }

    fn unreadable(&self) -> Failure {
        let said = self.lang.fill("fail.state", &[("file", &self.place.display().to_string())]);
        Failure::new(exit::UNREADABLE, "state-unreadable", said).with_remedy(self.lang.text("fail.state.remedy"))
    }
}

fn named(place: &Path, end: &str) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_os_string();
    name.push(end);
    place.with_file_name(name)
}

/// The file stands whole, and so does its name after a power cut.
fn write_whole(lang: Lang, place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut whole = Whole::create(lang, place)?;
    whole.write_all(bytes).map_err(|error| Failure::writing(lang, place, &error))?;
    whole.finish(lang)?;
    let folder = place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let synced = OpenOptions::new().read(true).open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Failure::writing(lang, folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} log AAAAAAA=\n";

    #[test]
    fn a_head_is_remembered_and_a_spoilt_file_is_no_first_run() {
        let dir = tempfile::tempdir().expect("directory");
        let place = dir.path().join("state");
        let memory = Memory::open(Lang::Fr, &place).expect("ours");
        assert_eq!(memory.last().expect("read"), None);
        memory.keep(NOTE).expect("kept");
        assert_eq!(memory.last().expect("read").map(|(note, head)| (note, head.size.0)), Some((NOTE.to_owned(), 1)));
        for spoilt in ["", "x", &NOTE[..NOTE.len() - 1], &"a".repeat(NOTE_BYTES + 1)] {
            fs::write(&place, spoilt).expect("written");
            assert_eq!(memory.last().expect_err("spoilt").exit, exit::UNREADABLE, "{spoilt:.40}");
        }
    }

    #[test]
    fn one_run_at_a_time() {
        let dir = tempfile::tempdir().expect("directory");
        let place = dir.path().join("state");
        let memory = Memory::open(Lang::Fr, &place).expect("ours");
        let held = Memory::open(Lang::Fr, &place).map(|_| ()).expect_err("held");
        assert_eq!((held.exit, held.code.as_str()), (exit::PENDING, "run-under-way"));
        drop(memory);
        Memory::open(Lang::Fr, &place).expect("free again");
    }

    #[test]
    fn evidence_is_kept_once_each_and_is_bounded() {
        let dir = tempfile::tempdir().expect("directory");
        let memory = Memory::open(Lang::Fr, &dir.path().join("state")).expect("ours");
        let first = memory.evidence("fork", "a", "b", &[Hash([7; 32])]).expect("kept");
        assert_eq!(first.len(), 3);
        assert_eq!(fs::read(&first[0]).expect("old"), b"a");
        assert_eq!(fs::read(&first[1]).expect("new"), b"b");
        assert_eq!(fs::read_to_string(&first[2]).expect("path"), write_hashes(&[Hash([7; 32])]));
        for number in 1..SETS {
            assert_eq!(memory.evidence("rollback", "a", &number.to_string(), &[]).expect("kept").len(), 2);
        }
        assert_eq!(memory.evidence("fork", "a", "z", &[]).expect("no room"), Vec::<PathBuf>::new());
        assert_eq!(memory.evidence("fork", "a", "b", &[]).expect("kept").len(), 2, "the same again has its place");
    }
}
