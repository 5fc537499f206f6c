//! A key in a token that wraps the 32 bytes of the master key and gives them back, and nothing else.

use super::pin::Asked;
use super::session::{Opened, Wanted};
use super::trouble;
use super::wrapped::secret_of;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::types::Ulong;
use std::path::Path;
use zeroize::Zeroizing;

/// Bits of the tag behind the ciphertext.
const TAG_BITS: Ulong = Ulong::new(128);
/// Bytes of an AES-256 key.
const KEY_BYTES: Ulong = Ulong::new(32);

/// A session of the token, logged in, with its key.
pub(super) struct Token {
    opened: Opened,
    key: ObjectHandle,
}

impl Token {
    /// The configured key of the configured token, which is an AES-256 key that never leaves it. The PIN is tried once.
    pub(super) fn open(home: &Home, config: &Config, asked: Asked) -> Result<Self, ServiceError> {
        let named = config.keys.master.pkcs11.as_ref().ok_or_else(|| trouble::not_configured(&home.config()))?;
        let wanted = Wanted { named, credentials: &["pkcs11.pin"], asked, writes: false };
        let opened = Opened::open(home, &wanted)?;
        let key = key(&opened)?;
        Ok(Self { opened, key })
    }

    /// The secret under the token's key, with its tag; the nonce that was used stands in `nonce`.
    pub(super) fn encrypt(
        &self,
        nonce: &mut [u8; 12],
        context: &[u8],
        secret: &[u8; 32],
    ) -> Result<[u8; 48], ServiceError> {
        let wrong = |error: &Error| self.opened.failed("C_Encrypt", error);
        let parameters = GcmParams::new(nonce, context, TAG_BITS).map_err(|error| wrong(&error))?;
        let wrapped = self.opened.session.encrypt(&Mechanism::AesGcm(parameters), self.key, secret);
        let wrapped = wrapped.map_err(|error| wrong(&error))?;
        let length = wrapped.len();
        let token = &self.opened.named.token;
        wrapped.try_into().map_err(|_| trouble::failed(token, &format!("C_Encrypt: {length} bytes")).into())
    }

    /// The secret that was wrapped into this file by this key under this context.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; 12],
        context: &[u8],
        wrapped: &[u8; 48],
        file: &Path,
    ) -> Result<Zeroizing<[u8; 32]>, ServiceError> {
        let mut nonce = *nonce;
        let wrong = |error: &Error| self.opened.failed("C_Decrypt", error);
        let label = &self.opened.named.key;
        let parameters = GcmParams::new(&mut nonce, context, TAG_BITS).map_err(|error| wrong(&error))?;
        match self.opened.session.decrypt(&Mechanism::AesGcm(parameters), self.key, wrapped) {
            Ok(plain) => {
                let plain = Zeroizing::new(plain);
                secret_of(plain).ok_or_else(|| trouble::other_key(label, file, "length").into())
            }
            // A tag that does not hold: tokens do not agree on how to say so.
            Err(Error::Pkcs11(
                why @ (RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::DataInvalid
                | RvError::GeneralError
                | RvError::FunctionFailed),
                _,
            )) => Err(trouble::other_key(label, file, &format!("{why:?}")).into()),
            Err(error) => Err(wrong(&error).into()),
        }
    }
}

/// The one key of this label: AES-256, which never leaves the token and may do both halves.
fn key(opened: &Opened) -> Result<ObjectHandle, ServiceError> {
    let named = &opened.named;
    let label = Attribute::Label(named.key.clone().into_bytes());
    let mut found = opened.find(&[Attribute::Class(ObjectClass::SECRET_KEY), label])?;
    let key = match (found.pop(), found.len()) {
        (Some(key), 0) => key,
        (None, _) => return Err(trouble::key_missing(&named.token, &named.key).into()),
        (Some(_), others) => return Err(trouble::not_unique(&named.key, others + 1).into()),
    };
    let wanted = [
        (Attribute::KeyType(KeyType::AES), "CKK_AES"),
        (Attribute::ValueLen(KEY_BYTES), "32 bytes"),
        (Attribute::Sensitive(true), "CKA_SENSITIVE"),
        (Attribute::Extractable(false), "not CKA_EXTRACTABLE"),
        (Attribute::Encrypt(true), "CKA_ENCRYPT"),
        (Attribute::Decrypt(true), "CKA_DECRYPT"),
    ];
    let remedy = [
        "créer une clé AES de 256 bits, sensible, non extractible, pour chiffrer et déchiffrer (docs/operations/keys.md)",
        "make an AES key of 256 bits, sensitive, not extractable, to encrypt and decrypt (docs/operations/keys.md)",
    ];
    opened.strong(key, &wanted, remedy)?;
    Ok(key)
}
