//! The judgement of a token, one check a rule (RFC 3161 §2.4.2, RFC 5652 §5.6, RFC 5816 §2.2.1, RFC 5280 §6).
//!
//! Every check is made and reported on its own; a token passes when all of them hold. The rules themselves are `check/rules.rs`'.
//! Deliberately not here: policy dates of algorithms, and whether the certificates are still good at the judgement time.

pub(crate) mod rules;

use crate::certificate::{self, SignerFacts, name};
use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::revocation::CertificateStanding;
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::token::Token;
use crate::token::ess;
use rules::Candidate;

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
    /// The time of a later token that covers this one, the way to the root being judged at the token's own time all the same: what is
    /// revoked after it was good when it was covered.
    pub covered_at: Option<UnixMillis>,
    /// Lists of revoked certificates and OCSP responses given beside the token, DER; each is believed by its own signature alone.
    pub revocation: &'a [Vec<u8>],
    /// Digests, signatures and keys too weak today are let through, and named in the report: for whoever knows that they were sound
    /// when a later token came to cover this one.
    pub accept_weak: bool,
    /// An extended key usage that is not critical is let through, and told in the report: for tokens of others, never for ours.
    pub accept_eku_not_critical: bool,
    /// The door for every signature.
    pub verifier: &'a dyn SignatureVerifier,
}

impl<'a> TokenPolicy<'a> {
    /// These roots, nothing beside the token, the way to the root at the token's own time, nothing weak let through.
    pub fn new(roots: &'a [Vec<u8>], at: UnixMillis, verifier: &'a dyn SignatureVerifier) -> Self {
        Self {
            roots,
            extra_certificates: &[],
            at,
            path_at: None,
            covered_at: None,
            revocation: &[],
            accept_weak: false,
            accept_eku_not_critical: false,
            verifier,
        }
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
    /// No certificate on that path stands revoked, as far as what is at hand tells; what nothing covers is told apart.
    Revocation,
    /// Nothing of imprint, signature and path is too weak to be a proof by itself today.
    Algorithms,
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
            Self::Revocation => "revocation",
            Self::Algorithms => "algorithms",
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
    /// The certificates of the way, the signer's first, the root last, DER; empty where there is none.
    pub way: Vec<Vec<u8>>,
    /// SHA-256 of the given root the way leads to.
    pub root_sha256: Option<[u8; 32]>,
    /// The earliest end of validity on the way to the root, the root's own included. Once the judgement is
    /// later than that, only a later proof of existence makes the token count.
    pub valid_until: Option<UnixMillis>,
    /// How each certificate on the way stands, the signer's first, the root's apart: good, revoked, or unknown.
    pub standings: Vec<CertificateStanding>,
    /// What is too weak to be a proof by itself today, whether let through or not.
    pub weak: Vec<String>,
    /// The signer's extended key usage is not critical, whether let through or not (RFC 3161 §2.3).
    pub eku_not_critical: bool,
    /// Whether the name the token gives its authority is one of the signer's certificate; `None` where it gives none. A hint
    /// (RFC 3161 §2.4.2), and no rule.
    pub tsa_name_matches: Option<bool>,
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
    add(CheckName::Imprint, rules::check_imprint(token, expected));
    if let Some(nonce) = expected.nonce {
        add(CheckName::Nonce, rules::check_nonce(token, nonce));
    }
    if let Some(wanted) = expected.policy {
        add(CheckName::Policy, rules::check_policy(token, wanted));
    }
    add(CheckName::GenTime, rules::check_gen_time(token, policy.at));
    add(CheckName::SignedAttributes, rules::check_attributes(token));
    let at_hand = rules::at_hand(token, policy.extra_certificates);
    let signer = rules::signer(token, &at_hand);
    let known = rules::known(&at_hand);
    let absent = || SealError::SignerNotFound { certificates: at_hand.len() };
    let of_signer = |rule: &dyn Fn(&Candidate<'_>) -> Result<(), SealError>| signer.ok_or_else(absent).and_then(rule);
    add(CheckName::EssCertId, of_signer(&|s| ess::check(&token.signer, s.der, &s.parsed, name::identical)));
    add(CheckName::Certificates, of_signer(&|s| rules::check_certificates(&at_hand, s)));
    add(CheckName::Eku, of_signer(&|s| rules::check_usage(s, policy)));
    add(CheckName::SignerValidity, of_signer(&|s| rules::check_validity(token, s)));
    add(CheckName::Signature, of_signer(&|s| rules::check_signature(token, s, policy.verifier)));
    let way = signer.ok_or_else(absent).and_then(|signer| rules::find_root(token, signer, policy));
    add(CheckName::Path, way.as_ref().map(|_| ()).map_err(Clone::clone));
    let way = way.ok();
    let standings = way.as_ref().map_or_else(Vec::new, |way| rules::standings(token, way, &known, policy));
    add(CheckName::Revocation, rules::check_standings(&standings));
    let weak = rules::weak(token, signer, way.as_ref());
    add(CheckName::Algorithms, rules::check_weak(&weak, policy));
    TokenReport {
        checks,
        gen_time: token.gen_time(),
        signer: signer.map(|s| certificate::facts(s.der, &s.parsed)),
        root_sha256: way.as_ref().map(|w| w.root_sha256),
        valid_until: way.as_ref().map(|w| w.valid_until),
        way: way.map_or_else(Vec::new, |w| w.certificates),
        standings,
        weak,
        eku_not_critical: signer.is_some_and(|s| certificate::check_usage(&s.parsed) == Err(SealError::EkuNotCritical)),
        tsa_name_matches: token.tsa_name().zip(signer).map(|(name, s)| certificate::bears_name(&s.parsed, name)),
    }
}
