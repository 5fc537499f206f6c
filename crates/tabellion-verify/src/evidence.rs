//! An evidence record of anybody's (RFC 4998, or RFC 6283 in XML) over files or digests, by roots alone and without a log. The
//! judgement is `seal`'s, rule by rule; here each rule gets its line, and the lines their verdict.

use proof::{Hash, UnixMillis};
use seal::{
    AnyVerifier, ArchiveRecord, DataContent, DataObject, DigestAlgorithm, RecordFault, RecordFinding, RecordForm,
    RecordReport, RecordTrust, SealError, judge_record,
};
use verifier::{Anchor, Case, Sealed, Verdict};

/// The findings without which nothing passes.
pub const NEEDED: &str = "format files evidence-record timestamp algorithms time-order";

/// A document to be found under a record.
pub struct Given {
    /// What to call it.
    pub name: String,
    /// What is known of it.
    pub content: GivenContent,
}

/// What is known of a document.
pub enum GivenContent {
    /// All its bytes.
    Bytes(Vec<u8>),
    /// Digests of it.
    Digests(Digests),
}

/// Digests of one document, by algorithm.
pub type Digests = Vec<(DigestAlgorithm, Vec<u8>)>;

/// The verdict on an evidence record over these documents, by these roots.
pub fn verify_evidence_record(record: &[u8], given: &[Given], roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    let mut case = Case::new(None, at);
    match ArchiveRecord::parse(record) {
        Ok(record) => {
            case.say("piece-read", "", "");
            let data: Vec<DataObject<'_>> = given.iter().map(Given::object).collect();
            said(&mut case, &record, &data, roots, at, "");
        }
        Err(why @ SealError::Unsupported { .. }) => case.say("record-unsupported", "", why),
        Err(why) => case.say("unreadable", "", why),
    }
    case.verdict.conclude(NEEDED, NEEDED)
}

impl Given {
    fn object(&self) -> DataObject<'_> {
        let content = match &self.content {
            GivenContent::Bytes(bytes) => DataContent::Bytes(bytes),
            GivenContent::Digests(digests) => DataContent::Digests(digests),
        };
        DataObject { name: &self.name, content }
    }
}

/// Judges a record that was read, and says each finding; `inside` names the record where there are several.
pub fn said(
    case: &mut Case<'_>,
    record: &ArchiveRecord,
    data: &[DataObject<'_>],
    roots: &[Vec<u8>],
    at: UnixMillis,
    inside: &str,
) -> RecordReport {
    let form = match record.form() {
        RecordForm::Xml => "XML (RFC 6283)",
        RecordForm::Asn1 => "ASN.1 (RFC 4998)",
    };
    let shape: Vec<String> = record.shape().iter().map(usize::to_string).collect();
    case.say("record-read", inside, format_args!("{form}, {}", shape.join("+")));
    if record.crypto_infos() > 0 {
        case.say("record-crypto-infos", inside, record.crypto_infos());
    }
    if record.encrypted() {
        case.say("record-encrypted", inside, "");
    }
    let at = seal::UnixMillis(i64::try_from(at.0).unwrap_or(i64::MAX));
    let trust = RecordTrust { roots, extra_certificates: &[], at, accept_weak: false, verifier: &AnyVerifier };
    let report = judge_record(record, data, &trust);
    for finding in &report.findings {
        line(case, finding, inside);
    }
    if report.passed()
        && let (Some(proved), Some(authority)) = (report.proved, report.authority.clone())
    {
        // The token's words are shown as its line shows them.
        let authority: String = authority.chars().filter(|c| !c.is_control()).take(200).collect();
        let not_after = UnixMillis(u64::try_from(proved.0).unwrap_or(0));
        // Of several records the latest counts: that moment holds for all of them.
        let later = case.verdict.time.as_ref().is_none_or(|known| known.not_after < not_after);
        if later {
            case.verdict.time = Some(Sealed { not_after, authority, qualified: false });
        }
        for root in &report.roots_sha256 {
            let anchor = Anchor { kind: "tsa-root", sha256: Hash(*root) };
            if !case.verdict.anchors.contains(&anchor) {
                case.verdict.anchors.push(anchor);
            }
        }
    }
    report
}

fn line(case: &mut Case<'_>, finding: &RecordFinding, inside: &str) {
    let place = match finding.place {
        (0, 0) => String::new(),
        (chain, 0) => format!("ATSC {chain}"),
        (chain, stamp) => format!("ATS {chain}.{stamp}"),
    };
    let parts = [inside, finding.data.as_deref().unwrap_or_default(), &place];
    let place = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    match &finding.outcome {
        Ok(fact) => {
            let code = if fact.code() == "token-holds" { "stamped" } else { fact.code() };
            case.say(code, &place, fact);
        }
        Err(fault @ RecordFault::NoTrustAnchor) => {
            case.say("no-tsa-root", &place, "");
            // There is no log here, whose line bears that code elsewhere.
            if let Some(line) = case.verdict.findings.last_mut() {
                line.code = fault.code();
            }
        }
        Err(fault) => case.say(fault.code(), &place, fault),
    }
}
