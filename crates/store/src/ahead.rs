//! Files written ahead of the record that names them: large bodies, encrypted as they arrive.

use crate::chunks::{ChunkReader, Source};
use crate::cipher::{ChunkCipher, Domain, STORED_CHUNK, Secret, chunks_of, random, stored_len};
use crate::digest::Running256;
use crate::disk;
use crate::error::{OpenError, VaultError};
use crate::limits::CHUNK_BYTES;
use crate::record::PartFacts;
use crate::vault::Vault;
use proof::Hash;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file written ahead, encrypted, synced; removed when dropped unless a commit took it.
pub struct AheadFile {
    removal: Removal,
    secret: Secret,
    facts: PartFacts,
    sha256: Hash,
}

/// Removes the file when dropped, while armed.
struct Removal {
    path: PathBuf,
    id: [u8; 16],
    armed: bool,
}

impl Drop for Removal {
    fn drop(&mut self) {
        if self.armed {
            // A file that stays is removed at the next start: no record names it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl std::fmt::Debug for AheadFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AheadFile").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl AheadFile {
    pub(crate) fn id(&self) -> [u8; 16] {
        self.removal.id
    }
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
    pub(crate) fn facts(&self) -> PartFacts {
        self.facts
    }
    /// Digest of the plaintext, as recovered from the disk.
    pub(crate) fn sha256(&self) -> Hash {
        self.sha256
    }
    /// Whether the file outlives this value.
    pub(crate) fn keep(&mut self, keep: bool) {
        self.removal.armed = !keep;
    }
    pub(crate) fn open(&self) -> Result<ChunkReader, VaultError> {
        let file = File::open(&self.removal.path).map_err(VaultError::io("open a file ahead"))?;
        ChunkReader::new(Source::Ahead(file), &self.secret, Domain::File, self.facts.plain)
            .map_err(VaultError::io("open a file ahead"))
    }
}

/// Encrypts what it takes into a new file ahead.
pub(crate) struct AheadWriter {
    removal: Removal,
    directory: PathBuf,
    file: File,
    secret: Secret,
    cipher: ChunkCipher,
    /// Plaintext of the chunk being filled.
    pending: Vec<u8>,
    stored: Vec<u8>,
    chunk: u64,
    plain: u64,
    sha256: Running256,
}

impl AheadWriter {
    pub(crate) fn create(vault: &Vault) -> Result<Self, VaultError> {
        let directory = vault.ahead_directory().to_owned();
        let id = random(vault.rng()).ok_or(VaultError::Randomness)?;
        let secret = Zeroizing::new(random(vault.rng()).ok_or(VaultError::Randomness)?);
        let cipher = ChunkCipher::new(&secret, Domain::File).ok_or(VaultError::Randomness)?;
        let path = path_of(&directory, &id);
        let file = disk::new_file(&path).map_err(VaultError::io("create a file ahead"))?;
        let removal = Removal { path, id, armed: true };
        let (pending, stored) = (Vec::with_capacity(CHUNK_BYTES), Vec::with_capacity(STORED_CHUNK));
        Ok(Self {
            removal,
            directory,
            file,
            secret,
            cipher,
            pending,
            stored,
            chunk: 0,
            plain: 0,
            sha256: Running256::default(),
        })
    }

    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<(), VaultError> {
        self.plain = self.plain.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            // A full chunk is written only once it is known not to be the last.
            if self.pending.len() == CHUNK_BYTES {
                self.flush_chunk(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.pending.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn flush_chunk(&mut self, last: bool) -> Result<(), VaultError> {
        self.stored.clear();
        let sealed = self.cipher.seal(self.chunk, last, &self.pending, &mut self.stored);
        sealed.ok_or(VaultError::Cipher { part: "file", chunk: self.chunk })?;
        self.file.write_all(&self.stored).map_err(VaultError::io("write a file ahead"))?;
        self.sha256.update(&self.stored);
        self.pending.clear();
        self.chunk += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self, said: Hash) -> Result<AheadFile, VaultError> {
        self.flush_chunk(true)?;
        self.file.sync_all().map_err(VaultError::io("sync a file ahead"))?;
        disk::sync_directory(&self.directory).map_err(VaultError::io("sync the directory ahead"))?;
        // A crash from here to the commit leaves a file that no record names: removed at the next start.
        let facts = PartFacts { plain: self.plain, stored: stored_len(self.plain), sha256: self.sha256.finish() };
        let (recovered, stored) = read_back(&self.removal.path, &self.cipher, facts.plain)?;
        if recovered != said || stored != facts.sha256 {
            return Err(VaultError::SecondComputation { file: 0, said, recovered });
        }
        Ok(AheadFile { removal: self.removal, secret: self.secret, facts, sha256: said })
    }
}

/// Digests of the plaintext and of the stored bytes, from the disk.
fn read_back(path: &Path, cipher: &ChunkCipher, plain: u64) -> Result<(Hash, Hash), VaultError> {
    let mut file = File::open(path).map_err(VaultError::io("read a file ahead back"))?;
    let (mut recovered, mut stored) = (Sha256::new(), Running256::default());
    let mut left = stored_len(plain);
    let mut buffer = vec![0; STORED_CHUNK];
    let chunks = chunks_of(plain);
    for chunk in 0..chunks {
        let bytes = usize::try_from(left.min(STORED_CHUNK as u64)).unwrap_or(STORED_CHUNK);
        let held = &mut buffer[..bytes];
        file.read_exact(held).map_err(VaultError::io("read a file ahead back"))?;
        stored.update(held);
        let opened = cipher.open(chunk, chunk + 1 == chunks, held);
        recovered.update(opened.ok_or(VaultError::Cipher { part: "file", chunk })?);
        left -= bytes as u64;
    }
    Ok((Hash(recovered.finalize().into()), stored.finish()))
}

/// The path of a file ahead.
pub(crate) fn path_of(directory: &Path, id: &[u8; 16]) -> PathBuf {
    directory.join(proof::hash::encode_hex(id))
}

/// Files that nothing names are gone; their number.
pub(crate) fn remove_unnamed(
    directory: &Path,
    named: impl Fn(&[u8; 16]) -> Result<bool, OpenError>,
    in_records: &HashSet<[u8; 16]>,
) -> Result<u64, OpenError> {
    let ids = disk::list(directory, |name| {
        proof::hash::decode_hex(name).and_then(|bytes| <[u8; 16]>::try_from(bytes.as_slice()).ok())
    })?;
    let mut removed = 0;
    for id in ids {
        if !in_records.contains(&id) && !named(&id)? {
            let path = path_of(directory, &id);
            disk::remove_if_there(&path).map_err(OpenError::io("remove unnamed file", &path))?;
            removed += 1;
        }
    }
    Ok(removed)
}
