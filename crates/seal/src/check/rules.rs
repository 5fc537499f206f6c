//! The rules a token is held to, one function each; `check.rs` says in what order, and what comes of them.

use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, Known, name};
use crate::check::{ExpectedToken, TokenPolicy};
use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::path::signed::{Outline, Signed};
use crate::path::{self, Way};
use crate::revocation::{self, CertificateStanding, Material, Standing};
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{self, SignatureAlgorithm};
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv};
use crate::token::ess;
use crate::token::{SignerInfo, Token};

pub(crate) fn check_imprint(token: &Token, expected: &ExpectedToken<'_>) -> Result<(), SealError> {
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

pub(crate) fn check_nonce(token: &Token, expected: &[u8]) -> Result<(), SealError> {
    let expected = tlv::strip_zeros(expected);
    let negative = token.info.nonce.as_deref().and_then(<[u8]>::first).is_some_and(|b| b & 0x80 != 0);
    if token.nonce() == Some(expected) && !negative {
        return Ok(());
    }
    Err(SealError::NonceMismatch { expected: expected.to_vec(), found: token.nonce().map(<[u8]>::to_vec) })
}

pub(crate) fn check_policy(token: &Token, expected: &str) -> Result<(), SealError> {
    if token.policy() == expected {
        return Ok(());
    }
    Err(SealError::PolicyMismatch { expected: expected.to_owned(), found: token.policy().to_owned() })
}

pub(crate) fn check_gen_time(token: &Token, judged_at: UnixMillis) -> Result<(), SealError> {
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

pub(crate) fn check_attributes(token: &Token) -> Result<(), SealError> {
    const WHAT: &str = "signed attributes";
    let kind = sole_attribute(token, oid::CONTENT_TYPE, "contentType")?;
    let kind = Tlv::sole(kind, tlv::OID, WHAT)?.content;
    if kind != oid::TST_INFO {
        return Err(SealError::ContentTypeMismatch { expected: oid::shown(oid::TST_INFO), found: oid::shown(kind) });
    }
    let found = sole_attribute(token, oid::MESSAGE_DIGEST, "messageDigest")?;
    let found = Tlv::sole(found, tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned();
    let computed = digest_algorithm(&token.signer)?.digest(&token.content);
    if computed != found {
        return Err(SealError::MessageDigestMismatch { computed, found });
    }
    Ok(())
}

/// The digest that a signer made of what it signs.
pub(crate) fn digest_algorithm(signer: &SignerInfo) -> Result<DigestAlgorithm, SealError> {
    const WHAT: &str = "digest of the signed content";
    Algorithm::parse(&Tlv::sole(&signer.digest_algorithm, tlv::SEQUENCE, WHAT)?, WHAT)?.digest(WHAT)
}

pub(crate) struct Candidate<'a> {
    pub der: &'a [u8],
    pub parsed: X509Certificate<'a>,
    /// By the token itself.
    pub carried: bool,
}

/// The certificates carried, then those given beside, which can be read.
pub(crate) fn at_hand<'a>(token: &'a Token, extra: &'a [Vec<u8>]) -> Vec<Candidate<'a>> {
    let carried = token.certificates.iter().map(|der| (der, true));
    let beside = token.beside.iter().chain(extra.iter().take(limits::CERTIFICATES)).map(|der| (der, false));
    carried
        .chain(beside)
        .filter_map(|(der, carried)| certificate::parse(der).ok().map(|parsed| Candidate { der, parsed, carried }))
        .collect()
}

/// Those at hand, for whoever meets them again.
pub(crate) fn known<'c>(at_hand: &'c [Candidate<'_>]) -> Known<'c> {
    Known(at_hand.iter().map(|candidate| (candidate.der, &candidate.parsed)).collect())
}

/// The certificate the signer named (RFC 5652 §5.3): the one its signed attribute names too, where several could be.
pub(crate) fn signer<'c, 'a>(token: &Token, at_hand: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    let is_named = |c: &&Candidate<'_>| token.signer.id.names(&c.parsed, name::identical);
    let mut named = at_hand.iter().filter(is_named);
    let first = named.next()?;
    let mut others = named.filter(|c| c.der != first.der).peekable();
    if others.peek().is_none() || ess::check(&token.signer, first.der, &first.parsed, name::identical).is_ok() {
        return Some(first);
    }
    others.find(|c| ess::check(&token.signer, c.der, &c.parsed, name::identical).is_ok()).or(Some(first))
}

pub(crate) fn check_certificates(at_hand: &[Candidate<'_>], signer: &Candidate<'_>) -> Result<(), SealError> {
    for carried in at_hand.iter().filter(|c| c.carried).map(|c| &c.parsed) {
        let same_name = carried.subject().as_raw() == signer.parsed.subject().as_raw();
        if same_name && carried.public_key().raw != signer.parsed.public_key().raw {
            return Err(SealError::SignerAmbiguous { subject: carried.subject().to_string() });
        }
    }
    Ok(())
}

pub(crate) fn check_validity(token: &Token, signer: &Candidate<'_>) -> Result<(), SealError> {
    let (not_before, not_after) = certificate::validity(&signer.parsed);
    let at = token.gen_time();
    if not_before.seconds() <= at.seconds() && at.seconds() <= not_after.seconds() {
        return Ok(());
    }
    Err(SealError::SignerOutsideValidity { not_before, not_after, at })
}

/// How the signer says it signed.
pub(crate) fn signature_algorithm(signer: &SignerInfo) -> Result<SignatureAlgorithm, SealError> {
    const WHAT: &str = "signature algorithm";
    let sequence = Tlv::sole(&signer.signature_algorithm, tlv::SEQUENCE, WHAT)?;
    algorithm::signer_algorithm(&Algorithm::parse(&sequence, WHAT)?, digest_algorithm(signer)?)
}

pub(crate) fn check_signature(
    token: &Token,
    signer: &Candidate<'_>,
    verifier: &dyn SignatureVerifier,
) -> Result<(), SealError> {
    let algorithm = signature_algorithm(&token.signer)?;
    let key = signer.parsed.public_key().raw;
    verifier.verify(algorithm, key, &token.signer.signed_attributes, &token.signer.signature)
}

/// The usage of the signer's certificate, what is tolerated apart.
pub(crate) fn check_usage(signer: &Candidate<'_>, policy: &TokenPolicy<'_>) -> Result<(), SealError> {
    match certificate::check_usage(&signer.parsed) {
        Err(SealError::EkuNotCritical) if policy.accept_eku_not_critical => Ok(()),
        outcome => outcome,
    }
}

pub(crate) fn find_root(token: &Token, signer: &Candidate<'_>, policy: &TokenPolicy<'_>) -> Result<Way, SealError> {
    let others: Vec<&[u8]> = token
        .certificates
        .iter()
        .chain(&token.beside)
        .chain(policy.extra_certificates.iter().take(limits::CERTIFICATES))
        .map(Vec::as_slice)
        .filter(|der| *der != signer.der)
        .collect();
    let at = policy.path_at.unwrap_or(token.gen_time());
    path::find_root(signer.der, &others, policy.roots, at, policy.verifier)
}

/// How each certificate of the way stands.
pub(crate) fn standings(
    token: &Token,
    way: &Way,
    known: &Known<'_>,
    policy: &TokenPolicy<'_>,
) -> Vec<CertificateStanding> {
    // What was given comes first: a token full of pieces crowds none of it out.
    let pieces = policy.revocation.iter().chain(&token.revocation).map(Vec::as_slice).collect();
    let material = Material {
        pieces,
        known,
        certificates: &token.certificates,
        verifier: policy.verifier,
        gen_time: token.gen_time(),
        path_at: policy.path_at.or(policy.covered_at),
        at: policy.at,
    };
    revocation::standings(&way.certificates, &material)
}

/// No certificate of the way stands revoked in a manner that reaches this token. What nothing covers is not refused here: the report
/// says it.
pub(crate) fn check_standings(standings: &[CertificateStanding]) -> Result<(), SealError> {
    for CertificateStanding { subject, standing, .. } in standings {
        if let Standing::Revoked { at, reason } = standing {
            let reason = reason.unwrap_or("no reason stated");
            return Err(SealError::Revoked { certificate: subject.clone(), at: *at, reason });
        }
    }
    Ok(())
}

/// What is too weak to be a proof by itself today: the imprint's digest, the signature, those of the way.
pub(crate) fn weak(token: &Token, signer: Option<&Candidate<'_>>, way: Option<&Way>) -> Vec<String> {
    let imprint =
        token.info.imprint_algorithm.filter(|digest| digest.is_weak()).map(|d| format!("imprint {}", d.name()));
    let signature = signature_algorithm(&token.signer).ok().zip(signer).and_then(|(algorithm, signer)| {
        algorithm::weakness(algorithm, signer.parsed.public_key().raw).map(|weak| format!("signature {weak}"))
    });
    let certificates = way.map_or(&[][..], |way| &way.certificates);
    let parsed: Vec<Signed<'_>> =
        certificates.iter().filter_map(|der| Signed::parse(der, "certificate").ok()).collect();
    let on_the_way = parsed.iter().zip(parsed.iter().skip(1)).filter_map(|(signed, issuer)| {
        let weak = signed.weakness(Outline::parse(issuer).ok()?.spki)?;
        Some(format!("certificate {weak}"))
    });
    let mut all: Vec<String> = imprint.into_iter().chain(signature).chain(on_the_way).collect();
    all.dedup();
    all
}

pub(crate) fn check_weak(weak: &[String], policy: &TokenPolicy<'_>) -> Result<(), SealError> {
    if weak.is_empty() || policy.accept_weak { Ok(()) } else { Err(SealError::WeakAlgorithm { found: weak.to_vec() }) }
}
