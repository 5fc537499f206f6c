//! The digests this crate reads: SHA-2, SHA-3, and SHA-1 for old evidence alone. Nothing else ever counts as passed.
//!
//! What is made here is SHA-256. [`DigestAlgorithm::is_weak`] says which ones are kept for reading only: whoever judges
//! refuses them unless told otherwise.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_384, Sha3_512};

use crate::error::SealError;
use crate::oid;
use crate::tlv::{self, Reader, Tlv};

/// A digest of FIPS 180-4 or FIPS 202.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-1, broken for collisions since 2017: for reading evidence made before, never for making any.
    Sha1,
    /// SHA-224, 112 bits against collisions
    Sha224,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
    /// SHA3-256
    Sha3_256,
    /// SHA3-384
    Sha3_384,
    /// SHA3-512
    Sha3_512,
}

/// A digest under way.
pub trait Running {
    /// Takes the next piece.
    fn update(&mut self, piece: &[u8]);
    /// The digest of all pieces.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

impl<D: Digest> Running for D {
    fn update(&mut self, piece: &[u8]) {
        Digest::update(self, piece);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        (*self).finalize().to_vec()
    }
}

impl DigestAlgorithm {
    /// Every digest known here.
    pub const ALL: [Self; 8] = [
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Sha224,
        Self::Sha1,
    ];

    /// The digest of `message`.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1::Sha1::digest(message).to_vec(),
            Self::Sha224 => Sha224::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
            Self::Sha3_256 => Sha3_256::digest(message).to_vec(),
            Self::Sha3_384 => Sha3_384::digest(message).to_vec(),
            Self::Sha3_512 => Sha3_512::digest(message).to_vec(),
        }
    }

    /// The digest of a message that comes in pieces.
    pub fn begin(self) -> Box<dyn Running> {
        match self {
            Self::Sha1 => Box::new(sha1::Sha1::new()),
            Self::Sha224 => Box::new(Sha224::new()),
            Self::Sha256 => Box::new(Sha256::new()),
            Self::Sha384 => Box::new(Sha384::new()),
            Self::Sha512 => Box::new(Sha512::new()),
            Self::Sha3_256 => Box::new(Sha3_256::new()),
            Self::Sha3_384 => Box::new(Sha3_384::new()),
            Self::Sha3_512 => Box::new(Sha3_512::new()),
        }
    }

    /// Octets of a digest.
    pub fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
        }
    }

    /// `sha256`, `sha3-512`…: the names OpenSSL gives them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_384 => "sha3-384",
            Self::Sha3_512 => "sha3-512",
        }
    }

    /// The digest of this name: `sha256`, `SHA-256`, `sha3-256`…, case and hyphens aside.
    pub fn from_name(name: &str) -> Option<Self> {
        let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
        Self::ALL.into_iter().find(|known| plain(known.name()) == plain(name))
    }

    /// Kept for reading old evidence, and no proof today by itself: below 128 bits against collisions.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Sha1 | Self::Sha224)
    }

    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha224 => oid::SHA224,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
            Self::Sha3_256 => oid::SHA3_256,
            Self::Sha3_384 => oid::SHA3_384,
            Self::Sha3_512 => oid::SHA3_512,
        }
    }

    pub(crate) fn from_oid(content: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.oid() == content)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digest_is_found_by_its_names_and_has_its_size() {
        for known in DigestAlgorithm::ALL {
            assert_eq!(known.digest(b"abc").len(), known.size());
            let mut running = known.begin();
            running.update(b"a");
            running.update(b"bc");
            assert_eq!(running.finish(), known.digest(b"abc"));
            assert_eq!(DigestAlgorithm::from_oid(known.oid()), Some(known));
            assert_eq!(DigestAlgorithm::from_name(known.name()), Some(known));
        }
        assert_eq!(DigestAlgorithm::from_name("SHA-256"), Some(DigestAlgorithm::Sha256));
        assert_eq!(DigestAlgorithm::from_name("SHA3-256"), Some(DigestAlgorithm::Sha3_256));
        assert_eq!(DigestAlgorithm::from_name("md5"), None);
    }

    #[test]
    fn digests_of_abc_are_those_of_the_standards() {
        for (known, first) in [
            (DigestAlgorithm::Sha1, "a9993e36"),
            (DigestAlgorithm::Sha224, "23097d22"),
            (DigestAlgorithm::Sha256, "ba7816bf"),
            (DigestAlgorithm::Sha384, "cb00753f"),
            (DigestAlgorithm::Sha512, "ddaf35a1"),
            (DigestAlgorithm::Sha3_256, "3a985da7"),
            (DigestAlgorithm::Sha3_384, "ec014982"),
            (DigestAlgorithm::Sha3_512, "b751850b"),
        ] {
            assert!(crate::error::hex(&known.digest(b"abc")).starts_with(first), "{}", known.name());
        }
    }

    #[test]
    fn those_kept_for_reading_alone_are_weak() {
        let weak: Vec<_> = DigestAlgorithm::ALL.into_iter().filter(|a| a.is_weak()).collect();
        assert_eq!(weak, [DigestAlgorithm::Sha224, DigestAlgorithm::Sha1]);
    }
}
