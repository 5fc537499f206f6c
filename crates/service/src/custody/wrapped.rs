//! `master.p11`: the master key wrapped by a key that never leaves a token. See docs/formats/master-key-custody.md.

use super::token::Token;
use super::trouble;
use crate::error::ServiceError;
use crate::files;
use crate::random;
use sha2::{Digest, Sha256};
use std::path::Path;
use store::MasterSecret;
use zeroize::Zeroizing;

const MAGIC: &[u8; 4] = b"TBMP";
const VERSION: u16 = 1;
/// `CKM_AES_GCM`, tag of 128 bits behind the ciphertext.
const AES_GCM: u8 = 1;
/// Bytes before the nonce: what the wrapping is bound to.
const CONTEXT: usize = 4 + 2 + 1 + 16 + 8;
const CHECKSUM: usize = 8;
/// Bytes of the file.
pub(super) const BYTES: usize = CONTEXT + 12 + 48 + CHECKSUM;

/// The file, read or about to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrapped {
    pub(super) store: [u8; 16],
    pub(super) master: [u8; 8],
    pub(super) nonce: [u8; 12],
    pub(super) ciphertext: [u8; 48],
}

impl Wrapped {
    /// The secret, wrapped by the token's key, which gives it back.
    pub(super) fn make(token: &Token, store: [u8; 16], secret: &MasterSecret) -> Result<Self, ServiceError> {
        let mut made = Self { store, master: secret.name(), nonce: random::bytes()?, ciphertext: [0; 48] };
        // A token may take a nonce of its own: the one it says it took is kept.
        let context = made.context();
        made.ciphertext = token.encrypt(&mut made.nonce, &context, secret.bytes())?;
        Ok(made)
    }

    /// The secret in it, if this token's key wrapped it.
    pub(super) fn open(&self, token: &Token, path: &Path) -> Result<MasterSecret, ServiceError> {
        let secret = token.decrypt(&self.nonce, &self.context(), &self.ciphertext, path)?;
        let secret = MasterSecret::new(secret);
        // Never in practice: the tag covers the name.
        match secret.name() == self.master {
            true => Ok(secret),
            false => Err(trouble::damaged(path, "holds another secret than its name says").into()),
        }
    }

    /// The file that stands there.
    pub(super) fn read(path: &Path) -> Result<Self, ServiceError> {
        let bytes = files::read_bounded(path, 4096)?;
        Self::parse(&bytes).map_err(|why| trouble::damaged(path, why).into())
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = self.context();
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.ciphertext);
        let checksum = checksum(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// The file of these bytes, exactly.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let bytes: &[u8; BYTES] = bytes.try_into().map_err(|_| "has not the length of its version")?;
        let (covered, said) = bytes.split_at(BYTES - CHECKSUM);
        let mut rest = covered;
        if take::<4>(&mut rest) != Some(*MAGIC) {
            return Err("is no wrapped master key");
        }
        // Before the version and the mechanism: a bit turned over there is damage, not a newer program.
        if checksum(covered) != said {
            return Err("does not give its own checksum");
        }
        if take::<2>(&mut rest) != Some(VERSION.to_be_bytes()) {
            return Err("has a version that this program does not read");
        }
        if take::<1>(&mut rest) != Some([AES_GCM]) {
            return Err("was wrapped by a mechanism that this program does not know");
        }
        let parts = (take(&mut rest), take(&mut rest), take(&mut rest), take(&mut rest));
        let (Some(store), Some(master), Some(nonce), Some(ciphertext)) = parts else {
            return Err("has not the length of its version");
        };
        Ok(Self { store, master, nonce, ciphertext })
    }

    /// Everything that the wrapping is bound to.
    fn context(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BYTES);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.push(AES_GCM);
        out.extend_from_slice(&self.store);
        out.extend_from_slice(&self.master);
        out
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

fn checksum(covered: &[u8]) -> [u8; CHECKSUM] {
    let digest: [u8; 32] = Sha256::digest(covered).into();
    let mut first = [0; CHECKSUM];
    first.copy_from_slice(&digest[..CHECKSUM]);
    first
}

/// A secret of 32 bytes that a token gave back.
pub(super) fn secret_of(bytes: Zeroizing<Vec<u8>>) -> Option<Zeroizing<[u8; 32]>> {
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}
