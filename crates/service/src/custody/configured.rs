//! The lines of `tabellion.toml` about custody. docs/operations/keys.md tells each.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    pub(crate) master: MasterKey,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MasterKey {
    /// The token that wraps the master key; none where it stands in a file or a credential.
    pub(crate) pkcs11: Option<Pkcs11>,
}

impl MasterKey {
    /// Why these lines make no sense, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Some(token) = &self.pkcs11 else { return Ok(()) };
        // A bare name would be looked for along the loader's path, which is not the operator's word.
        if !token.module.is_absolute() {
            return Err("keys.master.pkcs11.module is the whole path of a library".into());
        }
        if token.token.is_empty() || token.key.is_empty() {
            return Err("keys.master.pkcs11.token and .key are the labels of a token and of a key in it".into());
        }
        Ok(())
    }

    /// The PIN's file, where it is one of the data directory's own.
    pub(crate) fn own_pin(&self) -> Option<String> {
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
