//! A signature over bytes that stand elsewhere: CMS SignedData without its content (RFC 5652), with the signed attributes that CAdES and
//! PAdES ask for (ETSI EN 319 122-1 §5, EN 319 142-1 §6.3): content-type, message-digest, signing-certificate-v2, and no signing-time.
//!
//! SHA-256 throughout, DER from end to end. The private key is the caller's: what is to be signed goes out, a signature comes in.

use crate::authority::issue;
use crate::certificate::{self, SignerFacts};
use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::oid;
use crate::signature::algorithm::{KeyKind, PublicKey, SignatureAlgorithm};
use crate::signature::{RingVerifier, SignatureVerifier};
use crate::tlv;
use crate::write;

/// The certificate of who signs, and those that lead to a root: in order, each the issuer of the one before.
#[derive(Clone, Debug)]
pub struct SigningChain {
    ders: Vec<Vec<u8>>,
    facts: SignerFacts,
    algorithm: SignatureAlgorithm,
    spki: Vec<u8>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
}

impl SigningChain {
    /// The chain of this PEM text: the signer first, whose key is RSA (PKCS#1 v1.5) or ECDSA P-256 and may sign.
    ///
    /// # Errors
    /// `Pem`, `Malformed` (the order too), `KeyUsage`, `Unsupported` for another kind of key.
    pub fn from_pem(text: &str) -> Result<Self, SealError> {
        let ders = certificate::pem_to_der(text)?;
        let first = ders.first().ok_or(SealError::Pem { expected: "CERTIFICATE" })?;
        let signer = certificate::parse(first)?;
        certificate::may_sign(&signer)?;
        for pair in ders.windows(2) {
            let [one, next] = pair else { continue };
            if certificate::parse(one)?.issuer().as_raw() != certificate::parse(next)?.subject().as_raw() {
                return Err(SealError::Malformed { what: "chain: a certificate does not come before its issuer" });
            }
        }
        let spki = signer.public_key().raw.to_vec();
        let algorithm = match PublicKey::parse(&spki)?.kind {
            KeyKind::Rsa => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
            KeyKind::P256 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
            other => return Err(SealError::Unsupported { what: "key to sign with", found: format!("{other:?}") }),
        };
        Ok(Self {
            facts: certificate::facts(first, &signer),
            issuer: signer.issuer().as_raw().to_vec(),
            serial: write::element(tlv::INTEGER, signer.raw_serial()),
            algorithm,
            spki,
            ders,
        })
    }

    /// Who signs, as the certificate says.
    pub fn facts(&self) -> &SignerFacts {
        &self.facts
    }

    /// How its key signs.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Bytes of all its certificates.
    pub fn size(&self) -> usize {
        self.ders.iter().map(Vec::len).sum()
    }

    /// The signature was made over this message by the key of the certificate.
    ///
    /// # Errors
    /// `SignatureFalse`, `Unsupported` for a key that is too short.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SealError> {
        RingVerifier.verify(self.algorithm, &self.spki, message, signature)
    }

    /// What is to be signed for content of this SHA-256: the signed attributes, as a SET.
    pub fn attributes(&self, content_sha256: &[u8; 32]) -> Vec<u8> {
        let signer = self.ders.first().map(Vec::as_slice).unwrap_or_default();
        write::set_of(issue::signed_attributes(oid::DATA, content_sha256, signer, &self.issuer, &self.serial))
    }

    /// The ContentInfo of these attributes, their signature, and a signature-time-stamp over it where there is one (RFC 3161 §A).
    pub fn signed(&self, attributes: &[u8], signature: &[u8], token: Option<&[u8]>) -> Vec<u8> {
        let signer_info = write::sequence(&[
            &write::unsigned(&[1]),
            &write::sequence(&[&self.issuer, &self.serial]),
            &write::algorithm(oid::SHA256),
            &retagged(attributes.to_vec(), 0),
            &self.algorithm_der(),
            &write::octets(signature),
            &token.map(stamped).unwrap_or_default(),
        ]);
        let signed_data = write::sequence(&[
            &write::unsigned(&[1]),
            &write::set_of(vec![write::algorithm(oid::SHA256)]),
            &write::sequence(&[&write::oid(oid::DATA)]),
            &retagged(write::set_of(self.ders.clone()), 0),
            &write::set_of(vec![signer_info]),
        ]);
        write::sequence(&[&write::oid(oid::SIGNED_DATA), &write::element(tlv::context(0), &signed_data)])
    }

    fn algorithm_der(&self) -> Vec<u8> {
        match self.algorithm {
            // Its parameters are NULL, and there (RFC 4055 §5).
            SignatureAlgorithm::RsaPkcs1(_) => {
                write::sequence(&[&write::oid(oid::RSA_SHA256), &write::element(tlv::NULL, &[])])
            }
            _ => write::algorithm(oid::ECDSA_SHA256),
        }
    }
}

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) of the two halves that a token gives side by side.
pub fn ecdsa_signature(halves: &[u8]) -> Vec<u8> {
    let (r, s) = halves.split_at(halves.len() / 2);
    write::sequence(&[&write::unsigned(r), &write::unsigned(s)])
}

/// A SET under an implicit tag.
fn retagged(mut set: Vec<u8>, number: u8) -> Vec<u8> {
    if let Some(tag) = set.first_mut() {
        *tag = tlv::context(number);
    }
    set
}

/// The unsigned attributes: one, signature-time-stamp.
fn stamped(token: &[u8]) -> Vec<u8> {
    let attribute = write::sequence(&[&write::oid(oid::SIGNATURE_TIME_STAMP), &write::element(tlv::SET, token)]);
    retagged(write::set_of(vec![attribute]), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TestAuthority, UnixMillis, strict};
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

    /// A chain of two, and its key.
    fn signer() -> (String, EcdsaKeyPair) {
        let rng = SystemRandom::new();
        let files = TestAuthority::create(UnixMillis(1_800_000_000_000), &rng).unwrap().to_files();
        let key = certificate::blocks(&files.tsa_key_pem, "PRIVATE KEY").unwrap().remove(0);
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &rng).unwrap();
        (files.tsa_certificate_pem + &files.ca_certificate_pem, key)
    }

    #[test]
    fn what_is_signed_names_its_content_and_its_signer_and_is_der() {
        let (pem, key) = signer();
        let chain = SigningChain::from_pem(&pem).unwrap();
        let content = certificate::sha256(b"bytes that stand elsewhere");
        let attributes = chain.attributes(&content);
        let signature = key.sign(&SystemRandom::new(), &attributes).unwrap();
        chain.verify(&attributes, signature.as_ref()).unwrap();
        assert!(chain.verify(&chain.attributes(&[0; 32]), signature.as_ref()).is_err());
        let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|held| held == part);
        assert!(has(&attributes, &content) && has(&attributes, &chain.facts().sha256));
        // A time of signing would be the signer's word, which PAdES keeps out (EN 319 142-1 §6.3).
        assert!(!has(&attributes, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5]));
        for token in [None, Some(&write::sequence(&[])[..])] {
            let signed = chain.signed(&attributes, signature.as_ref(), token);
            strict::check(&signed).unwrap();
            assert!(has(&signed, signature.as_ref()) && has(&signed, attributes.get(2..).unwrap()));
            assert_eq!(has(&signed, oid::SIGNATURE_TIME_STAMP), token.is_some());
        }
    }

    #[test]
    fn a_chain_out_of_order_is_refused_and_the_halves_of_a_signature_are_two_integers() {
        let (pem, _) = signer();
        let (first, second) = pem.split_at(pem.rfind("-----BEGIN").unwrap());
        // The CA's own key usage signs certificates alone.
        let reversed = SigningChain::from_pem(&format!("{second}{first}"));
        assert!(matches!(reversed, Err(SealError::KeyUsage { .. })), "{reversed:?}");
        let twice = SigningChain::from_pem(&format!("{first}{first}"));
        assert!(matches!(twice, Err(SealError::Malformed { .. })), "{twice:?}");
        assert!(SigningChain::from_pem("").is_err());
        assert_eq!(ecdsa_signature(&[0, 1, 0x80, 0]), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]);
    }
}
