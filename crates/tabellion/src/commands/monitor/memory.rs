//! What a monitor remembers between two runs: the last head, as the signed note it came as.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use proof::limits::NOTE_BYTES;
use proof::{Checkpoint, SignedNote};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;
use crate::whole::{named, write_durably};

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

    /// The state file; evidence stands beside it.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// This head is the one seen last, durably.
    ///
    /// # Errors
    /// The file system refused.
    pub fn keep(&self, note: &str) -> Result<(), Failure> {
        write_durably(self.lang, &self.place, note.as_bytes())
    }

    fn unreadable(&self) -> Failure {
        let said = self.lang.fill("fail.state", &[("file", &self.place.display().to_string())]);
        Failure::new(exit::UNREADABLE, "state-unreadable", said).with_remedy(self.lang.text("fail.state.remedy"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
}
