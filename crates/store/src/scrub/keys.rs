//! The key store: each file of it parses and unwraps.

use super::{Finding, Scrubber, Step, Watch};
use crate::disk;
use crate::error::OpenError;
use crate::keys::KeyId;
use std::fs;

/// What is said of a key that does not open.
pub(super) fn finding(scrub: &Scrubber, id: KeyId, why: &OpenError) -> Finding {
    let path = scrub.places.keys.join(format!("{}.key", proof::hash::encode_hex(&id.0)));
    let what = if path.exists() { "key-damaged" } else { "key-missing" };
    let len = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let mut finding = Finding::new(what, "a key file that unwraps", why).at(&path).bytes(0, len);
    // Destroyed, or about to be, as the log says.
    finding.harmless = scrub.is_condemned(id);
    finding
}

/// Every key file opens, those that no segment names included; files that nothing names are looked at last.
pub(super) fn every(scrub: &Scrubber, watch: &mut dyn Watch) -> Step {
    let id_of = |name: &str| {
        let hex = name.strip_suffix(".key")?;
        let bytes = proof::hash::decode_hex(hex)?;
        <[u8; 16]>::try_from(bytes.as_slice()).ok()
    };
    let listed = disk::list(&scrub.places.keys, id_of).unwrap_or_default();
    for id in listed.into_iter().map(KeyId) {
        if let Err(why) = scrub.keys.read_again(id) {
            watch.found(finding(scrub, id, &why));
        }
        if !watch.passed(crate::keys::FILE_BYTES) {
            return Err(super::Stopped);
        }
    }
    Ok(())
}
