//! Custody of the key that seals attestations (their cachet, X.509): a file, a systemd credential, or a PKCS#11 token that signs without ever
//! giving it out. RSA or ECDSA P-256, under a certificate that is held to it at each start. See docs/operations/keys.md.
//!
//! It signs what people read, and no head: where it is away, or its certificate is not in force, attestations are refused and everything else
//! goes on. When the certificate ends is told months ahead, by `/readyz` and the event log.

use super::cachettrouble as trouble;
use super::pin::Asked;
use super::session::{Opened, Wanted};
use super::{Pkcs11, trouble as custodytrouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::random;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use proof::UnixMillis;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use seal::{SignatureAlgorithm, SigningChain};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// Bytes of a file of certificates.
const CHAIN_FILE_BYTES: u64 = 256 << 10;
/// Bytes of the certificates themselves: a signature in a PDF/A is a string, of at most 32,767 bytes with all it carries.
const CHAIN_BYTES: usize = 12 << 10;
/// What a key is tried on: the digest of no sheet.
const TRIED: &[u8] = b"tabellion: a key is tried\n";

/// What seals attestations.
pub(crate) struct Cachet {
    chain: SigningChain,
    key: Key,
    /// Each signature is time-stamped too.
    pub(crate) stamped: bool,
}

enum Key {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Token(TokenKey),
}

/// A key in a token. A session that was lost is opened again by whoever asks next.
struct TokenKey {
    home: Home,
    named: Pkcs11,
    credentials: &'static [&'static str],
    algorithm: SignatureAlgorithm,
    open: Mutex<Option<(Opened, ObjectHandle)>>,
}

impl Cachet {
    /// The one configured, whose key is the certificate's; none where none is configured.
    pub(crate) fn configured(home: &Home, config: &Config) -> Result<Option<Self>, ServiceError> {
        let lines = &config.keys.attestation;
        if lines.certificate.as_os_str().is_empty() {
            return Ok(None);
        }
        let place = home.path().join(&lines.certificate);
        let unreadable = |why: String| trouble::certificate_unreadable(&place, &why);
        if !place.exists() {
            return Err(unreadable("no such file".into()).into());
        }
        let text = files::read_text(&place, CHAIN_FILE_BYTES)?;
        // A backup carries this file.
        if text.contains("PRIVATE KEY-----") {
            return Err(unreadable("it holds a private key, which stands in a file of its own".into()).into());
        }
        let chain = SigningChain::from_pem(&text).map_err(|error| unreadable(error.to_string()))?;
        if chain.size() > CHAIN_BYTES {
            return Err(unreadable(format!("more than {CHAIN_BYTES} bytes of certificates")).into());
        }
        let key = match (&lines.pkcs11, key_file(home, &lines.key)) {
            (Some(named), _) => Key::Token(TokenKey {
                home: home.clone(),
                named: named.clone(),
                credentials: config.keys.attestation_credentials(),
                algorithm: chain.algorithm(),
                open: Mutex::new(None),
            }),
            (None, Some(path)) => Key::read(&path, chain.algorithm())?,
            (None, None) => return Err(trouble::key_missing(&home.path().join(&lines.key)).into()),
        };
        let cachet = Self { chain, key, stamped: lines.timestamp };
        let signed = cachet.key.sign(TRIED)?;
        cachet.chain.verify(TRIED, &signed).map_err(|why| trouble::another_key(&place, &why.to_string()))?;
        Ok(Some(cachet))
    }

    /// The name that the certificate gives.
    pub(crate) fn name(&self) -> &str {
        &self.chain.facts().subject
    }

    /// The most that a signature may take, a time-stamp of this size apart.
    pub(crate) fn size(&self) -> usize {
        // Attributes, and a signature: of RSA with 4096 bits half a KiB.
        self.chain.size() + (4 << 10)
    }

    /// A signature over content of this SHA-256; what `stamp` gives for the signature's own is carried along where that is configured.
    pub(crate) fn seal(
        &self,
        content_sha256: &[u8; 32],
        stamp: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, String>,
    ) -> Result<Vec<u8>, String> {
        self.in_force().map_err(|trouble| trouble.to_string())?;
        let attributes = self.chain.attributes(content_sha256);
        let signature = self.key.sign(&attributes).map_err(|error| error.to_string())?;
        // A token that signs otherwise than at the start does not get past here.
        self.chain.verify(&attributes, &signature).map_err(|error| error.to_string())?;
        let token = if self.stamped { Some(stamp(&proof::sha256(&signature).0)?) } else { None };
        Ok(self.chain.signed(&attributes, &signature, token.as_deref()))
    }

    /// For `/readyz`: whose it is, until when, and how its certificate stands when told so long before its end.
    pub(crate) fn shown(&self, now: UnixMillis, notice_ms: u64) -> Value {
        let facts = self.chain.facts();
        json!({"name": facts.subject, "until": facts.not_after.to_string(), "state": self.state(now, notice_ms)})
    }

    fn state(&self, now: UnixMillis, notice_ms: u64) -> &'static str {
        let (facts, now) = (self.chain.facts(), i64::try_from(now.0).unwrap_or(i64::MAX));
        if now < facts.not_before.0 {
            return "not-begun";
        }
        match facts.not_after.0 {
            end if end < now => "ended",
            end if end <= now.saturating_add_unsigned(notice_ms) => "ending",
            _ => "holds",
        }
    }

    /// Tells the event log when its certificate ends, or that it is not in force.
    pub(crate) fn tell(&self, now: UnixMillis, notice_ms: u64) {
        let (name, until) = (self.name(), self.chain.facts().not_after.to_string());
        match self.state(now, notice_ms) {
            "holds" => {}
            "ending" => {
                tracing::warn!(name, until, "the certificate that seals attestations ends: have the next one ready")
            }
            state => tracing::error!(
                name,
                until,
                state,
                "the certificate that seals attestations is not in force: none is given"
            ),
        }
    }

    /// The certificate is of now.
    fn in_force(&self) -> Result<(), crate::trouble::Trouble> {
        let (facts, now) = (self.chain.facts(), random::seal_now());
        if now < facts.not_before {
            return Err(trouble::not_begun(&facts.not_before.to_string()));
        }
        if now > facts.not_after {
            return Err(trouble::ended(&facts.not_after.to_string()));
        }
        Ok(())
    }
}

/// Where the key stands in clear: the credential first.
fn key_file(home: &Home, named: &Path) -> Option<PathBuf> {
    let file = (!named.as_os_str().is_empty()).then(|| home.path().join(named));
    Home::credential("attestation.key").or(file.filter(|path| path.exists()))
}

impl Key {
    /// The key of this PEM file, which others cannot read: PKCS#8, not encrypted.
    fn read(path: &Path, algorithm: SignatureAlgorithm) -> Result<Self, ServiceError> {
        let unreadable = |why: &str| trouble::key_unreadable(path, why);
        let bytes = Zeroizing::new(files::read_private(path)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("not PEM"))?;
        if !text.contains("-----BEGIN PRIVATE KEY-----") {
            return Err(unreadable("no block PRIVATE KEY").into());
        }
        let mut blocks = seal::pem_blocks(text).map_err(|error| unreadable(&error.to_string()))?;
        let der = Zeroizing::new(blocks.pop().unwrap_or_default());
        if !blocks.is_empty() {
            return Err(unreadable("more than one block").into());
        }
        let read = match algorithm {
            SignatureAlgorithm::RsaPkcs1(_) => RsaKeyPair::from_pkcs8(&der).map(Self::Rsa),
            _ => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &SystemRandom::new()).map(Self::Ecdsa),
        };
        Ok(read.map_err(|why| unreadable(&format!("as a key of {algorithm}: {why}")))?)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let rng = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).map_err(|_| ServiceError::Randomness)?;
                Ok(signature)
            }
            Self::Ecdsa(key) => {
                let signature = key.sign(&rng, message).map_err(|_| ServiceError::Randomness)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Token(key) => key.sign(message),
        }
    }
}

impl TokenKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (opened, key) = match open.take() {
            Some(held) => held,
            None => self.opened()?,
        };
        let digest = proof::sha256(message).0;
        let signed = match self.algorithm {
            SignatureAlgorithm::RsaPkcs1(_) => opened.session.sign(&Mechanism::Sha256RsaPkcs, key, message),
            // Not every token hashes by itself (CKM_ECDSA_SHA256).
            _ => opened.session.sign(&Mechanism::Ecdsa, key, &digest).map(|halves| seal::ecdsa_signature(&halves)),
        };
        let signed = signed.map_err(|error| opened.failed("C_Sign", &error))?;
        *open = Some((opened, key));
        Ok(signed)
    }

    /// A session, and the one key under the label, which never leaves the token.
    fn opened(&self) -> Result<(Opened, ObjectHandle), ServiceError> {
        let named = &self.named;
        let wanted = Wanted { named, credentials: self.credentials, asked: Asked::ByItself, writes: false };
        let opened = Opened::open(&self.home, &wanted)?;
        let label = Attribute::Label(named.key.clone().into_bytes());
        let mut found = opened.find(&[Attribute::Class(ObjectClass::PRIVATE_KEY), label])?;
        let key = match (found.pop(), found.len()) {
            (Some(key), 0) => key,
            (None, _) => return Err(trouble::not_in_token(&named.token, &named.key).into()),
            (Some(_), others) => return Err(custodytrouble::not_unique(&named.key, others + 1).into()),
        };
        let kind = match self.algorithm {
            SignatureAlgorithm::RsaPkcs1(_) => (Attribute::KeyType(KeyType::RSA), "CKK_RSA"),
            _ => (Attribute::KeyType(KeyType::EC), "CKK_EC"),
        };
        let wanted = [
            kind,
            (Attribute::Sensitive(true), "CKA_SENSITIVE"),
            (Attribute::Extractable(false), "not CKA_EXTRACTABLE"),
            (Attribute::Sign(true), "CKA_SIGN"),
        ];
        let remedy = [
            "créer la clé dans le jeton, sensible, non extractible, pour signer, puis faire certifier sa moitié publique",
            "make the key in the token, sensitive, not extractable, to sign, and have its public half certified",
        ];
        opened.strong(key, &wanted, remedy)?;
        Ok((opened, key))
    }
}
