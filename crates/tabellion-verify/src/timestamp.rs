//! A single time-stamp token over a file, by roots alone and without a log: each rule of `seal`'s judgement becomes a line of its own.
//!
//! Deliberately not here: any rule. What is false, what cannot be told, and what is let through is `seal`'s report; the whole is drawn
//! from the lines by the verifier.

use std::borrow::Cow;

use proof::{Hash, UnixMillis};
use seal::{
    AnyVerifier, CheckName, DigestAlgorithm, ExpectedToken, SealError, Token, TokenPolicy, TokenReport, TrustedLists,
    check_token, read_token,
};
use verifier::{Anchor, Case, Sealed, Verdict};

use crate::inputs::Trouble;

/// The token, by what it is believed, and what of it is let through.
pub struct Stamp<'a> {
    /// A token or a whole response, in any encoding.
    pub token: &'a [u8],
    /// Trusted certificates, DER.
    pub roots: &'a [Vec<u8>],
    /// Certificates that help to find the way.
    pub certificates: &'a [Vec<u8>],
    /// Lists of revoked certificates and OCSP responses.
    pub revocation: &'a [Vec<u8>],
    /// Lists that say which authorities are qualified.
    pub lists: &'a TrustedLists,
    pub accept_weak: bool,
    pub accept_eku_not_critical: bool,
}

/// What the token must be over, under the algorithm of its imprint: a name, and a digest where there is one.
type Data<'a> = dyn FnMut(DigestAlgorithm) -> Result<(String, Option<Vec<u8>>), Trouble> + 'a;

/// The verdict on a token over what is given.
pub fn verify(stamp: &Stamp<'_>, data: &mut Data<'_>, at: UnixMillis) -> Result<Verdict, Trouble> {
    const NEEDED: &str = "format files timestamp algorithms";
    let mut case = Case::new(None, at);
    case.lists = Some(Cow::Borrowed(stamp.lists));
    let token = match read_token(stamp.token) {
        Ok(token) => token,
        Err(why) => {
            let code = match why {
                SealError::Refused { .. } => "token-refused",
                SealError::Unsupported { .. } => "token-unsupported",
                _ => "unreadable",
            };
            case.say(code, "", why);
            return Ok(case.verdict.conclude(NEEDED, NEEDED));
        }
    };
    case.say("piece-read", "", "");
    let imprint = token.imprint();
    let algorithm = DigestAlgorithm::from_name(imprint.algorithm);
    // Where the digest is unknown, the token is judged over its own, and a line says that it cannot be compared.
    let (name, digest) = algorithm.map_or(Ok((String::new(), None)), data)?;
    let expected = match &digest {
        Some(digest) => {
            let same = digest.as_slice() == imprint.digest;
            case.say(if same { "same-as-stamped" } else { "other-than-stamped" }, &name, imprint.algorithm);
            digest.as_slice()
        }
        None => {
            case.say("imprint-not-compared", &name, imprint.algorithm);
            imprint.digest
        }
    };
    let expected = ExpectedToken::new(algorithm.unwrap_or(DigestAlgorithm::Sha256), expected);
    let beside: Vec<Vec<u8>> = stamp.certificates.iter().chain(stamp.roots).cloned().collect();
    let judged_at = seal::UnixMillis(i64::try_from(at.0).unwrap_or(i64::MAX));
    let policy = TokenPolicy {
        extra_certificates: &beside,
        revocation: stamp.revocation,
        accept_weak: stamp.accept_weak,
        accept_eku_not_critical: stamp.accept_eku_not_critical,
        ..TokenPolicy::new(stamp.roots, judged_at, &AnyVerifier)
    };
    let report = check_token(&token, &expected, &policy);
    say_rules(&mut case, &report, stamp);
    say_token(&mut case, &token, &report);
    case.standings(&report.standings, "");
    conclude(&mut case, &token, &report, judged_at);
    Ok(case.verdict.conclude(NEEDED, NEEDED))
}

/// A line for each rule: those that hold, and those that do not.
fn say_rules(case: &mut Case<'_>, report: &TokenReport, stamp: &Stamp<'_>) {
    for check in &report.checks {
        let Err(why) = &check.outcome else {
            let subject = report.signer.as_ref().map(|signer| signer.subject.as_str()).unwrap_or_default();
            match check.name {
                CheckName::Signature => case.say("token-signed", "", subject),
                CheckName::SignedAttributes => case.say("token-attributes", "", ""),
                CheckName::EssCertId => case.say("token-names-signer", "", subject),
                CheckName::Eku if report.eku_not_critical => case.say("eku-not-critical-accepted", "", subject),
                CheckName::Eku => case.say("token-purpose", "", subject),
                CheckName::Algorithms if report.weak.is_empty() => case.say("algorithms-sound", "", ""),
                CheckName::Algorithms => case.say("algorithm-weak-accepted", "", report.weak.join(", ")),
                _ => {}
            }
            continue;
        };
        let code = match (check.name, why) {
            // The line of the file says it.
            (CheckName::Imprint, SealError::ImprintMismatch { .. } | SealError::ImprintAlgorithmMismatch { .. }) => {
                continue;
            }
            (CheckName::Path, _) if stamp.roots.is_empty() => "no-tsa-root",
            (CheckName::Path, SealError::NoPath { .. }) => "token-not-trusted",
            (CheckName::GenTime, SealError::GenTimeAhead { .. }) => "token-ahead",
            (CheckName::Eku, SealError::EkuNotCritical) => "eku-not-critical",
            (CheckName::Revocation, SealError::Revoked { .. }) => "certificate-revoked",
            (CheckName::Algorithms, SealError::WeakAlgorithm { .. }) => "algorithm-weak",
            (_, SealError::SignerNotFound { .. }) => "signer-not-at-hand",
            (_, why) if why.is_undecided() => "token-unsupported",
            _ => "token-false",
        };
        case.say(code, "", format_args!("{}: {why}", check.name.name()));
        // There is no log here, whose line bears that code elsewhere.
        if let Some(line) = case.verdict.findings.last_mut().filter(|line| line.code == "no-tsa-root") {
            line.code = "no-trust-anchor";
        }
    }
}

/// What the token says of its time and of its authority.
fn say_token(case: &mut Case<'_>, token: &Token, report: &TokenReport) {
    let accuracy = token.accuracy_ms().map_or_else(|| "?".to_owned(), |ms| format!("{ms} ms"));
    let ordering = if token.ordering() { ", ordering" } else { "" };
    case.say("token-time", "", format_args!("{} ± {accuracy}{ordering}", token.gen_time()));
    if report.tsa_name_matches == Some(false) {
        case.say("tsa-name-differs", "", "");
    }
}

/// The time, when every rule holds, the way leads to a root, and nothing on it has ended since.
fn conclude(case: &mut Case<'_>, token: &Token, report: &TokenReport, at: seal::UnixMillis) {
    let (true, Some(signer), Some(root)) = (report.passed(), &report.signer, report.root_sha256) else { return };
    case.say("token-root", "", Hash(root));
    let end = report.valid_until.unwrap_or(report.gen_time);
    if end < at {
        return case.say("no-proof-of-existence", "", end);
    }
    let said = u64::try_from(report.gen_time.0).unwrap_or(0);
    let not_after = UnixMillis(said.saturating_add(token.accuracy_ms().unwrap_or(0)));
    let harmless = |c: char| if c.is_control() { '?' } else { c };
    let authority: String = signer.subject.chars().map(harmless).take(200).collect();
    case.say("stamped", "", &authority);
    let qualified = case.qualified(&report.way, report.gen_time);
    case.verdict.time = Some(Sealed { not_after, authority, qualified });
    case.verdict.anchors.push(Anchor { kind: "tsa-root", sha256: Hash(root) });
}
