//! The lines of `tabellion.toml` about custody. docs/operations/keys.md tells each.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    pub(crate) log: Kept,
    pub(crate) master: Kept,
}

impl Keys {
    /// Why these lines make no sense, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.log.check("keys.log")?;
        self.master.check("keys.master")
    }

    /// PIN files that are the data directory's own.
    pub(crate) fn own_pins(&self) -> impl Iterator<Item = String> {
        let (log, master) = (self.log.own_pin(), self.master.own_pin());
        log.filter(|pin| Some(pin) != master.as_ref()).into_iter().chain(master)
    }

    /// Names of the systemd credentials in which the PIN of the log key's token may stand: its own, and the other's where it is the
    /// same token or the only one.
    pub(crate) fn log_credentials(&self) -> &'static [&'static str] {
        let token = |kept: &Kept| kept.pkcs11.as_ref().map(|at| (at.module.clone(), at.token.clone()));
        let shared = token(&self.master).is_none_or(|master| Some(master) == token(&self.log));
        if shared { &["pkcs11.log.pin", "pkcs11.pin"] } else { &["pkcs11.log.pin"] }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kept {
    /// The token: it wraps the master key, and holds the log's; none where the key stands in a file or a credential.
    pub(crate) pkcs11: Option<Pkcs11>,
}

impl Kept {
    /// Why these lines make no sense, in words.
    fn check(&self, name: &str) -> Result<(), String> {
        let Some(token) = &self.pkcs11 else { return Ok(()) };
        // A bare name would be looked for along the loader's path, which is not the operator's word.
        if !token.module.is_absolute() {
            return Err(format!("{name}.pkcs11.module is the whole path of a library"));
        }
        if token.token.is_empty() || token.key.is_empty() {
            return Err(format!("{name}.pkcs11.token and .key are the labels of a token and of a key in it"));
        }
        Ok(())
    }

    /// The PIN's file, where it is one of the data directory's own.
    fn own_pin(&self) -> Option<String> {
        let pin = self.pkcs11.as_ref()?.pin.to_str()?;
        crate::backup::is_plain(pin).then(|| pin.to_owned())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pkcs11 {
    /// The library of the token, by its whole path.
    pub(crate) module: PathBuf,
    /// Label of the token.
    pub(crate) token: String,
    /// Label of the key in it.
    pub(crate) key: String,
    /// File of the PIN, relative to the data directory; empty for the systemd credential alone.
    #[serde(default)]
    pub(crate) pin: PathBuf,
}
