//! How a signature was made, as an AlgorithmIdentifier says it (RFC 5652 §5.4, RFC 4055, RFC 5758, RFC 8692), and with what kind of key.

use std::fmt;

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::oid;
use crate::tlv::{self, Tlv};

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2)
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1)
    RsaPss(Pss),
    /// ECDSA, the curve is the key's (RFC 5753)
    Ecdsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032, RFC 8419)
    Ed25519,
}

/// RSASSA-PSS-params (RFC 8017 §A.2.3): the mask is MGF1, the trailer 0xbc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pss {
    /// The digest of the message.
    pub digest: DigestAlgorithm,
    /// The digest of the mask.
    pub mask: DigestAlgorithm,
    /// Octets of salt.
    pub salt: usize,
}

impl Pss {
    /// One digest for message and mask, and a salt as long: what is made today.
    pub const fn usual(digest: DigestAlgorithm, salt: usize) -> Self {
        Self { digest, mask: digest, salt }
    }

    /// Whether this is the usual form for its digest.
    pub fn is_usual(&self) -> bool {
        self.mask == self.digest && self.salt == self.digest.size()
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "rsa-pkcs1-{}", digest.name()),
            Self::RsaPss(pss) if pss.is_usual() => write!(f, "rsa-pss-{}", pss.digest.name()),
            Self::RsaPss(Pss { digest, mask, salt }) => {
                write!(f, "rsa-pss-{}-mgf1-{}-salt-{salt}", digest.name(), mask.name())
            }
            Self::Ecdsa(digest) => write!(f, "ecdsa-{}", digest.name()),
            Self::Ed25519 => f.write_str("ed25519"),
        }
    }
}

impl SignatureAlgorithm {
    /// The digest of the message, where the algorithm leaves a choice.
    pub fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::RsaPkcs1(digest) | Self::Ecdsa(digest) | Self::RsaPss(Pss { digest, .. }) => Some(digest),
            Self::Ed25519 => None,
        }
    }

    /// The algorithm this names: of a certificate, a list of revoked ones, an answer about one. `None` for plain
    /// rsaEncryption, which says nothing of the digest.
    pub(crate) fn named(signature: &Algorithm<'_>) -> Result<Option<Self>, SealError> {
        use DigestAlgorithm::{Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512};
        let unsupported = || SealError::Unsupported { what: "signature algorithm", found: oid::shown(signature.oid) };
        let algorithm = match signature.oid {
            oid::RSA => None,
            oid::RSA_SHA1 => Some(Self::RsaPkcs1(Sha1)),
            oid::RSA_SHA224 => Some(Self::RsaPkcs1(Sha224)),
            oid::RSA_SHA256 => Some(Self::RsaPkcs1(Sha256)),
            oid::RSA_SHA384 => Some(Self::RsaPkcs1(Sha384)),
            oid::RSA_SHA512 => Some(Self::RsaPkcs1(Sha512)),
            oid::RSA_SHA3_256 => Some(Self::RsaPkcs1(Sha3_256)),
            oid::RSA_SHA3_384 => Some(Self::RsaPkcs1(Sha3_384)),
            oid::RSA_SHA3_512 => Some(Self::RsaPkcs1(Sha3_512)),
            oid::ECDSA_SHA1 => Some(Self::Ecdsa(Sha1)),
            oid::ECDSA_SHA224 => Some(Self::Ecdsa(Sha224)),
            oid::ECDSA_SHA256 => Some(Self::Ecdsa(Sha256)),
            oid::ECDSA_SHA384 => Some(Self::Ecdsa(Sha384)),
            oid::ECDSA_SHA512 => Some(Self::Ecdsa(Sha512)),
            oid::ECDSA_SHA3_256 => Some(Self::Ecdsa(Sha3_256)),
            oid::ECDSA_SHA3_384 => Some(Self::Ecdsa(Sha3_384)),
            oid::ECDSA_SHA3_512 => Some(Self::Ecdsa(Sha3_512)),
            oid::ED25519 => Some(Self::Ed25519),
            oid::RSA_PSS => return Ok(Some(Self::RsaPss(pss(signature.parameters.as_ref())?))),
            _ => return Err(unsupported()),
        };
        if signature.without_parameters() { Ok(algorithm) } else { Err(unsupported()) }
    }
}

/// The algorithm of a SignerInfo: its signatureAlgorithm, which must agree with its digestAlgorithm (RFC 5652 §5.4).
pub(crate) fn signer_algorithm(
    signature: &Algorithm<'_>,
    digest: DigestAlgorithm,
) -> Result<SignatureAlgorithm, SealError> {
    let algorithm = SignatureAlgorithm::named(signature)?.unwrap_or(SignatureAlgorithm::RsaPkcs1(digest));
    // Ed25519 goes with SHA-512 (RFC 8419 §3.1).
    let named = algorithm.digest().unwrap_or(DigestAlgorithm::Sha512);
    if named != digest {
        return Err(SealError::Unsupported {
            what: "signature over another digest than the signer's digestAlgorithm",
            found: format!("{} beside {}", named.name(), digest.name()),
        });
    }
    Ok(algorithm)
}

/// RSASSA-PSS-params (RFC 8017 §A.2.3), what is left out being SHA-1, MGF1 over SHA-1, and 20.
pub(crate) fn pss(parameters: Option<&Tlv<'_>>) -> Result<Pss, SealError> {
    const WHAT: &str = "RSASSA-PSS-params";
    let malformed = SealError::Malformed { what: WHAT };
    let sequence = parameters.filter(|p| p.tag == tlv::SEQUENCE).ok_or(malformed.clone())?;
    let mut fields = sequence.children();
    let hash = fields.optional(tlv::context(0), WHAT)?;
    let mask = fields.optional(tlv::context(1), WHAT)?;
    let salt = fields.optional(tlv::context(2), WHAT)?;
    let trailer = fields.optional(tlv::context(3), WHAT)?;
    fields.end(WHAT)?;
    let digest = match hash {
        Some(hash) => sole_algorithm(&hash, WHAT)?.digest(WHAT)?,
        None => DigestAlgorithm::Sha1,
    };
    let mask = match mask {
        Some(mask) => {
            let mask = sole_algorithm(&mask, WHAT)?;
            if mask.oid != oid::MGF1 {
                return Err(SealError::Unsupported { what: "mask of RSASSA-PSS", found: oid::shown(mask.oid) });
            }
            Algorithm::parse(&mask.parameters.ok_or(malformed.clone())?, WHAT)?.digest(WHAT)?
        }
        None => DigestAlgorithm::Sha1,
    };
    let number = |field: Tlv<'_>| {
        let mut inside = field.children();
        let number = inside.expect(tlv::INTEGER, WHAT)?.small(WHAT);
        inside.end(WHAT).and(number)
    };
    let salt = salt.map_or(Ok(20), number)?;
    if trailer.map_or(Ok(1), number)? != 1 {
        return Err(SealError::Unsupported { what: WHAT, found: "another trailer".to_owned() });
    }
    Ok(Pss { digest, mask, salt: usize::try_from(salt).map_err(|_| malformed)? })
}

fn sole_algorithm<'a>(explicit: &Tlv<'a>, what: &'static str) -> Result<Algorithm<'a>, SealError> {
    let mut inside = explicit.children();
    let algorithm = Algorithm::read(&mut inside, what)?;
    inside.end(what)?;
    Ok(algorithm)
}

/// What a public key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    /// Bound to PSS, and to its parameters where it has some (RFC 4055 §1.2).
    RsaPss(Option<Pss>),
    P256,
    P384,
    P521,
    BrainpoolP256,
    BrainpoolP384,
    BrainpoolP512,
    Ed25519,
}

/// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicKey<'a> {
    pub kind: KeyKind,
    pub bits: &'a [u8],
}

impl<'a> PublicKey<'a> {
    pub fn parse(spki_der: &'a [u8]) -> Result<Self, SealError> {
        const WHAT: &str = "SubjectPublicKeyInfo";
        let mut fields = Tlv::sole(spki_der, tlv::SEQUENCE, WHAT)?.children();
        let algorithm = Algorithm::read(&mut fields, WHAT)?;
        let bit_string = fields.expect(tlv::BIT_STRING, WHAT)?;
        fields.end(WHAT)?;
        let [0, bits @ ..] = bit_string.content else {
            return Err(SealError::Malformed { what: WHAT });
        };
        let curve = algorithm.parameters.filter(|p| p.tag == tlv::OID).map(|p| p.content);
        let kind = match (algorithm.oid, curve) {
            (oid::RSA, None) => KeyKind::Rsa,
            (oid::RSA_PSS, None) => KeyKind::RsaPss(match algorithm.parameters {
                Some(parameters) => Some(pss(Some(&parameters))?),
                None => None,
            }),
            (oid::EC_PUBLIC_KEY, Some(oid::P256)) => KeyKind::P256,
            (oid::EC_PUBLIC_KEY, Some(oid::P384)) => KeyKind::P384,
            (oid::EC_PUBLIC_KEY, Some(oid::P521)) => KeyKind::P521,
            (oid::EC_PUBLIC_KEY, Some(oid::BP256)) => KeyKind::BrainpoolP256,
            (oid::EC_PUBLIC_KEY, Some(oid::BP384)) => KeyKind::BrainpoolP384,
            (oid::EC_PUBLIC_KEY, Some(oid::BP512)) => KeyKind::BrainpoolP512,
            (oid::ED25519, None) => KeyKind::Ed25519,
            (other, _) => {
                return Err(SealError::Unsupported { what: "public key", found: oid::shown(other) });
            }
        };
        Ok(Self { kind, bits })
    }

    /// A key for RSA, and the algorithm is one it may be used with: a key bound to PSS makes nothing else, and not with a
    /// shorter salt than it says.
    pub fn allows_rsa(&self, algorithm: SignatureAlgorithm) -> bool {
        match (algorithm, self.kind) {
            (SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_), KeyKind::Rsa)
            | (SignatureAlgorithm::RsaPss(_), KeyKind::RsaPss(None)) => true,
            (SignatureAlgorithm::RsaPss(pss), KeyKind::RsaPss(Some(bound))) => {
                (pss.digest, pss.mask) == (bound.digest, bound.mask) && pss.salt >= bound.salt
            }
            _ => false,
        }
    }
}

/// Why a signature of this sort under this key is no proof by itself today, whoever made it; `None` where it is one.
pub(crate) fn weakness(algorithm: SignatureAlgorithm, spki_der: &[u8]) -> Option<String> {
    if algorithm.digest().is_some_and(DigestAlgorithm::is_weak) {
        return Some(algorithm.to_string());
    }
    let key = PublicKey::parse(spki_der).ok()?;
    let rsa = matches!(key.kind, KeyKind::Rsa | KeyKind::RsaPss(_));
    let bits = rsa.then(|| crate::signature::rsa::modulus_bits(key.bits)).flatten()?;
    (bits < crate::limits::RSA_SOUND_BITS).then(|| format!("rsa-{bits}"))
}
