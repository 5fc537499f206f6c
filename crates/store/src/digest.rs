//! Digests of documents by a second library (`ring`), the faster one where two threads share a core.
//!
//! What comes in is hashed by this one; what the ciphertext gives back is hashed by `sha2`, as everything in `proof` is: the second
//! computation shares no code with the first.

use proof::{Hash, Hash512};
use ring::digest::{Context, SHA256, SHA512};

/// SHA-256 (FIPS 180-4) of what is given piece by piece.
#[derive(Clone)]
pub(crate) struct Running256(Context);

/// SHA-512 (FIPS 180-4) of what is given piece by piece.
#[derive(Clone)]
pub(crate) struct Running512(Context);

impl Default for Running256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Default for Running512 {
    fn default() -> Self {
        Self(Context::new(&SHA512))
    }
}

impl Running256 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    pub(crate) fn finish(self) -> Hash {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.finish().as_ref());
        Hash(digest)
    }
}

impl Running512 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    pub(crate) fn finish(self) -> Hash512 {
        let mut digest = [0; 64];
        digest.copy_from_slice(self.0.finish().as_ref());
        Hash512(digest)
    }
}

/// SHA-256 of bytes held whole.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    let mut running = Running256::default();
    running.update(bytes);
    running.finish()
}

#[cfg(test)]
mod tests {
    use super::{Running256, Running512, sha256};
    use proptest::prelude::*;

    proptest! {
        /// Two libraries, one standard.
        #[test]
        fn both_libraries_agree(bytes: Vec<u8>, cut: prop::sample::Index) {
            let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
            let (mut short, mut long) = (Running256::default(), Running512::default());
            for part in [head, tail] {
                short.update(part);
                long.update(part);
            }
            prop_assert_eq!(short.finish(), proof::sha256(&bytes));
            prop_assert_eq!(long.finish(), proof::sha512(&bytes));
            prop_assert_eq!(sha256(&bytes), proof::sha256(&bytes));
        }
    }
}
