//! One request to a witness over HTTP, bounded in size and time, and what its answer is.

use ::watch::limits::COSIGNATURES_BYTES;
use proof::checkpoint::parse_decimal;
use proof::{SignedNote, TreeSize};
use std::time::Duration;
use tokio::sync::oneshot;
use ureq::Agent;

/// What a witness said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// 200: signature lines, not yet looked at.
    Lines(String),
    /// 409 with the size it cosigned last.
    Size(TreeSize),
    /// 409 without a size, or 422: what it cosigned before does not lead to this head, if it is the witness that says so.
    Other(u16),
    /// Any other status.
    Status(u16),
    /// No answer, too late, too large, or not of the protocol; in words.
    Nothing(String),
}

/// Where a witness is asked; connections are kept.
pub(super) struct Door {
    agent: Agent,
    prefix: String,
}

impl Door {
    pub(super) fn new(prefix: &str, time: Duration) -> Self {
        let config = Agent::config_builder().timeout_global(Some(time)).proxy(None).max_redirects(0);
        let agent = Agent::new_with_config(config.http_status_as_error(false).build());
        Self { agent, prefix: prefix.trim_end_matches('/').to_owned() }
    }

    /// Shows a head.
    pub(super) async fn ask(&self, body: String) -> Said {
        let (agent, url) = (self.agent.clone(), format!("{}/add-checkpoint", self.prefix));
        let said = apart(move || carry(&agent, &url, &body)).await;
        said.unwrap_or_else(|| Said::Nothing("the ask ended without an answer".into()))
    }

    /// The note that the witness cosigned last for this origin (C2SP tlog-witness, "Monitoring"), if it shows one.
    pub(super) async fn latest(&self, origin: &str) -> Option<SignedNote> {
        let agent = self.agent.clone();
        let url = format!("{}/{}/checkpoint", self.prefix, proof::sha256(origin.as_bytes()));
        apart(move || {
            let mut answer = agent.get(&url).call().ok().filter(|answer| answer.status().as_u16() == 200)?;
            let limit = proof::limits::NOTE_BYTES as u64;
            let text = answer.body_mut().with_config().limit(limit).read_to_vec().ok()?;
            SignedNote::parse(std::str::from_utf8(&text).ok()?).ok()
        })
        .await?
    }
}

/// What this gives, in a thread of its own: the runtime waits for its own threads when it ends, and an ask given up may last.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, hear) = oneshot::channel();
    let work = move || {
        let _ = tell.send(work());
    };
    std::thread::Builder::new().name("witness".into()).spawn(work).ok()?;
    hear.await.ok()
}

fn carry(agent: &Agent, url: &str, body: &str) -> Said {
    let mut answer = match agent.post(url).content_type("text/plain; charset=utf-8").send(body) {
        Ok(answer) => answer,
        Err(error) => return Said::Nothing(error.to_string()),
    };
    let status = answer.status().as_u16();
    let sized = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).is_some_and(is_size);
    let read = answer.body_mut().with_config().limit(COSIGNATURES_BYTES as u64).read_to_vec();
    match read.map(String::from_utf8) {
        Ok(Ok(text)) => told(status, sized, text),
        Ok(Err(_)) => Said::Nothing("the answer is not UTF-8".into()),
        Err(error) => Said::Nothing(error.to_string()),
    }
}

/// The media type, whatever its case and parameters (RFC 9110 §8.3.1).
fn is_size(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/x.tlog.size"))
}

fn told(status: u16, sized: bool, text: String) -> Said {
    match status {
        200 => Said::Lines(text),
        409 if sized => match text.strip_suffix('\n').and_then(parse_decimal) {
            Some(size) => Said::Size(TreeSize(size)),
            None => Said::Nothing("409 with a size that is none".into()),
        },
        409 | 422 => Said::Other(status),
        other => Said::Status(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_one_whatever_its_case_and_parameters() {
        for kind in ["text/x.tlog.size", "Text/X.tlog.size", "text/x.tlog.size; charset=utf-8", "text/x.tlog.size ;q"] {
            assert!(is_size(kind), "{kind}");
        }
        for kind in ["text/html", "text/x.tlog.sizes", "", ";text/x.tlog.size"] {
            assert!(!is_size(kind), "{kind}");
        }
    }

    #[test]
    fn answers_are_what_the_specification_says() {
        let of = |status, sized, text: &str| told(status, sized, text.to_owned());
        assert_eq!(of(200, false, "x"), Said::Lines("x".into()));
        assert_eq!(of(409, true, "7\n"), Said::Size(TreeSize(7)));
        for wrong in ["7", "07\n", "\n", "-1\n", "7\n\n", "x\n"] {
            assert!(matches!(of(409, true, wrong), Said::Nothing(_)), "{wrong:?}");
        }
        assert_eq!(of(409, false, "7\n"), Said::Other(409));
        assert_eq!(of(422, true, "7\n"), Said::Other(422));
        assert_eq!(of(404, false, ""), Said::Status(404));
    }
}
