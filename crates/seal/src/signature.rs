//! The one door through which every signature is verified, and what stands behind it today: ring.
//!
//! Not behind it, hence never counted as passed: SHA-1, SHA-224, P-521, ECDSA with SHA-512, RSASSA-PSS with a
//! salt that is not as long as the digest, RSA under 2048 bits.

use std::fmt;

use ring::signature as ring_signature;

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::oid;
use crate::tlv::{self, Tlv};

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2)
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS, MGF1 over the same digest, salt as long as the digest (RFC 8017 §8.1)
    RsaPss(DigestAlgorithm),
    /// ECDSA, the curve is the key's (RFC 5753)
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032, RFC 8419)
    Ed25519,
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "rsa-pkcs1-{}", digest.name()),
            Self::RsaPss(digest) => write!(f, "rsa-pss-{}", digest.name()),
            Self::Ecdsa(digest) => write!(f, "ecdsa-{}", digest.name()),
            Self::Ed25519 => f.write_str("ed25519"),
        }
    }
}

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

/// Signatures verified by ring: RSA PKCS#1 v1.5 and PSS of 2048 to 8192 bits, ECDSA P-256 and P-384, Ed25519.
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
        let method = ring_method(algorithm, &key)?;
        ring_signature::UnparsedPublicKey::new(method, key.bits)
            .verify(message, signature)
            .map_err(|_| SealError::SignatureFalse { algorithm: algorithm.to_string() })
    }
}

fn ring_method(
    algorithm: SignatureAlgorithm,
    key: &PublicKey<'_>,
) -> Result<&'static dyn ring_signature::VerificationAlgorithm, SealError> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    Ok(match (algorithm, key.kind) {
        (RsaPkcs1(Sha256), KeyKind::Rsa) => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
        (RsaPkcs1(Sha384), KeyKind::Rsa) => &ring_signature::RSA_PKCS1_2048_8192_SHA384,
        (RsaPkcs1(Sha512), KeyKind::Rsa) => &ring_signature::RSA_PKCS1_2048_8192_SHA512,
        (RsaPss(Sha256), KeyKind::RsaPss(None | Some(Sha256)) | KeyKind::Rsa) => {
            &ring_signature::RSA_PSS_2048_8192_SHA256
        }
        (RsaPss(Sha384), KeyKind::RsaPss(None | Some(Sha384)) | KeyKind::Rsa) => {
            &ring_signature::RSA_PSS_2048_8192_SHA384
        }
        (RsaPss(Sha512), KeyKind::RsaPss(None | Some(Sha512)) | KeyKind::Rsa) => {
            &ring_signature::RSA_PSS_2048_8192_SHA512
        }
        (Ecdsa(Sha256), KeyKind::P256) => &ring_signature::ECDSA_P256_SHA256_ASN1,
        (Ecdsa(Sha384), KeyKind::P256) => &ring_signature::ECDSA_P256_SHA384_ASN1,
        (Ecdsa(Sha256), KeyKind::P384) => &ring_signature::ECDSA_P384_SHA256_ASN1,
        (Ecdsa(Sha384), KeyKind::P384) => &ring_signature::ECDSA_P384_SHA384_ASN1,
        (Ed25519, KeyKind::Ed25519) => &ring_signature::ED25519,
        (algorithm, kind) => {
            return Err(SealError::Unsupported {
                what: "signature algorithm for this key",
                found: format!("{algorithm} with {kind:?}"),
            });
        }
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    /// Bound to PSS, and to one digest where its parameters say so (RFC 4055 §1.2).
    RsaPss(Option<DigestAlgorithm>),
    P256,
    P384,
    Ed25519,
}

struct PublicKey<'a> {
    kind: KeyKind,
    bits: &'a [u8],
}

impl<'a> PublicKey<'a> {
    fn parse(spki_der: &'a [u8]) -> Result<Self, SealError> {
        const WHAT: &str = "SubjectPublicKeyInfo";
        let mut fields = Tlv::sole(spki_der, tlv::SEQUENCE, WHAT)?.children();
        let algorithm = Algorithm::read(&mut fields, WHAT)?;
        let bit_string = fields.expect(tlv::BIT_STRING, WHAT)?;
        fields.end(WHAT)?;
        let [0, bits @ ..] = bit_string.content else {
            return Err(SealError::Malformed { what: WHAT });
        };
        let curve = algorithm.parameters.filter(|p| p.tag == tlv::OID).map(|p| p.content);
        let kind = match (algorithm.oid, curve) {
            (oid::RSA, None) => KeyKind::Rsa,
            (oid::RSA_PSS, None) => KeyKind::RsaPss(match algorithm.parameters {
                Some(parameters) => Some(pss_digest(Some(&parameters))?),
                None => None,
            }),
            (oid::EC_PUBLIC_KEY, Some(oid::P256)) => KeyKind::P256,
            (oid::EC_PUBLIC_KEY, Some(oid::P384)) => KeyKind::P384,
            (oid::ED25519, None) => KeyKind::Ed25519,
            (other, _) => {
                return Err(SealError::Unsupported { what: "public key", found: oid::shown(other) });
            }
        };
        Ok(Self { kind, bits })
    }
}

/// The algorithm of a SignerInfo: its signatureAlgorithm, which must agree with its digestAlgorithm (RFC 5652 §5.4).
pub(crate) fn signer_algorithm(
    signature: &Algorithm<'_>,
    digest: DigestAlgorithm,
) -> Result<SignatureAlgorithm, SealError> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let unsupported = || SealError::Unsupported { what: "signature algorithm", found: oid::shown(signature.oid) };
    let (algorithm, named) = match signature.oid {
        oid::RSA => (SignatureAlgorithm::RsaPkcs1(digest), digest),
        oid::RSA_SHA256 => (SignatureAlgorithm::RsaPkcs1(Sha256), Sha256),
        oid::RSA_SHA384 => (SignatureAlgorithm::RsaPkcs1(Sha384), Sha384),
        oid::RSA_SHA512 => (SignatureAlgorithm::RsaPkcs1(Sha512), Sha512),
        oid::ECDSA_SHA256 => (SignatureAlgorithm::Ecdsa(Sha256), Sha256),
        oid::ECDSA_SHA384 => (SignatureAlgorithm::Ecdsa(Sha384), Sha384),
        oid::ECDSA_SHA512 => (SignatureAlgorithm::Ecdsa(Sha512), Sha512),
        oid::ED25519 => (SignatureAlgorithm::Ed25519, Sha512),
        oid::RSA_PSS => {
            let inner = pss_digest(signature.parameters.as_ref())?;
            (SignatureAlgorithm::RsaPss(inner), inner)
        }
        _ => return Err(unsupported()),
    };
    if signature.oid != oid::RSA_PSS && !signature.without_parameters() {
        return Err(unsupported());
    }
    if named != digest {
        return Err(SealError::Unsupported {
            what: "signature over another digest than the signer's digestAlgorithm",
            found: format!("{} beside {}", named.name(), digest.name()),
        });
    }
    Ok(algorithm)
}

/// The digest of RSASSA-PSS-params (RFC 8017 §A.2.3) when mask and salt follow it.
fn pss_digest(parameters: Option<&Tlv<'_>>) -> Result<DigestAlgorithm, SealError> {
    const WHAT: &str = "RSASSA-PSS-params";
    let unsupported = |found: &str| SealError::Unsupported { what: WHAT, found: found.to_owned() };
    let sequence = parameters.filter(|p| p.tag == tlv::SEQUENCE).ok_or_else(|| unsupported("the SHA-1 defaults"))?;
    let mut fields = sequence.children();
    let hash = fields.optional(tlv::context(0), WHAT)?.ok_or_else(|| unsupported("SHA-1"))?;
    let mask = fields.optional(tlv::context(1), WHAT)?.ok_or_else(|| unsupported("MGF1 over SHA-1"))?;
    let salt = fields.optional(tlv::context(2), WHAT)?.ok_or_else(|| unsupported("a salt of 20"))?;
    let trailer = fields.optional(tlv::context(3), WHAT)?;
    fields.end(WHAT)?;
    let digest = Algorithm::read(&mut hash.children(), WHAT)?.digest(WHAT)?;
    let mask = Algorithm::read(&mut mask.children(), WHAT)?;
    let inner = mask.parameters.ok_or(SealError::Malformed { what: WHAT })?;
    let mask_digest = Algorithm::parse(&inner, WHAT)?.digest(WHAT)?;
    let salt = salt.children().expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
    if mask.oid != oid::MGF1 || mask_digest != digest {
        return Err(unsupported("another mask than MGF1 over the same digest"));
    }
    if salt != digest.size() as u64 {
        return Err(unsupported(&format!("a salt of {salt}")));
    }
    if let Some(trailer) = trailer
        && trailer.children().expect(tlv::INTEGER, WHAT)?.small(WHAT)? != 1
    {
        return Err(unsupported("another trailer"));
    }
    Ok(digest)
}
