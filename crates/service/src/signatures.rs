//! Signatures inside deposited documents, judged as they are when they come: their integrity, and whether the certificate is in force. What
//! is found is kept in the entry: signatures age, the record of their check does not.

use crate::random;
use flow::{SignatureJudge, SignatureOutcome, SignatureSaid, SignerSaid};
use proof::UnixMillis;
use proof::hash::encode_hex;
use proof::time::format_rfc3339;
use seal::{AnyVerifier, SignerFacts, XmlSignature, xml_signatures};

/// Judges them now.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignaturesNow;

impl SignatureJudge for SignaturesNow {
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, String> {
        let now = random::now();
        let found = xml_signatures(xml, &AnyVerifier).map_err(|why| why.to_string())?;
        Ok(found.into_iter().map(|one| said(one, now)).collect())
    }
}

fn said(one: XmlSignature, now: UnixMillis) -> SignatureSaid {
    let outcome = match &one.integrity {
        Ok(()) => SignatureOutcome::Holds,
        Err(why) if why.is_undecided() => SignatureOutcome::Undecided,
        Err(_) => SignatureOutcome::Broken,
    };
    SignatureSaid {
        place: one.place,
        covers: one.covers,
        outcome,
        why: one.integrity.err().map(|why| (why.code(), why.to_string())),
        signer: one.signer.map(|facts| signer(&facts, now)),
        signing_time: one.signing_time,
        weak: one.weak,
    }
}

fn signer(facts: &SignerFacts, now: UnixMillis) -> SignerSaid {
    let moment = |at: seal::UnixMillis| UnixMillis(u64::try_from(at.0).unwrap_or(0));
    let (from, to) = (moment(facts.not_before), moment(facts.not_after));
    SignerSaid {
        subject: facts.subject.clone(),
        issuer: facts.issuer.clone(),
        serial: facts.serial_hex.clone(),
        sha256: encode_hex(&facts.sha256),
        not_before: format_rfc3339(from),
        not_after: format_rfc3339(to),
        in_force: from <= now && now <= to,
    }
}
