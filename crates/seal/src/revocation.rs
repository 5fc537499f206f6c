//! Whether the certificates of a way stand revoked, as far as lists and answers at hand tell: those the token carries, and those
//! given beside it. Nothing is fetched, and what nothing covers is said to be unknown.

pub(crate) mod carried;
pub(crate) mod crl;
pub(crate) mod ocsp;

use crate::certificate::Known;
use crate::error::SealError;
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::revocation::crl::{Crl, Entry};
use crate::revocation::ocsp::{Ocsp, Responder, Said};
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::{certificate, tlv};

/// One certificate of the way, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStanding {
    /// SHA-256 of the certificate.
    pub certificate_sha256: [u8; 32],
    /// Its subject, for people.
    pub subject: String,
    /// How it stands.
    pub standing: Standing,
}

/// How a certificate stands at the moment that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked, by a list or an answer of this date whose signature and signer hold, and which covers the moment.
    Good {
        /// Date of the list or answer.
        as_of: UnixMillis,
    },
    /// Revoked after the token's time, for a reason that leaves earlier tokens good (RFC 3161 §4); or after the later moment at
    /// which the way is judged.
    RevokedLater {
        /// Date of revocation.
        at: UnixMillis,
        /// Reason, where one is stated.
        reason: Option<&'static str>,
    },
    /// Revoked, and the token does not count.
    Revoked {
        /// Date of revocation, or of the compromise where stated earlier.
        at: UnixMillis,
        /// Reason, where one is stated.
        reason: Option<&'static str>,
    },
    /// Nothing at hand covers it.
    Unknown {
        /// What was at hand, and why it says nothing.
        why: String,
    },
}

/// Everything at hand, and the moments.
pub(crate) struct Material<'a> {
    /// Lists and answers, DER.
    pub pieces: Vec<&'a [u8]>,
    /// Certificates read before.
    pub known: &'a Known<'a>,
    /// Certificates that may be an answer's signer.
    pub certificates: &'a [Vec<u8>],
    pub verifier: &'a dyn SignatureVerifier,
    pub gen_time: UnixMillis,
    /// The later moment at which the way is judged, where one is given.
    pub path_at: Option<UnixMillis>,
    /// The judgement: what is dated later is not looked at.
    pub at: UnixMillis,
}

/// How each certificate of the way stands, the root's apart: nobody revokes it but who gave it.
pub(crate) fn standings(way: &[Vec<u8>], material: &Material<'_>) -> Vec<CertificateStanding> {
    let outlined = |der: &'_ Vec<u8>| Signed::parse(der, "certificate").is_ok();
    let pairs = way.iter().zip(way.iter().skip(1)).enumerate();
    pairs
        .filter(|(_, (der, issuer))| outlined(der) && outlined(issuer))
        .map(|(place, (der, issuer))| CertificateStanding {
            certificate_sha256: certificate::sha256(der),
            subject: material.known.read(der).map(|read| read.subject().to_string()).unwrap_or_default(),
            standing: material.standing(der, issuer, place > 0),
        })
        .collect()
}

impl Material<'_> {
    fn standing(&self, der: &[u8], issuer: &[u8], of_authority: bool) -> Standing {
        let unknown = |why: &str| Standing::Unknown { why: why.to_owned() };
        let (Ok(subject), Ok(authority)) = (Outline::of(der), Outline::of(issuer)) else {
            return unknown("the certificate cannot be read");
        };
        let mut best = unknown("nothing at hand speaks of it");
        for piece in self.pieces.iter().take(limits::REVOCATION_PIECES) {
            let said = match is_answer(piece) {
                true => self.by_answer(piece, &subject, &authority),
                false => self.by_list(piece, issuer, &subject, &authority, of_authority),
            };
            best = match (said, best) {
                (Ok(None), before) => before,
                (Err(why), Standing::Unknown { .. }) => unknown(&why.to_string()),
                (Err(_), before) => before,
                (Ok(Some(found)), before) => worse(found, before),
            };
        }
        best
    }

    /// What a list says; `None` when it is another issuer's.
    fn by_list(
        &self,
        piece: &[u8],
        issuer: &[u8],
        subject: &Outline<'_>,
        authority: &Outline<'_>,
        of_authority: bool,
    ) -> Result<Option<Standing>, SealError> {
        let list = Crl::parse(piece)?;
        if list.issuer != authority.subject {
            return Ok(None);
        }
        certificate::may_sign_lists(issuer)?;
        list.signed.verify(authority.spki, self.verifier)?;
        list.covers(of_authority)?;
        if let Some(entry) = list.entry(subject.serial)? {
            return Ok(self.revoked(entry, list.this_update));
        }
        // A list may leave out certificates that have expired since.
        let expired = list.this_update > subject.not_after;
        self.good(list.this_update, list.next_update.filter(|_| !expired), expired).map(Some)
    }

    /// What an answer says; `None` when it is about others.
    fn by_answer(
        &self,
        piece: &[u8],
        subject: &Outline<'_>,
        authority: &Outline<'_>,
    ) -> Result<Option<Standing>, SealError> {
        let answer = Ocsp::parse(piece)?;
        let Some(single) = answer.about(subject.serial, authority)? else { return Ok(None) };
        let responder = answer.responder(authority, self.certificates, self.verifier)?;
        let uncovered = |found: &str| SealError::Unsupported { what: "OCSP response", found: found.to_owned() };
        match single.said {
            Said::Revoked(entry) => Ok(self.revoked(entry, single.this_update)),
            Said::Unknown => Err(uncovered("the responder does not know the certificate")),
            Said::Good => match responder {
                Responder::Revocable(serial) if !self.listed_good(serial, authority) => {
                    Err(uncovered("its signer may be revoked, and nothing says it is not"))
                }
                _ => self.good(single.this_update, single.next_update, false).map(Some),
            },
        }
    }

    /// A list at hand covers the signer of an answer, and does not name it.
    fn listed_good(&self, serial: &[u8], authority: &Outline<'_>) -> bool {
        self.pieces.iter().filter(|piece| !is_answer(piece)).filter_map(|piece| Crl::parse(piece).ok()).any(|list| {
            list.issuer == authority.subject
                && list.signed.verify(authority.spki, self.verifier).is_ok()
                && list.covers(false).is_ok()
                && list.entry(serial) == Ok(None)
                && self.good(list.this_update, list.next_update, false).is_ok()
        })
    }

    /// It is dated before the judgement, and covers the moment at which the certificate had to stand.
    fn good(&self, this: UnixMillis, next: Option<UnixMillis>, expired: bool) -> Result<Standing, SealError> {
        let moment = self.path_at.unwrap_or(self.gen_time);
        let uncovered = |found: String| SealError::Unsupported { what: "list or answer on revocation", found };
        if this.0 > self.at.0.saturating_add(limits::GEN_TIME_AHEAD_MS) {
            return Err(uncovered(format!("dated {this}, after the judgement")));
        }
        let later = this >= moment && !expired;
        if later || (this <= moment && next.is_some_and(|next| moment <= next)) {
            return Ok(Standing::Good { as_of: this });
        }
        Err(uncovered(format!("dated {this}, it does not cover {moment}")))
    }

    /// What a revocation makes of a token; `None` for one dated after the judgement, or taken back.
    fn revoked(&self, entry: Entry, this_update: UnixMillis) -> Option<Standing> {
        const REMOVED: u8 = 8;
        let future = this_update.0 > self.at.0.saturating_add(limits::GEN_TIME_AHEAD_MS);
        if future || entry.reason == Some(REMOVED) {
            return None;
        }
        let (at, reason) = (entry.at, entry.reason.map(reason_name));
        // RFC 3161 §4: these alone leave the tokens made before.
        let harmless = matches!(entry.reason, Some(0 | 3 | 4 | 5)) && at > self.gen_time;
        let covered = self.path_at.is_some_and(|moment| at > moment);
        Some(if harmless || covered { Standing::RevokedLater { at, reason } } else { Standing::Revoked { at, reason } })
    }
}

/// Of two findings, the one that counts: revoked before revoked later, before good, before unknown; of two revocations, the earlier.
fn worse(a: Standing, b: Standing) -> Standing {
    let rank = |standing: &Standing| match standing {
        Standing::Revoked { at, .. } => (0, at.0),
        Standing::RevokedLater { at, .. } => (1, at.0),
        Standing::Good { as_of } => (2, as_of.0.saturating_neg()),
        Standing::Unknown { .. } => (3, 0),
    };
    if rank(&a) <= rank(&b) { a } else { b }
}

/// OCSPResponse or BasicOCSPResponse, not a list: told by what comes first.
fn is_answer(piece: &[u8]) -> bool {
    const ENUMERATED: u8 = 0x0a;
    let first = |bytes| tlv::Tlv::sole(bytes, tlv::SEQUENCE, "").ok().and_then(|outer| outer.children().next("").ok());
    match first(piece) {
        Some(inner) if inner.tag == tlv::SEQUENCE => {
            inner.children().next("").is_ok_and(|inside| (0xa0..=0xa2).contains(&inside.tag))
        }
        Some(inner) => inner.tag == ENUMERATED,
        None => false,
    }
}

/// CRLReason (RFC 5280 §5.3.1).
fn reason_name(reason: u8) -> &'static str {
    match reason {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "unknown reason",
    }
}
