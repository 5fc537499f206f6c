//! A peer: PostgreSQL as Debian gives it, `synchronous_commit = on`, each document and its digest a row, 64 clients.
//!
//! Twice: behind an HTTP front that the same generator asks for the same documents, and alone, the documents already in it. In its
//! favour both times: one digest, no encryption, no proof, and a front that does nothing else. What it must do as we do is to have each
//! row on disk before it answers.

use super::front::{Front, Handler};
use super::load::{self, Load};
use ::postgres::{Client, NoTls, Statement};
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(30);
const DOCUMENTS: u32 = 1024;
/// Said with the number.
pub const SETTINGS: [&str; 7] = [
    "synchronous_commit=on",
    "fsync=on",
    "wal_sync_method=fdatasync",
    "shared_buffers=512MB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "wal_buffers=64MB",
];

/// Rows a second, each durable before it was answered.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Asked for over HTTP, by the generator that asks the product.
    pub behind_http: f64,
    /// Asked for by PostgreSQL's own bench, of documents that it holds.
    pub alone: f64,
}

/// Both rates under this load.
///
/// # Errors
/// There is no PostgreSQL here, or it does not run.
pub fn run(work: &Path, load: &Load) -> Result<Rates> {
    let (bytes, connections, counted) = (load.bytes, load.connections, load.counted);
    let bin = binaries()?;
    let data = work.join("postgres");
    fs::create_dir(&data)?;
    // It refuses to run as root: a user of its own, who may come this far and has this folder.
    fs::set_permissions(work, Permissions::from_mode(0o711))?;
    let peer = Peer { bin, port: free_port()?, data };
    peer.run(Command::new("chown").arg("postgres").arg(&peer.data))?;
    peer.run(peer.program("initdb").args(["-A", "trust", "-U", "postgres", "--no-sync", "-D"]).arg(&peer.data))?;
    let _server = peer.start()?;
    let random = format!(
        "(SELECT string_agg(sha256((i || '-' || j)::bytea), ''::bytea) FROM generate_series(1, {}) j)",
        bytes / 32
    );
    peer.sql(&format!(
        "CREATE TABLE documents (id int PRIMARY KEY, body bytea NOT NULL);
         CREATE TABLE deposits (id bigserial PRIMARY KEY, digest bytea NOT NULL, body bytea NOT NULL);
         ALTER TABLE documents ALTER body SET STORAGE EXTERNAL; ALTER TABLE deposits ALTER body SET STORAGE EXTERNAL;
         INSERT INTO documents SELECT i, {random} FROM generate_series(1, {DOCUMENTS}) i; CHECKPOINT;"
    ))?;
    let script = peer.data.join("deposit.sql");
    fs::write(
        &script,
        format!(
            "\\set n random(1, {DOCUMENTS})\n\
             INSERT INTO deposits (digest, body) SELECT sha256(body), body FROM documents WHERE id = :n;\n"
        ),
    )?;
    let behind_http = peer.behind_http(load)?;
    peer.sql("TRUNCATE deposits; CHECKPOINT;")?;
    let seconds = counted.as_secs().max(1).to_string();
    let mut bench = peer.client("pgbench");
    bench.args(["-n", "-M", "prepared", "-j", "2", "-c", &connections.to_string(), "-T", &seconds, "-f"]);
    let said = peer.run(bench.arg(&script).arg("postgres"))?;
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    Ok(Rates { behind_http, alone: rate.context("pgbench gives no rate")? })
}

fn handler(port: u16) -> Result<Handler> {
    let mut client = Client::connect(&format!("host=127.0.0.1 port={port} user=postgres dbname=postgres"), NoTls)?;
    let insert = client.prepare("INSERT INTO deposits (digest, body) VALUES ($1, $2) RETURNING id")?;
    Ok(Box::new(move |body, answer| match insert_one(&mut client, &insert, body) {
        Ok(id) => {
            answer.extend_from_slice(answer_of(id).as_bytes());
            true
        }
        Err(why) => {
            answer.extend_from_slice(why.to_string().as_bytes());
            false
        }
    }))
}

/// An answer in which the generator finds what it looks for in the product's: where the size of a head stands, the number of the row.
fn answer_of(row: i64) -> String {
    let id = proof::EntryId([0; 16]);
    format!(
        r#"{{"id":"{id}","receipt":"c2sp.org/tlog-proof@v1\nindex {row}\n\nrow\n{row}\n","records":{{"E":"","F":[""],"R":""}}}}"#
    )
}

fn insert_one(client: &mut Client, insert: &Statement, body: &[u8]) -> Result<i64> {
    let digest = Sha256::digest(body);
    Ok(client.query_one(insert, &[&digest.as_slice(), &body])?.get(0))
}

/// The newest that is installed.
fn binaries() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context("no PostgreSQL here (Debian package postgresql)")?;
    let mut found: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    found.retain(|bin| ["postgres", "initdb", "psql", "pgbench"].iter().all(|program| bin.join(program).exists()));
    found.sort();
    found.pop().context("no whole PostgreSQL here (Debian package postgresql)")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

struct Peer {
    bin: PathBuf,
    port: u16,
    data: PathBuf,
}

/// Ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGINT, its fast way to end: killed, it would leave its workers behind.
        let asked = Command::new("sh").args(["-c", &format!("kill -INT {}", self.0.id())]).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            self.0.kill().ok();
        }
        self.0.wait().ok();
    }
}

impl Peer {
    /// As the user that Debian makes for it.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(self.bin.join(name));
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        command
    }

    fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]).env("LC_ALL", "C.UTF-8");
        command
    }

    fn start(&self) -> Result<Running> {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.data).args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k", ""]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let running = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let began = Instant::now();
        while self.sql("SELECT 1").is_err() {
            ensure!(began.elapsed() < START_LIMIT, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(running)
    }

    /// The same load as the product's, each connection of the front with one of its own to the database.
    fn behind_http(&self, load: &Load) -> Result<f64> {
        let port = self.port;
        let front = Front::start(Arc::new(move || handler(port)))?;
        Ok(load::run(&Load { address: front.address(), ..load.clone() })?.rate())
    }

    fn sql(&self, text: &str) -> Result<String> {
        self.run(self.client("psql").args(["-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", text]))
    }

    fn run(&self, command: &mut Command) -> Result<String> {
        let ran = command.stdin(Stdio::null()).output()?;
        if !ran.status.success() {
            bail!("{:?}: {}", command.get_program(), String::from_utf8_lossy(&ran.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::bench::kept::Kept;

    #[test]
    fn the_generator_understands_the_peers_answers() {
        let (_, head) = Kept::read(super::answer_of(17).as_bytes()).unwrap();
        assert_eq!(head, 17);
    }
}
