//! TimeStampToken (RFC 3161 §2.4.2): CMS SignedData over TSTInfo (RFC 5652 §5), one signer, signed attributes.
//!
//! Parsing says what stands there; whether it is true is said by `check.rs` alone.

pub(crate) mod ess;
pub(crate) mod tst_info;

use std::borrow::Cow;

use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, name::SameName};
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::revocation::carried::Carried;
use crate::strict;
use crate::time::UnixMillis;
use crate::tlv::{self, Reader, Tlv, too_large};
use crate::token::tst_info::TstInfo;

/// A time-stamp token as received, read and not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    raw: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) info: TstInfo,
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Lists and answers on revocation, as received, of the SignedData and of the unsigned attributes.
    pub(crate) revocation: Vec<Vec<u8>>,
    /// Certificates of the unsigned attributes.
    pub(crate) beside: Vec<Vec<u8>>,
    pub(crate) signer: SignerInfo,
}

/// What the token is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint<'a> {
    /// [`DigestAlgorithm::name`], or the dotted identifier of a digest this crate does not know.
    pub algorithm: &'a str,
    /// The digest.
    pub digest: &'a [u8],
}

/// How the signer named its certificate (RFC 5652 §5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignerId {
    IssuerSerial { issuer: Vec<u8>, serial: Vec<u8> },
    KeyId(Vec<u8>),
}

impl SignerId {
    /// This certificate is the one that is named, by issuers that are the `same`.
    pub fn names(&self, certificate: &X509Certificate<'_>, same: SameName) -> bool {
        match self {
            Self::IssuerSerial { issuer, serial } => {
                certificate.raw_serial() == serial.as_slice() && same(certificate.issuer().as_raw(), issuer)
            }
            Self::KeyId(id) => certificate::key_identifier(certificate) == Some(id.as_slice()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignerInfo {
    pub id: SignerId,
    pub digest_algorithm: Vec<u8>,
    /// The raw signed attributes, re-tagged as SET: what the signature is over (RFC 5652 §5.4).
    pub signed_attributes: Vec<u8>,
    pub signature_algorithm: Vec<u8>,
    pub signature: Vec<u8>,
}

const WHAT: &str = "time-stamp token";

impl Token {
    /// The token these bytes are: a ContentInfo and nothing after it. BER framing is accepted.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for critical extensions or signed attributes that are not DER.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        tlv::bounded(bytes, WHAT)?;
        let malformed = || SealError::Malformed { what: WHAT };
        let mut info = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
        if info.expect(tlv::OID, WHAT)?.content != oid::SIGNED_DATA {
            return Err(malformed());
        }
        let explicit = info.expect(tlv::context(0), WHAT)?;
        info.end(WHAT)?;
        let mut fields = Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?.children();
        known_version(&fields.expect(tlv::INTEGER, WHAT)?, &[1, 3, 4, 5], "version of SignedData")?;
        fields.expect(tlv::SET, WHAT)?;
        let content = content(&fields.expect(tlv::SEQUENCE, WHAT)?)?.into_owned();
        let certificates = match fields.optional(tlv::context(0), WHAT)? {
            Some(set) => certificates(&set)?,
            None => Vec::new(),
        };
        let lists = fields.optional(tlv::context(1), WHAT)?;
        let signers = fields.expect(tlv::SET, WHAT)?;
        fields.end(WHAT)?;
        let signer = Tlv::sole(signers.content, tlv::SEQUENCE, "sole SignerInfo")?;
        let (signer, unsigned) = SignerInfo::parse(&mut signer.children())?;
        let found = Carried::gather(lists.as_ref(), unsigned.as_ref());
        Ok(Self {
            raw: bytes.to_vec(),
            info: TstInfo::parse(&content)?,
            content,
            certificates,
            revocation: found.revocation,
            beside: found.certificates,
            signer,
        })
    }

    /// The raw ContentInfo as received, `token.tst` of a pack.
    pub fn as_der(&self) -> &[u8] {
        &self.raw
    }

    /// The token is DER from its first byte to its last, TSTInfo included: what sealing requires.
    ///
    /// # Errors
    /// `NotDer`, `TooLarge`.
    pub fn strict(&self) -> Result<(), SealError> {
        strict::check(&self.raw)?;
        strict::check(&self.signer.signed_attributes)?;
        strict::check(&self.content)
    }

    /// The time the authority states.
    pub fn gen_time(&self) -> UnixMillis {
        self.info.gen_time
    }

    /// What the token is over.
    pub fn imprint(&self) -> Imprint<'_> {
        let algorithm = self.info.imprint_algorithm.map_or(self.info.imprint_oid.as_str(), |a| a.name());
        Imprint { algorithm, digest: &self.info.imprint }
    }

    /// The nonce, big-endian without leading zeros; two's complement when it is negative.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.info.nonce.as_deref().map(tlv::strip_zeros)
    }

    /// The policy, dotted.
    pub fn policy(&self) -> &str {
        &self.info.policy
    }

    /// The serial number, big-endian without leading zeros; two's complement when it is negative.
    pub fn serial(&self) -> &[u8] {
        tlv::strip_zeros(&self.info.serial)
    }

    /// The accuracy stated, in milliseconds, rounded up.
    pub fn accuracy_ms(&self) -> Option<u64> {
        self.info.accuracy_ms
    }

    /// Whether the authority says that its tokens are in the order of their times, whatever their accuracy.
    pub fn ordering(&self) -> bool {
        self.info.ordering
    }

    /// The raw GeneralName by which the authority calls itself: a hint, the signing certificate says who it is.
    pub fn tsa_name(&self) -> Option<&[u8]> {
        self.info.tsa.as_deref()
    }

    /// Lists and answers on revocation carried, as received, in order; carrying one gives it no trust.
    pub fn revocation(&self) -> &[Vec<u8>] {
        &self.revocation
    }

    /// The certificates carried, DER, in order; carrying one gives it no trust.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

/// A version met in tokens (RFC 5652 §5.1, §5.3); what a later one means, nobody here knows.
pub(crate) fn known_version(integer: &Tlv<'_>, known: &[u64], what: &'static str) -> Result<(), SealError> {
    let found = integer.small(what)?;
    if known.contains(&found) { Ok(()) } else { Err(SealError::Unsupported { what, found: found.to_string() }) }
}

fn content<'a>(encapsulated: &Tlv<'a>) -> Result<Cow<'a, [u8]>, SealError> {
    let mut fields = encapsulated.children();
    let kind = fields.expect(tlv::OID, WHAT)?.content;
    if kind != oid::TST_INFO {
        return Err(SealError::ContentTypeMismatch { expected: oid::shown(oid::TST_INFO), found: oid::shown(kind) });
    }
    let explicit = fields.expect(tlv::context(0), WHAT)?;
    fields.end(WHAT)?;
    let mut inside = explicit.children();
    let octets = inside.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?;
    inside.end(WHAT)?;
    Ok(octets)
}

/// The plain certificates of a CertificateSet; the obsolete and other choices are skipped (RFC 5652 §10.2.2).
pub(crate) fn certificates(set: &Tlv<'_>) -> Result<Vec<Vec<u8>>, SealError> {
    let mut members = set.children();
    let mut all = Vec::new();
    let mut count = 0;
    while !members.is_empty() {
        let member = members.next(WHAT)?;
        count += 1;
        if count > limits::CERTIFICATES {
            return Err(too_large("certificates in a token", limits::CERTIFICATES, count));
        }
        if member.tag == tlv::SEQUENCE {
            all.push(member.raw.to_vec());
        }
    }
    Ok(all)
}

impl SignerInfo {
    /// The signer, and the unsigned attributes beside it.
    pub(crate) fn parse<'a>(fields: &mut Reader<'a>) -> Result<(Self, Option<Tlv<'a>>), SealError> {
        const WHAT: &str = "SignerInfo";
        const KEY_ID: u8 = 0x80;
        known_version(&fields.expect(tlv::INTEGER, WHAT)?, &[1, 3], "version of SignerInfo")?;
        let id = match fields.optional(KEY_ID, WHAT)? {
            Some(key_id) => SignerId::KeyId(key_id.content.to_vec()),
            None => {
                let mut named = fields.expect(tlv::SEQUENCE, WHAT)?.children();
                let issuer = named.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec();
                let serial = named.expect(tlv::INTEGER, WHAT)?.content.to_vec();
                named.end(WHAT)?;
                SignerId::IssuerSerial { issuer, serial }
            }
        };
        let digest_algorithm = fields.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec();
        let attributes = fields.expect(tlv::context(0), "signed attributes")?;
        if attributes.indefinite {
            return Err(SealError::Unsupported { what: "signed attributes", found: "not DER".to_owned() });
        }
        let mut signed_attributes = attributes.raw.to_vec();
        if let Some(tag) = signed_attributes.first_mut() {
            *tag = tlv::SET;
        }
        let signature_algorithm = fields.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec();
        let signature = fields.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned();
        let unsigned = fields.optional(tlv::context(1), WHAT)?;
        fields.end(WHAT)?;
        Ok((Self { id, digest_algorithm, signed_attributes, signature_algorithm, signature }, unsigned))
    }

    /// The single values of the signed attribute of this type, raw; one per attribute.
    pub fn attribute(&self, kind: &[u8]) -> Result<Vec<&[u8]>, SealError> {
        const WHAT: &str = "signed attributes";
        let mut all = Tlv::sole(&self.signed_attributes, tlv::SET, WHAT)?.children();
        let mut found = Vec::new();
        let mut count = 0;
        while !all.is_empty() {
            count += 1;
            if count > limits::ATTRIBUTES {
                return Err(too_large(WHAT, limits::ATTRIBUTES, count));
            }
            let mut fields = all.expect(tlv::SEQUENCE, WHAT)?.children();
            let name = fields.expect(tlv::OID, WHAT)?.content;
            let values = fields.expect(tlv::SET, WHAT)?;
            fields.end(WHAT)?;
            if name == kind {
                let mut values = values.children();
                found.push(values.next(WHAT)?.raw);
                values.end(WHAT)?;
            }
        }
        Ok(found)
    }
}
