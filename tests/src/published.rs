//! A house whose log is published: filled to an exact size, copied, exported and watched by the real program.

mod small;

pub use small::Small;

use crate::faults::server::{Launch, Server, command};
use crate::wire::{Connection, Request};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);
/// Clients that deposit at once: their deposits share commits.
const CLIENTS: usize = 8;
/// An invented SIREN with a right check digit.
const SIREN: &str = "243400017";

/// A data directory, served or not.
#[derive(Debug)]
pub struct House {
    program: PathBuf,
    place: PathBuf,
    token: String,
    server: Option<Server>,
    environment: Vec<(&'static str, OsString)>,
}

/// The program built beside the test that runs.
///
/// # Errors
/// It is not built: the whole workspace's tests build it.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let built = test.parent().and_then(Path::parent).context("no place of programs")?.join(name);
    if built.exists() { Ok(built) } else { bail!("{} is not built: run the whole workspace's tests", built.display()) }
}

impl House {
    /// A new house in this directory, served, with one tenant. Its log holds one seal, and no other until one is asked for.
    ///
    /// # Errors
    /// A command of the program failed.
    pub fn open(place: &Path, origin: &str) -> Result<Self> {
        let mut house = Self {
            program: program("tabellion")?,
            place: place.to_path_buf(),
            token: String::new(),
            server: None,
            environment: Vec::new(),
        };
        fs::create_dir_all(place)?;
        command(&house.program, &["init", "--origin", origin], &[("--data", &house.data())])?;
        house.start()?;
        let at = |arguments: &[&str]| command(&house.program, arguments, &[("--data", &house.data())]);
        let id = at(&["tenant", "add", "--name", "Commune d'essai", "--siren", SIREN])?;
        let token = at(&["token", "add", "--tenant", &id, "--scope", "deposit,read,seal"])?;
        command(&house.program, &["policy"], &[("--data", &house.data()), ("-o", &house.policy())])?;
        house.token = token;
        // The next one is an interval away, whatever it is started again for.
        house.seal()?;
        Ok(house)
    }

    /// A copy of the house as it stands on disk, not served. Stop the house first.
    ///
    /// # Errors
    /// The file system refused.
    pub fn copy(&self, place: &Path) -> Result<Self> {
        copy(&self.place, place)?;
        Ok(self.at(place))
    }

    /// The same house in another place, where its data directory is to be put; not served.
    ///
    /// # Errors
    /// The file system refused.
    pub fn elsewhere(&self, place: &Path) -> Result<Self> {
        fs::create_dir_all(place)?;
        fs::copy(self.policy(), place.join("policy.json"))?;
        Ok(self.at(place))
    }

    fn at(&self, place: &Path) -> Self {
        let (program, token) = (self.program.clone(), self.token.clone());
        Self { program, place: place.to_path_buf(), token, server: None, environment: self.environment.clone() }
    }

    /// From its next start on, its server has this in its environment.
    pub fn under(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.environment.push((name, value.into()));
    }

    /// What its tenant's token may read at this address.
    ///
    /// # Errors
    /// It could not be asked.
    pub fn ask(&self, path: &str) -> Result<(u16, Vec<u8>)> {
        let answer = self.connect()?.ask(&Request::read(path, Some(&self.token)))?;
        Ok((answer.status, answer.body))
    }

    /// What answers the tenant's token that sends these bytes there.
    ///
    /// # Errors
    /// It could not be asked.
    pub fn send(&self, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
        let request = Request { method: "POST", path, token: Some(&self.token), key: None, body };
        let answer = self.connect()?.ask(&request)?;
        Ok((answer.status, answer.body))
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.place.join("data")
    }

    /// Its policy, pinned.
    pub fn policy(&self) -> PathBuf {
        self.place.join("policy.json")
    }

    /// The key of its log, as the policy states it.
    ///
    /// # Errors
    /// The policy has none.
    pub fn vkey(&self) -> Result<String> {
        let policy: serde_json::Value = serde_json::from_slice(&fs::read(self.policy())?)?;
        Ok(policy["log"]["keys"][0]["vkey"].as_str().context("no key in the policy")?.to_owned())
    }

    /// Served.
    ///
    /// # Errors
    /// The server does not start.
    pub fn start(&mut self) -> Result<()> {
        let (data, log) = (self.data(), self.place.join("events"));
        let launch = Launch { program: &self.program, data: &data, failpoints: None, seal_every: "24h", log: &log };
        self.server = Some(Server::start_with(&launch, &self.environment)?);
        Ok(())
    }

    /// No longer served.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn stop(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Server::kill)
    }

    /// Process id of its server.
    ///
    /// # Errors
    /// It is not served.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.server.as_ref().context("not served")?.pid())
    }

    /// Where it is served.
    ///
    /// # Errors
    /// It is not.
    pub fn url(&self) -> Result<String> {
        Ok(format!("http://{}", self.server.as_ref().context("not served")?.address()))
    }

    /// The program asked to do this by the tenant, of the server.
    ///
    /// # Errors
    /// It is not served, or the program could not be run.
    pub fn client(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("LC_ALL", "C").stdin(Stdio::null());
        Ok(command.env("TABELLION_URL", self.url()?).env("TABELLION_TOKEN", &self.token).output()?)
    }

    /// Most bytes of memory that its server ever held.
    ///
    /// # Errors
    /// It is not served, or the kernel does not say.
    pub fn peak(&self) -> Result<u64> {
        Ok(self.server.as_ref().context("not served")?.memory()?.1)
    }

    fn connect(&self) -> Result<Connection> {
        Ok(Connection::open(self.server.as_ref().context("not served")?.address(), LIMIT)?)
    }

    /// What stands at a public address.
    ///
    /// # Errors
    /// Any status but 200.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.connect()?.ask(&Request::read(path, None))?;
        if answer.status == 200 { Ok(answer.body) } else { bail!("{path}: {}", answer.status) }
    }

    /// Size of the published head.
    ///
    /// # Errors
    /// There is none.
    pub fn size(&self) -> Result<u64> {
        let note = String::from_utf8(self.read("/log/checkpoint")?)?;
        Ok(note.lines().nth(1).context("no size")?.parse()?)
    }

    /// The published head covers exactly so many leaves.
    ///
    /// # Errors
    /// It does not, in time.
    pub fn published(&self, size: u64) -> Result<()> {
        let until = Instant::now() + LIMIT;
        loop {
            match self.size()? {
                found if found == size => return Ok(()),
                found if found > size || Instant::now() > until => bail!("the head stands at {found}, not {size}"),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// So many deposits, each of another content, by clients at once; their receipts.
    ///
    /// # Errors
    /// One was not acknowledged.
    pub fn deposit(&self, count: u64, mark: &str) -> Result<Vec<String>> {
        let numbers = Mutex::new(0..count);
        let receipts = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let client = || -> Result<()> {
                let mut connection = self.connect()?;
                loop {
                    let Some(number) = numbers.lock().expect("no panic").next() else { return Ok(()) };
                    let body = format!("{mark} {number}");
                    let path = format!("/v1/deposits?kind=file&name={number}.txt");
                    let request = Request {
                        method: "POST",
                        path: &path,
                        token: Some(&self.token),
                        key: None,
                        body: body.as_bytes(),
                    };
                    let answer = connection.ask(&request)?;
                    if answer.status != 201 {
                        bail!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                    }
                    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
                    let receipt = answer["receipt"].as_str().context("no receipt")?.to_owned();
                    receipts.lock().expect("no panic").push(receipt);
                }
            };
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            clients.into_iter().try_for_each(|client| client.join().expect("no panic"))
        })?;
        Ok(receipts.into_inner().expect("no panic"))
    }

    /// Deposits until the log holds so many leaves, and they are published.
    ///
    /// # Errors
    /// It holds more already, or a deposit was not acknowledged.
    pub fn fill(&self, size: u64, mark: &str) -> Result<()> {
        // A head is shown for a second: what was deposited just before may not be in it yet.
        std::thread::sleep(Duration::from_millis(1100));
        let more = size.checked_sub(self.size()?).context("larger already")?;
        // Other contents at each call: a content deposited before would be answered, not logged.
        self.deposit(more, &format!("{mark} {size}"))?;
        self.published(size)
    }

    /// A seal is logged.
    ///
    /// # Errors
    /// The server did not answer that it is sealed.
    pub fn seal(&self) -> Result<()> {
        let request = Request { method: "POST", path: "/v1/seals", token: Some(&self.token), key: None, body: b"" };
        let answer = self.connect()?.ask(&request)?;
        if answer.status == 200 {
            Ok(())
        } else {
            bail!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body))
        }
    }
}

/// The program run with these arguments, in English, with nothing of the environment but what it needs.
///
/// # Errors
/// It could not be run.
pub fn tabellion(arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(program("tabellion")?);
    Ok(command.args(arguments).env_clear().env("LC_ALL", "C").stdin(Stdio::null()).output()?)
}

/// A copied tree; keys and directories are their owner's alone.
///
/// # Errors
/// The file system refused.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
