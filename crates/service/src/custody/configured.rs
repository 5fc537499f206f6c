//! The lines of `tabellion.toml` about custody. docs/operations/keys.md tells each.

use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    pub(crate) log: Kept,
    pub(crate) master: Kept,
    pub(crate) attestation: Cachet,
}

impl Keys {
    /// Why these lines make no sense, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.log.check("keys.log")?;
        self.master.check("keys.master")?;
        self.attestation.check()
    }

    /// Secrets that these lines name in the data directory itself: PIN files, and the key that seals attestations.
    pub(crate) fn own_secrets(&self) -> impl Iterator<Item = String> {
        let sheets = &self.attestation;
        let pins =
            [&self.log.pkcs11, &self.master.pkcs11, &sheets.pkcs11].into_iter().flatten().map(|token| &token.pin);
        let own: BTreeSet<String> = pins.chain([&sheets.key]).filter_map(|path| own(path)).collect();
        own.into_iter()
    }

    /// Names of the systemd credentials in which the PIN of the log key's token may stand: its own, and the other's where it is the
    /// same token or the only one.
    pub(crate) fn log_credentials(&self) -> &'static [&'static str] {
        let master = self.master.pkcs11.as_ref().map(Pkcs11::place);
        let shared = master.is_none_or(|master| Some(master) == self.log.pkcs11.as_ref().map(Pkcs11::place));
        if shared { &["pkcs11.log.pin", "pkcs11.pin"] } else { &["pkcs11.log.pin"] }
    }

    /// The same, of the token of the key that seals attestations.
    pub(crate) fn attestation_credentials(&self) -> &'static [&'static str] {
        let [own, log, master] = [&self.attestation.pkcs11, &self.log.pkcs11, &self.master.pkcs11]
            .map(|token| token.as_ref().map(Pkcs11::place));
        // Whose PIN `pkcs11.pin` is: the master key's token, else that of whoever has the only one.
        let shared = if master.is_some() { own == master } else { log.is_none() || own == log };
        match (own == log, shared) {
            (true, true) => &["pkcs11.attestation.pin", "pkcs11.log.pin", "pkcs11.pin"],
            (true, false) => &["pkcs11.attestation.pin", "pkcs11.log.pin"],
            (false, true) => &["pkcs11.attestation.pin", "pkcs11.pin"],
            (false, false) => &["pkcs11.attestation.pin"],
        }
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
        self.pkcs11.as_ref().map_or(Ok(()), |token| token.check(name))
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

impl Pkcs11 {
    /// The token, whatever the key in it.
    fn place(&self) -> (&Path, &str) {
        (&self.module, &self.token)
    }

    /// Why these lines make no sense, in words.
    fn check(&self, name: &str) -> Result<(), String> {
        // A bare name would be looked for along the loader's path, which is not the operator's word.
        if !self.module.is_absolute() {
            return Err(format!("{name}.pkcs11.module is the whole path of a library"));
        }
        if self.token.is_empty() || self.key.is_empty() {
            return Err(format!("{name}.pkcs11.token and .key are the labels of a token and of a key in it"));
        }
        Ok(())
    }
}

/// What seals attestations; nothing where no certificate is named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Cachet {
    /// PEM file of the certificate and of those that issued it, relative to the data directory.
    pub(crate) certificate: PathBuf,
    /// PEM file of its key, relative to the data directory; empty for a credential or a token.
    pub(crate) key: PathBuf,
    /// Each seal bears a time-stamp of the log's authorities.
    pub(crate) timestamp: bool,
    pub(crate) pkcs11: Option<Pkcs11>,
}

impl Cachet {
    fn check(&self) -> Result<(), String> {
        let keyed = !self.key.as_os_str().is_empty();
        if self.certificate.as_os_str().is_empty() && (keyed || self.timestamp || self.pkcs11.is_some()) {
            return Err("keys.attestation needs keys.attestation.certificate: the PEM file of the certificate".into());
        }
        if keyed && self.pkcs11.is_some() {
            return Err("keys.attestation.key and keys.attestation.pkcs11: the key is in one place".into());
        }
        self.pkcs11.as_ref().map_or(Ok(()), |token| token.check("keys.attestation"))
    }
}

/// The name of a file of the data directory itself.
fn own(path: &Path) -> Option<String> {
    path.to_str().filter(|name| crate::backup::is_plain(name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_of_one_token_is_never_tried_on_another() {
        let token = |name: &str| {
            let text = |text: &str| text.to_owned();
            Some(Pkcs11 { module: "/m.so".into(), token: text(name), key: text("k"), pin: PathBuf::new() })
        };
        let names = |log: Option<Pkcs11>, master: Option<Pkcs11>| {
            let attestation = Cachet { pkcs11: token("a"), ..Cachet::default() };
            Keys { log: Kept { pkcs11: log }, master: Kept { pkcs11: master }, attestation }
                .attestation_credentials()
                .join(" ")
        };
        assert_eq!(names(None, None), "pkcs11.attestation.pin pkcs11.pin");
        assert_eq!(names(token("a"), None), "pkcs11.attestation.pin pkcs11.log.pin pkcs11.pin");
        assert_eq!(names(token("a"), token("a")), "pkcs11.attestation.pin pkcs11.log.pin pkcs11.pin");
        assert_eq!(names(token("a"), token("b")), "pkcs11.attestation.pin pkcs11.log.pin");
        assert_eq!(names(token("b"), token("a")), "pkcs11.attestation.pin pkcs11.pin");
        assert_eq!(names(token("b"), None), "pkcs11.attestation.pin");
        assert_eq!(names(token("b"), token("b")), "pkcs11.attestation.pin");
    }
}
