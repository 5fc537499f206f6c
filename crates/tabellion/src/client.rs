//! The server as the commands see it: where it is, how it is asked, and its refusals in words.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use serde_json::Value;
use ureq::{Agent, Body, RequestBuilder, http::Response, typestate::WithoutBody};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

const CONNECT: Duration = Duration::from_secs(5);
/// Silence on the line, in either direction, before a request is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// A deposit is answered once it is durable and signed; a seal once the authority has answered.
const ANSWER: Duration = Duration::from_secs(180);
/// A JSON answer larger than this is not read: only packs and files are large, and those are streamed.
pub const JSON_LIMIT: u64 = 64 << 20;
/// A URL or a secret in a file is one line.
const LINE_LIMIT: u64 = 4096;

/// The directory named by `--data`, if any.
pub fn data(matches: &ArgMatches) -> Option<PathBuf> {
    matches.get_one::<PathBuf>("data").cloned()
}

/// The directory named by `--data`, which this command cannot do without.
///
/// # Errors
/// A usage failure when it is not given.
pub fn needed_data(lang: Lang, matches: &ArgMatches) -> Result<PathBuf, Failure> {
    data(matches).ok_or_else(|| Failure::new(exit::USAGE, "data-not-given", lang.text("usage.data")))
}

/// The address of `--url`, else that of the server now serving `--data`.
///
/// # Errors
/// Usage when neither is given; `server-not-running` when the directory is not being served.
pub fn address(lang: Lang, matches: &ArgMatches) -> Result<String, Failure> {
    match (matches.get_one::<String>("url"), data(matches)) {
        (Some(url), _) => Ok(url.clone()),
        (None, Some(data)) if is_served(&data) => line(&data.join("run/url")).map_err(|_| not_running(lang, &data)),
        (None, Some(data)) => Err(not_running(lang, &data)),
        (None, None) => Err(Failure::new(exit::USAGE, "url-not-given", lang.text("usage.url"))),
    }
}

/// A server, and the right to ask it.
pub struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
    /// Of the person this client asks for.
    pub lang: Lang,
}

impl Client {
    /// The server of `--url`, else the one now serving `--data`; the token of `--token`, else the directory's `admin.token`.
    ///
    /// # Errors
    /// Usage when neither is given; `server-not-running` when the directory is not being served.
    pub fn of(lang: Lang, matches: &ArgMatches) -> Result<Client, Failure> {
        let data = data(matches);
        let url = address(lang, matches)?;
        if !url.starts_with("http://") {
            let said = lang.fill("fail.url", &[("url", &url)]);
            return Err(Failure::new(exit::USAGE, "url-not-http", said).with_remedy(lang.text("fail.url.remedy")));
        }
        let token = match (matches.get_one::<String>("token"), &data) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(data)) => line(&data.join("admin.token")).ok(),
            (None, None) => None,
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy of the environment is for the outside: a deposit goes where it was told to.
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .timeout_recv_response(Some(ANSWER));
        let agent = config.build().new_agent();
        Ok(Client { agent, url: url.trim_end_matches('/').to_owned(), token, lang })
    }

    /// The answer to a GET, whatever its status.
    ///
    /// # Errors
    /// `server-unreachable`.
    pub fn fetch(&self, path: &str, query: &[(&str, String)]) -> Result<Response<Body>, Failure> {
        let request = self.agent.get(format!("{}{path}", self.url));
        let pairs = query.iter().map(|(name, value)| (*name, value.as_str()));
        let request: RequestBuilder<WithoutBody> = self.signed(request.query_pairs(pairs));
        request.call().map_err(|error| self.unreachable(&error))
    }

    /// The JSON answer to a GET.
    ///
    /// # Errors
    /// `server-unreachable`, or the problem the server answered.
    pub fn read(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        let answer = self.fetch(path, query)?;
        self.json(answer)
    }

    /// The answer to a POST of that body. Nothing is sent twice.
    ///
    /// # Errors
    /// `server-unreachable`.
    pub fn send(&self, post: &Post<'_>, body: &mut dyn Read) -> Result<Response<Body>, Failure> {
        let pairs = post.query.iter().map(|(name, value)| (*name, value.as_str()));
        let mut request = self.signed(self.agent.post(format!("{}{}", self.url, post.path)).query_pairs(pairs));
        for (name, value) in post.headers {
            request = request.header(*name, value);
        }
        request = request.header("content-length", post.length.to_string());
        let mut body = body;
        let body = ureq::SendBody::from_reader(&mut body);
        request.send(body).map_err(|error| self.unreachable(&error))
    }

    /// The JSON answer to a POST of a JSON value.
    ///
    /// # Errors
    /// `server-unreachable`, or the problem the server answered.
    pub fn post_json(&self, path: &str, value: &Value) -> Result<Value, Failure> {
        let bytes = value.to_string().into_bytes();
        let headers = [("content-type", "application/json".to_owned())];
        let post = Post { path, query: &[], headers: &headers, length: bytes.len() as u64 };
        let answer = self.send(&post, &mut bytes.as_slice())?;
        self.json(answer)
    }

    /// The JSON of a successful answer.
    ///
    /// # Errors
    /// The problem the server answered, or `answer-not-understood`.
    pub fn json(&self, answer: Response<Body>) -> Result<Value, Failure> {
        if !answer.status().is_success() {
            return Err(self.problem(answer));
        }
        let bytes = answer.into_body().with_config().limit(JSON_LIMIT).read_to_vec();
        let bytes = bytes.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&bytes).map_err(|_| Failure::answer(self.lang, "JSON"))
    }

    /// The server's refusal (RFC 9457) as a failure: its sentence, its remedy, its code.
    pub fn problem(&self, answer: Response<Body>) -> Failure {
        let status = answer.status().as_u16();
        let bytes = answer.into_body().with_config().limit(JSON_LIMIT).read_to_vec().unwrap_or_default();
        problem(self.lang, status, &serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    fn signed<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        let request = request.header("accept-language", self.lang.tag());
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let said = self.lang.fill("fail.unreachable", &[("url", &self.url), ("cause", &error.to_string())]);
        Failure::new(exit::UNREACHABLE, "server-unreachable", said)
            .with_remedy(self.lang.text("fail.unreachable.remedy"))
    }
}

/// What is posted, its body apart.
pub struct Post<'a> {
    /// From the server's root.
    pub path: &'a str,
    /// Not yet escaped.
    pub query: &'a [(&'static str, String)],
    /// Beside authorisation and language.
    pub headers: &'a [(&'static str, String)],
    /// Of the body, exactly.
    pub length: u64,
}

/// True while a server holds that directory and has said where it listens. A URL left behind by a killed server is not
/// believed: whoever listens there now must not be handed the directory's token.
pub fn is_served(data: &Path) -> bool {
    service::is_served(data) && data.join("run/url").exists()
}

fn problem(lang: Lang, status: u16, body: &Value) -> Failure {
    let field = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let status_word = status.to_string();
    let fallback = lang.fill("fail.status", &[("status", &status_word)]);
    let sentence = field("detail").or_else(|| field("title")).map_or(fallback, str::to_owned);
    let exit = match status {
        409 | 503 => exit::PENDING,
        500.. => exit::INTERNAL,
        _ => exit::REFUSED,
    };
    let mut failure = Failure::new(exit, field("code").unwrap_or("no-code"), sentence);
    failure.place = field("where").map(str::to_owned);
    failure.remedy = field("remedy").map(str::to_owned);
    failure
}

fn line(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(LINE_LIMIT).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

fn not_running(lang: Lang, data: &Path) -> Failure {
    let data = data.display().to_string();
    let said = lang.fill("fail.not-running", &[("data", &data)]);
    let remedy = lang.fill("fail.not-running.remedy", &[("data", &data)]);
    Failure::new(exit::UNREACHABLE, "server-not-running", said).with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_keeps_its_sentence_remedy_place_and_code() {
        let body = json!({"code": "idempotency-mismatch", "title": "t", "detail": "autre contenu",
            "where": "fichier 2", "remedy": "changer la clé"});
        let failure = problem(Lang::Fr, 422, &body);
        assert_eq!(failure.exit, exit::REFUSED);
        let lines = failure.lines(Lang::Fr);
        for part in ["autre contenu", "fichier 2", "changer la clé", "idempotency-mismatch"] {
            assert!(lines.contains(part), "{part} in {lines}");
        }
    }

    #[test]
    fn an_answer_that_is_no_problem_document_still_says_its_status() {
        let failure = problem(Lang::En, 502, &Value::Null);
        assert_eq!((failure.exit, failure.code.as_str()), (exit::INTERNAL, "no-code"));
        assert!(failure.sentence.contains("502"), "{}", failure.sentence);
        assert_eq!(problem(Lang::En, 409, &json!({"title": "seal pending"})).exit, exit::PENDING);
    }

    #[test]
    fn a_directory_without_a_running_server_is_not_served() {
        let dir = tempfile::tempdir().expect("directory");
        assert!(!is_served(dir.path()));
        fs::create_dir_all(dir.path().join("run")).expect("run");
        fs::create_dir_all(dir.path().join("store")).expect("store");
        // Somebody listens at the address that a killed server left; the lock is free.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let url = format!("http://{}\n", listener.local_addr().expect("address"));
        fs::write(dir.path().join("run/url"), url).expect("url");
        let lock = fs::File::create(dir.path().join("store/lock")).expect("lock");
        assert!(!is_served(dir.path()), "the address alone is not believed");
        lock.lock().expect("locked");
        assert!(is_served(dir.path()));
        lock.unlock().expect("unlocked");
        assert!(!is_served(dir.path()));
    }
}
