//! A master key that stands in clear is moved into the protection of a token.

use super::pin::Asked;
use super::token::Token;
use super::wrapped::Wrapped;
use super::{is_remnant, proved, trouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use proof::hash::encode_hex;
use std::path::Path;
use store::MasterSecret;

/// What a protection did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Protected {
    /// Key files that the secret behind the token opens: all of them.
    pub keys: u64,
    /// Name of the master key, in hexadecimal.
    pub master: String,
    /// A `master.key` was destroyed now; false when there was none left.
    pub destroyed: bool,
}

/// The master key of this directory, which nobody serves, is wrapped by the key of the configured token and nowhere in clear: `master.p11`
/// stands, what the token gives back from it opens every key file, and only then `master.key` is destroyed. Done already, it is proved
/// again. Cut short anywhere, the directory opens, and the next run ends it.
///
/// # Errors
/// [`ServiceError`]: `master.key` is as it was, unless all was proved before.
pub fn protect(data: &Path) -> Result<Protected, ServiceError> {
    let (home, config) = (Home::at(data), Config::load(data)?);
    let _held = store::hold(&home.path().join("store"))?;
    let (plain, wrapped, keys) = (home.master_key(), home.master_wrapped(), home.keys());
    let clear = clear(&plain)?;
    if clear.is_none() && !wrapped.exists() {
        return Err(trouble::missing(&plain).into());
    }
    let token = Token::open(&home, &config, Asked::ByPerson)?;
    if let Some(secret) = &clear {
        // A key that does not open everything is not worth protecting: nothing is written for it.
        let store = proved(&keys, secret)?.store;
        if !holds(&wrapped, &token, secret) {
            let made = Wrapped::make(&token, store, secret)?;
            ledger::failpoint!("protect.before-written");
            files::replace_private(&wrapped, &made.write())?;
        }
        // A crash here leaves both: the clear one is used, the next run ends it.
        ledger::failpoint!("protect.written");
    }
    // As a start will: from the file on disk and the token alone.
    let opened = Wrapped::read(&wrapped)?.open(&token, &wrapped)?;
    let proved = proved(&keys, &opened)?;
    ledger::failpoint!("protect.proved");
    let destroyed = plain.exists();
    files::destroy(&plain, "protect.overwritten")?;
    Ok(Protected { keys: proved.opened, master: encode_hex(&opened.name()), destroyed })
}

/// The secret that stands in clear, if one does.
fn clear(file: &Path) -> Result<Option<MasterSecret>, ServiceError> {
    if !file.exists() || is_remnant(file)? {
        return Ok(None);
    }
    Ok(Some(MasterSecret::read(file)?))
}

/// What was wrapped before is this secret, under this token's key: it stays as it is.
fn holds(wrapped: &Path, token: &Token, secret: &MasterSecret) -> bool {
    let kept = wrapped.exists().then(|| Wrapped::read(wrapped).and_then(|kept| kept.open(token, wrapped)));
    matches!(kept, Some(Ok(kept)) if kept == *secret)
}
