//! One process at a time.

use crate::error::OpenError;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// An exclusive lock, held until the last owner of this value is gone (or the process dies).
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "held for its drop")] File);

/// A process holds the store in this directory.
pub fn is_held(data: &Path) -> bool {
    // Shared, and let go at once: two who look do not take each other for an owner.
    File::open(data.join("lock")).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl Lock {
    pub(crate) fn take(data: &Path) -> Result<Self, OpenError> {
        let path = data.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(OpenError::io("open lock", &path))?;
        match file.try_lock() {
            // Negative control: with the failpoint two processes write to one store.
            Err(TryLockError::WouldBlock) if ledger::failpoint::skip("store.lock") => Ok(Self(file)),
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(data.to_owned())),
            Err(TryLockError::Error(error)) => Err(OpenError::io("lock", &path)(error)),
        }
    }
}
