//! Signatures of documents in CMS (RFC 5652), as CAdES has them (ETSI EN 319 122-1): over content that stands inside, or over content that
//! stands elsewhere and of which only digests are needed. What each covers is that content, whole; whether its certificate is to be
//! trusted is not said here.
//!
//! Deliberately not here: signatures without signed attributes, certificates that are not carried, countersignatures, time-stamps over the
//! signature. Each of the first two is "cannot tell", never "false".

use std::borrow::Cow;

use crate::certificate::{self, name};
use crate::check::rules::{digest_algorithm, signature_algorithm};
use crate::digest::DigestAlgorithm;
use crate::document_signature::DocumentSignature;
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::path::signed;
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::weakness;
use crate::tlv::{self, Tlv, too_large};
use crate::token::{SignerInfo, certificates, ess, known_version};
use crate::xml_signature::SignatureFault;

const WHAT: &str = "CMS signature";

/// SignedData over a document, read and not yet judged.
#[derive(Clone, Debug)]
pub struct Cms<'a> {
    kind: &'a [u8],
    content: Option<Cow<'a, [u8]>>,
    certificates: Vec<Vec<u8>>,
    signers: Vec<Result<SignerInfo, SignatureFault>>,
}

impl<'a> Cms<'a> {
    /// The SignedData these bytes are: a ContentInfo and nothing after it. BER framing is accepted.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for a version nobody here knows.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        if bytes.len() > limits::SIGNED_CMS_BYTES {
            return Err(too_large(WHAT, limits::SIGNED_CMS_BYTES, bytes.len()));
        }
        let mut info = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
        if info.expect(tlv::OID, WHAT)?.content != oid::SIGNED_DATA {
            return Err(SealError::Malformed { what: WHAT });
        }
        let explicit = info.expect(tlv::context(0), WHAT)?;
        info.end(WHAT)?;
        let mut fields = Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?.children();
        known_version(&fields.expect(tlv::INTEGER, WHAT)?, &[1, 3, 4, 5], "version of SignedData")?;
        fields.expect(tlv::SET, WHAT)?;
        let mut encapsulated = fields.expect(tlv::SEQUENCE, WHAT)?.children();
        let kind = encapsulated.expect(tlv::OID, WHAT)?.content;
        let content = match encapsulated.optional(tlv::context(0), WHAT)? {
            Some(explicit) => {
                let mut inside = explicit.children();
                let octets = inside.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?;
                inside.end(WHAT)?;
                Some(octets)
            }
            None => None,
        };
        encapsulated.end(WHAT)?;
        let certificates = match fields.optional(tlv::context(0), WHAT)? {
            Some(set) => certificates(&set)?,
            None => Vec::new(),
        };
        fields.optional(tlv::context(1), WHAT)?;
        let mut members = fields.expect(tlv::SET, WHAT)?.children();
        fields.end(WHAT)?;
        let mut signers = Vec::new();
        while !members.is_empty() {
            let member = members.expect(tlv::SEQUENCE, "SignerInfo")?;
            if signers.len() == limits::CMS_SIGNERS {
                return Err(too_large("signers", limits::CMS_SIGNERS, signers.len() + 1));
            }
            signers.push(SignerInfo::parse(&mut member.children()).map(|(signer, _)| signer).map_err(not_read));
        }
        Ok(Self { kind, content, certificates, signers })
    }

    /// What is signed, where it stands inside.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The digests of the content that its signers made, each once.
    pub fn digests(&self) -> Vec<DigestAlgorithm> {
        let known = self.signers.iter().filter_map(|signer| digest_algorithm(signer.as_ref().ok()?).ok());
        let mut all: Vec<DigestAlgorithm> = Vec::new();
        for digest in known {
            if !all.contains(&digest) {
                all.push(digest);
            }
        }
        all
    }

    /// What came of each signer, in order. `digest_of` gives the content's digests where it stands elsewhere, one of [`Cms::digests`] at
    /// a time; what stands inside is what is signed, whatever is given.
    pub fn judge(
        &self,
        digest_of: &dyn Fn(DigestAlgorithm) -> Option<Vec<u8>>,
        verifier: &dyn SignatureVerifier,
    ) -> Vec<DocumentSignature> {
        let own = |digest: DigestAlgorithm| self.content.as_deref().map(|content| digest.digest(content));
        let digest_of = |digest| own(digest).or_else(|| digest_of(digest));
        let judged = |signer: &Result<SignerInfo, SignatureFault>| match signer {
            Ok(signer) => self.one(signer, &digest_of, verifier),
            Err(why) => DocumentSignature::not_judged(why.clone()),
        };
        self.signers.iter().map(judged).collect()
    }

    fn one(
        &self,
        signer: &SignerInfo,
        digest_of: &dyn Fn(DigestAlgorithm) -> Option<Vec<u8>>,
        verifier: &dyn SignatureVerifier,
    ) -> DocumentSignature {
        let mut found = DocumentSignature::not_judged(SignatureFault::NothingSigned);
        found.integrity = self.held(signer, digest_of, verifier, &mut found);
        found
    }

    fn held(
        &self,
        signer: &SignerInfo,
        digest_of: &dyn Fn(DigestAlgorithm) -> Option<Vec<u8>>,
        verifier: &dyn SignatureVerifier,
        found: &mut DocumentSignature,
    ) -> Result<(), SignatureFault> {
        let digest = digest_algorithm(signer)?;
        let kind = sole(signer, oid::CONTENT_TYPE, "content-type")?;
        if Tlv::sole(kind, tlv::OID, "content-type")?.content != self.kind {
            return Err(SignatureFault::Malformed { what: "content-type" });
        }
        let stated = sole(signer, oid::MESSAGE_DIGEST, "message-digest")?;
        let stated = Tlv::sole(stated, tlv::OCTET_STRING, "message-digest")?.octets("message-digest")?.into_owned();
        let computed = digest_of(digest).ok_or(SignatureFault::NothingSigned)?;
        if computed != stated {
            return Err(SignatureFault::Altered { reference: "content".to_owned() });
        }
        if digest.is_weak() {
            found.weak.push(format!("digest {}", digest.name()));
        }
        let algorithm = signature_algorithm(signer)?;
        let der = self.signed_by(signer).ok_or(SignatureFault::NoCertificate)?;
        let certificate = certificate::parse(der)?;
        let key = certificate.public_key().raw;
        match verifier.verify(algorithm, key, &signer.signed_attributes, &signer.signature) {
            Ok(()) => {}
            Err(why @ SealError::Unsupported { .. }) => return Err(why.into()),
            Err(_) => return Err(SignatureFault::False),
        }
        found.weak.extend(weakness(algorithm, key).map(|weak| format!("signature {weak}")));
        found.signer = Some(certificate::facts(der, &certificate));
        found.unsuited = certificate::unsuited_for_documents(&certificate);
        found.certificate = Some(der.to_vec());
        found.carried.clone_from(&self.certificates);
        found.signing_time = signing_time(signer);
        let named = [oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2];
        let names = named.iter().any(|kind| signer.attribute(kind).is_ok_and(|values| !values.is_empty()));
        // Before CAdES none was asked for; one that stands there must be this one.
        match ess::check(signer, der, &certificate, name::same) {
            _ if !names => Ok(()),
            Ok(()) => Ok(()),
            Err(why @ SealError::Unsupported { .. }) => Err(why.into()),
            Err(_) => Err(SignatureFault::OtherCertificate),
        }
    }

    /// The certificate that the signer names, of those carried.
    fn signed_by(&self, signer: &SignerInfo) -> Option<&[u8]> {
        let is_named = |der: &&Vec<u8>| certificate::parse(der).is_ok_and(|read| signer.id.names(&read, name::same));
        self.certificates.iter().find(is_named).map(Vec::as_slice)
    }
}

/// What is not read of a signer says nothing false of it.
fn not_read(why: SealError) -> SignatureFault {
    match why {
        SealError::Malformed { what: "signed attributes" } => SignatureFault::unsupported("no signed attributes"),
        why => why.into(),
    }
}

/// The one value of an attribute that must stand exactly once (RFC 5652 §11).
fn sole<'s>(signer: &'s SignerInfo, kind: &[u8], what: &'static str) -> Result<&'s [u8], SignatureFault> {
    match signer.attribute(kind)?.as_slice() {
        [value] => Ok(value),
        _ => Err(SignatureFault::Malformed { what }),
    }
}

fn signing_time(signer: &SignerInfo) -> Option<String> {
    let values = signer.attribute(oid::SIGNING_TIME).ok()?;
    let [value] = values.as_slice() else { return None };
    // The value is the time itself: read as the first of a list of one.
    let held = crate::write::element(tlv::SEQUENCE, value);
    let mut reader = Tlv::sole(&held, tlv::SEQUENCE, WHAT).ok()?.children();
    signed::time(&mut reader, WHAT).ok().map(|at| at.to_string())
}
