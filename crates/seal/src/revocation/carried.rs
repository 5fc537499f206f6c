//! What a token carries to be validated later, beside what it signs: lists and answers on revocation in its SignedData (RFC 5652 §10.2.1,
//! RFC 5940), and the certificate and revocation values of its unsigned attributes (RFC 5126 §6.3).
//!
//! Nothing signs any of it as carried. So what cannot be read is left out, and makes nothing false: each piece is verified by its own
//! signature where it is used.

use crate::error::SealError;
use crate::limits;
use crate::oid;
use crate::tlv::{self, Tlv};

const WHAT: &str = "validation material";

/// What was found, as received.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// Lists and answers.
    pub revocation: Vec<Vec<u8>>,
    pub certificates: Vec<Vec<u8>>,
}

impl Carried {
    /// Of `crls [1]` of a SignedData and of the unsigned attributes `[1]` of its signer.
    pub fn gather(lists: Option<&Tlv<'_>>, unsigned: Option<&Tlv<'_>>) -> Self {
        let mut found = Self::default();
        // What follows the first thing that cannot be read is left out with it.
        let _ = lists.map(|lists| found.lists(lists));
        let _ = unsigned.map(|unsigned| found.attributes(unsigned));
        found.revocation.truncate(limits::REVOCATION_PIECES);
        found.certificates.truncate(limits::CERTIFICATES);
        found
    }

    fn lists(&mut self, set: &Tlv<'_>) -> Result<(), SealError> {
        let mut members = set.children();
        while !members.is_empty() && self.revocation.len() < limits::REVOCATION_PIECES {
            let member = members.next(WHAT)?;
            if member.tag == tlv::SEQUENCE {
                self.revocation.push(member.raw.to_vec());
            } else if member.tag == tlv::context(1) {
                let mut other = member.children();
                let kind = other.expect(tlv::OID, WHAT)?.content;
                let value = other.next(WHAT)?;
                if kind == oid::RI_OCSP_RESPONSE {
                    self.revocation.push(value.raw.to_vec());
                }
            }
        }
        Ok(())
    }

    fn attributes(&mut self, set: &Tlv<'_>) -> Result<(), SealError> {
        let mut members = set.children();
        for _ in 0..limits::ATTRIBUTES {
            if members.is_empty() {
                break;
            }
            let mut fields = members.expect(tlv::SEQUENCE, WHAT)?.children();
            let kind = fields.expect(tlv::OID, WHAT)?.content;
            let mut values = fields.expect(tlv::SET, WHAT)?.children();
            match kind {
                oid::CERT_VALUES => each(&values.expect(tlv::SEQUENCE, WHAT)?, &mut self.certificates)?,
                oid::REVOCATION_VALUES => self.values(&values.expect(tlv::SEQUENCE, WHAT)?)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// RevocationValues: lists [0], basic answers [1].
    fn values(&mut self, sequence: &Tlv<'_>) -> Result<(), SealError> {
        let mut fields = sequence.children();
        for number in 0..2 {
            if let Some(explicit) = fields.optional(tlv::context(number), WHAT)? {
                each(&Tlv::sole(explicit.content, tlv::SEQUENCE, WHAT)?, &mut self.revocation)?;
            }
        }
        Ok(())
    }
}

fn each(sequence: &Tlv<'_>, into: &mut Vec<Vec<u8>>) -> Result<(), SealError> {
    let mut members = sequence.children();
    while !members.is_empty() && into.len() < limits::CERTIFICATES {
        into.push(members.expect(tlv::SEQUENCE, WHAT)?.raw.to_vec());
    }
    Ok(())
}
