//! A pack that is read where it lies: in bounded memory, whatever its size.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use seal::{SealError, Source};

use crate::inputs::{self, Trouble};

/// A file, as large as it was when it was opened.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    size: u64,
}

impl FileSource {
    /// This file; `None` for what has no places to go to, such as a pipe.
    pub fn open(path: &Path) -> Result<Option<Self>, Trouble> {
        let unreadable = |why| Trouble::Read(path.to_owned(), why);
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Ok(None);
        }
        let file = inputs::open(path)?;
        let size = file.metadata().map_err(unreadable)?.len();
        Ok(Some(Self { file, size }))
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(into));
        read.map_err(|why| SealError::Read { reason: why.to_string() })
    }
}
