//! Lists of revoked certificates (RFC 5280 §5): what one says of a certificate. Direct and complete lists only: of an indirect
//! list or a delta, nothing is concluded.

use crate::error::SealError;
use crate::oid;
use crate::path::signed::{self, Extension, Signed};
use crate::time::UnixMillis;
use crate::tlv::{self, Tlv};

const WHAT: &str = "list of revoked certificates";

/// A list, read and not verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crl<'a> {
    pub signed: Signed<'a>,
    pub issuer: &'a [u8],
    pub this_update: UnixMillis,
    pub next_update: Option<UnixMillis>,
    revoked: Option<Tlv<'a>>,
    extensions: Option<Tlv<'a>>,
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The date of revocation, or that of the compromise where the entry states an earlier one.
    pub at: UnixMillis,
    pub reason: Option<u8>,
}

impl<'a> Crl<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let signed = Signed::parse(bytes, WHAT)?;
        signed.rest.end(WHAT)?;
        let mut fields = signed.body.children();
        fields.optional(tlv::INTEGER, WHAT)?;
        fields.expect(tlv::SEQUENCE, WHAT)?;
        let issuer = fields.expect(tlv::SEQUENCE, WHAT)?.raw;
        let this_update = signed::time(&mut fields, WHAT)?;
        let next_update = signed::optional_time(&mut fields, WHAT)?;
        let revoked = fields.optional(tlv::SEQUENCE, WHAT)?;
        let extensions = fields.optional(tlv::context(0), WHAT)?;
        fields.end(WHAT)?;
        Ok(Self { signed, issuer, this_update, next_update, revoked, extensions })
    }

    /// The list is complete for certificates of this kind and of its issuer alone: its extensions leave nothing out.
    ///
    /// # Errors
    /// `Unsupported` where something is left out, or not understood.
    pub fn covers(&self, of_authority: bool) -> Result<(), SealError> {
        let Some(extensions) = &self.extensions else { return Ok(()) };
        let sequence = Tlv::sole(extensions.content, tlv::SEQUENCE, WHAT)?;
        for Extension { oid, critical, value } in signed::extensions(&sequence, WHAT)? {
            match oid {
                oid::ISSUING_DISTRIBUTION_POINT => scope(value, of_authority)?,
                other if other == oid::DELTA_CRL || critical => {
                    return Err(SealError::Unsupported { what: WHAT, found: oid::shown(oid) });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The entry of this serial number, if it is listed.
    ///
    /// # Errors
    /// `Unsupported` where the entry has a critical extension that is not understood (of an indirect list, say).
    pub fn entry(&self, serial: &[u8]) -> Result<Option<Entry>, SealError> {
        let Some(revoked) = self.revoked else { return Ok(None) };
        let mut members = revoked.children();
        while !members.is_empty() {
            let mut fields = members.expect(tlv::SEQUENCE, WHAT)?.children();
            let listed = fields.expect(tlv::INTEGER, WHAT)?.content;
            if !same_integer(listed, serial) {
                continue;
            }
            let mut entry = Entry { at: signed::time(&mut fields, WHAT)?, reason: None };
            if let Some(sequence) = fields.optional(tlv::SEQUENCE, WHAT)? {
                for extension in signed::extensions(&sequence, WHAT)? {
                    detail(&extension, &mut entry)?;
                }
            }
            fields.end(WHAT)?;
            return Ok(Some(entry));
        }
        Ok(None)
    }
}

/// Two INTEGERs of one value, sign octets that say nothing aside.
pub(crate) fn same_integer(a: &[u8], b: &[u8]) -> bool {
    let negative = |content: &[u8]| content.first().is_some_and(|first| first & 0x80 != 0);
    negative(a) == negative(b) && tlv::strip_zeros(a) == tlv::strip_zeros(b)
}

fn detail(extension: &Extension<'_>, entry: &mut Entry) -> Result<(), SealError> {
    const ENUMERATED: u8 = 0x0a;
    match extension.oid {
        oid::REASON_CODE => {
            let [reason] = Tlv::sole(extension.value, ENUMERATED, WHAT)?.content else {
                return Err(SealError::Malformed { what: WHAT });
            };
            entry.reason = Some(*reason);
        }
        oid::INVALIDITY_DATE => {
            let date = Tlv::sole(extension.value, tlv::GENERALIZED_TIME, WHAT)?.content;
            let date = UnixMillis::from_generalized(date).ok_or(SealError::Malformed { what: WHAT })?;
            entry.at = entry.at.min(date);
        }
        other if extension.critical => {
            return Err(SealError::Unsupported {
                what: "entry of a list of revoked certificates",
                found: oid::shown(other),
            });
        }
        _ => {}
    }
    Ok(())
}

/// IssuingDistributionPoint (RFC 5280 §5.2.5): the list is for certificates of this kind, all reasons, its own issuer.
fn scope(value: &[u8], of_authority: bool) -> Result<(), SealError> {
    const ONLY_USERS: u8 = 0x81;
    const ONLY_AUTHORITIES: u8 = 0x82;
    const SOME_REASONS: u8 = 0x83;
    const INDIRECT: u8 = 0x84;
    const ONLY_ATTRIBUTES: u8 = 0x85;
    let mut fields = Tlv::sole(value, tlv::SEQUENCE, WHAT)?.children();
    while !fields.is_empty() {
        let field = fields.next(WHAT)?;
        let set = field.content != [0];
        let left_out = match field.tag {
            ONLY_USERS => set && of_authority,
            ONLY_AUTHORITIES => set && !of_authority,
            INDIRECT | ONLY_ATTRIBUTES => set,
            SOME_REASONS => true,
            _ => false,
        };
        if left_out {
            let found = format!("scope [{}]", field.tag & 0x1f);
            return Err(SealError::Unsupported { what: WHAT, found });
        }
    }
    Ok(())
}
