//! A log and witnesses, each a process, ended by its id.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ureq::Agent;

pub const ORIGIN: &str = "essai.exemple.fr/journal";

/// A running process that said where it listens; killed when dropped.
pub struct Running {
    child: Child,
    pub url: String,
}

impl Running {
    pub fn start(arguments: &[&str], log: &Path) -> Result<Running, String> {
        Running::start_armed(arguments, log, "")
    }

    /// The same, to die at this failpoint; only a build that has them does.
    pub fn start_armed(arguments: &[&str], log: &Path, failpoints: &str) -> Result<Running, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion"));
        command.args(arguments).env("LC_ALL", "C.UTF-8").env("TABELLION_FAILPOINTS", failpoints);
        let said = File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        match line.trim_end().strip_prefix("listening ") {
            Some(url) => Ok(Running { child, url: url.to_owned() }),
            None => Err(format!("{:?} {line:?} {}", child.wait(), std::fs::read_to_string(log).unwrap())),
        }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and it ends well.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command prints, which must succeed.
pub fn said(arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_tabellion")).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

pub fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < limit, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A witness: its directory, its key, and its process while it lives.
pub struct Witness {
    pub dir: PathBuf,
    pub name: String,
    pub vkey: String,
    pub listen: String,
    pub running: Option<Running>,
}

impl Witness {
    pub fn new(place: &Path, name: &str) -> Witness {
        let dir = place.join(name);
        let named = format!("{name}.exemple.fr/temoin");
        let vkey = said(&["witness", "init", "--dir", dir.to_str().unwrap(), "--name", &named]);
        Witness { dir, name: name.to_owned(), vkey, listen: "127.0.0.1:0".to_owned(), running: None }
    }

    pub fn start(&mut self, log: &str) {
        self.start_armed(log, "");
    }

    pub fn start_armed(&mut self, log: &str, failpoints: &str) {
        let dir = self.dir.to_str().unwrap();
        let arguments = ["witness", "serve", "--dir", dir, "--listen", &self.listen, "--log", log];
        let running = Running::start_armed(&arguments, &self.said(), failpoints).unwrap();
        self.listen = running.url.strip_prefix("http://").unwrap().to_owned();
        self.running = Some(running);
    }

    pub fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// What it said on standard error.
    pub fn said(&self) -> PathBuf {
        self.dir.with_extension("log")
    }

    pub fn line(&self) -> String {
        format!("witness {} {} {}\n", self.name, self.vkey, self.url())
    }
}

/// A log: its directory, and its process while it lives.
pub struct Log {
    pub place: TempDir,
    pub data: PathBuf,
    pub vkey: String,
    pub running: Option<Running>,
    pub token: String,
}

impl Log {
    /// Made, with one tenant, not yet served.
    pub fn new() -> Log {
        let place = TempDir::new().unwrap();
        let data = place.path().join("data");
        let at = data.to_str().unwrap();
        said(&["init", "--data", at, "--origin", ORIGIN]);
        let tenant = said(&["tenant", "add", "--data", at, "--name", "Commune", "--siren", "243400017"]);
        let token = said(&["token", "add", "--data", at, "--tenant", &tenant, "--scope", "deposit,read,seal"]);
        let policy: Value = serde_json::from_slice(&std::fs::read(data.join("policy.json")).unwrap()).unwrap();
        let vkey = policy["log"]["keys"][0]["vkey"].as_str().unwrap().to_owned();
        Log { place, data, vkey, running: None, token }
    }

    /// The same store in another place, not served.
    pub fn copy(&self) -> Log {
        let place = TempDir::new().unwrap();
        let data = place.path().join("data");
        assert!(Command::new("cp").arg("-a").arg(&self.data).arg(&data).status().unwrap().success());
        Log { place, data, vkey: self.vkey.clone(), running: None, token: self.token.clone() }
    }

    /// Serves it, asking these witnesses, the policy ending so.
    pub fn start(&mut self, witnesses: &[&Witness], end: &str) {
        let lines: String = witnesses.iter().map(|witness| witness.line()).collect();
        self.start_with(&format!("log {}\n{lines}{end}", self.vkey));
    }

    pub fn start_with(&mut self, policy: &str) {
        let file = self.place.path().join("witnesses.policy");
        std::fs::write(&file, policy).unwrap();
        let (data, file) = (self.data.to_str().unwrap(), file.to_str().unwrap());
        let asked = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--seal-every", "1h", "--witnesses", file];
        // Without a policy no witness is named at all.
        let count = if policy.is_empty() { asked.len() - 2 } else { asked.len() };
        self.running = Some(Running::start(&asked[..count], &self.said()).unwrap());
    }

    pub fn said(&self) -> PathBuf {
        self.place.path().join("server.log")
    }

    fn url(&self) -> &str {
        &self.running.as_ref().unwrap().url
    }

    fn call(&self, method: &str, path: &str, body: Option<&[u8]>) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.url());
        let bearer = format!("Bearer {}", self.token);
        let mut answer = match body {
            Some(body) => agent().post(&url).header("authorization", &bearer).send(body),
            None => agent().get(&url).header("authorization", &bearer).call(),
        }
        .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let bytes = answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
        (answer.status().as_u16(), bytes)
    }

    fn json(&self, method: &str, path: &str, body: Option<&[u8]>) -> Value {
        let (status, bytes) = self.call(method, path, body);
        assert!(status < 300, "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The id of a new deposit.
    pub fn deposit(&self, content: &str) -> String {
        let answer = self.json("POST", "/v1/deposits?kind=file&name=lettre.txt", Some(content.as_bytes()));
        answer["id"].as_str().unwrap().to_owned()
    }

    pub fn seal(&self) {
        assert_eq!(self.json("POST", "/v1/seals", Some(b""))["status"], "sealed");
    }

    pub fn pack(&self, id: &str) -> Vec<u8> {
        let (status, pack) = self.call("GET", &format!("/v1/deposits/{id}/evidence"), None);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&pack));
        pack
    }

    /// What a stranger says of the pack, by the policy that the log publishes.
    pub fn judge(&self, id: &str) -> verifier::Verdict {
        let (_, policy) = self.call("GET", "/v1/policy", None);
        let policy = verifier::Policy::parse(&policy).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        verifier::verify_pack(&self.pack(id), Some(&policy), proof::UnixMillis(now as u64 + 1000))
    }

    /// What a stranger says of the witnesses of the register's head, by the policy that the log publishes.
    pub fn register_judged(&self) -> verifier::Verdict {
        let (status, register) = self.call("GET", "/v1/register", None);
        let register = String::from_utf8(register).unwrap();
        assert_eq!(status, 200, "{register}");
        let head = register.lines().find_map(|line| line.strip_prefix("head ")).unwrap();
        let head = String::from_utf8(BASE64_STANDARD.decode(head).unwrap()).unwrap();
        let note = proof::SignedNote::parse(&head).unwrap();
        let checkpoint = proof::Checkpoint::parse(&note.text).unwrap();
        let (_, policy) = self.call("GET", "/v1/policy", None);
        let policy = verifier::Policy::parse(&policy).unwrap();
        let mut case = verifier::Case::new(Some(&policy), proof::UnixMillis(0));
        case.witnesses(Some(&verifier::Head { note, checkpoint }), b"", "head");
        case.verdict
    }

    /// What a stranger says of this entry's receipt, or of its proof under a cosigned head; else the status of the answer.
    pub fn receipt_judged(&self, id: &str, cosigned: bool) -> Result<verifier::Verdict, u16> {
        let asked = if cosigned { "?head=cosigned" } else { "" };
        let (status, receipt) = self.call("GET", &format!("/v1/deposits/{id}/receipt{asked}"), None);
        if status != 200 {
            return Err(status);
        }
        let record = self.json("GET", &format!("/v1/deposits/{id}"), None)["records"]["R"].clone();
        let input = verifier::ReceiptInput {
            receipt: std::str::from_utf8(&receipt).unwrap(),
            record: &BASE64_STANDARD.decode(record.as_str().unwrap()).unwrap(),
            entry: None,
            file_records: &[],
            data: &[],
        };
        let (_, policy) = self.call("GET", "/v1/policy", None);
        let policy = verifier::Policy::parse(&policy).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        Ok(verifier::verify_receipt(&input, Some(&policy), proof::UnixMillis(now as u64 + 1000)))
    }

    pub fn checkpoint(&self) -> proof::SignedNote {
        let (_, text) = self.call("GET", "/log/checkpoint", None);
        proof::SignedNote::parse(std::str::from_utf8(&text).unwrap()).unwrap()
    }

    /// How it stands with its witnesses.
    pub fn witnesses(&self) -> Value {
        self.json("GET", "/readyz", None)["witnesses"].clone()
    }

    pub fn standing(&self, name: &str) -> String {
        let told = self.witnesses();
        let each = told["each"].as_array().unwrap();
        each.iter().find(|one| one["name"] == name).unwrap()["state"].as_str().unwrap().to_owned()
    }
}

pub fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
    Agent::new_with_config(config.build())
}

/// The message of the line with this code.
pub fn message(verdict: &verifier::Verdict, code: &str) -> String {
    let line = verdict.findings.iter().find(|line| line.code == code);
    line.unwrap_or_else(|| panic!("{code} is not among {:#?}", verdict.findings)).message(verifier::Lang::English)
}
