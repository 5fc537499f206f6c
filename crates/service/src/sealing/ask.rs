//! Asking an authority: RFC 3161 over HTTP, bounded in size and time, and its answer judged before anything trusts it.

use crate::limits::{CLOCK_AHEAD_SECONDS, TSA_ANSWER_BYTES, TSA_BEHIND_SECONDS};
use crate::random;
use crate::tsa::{QUERY, REPLY};
use seal::{
    DigestAlgorithm, ExpectedToken, ImprintRequest, RingVerifier, SealError, Token, TokenPolicy, check_token,
    parse_response,
};
use std::fmt;
use std::time::Duration;
use ureq::Agent;

/// An authority and how far it is trusted.
#[derive(Clone)]
pub(crate) struct Authority {
    pub(super) url: String,
    /// Roots by which its tokens are judged, DER.
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) policy: Option<String>,
    pub(super) time: Duration,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) enum AskError {
    /// No answer, too late, too large, or not one of the protocol, in words.
    Carried(String),
    /// The answer cannot be read or refuses.
    Answer(SealError),
    /// The token does not pass this check.
    Check(&'static str, String),
}

impl AskError {
    /// Stable, for people who watch.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Carried(_) => "tsa-unreachable",
            Self::Answer(_) => "tsa-answer-refused",
            Self::Check(..) => "tsa-token-refused",
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Carried(why) => write!(f, "the authority gave no answer: {why}"),
            Self::Answer(why) => write!(f, "the authority's answer: {why}"),
            Self::Check(name, why) => write!(f, "the token does not pass the check {name}: {why}"),
        }
    }
}

/// A root to be stamped, under its digest.
#[derive(Clone)]
pub(super) struct Imprint {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) root: Vec<u8>,
}

/// A token over this root, DER from end to end, that passes every check by the roots given, and is of now: not before `after`, the
/// time of the seal before. Blocks.
pub(super) fn token(authority: &Authority, imprint: &Imprint, after: seal::UnixMillis) -> Result<Token, AskError> {
    let asked = random::seal_now();
    let mut nonce: [u8; 16] = random::bytes().map_err(|error| AskError::Carried(error.to_string()))?;
    // Positive and minimal, so that it comes back byte for byte.
    nonce[0] = nonce[0] & 0x7f | 0x40;
    let request = ImprintRequest {
        algorithm: imprint.algorithm,
        imprint: &imprint.root,
        nonce: &nonce,
        policy: authority.policy.as_deref(),
        cert_req: true,
    };
    let answer = carry(authority, &request.to_der())?;
    let token = parse_response(&answer).map_err(AskError::Answer)?;
    judge(authority, &token, imprint, &nonce)?;
    of_now(token.gen_time(), asked, after)?;
    Ok(token)
}

/// A token with our nonce cannot be older than our question: an authority that says so has a clock that nobody looks after, or lies.
fn of_now(gen_time: seal::UnixMillis, asked: seal::UnixMillis, after: seal::UnixMillis) -> Result<(), AskError> {
    let behind = i64::try_from(TSA_BEHIND_SECONDS * 1000).unwrap_or(0);
    let wrong = |why: String| Err(AskError::Check("gen-time", why));
    if gen_time.0 < asked.0.saturating_sub(behind) {
        return wrong(format!("{gen_time} is more than {TSA_BEHIND_SECONDS} s before {asked}, when it was asked"));
    }
    if gen_time.0 < after.0 {
        return wrong(format!("{gen_time} is before {after}, the time of the seal before"));
    }
    Ok(())
}

fn judge(authority: &Authority, token: &Token, imprint: &Imprint, nonce: &[u8]) -> Result<(), AskError> {
    token.strict().map_err(AskError::Answer)?;
    let over = ExpectedToken::new(imprint.algorithm, &imprint.root);
    let expected = ExpectedToken { nonce: Some(nonce), policy: authority.policy.as_deref(), ..over };
    let ahead = i64::try_from(CLOCK_AHEAD_SECONDS * 1000).unwrap_or(0);
    let at = seal::UnixMillis(random::seal_now().0.saturating_add(ahead));
    let policy = TokenPolicy::new(&authority.roots, at, &RingVerifier);
    let report = check_token(token, &expected, &policy);
    match report.first_failure() {
        Some((name, why)) => Err(AskError::Check(name.name(), why.to_string())),
        None if report.passed() => Ok(()),
        None => Err(AskError::Check("none", "not every check was made".into())),
    }
}

fn carry(authority: &Authority, request: &[u8]) -> Result<Vec<u8>, AskError> {
    let carried = |error: ureq::Error| AskError::Carried(error.to_string());
    let config = Agent::config_builder().timeout_global(Some(authority.time)).proxy(None).max_redirects(0);
    let agent = Agent::new_with_config(config.build());
    let sent = agent.post(&authority.url).content_type(QUERY).header("Accept", REPLY).send(request);
    let mut answer = sent.map_err(carried)?;
    if answer.status() != 200 {
        return Err(AskError::Carried(format!("status {}", answer.status().as_u16())));
    }
    let kind = answer.body().mime_type().unwrap_or_default().to_owned();
    if !kind.eq_ignore_ascii_case(REPLY) {
        return Err(AskError::Carried(format!(
            "content type {:?}, expected {REPLY}",
            kind.chars().take(80).collect::<String>()
        )));
    }
    answer.body_mut().with_config().limit(TSA_ANSWER_BYTES).read_to_vec().map_err(carried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::UnixMillis;

    #[test]
    fn a_token_is_of_now_and_not_before_the_seal_before() {
        let behind = TSA_BEHIND_SECONDS as i64 * 1000;
        let (asked, never) = (UnixMillis(1_000_000_000_000), UnixMillis(0));
        assert!(of_now(asked, asked, never).is_ok());
        assert!(of_now(UnixMillis(asked.0 - behind), asked, never).is_ok());
        assert!(of_now(UnixMillis(asked.0 - behind - 1), asked, never).is_err());
        assert!(of_now(UnixMillis(asked.0 - 2), asked, UnixMillis(asked.0 - 2)).is_ok());
        assert!(of_now(UnixMillis(asked.0 - 2), asked, UnixMillis(asked.0 - 1)).is_err());
    }
}
