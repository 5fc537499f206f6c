//! Custody of the log's key, which signs heads: a file, a systemd credential, or a PKCS#11 token that signs without ever giving it out.
//!
//! `log.keys` says which key is in charge, wherever it is kept; without that list it is the one that is there. A token is asked at each
//! commit: where it does not answer, the house stops and nothing is acknowledged.

use super::pin::Asked;
use super::ring::{Ring, Term};
use super::signing::Keyring;
use super::{is_remnant, logtrouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use ledger::{KnownKeys, LogKeys, Signer};
use proof::hash::decode_hex;
use proof::{SigningKey, VerifierKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The log's keys, of which the one in charge signs.
pub(crate) fn keys(home: &Home, config: &Config) -> Result<LogKeys, ServiceError> {
    keys_asked(home, config, Asked::ByItself)
}

pub(super) fn keys_asked(home: &Home, config: &Config, asked: Asked) -> Result<LogKeys, ServiceError> {
    let ring = Ring::load(home, &config.origin)?;
    let wanted = ring.as_ref().and_then(Ring::current);
    let signer = signer(home, config, wanted.as_ref(), asked)?;
    Ok(LogKeys::new(signer, ring.as_ref().map(Ring::earlier).unwrap_or_default()))
}

/// The public halves. A token is asked for them only where no list stands yet.
pub(crate) fn known(home: &Home, config: &Config) -> Result<KnownKeys, ServiceError> {
    match Ring::load(home, &config.origin)?.as_ref().and_then(Ring::known) {
        Some(known) => Ok(known),
        None => Ok(keys(home, config)?.known().clone()),
    }
}

/// The keys as the policy lists them.
pub(crate) fn terms(home: &Home, config: &Config) -> Result<Vec<Term>, ServiceError> {
    match Ring::load(home, &config.origin)? {
        Some(ring) => Ok(ring.keys),
        None => Ok(vec![Term::of(known(home, config)?.current())]),
    }
}

/// What a directory of secrets says of the keys of this log; `None` where it holds none. No token is asked.
pub(crate) fn known_among(secrets: &Home, origin: &str) -> Result<Option<KnownKeys>, ServiceError> {
    if let Some(known) = Ring::load(secrets, origin)?.as_ref().and_then(Ring::known) {
        return Ok(Some(known));
    }
    let path = Home::credential("log.key").or_else(|| Some(secrets.log_key()).filter(|path| path.exists()));
    path.map(|path| Ok(read(&path, origin)?.verifier_key().clone().into())).transpose()
}

/// The key in charge, where it is found first: the credential, the file, the file of a rotation that was cut short, the token.
fn signer(
    home: &Home,
    config: &Config,
    wanted: Option<&VerifierKey>,
    asked: Asked,
) -> Result<Arc<dyn Signer>, ServiceError> {
    let next = wanted.map(|_| home.log_key_next());
    let places = [Home::credential("log.key"), Some(home.log_key()), next].into_iter().flatten();
    let mut other = None;
    for path in places.filter(|path| path.exists()) {
        if is_remnant(&path)? {
            continue;
        }
        let key = read(&path, &config.origin)?;
        if wanted.is_none_or(|wanted| wanted == key.verifier_key()) {
            if config.keys.log.pkcs11.is_some() {
                tracing::warn!(
                    path = %path.display(),
                    "a token is configured and the log's key stands in clear: `tabellion keys protect --pkcs11 --key log` moves it there"
                );
            }
            return Ok(Arc::new(key));
        }
        other = Some(path);
    }
    if config.keys.log.pkcs11.is_some() {
        let keyring = Keyring::open(home, config, asked, false)?;
        let held = keyring.one(wanted)?;
        return Ok(Arc::new(keyring.signer(held)?));
    }
    match (other, wanted) {
        (Some(path), Some(wanted)) => Err(logtrouble::not_in_charge(&path, wanted).into()),
        _ => Err(logtrouble::missing(&home.log_key()).into()),
    }
}

/// The key in this file, which others cannot read.
pub(crate) fn read(path: &Path, origin: &str) -> Result<SigningKey, ServiceError> {
    let seed = seed(path)?;
    let wrong = |why: String| ServiceError::Key { path: path.to_owned(), why };
    SigningKey::from_seed(origin, &seed).map_err(|error| wrong(error.to_string()))
}

/// The secret in this file.
pub(super) fn seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, ServiceError> {
    let bytes = Zeroizing::new(files::read_private(path)?);
    let text = std::str::from_utf8(&bytes).ok().map(str::trim_end);
    let seed = text.and_then(decode_hex).map(Zeroizing::new).and_then(|seed| <[u8; 32]>::try_from(&seed[..]).ok());
    let wrong = || ServiceError::Key { path: path.to_owned(), why: "not 64 hexadecimal digits".into() };
    seed.map(Zeroizing::new).ok_or_else(wrong)
}

/// What a rotation that was cut short once its key was in charge left to do: the key before it is destroyed where it stood in clear, the
/// new one has its place. A key that is being prepared stays where it is.
pub(crate) fn settle(home: &Home, config: &Config) -> Result<(), ServiceError> {
    let Some(ring) = Ring::load(home, &config.origin)? else { return Ok(()) };
    let (file, next) = (home.log_key(), home.log_key_next());
    let is = |path: &PathBuf, keys: &[VerifierKey]| -> Result<bool, ServiceError> {
        Ok(path.exists() && !is_remnant(path)? && keys.contains(read(path, &config.origin)?.verifier_key()))
    };
    if file.exists() && (is_remnant(&file)? || is(&file, &ring.earlier())?) {
        files::destroy(&file, "rotate.overwritten")?;
    }
    if let Some(current) = ring.current()
        && !file.exists()
        && is(&next, &[current])?
    {
        ledger::failpoint!("rotate.destroyed");
        std::fs::rename(&next, &file).map_err(ServiceError::io("replace", &file))?;
        files::sync_parent(&file)?;
    }
    Ok(())
}
