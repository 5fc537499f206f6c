//! The way from the signer to a given root (RFC 5280 §6), by rustls-webpki, at one moment in time.
//!
//! Every signature on the way goes through the same `SignatureVerifier` door as the token's own.
//! Deliberately not here: revocation, which needs material that is dated on its own.

pub(crate) mod doors;
pub(crate) mod signed;

use std::time::Duration;

use rustls_pki_types::{CertificateDer, Der, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};

use crate::certificate::{self, name, sha256};
use crate::error::{SealError, hex};
use crate::limits;
use crate::oid;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv, too_large};
use crate::write;

/// A way found: where it leads, and until when every certificate on it holds.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub root_sha256: [u8; 32],
    pub valid_until: UnixMillis,
    /// From the signer to the root, DER.
    pub certificates: Vec<Vec<u8>>,
}

/// SHA-256 of the root, of those given, to which a way leads from the certificate of who signed a document, by certificates that came with
/// it, all of it valid at `at`. Revocation is not looked at.
///
/// # Errors
/// `NoPath`, `TooLarge`.
pub fn signer_root(
    signer: &[u8],
    others: &[Vec<u8>],
    roots: &[Vec<u8>],
    at: UnixMillis,
    verifier: &dyn SignatureVerifier,
) -> Result<[u8; 32], SealError> {
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).filter(|other| *other != signer).collect();
    let way = way((signer, Usage::Any), &others, roots, at, verifier)?;
    Ok(way.root_sha256)
}

/// The way from the signer of a token to one of the roots, all of it valid at `at`, the root too.
pub(crate) fn find_root(
    signer: &[u8],
    others: &[&[u8]],
    roots: &[Vec<u8>],
    at: UnixMillis,
    verifier: &dyn SignatureVerifier,
) -> Result<Way, SealError> {
    way((signer, Usage::TimeStamping), others, roots, at, verifier)
}

fn way(
    (signer, usage): (&[u8], Usage),
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
    let holds = |root: &&Vec<u8>| {
        Outline::of(root)
            .is_ok_and(|root| root.not_before.seconds() <= at.seconds() && at.seconds() <= root.not_after.seconds())
    };
    let root_ders: Vec<CertificateDer<'_>> =
        roots.iter().filter(holds).map(|root| CertificateDer::from(root.as_slice())).collect();
    let mut anchors = Vec::new();
    let mut anchor_ders = Vec::new();
    for der in &root_ders {
        if let Ok(anchor) = webpki::anchor_from_trusted_cert(der) {
            anchors.push(anchor);
            anchor_ders.push(der);
        }
    }
    if matches!(usage, Usage::Any) {
        let respelled = respelled(&anchors, [signer].into_iter().chain(others.iter().copied()));
        for (place, anchor) in respelled {
            anchors.push(anchor);
            anchor_ders.push(anchor_ders[place]);
        }
    }
    let others: Vec<CertificateDer<'_>> = others.iter().map(|c| CertificateDer::from(*c)).collect();
    let signer = CertificateDer::from(signer);
    let end_entity = EndEntityCert::try_from(&signer).map_err(|e| no_path(shown(&e)))?;
    let look = |doors: &[&dyn SignatureVerificationAlgorithm]| {
        let path = end_entity.verify_for_usage(doors, &anchors, &others, time, usage, None, None)?;
        let position = anchors.iter().position(|a| a == path.anchor());
        let between: Vec<Vec<u8>> = path.intermediate_certificates().map(|c| c.der().to_vec()).collect();
        Ok((position, between))
    };
    let usual = doors::usual(verifier);
    let mut doors: Vec<&dyn SignatureVerificationAlgorithm> = usual.iter().map(|d| d as _).collect();
    let rare;
    let found = match look(&doors) {
        Err(error) => {
            rare = doors::rare(verifier, &signer, &others, &root_ders);
            doors.extend(rare.iter().map(|d| d as &dyn SignatureVerificationAlgorithm));
            if rare.is_empty() { Err(error) } else { look(&doors) }
        }
        found => found,
    };
    let (position, between) = found.map_err(|e: Error| no_path(shown(&e)))?;
    let root = position.and_then(|p| anchor_ders.get(p)).ok_or_else(|| no_path("no root".to_owned()))?;
    // A signer may be trusted as such: then it is the whole way, and issues nothing.
    let last = Some(root.to_vec()).filter(|root| *root != *signer);
    let certificates: Vec<Vec<u8>> = [signer.to_vec()].into_iter().chain(between).chain(last).collect();
    let end = earliest_end(&certificates)?.map_err(no_path)?;
    Ok(Way { root_sha256: sha256(root), valid_until: end, certificates })
}

/// The roots again under the names by which these certificates call their issuers, where those are the same name otherwise spelt (RFC 5280
/// §7.1): the library compares byte for byte. Each with its place among the anchors.
fn respelled<'a>(
    anchors: &[TrustAnchor<'a>],
    certificates: impl Iterator<Item = &'a [u8]>,
) -> Vec<(usize, TrustAnchor<'a>)> {
    let mut all: Vec<(usize, TrustAnchor<'a>)> = Vec::new();
    for der in certificates {
        let Ok(outline) = Outline::of(der) else { continue };
        let Ok(issuer) = Tlv::sole(outline.issuer, tlv::SEQUENCE, "name") else { continue };
        for (place, anchor) in anchors.iter().enumerate() {
            let subject = anchor.subject.as_ref();
            let spelt = subject != issuer.content && name::same(&write::sequence(&[subject]), outline.issuer);
            let anchor = TrustAnchor { subject: Der::from_slice(issuer.content), ..anchor.clone() };
            if spelt && !all.iter().any(|(_, known)| *known == anchor) {
                all.push((place, anchor));
            }
        }
    }
    all
}

/// The earliest end of validity on a way, the signer first; else why it is none: each certificate that issues may do so. (The library
/// looks at basic constraints, and not at key usage.)
fn earliest_end(way: &[Vec<u8>]) -> Result<Result<UnixMillis, String>, SealError> {
    let mut earliest: Option<UnixMillis> = None;
    for (place, der) in way.iter().enumerate() {
        let read = Signed::parse(der, "certificate")?;
        if place > 0 && !read.may_sign_certificates()? {
            let named = certificate::parse(der).map(|read| read.subject().to_string()).unwrap_or_default();
            return Ok(Err(format!("{named} may not sign certificates")));
        }
        let end = Outline::parse(&read)?.not_after;
        earliest = Some(earliest.map_or(end, |earliest| earliest.min(end)));
    }
    earliest.map(Ok).ok_or(SealError::Malformed { what: "way" })
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

/// What each certificate of a way must allow.
#[derive(Clone, Copy)]
enum Usage {
    /// Time-stamping, or no purpose named. (The signer's own usage is held to more by `certificate::check_usage`.)
    TimeStamping,
    /// Whatever its purposes: those who sign documents have many.
    Any,
}

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0];
        if matches!(self, Self::Any) {
            return Ok(());
        }
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
