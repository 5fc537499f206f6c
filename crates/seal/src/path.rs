//! The way from the signer to a given root (RFC 5280 §6), by rustls-webpki, at one moment in time.
//!
//! Every signature on the way goes through the same `SignatureVerifier` door as the token's own.
//! Deliberately not here: revocation, which needs material that is dated on its own.

pub(crate) mod doors;
pub(crate) mod signed;

use std::time::Duration;

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};
use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, sha256};
use crate::error::{SealError, hex};
use crate::limits;
use crate::oid;
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::tlv::too_large;

/// A way found: where it leads, and until when every certificate on it holds.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub root_sha256: [u8; 32],
    pub valid_until: UnixMillis,
    /// From the signer to the root, DER.
    pub certificates: Vec<Vec<u8>>,
}

/// The way from `signer`, DER and read, to one of the roots, all of it valid at `at`, the root too.
pub(crate) fn find_root(
    (signer, read): (&[u8], &X509Certificate<'_>),
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
    let held: Vec<(&[u8], X509Certificate<'_>)> = roots
        .iter()
        .filter_map(|root| Some((root.as_slice(), certificate::parse(root).ok()?)))
        .filter(|(_, root)| {
            let (from, to) = certificate::validity(root);
            from.seconds() <= at.seconds() && at.seconds() <= to.seconds()
        })
        .collect();
    let root_ders: Vec<CertificateDer<'_>> = held.iter().map(|(root, _)| CertificateDer::from(*root)).collect();
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
    let look = |doors: &[&dyn SignatureVerificationAlgorithm]| {
        let path = end_entity.verify_for_usage(doors, &anchors, &others, time, TimeStamping, None, None)?;
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
    let end = earliest_end(&certificates, read, &held)?.map_err(no_path)?;
    Ok(Way { root_sha256: sha256(root), valid_until: end, certificates })
}

/// The earliest end of validity on a way, whose signer and roots were read before; else why it is none: each certificate that issues
/// may do so. (The library looks at basic constraints, and not at key usage.)
fn earliest_end(
    way: &[Vec<u8>],
    signer: &X509Certificate<'_>,
    roots: &[(&[u8], X509Certificate<'_>)],
) -> Result<Result<UnixMillis, String>, SealError> {
    let mut earliest = certificate::validity(signer).1;
    for der in way.iter().skip(1) {
        let root = roots.iter().find(|(root, _)| root == der).map(|(_, parsed)| parsed.clone());
        let issuer = root.map_or_else(|| certificate::parse(der), Ok)?;
        if !certificate::may_sign_certificates(&issuer) {
            return Ok(Err(format!("{} may not sign certificates", issuer.subject())));
        }
        earliest = earliest.min(certificate::validity(&issuer).1);
    }
    Ok(Ok(earliest))
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
