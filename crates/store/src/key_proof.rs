//! Whether a master key opens a key store, file by file: a custody is proved before anything relies on it.

use crate::disk;
use crate::error::OpenError;
use crate::keys::{KeyStore, STORE_FILE, named_by};
use crate::lock::Lock;
use crate::master::{MasterKey, MasterSecret};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a key that is being destroyed while it is read may still stand there.
const DESTRUCTION: Duration = Duration::from_millis(300);

/// What a master key opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeysProved {
    /// Id of the store whose secret is among them.
    pub store: [u8; 16],
    /// Key files opened, the store's own among them.
    pub opened: u64,
    /// Files that it does not open, and why.
    pub unopened: Vec<(PathBuf, String)>,
}

/// What this master key opens of the key store in this directory: that of a store, or a copy of one. Every `.key` file is read and
/// unwrapped; what is destroyed meanwhile does not count.
///
/// # Errors
/// `WrongMasterKey`, `KeyStore` when the store's own secret does not open; `Io`.
pub fn prove_keys(keys: &Path, secret: &MasterSecret) -> Result<KeysProved, OpenError> {
    let held = KeyStore::new(keys.to_owned(), MasterKey::of(secret));
    let (store, _) = held.store_secret()?;
    let mut proved = KeysProved { store, opened: 1, unopened: Vec::new() };
    for name in disk::list(keys, |name| (name.ends_with(".key") && name != STORE_FILE).then(|| name.to_owned()))? {
        let path = keys.join(&name);
        match opens(&held, &name) {
            Ok(()) => proved.opened += 1,
            Err(_) if !path.exists() => {}
            Err(_) => {
                std::thread::sleep(DESTRUCTION);
                match opens(&held, &name) {
                    Ok(()) => proved.opened += 1,
                    Err(_) if !path.exists() => {}
                    Err(error) => proved.unopened.push((path, error.to_string())),
                }
            }
        }
    }
    Ok(proved)
}

fn opens(held: &KeyStore, name: &str) -> Result<(), OpenError> {
    match named_by(name) {
        Some(id) => held.segment_key(id).map(drop),
        None => Err(held.no_key(name)),
    }
}

/// Id of the store of this key store, and name of the master key that wrapped its secret, as its file says without any key.
///
/// # Errors
/// `KeyStore` when the file is missing or damaged; `Io`.
pub fn wrapped_by(keys: &Path) -> Result<([u8; 16], [u8; 8]), OpenError> {
    crate::keys::said(&keys.join(STORE_FILE))
}

/// No process opens the store in this directory while this lives.
#[derive(Debug)]
pub struct Held(#[allow(dead_code, reason = "held for its drop")] Lock);

/// Holds the store in this directory.
///
/// # Errors
/// `Locked`, `Io`.
pub fn hold(data: &Path) -> Result<Held, OpenError> {
    Lock::take(data).map(Held)
}
