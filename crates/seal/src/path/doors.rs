//! The doors by which rustls-webpki has the signatures of certificates verified, each for one form of algorithm identifier of key and of
//! signature. They all lead to the one door, `SignatureVerifier`.
//!
//! The usual forms stand here. The others (SHA-1, SHA-3, other curves, RSASSA-PSS with other parameters) are made for the certificates at
//! hand, when the usual ones have not led to a root.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rustls_pki_types::{AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

use crate::digest::DigestAlgorithm::{Sha256, Sha384, Sha512};
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{Pss, PublicKey, SignatureAlgorithm};
use crate::tlv::{self, Tlv};
use crate::write;

/// One algorithm of certificates, verified through the door.
pub(crate) struct Door<'v> {
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

/// Room for them.
const USUAL: usize = 40;

/// The doors of what is met every day.
pub(crate) fn usual(verifier: &dyn SignatureVerifier) -> Vec<Door<'_>> {
    use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
    use alg_id::{ECDSA_P256, ECDSA_P384, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, RSA_ENCRYPTION};
    let mut all = Vec::with_capacity(USUAL);
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
            add(key, with_null, RsaPss(Pss::usual(digest, digest.size())));
            add(key, without, RsaPss(Pss::usual(digest, digest.size())));
        }
    }
    for curve in [ECDSA_P256, ECDSA_P384] {
        add(curve, ECDSA_SHA256, Ecdsa(Sha256));
        add(curve, ECDSA_SHA384, Ecdsa(Sha384));
        add(curve, ECDSA_SHA512, Ecdsa(Sha512));
    }
    add(alg_id::ED25519, alg_id::ED25519, Ed25519);
    all
}

/// The doors that these certificates need and that are not usual.
pub(crate) fn rare<'v>(
    verifier: &'v dyn SignatureVerifier,
    signer: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    roots: &[CertificateDer<'_>],
) -> Vec<Door<'v>> {
    let mut signatures = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (der, issues) in [signer].into_iter().map(|c| (c, false)).chain(others.iter().chain(roots).map(|c| (c, true))) {
        let Some((signature, key)) = identifiers(der) else { continue };
        signatures.insert(signature);
        if issues {
            keys.insert(key);
        }
    }
    let known: BTreeSet<(Vec<u8>, Vec<u8>)> =
        usual(verifier).iter().map(|d| (d.key.as_ref().to_vec(), d.signature.as_ref().to_vec())).collect();
    let mut all = Vec::new();
    for signature in &signatures {
        for key in keys.iter().filter(|key| !known.contains(&(key.to_vec(), signature.to_vec()))) {
            let (Some(algorithm), Some(key)) = (named(signature), kept(key)) else { continue };
            if let Some(signature) = kept(signature) {
                all.push(Door { verifier, key, signature, algorithm });
            }
        }
    }
    all
}

/// The contents of the algorithm identifiers of a certificate's signature and of its key, when both are known here.
fn identifiers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let signed = Signed::parse(der, "certificate").ok()?;
    signed.algorithm().ok()?;
    let outline = Outline::parse(&signed).ok()?;
    PublicKey::parse(outline.spki).ok()?;
    let mut fields = Tlv::sole(outline.spki, tlv::SEQUENCE, "key").ok()?.children();
    let key = fields.expect(tlv::SEQUENCE, "key").ok()?.content.to_vec();
    Some((signed.algorithm_content().to_vec(), key))
}

fn named(content: &[u8]) -> Option<SignatureAlgorithm> {
    let sequence = write::sequence(&[content]);
    let tlv = Tlv::sole(&sequence, tlv::SEQUENCE, "algorithm").ok()?;
    SignatureAlgorithm::named(&crate::digest::Algorithm::parse(&tlv, "algorithm").ok()?).ok()?
}

/// The library takes identifiers that live as long as the program. Few forms exist, so each is kept once; past a bound nothing more is, and
/// a way that would need it is not found.
fn kept(content: &[u8]) -> Option<AlgorithmIdentifier> {
    static KEPT: Mutex<BTreeSet<&'static [u8]>> = Mutex::new(BTreeSet::new());
    if content.len() > limits::OID_BYTES * 2 {
        return None;
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(content) {
        return Some(AlgorithmIdentifier::from_slice(known));
    }
    if kept.len() >= limits::RARE_ALGORITHMS {
        return None;
    }
    let fresh: &'static [u8] = Box::leak(content.to_vec().into_boxed_slice());
    kept.insert(fresh);
    Some(AlgorithmIdentifier::from_slice(fresh))
}
