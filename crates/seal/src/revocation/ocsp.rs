//! Answers about one certificate (RFC 6960 §4.2): what one says, and who may say it.

use crate::certificate;
use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::path::signed::{self, Outline, Signed};
use crate::revocation::crl::{Entry, same_integer};
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv};

const WHAT: &str = "OCSP response";
const ENUMERATED: u8 = 0x0a;

/// A basic answer, read and not verified.
#[derive(Clone, Debug)]
pub(crate) struct Ocsp<'a> {
    signed: Signed<'a>,
    responder: Tlv<'a>,
    pub produced_at: UnixMillis,
    responses: Tlv<'a>,
    certificates: Vec<&'a [u8]>,
}

/// What is said of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Single {
    pub said: Said,
    pub this_update: UnixMillis,
    pub next_update: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Good,
    Revoked(Entry),
    Unknown,
}

/// Who signed an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Responder<'a> {
    /// The issuer of the certificate asked about.
    Issuer,
    /// Whom the issuer appointed, by a certificate that says it need not be looked up (id-pkix-ocsp-nocheck).
    Appointed,
    /// Whom the issuer appointed, by a certificate of this serial number that can itself be revoked.
    Revocable(&'a [u8]),
}

/// The BasicOCSPResponse inside: as such, or as a whole OCSPResponse that is successful.
fn basic(bytes: &[u8]) -> Result<&[u8], SealError> {
    let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
    let Some(status) = fields.optional(ENUMERATED, WHAT)? else { return Ok(bytes) };
    if status.content != [0] {
        let found = format!("status {}", crate::error::hex(status.content));
        return Err(SealError::Unsupported { what: WHAT, found });
    }
    let explicit = fields.expect(tlv::context(0), WHAT)?;
    let mut fields = Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?.children();
    let kind = fields.expect(tlv::OID, WHAT)?.content;
    if kind != oid::OCSP_BASIC {
        return Err(SealError::Unsupported { what: WHAT, found: oid::shown(kind) });
    }
    let octets = fields.expect(tlv::OCTET_STRING, WHAT)?;
    if octets.tag == tlv::OCTET_STRING { Ok(octets.content) } else { Err(SealError::Malformed { what: WHAT }) }
}

impl<'a> Ocsp<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let signed = Signed::parse(basic(bytes)?, WHAT)?;
        let mut fields = signed.body.children();
        fields.optional(tlv::context(0), WHAT)?;
        let responder = fields.next(WHAT)?;
        let produced_at = fields.expect(tlv::GENERALIZED_TIME, WHAT)?.content;
        let produced_at = UnixMillis::from_generalized(produced_at).ok_or(SealError::Malformed { what: WHAT })?;
        let responses = fields.expect(tlv::SEQUENCE, WHAT)?;
        if let Some(explicit) = fields.optional(tlv::context(1), WHAT)? {
            refuse_critical(&explicit)?;
        }
        fields.end(WHAT)?;
        let mut rest = signed.rest;
        let mut certificates = Vec::new();
        if let Some(explicit) = rest.optional(tlv::context(0), WHAT)? {
            let mut members = Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?.children();
            while !members.is_empty() {
                certificates.push(members.expect(tlv::SEQUENCE, WHAT)?.raw);
                if certificates.len() > limits::CERTIFICATES {
                    return Err(tlv::too_large(WHAT, limits::CERTIFICATES, certificates.len()));
                }
            }
        }
        rest.end(WHAT)?;
        Ok(Self { signed, responder, produced_at, responses, certificates })
    }

    /// What is said of the certificate of this serial number under this issuer; the last word where there are several.
    pub fn about(&self, serial: &[u8], issuer: &Outline<'_>) -> Result<Option<Single>, SealError> {
        let mut members = self.responses.children();
        let mut found: Option<Single> = None;
        while !members.is_empty() {
            let mut fields = members.expect(tlv::SEQUENCE, WHAT)?.children();
            let asked = fields.expect(tlv::SEQUENCE, WHAT)?;
            let status = fields.next(WHAT)?;
            let this_update = signed::time(&mut fields, WHAT)?;
            let next_update = match fields.optional(tlv::context(0), WHAT)? {
                Some(explicit) => Some(signed::time(&mut explicit.children(), WHAT)?),
                None => None,
            };
            if let Some(explicit) = fields.optional(tlv::context(1), WHAT)? {
                refuse_critical(&explicit)?;
            }
            fields.end(WHAT)?;
            if names(&asked, serial, issuer)? {
                let single = Single { said: said(&status)?, this_update, next_update };
                if found.is_none_or(|before| before.this_update <= this_update) {
                    found = Some(single);
                }
            }
        }
        Ok(found)
    }

    /// Who signed this answer, when it is someone who may speak for the issuer (RFC 6960 §4.2.2.2): the issuer, or who holds a
    /// certificate made by it for that purpose, valid when the answer was produced.
    pub fn responder<'b>(
        &'b self,
        issuer: &Outline<'_>,
        beside: &'b [Vec<u8>],
        verifier: &dyn SignatureVerifier,
    ) -> Result<Responder<'b>, SealError> {
        if self.is_named(issuer) && self.signed.verify(issuer.spki, verifier).is_ok() {
            return Ok(Responder::Issuer);
        }
        let refused =
            SealError::Unsupported { what: "signer of an OCSP response", found: "nobody appointed".to_owned() };
        let pool = self.certificates.iter().copied().chain(beside.iter().map(Vec::as_slice));
        for der in pool {
            let Ok(signed) = Signed::parse(der, WHAT) else { continue };
            let Ok(outline) = Outline::parse(&signed) else { continue };
            let in_time = outline.not_before <= self.produced_at && self.produced_at <= outline.not_after;
            if !self.is_named(&outline) || outline.issuer != issuer.subject || !in_time {
                continue;
            }
            let Some(unchecked) = certificate::appointed_for_ocsp(der) else { continue };
            let signed = signed.verify(issuer.spki, verifier).and_then(|()| self.signed.verify(outline.spki, verifier));
            if signed.is_ok() {
                return Ok(if unchecked { Responder::Appointed } else { Responder::Revocable(outline.serial) });
            }
        }
        Err(refused)
    }

    /// ResponderID names this certificate, by subject or by SHA-1 of its key.
    fn is_named(&self, outline: &Outline<'_>) -> bool {
        const BY_NAME: u8 = 0xa1;
        const BY_KEY: u8 = 0xa2;
        match self.responder.tag {
            BY_NAME => self.responder.content == outline.subject,
            BY_KEY => {
                let id = Tlv::sole(self.responder.content, tlv::OCTET_STRING, WHAT).map(|octets| octets.content);
                let key = outline.key_bits().map(|bits| DigestAlgorithm::Sha1.digest(bits));
                key.is_some() && id.ok() == key.as_deref()
            }
            _ => false,
        }
    }
}

/// CertID names this serial number under this issuer, by digests of its name and key.
fn names(asked: &Tlv<'_>, serial: &[u8], issuer: &Outline<'_>) -> Result<bool, SealError> {
    let mut fields = asked.children();
    let algorithm = Algorithm::read(&mut fields, WHAT)?;
    let name = fields.expect(tlv::OCTET_STRING, WHAT)?.content;
    let key = fields.expect(tlv::OCTET_STRING, WHAT)?.content;
    let listed = fields.expect(tlv::INTEGER, WHAT)?.content;
    fields.end(WHAT)?;
    // Asked under a digest we do not know, it says nothing to us.
    let Ok(digest) = algorithm.digest(WHAT) else { return Ok(false) };
    let bits = issuer.key_bits().unwrap_or_default();
    Ok(same_integer(listed, serial) && digest.digest(issuer.subject) == name && digest.digest(bits) == key)
}

fn said(status: &Tlv<'_>) -> Result<Said, SealError> {
    const GOOD: u8 = 0x80;
    const REVOKED: u8 = 0xa1;
    const UNKNOWN: u8 = 0x82;
    match status.tag {
        GOOD => Ok(Said::Good),
        UNKNOWN => Ok(Said::Unknown),
        REVOKED => {
            let mut fields = status.children();
            let at = signed::time(&mut fields, WHAT)?;
            let reason = match fields.optional(tlv::context(0), WHAT)? {
                Some(explicit) => Tlv::sole(explicit.content, ENUMERATED, WHAT)?.content.first().copied(),
                None => None,
            };
            fields.end(WHAT)?;
            Ok(Said::Revoked(Entry { at, reason }))
        }
        _ => Err(SealError::Malformed { what: WHAT }),
    }
}

fn refuse_critical(explicit: &Tlv<'_>) -> Result<(), SealError> {
    let sequence = Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?;
    match signed::extensions(&sequence, WHAT)?.iter().find(|extension| extension.critical) {
        Some(extension) => Err(SealError::Unsupported { what: WHAT, found: oid::shown(extension.oid) }),
        None => Ok(()),
    }
}
