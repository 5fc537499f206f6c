//! EvidenceRecord (RFC 4998 §3) as others write it: renewals, several chains, BER framing. Nothing is ever encoded again: what is
//! hashed are the bytes received, only the outermost header of "all chains before" is made (§5.2 asks for its digest, and it
//! stands nowhere).

use std::sync::Arc;

use crate::digest::{Algorithm, DigestAlgorithm};
use crate::error::SealError;
use crate::evidence_record::lists;
use crate::evidence_record::parts::{ArchiveChain, ArchiveRecord, ArchiveStamp, RecordForm};
use crate::limits;
use crate::oid;
use crate::tlv::{self, Reader, Tlv, too_large};
use crate::token::Token;
use crate::write;

const WHAT: &str = "evidence record";

/// The record these bytes are. Of the tokens known, none is read again.
pub(crate) fn parse(bytes: &[u8], known: &[Arc<Token>]) -> Result<ArchiveRecord, SealError> {
    tlv::bounded(bytes, WHAT)?;
    let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
    let version = fields.expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
    if version != 1 {
        return Err(SealError::Unsupported { what: "version of EvidenceRecord", found: version.to_string() });
    }
    let declared = declared(&mut fields.expect(tlv::SEQUENCE, WHAT)?.children())?;
    let crypto_infos = match fields.optional(tlv::context(0), WHAT)? {
        Some(infos) => members(&infos, "attributes of cryptographic information", limits::ATTRIBUTES)?.len(),
        None => 0,
    };
    let encrypted = fields.optional(tlv::context(1), WHAT)?.is_some();
    let sequence = fields.expect(tlv::SEQUENCE, WHAT)?;
    fields.end(WHAT)?;

    let found = members(&sequence, "chains of an evidence record", limits::CHAINS)?;
    let mut chains: Vec<ArchiveChain> = Vec::new();
    let mut before = Vec::new();
    for chain in &found {
        chains.push(read_chain(chain, &before, known)?);
        before.extend_from_slice(chain.raw);
    }
    Ok(ArchiveRecord { form: RecordForm::Asn1, declared: Some(declared), crypto_infos, encrypted, chains })
}

/// The members of a SEQUENCE OF SEQUENCE, at least one.
fn members<'a>(sequence: &Tlv<'a>, what: &'static str, most: usize) -> Result<Vec<Tlv<'a>>, SealError> {
    let mut all = Vec::new();
    let mut rest = sequence.children();
    while !rest.is_empty() {
        all.push(rest.expect(tlv::SEQUENCE, WHAT)?);
        if all.len() > most {
            return Err(too_large(what, most, all.len()));
        }
    }
    if all.is_empty() { Err(SealError::Malformed { what: WHAT }) } else { Ok(all) }
}

fn declared(algorithms: &mut Reader<'_>) -> Result<Vec<String>, SealError> {
    let mut all = Vec::new();
    while !algorithms.is_empty() {
        all.push(oid::shown(Algorithm::read(algorithms, WHAT)?.oid));
        if all.len() > limits::CHAINS {
            return Err(too_large("digestAlgorithms", limits::CHAINS, all.len()));
        }
    }
    Ok(all)
}

/// One chain, `before` being all earlier ones.
fn read_chain(chain: &Tlv<'_>, before: &[u8], known: &[Arc<Token>]) -> Result<ArchiveChain, SealError> {
    let found = members(chain, "time-stamps of a chain", limits::CHAIN_STAMPS)?;
    let stamps = found.iter().map(|stamp| read_stamp(stamp, known)).collect::<Result<Vec<_>, _>>()?;
    let first = stamps.first().ok_or(SealError::Malformed { what: WHAT })?;
    let (algorithm, algorithm_name) = (first.algorithm, first.algorithm_name.clone());
    let preceding = match (before, algorithm) {
        ([], _) | (_, None) => None,
        (before, Some(algorithm)) => Some(algorithm.digest(&write::element(tlv::SEQUENCE, before))),
    };
    Ok(ArchiveChain { algorithm, algorithm_name, canonical: None, preceding, stamps })
}

fn read_stamp(stamp: &Tlv<'_>, known: &[Arc<Token>]) -> Result<ArchiveStamp, SealError> {
    const WHAT: &str = "ArchiveTimeStamp";
    let mut fields = stamp.children();
    let algorithm = fields.optional(tlv::context(0), WHAT)?;
    fields.optional(tlv::context(1), WHAT)?;
    let lists = fields.optional(tlv::context(2), WHAT)?.map_or(Ok(Vec::new()), |tree| lists(&tree))?;
    if lists.iter().any(Vec::is_empty) {
        return Err(SealError::Malformed { what: "empty list of a reduced hash tree" });
    }
    let token_der = fields.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec();
    fields.end(WHAT)?;
    let token = match known.iter().find(|token| token.as_der() == token_der) {
        Some(token) => Ok(Arc::clone(token)),
        None => Token::parse(&token_der).map(Arc::new),
    };
    let (algorithm, algorithm_name) = match (algorithm, &token) {
        (Some(tlv), _) => {
            let named = Algorithm::parse(&tlv, WHAT)?;
            (named.digest(WHAT).ok(), oid::shown(named.oid))
        }
        // RFC 4998 §4.1: without a field of its own, that of the token's imprint.
        (None, Ok(token)) => (token.info.imprint_algorithm, token.info.imprint_oid.clone()),
        (None, Err(_)) => (None, String::new()),
    };
    Ok(ArchiveStamp { algorithm, algorithm_name, lists, token, token_der, canonical: None })
}

/// The name under which `digestAlgorithms` lists a digest.
pub(crate) fn declared_name(algorithm: DigestAlgorithm) -> String {
    oid::shown(algorithm.oid())
}
