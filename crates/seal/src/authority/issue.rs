//! Building a token (RFC 3161 §2.4.2): TSTInfo, signed attributes, CMS, all DER. Used by the test authority.

use x509_parser::certificate::X509Certificate;

use crate::certificate::sha256;
use crate::error::SealError;
use crate::oid;
use crate::time::UnixMillis;
use crate::tlv;
use crate::write;

/// What a token is to state.
pub(crate) struct Statement<'a> {
    pub policy: &'a str,
    pub raw_imprint: &'a [u8],
    pub serial: u64,
    pub gen_time: UnixMillis,
    pub raw_nonce: Option<&'a [u8]>,
    pub with_certificate: bool,
}

/// What signs a message, or says why it cannot.
pub(crate) type Signer<'a> = dyn Fn(&[u8]) -> Result<Vec<u8>, SealError> + 'a;

/// The token stating this, signed by `sign` with ECDSA and SHA-256 under the key of the certificate.
pub(crate) fn token(
    statement: &Statement<'_>,
    certificate_der: &[u8],
    certificate: &X509Certificate<'_>,
    sign: &Signer<'_>,
) -> Result<Vec<u8>, SealError> {
    let info = tst_info(statement)?;
    let issuer = certificate.issuer().as_raw();
    let serial = write::element(tlv::INTEGER, certificate.raw_serial());
    let attributes = signed_attributes(oid::TST_INFO, &sha256(&info), certificate_der, issuer, &serial);
    let signature = sign(&write::set_of(attributes.clone()))?;
    let mut implicit = write::set_of(attributes);
    if let Some(tag) = implicit.first_mut() {
        *tag = tlv::context(0);
    }
    let signer_info = write::sequence(&[
        &write::unsigned(&[1]),
        &write::sequence(&[issuer, &serial]),
        &write::algorithm(oid::SHA256),
        &implicit,
        &write::algorithm(oid::ECDSA_SHA256),
        &write::octets(&signature),
    ]);
    let content = write::element(tlv::context(0), &write::octets(&info));
    let certificates = match statement.with_certificate {
        true => write::element(tlv::context(0), certificate_der),
        false => Vec::new(),
    };
    let signed_data = write::sequence(&[
        &write::unsigned(&[3]),
        &write::set_of(vec![write::algorithm(oid::SHA256)]),
        &write::sequence(&[&write::oid(oid::TST_INFO), &content]),
        &certificates,
        &write::set_of(vec![signer_info]),
    ]);
    Ok(write::sequence(&[&write::oid(oid::SIGNED_DATA), &write::element(tlv::context(0), &signed_data)]))
}

fn tst_info(statement: &Statement<'_>) -> Result<Vec<u8>, SealError> {
    let unwritable = |what| SealError::Malformed { what };
    let policy = oid::from_dotted(statement.policy).ok_or(unwritable("policy"))?;
    let time = statement.gen_time.to_generalized().ok_or(unwritable("time"))?;
    let one_second = write::sequence(&[&write::unsigned(&[1])]);
    Ok(write::sequence(&[
        &write::unsigned(&[1]),
        &write::oid(&policy),
        statement.raw_imprint,
        &write::unsigned(&statement.serial.to_be_bytes()),
        &write::element(tlv::GENERALIZED_TIME, time.as_bytes()),
        &one_second,
        statement.raw_nonce.unwrap_or_default(),
    ]))
}

/// contentType, messageDigest and signingCertificateV2 with issuer and serial (RFC 5652 §11, RFC 5035 §3).
pub(crate) fn signed_attributes(
    content_type: &[u8],
    content_sha256: &[u8; 32],
    certificate_der: &[u8],
    issuer: &[u8],
    serial: &[u8],
) -> Vec<Vec<u8>> {
    let attribute =
        |kind: &[u8], value: Vec<u8>| write::sequence(&[&write::oid(kind), &write::element(tlv::SET, &value)]);
    let names = write::sequence(&[&write::element(tlv::context(4), issuer)]);
    let issuer_serial = write::sequence(&[&names, serial]);
    let named = write::sequence(&[&write::octets(&sha256(certificate_der)), &issuer_serial]);
    vec![
        attribute(oid::CONTENT_TYPE, write::oid(content_type)),
        attribute(oid::MESSAGE_DIGEST, write::octets(content_sha256)),
        attribute(oid::SIGNING_CERTIFICATE_V2, write::sequence(&[&write::sequence(&[&named])])),
    ]
}
