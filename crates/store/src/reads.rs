//! Reads of published data.

use ledger::storage::{EntryRow, Reader, StorageError, StoredHead, TileId};
use proof::{EntryId, FileNumber, Hash, Index, Sequence, TenantId, TreeSize};
use std::io::{self, Read, Seek, SeekFrom};

/// Shared reads over one store.
#[derive(Clone, Debug)]
pub struct StoreReads {}

fn unbuilt<T>() -> Result<T, StorageError> {
    Err(StorageError::Fatal("not built".into()))
}

impl StoreReads {
    /// Number of files of the entry at this index; `None` when there is no such entry (a seal, or beyond the head).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn file_count(&self, _index: Index) -> Result<Option<u64>, StorageError> {
        unbuilt()
    }
    /// Exact bytes of `E`; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn read_entry_record(&self, _index: Index) -> Result<Option<Vec<u8>>, StorageError> {
        unbuilt()
    }
    /// Exact bytes of the `F` of this file; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn read_file_record(&self, _index: Index, _file: FileNumber) -> Result<Option<Vec<u8>>, StorageError> {
        unbuilt()
    }
    /// The plaintext of a file, chunk by chunk; `None` when there is none (or no longer).
    ///
    /// # Errors
    /// `Fatal` when what is stored is damaged.
    pub fn open_file(&self, _index: Index, _file: FileNumber) -> Result<Option<FileReader>, StorageError> {
        unbuilt()
    }
}

impl Reader for StoreReads {
    fn head(&self) -> Result<Option<StoredHead>, StorageError> {
        unbuilt()
    }
    fn tile(&self, _id: TileId) -> Result<Option<Vec<u8>>, StorageError> {
        unbuilt()
    }
    fn entry(&self, _index: Index) -> Result<Option<EntryRow>, StorageError> {
        unbuilt()
    }
    fn checkpoint(&self, _size: TreeSize) -> Result<Option<String>, StorageError> {
        unbuilt()
    }
    fn by_id(&self, _tenant: TenantId, _id: EntryId) -> Result<Option<Index>, StorageError> {
        unbuilt()
    }
    fn chain(&self, _tenant: TenantId) -> Result<Option<(Sequence, Index, Hash)>, StorageError> {
        unbuilt()
    }
    fn by_sequence(
        &self,
        _tenant: TenantId,
        _from: Sequence,
        _limit: usize,
    ) -> Result<Vec<(Sequence, Index)>, StorageError> {
        unbuilt()
    }
    fn request(&self, _tenant: TenantId, _key: &[u8; 32]) -> Result<Option<([u8; 32], Index)>, StorageError> {
        unbuilt()
    }
    fn lookup(&self, _tenant: TenantId, _digest: &[u8; 32], _limit: usize) -> Result<Vec<Index>, StorageError> {
        unbuilt()
    }
    fn value(&self, _space: u8, _key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        unbuilt()
    }
    fn values(&self, _space: u8, _prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StorageError> {
        unbuilt()
    }
}

/// Plaintext of a stored file: one chunk in memory at a time, from any place.
#[derive(Debug)]
pub struct FileReader {}

impl FileReader {
    /// Bytes of the whole file.
    pub fn len(&self) -> u64 {
        0
    }
    /// True when the file has no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Read for FileReader {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("not built"))
    }
}
impl Seek for FileReader {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::Error::other("not built"))
    }
}
