//! TimeStampResp (RFC 3161 §2.4.2): parser and writer.

use crate::certificate;
use crate::error::SealError;
use crate::tlv::{self, Tlv};
use crate::token::Token;
#[cfg(feature = "authority")]
use crate::write;

/// Why a request is refused (PKIFailureInfo, RFC 3161 §2.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailInfo {
    /// Unrecognised or unsupported digest.
    BadAlg,
    /// Transaction not permitted or supported.
    BadRequest,
    /// Data in the wrong format.
    BadDataFormat,
    /// The time source is not available.
    TimeNotAvailable,
    /// The policy asked for is not ours.
    UnacceptedPolicy,
    /// The extension asked for is not supported.
    UnacceptedExtension,
    /// The information asked for is not available.
    AddInfoNotAvailable,
    /// Any other failure of the authority.
    SystemFailure,
}

impl FailInfo {
    const ALL: [Self; 8] = [
        Self::BadAlg,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AddInfoNotAvailable,
        Self::SystemFailure,
    ];

    fn bit(self) -> usize {
        match self {
            Self::BadAlg => 0,
            Self::BadRequest => 2,
            Self::BadDataFormat => 5,
            Self::TimeNotAvailable => 14,
            Self::UnacceptedPolicy => 15,
            Self::UnacceptedExtension => 16,
            Self::AddInfoNotAvailable => 17,
            Self::SystemFailure => 25,
        }
    }

    /// The name in RFC 3161.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadAlg => "badAlg",
            Self::BadRequest => "badRequest",
            Self::BadDataFormat => "badDataFormat",
            Self::TimeNotAvailable => "timeNotAvailable",
            Self::UnacceptedPolicy => "unacceptedPolicy",
            Self::UnacceptedExtension => "unacceptedExtension",
            Self::AddInfoNotAvailable => "addInfoNotAvailable",
            Self::SystemFailure => "systemFailure",
        }
    }
}

const WHAT: &str = "TimeStampResp";
const GRANTED: u64 = 0;
const GRANTED_WITH_MODS: u64 = 1;
#[cfg(feature = "authority")]
const REJECTION: u8 = 2;
/// Characters of the authority's text that are kept.
const TEXT_CHARS: usize = 500;

/// The token of a response that grants one; it is read, not judged.
///
/// # Errors
/// `Refused` for every status but granted and grantedWithMods; `Malformed`, `TooLarge`, `Unsupported` as
/// [`Token::parse`].
pub fn parse_response(bytes: &[u8]) -> Result<Token, SealError> {
    tlv::bounded(bytes, WHAT)?;
    let mut fields = Tlv::sole(bytes, tlv::SEQUENCE, WHAT)?.children();
    let mut status_info = fields.expect(tlv::SEQUENCE, WHAT)?.children();
    let status = status_info.expect(tlv::INTEGER, WHAT)?.small(WHAT)?;
    let text = match status_info.optional(tlv::SEQUENCE, WHAT)? {
        Some(texts) => status_text(&texts)?,
        None => String::new(),
    };
    let fail_info = status_info.optional(tlv::BIT_STRING, WHAT)?.map_or_else(Vec::new, |b| fail_names(b.content));
    status_info.end(WHAT)?;
    if status != GRANTED && status != GRANTED_WITH_MODS {
        return Err(SealError::Refused { status, fail_info, text });
    }
    let token = fields.expect(tlv::SEQUENCE, WHAT)?;
    fields.end(WHAT)?;
    Token::parse(token.raw)
}

/// The token of whatever a token comes in: a ContentInfo or a whole TimeStampResp, DER, BER or PEM (RFC 7468, any label). It is read,
/// not judged.
///
/// # Errors
/// As [`parse_response`] and [`Token::parse`]; `Pem` for text that is none.
pub fn read_token(bytes: &[u8]) -> Result<Token, SealError> {
    const LABEL: &str = "-----BEGIN ";
    let text = std::str::from_utf8(bytes).ok().and_then(|text| text.get(text.find(LABEL)?..));
    if let Some(text) = text {
        let der = certificate::pem_blocks(text)?.into_iter().next();
        return read_binary(&der.ok_or(SealError::Pem { expected: "token" })?);
    }
    read_binary(bytes)
}

/// A response begins with its status, a ContentInfo with its type.
fn read_binary(bytes: &[u8]) -> Result<Token, SealError> {
    tlv::bounded(bytes, WHAT)?;
    let first = Tlv::sole(bytes, tlv::SEQUENCE, "time-stamp token")?.children().next("time-stamp token")?;
    if first.tag == tlv::SEQUENCE { parse_response(bytes) } else { Token::parse(bytes) }
}

fn status_text(texts: &Tlv<'_>) -> Result<String, SealError> {
    let mut all = texts.children();
    let mut lines = Vec::new();
    while !all.is_empty() {
        lines.push(String::from_utf8_lossy(all.expect(tlv::UTF8_STRING, WHAT)?.content).into_owned());
    }
    Ok(lines.join("; ").chars().filter(|c| !c.is_control()).take(TEXT_CHARS).collect())
}

fn fail_names(content: &[u8]) -> Vec<&'static str> {
    let bits = content.get(1..).unwrap_or_default();
    let set = |bit: usize| bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    FailInfo::ALL.into_iter().filter(|f| set(f.bit())).map(FailInfo::name).collect()
}

/// A response granting this token.
#[cfg(feature = "authority")]
pub(crate) fn granted(token_der: &[u8]) -> Vec<u8> {
    let status = write::sequence(&[&write::unsigned(&[0])]);
    write::sequence(&[&status, token_der])
}

/// A response refusing, with its reason.
#[cfg(feature = "authority")]
pub(crate) fn rejected(fail_info: FailInfo, text: &str) -> Vec<u8> {
    let bit = fail_info.bit();
    let mut bits = vec![0u8; 1 + bit / 8 + 1];
    if let Some(unused) = bits.first_mut() {
        *unused = 7 - (bit % 8) as u8;
    }
    if let Some(last) = bits.last_mut() {
        *last = 0x80 >> (bit % 8);
    }
    let status = write::sequence(&[
        &write::unsigned(&[REJECTION]),
        &write::sequence(&[&write::element(tlv::UTF8_STRING, text.as_bytes())]),
        &write::element(tlv::BIT_STRING, &bits),
    ]);
    write::sequence(&[&status])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_read_as_it_was_written() {
        for info in FailInfo::ALL {
            let bytes = rejected(info, "non");
            crate::strict::check(&bytes).unwrap();
            let expected = SealError::Refused { status: 2, fail_info: vec![info.name()], text: "non".to_owned() };
            assert_eq!(parse_response(&bytes), Err(expected));
        }
    }

    #[test]
    fn a_status_other_than_granted_is_refused_even_with_a_token() {
        for status in 2..=6u8 {
            let info = write::sequence(&[&write::unsigned(&[status])]);
            let bytes = write::sequence(&[&info, &write::sequence(&[])]);
            assert!(matches!(parse_response(&bytes), Err(SealError::Refused { .. })), "{status}");
        }
    }

    #[test]
    fn a_granting_response_without_token_is_malformed() {
        let bytes = write::sequence(&[&write::sequence(&[&write::unsigned(&[0])])]);
        assert!(matches!(parse_response(&bytes), Err(SealError::Malformed { .. })));
    }
}
