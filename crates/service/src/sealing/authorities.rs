//! Several authorities, asked in order: the first token that passes seals, every failure before it stands in the journal.

use super::ask::{self, AskError, Authority, Imprint};
use super::{Failure, last_sealed, note};
use crate::app::App;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::journal;
use crate::limits;
use seal::{DigestAlgorithm, Token};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The authorities of this configuration; the built-in one, under this server's own address, when there is none.
pub(crate) fn configured(home: &Home, config: &Config, own_url: &str) -> Result<Vec<Authority>, ServiceError> {
    let one = |url: String, roots: &[PathBuf], policy: &str, seconds: Option<u64>| -> Result<_, ServiceError> {
        let wrong = |error: seal::SealError| ServiceError::Configuration {
            path: home.config(),
            why: format!("the roots of {}: {error}", url_shown(&url)),
        };
        let mut ders = Vec::new();
        for text in home.roots_at(&roots.iter().collect::<Vec<_>>())? {
            ders.extend(seal::pem_to_der(&text).map_err(wrong)?);
        }
        let policy = Some(policy.to_owned()).filter(|policy| !policy.is_empty());
        let time = Duration::from_secs(seconds.unwrap_or(limits::TSA_SECONDS));
        Ok(Authority { url, roots: ders, policy, time })
    };
    let tsa = &config.tsa;
    let first = if tsa.url.is_empty() { format!("{own_url}/tsa") } else { tsa.url.clone() };
    let mut all = vec![one(first, &tsa.roots, &tsa.policy, tsa.seconds)?];
    for other in &tsa.fallback {
        all.push(one(other.url.clone(), &other.roots, &other.policy, other.seconds)?);
    }
    Ok(all)
}

/// A token over this root, of the first authority that gives one which passes, unless the service stops first.
pub(super) async fn ask(
    app: &App,
    imprint: &Imprint,
    (kind, number): (&'static str, u64),
    stop: &mut watch::Receiver<bool>,
) -> Result<Token, Failure> {
    let mut last = AskError::Carried("no authority is configured".into());
    for (place, authority) in app.seals.authorities.iter().enumerate() {
        let failed = match ask_one(app, authority, imprint, stop).await? {
            Ok(token) => return Ok(token),
            Err(failed) => failed,
        };
        let why: String = failed.to_string().chars().take(limits::JOURNAL_WHY_CHARS).collect();
        let authority = url_shown(&authority.url);
        tracing::warn!(of = kind, number, authority, code = failed.code(), why, "an authority gave no token");
        let said = [
            ("authority", authority.into()),
            ("place", (place + 1).into()),
            (kind, number.into()),
            ("code", failed.code().into()),
            ("why", why.into()),
        ];
        note(app, "seal-refused", journal::facts(said)).await;
        last = failed;
    }
    Err(Failure::Ask(last))
}

/// A token over this SHA-256, which is no batch's, of the first authority that gives one which passes. Blocks, for each in turn its own time.
pub(crate) fn stamp(app: &App, sha256: &[u8; 32]) -> Result<Vec<u8>, String> {
    let imprint = Imprint { algorithm: DigestAlgorithm::Sha256, root: sha256.to_vec() };
    let mut last = AskError::Carried("no authority is configured".into());
    for authority in &app.seals.authorities {
        match ask::token(authority, &imprint, seal::UnixMillis(0)) {
            Ok(token) => return Ok(token.as_der().to_vec()),
            Err(failed) => last = failed,
        }
    }
    Err(last.to_string())
}

/// The address without what may be secret in it.
fn url_shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{}", path.split('?').next().unwrap_or_default())
}

async fn ask_one(
    app: &App,
    authority: &Authority,
    imprint: &Imprint,
    stop: &mut watch::Receiver<bool>,
) -> Result<Result<Token, AskError>, Failure> {
    // A log that cannot tell takes any time that the checks allow.
    let after = last_sealed(app.reads()).ok().flatten().and_then(|last| i64::try_from(last.0).ok());
    let (authority, imprint, after) = (authority.clone(), imprint.clone(), seal::UnixMillis(after.unwrap_or(0)));
    let (tell, hear) = oneshot::channel();
    // A thread of its own: the runtime waits for its own threads when it ends, and an ask given up may last.
    let work = move || {
        let _ = tell.send(ask::token(&authority, &imprint, after));
    };
    let begun = std::thread::Builder::new().name("tsa".into()).spawn(work);
    if let Err(error) = begun {
        return Ok(Err(AskError::Carried(error.to_string())));
    }
    tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => Err(Failure::Stopped),
        heard = hear => {
            Ok(heard.unwrap_or_else(|_| Err(AskError::Carried("the ask ended without an answer".into()))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::url_shown;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        assert_eq!(url_shown("http://tsa.example/stamp"), "http://tsa.example/stamp");
        assert_eq!(url_shown("http://user:secret@tsa.example:81/a?key=secret"), "http://tsa.example:81/a");
        assert_eq!(url_shown("http://tsa.example?key=secret"), "http://tsa.example");
    }
}
