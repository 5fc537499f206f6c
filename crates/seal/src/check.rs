//! The judgement of a token, one check a rule (RFC 3161 §2.4.2, RFC 5652 §5.6, RFC 5816 §2.2.1, RFC 5280 §6).
//!
//! Every check is made and reported on its own; a token passes when all of them hold. Deliberately not here:
//! revocation, policy dates of algorithms, and whether the certificate is still good at the judgement time.

use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, SignerFacts};
use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::ess;
use crate::limits;
use crate::oid;
use crate::path::{self, Way};
use crate::signature::{self, SignatureVerifier};
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv};
use crate::token::{SignerId, Token};

/// What the token must be about.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedToken<'a> {
    /// The digest by which the token must name the data.
    pub imprint_algorithm: DigestAlgorithm,
    /// The digest the token must cover.
    pub imprint: &'a [u8],
    /// The nonce of our request, big-endian; `None` where the request is no longer at hand.
    pub nonce: Option<&'a [u8]>,
    /// The policy asked for, dotted.
    pub policy: Option<&'a str>,
}

impl<'a> ExpectedToken<'a> {
    /// A token over this digest, of any request and policy.
    pub fn new(imprint_algorithm: DigestAlgorithm, imprint: &'a [u8]) -> Self {
        Self { imprint_algorithm, imprint, nonce: None, policy: None }
    }

    /// A token over this SHA-256 digest, of any request and policy.
    pub fn sha256(imprint: &'a [u8; 32]) -> Self {
        Self::new(DigestAlgorithm::Sha256, imprint)
    }
}

/// By which trust, and at what moment, the token is judged.
#[derive(Clone, Copy)]
pub struct TokenPolicy<'a> {
    /// Trusted certificates, DER, given from outside.
    pub roots: &'a [Vec<u8>],
    /// Certificates that may help to find the way; they add no trust.
    pub extra_certificates: &'a [Vec<u8>],
    /// The moment of judgement: a token from its future is refused.
    pub at: UnixMillis,
    /// The moment at which the way to the root must hold: `None` for the token's own time. Of a token that a later
    /// one covers, it is the time of that later one (RFC 4998 §5.3).
    pub path_at: Option<UnixMillis>,
    /// The door for every signature.
    pub verifier: &'a dyn SignatureVerifier,
}

impl<'a> TokenPolicy<'a> {
    /// These roots, nothing beside the token, judged now, the way to the root at the token's own time.
    pub fn new(roots: &'a [Vec<u8>], at: UnixMillis, verifier: &'a dyn SignatureVerifier) -> Self {
        Self { roots, extra_certificates: &[], at, path_at: None, verifier }
    }
}

/// The rules a token is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckName {
    /// The token covers the expected digest, made with the expected algorithm.
    Imprint,
    /// The token answers our request; made only when a nonce is expected.
    Nonce,
    /// The token was issued under the policy asked for; made only when one is expected.
    Policy,
    /// The token's time is not after the moment of judgement.
    GenTime,
    /// contentType is TSTInfo and messageDigest is the content's digest.
    SignedAttributes,
    /// ESSCertIDv2 (or ESSCertID) names the signer's certificate.
    EssCertId,
    /// No certificate carried bears the signer's name over another key: nothing signs that list, and readers
    /// that choose by name would choose differently.
    Certificates,
    /// Extended key usage is critical and time-stamping alone.
    Eku,
    /// The signer's certificate held at the token's time.
    SignerValidity,
    /// The signature over the raw signed attributes is the signer's.
    Signature,
    /// A path leads to a given root at the token's time, or at the later moment asked for.
    Path,
}

impl CheckName {
    /// The stable name, in kebab case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imprint => "imprint",
            Self::Nonce => "nonce",
            Self::Policy => "policy",
            Self::GenTime => "gen-time",
            Self::SignedAttributes => "signed-attributes",
            Self::EssCertId => "ess-cert-id",
            Self::Certificates => "certificates",
            Self::Eku => "eku",
            Self::SignerValidity => "signer-validity",
            Self::Signature => "signature",
            Self::Path => "path",
        }
    }
}

/// One rule and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCheck {
    /// The rule.
    pub name: CheckName,
    /// Whether it holds, or why not.
    pub outcome: Result<(), SealError>,
}

/// What came of every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReport {
    /// Each check made, in the order of [`CheckName`].
    pub checks: Vec<TokenCheck>,
    /// The time the token states.
    pub gen_time: UnixMillis,
    /// Who signed, as far as a certificate was found.
    pub signer: Option<SignerFacts>,
    /// SHA-256 of the given root the way leads to.
    pub root_sha256: Option<[u8; 32]>,
    /// The earliest end of validity on the way to the root, the root's own included. Once the judgement is
    /// later than that, only a later proof of existence makes the token count.
    pub valid_until: Option<UnixMillis>,
}

impl TokenReport {
    /// Every check made holds, and the path leads to a given root.
    pub fn passed(&self) -> bool {
        self.root_sha256.is_some() && !self.checks.is_empty() && self.first_failure().is_none()
    }

    /// The first rule broken.
    pub fn first_failure(&self) -> Option<(CheckName, &SealError)> {
        self.checks.iter().find_map(|c| c.outcome.as_ref().err().map(|e| (c.name, e)))
    }

    /// What came of one rule; `None` when it was not made.
    pub fn outcome(&self, name: CheckName) -> Option<&Result<(), SealError>> {
        self.checks.iter().find(|c| c.name == name).map(|c| &c.outcome)
    }
}

/// Judges `token`: the report passes when every rule holds.
pub fn check_token(token: &Token, expected: &ExpectedToken<'_>, policy: &TokenPolicy<'_>) -> TokenReport {
    let mut checks = Vec::new();
    let mut add = |name, outcome| checks.push(TokenCheck { name, outcome });
    add(CheckName::Imprint, check_imprint(token, expected));
    if let Some(nonce) = expected.nonce {
        add(CheckName::Nonce, check_nonce(token, nonce));
    }
    if let Some(wanted) = expected.policy {
        add(CheckName::Policy, check_policy(token, wanted));
    }
    add(CheckName::GenTime, check_gen_time(token, policy.at));
    add(CheckName::SignedAttributes, check_attributes(token));
    let candidates = candidates(token, policy.extra_certificates);
    let signer = candidates.iter().find(|c| ess::check(token, c.der, &c.parsed).is_ok()).or(candidates.first());
    let known = token.certificates.len() + policy.extra_certificates.len();
    let of_signer = |rule: &dyn Fn(&Candidate<'_>) -> Result<(), SealError>| match signer {
        Some(signer) => rule(signer),
        None => Err(SealError::SignerNotFound { certificates: known }),
    };
    let signature = |s: &Candidate<'_>| check_signature(token, s, policy.verifier);
    add(CheckName::EssCertId, of_signer(&|s| ess::check(token, s.der, &s.parsed)));
    add(CheckName::Certificates, of_signer(&|s| check_certificates(token, s)));
    add(CheckName::Eku, of_signer(&|s| certificate::check_usage(&s.parsed)));
    add(CheckName::SignerValidity, of_signer(&|s| check_validity(token, s)));
    add(CheckName::Signature, of_signer(&signature));
    let way = match signer {
        Some(signer) => find_root(token, signer, policy),
        None => Err(SealError::SignerNotFound { certificates: known }),
    };
    add(CheckName::Path, way.as_ref().map(|_| ()).map_err(Clone::clone));
    let way = way.ok();
    TokenReport {
        checks,
        gen_time: token.gen_time(),
        signer: signer.map(|s| certificate::facts(s.der, &s.parsed)),
        root_sha256: way.map(|w| w.root_sha256),
        valid_until: way.map(|w| w.valid_until),
    }
}

fn check_imprint(token: &Token, expected: &ExpectedToken<'_>) -> Result<(), SealError> {
    if token.info.imprint_algorithm != Some(expected.imprint_algorithm) {
        let found = token.imprint().algorithm.to_owned();
        return Err(SealError::ImprintAlgorithmMismatch { expected: expected.imprint_algorithm.name(), found });
    }
    if token.info.imprint != expected.imprint {
        let (expected, found) = (expected.imprint.to_vec(), token.info.imprint.clone());
        return Err(SealError::ImprintMismatch { expected, found });
    }
    Ok(())
}

fn check_nonce(token: &Token, expected: &[u8]) -> Result<(), SealError> {
    let expected = tlv::strip_zeros(expected);
    let negative = token.info.nonce.as_deref().and_then(<[u8]>::first).is_some_and(|b| b & 0x80 != 0);
    if token.nonce() == Some(expected) && !negative {
        return Ok(());
    }
    Err(SealError::NonceMismatch { expected: expected.to_vec(), found: token.nonce().map(<[u8]>::to_vec) })
}

fn check_policy(token: &Token, expected: &str) -> Result<(), SealError> {
    if token.policy() == expected {
        return Ok(());
    }
    Err(SealError::PolicyMismatch { expected: expected.to_owned(), found: token.policy().to_owned() })
}

fn check_gen_time(token: &Token, judged_at: UnixMillis) -> Result<(), SealError> {
    let gen_time = token.gen_time();
    if gen_time.0 <= judged_at.0.saturating_add(limits::GEN_TIME_AHEAD_MS) {
        return Ok(());
    }
    Err(SealError::GenTimeAhead { gen_time, judged_at })
}

/// The one value of an attribute that must stand exactly once (RFC 5652 §11).
fn sole_attribute<'t>(token: &'t Token, kind: &[u8], name: &'static str) -> Result<&'t [u8], SealError> {
    let found = token.signer.attribute(kind)?;
    match found.as_slice() {
        [value] => Ok(value),
        other => Err(SealError::AttributeCount { attribute: name, count: other.len() }),
    }
}

fn check_attributes(token: &Token) -> Result<(), SealError> {
    const WHAT: &str = "signed attributes";
    let kind = sole_attribute(token, oid::CONTENT_TYPE, "contentType")?;
    let kind = Tlv::sole(kind, tlv::OID, WHAT)?.content;
    if kind != oid::TST_INFO {
        return Err(SealError::ContentTypeMismatch { expected: oid::shown(oid::TST_INFO), found: oid::shown(kind) });
    }
    let found = sole_attribute(token, oid::MESSAGE_DIGEST, "messageDigest")?;
    let found = Tlv::sole(found, tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned();
    let computed = digest_algorithm(token)?.digest(&token.content);
    if computed != found {
        return Err(SealError::MessageDigestMismatch { computed, found });
    }
    Ok(())
}

fn digest_algorithm(token: &Token) -> Result<DigestAlgorithm, SealError> {
    const WHAT: &str = "digest of the signed content";
    Algorithm::parse(&Tlv::sole(&token.signer.digest_algorithm, tlv::SEQUENCE, WHAT)?, WHAT)?.digest(WHAT)
}

struct Candidate<'a> {
    der: &'a [u8],
    parsed: X509Certificate<'a>,
}

/// The certificates at hand which are the one the signer named (RFC 5652 §5.3).
fn candidates<'a>(token: &'a Token, extra: &'a [Vec<u8>]) -> Vec<Candidate<'a>> {
    let at_hand = token.certificates.iter().chain(extra.iter().take(limits::CERTIFICATES));
    at_hand
        .filter_map(|der| certificate::parse(der).ok().map(|parsed| Candidate { der, parsed }))
        .filter(|c| match &token.signer.id {
            SignerId::IssuerSerial { issuer, serial } => {
                c.parsed.issuer().as_raw() == issuer && c.parsed.raw_serial() == serial.as_slice()
            }
            SignerId::KeyId(id) => certificate::key_identifier(&c.parsed) == Some(id.as_slice()),
        })
        .collect()
}

fn check_certificates(token: &Token, signer: &Candidate<'_>) -> Result<(), SealError> {
    for carried in token.certificates.iter().filter_map(|der| certificate::parse(der).ok()) {
        let same_name = carried.subject().as_raw() == signer.parsed.subject().as_raw();
        if same_name && carried.public_key().raw != signer.parsed.public_key().raw {
            return Err(SealError::SignerAmbiguous { subject: carried.subject().to_string() });
        }
    }
    Ok(())
}

fn check_validity(token: &Token, signer: &Candidate<'_>) -> Result<(), SealError> {
    let SignerFacts { not_before, not_after, .. } = certificate::facts(signer.der, &signer.parsed);
    let at = token.gen_time();
    if not_before.seconds() <= at.seconds() && at.seconds() <= not_after.seconds() {
        return Ok(());
    }
    Err(SealError::SignerOutsideValidity { not_before, not_after, at })
}

fn check_signature(token: &Token, signer: &Candidate<'_>, verifier: &dyn SignatureVerifier) -> Result<(), SealError> {
    const WHAT: &str = "signature algorithm";
    let sequence = Tlv::sole(&token.signer.signature_algorithm, tlv::SEQUENCE, WHAT)?;
    let algorithm = signature::signer_algorithm(&Algorithm::parse(&sequence, WHAT)?, digest_algorithm(token)?)?;
    let key = signer.parsed.public_key().raw;
    verifier.verify(algorithm, key, &token.signer.signed_attributes, &token.signer.signature)
}

fn find_root(token: &Token, signer: &Candidate<'_>, policy: &TokenPolicy<'_>) -> Result<Way, SealError> {
    let others: Vec<&[u8]> = token
        .certificates
        .iter()
        .chain(policy.extra_certificates.iter().take(limits::CERTIFICATES))
        .map(Vec::as_slice)
        .filter(|der| *der != signer.der)
        .collect();
    path::find_root(signer.der, &others, policy.roots, policy.path_at.unwrap_or(token.gen_time()), policy.verifier)
}
