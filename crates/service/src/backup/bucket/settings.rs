//! Which server, with what credentials: from the usual variables of the environment, and from nowhere else.

use super::answers::{Noting, Seen};
use crate::limits;
use crate::trouble::Trouble;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The server's address, where it is not Amazon's own.
const ENDPOINT: [&str; 3] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
/// The region that servers which have none take.
const REGION_DEFAULT: &str = "us-east-1";
const ALLOW_HTTP: &str = "AWS_ALLOW_HTTP";

/// How long a server is waited for, and how often it is asked again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) connect: Duration,
    pub(super) answer: Duration,
    pub(super) retries: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(limits::BUCKET_CONNECT_SECONDS),
            answer: Duration::from_secs(limits::BUCKET_ANSWER_SECONDS),
            retries: limits::BUCKET_RETRIES,
        }
    }
}

/// What the environment says.
pub(super) struct Settings {
    endpoint: Option<String>,
    region: String,
    key: String,
    secret: String,
    token: Option<String>,
    http: bool,
    pub(super) patience: Patience,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({:?}, {})", self.endpoint, self.region)
    }
}

impl Settings {
    /// What these variables say.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Trouble> {
        let first = |names: &[&'static str]| {
            let set = |name: &&'static str| variable(name).filter(|value| !value.is_empty()).map(|v| (*name, v));
            let Some((name, value)) = names.iter().find_map(set) else { return Ok(None) };
            // Into headers they go: nothing but what may stand there.
            if value.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Ok(Some(value));
            }
            Err(wrong(
                name,
                [
                    "contient une espace, une fin de ligne ou un autre signe qui ne peut être envoyé",
                    "holds a space, a line break or another sign that cannot be sent",
                ],
            ))
        };
        let needed =
            |name: &'static str| first(&[name])?.ok_or_else(|| wrong(name, ["n'est pas renseignée", "is not set"]));
        let http = matches!(first(&[ALLOW_HTTP])?.as_deref(), Some("true" | "1"));
        let endpoint = first(&ENDPOINT)?;
        if let Some(endpoint) = &endpoint {
            sound(endpoint, http)?;
        }
        Ok(Self {
            endpoint,
            region: first(&REGION)?.unwrap_or_else(|| REGION_DEFAULT.to_owned()),
            key: needed("AWS_ACCESS_KEY_ID")?,
            secret: needed("AWS_SECRET_ACCESS_KEY")?,
            token: first(&["AWS_SESSION_TOKEN"])?,
            http,
            patience: Patience::default(),
        })
    }

    /// A client of this bucket; nothing is asked yet.
    pub(super) fn client(self, bucket: &str, seen: &Arc<Seen>) -> Result<AmazonS3, Trouble> {
        // One provider for the process; whoever came first chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = ClientOptions::new()
            .with_allow_http(self.http)
            // The whole of a large object takes what it takes; what is bounded is the time without a sign of life.
            .with_timeout_disabled()
            .with_connect_timeout(self.patience.connect)
            .with_read_timeout(self.patience.answer);
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: self.patience.retries,
            retry_timeout: Duration::from_secs(limits::BUCKET_RETRY_SECONDS),
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(self.region)
            .with_access_key_id(self.key)
            .with_secret_access_key(self.secret)
            .with_client_options(options)
            .with_retry(retry)
            // Not every server removes many objects at one asking.
            .with_disable_bulk_delete(true)
            .with_http_connector(Noting(seen.clone()));
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(token) = self.token {
            builder = builder.with_token(token);
        }
        builder.build().map_err(|why| wrong("AWS_…", [&why.to_string(), &why.to_string()]))
    }
}

/// An address of a server, without credentials, and without TLS only where that was said.
fn sound(endpoint: &str, http: bool) -> Result<(), Trouble> {
    let url = reqwest::Url::parse(endpoint).map_err(|why| wrong(ENDPOINT[1], [&why.to_string(), &why.to_string()]))?;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.has_host() || !["http", "https"].contains(&url.scheme()) {
        return Err(wrong(
            ENDPOINT[1],
            [
                "n'est pas de la forme https://serveur ou https://serveur:port",
                "is not of the form https://server or https://server:port",
            ],
        ));
    }
    if url.scheme() == "http" && !http {
        return Err(wrong(
            ALLOW_HTTP,
            [
                "n'est pas à true, et l'adresse du serveur commence par http://",
                "is not true, and the server's address begins with http://",
            ],
        ));
    }
    Ok(())
}

fn wrong(name: &str, [in_french, in_english]: [&str; 2]) -> Trouble {
    let remedy = [
        "renseigner AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN s'il en faut un), AWS_ENDPOINT_URL pour un autre serveur \
         que celui d'Amazon, AWS_REGION ; AWS_ALLOW_HTTP=true pour un serveur sans TLS sur cette machine",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN where one is needed), AWS_ENDPOINT_URL for another server than \
         Amazon's, AWS_REGION; AWS_ALLOW_HTTP=true for a server without TLS on this machine",
    ];
    let french = format!("l'environnement ne dit pas comment joindre le seau : {name} {in_french}");
    let english = format!("the environment does not say how to reach the bucket: {name} {in_english}");
    Trouble::new("place-settings", french, english, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Settings, Trouble> {
        Settings::of(&|name| variables.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
    }

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];

    #[test]
    fn the_usual_variables_say_it_all() {
        let all =
            [&KEYS[..], &[("AWS_ENDPOINT", "https://a"), ("AWS_ENDPOINT_URL", "https://b:9000"), ("AWS_REGION", "fr")]];
        let settings = of(&all.concat()).unwrap();
        assert_eq!((settings.endpoint.as_deref(), settings.region.as_str()), (Some("https://b:9000"), "fr"));
        assert!(!format!("{settings:?}").contains("secret"));
        let settings = of(&KEYS).unwrap();
        assert_eq!((settings.endpoint, settings.region.as_str()), (None, REGION_DEFAULT));
    }

    #[test]
    fn what_is_missing_or_unsound_is_named() {
        let refused = |variables: &[(&str, &str)], name: &str| {
            let trouble = of(variables).unwrap_err();
            assert!(trouble.code == "place-settings" && trouble.english.contains(name), "{trouble:?}");
        };
        refused(&[], "AWS_ACCESS_KEY_ID");
        refused(&KEYS[..1], "AWS_SECRET_ACCESS_KEY");
        refused(&[("AWS_ACCESS_KEY_ID", "id\n"), KEYS[1]], "AWS_ACCESS_KEY_ID");
        for endpoint in
            ["server:9000", "ftp://server", "https://id:hidden@server", "https://server?x", "http://1.2.3.4.5", "x"]
        {
            refused(&[&KEYS[..], &[("AWS_ENDPOINT_URL", endpoint), (ALLOW_HTTP, "true")]].concat(), "AWS_ENDPOINT");
        }
        // Without TLS only where that was said.
        let http = [&KEYS[..], &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")]].concat();
        refused(&http, ALLOW_HTTP);
        assert!(of(&[&http[..], &[(ALLOW_HTTP, "true")]].concat()).is_ok());
    }
}
