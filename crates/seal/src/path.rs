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

use crate::certificate::sha256;
use crate::digest::DigestAlgorithm::{Sha256, Sha384, Sha512};
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::signature::{SignatureAlgorithm, SignatureVerifier};
use crate::time::UnixMillis;
use crate::tlv::{self, too_large};
use crate::write;

/// The SHA-256 of the given root to which a path leads from `signer` at `at`.
pub(crate) fn find_root(
    signer: &[u8],
    others: &[&[u8]],
    roots: &[Vec<u8>],
    at: UnixMillis,
    verifier: &dyn SignatureVerifier,
) -> Result<[u8; 32], SealError> {
    let no_path = |reason: String| SealError::NoPath {
        reason,
        roots: roots.len(),
    };
    for (what, count) in [
        ("roots", roots.len()),
        ("certificates beside a token", others.len()),
    ] {
        if count > 2 * limits::CERTIFICATES {
            return Err(too_large(what, 2 * limits::CERTIFICATES, count));
        }
    }
    let seconds = u64::try_from(at.seconds()).map_err(|_| no_path("a time before 1970".to_owned()))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let root_ders: Vec<CertificateDer<'_>> =
        roots.iter().map(|r| CertificateDer::from(r.as_slice())).collect();
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
    let end_entity = EndEntityCert::try_from(&signer).map_err(|e| no_path(e.to_string()))?;
    let doors = doors(verifier);
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> = doors.iter().map(|d| d as _).collect();
    let path = end_entity
        .verify_for_usage(&algorithms, &anchors, &others, time, TimeStamping, None, None)
        .map_err(|e| no_path(e.to_string()))?;
    let position = anchors.iter().position(|a| a == path.anchor());
    let root = position
        .and_then(|p| anchor_ders.get(p))
        .ok_or_else(|| no_path("no root".to_owned()))?;
    Ok(sha256(root))
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
        if none {
            Ok(())
        } else {
            Err(Error::CaUsedAsEndEntity)
        }
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
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let bits = write::element(tlv::BIT_STRING, &[&[0], public_key].concat());
        let spki = write::sequence(&[&write::sequence(&[self.key.as_ref()]), &bits]);
        self.verifier
            .verify(self.algorithm, &spki, message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

fn doors(verifier: &dyn SignatureVerifier) -> Vec<Door<'_>> {
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    use alg_id::{
        ECDSA_P256, ECDSA_P384, ECDSA_P521, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, RSA_ENCRYPTION,
    };
    [
        (RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA256, RsaPkcs1(Sha256)),
        (RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA384, RsaPkcs1(Sha384)),
        (RSA_ENCRYPTION, alg_id::RSA_PKCS1_SHA512, RsaPkcs1(Sha512)),
        (RSA_ENCRYPTION, alg_id::RSA_PSS_SHA256, RsaPss(Sha256)),
        (RSA_ENCRYPTION, alg_id::RSA_PSS_SHA384, RsaPss(Sha384)),
        (RSA_ENCRYPTION, alg_id::RSA_PSS_SHA512, RsaPss(Sha512)),
        (ECDSA_P256, ECDSA_SHA256, Ecdsa(Sha256)),
        (ECDSA_P256, ECDSA_SHA384, Ecdsa(Sha384)),
        (ECDSA_P256, ECDSA_SHA512, Ecdsa(Sha512)),
        (ECDSA_P384, ECDSA_SHA256, Ecdsa(Sha256)),
        (ECDSA_P384, ECDSA_SHA384, Ecdsa(Sha384)),
        (ECDSA_P384, ECDSA_SHA512, Ecdsa(Sha512)),
        (ECDSA_P521, ECDSA_SHA256, Ecdsa(Sha256)),
        (ECDSA_P521, ECDSA_SHA384, Ecdsa(Sha384)),
        (ECDSA_P521, ECDSA_SHA512, Ecdsa(Sha512)),
        (alg_id::ED25519, alg_id::ED25519, Ed25519),
    ]
    .into_iter()
    .map(|(key, signature, algorithm)| Door {
        verifier,
        key,
        signature,
        algorithm,
    })
    .collect()
}
