//! The signing certificate attribute: ESSCertIDv2 (RFC 5816, RFC 5035 §4) and ESSCertID (RFC 2634 §5.4).
//!
//! The older one is bound by SHA-1: naming a certificate needs a second pre-image to cheat, which SHA-1 still
//! withstands. Where both stand, both must name the certificate.

use x509_parser::certificate::X509Certificate;

use crate::certificate::name::SameName;
use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::{SealError, hex};
use crate::oid;
use crate::tlv::{self, Tlv};
use crate::token::SignerInfo;

const WHAT: &str = "signing certificate attribute";

/// The signed attribute names this certificate, by issuers that are the `same`.
pub(crate) fn check(
    signer: &SignerInfo,
    der: &[u8],
    certificate: &X509Certificate<'_>,
    same: SameName,
) -> Result<(), SealError> {
    let newer = signer.attribute(oid::SIGNING_CERTIFICATE_V2)?;
    let older = signer.attribute(oid::SIGNING_CERTIFICATE)?;
    if newer.len() > 1 || older.len() > 1 || newer.len() + older.len() == 0 {
        let count = newer.len() + older.len();
        return Err(SealError::AttributeCount { attribute: "signingCertificate", count });
    }
    for value in newer {
        check_named(&first_certificate(value)?, true, (der, certificate), same)?;
    }
    for value in older {
        check_named(&first_certificate(value)?, false, (der, certificate), same)?;
    }
    Ok(())
}

/// The first ESSCertID of SigningCertificate(V2): it is the signer's (RFC 5035 §4).
fn first_certificate(value: &[u8]) -> Result<Tlv<'_>, SealError> {
    let mut fields = Tlv::sole(value, tlv::SEQUENCE, WHAT)?.children();
    let mut certificates = fields.expect(tlv::SEQUENCE, WHAT)?.children();
    fields.optional(tlv::SEQUENCE, WHAT)?;
    fields.end(WHAT)?;
    certificates.expect(tlv::SEQUENCE, WHAT)
}

fn check_named(
    named: &Tlv<'_>,
    newer: bool,
    (der, certificate): (&[u8], &X509Certificate<'_>),
    same: SameName,
) -> Result<(), SealError> {
    let mut fields = named.children();
    let digest = match newer {
        true => match fields.optional(tlv::SEQUENCE, WHAT)? {
            Some(algorithm) => Algorithm::parse(&algorithm, WHAT)?.digest("digest of ESSCertIDv2")?.digest(der),
            None => DigestAlgorithm::Sha256.digest(der),
        },
        false => ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec(),
    };
    let found = fields.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned();
    if found != digest {
        return Err(SealError::EssCertIdMismatch { certificate: digest, found });
    }
    if let Some(issuer_serial) = fields.optional(tlv::SEQUENCE, WHAT)? {
        check_issuer_serial(&issuer_serial, certificate, same)?;
    }
    fields.end(WHAT)
}

/// IssuerSerial: the sole directoryName is the issuer's, and the serial number is the same.
fn check_issuer_serial(named: &Tlv<'_>, certificate: &X509Certificate<'_>, same: SameName) -> Result<(), SealError> {
    let mut fields = named.children();
    let names = fields.expect(tlv::SEQUENCE, WHAT)?;
    let serial = fields.expect(tlv::INTEGER, WHAT)?.content;
    fields.end(WHAT)?;
    let mut names = names.children();
    let directory_name = names.expect(tlv::context(4), WHAT)?.content;
    names.end(WHAT)?;
    if !same(directory_name, certificate.issuer().as_raw()) || serial != certificate.raw_serial() {
        return Err(SealError::EssIssuerSerialMismatch {
            certificate: format!("{} {}", certificate.issuer(), hex(certificate.raw_serial())),
            found: format!("{} {}", hex(directory_name), hex(serial)),
        });
    }
    Ok(())
}
