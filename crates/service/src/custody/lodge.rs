//! The log's key is moved from its file into a token, which signs with it from then on.

use super::logkey::{self, seed};
use super::pin::Asked;
use super::ring::Ring;
use super::signing::{Held, Keyring};
use super::{is_remnant, logtrouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use ledger::Signer;
use proof::SigningKey;
use std::path::Path;

/// What both must sign to the same bytes.
const TRIED: &str = "tabellion: the same signature twice\n";

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lodged {
    /// The key in charge.
    pub vkey: String,
    /// A `log.key` was destroyed now; false when there was none left.
    pub destroyed: bool,
}

/// The log's key in charge, of this directory that nobody serves, signs in the configured token, and stands nowhere in clear: the token
/// holds it, gives the very signatures that the file gave, `log.keys` names it, and only then `log.key` is destroyed. Done already, it is
/// proved again. Cut short anywhere, the directory opens, and the next run ends it.
///
/// # Errors
/// [`ServiceError`]: `log.key` is as it was, unless all was proved before.
pub fn protect_log(data: &Path) -> Result<Lodged, ServiceError> {
    let (home, config) = (Home::at(data), Config::load(data)?);
    let _held = store::hold(&home.store_place())?;
    logkey::settle(&home, &config)?;
    let file = home.log_key();
    let ring = Ring::load(&home, &config.origin)?;
    let clear = match file.exists() && !is_remnant(&file)? {
        true => Some(logkey::read(&file, &config.origin)?),
        false => None,
    };
    let wanted = ring.as_ref().and_then(Ring::current).or_else(|| clear.as_ref().map(|key| key.verifier_key().clone()));
    let keyring = Keyring::open(&home, &config, Asked::ByPerson, true)?;
    if let Some(key) = clear.as_ref().filter(|key| Some(key.verifier_key()) == wanted.as_ref()) {
        let there = |held: &Held| held.public == *key.verifier_key();
        if !keyring.held()?.iter().any(there) {
            keyring.import(key, &seed(&file)?)?;
        }
        // A crash here leaves both: the file is used, the next run ends it.
        ledger::failpoint!("lodge.imported");
    }
    let held = keyring.one(wanted.as_ref())?;
    let signer = keyring.signer(held)?;
    if let Some(key) = &clear {
        same(&config.keys.log.pkcs11.as_ref().map(|at| at.key.clone()).unwrap_or_default(), key, &signer)?;
    }
    let vkey = signer.verifier_key().to_string();
    if ring.is_none() {
        // From here on the public half is known without asking the token.
        Ring::of(signer.verifier_key()).keep(&home)?;
    }
    ledger::failpoint!("lodge.listed");
    let destroyed = file.exists();
    files::destroy(&file, "lodge.overwritten")?;
    Ok(Lodged { vkey, destroyed })
}

/// Both give the one signature of RFC 8032: receipts that were sent can be sent again, byte for byte.
fn same(label: &str, key: &SigningKey, signer: &dyn Signer) -> Result<(), ServiceError> {
    let signed = signer.sign_bytes(TRIED.as_bytes()).map_err(|why| logtrouble::unsigned(&why))?;
    match signed == key.sign_bytes(TRIED.as_bytes()) {
        true => Ok(()),
        false => Err(logtrouble::another_in_token(label, &signer.verifier_key().to_string()).into()),
    }
}
