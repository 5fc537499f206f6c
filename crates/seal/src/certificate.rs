//! What this crate reads in a certificate (RFC 5280), and PEM (RFC 7468).

pub(crate) mod name;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{KeyUsage, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::error::{SealError, hex};
use crate::limits;
use crate::oid;
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv, too_large};

/// Who signed a token, as the certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerFacts {
    /// Subject, RFC 4514-like text for people.
    pub subject: String,
    /// Issuer, likewise.
    pub issuer: String,
    /// Serial number, lower-case hexadecimal.
    pub serial_hex: String,
    /// SHA-256 of the certificate's DER.
    pub sha256: [u8; 32],
    /// First moment of validity.
    pub not_before: UnixMillis,
    /// Last moment of validity.
    pub not_after: UnixMillis,
}

const WHAT: &str = "certificate";

/// A certificate and nothing after it.
pub(crate) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, SealError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(SealError::Malformed { what: WHAT }),
    }
}

/// Certificates read before: one met again is not read again.
pub(crate) struct Known<'k>(pub Vec<(&'k [u8], &'k X509Certificate<'k>)>);

impl<'k> Known<'k> {
    /// As [`parse`].
    pub fn read<'d>(&self, der: &'d [u8]) -> Result<Cow<'d, X509Certificate<'d>>, SealError>
    where
        'k: 'd,
    {
        match self.0.iter().find(|(known, _)| *known == der) {
            Some((_, read)) => Ok(Cow::Borrowed(*read)),
            None => parse(der).map(Cow::Owned),
        }
    }
}

/// First and last moment of validity.
pub(crate) fn validity(certificate: &X509Certificate<'_>) -> (UnixMillis, UnixMillis) {
    let validity = certificate.validity();
    let millis = |seconds: i64| UnixMillis(seconds.saturating_mul(1000));
    (millis(validity.not_before.timestamp()), millis(validity.not_after.timestamp()))
}

pub(crate) fn facts(der: &[u8], certificate: &X509Certificate<'_>) -> SignerFacts {
    let (not_before, not_after) = validity(certificate);
    SignerFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial_hex: hex(certificate.raw_serial()),
        sha256: sha256(der),
        not_before,
        not_after,
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

/// The certificate may sign time-stamp tokens (RFC 3161 §2.3): extended key usage is present, id-kp-timeStamping alone, and
/// critical; key usage, where present, allows signing. That it is not critical is found last: nothing else is wrong then.
pub(crate) fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), SealError> {
    let mut critical = None;
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::ExtendedKeyUsage(usage) => {
                if critical.replace(extension.critical).is_some() {
                    return Err(SealError::Malformed { what: "extended key usage" });
                }
                let purposes = purposes(extension.value)?;
                if purposes != [oid::TIME_STAMPING] || !usage.time_stamping {
                    return Err(SealError::EkuNotSole { found: purposes.iter().map(|p| oid::shown(p)).collect() });
                }
            }
            ParsedExtension::KeyUsage(usage) if !usage.digital_signature() && !usage.non_repudiation() => {
                return Err(SealError::KeyUsage { found: usage.to_string() });
            }
            _ => {}
        }
    }
    match critical {
        Some(true) => Ok(()),
        Some(false) => Err(SealError::EkuNotCritical),
        None => Err(SealError::EkuMissing),
    }
}

/// Whether this certificate may sign OCSP responses for its issuer (RFC 6960 §4.2.2.2): `None` when not, else whether it says that
/// it need not be looked up itself.
pub(crate) fn appointed_for_ocsp(der: &[u8]) -> Option<bool> {
    let certificate = parse(der).ok()?;
    let extension = |wanted: &[u8]| certificate.extensions().iter().find(|e| e.oid.as_bytes() == wanted);
    const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
    let usage = extension(EXTENDED_KEY_USAGE)?;
    let appointed = purposes(usage.value).ok()?.contains(&oid::OCSP_SIGNING);
    let signs = key_usage(&certificate).is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
    (appointed && signs).then(|| extension(oid::OCSP_NOCHECK).is_some())
}

/// The issuer may sign lists of revoked certificates: its key usage, where present, says so (RFC 5280 §6.3.3 f).
pub(crate) fn may_sign_lists(der: &[u8]) -> Result<(), SealError> {
    match key_usage(&parse(der)?) {
        Some(usage) if !usage.crl_sign() => Err(SealError::KeyUsage { found: usage.to_string() }),
        _ => Ok(()),
    }
}

/// The certificate may sign what is no certificate: its key usage, where present, says so.
#[cfg(feature = "authority")]
pub(crate) fn may_sign(certificate: &X509Certificate<'_>) -> Result<(), SealError> {
    match key_usage(certificate) {
        Some(usage) if !usage.digital_signature() && !usage.non_repudiation() => {
            Err(SealError::KeyUsage { found: usage.to_string() })
        }
        _ => Ok(()),
    }
}

/// What this certificate is made for, where that is not to sign documents: its key usage allows no signature, or its purposes are those of
/// machines (a server, programs, time-stamps, answers about revocation) and none of them is one of documents. Without purposes it is for any.
pub(crate) fn unsuited_for_documents(certificate: &X509Certificate<'_>) -> Option<String> {
    const OF_MACHINES: [(&[u8], &str); 4] = [
        (oid::SERVER_AUTH, "serverAuth"),
        (oid::CODE_SIGNING, "codeSigning"),
        (oid::TIME_STAMPING, "timeStamping"),
        (oid::OCSP_SIGNING, "OCSPSigning"),
    ];
    const OF_DOCUMENTS: [&[u8]; 5] = [
        oid::EMAIL_PROTECTION,
        oid::DOCUMENT_SIGNING,
        oid::DOCUMENT_SIGNING_ADOBE,
        oid::DOCUMENT_SIGNING_MICROSOFT,
        oid::ANY_PURPOSE,
    ];
    if let Some(usage) = key_usage(certificate).filter(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
        let said = KEY_USAGES.iter().enumerate().filter(|(bit, _)| usage.flags >> bit & 1 == 1).map(|(_, name)| *name);
        return Some(format!("keyUsage: {}", said.collect::<Vec<_>>().join(", ")));
    }
    let extended = |e: &&x509_parser::extensions::X509Extension<'_>| {
        matches!(e.parsed_extension(), ParsedExtension::ExtendedKeyUsage(_))
    };
    let purposes = purposes(certificate.extensions().iter().find(extended)?.value).ok()?;
    let known = OF_MACHINES.iter().filter(|(purpose, _)| purposes.contains(purpose));
    let machines: Vec<&str> = known.map(|(_, name)| *name).collect();
    let documents = purposes.iter().any(|purpose| OF_DOCUMENTS.contains(purpose));
    (!machines.is_empty() && !documents).then(|| machines.join(", "))
}

/// The names of key usages in the order of their bits (RFC 5280 §4.2.1.3).
const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

fn key_usage(certificate: &X509Certificate<'_>) -> Option<KeyUsage> {
    certificate.extensions().iter().find_map(|e| match e.parsed_extension() {
        ParsedExtension::KeyUsage(usage) => Some(*usage),
        _ => None,
    })
}

/// Whether a GeneralName of a token's `tsa` field is one of this certificate's names (RFC 3161 §2.4.2): the subject, or one of the
/// alternative names. Of two directory names, the text counts where their encodings differ.
pub(crate) fn bears_name(certificate: &X509Certificate<'_>, general_name: &[u8]) -> bool {
    const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
    let other_names = certificate.extensions().iter().find(|e| e.oid.as_bytes() == SUBJECT_ALT_NAME);
    let listed = |value: &[u8]| {
        let mut members = Tlv::sole(value, tlv::SEQUENCE, WHAT).ok()?.children();
        while let Ok(member) = members.next(WHAT) {
            if member.raw == general_name {
                return Some(());
            }
        }
        None
    };
    let directory = || {
        let name = Tlv::sole(general_name, tlv::context(4), WHAT).ok()?.content;
        let text = || X509Name::from_der(name).ok().map(|(_, name)| name.to_string().to_lowercase());
        let subject = certificate.subject();
        (name == subject.as_raw() || text() == Some(subject.to_string().to_lowercase())).then_some(())
    };
    directory().or_else(|| listed(other_names?.value)).is_some()
}

fn purposes(value: &[u8]) -> Result<Vec<&[u8]>, SealError> {
    const WHAT: &str = "extended key usage";
    let mut members = Tlv::sole(value, tlv::SEQUENCE, WHAT)?.children();
    let mut all = Vec::new();
    while !members.is_empty() {
        all.push(members.expect(tlv::OID, WHAT)?.content);
    }
    Ok(all)
}

/// The subject key identifier's octets, where the extension is present.
pub(crate) fn key_identifier<'a>(certificate: &X509Certificate<'a>) -> Option<&'a [u8]> {
    certificate.extensions().iter().find_map(|e| match e.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
        _ => None,
    })
}

/// Every certificate of a PEM text, as DER, in order; text around the blocks is skipped (RFC 7468 §2).
///
/// # Errors
/// `Pem` when there is none, or a block is broken; `TooLarge` past [`limits::CERTIFICATES`].
pub fn pem_to_der(text: &str) -> Result<Vec<Vec<u8>>, SealError> {
    let all = blocks(text, "CERTIFICATE")?;
    match all.len() {
        0 => Err(SealError::Pem { expected: "CERTIFICATE" }),
        n if n > limits::CERTIFICATES => Err(too_large("certificates in PEM", limits::CERTIFICATES, n)),
        _ => Ok(all),
    }
}

/// Every block of a PEM text, whatever its label, as DER, in order.
///
/// # Errors
/// `Pem` when there is none, or a block is broken.
pub fn pem_blocks(text: &str) -> Result<Vec<Vec<u8>>, SealError> {
    const BEGIN: &str = "-----BEGIN ";
    let label = |line: &str| line.trim().strip_prefix(BEGIN)?.strip_suffix("-----").map(str::to_owned);
    let labels: std::collections::BTreeSet<String> = text.lines().filter_map(label).collect();
    let all = labels.iter().map(|label| blocks(text, label)).collect::<Result<Vec<_>, _>>()?.concat();
    if all.is_empty() { Err(SealError::Pem { expected: "a block of base64" }) } else { Ok(all) }
}

/// One certificate as PEM.
pub fn der_to_pem(der: &[u8]) -> String {
    block("CERTIFICATE", der)
}

pub(crate) fn block(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

pub(crate) fn blocks(text: &str, label: &str) -> Result<Vec<Vec<u8>>, SealError> {
    let expected = if label == "CERTIFICATE" { "CERTIFICATE" } else { "a block of base64" };
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut all = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line != begin {
            continue;
        }
        let mut body = String::new();
        loop {
            match lines.next() {
                Some(line) if line == end => break,
                Some(line) => body.push_str(line),
                None => return Err(SealError::Pem { expected }),
            }
        }
        all.push(STANDARD.decode(body).map_err(|_| SealError::Pem { expected })?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_comes_back_as_the_same_der() {
        let der = vec![7; 200];
        let text = format!("a chain:\n{}{}", der_to_pem(&der), der_to_pem(&[1]));
        assert_eq!(pem_to_der(&text).unwrap(), [der, vec![1]]);
    }

    #[test]
    fn pem_without_certificate_or_end_is_refused() {
        for text in
            ["", "-----BEGIN CERTIFICATE-----\nAA==\n", "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n"]
        {
            assert_eq!(pem_to_der(text), Err(SealError::Pem { expected: "CERTIFICATE" }), "{text}");
        }
    }

    #[test]
    fn as_many_certificates_as_the_limit_and_no_more() {
        assert!(pem_to_der(&der_to_pem(&[1]).repeat(limits::CERTIFICATES)).is_ok());
        let beyond = der_to_pem(&[1]).repeat(limits::CERTIFICATES + 1);
        assert!(matches!(pem_to_der(&beyond), Err(SealError::TooLarge { .. })));
    }
}
