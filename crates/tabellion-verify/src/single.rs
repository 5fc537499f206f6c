//! A single time-stamp token over a file, by roots alone and without a log. Put together from the verifier's parts: what a token is
//! worth is said there.

use proof::UnixMillis;
use seal::Token;

use verifier::{Case, NamedDigest, Verdict};

/// The verdict on a raw token (RFC 3161 `ContentInfo`) over this file, by these roots.
pub fn verify_timestamp(token: &[u8], data: &NamedDigest, roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    const NEEDED: &str = "format files timestamp";
    let mut case = Case::new(None, at);
    match Token::parse(token) {
        Err(why) => case.say("unreadable", "", why),
        Ok(read) => {
            case.say("piece-read", "", "");
            let imprint = read.imprint();
            let code = match imprint.algorithm {
                "sha256" if imprint.digest == data.sha256.as_ref() => "same-as-stamped",
                "sha512" if imprint.digest == data.sha512.as_ref() => "same-as-stamped",
                "sha256" | "sha512" => "other-than-stamped",
                _ => "token-unsupported",
            };
            case.say(code, &data.name, imprint.algorithm);
            match imprint.algorithm {
                "sha256" => drop(case.timestamp(token, Some(data.sha256), roots, "")),
                other if code != "token-unsupported" => {
                    case.say("token-unsupported", "", format_args!("imprint {other}"))
                }
                _ => {}
            }
        }
    }
    case.verdict.conclude(NEEDED, NEEDED)
}
