//! What is signed by an authority in the form of X.509: a body, an algorithm, a signature over the body as it stands. So are
//! certificates (RFC 5280 §4.1), lists of revoked ones (§5.1) and answers about one (RFC 6960 §4.2.1).

use crate::digest::Algorithm;
use crate::error::SealError;
use crate::oid;
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{self, SignatureAlgorithm};
use crate::time::UnixMillis;
use crate::tlv::{self, Reader, Tlv};

const UTC_TIME: u8 = 0x17;

/// Body, algorithm and signature, as received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub body: Tlv<'a>,
    algorithm_content: &'a [u8],
    algorithm: Algorithm<'a>,
    signature: &'a [u8],
    /// What follows the signature: the certificates of an answer.
    pub rest: Reader<'a>,
}

impl<'a> Signed<'a> {
    /// The signed thing these bytes are.
    pub fn parse(bytes: &'a [u8], what: &'static str) -> Result<Self, SealError> {
        let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, what)?.children();
        let body = fields.expect(tlv::SEQUENCE, what)?;
        let sequence = fields.expect(tlv::SEQUENCE, what)?;
        let algorithm = Algorithm::parse(&sequence, what)?;
        let bits = fields.expect(tlv::BIT_STRING, what)?;
        let [0, signature @ ..] = bits.content else {
            return Err(SealError::Malformed { what });
        };
        Ok(Self { body, algorithm_content: sequence.content, algorithm, signature, rest: fields })
    }

    /// What its algorithm identifier holds.
    pub fn algorithm_content(&self) -> &'a [u8] {
        self.algorithm_content
    }

    /// How it was signed.
    pub fn algorithm(&self) -> Result<SignatureAlgorithm, SealError> {
        let unsupported = || SealError::Unsupported { what: "signature algorithm", found: "rsaEncryption".to_owned() };
        SignatureAlgorithm::named(&self.algorithm)?.ok_or_else(unsupported)
    }

    /// It was signed by this key.
    pub fn verify(&self, spki_der: &[u8], verifier: &dyn SignatureVerifier) -> Result<(), SealError> {
        verifier.verify(self.algorithm()?, spki_der, self.body.raw, self.signature)
    }

    /// Whether this certificate may sign others: its key usage, where present, says so (RFC 5280 §4.2.1.3).
    pub fn may_sign_certificates(&self) -> Result<bool, SealError> {
        const WHAT: &str = "key usage";
        const KEY_CERT_SIGN: u8 = 0x04;
        let mut fields = self.body.children();
        while !fields.is_empty() {
            let field = fields.next(WHAT)?;
            if field.tag != tlv::context(3) {
                continue;
            }
            let all = extensions(&Tlv::sole(field.content, tlv::SEQUENCE, WHAT)?, WHAT)?;
            let Some(usage) = all.iter().find(|extension| extension.oid == oid::KEY_USAGE) else { return Ok(true) };
            let bits = Tlv::sole(usage.value, tlv::BIT_STRING, WHAT)?.content;
            return Ok(bits.get(1).is_some_and(|first| first & KEY_CERT_SIGN != 0));
        }
        Ok(true)
    }

    /// Why its signature by this key is no proof by itself today, if so.
    pub fn weakness(&self, spki_der: &[u8]) -> Option<String> {
        algorithm::weakness(self.algorithm().ok()?, spki_der)
    }
}

/// What is needed of a certificate on the way, without reading all of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline<'a> {
    pub serial: &'a [u8],
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    pub spki: &'a [u8],
    pub not_before: UnixMillis,
    pub not_after: UnixMillis,
}

impl<'a> Outline<'a> {
    /// That of the certificate these bytes are.
    pub fn of(der: &'a [u8]) -> Result<Self, SealError> {
        Signed::parse(der, "certificate").and_then(|signed| Self::parse(&signed))
    }

    pub fn parse(certificate: &Signed<'a>) -> Result<Self, SealError> {
        const WHAT: &str = "certificate";
        let mut fields = certificate.body.children();
        fields.optional(tlv::context(0), WHAT)?;
        let serial = fields.expect(tlv::INTEGER, WHAT)?.content;
        fields.expect(tlv::SEQUENCE, WHAT)?;
        let issuer = fields.expect(tlv::SEQUENCE, WHAT)?.raw;
        let mut validity = fields.expect(tlv::SEQUENCE, WHAT)?.children();
        let (not_before, not_after) = (time(&mut validity, WHAT)?, time(&mut validity, WHAT)?);
        let subject = fields.expect(tlv::SEQUENCE, WHAT)?.raw;
        let spki = fields.expect(tlv::SEQUENCE, WHAT)?.raw;
        Ok(Self { serial, issuer, subject, spki, not_before, not_after })
    }

    /// The octets of the public key, which key identifiers are made of.
    pub fn key_bits(&self) -> Option<&'a [u8]> {
        let mut fields = Tlv::sole(self.spki, tlv::SEQUENCE, "key").ok()?.children();
        fields.expect(tlv::SEQUENCE, "key").ok()?;
        fields.expect(tlv::BIT_STRING, "key").ok()?.content.get(1..)
    }
}

/// UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5).
pub(crate) fn time(reader: &mut Reader<'_>, what: &'static str) -> Result<UnixMillis, SealError> {
    optional_time(reader, what)?.ok_or(SealError::Malformed { what })
}

/// The next element when it is a time.
pub(crate) fn optional_time(reader: &mut Reader<'_>, what: &'static str) -> Result<Option<UnixMillis>, SealError> {
    let malformed = SealError::Malformed { what };
    if let Some(found) = reader.optional(UTC_TIME, what)? {
        return UnixMillis::from_utc(found.content).ok_or(malformed).map(Some);
    }
    match reader.optional(tlv::GENERALIZED_TIME, what)? {
        Some(found) => UnixMillis::from_generalized(found.content).ok_or(malformed).map(Some),
        None => Ok(None),
    }
}

/// One extension (RFC 5280 §4.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    pub oid: &'a [u8],
    pub critical: bool,
    pub value: &'a [u8],
}

/// The members of a SEQUENCE of extensions.
pub(crate) fn extensions<'a>(sequence: &Tlv<'a>, what: &'static str) -> Result<Vec<Extension<'a>>, SealError> {
    let mut members = sequence.children();
    let mut all = Vec::new();
    while !members.is_empty() {
        if all.len() == crate::limits::ATTRIBUTES {
            return Err(tlv::too_large(what, crate::limits::ATTRIBUTES, all.len() + 1));
        }
        let mut fields = members.expect(tlv::SEQUENCE, what)?.children();
        let oid = fields.expect(tlv::OID, what)?.content;
        let critical = fields.optional(tlv::BOOLEAN, what)?.is_some_and(|b| b.content != [0]);
        let value = fields.expect(tlv::OCTET_STRING, what)?;
        fields.end(what)?;
        if value.tag != tlv::OCTET_STRING {
            return Err(SealError::Malformed { what });
        }
        all.push(Extension { oid, critical, value: value.content });
    }
    Ok(all)
}
