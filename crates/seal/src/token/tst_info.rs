//! TSTInfo (RFC 3161 §2.4.2): what the authority states.

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::request::read_imprint;
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv};

const WHAT: &str = "TSTInfo";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TstInfo {
    pub policy: String,
    pub imprint_oid: String,
    pub imprint_algorithm: Option<DigestAlgorithm>,
    pub imprint: Vec<u8>,
    /// The content of the INTEGER, of either sign.
    pub serial: Vec<u8>,
    pub gen_time: UnixMillis,
    pub accuracy_ms: Option<u64>,
    /// The content of the INTEGER, of either sign.
    pub nonce: Option<Vec<u8>>,
    /// Two tokens of this authority are in the order of their times, whatever their accuracy.
    pub ordering: bool,
    /// The raw GeneralName by which the authority calls itself.
    pub tsa: Option<Vec<u8>>,
}

impl TstInfo {
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let malformed = SealError::Malformed { what: WHAT };
        let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
        let version = fields.expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
        if version != 1 {
            return Err(SealError::Unsupported { what: "version of TSTInfo", found: version.to_string() });
        }
        let policy = oid::dotted(fields.expect(tlv::OID, WHAT)?.content).ok_or(malformed.clone())?;
        let (imprint_oid, imprint_algorithm, imprint) = read_imprint(&fields.expect(tlv::SEQUENCE, WHAT)?)?;
        let serial = fields.expect(tlv::INTEGER, WHAT)?.signed(WHAT)?.to_vec();
        let time = fields.expect(tlv::GENERALIZED_TIME, WHAT)?;
        let gen_time = UnixMillis::from_generalized(time.content).ok_or(malformed)?;
        let accuracy_ms = fields.optional(tlv::SEQUENCE, WHAT)?.map(|a| accuracy(&a)).transpose()?;
        let ordering = match fields.optional(tlv::BOOLEAN, WHAT)?.map(|b| b.content) {
            None | Some([0]) => false,
            Some([_]) => true,
            Some(_) => return Err(SealError::Malformed { what: WHAT }),
        };
        let nonce = fields.optional(tlv::INTEGER, WHAT)?;
        let nonce = nonce.map(|n| n.signed(WHAT).map(<[u8]>::to_vec)).transpose()?;
        let tsa = match fields.optional(tlv::context(0), WHAT)? {
            Some(explicit) => {
                let mut inside = explicit.children();
                let name = inside.next(WHAT)?.raw.to_vec();
                inside.end(WHAT)?;
                Some(name)
            }
            None => None,
        };
        if let Some(extensions) = fields.optional(tlv::context(1), WHAT)? {
            refuse_critical(&extensions)?;
        }
        fields.end(WHAT)?;
        Ok(Self {
            policy,
            imprint_oid,
            imprint_algorithm,
            imprint,
            serial,
            gen_time,
            accuracy_ms,
            nonce,
            ordering,
            tsa,
        })
    }
}

/// Accuracy in milliseconds, microseconds rounded up.
fn accuracy(sequence: &Tlv<'_>) -> Result<u64, SealError> {
    const WHAT: &str = "Accuracy";
    const MILLIS: u8 = 0x80;
    const MICROS: u8 = 0x81;
    let mut fields = sequence.children();
    let seconds = fields.optional(tlv::INTEGER, WHAT)?.map_or(Ok(0), |n| n.small(WHAT))?;
    let millis = fields.optional(MILLIS, WHAT)?.map_or(Ok(0), |n| n.small(WHAT))?;
    let micros = fields.optional(MICROS, WHAT)?.map_or(Ok(0), |n| n.small(WHAT))?;
    fields.end(WHAT)?;
    if millis > 999 || micros > 999 {
        return Err(SealError::Malformed { what: WHAT });
    }
    Ok(seconds.saturating_mul(1000).saturating_add(millis).saturating_add(u64::from(micros > 0)))
}

/// A critical extension changes what the token means, and we know none.
fn refuse_critical(extensions: &Tlv<'_>) -> Result<(), SealError> {
    const WHAT: &str = "extensions of TSTInfo";
    let mut all = extensions.children();
    let mut count = 0;
    while !all.is_empty() {
        count += 1;
        if count > limits::ATTRIBUTES {
            return Err(tlv::too_large(WHAT, limits::ATTRIBUTES, count));
        }
        let mut fields = all.expect(tlv::SEQUENCE, WHAT)?.children();
        let name = fields.expect(tlv::OID, WHAT)?;
        if fields.optional(tlv::BOOLEAN, WHAT)?.is_some_and(|critical| critical.content != [0]) {
            return Err(SealError::Unsupported {
                what: "critical extension of TSTInfo",
                found: oid::shown(name.content),
            });
        }
    }
    Ok(())
}
