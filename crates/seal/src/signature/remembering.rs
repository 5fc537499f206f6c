//! A door that remembers by which algorithms it was passed, for whoever has dates at which they end.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::error::SealError;
use crate::limits;
use crate::signature::algorithm::{KeyKind, PublicKey, SignatureAlgorithm};
use crate::signature::{AnyVerifier, SignatureVerifier, rsa};

/// What is remembered of an RSA key whose modulus is shorter than [`limits::RSA_LONG_BITS`], beside its algorithm: tables of end
/// dates speak of both.
pub const SHORT_RSA: &str = "rsa-under-3000";

/// [`AnyVerifier`], which also remembers the names of the algorithms by which something was verified.
#[derive(Debug, Default)]
pub struct Remembering(Mutex<BTreeSet<String>>);

impl Remembering {
    /// The names, and [`SHORT_RSA`] where such a key verified anything.
    pub fn into_names(self) -> BTreeSet<String> {
        self.0.into_inner().unwrap_or_default()
    }
}

impl SignatureVerifier for Remembering {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki_der: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SealError> {
        AnyVerifier.verify(algorithm, spki_der, message, signature)?;
        // A poisoned lock would hide an algorithm: then the signature does not count.
        let unusable = |_| SealError::Unsupported { what: "lock", found: String::new() };
        let mut names = self.0.lock().map_err(unusable)?;
        names.insert(algorithm.to_string());
        if is_short_rsa(spki_der) {
            names.insert(SHORT_RSA.to_owned());
        }
        Ok(())
    }
}

fn is_short_rsa(spki_der: &[u8]) -> bool {
    let key = PublicKey::parse(spki_der).ok().filter(|key| matches!(key.kind, KeyKind::Rsa | KeyKind::RsaPss(_)));
    key.and_then(|key| rsa::modulus_bits(key.bits)).is_some_and(|bits| bits < limits::RSA_LONG_BITS)
}
