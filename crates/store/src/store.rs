//! The one writer.

use crate::error::OpenError;
use crate::options::StoreOptions;
use crate::reads::StoreReads;
use crate::vault::{SealedParts, Vault};
use ledger::storage::{Commit, Publication, Replay, Storage, StorageError};

/// An open store: holds its lock, appends and publishes commits.
#[derive(Debug)]
pub struct Store {}

impl Store {
    /// An empty store stands in the directory; the master key file is made if there is none.
    ///
    /// # Errors
    /// `AlreadyThere`, `MasterKeyMode`, `MasterKeyForm`, `Io`.
    pub fn create(_options: &StoreOptions) -> Result<(), OpenError> {
        Err(OpenError::Index("not built".into()))
    }

    /// The store is open and locked, its last record durable, its tail clean; what is not published is in `unpublished`.
    ///
    /// # Errors
    /// Each variant of [`OpenError`] but `AlreadyThere`.
    pub fn open(_options: &StoreOptions) -> Result<Self, OpenError> {
        Err(OpenError::Index("not built".into()))
    }

    /// Encryption and look-up keys, for every thread.
    pub fn vault(&self) -> Vault {
        Vault {}
    }
}

impl Storage for Store {
    type Parts = SealedParts;
    type Reads = StoreReads;
    fn reads(&self) -> StoreReads {
        StoreReads {}
    }
    fn unpublished(&mut self) -> Result<Vec<Replay>, StorageError> {
        Err(StorageError::Fatal("not built".into()))
    }
    fn append(&mut self, _commit: Commit<SealedParts>) -> Result<(), StorageError> {
        Err(StorageError::Fatal("not built".into()))
    }
    fn publish(&mut self, _publication: Publication) -> Result<(), StorageError> {
        Err(StorageError::Fatal("not built".into()))
    }
}
