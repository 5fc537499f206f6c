//! TimeStampReq (RFC 3161 §2.4.1): writer and parser.

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::oid;
use crate::tlv::{self, Tlv};
use crate::write;

/// A request to time-stamp a SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRequest {
    /// The digest to be covered.
    pub imprint_sha256: [u8; 32],
    /// Big-endian, unsigned; fresh for each request.
    pub nonce: Vec<u8>,
    /// The policy asked for, dotted.
    pub policy: Option<String>,
    /// Whether the answer must carry the signer's certificate.
    pub cert_req: bool,
}

/// A request to time-stamp a digest of any algorithm.
#[derive(Clone, Copy, Debug)]
pub struct ImprintRequest<'a> {
    /// The digest's algorithm.
    pub algorithm: DigestAlgorithm,
    /// The digest to be covered.
    pub imprint: &'a [u8],
    /// Big-endian, unsigned; fresh for each request.
    pub nonce: &'a [u8],
    /// The policy asked for, dotted.
    pub policy: Option<&'a str>,
    /// Whether the answer must carry the signer's certificate.
    pub cert_req: bool,
}

/// A request as received: any imprint algorithm, the raw bytes kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedRequest {
    /// The bytes received.
    pub raw: Vec<u8>,
    /// The imprint's digest when it is one we judge and of the right length.
    pub imprint_algorithm: Option<DigestAlgorithm>,
    /// Dotted identifier of the imprint's algorithm.
    pub imprint_oid: String,
    /// The imprint.
    pub imprint: Vec<u8>,
    /// The nonce, big-endian without leading zeros; two's complement when a client made it negative.
    pub nonce: Option<Vec<u8>>,
    /// The policy asked for, dotted.
    pub policy: Option<String>,
    /// Whether the answer must carry the signer's certificate.
    pub cert_req: bool,
    /// Whether extensions are asked for.
    pub has_extensions: bool,
    /// The raw messageImprint, to be echoed.
    pub(crate) raw_imprint: Vec<u8>,
    /// The raw nonce INTEGER, to be echoed.
    pub(crate) raw_nonce: Option<Vec<u8>>,
}

const WHAT: &str = "TimeStampReq";

impl TimestampRequest {
    /// The request in DER. A policy which is no object identifier is left out, and the check of the token's
    /// policy then says so.
    pub fn to_der(&self) -> Vec<u8> {
        let request = ImprintRequest {
            algorithm: DigestAlgorithm::Sha256,
            imprint: &self.imprint_sha256,
            nonce: &self.nonce,
            policy: self.policy.as_deref(),
            cert_req: self.cert_req,
        };
        request.to_der()
    }

    /// The request these bytes are.
    ///
    /// # Errors
    /// `Malformed`, `TooLarge`; `Unsupported` for another version than 1.
    pub fn parse(bytes: &[u8]) -> Result<ParsedRequest, SealError> {
        tlv::bounded(bytes, WHAT)?;
        let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
        let version = fields.expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
        if version != 1 {
            return Err(SealError::Unsupported { what: "version of TimeStampReq", found: version.to_string() });
        }
        let imprint = fields.expect(tlv::SEQUENCE, WHAT)?;
        let (imprint_oid, imprint_algorithm, digest) = read_imprint(&imprint)?;
        let policy = match fields.optional(tlv::OID, WHAT)? {
            Some(found) => Some(oid::dotted(found.content).ok_or(SealError::Malformed { what: WHAT })?),
            None => None,
        };
        let nonce = fields.optional(tlv::INTEGER, WHAT)?;
        let cert_req = fields.optional(tlv::BOOLEAN, WHAT)?.is_some_and(|b| b.content != [0]);
        let has_extensions = fields.optional(tlv::context(0), WHAT)?.is_some();
        fields.end(WHAT)?;
        Ok(ParsedRequest {
            raw: bytes.to_vec(),
            imprint_algorithm,
            imprint_oid,
            imprint: digest,
            nonce: nonce.map(|n| n.signed(WHAT).map(|b| tlv::strip_zeros(b).to_vec())).transpose()?,
            policy,
            cert_req,
            has_extensions,
            raw_imprint: imprint.raw.to_vec(),
            raw_nonce: nonce.map(|n| n.raw.to_vec()),
        })
    }
}

impl ImprintRequest<'_> {
    /// The request in DER. A policy which is no object identifier is left out, and the check of the token's
    /// policy then says so.
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = write::sequence(&[&write::algorithm(self.algorithm.oid()), &write::octets(self.imprint)]);
        let policy = self.policy.and_then(oid::from_dotted).map(|p| write::oid(&p)).unwrap_or_default();
        let nonce = if self.nonce.is_empty() { Vec::new() } else { write::unsigned(self.nonce) };
        let cert_req = if self.cert_req { write::element(tlv::BOOLEAN, &[0xff]) } else { Vec::new() };
        write::sequence(&[&write::unsigned(&[1]), &imprint, &policy, &nonce, &cert_req])
    }
}

/// MessageImprint: the algorithm's name, the algorithm when we judge it and the length fits, the digest.
pub(crate) fn read_imprint(imprint: &Tlv<'_>) -> Result<(String, Option<DigestAlgorithm>, Vec<u8>), SealError> {
    const WHAT: &str = "MessageImprint";
    let mut fields = imprint.children();
    let algorithm = Algorithm::read(&mut fields, WHAT)?;
    let digest = fields.expect(tlv::OCTET_STRING, WHAT)?.octets(WHAT)?.into_owned();
    fields.end(WHAT)?;
    let name = oid::dotted(algorithm.oid).ok_or(SealError::Malformed { what: WHAT })?;
    let known = algorithm.digest(WHAT).ok().filter(|known| known.size() == digest.len());
    Ok((name, known, digest))
}
