//! The way from the signer to a given root (RFC 5280 §6), by rustls-webpki, at one moment in time.
//!
//! Every signature on the way goes through the same `SignatureVerifier` door as the token's own.
//! Deliberately not here: revocation, which needs material that is dated on its own.

use std::fmt;
use std::time::Duration;

use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};

use crate::certificate::{self, sha256};
use crate::digest::DigestAlgorithm::{Sha256, Sha384, Sha512};
use crate::error::{SealError, hex};
use crate::limits;
use crate::oid;
use crate::signature::{SignatureAlgorithm, SignatureVerifier};
use crate::time::UnixMillis;
use crate::tlv::{self, too_large};
use crate::write;

/// A way found: where it leads, and until when every certificate on it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub root_sha256: [u8; 32],
    pub valid_until: UnixMillis,
}

/// The way from `signer` to one of the roots, all of it valid at `at`, the root too.
pub(crate) fn find_root(
    signer: &[u8],
    others: &[&[u8]],
    roots: &[Vec<u8>],
    at: UnixMillis,
    verifier: &dyn SignatureVerifier,
) -> Result<Way, SealError> {
    let no_path = |reason: String| SealError::NoPath { reason, roots: roots.len() };
    for (what, count) in [("roots", roots.len()), ("certificates beside a token", others.len())] {
        if count > 2 * limits::CERTIFICATES {
            return Err(too_large(what, 2 * limits::CERTIFICATES, count));
        }
    }
    let seconds = u64::try_from(at.seconds()).map_err(|_| no_path("a time before 1970".to_owned()))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let root_ders: Vec<CertificateDer<'_>> = roots
        .iter()
        .filter(|root| validity(root).is_some_and(|(from, to)| from <= at.seconds() && at.seconds() <= to))
        .map(|root| CertificateDer::from(root.as_slice()))
        .collect();
    let mut anchors = Vec::new();
    let mut anchor_ders = Vec::new();
    for der in &root_ders {
        if let Ok(anchor) = webpki::anchor_from_trusted_cert(der) {
            anchors.push(anchor);
            anchor_ders.push(der);
        }
    }
    let others: Vec<CertificateDer<'_>> = others.iter().map(|c| CertificateDer::from(*c)).collect();
    let signer = CertificateDer::from(signer);
    let end_entity = EndEntityCert::try_from(&signer).map_err(|e| no_path(shown(&e)))?;
    let doors = doors(verifier);
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> = doors.iter().map(|d| d as _).collect();
    let path = end_entity
        .verify_for_usage(&algorithms, &anchors, &others, time, TimeStamping, None, None)
        .map_err(|e| no_path(shown(&e)))?;
    let position = anchors.iter().position(|a| a == path.anchor());
    let root = position.and_then(|p| anchor_ders.get(p)).ok_or_else(|| no_path("no root".to_owned()))?;
    let between: Vec<CertificateDer<'_>> = path.intermediate_certificates().map(|c| c.der()).collect();
    let ends = between.iter().chain([*root, &signer]).map(|der| validity(der).map(|(_, to)| to));
    let end = ends.min().flatten().ok_or_else(|| no_path("no end of validity".to_owned()))?;
    Ok(Way { root_sha256: sha256(root), valid_until: UnixMillis(end.saturating_mul(1000)) })
}

/// First and last second of validity.
fn validity(der: &[u8]) -> Option<(i64, i64)> {
    let certificate = certificate::parse(der).ok()?;
    let validity = certificate.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

fn shown(error: &Error) -> String {
    match error {
        Error::UnsupportedSignatureAlgorithmContext(context) => {
            format!("signature algorithm {}", hex(&context.signature_algorithm_id))
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
            format!("signature algorithm {} for this key", hex(&context.signature_algorithm_id))
        }
        other => other.to_string().chars().take(200).collect(),
    }
}

/// Each certificate of the way allows time-stamping, or names no purpose. (The signer's own usage is held to
/// more by `certificate::check_usage`.)
struct TimeStamping;

impl ExtendedKeyUsageValidator for TimeStamping {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0];
        let mut none = true;
        for purpose in purposes {
            let purpose = purpose?;
            if purpose == KeyPurposeId::new(oid::TIME_STAMPING) || purpose == KeyPurposeId::new(ANY) {
                return Ok(());
            }
            none = false;
        }
        if none { Ok(()) } else { Err(Error::CaUsedAsEndEntity) }
    }
}

/// One algorithm of certificates, verified through the door.
struct Door<'v> {
    verifier: &'v dyn SignatureVerifier,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    algorithm: SignatureAlgorithm,
}

impl fmt::Debug for Door<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({})", self.algorithm)
    }
}

impl SignatureVerificationAlgorithm for Door<'_> {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let bits = write::element(tlv::BIT_STRING, &[&[0], public_key].concat());
        let spki = write::sequence(&[&write::sequence(&[self.key.as_ref()]), &bits]);
        self.verifier.verify(self.algorithm, &spki, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// RSASSA-PSS whose digests are named without parameters, as RFC 5754 §2 has it and some authorities write.
static PSS_SHA256: [u8; 61] = pss_without_null(1, 32);
static PSS_SHA384: [u8; 61] = pss_without_null(2, 48);
static PSS_SHA512: [u8; 61] = pss_without_null(3, 64);

#[rustfmt::skip]
const fn pss_without_null(digest: u8, salt: u8) -> [u8; 61] {
    let d = digest;
    [
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10, // id-RSASSA-PSS
        0x30, 0x30, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, d, // hash
        0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8, // MGF1
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, d, // over the same hash
        0xa2, 0x03, 0x02, 0x01, salt,
    ]
}

/// id-RSASSA-PSS without parameters: a key for any digest (RFC 4055 §1.2).
static PSS_KEY: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

fn doors(verifier: &dyn SignatureVerifier) -> Vec<Door<'_>> {
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    use alg_id::{ECDSA_P256, ECDSA_P384, ECDSA_P521, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, RSA_ENCRYPTION};
    let mut all = Vec::new();
    let mut add = |key, signature, algorithm| all.push(Door { verifier, key, signature, algorithm });
    add(RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA256, RsaPkcs1(Sha256));
    add(RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA384, RsaPkcs1(Sha384));
    add(RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA512, RsaPkcs1(Sha512));
    for (with_null, without, digest) in [
        (alg_id::RSA_PSS_SHA256, AlgorithmIdentifier::from_slice(&PSS_SHA256), Sha256),
        (alg_id::RSA_PSS_SHA384, AlgorithmIdentifier::from_slice(&PSS_SHA384), Sha384),
        (alg_id::RSA_PSS_SHA512, AlgorithmIdentifier::from_slice(&PSS_SHA512), Sha512),
    ] {
        for key in [RSA_ENCRYPTION, AlgorithmIdentifier::from_slice(&PSS_KEY), with_null, without] {
            add(key, with_null, RsaPss(digest));
            add(key, without, RsaPss(digest));
        }
    }
    for curve in [ECDSA_P256, ECDSA_P384, ECDSA_P521] {
        add(curve, ECDSA_SHA256, Ecdsa(Sha256));
        add(curve, ECDSA_SHA384, Ecdsa(Sha384));
        add(curve, ECDSA_SHA512, Ecdsa(Sha512));
    }
    add(alg_id::ED25519, alg_id::ED25519, Ed25519);
    all
}
