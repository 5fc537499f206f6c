//! The PIN of the token: from a systemd credential or a file of its owner's alone, never from the command line or the environment. One
//! that was refused is never tried again by a start: a supervisor that starts the house again and again would lock the token.

use super::Pkcs11;
use super::trouble;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use proof::time::format_rfc3339;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// More than any token takes.
const PIN_BYTES: usize = 255;

/// Who asks the token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// A start, or a command that may be run by a timer.
    ByItself,
    /// A command of custody, which a person runs and whose answer they read.
    ByPerson,
}

/// The PIN, to be used once.
pub(super) fn read(
    home: &Home,
    token: &Pkcs11,
    credentials: &[&str],
    asked: Asked,
) -> Result<Zeroizing<String>, ServiceError> {
    let mark = home.pin_refused();
    if asked == Asked::ByItself && mark.exists() {
        return Err(trouble::pin_refused_before(&mark).into());
    }
    let path = place(home, token, credentials)?;
    let bytes = Zeroizing::new(files::read_private(&path)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| trouble::pin_form(&path))?;
    let pin = text.trim_end_matches(['\n', '\r']);
    if pin.is_empty() || pin.len() > PIN_BYTES || pin.contains(char::is_control) {
        return Err(trouble::pin_form(&path).into());
    }
    Ok(Zeroizing::new(pin.to_owned()))
}

/// Where the PIN stands.
fn place(home: &Home, token: &Pkcs11, credentials: &[&str]) -> Result<PathBuf, ServiceError> {
    let named = (!token.pin.as_os_str().is_empty()).then(|| home.path().join(&token.pin));
    let given = credentials.iter().find_map(|name| Home::credential(name));
    let found = given.or_else(|| named.clone().filter(|path| path.exists()));
    let first = credentials.first().unwrap_or(&"pkcs11.pin");
    let looked = named.map_or_else(|| format!("CREDENTIALS_DIRECTORY/{first}"), |path| path.display().to_string());
    found.ok_or_else(|| trouble::pin_missing(&looked).into())
}

/// The token refused the PIN: no start tries it again until a person has looked.
pub(super) fn refused(home: &Home) -> Result<(), ServiceError> {
    let said = format!(
        "{}: the token refused the PIN. Correct it, then remove this file, or run `tabellion keys protect --pkcs11`.\n",
        format_rfc3339(crate::random::now())
    );
    files::replace(&home.pin_refused(), said.as_bytes())
}

/// The token took the PIN.
pub(super) fn taken(home: &Home) -> Result<(), ServiceError> {
    let mark = home.pin_refused();
    if mark.exists() { files::remove(&mark) } else { Ok(()) }
}
