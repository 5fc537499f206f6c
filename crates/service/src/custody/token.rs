//! The one place that speaks PKCS#11: a key in a token, which wraps 32 bytes and gives them back, and nothing else.

use super::Pkcs11;
use super::pin::{self, Asked};
use super::trouble;
use super::wrapped::secret_of;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use cryptoki::context::{CInitializeArgs, CInitializeFlags};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::{AuthPin, Ulong};
use std::path::Path;
use zeroize::Zeroizing;

/// Bits of the tag behind the ciphertext.
const TAG_BITS: Ulong = Ulong::new(128);
/// Bytes of an AES-256 key.
const KEY_BYTES: Ulong = Ulong::new(32);

/// A session of the token, logged in, with its key; logged out and let go when dropped.
pub(super) struct Token {
    module: cryptoki::context::Pkcs11,
    /// There until it is dropped.
    session: Option<Session>,
    key: ObjectHandle,
    named: Pkcs11,
}

impl Token {
    /// The configured key of the configured token, which is an AES-256 key that never leaves it. The PIN is tried once.
    pub(super) fn open(home: &Home, config: &Config, asked: Asked) -> Result<Self, ServiceError> {
        let named = config.keys.master.pkcs11.as_ref().ok_or_else(|| trouble::not_configured(&home.config()))?;
        let module = loaded(&named.module)?;
        match Self::within(&module, home, named, asked) {
            Ok((session, key)) => Ok(Self { module, session: Some(session), key, named: named.clone() }),
            Err(error) => {
                let _ = module.finalize();
                Err(error)
            }
        }
    }

    fn within(
        module: &cryptoki::context::Pkcs11,
        home: &Home,
        named: &Pkcs11,
        asked: Asked,
    ) -> Result<(Session, ObjectHandle), ServiceError> {
        let (slot, info) = slot(module, named)?;
        if info.user_pin_locked() {
            return Err(trouble::pin_locked(&named.token).into());
        }
        // The last try belongs to somebody who can read what is on the screen.
        if info.user_pin_final_try() {
            return Err(trouble::pin_last_try(&named.token).into());
        }
        // Read before the session is opened, and no earlier: without the token there is nothing to use it on.
        let pin = pin::read(home, named, asked)?;
        let session = module.open_ro_session(slot).map_err(|error| failed(named, "C_OpenSession", &error))?;
        match session.login(UserType::User, Some(&AuthPin::new(pin.as_str().into()))) {
            Ok(()) => pin::taken(home)?,
            Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(trouble::pin_locked(&named.token).into()),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                pin::refused(home)?;
                return Err(trouble::pin_wrong(&named.token).into());
            }
            Err(error) => return Err(failed(named, "C_Login", &error).into()),
        }
        let key = key(&session, named)?;
        Ok((session, key))
    }

    fn session(&self) -> Result<&Session, ServiceError> {
        self.session.as_ref().ok_or_else(|| trouble::failed(&self.named.token, "closed").into())
    }

    /// The secret under the token's key, with its tag; the nonce that was used stands in `nonce`.
    pub(super) fn encrypt(
        &self,
        nonce: &mut [u8; 12],
        context: &[u8],
        secret: &[u8; 32],
    ) -> Result<[u8; 48], ServiceError> {
        let wrong = |error: &Error| failed(&self.named, "C_Encrypt", error);
        let parameters = GcmParams::new(nonce, context, TAG_BITS).map_err(|error| wrong(&error))?;
        let wrapped = self.session()?.encrypt(&Mechanism::AesGcm(parameters), self.key, secret);
        let wrapped = wrapped.map_err(|error| wrong(&error))?;
        let length = wrapped.len();
        wrapped.try_into().map_err(|_| trouble::failed(&self.named.token, &format!("C_Encrypt: {length} bytes")).into())
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
        let wrong = |error: &Error| failed(&self.named, "C_Decrypt", error);
        let parameters = GcmParams::new(&mut nonce, context, TAG_BITS).map_err(|error| wrong(&error))?;
        match self.session()?.decrypt(&Mechanism::AesGcm(parameters), self.key, wrapped) {
            Ok(plain) => {
                let plain = Zeroizing::new(plain);
                secret_of(plain).ok_or_else(|| trouble::other_key(&self.named.key, file, "length").into())
            }
            // A tag that does not hold: tokens do not agree on how to say so.
            Err(Error::Pkcs11(
                why @ (RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::DataInvalid
                | RvError::GeneralError
                | RvError::FunctionFailed),
                _,
            )) => Err(trouble::other_key(&self.named.key, file, &format!("{why:?}")).into()),
            Err(error) => Err(wrong(&error).into()),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // A token that is gone has logged out by itself. The session is closed before the module is ended.
        let _ = self.session.take().map(|session| session.logout());
        let _ = self.module.clone().finalize();
    }
}

/// The module, loaded from where the configuration says and from nowhere else, and begun.
fn loaded(path: &Path) -> Result<cryptoki::context::Pkcs11, ServiceError> {
    if !path.exists() {
        return Err(trouble::module_missing(path).into());
    }
    let refused = |error: Error| trouble::module_refused(path, &error.to_string());
    let module = cryptoki::context::Pkcs11::new(path).map_err(refused)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) => Ok(module),
        Err(error) => Err(refused(error).into()),
    }
}

/// The one token of this label.
fn slot(module: &cryptoki::context::Pkcs11, named: &Pkcs11) -> Result<(Slot, TokenInfo), ServiceError> {
    let slots = module.get_slots_with_token().map_err(|error| failed(named, "C_GetSlotList", &error))?;
    let mut fit = Vec::new();
    for slot in slots {
        // One that was pulled out meanwhile is not there.
        if let Ok(info) = module.get_token_info(slot)
            && info.label().trim_end() == named.token
        {
            fit.push((slot, info));
        }
    }
    match (fit.pop(), fit.len()) {
        (Some(found), 0) => Ok(found),
        (None, _) => Err(trouble::token_missing(&named.token).into()),
        (Some(_), others) => Err(trouble::not_unique(&named.token, others + 1).into()),
    }
}

/// The one key of this label: AES-256, which never leaves the token and may do both halves.
fn key(session: &Session, named: &Pkcs11) -> Result<ObjectHandle, ServiceError> {
    let label = Attribute::Label(named.key.clone().into_bytes());
    let found = session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY), label]);
    let mut found = found.map_err(|error| failed(named, "C_FindObjects", &error))?;
    let key = match (found.pop(), found.len()) {
        (Some(key), 0) => key,
        (None, _) => return Err(trouble::key_missing(&named.token, &named.key).into()),
        (Some(_), others) => return Err(trouble::not_unique(&named.key, others + 1).into()),
    };
    let asked = [
        AttributeType::KeyType,
        AttributeType::ValueLen,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::Encrypt,
        AttributeType::Decrypt,
    ];
    let said = session.get_attributes(key, &asked).map_err(|error| failed(named, "C_GetAttributeValue", &error))?;
    let is = |wanted: &Attribute| said.contains(wanted);
    let wanted = [
        (Attribute::KeyType(KeyType::AES), "CKK_AES"),
        (Attribute::ValueLen(KEY_BYTES), "32 bytes"),
        (Attribute::Sensitive(true), "CKA_SENSITIVE"),
        (Attribute::Extractable(false), "not CKA_EXTRACTABLE"),
        (Attribute::Encrypt(true), "CKA_ENCRYPT"),
        (Attribute::Decrypt(true), "CKA_DECRYPT"),
    ];
    let lacks: Vec<&str> = wanted.iter().filter(|(attribute, _)| !is(attribute)).map(|(_, name)| *name).collect();
    match lacks.is_empty() {
        true => Ok(key),
        false => Err(trouble::key_weak(&named.key, &lacks.join(", ")).into()),
    }
}

fn failed(named: &Pkcs11, call: &str, error: &Error) -> crate::trouble::Trouble {
    trouble::failed(&named.token, &format!("{call}: {error}"))
}
