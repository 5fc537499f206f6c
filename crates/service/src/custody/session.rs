//! A session with a PKCS#11 token: its module, its slot, its PIN. What is asked of its keys is told in `token` and in `signing`.
//!
//! A module is begun once in a process and ended once, and a token is logged into once, whoever asks: the master key's turn at a start must
//! not end the session of the log key, which lasts.

use super::Pkcs11;
use super::pin::{self, Asked};
use super::trouble;
use crate::error::ServiceError;
use crate::home::Home;
use crate::trouble::Trouble;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11 as Context};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Modules begun in this process.
static BEGUN: Mutex<Vec<(PathBuf, Weak<Module>)>> = Mutex::new(Vec::new());

/// A module that was begun, and is ended with the last of its sessions.
struct Module(Context);

impl Drop for Module {
    fn drop(&mut self) {
        // Who begins it again meanwhile waits until it has ended.
        let _begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.0.clone().finalize();
    }
}

/// Which token, where its PIN may stand, who asks, and whether something is to be made in it.
pub(super) struct Wanted<'a> {
    pub(super) named: &'a Pkcs11,
    pub(super) credentials: &'a [&'a str],
    pub(super) asked: Asked,
    pub(super) writes: bool,
}

/// A session of the configured token, logged in.
pub(super) struct Opened {
    /// Closed before the module ends. The token is logged out of with its last session, not with this one.
    pub(super) session: Session,
    pub(super) named: Pkcs11,
    _module: Arc<Module>,
}

impl Opened {
    /// Logged in to the one token of the configured label. The PIN is tried once.
    pub(super) fn open(home: &Home, wanted: &Wanted<'_>) -> Result<Self, ServiceError> {
        let named = wanted.named;
        let module = begun(&named.module)?;
        let (slot, info) = slot(&module.0, named)?;
        if info.user_pin_locked() {
            return Err(trouble::pin_locked(&named.token).into());
        }
        // The last try belongs to somebody who can read what is on the screen.
        if info.user_pin_final_try() {
            return Err(trouble::pin_last_try(&named.token).into());
        }
        // Read before the session is opened, and no earlier: without the token there is nothing to use it on.
        let pin = pin::read(home, named, wanted.credentials, wanted.asked)?;
        let opened = if wanted.writes { module.0.open_rw_session(slot) } else { module.0.open_ro_session(slot) };
        let session = opened.map_err(|error| failed(named, "C_OpenSession", &error))?;
        match session.login(UserType::User, Some(&AuthPin::new(pin.as_str().into()))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => pin::taken(home)?,
            Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(trouble::pin_locked(&named.token).into()),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                pin::refused(home)?;
                return Err(trouble::pin_wrong(&named.token).into());
            }
            Err(error) => return Err(failed(named, "C_Login", &error).into()),
        }
        Ok(Self { session, named: named.clone(), _module: module })
    }

    /// Objects that have all of this.
    pub(super) fn find(&self, wanted: &[Attribute]) -> Result<Vec<ObjectHandle>, ServiceError> {
        Ok(self.session.find_objects(wanted).map_err(|error| failed(&self.named, "C_FindObjects", &error))?)
    }

    /// What the token says of an object.
    pub(super) fn said(&self, object: ObjectHandle, asked: &[AttributeType]) -> Result<Vec<Attribute>, ServiceError> {
        let said = self.session.get_attributes(object, asked);
        Ok(said.map_err(|error| failed(&self.named, "C_GetAttributeValue", &error))?)
    }

    /// The object has all of this, or is too weak a key, and what it lacks is named.
    pub(super) fn strong(
        &self,
        object: ObjectHandle,
        wanted: &[(Attribute, &str)],
        remedy: [&'static str; 2],
    ) -> Result<(), ServiceError> {
        let asked: Vec<AttributeType> = wanted.iter().map(|(attribute, _)| attribute.attribute_type()).collect();
        let said = self.said(object, &asked)?;
        let lacks = wanted.iter().filter(|(attribute, _)| !said.contains(attribute)).map(|(_, name)| *name);
        let lacks: Vec<&str> = lacks.collect();
        match lacks.is_empty() {
            true => Ok(()),
            false => Err(trouble::key_weak(&self.named.key, &lacks.join(", "), remedy).into()),
        }
    }

    pub(super) fn failed(&self, call: &str, error: &Error) -> Trouble {
        failed(&self.named, call, error)
    }
}

/// The module, loaded from where the configuration says and from nowhere else, and begun.
fn begun(path: &Path) -> Result<Arc<Module>, ServiceError> {
    if !path.exists() {
        return Err(trouble::module_missing(path).into());
    }
    let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    begun.retain(|(_, module)| module.strong_count() > 0);
    if let Some(module) = begun.iter().find(|(known, _)| known == path).and_then(|(_, module)| module.upgrade()) {
        return Ok(module);
    }
    let refused = |error: Error| trouble::module_refused(path, &error.to_string());
    let context = Context::new(path).map_err(refused)?;
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(refused)?;
    let module = Arc::new(Module(context));
    begun.push((path.to_owned(), Arc::downgrade(&module)));
    Ok(module)
}

/// The one token of this label.
fn slot(module: &Context, named: &Pkcs11) -> Result<(Slot, TokenInfo), ServiceError> {
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

fn failed(named: &Pkcs11, call: &str, error: &Error) -> Trouble {
    trouble::failed(&named.token, &format!("{call}: {error}"))
}
