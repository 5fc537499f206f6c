//! The one door through which every signature is verified, and who stands behind it: ring, and for what ring does not read the
//! RustCrypto curves and an RSA of ours over a big-integer library.
//!
//! Not behind it, hence never counted as passed: Ed448 (no crate that is kept and released), DSA, RSA under 1024 bits, ECDSA
//! over any curve that is not named here, GOST and SM2.

pub(crate) mod algorithm;
pub(crate) mod brainpool512;
pub(crate) mod ec;
pub(crate) mod remembering;
pub(crate) mod rsa;

use ring::signature as ring_signature;

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::limits;
use crate::signature::algorithm::{KeyKind, PublicKey, SignatureAlgorithm};

/// The door: whoever stands behind it verifies every signature of tokens and certificates.
pub trait SignatureVerifier: Send + Sync {
    /// `signature` was made over `message` by the private half of the key in `spki_der`
    /// (SubjectPublicKeyInfo, RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// `SignatureFalse` when it was not, or the key cannot be read; `Unsupported` for a key or algorithm this
    /// verifier does not know.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki_der: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SealError>;
}

/// Signatures verified by ring: RSA PKCS#1 v1.5 and PSS in its usual form of 2048 to 8192 bits, ECDSA P-256 and P-384,
/// Ed25519; SHA-256, SHA-384, SHA-512. What is sealed today is held to this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct RingVerifier;

impl SignatureVerifier for RingVerifier {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki_der: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SealError> {
        let key = PublicKey::parse(spki_der)?;
        let method = ring_method(algorithm, &key).ok_or_else(|| unsupported(algorithm, &key))?;
        by_ring(method, algorithm, &key, message, signature)
    }
}

/// Every signature this crate can read: what [`RingVerifier`] does, by it; and RSA from 1024 bits with any digest and salt,
/// ECDSA P-256, P-384, P-521, brainpoolP256r1, P384r1 and P512r1 with any digest. Weak ones are verified too: whoever judges
/// is told their names apart, and [`crate::check_token`] refuses them unless its policy says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyVerifier;

impl SignatureVerifier for AnyVerifier {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki_der: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SealError> {
        let key = PublicKey::parse(spki_der)?;
        if let Some(method) = ring_method(algorithm, &key) {
            return by_ring(method, algorithm, &key, message, signature);
        }
        let holds = match algorithm {
            SignatureAlgorithm::RsaPkcs1(digest) if key.allows_rsa(algorithm) => {
                rsa::verify_pkcs1(key.bits, digest, message, signature)
            }
            SignatureAlgorithm::RsaPss(pss) if key.allows_rsa(algorithm) => {
                rsa::verify_pss(key.bits, pss, message, signature)
            }
            SignatureAlgorithm::Ecdsa(digest) => {
                let verify = ec::method(key.kind).ok_or_else(|| unsupported(algorithm, &key))?;
                verify(key.bits, &digest.digest(message), signature)
            }
            _ => return Err(unsupported(algorithm, &key)),
        };
        holds.ok_or_else(|| SealError::SignatureFalse { algorithm: algorithm.to_string() })
    }
}

fn unsupported(algorithm: SignatureAlgorithm, key: &PublicKey<'_>) -> SealError {
    SealError::Unsupported {
        what: "signature algorithm for this key",
        found: format!("{algorithm} with {:?}", key.kind),
    }
}

fn by_ring(
    method: &'static dyn ring_signature::VerificationAlgorithm,
    algorithm: SignatureAlgorithm,
    key: &PublicKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SealError> {
    ring_signature::UnparsedPublicKey::new(method, key.bits)
        .verify(message, signature)
        .map_err(|_| SealError::SignatureFalse { algorithm: algorithm.to_string() })
}

fn ring_method(
    algorithm: SignatureAlgorithm,
    key: &PublicKey<'_>,
) -> Option<&'static dyn ring_signature::VerificationAlgorithm> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    let by_rsa = || {
        let sizes = limits::RSA_SOUND_BITS..=limits::RSA_BITS;
        key.allows_rsa(algorithm) && rsa::modulus_bits(key.bits).is_some_and(|bits| sizes.contains(&bits))
    };
    Some(match (algorithm, key.kind) {
        (RsaPkcs1(Sha256), _) if by_rsa() => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
        (RsaPkcs1(Sha384), _) if by_rsa() => &ring_signature::RSA_PKCS1_2048_8192_SHA384,
        (RsaPkcs1(Sha512), _) if by_rsa() => &ring_signature::RSA_PKCS1_2048_8192_SHA512,
        (RsaPss(pss), _) if pss.is_usual() && by_rsa() => match pss.digest {
            Sha256 => &ring_signature::RSA_PSS_2048_8192_SHA256,
            Sha384 => &ring_signature::RSA_PSS_2048_8192_SHA384,
            Sha512 => &ring_signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        },
        (Ecdsa(Sha256), KeyKind::P256) => &ring_signature::ECDSA_P256_SHA256_ASN1,
        (Ecdsa(Sha384), KeyKind::P256) => &ring_signature::ECDSA_P256_SHA384_ASN1,
        (Ecdsa(Sha256), KeyKind::P384) => &ring_signature::ECDSA_P384_SHA256_ASN1,
        (Ecdsa(Sha384), KeyKind::P384) => &ring_signature::ECDSA_P384_SHA384_ASN1,
        (Ed25519, KeyKind::Ed25519) => &ring_signature::ED25519,
        _ => return None,
    })
}
