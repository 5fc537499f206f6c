//! A served data directory in a temporary place, and a client.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use service::{InitOptions, ServeOptions, ServiceError, Shutdown, Stop};
use std::io::Write;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ureq::Agent;

pub const ORIGIN: &str = "essai.exemple.fr/journal";
/// Numbers with a right check digit.
pub const SIRENS: [&str; 3] = ["243400017", "217500016", "210600730"];

/// A house that is served until dropped.
pub struct House {
    pub directory: TempDir,
    pub url: String,
    stop: Option<Stop>,
    thread: Option<JoinHandle<Result<(), ServiceError>>>,
    every: Duration,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.bytes)))
    }
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// The answer, which must have this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

impl House {
    /// A new house, sealed on demand only.
    pub fn new() -> Self {
        Self::with("", Duration::from_secs(3600))
    }

    /// A new house whose configuration has these lines added.
    pub fn with(lines: &str, every: Duration) -> Self {
        let directory = TempDir::new().unwrap();
        let data = directory.path().join("data");
        service::init(&InitOptions { data: data.clone(), origin: ORIGIN.into() }).unwrap();
        let configuration = format!("origin = \"{ORIGIN}\"\nevents = \"warn\"\n{lines}\n");
        std::fs::write(data.join("tabellion.toml"), configuration).unwrap();
        let mut house = Self { directory, url: String::new(), stop: None, thread: None, every };
        house.start();
        house
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    pub fn start(&mut self) {
        // That of the last run: whoever reads it too early asks nobody.
        let _ = std::fs::remove_file(self.data().join("run/url"));
        let (shutdown, stop) = Shutdown::by_hand();
        let options = ServeOptions {
            data: self.data(),
            listen: Some("127.0.0.1:0".into()),
            seal_every: Some(self.every),
            witnesses: None,
        };
        let thread = std::thread::spawn(move || service::serve(options, shutdown));
        let url = self.data().join("run/url");
        let until = Instant::now() + Duration::from_secs(30);
        while !url.exists() {
            if thread.is_finished() {
                panic!("the service ended: {:?}", thread.join());
            }
            assert!(Instant::now() < until, "the service does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.url = std::fs::read_to_string(url).unwrap().trim().to_owned();
        (self.stop, self.thread) = (Some(stop), Some(thread));
    }

    /// How the service ended by itself.
    #[allow(dead_code, reason = "one of the binaries waits")]
    pub fn wait(&mut self) -> Result<(), ServiceError> {
        let ended = self.thread.take().unwrap().join().unwrap();
        self.stop = None;
        ended
    }

    pub fn stop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            stop.now();
            thread.join().unwrap().unwrap();
        }
    }

    pub fn admin(&self) -> Client {
        self.client(std::fs::read_to_string(self.data().join("admin.token")).unwrap().trim())
    }

    /// Administration entries of this sort, once there are so many: they are logged a moment after the seal is answered.
    pub fn archived(&self, administration: &str, expected: usize) -> Vec<Value> {
        let admin = self.admin();
        let platform = proof::TenantId::PLATFORM;
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let list = admin.get(&format!("/v1/deposits?tenant={platform}&limit=200")).expect(200).json();
            let one = |item: &Value| {
                let path = format!("/v1/deposits/{}?tenant={platform}", item["id"].as_str().unwrap());
                admin.get(&path).expect(200).json()
            };
            let all = list["items"].as_array().unwrap().iter().map(one);
            let found: Vec<Value> = all.filter(|entry| entry["facts"]["administration"] == administration).collect();
            if found.len() >= expected || Instant::now() > until {
                return found;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn client(&self, token: &str) -> Client {
        Client { url: self.url.clone(), token: token.to_owned(), agent: agent() }
    }

    /// A new tenant, and a client of it with every scope but admin.
    pub fn tenant(&self, number: usize) -> (String, Client) {
        let admin = self.admin();
        let body = serde_json::json!({"name": format!("Commune {number}"), "siren": SIRENS[number]});
        let tenant = admin.post("/v1/tenants", &body.to_string()).expect(201).json()["id"].as_str().unwrap().to_owned();
        let client = self.token(&tenant, "deposit,read,seal");
        (tenant, client)
    }

    /// A client of this tenant with these scopes.
    pub fn token(&self, tenant: &str, scopes: &str) -> Client {
        let body = serde_json::json!({"tenant": tenant, "scopes": scopes});
        let token = self.admin().post("/v1/tokens", &body.to_string()).expect(201).json();
        self.client(token["token"].as_str().unwrap())
    }

    pub fn policy(&self) -> verifier::Policy {
        verifier::Policy::parse(&service::policy_json(&self.data()).unwrap()).unwrap()
    }

    /// What a stranger says of this pack.
    pub fn judge(&self, pack: &[u8]) -> verifier::Verdict {
        verifier::verify_pack(pack, Some(&self.policy()), now())
    }

    /// What a stranger says of this answer to a deposit.
    pub fn judge_receipt(&self, answer: &Value) -> verifier::Verdict {
        let bytes = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
        let fs: Vec<Vec<u8>> = answer["records"]["F"].as_array().unwrap().iter().map(bytes).collect();
        let (r, e) = (bytes(&answer["records"]["R"]), bytes(&answer["records"]["E"]));
        let input = verifier::ReceiptInput {
            receipt: answer["receipt"].as_str().unwrap(),
            record: &r,
            entry: Some(&e),
            file_records: &fs,
            data: &[],
        };
        verifier::verify_receipt(&input, Some(&self.policy()), now())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.now();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A minute from now: the authority's clock may be a little ahead.
pub fn now() -> proof::UnixMillis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    proof::UnixMillis(since.as_millis() as u64 + 60_000)
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    Agent::new_with_config(config.timeout_global(Some(Duration::from_secs(120))).build())
}

/// Someone with a token (or none, when it is empty).
#[derive(Clone)]
pub struct Client {
    url: String,
    token: String,
    agent: Agent,
}

impl Client {
    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[], body.as_bytes())
    }

    /// Deposits one raw file.
    pub fn deposit(&self, name: &str, bytes: &[u8], headers: &[(&str, &str)]) -> Answer {
        self.send("POST", &format!("/v1/deposits?name={name}"), headers, bytes)
    }

    /// Deposits several files as a form.
    pub fn deposit_form(&self, path: &str, files: &[(&str, &[u8])], description: Option<&str>) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in files {
            write!(body, "--limite\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                .unwrap();
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        if let Some(description) = description {
            let head = "--limite\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n";
            write!(body, "{head}{description}\r\n").unwrap();
        }
        write!(body, "--limite--\r\n").unwrap();
        self.send("POST", path, &[("content-type", "multipart/form-data; boundary=limite")], &body)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match method {
            "GET" | "HEAD" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let bytes = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), bytes }
    }
}

/// A pack, member by member, one of them changed.
pub fn tampered(pack: &[u8], member: &str, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let container = seal::Container::parse(pack).unwrap();
    let mut writer = seal::ContainerWriter::new(Vec::new()).unwrap();
    for name in container.names().skip(1) {
        let mut bytes = container.read(name).unwrap();
        if name == member {
            change(&mut bytes);
        }
        writer.add(name, &bytes).unwrap();
    }
    writer.finish().unwrap()
}

/// The name of the only member under `files/`.
pub fn file_member(pack: &[u8]) -> String {
    let container = seal::Container::parse(pack).unwrap();
    container.names().find(|name| name.starts_with("files/")).unwrap().to_owned()
}

/// The configuration's path, for those who change it.
pub fn configuration(data: &Path) -> std::path::PathBuf {
    data.join("tabellion.toml")
}
