//! The master key: the secret that wraps the key store, and where it comes from. See docs/formats/key-store.md.

use crate::cipher::{Secret, random};
use crate::disk;
use crate::error::OpenError;
use crate::keys::WrappingKey;
use proof::hash::{decode_hex, encode_hex};
use ring::rand::SystemRandom;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// The secret that wraps the key store, wiped when its last copy is gone. Never shown: it is told by its name.
#[derive(Clone)]
pub struct MasterSecret(Secret);

impl MasterSecret {
    /// These 32 bytes.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, for those who wrap them or share them out.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// First 8 bytes of a digest of the secret: enough to tell one master key from another, and nothing to find it by.
    pub fn name(&self) -> [u8; 8] {
        let mut named = Zeroizing::new(b"tabellion master key 1".to_vec());
        named.extend_from_slice(self.0.as_slice());
        let digest = proof::sha256(&named);
        let mut name = [0; 8];
        name.copy_from_slice(&digest.0[..8]);
        name
    }

    /// The secret of this file: 64 hexadecimal digits, reachable by its owner only.
    ///
    /// # Errors
    /// `MasterKeyMode`, `MasterKeyForm`, `Io`.
    pub fn read(path: &Path) -> Result<Self, OpenError> {
        let metadata = fs::metadata(path).map_err(OpenError::io("read master key", path))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(OpenError::MasterKeyMode { path: path.to_owned(), mode });
        }
        let bytes = Zeroizing::new(fs::read(path).map_err(OpenError::io("read master key", path))?);
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim_ascii_end();
        let secret = decode_hex(text).map(Zeroizing::new);
        match secret.and_then(|secret| <[u8; 32]>::try_from(secret.as_slice()).ok()) {
            Some(secret) => Ok(Self(Zeroizing::new(secret))),
            None => Err(OpenError::MasterKeyForm(path.to_owned())),
        }
    }

    /// The text of a master key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = encode_hex(self.0.as_slice());
        text.push('\n');
        Zeroizing::new(text)
    }
}

impl PartialEq for MasterSecret {
    fn eq(&self, other: &Self) -> bool {
        // Digests, so that how long it takes says nothing of the secrets.
        proof::sha256(self.0.as_slice()) == proof::sha256(other.0.as_slice())
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterSecret({})", encode_hex(&self.name()))
    }
}

/// Where the master key comes from.
#[derive(Clone, Debug)]
pub enum Master {
    /// A file outside the store: 64 hexadecimal digits, readable by its owner only.
    File(PathBuf),
    /// At hand already: whoever opens the store had it from a token.
    Secret(MasterSecret),
}

impl From<PathBuf> for Master {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl Master {
    /// The master key itself.
    pub(crate) fn load(&self) -> Result<MasterKey, OpenError> {
        match self {
            Self::File(path) => MasterSecret::read(path).map(|secret| MasterKey::of(&secret)),
            Self::Secret(secret) => Ok(MasterKey::of(secret)),
        }
    }

    /// A fresh master key stands in the file, unless there is one.
    pub(crate) fn create_if_absent(&self, rng: &SystemRandom) -> Result<(), OpenError> {
        let Self::File(path) = self else { return Ok(()) };
        let failed = || OpenError::io("write master key", path);
        let mut file = match disk::new_file(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            other => other.map_err(failed())?,
        };
        let no_randomness = || failed()(io::Error::other("no randomness"));
        let secret = random::<32>(rng).map(Zeroizing::new).ok_or_else(no_randomness)?;
        let mut text = MasterSecret(secret).to_text();
        let written = io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all());
        text.zeroize();
        written.map_err(failed())?;
        let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        disk::sync_directory(directory).map_err(failed())
    }
}

/// The master key, ready to wrap and unwrap.
#[derive(Clone)]
pub(crate) struct MasterKey {
    pub(crate) wrapping: WrappingKey,
    pub(crate) name: [u8; 8],
}

impl MasterKey {
    pub(crate) fn of(secret: &MasterSecret) -> Self {
        Self { wrapping: WrappingKey::new(&secret.0), name: secret.name() }
    }
}
