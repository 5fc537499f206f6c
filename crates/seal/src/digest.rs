//! The digests this crate judges: SHA-256, SHA-384, SHA-512. Nothing else ever counts as passed.

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::error::SealError;
use crate::oid;
use crate::tlv::{self, Reader, Tlv};

/// A digest of FIPS 180-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

impl DigestAlgorithm {
    /// The digest of `message`.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// Octets of a digest.
    pub fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// `sha256`, `sha384` or `sha512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(crate) fn from_oid(content: &[u8]) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|a| a.oid() == content)
    }
}

/// An AlgorithmIdentifier as received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithm<'a> {
    pub oid: &'a [u8],
    pub parameters: Option<Tlv<'a>>,
}

impl<'a> Algorithm<'a> {
    pub fn parse(tlv: &Tlv<'a>, what: &'static str) -> Result<Self, SealError> {
        let mut fields = tlv.children();
        let oid = fields.expect(tlv::OID, what)?.content;
        let parameters = if fields.is_empty() { None } else { Some(fields.next(what)?) };
        fields.end(what)?;
        if oid.len() > crate::limits::OID_BYTES || oid.is_empty() {
            return Err(SealError::Malformed { what });
        }
        Ok(Self { oid, parameters })
    }

    pub fn read(reader: &mut Reader<'a>, what: &'static str) -> Result<Self, SealError> {
        Self::parse(&reader.expect(tlv::SEQUENCE, what)?, what)
    }

    /// Absent, or NULL (RFC 5754 §2: both are accepted).
    pub fn without_parameters(&self) -> bool {
        self.parameters.is_none_or(|p| p.tag == tlv::NULL && p.content.is_empty())
    }

    /// The digest this names, one of those we judge.
    pub fn digest(&self, what: &'static str) -> Result<DigestAlgorithm, SealError> {
        DigestAlgorithm::from_oid(self.oid)
            .filter(|_| self.without_parameters())
            .ok_or_else(|| SealError::Unsupported { what, found: oid::shown(self.oid) })
    }
}
