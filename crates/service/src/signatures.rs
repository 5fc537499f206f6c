//! Signatures inside deposited documents and beside them, judged as they are when they come: their integrity, whether the certificate is in
//! force, and whether a way leads from it to an authority that the operator names. What is found is kept in the entry: signatures age, the
//! record of their check does not.

mod authorities;

use self::authorities::Authorities;
use crate::config::{Config, Signatures};
use crate::error::ServiceError;
use crate::home::Home;
use crate::random;
use flow::{AuthoritySaid, Beside, SignatureJudge, SignatureOutcome, SignatureSaid, SignerSaid, Why};
use proof::UnixMillis;
use proof::hash::encode_hex;
use proof::time::format_rfc3339;
use seal::{
    AnyVerifier, Cms, DigestAlgorithm, DocumentSignature, PdfSignature, Running, SignatureFault, SignerFacts,
    XmlSignature, pdf_signatures, pem_blocks, xml_signatures, xml_signatures_beside,
};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a document read at once.
const PIECE: usize = 64 << 10;

/// Judges them now, by these authorities.
#[derive(Clone, Debug, Default)]
pub struct SignaturesNow {
    authorities: Authorities,
}

impl SignaturesNow {
    /// By what is configured.
    pub(crate) fn configured(home: &Home, config: &Config) -> Result<Self, ServiceError> {
        let place = |directory: &Option<PathBuf>| directory.as_ref().map(|directory| home.path().join(directory));
        let Signatures { anchors, trusted_lists, lotl_anchors } = &config.signatures;
        let lists = place(trusted_lists).zip(place(lotl_anchors));
        Self::by(place(anchors).as_deref(), lists.as_ref().map(|(lists, anchors)| (lists.as_path(), anchors.as_path())))
    }

    /// By the roots in the PEM files of a directory; by the trusted lists of another, under the anchors in the PEM files of a third.
    ///
    /// # Errors
    /// A directory or a file of it cannot be read, is no PEM, or there are too many: nobody is judged by half of what was meant.
    pub fn by(anchors: Option<&Path>, lists: Option<(&Path, &Path)>) -> Result<Self, ServiceError> {
        Authorities::by(anchors, lists).map(|authorities| Self { authorities })
    }

    /// The trusted lists that are not believed, each with its code and why, in English.
    pub fn lists_refused(&self) -> Vec<String> {
        self.authorities.refusals()
    }

    fn signer(&self, facts: &SignerFacts, der: Option<&[u8]>, carried: &[Vec<u8>], now: UnixMillis) -> SignerSaid {
        let moment = |at: seal::UnixMillis| UnixMillis(u64::try_from(at.0).unwrap_or(0));
        let (from, to) = (moment(facts.not_before), moment(facts.not_after));
        // Of one that is not in force, when it last was: whose it is does not end with it.
        let at =
            seal::UnixMillis(i64::try_from(now.0).unwrap_or(i64::MAX).clamp(facts.not_before.0, facts.not_after.0));
        let (authority, listed) =
            der.map_or((AuthoritySaid::NotExamined, None), |der| self.authorities.judge(der, carried, at));
        SignerSaid {
            unsuited: None,
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial: facts.serial_hex.clone(),
            sha256: encode_hex(&facts.sha256),
            not_before: format_rfc3339(from),
            not_after: format_rfc3339(to),
            in_force: from <= now && now <= to,
            authority,
            listed,
        }
    }

    fn said_of_xml(&self, one: XmlSignature, now: UnixMillis) -> SignatureSaid {
        let (covers, beside) = (one.covers, one.beside);
        SignatureSaid { covers, beside, ..self.said(one.signature, one.place, now) }
    }

    /// What stands at this place; what else it covers or leaves out is the caller's to add.
    fn said(&self, one: DocumentSignature, place: String, now: UnixMillis) -> SignatureSaid {
        let (der, carried) = (one.certificate.as_deref(), &one.carried);
        SignatureSaid {
            outcome: outcome(&one.integrity),
            signer: one
                .signer
                .as_ref()
                .map(|facts| SignerSaid { unsuited: one.unsuited.clone(), ..self.signer(facts, der, carried, now) }),
            place,
            covers: Vec::new(),
            beside: Vec::new(),
            why: one.integrity.err().map(why),
            signing_time: one.signing_time,
            weak: one.weak,
            added: 0,
        }
    }
}

impl SignatureJudge for SignaturesNow {
    fn judge(&self, xml: &str) -> Result<Vec<SignatureSaid>, Why> {
        let now = random::now();
        let found = xml_signatures(xml, &AnyVerifier).map_err(|error| why(error.into()))?;
        Ok(found.into_iter().map(|one| self.said_of_xml(one, now)).collect())
    }

    fn judge_beside(&self, xml: &str, beside: &mut Beside<'_>) -> Result<Vec<SignatureSaid>, Why> {
        let now = random::now();
        let mut given = |uri: Option<&str>, take: &mut dyn FnMut(&[u8])| {
            beside(uri, take).map_err(|(why, name)| SignatureFault::Beside { why, name })
        };
        let found = xml_signatures_beside(xml, &AnyVerifier, &mut given).map_err(|error| why(error.into()))?;
        Ok(found.into_iter().map(|one| self.said_of_xml(one, now)).collect())
    }

    fn judge_pdf(&self, pdf: &[u8]) -> Result<Vec<SignatureSaid>, Why> {
        let now = random::now();
        let found = pdf_signatures(pdf, &AnyVerifier).map_err(|error| why(error.into()))?;
        let said = |one: PdfSignature| SignatureSaid {
            added: one.added as u64,
            ..self.said(one.signature, format!("@{}", one.offset), now)
        };
        Ok(found.into_iter().map(said).collect())
    }

    fn judge_cms(&self, cms: &[u8], document: Option<&mut dyn Read>) -> Result<Vec<SignatureSaid>, Why> {
        let now = random::now();
        let armoured = cms.starts_with(b"-----BEGIN ").then(|| pem_blocks(&String::from_utf8_lossy(cms)));
        let block =
            armoured.transpose().map_err(|error| why(error.into()))?.and_then(|blocks| blocks.into_iter().next());
        let cms = Cms::parse(block.as_deref().unwrap_or(cms)).map_err(|error| why(error.into()))?;
        let digests = match document {
            Some(document) => digests(&cms.digests(), document).map_err(|_| ("document-unreadable", String::new()))?,
            None => Vec::new(),
        };
        let digest_of =
            |wanted| digests.iter().find(|(algorithm, _)| *algorithm == wanted).map(|(_, digest)| digest.clone());
        let mut found = cms.judge(&digest_of, &AnyVerifier);
        // A signature that holds something else does not cover the document beside it, however whole it is.
        let other = |content: &[u8]| digests.iter().any(|(algorithm, digest)| algorithm.digest(content) != *digest);
        if cms.content().is_some_and(other) {
            let altered = || Err(SignatureFault::Altered { reference: "content".to_owned() });
            found.iter_mut().filter(|one| one.integrity.is_ok()).for_each(|one| one.integrity = altered());
        }
        Ok(found.into_iter().map(|one| self.said(one, String::new(), now)).collect())
    }
}

/// Every digest asked for of this document, of one reading.
fn digests(wanted: &[DigestAlgorithm], document: &mut dyn Read) -> std::io::Result<Vec<(DigestAlgorithm, Vec<u8>)>> {
    let mut running: Vec<(DigestAlgorithm, Box<dyn Running>)> =
        wanted.iter().map(|algorithm| (*algorithm, algorithm.begin())).collect();
    let mut piece = vec![0; PIECE];
    loop {
        match document.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => running.iter_mut().for_each(|(_, one)| one.update(&piece[..read])),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(running.into_iter().map(|(algorithm, one)| (algorithm, one.finish())).collect())
}

fn outcome(integrity: &Result<(), SignatureFault>) -> SignatureOutcome {
    match integrity {
        Ok(()) => SignatureOutcome::Holds,
        Err(why) if why.is_undecided() => SignatureOutcome::Undecided,
        Err(_) => SignatureOutcome::Broken,
    }
}

/// The word, and what it is about: names that documents and standards give, the same in any language. A phrase or a word of ours says no more than
/// the word.
fn why(fault: SignatureFault) -> Why {
    let about = match &fault {
        SignatureFault::Altered { reference } if reference != "content" => reference.clone(),
        SignatureFault::Ambiguous { id } | SignatureFault::NotThere { id } => id.clone(),
        SignatureFault::Malformed { what } => neutral(what),
        SignatureFault::Unsupported { found } => neutral(found),
        SignatureFault::Beside { name, .. } => name.clone(),
        _ => String::new(),
    };
    (fault.code(), about)
}

/// What is said without a word of any language: names have a capital, a digit or a sign in them.
fn neutral(said: &str) -> String {
    let told = match said {
        "a DOCTYPE" => "DOCTYPE",
        "xml:base above it, under C14N 1.1" => "xml:base (C14N 1.1)",
        phrase if phrase.chars().all(|c| c.is_ascii_alphabetic() || c == ' ') && phrase.contains(' ') => "",
        word if word.chars().all(|c| c.is_ascii_lowercase()) => "",
        said => said,
    };
    told.strip_suffix(", with parameters").map_or(told.to_owned(), |named| format!("{named} (…)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a judge says and no table knows would reach people as a bare word.
    #[test]
    fn every_word_of_the_judge_has_its_sentences() {
        let text = || "x".to_owned();
        let all = [
            SignatureFault::Altered { reference: text() },
            SignatureFault::False,
            SignatureFault::Ambiguous { id: text() },
            SignatureFault::NotThere { id: text() },
            SignatureFault::NothingSigned,
            SignatureFault::PropertiesNotSigned,
            SignatureFault::OtherCertificate,
            SignatureFault::Malformed { what: "x" },
            SignatureFault::NoCertificate,
            SignatureFault::Unsupported { found: text() },
            SignatureFault::Beside { why: SignatureFault::BESIDE, name: text() },
            SignatureFault::Inside,
            SignatureFault::Certificates,
            SignatureFault::TooMuch,
        ];
        let codes: std::collections::BTreeSet<&str> = all.iter().map(SignatureFault::code).collect();
        assert_eq!(codes, SignatureFault::CODES.into_iter().collect());
        for word in SignatureFault::CODES.into_iter().chain([
            "document-unreadable",
            "no-judge",
            "sealed",
            "too-long",
            "encoding",
        ]) {
            assert!(flow::has_reason(word), "{word}");
        }
        for word in ["document-not-beside", "document-unnamed", "search-ended"] {
            assert!(flow::has_reason(word), "{word}");
        }
        assert_eq!(SignatureFault::BESIDE, flow::BESIDE);
    }

    /// It would stand in a French sentence.
    #[test]
    fn no_word_of_english_is_told_of_what_a_word_is_about() {
        let unsupported = |found: &str| why(SignatureFault::Unsupported { found: found.to_owned() }).1;
        for (found, told) in [
            ("no signed attributes", ""),
            ("no SubFilter", ""),
            ("not DER", ""),
            ("another trailer", ""),
            ("a DOCTYPE", "DOCTYPE"),
            ("xml:base above it, under C14N 1.1", "xml:base (C14N 1.1)"),
            ("ETSI.RFC3161", "ETSI.RFC3161"),
            ("encoding=\"ISO-8859-1\"", "encoding=\"ISO-8859-1\""),
            (
                "http://www.w3.org/2002/06/xmldsig-filter2, with parameters",
                "http://www.w3.org/2002/06/xmldsig-filter2 (…)",
            ),
            ("1.2.840.10040.4.3", "1.2.840.10040.4.3"),
        ] {
            assert_eq!(unsupported(found), told, "{found}");
        }
        for (what, told) in [
            ("certificate", ""),
            ("identifier", ""),
            ("XML document", ""),
            ("SignedInfo", "SignedInfo"),
            ("message-digest", "message-digest"),
        ] {
            assert_eq!(why(SignatureFault::Malformed { what }).1, told, "{what}");
        }
    }
}
