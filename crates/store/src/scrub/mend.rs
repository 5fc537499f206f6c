//! A damaged file gives its place to a whole one, of a store that nobody serves.

use super::Scrubber;
use crate::disk;
use crate::error::OpenError;
use crate::open::first_free;
use crate::scan::{Sectors, header_of};
use crate::segment;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a file of the store is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// The segment of this number.
    Segment(u64),
    /// The file ahead of this name.
    Ahead([u8; 16]),
    /// A key, by the name of its file.
    Key(String),
    /// Something that the segments give again.
    Derived,
}

impl Scrubber {
    /// Id of the store.
    pub fn id(&self) -> [u8; 16] {
        self.store
    }

    /// What this file of the store is.
    pub fn role_of(&self, path: &Path) -> Role {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let id = || proof::hash::decode_hex(name).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let folder = path.parent().unwrap_or(Path::new(""));
        if folder == self.places.keys {
            return Role::Key(name.to_owned());
        }
        if folder == self.places.ahead {
            return id().map_or(Role::Derived, Role::Ahead);
        }
        let stem = name.split('.').next().unwrap_or_default();
        let number = stem.parse().ok().filter(|number| segment::path_of(&self.places.segments, *number) == path);
        number.map_or(Role::Derived, Role::Segment)
    }

    /// The key that the header of this segment names; `None` when the header cannot be read.
    pub fn key_of(&self, number: u64) -> Option<[u8; 16]> {
        let path = segment::path_of(&self.places.segments, number);
        let header = Sectors::open(&path, number).and_then(|mut sectors| header_of(&mut sectors, &self.store));
        header.ok().map(|header| header.key.0)
    }

    /// Segment keys that the log says are destroyed; none when the index does not open.
    pub fn destroyed(&self) -> Vec<[u8; 16]> {
        let keys = self.index().and_then(|index| index.condemned().ok()).unwrap_or_default();
        keys.into_iter().map(|key| key.0).collect()
    }

    /// Where a file that will replace another is made, on the same file system, empty: what a repair that was cut left there, half a
    /// file or one that had just given its place, is aside.
    ///
    /// # Errors
    /// The directory cannot be made or cleared.
    pub fn bench(&self) -> Result<PathBuf, OpenError> {
        let bench = self.places.aside.join("repair");
        disk::make_directory(&self.places.aside)?;
        disk::make_directory(&bench)?;
        for name in disk::list(&bench, |name| Some(name.to_owned()))? {
            let path = bench.join(&name);
            let is_key = name.ends_with(".key");
            let cleared = if is_key { disk::destroy(&path, || Ok(())) } else { fs::rename(&path, self.free(&path)) };
            cleared.map_err(OpenError::io("clear", &path))?;
        }
        Ok(bench)
    }

    /// The new file stands where the damaged one stood, durably; where the damaged one is now: aside, or nowhere, if it was a key (its
    /// bytes would outlive the key's destruction) or was not there.
    ///
    /// # Errors
    /// The store is served; what the file system says: the old file or the new one stands there, whole.
    pub fn replace(&self, path: &Path, new: &Path) -> Result<Option<PathBuf>, OpenError> {
        let failed = || OpenError::io("put a file in the place of", path);
        if self.live {
            return Err(failed()(io::Error::new(io::ErrorKind::ResourceBusy, "the store is served")));
        }
        // A crash before the end leaves a damaged key on the bench, where the next repair destroys it; no file there, where the file
        // system cannot exchange: a scrub says so, and a repair puts it back.
        let role = self.role_of(path);
        let is_key = matches!(role, Role::Key(_));
        let aside = if is_key { new.with_extension("damaged.key") } else { self.free(path) };
        let was_there = disk::exchange(new, path, &aside).map_err(failed())?;
        if let (Role::Segment(number), Some(shared)) = (role, &self.shared) {
            // Leaves were read from the file of before: who reads on opens the new one.
            shared.segments.forget(number);
        }
        if is_key {
            disk::destroy(&aside, || Ok(())).map_err(failed())?;
        }
        Ok((was_there && !is_key).then_some(aside))
    }

    /// A name aside that nothing has.
    fn free(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let named = |number: u64| self.places.aside.join(format!("{name}.damaged.{number}"));
        first_free((1..).map(named)).unwrap_or_else(|| named(0))
    }
}
