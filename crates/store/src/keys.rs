//! The key store: one small file per segment key, each wrapped by the master key. See docs/formats/key-store.md.

use crate::cipher::{Secret, random};
use crate::codec::{ParseError, Parsed, Parser, Writer};
use crate::disk;
use crate::error::OpenError;
use crate::master::MasterKey;
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use proof::UnixMillis;
use ring::rand::SystemRandom;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

const MAGIC: &[u8; 4] = b"TBKY";
const VERSION: u16 = 1;
/// Name of the file of the store's own secret.
pub(crate) const STORE_FILE: &str = "store.key";
/// Bytes of a key file.
pub(crate) const FILE_BYTES: u64 = 103;
/// A wrapped key: 32 bytes and a tag.
pub(crate) const WRAPPED: usize = 48;

/// What a segment key is called: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct KeyId(pub(crate) [u8; 16]);

impl KeyId {
    fn file_name(self) -> String {
        format!("{}.key", proof::hash::encode_hex(&self.0))
    }
}

/// What a key file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Segment = 1,
    Store = 2,
}

/// A key that wraps other keys (AES-256-GCM-SIV, RFC 8452).
#[derive(Clone)]
pub(crate) struct WrappingKey {
    cipher: Aes256GcmSiv,
}

impl WrappingKey {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self { cipher: Aes256GcmSiv::new(&(**secret).into()) }
    }
    /// The secret wrapped, bound to `context`; `None` never in practice (bounded input).
    pub(crate) fn wrap(&self, nonce: &[u8; 12], context: &[u8], secret: &Secret) -> Option<[u8; WRAPPED]> {
        let payload = Payload { msg: secret.as_slice(), aad: context };
        self.cipher.encrypt(&Nonce::from(*nonce), payload).ok()?.try_into().ok()
    }
    /// The secret, if it was wrapped by this key under this context.
    pub(crate) fn unwrap(&self, nonce: &[u8; 12], context: &[u8], wrapped: &[u8; WRAPPED]) -> Option<Secret> {
        let payload = Payload { msg: wrapped.as_slice(), aad: context };
        let plain = Zeroizing::new(self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?);
        plain.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

fn randomness(path: &Path) -> OpenError {
    OpenError::io("make a key for", path)(io::Error::other("no randomness"))
}

/// A key file in its written form.
struct KeyFile {
    purpose: Purpose,
    id: KeyId,
    created: UnixMillis,
    master: [u8; 8],
    nonce: [u8; 12],
    wrapped: [u8; WRAPPED],
}

impl KeyFile {
    /// Everything that the wrapping is bound to.
    fn context(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(MAGIC).u16(VERSION).u8(self.purpose as u8).raw(&self.id.0);
        out.u64(self.created.0).raw(&self.master);
        out.0
    }
    fn write(&self) -> Vec<u8> {
        let mut out = Writer(self.context());
        out.raw(&self.nonce).raw(&self.wrapped);
        let crc = crc32c::crc32c(&out.0);
        out.u32(crc);
        out.0
    }
    fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut parser = Parser::new(bytes);
        parser.magic(MAGIC, VERSION)?;
        let purpose = match parser.u8("purpose")? {
            1 => Purpose::Segment,
            2 => Purpose::Store,
            found => {
                return Err(ParseError::Unknown { what: "purpose", found: found.into() });
            }
        };
        let id = KeyId(parser.array("key id")?);
        let created = UnixMillis(parser.u64("creation time")?);
        let (master, nonce) = (parser.array("master key name")?, parser.array("nonce")?);
        let wrapped = parser.array("wrapped key")?;
        let covered = parser.at();
        let found = parser.u32("checksum")?;
        parser.end()?;
        if bytes.get(..covered).map(crc32c::crc32c) != Some(found) {
            return Err(ParseError::Unknown { what: "checksum", found: found.into() });
        }
        Ok(Self { purpose, id, created, master, nonce, wrapped })
    }
}

/// The keys of one store.
pub(crate) struct KeyStore {
    directory: PathBuf,
    master: MasterKey,
    rng: SystemRandom,
    opened: Mutex<HashMap<KeyId, Arc<WrappingKey>>>,
}

impl KeyStore {
    pub(crate) fn new(directory: PathBuf, master: MasterKey) -> Self {
        Self { directory, master, rng: SystemRandom::new(), opened: Mutex::default() }
    }

    /// The same key store under the same master key, with nothing remembered.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.directory.clone(), self.master.clone())
    }

    /// A fresh key is in the key store, durably. A crash after it leaves a key that no segment names: harmless.
    pub(crate) fn create_segment_key(&self, at: UnixMillis) -> Result<(KeyId, Arc<WrappingKey>), OpenError> {
        let id = KeyId(random(&self.rng).ok_or_else(|| randomness(&self.directory))?);
        let secret = self.create(Purpose::Segment, id, at, &id.file_name())?;
        let key = Arc::new(WrappingKey::new(&secret));
        self.remember(id, &key);
        Ok((id, key))
    }

    /// The store's secret, made now, under the store's id.
    pub(crate) fn create_store_secret(&self, store: [u8; 16]) -> Result<(), OpenError> {
        self.create(Purpose::Store, KeyId(store), UnixMillis(0), STORE_FILE).map(drop)
    }

    fn create(&self, purpose: Purpose, id: KeyId, created: UnixMillis, name: &str) -> Result<Secret, OpenError> {
        let absent = || randomness(&self.directory);
        let secret: Secret = Zeroizing::new(random(&self.rng).ok_or_else(absent)?);
        let nonce = random(&self.rng).ok_or_else(absent)?;
        let mut file = KeyFile { purpose, id, created, master: self.master.name, nonce, wrapped: [0; WRAPPED] };
        file.wrapped = self.master.wrapping.wrap(&nonce, &file.context(), &secret).ok_or_else(absent)?;
        let path = self.directory.join(name);
        disk::write_durably(&self.directory, name, &file.write()).map_err(OpenError::io("write key", &path))?;
        Ok(secret)
    }

    fn load(&self, name: &str, purpose: Purpose) -> Result<(KeyId, Secret), OpenError> {
        let path = self.directory.join(name);
        let wrong = |what: String| OpenError::KeyStore { path: path.clone(), what };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(wrong("is missing".into())),
            other => other.map_err(OpenError::io("read key", &path))?,
        };
        let file = KeyFile::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        if file.purpose != purpose {
            return Err(wrong(format!("is for {:?}, not for {purpose:?}", file.purpose)));
        }
        if file.master != self.master.name {
            return Err(OpenError::WrongMasterKey {
                path,
                wrapped_by: proof::hash::encode_hex(&file.master),
                given: proof::hash::encode_hex(&self.master.name),
            });
        }
        match self.master.wrapping.unwrap(&file.nonce, &file.context(), &file.wrapped) {
            Some(secret) => Ok((file.id, secret)),
            None => Err(wrong("does not unwrap".into())),
        }
    }

    /// The store's id and secret.
    pub(crate) fn store_secret(&self) -> Result<([u8; 16], Secret), OpenError> {
        self.load(STORE_FILE, Purpose::Store).map(|(id, secret)| (id.0, secret))
    }

    /// The segment key of this name.
    pub(crate) fn segment_key(&self, id: KeyId) -> Result<Arc<WrappingKey>, OpenError> {
        if let Some(key) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(key));
        }
        let name = id.file_name();
        let (found, secret) = self.load(&name, Purpose::Segment)?;
        if found != id {
            let what = "holds another key than its name says".to_owned();
            return Err(OpenError::KeyStore { path: self.directory.join(name), what });
        }
        let key = Arc::new(WrappingKey::new(&secret));
        self.remember(id, &key);
        Ok(key)
    }

    /// Whether the key store holds this key.
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.directory.join(id.file_name()).exists()
    }

    /// The key is nowhere any more: its file overwritten, synced, unlinked, the directory synced. One that is not there is
    /// destroyed already.
    pub(crate) fn destroy(&self, id: KeyId) -> io::Result<()> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        disk::destroy(&self.directory.join(id.file_name()), || {
            // A crash here leaves a file that opens nothing; the log says that it is to be destroyed, and the next start ends it.
            ledger::failpoint!("eliminate.key-overwritten", io::Error::other("failpoint eliminate.key-overwritten"));
            Ok(())
        })
    }

    /// No half-written key is left.
    pub(crate) fn remove_unfinished(&self) -> Result<(), OpenError> {
        for name in disk::list(&self.directory, |name| name.ends_with(".new").then(|| name.to_owned()))? {
            let path = self.directory.join(name);
            disk::remove_if_there(&path).map_err(OpenError::io("remove", &path))?;
        }
        Ok(())
    }

    /// Why a file of this name is no key of a segment.
    pub(crate) fn no_key(&self, name: &str) -> OpenError {
        OpenError::KeyStore { path: self.directory.join(name), what: "bears no name of a key".to_owned() }
    }

    /// The segment key of this name opens, read from its file again.
    pub(crate) fn read_again(&self, id: KeyId) -> Result<(), OpenError> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.segment_key(id).map(drop)
    }

    fn remember(&self, id: KeyId, key: &Arc<WrappingKey>) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(key));
    }
}

/// The key that a file of this name holds.
pub(crate) fn named_by(name: &str) -> Option<KeyId> {
    let id = proof::hash::decode_hex(name.strip_suffix(".key")?)?;
    id.try_into().ok().map(KeyId)
}

/// The id that this key file states, and the name of the master key that wrapped it; nothing is opened.
pub(crate) fn said(path: &Path) -> Result<([u8; 16], [u8; 8]), OpenError> {
    let wrong = |what: String| OpenError::KeyStore { path: path.to_owned(), what };
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(wrong("is missing".into())),
        other => other.map_err(OpenError::io("read key", path))?,
    };
    let file = KeyFile::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
    Ok((file.id.0, file.master))
}

/// Whether these bytes are a key file, wrapped or not by a master key at hand.
#[cfg(test)]
pub(crate) fn parses(bytes: &[u8]) -> bool {
    KeyFile::parse(bytes).is_ok()
}
