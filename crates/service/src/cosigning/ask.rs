//! One request to a witness over HTTP, bounded in size and time, and what its answer is.

use ::watch::limits::COSIGNATURES_BYTES;
use proof::TreeSize;
use proof::checkpoint::parse_decimal;
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
    /// 409 without a size, or 422: what it cosigned before does not lead to this head.
    Other(u16),
    /// Any other status.
    Status(u16),
    /// No answer, too late, too large, or not of the protocol; in words.
    Nothing(String),
}

/// Where a witness is asked; connections are kept.
pub(super) struct Door {
    agent: Agent,
    url: String,
}

impl Door {
    pub(super) fn new(prefix: &str, time: Duration) -> Self {
        let config = Agent::config_builder().timeout_global(Some(time)).proxy(None).max_redirects(0);
        let agent = Agent::new_with_config(config.http_status_as_error(false).build());
        Self { agent, url: format!("{}/add-checkpoint", prefix.trim_end_matches('/')) }
    }

    /// Asks in a thread of its own: the runtime waits for its own threads when it ends, and an ask given up may last.
    pub(super) async fn ask(&self, body: String) -> Said {
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let (tell, hear) = oneshot::channel();
        let work = move || {
            let _ = tell.send(carry(&agent, &url, &body));
        };
        if let Err(error) = std::thread::Builder::new().name("witness".into()).spawn(work) {
            return Said::Nothing(error.to_string());
        }
        hear.await.unwrap_or_else(|_| Said::Nothing("the ask ended without an answer".into()))
    }
}

fn carry(agent: &Agent, url: &str, body: &str) -> Said {
    let mut answer = match agent.post(url).content_type("text/plain; charset=utf-8").send(body) {
        Ok(answer) => answer,
        Err(error) => return Said::Nothing(error.to_string()),
    };
    let status = answer.status().as_u16();
    let sized = answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes() == b"text/x.tlog.size");
    let read = answer.body_mut().with_config().limit(COSIGNATURES_BYTES as u64).read_to_vec();
    match read.map(String::from_utf8) {
        Ok(Ok(text)) => told(status, sized, text),
        Ok(Err(_)) => Said::Nothing("the answer is not UTF-8".into()),
        Err(error) => Said::Nothing(error.to_string()),
    }
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
