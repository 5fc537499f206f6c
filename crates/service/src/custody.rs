//! Custody of the master key, which wraps the key store: a file, a systemd credential, or a secret that a PKCS#11 token alone can
//! unwrap; and its escrow, in shares that a few people keep. Custody of the log's key, which signs heads (`logkey`). See
//! docs/operations/keys.md. Custody of the key that seals attestations (`cachet`).
//!
//! For the master key the token is asked once, when the store is opened: from then on the secret is in this process's memory, as it is with
//! a file. The log's key signs in its token, at each commit.

pub(crate) mod cachet;
mod cachettrouble;
mod ceremony;
mod configured;
mod escrow;
mod lodge;
pub(crate) mod logkey;
mod logtrouble;
mod pin;
mod protect;
mod ring;
mod rotate;
mod session;
mod share;
mod signing;
mod token;
mod told;
mod trouble;
mod wrapped;

pub use ceremony::{Recorded, ceremony};
pub(crate) use configured::{Keys, Pkcs11};
pub use escrow::{Drilled, Escrowed, Recovered, drill, escrow, recover};
pub use lodge::{Lodged, protect_log};
pub(crate) use logtrouble::unsigned;
pub use protect::{Protected, protect};
pub use rotate::{RotateOptions, Rotated, generate, rotate};
pub(crate) use told::tell;
pub use told::{Fact, log};

use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use pin::Asked;
use std::path::Path;
use store::{KeysProved, Master, MasterSecret};
use token::Token;
use wrapped::Wrapped;

/// Most bytes of a master key file that is looked at.
const MASTER_BYTES: u64 = 4096;

/// The master key, by the first of these: the systemd credential, the file, the token.
///
/// A whole `master.key` that is there is used even where a token is configured: a protection that was cut short, a recovery or a
/// restore without the token leave a directory that opens. The start says so.
pub(crate) fn master(home: &Home, config: &Config) -> Result<Master, ServiceError> {
    if let Some(given) = home.master_credential() {
        return Ok(Master::File(given));
    }
    let (file, wrapped) = (home.master_key(), home.master_wrapped());
    match (&config.keys.master.pkcs11, file.exists() && !is_remnant(&file)?) {
        (None, true) => Ok(Master::File(file)),
        (None, false) if wrapped.exists() => Err(trouble::not_configured(&wrapped).into()),
        (_, false) if !wrapped.exists() => Err(trouble::missing(&file).into()),
        (Some(_), true) => {
            tracing::warn!(
                "a token is configured and master.key stands in clear: `tabellion keys protect --pkcs11` moves it into the token's protection"
            );
            Ok(Master::File(file))
        }
        (_, false) => {
            let kept = Wrapped::read(&wrapped)?;
            let token = Token::open(home, config, Asked::ByItself)?;
            Ok(Master::Secret(kept.open(&token, &wrapped)?))
        }
    }
}

/// The secret itself, for those who share it out.
fn secret(master: &Master) -> Result<MasterSecret, ServiceError> {
    match master {
        Master::File(path) => Ok(MasterSecret::read(path)?),
        Master::Secret(secret) => Ok(secret.clone()),
    }
}

/// What a destruction that was cut short leaves: zeros.
fn is_remnant(file: &Path) -> Result<bool, ServiceError> {
    let bytes = files::read_bounded(file, MASTER_BYTES)?;
    Ok(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0))
}

/// This secret opens every key file there.
fn proved(keys: &Path, secret: &MasterSecret) -> Result<KeysProved, ServiceError> {
    let proved = store::prove_keys(keys, secret)?;
    match proved.unopened.first() {
        None => Ok(proved),
        Some((path, why)) => Err(trouble::unopened(path, why, proved.unopened.len()).into()),
    }
}

#[cfg(test)]
mod tests;
