//! The built-in test authority: its own CA and time-stamping certificate, ECDSA P-256, usable by any RFC 3161
//! client. Its name, its policy and this sentence say it: a test authority, not a qualified one.
//!
//! The CA's key exists while `create` runs and is then gone: nothing else can ever be issued under it.

pub(crate) mod issue;

use std::fmt;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyUsagePurpose, PublicKeyData,
    SerialNumber, SigningKey,
};
use ring::rand::SecureRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::certificate;
use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::oid;
use crate::request::TimestampRequest;
use crate::response::{self, FailInfo};
use crate::time::UnixMillis;
use crate::write;
use issue::Statement;

/// The one policy of the test authority: an identifier no real authority uses.
pub const TEST_POLICY: &str = "1.3.6.1.4.1.59999.1.1";

const CA_NAME: &str = "Tabellion CA DE TEST - NON QUALIFIEE";
const TSA_NAME: &str = "Tabellion TSA DE TEST - NON QUALIFIEE";
const YEAR_SECONDS: u64 = 31_557_600;
const CA_YEARS: u64 = 30;
const TSA_YEARS: u64 = 10;
/// Validity starts this long before `now`, for clocks that step back a little.
const EARLIER_SECONDS: u64 = 3600;
/// The last second of 9999, which a certificate can still say.
const LAST_SECOND: u64 = 253_402_300_799;

/// A time-stamping authority for tests and first steps; not a qualified one.
pub struct TestAuthority {
    ca_der: Vec<u8>,
    tsa_der: Vec<u8>,
    key_pkcs8: Vec<u8>,
}

/// What is kept of a test authority, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityFiles {
    /// The CA's certificate: the root to trust.
    pub ca_certificate_pem: String,
    /// The time-stamping certificate.
    pub tsa_certificate_pem: String,
    /// The time-stamping key, PKCS#8. Secret.
    pub tsa_key_pem: String,
}

impl fmt::Debug for TestAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestAuthority { .. }")
    }
}

impl fmt::Debug for AuthorityFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorityFiles { .. }")
    }
}

impl TestAuthority {
    /// A fresh authority whose certificates hold from an hour before `now`: the CA for 30 years, the
    /// time-stamping certificate for 10.
    ///
    /// # Errors
    /// `Key` when randomness fails or `now` cannot be written in a certificate.
    pub fn create(now: UnixMillis, rng: &dyn SecureRandom) -> Result<Self, SealError> {
        let ca_key = TestKey::generate(rng)?;
        let tsa_key = TestKey::generate(rng)?;
        let mut ca = parameters(CA_NAME, now, CA_YEARS, rng)?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let mut tsa = parameters(TSA_NAME, now, TSA_YEARS, rng)?;
        tsa.is_ca = IsCa::ExplicitNoCa;
        tsa.use_authority_key_identifier_extension = true;
        tsa.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let purposes = write::sequence(&[&write::oid(oid::TIME_STAMPING)]);
        let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
        usage.set_criticality(true);
        tsa.custom_extensions = vec![usage];
        let refused = |e: rcgen::Error| key_error("certificate", e.to_string());
        let ca_der = ca.self_signed(&ca_key).map_err(refused)?.der().to_vec();
        let issuer = Issuer::from_params(&ca, &ca_key);
        let tsa_der = tsa.signed_by(&tsa_key, &issuer).map_err(refused)?.der().to_vec();
        Ok(Self { ca_der, tsa_der, key_pkcs8: tsa_key.pkcs8 })
    }

    /// The authority as PEM texts, to be kept.
    pub fn to_files(&self) -> AuthorityFiles {
        AuthorityFiles {
            ca_certificate_pem: self.ca_pem(),
            tsa_certificate_pem: certificate::der_to_pem(&self.tsa_der),
            tsa_key_pem: certificate::block("PRIVATE KEY", &self.key_pkcs8),
        }
    }

    /// The authority these texts are; the key is the certificate's.
    ///
    /// # Errors
    /// `Pem`, `Malformed`; `Key` when the key is not the certificate's.
    pub fn from_files(files: &AuthorityFiles) -> Result<Self, SealError> {
        let one = |text: &str, label| {
            let mut all = certificate::blocks(text, label)?;
            all.pop().filter(|_| all.is_empty()).ok_or(SealError::Pem { expected: label })
        };
        let ca_der = one(&files.ca_certificate_pem, "CERTIFICATE")?;
        let tsa_der = one(&files.tsa_certificate_pem, "CERTIFICATE")?;
        let key_pkcs8 = one(&files.tsa_key_pem, "PRIVATE KEY")?;
        certificate::parse(&ca_der)?;
        let pair = key_pair(&key_pkcs8, &ring::rand::SystemRandom::new())?;
        let bits = certificate::parse(&tsa_der)?.public_key().subject_public_key.data.to_vec();
        if bits != pair.public_key().as_ref() {
            return Err(key_error("time-stamping key", "it is not the certificate's".to_owned()));
        }
        Ok(Self { ca_der, tsa_der, key_pkcs8 })
    }

    /// The CA's certificate as PEM: the root to trust.
    pub fn ca_pem(&self) -> String {
        certificate::der_to_pem(&self.ca_der)
    }

    /// The CA's certificate as DER.
    pub fn ca_der(&self) -> &[u8] {
        &self.ca_der
    }

    /// The time-stamping certificate as DER.
    pub fn tsa_der(&self) -> &[u8] {
        &self.tsa_der
    }

    /// The TimeStampResp to `request`, in DER: a token stating `now` under [`TEST_POLICY`], or a refusal with its
    /// reason. `serial` must not be used twice.
    pub fn answer(&self, request: &[u8], now: UnixMillis, serial: u64, rng: &dyn SecureRandom) -> Vec<u8> {
        match self.token(request, now, serial, rng) {
            Ok(token) => response::granted(&token),
            Err((info, text)) => response::rejected(info, &text),
        }
    }

    fn token(
        &self,
        request: &[u8],
        now: UnixMillis,
        serial: u64,
        rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, (FailInfo, String)> {
        let bad_format = |e: SealError| (FailInfo::BadDataFormat, e.to_string());
        let failure = |e: SealError| (FailInfo::SystemFailure, e.to_string());
        let parsed = TimestampRequest::parse(request).map_err(bad_format)?;
        crate::strict::check(request).map_err(bad_format)?;
        if parsed.imprint_algorithm.is_none_or(DigestAlgorithm::is_weak) {
            return Err((FailInfo::BadAlg, "SHA-2 or SHA-3 of 256 bits or more, of the right length".to_owned()));
        }
        if parsed.policy.as_deref().is_some_and(|p| p != TEST_POLICY) {
            return Err((FailInfo::UnacceptedPolicy, format!("the only policy is {TEST_POLICY}")));
        }
        if parsed.has_extensions {
            return Err((FailInfo::UnacceptedExtension, "no extension is supported".to_owned()));
        }
        let certificate = certificate::parse(&self.tsa_der).map_err(failure)?;
        let facts = certificate::facts(&self.tsa_der, &certificate);
        if now.seconds() < facts.not_before.seconds() || now.seconds() > facts.not_after.seconds() {
            return Err((FailInfo::TimeNotAvailable, "the clock is outside the certificate's validity".to_owned()));
        }
        let statement = Statement {
            policy: TEST_POLICY,
            raw_imprint: &parsed.raw_imprint,
            serial,
            gen_time: now,
            raw_nonce: parsed.raw_nonce.as_deref(),
            with_certificate: parsed.cert_req,
        };
        let pair = key_pair(&self.key_pkcs8, rng).map_err(failure)?;
        issue::token(&statement, &self.tsa_der, &certificate, &|message| {
            let signature = pair.sign(rng, message).map_err(|e| key_error("signature", e.to_string()))?;
            Ok(signature.as_ref().to_vec())
        })
        .map_err(failure)
    }
}

fn key_error(what: &'static str, reason: String) -> SealError {
    SealError::Key { what, reason }
}

fn key_pair(pkcs8: &[u8], rng: &dyn SecureRandom) -> Result<EcdsaKeyPair, SealError> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, rng)
        .map_err(|e| key_error("ECDSA P-256 key", e.to_string()))
}

fn parameters(name: &str, now: UnixMillis, years: u64, rng: &dyn SecureRandom) -> Result<CertificateParams, SealError> {
    let beyond = || key_error("certificate", format!("{now} cannot be written"));
    let seconds = u64::try_from(now.seconds()).map_err(|_| beyond())?;
    let start = seconds.saturating_sub(EARLIER_SECONDS);
    let end = seconds.saturating_add(years * YEAR_SECONDS);
    if end > LAST_SECOND {
        return Err(beyond());
    }
    let mut serial = [0u8; 16];
    rng.fill(&mut serial).map_err(|e| key_error("randomness", e.to_string()))?;
    serial[0] = serial[0] & 0x7f | 0x40;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let mut parameters = CertificateParams::default();
    parameters.not_before = epoch + Duration::from_secs(start);
    parameters.not_after = epoch + Duration::from_secs(end);
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::OrganizationName, "Tabellion, essais");
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}

/// A key that signs certificates with the randomness it was given.
struct TestKey<'r> {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    rng: &'r dyn SecureRandom,
}

impl<'r> TestKey<'r> {
    fn generate(rng: &'r dyn SecureRandom) -> Result<Self, SealError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, rng)
            .map_err(|e| key_error("ECDSA P-256 key", e.to_string()))?;
        let pkcs8 = document.as_ref().to_vec();
        Ok(Self { pair: key_pair(&pkcs8, rng)?, pkcs8, rng })
    }
}

impl PublicKeyData for TestKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for TestKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature = self.pair.sign(self.rng, message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signature.as_ref().to_vec())
    }
}
