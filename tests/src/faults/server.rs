//! The real program, started and ended by process id, and the tenants it is asked to serve.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a server may take from start to `listening`: replay included.
pub const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a server that stopped talking may take to end.
const END_LIMIT: Duration = Duration::from_secs(5);
/// How long a command of the program may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// The programs under test.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The product as it ships.
    pub tabellion: PathBuf,
    /// The same with the feature `failpoints`.
    pub faulty: PathBuf,
    /// The verification command.
    pub verify: PathBuf,
}

/// A tenant and the secret that deposits for it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Token with the scopes deposit, read and seal.
    pub token: String,
}

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its data directory.
    pub data: &'a Path,
    /// Value of `TABELLION_FAILPOINTS`; `None` leaves it out.
    pub failpoints: Option<&'a str>,
    /// Value of `--seal-every`.
    pub seal_every: &'a str,
    /// What it says on standard error is added there.
    pub log: &'a Path,
}

/// What became of a start.
#[derive(Debug)]
pub enum Started {
    /// It can acknowledge.
    Listening(Server),
    /// It ended before, or had to be killed: what was seen, and how it ended.
    Ended(String, ExitStatus),
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Started, and it said that it can acknowledge.
    ///
    /// # Errors
    /// It ended, or did not say so within [`START_LIMIT`]; the last lines of its log are in the message.
    pub fn start(launch: &Launch) -> Result<Self> {
        Self::start_with(launch, &[])
    }

    /// The same, with these variables in its environment.
    ///
    /// # Errors
    /// See [`Server::start`].
    pub fn start_with(launch: &Launch, environment: &[(&str, OsString)]) -> Result<Self> {
        match Self::start_under(launch, environment)? {
            Started::Listening(server) => Ok(server),
            Started::Ended(why, ended) => bail!("{why} ({ended}); its log ends with: {}", last_lines(launch.log)),
        }
    }

    /// Started with these variables in its environment: it said that it can acknowledge, or it ended.
    ///
    /// # Errors
    /// It could not be started at all.
    pub fn start_under(launch: &Launch, environment: &[(&str, OsString)]) -> Result<Started> {
        let log = OpenOptions::new().create(true).append(true).open(launch.log)?;
        let mut command = Command::new(launch.program);
        command.arg("serve").arg("--data").arg(launch.data);
        command.args(["--listen", "127.0.0.1:0", "--seal-every", launch.seal_every]);
        command.env_remove("TABELLION_FAILPOINTS").env("LC_ALL", "C.UTF-8");
        if let Some(failpoints) = launch.failpoints {
            command.env("TABELLION_FAILPOINTS", failpoints);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().with_context(|| format!("starting {}", launch.program.display()))?;
        match listening(&mut child) {
            Ok(address) => Ok(Started::Listening(Server { child, address })),
            Err(why) => {
                // Its output is closed: it is about to end, and how it does is its own word.
                let ended = match ended_within(&mut child, END_LIMIT)? {
                    Some(ended) => ended,
                    None => {
                        child.kill().ok();
                        child.wait()?
                    }
                };
                Ok(Started::Ended(format!("{why:#}"), ended))
            }
        }
    }

    /// Asked to end by SIGTERM; how it did, or `None` when it had not within the limit and was killed.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn terminate(mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        if self.child.try_wait()?.is_none() {
            // The shell's own: a small Debian has no program of that name.
            let kill = format!("kill -TERM {}", self.child.id());
            Command::new("sh").args(["-c", &kill]).status().context("running kill")?;
        }
        self.ended_within(limit)
    }

    /// Bytes of memory that it holds, and held at most.
    ///
    /// # Errors
    /// It is gone, or the kernel does not say.
    pub fn memory(&self) -> Result<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
        };
        let (now, most) = (of("VmRSS:").context("no VmRSS")?, of("VmHWM:").context("no VmHWM")?);
        Ok((now << 10, most << 10))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Gone by SIGKILL, and waited for.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Its end, if it ends by itself within the limit.
    ///
    /// # Errors
    /// The kernel refused to say.
    pub fn ended_within(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        ended_within(&mut self.child, limit)
    }
}

fn ended_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The address in the line `listening http://…`. Later lines are read and dropped, so that the server never waits for us.
fn listening(child: &mut Child) -> Result<SocketAddr> {
    let stdout = child.stdout.take().context("no standard output")?;
    let (say, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("listening http://") {
                let address = address.split(['/', ' ']).next().unwrap_or_default().parse::<SocketAddr>();
                say.send(address).ok();
            }
        }
    });
    match heard.recv_timeout(START_LIMIT) {
        Ok(address) => address.context("an address nobody can read"),
        Err(mpsc::RecvTimeoutError::Timeout) => bail!("not listening after {} s", START_LIMIT.as_secs()),
        Err(mpsc::RecvTimeoutError::Disconnected) => bail!("ended without listening"),
    }
}

/// The end of a log, for messages.
pub fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(4).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}

/// What the program printed, without the end of line.
///
/// # Errors
/// It failed, or took too long: its own words.
pub fn command(program: &Path, arguments: &[&str], paths: &[(&str, &Path)]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).env_remove("TABELLION_FAILPOINTS").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    for (option, path) in paths {
        command.arg(option).arg(path);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > COMMAND_LIMIT {
            child.kill()?;
            bail!("{} {}: no end after {} s", program.display(), arguments.join(" "), COMMAND_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("{} {}: {} {said}", program.display(), arguments.join(" "), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A new data directory with that many tenants, each with a token; the policy is written to `policy`.
///
/// # Errors
/// A command of the program failed.
pub fn settle(program: &Path, data: &Path, policy: &Path, log: &Path, tenants: usize) -> Result<Vec<Tenant>> {
    command(program, &["init", "--origin", "faults.example/log"], &[("--data", data)])?;
    File::create(log)?;
    let launch = Launch { program, data, failpoints: None, seal_every: "1h", log };
    let server = Server::start(&launch)?;
    let mut made = Vec::new();
    for number in 0..tenants {
        let (name, siren) = (format!("Commune d'essai {number}"), siren(number as u64));
        let id = command(program, &["tenant", "add", "--name", &name, "--siren", &siren], &[("--data", data)])?;
        let scopes = "deposit,read,seal";
        let token = command(program, &["token", "add", "--tenant", &id, "--scope", scopes], &[("--data", data)])?;
        made.push(Tenant { id, token });
    }
    command(program, &["policy"], &[("--data", data), ("-o", policy)])?;
    server.kill()?;
    Ok(made)
}

/// An invented SIREN with its check digit (Luhn).
fn siren(number: u64) -> String {
    let digits = format!("{:08}", 99_000_000 + number);
    let sum: u32 = digits.bytes().rev().enumerate().map(|(place, digit)| luhn(place, u32::from(digit - b'0'))).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// What a digit counts for, seen from the right, the check digit left out.
fn luhn(place: usize, digit: u32) -> u32 {
    match place % 2 {
        0 if digit > 4 => digit * 2 - 9,
        0 => digit * 2,
        _ => digit,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sirens_carry_their_check_digit() {
        // 732 829 320 is the usual worked example of the rule.
        let digits = "73282932";
        let sum: u32 =
            digits.bytes().rev().enumerate().map(|(place, digit)| super::luhn(place, u32::from(digit - b'0'))).sum();
        assert_eq!((10 - sum % 10) % 10, 0);
        assert_eq!(super::siren(3).len(), 9);
    }
}
